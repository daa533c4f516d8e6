"""Wrong addresses on a development server, where Django would show every address there is."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found

Answer = Callable[[HttpRequest], HttpResponseBase]


def wrong_address_page(get_response: Answer) -> Answer:
    """Middleware: `make run` answers a wrong address as a real server does."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if settings.DEBUG and response.status_code == 404:
            return page_not_found(request, Http404())
        return response

    return answer
