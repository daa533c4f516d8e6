"""A study is made in a browser: steps, editor, preview of each arm; pictures looked through."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qs
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Page, Request

from studyapp.models import Draft, Study, StudySession
from studyapp.services.sessions import start_session
from studyapp.services.stimuli import import_stimuli
from tests.browser.hands import wait_for_silence
from tests.browser.test_access import look, problems
from tests.factories import MAPS, PARTED, write_stimuli
from tests.integration.studyapp.walking import finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "four-words-not-together"


@pytest.fixture
def sign_in(transactional_db, live_server, browser, tmp_path):
    """A function that gives a signed-in page of a width, with or without scripts."""
    cache.clear()
    write_stimuli(tmp_path / "stimuli", methods=(*MAPS, *PARTED))
    import_stimuli(folder=tmp_path / "stimuli", name="gulls-demo")
    User.objects.create_user("ada", password=PASSWORD)

    def open_page(width: int, *, with_scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=with_scripts
        )
        page = context.new_page()
        page.goto(f"{live_server.url}/staff/account/login/")
        page.fill("[name=login]", "ada")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_selector("h1:text('Studies')")
        return page

    return open_page


def begin(page: Page) -> None:
    page.click("text=A new study")
    page.click("label:has-text('any colours')")
    page.fill("[name=slug]", "bills")
    page.fill("[name=title]", "Telling gulls apart")
    page.fill("[name=researcher]", "Ada Lovelace, Analytical Lab")
    page.fill("[name=contact]", "ada@example.org")
    page.click("button:text-is('Begin')")
    page.wait_for_selector("h1:text('Arms')")


def on(page: Page, heading: str) -> None:
    # By keyboard: a browser scrolls back to a field that has the focus after its window was
    # resized for a picture.
    page.locator("text=Save and go on").press("Enter")
    page.wait_for_selector(f"h1:has-text('{heading}')")


FAULTS = (
    ("alpha: 0.05", "alpha: 5"),
    ("seed: ", "sead: "),
    ("heatmap: {training: heatmap", "heatmap: {training: heatmaps"),
)


def spoil(page: Page, old: str, new: str) -> None:
    """Type over a piece of the text, as a person would, and wait until it has been checked."""
    text = page.input_value("#text")
    assert text.count(old) == 1
    changed = text.replace(old, new)

    def has_checked_it(request: Request) -> bool:
        sent = parse_qs(request.post_data or "").get("text", [""])[0]
        return request.url.endswith("/check/") and sent.splitlines() == changed.splitlines()

    # A check that leaving the page cuts short would be told as an error on the console.
    with page.expect_event("requestfinished", has_checked_it):
        page.fill("#text", changed)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_new_researcher_makes_a_study_of_three_arms(sign_in, width):
    page = sign_in(width)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    found: list[str] = []

    def examine(name: str) -> None:
        look(page, f"design {width}", name)
        found.extend(f"{name}: {problem}" for problem in problems(page, width, "en"))
        wait_for_silence(page)

    page.click("text=A new study")
    examine("01 new")
    page.click("text=Larus")
    begin(page)
    examine("02 arms")
    page.select_option("[name=arm-2-assessment]", "none")
    on(page, "Pictures")
    examine("03 pictures")
    page.fill("[name=pictures_training]", "1")
    page.fill("[name=pictures_assessment]", "1")
    on(page, "Numbers")
    page.fill("[name=main]", "100")
    page.fill("[name=pay]", "2.50")
    page.fill("[name=currency]", "EUR")
    page.fill("[name=minutes]", "12")
    examine("04 numbers")
    on(page, "The text of bills")
    page.wait_for_selector("#findings:has-text('it can be frozen')")
    examine("05 text")

    # Three faults: those of shape are told first, then what it means.
    for old, new in FAULTS:
        spoil(page, old, new)
    page.wait_for_selector("#findings:has-text('sead')")
    page.wait_for_selector("#findings:has-text('analysis.alpha')")
    page.wait_for_selector("#findings:has-text('Not saved yet')")
    examine("06 faults")
    page.click("#findings li:has-text('analysis.alpha') a")
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd).trim()"
    assert page.eval_on_selector("#text", chosen) == "alpha: 5"
    for new, old in FAULTS[:2]:
        spoil(page, old, new)
    page.wait_for_selector("#findings:has-text('heatmaps')")
    page.click("button:text-is('Save')")
    page.wait_for_selector("text=Saved.")
    page.click("text=Overview")
    page.wait_for_selector("text=1 error to mend")
    assert page.locator("text=Run as").count() == 0
    examine("07 overview with an error")
    page.click("a:has-text('line ')")
    page.wait_for_function(
        f"() => ({chosen})(document.querySelector('#text')).includes('heatmaps')"
    )
    spoil(page, FAULTS[2][1], FAULTS[2][0])
    page.wait_for_selector("#findings:has-text('it can be frozen')")
    page.click("button:text-is('Save')")
    page.wait_for_selector("text=Saved.")
    page.click("text=Overview")
    examine("08 overview")

    overview = page.url
    for arm in ("none", "placebo", "heatmap"):
        page.goto(overview)
        page.click(f"text=Run as {arm}")
        page.wait_for_selector(".ribbon:has-text('Preview')")
        examine(f"09 preview {arm}")
        page.check("#agree")
        page.click("main button")
        page.wait_for_selector("h1:text('How it works')")
        assert arm in page.inner_text(".ribbon")
    examine("10 preview begun")
    page.click(".ribbon a")
    page.wait_for_selector("h1:text('bills')")
    sessions = StudySession.objects.order_by("pk")
    assert [one.slot.arm for one in sessions] == ["none", "placebo", "heatmap"]
    assert all(one.is_preview for one in sessions)

    page.check("section:has-text('Freeze it') [name=for_good]")
    page.click("text=Freeze bills")
    page.wait_for_selector("text=is frozen, and yours")
    examine("11 frozen")
    assert page.locator(".stages [aria-current]").inner_text() == "Frozen"
    run_to_the_export(page, examine)
    assert found == []
    assert refused == []


def run_to_the_export(page: Page, examine: Callable[[str], None]) -> None:
    """From the frozen study over a pilot with bots to the export of a closed one."""
    page.click(".tabs >> text=Dossier")
    examine("12 dossier")
    page.click(".tabs >> text=Overview")
    page.click("text=Start the pilot")
    page.wait_for_selector("text=bills is pilot now")
    call_command("run_bots", "bills", count=2, seed=3)
    page.click(".tabs >> text=Monitor")
    page.click("text=Bots")
    page.wait_for_selector(".tiles div:has-text('Completed') dd:text-is('2')")
    examine("13 pilot watched")
    page.click(".tabs >> text=Overview")
    page.check("[name=ready]")
    page.click("text=Open for participants")
    page.wait_for_selector("text=bills is open now")
    study = Study.objects.get(slug="bills")
    finish(start_session(study=study, entry_key=uuid.uuid4()))
    start_session(study=study, entry_key=uuid.uuid4())
    page.click(".tabs >> text=Monitor")
    page.wait_for_selector(".tiles div:has-text('Under way') dd:text-is('1')")
    examine("14 watched")
    page.click(".tabs >> text=Participants")
    page.click("table a >> nth=0")
    page.wait_for_selector("h1:has-text('Participant p')")
    examine("15 participant")
    page.click(".tabs >> text=Overview")
    assert page.locator("text=Download the export").count() == 0
    page.check("[name=for_good]")
    page.click("text=Close the study")
    page.wait_for_selector("text=bills is closed now")
    examine("16 closed")
    with page.expect_download() as download:
        page.click("text=Download the export")
    with ZipFile(download.value.path()) as packed:
        rows = packed.read("bills/tables/sessions.csv").decode().splitlines()
    assert len(rows) == 1 + 2 + 2


@pytest.mark.parametrize("width", [390, 1280])
def test_pictures_are_looked_through_and_left_out(sign_in, live_server, width):
    page = sign_in(width)
    found: list[str] = []

    def examine(name: str) -> None:
        look(page, f"stimuli {width}", name)
        found.extend(f"{name}: {problem}" for problem in problems(page, width, "en"))

    begin(page)
    draft = Draft.objects.get()
    page.goto(f"{live_server.url}/staff/stimuli/")
    examine("1 sets")
    page.goto(f"{live_server.url}/staff/drafts/{draft.pk}/pictures/")
    page.click("text=look at them")
    examine("2 grid")
    page.select_option("[name=species]", "ivory_gull")
    page.click("text=Show")
    page.click(".grid a >> nth=0")
    examine("3 picture")
    page.fill("[name=reason]", "two birds in one picture")
    page.click("button:text-is('Leave it out')")
    page.wait_for_selector("text=is left out of bills")
    page.click("text=All of gulls-demo")
    page.wait_for_selector(".grid .mark")
    examine("4 one left out")
    draft.refresh_from_db()
    assert "two birds in one picture" in draft.text
    page.goto(f"{live_server.url}/staff/drafts/{draft.pk}/differences/")
    examine("5 differences")
    page.goto(f"{live_server.url}/staff/")
    examine("6 studies")
    assert found == []


def test_all_of_it_works_without_scripts(sign_in, live_server):
    page = sign_in(1280, with_scripts=False)
    begin(page)
    on(page, "Pictures")
    on(page, "Numbers")
    on(page, "The text of bills")
    text = page.input_value("#text")
    page.fill("#text", text.replace("alpha: 0.05", "alpha: 5"))
    page.click("button:text-is('Save')")
    page.wait_for_selector("#findings:has-text('analysis.alpha')")
    draft = Draft.objects.get()
    assert draft.text == text.replace("alpha: 0.05", "alpha: 5")
    # Somebody else saves; nothing is lost.
    page.fill("#text", text)
    Draft.objects.update(text="slug: theirs\n", version=draft.version + 1)
    page.click("button:text-is('Save')")
    page.wait_for_selector("h1:text('Two texts')")
    look(page, "design", "conflict")
    assert page.input_value("#yours") == text and page.input_value("#theirs") == "slug: theirs\n"
    page.click("form:has(#yours) button")
    page.wait_for_selector("text=Saved.")
    assert Draft.objects.get().text == text


def test_what_is_not_saved_is_not_lost_by_a_click(sign_in, live_server):
    page = sign_in(1280)
    begin(page)
    draft = Draft.objects.get()
    page.goto(f"{live_server.url}/staff/drafts/{draft.pk}/edit/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#text").press_sequentially("x")
    page.click("text=Overview")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/edit/")
