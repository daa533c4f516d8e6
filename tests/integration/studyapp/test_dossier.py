"""The dossier: rehearsed, expected and preregistered before anybody takes part."""

import io
import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.chromium import find_chromium
from experiments.power_record import of_protocol
from studyapp.bots.bot import Bot
from studyapp.enums import Role
from studyapp.exceptions import DossierRefused
from studyapp.models import AuditEntry, Dossier, Study, StudySession
from studyapp.selectors.dossiers import dossier_of, folder_of, page_pictures
from studyapp.selectors.studies import protocol_of
from studyapp.services.dossiers import begin_dossier, finish_dossier, note_ending
from studyapp.services.drafts import begin_draft, freeze_draft, save_draft
from studyapp.services.people import give_role
from studyapp.services.rehearsals import rehearsal_of
from tests.factories import BRIEF
from tests.integration.studyapp.recruiting import recruited

WITHOUT = {"without": ["pictures", "report"]}
PAYMENT = "payment: {currency: GBP, cents: 150, minutes: 3}\n"


@pytest.fixture
def maker(db) -> User:
    return User.objects.create_user("maker")


@pytest.fixture
def draft(study, maker):
    text = BRIEF.replace("slug: gulls-demo", "slug: planned", 1)
    return begin_draft(text=PAYMENT + text, by=maker)


@pytest.fixture
def client(maker) -> Client:
    signed_in = Client()
    signed_in.force_login(maker)
    return signed_in


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def record_of(protocol) -> dict:
    """A result as `python -m analysis power` writes it."""
    return {
        "larus_version": "0.1.0",
        "protocol": {"slug": protocol.slug, "sha256": of_protocol(protocol)},
        "test": "mixed_logit",
        "alpha": 0.05,
        "correction": "holm",
        "seed": 1,
        "wanted_power": 0.8,
        "assumptions": {
            "respondents": "attentive",
            "parameters": {"mean_ability": 0.3},
            "accuracy": 0.6,
            "shares_of_effect": {"heatmap": 1},
            "statements": ["People answer as attentive ones do."],
        },
        "rows": [
            {
                **{"participants": 300, "pictures": 16, "effect": 0.1, "logits": 0.5},
                **{"arm": "heatmap", "against": "none", "difference": 0.1, "studies": 1000},
                "significant": {"share": 0.87, "low": 0.85, "high": 0.89},
                **{"wrong_direction": 0, "unanswered": 0, "analysed": 290.5},
            }
        ],
        "families": [],
        "detectable": [],
    }


def test_bots_walk_a_copy_and_the_dossier_tells_how_they_fared(draft, client):
    address = reverse("staff-draft-dossier", args=[draft.pk])
    assert "Rehearse with bots" in page_of(client, address)
    call_command("rehearse", draft=draft.pk, count=4, **WITHOUT)
    dossier = dossier_of(draft)
    assert dossier.endings == {"completed": 4} and dossier.problems == []
    assert dossier.finished_at is not None
    walked = StudySession.objects.filter(study=dossier.rehearsal)
    assert walked.count() == 4 and all(session.participant.is_bot for session in walked)
    assert "4 of 4 bots came to an end: 4 completed" in page_of(client, address)


def test_a_changed_draft_has_nothing_to_show_until_it_is_rehearsed_anew(draft, client, maker):
    call_command("rehearse", draft=draft.pk, count=1, **WITHOUT)
    text = draft.text.replace("alpha: 0.05", "alpha: 0.01")
    save_draft(draft=draft, text=text, based_on=1, by=maker)
    page = page_of(client, reverse("staff-draft-dossier", args=[draft.pk]))
    assert "Rehearse with bots" in page and "came to an end" not in page
    call_command("rehearse", draft=draft.pk, count=2, **WITHOUT)
    assert Dossier.objects.get().bots == 2
    assert Study.objects.filter(stage="rehearsal").count() == 1


def test_a_frozen_study_is_rehearsed_without_touching_its_places(study):
    free = study.slots.filter(holder__isnull=True).count()
    call_command("rehearse", study.slug, count=2, **WITHOUT)
    assert dossier_of(study).endings == {"completed": 2}
    assert study.slots.filter(holder__isnull=True).count() == free
    assert not StudySession.objects.filter(study=study).exists()


