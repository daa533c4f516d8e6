"""The one lock of a session, and the one of a study.

Who needs both takes the session's first.
"""

from studyapp.models import Study, StudySession
from studyapp.selectors.sessions import sessions_with_study


def lock_session(session: StudySession) -> StudySession:
    """Read a session afresh and lock its row until the transaction ends.

    Whatever writes into a session does this first, so that withdrawal, which does it too, comes
    wholly before or wholly after.
    """
    return sessions_with_study().select_for_update(of=("self",)).get(pk=session.pk)


def lock_study(study: Study) -> Study:
    """Read a study afresh and lock its row: stages and places change one after the other."""
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)
