"""The way in: the list of studies and the consent page."""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from experiments.recruitment import LinkRecruitment, MTurkRecruitment
from studyapp.enums import StudyStage
from studyapp.exceptions import StudyFull, StudyNotOpen, TakenPartElsewhere
from studyapp.forms.arrival import arrival_of, is_preview, names_somebody
from studyapp.models import Study, StudySession
from studyapp.selectors.recruiters import Arrival, no_consent_address, session_of_arrival
from studyapp.selectors.recruitment import BOT_KEY, recruits_now
from studyapp.selectors.studies import listed_studies, protocol_of
from studyapp.services.recruiters import remember_visit
from studyapp.services.sessions import start_session
from studyapp.views.browser import unmet
from studyapp.views.language import other_languages, wanted_language
from studyapp.views.study_page import study_page

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

    A person takes part in a study once: by the recruiter's ids where there is one, else by the
    browser. Whoever comes back, by link, back button or a stale form, is led to the session they
    have, however it ended.
    """
    study = _study_or_404(request, slug)
    protocol = protocol_of(study)
    return study_page(
        protocol, lambda: _entered(request, study), wanted_language(protocol, request)
    )


@require_safe
def declined(request: HttpRequest, slug: str) -> HttpResponse:
    """Who does not agree is thanked, and shown the way back where there is one."""
    study = _study_or_404(request, slug)
    protocol = protocol_of(study)
    back = no_consent_address(protocol.recruitment)
    return study_page(
        protocol,
        lambda: _page(request, study, "declined", address=back),
        wanted_language(protocol, request),
    )


def _study_or_404(request: HttpRequest, slug: str) -> Study:
    """A rehearsal is there for bots alone; who previews it comes by the staff area."""
    study = get_object_or_404(Study, slug=slug)
    if study.stage == StudyStage.REHEARSAL and not _is_bot(request):
        raise Http404
    return study


def _is_bot(request: HttpRequest) -> bool:
    return bool(request.META.get(BOT_KEY))


def _entered(request: HttpRequest, study: Study) -> HttpResponse:
    recruitment = protocol_of(study).recruitment
    if is_preview(recruitment, request.GET):
        return _consent_page(request, study, is_preview=True)
    arrival = arrival_of(recruitment, request.GET)
    if arrival is None and not _may_come_by_link(request, study):
        return _page(request, study, "not_recruited", status=403)
    try:
        known = _known(request, study, arrival)
        if known is not None:
            return _lead_back(known, arrival)
        if request.method == "POST":
            return _start(request, study, arrival)
    except TakenPartElsewhere:
        return _page(request, study, "elsewhere", status=403)
    return _consent_page(request, study)


def _may_come_by_link(request: HttpRequest, study: Study) -> bool:
    """Where a recruiter sends people, a pilot and a rehearsal may be tried out without its ids."""
    if isinstance(protocol_of(study).recruitment, LinkRecruitment):
        return True
    tried_out = (StudyStage.PILOT, StudyStage.REHEARSAL)
    return study.stage in tried_out and not names_somebody(request.GET)


def _known(request: HttpRequest, study: Study, arrival: Arrival | None) -> StudySession | None:
    token = request.get_signed_cookie(_cookie(study), default=None) or ""
    if arrival is not None:
        return session_of_arrival(study, arrival, token)
    return StudySession.objects.filter(token=token, study=study).first()


def _lead_back(session: StudySession, arrival: Arrival | None) -> HttpResponse:
    if arrival is not None:
        remember_visit(session=session, arrival=arrival)
    return redirect("run", token=session.token)


def _start(request: HttpRequest, study: Study, arrival: Arrival | None) -> HttpResponse:
    entry_key = _entry_key(request.POST.get("entry_key", ""))
    if entry_key is None or request.POST.get("agree") != "yes":
        return _consent_page(
            request, study, error=_("Please tick the box if you agree."), status=422
        )
    lacking = unmet(protocol_of(study).requirements, request)
    if lacking:
        return _page(request, study, "unsuitable", status=403, unmet=lacking)
    try:
        session = start_session(
            study=study,
            entry_key=entry_key,
            is_bot=_is_bot(request),
            arrival=arrival,
            language=wanted_language(protocol_of(study), request),
        )
    except (StudyFull, StudyNotOpen) as refusal:
        return _closed_page(request, study, is_full=isinstance(refusal, StudyFull))
    response = redirect("run", token=session.token)
    is_framed = isinstance(protocol_of(study).recruitment, MTurkRecruitment)
    response.set_signed_cookie(
        _cookie(study),
        session.token,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="None" if is_framed else "Lax",
        secure=is_framed or settings.SESSION_COOKIE_SECURE,
    )
    return response


def _consent_page(
    request: HttpRequest,
    study: Study,
    error: str = "",
    status: int = 200,
    *,
    is_preview: bool = False,
) -> HttpResponse:
    if recruits_now(study, is_bot=_is_bot(request)) is None:
        return _closed_page(request, study, is_full=False, is_preview=is_preview)
    protocol = protocol_of(study)
    lacking = unmet(protocol.requirements, request)
    if lacking:
        said = {"unmet": lacking, "is_preview": is_preview}
        return _page(request, study, "unsuitable", status=403, **said)
    return _page(
        request,
        study,
        "consent",
        status=status,
        stage=protocol.stages[0],
        entry_key=_entry_key(request.POST.get("entry_key", "")) or uuid4(),
        error=error,
        is_preview=is_preview,
        languages=other_languages(protocol, request),
    )


def _closed_page(
    request: HttpRequest, study: Study, *, is_full: bool, is_preview: bool = False
) -> HttpResponse:
    return _page(request, study, "not_open", status=403, is_full=is_full, is_preview=is_preview)


def _page(
    request: HttpRequest, study: Study, name: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    context = {"protocol": protocol_of(study), "study": study, **context}
    return render(request, f"studyapp/{name}.html", context, status=status)


def _cookie(study: Study) -> str:
    return f"larus-{study.slug}"


def _entry_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
