"""The record of looks at a study's outcomes, and what the plan allows at the next one.

The record is a JSON file that outlives the exports: it holds every look that was made, and every
unplanned unblinding with its reason. Looks are never taken back.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)

from analysis.errors import ExportError
from analysis.estimates import Estimate, Scale
from analysis.sequential import SMALLEST_STEP, alpha_spent, boundaries, nominal_level
from experiments.files import write_atomically
from experiments.schema import AnalysisPlan, Contrast, InterimLooks, RecruitmentStage

ROUNDING = 1e-9


class _Recorded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContrastAtLook(_Recorded):
    """What a look said of one contrast.

    Attributes
    ----------
    estimate, ci_low, ci_high
        On the scale of `scale`; the interval is the repeated one of this look at `level`.
    se, df, statistic, p
        Ordinary ones of the plan's test, as in `Estimate`.
    level
        What p was held against: the boundary of this look as a p value. None for a contrast that
        crossed its boundary at an earlier look and was not tested again.
    crossed
        Whether p was at or below it, at this look or an earlier one.
    """

    arm: str
    against: str
    method: str
    scale: Scale
    n_participants: NonNegativeInt
    n_trials: NonNegativeInt
    n_stimuli: NonNegativeInt
    estimate: float | None
    se: float | None
    df: float | None
    ci_low: float | None
    ci_high: float | None
    statistic: float | None
    p: float | None
    level: float | None
    crossed: bool
    note: str = ""


class Look(_Recorded):
    """One look.

    Attributes
    ----------
    participants
        Analysed at this look: the information.
    spending_fraction
        Share of the planned information at which alpha was spent; 1 at the last look.
    alpha_spent
        Up to this look.
    """

    number: PositiveInt
    is_last: bool
    looked_at: str
    export_digest: str
    participants: PositiveInt
    planned_participants: PositiveInt
    spending_fraction: Annotated[float, Field(gt=0, le=1)]
    alpha_spent: Annotated[float, Field(ge=0, lt=1)]
    contrasts: Annotated[tuple[ContrastAtLook, ...], Field(min_length=1)]


class Unblinding(_Recorded):
    """A look at outcomes that the plan has not, and why it was made."""

    looked_at: str
    reason: str
    export_digest: str
    participants: NonNegativeInt


@dataclass(frozen=True)
class Decision:
    """What the looks decided of one contrast: the look it crossed at, else the last one."""

    look: Look
    row: ContrastAtLook

    def estimate(self) -> Estimate:
        """Return the confirmatory estimate, with its repeated interval and its boundary."""
        kept = self.row.model_dump(exclude={"level", "crossed"})
        return Estimate(role="confirmatory", boundary=self.row.level, **kept)


class LookRecord(_Recorded):
    """Everything that was seen of a study's outcomes while it ran."""

    schema_version: Literal["2"] = "2"
    study: str
    protocol_digest: str
    recruitment_stage: RecruitmentStage
    looks: tuple[Look, ...] = ()
    unblindings: tuple[Unblinding, ...] = ()

    def of_export(self, digest: str) -> Look | None:
        """Return the look that was made at an export, if one was."""
        return next((look for look in self.looks if look.export_digest == digest), None)

    def crossed(self) -> set[tuple[str, str]]:
        """Return the contrasts that crossed their boundary."""
        return {
            (row.arm, row.against) for look in self.looks for row in look.contrasts if row.crossed
        }

    def has_ended(self, contrasts: Sequence[Contrast]) -> bool:
        """Tell whether a look was the last one, or every contrast has crossed its boundary."""
        pairs = {(own.arm, own.against) for own in contrasts}
        return bool(self.looks) and (self.looks[-1].is_last or self.crossed() >= pairs)

    def decision(self, contrast: Contrast) -> Decision:
        """Return what the looks decided of a contrast, once they have ended."""
        tested = [
            Decision(look, row)
            for look in self.looks
            for row in look.contrasts
            if (row.arm, row.against) == (contrast.arm, contrast.against) and row.level is not None
        ]
        return next((own for own in tested if own.row.crossed), tested[-1])

    def with_look(self, look: Look) -> "LookRecord":
        """Return the record with a new look, or with one of its looks as it has become."""
        others = tuple(own for own in self.looks if own.number != look.number)
        return self.model_copy(update={"looks": (*others, look)})


