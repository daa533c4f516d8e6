"""How participants were given to groups, as a methods section tells it."""

from analysis.load import StudyData
from analysis.report.references import Citations
from experiments.allocation.wording import method_words, occasion_words, source_words


def allocation_text(study: StudyData, citations: Citations) -> str:
    """Return the sentences, from the frozen protocol and the seed that a closed study tells."""
    allocation = study.protocol.allocation
    ratio = ":".join(str(arm.weight) for arm in study.protocol.arms.values())
    told = [
        f"{occasion_words(allocation)} allocated each participant to a group in the ratio {ratio} "
        f"by {method_words(allocation, citations.cite)}, "
        f"{source_words(allocation, study.record.allocation_seed)}."
    ]
    if allocation.release_after_hours is not None:
        told.append(
            "The place of who withdrew, was screened out or had not finished "
            f"{allocation.release_after_hours} hours after consent was given to the next "
            "participant."
        )
    return " ".join(told)
