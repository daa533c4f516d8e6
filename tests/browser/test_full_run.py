"""A person's run through the demo study in a real browser, with and without JavaScript."""

import pytest
from playwright.sync_api import Page

from studyapp.models import Response, StudySession
from tests.browser.hands import Act, click, pick, press, send, tap, wait_for_trial
from tests.factories import DEMO, open_demo

QUIZ = (
    "Choose the species of the gull",
    "After each answer except in the last part",
    "Choose the answer it names",
)
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def answer(page: Page, act: Act, scripts: bool) -> None:
    """Do what a person would on the page shown."""
    if page.locator("fieldset.species").count():
        answer_trial(page, act, scripts)
        return
    following = page.locator("a.button", has_text="Next")
    if following.count():
        with page.expect_navigation():
            act(following)
        return
    if page.get_by_text(QUIZ[0], exact=True).count():
        for text in QUIZ:
            act(page.locator("label").filter(has=page.get_by_text(text, exact=True)))
    else:
        for fieldset in page.locator("fieldset").all():
            act(fieldset.locator("label").nth(1))
    with page.expect_navigation():
        act(page.locator("main button[type=submit]").last)


def answer_trial(page: Page, act: Act, scripts: bool) -> None:
    """Answer the trial shown; with a player, until it shows the next or leaves."""
    if not scripts:
        pick(page, 1, 1, act)
        with page.expect_navigation():
            send(page, act)
        return
    wait_for_trial(page)
    shown = page.locator("#trial h1").inner_text()
    pick(page, 1, 1, act)
    send(page, act)
    page.wait_for_function(
        """shown => document.documentElement.dataset.player !== "awaited"
            && document.querySelector("#waiting")?.hidden !== false
            && document.querySelector("#trial h1")?.innerText !== shown""",
        arg=shown,
    )


@pytest.mark.parametrize(
    ("protocol", "width", "scripts", "act"),
    [
        (DEMO, 320, True, click),
        (None, 360, False, click),
        (None, 360, True, tap),
        (None, 1280, True, press),
    ],
)
def test_a_person_gets_from_consent_to_the_completion_code(
    transactional_db, live_server, browser, tmp_path, protocol, width, scripts, act
):
    study = open_demo(tmp_path / "stimuli", protocol=protocol)
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        has_touch=act is tap,
        is_mobile=act is tap,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/s/{study.slug}/")
    act(page.locator("label[for=agree]"))
    with page.expect_navigation():
        act(page.locator("button[type=submit]"))
    for _ in range(120):
        if page.locator(".code").count():
            break
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        answer(page, act, scripts)
    assert page.locator(".code").inner_text() == "LARUS-DEMO"
    session = StudySession.objects.get()
    assert session.state == "completed"
    answers = Response.objects.filter(is_conflict=False)
    assert answers.count() == session.trials.count()
    assert answers.filter(rt_ms__isnull=scripts).count() == 0
    assert complaints == []


def test_a_trial_can_be_answered_by_keyboard_without_scripts(
    transactional_db, live_server, browser, tmp_path
):
    study = open_demo(tmp_path / "stimuli")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/s/{study.slug}/")
    page.focus("#agree")
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    while not page.locator("fieldset.species").count():
        answer(page, click, scripts=False)
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
