"""What a draft differs in from a study that is frozen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments.differences import TOUCHES, differences
from experiments.loading import load_text
from studyapp.models import Draft
from studyapp.selectors.people import studies_of
from studyapp.selectors.studies import protocol_of
from studyapp.views.staff.access import draft_page


@require_safe
@draft_page
def compare(request: HttpRequest, draft: Draft) -> HttpResponse:
    """With any study that this person may see."""
    assert request.user.is_authenticated
    studies = studies_of(request.user)
    study = studies.filter(slug=request.GET.get("study", "")).first()
    protocol = load_text(draft.text).protocol
    found = differences(protocol_of(study), protocol) if study and protocol else ()
    context = {
        "draft": draft,
        "studies": studies,
        "other": study,
        "protocol": protocol,
        "rows": [(one, [TOUCHES[name] for name in one.touches]) for one in found],
    }
    return render(request, "staff/draft_differences.html", context)
