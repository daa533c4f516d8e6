"""The staff area: every role against every page, invitations, sign-in, lock-out."""

import re
import uuid
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from studyapp.enums import Role, StudyStage
from studyapp.exceptions import InvitationRefused, RoleRefused
from studyapp.models import AuditEntry, Invitation, StudyRole
from studyapp.selectors.permissions import PERMISSIONS, Permission, may, may_export
from studyapp.services.drafts import begin_draft, share_draft
from studyapp.services.people import accept_invitation, give_role, invite, take_role
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from studyapp.urls import staff_pages
from tests.factories import BRIEF

PASSWORD = "four-words-not-together"


@pytest.fixture(autouse=True)
def no_failures_counted(db, settings):
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick


@pytest.fixture
def person(study):
    """A function that makes somebody with a role in the study, or an administrator, or nobody."""

    def make(who: str) -> User:
        user = User.objects.create_user(who, password=PASSWORD, is_superuser=who == "administrator")
        if who in Role.values:
            reason = "planned" if who == Role.ANALYST_UNBLINDED else ""
            give_role(user=user, study=study, role=Role(who), reason=reason)
        return user

    return make


_PAGES_OF_A_DRAFT = (
    *("staff-draft", "staff-draft-edit", "staff-draft-check", "staff-draft-download"),
    *("staff-draft-preview", "staff-draft-differences", "staff-draft-basics"),
    *("staff-draft-arms", "staff-draft-pictures", "staff-draft-numbers"),
    *("staff-draft-dossier", "staff-draft-preregistration"),
)
# In this order: the last one leaves nothing to do another to.
_DEEDS_TO_A_DRAFT = (
    *("staff-draft-share", "staff-draft-unshare", "staff-draft-freeze", "staff-draft-delete"),
    *("staff-draft-rehearse", "staff-draft-power"),
)

SIGN_IN = "sign in"  # the page asks who it is
OUT = 404  # as if it were not there
NO = 403
WHO = ("anonymous", "stranger", "administrator", *Role.values)
# What each person gets, in the order of WHO.
ACCESS = {
    "staff-home": [SIGN_IN, 200, 200, 200, 200, 200, 200, 200],
    # Anybody of the staff may begin a draft, and look at pictures for it.
    **dict.fromkeys(
        ("staff-draft-new", "staff-stimuli", "staff-stimuli-set", "staff-stimulus"),
        [SIGN_IN] + [200] * 7,
    ),
    "staff-whole-audit": [SIGN_IN, OUT, 200] + [OUT] * 5,
    "staff-study": [SIGN_IN, OUT, 200, 200, 200, 200, 200, 200],
    "staff-move": [SIGN_IN, OUT, NO, 302, NO, NO, NO, NO],
    # While it runs an export is for who may see outcomes.
    "staff-export": [SIGN_IN, OUT, NO, NO, NO, NO, NO, 200],
    "staff-monitor": [SIGN_IN, OUT, NO, 200, NO, 200, NO, NO],
    "staff-cell": [SIGN_IN, OUT, NO, 302, NO, NO, NO, NO],
    "staff-participants": [SIGN_IN, OUT, NO, 200, NO, 200, NO, NO],
    "staff-participant": [SIGN_IN, OUT, NO, 200, NO, 200, NO, NO],
    "staff-reject": [SIGN_IN, OUT, NO, 302, NO, NO, NO, NO],
    "staff-release": [SIGN_IN, OUT, NO, 302, NO, NO, NO, NO],
    "staff-bonus": [SIGN_IN, OUT, NO, 302, NO, NO, NO, NO],
    "staff-people": [SIGN_IN, OUT, 200, 200, NO, NO, NO, NO],
    "staff-take-role": [SIGN_IN, OUT, 302, 302, NO, NO, NO, NO],
    "staff-unblind": [SIGN_IN, OUT, 302, 302, NO, NO, NO, NO],
    "staff-payments": [SIGN_IN, OUT, NO, 200, NO, 200, NO, NO],
    "staff-visits": [SIGN_IN, OUT, NO, 200, NO, 200, NO, NO],
    "staff-audit": [SIGN_IN, OUT, 200, 200, NO, NO, NO, NO],
    "staff-preview": [SIGN_IN, OUT, NO, 200, 200, NO, NO, NO],
    "staff-dossier": [SIGN_IN, OUT, NO, 200, 200, NO, NO, NO],
    "staff-preregistration": [SIGN_IN, OUT, NO, 200, 200, NO, NO, NO],
    "staff-rehearse": [SIGN_IN, OUT, NO, 302, 302, NO, NO, NO],
    "staff-power": [SIGN_IN, OUT, NO, 302, 302, NO, NO, NO],
    # There is no such file.
    "staff-dossier-file": [SIGN_IN, OUT, NO, OUT, OUT, NO, NO, NO],
    "staff-draft-dossier-file": [SIGN_IN] + [OUT] * 7,
    # A draft of somebody else's: a role in a study opens it to nobody.
    **dict.fromkeys(_PAGES_OF_A_DRAFT, [SIGN_IN, OUT, 200] + [OUT] * 5),
    **dict.fromkeys(_DEEDS_TO_A_DRAFT, [SIGN_IN, OUT, 302] + [OUT] * 5),
    "staff-invitation": [200] * 8,
    "account_login": [200] + [302] * 7,
    "account_logout": [SIGN_IN] + [200] * 7,
    "account_inactive": [200] * 8,
    "account_reauthenticate": [SIGN_IN] + [200] * 7,
    "account_change_password": [SIGN_IN] + [200] * 7,
    "usersessions_list": [SIGN_IN] + [200] * 7,
    "mfa_index": [SIGN_IN] + [200] * 7,
    # In the midst of signing in, or right after one's password.
    "mfa_authenticate": [SIGN_IN] + [302] * 7,
    "mfa_reauthenticate": [SIGN_IN] + [302] * 7,
    "mfa_activate_totp": [SIGN_IN] + [302] * 7,
    "mfa_deactivate_totp": [SIGN_IN] + [OUT] * 7,
    "mfa_list_webauthn": [SIGN_IN] + [200] * 7,
    "mfa_add_webauthn": [SIGN_IN] + [302] * 7,
    "mfa_reauthenticate_webauthn": [SIGN_IN] + [302] * 7,
    "mfa_edit_webauthn": [SIGN_IN] + [302] * 7,
    "mfa_remove_webauthn": [SIGN_IN] + [302] * 7,
    "mfa_view_recovery_codes": [SIGN_IN] + [OUT] * 7,
    "mfa_generate_recovery_codes": [SIGN_IN] + [302] * 7,
    "mfa_download_recovery_codes": [SIGN_IN] + [OUT] * 7,
}

