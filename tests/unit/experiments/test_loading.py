"""What YAML can do beyond plain fields: merge keys and aliases, with lines and within bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.editing import EditError, edit
from experiments.loading import LONGEST_TEXT, load_protocol, load_text, read_document
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


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-02-30", "“2026-02-30” is no day or time that there is"),
        ("!!int foo", "“foo” is no number that can be read"),
        ("!!bool zz", "“zz” is no true or false"),
        ("9" * 5000, f"“{'9' * 30}…” is no number that can be read"),
        ("0x" + "f" * 5000, f"“0x{'f' * 28}…” is no number that can be read"),
        ("!!float x", "“x” is no number that can be read"),
    ],
)
def test_a_value_that_can_not_be_made_is_a_finding_with_its_line(value, told):
    text = DEMO.read_text(encoding="utf-8").replace("alpha: 0.05", f"alpha: {value}")
    (finding,) = load_text(text).findings
    assert told in finding.what
    assert text.splitlines()[finding.line - 1].strip().startswith("alpha:")
    with pytest.raises(EditError, match="is not YAML"):
        edit(text, lambda document: None)


def test_a_text_of_endless_length_is_not_even_read():
    (finding,) = load_text("#" * (LONGEST_TEXT + 1)).findings
    assert "500,001 characters" in finding.what


ODD = (
    "2026-02-30",
    "!!int foo",
    "!!bool zz",
    "9" * 5000,
    "0x" + "f" * 5000,
    "!!set {a, b}",
    "!x [1]",
)
MARKS = (
    "\n",
    "  ",
    ": ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "<<: *a",
    "|",
    "'",
    '"',
    "\\U",
)
TAGS = ("!!float ", "!!omap ", "!!null ", "!!timestamp ", "!!pairs ", "%YAML 9.9\n", "---\n", "\0")
PIECES = st.sampled_from((*ODD, *MARKS, *TAGS, ".nan", "1e400", "~", "stages: ", "arms: "))
SNIPPETS = st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join)


@settings(max_examples=100, deadline=None)
@given(text=SNIPPETS | st.text())
def test_any_text_is_read_or_told_of(text):
    loaded = load_text(text)
    assert loaded.findings or loaded.protocol


@settings(max_examples=25, deadline=None)
@given(line=st.integers(0, 10_000), snippet=SNIPPETS)
def test_a_protocol_with_any_field_spoilt_is_read_or_told_of(line, snippet):
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    place = line % len(lines)
    lines[place] = f"{lines[place].split(':')[0]}: {snippet}"
    loaded = load_text("\n".join(lines))
    assert loaded.findings or loaded.protocol