def test_two_can_not_rehearse_at_once_but_a_dead_one_is_no_obstacle(draft, study, client):
    dossier = begin_dossier(origin=draft, bots=3)
    note_ending(dossier=dossier, ending="completed")
    # A server has one browser's worth of it, whatever the plan.
    for origin in (draft, study):
        with pytest.raises(DossierRefused, match="at work on a plan already"):
            begin_dossier(origin=origin, bots=3)
    with pytest.raises(CommandError, match="at work"):
        call_command("rehearse", draft=draft.pk, count=1, **WITHOUT)
    address = reverse("staff-draft-dossier", args=[draft.pk])
    told = client.post(reverse("staff-draft-rehearse", args=[draft.pk]), follow=True)
    assert "at work on a plan already" in told.content.decode()
    assert 'hx-trigger="every 2s"' in page_of(client, address)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section") and "Under way" in part
    long_ago = timezone.now() - timedelta(minutes=10)
    Dossier.objects.update(begun_at=long_ago, heard_at=long_ago)
    assert "was interrupted" in page_of(client, address)
    assert begin_dossier(origin=draft, bots=2).endings == {}
    # Who wrote the one before finds it gone, and writes into no other.
    with pytest.raises(Dossier.DoesNotExist):
        note_ending(dossier=dossier, ending="completed")
    finish_dossier(dossier=Dossier.objects.get())


def test_a_rehearsal_begins_on_a_fresh_copy_with_no_more_bots_than_places(study, maker):
    text = BRIEF.replace("slug: gulls-demo", "slug: small", 1)
    small = text.replace("{pilot: 300, main: 300}", "{pilot: 3, main: 6}")
    assert small != text
    draft = begin_draft(text=small, by=maker)
    for _ in range(2):
        call_command("rehearse", draft=draft.pk, count=24, **WITHOUT)
        dossier = dossier_of(draft)
        assert (dossier.bots, dossier.endings, dossier.problems) == (6, {"completed": 6}, [])
        assert StudySession.objects.filter(study=dossier.rehearsal).count() == 6


@pytest.mark.parametrize("source", ["prolific", "mturk", "sona"])
def test_a_study_of_a_recruiter_is_rehearsed_too(db, tmp_path, source):
    study = recruited(tmp_path, source)
    call_command("rehearse", study.slug, count=2, **WITHOUT)
    dossier = dossier_of(study)
    assert (dossier.endings, dossier.problems) == ({"completed": 2}, [])


def test_a_frozen_draft_leaves_no_rehearsal_behind(draft):
    call_command("rehearse", draft=draft.pk, count=1, **WITHOUT)
    freeze_draft(draft=draft, version=1)
    assert not Study.objects.filter(stage="rehearsal").exists()
    assert not Dossier.objects.exists()


