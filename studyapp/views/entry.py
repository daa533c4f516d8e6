"""The way in: the list of studies and the consent page."""

from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from studyapp.enums import RECRUITS_FOR
from studyapp.exceptions import StudyFull, StudyNotOpen
from studyapp.models import Study, StudySession
from studyapp.selectors.recruitment import BOT_KEY
from studyapp.selectors.studies import listed_studies, protocol_of
from studyapp.services.sessions import start_session

# Longer than a study recruits: who comes back is still known.
_COOKIE_SECONDS = 365 * 86_400


@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """Only open studies are listed; a development server lists its pilots too."""
    listed = listed_studies(with_pilots=settings.DEBUG)
    studies = [(study, protocol_of(study)) for study in listed]
    return render(request, "studyapp/study_list.html", {"studies": studies})


# A page of consent needs no cookie: nothing can be done in another person's name by posting it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    """Looking makes no rows: a link preview takes nobody's place.

    A browser takes part in a study once. Whoever comes back, by link, back button or a stale
    form, is led to the session they have, however it ended.
    """
    study = get_object_or_404(Study, slug=slug)
    known = _session_of(request, study)
    if known is not None:
        return redirect("run", token=known.token)
    if request.method == "POST":
        return _start(request, study)
    return _consent_page(request, study)


def _start(request: HttpRequest, study: Study) -> HttpResponse:
    entry_key = _entry_key(request.POST.get("entry_key", ""))
    if entry_key is None or request.POST.get("agree") != "yes":
        return _consent_page(request, study, error="Please tick the box if you agree.", status=422)
    try:
        session = start_session(
            study=study, entry_key=entry_key, is_bot=bool(request.META.get(BOT_KEY))
        )
    except (StudyFull, StudyNotOpen) as refusal:
        return _closed_page(request, study, is_full=isinstance(refusal, StudyFull))
    response = redirect("run", token=session.token)
    response.set_signed_cookie(
        _cookie(study),
        session.token,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _consent_page(
    request: HttpRequest, study: Study, error: str = "", status: int = 200
) -> HttpResponse:
    if study.stage not in RECRUITS_FOR:
        return _closed_page(request, study, is_full=False)
    protocol = protocol_of(study)
    context = {
        "protocol": protocol,
        "stage": protocol.stages[0],
        "entry_key": _entry_key(request.POST.get("entry_key", "")) or uuid4(),
        "error": error,
    }
    return render(request, "studyapp/consent.html", context, status=status)


def _closed_page(request: HttpRequest, study: Study, *, is_full: bool) -> HttpResponse:
    context = {"protocol": protocol_of(study), "is_full": is_full}
    return render(request, "studyapp/not_open.html", context, status=403)


def _session_of(request: HttpRequest, study: Study) -> StudySession | None:
    token = request.get_signed_cookie(_cookie(study), default="")
    return StudySession.objects.filter(token=token, study=study).first()


def _cookie(study: Study) -> str:
    return f"larus-{study.slug}"


def _entry_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