_DEEDS = (
    *("staff-take-role", "staff-unblind", "staff-move", "staff-export", "staff-payments"),
    *("staff-reject", "staff-release", "staff-bonus", "staff-cell"),
    *("staff-draft-check", "staff-rehearse", "staff-power", *_DEEDS_TO_A_DRAFT),
)
_OF_A_STUDY = (
    *("study", "move", "export", "monitor", "participants", "people", "visits", "payments"),
    *("audit", "dossier", "rehearse", "power", "cell"),
)


def names(pages) -> set[str]:
    own = {page.name for page in pages if isinstance(page, URLPattern)}
    inner = (page.url_patterns for page in pages if not isinstance(page, URLPattern))
    return own.union(*map(names, inner))


def test_every_page_of_the_staff_area_is_in_the_table():
    assert names(staff_pages) == set(ACCESS)


@pytest.mark.parametrize("who", WHO)
def test_who_gets_what(study, person, who, monkeypatch):
    # No process begins here.
    monkeypatch.setattr("studyapp.views.staff.dossier.rehearse_in_background", lambda *_, **__: 0)
    client = Client()
    if who != "anonymous":
        client.force_login(person(who))
    others = User.objects.create_user("other")
    give_role(user=others, study=study, role=Role.MONITOR)
    token = invite(invitee="x", study=study, role=Role.MONITOR, days=1)
    given = StudyRole.objects.get(user=others)
    analyst = User.objects.create_user("analyst")
    give_role(user=analyst, study=study, role=Role.ANALYST_BLINDED)
    blinded = StudyRole.objects.get(user=analyst)
    begun = start_session(study=study, entry_key=uuid.uuid4())
    text = BRIEF.replace("slug: gulls-demo", "slug: secret-plan", 1)
    draft = begin_draft(text=text, by=others)
    helper = User.objects.create_user("helper")
    share_draft(draft=draft, designer=helper)
    arguments = {
        **{name: [draft.pk] for name in (*_PAGES_OF_A_DRAFT, *_DEEDS_TO_A_DRAFT)},
        "staff-draft-preview": [draft.pk, "heatmap"],
        "staff-draft-unshare": [draft.pk, helper.pk],
        "staff-draft-preregistration": [draft.pk, "osf"],
        "staff-draft-dossier-file": [draft.pk, "report.zip"],
        "staff-preview": [study.slug, "heatmap"],
        "staff-preregistration": [study.slug, "osf"],
        "staff-dossier-file": [study.slug, "report.zip"],
        "staff-stimuli-set": ["gulls-demo"],
        "staff-stimulus": ["gulls-demo", "ivory_gull-000"],
        "staff-invitation": [token],
        "staff-take-role": [study.slug, given.pk],
        "staff-unblind": [study.slug, blinded.pk],
        **dict.fromkeys(
            ("staff-participant", "staff-reject", "staff-release", "staff-bonus"),
            (study.slug, begun.participant.code),
        ),
        **{f"mfa_{deed}_webauthn": [1] for deed in ("edit", "remove")},
        **{f"staff-{page}": [study.slug] for page in _OF_A_STUDY},
    }
    found = {}
    for name in ACCESS:
        address = reverse(name, args=arguments.get(name))
        form = {"reason": "planned", "file": "visits", "username": "other", "for_good": "no"}
        answer = client.post(address, form) if name in _DEEDS else client.get(address)
        asks = answer.status_code == 302 and answer.url.startswith(reverse("account_login"))
        found[name] = SIGN_IN if asks else answer.status_code
        told = "" if asks or answer.status_code == 200 else answer.content.decode()
        assert study.slug not in told and draft.slug not in told
    assert found == {name: row[WHO.index(who)] for name, row in ACCESS.items()}
    assert StudyRole.objects.filter(pk=given.pk).exists() == (found["staff-take-role"] != 302)
    assert StudyRole.objects.filter(pk=blinded.pk).exists() == (found["staff-unblind"] != 302)


