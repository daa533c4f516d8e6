import csv
import json
import os
import pkgutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from experiments.columns import TABLES
from experiments.digest import sha256_file, sha256_json
from experiments.files import verify_checksums, write_atomically
from experiments.respondents import PROFILES, ResponseModel, draw_respondents
from studyapp.bots.bot import Bot
from studyapp.enums import StudyStage
from studyapp.management.commands import run_bots
from studyapp.models import (
    Answer,
    AuditEntry,
    MediaFile,
    Response,
    Slot,
    StimulusSet,
    Study,
    StudySession,
)
from studyapp.selectors.media import media_path
from studyapp.services.studies import freeze_protocol, set_stage
from studyapp.services.withdrawal import withdraw
from studyapp.views import run
from tests.factories import BRIEF, DEMO, open_demo, write_stimuli


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_bots_run_balanced_over_the_arms_and_are_marked(study, capsys):
    call_command("run_bots", study.slug, "-n", "6", "--seed", "3")
    sessions = StudySession.objects.all()
    assert sorted(s.slot.index for s in sessions) == list(range(6))
    assert {s.slot.arm for s in sessions} == {"none", "placebo", "heatmap"}
    assert all(s.participant.is_bot and s.recruitment_stage == "pilot" for s in sessions)
    assert {s.state for s in sessions} == {"completed"}
    assert "6 bots: 6 completed." in capsys.readouterr().out


def test_careless_bots_fail_the_quiz_and_nothing_breaks(study, capsys):
    call_command("run_bots", study.slug, "-n", "4", "--profile", "careless")
    assert "screened_out" in capsys.readouterr().out


def test_effects_are_planted_in_conditions_that_exist(study):
    planted = ["--learning-effect=heatmap=0.3", "--sensitivity=heatmap=0.5"]
    planted += ["--criterion=heatmap=-1", "--insight=heatmap=0.1"]
    call_command("run_bots", study.slug, "-n", "1", *planted)
    assert StudySession.objects.filter(participant__is_bot=True).count() == 1
    with pytest.raises(CommandError, match="no condition graph"):
        call_command("run_bots", study.slug, "-n", "1", "--criterion=graph=-1")


WITHOUT_NONE = {
    "  none: {display: none}\n": "",
    "  none: {training: none, assessment: none}\n": "",
    "  placebo: {training: placebo,": "  placebo: {practice: placebo, training: placebo,",
    "  heatmap: {training: heatmap,": "  heatmap: {practice: heatmap, training: heatmap,",
    "block_sizes: [3, 6]": "block_sizes: [2, 4]",
    "    - {arm: heatmap, against: none}\n    - {arm: placebo, against: none}\n": (
        "    - {arm: heatmap, against: placebo}\n"
    ),
}


def test_a_study_needs_no_condition_that_shows_nothing(db, tmp_path, capsys):
    text = BRIEF
    for old, new in WITHOUT_NONE.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "shown.yaml"
    path.write_text(text, encoding="utf-8")
    study = open_demo(tmp_path / "stimuli", StudyStage.PILOT, path)
    # Attention checks show nothing, whatever the conditions are called.
    call_command("run_bots", study.slug, "-n", "2")
    assert "2 bots: 2 completed." in capsys.readouterr().out


def test_bots_answer_by_a_model_that_was_fitted_to_people(study, capsys):
    call_command("run_bots", study.slug, "-n", "1", "--profile", "teaching")
    assert "1 bot: 1 completed." in capsys.readouterr().out
    with pytest.raises(CommandError, match="no response model 'nobody'"):
        call_command("run_bots", study.slug, "-n", "1", "--profile", "nobody")


def test_bots_are_refused_where_people_take_part(study):
    set_stage(study=study, stage=StudyStage.OPEN)
    with pytest.raises(CommandError, match="pilot stage only"):
        call_command("run_bots", study.slug, "-n", "1")
    assert StudySession.objects.count() == 0


def test_bots_refused_are_told_a_way_that_works(study, tmp_path):
    set_stage(study=study, stage=StudyStage.OPEN)
    with pytest.raises(CommandError, match="another slug, such as gulls-demo-rehearsal"):
        call_command("run_bots", study.slug, "-n", "1")
    copy = tmp_path / "copy.yaml"
    copy.write_text(BRIEF.replace("slug: gulls-demo", "slug: gulls-demo-rehearsal"))
    call_command("freeze_protocol", str(copy))
    with pytest.raises(CommandError, match="set_stage gulls-demo-rehearsal pilot`"):
        call_command("run_bots", "gulls-demo-rehearsal", "-n", "1")
    call_command("set_stage", "gulls-demo-rehearsal", "pilot")
    call_command("run_bots", "gulls-demo-rehearsal", "-n", "1")


