"""Every kind of task, over the real pages and the real API."""

import csv
import json
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.scales import SCALES
from experiments.tasks import TASKS
from studyapp.models import Response, StudySession, Trial, TrialOption
from studyapp.selectors.progress import current_page
from studyapp.selectors.schedule import schedule_of
from studyapp.services.exports import export_study
from studyapp.services.sessions import start_session
from tests.factories import SPECIES
from tests.integration.studyapp.speaking import Speaker, problems
from tests.integration.studyapp.walking import walk, walk_to
from tests.tasks import open_every_task


@pytest.fixture
def study(db, tmp_path):
    return open_every_task(tmp_path / "stimuli")


@pytest.fixture
def session(study) -> StudySession:
    """In the arm that is shown explanations to the end."""
    while True:
        session = start_session(study=study, entry_key=uuid.uuid4())
        if session.slot.arm == "heatmap":
            return session


def standing_at(session: StudySession, stage_key: str) -> StudySession:
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
    session.refresh_from_db()
    return session


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{table}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("kind", TASKS)
def test_feedback_has_words_for_every_kind(kind):
    assert get_template(f"studyapp/feedback/{kind}.html")


def test_every_kind_can_be_walked_without_scripts_and_asks_once_or_twice(client, session):
    asked = []
    for page, response in walk(client, session):
        if page.kind == "trial":
            asked.append((page.trial.trial_type, page.trial.pk, page.is_first))
            has_layer = 'class="layer"' in response.content.decode()
            is_catch = page.trial.trial_type == "catch"
            assert has_layer != (page.is_first or is_catch)
            # A check shows no picture: it asks for the answer that it names.
            assert ("Which answer is named above?" in response.content.decode()) == is_catch
    session.refresh_from_db()
    assert session.state == "completed"
    kinds = [kind for kind, _, _ in asked]
    assert {kind: kinds.count(kind) for kind in (*TASKS, "catch")} == {
        "distinction": 2,
        "forward_simulation": 2,
        "agreement": 2,
        "counterfactual": 8,
        "classification": 4,
        "catch": 1,
    }
    twice = [
        (pk, first) for kind, pk, first in asked if kind in ("counterfactual", "classification")
    ]
    assert all(
        before == (pk, True) and after == (pk, False)
        for before, after in zip(twice[::2], twice[1::2], strict=True)
        for pk in [before[0]]
    )
    assert Response.objects.count() == schedule_of(session).expected == 19


def test_times_of_both_answers_are_of_their_own_page(client, session):
    page = walk_to(client, standing_at(session, "naming"), "trial")
    assert page.is_first
    trial = Trial.objects.get(pk=page.trial.pk)
    assert trial.served_at is not None
    assert trial.served_again_at is None
    for page, _ in walk(client, session):
        if page.kind == "feedback":
            break
    trial.refresh_from_db()
    first, last = trial.responses.order_by("pk")
    assert (first.is_first, last.is_first) == (True, False)
    assert trial.served_at < first.received_at < trial.served_again_at < last.received_at
    assert last.server_ms <= (last.received_at - trial.served_again_at).total_seconds() * 1000 + 1


def test_no_page_of_any_kind_tells_what_is_right(client, session):
    for page, response in walk(client, session):
        if page.kind != "trial" or page.trial.trial_type == "catch":
            continue
        html, trial = response.content.decode(), page.trial
        assert_tells_nothing(html, trial)
        block = Speaker(session).block(take_over=True).json()["trials"]
        own = [one for one in block if one["uid"] == str(trial.uid)]
        assert len(own) == 1 + page.is_first
        for one in own:
            assert_tells_nothing(json.dumps(one), trial)


def assert_tells_nothing(text: str, trial: Trial) -> None:
    stimulus = trial.stimulus
    assert stimulus.key not in text
    assert "right_choice" not in text
    assert "stands_for" not in text
    for option in trial.options.all():
        assert f'"{option.stands_for}"' not in text
    named = {key: text.count(key) + text.count(name_of(key)) for key in SPECIES}
    if trial.trial_type in ("classification", "forward_simulation"):
        assert named["california_gull"] == named["herring_gull"]
    elif trial.trial_type in ("agreement", "counterfactual"):
        assert {key for key in SPECIES if named[key]} == {stimulus.predicted_species}
    else:
        assert not any(named.values())


def name_of(species: str) -> str:
    return species.replace("_", " ").title()


