"""From an export folder to results: who counts, what the frozen plan says, what else was asked."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis.effects import arms_in_order
from analysis.errors import ExportError
from analysis.exclusions import ANALYSED, exclusion_reasons
from analysis.figures import Plot
from analysis.flow import ParticipantFlow, participant_flow
from analysis.load import StudyData, load_study
from analysis.looks import LookRecord
from analysis.monitor import monitor
from analysis.population import (
    chance_of,
    choose_stage,
    classification_trials,
    explained_trials,
    sessions_of,
    trials_with_answers,
    without_bots,
)
from analysis.questions import Answers, ask_all, evidence_of
from analysis.questions.advice import with_advice
from analysis.report.analysis_text import analysis_paragraphs, data_paragraph
from analysis.report.flow_diagram import flow_diagram
from analysis.report.interim import (
    record_of_looks,
    refuse_before_the_end,
    still_open,
    unplanned_looks,
)
from analysis.report.methods_text import MethodsText, study_paragraphs
from analysis.report.numbers import percent
from analysis.report.plans import followed_plan
from analysis.report.plots import learning_plot, species_plot, tested_plots
from analysis.report.progress import Progress
from analysis.report.quality import data_quality
from analysis.report.question_plots import question_plots
from analysis.report.references import Citations
from analysis.report.results import (
    NO_PLAN,
    Results,
    Tested,
    accuracy_of,
    answer_plan,
    bootstrap_of,
    versions,
)
from analysis.report.shown_explanations import (
    ShownExplanations,
    shown_explanations,
    shown_plot,
)
from experiments.manifest import Manifest
from experiments.schema import RecruitmentStage
from experiments.scores import ExplanationScore, ScoresError, read_scores, scores_of_set


@dataclass(frozen=True)
class ExportChoices:
    """What an analyst may choose; everything else the frozen protocol says.

    Attributes
    ----------
    stage
        Recruitment stage; None means main when there is any, else pilot.
    seed
        Of permutations and simulations.
    with_bots
        Analyse simulated participants among people, where both took part.
    plan
        A file with another plan than the frozen one: then everything is exploratory.
    scores
        The `scores.json` of the stimuli, or their folder.
    record
        Of looks at the study; None where it lies beside the export.
    bootstrap
        Simulated studies for the intervals of risk differences; None for the delta method's.
    exploratory
        Ask the exploratory questions, too.
    """

    stage: RecruitmentStage | None = None
    seed: int = 0
    with_bots: bool = False
    plan: Path | None = None
    scores: Path | None = None
    record: Path | None = None
    bootstrap: int | None = None
    exploratory: bool = True

    def command(self, folder: Path) -> str:
        """Return the command that gives the same results again."""
        told = ["python -m analysis report", folder.name]
        told += [f"--stage {self.stage}"] if self.stage else []
        told += ["--with-bots"] if self.with_bots else []
        told += [f"--plan {self.plan.name}"] if self.plan else []
        told += [f"--scores {self.scores.name}"] if self.scores else []
        told += [f"--record {self.record.name}"] if self.record else []
        told += [f"--bootstrap {self.bootstrap}"] if self.bootstrap else []
        told += [] if self.exploratory else ["--without-exploratory"]
        return " ".join([*told, f"--seed {self.seed}"])


def results_of_export(folder: Path, choices: ExportChoices, progress: Progress) -> Results:
    """Analyse an export.

    Raises
    ------
    ExportError
        When the export is damaged or has nobody to analyse, the plan can't be read, or the frozen
        plan has interim looks of which none has ended the study.
    """
    progress("reading and verifying the export")
    study = load_study(folder)
    looked = _looked_at(study, folder, choices)
    plan, source = followed_plan(study.protocol, choices.plan)
    study = replace(study, protocol=study.protocol.model_copy(update={"analysis": plan}))
    scores = _scores(choices.scores, study.manifest)
    people = _population(study, choices)
    shown = None
    if choices.scores is not None:
        shown = shown_explanations(
            explained_trials(people.analysed, plan.phase),
            scores,
            1 - plan.alpha,
            source=str(choices.scores),
        )
    progress("answering the plan's contrasts, with and without exclusions")
    tested = answer_plan(
        people.outcome,
        people.everybody,
        plan,
        source,
        why_exploratory=NO_PLAN if source == "other" else looked.why_exploratory,
        record=looked.deciding if source == "frozen" else None,
        export_digest=study.export_digest,
        bootstrap=bootstrap_of(choices.bootstrap, choices.seed, progress),
        seed=choices.seed,
    )
    answers = Answers((), ())
    if choices.exploratory:
        evidence = evidence_of(study, people.analysed, scores=scores)
        answers = ask_all(evidence, progress=lambda done, count, title: progress(title))
    progress("drawing and writing")
    return Results(
        title=study.protocol.title,
        study=study.protocol.slug,
        stage=people.stage,
        bots=int(people.sessions["is_bot"].sum()),
        sessions=len(people.sessions),
        warnings=looked.warnings,
        arms=people.arms,
        tested=tested,
        answers=answers,
        accuracy=tuple(accuracy_of(people.outcome, arm, 1 - plan.alpha) for arm in people.arms),
        by_species=tuple(_by_species(people, study)),
        chance=chance_of(study.protocol),
        flow=people.flow,
        quality=data_quality(study, people.sessions, people.trials, people.outcome, people.arms),
        methods=_methods(study, people, tested),
        plots=_plots(study, people, tested, answers, shown),
        shown=shown,
        reproducibility={
            "command": choices.command(folder),
            "protocol_digest": study.protocol_digest,
            "manifest_digest": study.manifest_digest,
            "export_digest": study.export_digest,
            "exported_at": study.record.exported_at,
            "allocation_seed": study.record.allocation_seed,
            "seed": choices.seed,
            "larus": study.record.larus_version,
            **versions(),
        },
    )


@dataclass(frozen=True)
class _LookedAt:
    """What is known of a stage before any outcome is.

    Attributes
    ----------
    why_exploratory
        Unless the data are people's alone, of the main stage.
    deciding
        The record whose looks decide, where the frozen plan has any.
    """

    why_exploratory: str
    deciding: LookRecord | None
    warnings: tuple[str, ...]


def _looked_at(study: StudyData, folder: Path, choices: ExportChoices) -> _LookedAt:
    stage = choose_stage(study.tables["sessions"], choices.stage)
    monitored = monitor(study, stage, with_bots=choices.with_bots)
    why = "" if stage == "main" else "pilot data were collected to try the study out"
    why = "simulated participants are no evidence" if monitored.counts.simulated else why
    if stage != "main" or monitored.is_rehearsal:
        if choices.record is not None:
            raise ExportError("--record is of looks at people of the main stage; leave it out.")
        return _LookedAt(why, None, ())
    record = record_of_looks(folder, monitored, choices.record)
    warnings = unplanned_looks(record)
    if study.protocol.analysis.interim_looks is None:
        why = why or ("" if monitored.is_over else "the study can still grow")
        return _LookedAt(why, None, (*warnings, *still_open(monitored)))
    # People's outcomes stay covered, whoever is analysed with them.
    refuse_before_the_end(folder, monitored, record)
    if choices.bootstrap is not None:
        raise ExportError("--bootstrap: the looks of the plan have intervals of their own.")
    return _LookedAt(why, None if why else record, tuple(warnings))


@dataclass(frozen=True)
class _Population:
    """Who and what counts, in one recruitment stage.

    Attributes
    ----------
    sessions, trials
        Of all that count, before exclusions.
    analysed
        Trials of those whom the plan keeps.
    outcome, training
        Their answered classification trials: of the plan's phase, and of the training.
    everybody
        Those of the plan's phase of all who did not withdraw.
    """

    stage: RecruitmentStage
    arms: tuple[str, ...]
    sessions: pd.DataFrame
    trials: pd.DataFrame
    analysed: pd.DataFrame
    outcome: pd.DataFrame
    training: pd.DataFrame
    everybody: pd.DataFrame
    flow: ParticipantFlow


def _population(study: StudyData, choices: ExportChoices) -> _Population:
    plan = study.protocol.analysis
    arms = tuple(arms_in_order(plan, study.protocol.arms))
    stage = choose_stage(study.tables["sessions"], choices.stage)
    sessions, simulated = without_bots(sessions_of(study, stage), with_bots=choices.with_bots)
    trials = with_advice(trials_with_answers(study, sessions), study.protocol)
    reasons = exclusion_reasons(sessions, trials, plan)
    analysed = trials[trials["session"].isin(reasons.index[reasons == ANALYSED])]
    stayed = sessions.index[sessions["state"] != "withdrawn"]
    flow = participant_flow(
        sessions,
        trials,
        study.tables["events"],
        reasons,
        arms=arms,
        protocol=study.protocol,
        deleted=study.record.left_out.by_stage.get(stage, {}),
        simulated={arm: int((simulated["arm"] == arm).sum()) for arm in arms},
        not_allocated=study.record.left_out.before_allocation.get(stage, 0)
        + int(simulated["arm"].isna().sum()),
    )
    return _Population(
        stage=stage,
        arms=arms,
        sessions=sessions,
        trials=trials,
        analysed=analysed,
        outcome=classification_trials(analysed, plan.phase),
        training=classification_trials(analysed, "training"),
        everybody=classification_trials(trials[trials["session"].isin(stayed)], plan.phase),
        flow=flow,
    )


def _scores(path: Path | None, manifest: Manifest) -> list[ExplanationScore]:
    try:
        found = [] if path is None else read_scores(path)
    except ScoresError as error:
        raise ExportError(str(error)) from error
    return list(scores_of_set(found, manifest).values())


def _methods(study: StudyData, people: _Population, tested: Tested) -> MethodsText:
    citations = Citations()
    paragraphs = [
        *study_paragraphs(study, people.sessions, people.flow, citations),
        *analysis_paragraphs(tested, people.outcome, citations),
        data_paragraph(study),
    ]
    return MethodsText(tuple(paragraphs), tuple(citations.listed()))


def _plots(
    study: StudyData,
    people: _Population,
    tested: Tested,
    answers: Answers,
    shown: ShownExplanations | None,
) -> tuple[Plot, ...]:
    chance = chance_of(study.protocol)
    level = percent(1 - tested.plan.alpha)
    drawn = [
        _flow_plot(people.flow),
        *tested_plots(tested, people.outcome, people.arms, chance),
        species_plot(people.outcome, people.arms, study.species_names, chance),
        learning_plot(people.training, people.arms),
        *question_plots(answers.answered, people.arms, level),
        None if shown is None else shown_plot(shown, level),
    ]
    return tuple(plot for plot in drawn if plot is not None)


def _by_species(people: _Population, study: StudyData) -> list[dict[str, object]]:
    means = people.outcome.groupby(["true_species", "arm"])["correct"].mean()
    return [
        {
            "species": species,
            "name": name,
            "shares": [means.get((species, arm)) for arm in people.arms],
        }
        for species, name in study.species_names.items()
    ]


def _flow_plot(flow: ParticipantFlow) -> Plot:
    rows = []
    for arm in flow.arms:
        counts = {key: value for key, value in vars(arm).items() if isinstance(value, int)}
        rows += [{"arm": arm.arm, "kind": key, "count": count} for key, count in counts.items()]
        for key in ("dropped_out", "excluded"):
            own = getattr(arm, key)
            rows += [{"arm": arm.arm, "kind": f"{key}: {why}", "count": own[why]} for why in own]
    return Plot(
        "flow",
        "Flow of participants",
        "From consent, before which nothing is stored, to analysis.",
        flow_diagram(flow),
        None,
        pd.DataFrame(rows),
    )
