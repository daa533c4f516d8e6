"""Who may take part now."""

from studyapp.enums import RECRUITS_FOR, RecruitmentStage
from studyapp.models import Study
from studyapp.selectors.studies import protocol_of

# Set by the in-process client of `run_bots`; no header of a browser can become this key.
BOT_KEY = "larus.is_bot"


def bots_refusal(study: Study) -> str | None:
    """Why bots may not run here, or None. Bots never take the place of a person."""
    if RECRUITS_FOR.get(study.stage) != RecruitmentStage.PILOT:
        return (
            f"{study.slug} is {study.stage}. Bots run in the pilot stage only: "
            f"`manage.py set_stage {study.slug} pilot`."
        )
    if not protocol_of(study).allocation.participants.get("pilot"):
        return f"{study.slug} has no pilot places: its protocol gives none."
    return None
