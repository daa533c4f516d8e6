"""What holds for every page of the staff area, those of allauth included."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from studyapp.services.audit import acting_as

STAFF_AREA = "/staff/"
Answer = Callable[[HttpRequest], HttpResponseBase]


def staff_area(get_response: Answer) -> Answer:
    """Middleware: the staff area speaks English, and deeds in it are its visitor's.

    Other pages are passed on as they are: no session of a participant is read.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(STAFF_AREA):
            return get_response(request)
        actor = request.user.get_username() or "somebody not signed in"
        with translation.override("en"), acting_as(actor):
            return get_response(request)

    return answer
