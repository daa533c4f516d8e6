"""The scores of explanations: what `explainers score` writes and `analysis --scores` reads.

`scores.json` lies in the stimulus folder, one object an explanation of a picture. What tells it
from others is the picture and the explanation's key, the SHA-256 of everything that determines it:
scores of other explanations, or of an earlier build, can't be mistaken for those of what was shown.
The key alone is not enough: a map that a placebo borrows scores otherwise on the picture it was
made for.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from experiments.manifest import Digest, Key, Manifest

SCORES_NAME = "scores.json"


class ScoresError(Exception):
    """Scores can't be read. The message names the file and the field."""


class _Read(BaseModel):
    # Curves and the like stand in the file too, and are of no concern here.
    model_config = ConfigDict(frozen=True, extra="ignore")


class RegionScore(_Read):
    """A score inside a region of the picture, beside what chance gives."""

    value: float
    shuffled: float | None = None


class Truth(_Read):
    """How an explanation stands to the truth, where it is known."""

    regions: dict[str, dict[str, RegionScore]] = {}


class GraphScore(_Read):
    """What a structured attention graph scores by measures of its own."""

    patches: int = Field(ge=1, description="of the whole picture")
    smallest: int = Field(ge=0, description="patches of the smallest sufficient set")
    sets: int = Field(ge=0, description="minimal sufficient sets found")
    disjoint: int = Field(ge=0, description="of them, the most that share no patch")


class ConceptsScore(_Read):
    """What the concepts of an XNN score by measures of their own."""

    logit_error: float = Field(description="the XNN's logit minus the network's")
    covered: float = Field(description="share of the evidence that significant concepts carry")
    significant: int = Field(ge=0, description="concepts shown")


class ExplanationScore(_Read):
    """The scores of one explanation of one picture."""

    stimulus: Key
    picture: Digest = Field(description="of the picture as participants see it")
    explanation: Key = Field(description="its name in the manifest")
    key: Digest = Field(description="of the explanation, as in the manifest and in exports")
    deletion: float = Field(ge=0, le=1, description="area under the curve; small is good")
    insertion: float = Field(ge=0, le=1, description="area under the curve; large is good")
    both: float = Field(ge=0, le=1, description="insertion x (1 - deletion)")
    truth: Truth | None = Field(default=None, description="of drawn gulls")
    graph: GraphScore | None = Field(default=None, description="of structured attention graphs")
    concepts: ConceptsScore | None = Field(default=None, description="of XNNs")


def scores_of_set(
    scores: Sequence[ExplanationScore], manifest: Manifest
) -> dict[tuple[str, str], ExplanationScore]:
    """Return those of the very pictures and explanations of a set, by stimulus and name."""
    stimuli = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    found = {}
    for own in scores:
        stimulus = stimuli.get(own.stimulus)
        if stimulus is None or stimulus.picture.sha256 != own.picture:
            continue
        entry = stimulus.explanations.get(own.explanation)
        if entry is not None and entry.key == own.key:
            found[own.stimulus, own.explanation] = own
    return found


def are_whole(scores: Sequence[ExplanationScore], manifest: Manifest) -> bool:
    """Return whether every explanation of a set has its scores, and of drawn gulls the truth.

    The truth is known where the network's answer is among the species that pictures show.
    """
    known = scores_of_set(scores, manifest)
    shown = {stimulus.true_species for stimulus in manifest.stimuli}
    for stimulus in manifest.stimuli:
        has_truth = manifest.image_set.kind == "gulls" and stimulus.predicted_species in shown
        for name in stimulus.explanations:
            own = known.get((stimulus.key, name))
            if own is None or (has_truth and own.truth is None):
                return False
    return True


def read_scores(path: Path) -> list[ExplanationScore]:
    """Read `scores.json`, or the one in a stimulus folder.

    Raises
    ------
    ScoresError
        Naming the file and the first fields that are wrong.
    """
    path = path / SCORES_NAME if path.is_dir() else path
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(list[ExplanationScore]).validate_python(rows)
    except FileNotFoundError as error:
        raise ScoresError(
            f"{path} does not exist. Make it with `python -m explainers score FOLDER --network …`."
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ScoresError(f"{path} is not JSON: {error}.") from error
    except ValidationError as error:
        first = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors()[:3]
        )
        raise ScoresError(
            f"{path} holds no scores that this version reads: {first}. Score the folder again."
        ) from error
