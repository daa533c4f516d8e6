"""The player in a real browser: whatever happens, every answer is stored once."""

import gzip
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from studyapp.models import Event, Response, StudySession
from studyapp.selectors.receipts import receipt
from studyapp.services.sessions import start_session
from studyapp.services.withdrawal import withdraw
from tests.browser.axe import barriers
from tests.browser.hands import answer_trials, kept, pick, send, wait_for_kept, wait_for_trial
from tests.factories import DEMO, SPECIES, open_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLAYER = Path("studyapp/static/studyapp/player")
BREAK = "text=Time for a break"
FEWER_BYTES = 30_000


def stored(session: StudySession) -> list[Response]:
    found = Response.objects.filter(trial__session=session).select_related("trial")
    return list(found.order_by("trial__index", "pk"))


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(400):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in 20 s")


def wait_for_stored(session: StudySession, count: int) -> list[Response]:
    wait_until(lambda: len(stored(session)) >= count)
    return stored(session)


def assert_block_is_stored_once(session: StudySession, page: Page) -> None:
    """Nine answers count, and each receipt in the browser is that of a stored row."""
    rows = stored(session)
    counted = [row.trial_id for row in rows if not row.is_conflict]
    assert len(counted) == len(set(counted)) == 9
    assert {row["receipt"] for row in kept(page)} <= {receipt(row) for row in rows}


def test_the_player_is_small():
    files = PLAYER.rglob("*.js")
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < FEWER_BYTES


def test_a_block_by_keyboard_alone(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    for number in range(1, 10):
        wait_for_trial(page, number)
        for key in (str(1 + number % 4), str(1 + number % 5), "Enter"):
            page.keyboard.press(key)
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)
    for number, row in enumerate(stored(session), start=1):
        assert row.choice == row.trial.choice_order[number % 4]
        assert row.confidence == 1 + number % 5
        assert row.rt_ms is not None
        assert row.rt_ms <= row.submitted_ms
    page.keyboard.press("Enter")
    wait_for_trial(page, 10)


def test_the_keyboard_reaches_answers_after_the_ninth(
    transactional_db, live_server, browser, tmp_path
):
    many = tuple(f"gull_{letter}" for letter in "abcdefghijkl")
    path = tmp_path / "many.yaml"
    path.write_text(DEMO.read_text().replace(", ".join(SPECIES), ", ".join(many)))
    study = open_demo(tmp_path / "stimuli", protocol=path, species=many)
    session = start_session(study=study, entry_key=uuid.uuid4())
    StudySession.objects.filter(pk=session.pk).update(stage_key="assessment")
    page = browser.new_page()
    page.goto(f"{live_server.url}/run/{session.token}/")
    for number, (arrow, times) in enumerate([("ArrowDown", 11), ("ArrowLeft", 3)], start=1):
        wait_for_trial(page, number)
        assert page.locator("fieldset.species input").count() == 12
        for _ in range(times):
            page.keyboard.press(arrow)
        for key in ("Tab", "Space", "Enter"):
            page.keyboard.press(key)
    rows = wait_for_stored(session, 2)
    assert [row.choice for row in rows] == [
        rows[0].trial.choice_order[10],
        rows[1].trial.choice_order[9],
    ]