def test_a_role_in_one_study_opens_no_other(study, person):
    client = Client()
    client.force_login(person("owner"))
    assert client.get(reverse("staff-people", args=["another"])).status_code == 404


def test_the_table_of_permissions_keeps_who_runs_a_study_blind(study, person):
    people = {role: person(role) for role in Role.values}
    assert {r for r, u in people.items() if may(u, Permission.SEE_OUTCOMES, study)} == {
        "analyst_unblinded"
    }
    assert {r for r, u in people.items() if may_export(u, study)} == {"analyst_unblinded"}
    set_stage(study=study, stage=StudyStage.CLOSED)
    study.refresh_from_db()
    assert {r for r, u in people.items() if may_export(u, study)} == {
        *("owner", "analyst_blinded", "analyst_unblinded")
    }
    people["owner"].is_active = False
    assert not may(people["owner"], Permission.SEE_STUDY, study)
    assert set(PERMISSIONS) == set(Role)


def test_personal_data_are_shown_after_a_logged_look_only(study, person):
    client = Client()
    client.force_login(person("monitor"))
    address = reverse("staff-visits", args=[study.slug])
    client.get(address)
    assert not AuditEntry.objects.filter(action="personal_data_viewed").exists()
    client.post(address)
    look = AuditEntry.objects.get(action="personal_data_viewed")
    assert (look.actor, look.study) == ("monitor", study.slug)


def test_unblinding_needs_a_reason_and_is_logged(study, person):
    analyst = person("analyst_blinded")
    with pytest.raises(RoleRefused, match="needs a reason"):
        give_role(user=analyst, study=study, role=Role.ANALYST_UNBLINDED)
    call_command(
        *("give_role", study.slug, "analyst_blinded", "analyst_unblinded", "--reason", "look 1")
    )
    assert list(analyst.study_roles.values_list("role", flat=True)) == ["analyst_unblinded"]
    assert AuditEntry.objects.get(action="analyst_unblinded").details["reason"] == "look 1"
    with pytest.raises(IntegrityError), transaction.atomic():
        StudyRole.objects.create(
            user=analyst, study=study, role=Role.ANALYST_BLINDED, given_at=timezone.now()
        )


