"""The one lock of a session."""

from studyapp.models import StudySession


def lock_session(session: StudySession) -> StudySession:
    """Read a session afresh and lock its row until the transaction ends.

    Whatever writes into a session does this first, so that withdrawal, which does it too, comes
    wholly before or wholly after.
    """
    return StudySession.objects.select_for_update().get(pk=session.pk)
