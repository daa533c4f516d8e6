"""What every page about a study has in the staff area."""

from typing import Any

from django import template
from django.http import HttpRequest

from experiments.payment import as_amount
from studyapp.models import Study
from studyapp.selectors.permissions import Permission, permissions_in

register = template.Library()

_PAGES = (
    ("staff-study", "Overview", Permission.SEE_STUDY),
    ("staff-monitor", "Monitor", Permission.MONITOR),
    ("staff-participants", "Participants", Permission.MONITOR),
    ("staff-visits", "Recruiter's ids", Permission.SEE_PERSONAL_DATA),
    ("staff-people", "People", Permission.MANAGE_PEOPLE),
    ("staff-audit", "Audit log", Permission.SEE_AUDIT),
)


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
