"""Preview: the participant's own pages, run by somebody of the staff in an arm of their choice."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments.loading import load_text
from experiments.schema import Protocol
from studyapp.exceptions import FreezeRefused
from studyapp.models import Draft, Study
from studyapp.selectors.permissions import Permission
from studyapp.selectors.plans import sound_plan
from studyapp.selectors.studies import protocol_of
from studyapp.services.rehearsals import begin_preview, rehearsal_of
from studyapp.views.language import other_languages, wanted_language
from studyapp.views.staff.access import draft_page, study_page
from studyapp.views.study_page import study_page as spoken_page


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def preview_draft(request: HttpRequest, draft: Draft, arm: str) -> HttpResponse:
    """A draft is tried out as it was last saved, once it could be frozen."""
    plan = sound_plan(load_text(draft.text))
    if plan is None:
        messages.error(request, "A draft is tried out once it has no errors. Mend these first.")
        return redirect("staff-draft-edit", pk=draft.pk)
    back = reverse("staff-draft", args=[draft.pk])
    try:
        return _preview(request, plan.protocol, lambda: rehearsal_of(draft), arm, back)
    except FreezeRefused:  # it was changed since
        return redirect("staff-draft-edit", pk=draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@study_page(Permission.DESIGN)
def preview_study(request: HttpRequest, study: Study, arm: str) -> HttpResponse:
    """A frozen study is tried out in a copy: its own places stay as they are."""
    back = reverse("staff-study", args=[study.slug])
    return _preview(request, protocol_of(study), lambda: study, arm, back)


def _preview(
    request: HttpRequest, protocol: Protocol, rehearsed: Callable[[], Study], arm: str, back: str
) -> HttpResponse:
    """Looking at the consent page makes no rows; agreeing begins a run, as it does for people."""
    if arm not in protocol.arms:
        raise Http404
    language = wanted_language(protocol, request)
    if request.method == "POST":
        session = begin_preview(study=rehearsed(), arm=arm, language=language)
        return redirect("run", token=session.token)
    context = {
        "protocol": protocol,
        "stage": protocol.stages[0],
        "languages": other_languages(protocol, request),
        "preview_arm": arm,
        "preview_back": back,
    }
    return spoken_page(
        protocol, lambda: render(request, "studyapp/consent.html", context), language
    )
