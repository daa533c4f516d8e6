"""The staff area in a browser: under the strict policy, without a barrier, narrow and wide."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Page

from studyapp.enums import Role
from studyapp.models import Study
from studyapp.services.people import give_role, invite
from tests.browser.hands import wait_for_silence
from tests.browser.test_access import look, problems
from tests.factories import open_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "four-words-not-together"


def test_from_the_invitation_to_the_study(
    transactional_db, live_server, browser, tmp_path, settings
):
    """One person with a narrow window and one with a wide one come to a rehearsed study."""
    settings.REQUIRE_MFA = True
    cache.clear()
    study = open_demo(tmp_path / "stimuli")
    call_command("rehearse", study.slug, count=1, without=["report"])
    give_role(user=User.objects.create_user("grace"), study=study, role=Role.MONITOR)
    for username, width in (("ada", 390), ("mary", 1280)):
        page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
        refused = errors_on(page)
        found: list[str] = []
        examine = examining(page, f"staff {width}", width, found)
        token = invite(invitee="Ada Lovelace", study=study, role=Role.OWNER, days=7)
        page.goto(f"{live_server.url}/staff/invitation/{token}/")
        make_an_account(page, username, examine)
        set_up_a_second_factor(page, examine)
        walk_through(page, f"{live_server.url}/staff/", study, examine)
        assert found == []
        assert refused == []


def errors_on(page: Page) -> list[str]:
    """Fills with what the browser's console is told to be wrong."""
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    return told


def examining(page: Page, window: str, width: int, found: list[str]) -> Callable[[str], None]:
    """A function that puts the problems of a page, by its name, with those that were found."""

    def examine(name: str) -> None:
        look(page, window, name)
        found.extend(f"{name}: {problem}" for problem in problems(page, width, "en"))
        wait_for_silence(page)

    return examine


def make_an_account(page: Page, username: str, examine: Callable[[str], None]) -> None:
    examine("1 invitation")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=password_again]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("text=Your account is made")
    page.fill("[name=login]", username)
    page.fill("[name=password]", "wrong")
    page.click("main button")
    page.wait_for_selector("[role=alert]")
    examine("2 sign in, refused")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def set_up_a_second_factor(page: Page, examine: Callable[[str], None]) -> None:
    page.wait_for_selector("text=A second factor")
    examine("3 second factor")
    secret = page.locator(".link").inner_text().strip()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page.fill("[name=code]", code)
    page.click("main button")
    page.wait_for_selector("text=Recovery codes")
    examine("4 recovery codes")
    page.click("text=I have kept them")


def walk_through(page: Page, staff: str, study: Study, examine: Callable[[str], None]) -> None:
    """Every page of a study and of an account."""
    examine("5 studies")
    page.click("main >> text=gulls-demo")
    examine("6 study")
    page.click("text=People")
    page.fill("[name=invitee]", "Sam, who analyses")
    page.select_option("[name=role]", "analyst_blinded")
    page.click("text=Make a link")
    page.wait_for_selector("text=shown only now")
    examine("7 people")
    for number, (address, name) in enumerate(
        (
            (f"studies/{study.slug}/dossier/", "dossier"),
            (f"studies/{study.slug}/monitor/?group=bots", "monitor"),
            (f"studies/{study.slug}/participants/?group=bots", "participants"),
            (f"studies/{study.slug}/visits/", "visits"),
            (f"studies/{study.slug}/audit/", "audit"),
            ("account/two-factor/", "two-factor"),
            ("account/sessions/", "sessions"),
            ("account/password/", "password"),
            ("account/logout/", "sign out"),
        ),
        start=8,
    ):
        page.goto(f"{staff}{address}")
        examine(f"{number} {name}")


AUTHENTICATOR = {
    **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
    **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
}


def test_a_passkey_is_a_second_factor(transactional_db, live_server, browser, settings):
    settings.REQUIRE_MFA = True
    cache.clear()
    User.objects.create_user("ada", password=PASSWORD)
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    refused = errors_on(page)
    found: list[str] = []
    examine = examining(page, "staff passkey", 1280, found)

    def sign_in() -> None:
        page.goto(f"{live_server.url}/staff/")
        page.fill("[name=login]", "ada")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")

    sign_in()
    page.click("text=Use a passkey or security key")
    page.fill("[name=name]", "Laptop")
    examine("1 add")
    page.click("text=Add it")
    page.wait_for_selector("text=Recovery codes")
    page.goto(f"{live_server.url}/staff/account/two-factor/webauthn/")
    page.wait_for_selector("text=Laptop")
    examine("2 list")
    page.click("text=Sign out")
    page.click("main button")
    sign_in()
    page.wait_for_selector("text=Your second factor")
    examine("3 asked for")
    page.click("text=Use a passkey")
    page.wait_for_selector("h1:text('Studies')")
    # Asked for again before it goes, when the session is no longer new.
    UserSession.objects.update(created_at="2020-01-01T00:00Z")
    page.goto(f"{live_server.url}/staff/account/two-factor/webauthn/")
    page.click("text=Remove")
    page.click("text=Use a security key")
    examine("4 confirm")
    page.click("main button")
    page.wait_for_selector("text=Are you sure")
    examine("5 remove")
    page.click("main button")
    page.wait_for_selector("text=You have none")
    assert found == []
    assert refused == []


def test_a_passkey_that_can_not_be_made_is_told(transactional_db, live_server, browser, settings):
    cache.clear()
    User.objects.create_user("ada", password=PASSWORD)
    page = browser.new_context().new_page()
    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/staff/account/login/")
    page.fill("[name=login]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("h1:text('Studies')")
    page.goto(
        live_server.url.replace("localhost", "127.0.0.1")
        + "/staff/account/two-factor/webauthn/add/"
    )
    page.click("text=Add it")
    page.wait_for_selector("text=A passkey belongs to a host name")
