"""The editor of a draft's text: every finding beside it, while one writes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from experiments.loading import load_text
from studyapp.exceptions import DraftChanged
from studyapp.forms.drafts import DraftText
from studyapp.models import Draft
from studyapp.selectors.plans import checked
from studyapp.services.drafts import save_draft
from studyapp.views.staff.access import draft_page


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def edit(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A text is kept whatever is wrong with it, and never over one that its writer has not seen."""
    if request.method != "POST":
        return _editor(request, draft, draft.text)
    assert request.user.is_authenticated
    form = DraftText(request.POST)
    if "text" in form.errors:
        for refusal in form.errors["text"]:
            messages.error(request, f"Not saved. {refusal}")
        return _editor(request, draft, request.POST["text"], status=400)
    if not form.is_valid():
        return HttpResponseBadRequest("A text and the version it is based on are wanted.")
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        save_draft(draft=draft, text=text, based_on=version, by=request.user)
    except DraftChanged as refusal:
        draft.refresh_from_db()
        texts = [
            ("Your text, not saved", "yours", text),
            (f"Saved by {draft.changed_by.get_username()}", "theirs", draft.text),
        ]
        context = {"draft": draft, "refusal": str(refusal), "texts": texts}
        return render(request, "staff/draft_conflict.html", context, status=409)
    messages.success(request, "Saved.")
    return redirect("staff-draft-edit", pk=draft.pk)


@require_POST
@draft_page
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The findings about a text that is being written. Nothing is stored."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    return render(request, "staff/parts/findings.html", _found(draft, text))


def _editor(request: HttpRequest, draft: Draft, text: str, status: int = 200) -> HttpResponse:
    context = {"text": text, **_found(draft, text)}
    return render(request, "staff/draft_edit.html", context, status=status)


def _found(draft: Draft, text: str) -> dict[str, Any]:
    result = checked(load_text(text))
    return {
        "draft": draft,
        "findings": result.findings,
        "is_sound": result.is_sound,
        "is_saved": text == draft.text,
    }
