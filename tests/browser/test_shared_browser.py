"""One browser serves all tests of a process, and none of them notices another."""

import asyncio

import pytest

pytestmark = pytest.mark.browser


def test_who_uses_no_browser_finds_no_event_loop(chromium):
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
    asyncio.run(asyncio.sleep(0))


@pytest.mark.parametrize("_", ["first", "second"])
def test_a_test_finds_nothing_that_another_left(browser, _):
    assert browser.contexts == []
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="a page", content_type="text/html"))
    page.goto("http://larus.example/")
    assert page.evaluate("localStorage.length + document.cookie.length") == 0
    page.evaluate("localStorage.left = document.cookie = 'left=behind'")
