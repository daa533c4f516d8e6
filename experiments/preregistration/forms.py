"""The questions of two registries, and which topics answer them.

The Open Science Framework and AsPredicted ask much the same in another order: each of their
questions, named by its number or heading there, is answered by one or more topics. What a protocol
can't know stays in brackets, for the authors.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from experiments.preregistration.design import (
    blinding,
    description,
    design,
    existing_data,
    materials,
    procedure,
    question,
    randomisation,
)
from experiments.preregistration.outcomes import (
    exclusions,
    inference,
    manipulated,
    measured,
    missing,
    model,
    other,
)
from experiments.preregistration.plan import Plan
from experiments.preregistration.sampling import rationale, recruiting, sample_size

Form = Literal["osf", "aspredicted"]


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


Topic = Callable[[Plan], str]
_FORMS: Mapping[Form, tuple[tuple[str, tuple[Topic, ...]], ...]] = {
    "osf": (
        ("Study information: description", (description,)),
        ("Study information: hypotheses", (question,)),
        ("Design: type, blinding", (blinding,)),
        ("Design: study design", (design, procedure)),
        ("Design: randomization", (randomisation,)),
        ("Sampling: existing data", (existing_data,)),
        ("Sampling: data collection", (recruiting,)),
        ("Sampling: sample size and stopping rule", (sample_size,)),
        ("Sampling: rationale", (rationale,)),
        ("Variables: manipulated", (manipulated, materials)),
        ("Variables: measured", (measured,)),
        ("Analysis: statistical models", (model,)),
        ("Analysis: inference criteria", (inference,)),
        ("Analysis: data exclusion", (exclusions,)),
        ("Analysis: missing data", (missing,)),
        ("Other", (other,)),
    ),
    "aspredicted": (
        ("1. Data collected already?", (existing_data,)),
        ("2. Question", (question,)),
        ("3. Dependent variables", (measured,)),
        ("4. Conditions", (design, randomisation)),
        ("5. Analyses", (model, inference)),
        ("6. Outliers and exclusions", (exclusions, missing)),
        ("7. Sample size", (sample_size, rationale)),
        ("8. Anything else", (procedure, recruiting, blinding, materials, other)),
    ),
}