def test_a_wrong_name_is_told(draft):
    for named, told in (
        ({}, "Name a study, or a draft"),
        ({"draft": 999}, "There is no draft 999"),
        ({"dossier": 999}, "begun anew by somebody else"),
        ({"draft": draft.pk, "profile": "clever"}, "no response model 'clever'"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command("rehearse", **named)
    with pytest.raises(CommandError, match="give 1 or more"):
        call_command("rehearse", "-n", "0")
    assert not Dossier.objects.exists()


def test_a_stopped_rehearsal_says_so_and_is_in_nobodys_way(draft, client, monkeypatch):
    def ctrl_c(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(Bot, "run", ctrl_c)
        with pytest.raises(CommandError, match="the same command begins it anew"):
            call_command("rehearse", draft=draft.pk, count=2, **WITHOUT)
    page = page_of(client, reverse("staff-draft-dossier", args=[draft.pk]))
    assert "was broken off" in page and "Rehearse again" in page
    call_command("rehearse", draft=draft.pk, count=2, **WITHOUT)
    assert dossier_of(draft).endings == {"completed": 2}


def test_the_database_wants_bots_and_an_order_of_times(draft):
    rehearsal, now = rehearsal_of(draft), timezone.now()
    for wrong in (
        {"bots": 0, "heard_at": now},
        {"bots": 1, "heard_at": now - timedelta(seconds=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dossier.objects.create(rehearsal=rehearsal, begun_at=now, **wrong)


def test_time_and_pay_are_told_and_too_short_a_promise_is_named(draft, client):
    page = page_of(client, reverse("staff-draft-dossier", args=[draft.pk]))
    assert "half of them are expected to need more" in page
    assert "Main: 300 participants, 450.00 GBP" in page


def test_power_is_kept_with_the_plan_it_is_of_and_with_no_other(draft, client, study):

    address = reverse("staff-draft-power", args=[draft.pk])
    plan = rehearsal_of(draft)
    own, other = record_of(protocol_of(plan)), record_of(protocol_of(study))

    def given(text: str) -> str:
        file = io.BytesIO(text.encode())
        file.name = "power.json"
        return client.post(address, {"record": file}, follow=True).content.decode()

    assert "is of another plan" in given(json.dumps(other))
    assert "power.json is no power record" in given("{}")
    assert "Choose the JSON file" in client.post(address, follow=True).content.decode()
    page = given(json.dumps(own))
    assert "is kept with it" in page and "87 %" in page and "85 % to 89 %" in page
    form = reverse("staff-draft-preregistration", args=[draft.pk, "osf"])
    text = page_of(client, form)
    assert "power 87%" in text and "which is not frozen yet" in text


def test_a_frozen_studys_preregistration_names_its_digest(study, maker):
    give_role(user=maker, study=study, role=Role.DESIGNER)
    client = Client()
    client.force_login(maker)
    answer = client.get(reverse("staff-preregistration", args=[study.slug, "aspredicted"]))
    assert study.digest in answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="gulls-demo-aspredicted.md"'
    other = reverse("staff-preregistration", args=[study.slug, "gossip"])
    assert client.get(other).status_code == 404


def test_a_draft_with_errors_has_no_dossier(draft, client, maker):
    save_draft(draft=draft, text="slug: broken", based_on=1, by=maker)
    answer = client.get(reverse("staff-draft-dossier", args=[draft.pk]))
    assert answer.url == reverse("staff-draft-edit", args=[draft.pk])


def test_nothing_but_pictures_and_the_report_is_given_out(draft, client):
    call_command("rehearse", draft=draft.pk, count=1, **WITHOUT)
    folder = folder_of(dossier_of(draft).rehearsal)
    (folder / "pages").mkdir(parents=True)
    (folder / "pages" / "01-consent-phone.png").write_bytes(b"picture")
    (folder / "secret.txt").write_text("x")

    def status(name: str) -> int:
        return client.get(reverse("staff-draft-dossier-file", args=[draft.pk, name])).status_code

    assert [status(n) for n in ("01-consent-phone.png", "secret.txt", "report.zip")] == [
        *(200, 404, 404)
    ]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_picture_of_each_page_and_the_report_in_one_command(draft):
    if find_chromium() is None:
        pytest.skip("CHROMIUM ABSENT: apt-get install chromium")
    call_command("rehearse", draft=draft.pk, count=6)
    dossier = dossier_of(draft)
    assert dossier.problems == []
    names = page_pictures(dossier.rehearsal)
    if kept := os.environ.get("LARUS_SCREENSHOTS"):
        shutil.copytree(folder_of(dossier.rehearsal), Path(kept) / "dossier", dirs_exist_ok=True)
    kinds = {name.split("-", 1)[1].removesuffix("-phone.png") for name in names if "phone" in name}
    assert {"consent", "instructions", "quiz", "completed"} <= kinds
    assert {f"assessment-{shown}" for shown in ("none", "heatmap", "placebo")} <= kinds
    assert len(names) == 2 * len(kinds)
    with ZipFile(folder_of(dossier.rehearsal) / "report.zip") as packed:
        page = packed.read("report.html").decode()
    # Of bots alone: who was led through the pages for their pictures is nobody.
    assert "6 people consented" in page
    assert not AuditEntry.objects.filter(action="study_exported").exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_starts_a_process_of_its_own(draft, client, monkeypatch):
    started = []
    real = subprocess.Popen

    def noting(*args, **options):
        started.append(real(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noting)
    monkeypatch.setattr("studyapp.views.staff.dossier._BOTS", 1)
    monkeypatch.setenv("LARUS_CHROMIUM", "/nowhere/chromium")
    page = client.post(reverse("staff-draft-rehearse", args=[draft.pk]), follow=True)
    assert "Bots have begun" in page.content.decode()
    started[0].wait(timeout=300)
    dossier = dossier_of(draft)
    assert dossier.endings == {"completed": 1}
    assert any("/nowhere/chromium" in problem for problem in dossier.problems)
