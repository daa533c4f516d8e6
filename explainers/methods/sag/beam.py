"""Beam search for minimal sufficient sets of patches (Shitole et al. 2021, section 3.2)."""

from collections.abc import Generator, Iterable, Sequence
from itertools import islice

from explainers.asking import Ask, Told
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.minimality import reduced
from explainers.methods.sag.patch_sets import holds_any, without_supersets
from explainers.methods.sag.settings import SagSettings


def beam_search(
    confidence: Confidence, ranked: Sequence[int], settings: SagSettings
) -> Generator[Ask, Told, list[int]]:
    """Return sufficient sets from which no single patch can be left out.

    A state that suffices leaves the beam; of the others the `width` best go on, ties broken by the
    lower number. Supersets of what was found are not asked about: they aren't minimal.

    Parameters
    ----------
    confidence
        Asks about sets.
    ranked
        All patches, the most relevant first.
    settings
        Width, successors and ends of the search.
    """
    found: list[int] = []
    states = [1 << patch for patch in ranked[: settings.width]]
    while states and len(found) < settings.most_roots:
        probabilities = yield from confidence.probabilities(states)
        order = dict(zip(states, probabilities, strict=True))
        good = yield from confidence.reaching(states, settings.sufficient)
        less = yield from reduced(confidence, good, settings.sufficient)
        found = without_supersets([*found, *less])
        going = [one for one in states if one not in good and not holds_any(one, found)]
        beam = sorted(going, key=lambda one: (-order[one], one))[: settings.width]
        shown = (beam[0].bit_count() + 1) / len(ranked) if beam else 0.0
        if found and shown > settings.explored:
            break
        states = _successors(beam, ranked, settings.successors, found)
    # The whole picture suffices by definition, whatever a fast copy says of it.
    whole = sum(1 << patch for patch in ranked)
    found = found or (yield from reduced(confidence, [whole], settings.sufficient))
    return found[: settings.most_roots]


def _successors(
    beam: Iterable[int], ranked: Sequence[int], count: int, found: Sequence[int]
) -> list[int]:
    """Each state grown by one patch, the most relevant first; each set once, no superset."""
    grown: dict[int, None] = {}
    for state in beam:
        more = (state | 1 << patch for patch in ranked if not state >> patch & 1)
        grown.update(
            dict.fromkeys(islice((one for one in more if not holds_any(one, found)), count))
        )
    return list(grown)
