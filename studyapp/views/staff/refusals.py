"""What somebody meets who tried too often."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def too_many_tries(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Lock-out; allauth finds this page as `handler429` of the addresses."""
    return render(request, "staff/too_many.html", status=429)
