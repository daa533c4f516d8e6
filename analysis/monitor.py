"""A study while it runs: blinded counts always, outcomes only when the plan has a look now."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import pandas as pd

from analysis.effects import confirmatory
from analysis.errors import ExportError
from analysis.estimates import Estimate
from analysis.exclusions import ANALYSED, exclusion_reasons, failed_catch_trials
from analysis.load import StudyData
from analysis.looks import (
    ContrastAtLook,
    Look,
    LookRecord,
    alphas_of_steps,
    crossed_boundaries,
    gains_too_little,
    is_due,
    levels_at_look,
    next_planned,
    spending_fraction,
)
from analysis.population import (
    classification_trials,
    sessions_of,
    trials_with_answers,
    without_bots,
)
from analysis.sequential import alpha_spent, repeated_interval
from experiments.schema import AnalysisPlan, InterimLooks, RecruitmentStage


class NoLookPlanned(Exception):
    """The plan has no look now. The message says why."""


@dataclass(frozen=True)
class BlindedCounts:
    """What may be known of a running study: nothing here tells arms apart or right from wrong.

    Attributes
    ----------
    planned
        Participants the protocol has places for.
    simulated, simulated_left_out
        Sessions of bots that are counted, and those that are not because people took part.
    failed_an_attention_check
        Sessions that failed one or more.
    answers, without_reaction_time
        Answers in the plan's phase, catch trials aside, and those without `rt_ms`.
    analysed
        Sessions that the plan's exclusions keep: the information.
    """

    planned: int
    consented: int
    simulated: int
    completed: int
    unfinished: int
    screened_out: int
    withdrew: int
    withdrew_and_deleted: int
    simulated_left_out: int
    failed_an_attention_check: int
    answers: int
    without_reaction_time: int
    analysed: int


@dataclass(frozen=True)
class Monitored:
    """A study as far as it has come, with its outcomes under cover.

    Attributes
    ----------
    is_over
        The study is closed, or every place is taken and no session can still be finished.
    is_rehearsal
        All that is counted is simulated.
    """

    study: StudyData
    stage: RecruitmentStage
    counts: BlindedCounts
    is_over: bool
    is_rehearsal: bool
    _outcome: pd.DataFrame

    @property
    def plan(self) -> AnalysisPlan:
        """Return the frozen plan."""
        return self.study.protocol.analysis

    def estimates(self) -> list[Estimate]:
        """Return the plan's confirmatory estimates: this lifts the cover."""
        return confirmatory(self._outcome, self.plan)

    def accuracy_by_arm(self) -> Mapping[str, tuple[int, float]]:
        """Return participants and mean of their accuracies by arm: this lifts the cover."""
        means = self._outcome.groupby(["arm", "participant"])["correct"].mean()
        return {str(arm): (len(own), float(own.mean())) for arm, own in means.groupby(level="arm")}


def monitor(study: StudyData, stage: RecruitmentStage, *, with_bots: bool = False) -> Monitored:
    """Count how far a recruitment stage has come.

    Raises
    ------
    ExportError
        When the protocol has no places in the stage.
    """
    planned = study.protocol.allocation.participants.get(stage)
    if planned is None:
        raise ExportError(f"The protocol plans no participants in stage {stage}.")
    sessions, simulated = without_bots(sessions_of(study, stage), with_bots=with_bots)
    trials = trials_with_answers(study, sessions)
    plan = study.protocol.analysis
    reasons = exclusion_reasons(sessions, trials, plan)
    kept = reasons.index[reasons == ANALYSED]
    answers = classification_trials(trials, plan.phase)
    states = sessions["state"].value_counts()
    deleted = study.record.left_out.of_stage(stage)
    consented = len(sessions) + len(simulated) + deleted
    counts = BlindedCounts(
        planned=planned,
        consented=consented,
        simulated=int(sessions["is_bot"].sum()),
        completed=int(states.get("completed", 0)),
        unfinished=int(states.get("active", 0)),
        screened_out=int(states.get("screened_out", 0)),
        withdrew=int(states.get("withdrawn", 0)),
        withdrew_and_deleted=deleted,
        simulated_left_out=len(simulated),
        failed_an_attention_check=int((failed_catch_trials(trials) > 0).sum()),
        answers=len(answers),
        without_reaction_time=int(answers["rt_ms"].isna().sum()),
        analysed=len(kept),
    )
    is_closed = study.record.study_stage == "closed"
    kept_places = _kept_places(study, sessions, stage) + len(simulated)
    is_over = is_closed or (kept_places >= planned and not _may_be_finished(study, sessions))
    outcome = answers[answers["session"].isin(kept)].reset_index(drop=True)
    return Monitored(study, stage, counts, is_over, bool(sessions["is_bot"].all()), outcome)


def _kept_places(study: StudyData, sessions: pd.DataFrame, stage: RecruitmentStage) -> int:
    """Count the people whose place is given to nobody else."""
    holding = sessions[sessions["arm"].notna() & sessions["slot_released_at"].isna()]
    if study.protocol.allocation.release_after_hours is not None:
        return int((holding["state"] == "completed").sum())
    return len(holding) + sum(study.record.left_out.by_stage.get(stage, {}).values())


