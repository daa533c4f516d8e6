"""How people come and go, as a protocol declares it."""

import pytest

from experiments.checks import check_protocol
from experiments.screening import Screening, ScreeningQuestion
from tests.unit.experiments.test_checks import DEMO, demo_manifest

PROLIFIC = "recruitment: {source: prolific, codes: {screened_out: S1, no_consent: N1}}\n"
SCREENING = """
  - kind: screening
    title: Before we begin
    questions:
      - key: sight
        text: Can you see colours as most people do?
        choices: ["Yes", "No"]
        accepted: ["Yes"]
        reason: The study is about colours.

  - kind: instructions"""


def findings(tmp_path, *edits, top=""):
    text = DEMO.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "study.yaml"
    path.write_text(top + text, encoding="utf-8")
    return {
        (found.severity, found.where): found
        for found in check_protocol(path, demo_manifest()).findings
    }


def with_screening(old="", new=""):
    return [("\n  - kind: instructions", SCREENING.replace(old, new, 1))]


@pytest.mark.parametrize(
    "top",
    [
        "",
        PROLIFIC,
        "recruitment: {source: link}\n",
        "requirements: {minimum_width_px: 600, touch_allowed: false, languages: [de, en]}\n",
    ],
)
def test_sound_ways_of_recruiting_have_no_finding(tmp_path, top):
    assert findings(tmp_path, *with_screening(), top=top) == {}


@pytest.mark.parametrize(
    ("top", "edit", "told"),
    [
        (
            PROLIFIC,
            ("    completion_code: LARUS-DEMO\n", ""),
            ("error", "stages.7.completion_code"),
        ),
        (PROLIFIC, ("LARUS-DEMO", "N1"), ("error", "recruitment.codes.no_consent")),
        (
            PROLIFIC.replace("N1", "S1"),
            ("title", "title"),
            ("error", "recruitment.codes.no_consent"),
        ),
        (
            "recruitment: {source: mturk}\n",
            ("title", "title"),
            ("warning", "stages.7.completion_code"),
        ),
        ("recruitment: {source: prolofic}\n", ("title", "title"), ("error", "recruitment")),
        ("recruitment: {codes: {}}\n", ("title", "title"), ("error", "recruitment")),
        (
            "recruitment: {source: sona, site: a.b, experiment_id: '1', credit_token: a}\n",
            ("title", "title"),
            ("error", "recruitment.site"),
        ),
        (
            "language: de\n",
            ("title: A few last questions\n", "title: Fragen\n    scale: nasa_tlx\n"),
            ("warning", "stages.6.scale"),
        ),
    ],
)
def test_what_would_go_wrong_with_a_recruiter_is_told(tmp_path, top, edit, told):
    assert told in findings(tmp_path, edit, top=top)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('accepted: ["Yes"]', "accepted: [Perhaps]", ("error", "stages.1.questions.0.accepted.0")),
        (
            'accepted: ["Yes"]',
            'accepted: ["Yes", "No"]',
            ("warning", "stages.1.questions.0.accepted"),
        ),
        (
            'choices: ["Yes", "No"]',
            'choices: ["Yes", "Yes"]',
            ("error", "stages.1.questions.0.choices.1"),
        ),
    ],
)
def test_a_screening_question_that_can_not_screen_is_told(tmp_path, old, new, told):
    assert told in findings(tmp_path, *with_screening(old, new))


def test_screening_at_prolific_wants_a_code(tmp_path):
    top = "recruitment: {source: prolific}\n"
    assert ("warning", "recruitment.codes") in findings(tmp_path, *with_screening(), top=top)


def test_an_unknown_source_is_told_with_the_ones_there_are(tmp_path):
    told = findings(tmp_path, top="recruitment: {source: prolofic}\n")["error", "recruitment"]
    assert told.what.startswith('has the unknown source "prolofic"')
    assert told.do == "Did you mean `prolific`? Allowed: link, prolific, mturk, sona."


def test_every_reason_is_told_and_none_to_who_fits():
    def question(key):
        return ScreeningQuestion(
            key=key, text="?", choices=("yes", "no"), accepted=("yes",), reason=f"no {key}"
        )

    stage = Screening(kind="screening", title="t", questions=(question("a"), question("b")))
    assert stage.reasons({"a": "yes", "b": "yes"}) == ()
    assert stage.reasons({"a": "no"}) == (("a", "no a"), ("b", "no b"))
