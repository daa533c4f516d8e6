"""Checks of drawn pictures: is what is asked for possible, and are there enough of them?"""

from collections import Counter
from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.manifest import Manifest, ManifestStimulus
from experiments.schema import Listed, PerSpecies, Protocol, Trials
from experiments.selection import (
    SelectionError,
    Share,
    drawn_stages,
    missing,
    select_stimuli,
    shares_of,
    suits,
)
from experiments.stimulus_checks import numbered_trials


def drawing_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every draw that no stimulus set could serve."""
    for index, stage in numbered_trials(protocol):
        wanted, where = stage.stimuli, ("stages", index, "stimuli")
        if not isinstance(wanted, PerSpecies):
            continue
        if wanted.wrong_per_species is not None and wanted.wrong_per_species > wanted.per_species:
            yield Problem(
                (*where, "wrong_per_species"),
                f"{wanted.wrong_per_species} of {wanted.per_species} pictures can't be wrong.",
                f"Write {wanted.per_species} or less.",
                code="wrong-beyond-all",
            )
        for field in ("predicted_probability", "true_probability"):
            own = getattr(wanted, field)
            if own.at_least > own.at_most:
                yield Problem(
                    (*where, field),
                    f"no probability lies between {own.at_least} and {own.at_most}.",
                    "Let at_most be the larger one.",
                    code="probabilities-crossed",
                )


def drawn_problems(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Yield where the pictures of a set run out."""
    short = list(_short(protocol, manifest))
    yield from short
    if not short:
        yield from _unlucky(protocol, manifest)


def _short(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    used = {
        key
        for stage in protocol.trials_stages()
        if isinstance(stage.stimuli, Listed)
        for key in stage.stimuli.keys
    } | protocol.excluded_keys()
    left = [stimulus for stimulus in manifest.stimuli if stimulus.key not in used]
    places = {stage.key: index for index, stage in numbered_trials(protocol)}
    for stage, wanted in drawn_stages(protocol):
        where: Location = ("stages", places[stage.key], "stimuli", "per_species")
        for species in protocol.species:
            for share in shares_of(wanted):
                yield from _drawn(
                    protocol, stage, wanted, species=species, share=share, where=where, left=left
                )


def _drawn(
    protocol: Protocol,
    stage: Trials,
    wanted: PerSpecies,
    *,
    species: str,
    share: Share,
    where: Location,
    left: list[ManifestStimulus],
) -> Iterator[Problem]:
    """Take the pictures a share needs from those left; say where they run out."""
    fitting = [
        stimulus
        for stimulus in left
        if stimulus.true_species == species and suits(stimulus, wanted) and share.takes(stimulus)
    ]
    lacks = [missing(protocol, stage, stimulus) for stimulus in fitting]
    suitable = [one for one, lack in zip(fitting, lacks, strict=True) if not lack]
    if len(suitable) < share.count:
        yield Problem(
            where,
            f"{share.count} pictures of {species}{share.words} are wanted from split "
            f"{wanted.split}{_as_sure(wanted)}, and {len(suitable)} are left{_lacking(lacks)}.",
            "Ask for fewer, allow another split, or build more stimuli.",
            code="stimuli-short",
        )
    for stimulus in suitable[: share.count]:
        left.remove(stimulus)


def _as_sure(wanted: PerSpecies) -> str:
    told = [
        f"{field} {own.at_least} to {own.at_most}"
        for field in ("predicted_probability", "true_probability")
        if not (own := getattr(wanted, field)).is_whole
    ]
    return f" with {' and '.join(told)}" if told else ""


def _lacking(lacks: list[list[str]]) -> str:
    """What the others lack, as commonly as they do."""
    counts = Counter(lack for found in lacks for lack in found)
    told = [f"{count} more lack {lack}" for lack, count in counts.most_common()]
    return f" ({'; '.join(told)})" if told else ""


def _unlucky(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """A stage may draw what a choosier one would have needed, though there is enough of it."""
    try:
        select_stimuli(protocol, manifest)
    except SelectionError as error:
        yield Problem(
            ("seed",),
            f"with this seed {error}.",
            "Draw another seed, ask for fewer, or build more stimuli.",
            code="stimuli-drawn-elsewhere",
        )
