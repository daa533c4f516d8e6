"""From bytes to types and back: sizes, JSON, the session of a token, refusals in words."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError

from studyapp.api.types import Problem, Problems
from studyapp.exceptions import AnswerRefused, SessionOver
from studyapp.models import StudySession
from studyapp.selectors.sessions import sessions_with_study
from studyapp.selectors.speech import speaking
from studyapp.selectors.studies import protocol_of

ApiView = Callable[..., HttpResponse]


def answer(said: BaseModel, status: int = 200) -> HttpResponse:
    """A type as JSON."""
    return HttpResponse(said.model_dump_json(), content_type="application/json", status=status)


def refusal(status: int, *problems: tuple[str, str]) -> HttpResponse:
    """Nothing was stored; every problem is named."""
    told = tuple(Problem(field=field, message=message) for field, message in problems)
    return answer(Problems(problems=told), status)


def of_a_session(view: ApiView) -> ApiView:
    """The token in the address is the key to a session, and the only one."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        session = sessions_with_study().filter(token=token).first()
        if session is None:
            return refusal(404, ("token", "There is no such session."))
        try:
            # A block carries its trials as pages.
            with speaking(protocol_of(session.study), session.language):
                return view(request, session)
        except SessionOver as over:
            return refusal(410, (over.field, str(over)))
        except AnswerRefused as refused:
            return refusal(422, (refused.field, str(refused)))

    return wrapped


def takes(declared: type[BaseModel], most_bytes: int) -> Callable[[ApiView], ApiView]:
    """Takes POSTs of one type; everything else is refused before it is read further."""

    def decorate(view: ApiView) -> ApiView:
        @wraps(view)
        def wrapped(request: HttpRequest, session: StudySession) -> HttpResponse:
            if request.method != "POST":
                response = refusal(405, ("method", "This address takes POST."))
                response["Allow"] = "POST"
                return response
            body = request.read(most_bytes + 1)
            if len(body) > most_bytes:
                return refusal(413, ("body", f"At most {most_bytes} bytes are taken."))
            try:
                said = declared.model_validate_json(body)
            except ValidationError as error:
                return refusal(*_problems(error))
            return view(request, session, said)

        return wrapped

    return decorate


def _problems(error: ValidationError) -> Any:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return 400, ("body", "This is not JSON.")
    return 422, *((".".join(map(str, one["loc"])) or "body", one["msg"] + ".") for one in found)
