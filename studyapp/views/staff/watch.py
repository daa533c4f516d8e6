"""Watching a study run: figures that refresh themselves, and the table of participants."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from studyapp.enums import Group, RecruitmentStage, SessionState
from studyapp.exceptions import AllocationRefused
from studyapp.forms.decisions import CellForm
from studyapp.models import Study
from studyapp.selectors.allocation import cells_of
from studyapp.selectors.delivery import delivery
from studyapp.selectors.monitoring import (
    arm_counts,
    failed_checks,
    group_now,
    last_seen,
    page_counts,
    states,
    troubles,
)
from studyapp.selectors.participants import participant_rows, participant_sessions
from studyapp.selectors.permissions import Permission, may
from studyapp.services.allocation import close_cell, reopen_cell
from studyapp.views.staff.access import study_page

_ROWS_A_PAGE = 500


@require_safe
@study_page(Permission.MONITOR)
def monitor(request: HttpRequest, study: Study) -> HttpResponse:
    """A browser that asks again gets the figures alone."""
    group = _group(request, study)
    failed, answered = failed_checks(study, group)
    context = {
        "study": study,
        "group": group,
        "groups": Group,
        "states": states(study, group),
        "arms": arm_counts(study, group),
        "pages": page_counts(study, group),
        "failed_checks": failed,
        "answered_checks": answered,
        "troubles": troubles(study, group),
        "delivery": delivery(study, group),
        "last_seen": last_seen(study, group),
    }
    if may(request.user, Permission.DECIDE, study):
        context["cells"] = CellForm(cells=cells_of(study, _stage(group)))
    is_refresh = request.headers.get("HX-Request") == "true"
    name = "staff/parts/figures.html" if is_refresh else "staff/monitor.html"
    return render(request, name, context)


@require_safe
@study_page(Permission.MONITOR)
def participants(request: HttpRequest, study: Study) -> HttpResponse:
    """Codes and how their runs go. Who the people are, only the recruiter's ids tell."""
    group = _group(request, study)
    state = request.GET.get("state", "")
    sessions = participant_sessions(study, group, state)
    page = Paginator(sessions, _ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "group": group,
        "groups": Group,
        "state": state,
        "states": SessionState,
        "page": page,
        "query": f"group={group.value}&state={state if state in SessionState.values else ''}&",
        "rows": participant_rows(study, list(page)),
    }
    return render(request, "staff/participants.html", context)


@require_POST
@study_page(Permission.DECIDE)
def change_cell(request: HttpRequest, study: Study) -> HttpResponse:
    """Close an arm, or one stratum of it, or reopen it. Who has a place keeps it."""
    asked = request.POST.get("group", "")
    group = Group(asked) if asked in Group.values else group_now(study)
    form = CellForm(request.POST, cells=cells_of(study, _stage(group)))
    deed = {"close": close_cell, "reopen": reopen_cell}.get(request.POST.get("deed", ""))
    if deed is None or not form.is_valid():
        messages.error(request, "Nothing was changed: choose an arm and say why.")
        return redirect("staff-monitor", slug=study.slug)
    arm, stratum = form.chosen()
    try:
        deed(
            study=study,
            recruitment_stage=_stage(group),
            arm=arm,
            stratum=stratum,
            reason=form.cleaned_data["reason"],
        )
    except AllocationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        gives = "no places any more" if deed is close_cell else "places again"
        messages.success(request, f"{arm} gives {gives}.")
    return redirect("staff-monitor", slug=study.slug)


def _stage(group: Group) -> RecruitmentStage:
    return RecruitmentStage.MAIN if group == Group.MAIN else RecruitmentStage.PILOT


def _group(request: HttpRequest, study: Study) -> Group:
    asked = request.GET.get("group", "")
    return Group(asked) if asked in Group.values else group_now(study)
