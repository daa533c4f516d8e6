"""How participants were allocated, in the words of a methods section."""

from analysis.report.references import Citations
from experiments.allocation.method import AllocationMethod, DecidedOnArrival
from experiments.allocation.minimisation import Minimisation
from experiments.allocation.permuted_blocks import PermutedBlocks
from experiments.allocation.rotation import CompleteRotation, LatinRotation
from experiments.allocation.urn import Urn


def allocated_by(allocation: AllocationMethod, citations: Citations) -> str:
    """Say it from the method's name to the concealment, as the end of a sentence."""
    return f"by {_method(allocation, citations)}{_strata(allocation)}, {_concealed(allocation)}"


def _method(allocation: AllocationMethod, citations: Citations) -> str:
    match allocation:
        case PermutedBlocks():
            sizes = " or ".join(map(str, allocation.block_sizes))
            return f"permuted blocks of {sizes} in random order{citations.cite('blocks')}"
        case LatinRotation():
            return "the rows of Latin squares drawn at random"
        case CompleteRotation():
            return "every order of the groups in random succession"
        case Urn():
            return f"an urn{citations.cite('urn')}"
        case Minimisation():
            return (
                f"minimisation{citations.cite('minimisation')}, with probability "
                f"{allocation.preferred_probability:g} for the group that balances best"
            )
        case _:
            return "simple randomisation"


def _strata(allocation: AllocationMethod) -> str:
    factors = " and ".join(factor.item for factor in allocation.factors)
    if not factors:
        return ""
    return (
        f" over {factors}"
        if isinstance(allocation, DecidedOnArrival)
        else (f" within strata of {factors}" if allocation.quotas else "")
    )


def _concealed(allocation: AllocationMethod) -> str:
    """Whether a sequence lay ready or each arrival was decided anew."""
    if isinstance(allocation, DecidedOnArrival):
        return "decided by the server when they came; nobody could foresee the next group."
    return (
        "from a sequence that was drawn and stored when the protocol was frozen, before anybody "
        "took part, and shown to nobody."
    )
