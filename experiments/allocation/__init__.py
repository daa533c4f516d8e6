"""The methods of allocation, each declared in one file: their registry.

A protocol names one by `allocation: {method: …}`. To add one, write its file and list it here.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from experiments.allocation.minimisation import Minimisation
from experiments.allocation.permuted_blocks import PermutedBlocks
from experiments.allocation.rotation import CompleteRotation, LatinRotation
from experiments.allocation.simple import Simple
from experiments.allocation.urn import Urn


def _permuted_blocks_unless_said(declared: Any) -> Any:
    if isinstance(declared, dict) and "method" not in declared:
        return {"method": "permuted_blocks", **declared}
    return declared


Allocation = Annotated[
    Annotated[
        PermutedBlocks | Simple | LatinRotation | CompleteRotation | Urn | Minimisation,
        Field(discriminator="method"),
    ],
    BeforeValidator(_permuted_blocks_unless_said),
]