def test_an_owner_unblinds_an_analyst_on_the_page_for_a_reason(study, person):
    analyst = person("analyst_blinded")
    client = Client()
    client.force_login(person("owner"))
    given = StudyRole.objects.get(user=analyst)
    address = reverse("staff-unblind", args=[study.slug, given.pk])
    assert "say why" in client.post(address, {"reason": " "}, follow=True).content.decode()
    assert not may(analyst, Permission.SEE_OUTCOMES, study)
    page = client.post(address, {"reason": "interim look 1"}, follow=True).content.decode()
    assert "sees outcomes from now on" in page and "Unblind, and log" not in page
    assert may(analyst, Permission.SEE_OUTCOMES, study)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.actor) == ("analyst_unblinded", "owner")
    assert entry.details == {
        "person": "analyst_blinded",
        "role": "analyst_unblinded",
        "instead_of": "analyst_blinded",
        "reason": "interim look 1",
    }
    # Only who is a blinded analyst can be unblinded.
    owner = StudyRole.objects.get(user__username="owner")
    address = reverse("staff-unblind", args=[study.slug, owner.pk])
    assert client.post(address, {"reason": "x"}).status_code == 404


def test_nobody_runs_a_study_and_sees_its_outcomes(study, person):
    owner, monitor = person("owner"), person("monitor")
    for user in (owner, monitor):
        with pytest.raises(RoleRefused, match="before it is closed"):
            give_role(user=user, study=study, role=Role.ANALYST_UNBLINDED, reason="curious")
    give_role(user=owner, study=study, role=Role.ANALYST_BLINDED)
    client = Client()
    client.force_login(owner)
    given = StudyRole.objects.get(user=owner, role=Role.ANALYST_BLINDED)
    told = client.post(
        reverse("staff-unblind", args=[study.slug, given.pk]), {"reason": "x"}, follow=True
    )
    assert "before it is closed" in told.content.decode()
    sees = person("analyst_unblinded")
    with pytest.raises(RoleRefused, match="before it is closed"):
        give_role(user=sees, study=study, role=Role.MONITOR)
    set_stage(study=study, stage=StudyStage.CLOSED)
    study.refresh_from_db()
    give_role(user=owner, study=study, role=Role.ANALYST_UNBLINDED)


def test_the_only_owner_stays(study, person):
    owner = person("owner")
    with pytest.raises(RoleRefused, match="the only owner"):
        take_role(user=owner, study=study, role=Role.OWNER)
    give_role(user=User.objects.create_user("second"), study=study, role=Role.OWNER)
    take_role(user=owner, study=study, role=Role.OWNER)
    assert AuditEntry.objects.last().action == "role_taken"


def test_a_link_makes_one_account_and_its_token_is_not_stored(study, capsys):
    call_command("invite", "Ada", "--study", study.slug, "--role", "owner")
    path = re.search(r"/staff/invitation/\S+", capsys.readouterr().out).group()
    token = path.split("/")[3]
    assert token not in str(list(Invitation.objects.values())) + str(
        list(AuditEntry.objects.values())
    )
    form = {"username": "ada", "password": PASSWORD, "password_again": PASSWORD}
    client = Client()
    weak = client.post(path, {**form, "password": "short", "password_again": "short"})
    assert "too short" in weak.content.decode()
    assert "not the same" in client.post(path, {**form, "password": "x"}).content.decode()
    assert not User.objects.exists()
    assert client.post(path, form).url == reverse("account_login")
    assert list(User.objects.get().study_roles.values_list("role", flat=True)) == ["owner"]
    assert Client().post(path, {**form, "username": "eve"}).status_code == 410
    assert Client().get(path).status_code == 410
    assert User.objects.count() == 1


def test_an_expired_link_gives_nothing(study, person):
    token = invite(invitee="x", study=study, role=Role.OWNER, days=1)
    Invitation.objects.update(created_at="2020-01-01T00:00Z", expires_at="2020-01-02T00:00Z")
    assert Client().get(reverse("staff-invitation", args=[token])).status_code == 410
    with pytest.raises(InvitationRefused):
        accept_invitation(token=token, user=person("stranger"))


def test_who_has_an_account_accepts_with_it(study, person):
    token = invite(invitee="x", study=study, role=Role.DESIGNER, days=1)
    client = Client()
    client.force_login(person("monitor"))
    client.post(reverse("staff-invitation", args=[token]))
    assert set(User.objects.get().study_roles.values_list("role", flat=True)) == {
        *("monitor", "designer")
    }


