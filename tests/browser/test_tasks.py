"""A whole session with every kind of task and every scale, in a real browser."""

import pytest
from playwright.sync_api import Page

from studyapp.models import Event, Response, StudySession
from studyapp.selectors.receipts import receipt
from studyapp.selectors.schedule import schedule_of
from tests.browser.axe import barriers
from tests.browser.hands import Act, click, kept, press, send, tap, wait_for_kept, wait_for_trial
from tests.tasks import open_every_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]


GONE_ON = """shown => document.documentElement.dataset.player !== "awaited"
    && document.querySelector("#waiting")?.hidden !== false
    && document.querySelector("#trial h1")?.innerText !== shown"""


def answer_by_keys(page: Page) -> None:
    """Choose the second answer, be as sure as can be, send: by three keys."""
    wait_for_trial(page)
    shown = page.locator("#trial h1").inner_text()
    for key in ("2", "3", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function(GONE_ON, arg=shown)


def answer_by(act: Act, page: Page) -> None:
    """Choose the second answer to every question of a trial and send, by hand."""
    wait_for_trial(page)
    shown = page.locator("#trial h1").inner_text()
    for fieldset in page.locator("#trial form fieldset").all():
        act(fieldset.locator("label").nth(1))
    send(page, act)
    page.wait_for_function(GONE_ON, arg=shown)


# A route would do, but makes Chromium ask the server for every file of every page again.
NOTE_RECEIPTS = """
  const { fetch } = window;
  window.fetch = async (address, ...given) => {
    const response = await fetch(address, ...given);
    if (String(address).endsWith("/api/responses/")) {
      const { receipt } = await response.clone().json();
      sessionStorage.receipts = `${sessionStorage.receipts ?? ""} ${receipt}`;
    }
    return response;
  };"""


def receipts_given(page: Page) -> set[str]:
    """The receipts that the server gave the player: a completed run keeps none."""
    return set(page.evaluate("sessionStorage.receipts").split())


def assert_nothing_is_left_in_the_browser(page: Page) -> None:
    for table in ("answers", "events", "showings"):
        wait_for_kept(page, 0, table)


def answer_form(page: Page, act: Act = press) -> None:
    """Answer whatever a plain page asks."""
    for fieldset in page.locator("main fieldset").all():
        act(fieldset.locator("label").nth(1))
    with page.expect_navigation():
        act(page.locator("main form button[type=submit]").last)


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (360, True), (360, False)])
def test_a_session_of_every_task_by_keyboard(
    transactional_db, live_server, browser, tmp_path, width, scripts
):
    study = open_every_task(tmp_path / "stimuli")
    viewport = {"width": width, "height": 800}
    page = browser.new_context(viewport=viewport, java_script_enabled=scripts).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(NOTE_RECEIPTS)
    page.goto(f"{live_server.url}/s/{study.slug}/")
    press(page.locator("label[for=agree]"))
    with page.expect_navigation():
        press(page.locator("main button[type=submit]"))
    found, looked_at, held = [], set(), set()
    for _ in range(60):
        if page.locator(".code").count():
            break
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        if scripts and page.locator("#trial").count():
            wait_for_trial(page)
            found += barriers_on(page, looked_at)
            held |= {row["receipt"] for row in kept(page) if row.get("receipt")}
            answer_by_keys(page)
        else:
            found += barriers_on(page, looked_at) if scripts else []
            answer_form(page)
    assert page.locator(".code").inner_text() == "EVERY-TASK"
    session = StudySession.objects.get()
    assert session.state == "completed"
    stored = Response.objects.filter(is_conflict=False)
    assert stored.count() == schedule_of(session).expected == 19
    assert stored.filter(is_first=True).count() == 6
    assert stored.filter(rt_ms__isnull=scripts).count() == 0
    for response in stored.select_related("trial"):
        assert response.choice == response.trial.choice_order[1]
    if scripts:
        receipts = receipts_given(page)
        assert receipts == {receipt(row) for row in stored}
        assert held and held <= receipts
        assert_nothing_is_left_in_the_browser(page)
        assert Event.objects.filter(kind="picked", data__is_first=True).count() == 12
    assert complaints == []
    assert found == []


def barriers_on(page: Page, looked_at: set[str]) -> list[str]:
    """What axe finds on a page that was not looked at before; its heading tells which it is."""
    heading = page.locator("main h1").first.inner_text()
    if heading in looked_at:
        return []
    looked_at.add(heading)
    return [f"{heading}: {barrier}" for barrier in barriers(page)]


@pytest.mark.parametrize(
    ("act", "width", "scale", "is_mobile"),
    [(click, 1280, 1, False), (tap, 360, 2, True), (click, 640, 2, False)],
    ids=["mouse", "touch", "enlarged to 200 %"],
)
def test_a_session_of_every_task_by_hand(
    transactional_db, live_server, browser, tmp_path, act, width, scale, is_mobile
):
    study = open_every_task(tmp_path / "stimuli")
    page = browser.new_context(
        viewport={"width": width, "height": 800 // scale},
        device_scale_factor=scale,
        has_touch=is_mobile,
        is_mobile=is_mobile,
    ).new_page()
    page.goto(f"{live_server.url}/s/{study.slug}/")
    act(page.locator("label[for=agree]"))
    with page.expect_navigation():
        act(page.locator("main button[type=submit]"))
    for _ in range(60):
        if page.locator(".code").count():
            break
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if page.locator("#trial").count():
            answer_by(act, page)
        else:
            answer_form(page, act)
    assert page.locator(".code").inner_text() == "EVERY-TASK"
    stored = Response.objects.filter(is_conflict=False)
    assert stored.count() == schedule_of(StudySession.objects.get()).expected == 19
    assert stored.filter(rt_ms__isnull=True).count() == 0
    for response in stored.select_related("trial"):
        assert response.choice == response.trial.choice_order[1]
