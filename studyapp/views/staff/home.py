"""What somebody of the staff has to do with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.selectors.drafts import drafts_of
from studyapp.selectors.people import studies_of
from studyapp.views.staff.access import staff_page


@require_safe
@staff_page
def home(request: HttpRequest) -> HttpResponse:
    """One's own drafts, and one's studies with one's roles in them."""
    assert request.user.is_authenticated
    context = {"studies": studies_of(request.user), "drafts": drafts_of(request.user)}
    return render(request, "staff/home.html", context)
