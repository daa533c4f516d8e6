"""A whole study as an export, without a server: its own allocation, order of trials and tasks.

People leave, fail the quiz, miss attention checks and withdraw, as they do. The same seed writes
the same bytes.
"""

import csv
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from experiments.allocation.slots import draw_slots
from experiments.columns import EXPORT_SCHEMA_VERSION, TABLES
from experiments.digest import derive_seed, sha256_json
from experiments.files import write_checksums
from experiments.loading import load_protocol
from experiments.manifest import Counterfactual, Manifest
from experiments.respondents import (
    PROFILES,
    Question,
    Respondent,
    ResponseModel,
    draw_respondents,
)
from experiments.schema import Protocol
from experiments.selection import select_stimuli
from experiments.sequencing import TrialPlan, plan_session
from tests.unit.analysis.exports import DEMO
from tests.unit.experiments.manifests import manifest_of

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def simulate_export(
    folder: Path,
    *,
    participants: int = 30,
    effects: dict[str, float] | None = None,
    seed: int = 1,
    stage: str = "main",
    is_bot: bool = False,
    protocol: Protocol | None = None,
    people: ResponseModel | None = None,
    manifest: Manifest | None = None,
    errors: float = 0.2,
) -> Path:
    """Write the export of a study of so many people: the demo's and mixed ones, if not told.

    Without a manifest, pictures are made up; on a share of `errors` the network is wrong.
    """
    protocol = protocol or load_protocol(DEMO).protocol
    manifest = manifest or _manifest(protocol, seed, errors)
    frozen = {"protocol": protocol.model_dump(mode="json"), "manifest_digest": "0" * 64}
    frozen = json.loads(json.dumps(frozen, sort_keys=True))
    digest = sha256_json(frozen)
    study = _Study(protocol, manifest, digest, stage, is_bot)
    response_model = people or replace(PROFILES["mixed"], effects=effects or {"heatmap": 0.6})
    drawn = draw_respondents(response_model, participants, seed)
    slots = draw_slots(protocol.allocation, protocol.weights(), stage, seed)
    for person, slot in zip(drawn, slots, strict=False):
        study.take_part(person, slot)
    study.write(folder)
    return folder


def _manifest(protocol: Protocol, seed: int, errors: float) -> Manifest:
    """Half of the pictures for learning; the network is wrong on some."""
    manifest = manifest_of(protocol.species, 16, _shown(protocol))
    generator = random.Random(seed)
    stimuli = []
    for number, stimulus in enumerate(manifest.stimuli):
        wrong = [key for key in protocol.species if key != stimulus.true_species]
        predicted = (
            generator.choice(wrong) if generator.random() < errors else stimulus.true_species
        )
        stimuli.append(
            stimulus.model_copy(
                update={
                    "split": "train" if number % 2 else "test",
                    "predicted_species": predicted,
                    "predicted_probability": round(generator.uniform(0.5, 1.0), 3),
                    "explanations": {
                        name: one.model_copy(update={"key": sha256_json([stimulus.key, name])})
                        for name, one in stimulus.explanations.items()
                    },
                    "counterfactuals": tuple(
                        Counterfactual(
                            key=key, picture=stimulus.picture, score=score, cells=7, hidden=(1, 2)
                        )
                        for key, score in (("v1", 0.2), ("v2", 0.9))
                    ),
                }
            )
        )
    return manifest.model_copy(update={"stimuli": tuple(stimuli)})


def _shown(protocol: Protocol) -> tuple[str, ...]:
    """The explanations that some condition shows, those of the demo among them."""
    named = [own.explanation for own in protocol.conditions.values() if own.explanation]
    return tuple(dict.fromkeys(["igos", "placebo", *named]))