def test_the_stage_that_a_study_is_in_can_be_asked_for_again(study, capsys):
    moves = AuditEntry.objects.count()
    call_command("set_stage", study.slug, study.stage)
    assert capsys.readouterr().out == f"{study.slug} is {study.stage} already.\n"
    assert AuditEntry.objects.count() == moves


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_number_of_bots_that_is_none_is_refused(study, count):
    with pytest.raises(CommandError, match="is not a number of bots; give 1 or more"):
        call_command("run_bots", study.slug, f"-n{count}")


def test_bots_in_a_pipe_say_how_many_there_are_and_when_all_have_run(study, capsys):
    command = run_bots.Command()
    command.clock = lambda: 0.0
    call_command(command, study.slug, "-n", "2")
    assert capsys.readouterr().out.splitlines() == [
        "2 bots to run.",
        "bots: 2 of 2",
        "2 bots: 2 completed.",
    ]


@pytest.fixture
def ctrl_c(monkeypatch):
    """A function that sends a real interrupt when a name is called for the nth time."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def when(name: str, nth: int) -> None:
        place, _, attribute = name.rpartition(".")
        called, calls = pkgutil.resolve_name(name), []

        def interrupted(*args, **kwargs):
            calls.append(None)
            if len(calls) == nth:
                signal.raise_signal(signal.SIGINT)
            return called(*args, **kwargs)

        monkeypatch.setattr(pkgutil.resolve_name(place), attribute, interrupted)

    yield when
    signal.signal(signal.SIGINT, before)


def test_stopped_bots_are_counted_and_the_one_at_work_stays_unfinished(study, ctrl_c):
    ctrl_c("studyapp.bots.bot.Bot._answer_page", 60)
    with pytest.raises(CommandError) as caught:
        call_command("run_bots", study.slug, "-n", "4")
    done = StudySession.objects.filter(state="completed").count()
    assert caught.value.returncode == 130
    assert f"{done} of 4 bots had run: {done} completed." in str(caught.value)
    assert "stays unfinished" in str(caught.value)
    assert StudySession.objects.filter(state="active").count() == 1
    assert 0 < done < 4


def test_stopped_bots_go_on_as_if_nothing_had_happened(study, ctrl_c, capsys):
    ctrl_c("studyapp.bots.bot.Bot._answer_page", 40)
    with pytest.raises(CommandError):
        call_command("run_bots", study.slug, "-n", "3", "--in-all")
    begun = StudySession.objects.count()
    assert 0 < begun < 3
    capsys.readouterr()
    call_command("run_bots", study.slug, "-n", "3", "--in-all")
    assert "1 of them stopped on the way and will go on.\n" in capsys.readouterr().out
    assert StudySession.objects.count() == 3
    assert StudySession.objects.filter(state="completed").count() == 3
    call_command("run_bots", study.slug, "-n", "3", "--in-all")
    assert StudySession.objects.count() == 3
    assert "3 bots ran before.\n0 bots to run.\n" in capsys.readouterr().out


def test_a_bot_that_goes_on_answers_as_if_it_had_not_stopped(same_places, study, tmp_path, ctrl_c):
    for slug in ("whole", "stopped"):
        path = tmp_path / f"{slug}.yaml"
        path.write_text(DEMO.read_text().replace("slug: gulls-demo", f"slug: {slug}"))
        frozen, _ = freeze_protocol(path=path)
        set_stage(study=frozen, stage=StudyStage.PILOT)
    bots = ["-n", "1", "--in-all", "--profile", "teaching", "--learning-effect", "heatmap=0.3"]
    call_command("run_bots", "whole", *bots)
    ctrl_c("studyapp.bots.bot.Bot._answer_page", 40)
    with pytest.raises(CommandError):
        call_command("run_bots", "stopped", *bots)
    given = Response.objects.order_by("trial__index")
    told = ("trial__index", "trial__stimulus__key", "choice", "confidence", "rt_ms")
    whole, stopped = (
        given.filter(trial__session__study__slug=slug).values_list(*told)
        for slug in ("whole", "stopped")
    )
    assert 5 < stopped.count() < whole.count() - 5
    call_command("run_bots", "stopped", *bots)
    assert list(stopped.all()) == list(whole.all())


def test_a_bot_that_failed_is_brought_to_its_end_before_bots_have_run(study, monkeypatch, capsys):
    served = run.serve_trial

    def fail_for_the_first(*, asking):
        if asking.trial.session.slot.index == 0:
            raise RuntimeError("a page with a bug")
        served(asking=asking)

    bots = ("run_bots", study.slug, "-n", "2", "--in-all")
    with monkeypatch.context() as bug:
        bug.setattr(run, "serve_trial", fail_for_the_first)
        for _ in range(2):
            with pytest.raises(CommandError, match=r"(?s)1 bot failed.*bot 0: .* answered 500"):
                call_command(*bots)
    capsys.readouterr()
    call_command(*bots)
    assert "1 bot to run.\nbots: 1 of 1\n1 bot: 1 completed.\n" in capsys.readouterr().out
    assert StudySession.objects.filter(state="completed").count() == 2


def test_who_left_for_good_is_not_called_back(study, monkeypatch, capsys):
    leaving = ResponseModel(abandon=0.05)
    monkeypatch.setattr(run_bots, "respondents_named", lambda name: leaving)
    call_command("run_bots", study.slug, "-n", "3", "--in-all")
    left = StudySession.objects.filter(state="active").count()
    assert left > 0
    assert f"{left} abandoned" in capsys.readouterr().out
    answers = Response.objects.count()
    call_command("run_bots", study.slug, "-n", "3", "--in-all")
    assert "3 bots ran before.\n0 bots to run.\n" in capsys.readouterr().out
    assert Response.objects.count() == answers


def test_a_bot_whose_session_is_too_old_to_go_on_is_not_passed_over(study, ctrl_c):
    ctrl_c("studyapp.bots.bot.Bot._answer_page", 9)
    with pytest.raises(CommandError, match="With --in-all the same command goes on"):
        call_command("run_bots", study.slug, "-n", "1", "--in-all")
    StudySession.objects.update(started_at=timezone.now() - timedelta(days=400))
    for _ in range(2):
        with pytest.raises(CommandError, match=r"bot 0: .*resume_within_days"):
            call_command("run_bots", study.slug, "-n", "1", "--in-all")


def test_what_bots_learn_under_a_condition_is_of_a_condition_of_the_study(study):
    with pytest.raises(CommandError, match="no condition colours"):
        call_command("run_bots", study.slug, "-n", "1", "--learning-effect", "colours=0.3")
    call_command("run_bots", study.slug, "-n", "1", "--learning-effect", "heatmap=0.3")


def test_a_stopped_export_leaves_nothing(study, tmp_path, ctrl_c):
    ctrl_c("studyapp.services.exports._write_table", 3)
    with pytest.raises(CommandError, match="Nothing was exported") as caught:
        call_command("export_study", study.slug, "--out", str(tmp_path / "export"))
    assert caught.value.returncode == 130
    assert not [path for path in tmp_path.iterdir() if "export" in path.name]


@pytest.mark.slow
def test_a_database_without_tables_is_answered_in_one_line(tmp_path):
    environment = {**os.environ, "LARUS_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    for words in (["set_stage", "x", "open"], ["import_stimuli", str(tmp_path), "--name", "x"]):
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=DEMO.parents[2],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 1
        assert ended.stderr == (
            "CommandError: The database has no tables yet (or old ones). "
            "Run `python manage.py migrate`.\n"
        )


ITEMS = """
      - {key: age, kind: number, text: How old are you?, minimum: 18, maximum: 99}
      - {key: initial, kind: text, text: A letter?, max_characters: 1}
      - key: remarks"""


def test_bots_answer_items_of_every_kind_that_must_be_answered(study, tmp_path, capsys):
    path = tmp_path / "items.yaml"
    text = BRIEF.replace("slug: gulls-demo", "slug: all-items")
    path.write_text(text.replace("\n      - key: remarks", ITEMS))
    asking, _ = freeze_protocol(path=path)
    set_stage(study=asking, stage=StudyStage.PILOT)
    call_command("run_bots", "all-items", "-n", "1")
    assert "1 bot: 1 completed." in capsys.readouterr().out
    values = dict(Answer.objects.filter(attempt=1).values_list("item", "value"))
    assert 18 <= int(values["age"]) <= 99
    assert values["initial"] == "W"


@pytest.mark.parametrize("hosts", [["study.example"], [".study.example"], ["*"], ["[::1]"]])
def test_bots_run_whatever_the_server_is_called(study, settings, hosts):
    settings.ALLOWED_HOSTS = hosts
    bot = Bot(study, draw_respondents(PROFILES["attentive"], 1, 1)[0], 1)
    assert bot.begin().state == "active"


def test_a_page_that_fails_ends_its_bot_alone(study, monkeypatch, capsys):
    served = run.serve_trial

    def fail_for_the_first(*, asking):
        if asking.trial.session.slot.index == 0:
            raise RuntimeError("a page with a bug")
        served(asking=asking)

    monkeypatch.setattr(run, "serve_trial", fail_for_the_first)
    with pytest.raises(CommandError, match=r"(?s)1 bot failed.*bot 0: .* answered 500"):
        call_command("run_bots", study.slug, "-n", "2")
    assert "1 bot: 1 completed." in capsys.readouterr().out


def test_a_browser_can_not_pass_for_a_bot(client, study):
    address = f"/s/{study.slug}/"
    key = "11111111-2222-4333-8444-555555555555"
    client.post(
        address,
        {"entry_key": key, "agree": "yes"},
        headers={"larus.is_bot": "1", "larus-is-bot": "1"},
    )
    assert StudySession.objects.get().participant.is_bot is False


@pytest.mark.django_db(transaction=True)  # an export is a transaction of its own
def test_an_export_is_whole_documented_and_checksummed(study, tmp_path):
    call_command("run_bots", study.slug, "-n", "3")
    gone, stays = StudySession.objects.order_by("pk")[:2]
    withdraw(session=gone, delete_answers=True)
    withdraw(session=stays, delete_answers=False)
    out = tmp_path / "export"
    call_command("export_study", study.slug, "--out", str(out))
    verify_checksums(out)
    for name, contract in TABLES.items():
        rows = table(out, name)
        parquet = pq.read_table(out / "tables" / f"{name}.parquet")
        assert parquet.column_names == contract.column_names()
        assert parquet.num_rows == len(rows)
        keys = [tuple(row[column] for column in contract.key) for row in rows]
        assert len(set(keys)) == len(keys)
    assert len(table(out, "sessions")) == 2
    assert Counter(row["state"] for row in table(out, "sessions")) == {
        "withdrawn": 1,
        "completed": 1,
    }
    assert stays.code in (out / "tables/responses.csv").read_text()
    assert gone.code not in (out / "tables/responses.csv").read_text()
    assert Counter(row["correct"] for row in table(out, "responses")).keys() <= {"true", "false"}
    summary = json.loads((out / "export.json").read_text())
    assert summary["study_stage"] == "pilot"
    assert summary["left_out"] == {
        "withdrawn_participants": 1,
        "by_stage": {"pilot": {gone.slot.arm: 1}, "main": {}},
        "before_allocation": {"pilot": 0, "main": 0},
    }
    frozen = json.loads((out / "protocol.json").read_text())
    assert frozen["digest"] == sha256_json(frozen["frozen"]) == study.digest


def test_an_export_never_overwrites(study, tmp_path):
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_study", study.slug, "--out", str(tmp_path))


def test_freezing_again_changes_nothing_and_a_changed_plan_is_refused(whole_demo, tmp_path, capsys):
    slots = list(Slot.objects.values_list("arm", flat=True))
    call_command("freeze_protocol", str(DEMO))
    assert "was frozen before, with the same plan" in capsys.readouterr().out
    changed = tmp_path / "changed.yaml"
    changed.write_text(DEMO.read_text().replace("alpha: 0.05", "alpha: 0.01"))
    with pytest.raises(CommandError, match="differ in analysis"):
        call_command("freeze_protocol", str(changed))
    assert Study.objects.count() == 1
    assert list(Slot.objects.values_list("arm", flat=True)) == slots


def test_a_damaged_file_stops_the_import_by_name(db, tmp_path):
    manifest = write_stimuli(tmp_path / "set")
    layer = manifest.stimuli[3].explanations["igos"].layer
    picture = manifest.stimuli[5].picture
    (tmp_path / "set" / layer.path).write_bytes(b"x" * layer.bytes)
    (tmp_path / "set" / picture.path).unlink()
    with pytest.raises(CommandError) as caught:
        call_command("import_stimuli", str(tmp_path / "set"), "--name", "gulls")
    assert f"{layer.path} has changed" in str(caught.value)
    assert f"{picture.path} is missing" in str(caught.value)
    assert StimulusSet.objects.count() == MediaFile.objects.count() == 0


def test_a_damaged_file_that_pictures_share_is_named_once(db, tmp_path):
    manifest = write_stimuli(tmp_path / "set")
    shared = manifest.stimuli[0].explanations["igos"]
    borrower = manifest.stimuli[1]
    borrowed = {**borrower.explanations, "placebo": shared}
    stimuli = (
        manifest.stimuli[0],
        borrower.model_copy(update={"explanations": borrowed}),
        *manifest.stimuli[2:],
    )
    manifest = manifest.model_copy(update={"stimuli": stimuli})
    (tmp_path / "set" / "manifest.json").write_text(manifest.model_dump_json())
    (tmp_path / "set" / shared.layer.path).unlink()
    with pytest.raises(CommandError) as caught:
        call_command("import_stimuli", str(tmp_path / "set"), "--name", "gulls")
    assert str(caught.value).count(shared.layer.path) == 1
    assert "1 file of" in str(caught.value)


def test_importing_again_is_harmless_and_another_set_under_the_name_refused(db, tmp_path, capsys):
    write_stimuli(tmp_path / "a", each=2)
    write_stimuli(tmp_path / "b", each=3)
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    assert "was imported before: 8 stimuli" in capsys.readouterr().out
    with pytest.raises(CommandError, match="another stimulus set"):
        call_command("import_stimuli", str(tmp_path / "b"), "--name", "gulls")


def test_a_set_that_was_built_anew_is_the_set_that_it_was(db, tmp_path, capsys):
    """So a study that was frozen over it stays the same study."""
    first = write_stimuli(tmp_path / "a", each=2)
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    stored = StimulusSet.objects.get().manifest_digest
    later = first.model_copy(update={"created_at": "2031-01-01T00:00:00", "larus_version": "9"})
    (tmp_path / "a" / "manifest.json").write_text(later.model_dump_json())
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    assert "was imported before: 8 stimuli" in capsys.readouterr().out
    assert StimulusSet.objects.get().manifest_digest == stored


def test_importing_again_puts_back_lost_and_damaged_files(db, tmp_path, settings):
    manifest = write_stimuli(tmp_path / "a", each=2)
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    lost, damaged = (stimulus.picture for stimulus in manifest.stimuli[:2])
    media_path(settings.DATA_DIR, lost.sha256).unlink()
    media_path(settings.DATA_DIR, damaged.sha256).write_bytes(b"x" * damaged.bytes)
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    for file in (lost, damaged):
        assert sha256_file(media_path(settings.DATA_DIR, file.sha256)) == file.sha256


def test_a_file_that_lies_there_already_is_not_trusted(db, tmp_path, settings):
    picture = write_stimuli(tmp_path / "a", each=2).stimuli[0].picture
    write_atomically(media_path(settings.DATA_DIR, picture.sha256), b"something else")
    call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")
    assert sha256_file(media_path(settings.DATA_DIR, picture.sha256)) == picture.sha256


def test_a_picture_that_could_carry_a_script_is_refused(db, tmp_path):
    write_stimuli(tmp_path / "a", each=2)
    path = tmp_path / "a" / "manifest.json"
    path.write_text(path.read_text().replace("image/webp", "image/svg+xml"))
    with pytest.raises(CommandError, match="media_type"):
        call_command("import_stimuli", str(tmp_path / "a"), "--name", "gulls")


def test_check_protocol_prints_every_finding_with_its_line(db, tmp_path, capsys):
    write_stimuli(tmp_path / "set", each=4, species=("ivory_gull", "herring_gull"))
    broken = DEMO.parents[2] / "tests" / "protocols" / "ten-mistakes.yaml"
    with pytest.raises(CommandError, match=r"\d+ errors in"):
        call_command("check_protocol", str(broken), "--stimuli", str(tmp_path / "set"))
    lines = capsys.readouterr().out.splitlines()
    assert sum(": error: " in line for line in lines) >= 10
    assert all(line.startswith(f"{broken}:") for line in lines)


def test_one_error_is_one_error(db, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(BRIEF.replace("alpha: 0.05", "alpha: 5"))
    with pytest.raises(CommandError, match=r"^1 error in"):
        call_command("check_protocol", str(path))


def test_an_unknown_study_is_answered_by_the_known_ones(study):
    with pytest.raises(CommandError, match="Frozen studies: gulls-demo"):
        call_command("set_stage", "gulls-dmo", "open")
