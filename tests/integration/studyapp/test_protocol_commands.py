import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.loading import load_protocol
from experiments.templates import templates
from studyapp.management.commands.new_protocol import Command as NewProtocol
from tests.factories import DEMO


@pytest.fixture
def study(whole_demo):
    return whole_demo


def test_templates_are_listed_and_taught(capsys):
    call_command("new_protocol")
    listed = capsys.readouterr().out
    taught = NewProtocol().create_parser("manage.py", "new_protocol").format_help()
    for template in templates():
        assert template.name in listed
        assert template.asks in listed
        assert template.name in taught


def test_a_new_protocol_is_whole_has_its_files_name_and_an_editors_schema(tmp_path, capsys):
    out = tmp_path / "my-gulls.yaml"
    call_command("new_protocol", "--template", "two-arms", "--out", str(out))
    protocol = load_protocol(out).protocol
    assert protocol.slug == "my-gulls"
    first = out.read_text(encoding="utf-8").splitlines()[0]
    assert (out.parent / first.partition("$schema=")[2]).resolve().is_file()
    told = capsys.readouterr().out
    assert "gulls-demo must hold igos" in told
    assert f"check_protocol {out}" in told


def test_every_new_protocol_has_a_seed_of_its_own(tmp_path):
    seeds = set()
    for name in ("one", "two"):
        out = tmp_path / f"{name}.yaml"
        call_command("new_protocol", "--template", "two-arms", "--out", str(out))
        seeds.add(load_protocol(out).protocol.seed)
    assert len(seeds) == 2


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    out = tmp_path / "mine.yaml"
    out.write_text("my work")
    with pytest.raises(CommandError, match="is there already"):
        call_command("new_protocol", "--template", "two-arms", "--out", str(out))
    assert out.read_text() == "my work"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--template", "four-arms", "--out", "x.yaml"], "no template 'four-arms'"),
        (["--template", "two-arms"], "--out two-arms.yaml"),
        (["--template", "two-arms", "--out", "nowhere/x.yaml"], "no folder nowhere"),
    ],
)
def test_what_is_missing_is_named(words, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=told):
        call_command("new_protocol", *words)
    assert list(Path().iterdir()) == []


def _written(folder: Path, old: str, new: str) -> Path:
    path = folder / "changed.yaml"
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_file_is_compared_with_a_frozen_study(study, tmp_path, capsys):
    changed = _written(tmp_path, "alpha: 0.05", "alpha: 0.01")
    call_command("diff_protocols", study.slug, str(changed))
    assert capsys.readouterr().out.splitlines() == [
        "analysis.alpha changed: alters the analysis plan",
        "  - 0.05",
        "  + 0.01",
        "1 difference. Altered: the analysis plan by 1.",
    ]


def test_long_texts_are_compared_line_by_line(tmp_path, capsys):
    changed = _written(tmp_path, "Each page shows **one gull**", "Each page shows **a gull**")
    call_command("diff_protocols", str(DEMO), str(changed))
    told = capsys.readouterr().out
    assert "  -Each page shows **one gull** and the names" in told
    assert "First you practise" not in told


def test_differences_are_told_as_json(study, tmp_path, capsys):
    changed = _written(tmp_path, "per_species: 3", "per_species: 2")
    call_command("diff_protocols", str(changed), study.slug, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["alters"] == {"participants": True, "allocation": False, "analysis": False}
    (found,) = told["differences"]
    assert (found["where"], found["old"], found["new"]) == (
        *("stages.training.stimuli.per_species", 2, 3),
    )


def test_the_pictures_of_two_frozen_studies_are_compared(study, tmp_path, capsys):
    copy = _written(tmp_path, "seed: 20260101", "seed: 20260102")
    copy.write_text(copy.read_text().replace("slug: gulls-demo", "slug: copy"))
    call_command("freeze_protocol", str(copy))
    capsys.readouterr()
    call_command("diff_protocols", study.slug, "copy", "--json")
    places = {one["where"] for one in json.loads(capsys.readouterr().out)["differences"]}
    assert {"slug", "seed", "pictures.selection.training"} <= places
    assert "pictures.manifest_digest" not in places


def test_the_same_plan_twice_is_told_so(study, capsys):
    call_command("diff_protocols", study.slug, str(DEMO))
    assert "declare the same" in capsys.readouterr().out


def test_what_can_not_be_compared_is_named(study, tmp_path):
    broken = _written(tmp_path, "attempts: 2", "attempts: many")
    with pytest.raises(CommandError, match="attempts"):
        call_command("diff_protocols", study.slug, str(broken))
    with pytest.raises(CommandError, match="no study 'nobody'"):
        call_command("diff_protocols", "nobody", study.slug)
    with pytest.raises(CommandError, match=r"no file nowhere\.yaml"):
        call_command("diff_protocols", study.slug, "nowhere.yaml")


def test_findings_are_told_as_json(study, tmp_path, capsys):
    changed = _written(tmp_path, "block_sizes: [3, 6]", "block_sizes: [4, 6]")
    with pytest.raises(CommandError, match="1 error"):
        call_command("check_protocol", str(changed), "--json")
    (finding,) = json.loads(capsys.readouterr().out)
    assert set(finding) == {"severity", "where", "line", "what", "do", "code"}
    assert (finding["where"], finding["code"]) == (
        *("allocation.block_sizes.0", "block-size-not-in-ratio"),
    )
    lines = changed.read_text(encoding="utf-8").splitlines()
    assert "block_sizes" in lines[finding["line"] - 1]
