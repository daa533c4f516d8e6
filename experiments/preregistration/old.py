"""A preregistration, filled in from the protocol.

The Open Science Framework and AsPredicted ask much the same in another order: each of their
questions, named by its number or heading there, is answered by one or more topics. What a protocol
can't know stays in brackets, for the authors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from experiments.allocation.wording import method_words, occasion_words, source_words
from experiments.duration import Duration
from experiments.enumeration import enumeration
from experiments.manifest import Manifest
from experiments.power_record import PowerRecord
from experiments.schema import Protocol
from experiments.wording import (
    arm_words,
    count_of,
    meets_several,
    payment_words,
    procedure_words,
    stopping_words,
)

Form = Literal["osf", "aspredicted"]


@dataclass(frozen=True)
class Plan:
    """All that is known before the first participant.

    Attributes
    ----------
    digest
        SHA-256 of the frozen study; None while it is a draft.
    begun
        Participants of the main stage who have consented: it should be none.
    power
        Of this very protocol.
    """

    protocol: Protocol
    manifest: Manifest
    duration: Duration
    digest: str | None = None
    begun: int = 0
    power: PowerRecord | None = None


def preregistration(plan: Plan, form: Form) -> str:
    """Return the questions of a form with their answers, as Markdown."""
    title = f"# {plan.protocol.title}\n\nPreregistration of `{plan.protocol.slug}`"
    source = (
        f"{title}, written from its protocol{_digest(plan)}. [In brackets: for you to fill in.]"
    )
    parts = (
        f"## {heading}\n\n" + "\n\n".join(told for topic in topics if (told := topic(plan)))
        for heading, topics in _FORMS[form]
    )
    return "\n\n".join([source, *parts]) + "\n"


def _digest(plan: Plan) -> str:
    return f" (frozen, SHA-256 {plan.digest})" if plan.digest else ", which is not frozen yet"


def _description(plan: Plan) -> str:
    species = count_of(len(plan.protocol.species), "species")
    return (
        f"Participants work with pictures of {species} of birds and an image classifier "
        f"({plan.manifest.network.architecture}). The study compares what they are shown beside "
        "the pictures. [One sentence on why.]"
    )


def _question(plan: Plan) -> str:
    analysis = plan.protocol.analysis
    contrasts = enumeration(f"{own.arm} against {own.against}" for own in analysis.contrasts)
    return (
        f"Are answers of the {analysis.phase} more, or less, often right in one {analysis.factor} "
        f"than in another: {contrasts}? Tests are two-sided. [The direction you expect, and why.]"
    )


def _existing_data(plan: Plan) -> str:
    if plan.begun:
        begun = count_of(plan.begun, "participant")
        return f"Yes: {begun} of the main study had consented when this text was written."
    return (
        "No: nobody has taken part in the main study. Data of a pilot are kept apart and are never "
        "analysed with it."
    )


def _design(plan: Plan) -> str:
    protocol = plan.protocol
    arms = "\n".join(f"- **{name}**: {arm_words(protocol, name)}" for name in protocol.arms)
    within = (
        " Some groups meet several conditions: pictures are given to them by counterbalanced lists."
        if meets_several(protocol)
        else ""
    )
    groups = count_of(len(protocol.arms), "group")
    return f"A randomised study with {groups} of participants.{within}\n\n{arms}"


def _procedure(plan: Plan) -> str:
    low, high = plan.duration.range_minutes
    return (
        f"{procedure_words(plan.protocol)} It is expected to take about "
        f"{plan.duration.median_minutes:.0f} minutes ({low:.0f} to {high:.0f} for four of five "
        "people)."
    )


def _blinding(plan: Plan) -> str:
    return (
        "Participants are not told which groups there are until the debriefing. Who runs the study "
        "sees no outcome by group before it is closed; letting an analyst see them is logged with "
        "a reason."
    )


def _randomisation(plan: Plan) -> str:
    allocation = plan.protocol.allocation
    ratio = ":".join(str(arm.weight) for arm in plan.protocol.arms.values())
    again = (
        ""
        if allocation.release_after_hours is None
        else " The place of who withdraws, is screened out or has not finished "
        f"{allocation.release_after_hours} hours after consent is given to the next participant."
    )
    return (
        f"{occasion_words(allocation)} allocates each participant to a group in the ratio {ratio} "
        f"by {method_words(allocation)}, {source_words(allocation)}. Nobody can see the next "
        f"group.{again} The order of pictures is drawn anew for each participant."
    )


def _recruiting(plan: Plan) -> str:
    source = {
        "link": "a link that the researchers send",
        "prolific": "Prolific",
        "mturk": "Amazon Mechanical Turk",
        "sona": "a SONA pool",
    }[plan.protocol.recruitment.source]
    paid = payment_words(plan.protocol.payment)
    told = f"Paid are {paid}." if paid else "[What participants are paid.]"
    return f"Participants come by {source}. {told} [Who may take part.]"


def _sample_size(plan: Plan) -> str:
    protocol = plan.protocol
    places = protocol.allocation.participants.get("main")
    if places is None:
        return "The protocol gives no places for a main study."
    ends = stopping_words(protocol.analysis.stop_rule)
    earlier = f", or earlier: when {ends}" if ends else ""
    return (
        f"{count_of(places, 'participant').capitalize()} who consent. Recruiting ends when every "
        f"place has been given{earlier}. {_looks(plan)}"
    ).strip()


def _looks(plan: Plan) -> str:
    looks = plan.protocol.analysis.interim_looks
    if looks is None:
        return "Nobody looks at the outcome before."
    shares = enumeration(f"{share:.0%}" for share in looks.information_fractions)
    spending = {"obrien_fleming": "O’Brien and Fleming", "pocock": "Pocock"}[looks.spending]
    return (
        f"Interim looks are taken at {shares} of the participants, with alpha spent as by "
        f"{spending} (Lan & DeMets 1983)."
    )


def _rationale(plan: Plan) -> str:
    record = plan.power
    if record is None:
        return "[Why so many: `python -m analysis power` simulates this very plan.]"
    rows = [
        f"- {row.arm} against {row.against}, true difference {row.difference:+.1%} with "
        f"{row.participants:,} participants: power {row.significant.share:.0%} "
        f"(95 % interval {row.significant.low:.0%} to {row.significant.high:.0%}, "
        f"{row.studies:,} simulated studies)"
        for row in record.rows
    ]
    assumed = " ".join(record.assumptions.statements)
    return "Power was simulated for this very plan.\n\n" + "\n".join(rows) + f"\n\n{assumed}"


def _manipulated(plan: Plan) -> str:
    factor = "the group" if plan.protocol.analysis.factor == "arm" else "the condition of a trial"
    return f"What is manipulated is {factor}, as described under the design."


def _measured(plan: Plan) -> str:
    analysis = plan.protocol.analysis
    times = analysis.reaction_times
    secondary = {
        "confidence": "how sure people say they are",
        "reaction_time": "the time from the picture's paint to the choice, of right answers "
        f"between {times.shortest_ms:,} and {times.longest_ms:,} ms",
        "sensitivity": "how well people tell right from wrong advice (d′)",
        "criterion": "how readily they believe it (c)",
        "over_reliance": "how often wrong advice is followed",
        "under_reliance": "how often right advice is not followed",
    }
    more = enumeration(secondary[name] for name in analysis.secondary)
    first = f"Whether an answer of the {analysis.phase} is right."
    return f"{first} Secondary: {more}." if analysis.secondary else first


def _materials(plan: Plan) -> str:
    manifest = plan.manifest
    return (
        f"{manifest.image_set.pictures} pictures of the image set “{manifest.image_set.kind}” "
        f"(digest {manifest.image_set.digest[:12]}); classifier {manifest.network.architecture} "
        f"(digest {manifest.network.digest[:12]}). Pictures, explanations and the protocol are "
        "frozen together."
    )


def _model(plan: Plan) -> str:
    analysis = plan.protocol.analysis
    if analysis.model == "two_way_cluster":
        return (
            f"Each pair of {analysis.factor}s is compared by logistic regression with errors "
            "clustered by participants and by pictures, and a t reference with the smaller number "
            "of clusters minus one degrees of freedom."
        )
    effects = (
        f"random intercepts, and effects of the {analysis.factor} wherever participants or "
        "pictures meet several"
        if analysis.random_effects == "by_design"
        else "random intercepts alone"
    )
    return (
        f"Each pair of {analysis.factor}s is compared by a logistic mixed model with participants "
        f"and pictures as crossed random effects ({effects}), fitted by maximum likelihood with "
        "the Laplace approximation. The effect is tested by the likelihood ratio, read as F with "
        "the denominator degrees of freedom of the matching linear mixed model."
    )


def _inference(plan: Plan) -> str:
    analysis = plan.protocol.analysis
    corrected = {
        "holm": "of all planned contrasts together, by Holm's correction",
        "none": "of each contrast, without a correction",
    }[analysis.correction]
    smallest = ""
    if analysis.smallest_effect is not None:
        smallest = (
            f" The smallest difference of accuracies that matters is {analysis.smallest_effect:.1%}"
            "; whether an effect is smaller is tested by two one-sided tests."
        )
    return f"Alpha is {analysis.alpha:g} {corrected}.{smallest}"


def _exclusions(plan: Plan) -> str:
    rules = []
    own = plan.protocol.analysis.exclusions
    if own.incomplete:
        rules.append("who do not complete the study")
    if own.failed_catch_trials:
        rules.append(f"who fail {own.failed_catch_trials} or more attention checks")
    left_out = f"Left out are participants {' or '.join(rules)}. " if rules else ""
    return f"{left_out}Nobody who withdraws is analysed. No rule looks at how well somebody does."


def _missing(plan: Plan) -> str:
    return (
        "Trials that are not answered are missing; the mixed model uses all others. No answer is "
        "imputed."
    )


def _other(plan: Plan) -> str:
    return (
        "All contrasts are also given without the exclusions. What else the report asks is marked "
        "as exploratory. [Anything else.]"
    )


Topic = Callable[[Plan], str]
_FORMS: Mapping[Form, tuple[tuple[str, tuple[Topic, ...]], ...]] = {
    "osf": (
        ("Study information: description", (_description,)),
        ("Study information: hypotheses", (_question,)),
        ("Design: type, blinding", (_blinding,)),
        ("Design: study design", (_design, _procedure)),
        ("Design: randomization", (_randomisation,)),
        ("Sampling: existing data", (_existing_data,)),
        ("Sampling: data collection", (_recruiting,)),
        ("Sampling: sample size and stopping rule", (_sample_size,)),
        ("Sampling: rationale", (_rationale,)),
        ("Variables: manipulated", (_manipulated, _materials)),
        ("Variables: measured", (_measured,)),
        ("Analysis: statistical models", (_model,)),
        ("Analysis: inference criteria", (_inference,)),
        ("Analysis: data exclusion", (_exclusions,)),
        ("Analysis: missing data", (_missing,)),
        ("Other", (_other,)),
    ),
    "aspredicted": (
        ("1. Data collected already?", (_existing_data,)),
        ("2. Question", (_question,)),
        ("3. Dependent variables", (_measured,)),
        ("4. Conditions", (_design, _randomisation)),
        ("5. Analyses", (_model, _inference)),
        ("6. Outliers and exclusions", (_exclusions, _missing)),
        ("7. Sample size", (_sample_size, _rationale)),
        ("8. Anything else", (_procedure, _recruiting, _blinding, _materials, _other)),
    ),
}