def test_a_command_line_that_is_half_said_is_refused(study):
    for arguments in (["--study", study.slug], ["--role", "owner"], []):
        with pytest.raises(CommandError, match="Say either"):
            call_command("invite", "Ada", *arguments)
    with pytest.raises(CommandError, match="Unblinding is done later"):
        call_command("invite", "A", "--study", study.slug, "--role", "analyst_unblinded")


def sign_in(client: Client, name: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": name, "password": password})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_second_factor_is_set_up_asked_for_and_reset(study, person, settings):
    settings.REQUIRE_MFA = True
    person("owner")
    client = Client()
    assert sign_in(client, "owner").url == reverse("staff-home")
    home = client.get(reverse("staff-home"))
    assert home.url == reverse("mfa_activate_totp")
    page = client.get(home.url)
    secret = page.context["form"].secret
    assert "<svg" in page.content.decode() and "style=" not in page.content.decode()
    done = client.post(home.url, {"code": code_of(secret)})
    assert done.url == reverse("mfa_view_recovery_codes")
    codes = client.get(done.url)
    assert codes.content.decode().count("<li>") == 10
    assert client.get(reverse("staff-home")).status_code == 200

    cache.clear()  # a code counts once; this one is used again at once
    other = Client()
    assert sign_in(other, "owner").url == reverse("mfa_authenticate")
    assert other.get(reverse("staff-home")).status_code == 302
    wrong = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert AuditEntry.objects.last().details == {"username": "owner", "wrong": "code"}
    other.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert other.get(reverse("staff-home")).status_code == 200
    assert "(this one)" in other.get(reverse("usersessions_list")).content.decode()

    call_command("reset_sign_in", "owner")
    assert not Authenticator.objects.exists()
    assert other.get(reverse("staff-home")).url.startswith(reverse("account_login"))


def test_an_administrator_reads_who_tried_to_sign_in(person):
    sign_in(Client(), "mallory", "wrong")
    client = Client()
    client.force_login(person("administrator"))
    page = client.get(reverse("staff-whole-audit")).content.decode()
    assert "sign_in_failed" in page and "mallory" in page
    assert reverse("staff-whole-audit") in client.get(reverse("staff-home")).content.decode()


def test_five_wrong_passwords_lock_a_name_out(person):
    person("owner")
    for _ in range(5):
        assert sign_in(Client(), "owner", "wrong").status_code == 200
    locked = sign_in(Client(), "owner")
    assert locked.status_code == 200
    assert "Too many failed login attempts" in locked.content.decode()
    assert AuditEntry.objects.filter(action="sign_in_failed").count() == 5
    cache.clear()
    assert sign_in(Client(), "owner").status_code == 302
    assert (AuditEntry.objects.last().action, AuditEntry.objects.last().actor) == (
        *("signed_in", "owner"),
    )


def test_the_password_is_asked_for_again_when_the_session_is_no_longer_new(person):
    person("owner")
    client = Client()
    sign_in(client, "owner")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    UserSession.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    sign_in(Client(), "owner")  # another session makes this one no newer
    later = client.get(reverse("mfa_activate_totp"))
    assert later.url.startswith(reverse("account_reauthenticate"))


def test_a_change_of_what_guards_a_sign_in_is_logged(person, django_capture_on_commit_callbacks):
    person("owner")
    client = Client()
    sign_in(client, "owner")
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    new = "other-words-not-together"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    told = [(e.action, e.actor, e.details.get("kind")) for e in AuditEntry.objects.all()]
    assert told[-4:] == [
        ("signed_in", "owner", None),
        ("second_factor_added", "owner", "totp"),
        ("second_factor_added", "owner", "recovery_codes"),
        ("password_changed", "owner", None),
    ]


def test_who_tries_too_often_is_told_to_wait(person):
    client = Client()
    client.force_login(person("owner"))
    address = reverse("account_reauthenticate")
    answers = [client.post(address, {"password": "wrong"}) for _ in range(20)]
    assert answers[-1].status_code == 429
    assert "Wait five minutes" in answers[-1].content.decode()


def test_nobody_makes_an_account_without_an_invitation(db):
    for address in ("signup/", "email/", "password/reset/", "password/set/"):
        assert Client().get(f"/staff/account/{address}").status_code == 404


def test_participants_meet_nothing_of_it(study):
    session = start_session(study=study, entry_key=uuid.uuid4())
    answer = Client().get(reverse("run", args=[session.token]))
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    assert "staff" not in answer.content.decode()
