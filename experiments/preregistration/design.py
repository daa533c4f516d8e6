"""What is asked, shown and done."""

from experiments.allocation.wording import (
    factor_words,
    method_words,
    occasion_words,
    source_words,
)
from experiments.enumeration import enumeration
from experiments.preregistration.plan import Plan
from experiments.schema import Protocol
from experiments.wording import (
    arm_words,
    count_of,
    excluded_words,
    meets_several,
    procedure_words,
)


def description(plan: Plan) -> str:
    """Say what the study is about."""
    species = count_of(len(plan.protocol.species), "species")
    return (
        f"Participants work with pictures of {species} and an image classifier "
        f"({plan.manifest.network.architecture}). The study compares what they are shown beside "
        "the pictures. [One sentence on why.]"
    )


def question(plan: Plan) -> str:
    """Ask what the contrasts ask."""
    analysis = plan.protocol.analysis
    contrasts = enumeration(f"{own.arm} against {own.against}" for own in analysis.contrasts)
    return (
        f"Are answers of the {analysis.phase} more, or less, often right in one {analysis.factor} "
        f"than in another: {contrasts}? Tests are two-sided. [The direction you expect, and why.]"
    )


def existing_data(plan: Plan) -> str:
    """Own up to data there are."""
    if plan.begun:
        begun = count_of(plan.begun, "participant")
        return f"Yes: {begun} of the main study had consented when this text was written."
    return (
        "No: nobody has taken part in the main study. Data of a pilot are kept apart and are never "
        "analysed with it."
    )


def design(plan: Plan) -> str:
    """Say which groups there are, and what each is shown."""
    protocol = plan.protocol
    arms = "\n".join(f"- **{name}**: {arm_words(protocol, name)}" for name in protocol.arms)
    if len(protocol.arms) == 1:
        groups = "All participants are one group."
    else:
        groups = f"A randomised study with {count_of(len(protocol.arms), 'group')} of participants."
    return f"{groups}{_lists(protocol)}\n\n{arms}"


def _lists(protocol: Protocol) -> str:
    """How pictures and conditions are crossed, where participants meet several conditions."""
    if not meets_several(protocol):
        return ""
    who = "Everybody meets" if len(protocol.arms) == 1 else "Some groups meet"
    blocks = any(stage.condition_order == "blocks" for stage in protocol.trials_stages())
    order = (
        " Conditions come in blocks, in orders of balanced Latin squares."
        if blocks
        else " Conditions are mixed from picture to picture."
    )
    return (
        f" {who} several conditions: pictures are given to them by counterbalanced lists, so that "
        "each participant meets each picture once and over participants each picture comes under "
        f"each condition.{order}"
    )


def procedure(plan: Plan) -> str:
    """Say what participants do, and how long it takes."""
    low, high = plan.duration.range_minutes
    return (
        f"{procedure_words(plan.protocol, 'present')} All of it is expected to take about "
        f"{plan.duration.median_minutes:.0f} minutes ({low:.0f} to {high:.0f} for four of five "
        "people)."
    )


def blinding(plan: Plan) -> str:
    """Say who knows of the groups, and when."""
    if len(plan.protocol.arms) == 1:
        return (
            "There are no groups to be blind to. [What participants know of the conditions "
            "before the debriefing.]"
        )
    return (
        "No page names a participant's group to them. [What consent and instructions say of the "
        "groups.] Who runs the study sees no outcome by group before it is closed; letting an "
        "analyst see them is logged with a reason."
    )


def randomisation(plan: Plan) -> str:
    """Say who gets which arm, and by what chance."""
    order = "The order of pictures is drawn anew for each participant."
    if len(plan.protocol.arms) == 1:
        lists = (
            " Each participant's place in it gives their list of pictures and order of conditions."
            if meets_several(plan.protocol)
            else ""
        )
        return f"Nobody is allocated: there is one group.{lists} {_again(plan)}{order}"
    allocation = plan.protocol.allocation
    ratio = ":".join(str(arm.weight) for arm in plan.protocol.arms.values())
    verb = "allocate" if allocation.factors else "allocates"
    return (
        f"{occasion_words(allocation)} {verb} each participant to a group in the ratio {ratio} "
        f"by {method_words(allocation)}, {source_words(allocation)}. {_factors(plan)}No page tells "
        f"which group comes next. {_again(plan)}{order}"
    )


def _factors(plan: Plan) -> str:
    told = factor_words(plan.protocol.allocation)
    return f"Factors are {told}. " if told else ""


def _again(plan: Plan) -> str:
    hours = plan.protocol.allocation.release_after_hours
    if hours is None:
        return ""
    same = " of the same stratum" if plan.protocol.allocation.factors else ""
    return (
        "The place of who withdraws, is screened out or has not finished "
        f"{hours} hours after consent is given to the next participant{same}. "
    )


def materials(plan: Plan) -> str:
    """Name pictures and classifier, and the pictures that are left out."""
    manifest = plan.manifest
    without = excluded_words(plan.protocol)
    return (
        f"{len(manifest.stimuli)} pictures of the image set “{manifest.image_set.kind}” "
        f"(digest {manifest.image_set.digest[:12]}){without}; classifier "
        f"{manifest.network.architecture} (digest {manifest.network.digest[:12]}). Pictures, "
        "explanations and the protocol are frozen together."
    )
