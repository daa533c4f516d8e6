"""The rules of the player's API."""

import json
import uuid
from csv import DictReader
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.receipts import RECEIPT_COLUMNS, receipt_of
from studyapp.api.openapi import openapi_text
from studyapp.enums import StudyStage
from studyapp.management.commands.write_api_docs import TARGET
from studyapp.models import Event, Response, StudySession
from studyapp.selectors.receipts import receipt
from studyapp.services.exports import export_study
from studyapp.services.responses import end_break
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.factories import BRIEF, open_demo
from tests.integration.studyapp.speaking import Speaker, problems

HELD, ELSEWHERE = "held", "elsewhere"


def standing_at(session: StudySession, stage_key: str) -> StudySession:
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
    session.refresh_from_db()
    return session


@pytest.fixture
def study(whole_demo):
    return whole_demo


@pytest.fixture
def player(session) -> Speaker:
    """A device at the assessment: no feedback, a break after nine trials."""
    return Speaker(standing_at(session, "assessment"))


def test_the_published_description_is_the_one_of_the_types():
    assert TARGET.read_text(encoding="utf-8") == openapi_text(), "run `manage.py write_api_docs`"


def test_a_block_ends_before_the_next_break(player):
    trials = player.trials()
    assert [trial["number"] for trial in trials] == list(range(1, 10))
    assert {trial["total"] for trial in trials} == {17}
    assert {str(row.uid) for row in player.session.trials.filter(served_at__isnull=False)} == {
        trial["uid"] for trial in trials
    }
    for trial in trials:
        assert player.answer(trial).status_code == 201
    assert player.trials() == []
    end_break(trial=player.session.trials.get(stage_key="assessment", offers_break=True))
    assert [trial["number"] for trial in player.trials()] == list(range(10, 18))


def test_a_block_ends_with_the_trial_whose_feedback_is_due(session):
    player = Speaker(standing_at(session, "training"))
    seen = []
    while session.stage_key == "training":
        trials = player.trials()
        *checks, asked = trials
        assert [check["picture"] for check in checks] == [None] * len(checks)
        seen += trials
        for trial in trials:
            assert player.answer(trial).status_code == 201
        if asked["picture"]:
            assert player.trials() == []
            uid = asked["uid"]
            Client().post(reverse("feedback", args=[session.token, uid]))
        session.refresh_from_db()
    assert len(seen) == 13


def test_a_block_names_its_media_with_their_length(player, session_in):
    player = Speaker(standing_at(session_in("heatmap"), "assessment"))
    shown = next(trial for trial in player.trials() if trial["picture"])
    layer = shown["explanation"]["layer"]["sha256"]
    assert [file["sha256"] for file in shown["media"]] == [shown["picture"], layer]
    for file in shown["media"]:
        assert len(Client().get(file["url"]).content) == file["bytes"]


def test_a_trial_comes_as_the_page_that_a_browser_without_scripts_gets(player):
    first = player.trials()[0]
    html = Client().get(reverse("run", args=[player.session.token])).content.decode()
    page = first["page"].replace(first["key"], "KEY")
    assert f'value="{first["key"]}"' in first["page"]
    start = html.index('name="key" value="') + len('name="key" value="')
    assert page.strip() in html.replace(html[start : start + 36], "KEY")


def test_nothing_but_trials_is_due_gives_an_empty_block(session):
    assert Speaker(session).trials() == []


@pytest.mark.parametrize(
    ("said", "kept"), [(0, 0), (75_000, 75_000), (None, None), (-1, None), (2**31, None)]
)
def test_how_long_an_answer_waited_is_kept_and_never_costs_it(player, said, kept):
    trial = player.trials()[0]
    assert player.answer(trial, waited_ms=said).status_code == 201
    assert Response.objects.get().waited_ms == kept
    # Sent again it has waited longer, and is the same answer.
    assert player.answer(trial, waited_ms=90_000).status_code == 200
    assert Response.objects.get().waited_ms == kept