def test_arrows_move_and_help_opens_and_closes(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    for key in ("ArrowDown", "ArrowDown", "Tab", "Space", "Enter"):
        page.keyboard.press(key)
    wait_for_trial(page, 2)
    page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    row = wait_for_stored(session, 1)[0]
    assert row.choice == row.trial.choice_order[1]
    assert row.confidence == 1
    # Events come in batches, every few seconds.
    wait_until(lambda: Event.objects.filter(trial=row.trial, kind="help_opened").exists())


def test_a_block_by_touch_on_a_phone(browser, standing):
    session, address = standing("assessment")
    phone = {"width": 360, "height": 740}
    context = browser.new_context(viewport=phone, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    for number in range(1, 10):
        wait_for_trial(page, number)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.locator("fieldset.species label").nth(2).tap()
        page.locator("fieldset.scale label").nth(1).tap()
        page.locator("#trial button[type=submit]").tap()
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)


def test_a_reload_at_every_step_changes_nothing_and_is_counted(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    for number in range(1, 10):
        wait_for_trial(page, number)
        page.reload()
        wait_for_trial(page, number)
        pick(page)
        page.reload()
        wait_for_trial(page, number)
        pick(page, 1)
        send(page)
        page.reload()
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)
    rows = stored(session)
    assert {row.choice for row in rows} == {rows[0].trial.choice_order[1]}
    assert {row.reloads for row in rows} <= {2, 3}


def test_the_back_button_leads_to_the_trial_that_is_due(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(withdrawal_from(address))
    page.goto(address)
    answer_trials(page, 1, 3)
    wait_for_trial(page, 4)
    page.go_back()
    page.wait_for_selector("text=Withdraw from the study?")
    page.go_forward()
    answer_trials(page, 4, 9)
    page.wait_for_selector(BREAK)
    page.go_back()
    page.go_forward()
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)


def withdrawal_from(address: str) -> str:
    return address + "withdraw/"


def test_two_tabs_share_one_run(browser, standing):
    session, address = standing("assessment")
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    first.goto(address)
    second.goto(address)
    wait_for_trial(second, 1)
    # A tab in the background is slowed down: a person, too, acts in the one in front.
    first.bring_to_front()
    answer_trials(first, 1, 4)
    wait_for_trial(first, 5)
    # The other tab still shows the first trial. Its answer does not count, and is not lost.
    second.bring_to_front()
    pick(second, 1)
    send(second)
    # What was answered in the first tab is not asked again.
    answer_trials(second, 5, 9)
    second.wait_for_selector(BREAK)
    # The same answer again is one answer.
    first.bring_to_front()
    answer_trials(first, 5, 5)
    first.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, second)
    rows = stored(session)
    assert [row.is_conflict for row in rows] == [False, True, *[False] * 8]
    assert [row.choice for row in rows[:2]] == rows[0].trial.choice_order[:2]
    assert rows[1].trial == rows[0].trial
    assert rows[1].rt_ms is not None
    assert Event.objects.get(kind="conflicting_answer").trial == rows[0].trial
    assert sorted(row["outcome"] for row in kept(second)) == ["conflict", *["new"] * 9]


def test_what_the_server_refused_is_asked_again_and_does_not_count_as_answered(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    no = {"problems": []}
    page.route("**/api/responses/", lambda route: route.fulfill(status=422, json=no), times=1)
    page.goto(address)
    answer_trials(page, 1, 9)
    wait_for_trial(page, 1)
    # As when the participant comes back to this tab.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    answer_trials(page, 1, 1)
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)
    assert len(stored(session)) == 9


def test_a_second_device_continues_and_the_first_stops(browser, standing):
    session, address = standing("assessment")
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    first.goto(address)
    answer_trials(first, 1, 2)
    wait_for_trial(first, 3)
    second.goto(address)
    second.wait_for_selector("text=Continue here?")
    second.click("#continue-here")
    wait_for_trial(second, 3)
    pick(first)
    send(first)
    first.wait_for_selector("#continue-here")
    answer_trials(second, 3, 9)
    second.wait_for_selector(BREAK)
    rows = stored(session)
    assert len([row for row in rows if not row.is_conflict]) == 9
    assert [row.trial.index for row in rows].count(rows[2].trial.index) <= 2
    first.click("#continue-here")
    first.wait_for_selector(BREAK)


