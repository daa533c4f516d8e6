"""Every explanation in a real browser: by mouse, by keyboard alone, by touch, enlarged, and without
scripts; and what of it is stored."""

import re
import uuid

import pytest
from playwright.sync_api import Page

from studyapp.models import Artefact, Event, Response, StudySession
from studyapp.services.sessions import start_session
from tests.browser.axe import barriers
from tests.browser.hands import click, pick, press, send, tap, wait_for_trial
from tests.browser.test_player import wait_for_stored
from tests.factories import open_explained

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEEDBACK = "form[action*=feedback]"
EXPLAINED_ARMS = ("heatmap", "concepts", "concepts_placebo", "graph", "graph_placebo")


@pytest.fixture
def explained_in(transactional_db, live_server, tmp_path):
    """A function that gives a session of an arm at a stage, and its address."""
    study = open_explained(tmp_path / "stimuli")

    def stand(arm: str, stage_key: str = "training") -> tuple[StudySession, str]:
        while True:
            session = start_session(study=study, entry_key=uuid.uuid4())
            if session.slot.arm == arm:
                break
        StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
        return session, f"{live_server.url}/run/{session.token}/"

    return stand


def events_of(session: StudySession) -> list[tuple[str, dict]]:
    """What was told of the first trial, in its order; dwell times are looked at apart."""
    told = Event.objects.filter(session=session, trial__isnull=False, key__isnull=False)
    return [(event.kind, event.data) for event in told.order_by("pk") if event.kind != "picked"]


def without_times(told: list[tuple[str, dict]]) -> list[tuple[str, dict]]:
    return [(kind, {k: v for k, v in data.items() if k != "dwell_ms"}) for kind, data in told]


def finish(page: Page, session: StudySession, act=click) -> Response:
    """Answer the trial shown and wait until that, and what was told of it, is stored."""
    act(page.locator("fieldset.species label").first)
    send(page, act)
    page.wait_for_selector(FEEDBACK)
    return wait_for_stored(session, 1)[0]


ACTS = [(click, 1280, False), (press, 1280, False), (tap, 360, True)]


@pytest.mark.parametrize(("act", "width", "is_mobile"), ACTS)
def test_concepts_are_shown_one_at_a_time(browser, explained_in, act, width, is_mobile):
    session, address = explained_in("concepts")
    viewport = {"width": width, "height": 800}
    page = browser.new_context(
        viewport=viewport, has_touch=is_mobile, is_mobile=is_mobile
    ).new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    layer = page.locator(".chosen .layer")
    layers = [one.get_attribute("src") for one in page.locator(".concept .layer").all()]
    buttons = page.locator("button.concept")
    keys = [one.get_attribute("data-part") for one in page.locator(".concepts > li").all()]
    assert layer.get_attribute("src").endswith(layers[0])
    assert page.locator(".examples:visible").count() <= 1
    act(buttons.nth(1))
    assert layer.get_attribute("src").endswith(layers[1])
    assert layer.get_attribute("alt") == page.locator(".concept .layer").nth(1).get_attribute("alt")
    assert (
        page.locator(".chosen .told").inner_text() == buttons.nth(1).locator(".name").inner_text()
    )
    pressed = [one.get_attribute("aria-pressed") for one in buttons.all()]
    assert pressed.count("true") == 1 and pressed[1] == "true"
    assert all(box["height"] >= 44 for box in (b.bounding_box() for b in buttons.all()))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_timeout(120)
    finish(page, session, act)
    told = events_of(session)
    assert without_times(told) == [
        ("part_shown", {"part": keys[0]}),
        ("part_left", {"part": keys[0]}),
        ("part_shown", {"part": keys[1]}),
        ("part_left", {"part": keys[1]}),
    ]
    response = Response.objects.get(trial__session=session)
    dwells = [data["dwell_ms"] for kind, data in told if kind == "part_left"]
    assert dwells[1] >= 100
    assert sum(dwells) <= response.submitted_ms + 100


def test_a_device_that_slept_for_a_day_tells_no_times_and_loses_nothing(browser, explained_in):
    session, address = explained_in("concepts")
    page = browser.new_page()
    page.add_init_script("""
      const now = performance.now.bind(performance);
      performance.now = () => now() + (window.sleptMs ?? 0);""")
    page.goto(address)
    wait_for_trial(page, 1)
    page.locator("button.concept").nth(1).click()
    page.evaluate("window.sleptMs = 25 * 3600 * 1000")
    page.locator("button.concept").nth(0).click()
    finish(page, session)
    told = events_of(session)
    kinds = ["part_shown", "part_left"] * 3
    assert [kind for kind, _ in told] == kinds
    dwells = [data["dwell_ms"] for kind, data in told if kind == "part_left"]
    assert dwells[0] is not None
    assert dwells[1:] == [None, None]
    assert Event.objects.filter(session=session, kind="picked", since_onset_ms=None).count() == 1


