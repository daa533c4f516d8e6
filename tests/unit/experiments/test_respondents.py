import dataclasses
import math
from statistics import correlation, fmean, stdev

from pytest import approx

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


def test_feedback_teaches_and_nothing_else_does():
    learner = ResponseModel(learning=0.5, lapse=0.0, guess=0.0)
    told = Question("a", SPECIES, "picture", "none", has_feedback=True)
    untold = dataclasses.replace(told, has_feedback=False)
    check = Question(None, SPECIES, None, "none", instructed_choice="c", has_feedback=True)

    def logit_after(questions):
        (person,) = draw_respondents(learner, 1, seed=4)
        for question in questions:
            person.answer(question)
        probability = person.probability_correct(untold)
        return math.log(probability / (1 - probability))

    start = logit_after([])
    assert logit_after([untold] * 5) == start
    assert logit_after([check] * 5) == start
    # 0.5 for each unit of the logarithm of 1 + answers with feedback.
    assert math.isclose(logit_after([told] * 7) - start, 0.5 * math.log(8))


def test_what_a_condition_taught_stays_when_it_goes():
    taught = ResponseModel(learning_effects={"heatmap": 0.4}, lapse=0.0, guess=0.0)
    with_heatmap = Question("a", SPECIES, "picture", "heatmap", has_feedback=True)
    without = Question("a", SPECIES, "picture", "none")
    (person,) = draw_respondents(taught, 1, seed=4)
    before = person.probability_correct(without)
    for _ in range(3):
        person.answer(with_heatmap)
    after = person.probability_correct(without)
    gained = math.log(after / (1 - after)) - math.log(before / (1 - before))
    assert math.isclose(gained, 0.4 * math.log(4))


def test_pictures_react_to_a_condition_as_much_as_the_model_says():
    reacting = ResponseModel(item_sd=0.0, item_condition_sd=0.5, lapse=0.0, guess=0.0)
    (person,) = draw_respondents(reacting, 1, seed=4)
    person.ability = 0.0
    logits = {
        condition: [
            math.log(p / (1 - p))
            for p in (
                person.probability_correct(Question("a", SPECIES, f"p{n}", condition))
                for n in range(400)
            )
        ]
        for condition in ("none", "heatmap")
    }
    assert abs(stdev(logits["none"]) - 0.5) < 0.06
    assert abs(correlation(logits["none"], logits["heatmap"])) < 0.15


def test_times_depend_on_the_person_and_on_how_sure_they_can_be():
    paced = ResponseModel(rt_sigma=0.1, rt_person_sd=0.6, rt_certainty=-1.0)
    easy = dataclasses.replace(paced, mean_ability=6.0)
    hard = dataclasses.replace(paced, mean_ability=-6.0)
    question = Question("a", SPECIES, "picture", "none")

    def log_times(response_model):
        people = draw_respondents(response_model, 200, seed=2)
        return [math.log(person.answer(question).rt_ms) for person in people]

    quick, slow = log_times(easy), log_times(hard)
    # From a quarter (guessing) to .98 right.
    assert abs(fmean(slow) - fmean(quick) - 0.73) < 0.05
    assert 0.5 < stdev(slow) < 0.72


def logit(probability):
    return math.log(probability / (1 - probability))


def yes_logits(response_model, condition):
    """The log odds of saying that the classifier is right, when it is and when it isn't."""
    (person,) = draw_respondents(response_model, 1, seed=4)
    right, wrong = (
        person.probability_correct(
            Question(answer, ("yes", "no"), "picture", condition, judges_right=answer == "yes")
        )
        for answer in ("yes", "no")
    )
    return logit(right), logit(1 - wrong)


def test_sensitivity_and_criterion_are_planted_apart():
    """As signal detection counts them: d' is the difference of the log odds, -c their mean."""
    model = ResponseModel(
        belief=0.4,
        belief_effects={"heatmap": 0.7},
        sensitivity_effects={"graph": 1.0},
        guess=0.0,
        lapse=0.0,
    )
    shifts = {}
    right, wrong = yes_logits(model, "none")
    for condition in ("heatmap", "graph"):
        own = yes_logits(model, condition)
        shifts[condition] = (own[0] - own[1] - (right - wrong), fmean(own) - fmean((right, wrong)))
    assert math.isclose(fmean((right, wrong)), 0.4)
    assert shifts["heatmap"] == (approx(0.0), approx(0.7))
    assert shifts["graph"] == (approx(1.0), approx(0.0))


def test_where_people_guess_it_is_the_guesses_that_lean():
    lost = ResponseModel(mean_ability=-20.0, ability_sd=0.0, item_sd=0.0, lapse=0.0)
    right, wrong = yes_logits(lost, "none")
    assert right == approx(lost.belief, abs=1e-6)
    assert wrong == approx(lost.belief, abs=1e-6)


def taken(response_model, advice, condition="advised"):
    """How often wrong first answers become the advice."""
    people = draw_respondents(response_model, 400, seed=6)
    answers = [
        person.answer(
            Question("a", SPECIES, f"p{number}", condition, first_choice="c", advice=advice)
        ).choice
        for person in people
        for number in range(10)
    ]
    return fmean(answer == advice for answer in answers)


def test_advice_is_taken_as_often_as_the_model_says_and_right_advice_more_often():
    unable = ResponseModel(mean_ability=-20.0, guess=0.0, lapse=0.0)
    for advice, share in (("a", 0.284), ("b", 0.176)):
        assert abs(taken(unable, advice) - share) < 0.025
    ready = dataclasses.replace(unable, belief_effects={"advised": 1.0})
    wise = dataclasses.replace(unable, sensitivity_effects={"advised": 1.0})
    shares = {name: [taken(own, one) for one in "ab"] for name, own in (("r", ready), ("w", wise))}
    before = [logit(0.284), logit(0.176)]
    for name, expected in (("r", (1.0, 1.0)), ("w", (0.5, -0.5))):
        moved = [logit(after) - old for after, old in zip(shares[name], before, strict=True)]
        assert all(abs(one - other) < 0.2 for one, other in zip(moved, expected, strict=True))


def test_without_advice_nothing_is_drawn_for_it():
    question = Question("a", SPECIES, "picture", "none")
    told = dataclasses.replace(question, advice="a")
    for person, other in zip(
        draw_respondents(PROFILES["mixed"], 30, 2),
        draw_respondents(PROFILES["mixed"], 30, 2),
        strict=True,
    ):
        first = person.answer(question)
        if first.choice == "a" or person.is_careless:
            assert other.answer(told).choice == first.choice


def test_insight_makes_people_surer_of_what_is_right_and_leaves_answers_as_they_are():
    plain = ResponseModel(item_sd=0.0)
    knowing = dataclasses.replace(plain, insight_effects={"graph": 0.4})
    rated = {}
    for name, model in (("plain", plain), ("knowing", knowing)):
        answers = [
            person.answer(Question("a", SPECIES, f"p{n}", "graph", confidence_levels=10))
            for person in draw_respondents(model, 200, seed=3)
            for n in range(10)
        ]
        rated[name] = [
            fmean(own.confidence for own in answers if (own.choice == "a") == is_right)
            for is_right in (True, False)
        ] + [[own.choice for own in answers]]
    gaps = {name: right - wrong for name, (right, wrong, _) in rated.items()}
    assert 2.5 < gaps["knowing"] - gaps["plain"] < 4.5
    assert rated["knowing"][2] == rated["plain"][2]
