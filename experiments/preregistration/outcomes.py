"""What is measured, and how it is analysed."""

from experiments.enumeration import enumeration
from experiments.preregistration.plan import Plan


def manipulated(plan: Plan) -> str:
    """Say what differs."""
    factor = "the group" if plan.protocol.analysis.factor == "arm" else "the condition of a trial"
    return f"What is manipulated is {factor}, as described under the design."


def measured(plan: Plan) -> str:
    """Name the outcomes."""
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


def model(plan: Plan) -> str:
    """Say by what fit arms or conditions are compared."""
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


def inference(plan: Plan) -> str:
    """Say what counts as a difference."""
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


def exclusions(plan: Plan) -> str:
    """Say who is left out."""
    rules = []
    own = plan.protocol.analysis.exclusions
    if own.incomplete:
        rules.append("who do not complete the study")
    if own.failed_catch_trials:
        rules.append(f"who fail {own.failed_catch_trials} or more attention checks")
    left_out = f"Left out are participants {' or '.join(rules)}. " if rules else ""
    return f"{left_out}Nobody who withdraws is analysed. No rule looks at how well somebody does."


def missing(plan: Plan) -> str:
    """Say what becomes of answers that nobody gave."""
    return (
        "Trials that are not answered are missing; the mixed model uses all others. No answer is "
        "imputed."
    )


def other(plan: Plan) -> str:
    """Say what else the report does."""
    return (
        "All contrasts are also given without the exclusions. What else the report asks is marked "
        "as exploratory. [Anything else.]"
    )