def come_back(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize("act", [come_back, pick])
def test_the_first_device_stops_before_it_sends_an_answer(browser, standing, act):
    """It learns that the other one continues by coming back to it, or by anything done on it."""
    session, address = standing("assessment")
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    first.goto(address)
    wait_for_trial(first, 1)
    second.goto(address)
    second.click("#continue-here")
    wait_for_trial(second, 1)
    act(first)
    first.wait_for_selector("text=The study goes on in another browser or on another device.")
    assert not first.locator("#trial").is_visible()
    assert stored(session) == []
    # The second is not disturbed.
    answer_trials(second, 1, 1)
    wait_for_trial(second, 2)


def test_double_clicks_send_once(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    for number in range(1, 10):
        wait_for_trial(page, number)
        page.locator("fieldset.species label").nth(0).dblclick()
        page.locator("fieldset.scale label").nth(0).dblclick()
        page.locator("#trial button[type=submit]").dblclick()
    page.wait_for_selector(BREAK)
    page.locator("main form button").dblclick()
    wait_for_trial(page, 10)
    assert_block_is_stored_once(session, page)
    assert not any(row.is_conflict for row in stored(session))


def test_offline_in_mid_block_goes_on_and_delivers_later(browser, standing):
    session, address = standing("assessment")
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    answer_trials(page, 1, 2)
    wait_for_trial(page, 3)
    wait_for_stored(session, 2)
    context.set_offline(True)
    answer_trials(page, 3, 9)
    page.wait_for_selector("text=No connection at the moment")
    assert len(stored(session)) == 2
    context.set_offline(False)
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)
    assert {row.onset_method for row in stored(session)} <= {"decoded_two_frames", "two_frames"}


def test_the_button_of_the_help_and_gaps_of_the_network_are_told_with_their_times(
    browser, standing
):
    session, address = standing("assessment")
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    page.click("#help-open")
    page.click("#help-close")
    context.set_offline(True)
    page.wait_for_timeout(300)
    context.set_offline(False)
    answer_trials(page, 1, 9)
    page.wait_for_selector(BREAK)
    told = Event.objects.filter(session=session, kind__in=["help_opened", "offline", "online"])
    opened, gone, back = told.order_by("pk")
    assert [event.kind for event in (opened, gone, back)] == ["help_opened", "offline", "online"]
    assert {event.trial for event in (opened, gone, back)} == {stored(session)[0].trial}
    assert 0 < opened.since_onset_ms < gone.since_onset_ms < back.since_onset_ms
    assert back.data["page_ms"] - gone.data["page_ms"] >= 250


def test_half_a_minute_without_a_network_loses_nothing(browser, standing):
    session, address = standing("assessment")
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(address)
    answer_trials(page, 1, 2)
    wait_for_trial(page, 3)
    wait_for_stored(session, 2)
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    context.set_offline(True)
    answer_trials(page, 3, 5)
    wait_for_trial(page, 6)
    # The page's clock, which all the player's timers follow, goes faster; each try is a real one.
    for _ in range(30):
        page.clock.run_for(1000)
        page.wait_for_timeout(40)
    assert sum("/responses/" in address for address in failed) >= 3
    assert len(stored(session)) == 2
    context.set_offline(False)
    answer_trials(page, 6, 9)
    page.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, page)
    waited = [row.waited_ms for row in stored(session)]
    assert max(waited[:2]) < 5_000
    assert min(waited[2:5]) > 20_000


