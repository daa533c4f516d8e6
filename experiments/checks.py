"""The second pass over a protocol: does it mean something that can be run?

Each check is one small generator of problems; `check_protocol` runs them all, so that a researcher
sees every mistake at once. A problem is said of a field; its line is looked up at the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from experiments.allocation_checks import allocation_problems
from experiments.condition_checks import condition_problems
from experiments.counterbalancing_checks import counterbalancing_problems
from experiments.drawing_checks import drawing_problems, drawn_problems
from experiments.explanation_checks import explanation_problems
from experiments.findings import Finding, Location, Problem, path_text
from experiments.loading import Loaded, load_protocol
from experiments.manifest import Manifest
from experiments.payment_checks import payment_problems
from experiments.plan_checks import plan_problems
from experiments.question_checks import question_problems
from experiments.recruitment_checks import recruitment_problems
from experiments.schema import Consent, Debrief, Listed, Phase, Protocol, Trials
from experiments.stimulus_checks import numbered_trials, picture_count, stimulus_problems
from experiments.task_checks import balance_problems, task_problems, too_few_species
from experiments.translation_checks import translation_problems


@dataclass(frozen=True)
class CheckResult:
    """What a check found; the protocol is there when its shape is right."""

    protocol: Protocol | None
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)


def check_protocol(path: Path, manifest: Manifest | None) -> CheckResult:
    """Check a protocol file in two passes, shape first, then meaning.

    Parameters
    ----------
    path
        The protocol file.
    manifest
        The stimulus set the protocol names; None when it was not found.

    Returns
    -------
    CheckResult
        With every finding of the first pass that has any.
    """
    return check_loaded(load_protocol(path), manifest)


def check_loaded(loaded: Loaded, manifest: Manifest | None) -> CheckResult:
    """Check the meaning of a protocol that has been read.

    Parameters
    ----------
    loaded
        From a file or from text.
    manifest
        The stimulus set the protocol names; None when it was not found.

    Returns
    -------
    CheckResult
        With every finding of the first pass that has any.
    """
    if loaded.protocol is None or loaded.document is None:
        return CheckResult(None, loaded.findings)
    findings = [
        Finding(
            problem.severity,
            path_text(problem.where),
            loaded.document.line_of(problem.where),
            problem.what,
            problem.do,
            problem.code,
        )
        for problem in problems_of(loaded.protocol, manifest)
    ]
    return CheckResult(loaded.protocol, tuple(sorted(findings, key=lambda f: f.line or 0)))


def problems_of(protocol: Protocol, manifest: Manifest | None) -> list[Problem]:
    """Return every problem of meaning in a protocol."""
    problems = [
        *_stages(protocol),
        *question_problems(protocol),
        *recruitment_problems(protocol),
        *condition_problems(protocol),
        *_arms(protocol),
        *allocation_problems(protocol),
        *_orders(protocol),
        *drawing_problems(protocol),
        *counterbalancing_problems(protocol),
        *task_problems(protocol),
        *payment_problems(protocol),
        *translation_problems(protocol),
        *plan_problems(protocol),
        *_listed_twice(protocol),
    ]
    if manifest is None:
        where: Location = ("stimulus_set",)
        what = f"no stimulus set {protocol.stimulus_set!r} has been imported."
        do = "Run `manage.py import_stimuli DIR --name NAME`, or check with `--stimuli DIR`."
        return [*problems, Problem(where, what, do, code="unknown-stimulus-set")]
    return [
        *problems,
        *stimulus_problems(protocol, manifest),
        *drawn_problems(protocol, manifest),
        *too_few_species(protocol, manifest),
        *balance_problems(protocol, manifest),
        *explanation_problems(protocol, manifest),
    ]


def _stages(protocol: Protocol) -> Iterator[Problem]:
    if not isinstance(protocol.stages[0], Consent):
        yield Problem(
            ("stages", 0),
            "the first stage is not consent.",
            "Begin with consent.",
            code="consent-not-first",
        )
    if not isinstance(protocol.stages[-1], Debrief):
        last = len(protocol.stages) - 1
        yield Problem(
            ("stages", last),
            "the last stage is not a debrief.",
            "End with a debrief.",
            code="debrief-not-last",
        )
    for kind in (Consent, Debrief):
        if sum(isinstance(stage, kind) for stage in protocol.stages) > 1:
            yield Problem(
                ("stages",),
                f"there are several {kind.__name__} stages.",
                "Keep one.",
                code="stage-kind-repeated",
            )
    for key, count in Counter(stage.key for stage in protocol.stages).items():
        if count > 1:
            yield Problem(
                ("stages",),
                f"{count} stages have the key {key!r}.",
                "Rename all but one.",
                code="stage-key-repeated",
            )
    if not any(stage.phase == "assessment" for stage in protocol.trials_stages()):
        yield Problem(
            ("stages",),
            "no stage of trials is an assessment.",
            "Add one: it is what is analysed.",
            code="no-assessment",
        )
    for index, stage in numbered_trials(protocol):
        if stage.phase in ("pretest", "assessment") and stage.feedback:
            yield Problem(
                ("stages", index, "feedback"),
                f"{'a' if stage.phase == 'pretest' else 'an'} {stage.phase} with feedback goes on "
                "teaching.",
                "Set feedback to false, or make it a training stage.",
                "warning",
                code="feedback-in-assessment",
            )


def _arms(protocol: Protocol) -> Iterator[Problem]:
    phases = {stage.phase for stage in protocol.trials_stages()}
    seen: dict[tuple[tuple[str, ...], ...], str] = {}
    for key, arm in protocol.arms.items():
        # A phase without trials that is not written shows nothing to anybody.
        for phase in [p for p in get_args(Phase) if p in phases or p in arm.model_fields_set]:
            for condition in arm.conditions_in(phase):
                if condition not in protocol.conditions:
                    yield Problem(
                        ("arms", key, phase),
                        f"condition {condition!r} is not declared.",
                        "Declare it under `conditions`, or use one that is.",
                        code="unknown-condition",
                    )
        if not phases:
            yield Problem(
                ("arms", key),
                "the arm has no trials.",
                "Add a stage of kind trials.",
                code="arm-without-trials",
            )
        shown = tuple(arm.conditions_in(phase) for phase in sorted(phases))
        if phases and shown in seen:
            yield Problem(
                ("arms", key),
                f"the arm shows just what arm {seen[shown]!r} shows.",
                "Give it another condition in a phase that has trials, or remove it.",
                code="arms-alike",
            )
        seen.setdefault(shown, key)
    if len(protocol.arms) < 2 and protocol.analysis.factor == "arm":
        yield Problem(
            ("arms",),
            "one arm can't be compared with anything.",
            "Add another arm.",
            code="single-arm",
        )


def _orders(protocol: Protocol) -> Iterator[Problem]:
    for index, stage in numbered_trials(protocol):
        count = picture_count(stage, protocol)
        if stage.catch_trials * 3 > count:
            yield Problem(
                ("stages", index, "catch_trials"),
                f"{stage.catch_trials} attention checks among {count} pictures are too many.",
                "Use at most one for three pictures.",
                code="many-catch-trials",
            )
        if stage.break_every and stage.break_every >= count + stage.catch_trials:
            yield Problem(
                ("stages", index, "break_every"),
                f"the break never comes: the stage has {count + stage.catch_trials} trials.",
                "Use a smaller number, or remove it.",
                "warning",
                code="break-never-comes",
            )


def _listed_twice(protocol: Protocol) -> Iterator[Problem]:
    first: dict[str, Trials] = {}
    for index, stage in numbered_trials(protocol):
        if not isinstance(stage.stimuli, Listed):
            continue
        for number, key in enumerate(stage.stimuli.keys):
            if key in first:
                yield Problem(
                    ("stages", index, "stimuli", "keys", number),
                    f"stimulus {key!r} is used already in {first[key].key} ({first[key].phase}).",
                    "Show each picture once: replace it by another.",
                    code="stimulus-twice",
                )
            first.setdefault(key, stage)
