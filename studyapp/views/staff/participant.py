"""One participant: how the run went, and what staff may decide. No arm, no answer."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from studyapp.exceptions import AllocationRefused, DecisionRefused
from studyapp.forms.decisions import BonusForm, RejectionForm, ReleaseForm
from studyapp.models import ExtraBonus, Study, StudySession
from studyapp.selectors.participants import holds_a_place, row_of, timeline
from studyapp.selectors.payments import due_to
from studyapp.selectors.permissions import Permission, may
from studyapp.selectors.sessions import sessions_with_study
from studyapp.selectors.studies import protocol_of
from studyapp.services.allocation import release_slot
from studyapp.services.decisions import give_bonus, reject
from studyapp.services.personal_data import look_at_person
from studyapp.views.staff.access import study_page
from studyapp.views.staff.refusals import not_allowed


@require_http_methods(["GET", "HEAD", "POST"])
@study_page(Permission.MONITOR)
def participant(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """A button shows the recruiter's ids: a look is a deed, and logged."""
    session = _session(study, code)
    may_look = may(request.user, Permission.SEE_PERSONAL_DATA, study)
    if request.method == "POST" and not may_look:
        return not_allowed(request)
    visits = look_at_person(session=session) if request.method == "POST" else None
    return _page(request, session, visits=visits, may_look=may_look)


def _page(request: HttpRequest, session: StudySession, **more: Any) -> HttpResponse:
    study, is_bot = session.study, session.participant.is_bot
    context = {
        "study": study,
        "session": session,
        "row": row_of(session),
        "due": due_to(session),
        "payment": protocol_of(study).payment,
        "recruiter": protocol_of(study).recruitment.source,
        "rejection": getattr(session, "rejection", None),
        "bonuses": ExtraBonus.objects.filter(session=session).order_by("pk"),
        "holds_a_place": holds_a_place(session),
        "events": timeline(session),
        "may_decide": may(request.user, Permission.DECIDE, study) and not is_bot,
        "rejecting": RejectionForm(auto_id="reject_%s"),
        "releasing": ReleaseForm(auto_id="release_%s"),
        "giving": BonusForm(auto_id="bonus_%s"),
    }
    return render(request, "staff/participant.html", context | more)


def _session(study: Study, code: str) -> StudySession:
    runs = sessions_with_study().select_related("participant", "rejection")
    return get_object_or_404(runs, study=study, participant__code=code, is_preview=False)


Deed = Callable[[StudySession, dict[str, Any]], str]


def _decide(
    request: HttpRequest, study: Study, code: str, form: forms.Form, deed: Deed
) -> HttpResponse:
    session = _session(study, code)
    if not form.is_valid():
        wrong = "; ".join(f"{name}: {told[0]}" for name, told in form.errors.items())
        messages.error(request, f"Nothing was decided. {wrong}")
    else:
        try:
            messages.success(request, deed(session, form.cleaned_data))
        except (AllocationRefused, DecisionRefused) as refusal:
            messages.error(request, str(refusal))
    return redirect("staff-participant", slug=study.slug, code=code)


@require_POST
@study_page(Permission.DECIDE)
def reject_participant(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Not paid, and the place given again if one says so; the data stay."""

    def deed(session: StudySession, said: dict[str, Any]) -> str:
        reject(session=session, reason=said["reason"], release=said["release"])
        return "Rejected. Reject it at the recruiter, too."

    return _decide(request, study, code, RejectionForm(request.POST), deed)


@require_POST
@study_page(Permission.DECIDE)
def release_place(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """The next who comes gets the place; whoever had it goes on."""

    def deed(session: StudySession, said: dict[str, Any]) -> str:
        release_slot(session=session, reason=said["reason"])
        return "The place is given to the next who comes."

    return _decide(request, study, code, ReleaseForm(request.POST), deed)


@require_POST
@study_page(Permission.DECIDE)
def pay_bonus(request: HttpRequest, study: Study, code: str) -> HttpResponse:
    """Told in the payment files: Larus moves no money."""

    def deed(session: StudySession, said: dict[str, Any]) -> str:
        give_bonus(
            session=session,
            cents=int(said["amount"] * 100),
            reason=said["reason"],
            key=said["key"],
        )
        return "The bonus stands in the payment files."

    return _decide(request, study, code, BonusForm(request.POST), deed)
