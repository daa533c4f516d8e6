"""Roots as a formula: the answer is kept when one of the terms is in sight."""

from collections.abc import Iterable

from explainers.methods.sag.patch_sets import patches_of


def dnf(roots: Iterable[int]) -> str:
    """Return a disjunctive normal form such as `P11 & P30 | P10 & P30`."""
    return " | ".join(" & ".join(f"P{patch}" for patch in patches_of(root)) for root in roots)
