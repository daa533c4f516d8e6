"""Starting, moving on, ending a session."""

import secrets
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from experiments.digest import derive_seed, sha256_bytes
from experiments.schema import Consent, Protocol, Trials
from experiments.sequencing import TrialPlan, plan_session
from experiments.translations import catalogue_of
from studyapp.enums import RecruitmentStage, SessionState, StudyStage
from studyapp.exceptions import AnswerRefused, StudyFull, StudyNotOpen
from studyapp.models import (
    Artefact,
    Participant,
    PlannedStimulus,
    Slot,
    Stimulus,
    Study,
    StudySession,
    Trial,
    TrialOption,
)
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
from studyapp.selectors.studies import place_in_arm, protocol_of, selection_of, stimuli_of
from studyapp.services.events import record_event
from studyapp.services.locks import lock_session
from studyapp.services.recruiters import remember_person

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
    and the sequence is used in order. The same entry key gives the same session, and so does the
    same person of a recruiter.
    """
    locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    known = StudySession.objects.filter(entry_key=entry_key, study=locked).first()
    if known is None and arrival is not None:
        known = session_of_arrival(locked, arrival, token="")
    if known is not None:
        return known
    recruitment_stage = _recruits(locked, is_bot)
    slot = _claim_slot(locked, recruitment_stage)
    session = begin_in_slot(slot=slot, entry_key=entry_key, is_bot=is_bot, language=language)
    if arrival is not None:
        remember_person(participant=session.participant, arrival=arrival)
    return session


def begin_in_slot(
    *,
    slot: Slot,
    entry_key: UUID,
    is_bot: bool = False,
    is_preview: bool = False,
    language: str = "",
) -> StudySession:
    """A session in a place that is nobody else's, within the transaction that found it."""
    session = _create_session(slot, entry_key, is_bot, is_preview, language)
    _create_trials(session, protocol_of(session.study), slot)
    consented = {"version": session.consent_version, "language": session.language}
    record_event(session=session, kind="consented", data=consented)
    return session


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


def _claim_slot(study: Study, recruitment_stage: RecruitmentStage) -> Slot:
    slot = (
        Slot.objects.filter(study=study, recruitment_stage=recruitment_stage, session__isnull=True)
        .select_related("study")
        .order_by("index")
        .first()
    )
    if slot is None:
        raise StudyFull(f"Every place of the {recruitment_stage} stage has been given away.")
    return slot


def _create_session(
    slot: Slot, entry_key: UUID, is_bot: bool, is_preview: bool, wanted: str
) -> StudySession:
    study = slot.study
    protocol = protocol_of(study)
    consent = next(stage for stage in protocol.stages if isinstance(stage, Consent))
    language = spoken_language(protocol, wanted)
    text = catalogue_of(protocol, language).get(consent.text, consent.text)
    now = timezone.now()
    participant = Participant.objects.create(
        study=study, code=_random_code("p"), is_bot=is_bot, created_at=now
    )
    return StudySession.objects.create(
        participant=participant,
        study=study,
        slot=slot,
        recruitment_stage=slot.recruitment_stage,
        code=_random_code("s"),
        token=secrets.token_urlsafe(32),
        entry_key=entry_key,
        is_preview=is_preview,
        stage_key=stage_after(protocol, consent.key).key,
        seed=derive_seed(protocol.seed, "session", slot.recruitment_stage, slot.index),
        language=language,
        consent_version=consent.version,
        consent_digest=sha256_bytes(text.encode()),
        started_at=now,
    )


def _random_code(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))


def _create_trials(session: StudySession, protocol: Protocol, slot: Slot) -> None:
    planned = PlannedStimulus.objects.filter(study=session.study).select_related("stimulus")
    stimuli = {row.stimulus.key: row.stimulus for row in planned}
    artefacts = {
        (artefact.stimulus_id, artefact.name): artefact
        for artefact in Artefact.objects.filter(stimulus__in=stimuli.values())
    }
    plans = plan_session(
        protocol,
        stimuli_of(session.study),
        selection_of(session.study),
        arm=slot.arm,
        seed=session.seed,
        place=place_in_arm(slot),
    )
    trials = Trial.objects.bulk_create(_trial(session, plan, stimuli, artefacts) for plan in plans)
    TrialOption.objects.bulk_create(
        TrialOption(
            trial=trial,
            key=option.key,
            stands_for=option.stands_for,
            picture_id=option.picture.sha256 if option.picture else None,
            layer_id=option.layer.sha256 if option.layer else None,
        )
        for trial, plan in zip(trials, plans, strict=True)
        for option in plan.options
    )


def _trial(
    session: StudySession,
    plan: TrialPlan,
    stimuli: dict[str, Stimulus],
    artefacts: dict[tuple[int, str], Artefact],
) -> Trial:
    stimulus = stimuli[plan.stimulus] if plan.stimulus else None
    shown = plan.explanation
    return Trial(
        uid=uuid4(),
        session=session,
        index=plan.index,
        stage_key=plan.stage_key,
        phase=plan.phase,
        trial_type=plan.trial_type,
        condition=plan.condition,
        stimulus=stimulus,
        artefact=artefacts[stimulus.pk, shown] if stimulus and shown else None,
        instructed_choice=plan.instructed_choice or "",
        choice_order=list(plan.choice_order),
        right_choice=plan.right_choice,
        asks_first=plan.asks_first,
        offers_break=plan.offers_break,
    )


@transaction.atomic
def advance_stage(*, session: StudySession, from_stage: str) -> None:
    """A session moves on only from where it stands, and only when the work there is done.

    Asking twice changes nothing. It is completed when the server has counted every answer.
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
    following = stage_after(protocol, from_stage)
    locked.stage_key = following.key
    if is_last(following):
        _complete(locked)
    locked.save()
    record_event(session=locked, kind="stage_reached", data={"stage_key": following.key})


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
