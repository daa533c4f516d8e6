"""Who may take part now."""

from studyapp.enums import ALLOWED_MOVES, RECRUITS_FOR, RecruitmentStage, StudyStage
from studyapp.models import Study, StudySession
from studyapp.selectors.studies import protocol_of

# Set by the in-process client of `run_bots`; no header of a browser can become this key.
BOT_KEY = "larus.is_bot"


def recruits_now(study: Study, *, is_bot: bool) -> RecruitmentStage | None:
    """Whose places are given away now; None where nobody may begin. Only bots rehearse."""
    if study.stage == StudyStage.REHEARSAL and is_bot:
        places = protocol_of(study).allocation.participants
        return RecruitmentStage(max(places, key=lambda stage: places[stage]))
    return RECRUITS_FOR.get(study.stage)


def bots_refusal(study: Study) -> str | None:
    """Why bots may not run here, or None. Bots never take the place of a person."""
    if study.stage == StudyStage.REHEARSAL:
        return None
    if RECRUITS_FOR.get(study.stage) != RecruitmentStage.PILOT:
        return f"{study.slug} is {study.stage}. Bots run in the pilot stage only: {_way(study)}."
    if not protocol_of(study).allocation.participants.get("pilot"):
        return f"{study.slug} has no pilot places: its protocol gives none."
    return None


def bots_sessions(study: Study) -> list[StudySession]:
    """Bots' sessions of the stage that a study is in, as they gave consent, whatever came of them.

    Bots begin one after the other: the first session is the first bot's.
    """
    sessions = StudySession.objects.select_related("study").order_by("pk")
    stage = recruits_now(study, is_bot=True)
    return list(sessions.filter(study=study, recruitment_stage=stage, participant__is_bot=True))


def _way(study: Study) -> str:
    if StudyStage.PILOT in ALLOWED_MOVES[study.stage]:
        return f"`manage.py set_stage {study.slug} pilot`"
    copy = f"{study.slug}-rehearsal"
    return (
        "no way leads back to it. Copy the protocol, give the copy another slug, such as "
        f"{copy}, then `manage.py freeze_protocol COPY.yaml` and `manage.py set_stage {copy} pilot`"
    )