class _Study:
    def __init__(
        self, protocol: Protocol, manifest: Manifest, digest: str, stage: str, is_bot: bool
    ) -> None:
        self.protocol = protocol
        self.manifest = manifest
        self.digest = digest
        self.marks = {"recruitment_stage": stage, "is_bot": is_bot}
        self.selection = select_stimuli(protocol, manifest)
        self.advised = {
            key for key, condition in protocol.conditions.items() if condition.advice != "none"
        }
        self.stimuli = {stimulus.key: stimulus for stimulus in manifest.stimuli}
        self.tables: dict[str, list[dict]] = {name: [] for name in TABLES}

    def take_part(self, person: Respondent, slot) -> None:
        run = _Run(self, person, slot)
        run.walk()

    def write(self, folder: Path) -> None:
        (folder / "tables").mkdir(parents=True)
        for name, contract in TABLES.items():
            rows = self.tables[name]
            with (folder / "tables" / f"{name}.csv").open("w", newline="") as stream:
                writer = csv.DictWriter(stream, contract.column_names(), restval="")
                writer.writeheader()
                writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
        frozen = {
            "protocol": self.protocol.model_dump(mode="json"),
            "manifest_digest": "0" * 64,
        }
        _write_json(folder / "protocol.json", {"digest": self.digest, "frozen": frozen})
        _write_json(folder / "manifest.json", self.manifest.model_dump(mode="json"))
        _write_json(
            folder / "export.json",
            {
                "schema_version": EXPORT_SCHEMA_VERSION,
                "larus_version": "0.1.0",
                "study": self.protocol.slug,
                "study_stage": "closed",
                "protocol_digest": self.digest,
                "exported_at": "2026-03-20T12:00:00+00:00",
                "allocation_seed": 20260101,
                "left_out": {"withdrawn_participants": 0, "by_stage": {}},
                "rows": {name: len(rows) for name, rows in self.tables.items()},
            },
        )
        write_checksums(folder)