def test_an_answer_is_new_then_the_same_then_different(player):
    trial = player.trials()[0]
    first, again = player.answer(trial), player.answer(trial)
    other_key = player.answer(trial, key=str(uuid.uuid4()))
    other = player.answer(trial, 1)
    assert [r.status_code for r in (first, again, other_key, other)] == [201, 200, 200, 409]
    assert [r.json()["outcome"] for r in (first, again, other)] == ["new", "same", "conflict"]
    assert first.json()["receipt"] == again.json()["receipt"] != other.json()["receipt"]
    stored = Response.objects.filter(trial__uid=trial["uid"]).order_by("pk")
    assert [row.is_conflict for row in stored] == [False, True]
    assert [receipt(row) for row in stored] == [first.json()["receipt"], other.json()["receipt"]]
    assert (first.json()["counted"], first.json()["expected"]) == (1, 34)


def test_an_answer_that_does_not_count_keeps_what_was_measured(player):
    trial = player.trials()[0]
    player.answer(trial)
    timing = player.answer_to(trial)["timing"] | {"submitted_ms": 2000.5, "reloads": 1}
    assert player.answer(trial, 1, rt_ms=1500.5, timing=timing).status_code == 409
    kept = Response.objects.get(is_conflict=True)
    assert kept.rt_ms == 1500.5
    assert kept.server_ms is None
    assert {name: getattr(kept, name) for name in timing} == timing


def test_what_was_measured_is_stored_with_the_answer(player):
    player.answer(player.trials()[0])
    row = Response.objects.get()
    assert (row.rt_ms, row.submitted_ms, row.onset_method) == (812.5, 1000.25, "decoded_two_frames")
    assert (row.refresh_ms, row.device_pixel_ratio, row.reloads) == (16.7, 2, 0)
    assert row.hidden_spans == [[10, 20.5]]
    # Nine trials were sent at once.
    assert row.server_ms is None


@pytest.mark.parametrize(
    ("timing", "missing"),
    [
        ({"submitted_ms": -1}, "submitted_ms"),
        ({"refresh_ms": "fast"}, "refresh_ms"),
        ({"refresh_ms": 0}, "refresh_ms"),
        ({"device_pixel_ratio": 99}, "device_pixel_ratio"),
        ({"reloads": -2}, "reloads"),
        ({"hidden_spans": [[1, 2, 3]]}, "hidden_spans"),
        ({"hidden_spans": [[0, 1]] * 201}, "hidden_spans"),
    ],
)
def test_a_measure_that_can_not_be_right_is_missing_and_costs_no_answer(player, timing, missing):
    trial = player.trials()[0]
    said = player.answer_to(trial)["timing"] | timing
    assert player.answer(trial, timing=said).status_code == 201
    row = Response.objects.get()
    columns = ("submitted_ms", "refresh_ms", "device_pixel_ratio", "reloads", "hidden_spans")
    assert [name for name in columns if getattr(row, name) is None] == [missing]


@pytest.mark.parametrize("method", [None, "guess"])
def test_without_a_known_onset_no_time_is_stored(player, method):
    trial = player.trials()[0]
    said = player.answer_to(trial)["timing"] | {"onset_method": method}
    assert player.answer(trial, timing=said).status_code == 201
    row = Response.objects.get()
    assert (row.rt_ms, row.submitted_ms, row.onset_method, row.hidden_spans) == (None,) * 4
    assert row.refresh_ms == 16.7


