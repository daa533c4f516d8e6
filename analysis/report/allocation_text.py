"""How participants were given to groups, as a methods section tells it."""

from analysis.load import StudyData
from analysis.report.enumeration import listed
from analysis.report.references import Citations
from experiments.allocation.method import AllocationMethod, DecidedOnArrival
from experiments.allocation.minimisation import Minimisation
from experiments.allocation.permuted_blocks import PermutedBlocks
from experiments.allocation.rotation import CompleteRotation, LatinRotation
from experiments.allocation.simple import Simple
from experiments.allocation.urn import Urn


def allocation_text(study: StudyData, citations: Citations) -> str:
    """Return the sentences, from the frozen protocol and the seed that a closed study tells."""
    allocation = study.protocol.allocation
    ratio = ":".join(str(arm.weight) for arm in study.protocol.arms.values())
    told = [
        f"{_when(allocation)} allocated each participant to a group in the ratio {ratio} by "
        f"{_how(allocation, citations)}, {_whence(allocation, study.record.allocation_seed)}."
    ]
    if allocation.release_after_hours is not None:
        told.append(
            "The place of who withdrew, was screened out or had not finished "
            f"{allocation.release_after_hours} hours after consent was given to the next "
            "participant."
        )
    return " ".join(told)


def _when(allocation: AllocationMethod) -> str:
    if not allocation.factors:
        return "Consent"
    asked = listed([factor.item.replace("_", " ") for factor in allocation.factors], "and")
    return f"The answers to questions before the trials ({asked})"


def _how(allocation: AllocationMethod, citations: Citations) -> str:
    match allocation:
        case PermutedBlocks():
            sizes = listed([str(size) for size in allocation.block_sizes], "or")
            how = f"permuted blocks of {sizes} in random order{citations.cite('blocks')}"
        case Simple():
            how = "simple randomisation"
        case LatinRotation():
            how = "rotation through the rows of random Latin squares"
        case CompleteRotation():
            how = "rotation through all orders of the groups"
        case Urn():
            how = (
                f"an urn of {allocation.initial_balls} balls a group, to which each participant "
                f"added {allocation.added_balls} of every other group{citations.cite('urn')}"
            )
        case Minimisation():
            how = (
                "minimisation, the group that balanced best being given with probability "
                f"{allocation.preferred_probability:g}{citations.cite('minimisation')}"
            )
        case _:
            raise NotImplementedError(f"No words for the allocation method {allocation.method}.")
    return f"{how}, within each stratum" if allocation.quotas else how


def _whence(allocation: AllocationMethod, seed: int | None) -> str:
    with_seed = "" if seed is None else f" with seed {seed}"
    if isinstance(allocation, DecidedOnArrival):
        return f"drawn{with_seed} at that moment among places fixed when the protocol was frozen"
    return (
        f"from a sequence that was drawn{with_seed} and stored when the protocol was frozen, "
        "before anybody took part"
    )