def record_path(export: Path, study: str, stage: RecruitmentStage, *, is_rehearsal: bool) -> Path:
    """Return where a study's record lies unless it is named: beside its exports.

    A rehearsal of bots has a record of its own, for its looks spend nothing of the study's alpha.
    """
    name = "rehearsed-looks" if is_rehearsal else "looks"
    return export.resolve().parent / f"{study}-{stage}-{name}.json"


def read_record(path: Path, *, study: str, digest: str, stage: RecruitmentStage) -> LookRecord:
    """Return a study's record of looks, an empty one if there is no file.

    Raises
    ------
    ExportError
        When the file is no such record, or belongs to another study, plan or stage.
    """
    empty = LookRecord(study=study, protocol_digest=digest, recruitment_stage=stage)
    if not path.exists():
        return empty
    try:
        record = LookRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ExportError(
            f"{path} is not a record of looks that this program wrote: {str(error).splitlines()[0]}"
            ". Put the right file back; without it the looks already made can't be counted."
        ) from error
    if (record.study, record.protocol_digest, record.recruitment_stage) != (study, digest, stage):
        raise ExportError(
            f"{path} records looks at {record.study} ({record.recruitment_stage}, protocol "
            f"{record.protocol_digest[:12]}…), not at {study} ({stage}, {digest[:12]}…). "
            "Name another file with --record."
        )
    return record


def check_record(path: Path, plan: AnalysisPlan, record: LookRecord) -> None:
    """Refuse a record whose looks can't have been made by a plan: somebody changed it.

    Raises
    ------
    ExportError
        Naming the look whose contrasts, boundaries or verdicts don't follow.
    """
    for place, look in enumerate(record.looks):
        before = record.model_copy(update={"looks": record.looks[:place]})
        if plan.interim_looks is None or not _follows(plan, plan.interim_looks, before, look):
            raise ExportError(
                f"{path}: look {look.number} is not one that the frozen plan gives. Put the record "
                "back as `monitor` wrote it; nothing in it may be changed by hand."
            )


def _follows(plan: AnalysisPlan, looks: InterimLooks, before: LookRecord, look: Look) -> bool:
    """Tell whether numbers, boundaries and verdicts of a look follow from its p values."""
    pairs = [(own.arm, own.against) for own in plan.contrasts]
    crossed = before.crossed()
    if [(row.arm, row.against) for row in look.contrasts] != pairs:
        return False
    if look.number != len(before.looks) + 1 or any(own.is_last for own in before.looks):
        return False
    if any((row.level is None) != ((row.arm, row.against) in crossed) for row in look.contrasts):
        return False
    tested = [row for row in look.contrasts if row.level is not None]
    alphas = alphas_of_steps(plan, len(tested))
    levels = levels_at_look(looks, before, look.participants, look.spending_fraction, alphas)
    verdicts = crossed_boundaries([row.p for row in tested], levels, plan.correction)
    return all(
        row.crossed is has_crossed and math.isclose(row.level or 0.0, level, rel_tol=1e-6)
        for row, (level, has_crossed) in zip(tested, verdicts, strict=True)
    ) and all(row.crossed for row in look.contrasts if row.level is None)


def write_record(path: Path, record: LookRecord) -> None:
    """Write the record, whole or not at all."""
    text = json.dumps(record.model_dump(mode="json"), indent=2, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode())


def spending_fraction(participants: int, planned: int, *, is_over: bool) -> float:
    """Return the share of information at which alpha is spent now.

    It is 1 when recruitment is over or has reached its plan: all that is left may be spent.
    """
    share = participants / planned
    return 1.0 if is_over or share >= 1 - ROUNDING else share


