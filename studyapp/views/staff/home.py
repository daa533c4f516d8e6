"""What somebody of the staff has to do with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.selectors.people import studies_of
from studyapp.views.staff.access import staff_page


@require_safe
@staff_page
def home(request: HttpRequest) -> HttpResponse:
    """One's own studies, with one's roles in them."""
    assert request.user.is_authenticated
    return render(request, "staff/home.html", {"studies": studies_of(request.user)})
