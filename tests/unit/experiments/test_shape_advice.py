"""What a researcher reads about a mistake of shape: one finding each, with a real remedy."""

import pytest

from experiments.loading import load_protocol
from tests.unit.experiments.test_checks import edited_demo

CASES = [
    ("title: Telling gulls apart\n", "", "title", "is missing.", "Add it."),
    (
        "contact: the",
        "contakt: x\ncontact: the",
        "contakt",
        "is not a field that is known here.",
        "Did you mean `contact`?",
    ),
    (
        "{training: none, assessment: none}",
        "{weigth: 2}",
        "arms.none.weigth",
        "is not a field that is known here.",
        "Did you mean `weight`?",
    ),
    (
        "{training: none, assessment: none}",
        "{colour: red}",
        "arms.none.colour",
        "is not a field that is known here.",
        "Remove it, or use one of these: assessment, assisted, practice, pretest, training, "
        "weight.",
    ),
    (
        "{per_species: 3, split: train}",
        "{per_specie: 3, split: train}",
        "stages.4.stimuli.per_species",
        "is missing (stage: trials, Learning).",
        "Add it.",
    ),
    (
        "species: [california_gull, herring_gull, ivory_gull, ring_billed_gull]",
        "species: [herring_gull]",
        "species",
        "has 1 entry; at least 2 must be there.",
        "Add 1 or more.",
    ),
    ("title: Learning", 'title: ""', "stages.4.title", "is empty (stage: trials, ).", "Write a"),
    (
        "kind: debrief",
        "kind: debreif",
        "stages.7",
        'has the unknown kind "debreif" (stage: debreif, Thank you).',
        "Did you mean `debrief`? Allowed: consent, screening, instructions, quiz, trials, "
        "questionnaire, debrief.",
    ),
    (
        "kind: likert\n",
        "knid: likert\n",
        "stages.6.items.0",
        "has no kind (stage: questionnaire, A few last questions).",
        "Say what it is by a line `kind: …`. One of: likert, choice, text, number, rating.",
    ),
    (
        "phase: practice",
        "phase: practise",
        "stages.3.phase",
        'is "practise", which is not known here (stage: trials, Practice).',
        "Did you mean `practice`? Allowed: practice, pretest, training, assessment, assisted.",
    ),
    (
        'schema_version: "1"',
        "schema_version: 1",
        "schema_version",
        "is 1, which must be text.",
        'Put quotes around it: "1".',
    ),
    (
        "attempts: 2",
        "attempts: 0",
        "stages.2.attempts",
        "is 0; it must be at least 1 (stage: quiz, Before you start).",
        "Write a number of at least 1.",
    ),
    (
        "attempts: 2",
        "attempts: many",
        "stages.2.attempts",
        'is "many", not a whole number (stage: quiz, Before you start).',
        "Write digits without quotes, such as 2.",
    ),
    ("alpha: 0.05", "alpha: 0.5", "analysis.alpha", "is 0.5; it must be less than 0.5.", "Write"),
    ("alpha: 0.05", "alpha: low", "analysis.alpha", 'is "low", not a number.', "Write a number"),
    (
        "feedback: true",
        "feedback: maybe",
        "stages.3.feedback",
        'is "maybe", not true or false (stage: trials, Practice).',
        "Write true or false, without quotes.",
    ),
    (
        "slug: gulls-demo",
        "slug: Gulls_Demo",
        "slug",
        'is "Gulls_Demo", which has characters that a name can\'t have.',
        "Use lower-case letters and digits, with - between words.",
    ),
    ("title: Learning", "title: 7", "stages.4.title", "is 7, not text (stage: trials).", "Put qu"),
    ("title: Learning", "title:", "stages.4.title", "is empty (stage: trials).", "Write a text"),
    ("block_sizes: [3, 6]", "block_sizes: 3", "allocation.block_sizes", "is 3, not a list.", "Wr"),
    ("heatmap: {training: heatmap", "Heat map: {training: heatmap", "arms.Heat map", "", "Use"),
    (
        "{per_species: 3, split: train}",
        "3",
        "stages.4.stimuli",
        "is 3, not a mapping of fields (stage: trials, Learning).",
        "Write `field: value` lines.",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "what", "do"), CASES)
def test_a_mistake_of_shape_is_told_in_the_words_of_the_protocol(
    tmp_path, old, new, where, what, do
):
    findings = load_protocol(edited_demo(tmp_path, old, new)).findings
    told = {finding.where: finding for finding in findings}
    assert what in told[where].what
    assert told[where].do.startswith(do)
    assert not any("Tuple" in finding.what or "Input" in finding.what for finding in findings)


def test_one_mistake_in_a_choice_of_kinds_is_not_told_for_each_kind(tmp_path):
    path = edited_demo(tmp_path, "{per_species: 3, split: train}", "{per_specie: 3, split: train}")
    findings = load_protocol(path).findings
    assert [(finding.where, finding.do) for finding in findings] == [
        ("stages.4.stimuli.per_species", "Add it."),
        ("stages.4.stimuli.per_specie", "Did you mean `per_species`?"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("title: Telling", "title: A\ncontact: b\ntitle: Telling", ("title", 1, 3)),
        ("title: Learning", "title: A\n    title: Learning", ("title", 1, 2)),
    ],
)
def test_a_doubled_field_is_named_with_both_lines(tmp_path, old, new, lines):
    path = edited_demo(tmp_path, old, new)
    (finding,) = load_protocol(path).findings
    before = path.read_text(encoding="utf-8").split(new, maxsplit=1)[0].count("\n")
    key, first, second = lines
    assert f"`{key}` twice" in finding.what
    assert f"in lines {before + first} and {before + second}" in finding.what
    assert finding.line == before + second
