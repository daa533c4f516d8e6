"""The dossier: all that should be known of a plan before it meets a participant."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments.costs import expected_costs
from experiments.duration import ASSUMPTIONS, expected_duration
from experiments.loading import load_text
from experiments.manifest import Manifest
from experiments.power_record import PowerRecord, PowerRecordError, power_record_in
from experiments.preregistration import Form, Plan, preregistration
from experiments.schema import Protocol
from studyapp.enums import RecruitmentStage
from studyapp.exceptions import DossierRefused, FreezeRefused
from studyapp.models import Draft, Study, StudySession
from studyapp.selectors.dossiers import (
    PAGES,
    REPORT,
    dossier_of,
    folder_of,
    is_at_work,
    page_pictures,
    power_of,
)
from studyapp.selectors.permissions import Permission
from studyapp.selectors.plans import sound_plan
from studyapp.selectors.studies import manifest_of, protocol_of
from studyapp.services.dossiers import begin_dossier, save_power
from studyapp.services.rehearsing import rehearse_in_background
from studyapp.views.staff.access import draft_page, study_page

_BOTS = 24
_MOST_BYTES_OF_POWER = 2_000_000


@dataclass(frozen=True)
class Subject:
    """What a dossier is about, and where its pages are."""

    origin: Draft | Study
    protocol: Protocol
    manifest: Manifest

    @property
    def address(self) -> str:
        """Of the dossier; all that belongs to it lies below."""
        if isinstance(self.origin, Draft):
            return reverse("staff-draft-dossier", args=[self.origin.pk])
        return reverse("staff-dossier", args=[self.origin.slug])

    def plan(self) -> Plan:
        """What a preregistration is written from."""
        study = self.origin if isinstance(self.origin, Study) else None
        begun = 0
        if study:
            main = StudySession.objects.filter(
                study=study, recruitment_stage=RecruitmentStage.MAIN, participant__is_bot=False
            )
            begun = main.count()
        return Plan(
            protocol=self.protocol,
            manifest=self.manifest,
            duration=expected_duration(self.protocol),
            digest=study.digest if study else None,
            begun=begun,
            power=power_of(self.protocol),
        )


def _draft_subject(draft: Draft) -> Subject | None:
    plan = sound_plan(load_text(draft.text))
    return Subject(draft, plan.protocol, manifest_of(plan.stimulus_set)) if plan else None


def _study_subject(study: Study) -> Subject:
    return Subject(study, protocol_of(study), manifest_of(study.stimulus_set))


def _overview(request: HttpRequest, subject: Subject) -> HttpResponse:
    """A browser that asks again while bots walk gets their part alone."""
    context = {**_expected(subject), **_rehearsed(subject)}
    is_refresh = request.headers.get("HX-Request") == "true"
    name = "staff/parts/rehearsal.html" if is_refresh else "staff/dossier.html"
    return render(request, name, context)


def _expected(subject: Subject) -> dict[str, Any]:
    duration = expected_duration(subject.protocol)
    quick, slow = duration.range_minutes
    payment = subject.protocol.payment
    hourly = round(payment.cents * 60 / duration.median_minutes) if payment else None
    return {
        "subject": subject,
        "study": subject.origin if isinstance(subject.origin, Study) else None,
        "draft": subject.origin if isinstance(subject.origin, Draft) else None,
        "protocol": subject.protocol,
        "duration": duration,
        "quick": quick,
        "slow": slow,
        "assumptions": ASSUMPTIONS,
        "costs": expected_costs(subject.protocol),
        "hourly_cents": hourly,
        "power": power_of(subject.protocol),
        "forms": get_args(Form),
    }


def _rehearsed(subject: Subject) -> dict[str, Any]:
    dossier = dossier_of(subject.origin)
    if dossier is None or not _is_current(subject, dossier.rehearsal):
        return {"dossier": None, "bots": _BOTS}
    return {
        "dossier": dossier,
        "is_at_work": is_at_work(dossier),
        "walked": sum(dossier.endings.values()),
        "pictures": page_pictures(dossier.rehearsal),
        "has_report": (folder_of(dossier.rehearsal) / REPORT).is_file(),
        "bots": _BOTS,
    }


def _is_current(subject: Subject, rehearsal: Study) -> bool:
    return protocol_of(rehearsal) == subject.protocol


def _rehearse(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Bots work in a process of their own: this page only starts them."""
    try:
        dossier = begin_dossier(origin=subject.origin, bots=_BOTS)
    except (DossierRefused, FreezeRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        rehearse_in_background(dossier)
        messages.success(request, "Bots have begun. This page tells how they fare.")
    return redirect(subject.address)


def _power(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Keep what `python -m analysis power` found of this very plan."""
    given = request.FILES.get("record")
    if given is None or (given.size or 0) > _MOST_BYTES_OF_POWER:
        messages.error(request, "Choose the JSON file that `python -m analysis power` wrote.")
        return redirect(subject.address)
    try:
        record: PowerRecord = power_record_in(given.read(), given.name or "the file")
        save_power(record=record, protocol=subject.protocol)
    except (PowerRecordError, DossierRefused) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The power of this plan is kept with it.")
    return redirect(subject.address)


def _preregister(request: HttpRequest, subject: Subject, form: str) -> HttpResponse:
    """Markdown, to be filled in and pasted."""
    if form not in get_args(Form):
        raise Http404
    text = preregistration(subject.plan(), form)  # type: ignore[arg-type]  # one of the forms
    name = f"{subject.protocol.slug}-{form}.md"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=disposition)


def _file(request: HttpRequest, subject: Subject, name: str) -> HttpResponseBase:
    """A picture of a page, or the report; nothing else lies there for anybody."""
    dossier = dossier_of(subject.origin)
    if dossier is None:
        raise Http404
    folder = folder_of(dossier.rehearsal)
    if name == REPORT and (folder / REPORT).is_file():
        told = f"{subject.protocol.slug}-rehearsal.zip"
        return FileResponse((folder / REPORT).open("rb"), as_attachment=True, filename=told)
    if name in page_pictures(dossier.rehearsal):
        return FileResponse((folder / PAGES / Path(name).name).open("rb"), content_type="image/png")
    raise Http404


class Pages:
    """One page in two places: of a draft that could be frozen, and of a frozen study."""

    def __init__(self, answer: Callable[..., HttpResponseBase], *methods: str) -> None:
        @require_http_methods(methods)
        @draft_page
        def of_draft(request: HttpRequest, draft: Draft, **named: str) -> HttpResponseBase:
            subject = _draft_subject(draft)
            if subject is None:
                told = "A draft has a dossier once it has no errors. Mend these first."
                messages.error(request, told)
                return redirect("staff-draft-edit", pk=draft.pk)
            return answer(request, subject, **named)

        @require_http_methods(methods)
        @study_page(Permission.DESIGN)
        def of_study(request: HttpRequest, study: Study, **named: str) -> HttpResponseBase:
            return answer(request, _study_subject(study), **named)

        self.of_draft, self.of_study = of_draft, of_study


overview = Pages(_overview, "GET", "HEAD")
rehearse = Pages(_rehearse, "POST")
power = Pages(_power, "POST")
preregister = Pages(_preregister, "GET", "HEAD")
file = Pages(_file, "GET", "HEAD")
