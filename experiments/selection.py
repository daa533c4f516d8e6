"""Which pictures a study shows: chosen once, the same for all participants."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.digest import derive_seed
from experiments.manifest import Manifest, ManifestStimulus
from experiments.schema import PerSpecies, Phase, Protocol, Trials

Selection = dict[str, tuple[str, ...]]


class SelectionError(Exception):
    """There are not enough pictures for what the protocol asks."""


def needed_explanations(protocol: Protocol, phase: Phase) -> set[str]:
    """Return the manifest names of the explanations some arm shows in a phase."""
    conditions = (
        protocol.conditions.get(key)
        for arm in protocol.arms.values()
        for key in arm.conditions_in(phase)
    )
    return {c.explanation for c in conditions if c is not None and c.explanation is not None}


def select_stimuli(protocol: Protocol, manifest: Manifest) -> Selection:
    """Choose the pictures of every trials stage, the same for all participants.

    No picture serves two stages, and none that the protocol excludes serves any. Drawn stages
    take the same number of pictures of each species,
    from those that have every explanation some arm will show.

    Parameters
    ----------
    protocol
        Its seed decides the draw.
    manifest
        The stimulus set.

    Returns
    -------
    dict
        Stimulus keys by stage key.

    Raises
    ------
    SelectionError
        Naming the stage and species that has too few pictures left.
    """
    stages = protocol.trials_stages()
    selection: Selection = {
        stage.key: stage.stimuli.keys
        for stage in stages
        if not isinstance(stage.stimuli, PerSpecies)
    }
    used = {key for keys in selection.values() for key in keys} | protocol.excluded_keys()
    for stage, wanted in drawn_stages(protocol):
        chosen = _draw_stage(protocol, manifest, stage, wanted, used)
        selection[stage.key] = chosen
        used |= set(chosen)
    return {stage.key: selection[stage.key] for stage in stages}


def drawn_stages(protocol: Protocol) -> list[tuple[Trials, PerSpecies]]:
    """Return the stages whose pictures are drawn; those that are choosy about them draw first."""
    drawn = [
        (stage, stage.stimuli)
        for stage in protocol.trials_stages()
        if isinstance(stage.stimuli, PerSpecies)
    ]
    return sorted(drawn, key=lambda pair: not pair[1].is_choosy)


@dataclass(frozen=True)
class Share:
    """Some of the pictures that a stage draws of each species.

    Attributes
    ----------
    count
        Of each species.
    is_right
        Whether the network must name them rightly; None takes either.
    """

    count: int
    is_right: bool | None = None

    @property
    def words(self) -> str:
        """Tell them from others in a sentence, after `pictures`."""
        told = {
            None: "",
            True: " that the network gets right",
            False: " that the network gets wrong",
        }
        return told[self.is_right]

    def takes(self, stimulus: ManifestStimulus) -> bool:
        """Tell whether a picture is of this share."""
        is_right = stimulus.predicted_species == stimulus.true_species
        return self.is_right in (None, is_right)


def shares_of(wanted: PerSpecies) -> tuple[Share, ...]:
    """Return what is drawn of each species: all alike, or those that the network gets wrong."""
    if wanted.wrong_per_species is None:
        return (Share(wanted.per_species),)
    wrong = wanted.wrong_per_species
    shares = (Share(wrong, False), Share(wanted.per_species - wrong, True))
    return tuple(share for share in shares if share.count > 0)


def _draw_stage(
    protocol: Protocol, manifest: Manifest, stage: Trials, wanted: PerSpecies, used: set[str]
) -> tuple[str, ...]:
    fitting = [
        stimulus
        for stimulus in manifest.stimuli
        if stimulus.key not in used
        and suits(stimulus, wanted)
        and not missing(protocol, stage, stimulus)
    ]
    chosen: list[str] = []
    for species in protocol.species:
        for share in shares_of(wanted):
            pool = [one for one in fitting if one.true_species == species and share.takes(one)]
            chosen += _draw(protocol, stage, wanted, species=species, share=share, pool=pool)
    return tuple(chosen)


def _draw(
    protocol: Protocol,
    stage: Trials,
    wanted: PerSpecies,
    *,
    species: str,
    share: Share,
    pool: Sequence[ManifestStimulus],
) -> list[str]:
    if len(pool) < share.count:
        raise SelectionError(
            f"stage {stage.key} wants {share.count} pictures of {species}{share.words} from split "
            f"{wanted.split}, and only {len(pool)} unused ones have all that the task needs"
        )
    own = () if share.is_right is None else (str(share.is_right),)
    seed = derive_seed(protocol.seed, "stimuli", stage.key, species, *own)
    return random.Random(seed).sample(sorted(one.key for one in pool), share.count)


def select_guide(
    protocol: Protocol, manifest: Manifest, selection: Mapping[str, Sequence[str]]
) -> Selection:
    """Choose the pictures of the guide: of the train split, and none that any stage asks about.

    Parameters
    ----------
    protocol
        Its seed decides the draw.
    manifest
        The stimulus set.
    selection
        What `select_stimuli` chose.

    Returns
    -------
    dict
        Stimulus keys by species; empty without a guide.

    Raises
    ------
    SelectionError
        Naming the species that has too few pictures left.
    """
    if protocol.guide is None:
        return {}
    used = {key for keys in selection.values() for key in keys} | protocol.excluded_keys()
    wanted = protocol.guide.pictures_per_species
    guide: Selection = {}
    for species in protocol.species:
        pool = sorted(
            stimulus.key
            for stimulus in manifest.stimuli
            if stimulus.true_species == species
            and stimulus.split == "train"
            and stimulus.key not in used
        )
        if len(pool) < wanted:
            raise SelectionError(
                f"the guide wants {wanted} train pictures of {species}, and only {len(pool)} are "
                "left that no stage asks about"
            )
        generator = random.Random(derive_seed(protocol.seed, "guide", species))
        guide[species] = tuple(generator.sample(pool, wanted))
    return guide


def missing(protocol: Protocol, stage: Trials, stimulus: ManifestStimulus) -> list[str]:
    """Return in words what a picture lacks for a stage's task in some arm."""
    return stage.task.missing(
        stimulus,
        explanations=needed_explanations(protocol, stage.phase),
        species=protocol.species,
    )


def suits(stimulus: ManifestStimulus, wanted: PerSpecies) -> bool:
    """Tell whether a picture is of the split that is asked for, as sure and as easy."""
    return (
        wanted.split in ("any", stimulus.split)
        and wanted.predicted_probability.holds(stimulus.predicted_probability)
        and wanted.true_probability.holds(stimulus.true_probability)
    )
