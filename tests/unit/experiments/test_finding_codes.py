import ast
from collections import Counter
from pathlib import Path

import experiments
from experiments.checks import check_protocol
from tests.unit.experiments.manifests import manifest_of
from tests.unit.experiments.test_checks import PROTOCOLS, demo_manifest, edited_demo

SOURCES = sorted(Path(experiments.__file__).parent.glob("*checks.py"))


def codes_written() -> list[str]:
    calls = (
        node
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    )
    return [
        keyword.value.value for call in calls for keyword in call.keywords if keyword.arg == "code"
    ]


def test_a_code_names_one_kind_of_problem():
    repeated = {code for code, count in Counter(codes_written()).items() if count > 1}
    assert repeated == set()


def test_codes_are_words_with_hyphens():
    assert all(set(code) <= set("abcdefghijklmnopqrstuvwxyz-") for code in codes_written())


def test_findings_of_meaning_carry_their_codes():
    manifest = manifest_of(("ivory_gull", "herring_gull"), 4, ("igos",))
    findings = check_protocol(PROTOCOLS / "ten-mistakes.yaml", manifest).findings
    codes = {finding.where: finding.code for finding in findings}
    assert codes["arms.twin"] == "arms-alike"
    assert codes["arms.lost.assessment"] == "unknown-condition"
    assert codes["stages.1.questions.0.answer"] == "answer-not-a-choice"


def test_findings_of_shape_are_told_from_those_of_meaning(tmp_path):
    path = edited_demo(tmp_path, "attempts: 2", "attempts: many")
    (finding,) = check_protocol(path, demo_manifest()).findings
    assert finding.code == "shape.int_parsing"


def test_a_file_that_can_not_be_read_has_a_code(tmp_path):
    assert check_protocol(tmp_path / "nowhere.yaml", None).findings[0].code == "unreadable"
