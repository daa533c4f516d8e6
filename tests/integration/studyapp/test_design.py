"""Drafts: saving, sharing, freezing, deleting, by service and by page."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from experiments.loading import LONGEST_TEXT
from studyapp.enums import Role, StudyStage
from studyapp.exceptions import DraftChanged, DraftRefused, FreezeRefused
from studyapp.models import AuditEntry, Draft, Study, StudySession
from studyapp.selectors.drafts import drafts_of
from studyapp.services.drafts import begin_draft, freeze_draft, save_draft, share_draft
from studyapp.services.people import give_role
from tests.factories import BRIEF

TEXT = BRIEF.replace("slug: gulls-demo", "slug: planned", 1)


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def bob(db) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def draft(study, ada) -> Draft:
    return begin_draft(text=TEXT, by=ada)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_draft_is_named_by_its_text_as_far_as_it_can_be_read(ada):
    draft = begin_draft(text="slug: bills\nnonsense: 1\n", by=ada)
    assert draft.slug == "bills"
    draft = save_draft(draft=draft, text="slug: [", based_on=1, by=ada)
    assert (draft.slug, draft.text, draft.version) == ("bills", "slug: [", 2)
    assert begin_draft(text="", by=ada).slug == "draft"


def test_a_save_over_somebody_elses_newer_save_is_refused(draft, ada, bob):
    theirs = save_draft(draft=draft, text="slug: theirs", based_on=1, by=bob)
    with pytest.raises(DraftChanged, match="bob saved this draft"):
        save_draft(draft=draft, text="slug: mine", based_on=1, by=ada)
    assert Draft.objects.get().text == "slug: theirs"
    # The same save again is the same save.
    assert save_draft(draft=draft, text="slug: theirs", based_on=1, by=bob).version == 2
    assert save_draft(draft=theirs, text="slug: both", based_on=2, by=ada).version == 3


def test_two_texts_are_shown_and_either_can_be_saved(draft, ada, bob):
    save_draft(draft=draft, text="slug: theirs", based_on=1, by=bob)
    client, address = client_of(ada), reverse("staff-draft-edit", args=[draft.pk])
    page = client.post(address, {"text": "slug: mine\r\n# é", "version": 1})
    assert page.status_code == 409
    shown = page.content.decode()
    assert "slug: theirs" in shown and "slug: mine\n# é" in shown
    assert client.post(address, {"text": "slug: mine", "version": 2}).status_code == 302
    assert Draft.objects.get().text == "slug: mine"


def test_a_text_is_kept_as_it_is_whatever_is_wrong_with_it(draft, ada):
    client, address = client_of(ada), reverse("staff-draft-edit", args=[draft.pk])
    text = "\n\n  slug: [\n</textarea>\n\n"
    page = client.post(address, {"text": text, "version": 1}, follow=True).content.decode()
    assert Draft.objects.get().text == text
    assert "is not YAML" in page and "&lt;/textarea&gt;" in page
    assert client.post(address, {"text": "x"}).status_code == 400
    assert Draft.objects.get().text == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("slug: mine\n# \0", "Line 2 holds a NUL character"),
        ("# mine\n" + "#" * LONGEST_TEXT, "has 500,007 characters; a protocol has at most 500,000"),
    ],
)
def test_a_text_that_no_draft_can_hold_is_refused_and_stays_with_its_writer(draft, ada, text, told):
    client = client_of(ada)
    answer = client.post(reverse("staff-draft-edit", args=[draft.pk]), {"text": text, "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page and text in page
    assert Draft.objects.get().text == TEXT
    assert client.post(reverse("staff-draft-check", args=[draft.pk]), {"text": text}).content


@pytest.mark.parametrize("value", ["2026-02-30", "!!int foo", "9" * 5000])
def test_a_value_that_can_not_be_read_is_saved_and_checked(draft, ada, value):
    client, text = client_of(ada), TEXT.replace("alpha: 0.05", f"alpha: {value}")
    check = client.post(reverse("staff-draft-check", args=[draft.pk]), {"text": text})
    assert "can be read" in check.content.decode() or "that there is" in check.content.decode()
    address = reverse("staff-draft-edit", args=[draft.pk])
    assert client.post(address, {"text": text, "version": 1}).status_code == 302
    assert Draft.objects.get().text == text


def test_findings_come_without_storing_anything(draft, ada):
    client = client_of(ada)
    spoilt = TEXT.replace("seed:", "sead:", 1)
    answer = client.post(reverse("staff-draft-check", args=[draft.pk]), {"text": spoilt})
    found = answer.content.decode()
    line = 1 + TEXT.splitlines().index(next(x for x in TEXT.splitlines() if "seed:" in x))
    assert f'data-line="{line}"' in found and "sead" in found and "Not saved yet" in found
    assert "<html" not in found
    assert Draft.objects.get().text == TEXT


def test_a_draft_is_seen_by_its_maker_administrators_and_whom_the_maker_adds(draft, ada, bob):
    boss = User.objects.create_user("boss", is_superuser=True)
    assert [list(drafts_of(who)) for who in (ada, bob, boss)] == [[draft], [], [draft]]
    assert "planned" not in client_of(bob).get(reverse("staff-home")).content.decode()
    share = reverse("staff-draft-share", args=[draft.pk])
    assert client_of(bob).post(share, {"username": "bob"}).status_code == 404
    page = client_of(ada).post(share, {"username": "nobody"}).content.decode()
    assert "Nobody signs in with this name" in page
    client_of(ada).post(share, {"username": "bob"})
    again = client_of(ada).post(share, {"username": "bob"}, follow=True).content.decode()
    assert "works on this draft already" in again
    assert "planned" in client_of(bob).get(reverse("staff-home")).content.decode()
    # A designer writes; who it belongs to decides.
    for deed in ("share", "freeze", "delete"):
        answer = client_of(bob).post(reverse(f"staff-draft-{deed}", args=[draft.pk]))
        assert answer.status_code == 403
    client_of(ada).post(reverse("staff-draft-unshare", args=[draft.pk, bob.pk]))
    assert not drafts_of(bob).exists()
    ada.is_active = False
    assert not drafts_of(ada).exists()


def test_freezing_makes_the_maker_owner_and_ends_the_draft(draft, ada, bob):
    share_draft(draft=draft, designer=bob)
    client, freeze = client_of(ada), reverse("staff-draft-freeze", args=[draft.pk])
    untold = client.post(freeze, {"version": 1}, follow=True).content.decode()
    assert "Tick that you know it" in untold
    stale = client.post(freeze, {"version": 7, "for_good": "yes"}, follow=True).content.decode()
    assert "since you read it" in stale
    assert not Study.objects.filter(slug="planned").exists()
    client.post(freeze, {"version": 1, "for_good": "yes"})
    study = Study.objects.get(slug="planned")
    assert study.stage == StudyStage.FROZEN
    given = set(study.roles.values_list("user__username", "role"))
    assert given == {("ada", "owner"), ("bob", "designer")}
    assert not drafts_of(ada).exists()
    assert client.get(reverse("staff-draft", args=[draft.pk])).status_code == 404
    with pytest.raises(DraftRefused, match="stays as it is"):
        save_draft(draft=draft, text="x", based_on=1, by=ada)
    entry = AuditEntry.objects.get(action="protocol_frozen", study="planned")
    assert entry.actor == "ada"


def test_what_is_unsound_or_frozen_already_is_not_frozen(draft, ada):
    broken = begin_draft(text="slug: x", by=ada)
    with pytest.raises(FreezeRefused):
        freeze_draft(draft=broken, version=1)
    twin = begin_draft(text=TEXT, by=ada)
    freeze_draft(draft=draft, version=1)
    with pytest.raises(DraftRefused, match="frozen as planned already"):
        freeze_draft(draft=twin, version=1)


def test_deleting_asks_for_a_tick(draft, ada):
    client, delete = client_of(ada), reverse("staff-draft-delete", args=[draft.pk])
    assert "Tick that you know it" in client.post(delete, follow=True).content.decode()
    assert Draft.objects.exists()
    assert "is deleted" in client.post(delete, {"for_good": "yes"}, follow=True).content.decode()
    assert not Draft.objects.exists()
    told = list(AuditEntry.objects.filter(action__startswith="draft").values_list("action"))
    assert told == [("draft_begun",), ("draft_deleted",)]


def test_a_download_is_the_text(draft, ada):
    answer = client_of(ada).get(reverse("staff-draft-download", args=[draft.pk]))
    assert answer.content.decode() == TEXT
    assert answer["Content-Disposition"] == 'attachment; filename="planned.yaml"'


def test_a_preview_begins_with_consent_and_says_what_it_is(draft, ada):
    client, address = client_of(ada), reverse("staff-draft-preview", args=[draft.pk, "heatmap"])
    page = client.get(address).content.decode()
    assert 'class="ribbon"' in page and "heatmap" in page
    assert not StudySession.objects.exists()
    assert client.get(reverse("staff-draft-preview", args=[draft.pk, "x"])).status_code == 404
    run = client.post(address, {"agree": "yes"})
    session = StudySession.objects.get()
    assert run.url == reverse("run", args=[session.token])
    assert (session.slot.arm, session.is_preview) == ("heatmap", True)
    begun = Client().get(run.url).content.decode()
    assert 'class="ribbon"' in begun and reverse("staff-draft", args=[draft.pk]) in begun


def test_a_preview_of_an_unsound_draft_leads_to_its_findings(draft, ada):
    save_draft(draft=draft, text="slug: x", based_on=1, by=ada)
    address = reverse("staff-draft-preview", args=[draft.pk, "heatmap"])
    answer = client_of(ada).post(address)
    assert answer.url == reverse("staff-draft-edit", args=[draft.pk])


def test_participants_see_no_ribbon(session):
    page = Client().get(reverse("run", args=[session.token])).content.decode()
    assert "ribbon" not in page


@pytest.mark.parametrize(
    "fields", [{"version": 0}, {"slug": ""}, {"changed_at": "2020-01-01T00:00Z"}]
)
def test_the_database_refuses_a_draft_that_can_not_be(draft, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.update(**fields)


def test_a_draft_is_compared_with_a_study_one_may_see(draft, study, ada):
    client, address = client_of(ada), reverse("staff-draft-differences", args=[draft.pk])
    changed = TEXT.replace("alpha: 0.05", "alpha: 0.01", 1)
    save_draft(draft=draft, text=changed, based_on=1, by=ada)
    asked = {"study": study.slug}
    assert "analysis.alpha" not in client.get(address, asked).content.decode()
    give_role(user=ada, study=study, role=Role.MONITOR)
    page = client.get(address, asked).content.decode()
    assert "analysis.alpha" in page and "the analysis plan" in page
