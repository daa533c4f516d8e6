"""Allocation methods in words, for the methods section and the preregistration."""

from collections.abc import Callable
from typing import assert_never

from experiments.allocation import Allocation
from experiments.allocation.method import AllocationMethod, DecidedOnArrival
from experiments.allocation.minimisation import Minimisation
from experiments.allocation.permuted_blocks import PermutedBlocks
from experiments.allocation.rotation import CompleteRotation, LatinRotation
from experiments.allocation.simple import Simple
from experiments.allocation.strata import Factor
from experiments.allocation.urn import Urn
from experiments.declared import RecruitmentStage
from experiments.enumeration import enumeration


def _uncited(*works: str) -> str:
    return ""


def method_words(allocation: Allocation, cite: Callable[..., str] = _uncited) -> str:
    """Say by what participants are given to arms.

    Parameters
    ----------
    cite
        Returns the mark of a citation for the name of a work.
    """
    match allocation:
        case PermutedBlocks():
            sizes = enumeration(map(str, allocation.block_sizes), "or")
            how = f"permuted blocks of {sizes} in random order{cite('blocks')}"
        case Simple():
            how = "simple randomisation"
        case LatinRotation():
            how = "rotation through the rows of random Latin squares"
        case CompleteRotation():
            how = "rotation through all orders of the groups"
        case Urn():
            how = (
                f"an urn of {allocation.initial_balls} balls a group, to which each participant "
                f"added {allocation.added_balls} of every other group{cite('urn')}"
            )
        case Minimisation():
            how = (
                "minimisation, the group that balanced best being given with probability "
                f"{allocation.preferred_probability:g}{cite('minimisation')}"
            )
        case _:
            # The type checker names a method that has no words yet.
            assert_never(allocation)
    return f"{how}, within each stratum" if allocation.quotas else how


def occasion_words(allocation: AllocationMethod) -> str:
    """Say what gives a participant to an arm, as the beginning of a sentence."""
    if not allocation.factors:
        return "Consent"
    asked = enumeration(factor.item.replace("_", " ") for factor in allocation.factors)
    return f"The answers to questions before the trials ({asked})"


def factor_words(allocation: AllocationMethod) -> str:
    """Name the factors with their levels and the answers of each; empty without factors."""
    return enumeration(
        f"{factor.item.replace('_', ' ')} ({_levels(factor)})" for factor in allocation.factors
    )


def _levels(factor: Factor) -> str:
    return "; ".join(
        f"{level}: {enumeration([f'“{choice}”' for choice in choices], 'or')}"
        for level, choices in factor.levels.items()
    )


def quota_words(allocation: AllocationMethod, stage: RecruitmentStage) -> str:
    """Say how many places of a recruitment stage each stratum has, after “of the places”."""
    quotas = allocation.quotas[stage]
    return enumeration(f"{count:,} are of the stratum {name}" for name, count in quotas.items())


def source_words(allocation: AllocationMethod, seed: int | None = None) -> str:
    """Say where the order of arms comes from; the seed is told once a study is closed."""
    with_seed = "" if seed is None else f" with seed {seed}"
    if isinstance(allocation, DecidedOnArrival):
        return f"drawn{with_seed} at that moment among places fixed when the protocol was frozen"
    return (
        f"from a sequence that was drawn{with_seed} and stored when the protocol was frozen, "
        "before anybody took part"
    )
