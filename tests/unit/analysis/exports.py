"""Export folders written by the column contract alone, without the study application."""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from experiments.columns import EXPORT_SCHEMA_VERSION, LOADERS, TABLES, codebook
from experiments.digest import sha256_json
from experiments.files import write_checksums
from experiments.loading import load_protocol
from tests.unit.experiments.manifests import manifest_of

DEMO = Path(__file__).parents[3] / "experiments" / "protocols" / "gulls-demo.yaml"
MOMENT = "2026-01-01T12:00:00+00:00"
PICTURES = 4


@dataclass(frozen=True)
class Run:
    """One session: its arm, how it ended, and how many of its four pictures were named rightly.

    `rt_ms` is that of every answer; `catch_right` adds an attention check. Without an arm nothing
    was planned for it.
    """

    arm: str
    right: int = 2
    stage: str = "main"
    is_bot: bool = False
    state: str = "completed"
    rt_ms: float | None = None
    catch_right: bool | None = None
    is_released: bool = False


def write_export(
    folder: Path,
    runs: list[Run],
    left_out: dict | None = None,
    *,
    unnamed: tuple[str, ...] = (),
    places: int | None = None,
    release_after_hours: int | None = None,
    exported_at: str = MOMENT,
    study_stage: str = "open",
    **plan,
) -> Path:
    """Write an export of the demo study.

    `plan` changes its analysis, without fields `unnamed`; `places` its size and
    `release_after_hours` its allocation.
    """
    protocol = load_protocol(DEMO).protocol
    protocol = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update=plan)})
    changed: dict = {"release_after_hours": release_after_hours}
    if places is not None:
        changed["participants"] = {"pilot": places, "main": places}
    allocation = protocol.allocation.model_copy(update=changed)
    protocol = protocol.model_copy(update={"allocation": allocation})
    # As frozen: canonical JSON sorts the keys of mappings, the arms among them.
    frozen = json.loads(
        json.dumps({"protocol": protocol.model_dump(mode="json"), "manifest_digest": "0" * 64})
    )
    for field in unnamed:
        del frozen["protocol"]["analysis"][field]
    digest = sha256_json(frozen)
    tables = {name: [] for name in TABLES}
    for number, run in enumerate(runs):
        _add(tables, f"x{number}", run, digest, protocol.species)
    (folder / "tables").mkdir(parents=True)
    for name, contract in TABLES.items():
        with (folder / "tables" / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, contract.column_names(), restval="")
            writer.writeheader()
            writer.writerows(tables[name])
    _write_json(folder / "protocol.json", {"digest": digest, "frozen": frozen})
    manifest = manifest_of(protocol.species, 1)
    _write_json(folder / "manifest.json", manifest.model_dump(mode="json"))
    record = {
        "schema_version": EXPORT_SCHEMA_VERSION,
        "larus_version": "0",
        "study": protocol.slug,
        "study_stage": study_stage,
        "protocol_digest": digest,
        "exported_at": exported_at,
        "left_out": left_out or {"withdrawn_participants": 0, "by_stage": {}},
        "rows": {name: len(rows) for name, rows in tables.items()},
    }
    _write_json(folder / "export.json", record)
    _write_codebook(folder)
    for loader in LOADERS:
        shutil.copy(loader, folder)
    write_checksums(folder)
    return folder


def _add(tables, name: str, run: Run, digest: str, species: tuple[str, ...]) -> None:
    person = {"participant": f"p-{name}", "arm": run.arm}
    stage = {"recruitment_stage": run.stage, "is_bot": str(run.is_bot).lower()}
    tables["participants"].append({**person, **stage, "created_at": MOMENT})
    tables["sessions"].append(
        {
            **person,
            **stage,
            "session": name,
            "state": run.state,
            "stage_key": "debrief",
            "seed": 1,
            "protocol_digest": digest,
            "consent_version": "1",
            "consent_digest": "0" * 64,
            "started_at": MOMENT,
            "quiz_attempts": 1,
            "slot_released_at": MOMENT if run.is_released else "",
        }
    )
    for item, value in (("effort", "3"), ("birds", "Not at all"), ("remarks", "")):
        tables["answers"].append(
            {
                "session": name,
                "participant": f"p-{name}",
                "stage_key": "questionnaire",
                "item": item,
                "attempt": 1,
                "value": value,
                "received_at": MOMENT,
            }
        )
    if run.catch_right is not None:
        _add_catch_trial(tables, name, run, species)
    for index in range(PICTURES if run.arm else 0):
        trial = {"trial": f"{name}-{index}", "session": name, "participant": f"p-{name}"}
        true, other = species[index % len(species)], species[(index + 1) % len(species)]
        tables["trials"].append(
            {
                **trial,
                "arm": run.arm,
                "stage_key": "assessment",
                "phase": "assessment",
                "trial_index": index,
                "trial_type": "classification",
                "condition": run.arm,
                "stimulus": f"{true}-0",
                "true_species": true,
                "choice_order": json.dumps(species),
                "right_choice": true,
                "asks_first": "false",
            }
        )
        is_right = index < run.right
        tables["responses"].append(
            {
                **trial,
                "response": f"r-{name}-{index}",
                "choice": true if is_right else other,
                "correct": str(is_right).lower(),
                "rt_ms": "" if run.rt_ms is None else run.rt_ms,
                "is_conflict": "false",
                "received_at": MOMENT,
            }
        )


def _add_catch_trial(tables, name: str, run: Run, species: tuple[str, ...]) -> None:
    trial = {"trial": f"{name}-catch", "session": name, "participant": f"p-{name}"}
    tables["trials"].append(
        {
            **trial,
            "arm": run.arm,
            "stage_key": "assessment",
            "phase": "assessment",
            "trial_index": PICTURES,
            "trial_type": "catch",
            "condition": run.arm,
            "instructed_choice": species[0],
            "right_choice": species[0],
            "asks_first": "false",
            "choice_order": json.dumps(species),
        }
    )
    tables["responses"].append(
        {
            **trial,
            "response": f"r-{name}-catch",
            "choice": species[0] if run.catch_right else species[1],
            "correct": str(run.catch_right).lower(),
            "is_conflict": "false",
            "received_at": MOMENT,
        }
    )


def _write_codebook(folder: Path) -> None:
    rows = codebook()
    _write_json(folder / "codebook.json", rows)
    with (folder / "codebook.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "levels": "|".join(row["levels"])} for row in rows)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, sort_keys=True), encoding="utf-8")
