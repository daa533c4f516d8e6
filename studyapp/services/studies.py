"""Freezing a protocol and moving a study through its stages."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from experiments.allocation.slots import draw_slots
from experiments.checks import check_protocol
from experiments.digest import derive_seed, sha256_json
from experiments.loading import load_protocol
from experiments.manifest import Manifest
from experiments.schema import Protocol
from experiments.selection import select_guide, select_stimuli
from studyapp.enums import ALLOWED_MOVES, RECRUITS_FOR, AuditAction, StudyStage
from studyapp.exceptions import FreezeRefused, MoveRefused
from studyapp.models import PlannedStimulus, Slot, Stimulus, StimulusSet, Study
from studyapp.selectors.studies import manifest_of, protocol_of
from studyapp.services.audit import record
from studyapp.services.locks import lock_study


@transaction.atomic
def freeze_protocol(*, path: Path) -> tuple[Study, bool]:
    """Store a sound protocol for ever, with its pictures and its allocation sequence.

    Freezing the same plan again changes nothing; a changed plan needs a new slug.
    """
    loaded = load_protocol(path)
    name = loaded.protocol.stimulus_set if loaded.protocol else ""
    stimulus_set = StimulusSet.objects.filter(name=name).first()
    manifest = manifest_of(stimulus_set) if stimulus_set else None
    checked = check_protocol(path, manifest)
    if not checked.is_sound or not (checked.protocol and manifest and stimulus_set):
        told = "\n  ".join(finding.sentence(str(path)) for finding in checked.findings)
        raise FreezeRefused(f"Nothing was frozen.\n  {told}")
    frozen = _frozen(checked.protocol, manifest, stimulus_set)
    known = Study.objects.filter(slug=checked.protocol.slug).first()
    if known is None:
        return _store(checked.protocol, frozen, stimulus_set), True
    if known.digest != sha256_json(frozen):
        raise FreezeRefused(_changed(known, frozen))
    return known, False


def _frozen(protocol: Protocol, manifest: Manifest, stimulus_set: StimulusSet) -> dict[str, Any]:
    selection = select_stimuli(protocol, manifest)
    guide = select_guide(protocol, manifest, selection)
    return {
        "protocol": protocol.model_dump(mode="json"),
        "manifest_digest": stimulus_set.manifest_digest,
        "selection": {key: list(stimuli) for key, stimuli in selection.items()},
        "guide": {species: list(stimuli) for species, stimuli in guide.items()},
    }


def _changed(known: Study, frozen: dict[str, Any]) -> str:
    old, new = known.frozen["protocol"], frozen["protocol"]
    fields = [key for key in new if old.get(key) != new[key]] or ["the stimulus set"]
    return (
        f"{known.slug} was frozen on {known.frozen_at:%Y-%m-%d} with another plan; they differ "
        f"in {', '.join(fields)}. A frozen plan never changes: give the new one a slug of its own."
    )


def _store(protocol: Protocol, frozen: dict[str, Any], stimulus_set: StimulusSet) -> Study:
    digest = sha256_json(frozen)
    # The protocol's own seed is known to who wrote it; arms must not be.
    seed = derive_seed(settings.SECRET_KEY, "allocation", digest)
    study = Study.objects.create(
        slug=protocol.slug,
        stimulus_set=stimulus_set,
        frozen=frozen,
        digest=digest,
        allocation_seed=seed,
    )
    stimuli = {row.key: row for row in Stimulus.objects.filter(stimulus_set=stimulus_set)}
    # One table for both: the database sees to it that no picture of the guide is ever asked.
    shown = [*frozen["selection"].items(), *(("", keys) for keys in frozen["guide"].values())]
    PlannedStimulus.objects.bulk_create(
        PlannedStimulus(study=study, stage_key=stage_key, stimulus=stimuli[key])
        for stage_key, keys in shown
        for key in keys
    )
    _store_slots(study, protocol, seed)
    record(AuditAction.PROTOCOL_FROZEN, study=study, details={"digest": study.digest})
    return study


def _store_slots(study: Study, protocol: Protocol, seed: int) -> None:
    for stage in protocol.allocation.participants:
        slots = draw_slots(protocol.allocation, protocol.weights(), stage, seed)
        Slot.objects.bulk_create(
            Slot(study=study, recruitment_stage=stage, **asdict(slot)) for slot in slots
        )


@transaction.atomic
def set_stage(*, study: Study, stage: StudyStage) -> None:
    """A study moves only along the table of allowed moves, and recruits where it has places."""
    locked = lock_study(study)
    if stage not in ALLOWED_MOVES[locked.stage]:
        allowed = ", ".join(sorted(ALLOWED_MOVES[locked.stage])) or "nothing: it is closed"
        raise MoveRefused(f"{locked.slug} is {locked.stage}; from there it may become {allowed}.")
    recruits = RECRUITS_FOR.get(stage)
    if recruits and recruits.value not in protocol_of(locked).allocation.participants:
        raise MoveRefused(
            f"{locked.slug} can't become {stage}: its protocol gives no {recruits} places. "
            f"Freeze one with allocation.participants.{recruits} under a new slug."
        )
    moved = {"from": locked.stage, "to": stage.value}
    locked.stage = stage
    locked.closed_at = timezone.now() if stage == StudyStage.CLOSED else None
    locked.save(update_fields=["stage", "closed_at"])
    record(AuditAction.STAGE_CHANGED, study=locked, details=moved)
