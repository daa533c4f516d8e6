"""Everything a report tells, as plain values."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Literal

import pandas as pd

from analysis.comparisons import Bootstrap, compare
from analysis.effects import disagreements, effects
from analysis.estimates import Estimate
from analysis.figures import Plot
from analysis.flow import ParticipantFlow
from analysis.inference import mean_interval
from analysis.looks import Look, LookRecord
from analysis.questions import Answers
from analysis.report.headlines import Headline, headline
from analysis.report.interim import decided_by_looks
from analysis.report.methods_text import MethodsText
from analysis.report.progress import Progress
from analysis.report.quality import DataQuality
from analysis.report.shown_explanations import ShownExplanations
from experiments.schema import AnalysisPlan, Contrast

RESULTS_SCHEMA_VERSION = "2"
NO_PLAN = "no plan fixed before the data were seen asked for this"

# Whether the plan was fixed before the data were seen: frozen with the study, registered under a
# digest that was given, or neither.
PlanSource = Literal["frozen", "registered", "other"]

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")


@dataclass(frozen=True)
class ArmAccuracy:
    """The mean of participants' shares of right answers, with its t interval."""

    arm: str
    participants: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Tested:
    """What the plan's contrasts came to.

    Attributes
    ----------
    why_exploratory
        Why no estimate is called confirmatory, a clause; empty where the plan was fixed before the
        data were seen, and the data are those it was made for: people's, of the main stage.
    looks
        That decided, where the plan has interim looks; else empty.
    bootstrap
        Simulated studies behind each interval of a risk difference; None for the delta method.
    estimates
        By the plan, of the participants that it keeps.
    without_exclusions
        The same of everybody who answered and did not withdraw; of role `sensitivity`. Empty where
        the plan excludes nobody.
    disagreements
        A sentence for each method that decides otherwise.
    """

    plan: AnalysisPlan
    plan_source: PlanSource
    why_exploratory: str
    looks: tuple[Look, ...]
    bootstrap: int | None
    headlines: tuple[Headline, ...]
    estimates: tuple[Estimate, ...]
    without_exclusions: tuple[Estimate, ...]
    disagreements: tuple[str, ...]

    @property
    def is_confirmatory(self) -> bool:
        """Whether anything may be called confirmatory."""
        return not self.why_exploratory


