"""A draft: where it stands, who works on it, and what its maker may do with it."""

import re

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments.loading import load_text
from studyapp.exceptions import DraftChanged, DraftRefused, FreezeRefused
from studyapp.forms.drafts import ShareForm
from studyapp.models import Draft
from studyapp.selectors.drafts import decides
from studyapp.selectors.plans import checked
from studyapp.services.drafts import delete_draft, freeze_draft, share_draft, unshare_draft
from studyapp.views.staff.access import draft_page, own_draft_page


@require_safe
@draft_page
def overview(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What is left to do before it can be frozen."""
    return _overview(request, draft, ShareForm())


def _overview(request: HttpRequest, draft: Draft, form: ShareForm) -> HttpResponse:
    result = checked(load_text(draft.text))
    context = {
        "draft": draft,
        "protocol": result.protocol,
        "is_sound": result.is_sound,
        "errors": [one for one in result.findings if one.severity == "error"],
        "warnings": [one for one in result.findings if one.severity == "warning"],
        "designers": draft.designers.order_by("username"),
        "decides": decides(request.user, draft),
        "form": form,
    }
    return render(request, "staff/draft.html", context)


@require_safe
@draft_page
def download(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The text as a file, for `check_protocol` and for keeping."""
    answer = HttpResponse(draft.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(draft)}.yaml"'
    return answer


def _file_name(draft: Draft) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", draft.slug)


@require_POST
@own_draft_page
def share(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Somebody who has an account already: others are invited to a study."""
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _overview(request, draft, form)
    try:
        share_draft(draft=draft, designer=form.cleaned_data["username"])
    except DraftRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff-draft", pk=draft.pk)


@require_POST
@own_draft_page
def unshare(request: HttpRequest, draft: Draft, user: int) -> HttpResponse:
    """Take somebody off the draft."""
    designer: User = get_object_or_404(draft.designers, pk=user)
    unshare_draft(draft=draft, designer=designer)
    return redirect("staff-draft", pk=draft.pk)


@require_POST
@own_draft_page
def freeze(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Freezing can't be taken back: it wants a tick, and the version that was read."""
    version = request.POST.get("version", "")
    if request.POST.get("for_good") != "yes" or not version.isdecimal():
        messages.error(request, "Tick that you know it: a frozen plan never changes.")
        return redirect("staff-draft", pk=draft.pk)
    try:
        study = freeze_draft(draft=draft, version=int(version))
    except (DraftChanged, DraftRefused, FreezeRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("staff-draft", pk=draft.pk)
    messages.success(request, f"{study.slug} is frozen, and yours.")
    return redirect("staff-study", slug=study.slug)


@require_POST
@own_draft_page
def delete(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A deleted draft is gone for good: it wants a tick."""
    if request.POST.get("for_good") != "yes":
        messages.error(request, "Tick that you know it: a deleted draft does not come back.")
        return redirect("staff-draft", pk=draft.pk)
    delete_draft(draft=draft)
    messages.success(request, f"The draft {draft.slug} is deleted.")
    return redirect("staff-home")