def test_a_trial_that_asks_twice_is_two_questions_of_a_block(session):
    player = Speaker(standing_at(session, "counterfactual"))
    block = player.trials()
    pictured = [one for one in block if one["picture"]]
    assert [one["is_first"] for one in pictured] == [True, False] * 4
    assert [one["asks_again"] for one in pictured] == [False, True] * 4
    assert len({one["asking"] for one in block}) == len(block) == 9
    for first, again in zip(pictured[::2], pictured[1::2], strict=True):
        assert first["uid"] == again["uid"]
        assert (first["explanation"], first["advice"]) == (None, None)
        assert again["explanation"] is not None
        assert first["choices"] == again["choices"]
        shown = [file["sha256"] for file in first["media"]]
        assert shown == [first["picture"], *(choice["picture"] for choice in first["choices"])]


def test_both_answers_are_stored_once_in_whichever_order_they_come(session):
    player = Speaker(standing_at(session, "counterfactual"))
    block = [one for one in player.trials() if one["picture"]]
    first, again = block[:2]
    sent = [
        player.answer(again, 1),
        player.answer(first, 0, is_first=True),
        player.answer(first, 0, is_first=True),
        player.answer(again, 1),
        player.answer(first, 1, is_first=True, key=str(uuid.uuid4())),
    ]
    assert [one.status_code for one in sent] == [201, 201, 200, 200, 409]
    assert len({one.json()["receipt"] for one in sent}) == 3
    stored = Response.objects.order_by("pk").values_list("is_first", "choice", "is_conflict")
    assert list(stored) == [(False, "b", False), (True, "a", False), (True, "b", True)]
    assert first["asking"] not in player.state()["unanswered"]
    assert again["asking"] not in player.state()["unanswered"]
    assert (sent[-1].json()["counted"], sent[-1].json()["expected"]) == (2, 19)


def test_a_trial_is_not_done_before_both_answers_are_here(session):
    player = Speaker(standing_at(session, "naming"))
    first, again = player.trials()
    assert player.answer(again).status_code == 201
    assert current_page(session).is_first
    assert [one["asking"] for one in player.trials()] == [first["asking"]]
    assert player.state()["unanswered"] == [first["asking"]]
    assert player.answer(first, is_first=True).status_code == 201
    assert current_page(session).kind == "feedback"


def test_a_key_serves_one_question_only(session):
    player = Speaker(standing_at(session, "naming"))
    first, again = player.trials()
    player.answer(first, is_first=True)
    refused = player.answer(again, key=first["key"])
    assert (refused.status_code, set(problems(refused))) == (422, {"key"})


def test_a_trial_that_asks_once_takes_no_first_answer(session):
    player = Speaker(standing_at(session, "agreement"))
    refused = player.answer(player.trials()[0], is_first=True)
    assert (refused.status_code, set(problems(refused))) == (422, {"trial"})
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.update(right_choice=""),
        lambda t: t.update(trial_type="riddle"),
        lambda t: t.filter(trial_type="agreement").update(served_again_at=timezone.now()),
        lambda t: t.filter(trial_type="catch").update(asks_first=True),
        lambda t: t.filter(trial_type="catch").update(right_choice="c"),
        lambda t: TrialOption.objects.filter(trial__in=t).update(key="a"),
        lambda t: TrialOption.objects.filter(trial__in=t).update(picture=None, layer=None),
        lambda t: [answer_to(t.get(trial_type="catch"), is_first=True) for _ in range(2)],
    ],
)
def test_the_database_refuses_what_no_task_can_mean(session, spoil):
    with pytest.raises(IntegrityError), transaction.atomic():
        spoil(Trial.objects.filter(session=session))


def answer_to(trial: Trial, **fields) -> Response:
    return Response.objects.create(
        key=uuid.uuid4(), trial=trial, choice="a", received_at=timezone.now(), **fields
    )


