"""What each kind of task asks, which answer is right, and what it needs."""

import random
from collections import Counter
from pathlib import Path

import pytest

from experiments.checks import check_protocol
from experiments.columns import TABLES
from experiments.loading import load_protocol
from experiments.manifest import Counterfactual, Manifest, ManifestStimulus
from experiments.respondents import Question, ResponseModel, draw_respondents
from experiments.selection import select_stimuli
from experiments.sequencing import plan_session
from experiments.tasks import TASKS
from experiments.tasks.agreement import Agreement
from experiments.tasks.classification import Classification
from experiments.tasks.counterfactual import CounterfactualChoice
from experiments.tasks.distinction import Distinction
from experiments.tasks.forward_simulation import ForwardSimulation
from tests.unit.experiments.manifests import _picture, manifest_of

SPECIES = ("california_gull", "herring_gull", "ivory_gull", "ring_billed_gull")
EVERY_TASK = Path(__file__).parents[2] / "protocols" / "tasks.yaml"
REWORDED = """    scale: nasa_tlx
    items:
      - {kind: likert, key: nasa_tlx_effort, text: Effort?, levels: [low, high]}
"""


def layer(number: int):
    return _picture().model_copy(update={"sha256": f"{number:064x}"})


def stimulus(**changes) -> ManifestStimulus:
    """A California gull that the network calls a herring gull, with all that any task needs."""
    plain = manifest_of(SPECIES[:2], 1).stimuli[0]
    own = plain.explanations["igos"].model_copy(update={"target": SPECIES[1], "layer": layer(1)})
    others = [(2, SPECIES[0]), (3, SPECIES[2]), (4, SPECIES[3])]
    versions = [("v1", 0.2), ("v2", 0.9)]
    return plain.model_copy(
        update={
            "predicted_species": SPECIES[1],
            "explanations": {**plain.explanations, "igos": own},
            "alternatives": {
                "igos": tuple(
                    own.model_copy(update={"target": species, "layer": layer(number)})
                    for number, species in others
                )
            },
            "counterfactuals": tuple(
                Counterfactual(key=key, picture=_picture(), score=score, cells=7, hidden=(1, 2))
                for key, score in versions
            ),
            **changes,
        }
    )


def asked(task, one=None, seed: int = 0):
    generator = random.Random(seed)
    choices = task.choices(SPECIES)
    return task.ask(one or stimulus(), choices=choices, explanation="igos", generator=generator)


@pytest.mark.parametrize(
    ("task", "choices", "right"),
    [
        (Classification(), SPECIES, "california_gull"),
        (ForwardSimulation(), SPECIES, "herring_gull"),
        (Agreement(), ("yes", "no"), "no"),
    ],
)
def test_words_are_offered_and_one_is_right(task, choices, right):
    assert (asked(task).choices, asked(task).right_choice) == (choices, right)
    assert asked(task).options == ()


def test_agreement_is_right_where_the_network_is():
    assert asked(Agreement(), stimulus(predicted_species=SPECIES[0])).right_choice == "yes"


@pytest.mark.parametrize(
    ("task", "meanings", "right"),
    [
        (CounterfactualChoice(), {"v1", "v2"}, "v2"),
        (Distinction(), set(SPECIES), "herring_gull"),
        (Distinction(options=2), {SPECIES[0], SPECIES[1]}, "herring_gull"),
    ],
)
def test_pictures_are_offered_by_letter_in_an_order_that_is_drawn(task, meanings, right):
    places = Counter()
    for seed in range(200):
        trial = asked(task, seed=seed)
        by_letter = {option.key: option.stands_for for option in trial.options}
        assert tuple(by_letter) == trial.choices
        assert set(by_letter.values()) == meanings
        assert by_letter[trial.right_choice] == right
        places[trial.right_choice] += 1
    expected = 200 / len(meanings)
    assert all(abs(count - expected) < 5 * expected**0.5 for count in places.values())
    assert len(places) == len(meanings)


