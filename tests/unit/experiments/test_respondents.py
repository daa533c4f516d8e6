import dataclasses
from statistics import fmean, stdev

from experiments.respondents import PROFILES, Question, ResponseModel, draw_respondents

SPECIES = ("a", "b", "c", "d")


def accuracy(response_model: ResponseModel, condition: str = "none") -> float:
    people = draw_respondents(response_model, 200, seed=1)
    answers = [
        person.answer(Question("a", SPECIES, f"picture-{number}", condition)).choice == "a"
        for person in people
        for number in range(20)
    ]
    return fmean(answers)


def test_guessing_respondents_are_right_one_time_in_four():
    assert abs(accuracy(PROFILES["guessing"]) - 0.25) < 0.03


def test_an_effect_raises_accuracy_only_in_its_condition():
    helped = dataclasses.replace(PROFILES["attentive"], effects={"heatmap": 1.0})
    assert accuracy(helped, "heatmap") > accuracy(helped, "none") + 0.08
    assert accuracy(helped, "none") == accuracy(PROFILES["attentive"], "none")


def test_pictures_differ_in_difficulty_and_people_share_it():
    people = draw_respondents(ResponseModel(ability_sd=0.0), 2, seed=3)
    questions = [Question("a", SPECIES, f"picture-{n}", "none") for n in range(50)]
    first, second = ([p.probability_correct(q) for q in questions] for p in people)
    assert first == second
    assert stdev(first) > 0.08


def test_attentive_people_follow_attention_checks_and_careless_ones_do_not():
    check = Question(None, SPECIES, None, "none", instructed_choice="c", confidence_levels=5)
    attentive = draw_respondents(PROFILES["attentive"], 40, seed=1)
    careless = draw_respondents(PROFILES["careless"], 400, seed=1)
    assert {person.answer(check).choice for person in attentive} == {"c"}
    assert 0.15 < fmean(person.answer(check).choice == "c" for person in careless) < 0.35


def test_equal_seeds_answer_equally_whatever_the_number_of_people():
    question = Question("a", SPECIES, "picture", "none", confidence_levels=5)
    few = [person.answer(question) for person in draw_respondents(PROFILES["mixed"], 3, seed=8)]
    many = [person.answer(question) for person in draw_respondents(PROFILES["mixed"], 9, seed=8)]
    assert few == many[:3]
    assert all(1 <= answer.confidence <= 5 and answer.rt_ms > 0 for answer in many)
