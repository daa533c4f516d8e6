"""Personal data, and who did what."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from studyapp.models import AuditEntry, Study
from studyapp.selectors.permissions import Permission
from studyapp.services.personal_data import look_at_visits
from studyapp.views.staff.access import administrator_page, study_page

_ENTRIES_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@study_page(Permission.SEE_PERSONAL_DATA)
def visits(request: HttpRequest, study: Study) -> HttpResponse:
    """The recruiter's ids, after a button: a look is a deed, and logged."""
    shown = look_at_visits(study=study) if request.method == "POST" else None
    return render(request, "staff/visits.html", {"study": study, "visits": shown})


@require_safe
@study_page(Permission.SEE_AUDIT)
def audit(request: HttpRequest, study: Study) -> HttpResponse:
    """What was done in a study, newest first."""
    return _entries(request, AuditEntry.objects.filter(study=study.slug), study)


@require_safe
@administrator_page
def whole_audit(request: HttpRequest) -> HttpResponse:
    """What was done in all studies and outside them: sign-ins, imports, backups."""
    return _entries(request, AuditEntry.objects.all(), None)


def _entries(
    request: HttpRequest, entries: QuerySet[AuditEntry], study: Study | None
) -> HttpResponse:
    newest_first = Paginator(entries.order_by("-number"), _ENTRIES_A_PAGE)
    page = newest_first.get_page(request.GET.get("page"))
    return render(request, "staff/audit.html", {"study": study, "page": page})
