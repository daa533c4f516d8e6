"""Rehearsals: frozen copies of a plan to be tried out, by people who preview it and by bots.

A rehearsal has places of its own, so that whoever tries a study out takes nobody's. It is deleted
with everything in it when its plan has changed.
"""

import secrets
import shutil
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from experiments.digest import sha256_json
from experiments.loading import load_text
from studyapp.enums import RecruitmentStage, StudyStage
from studyapp.exceptions import DraftRefused
from studyapp.models import (
    Answer,
    Draft,
    Event,
    Participant,
    PlannedStimulus,
    RecruitedPerson,
    RecruiterVisit,
    Response,
    Slot,
    Study,
    StudySession,
    Trial,
)
from studyapp.selectors.dossiers import folder_of
from studyapp.selectors.plans import Plan
from studyapp.selectors.studies import protocol_of
from studyapp.services.locks import lock_study
from studyapp.services.sessions import create_session
from studyapp.services.studies import plan_to_freeze, store_plan
from studyapp.services.trials import create_trials


@transaction.atomic
def rehearsal_of(draft: Draft, *, anew: bool = False) -> Study:
    """The copy of a sound draft, made anew when its plan is no longer the one that was copied.

    Raises FreezeRefused, with every finding, where the draft could not be frozen either.
    """
    locked = Draft.objects.select_for_update().get(pk=draft.pk)
    plan = plan_to_freeze(load_text(locked.text), locked.slug)
    return _current(plan, f"draft {locked.pk}", anew, rehearses_draft=locked)


@transaction.atomic
def rehearsal_of_study(study: Study, *, anew: bool = False) -> Study:
    """The copy of a frozen study, whose own places nobody touches.

    The study is not locked: people who come to it do not wait for the copy.
    """
    plan = Plan(protocol_of(study), study.stimulus_set, study.frozen)
    return _current(plan, f"study {study.slug}", anew, rehearses_study=study)


def _current(plan: Plan, origin: str, anew: bool, **marks: Any) -> Study:
    """Its digest tells what it rehearses, so that it is never taken for that study's own."""
    frozen = {**plan.frozen, "rehearses": origin}
    known = Study.objects.filter(**marks).first()
    if known is not None and known.digest == sha256_json(frozen) and not anew:
        return known
    if known is not None:
        delete_rehearsal(known)
    copy = Plan(plan.protocol, plan.stimulus_set, frozen)
    slug = f"rehearsal-{secrets.token_hex(8)}"
    try:
        with transaction.atomic():
            return store_plan(copy, slug=slug, stage=StudyStage.REHEARSAL, **marks)
    except IntegrityError:
        # Somebody else made it at the same moment.
        return Study.objects.get(**marks)


@transaction.atomic
def begin_preview(*, study: Study, arm: str, language: str = "") -> StudySession:
    """A session in the arm of one's choice, in a rehearsal. Of any other study its copy is used.

    It has a place of its own, behind all that were drawn: bots find theirs as they were.
    """
    if study.stage != StudyStage.REHEARSAL:
        study = rehearsal_of_study(study)
    locked = lock_study(study)
    if arm not in protocol_of(locked).arms:
        raise DraftRefused(f"There is no arm {arm!r}. Choose one of the plan's.")
    session = create_session(
        study=locked,
        recruitment_stage=RecruitmentStage.PILOT,
        entry_key=uuid4(),
        is_preview=True,
        language=language,
    )
    slot = _place_behind_all(locked, session, arm)
    session.slot = slot
    session.save(update_fields=["slot"])
    create_trials(session=session, slot=slot)
    return session


def _place_behind_all(rehearsal: Study, holder: StudySession, arm: str) -> Slot:
    places = Slot.objects.filter(study=rehearsal, recruitment_stage=RecruitmentStage.PILOT)
    last = places.aggregate(index=Max("index"), block=Max("block"))
    return Slot.objects.create(
        study=rehearsal,
        recruitment_stage=RecruitmentStage.PILOT,
        index=0 if last["index"] is None else last["index"] + 1,
        block=0 if last["block"] is None else last["block"] + 1,
        arm=arm,
        holder=holder,
    )


@transaction.atomic
def delete_rehearsal(rehearsal: Study) -> None:
    """Everything that was tried out goes. Of a study nothing can be deleted so."""
    locked = Study.objects.select_for_update().get(pk=rehearsal.pk, stage=StudyStage.REHEARSAL)
    Event.objects.filter(session__study=locked).delete()
    Answer.objects.filter(session__study=locked).delete()
    Response.objects.filter(trial__session__study=locked).delete()
    Trial.objects.filter(session__study=locked).delete()
    RecruiterVisit.objects.filter(person__study=locked).delete()
    RecruitedPerson.objects.filter(study=locked).delete()
    Slot.objects.filter(study=locked).update(holder=None)
    StudySession.objects.filter(study=locked).delete()
    Participant.objects.filter(study=locked).delete()
    Slot.objects.filter(study=locked).delete()
    PlannedStimulus.objects.filter(study=locked).delete()
    folder = folder_of(locked)
    locked.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
