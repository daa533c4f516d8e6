"""What every page about a study has in the staff area."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.http import HttpRequest

from experiments.payment import as_amount
from studyapp.enums import StudyStage
from studyapp.models import Draft, Study
from studyapp.selectors.permissions import Permission, permissions_in

register = template.Library()

_PAGES = (
    ("staff-study", "Overview", Permission.SEE_STUDY),
    ("staff-dossier", "Dossier", Permission.DESIGN),
    ("staff-monitor", "Monitor", Permission.MONITOR),
    ("staff-participants", "Participants", Permission.MONITOR),
    ("staff-visits", "Recruiter's ids", Permission.SEE_PERSONAL_DATA),
    ("staff-people", "People", Permission.MANAGE_PEOPLE),
    ("staff-audit", "Audit log", Permission.SEE_AUDIT),
)


_DRAFT_PAGES = (
    ("staff-draft", "Overview"),
    ("staff-draft-basics", "Basics"),
    ("staff-draft-arms", "Arms"),
    ("staff-draft-pictures", "Pictures"),
    ("staff-draft-numbers", "Numbers"),
    ("staff-draft-edit", "Text"),
    ("staff-draft-differences", "Differences"),
    ("staff-draft-dossier", "Dossier"),
)
_STAGES = [stage for stage in StudyStage if stage != StudyStage.REHEARSAL]


@register.inclusion_tag("staff/parts/stages.html")
def stage_row(here: str) -> dict[str, Any]:
    """Where a study stands between its draft and its end."""
    stages = [("draft", "Draft"), *((stage.value, stage.label) for stage in _STAGES)]
    return {"stages": [{"label": label, "is_here": key == here} for key, label in stages]}


@register.inclusion_tag("staff/parts/draft_menu.html")
def draft_menu(draft: Draft, request: HttpRequest) -> dict[str, Any]:
    """The pages of a draft, in the order in which a plan is made."""
    here = request.resolver_match.url_name if request.resolver_match else None
    pages = [
        {"address": name, "title": title, "is_here": name == here} for name, title in _DRAFT_PAGES
    ]
    return {"draft": draft, "pages": pages}


@register.inclusion_tag("staff/parts/study_menu.html")
def study_menu(study: Study, request: HttpRequest) -> dict[str, Any]:
    """Only pages that would open for this person are named."""
    allowed = permissions_in(study, request.user)
    here = request.resolver_match.url_name if request.resolver_match else None
    pages = [
        {"address": name, "title": title, "is_here": name == here}
        for name, title, permission in _PAGES
        if permission in allowed
    ]
    return {"study": study, "pages": pages}


@register.filter
def due(visit: dict[str, Any]) -> str:
    """Fixed amount and bonus, where the protocol has a rule of payment."""
    fixed, bonus = visit["payment_cents"], visit["bonus_cents"]
    if fixed is None:
        return ""
    return as_amount(fixed) + (f" + {as_amount(bonus)}" if bonus else "")


@register.filter
def amount(cents: int) -> str:
    """Hundredths as an amount."""
    return as_amount(cents)


@register.filter
def lookup(names: Mapping[str, str], key: str) -> str:
    """What something is called; its key where it has no name."""
    return names.get(key, key)


@register.filter
def percent(share: float) -> str:
    """A share in whole percent. What is not quite all or nothing is not said to be."""
    hundredths = min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)
    return f"{hundredths} %"