@pytest.mark.parametrize(
    ("said", "status", "field"),
    [
        ({"choice": "albatross"}, 422, "choice"),
        ({"choice": "x" * 101}, 422, "choice"),
        ({"confidence": 9}, 422, "confidence"),
        ({"confidence": None}, 422, "confidence"),
        ({"key": "mine"}, 422, "key"),
        ({"device": None}, 422, "device"),
        ({"trial": str(uuid.uuid4())}, 422, "trial"),
        ({"arm": "none"}, 422, "arm"),
        ({"timing": {"arm": "x"}}, 422, "timing.arm"),
        ({"choice": "x" * 17_000}, 413, "body"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(player, said, status, field):
    response = player.answer(player.trials()[0], **said)
    assert response.status_code == status
    assert set(problems(response)) == {field}
    assert all(message.endswith(".") for message in problems(response).values())
    assert not Response.objects.exists()


def test_bytes_that_are_no_json_are_refused(player):
    address = reverse("api-responses", args=[player.session.token])
    response = Client().post(address, b"\xff{", content_type="application/json")
    assert (response.status_code, problems(response)) == (400, {"body": "This is not JSON."})


@pytest.mark.parametrize("what", ["block", "responses", "events"])
def test_other_methods_and_sessions_are_refused_in_words(player, what):
    assert Client().get(reverse(f"api-{what}", args=[player.session.token])).status_code == 405
    response = Client().post(reverse(f"api-{what}", args=["nobody"]), {})
    assert (response.status_code, problems(response)) == (
        404,
        {"token": "There is no such session."},
    )


def test_a_trial_beyond_the_block_can_not_be_answered(player):
    trial = player.trials()[0]
    later = player.session.trials.get(index=player.session.trials.count() - 1)
    response = player.answer(trial, trial=str(later.uid))
    assert (response.status_code, set(problems(response))) == (422, {"trial"})
    assert not Response.objects.exists()


def test_answers_of_a_block_may_come_in_any_order(player):
    trials = player.trials()
    for trial in (trials[4], trials[0], trials[8]):
        assert player.answer(trial).status_code == 201
    assert [trial["number"] for trial in player.trials()] == [2, 3, 4, 6, 7, 8]


def test_a_key_of_another_answer_is_refused(player):
    first, second, *_ = player.trials()
    player.answer(first)
    response = player.answer(second, key=first["key"])
    assert (response.status_code, set(problems(response))) == (422, {"key"})
    player.answer(second)
    assert player.answer(second, 1, key=first["key"]).status_code == 422


def test_another_sessions_trial_is_unknown(player, session_in):
    other = Speaker(standing_at(session_in("none"), "assessment"))
    assert set(problems(player.answer(other.trials()[0]))) == {"trial"}


@pytest.mark.parametrize("how", ["withdrawn", "closed", "expired"])
def test_who_has_ended_stores_nothing_and_is_told_so(player, how):
    trials = player.trials()
    session = player.session
    assert player.answer(trials[0]).status_code == 201
    if how == "withdrawn":
        withdraw(session=session, delete_answers=False)
    elif how == "closed":
        set_stage(study=session.study, stage=StudyStage.CLOSED)
    else:
        began = timezone.now() - timedelta(days=14, minutes=1)
        StudySession.objects.filter(pk=session.pk).update(started_at=began)
    events = Event.objects.count()
    assert player.answer(trials[1]).status_code == 410
    assert player.answer(trials[0], 1).status_code == 410
    told = {"key": str(uuid.uuid4()), "kind": "picked"}
    assert player.post("events", {"events": [told]}).status_code == 410
    assert player.trials() == []
    assert (Response.objects.count(), Event.objects.count()) == (1, events)


def test_a_session_is_resumed_within_the_days_of_its_protocol_and_not_later(player):
    address = reverse("run", args=[player.session.token])
    for days, told in ((13, "Which gull is this?"), (15, "The time for this study is over")):
        began = timezone.now() - timedelta(days=days)
        StudySession.objects.filter(pk=player.session.pk).update(started_at=began)
        html = Client().get(address).content.decode()
        assert told in html
    assert "within 14 days" in html
    assert reverse("withdraw", args=[player.session.token]) in html
    assert "LARUS-DEMO" not in html


def test_the_last_answer_leads_on_and_no_code_comes_before_all_are_counted(player):
    session = player.session
    for trial in player.trials():
        player.answer(trial)
    end_break(trial=session.trials.get(stage_key="assessment", offers_break=True))
    for trial in player.trials():
        session.refresh_from_db()
        assert session.stage_key == "assessment"
        player.answer(trial)
    session.refresh_from_db()
    assert session.stage_key == "questionnaire"
    assert player.state()["counted"] == 17


def test_the_state_lists_what_was_sent_and_is_not_here(player):
    trials = player.trials()
    player.answer(trials[1])
    state = player.state()
    assert state["unanswered"] == [t["uid"] for t in trials if t != trials[1]]
    assert (state["lease"], state["counted"], state["expected"]) == (HELD, 1, 34)
    address = reverse("api-state", args=[player.session.token])
    assert set(problems(Client().get(address))) == {"device"}


def test_a_second_device_is_asked_and_the_first_learns_of_it(player):
    trials = player.trials()
    second = Speaker(player.session)
    refused = second.block().json()
    assert (refused["lease"], refused["trials"]) == (ELSEWHERE, [])
    assert player.answer(trials[0]).json()["lease"] == HELD
    taken = second.block(take_over=True).json()
    assert (taken["lease"], len(taken["trials"])) == (HELD, 8)
    late = player.answer(trials[1])
    assert (late.status_code, late.json()["lease"]) == (201, ELSEWHERE)
    assert player.block().json()["lease"] == player.state()["lease"] == ELSEWHERE
    assert [
        player.post("events", {"events": [], "device": str(device)}).json()["lease"]
        for device in (player.device, second.device)
    ] == [ELSEWHERE, HELD]
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == ["lease_taken", "lease_taken", "answered_without_lease"]


def test_what_the_first_device_had_queued_is_kept_and_flagged_when_answered_twice(player):
    trial = player.trials()[0]
    second = Speaker(player.session)
    second.block(take_over=True)
    assert second.answer(trial, key=str(uuid.uuid4())).status_code == 201
    assert player.answer(trial, 1).status_code == 409
    assert list(Response.objects.values_list("is_conflict", flat=True)) == [False, True]


def test_a_withdrawal_that_deletes_forgets_the_device(player):
    player.answer(player.trials()[0])
    withdraw(session=player.session, delete_answers=True)
    player.session.refresh_from_db()
    assert player.session.device is None


def event(**said) -> dict:
    return {"key": str(uuid.uuid4()), "kind": "picked", **said}


def test_events_are_stored_once_with_their_time_in_the_trial(player):
    trial = player.trials()[0]["uid"]
    sent = [
        event(trial=trial, since_onset_ms=120.5, kind="opacity_changed", data={"percent": 40}),
        event(trial=trial, since_onset_ms=None, kind="page_hidden"),
        event(trial=trial, kind="guide_left", data={"dwell_ms": None, "is_first": True}),
        event(kind="help_opened"),
        event(kind="offline", data={"page_ms": 5.0}),
        event(kind="online", data={"page_ms": 10**9}),
    ]
    for batch in (sent, sent[:2], [*sent, event()]):
        told = player.post("events", {"events": batch}).json()
        assert told == {"stored": len(batch), "lease": HELD}
    stored = list(Event.objects.filter(key__isnull=False).order_by("pk"))
    assert [row.kind for row in stored] == [
        "opacity_changed",
        "page_hidden",
        "guide_left",
        "help_opened",
        "offline",
        "online",
        "picked",
    ]
    assert (stored[0].since_onset_ms, stored[0].data) == (120.5, {"percent": 40})
    assert stored[2].data == {"dwell_ms": None, "is_first": True}
    assert stored[3].trial is None
    assert [row.data for row in stored[4:6]] == [{"page_ms": 5.0}, {"page_ms": None}]


@pytest.mark.parametrize(
    ("events", "field"),
    [
        ([event()] * 201, "events"),
        ([event(), event(kind="exploded")], "events.1.kind"),
        ([event(trial=str(uuid.uuid4()))], "events.0.trial"),
        ([event(data={"x": "y" * 101})], "events.0.data.x"),
        ([event(data={"x": [1]})], "events.0.data.x"),
        ([event(data={str(n): n for n in range(11)})], "events.0.data"),
        ([event(data={"n": 10**13})], "events.0.data.n"),
        ([event(kind="opacity_changed")], "events.0.data"),
        ([event(kind="opacity_changed", data={"percent": 101})], "events.0.data"),
        ([event(kind="part_shown", data={"part": "<b>"})], "events.0.data"),
        ([event(kind="part_left", data={"part": "x1", "dwell_ms": -1})], "events.0.data"),
        ([event(kind="part_left", data={"part": "x1", "dwell_ms": 10**9})], "events.0.data"),
        ([event(kind="guide_left", data={"dwell_ms": 5, "arm": "?"})], "events.0.data"),
    ],
)
def test_events_that_are_none_are_refused(player, events, field):
    response = player.post("events", {"events": events})
    assert response.status_code == 422
    assert all(name.startswith(field) for name in problems(response))
    assert not Event.objects.filter(key__isnull=False).exists()


def test_events_too_large_are_refused(player):
    assert player.post("events", {"events": "x" * 140_000}).status_code == 413


@pytest.mark.parametrize("arm", ["none", "placebo", "heatmap"])
@pytest.mark.parametrize("stage", ["practice", "assessment"])
def test_nothing_the_api_says_tells_truth_arm_or_condition(session_in, arm, stage):
    session = standing_at(session_in(arm), stage)
    player = Speaker(session)
    trials = player.trials()
    answered = player.answer(trials[0])
    fishing = [
        player.block(arm="?"),
        player.answer(trials[0], 1, true_species="?"),
        player.answer(trials[-1], choice="?"),
        player.answer(trials[-1], trial=str(session.trials.last().uid)),
        player.post("events", {"events": [event(data={"condition": "?"})]}),
        player.post("events", {"events": [event(trial=str(session.trials.last().uid))]}),
    ]
    heard = [json.dumps(trials), json.dumps(player.state()), answered.content.decode()]
    heard += [response.content.decode() + str(response.headers) for response in fishing]
    told = " ".join(heard)
    secrets = ["placebo", "igos", "secret-", 'true_species":', 'heatmap"', "predicted"]
    assert [secret for secret in secrets if secret in told] == []
    for trial, row in zip(trials, session.trials.filter(stage_key=stage), strict=False):
        if row.stimulus:
            assert row.stimulus.key not in told
            assert json.dumps(trial).count(row.stimulus.true_species) == json.dumps(trial).count(
                next(c for c in row.choice_order if c != row.stimulus.true_species)
            )


def test_a_receipt_is_made_again_from_the_export(player, tmp_path):
    trials = player.trials()
    given = [player.answer(trials[0]), player.answer(trials[1]), player.answer(trials[1], 1)]
    export_study(study=player.session.study, target=tmp_path / "export")
    with (tmp_path / "export" / "tables" / "responses.csv").open(newline="") as stream:
        rows = list(DictReader(stream))
    assert [row["receipt"] for row in rows] == [r.json()["receipt"] for r in given]
    numbers = ("rt_ms", "submitted_ms", "refresh_ms", "device_pixel_ratio")
    for row in rows:
        typed = {
            **{name: row[name] or None for name in RECEIPT_COLUMNS},
            **{name: float(row[name]) if row[name] else None for name in numbers},
            "confidence": int(row["confidence"]),
            "reloads": int(row["reloads"]) if row["reloads"] else None,
            "hidden_spans": json.loads(row["hidden_spans"]) if row["hidden_spans"] else None,
            "is_conflict": row["is_conflict"] == "true",
        }
        assert receipt_of(typed) == row["receipt"]


@pytest.mark.parametrize(("layout", "pictures"), [("side_by_side", 3), ("overlay", 2)])
def test_the_protocol_says_how_an_explanation_is_laid_out(db, tmp_path, layout, pictures):
    text = BRIEF.replace("explanation: igos", f"explanation: igos, layout: {layout}")
    path = tmp_path / "laid-out.yaml"
    path.write_text(text.replace("interactions: [opacity, flip]", "interactions: [flip]"))
    study = open_demo(tmp_path / "stimuli", protocol=path)
    sessions = (start_session(study=study, entry_key=uuid.uuid4()) for _ in range(20))
    session = next(session for session in sessions if session.slot.arm == "heatmap")
    trials = Speaker(standing_at(session, "assessment")).trials()
    shown = next(trial for trial in trials if trial["picture"])
    explanation = shown["explanation"]
    assert (explanation["layout"], explanation["interactions"]) == (layout, ["flip"])
    assert shown["page"].count("<img") == pictures
    assert shown["page"].count('data-widget="layer"') == shown["page"].count("<button type=") - 1
    assert 'type="range"' not in shown["page"]
