"""The staff area in a browser: under the strict policy, without a barrier, narrow and wide."""

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.core.cache import cache

from studyapp.enums import Role
from studyapp.services.people import give_role, invite
from tests.browser.test_access import look, problems
from tests.factories import open_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "four-words-not-together"


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_invitation_to_the_study(
    transactional_db, live_server, browser, tmp_path, settings, width
):
    settings.REQUIRE_MFA = True
    cache.clear()
    study = open_demo(tmp_path / "stimuli")
    give_role(user=User.objects.create_user("grace"), study=study, role=Role.MONITOR)
    token = invite(invitee="Ada Lovelace", study=study, role=Role.OWNER, days=7)
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if message.type == "error" else 0
    )
    found: list[str] = []

    def examine(name: str) -> None:
        look(page, f"staff {width}", name)
        found.extend(f"{name}: {problem}" for problem in problems(page, width, "en"))

    page.goto(f"{live_server.url}/staff/invitation/{token}/")
    examine("1 invitation")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=password_again]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("text=Your account is made")
    page.fill("[name=login]", "ada")
    page.fill("[name=password]", "wrong")
    page.click("main button")
    page.wait_for_selector("[role=alert]")
    examine("2 sign in, refused")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("text=A second factor")
    examine("3 second factor")
    secret = page.locator(".link").inner_text().strip()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page.fill("[name=code]", code)
    page.click("main button")
    page.wait_for_selector("text=Recovery codes")
    examine("4 recovery codes")
    page.click("text=I have kept them")
    examine("5 studies")
    page.click("text=People")
    page.fill("[name=invitee]", "Sam, who analyses")
    page.select_option("[name=role]", "analyst_blinded")
    page.click("text=Make a link")
    page.wait_for_selector("text=shown only now")
    examine("6 people")
    for number, (address, name) in enumerate(
        (
            (f"studies/{study.slug}/visits/", "visits"),
            (f"studies/{study.slug}/audit/", "audit"),
            ("account/two-factor/", "two-factor"),
            ("account/sessions/", "sessions"),
            ("account/password/", "password"),
            ("account/logout/", "sign out"),
        ),
        start=7,
    ):
        page.goto(f"{live_server.url}/staff/{address}")
        examine(f"{number} {name}")
    assert found == []
    assert refused == []
