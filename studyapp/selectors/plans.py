"""Checking a plan that is not frozen yet against the pictures that are there."""

from dataclasses import dataclass
from typing import Any

from experiments.checks import CheckResult, check_loaded
from experiments.loading import Loaded
from experiments.manifest import Manifest
from experiments.schema import Protocol
from experiments.selection import select_guide, select_stimuli
from studyapp.models import StimulusSet
from studyapp.selectors.studies import manifest_of


@dataclass(frozen=True)
class Plan:
    """A plan as it would be frozen."""

    protocol: Protocol
    stimulus_set: StimulusSet
    frozen: dict[str, Any]


def checked(loaded: Loaded) -> CheckResult:
    """Every finding about a plan, by the stimulus set that it names."""
    stimulus_set = _set_of(loaded)
    return check_loaded(loaded, manifest_of(stimulus_set) if stimulus_set else None)


def sound_plan(loaded: Loaded) -> Plan | None:
    """What a freeze would store, or None where some finding stands against it."""
    stimulus_set, result = _set_of(loaded), checked(loaded)
    if stimulus_set is None or result.protocol is None or not result.is_sound:
        return None
    frozen = _frozen(result.protocol, manifest_of(stimulus_set), stimulus_set)
    return Plan(result.protocol, stimulus_set, frozen)


def _set_of(loaded: Loaded) -> StimulusSet | None:
    name = loaded.protocol.stimulus_set if loaded.protocol else ""
    return StimulusSet.objects.filter(name=name).defer("manifest").first()


def _frozen(protocol: Protocol, manifest: Manifest, stimulus_set: StimulusSet) -> dict[str, Any]:
    selection = select_stimuli(protocol, manifest)
    guide = select_guide(protocol, manifest, selection)
    return {
        "protocol": protocol.model_dump(mode="json"),
        "manifest_digest": stimulus_set.manifest_digest,
        "selection": {key: list(stimuli) for key, stimuli in selection.items()},
        "guide": {species: list(stimuli) for species, stimuli in guide.items()},
    }
