"""What somebody meets who may not do something, or tried too often."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_allowed(request: HttpRequest) -> HttpResponse:
    """Somebody has a role in the study, but none that allows this."""
    return render(request, "staff/not_allowed.html", status=403)


def too_many_tries(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Lock-out; allauth finds this page as `handler429` of the addresses."""
    return render(request, "staff/too_many.html", status=429)
