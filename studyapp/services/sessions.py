"""Starting, moving on, ending a session."""

import secrets
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from experiments.digest import derive_seed, sha256_bytes
from experiments.schema import Consent, Trials
from experiments.translations import catalogue_of
from studyapp.enums import RecruitmentStage, SessionState, StudyStage
from studyapp.exceptions import AnswerRefused, StudyFull, StudyNotOpen
from studyapp.models import Participant, Study, StudySession
from studyapp.selectors.allocation import is_allocated_after, stratum_of_session
from studyapp.selectors.progress import (
    current_page,
    is_last,
    stage_after,
    takes_answers,
)
from studyapp.selectors.recruiters import Arrival, session_of_arrival
from studyapp.selectors.recruitment import recruits_now
from studyapp.selectors.recruitment_end import has_stopped
from studyapp.selectors.schedule import schedule_of
from studyapp.selectors.speech import spoken_language
from studyapp.selectors.studies import protocol_of
from studyapp.services.allocation import claim_slot, require_a_free_slot
from studyapp.services.events import record_event
from studyapp.services.locks import lock_session, lock_study
from studyapp.services.recruiters import remember_person
from studyapp.services.trials import create_trials

# No vowels and no look-alikes: a code can be read out, and never spells a word.
_CODE_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


@transaction.atomic
def start_session(
    *,
    study: Study,
    entry_key: UUID,
    is_bot: bool = False,
    arrival: Arrival | None = None,
    language: str = "",
) -> StudySession:
    """Consent, a slot and all trials come together or not at all.

    The study's row is locked while a slot is claimed, so that two people never get the same one
    and the sequence is used in order. Where the slot depends on answers, it comes with the trials
    once they are given; who could get none any more is not let in. The same entry key gives the
    same session, and so does the same person of a recruiter.
    """
    locked = lock_study(study)
    known = StudySession.objects.filter(entry_key=entry_key, study=locked).first()
    if known is None and arrival is not None:
        known = session_of_arrival(locked, arrival, token="")
    if known is not None:
        return known
    recruitment_stage = _recruits(locked, is_bot)
    session = create_session(
        study=locked,
        recruitment_stage=recruitment_stage,
        entry_key=entry_key,
        is_bot=is_bot,
        language=language,
    )
    if arrival is not None:
        remember_person(participant=session.participant, arrival=arrival)
    if protocol_of(locked).allocation.factors:
        require_a_free_slot(study=locked, recruitment_stage=recruitment_stage)
    else:
        _allocate(session, locked, stratum="")
    return session


def _allocate(session: StudySession, study: Study, stratum: str) -> None:
    slot = claim_slot(study=study, session=session, stratum=stratum)
    create_trials(session=session, slot=slot)


def _recruits(study: Study, is_bot: bool) -> RecruitmentStage:
    stage = recruits_now(study, is_bot=is_bot)
    if stage is None:
        raise StudyNotOpen(f"The study {study.slug} is {study.stage} and takes nobody now.")
    if is_bot and stage == RecruitmentStage.MAIN and study.stage != StudyStage.REHEARSAL:
        raise StudyNotOpen(
            f"The study {study.slug} is open to people: bots would take their places. "
            "Run bots in the pilot stage."
        )
    if not is_bot and stage == RecruitmentStage.MAIN and has_stopped(study):
        raise StudyFull(f"The study {study.slug} has ended recruiting, by its stop rule.")
    return stage


def create_session(
    *,
    study: Study,
    recruitment_stage: RecruitmentStage,
    entry_key: UUID,
    is_bot: bool = False,
    is_preview: bool = False,
    language: str = "",
) -> StudySession:
    """A session that has consented and has no place yet, in a study that is locked."""
    protocol = protocol_of(study)
    consent = next(stage for stage in protocol.stages if isinstance(stage, Consent))
    language = spoken_language(protocol, language)
    text = catalogue_of(protocol, language).get(consent.text, consent.text)
    now = timezone.now()
    number = StudySession.objects.filter(study=study, recruitment_stage=recruitment_stage).count()
    participant = Participant.objects.create(
        study=study, code=_random_code("p"), is_bot=is_bot, created_at=now
    )
    session = StudySession.objects.create(
        participant=participant,
        study=study,
        recruitment_stage=recruitment_stage,
        code=_random_code("s"),
        token=secrets.token_urlsafe(32),
        entry_key=entry_key,
        is_preview=is_preview,
        stage_key=stage_after(protocol, consent.key).key,
        seed=derive_seed(protocol.seed, "session", recruitment_stage, number),
        language=language,
        consent_version=consent.version,
        consent_digest=sha256_bytes(text.encode()),
        started_at=now,
    )
    consented = {"version": session.consent_version, "language": session.language}
    record_event(session=session, kind="consented", data=consented)
    return session


def _random_code(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))


@transaction.atomic
def advance_stage(*, session: StudySession, from_stage: str) -> None:
    """A session moves on only from where it stands, and only when the work there is done.

    Asking twice changes nothing. It is completed when the server has counted every answer. Where
    the slot depends on answers, it is claimed when the last of them has been given.
    """
    locked = lock_session(session)
    if not takes_answers(locked) or locked.stage_key != from_stage:
        return
    protocol = protocol_of(locked.study)
    if (
        isinstance(protocol.stage(from_stage), Trials)
        and schedule_of(locked).of_stage(from_stage).next_open()
    ):
        raise AnswerRefused("There are pictures left to answer.")
    waits = locked.slot is None and is_allocated_after(protocol, from_stage)
    if waits and not _allocate_late(locked):
        return
    following = stage_after(protocol, from_stage)
    locked.stage_key = following.key
    if is_last(following):
        _complete(locked)
    locked.save()
    record_event(session=locked, kind="stage_reached", data={"stage_key": following.key})


def _allocate_late(session: StudySession) -> bool:
    """Whether there was a place; without one the session ends here."""
    try:
        _allocate(session, lock_study(session.study), stratum_of_session(session))
    except StudyFull as refusal:
        screen_out(session=session, reason=str(refusal))
        return False
    return True


def advance_when_done(*, session: StudySession, from_stage: str) -> None:
    """The last answer of a stage leads to the next one, unless feedback is still to be read."""
    page = current_page(session)
    if page.kind == "stage" and page.stage.key == from_stage:
        advance_stage(session=session, from_stage=from_stage)


def _complete(session: StudySession) -> None:
    schedule = schedule_of(session)
    missing = schedule.expected - schedule.counted
    if missing:
        raise AnswerRefused(f"{missing} answers are missing.")
    session.state = SessionState.COMPLETED
    session.finished_at = timezone.now()


def screen_out(*, session: StudySession, reason: str) -> None:
    """A verdict that the server keeps: a reload does not change it."""
    session.state = SessionState.SCREENED_OUT
    session.save(update_fields=["state"])
    record_event(session=session, kind="screened_out", data={"reason": reason})
