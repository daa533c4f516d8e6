"""From a question to a plan, step by step. Each step is a form over the draft's text.

The draft is there from the first step on: whoever goes back, or away, loses nothing.
"""

import secrets
from collections.abc import Callable
from typing import Any
from typing import Protocol as Shape

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from ruamel.yaml.comments import CommentedMap

from experiments.editing import edit
from experiments.loading import load_text
from experiments.manifest import Manifest
from experiments.schema import Protocol
from experiments.templates import protocol_from_template
from studyapp.exceptions import DraftChanged, DraftRefused
from studyapp.forms.arms import ArmsForm
from studyapp.forms.wizard import BasicsForm, NumbersForm, OwnFileForm, PicturesForm, StartForm
from studyapp.models import Draft, StimulusSet
from studyapp.selectors.stimulus_sets import species_offers
from studyapp.selectors.studies import manifest_of
from studyapp.services.drafts import begin_draft, edit_draft
from studyapp.views.staff.access import draft_page, staff_page

_STEPS = (
    "staff-draft-basics",
    "staff-draft-arms",
    "staff-draft-pictures",
    "staff-draft-numbers",
    "staff-draft-edit",
)
_FEW_SPECIES = 4
# Small enough that every spreadsheet and script keeps each digit.
_SEEDS = 2**31


class _Step(Shape):
    def is_valid(self) -> bool: ...

    def change(self, document: CommentedMap) -> None: ...


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def start(request: HttpRequest) -> HttpResponse:
    """A template and the basics, or a file of one's own."""
    assert request.user.is_authenticated
    brings_file = request.POST.get("begin") == "file"
    own = OwnFileForm(request.POST, request.FILES) if brings_file else OwnFileForm()
    form = StartForm(None if brings_file else request.POST or None)
    if own.is_bound and own.is_valid():
        draft = begin_draft(text=own.cleaned_data["file"], by=request.user)
        return redirect("staff-draft-edit", pk=draft.pk)
    if form.is_bound and form.is_valid():
        draft = begin_draft(text=_text(form), by=request.user)
        return redirect("staff-draft-arms", pk=draft.pk)
    return render(request, "staff/draft_start.html", {"form": form, "own": own})


def _text(form: StartForm) -> str:
    told = form.cleaned_data
    manifest = manifest_of(StimulusSet.objects.get(name=told["stimulus_set"]))
    text = protocol_from_template(told["template"], seed=secrets.randbelow(_SEEDS))

    def change(document: CommentedMap) -> None:
        form.change(document)
        there = [one.key for one in species_offers(manifest)]
        if not set(document["species"]) <= set(there):
            document["species"] = there[:_FEW_SPECIES]

    return edit(text, change)


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def basics(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What it is called, who answers for it, and its pictures."""

    def made(data: Any, protocol: Protocol, manifest: Manifest | None) -> _Step:
        return BasicsForm(data, initial=protocol.model_dump())

    return _step(request, draft, "staff-draft-basics", made)


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def arms(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Who sees what."""
    return _step(
        request,
        draft,
        "staff-draft-arms",
        lambda data, protocol, manifest: ArmsForm(data, protocol=protocol, manifest=manifest),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def pictures(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Species, and how many pictures."""
    return _step(
        request,
        draft,
        "staff-draft-pictures",
        lambda data, protocol, manifest: PicturesForm(data, protocol=protocol, manifest=manifest),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def numbers(request: HttpRequest, draft: Draft) -> HttpResponse:
    """How many people, what counts as an effect, what is paid."""

    def made(data: Any, protocol: Protocol, manifest: Manifest) -> _Step:
        return NumbersForm(data, protocol=protocol)

    return _step(request, draft, "staff-draft-numbers", made)


def _step(
    request: HttpRequest,
    draft: Draft,
    name: str,
    made: Callable[[Any, Protocol, Any], _Step],
) -> HttpResponse:
    """Save a step's form into the text, then go on, or back, to the next one."""
    assert request.user.is_authenticated
    protocol = load_text(draft.text).protocol
    if protocol is None:
        messages.error(request, "The steps need a text of the right shape. Mend these first.")
        return redirect("staff-draft-edit", pk=draft.pk)
    chosen = StimulusSet.objects.filter(name=protocol.stimulus_set).first()
    if chosen is None and name != "staff-draft-basics":
        messages.error(request, f"There is no stimulus set {protocol.stimulus_set}. Choose one.")
        return redirect("staff-draft-basics", pk=draft.pk)
    form = made(request.POST or None, protocol, manifest_of(chosen) if chosen else None)
    if request.method == "POST" and form.is_valid():
        version = request.POST.get("version", "")
        based_on = int(version) if version.isdecimal() else 0
        try:
            edit_draft(draft=draft, change=form.change, based_on=based_on, by=request.user)
        except (DraftChanged, DraftRefused) as refusal:
            messages.error(request, f"{refusal} Look at your fields, then save them again.")
            draft.refresh_from_db()
        else:
            return redirect(_neighbour(name, request.POST.get("go") == "back"), pk=draft.pk)
    page = name.replace("staff-", "").replace("-", "_")
    context = {"draft": draft, "form": form, "is_first": name == _STEPS[0], "protocol": protocol}
    return render(request, f"staff/{page}.html", context)


def _neighbour(name: str, is_back: bool) -> str:
    place = _STEPS.index(name) + (-1 if is_back else 1)
    return _STEPS[max(place, 0)]
