"""What YAML can do beyond plain fields: merge keys and aliases, with lines and within bounds."""

import pytest

from experiments.loading import load_protocol, read_document
from tests.unit.experiments.test_checks import DEMO

MERGED = """\
base: &base
  title: One
  stimuli: {per_species: 1}
stages:
  - <<: *base
    key: own
  - <<: *base
"""


def test_merged_fields_are_read_and_have_the_line_of_the_mapping_around_them():
    document = read_document(MERGED)
    assert document.value["stages"] == [
        {"title": "One", "stimuli": {"per_species": 1}, "key": "own"},
        {"title": "One", "stimuli": {"per_species": 1}},
    ]
    assert document.line_of(("stages", 0, "title")) == 5
    assert document.line_of(("stages", 0, "key")) == 6
    assert document.line_of(("stages", 1, "title")) == 7


def test_a_protocol_with_a_merge_key_is_loaded_and_its_mistakes_have_lines(tmp_path):
    text = DEMO.read_text(encoding="utf-8")
    plain = "  placebo: {training: placebo, assessment: placebo}\n"
    merged = "  placebo: {<<: *both, assessment: placebo}\n"
    assert plain in text
    text = text.replace(plain, merged).replace(
        "  none: {training: none, assessment: none}\n",
        "  none: &both {training: none, assessment: none}\n",
    )
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_protocol(path).protocol.arms["placebo"].training == "none"
    path.write_text(text.replace("&both {training: none", "&both {training: 7"), encoding="utf-8")
    findings = load_protocol(path).findings
    lines = [text.splitlines()[finding.line - 1].strip() for finding in findings]
    assert [finding.where for finding in findings] == [
        "arms.none.training",
        "arms.placebo.training",
    ]
    assert lines[0].startswith("none:")
    assert lines[1].startswith("placebo:")


def laughs(levels):
    lines = ["a0: &a0 [lol]"]
    for level in range(1, levels + 1):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join(lines) + "\n"


def test_aliases_of_aliases_are_refused_where_they_grow_beyond_measure(tmp_path):
    path = tmp_path / "laughs.yaml"
    path.write_text(laughs(9), encoding="utf-8")
    (finding,) = load_protocol(path).findings
    assert "more than 100000 values" in finding.what
    assert finding.line == 6
    assert finding.do


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: " + "[" * 500 + "]" * 500 + "\n", "nested too deeply"),
        ("a: &a\n  <<: *a\n  b: 1\n", "inside the very mapping"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n", "`<<` twice in lines 3 and 4"),
        ("a: &a [*a]\n", "is not a field"),
    ],
)
def test_nesting_without_an_end_is_a_finding(tmp_path, text, word):
    path = tmp_path / "deep.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load_protocol(path)
    assert loaded.protocol is None
    assert any(word in finding.what for finding in loaded.findings)