class _Run:
    """One person on their way through the study."""

    def __init__(self, study: _Study, person: Respondent, slot) -> None:
        self.study = study
        self.person = person
        self.slot = slot
        self.name = f"s{slot.index:04}"
        self.random = random.Random(derive_seed(slot.index, person.ability))
        self.now = BEGIN + timedelta(minutes=7 * slot.index)
        self.answered = 0
        self.who = {"session": self.name, "participant": f"p{slot.index:04}"}
        self.row = {
            **self.who,
            **study.marks,
            "arm": slot.arm,
            "state": "active",
            "stage_key": "instructions",
            "seed": derive_seed(slot.index, "session"),
            "protocol_digest": study.digest,
            "consent_version": "1",
            "consent_digest": "0" * 64,
            "started_at": self.now,
            "quiz_attempts": 0,
        }

    def walk(self) -> None:
        tables = self.study.tables
        tables["participants"].append(
            {
                "participant": self.who["participant"],
                "arm": self.slot.arm,
                **self.study.marks,
                "created_at": self.now,
            }
        )
        tables["sessions"].append(self.row)
        tables["allocation"].append(
            {
                "recruitment_stage": self.study.marks["recruitment_stage"],
                "slot_index": self.slot.index,
                "block": self.slot.block,
                "arm": self.slot.arm,
                "session": self.name,
                "claimed_at": self.now,
            }
        )
        self._event("consented", version="1")
        trials = self._plan()
        for stage in self.study.protocol.stages[2:]:
            self.row["stage_key"] = stage.key
            self._event("stage_reached", stage_key=stage.key)
            if not getattr(self, f"_{stage.kind}")(stage, trials):
                return

    def _plan(self) -> dict[str, list[tuple[TrialPlan, dict]]]:
        plans = plan_session(
            self.study.protocol,
            self.study.stimuli,
            self.study.selection,
            arm=self.slot.arm,
            seed=self.row["seed"],
        )
        by_stage: dict[str, list[tuple[TrialPlan, dict]]] = {}
        for plan in plans:
            stimulus = self.study.stimuli[plan.stimulus] if plan.stimulus else None
            row = {
                "trial": f"{self.name}-{plan.index}",
                **self.who,
                "arm": self.slot.arm,
                "stage_key": plan.stage_key,
                "phase": plan.phase,
                "trial_index": plan.index,
                "trial_type": plan.trial_type,
                "condition": plan.condition,
                "choice_order": json.dumps(plan.choice_order),
                "instructed_choice": plan.instructed_choice,
                "right_choice": plan.right_choice,
                "asks_first": plan.asks_first,
            }
            if stimulus:
                explanation = self.study.protocol.conditions[plan.condition].explanation
                row |= {
                    "stimulus": stimulus.key,
                    "true_species": stimulus.true_species,
                    "predicted_species": stimulus.predicted_species,
                    "predicted_probability": stimulus.predicted_probability,
                    "explanation_key": stimulus.explanations[explanation].key
                    if explanation
                    else None,
                }
            self.study.tables["trials"].append(row)
            by_stage.setdefault(plan.stage_key, []).append((plan, row))
        return by_stage

    def _quiz(self, stage, trials) -> bool:
        self.now += timedelta(minutes=2)
        self.row["quiz_attempts"] = 1 + (self.random.random() < 0.15)
        if self.random.random() < 0.03:
            self.row["state"] = "screened_out"
            self._event("screened_out", reason="failed quiz")
            return False
        return True

    def _trials(self, stage, trials) -> bool:
        for plan, row in trials[stage.key]:
            leaves_after = self.person.abandons_after
            if leaves_after is not None and self.answered >= leaves_after:
                if self.random.random() < 0.3:
                    self.row["state"] = "withdrawn"
                    self._event("withdrawn", answers_deleted=False)
                return False
            self._answer(stage, plan, row)
        return True

    def _answer(self, stage, plan: TrialPlan, row: dict) -> None:
        stimulus = self.study.stimuli.get(plan.stimulus or "")
        question = Question(
            right_choice=plan.right_choice,
            choices=plan.choice_order,
            stimulus=plan.stimulus,
            condition=plan.condition,
            instructed_choice=plan.instructed_choice,
            confidence_levels=len(stage.confidence.levels) if stage.confidence else None,
            advice=stimulus.predicted_species
            if stimulus and plan.condition in self.study.advised
            else None,
            has_feedback=stage.feedback,
        )
        first = {}
        if plan.asks_first:
            alone = replace(question, condition="none", advice=None, has_feedback=False)
            before = stage.task.simulate(self.person, alone)
            question = replace(question, first_choice=before.choice)
            first = {
                "first_choice": before.choice,
                "first_correct": before.choice == plan.right_choice,
                "first_confidence": before.confidence,
                "first_rt_ms": before.rt_ms,
            }
        given = stage.task.simulate(self.person, question)
        row["served_at"] = self.now
        self.now += timedelta(milliseconds=given.rt_ms + 900)
        self.answered += 1
        is_timed = self.random.random() > 0.02
        if plan.condition != "none" and self.random.random() < 0.3:
            self._event("opacity_changed", trial=row["trial"], since=given.rt_ms / 2, percent=40)
        self.study.tables["responses"].append(
            {
                "response": f"r-{row['trial']}",
                "trial": row["trial"],
                **self.who,
                "choice": given.choice,
                "correct": given.choice == plan.right_choice,
                **first,
                "confidence": given.confidence,
                "rt_ms": given.rt_ms if is_timed else None,
                "submitted_ms": given.rt_ms + 800 if is_timed else None,
                "onset_method": ("decoded_two_frames" if plan.stimulus else "two_frames")
                if is_timed
                else None,
                "refresh_ms": 16.7 if is_timed else None,
                "device_pixel_ratio": 2.0 if is_timed else None,
                "hidden_spans": "[]" if is_timed else None,
                "reloads": 0 if is_timed else None,
                "is_conflict": False,
                "received_at": self.now,
            }
        )

    def _questionnaire(self, stage, trials) -> bool:
        for item in stage.items:
            value = ""
            if item.kind == "likert":
                value = str(self.random.randint(1, len(item.levels)))
            elif item.kind == "choice":
                value = self.random.choice(item.choices)
            self.study.tables["answers"].append(
                {
                    **self.who,
                    "stage_key": stage.key,
                    "item": item.key,
                    "attempt": 1,
                    "value": value,
                    "received_at": self.now,
                }
            )
        self.now += timedelta(minutes=1)
        return True

    def _debrief(self, stage, trials) -> bool:
        self.row["state"] = "completed"
        self.row["finished_at"] = self.now
        return True

    def _event(self, kind: str, *, trial: str = "", since: float | None = None, **data) -> None:
        self.study.tables["events"].append(
            {
                "event": len(self.study.tables["events"]) + 1,
                **self.who,
                "trial": trial,
                "kind": kind,
                "data": json.dumps(data),
                "since_onset_ms": since,
                "occurred_at": self.now,
            }
        )


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else value


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, sort_keys=True), encoding="utf-8")
