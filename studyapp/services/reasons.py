"""The one rule of reasons that are kept."""

from studyapp.exceptions import LarusError

LONGEST = 200


def given_reason(reason: str, refusal: type[LarusError]) -> str:
    """What was given, without blanks around it; a deed without a reason is refused."""
    if not reason.strip() or len(reason) > LONGEST:
        raise refusal(f"Say why, in at most {LONGEST} characters: it is kept.")
    return reason.strip()
