"""Personal data, and who did what."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studyapp.models import AuditEntry, Study
from studyapp.selectors.payment_files import PaymentFile, payment_files, payment_text
from studyapp.selectors.permissions import Permission
from studyapp.services.personal_data import look_at_visits
from studyapp.views.staff.access import administrator_page, study_page

_ENTRIES_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@study_page(Permission.SEE_PERSONAL_DATA)
def visits(request: HttpRequest, study: Study) -> HttpResponse:
    """The recruiter's ids, after a button: a look is a deed, and logged."""
    shown = look_at_visits(study=study) if request.method == "POST" else None
    context = {"study": study, "visits": shown, "files": payment_files(study)}
    return render(request, "staff/visits.html", context)


@require_POST
@study_page(Permission.SEE_PERSONAL_DATA)
def payments(request: HttpRequest, study: Study) -> HttpResponse:
    """A file for paying people. Taking it is a look at who they are, and logged."""
    wanted = request.POST.get("file", "")
    if wanted not in list(PaymentFile) or PaymentFile(wanted) not in payment_files(study):
        messages.error(request, "Choose one of the files.")
        return redirect("staff-visits", slug=study.slug)
    text = payment_text(study, PaymentFile(wanted), look_at_visits(study=study))
    name = f"{study.slug}-{wanted}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=disposition)


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
