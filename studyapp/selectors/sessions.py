"""Finding sessions."""

from django.db.models import QuerySet

from studyapp.models import StudySession


def sessions_with_study() -> QuerySet[StudySession]:
    """With the study's row, but not the long plan in it, which is kept in memory by its digest."""
    return StudySession.objects.select_related("study").defer("study__frozen")
