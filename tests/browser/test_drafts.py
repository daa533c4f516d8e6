"""What was typed into a questionnaire is not lost, and stays no longer than it must."""

import pytest
from playwright.sync_api import Page, expect

from studyapp.models import Answer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAREWELL = "  - {kind: instructions, key: farewell, title: Farewell, pages: [Thank you.]}\n"
MORE = ("  - kind: debrief\n", FAREWELL + "  - kind: debrief\n")
TYPED = "The wings helped,\nthe bills did not."


def type_in(page: Page) -> None:
    page.locator("fieldset").nth(0).locator("label").nth(3).click()
    page.locator("textarea").fill(TYPED)


def assert_typed(page: Page) -> None:
    expect(page.locator("fieldset").nth(0).locator("input").nth(3)).to_be_checked()
    expect(page.locator("fieldset").nth(1).locator("input:checked")).to_have_count(0)
    expect(page.locator("textarea")).to_have_value(TYPED)


def drafts(page: Page) -> int:
    return page.evaluate(
        "Object.keys(localStorage).filter(n => n.startsWith('larus-draft')).length"
    )


def test_a_draft_outlives_reloads_and_closed_tabs_until_it_is_sent(browser, standing):
    session, address = standing("questionnaire", changed=MORE)
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    type_in(page)
    page.reload()
    assert_typed(page)
    page.click("text=What you agreed to")
    page.click("text=Go back to the study")
    assert_typed(page)
    page.close()
    page = context.new_page()
    page.goto(address)
    assert_typed(page)
    # A form that lacks an answer comes back as it was sent.
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main button").click()
    page.wait_for_selector(".errors")
    assert_typed(page)
    page.locator("fieldset").nth(1).locator("label").nth(0).click()
    page.locator("main button").click()
    page.wait_for_selector("h1:text('Farewell')")
    given = dict(Answer.objects.filter(session=session).values_list("item", "value"))
    assert (given["effort"], given["remarks"].replace("\r", "")) == ("4", TYPED)
    page.wait_for_function("() => localStorage.length === 0")


def test_a_draft_goes_with_who_withdraws(browser, standing):
    _, address = standing("questionnaire")
    page = browser.new_page()
    page.goto(address)
    type_in(page)
    assert drafts(page) == 1
    page.click("text=Withdraw from the study")
    page.click("text=Withdraw, my answers so far stay in the data")
    page.wait_for_selector("text=You have withdrawn")
    page.wait_for_function("() => localStorage.length === 0")


def test_a_browser_that_keeps_nothing_still_sends(browser, standing):
    session, address = standing("questionnaire", changed=MORE)
    page = browser.new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    page.goto(address)
    type_in(page)
    page.locator("fieldset").nth(1).locator("label").nth(0).click()
    page.locator("main button").click()
    page.wait_for_selector("h1:text('Farewell')")
    assert Answer.objects.filter(session=session).count() == 3
