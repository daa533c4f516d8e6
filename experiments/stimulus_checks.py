"""Checks of a protocol against its stimulus set: is every picture there that it will show?"""

from collections import Counter
from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.manifest import Manifest, ManifestStimulus
from experiments.schema import Listed, PerSpecies, Protocol, Trials
from experiments.selection import missing


def stimulus_problems(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Yield every disagreement between a protocol and its stimulus set."""
    yield from _species(protocol, manifest)
    yield from _conditions(protocol, manifest)
    yield from _listed_stimuli(protocol, manifest)
    yield from _excluded_stimuli(protocol, manifest)
    yield from _blurred_answers(protocol, manifest)


def numbered_trials(protocol: Protocol) -> Iterator[tuple[int, Trials]]:
    """Yield the trials stages with their positions among all stages."""
    for index, stage in enumerate(protocol.stages):
        if isinstance(stage, Trials):
            yield index, stage


def picture_count(stage: Trials, protocol: Protocol) -> int:
    """Return how many pictures a stage shows."""
    if isinstance(stage.stimuli, PerSpecies):
        return stage.stimuli.per_species * len(protocol.species)
    return len(stage.stimuli.keys)


def _species(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    known = {species.key for species in manifest.species}
    for index, key in enumerate(protocol.species):
        if key not in known:
            yield Problem(
                ("species", index),
                f"the stimulus set has no species {key!r}.",
                f"Use some of {', '.join(sorted(known))}.",
                code="unknown-species",
            )
    if len(set(protocol.species)) < len(protocol.species):
        yield Problem(
            ("species",), "a species is listed twice.", "List each once.", code="species-twice"
        )


def _conditions(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    offered = {name for stimulus in manifest.stimuli for name in stimulus.explanations}
    for key, condition in protocol.conditions.items():
        where: Location = ("conditions", key)
        if (condition.display == "none") != (condition.explanation is None):
            yield Problem(
                where,
                "display and explanation contradict each other.",
                "Name an explanation to display, or set `display: none` and name none.",
                code="display-contradicts-explanation",
            )
        if condition.explanation is None:
            continue
        if condition.explanation not in offered:
            yield Problem(
                (*where, "explanation"),
                f"the stimulus set has no explanation {condition.explanation!r}.",
                f"Use one of {', '.join(sorted(offered)) or 'none: build some'}.",
                code="unknown-explanation",
            )
        elif condition.is_placebo != _is_placebo(condition.explanation, manifest):
            yield Problem(
                (*where, "is_placebo"),
                f"{condition.explanation!r} {'is' if not condition.is_placebo else 'is not'} a "
                "placebo in the stimulus set.",
                "Set is_placebo accordingly, or name another explanation.",
                code="placebo-contradicts-set",
            )


def _listed_stimuli(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    known = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    for index, stage in numbered_trials(protocol):
        if not isinstance(stage.stimuli, Listed):
            continue
        where: Location = ("stages", index, "stimuli", "keys")
        for number, key in enumerate(stage.stimuli.keys):
            yield from _listed_stimulus(known.get(key), key, stage, protocol, (*where, number))
        counts = Counter(known[k].true_species for k in stage.stimuli.keys if k in known)
        if len({counts[species] for species in protocol.species}) > 1:
            told = ", ".join(f"{species} {counts[species]}" for species in protocol.species)
            yield Problem(
                where,
                f"the species are unbalanced: {told}.",
                "List the same number of each, or guessing the commonest pays.",
                code="species-unbalanced",
            )


def _excluded_stimuli(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    known = {stimulus.key for stimulus in manifest.stimuli}
    listed = {
        key: stage.title
        for stage in protocol.trials_stages()
        if isinstance(stage.stimuli, Listed)
        for key in stage.stimuli.keys
    }
    counts = Counter(entry.key for entry in protocol.exclude)
    for index, entry in enumerate(protocol.exclude):
        where: Location = ("exclude", index, "key")
        if entry.key not in known:
            yield Problem(
                where,
                f"the stimulus set has no {entry.key!r} that could be excluded.",
                "Correct the key or remove the entry.",
                code="unknown-excluded-stimulus",
            )
        if entry.key in listed:
            yield Problem(
                where,
                f"{entry.key!r} is excluded, and {listed[entry.key]!r} lists it.",
                "Keep one of the two.",
                code="excluded-stimulus-listed",
            )
        if counts[entry.key] > 1:
            yield Problem(
                where,
                f"{entry.key!r} is excluded {counts[entry.key]} times.",
                "Keep one entry.",
                code="excluded-twice",
            )


def _listed_stimulus(
    stimulus: ManifestStimulus | None,
    key: str,
    stage: Trials,
    protocol: Protocol,
    where: Location,
) -> Iterator[Problem]:
    if stimulus is None:
        yield Problem(
            where,
            f"the stimulus set has no {key!r}.",
            "Correct the key or remove it.",
            code="unknown-stimulus",
        )
        return
    if stimulus.true_species not in protocol.species:
        yield Problem(
            where,
            f"{key!r} shows a {stimulus.true_species}, which is not among the answers.",
            "Add the species, or remove the stimulus.",
            code="stimulus-of-unknown-species",
        )
    for lack in missing(protocol, stage, stimulus):
        yield Problem(
            where,
            f"{key!r} lacks {lack}.",
            "Build it, or use another stimulus.",
            code="stimulus-lacks",
        )


def _blurred_answers(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Where blurring changes nothing, what a method finds that hides by blurring means nothing."""
    shown = {c.explanation for c in protocol.conditions.values() if c.explanation is not None}
    emptied = {
        stimulus.key: shown & {*stimulus.emptied_by_blur}
        for stimulus in manifest.stimuli
        if stimulus.true_species in protocol.species
    }
    affected = [key for key, names in emptied.items() if names]
    if affected:
        names = ", ".join(sorted(set().union(*emptied.values())))
        yield Problem(
            ("stimulus_set",),
            f"the network keeps at least half of its certainty on {len(affected)} blurred pictures "
            f"({', '.join(affected[:3])}{', …' if len(affected) > 3 else ''}), so that what "
            f"{names} shows of them says little.",
            "Look at them (stimulus sets of the staff area, or overview.png); list other "
            "pictures, or show another method.",
            "warning",
            code="answers-survive-blur",
        )


def _is_placebo(explanation: str, manifest: Manifest) -> bool:
    return any(
        stimulus.explanations[explanation].source is not None
        for stimulus in manifest.stimuli
        if explanation in stimulus.explanations
    )
