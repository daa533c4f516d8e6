"""What a person's hands do on a trial page that the player serves."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page


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


def wait_for_silence(page: Page) -> None:
    """Until the page asks nothing of the server, not even how it stands now.

    Leaving it would cut such a question short, which is told as an error on the console.
    """
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


Act = Callable[[Locator], None]


def click(target: Locator) -> None:
    target.click()


def tap(target: Locator) -> None:
    target.tap()


def press(target: Locator) -> None:
    """By keyboard: a label stands for its radio button or box."""
    field = target.locator("input")
    if field.count():
        field.focus()
        target.page.keyboard.press("Space")
    else:
        target.focus()
        target.page.keyboard.press("Enter")


def pick(page: Page, choice: int = 0, confidence: int = 0, act: Act = click) -> None:
    act(page.locator("fieldset.species label").nth(choice))
    act(page.locator("fieldset.scale label").nth(confidence))


def send(page: Page, act: Act = click) -> None:
    act(page.locator("#trial button[type=submit]"))


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


def wait_for_kept(page: Page, rows: int, table: str = "answers") -> None:
    """Until the browser has so many. (`wait_for_function` takes a promise for its answer.)"""
    for _ in range(100):
        if len(kept(page, table)) == rows:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"after 10 s the browser has {kept(page, table)} in {table}")
