"""A study: its plan, where it stands, and the moves that are open to it."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studyapp.enums import ALLOWED_MOVES, StudyStage
from studyapp.exceptions import MoveRefused
from studyapp.models import Study
from studyapp.selectors.permissions import Permission, may, may_export
from studyapp.selectors.studies import protocol_of, selection_of
from studyapp.services.export_archives import export_archive
from studyapp.services.studies import set_stage
from studyapp.views.staff.access import study_page
from studyapp.views.staff.refusals import not_allowed


@require_safe
@study_page(Permission.SEE_STUDY)
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """The frozen plan in short, and what this person may do next."""
    moves = [stage for stage in StudyStage if stage in ALLOWED_MOVES[study.stage]]
    selection = selection_of(study)
    context = {
        "study": study,
        "protocol": protocol_of(study),
        "pictures": {key: len(stimuli) for key, stimuli in selection.items()},
        "opens_for_good": StudyStage.OPEN in moves and study.stage != StudyStage.PAUSED,
        "moves": moves if may(request.user, Permission.MOVE, study) else [],
        "may_preview": may(request.user, Permission.DESIGN, study),
        "may_export": may_export(request.user, study),
        "link": request.build_absolute_uri(reverse("consent", args=[study.slug])),
    }
    return render(request, "staff/study.html", context)


@require_POST
@study_page(Permission.MOVE)
def move(request: HttpRequest, study: Study) -> HttpResponse:
    """What can't be taken back, opening and closing, wants a tick beside it."""
    wanted = request.POST.get("stage", "")
    if wanted not in StudyStage.values:
        messages.error(request, "Choose one of the stages.")
    elif (
        wanted == StudyStage.OPEN
        and study.stage != StudyStage.PAUSED
        and request.POST.get("ready") != "yes"
    ):
        messages.error(request, "Tick that you know it: no way leads back to the pilot.")
    elif wanted == StudyStage.CLOSED and request.POST.get("for_good") != "yes":
        messages.error(request, "Tick that you know it: a closed study never opens again.")
    else:
        _move(request, study, StudyStage(wanted))
    return redirect("staff-study", slug=study.slug)


def _move(request: HttpRequest, study: Study, stage: StudyStage) -> None:
    try:
        set_stage(study=study, stage=stage)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{study.slug} is {stage.label.lower()} now.")


@require_POST
@study_page(Permission.EXPORT)
def export(request: HttpRequest, study: Study) -> HttpResponseBase:
    """The export folder in one file. It tells arms and outcomes."""
    if not may_export(request.user, study):
        return not_allowed(request)
    return FileResponse(
        export_archive(study=study), as_attachment=True, filename=f"{study.slug}.zip"
    )