def test_a_finished_run_leaves_nothing_in_the_browser(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    answer_trials(page, 1, 2)
    wait_for_trial(page, 3)
    assert len(kept(page)) == 2
    now = timezone.now()
    StudySession.objects.filter(pk=session.pk).update(state="completed", finished_at=now)
    page.goto(address)
    for table in ("answers", "events", "showings"):
        wait_for_kept(page, 0, table)
    # What the browser still held was told before it was forgotten.
    assert Event.objects.filter(session=session, kind="picked").count() == 4


def test_answers_of_a_page_that_was_closed_offline_are_delivered_at_the_next_visit(
    browser, standing
):
    session, address = standing("assessment")
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    context.set_offline(True)
    answer_trials(page, 1, 3)
    wait_for_trial(page, 4)
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    wait_for_trial(again, 4)
    assert len(wait_for_stored(session, 3)) == 3
    answer_trials(again, 4, 9)
    again.wait_for_selector(BREAK)
    assert_block_is_stored_once(session, again)


def answered_once(browser, standing, crippled: str) -> Response:
    """The first answer of a practice in a browser that a script has taken something from."""
    session, address = standing("practice")
    page = browser.new_page()
    page.add_init_script(crippled)
    page.goto(address)
    wait_for_trial(page, 1)
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    return stored(session)[0]


def test_without_a_memory_in_the_browser_the_plain_form_is_posted_and_timed(browser, standing):
    gone = "Object.defineProperty(window, 'indexedDB', {value: undefined})"
    row = answered_once(browser, standing, gone)
    assert row.rt_ms is not None
    assert (row.onset_method, row.reloads) == ("decoded_two_frames", None)


def test_without_a_memory_in_the_browser_events_are_told_too(browser, standing):
    session, address = standing("training", "heatmap")
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    page.goto(address)
    wait_for_trial(page, 1)
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    row = stored(session)[0]
    told = Event.objects.filter(trial=row.trial, key__isnull=False).order_by("since_onset_ms")
    wait_until(lambda: told.count() == 4)
    assert [event.kind for event in told] == ["help_opened", "colours_switched", *["picked"] * 2]
    assert all(0 < event.since_onset_ms < row.submitted_ms for event in told)


POISON = """session => new Promise((resolve) => {
  const opening = indexedDB.open("larus", 1);
  opening.onsuccess = () => {
    const rows = opening.result.transaction("events", "readwrite").objectStore("events");
    const key = crypto.randomUUID();
    rows.put({ key, session, said: { key, kind: "exploded" } });
    rows.transaction.oncomplete = () => { opening.result.close(); resolve(); };
  };
})"""


def test_an_event_that_is_refused_takes_no_other_with_it(browser, standing):
    session, address = standing("practice")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    page.evaluate(POISON, session.code)
    page.reload()
    wait_for_trial(page, 1)
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    wait_until(lambda: Event.objects.filter(session=session, kind="picked").count() == 2)
    assert kept(page, "events") == []


def failing(method: str, table: str) -> str:
    """A script that makes a method of one table of the browser's memory fail."""
    return f"""
      const {{ {method} }} = IDBObjectStore.prototype;
      IDBObjectStore.prototype.{method} = function (...given) {{
        if (this.name === "{table}") throw new DOMException("full", "QuotaExceededError");
        return {method}.apply(this, given);
      }};"""


def test_a_full_disk_hides_no_trial_and_costs_no_answer(browser, standing):
    row = answered_once(browser, standing, failing("put", "showings"))
    assert (row.onset_method, row.reloads) == ("decoded_two_frames", None)


def test_a_browser_that_knows_no_timeout_signals_is_served(browser, standing):
    row = answered_once(browser, standing, "delete AbortSignal.timeout")
    assert (row.onset_method, row.reloads) == ("decoded_two_frames", 0)


def test_a_player_that_fails_again_leaves_the_plain_form(browser, standing):
    row = answered_once(browser, standing, failing("getAll", "answers"))
    assert row.rt_ms is not None


@pytest.mark.parametrize("lost", ["main.js", "outbox.js"])
def test_when_the_player_does_not_come_the_plain_page_is_shown(browser, standing, lost):
    session, address = standing("practice")
    page = browser.new_page()
    page.route(f"**/{lost}", lambda route: route.abort())
    page.goto(address)
    page.wait_for_function("() => document.documentElement.dataset.player === 'absent'")
    pick(page)
    with page.expect_navigation():
        page.locator("#trial button[type=submit]").click()
    assert stored(session)[0].rt_ms is None


def test_pictures_that_do_not_come_are_said_and_tried_again(browser, standing):
    _, address = standing("practice")
    page = browser.new_page()
    page.clock.install()
    page.route("**/media/*", lambda route: route.abort())
    page.goto(address)
    page.wait_for_selector("text=The connection is slow")
    for _ in range(40):
        page.clock.run_for(5000)
        page.wait_for_timeout(50)
        if page.locator("#try-again").is_visible():
            break
    page.unroute("**/media/*")
    page.clock.resume()
    page.click("#try-again")
    wait_for_trial(page, 1)


def test_a_picture_that_is_cut_short_is_fetched_again(browser, standing):
    session, address = standing("practice")
    page = browser.new_page()
    cut = []

    def cut_first(route):
        if cut:
            route.continue_()
            return
        cut.append(route.request.url)
        route.fulfill(body=b"RIFF", content_type="image/webp")

    page.route("**/media/*", cut_first)
    page.goto(address)
    wait_for_trial(page, 1)
    assert cut
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    assert stored(session)[0].onset_method == "decoded_two_frames"


def test_time_away_from_the_page_is_noted(browser, standing):
    session, address = standing("practice")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    for hidden in ("true", "false"):
        page.evaluate(
            f"""() => {{
              Object.defineProperty(document, "hidden", {{ value: {hidden}, configurable: true }});
              document.dispatchEvent(new Event("visibilitychange"));
            }}"""
        )
        page.wait_for_timeout(120)
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    row = stored(session)[0]
    [[begin, end]] = row.hidden_spans
    assert 0 <= begin < end <= row.submitted_ms
    kinds = [event.kind for event in Event.objects.filter(trial=row.trial, key__isnull=False)]
    assert kinds[:2] == ["page_hidden", "page_shown"]


def test_colours_can_be_faded_and_switched_and_each_is_an_event(browser, standing):
    session, address = standing("training", "heatmap")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    opacity = "() => getComputedStyle(document.querySelector('.layer')).opacity"
    assert page.evaluate(opacity) == "1"
    page.locator(".controls input").fill("40")
    assert page.evaluate(opacity) == "0.4"
    page.keyboard.press("f")
    assert page.evaluate(opacity) == "0"
    page.locator(".controls button").click()
    assert page.evaluate(opacity) == "0.4"
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    told = Event.objects.filter(trial=stored(session)[0].trial, key__isnull=False)
    seen = [(event.kind, event.data) for event in told.order_by("since_onset_ms")]
    assert seen[:3] == [
        ("opacity_changed", {"percent": 40}),
        ("colours_switched", {"shown": False}),
        ("colours_switched", {"shown": True}),
    ]


LIMITED = ("    phase: practice\n", "    phase: practice\n    viewing_seconds: 1\n")


def test_the_countdown_ends_where_the_onset_is_not_known(browser, standing):
    session, address = standing("practice", changed=LIMITED)
    page = browser.new_page()
    page.add_init_script("""
      const { decode } = HTMLImageElement.prototype;
      HTMLImageElement.prototype.decode = function () {
        return this.isConnected ? Promise.reject(new DOMException("no")) : decode.apply(this);
      };""")
    page.goto(address)
    wait_for_trial(page, 1)
    assert page.locator("#trial img").first.is_visible()
    page.wait_for_selector("#trial.pictures-over")
    assert page.locator(".countdown").inner_text().startswith("Pictures are shown for 0 s more")
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    assert stored(session)[0].onset_method is None
    assert Event.objects.get(kind="pictures_hidden").since_onset_ms is None


def test_pictures_are_hidden_after_the_time_that_the_protocol_gives(browser, standing):
    session, address = standing("practice", changed=LIMITED)
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    assert page.locator("#trial img").first.is_visible()
    assert "1 s more" in page.locator(".countdown").inner_text()
    page.wait_for_selector("#trial.pictures-over")
    assert not page.locator("#trial img").first.is_visible()
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    told = Event.objects.get(kind="pictures_hidden")
    assert 1000 <= told.since_onset_ms < stored(session)[0].submitted_ms


def test_who_withdraws_with_deletion_leaves_nothing_in_the_browser(browser, standing):
    session, address = standing("assessment")
    page = browser.new_page()
    page.goto(address)
    answer_trials(page, 1, 2)
    wait_for_trial(page, 3)
    assert len(kept(page)) == 2
    page.goto(withdrawal_from(address))
    page.click("text=Withdraw and delete my answers")
    page.wait_for_selector("text=You have withdrawn")
    for table in ("answers", "events"):
        wait_for_kept(page, 0, table)
    assert (kept(page), kept(page, "events"), stored(session)) == ([], [], [])


def test_what_is_written_after_the_withdrawal_is_not_kept(browser, standing):
    """A page that is going away, or another tab, may still be writing."""
    session, address = standing("assessment")
    context = browser.new_context()
    late = context.new_page()
    late.goto(address)
    wait_for_trial(late, 1)
    withdraw(session=session, delete_answers=True)
    late.route("**/api/**", lambda route: route.abort())
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("text=You have withdrawn")
    wait_for_kept(page, 2, "device")
    late.bring_to_front()
    answer_trials(late, 1, 2)
    wait_for_trial(late, 3)
    assert [kept(page, table) for table in ("answers", "events", "showings")] == [[], [], []]
    # Nothing of it is taken either: the tab is led to where the session stands.
    late.unroute("**/api/**")
    late.wait_for_selector("text=You have withdrawn")
    assert stored(session) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_around_a_trial_have_no_barrier_that_axe_finds(browser, standing, width):
    session, address = standing("training", "heatmap")
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    found = barriers(page)
    page.keyboard.press("?")
    found += barriers(page)
    page.keyboard.press("Escape")
    pick(page)
    send(page)
    page.wait_for_selector("form[action*=feedback]")
    found += barriers(page)
    other = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    StudySession.objects.filter(pk=session.pk).update(stage_key="assessment")
    other.goto(address)
    other.wait_for_selector("text=Continue here?")
    found += barriers(other)
    other.click("#continue-here")
    answer_trials(other, 1, 9)
    other.wait_for_selector(BREAK)
    found += barriers(other)
    assert found == []
