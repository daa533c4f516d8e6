"""Whether the plan's stop rule has ended recruiting."""

from django.utils import timezone

from studyapp.enums import RecruitmentStage, SessionState
from studyapp.models import Study, StudySession
from studyapp.selectors.studies import protocol_of


def has_stopped(study: Study) -> bool:
    """The rule is of the main stage; without one only places end it."""
    rule = protocol_of(study).analysis.stop_rule
    if rule is None:
        return False
    completed = StudySession.objects.filter(
        study=study,
        recruitment_stage=RecruitmentStage.MAIN,
        state=SessionState.COMPLETED,
    ).count()
    return rule.has_stopped(completed=completed, today=timezone.now().date())