def test_a_graph_by_mouse(browser, explained_in):
    session, address = explained_in("graph")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    assert visible_nodes(page) == ["n0", "n1"]
    assert "These 3 squares are enough" in page.locator(".chosen .told").inner_text()
    page.click("[data-part=n0]")
    assert visible_nodes(page) == ["n0", "n1", "n2", "n3", "n4"]
    page.click("[data-part=n2]")
    assert (
        "2 squares are left: the program keeps 61 %" in page.locator(".chosen .told").inner_text()
    )
    squares = page.locator("[data-part=n2]").first.get_attribute("data-squares")
    assert page.locator(".outline path").first.get_attribute("d") == squares
    assert page.locator(".shade .dark").get_attribute("d").endswith(squares)
    page.click(".unfold button")
    assert visible_nodes(page) == [f"n{number}" for number in (0, 1, 2, 3, 4, 7, 8)]
    page.keyboard.press("f")
    assert page.locator(".shade").evaluate("shade => getComputedStyle(shade).opacity") == "0"
    page.click(".unfold button")
    assert visible_nodes(page) == ["n0", "n1", "n2", "n3", "n4"]
    finish(page, session)
    assert without_times(events_of(session)) == [
        ("part_shown", {"part": "n0"}),
        ("children_opened", {"part": "n0"}),
        ("part_left", {"part": "n0"}),
        ("part_shown", {"part": "n2"}),
        ("children_opened", {"part": "n2"}),
        ("colours_switched", {"shown": False}),
        ("children_closed", {"part": "n2"}),
        ("part_left", {"part": "n2"}),
    ]


def visible_nodes(page: Page) -> list[str]:
    nodes = page.locator(".graph .node:visible")
    return sorted(node.get_attribute("data-part") for node in nodes.all())


def in_focus(page: Page) -> str | None:
    return page.evaluate("document.activeElement.dataset.part")


