"""The one lock of a session."""

from studyapp.models import StudySession
from studyapp.selectors.sessions import sessions_with_study


def lock_session(session: StudySession) -> StudySession:
    """Read a session afresh and lock its row until the transaction ends.

    Whatever writes into a session does this first, so that withdrawal, which does it too, comes
    wholly before or wholly after.
    """
    return sessions_with_study().select_for_update(of=("self",)).get(pk=session.pk)