@pytest.mark.parametrize(
    ("task", "changes", "told"),
    [
        (Classification(), {"explanations": {}}, "the explanation 'igos', which an arm will show"),
        (ForwardSimulation(), {"predicted_species": "slaty_backed_gull"}, "slaty_backed_gull"),
        (Agreement(), {"predicted_species": "slaty_backed_gull"}, "it is 'slaty_backed_gull'"),
        (CounterfactualChoice(), {"counterfactuals": ()}, "build --counterfactuals"),
        (Distinction(), {"alternatives": {}}, "3 'igos' explanations of other species"),
        (Distinction(options=5), {}, "1 'igos' explanations of other species"),
    ],
)
def test_what_a_picture_lacks_is_named(task, changes, told):
    (lack,) = task.missing(stimulus(**changes), explanations={"igos"}, species=SPECIES)
    assert told in lack
    whole = Distinction(options=4) if isinstance(task, Distinction) else task
    assert whole.missing(stimulus(), explanations={"igos"}, species=SPECIES) == []


def test_a_placebo_is_no_explanation_to_distinguish_and_no_build_helps():
    one = stimulus()
    lent = one.explanations["igos"].model_copy(update={"source": "another"})
    placebo = one.model_copy(update={"explanations": {**one.explanations, "placebo": lent}})
    (lack,) = Distinction().missing(placebo, explanations={"igos", "placebo"}, species=SPECIES)
    assert "'placebo' belongs to: it is a placebo" in lack
    assert "true explanation" in lack
    assert "--also-for" not in lack


def test_explanations_that_look_the_same_are_not_told_apart():
    one = stimulus()
    same = tuple(o.model_copy(update={"layer": layer(1)}) for o in one.alternatives["igos"][:2])
    twins = stimulus(alternatives={"igos": (*same, one.alternatives["igos"][2])})
    lack = Distinction().missing(twins, explanations={"igos"}, species=SPECIES)
    assert lack == [
        "2 'igos' explanations of other species that differ (`build --also-for 3`)",
    ]


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([("v1", 0.2, 3)], "two counterfactuals"),
        ([("v1", 0.2, 3), ("v1", 0.3, 3)], "two counterfactuals"),
        ([("v1", 0.2, 3), ("v2", 0.3, 4)], "number of hidden patches"),
        ([("v1", 0.2, 3), ("v2", 0.2, 3)], "neither counterfactual"),
    ],
)
def test_versions_that_can_not_be_compared_are_refused(versions, told):
    document = stimulus().model_dump()
    document["counterfactuals"] = [
        {
            "key": key,
            "picture": _picture().model_dump(),
            "score": score,
            "cells": 7,
            "hidden": list(range(hidden)),
        }
        for key, score, hidden in versions
    ]
    with pytest.raises(ValueError, match=told):
        ManifestStimulus.model_validate(document)


@pytest.mark.parametrize("column", ["choice", "right_choice"])
def test_every_kind_says_in_the_codebook_what_its_answers_are(column):
    table = "responses" if column == "choice" else "trials"
    meaning = next(c.meaning for c in TABLES[table].columns if c.name == column)
    assert all(f"{kind}: " in meaning for kind in TASKS)


def manifest_for_tasks(*, wrong: int = 1) -> Manifest:
    """Two species of eight pictures; of each the first `wrong` are named wrongly."""
    plain = manifest_of(SPECIES[:2], 8)
    changed = []
    for number, one in enumerate(plain.stimuli):
        other = SPECIES[:2][one.true_species == SPECIES[0]]
        said = other if number % 8 < wrong else one.true_species
        parts = stimulus()
        key = f"{one.true_species}-{number % 8:03}"
        igos = parts.explanations["igos"].model_copy(update={"target": said})
        changed.append(
            one.model_copy(
                update={
                    "key": key,
                    "predicted_species": said,
                    "explanations": {**one.explanations, "igos": igos},
                    "alternatives": parts.alternatives,
                    "counterfactuals": parts.counterfactuals,
                }
            )
        )
    knows = plain.network.model_copy(update={"species": SPECIES})
    return plain.model_copy(update={"stimuli": tuple(changed), "network": knows})


def findings_of(tmp_path, old: str = "", new: str = "", **options):
    text = EVERY_TASK.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check_protocol(path, manifest_for_tasks(**options)).findings


