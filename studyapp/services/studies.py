"""Freezing a protocol and moving a study through its stages."""

import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments.allocation.slots import draw_slots
from experiments.digest import sha256_json
from experiments.loading import Loaded, load_protocol, load_text
from experiments.schema import Protocol
from studyapp.enums import ALLOWED_MOVES, RECRUITS_FOR, AuditAction, StudyStage
from studyapp.exceptions import FreezeRefused, MoveRefused
from studyapp.models import PlannedStimulus, Slot, Stimulus, Study
from studyapp.selectors.plans import Plan, checked, sound_plan
from studyapp.selectors.studies import protocol_of, real_studies
from studyapp.services.audit import record
from studyapp.services.locks import lock_study

# As many as the database's integers hold without a sign.
_SEED_BITS = 63


@transaction.atomic
def freeze_protocol(*, path: Path) -> tuple[Study, bool]:
    """Store a sound protocol for ever, with its pictures and its allocation sequence.

    Freezing the same plan again changes nothing; a changed plan needs a new slug.
    """
    return _freeze(load_protocol(path), str(path))


@transaction.atomic
def freeze_text(*, text: str, name: str) -> tuple[Study, bool]:
    """The same for a protocol that is at hand as text."""
    return _freeze(load_text(text), name)


def _freeze(loaded: Loaded, name: str) -> tuple[Study, bool]:
    plan = plan_to_freeze(loaded, name)
    known = real_studies().filter(slug=plan.protocol.slug).first()
    if known is None:
        study = store_plan(plan, slug=plan.protocol.slug)
        record(AuditAction.PROTOCOL_FROZEN, study=study, details={"digest": study.digest})
        return study, True
    if known.digest != sha256_json(plan.frozen):
        raise FreezeRefused(_changed(known, plan.frozen))
    return known, False


def plan_to_freeze(loaded: Loaded, name: str) -> Plan:
    """The plan, or a refusal that names every finding."""
    plan = sound_plan(loaded)
    if plan is None:
        told = "\n  ".join(finding.sentence(name) for finding in checked(loaded).findings)
        raise FreezeRefused(f"Nothing was frozen.\n  {told}")
    return plan


def _changed(known: Study, frozen: dict[str, Any]) -> str:
    old, new = known.frozen["protocol"], frozen["protocol"]
    fields = [key for key in new if old.get(key) != new[key]] or ["the stimulus set"]
    return (
        f"{known.slug} was frozen on {known.frozen_at:%Y-%m-%d} with another plan; they differ "
        f"in {', '.join(fields)}. A frozen plan never changes: give the new one a slug of its own."
    )


def store_plan(plan: Plan, *, slug: str, **marks: Any) -> Study:
    """Write the rows of a frozen plan: the study, its pictures, its places. `marks` are fields."""
    protocol, frozen = plan.protocol, plan.frozen
    digest = sha256_json(frozen)
    # The protocol's seed is known to who wrote it; no key may give anybody the arms.
    seed = secrets.randbits(_SEED_BITS)
    study = Study.objects.create(
        slug=slug,
        stimulus_set=plan.stimulus_set,
        frozen=frozen,
        digest=digest,
        allocation_seed=seed,
        **marks,
    )
    stimuli = {row.key: row for row in Stimulus.objects.filter(stimulus_set=plan.stimulus_set)}
    # One table for both: the database sees to it that no picture of the guide is ever asked.
    shown = [*frozen["selection"].items(), *(("", keys) for keys in frozen["guide"].values())]
    PlannedStimulus.objects.bulk_create(
        PlannedStimulus(study=study, stage_key=stage_key, stimulus=stimuli[key])
        for stage_key, keys in shown
        for key in keys
    )
    _store_slots(study, protocol, seed)
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
        allowed = ", ".join(sorted(ALLOWED_MOVES[locked.stage])) or "nothing any more"
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
