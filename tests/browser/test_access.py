"""Every participant page: no barrier that axe finds, nothing cut off when narrow or enlarged."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.axe import barriers
from tests.browser.participant_pages import pages

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A window of 1280 pixels at 200 % has 640 CSS pixels.
WINDOWS = {
    "phone": ({"width": 320, "height": 640}, 2, "en"),
    "enlarged": ({"width": 640, "height": 360}, 2, "de"),
    "desk": ({"width": 1280, "height": 900}, 1, "en"),
    "telefon": ({"width": 360, "height": 740}, 2, "de"),
}
# Set it to a folder to look at what was tested.
PICTURES = os.environ.get("LARUS_SCREENSHOTS")


@pytest.mark.parametrize("window", WINDOWS)
def test_no_page_has_a_barrier(transactional_db, live_server, browser, tmp_path, window):
    viewport, scale, language = WINDOWS[window]
    context = browser.new_context(
        viewport=viewport,
        device_scale_factor=scale,
        locale="de-DE" if language == "de" else "en-GB",
    )
    page = context.new_page()
    found: list[str] = []
    for name, address in pages(tmp_path, language):
        page.goto(live_server.url + address)
        if page.locator("#player").count():
            page.wait_for_function("() => document.documentElement.dataset.player === 'here'")
            page.wait_for_selector("#trial:not(.veiled):not([hidden]) form")
        look(page, window, name)
        found += [f"{name}: {problem}" for problem in problems(page, viewport["width"], language)]
    assert found == []


def problems(page: Page, width: int, language: str) -> list[str]:
    found = barriers(page)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("is wider than the window")
    if page.locator("html").get_attribute("lang") != language:
        found.append("names another language")
    return found


def look(page: Page, window: str, name: str) -> None:
    if PICTURES:
        path = Path(PICTURES) / f"{window} {name}.png"
        page.screenshot(path=path, full_page=True)


def test_a_form_sent_empty_says_what_is_missing_without_a_barrier(
    transactional_db, live_server, browser, tmp_path
):
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    found: list[str] = []
    for name, address in pages(tmp_path):
        if name not in ("screening", "quiz", "questionnaire"):
            continue
        page.goto(live_server.url + address)
        with page.expect_navigation():
            page.evaluate("document.querySelector('main form').noValidate = true")
            page.locator("main form button").last.click()
        assert page.locator(".errors").is_visible()
        look(page, "phone", f"{name}, empty")
        found += [f"{name}: {problem}" for problem in problems(page, 320, "en")]
    assert found == []


def test_a_narrow_window_is_told_and_a_wide_one_let_in(
    transactional_db, live_server, browser, tmp_path
):
    from tests.integration.studyapp.recruiting import link, recruited

    study = recruited(tmp_path, "link", more="requirements: {minimum_width_px: 700}\n")
    page = browser.new_context(viewport={"width": 500, "height": 700}).new_page()
    page.goto(live_server.url + link(study, {}))
    page.wait_for_selector("text=This window is too narrow")
    assert not page.locator("#agree").is_visible()
    look(page, "phone", "too narrow")
    page.set_viewport_size({"width": 800, "height": 700})
    page.wait_for_selector("#agree")
    page.check("#agree")
    page.click("button[type=submit]")
    page.wait_for_selector("text=How it works")
