"""Personal data: who looks at them is written down first."""

from typing import Any

from django.db import transaction

from studyapp.enums import AuditAction, StudyStage
from studyapp.exceptions import ErasureRefused
from studyapp.models import Participant, RecruitedPerson, RecruiterVisit, Study, StudySession
from studyapp.selectors.recruiters import visits_of
from studyapp.selectors.retention import copy_of
from studyapp.services.audit import record
from studyapp.services.locks import lock_study


@transaction.atomic
def look_at_visits(*, study: Study) -> list[dict[str, Any]]:
    """The recruiter's ids of a study, beside the codes they belong to. Each look is logged."""
    rows = list(visits_of(study))
    record(AuditAction.PERSONAL_DATA_VIEWED, study=study, details={"visits": len(rows)})
    return rows


@transaction.atomic
def look_at_person(*, session: StudySession) -> list[RecruiterVisit]:
    """The recruiter's ids of one participant, to find and write to them. Each look is logged."""
    visits = RecruiterVisit.objects.filter(person__participant=session.participant_id)
    details = {"participant": session.participant.code}
    record(AuditAction.PERSONAL_DATA_VIEWED, study=session.study, details=details)
    return list(visits.order_by("pk"))


@transaction.atomic
def erase_personal_data(*, study: Study) -> int:
    """Erase the recruiter's ids of a closed study, and the fingerprints made of them.

    Nobody can begin any more, so that nobody need be recognised; an id as short as SONA's could be
    found again from its fingerprint. Erasing twice is erasing once.
    """
    locked = lock_study(study)
    if locked.stage != StudyStage.CLOSED:
        raise ErasureRefused(
            f"{locked.slug} is {locked.stage}: people who come back must be recognised. "
            f"Close it first: `manage.py set_stage {locked.slug} closed`."
        )
    RecruiterVisit.objects.filter(person__study=locked).delete()
    count, _ = RecruitedPerson.objects.filter(study=locked).delete()
    if count:
        record(AuditAction.PERSONAL_DATA_ERASED, study=locked, details={"people": count})
    return count


@transaction.atomic
def copy_for_participant(*, participant: Participant) -> dict[str, Any]:
    """What is stored of somebody who asks. That a copy was made is logged."""
    copy = copy_of(participant)
    details = {"participant": participant.code}
    record(AuditAction.PERSONAL_DATA_COPIED, study=participant.study, details=details)
    return copy