def gains_too_little(participants: int, before: int) -> bool:
    """Tell whether a look would have hardly anybody more than the one before, or nobody."""
    return participants - before <= participants * SMALLEST_STEP


def is_due(plan: InterimLooks, share: float, record: LookRecord) -> bool:
    """Tell whether a planned look has been reached that no look has covered yet."""
    covered = record.looks[-1].spending_fraction if record.looks else 0.0
    planned = (*plan.information_fractions, 1.0)
    return any(covered + ROUNDING < look <= share + ROUNDING for look in planned)


def next_planned(plan: InterimLooks, record: LookRecord) -> float | None:
    """Return the share of information of the first planned look that no look has covered."""
    covered = record.looks[-1].spending_fraction if record.looks else 0.0
    planned = (*plan.information_fractions, 1.0)
    return next((look for look in planned if look > covered + ROUNDING), None)


def levels_at_look(
    plan: InterimLooks,
    record: LookRecord,
    participants: int,
    fraction: float,
    alphas: Sequence[float],
) -> list[float]:
    """Return this look's boundary as a two-sided p value, for several overall levels.

    The boundaries of the looks before follow from the participants and fractions recorded then.

    Raises
    ------
    ExportError
        When there are no more participants than at the look before.
    """
    information = [*(look.participants for look in record.looks), participants]
    fractions = [*(look.spending_fraction for look in record.looks), fraction]
    try:
        return [last_level(plan, information, fractions, alpha) for alpha in alphas]
    except ValueError as error:
        raise ExportError(
            f"Look {len(information)} has {participants} analysed participants, the looks before "
            f"had {', '.join(str(count) for count in information[:-1])}: {error}."
        ) from error


def last_level(
    plan: InterimLooks, information: Sequence[int], fractions: Sequence[float], alpha: float
) -> float:
    """Return the boundary of the last of some looks as a two-sided p value.

    Parameters
    ----------
    information
        Participants analysed at each look.
    fractions
        At which alpha was spent.
    alpha
        Overall level.

    Raises
    ------
    ValueError
        When information or fractions don't rise.
    """
    spent = [alpha_spent(at, alpha, plan.spending) for at in fractions]
    return nominal_level(float(boundaries(information, spent)[-1]))


def crossed_boundaries(
    p_values: Sequence[float | None], levels: Sequence[float], correction: str
) -> list[tuple[float, bool]]:
    """Hold the contrasts of a look that have not crossed yet against its boundaries.

    Returns
    -------
    list of (level, crossed)
        In the order of `p_values`.
    """
    if correction == "holm":
        return holm_over_looks(p_values, levels)
    return [
        (level, p is not None and p <= level) for p, level in zip(p_values, levels, strict=True)
    ]


def alphas_of_steps(plan: AnalysisPlan, contrasts: int) -> list[float]:
    """Return the overall level of each step of a test of so many contrasts."""
    steps = range(contrasts, 0, -1)
    return [plan.alpha / step if plan.correction == "holm" else plan.alpha for step in steps]


def holm_over_looks(
    p_values: Sequence[float | None], levels: Sequence[float]
) -> list[tuple[float, bool]]:
    """Hold the contrasts of a look against its boundaries, step by step.

    Parameters
    ----------
    p_values
        Of the contrasts that have not crossed yet; None counts as 1.
    levels
        This look's boundaries for alpha divided by m, m - 1, …, 1, where m is their number.

    Returns
    -------
    list of (level, crossed)
        In the order of `p_values`. The smallest p is held against the strictest boundary; when it
        crosses, the next against the one after (Ye, Li, Liu & Yao 2013).
    """
    order = sorted(range(len(p_values)), key=lambda index: _as_number(p_values[index]))
    found: list[tuple[float, bool]] = [(0.0, False)] * len(p_values)
    step, goes_on = 0, True
    for index in order:
        crossed = goes_on and _as_number(p_values[index]) <= levels[step]
        found[index] = (levels[step], crossed)
        goes_on = crossed
        step += crossed and step + 1 < len(levels)
    return found


def _as_number(p: float | None) -> float:
    return 1.0 if p is None else p
