"""What a recruiter puts into the address it sends people to."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from experiments.recruitment import (
    MTurkRecruitment,
    ProlificRecruitment,
    Recruitment,
    SonaRecruitment,
)
from studyapp.selectors.recruiters import Arrival

# Placeholders that a recruiter did not fill in hold other signs than these.
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SURVEY_CODE = re.compile(r"[1-9][0-9]{1,6}")
_PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
_NAMES = (
    *("PROLIFIC_PID", "STUDY_ID", "SESSION_ID"),
    *("assignmentId", "hitId", "workerId", "turkSubmitTo"),
    "survey_code",
)

Query = Mapping[str, str]


def names_somebody(query: Query) -> bool:
    """Whether an address has any of the recruiters' fields, good or not."""
    return any(name in query for name in _NAMES)


def is_preview(recruitment: Recruitment, query: Query) -> bool:
    """MTurk shows a study to people who have not accepted it: they are nobody yet."""
    return isinstance(recruitment, MTurkRecruitment) and query.get("assignmentId") == _PREVIEW


def arrival_of(recruitment: Recruitment, query: Query) -> Arrival | None:
    """Who comes; None when the address does not say it whole."""
    if isinstance(recruitment, ProlificRecruitment):
        return _arrival(query, "PROLIFIC_PID", "SESSION_ID", "STUDY_ID")
    if isinstance(recruitment, MTurkRecruitment):
        submit_to = query.get("turkSubmitTo", "").rstrip("/")
        arrival = _arrival(query, "workerId", "assignmentId", "hitId")
        return replace(arrival, submit_to=submit_to) if arrival and _is_mturk(submit_to) else None
    if isinstance(recruitment, SonaRecruitment):
        code = query.get("survey_code", "")
        # So short a number can be guessed: it counts once, and opens no session of another browser.
        return Arrival(code, code, proves=False) if _SURVEY_CODE.fullmatch(code) else None
    return None


def _arrival(query: Query, person: str, visit: str, listing: str) -> Arrival | None:
    ids = {name: query.get(name, "") for name in (person, visit, listing)}
    if not all(_ID.fullmatch(value) for value in ids.values()) or ids[visit] == _PREVIEW:
        return None
    return Arrival(ids[person], ids[visit], ids[listing])


def _is_mturk(address: str) -> bool:
    """Only Amazon is ever sent a submission: a bare https origin below mturk.com."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(re.fullmatch(r"[a-z]+\.mturk\.com", parts.netloc)) and address == (
        f"https://{parts.netloc}"
    )