def test_the_study_with_every_task_is_sound(tmp_path):
    # It has as few pictures as can be, of which another check tells.
    assert {one.where for one in findings_of(tmp_path)} == {"analysis.model"}


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("{training: heatmap, assessment: none}", "{training: none, assessment: heatmap}",
         "stages.2.task", "arm 'plain' shows no explanation in training"),
        ("{kind: distinction, options: 3}", "{kind: distinction, options: 5}",
         "stages.2.stimuli.per_species", "explanations of other species"),
        ("{kind: distinction, options: 3}", "{kind: distinction, options: 6}",
         "stages.2.task.options", "the network knows 4. Offer 4 or fewer."),
        ("{keys: [california_gull-000, herring_gull-001]}",
         "{keys: [california_gull-001, herring_gull-001]}",
         "stages.4.stimuli", "always saying yes"),
        ("phase: training\n    task: {kind: forward", "phase: assessment\n    task: {kind: forward",
         "stages.5.task", "different tasks (counterfactual, forward_simulation)"),
        ("heatmap: {display: heatmap, ", "heatmap: {advice: species, display: heatmap, ",
         "stages.3.task", "what the classifier answers, which is what"),
        ("task: {kind: agreement}", "task: {kind: agrement}", "stages.4.task", "agreement"),
        ("    scale: understanding\n", REWORDED,
         "stages.1.items", "is not as the scale nasa_tlx words it"),
        ("    scale: understanding\n", "    scale: nasa\n", "stages.1.scale", "nasa_tlx"),
        ("    scale: understanding\n", "", "stages.1.items", "is missing"),
    ],
)  # fmt: skip
def test_what_a_task_can_not_do_with_is_found(tmp_path, old, new, where, told):
    found = findings_of(tmp_path, old, new)
    assert any(one.where == where and told in one.sentence("study.yaml") for one in found), found


def test_two_answers_with_nothing_between_them_are_told(tmp_path):
    found = findings_of(
        tmp_path,
        "heatmap: {training: heatmap, assessment: heatmap}",
        "heatmap: {practice: heatmap, training: heatmap, assessment: none}",
    )
    assert [one.where for one in found if "between the two answers" in one.what] == [
        "stages.5.task.first_answer"
    ]


def test_a_plan_is_the_same_in_every_arm_but_for_what_is_shown():
    protocol, manifest = load_protocol(EVERY_TASK).protocol, manifest_for_tasks()
    selection = select_stimuli(protocol, manifest)
    stimuli = {one.key: one for one in manifest.stimuli}
    plans = {
        arm: plan_session(protocol, stimuli, selection, arm=arm, seed=3) for arm in protocol.arms
    }
    for plain, heatmap in zip(plans["plain"], plans["heatmap"], strict=True):
        assert (plain.stimulus, plain.right_choice, plain.options) == (
            heatmap.stimulus,
            heatmap.right_choice,
            heatmap.options,
        )
        assert plain.asks_first == heatmap.asks_first
    shown = {(one.trial_type, one.explanation) for one in plans["heatmap"]}
    assert shown == {
        ("distinction", None),
        ("forward_simulation", "igos"),
        ("agreement", "igos"),
        ("counterfactual", "igos"),
        ("classification", "igos"),
        ("catch", None),
    }
    catch = next(one for one in plans["plain"] if one.trial_type == "catch")
    assert catch.right_choice == catch.instructed_choice in catch.choice_order == ("a", "b")


def shares(task, right: str, choices: tuple[str, ...], *, condition: str = "none") -> float:
    people = draw_respondents(ResponseModel(effects={"heatmap": 1.5}), 150, seed=4)
    answers = [
        task.simulate(person, Question(right, choices, f"picture-{number}", condition)).choice
        for person in people
        for number in range(10)
    ]
    return sum(answer == right for answer in answers) / len(answers)


def test_simulated_people_are_inclined_to_believe_the_network():
    yes, no = (shares(Agreement(), right, ("yes", "no")) for right in ("yes", "no"))
    assert yes > no + 0.15


def test_a_second_answer_keeps_the_first_unless_the_explanation_moves_it():
    people = draw_respondents(ResponseModel(effects={"heatmap": 1.5}), 300, seed=5)
    pairs = []
    for person in people:
        for number in range(10):
            alone = Question("a", ("a", "b", "c"), f"picture-{number}", "none")
            first = person.answer(alone).choice
            helped = Question(
                "a", ("a", "b", "c"), f"picture-{number}", "heatmap", first_choice=first
            )
            pairs.append((first, person.answer(helped).choice))
    moved = Counter((first == "a", last == "a") for first, last in pairs)
    # Nobody is led astray by what helps, and who stays wrong stays with the same answer.
    assert moved[True, False] == 0
    assert moved[False, True] > 200
    assert all(first == last for first, last in pairs if "a" not in (first, last))
    once = shares(Classification(), "a", ("a", "b", "c"), condition="heatmap")
    twice = sum(last == "a" for _, last in pairs) / len(pairs)
    assert abs(once - twice) < 0.04