@dataclass(frozen=True)
class Results:
    """One report.

    Attributes
    ----------
    study
        The study's slug, or the table's file name.
    stage
        Recruitment stage; None for a table.
    bots, sessions
        Sessions that count, and how many of them are simulated.
    warnings
        Of how the data came about, each a word in capitals, a colon and a sentence.
    flow, quality
        None for a table, which does not know who was allocated.
    shown
        What the explanations shown score; None without scores.
    by_species
        Shares of right answers by species and arm, in the arms' order.
    """

    title: str
    study: str
    stage: str | None
    bots: int
    sessions: int
    warnings: tuple[str, ...]
    arms: tuple[str, ...]
    tested: Tested
    answers: Answers
    accuracy: tuple[ArmAccuracy, ...]
    by_species: tuple[Mapping[str, Any], ...]
    chance: float | None
    flow: ParticipantFlow | None
    quality: DataQuality | None
    methods: MethodsText
    plots: tuple[Plot, ...]
    reproducibility: Mapping[str, Any]
    shown: ShownExplanations | None = None

    @property
    def level(self) -> float:
        """Return the level of the intervals."""
        return 1 - self.tested.plan.alpha

    @property
    def marks(self) -> list[str]:
        """Return what must be said loudly on every page."""
        told = []
        if self.bots:
            told.append(
                f"SIMULATED PARTICIPANTS: {self.bots} of {self.sessions} sessions are bots. "
                "This is a rehearsal, not evidence."
            )
        if self.stage == "pilot":
            told.append("PILOT DATA: collected to try the study out, not to test its hypotheses.")
        told += self.warnings
        if self.tested.plan_source == "other":
            told.append(
                "EXPLORATORY: no plan fixed before the data were seen asked for this analysis; "
                "nothing in it is confirmatory."
            )
        return told

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return every estimate, one tidy row each; the deciding one of each contrast first."""
        exploratory = [own for answer in self.answers.answered for own in answer.estimates]
        everything = [*self.tested.estimates, *self.tested.without_exclusions, *exploratory]
        return [estimate.row() for estimate in everything]

    def as_json(self) -> dict[str, Any]:
        """Return the content of `results.json`."""
        tested = self.tested
        return {
            "schema_version": RESULTS_SCHEMA_VERSION,
            "title": self.title,
            "study": self.study,
            "stage": self.stage,
            "bots": self.bots,
            "sessions": self.sessions,
            "marks": self.marks,
            "headlines": [own.sentence for own in tested.headlines],
            "plan": tested.plan.model_dump(mode="json"),
            "plan_source": tested.plan_source,
            "is_confirmatory": tested.is_confirmatory,
            "why_exploratory": tested.why_exploratory,
            "looks": [look.model_dump(mode="json") for look in tested.looks],
            "interval_level": self.level,
            "estimates": self.rows,
            "disagreements": list(tested.disagreements),
            "flow": None if self.flow is None else asdict(self.flow),
            "accuracy": [asdict(own) for own in self.accuracy],
            "by_species": [dict(own) for own in self.by_species],
            "chance": self.chance,
            "questions": [
                {"question": own.question, "title": own.title, "told": own.told}
                for own in self.answers.answered
            ],
            "not_answered": [asdict(own) for own in self.answers.not_answered],
            "explanations": None if self.shown is None else self.shown.facts(),
            "quality": None if self.quality is None else asdict(self.quality),
            "methods": [list(own) for own in self.methods.paragraphs],
            "references": list(self.methods.references),
            "reproducibility": dict(self.reproducibility),
        }


def answer_plan(
    outcome: pd.DataFrame,
    everybody: pd.DataFrame,
    plan: AnalysisPlan,
    source: PlanSource,
    *,
    why_exploratory: str,
    record: LookRecord | None = None,
    export_digest: str = "",
    bootstrap: Bootstrap | None = None,
    seed: int,
) -> Tested:
    """Answer the plan's contrasts, with its exclusions and without.

    Parameters
    ----------
    outcome
        The answers of those whom the plan keeps.
    everybody
        The answers of everybody who did not withdraw.
    why_exploratory
        Why the data can't confirm anything by this plan; empty where they can.
    record
        Of the looks that ended the study, where the plan has any: they decide.
    export_digest
        Of the data, which tells whether a look was made at them.
    """
    estimates = effects(outcome, plan, seed=seed, bootstrap=bootstrap)
    if record is not None:
        estimates = decided_by_looks(estimates, plan.contrasts, record, export_digest)
        estimates = [_not_adjusted(own) for own in estimates]
    if why_exploratory:
        estimates = [_exploratory(own) for own in estimates]
    beside: list[Estimate] = []
    if len(everybody) > len(outcome):
        beside = [
            replace(own, role="sensitivity", subgroup="exclusions=none")
            for contrast in plan.contrasts
            for own in compare(everybody, contrast, plan, seed=seed)
        ]
    headlines = tuple(
        headline(_of(estimates, contrast), plan, is_confirmatory=not why_exploratory)
        for contrast in plan.contrasts
    )
    return Tested(
        plan,
        source,
        why_exploratory,
        () if record is None else record.looks,
        None if bootstrap is None else bootstrap.simulations,
        headlines,
        tuple(estimates),
        tuple(beside),
        tuple(disagreements(estimates, plan)),
    )


def bootstrap_of(simulations: int | None, seed: int, progress: Progress) -> Bootstrap | None:
    """Return the bootstrap that was asked for, which tells how far it has come."""
    if simulations is None:
        return None

    def tell(done: int, total: int) -> None:
        if done % max(1, total // 10) == 0:
            progress(f"bootstrap: {done} of {total} simulated studies")

    return Bootstrap(simulations, seed, tell)


def _not_adjusted(own: Estimate) -> Estimate:
    if own.question != "equivalence":
        return own
    return replace(own, note=f"{own.note}; of this export, not adjusted for the looks")


def _exploratory(own: Estimate) -> Estimate:
    return own if own.role == "sensitivity" else replace(own, role="exploratory")


def _of(estimates: list[Estimate], contrast: Contrast) -> list[Estimate]:
    pair = (contrast.arm, contrast.against)
    return [e for e in estimates if (e.arm, e.against) == pair and e.question == "accuracy"]


def accuracy_of(outcome: pd.DataFrame, arm: str, level: float) -> ArmAccuracy:
    """Describe one arm."""
    means = outcome[outcome["arm"] == arm].groupby("participant")["correct"].mean()
    if means.empty:
        return ArmAccuracy(arm, 0, None, None, None)
    mean, low, high = mean_interval(means.to_numpy(float), level)
    if len(means) == 1:
        return ArmAccuracy(arm, 1, mean, None, None)
    return ArmAccuracy(arm, len(means), mean, low, high)


def versions() -> dict[str, str]:
    """Return what computed the figures."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