def test_bots_do_every_task_and_the_export_says_what_their_answers_mean(study, tmp_path):
    call_command("run_bots", study.slug, "-n", "4", "--seed", "3")
    export_study(study=study, target=tmp_path / "export")
    trials = {row["trial"]: row for row in rows_of(tmp_path / "export", "trials")}
    responses = rows_of(tmp_path / "export", "responses")
    firsts = {row["trial"]: row for row in rows_of(tmp_path / "export", "first_responses")}
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    stimuli = {stimulus["key"]: stimulus for stimulus in manifest["stimuli"]}
    assert len(responses) == len(trials) == 4 * 13
    assert len(firsts) == 4 * 6
    for row in responses:
        trial = trials[row["trial"]]
        assert row["correct"] == str(row["choice"] == trial["right_choice"]).lower()
        assert trial["right_choice"] == right_by_hand(trial, stimuli.get(trial["stimulus"]))
        if trial["asks_first"] == "true":
            first = firsts[row["trial"]]
            assert (row["first_choice"], row["first_correct"]) == (
                first["choice"],
                first["correct"],
            )
            assert row["first_rt_ms"] == first["rt_ms"] != ""
        else:
            assert row["trial"] not in firsts
            assert row["first_choice"] == row["first_correct"] == ""
    scores = rows_of(tmp_path / "export", "scales")
    assert len(scores) == 4 * 6
    assert {row["scale"] for row in scores} == set(SCALES)
    answers = rows_of(tmp_path / "export", "answers")
    for row in scores:
        own = [
            float(answer["value"])
            for answer in answers
            if (answer["session"], answer["stage_key"]) == (row["session"], row["stage_key"])
        ]
        assert int(row["answered"]) == int(row["items"]) == len(own)
        if not SCALES[row["scale"]].reversed:
            assert float(row["score"]) == pytest.approx(sum(own) / len(own))


def right_by_hand(trial: dict[str, str], stimulus: dict | None) -> str:
    """The rule of `correct`, written out once more."""
    if stimulus is None:
        return trial["instructed_choice"]
    meanings = json.loads(trial["choice_meanings"] or "{}")
    letters = {meaning: letter for letter, meaning in meanings.items()}
    if trial["trial_type"] == "counterfactual":
        best = sorted(stimulus["counterfactuals"], key=lambda version: version["score"])[-1]
        return letters[best["key"]]
    return {
        "classification": stimulus["true_species"],
        "forward_simulation": stimulus["predicted_species"],
        "agreement": "yes" if stimulus["true_species"] == stimulus["predicted_species"] else "no",
        "distinction": letters.get(stimulus["predicted_species"], ""),
    }[trial["trial_type"]]


def test_options_come_in_an_order_that_tells_nothing(study):
    first = set()
    for _ in range(12):
        session = start_session(study=study, entry_key=uuid.uuid4())
        for trial in session.trials.filter(trial_type__in=("counterfactual", "distinction")):
            first.add((trial.trial_type, trial.right_choice))
    assert first == {
        *(("counterfactual", letter) for letter in "ab"),
        *(("distinction", letter) for letter in "abc"),
    }


@pytest.mark.parametrize(("stage", "button"), [("after", ">Continue<"), ("automation", ">Finish<")])
def test_the_last_questionnaire_alone_finishes(client, session, stage, button):
    standing_at(session, stage)
    page = client.get(reverse("run", args=[session.token])).content.decode()
    assert button in page
    assert page.count(">Continue<") + page.count(">Finish<") == 1


def test_a_frozen_questionnaire_holds_the_words_of_its_scale(study):
    stages = {stage["key"]: stage for stage in study.frozen["protocol"]["stages"]}
    assert stages["load"]["scale"] == "nasa_tlx"
    assert [item["text"] for item in stages["load"]["items"]] == [
        item.text for item in SCALES["nasa_tlx"].items
    ]


def test_an_unanswered_rating_is_asked_for_again(client, session):
    standing_at(session, "load")
    address = reverse("questionnaire", args=[session.token])
    answers = {item.key: "55" for item in SCALES["nasa_tlx"].items}
    response = Client().post(address, {**answers, "nasa_tlx_effort": "57"})
    assert response.status_code == 422
    assert not session.answers.exists()
    assert Client().post(address, answers).status_code == 302
    assert session.answers.count() == 6


@pytest.mark.django_db(transaction=True)
def test_trials_of_before_get_their_right_answer(tmp_path):
    session = start_session(study=open_every_task(tmp_path / "stimuli"), entry_key=uuid.uuid4())
    executor = MigrationExecutor(connection)
    Response.objects.all().delete()
    TrialOption.objects.all().delete()
    Trial.objects.filter(session=session).exclude(trial_type="catch").update(
        trial_type="classification", asks_first=False
    )
    expected = {
        trial.pk: trial.stimulus.true_species if trial.stimulus else trial.instructed_choice
        for trial in Trial.objects.select_related("stimulus")
    }
    executor.migrate([("studyapp", "0002_player")])
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert dict(Trial.objects.values_list("pk", "right_choice")) == expected
