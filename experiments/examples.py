"""Pictures in which a concept is strong, to be shown beside it."""

from collections.abc import Collection
from dataclasses import dataclass

from experiments.manifest import Manifest, ManifestPart, Picture
from experiments.structures import Concepts

# A concept is the part of a species: x1 of one has nothing to do with x1 of another.
ConceptKey = tuple[str, str]


@dataclass(frozen=True)
class Example:
    """A picture with a concept's layer over it.

    Attributes
    ----------
    stimulus
        Its key.
    picture, layer
        Files of the manifest.
    alt
        What the layer shows; names no species.
    share
        Of the evidence, in [0, 1].
    """

    stimulus: str
    picture: Picture
    layer: Picture
    alt: str
    share: float


def strongest_examples(
    manifest: Manifest, explanation: str, taken: Collection[str], most: int
) -> dict[ConceptKey, tuple[Example, ...]]:
    """Return for each concept the train pictures in which it carries most of the evidence.

    A placebo's are those of the placebo: what is shown is as foreign as the explanation.

    Parameters
    ----------
    manifest
        The stimulus set.
    explanation
        Its name in the manifest.
    taken
        Stimuli that are shown elsewhere in the study: none of them is an example.
    most
        Examples of a concept.
    """
    found: dict[ConceptKey, list[Example]] = {}
    for stimulus in manifest.stimuli:
        entry = stimulus.explanations.get(explanation)
        if stimulus.split != "train" or stimulus.key in taken or entry is None:
            continue
        if not isinstance(entry.structure, Concepts):
            continue
        parts: dict[str, ManifestPart] = {part.key: part for part in entry.parts}
        for concept in entry.structure.concepts:
            part = parts[concept.part]
            found.setdefault((entry.target, concept.part), []).append(
                Example(stimulus.key, stimulus.picture, part.layer, part.alt, concept.share)
            )
    return {
        concept: tuple(sorted(examples, key=lambda one: (-one.share, one.stimulus))[:most])
        for concept, examples in found.items()
    }
