"""What a person's hands do on a trial page that the player serves."""

from playwright.sync_api import Page


def wait_for_trial(page: Page, number: int | None = None) -> None:
    """Until a trial is painted: that number of its stage, or any."""
    told = f", {number} of" if number else " of "
    page.wait_for_function(
        """told => document.documentElement.dataset.player === "here"
            && !document.getElementById("trial").hidden
            && document.querySelector("#trial h1").textContent.includes(told)
            && !document.querySelector("#trial.veiled")""",
        arg=told,
    )
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


def pick(page: Page, choice: int = 0, confidence: int = 0) -> None:
    page.locator("fieldset.species label").nth(choice).click()
    page.locator("fieldset.scale label").nth(confidence).click()


def send(page: Page) -> None:
    page.locator("#trial button[type=submit]").click()


def answer_trials(page: Page, first: int, last: int) -> None:
    for number in range(first, last + 1):
        wait_for_trial(page, number)
        pick(page)
        send(page)


STORED = """table => new Promise((resolve, reject) => {
  const opening = indexedDB.open("larus", 1);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const rows = opening.result.transaction(table).objectStore(table).getAll();
    rows.onsuccess = () => { opening.result.close(); resolve(rows.result); };
  };
})"""


def kept(page: Page, table: str = "answers") -> list[dict]:
    """What the browser has in its own memory."""
    rows: list[dict] = page.evaluate(STORED, table)
    return rows
