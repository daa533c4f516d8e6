"""Who comes from a recruiter, and the way back there. Ids of others stay in here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.crypto import salted_hmac

from experiments.digest import sha256_bytes
from experiments.recruitment import (
    LinkRecruitment,
    MTurkRecruitment,
    ProlificRecruitment,
    Recruitment,
    SonaRecruitment,
)
from experiments.schema import Debrief, Quiz
from studyapp.enums import SessionState
from studyapp.exceptions import TakenPartElsewhere
from studyapp.models import RecruitedPerson, RecruiterVisit, Study, StudySession
from studyapp.selectors.payments import due_to
from studyapp.selectors.progress import has_completed
from studyapp.selectors.sessions import sessions_with_study
from studyapp.selectors.studies import protocol_of

VISIT_COLUMNS = (
    *("external_id", "visit_id", "listing_id"),
    *("participant", "state", "has_completed", "finished_at"),
    *("payment_cents", "bonus_cents", "rejection"),
)


@dataclass(frozen=True)
class Arrival:
    """What a recruiter says of somebody it sends: who it is, and which visit this is.

    `proves` says that nobody else can know the two, so that they open the session they began.
    """

    person: str
    visit: str
    listing: str = ""
    submit_to: str = ""
    proves: bool = True


@dataclass(frozen=True)
class WayBack:
    """How a session returns to its recruiter: by a link, or by a form with one hidden id."""

    recruiter: str
    address: str
    code: str | None = None
    assignment: str | None = None


def fingerprint(study: Study, person: str) -> str:
    """Recognises an id without telling it, not even to who holds a list of ids.

    The digest of a study is public, the key of the server is not. What is hashed with it is what
    fingerprints were before there was a key, so that a migration could add it without the ids.
    """
    unkeyed = sha256_bytes(f"{study.digest} {person}".encode())
    return salted_hmac("larus.fingerprint", unkeyed, algorithm="sha256").hexdigest()


def session_of_arrival(study: Study, arrival: Arrival, token: str) -> StudySession | None:
    """The session this person began, or None for somebody new.

    It is opened by the visit that began it, or by `token`, which the browser that began it keeps.
    A person's id alone opens nothing: others may know it.
    """
    known = RecruitedPerson.objects.filter(
        study=study, fingerprint=fingerprint(study, arrival.person)
    ).first()
    if known is None:
        return None
    session = StudySession.objects.get(participant_id=known.participant_id)
    came_so = arrival.proves and known.visits.filter(visit_id=arrival.visit).exists()
    if came_so or session.token == token:
        return session
    raise TakenPartElsewhere("This person has begun the study before.")


def way_back(session: StudySession) -> WayBack | None:
    """The way back to the recruiter, once a session has ended and if it ended so that one is due.

    Codes and addresses come from here alone, after the server's own verdict. Who has completed is
    paid, and withdrawing afterwards takes nothing of that away.
    """
    protocol = protocol_of(session.study)
    recruitment = protocol.recruitment
    if isinstance(recruitment, ProlificRecruitment):
        code = _prolific_code(session, recruitment)
        return WayBack("Prolific", prolific_address(code), code) if code else None
    visit = last_visit(session)
    if not has_completed(session) or visit is None:
        return None
    if isinstance(recruitment, SonaRecruitment):
        return WayBack("SONA", _sona_address(recruitment, visit.visit_id))
    if isinstance(recruitment, MTurkRecruitment):
        address = f"{visit.submit_to}/mturk/externalSubmit"
        return WayBack("Mechanical Turk", address, assignment=visit.visit_id)
    return None


def completion_code(session: StudySession) -> str | None:
    """The code that is shown, once the server has counted every answer."""
    protocol = protocol_of(session.study)
    shows = isinstance(protocol.recruitment, LinkRecruitment | ProlificRecruitment)
    if not has_completed(session) or not shows:
        return None
    return next(s.completion_code for s in protocol.stages if isinstance(s, Debrief))


def prolific_address(code: str) -> str:
    """Where Prolific takes a code."""
    return "https://app.prolific.com/submissions/complete?" + urlencode({"cc": code})


def no_consent_address(recruitment: Recruitment) -> str | None:
    """The way back for who does not agree: nothing is known of them, so it is the same for all."""
    if isinstance(recruitment, ProlificRecruitment) and recruitment.codes.no_consent:
        return prolific_address(recruitment.codes.no_consent)
    return None


def _prolific_code(session: StudySession, recruitment: ProlificRecruitment) -> str | None:
    if has_completed(session):
        return completion_code(session)
    if session.state == SessionState.WITHDRAWN:
        return recruitment.codes.withdrawn
    if session.state != SessionState.SCREENED_OUT:
        return None
    stage = protocol_of(session.study).stage(session.stage_key)
    codes = recruitment.codes
    return codes.failed_quiz if isinstance(stage, Quiz) else codes.screened_out


def _sona_address(recruitment: SonaRecruitment, survey_code: str) -> str:
    said = {
        "experiment_id": recruitment.experiment_id,
        "credit_token": recruitment.credit_token,
        "survey_code": survey_code,
    }
    host = f"{recruitment.site}.sona-systems.com"
    return f"https://{host}/webstudy_credit.aspx?" + urlencode(said)


def pays_by_visit(recruitment: Recruitment) -> bool:
    """Prolific pays for a code, which is the same for all; others want the id of the visit."""
    return isinstance(recruitment, MTurkRecruitment | SonaRecruitment)


def last_visit(session: StudySession) -> RecruiterVisit | None:
    """The arrival that is paid for: an assignment that was returned is not."""
    visits = RecruiterVisit.objects.filter(person__participant=session.participant_id)
    return visits.order_by("-pk").first()


def visits_of(study: Study) -> Iterator[dict[str, Any]]:
    """Who was sent and how that stands, for paying them; the one place that names both sides."""
    visits = RecruiterVisit.objects.filter(person__study=study).order_by("pk")
    sessions = sessions_with_study().filter(study=study).select_related("participant", "rejection")
    of_participant = {session.participant_id: session for session in sessions}
    for visit in visits.select_related("person"):
        session = of_participant[visit.person.participant_id]
        yield {
            "external_id": visit.external_id,
            "visit_id": visit.visit_id,
            "listing_id": visit.listing_id,
            "participant": session.participant.code,
            "state": session.state,
            "has_completed": "yes" if has_completed(session) else "no",
            "finished_at": session.finished_at,
            **due_to(session),
            "rejection": session.rejection.reason if hasattr(session, "rejection") else "",
        }
