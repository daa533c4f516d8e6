"""Personal data: who looks at them is written down first."""

from typing import Any

from django.db import transaction

from studyapp.enums import AuditAction
from studyapp.models import Study
from studyapp.selectors.recruiters import visits_of
from studyapp.services.audit import record


@transaction.atomic
def look_at_visits(*, study: Study) -> list[dict[str, Any]]:
    """The recruiter's ids of a study, beside the codes they belong to. Each look is logged."""
    rows = list(visits_of(study))
    record(AuditAction.PERSONAL_DATA_VIEWED, study=study, details={"visits": len(rows)})
    return rows