def test_a_graph_by_keyboard_alone(browser, explained_in):
    session, address = explained_in("graph")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    for _ in range(12):
        page.keyboard.press("Tab")
        if in_focus(page):
            break
    assert in_focus(page) == "n0"
    page.keyboard.press("ArrowDown")
    assert in_focus(page) == "n0"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert in_focus(page) == "n2"
    page.keyboard.press("ArrowRight")
    beside = in_focus(page)
    assert beside in ("n1", "n3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowDown")
    assert in_focus(page) == "n7"
    page.keyboard.press("Escape")
    assert in_focus(page) == "n2"
    page.keyboard.press("Escape")
    assert visible_nodes(page) == ["n0", "n1", "n2", "n3", "n4"]
    page.keyboard.press("ArrowUp")
    assert in_focus(page) == "n0"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    # Digits and Enter are the form's again, and were so beside the graph.
    for key in ("2", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector(FEEDBACK)
    row = wait_for_stored(session, 1)[0]
    assert row.choice == row.trial.choice_order[1]
    kinds = [kind for kind, _ in events_of(session)]
    assert kinds.count("children_opened") == kinds.count("children_closed") == 2


def test_a_graph_on_a_phone_is_moved_by_buttons(browser, explained_in):
    session, address = explained_in("graph")
    phone = {"width": 360, "height": 740}
    page = browser.new_context(viewport=phone, has_touch=True, is_mobile=True).new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    assert not page.locator(".pan").is_visible()
    page.tap("[data-part=n0] image")
    page.tap("[data-part=n2] image")
    page.tap(".unfold button")
    page.locator(".pan").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for button in page.locator(".pan button, .unfold button, .switch").all():
        assert button.bounding_box()["height"] >= 44
    page.tap("[data-pan='1']")
    page.wait_for_function("() => document.querySelector('.scroller').scrollLeft > 0")
    page.tap("[data-pan='-1']")
    page.wait_for_function("() => document.querySelector('.scroller').scrollLeft === 0")
    finish(page, session, tap)
    panned = [data["percent"] for kind, data in events_of(session) if kind == "graph_panned"]
    assert len(panned) == 2
    assert panned[0] > panned[1] == 0


def swipe(page: Page, target: str, by: int) -> None:
    """Drag across by one finger, near the top of something."""
    box = page.locator(target).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 40
    finger = page.context.new_cdp_session(page)
    for step in range(11):
        kind = "touchMove" if step else "touchStart"
        at = [{"x": x + by * step / 10, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_graph_on_a_phone_is_moved_by_a_finger_and_that_is_told(browser, explained_in):
    session, address = explained_in("graph")
    phone = {"width": 360, "height": 740}
    page = browser.new_context(viewport=phone, has_touch=True, is_mobile=True).new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    page.tap("[data-part=n0] image")
    page.tap("[data-part=n2] image")
    page.tap(".unfold button")
    page.locator(".pan").wait_for()
    page.evaluate("document.querySelector('.scroller').scrollIntoView({ behavior: 'instant' })")
    assert page.evaluate("document.querySelector('.scroller').scrollLeft") == 0
    swipe(page, ".scroller", -120)
    page.wait_for_function("() => document.querySelector('.scroller').scrollLeft > 0")
    # What is moved by the page itself, to show what was chosen, is not the participant's panning.
    page.wait_for_timeout(300)
    page.locator(".node[data-part=n0]").focus()
    page.keyboard.press("ArrowDown")
    finish(page, session, tap)
    panned = Event.objects.get(session=session, kind="graph_panned")
    assert 0 < panned.data["percent"] < 100
    assert panned.since_onset_ms > 0


def test_the_guide_stays_at_hand_and_says_how_long(browser, explained_in):
    session, address = explained_in("none")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    guide = page.locator(".guide details")
    assert not page.locator(".entries").is_visible()
    page.keyboard.press("g")
    page.locator(".entries").wait_for()
    assert page.locator(".entries h2").count() == 4
    page.reload()
    wait_for_trial(page, 1)
    assert guide.get_attribute("open") is not None
    page.wait_for_timeout(120)
    page.locator(".guide summary").click()
    page.wait_for_function("() => !document.querySelector('.guide details').open")
    page.wait_for_timeout(50)
    finish(page, session)
    told = events_of(session)
    assert without_times(told) == [
        ("guide_shown", {"stayed": False}),
        ("guide_shown", {"stayed": True}),
        ("guide_left", {}),
    ]
    assert told[-1][1]["dwell_ms"] >= 100


def test_contours_have_a_legend_of_lines(browser, explained_in):
    session, address = explained_in("heatmap")
    Artefact.objects.filter(pk__in=session.trials.values("artefact")).update(style="contours")
    page = browser.new_page()
    page.goto(address)
    wait_for_trial(page, 1)
    assert page.locator(".legend .lines").is_visible()
    assert page.locator(".ramp").count() == 0
    assert "Lines" in page.locator(".switch").inner_text()
    layer = page.locator(".layer")
    assert layer.get_attribute("alt") == "Colours over the picture."
    page.keyboard.press("f")
    assert layer.get_attribute("aria-hidden") == "true"


def test_enlarged_to_200_percent_nothing_is_cut_off(browser, explained_in):
    """A window of 1280 pixels at 200 % has room for 640."""
    viewport = {"width": 640, "height": 400}
    page = browser.new_context(viewport=viewport, device_scale_factor=2).new_page()
    for arm in EXPLAINED_ARMS:
        session, address = explained_in(arm)
        page.goto(address)
        wait_for_trial(page, 1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        finish(page, session)


def test_no_barrier_that_axe_finds(browser, explained_in):
    for arm in ("heatmap", "concepts", "graph"):
        for width in (360, 1280):
            _, address = explained_in(arm)
            page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
            page.goto(address)
            wait_for_trial(page, 1)
            if arm == "graph":
                page.click("[data-part=n0] image")
                page.locator(".words summary").click()
            page.keyboard.press("g")
            page.locator(".entries").wait_for()
            assert (arm, width, barriers(page)) == (arm, width, [])


def test_a_trial_without_scripts(browser, explained_in):
    viewport = {"width": 360, "height": 740}
    page = browser.new_context(java_script_enabled=False, viewport=viewport).new_page()
    for arm in EXPLAINED_ARMS:
        session, address = explained_in(arm)
        page.goto(address)
        if arm.startswith("concepts"):
            assert page.locator(".concepts > li .thumb").count() >= 2
            assert page.locator("button.concept").count() == 0
        if arm.startswith("graph"):
            assert page.locator(".graph[role=img] .node").count() == 9
            page.locator(".words summary").click()
            assert page.locator(".words li").first.is_visible()
            assert not page.locator(".chosen").is_visible()
        for control in page.locator(".explained button, .explained input").all():
            assert not control.is_visible()
        assert page.locator(".guide summary").is_visible()
        page.locator("fieldset.species label").first.click()
        with page.expect_navigation():
            send(page)
        assert page.locator(FEEDBACK).count() == 1
        assert wait_for_stored(session, 1)[0].rt_ms is None


def test_a_whole_block_with_a_graph_and_ratings(browser, explained_in):
    session, address = explained_in("graph", "assessment")
    page = browser.new_page()
    page.goto(address)
    for number in range(1, 5):
        wait_for_trial(page, number)
        page.click("[data-part=n1] image")
        pick(page, number % 4, number % 2)
        send(page)
    page.wait_for_selector("text=done")
    rows = wait_for_stored(session, 4)
    assert len(rows) == 4
    assert {row.onset_method for row in rows} == {"decoded_two_frames"}
    shown = Event.objects.filter(session=session, kind="part_shown", data__part="n1")
    assert len({event.trial_id for event in shown}) == 4
    assert re.fullmatch(r"[0-9a-f-]{36}", str(shown[0].key))
