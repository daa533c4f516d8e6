"""Barriers that axe finds on a page as it stands."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# All its rules are run. What they passed is not told: that is most of what it has to say.
RUN = """() => axe.run({ resultTypes: ["violations"] }).then(
  ({ violations }) => violations.map(({ id, help }) => `${id}: ${help}`))"""
SCRIPT = Axe().axe_script


def barriers(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)
    found: list[str] = page.evaluate(RUN)
    return found
