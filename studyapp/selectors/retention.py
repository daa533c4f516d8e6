"""How long personal data are kept, and what is stored of one person."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from experiments.columns import TABLES
from experiments.recruitment import LinkRecruitment
from studyapp.enums import StudyStage
from studyapp.models import (
    ExtraBonus,
    Participant,
    RecruitedPerson,
    RecruiterVisit,
    Rejection,
    Study,
)
from studyapp.selectors.export_rows import rows_of
from studyapp.selectors.studies import protocol_of

# What nobody is told while others, or they themselves, may still answer.
_TELLING = frozenset(
    {
        *("arm", "condition", "explanation_key", "true_species", "predicted_species"),
        *("predicted_probability", "right_choice", "instructed_choice", "choice_meanings"),
        *("stimulus", "correct", "first_correct", "seed", "block", "slot_index", "digest"),
    }
)


def erase_at(study: Study) -> datetime | None:
    """When the recruiter's ids of a study are to go; None before it is closed, or without any."""
    recruitment = protocol_of(study).recruitment
    if study.closed_at is None or isinstance(recruitment, LinkRecruitment):
        return None
    return study.closed_at + timedelta(days=recruitment.erase_ids_after_days)


def overdue_studies() -> list[Study]:
    """Closed studies whose ids have stayed too long."""
    holding = RecruitedPerson.objects.values("study")
    closed = Study.objects.filter(stage=StudyStage.CLOSED, pk__in=holding).order_by("slug")
    now = timezone.now()
    return [study for study in closed if (at := erase_at(study)) is not None and at <= now]


def copy_of(participant: Participant) -> dict[str, Any]:
    """Everything that is stored of somebody, table by table, as an export has it."""
    study = participant.study
    sessions = participant.sessions.order_by("pk")
    codes = {session.code for session in sessions}
    is_closed = study.stage == StudyStage.CLOSED
    hidden = frozenset() if is_closed else _TELLING
    tables = {
        name: [
            {key: value for key, value in row.items() if key not in hidden}
            for row in rows_of(name, study)
            if row.get("participant") == participant.code or row.get("session") in codes
        ]
        for name in TABLES
    }
    visits = RecruiterVisit.objects.filter(person__participant=participant).order_by("pk")
    recognised = RecruitedPerson.objects.filter(participant=participant).first()
    return {
        "study": study.slug,
        "participant": participant.code,
        "created_at": participant.created_at,
        "left_out_until_the_study_is_closed": sorted(hidden),
        "sessions": list(
            sessions.values(
                *("code", "state", "consent_version", "consent_digest", "started_at"),
                *("finished_at", "withdrawn_at", "answers_deleted", "device"),
            )
        ),
        "rejections": list(Rejection.objects.filter(session__in=sessions).values("reason", "at")),
        "extra_bonuses": list(
            ExtraBonus.objects.filter(session__in=sessions).values("cents", "reason", "at")
        ),
        "recruiter": {
            "fingerprint": recognised.fingerprint if recognised else None,
            "visits": list(
                visits.values("external_id", "visit_id", "listing_id", "submit_to", "arrived_at")
            ),
        },
        "tables": tables,
    }
