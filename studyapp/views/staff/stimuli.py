"""The stimulus sets: their pictures, and everything that is known of each."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from experiments.editing import exclude_stimulus
from experiments.loading import load_text
from experiments.manifest import ManifestStimulus
from experiments.schema import Protocol
from studyapp.exceptions import DraftChanged, DraftRefused
from studyapp.forms.stimuli import ExcludeForm, FilterForm
from studyapp.models import Draft, StimulusSet
from studyapp.selectors.drafts import drafts_of
from studyapp.selectors.stimulus_browsing import explained, pictures_of
from studyapp.selectors.stimulus_sets import explanation_offers, species_offers, stimulus_sets
from studyapp.selectors.studies import manifest_of
from studyapp.services.drafts import edit_draft
from studyapp.views.staff.access import staff_page

_PICTURES_A_PAGE = 24


@require_safe
@staff_page
def sets(request: HttpRequest) -> HttpResponse:
    """Every imported set."""
    return render(request, "staff/stimuli.html", {"sets": stimulus_sets()})


@require_safe
@staff_page
def pictures(request: HttpRequest, name: str) -> HttpResponse:
    """A set's pictures, 24 a page; of a draft's, those it leaves out are marked."""
    stimulus_set = get_object_or_404(StimulusSet, name=name)
    manifest = manifest_of(stimulus_set)
    form = FilterForm(request.GET, manifest=manifest)
    found = pictures_of(manifest, form.wanted())
    draft = _asked_draft(request)
    protocol = load_text(draft.text).protocol if draft else None
    context = {
        "set": stimulus_set,
        "manifest": manifest,
        "form": form,
        "draft": draft,
        "page": Paginator(found, _PICTURES_A_PAGE).get_page(request.GET.get("page")),
        "query": _without_page(request.GET),
        "names": _names(stimulus_set),
        "left_out": protocol.excluded_keys() if protocol else frozenset(),
        "explanations": explanation_offers(manifest),
        "species": species_offers(manifest),
    }
    return render(request, "staff/stimulus_set.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def picture(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One picture; its form leaves it out of a draft that draws from its set."""
    stimulus_set = get_object_or_404(StimulusSet, name=name)
    stimulus = manifest_of(stimulus_set).stimulus(key)
    if stimulus is None:
        raise Http404
    plans = _plans(request, stimulus_set)
    asked = _asked_draft(request)
    initial = {"draft": asked.pk if asked else None}
    form = ExcludeForm(request.POST or None, drafts=plans, initial=initial)
    if request.method == "POST" and form.is_valid():
        draft = next(one for one in plans if one.pk == form.cleaned_data["draft"])
        _exclude(request, draft, key, form.cleaned_data["reason"])
        address = reverse("staff-stimulus", args=[name, key])
        return redirect(f"{address}?draft={draft.pk}")
    return render(request, "staff/stimulus.html", _told(stimulus_set, stimulus, plans, asked, form))


def _told(
    stimulus_set: StimulusSet,
    stimulus: ManifestStimulus,
    plans: Mapping[Draft, Protocol],
    asked: Draft | None,
    form: ExcludeForm,
) -> dict[str, Any]:
    return {
        "set": stimulus_set,
        "stimulus": stimulus,
        "is_right": stimulus.true_species == stimulus.predicted_species,
        "names": _names(stimulus_set),
        "licence": manifest_of(stimulus_set).image_set.licence,
        "explained": explained(stimulus_set, stimulus),
        "draft": asked,
        "form": form if plans else None,
        "left_out": [
            (draft, entry.reason)
            for draft, protocol in plans.items()
            for entry in protocol.exclude
            if entry.key == stimulus.key
        ],
    }


def _exclude(request: HttpRequest, draft: Draft, key: str, reason: str) -> None:
    assert request.user.is_authenticated
    try:
        edit_draft(
            draft=draft,
            change=lambda document: exclude_stimulus(document, key, reason),
            based_on=draft.version,
            by=request.user,
        )
    except (DraftChanged, DraftRefused) as refusal:
        messages.error(request, f"{refusal} Leave the picture out again.")
    else:
        messages.success(request, f"{key} is left out of {draft.slug}.")


def _plans(request: HttpRequest, stimulus_set: StimulusSet) -> dict[Draft, Protocol]:
    """Drafts of this person that draw from the set, and can be read."""
    read = {draft: load_text(draft.text).protocol for draft in drafts_of(request.user)}
    return {
        draft: protocol
        for draft, protocol in read.items()
        if protocol is not None and protocol.stimulus_set == stimulus_set.name
    }


def _asked_draft(request: HttpRequest) -> Draft | None:
    number = request.GET.get("draft", "")
    found = drafts_of(request.user).filter(pk=int(number)) if number.isdecimal() else None
    return found.first() if found is not None else None


def _names(stimulus_set: StimulusSet) -> dict[str, str]:
    return {species.key: species.name for species in manifest_of(stimulus_set).species}


def _without_page(asked: QueryDict) -> str:
    kept = asked.copy()
    kept.pop("page", None)
    return f"{kept.urlencode()}&" if kept else ""
