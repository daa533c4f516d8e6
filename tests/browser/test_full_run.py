"""A person's run through the demo study in a real browser, with and without JavaScript."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from studyapp.models import Response, StudySession
from tests.factories import open_demo

CHROMIUM = os.environ.get("LARUS_CHROMIUM") or shutil.which("chromium")
QUIZ = (
    "Choose the species of the gull",
    "After each answer except in the last part",
    "Choose the answer it names",
)
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("CHROMIUM ABSENT: install the Debian package chromium, or set LARUS_CHROMIUM")
    # Playwright keeps an event loop in this thread; Django's check does not know that it is idle.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


def answer(page: Page) -> None:
    """Do what a person would on the page shown."""
    following = page.locator("a.button", has_text="Next")
    if following.count():
        with page.expect_navigation():
            following.click()
        return
    if page.get_by_text(QUIZ[0], exact=True).count():
        for text in QUIZ:
            page.get_by_text(text, exact=True).click()
    else:
        for fieldset in page.locator("fieldset").all():
            fieldset.locator("label").nth(1).click()
    with page.expect_navigation():
        page.locator("main button[type=submit]").last.click()


@pytest.mark.parametrize(("width", "scripts"), [(320, True), (360, False), (1280, True)])
def test_a_person_gets_from_consent_to_the_completion_code(
    transactional_db, live_server, browser, tmp_path, width, scripts
):
    study = open_demo(tmp_path / "stimuli")
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live_server.url}/s/{study.slug}/")
    page.check("#agree")
    page.click("button[type=submit]")
    for _ in range(120):
        if page.locator(".code").count():
            break
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        answer(page)
    assert page.locator(".code").inner_text() == "LARUS-DEMO"
    session = StudySession.objects.get()
    assert session.state == "completed"
    assert Response.objects.filter(is_conflict=False).count() == session.trials.count()
    assert complaints == []


def test_a_trial_can_be_answered_by_keyboard_alone(
    transactional_db, live_server, browser, tmp_path
):
    study = open_demo(tmp_path / "stimuli")
    page = browser.new_context().new_page()
    page.goto(f"{live_server.url}/s/{study.slug}/")
    page.focus("#agree")
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    while not page.locator("fieldset.species").count():
        answer(page)
    page.keyboard.press("Tab")  # the link that skips to the content
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("form[action*=feedback]")
    response = Response.objects.get()
    assert response.choice == response.trial.choice_order[1]
    assert response.confidence == 1
