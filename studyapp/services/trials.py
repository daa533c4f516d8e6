"""Making the trials of a session."""

from uuid import uuid4

from experiments.sequencing import TrialPlan, plan_session
from studyapp.models import (
    Artefact,
    PlannedStimulus,
    Slot,
    Stimulus,
    StudySession,
    Trial,
    TrialOption,
)
from studyapp.selectors.studies import place_in_arm, protocol_of, selection_of, stimuli_of


def create_trials(*, session: StudySession, slot: Slot) -> None:
    """All trials of a session are made at once, when its arm is known."""
    planned = PlannedStimulus.objects.filter(study=session.study).select_related("stimulus")
    stimuli = {row.stimulus.key: row.stimulus for row in planned}
    artefacts = {
        (artefact.stimulus_id, artefact.name): artefact
        for artefact in Artefact.objects.filter(stimulus__in=stimuli.values())
    }
    plans = plan_session(
        protocol_of(session.study),
        stimuli_of(session.study),
        selection_of(session.study),
        arm=slot.arm,
        seed=session.seed,
        place=place_in_arm(slot),
    )
    trials = Trial.objects.bulk_create(_trial(session, plan, stimuli, artefacts) for plan in plans)
    TrialOption.objects.bulk_create(
        TrialOption(
            trial=trial,
            key=option.key,
            stands_for=option.stands_for,
            picture_id=option.picture.sha256 if option.picture else None,
            layer_id=option.layer.sha256 if option.layer else None,
        )
        for trial, plan in zip(trials, plans, strict=True)
        for option in plan.options
    )


def _trial(
    session: StudySession,
    plan: TrialPlan,
    stimuli: dict[str, Stimulus],
    artefacts: dict[tuple[int, str], Artefact],
) -> Trial:
    stimulus = stimuli[plan.stimulus] if plan.stimulus else None
    shown = plan.explanation
    return Trial(
        uid=uuid4(),
        session=session,
        index=plan.index,
        stage_key=plan.stage_key,
        phase=plan.phase,
        trial_type=plan.trial_type,
        condition=plan.condition,
        stimulus=stimulus,
        artefact=artefacts[stimulus.pk, shown] if stimulus and shown else None,
        instructed_choice=plan.instructed_choice or "",
        choice_order=list(plan.choice_order),
        right_choice=plan.right_choice,
        asks_first=plan.asks_first,
        offers_break=plan.offers_break,
    )
