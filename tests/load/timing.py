"""`python -m tests.load.timing`: bias and spread of rt_ms for answers at known delays.

A script in the page answers a known time after the picture was painted, as Chromium itself reports
the paint (Element Timing). rt_ms as stored, minus that time, is the error of the player's clock.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from pathlib import Path

from tests.load.served import Server, long_study, session_at, set_up

PER_SPECIES = 12
DELAYS_MS = (150, 300, 500, 800)
ENDED = "text=A few last questions"
# Watches for the paint of each new picture, then answers after the next delay of the list.
SCRIPT = """
const delays = %s;
window.answers = [];
const wanted = new WeakSet();
new MutationObserver(() => {
  const picture = document.querySelector("#trial img");
  if (picture && !wanted.has(picture)) {
    wanted.add(picture);
    picture.setAttribute("elementtiming", "gull");
  }
}).observe(document, { childList: true, subtree: true });

const press = (key) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true });
  document.activeElement.dispatchEvent(event);
  return event.timeStamp;
};

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.element?.isConnected || entry.element.closest(".veiled")) continue;
    const painted = entry.renderTime;
    const trial = document.querySelector("#trial form").action.split("/").at(-2);
    const delay = delays[window.answers.length %% delays.length];
    const answer = () => {
      if (performance.now() < painted + delay) return setTimeout(answer);
      const at = press("1");
      press("1");
      window.answers.push({ trial, delay, true_ms: at - painted });
      document.querySelector("#trial form").requestSubmit();
    };
    answer();
  }
}).observe({ type: "element", buffered: true });
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="larus-timing-"))
    try:
        set_up(folder)
        errors = measured(folder, options.sessions)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(report(errors), indent=2))
    return 0


def measured(folder: Path, sessions: int) -> list[tuple[int, float]]:
    """Pairs of delay and error, over all answers."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS

    study = long_study(folder, PER_SPECIES)
    server = Server()
    server.start()
    errors: list[tuple[int, float]] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for _ in range(sessions):
                session = session_at(study, "assessment", "none")
                page = browser.new_context().new_page()
                page.add_init_script(SCRIPT % json.dumps(DELAYS_MS))
                page.goto(f"{server.url}/run/{session.token}/")
                errors += errors_of(session, run(page))
            browser.close()
    finally:
        server.kill()
    return errors


def run(page) -> list[dict]:
    """Let the script answer; the attention check, which shows no picture, is answered here."""
    answers: list[dict] = []
    while not page.locator(ENDED).count():
        page.wait_for_timeout(200)
        if page.locator("#trial .note").count():
            for key in ("1", "1", "Enter"):
                page.keyboard.press(key)
        answers = page.evaluate("window.answers") or answers
    return answers


def errors_of(session, answers: list[dict]) -> list[tuple[int, float]]:
    from studyapp.models import Response

    stored = {str(r.trial.uid): r for r in Response.objects.filter(trial__session=session)}
    return [
        (answer["delay"], stored[answer["trial"]].rt_ms - answer["true_ms"]) for answer in answers
    ]


def report(errors: list[tuple[int, float]]) -> dict[str, object]:
    return {
        "all": summary([error for _, error in errors]),
        **{
            f"after {delay} ms": summary([error for asked, error in errors if asked == delay])
            for delay in DELAYS_MS
        },
    }


def summary(errors: list[float]) -> dict[str, float]:
    return {
        "answers": len(errors),
        "bias_ms": round(statistics.mean(errors), 2),
        "sd_ms": round(statistics.stdev(errors), 2),
        "largest_ms": round(max(errors, key=abs), 2),
    }


if __name__ == "__main__":
    raise SystemExit(main())