def _may_be_finished(study: StudyData, sessions: pd.DataFrame) -> bool:
    """Tell whether somebody can still take a session up: not when it is too old by the protocol."""
    oldest = pd.Timestamp(study.record.exported_at) - pd.Timedelta(
        days=study.protocol.resume_within_days
    )
    is_active = sessions["state"] == "active"
    return bool((is_active & (sessions["started_at"] >= oldest)).any())


def look_now(monitored: Monitored, record: LookRecord, *, is_final: bool) -> Look:
    """Return the look that the plan has now.

    An export that was looked at before gives the same look again. Where recruitment has ended and
    nobody more is analysed than at the look before, that look becomes the last one: its boundary
    stands, for the same people can't be tested twice.

    Parameters
    ----------
    is_final
        Recruitment has ended before its plan: what is left of alpha is spent.

    Raises
    ------
    NoLookPlanned
        When the plan has no look now; nothing has been computed from outcomes then.
    """
    looks, counts = monitored.plan.interim_looks, monitored.counts
    is_over = is_final or monitored.is_over
    last = record.looks[-1] if record.looks else None
    known = record.of_export(monitored.study.export_digest)
    if last and is_over and not last.is_last and _adds_nothing(monitored, last):
        return last.model_copy(update={"is_last": True})
    if known:
        return known
    if looks is None:
        raise NoLookPlanned("the frozen plan has no interim looks")
    if counts.simulated and not monitored.is_rehearsal:
        raise NoLookPlanned(
            "simulated participants are counted among people: leave --with-bots out"
        )
    if last and last.is_last:
        raise NoLookPlanned(f"look {last.number} was the last one")
    if record.has_ended(monitored.plan.contrasts):
        raise NoLookPlanned("every contrast has crossed its boundary at an earlier look")
    fraction = spending_fraction(counts.analysed, counts.planned, is_over=is_over)
    if fraction == 1 and not is_over:
        raise NoLookPlanned("the last look waits until no session can be finished any more")
    if counts.analysed == 0 or not is_due(looks, fraction, record):
        share = counts.analysed / counts.planned
        raise NoLookPlanned(
            f"the next look is planned at {next_planned(looks, record):.3g} of the planned "
            f"participants; now it is {share:.3g} ({counts.analysed} of {counts.planned} analysed)"
        )
    return Look(
        number=len(record.looks) + 1,
        is_last=fraction == 1,
        looked_at=now(),
        export_digest=monitored.study.export_digest,
        participants=counts.analysed,
        planned_participants=counts.planned,
        spending_fraction=fraction,
        alpha_spent=alpha_spent(fraction, monitored.plan.alpha, looks.spending),
        contrasts=_contrasts(monitored, looks, record, fraction),
    )


def _adds_nothing(monitored: Monitored, last: Look) -> bool:
    """Tell whether an export brings hardly anybody after a look.

    An older export than the one looked at doesn't say how the study ended.
    """
    study = monitored.study
    is_older = pd.Timestamp(study.record.exported_at) < pd.Timestamp(last.looked_at)
    if is_older and study.export_digest != last.export_digest:
        return False
    return gains_too_little(monitored.counts.analysed, last.participants)


def _contrasts(
    monitored: Monitored, looks: InterimLooks, record: LookRecord, fraction: float
) -> tuple[ContrastAtLook, ...]:
    """Test the contrasts that have not crossed yet, and carry on those that have."""
    plan, crossed = monitored.plan, record.crossed()
    open_contrasts = [c for c in plan.contrasts if (c.arm, c.against) not in crossed]
    alphas = alphas_of_steps(plan, len(open_contrasts))
    levels = levels_at_look(looks, record, monitored.counts.analysed, fraction, alphas)
    found = {(row.arm, row.against): row for row in monitored.estimates()}
    tested = [found[contrast.arm, contrast.against] for contrast in open_contrasts]
    verdicts = crossed_boundaries([row.p for row in tested], levels, plan.correction)
    rows = {
        (row.arm, row.against): _row(row, level, has_crossed)
        for row, (level, has_crossed) in zip(tested, verdicts, strict=True)
    }
    for key in crossed:
        rows[key] = _row(found[key], None, True)
    return tuple(rows[contrast.arm, contrast.against] for contrast in plan.contrasts)


def _row(row: Estimate, level: float | None, crossed: bool) -> ContrastAtLook:
    low, high = None, None
    if row.estimate is not None and row.se is not None and level:
        low, high = repeated_interval(row.estimate, row.se, level, row.df or math.inf)
        if row.scale == "accuracy_difference":
            low, high = max(-1.0, low), min(1.0, high)
    kept = {
        name: value
        for name, value in asdict(row).items()
        if name in ContrastAtLook.model_fields and name not in {"ci_low", "ci_high"}
    }
    return ContrastAtLook(**kept, ci_low=low, ci_high=high, level=level, crossed=crossed)


def now() -> str:
    """Return the moment as ISO 8601 text."""
    return datetime.now(UTC).isoformat(timespec="seconds")
