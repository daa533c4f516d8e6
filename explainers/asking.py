"""What methods ask of a network, and what they are told.

A method is a generator: it yields what it wants to know and is sent the answer. One scheduler can
so fill the network's batches from many pictures, and no method calls the network itself.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from torch import Tensor

if TYPE_CHECKING:
    from explainers.evaluator import Evaluator


class Score(Protocol):
    """One number a picture, from the network's outputs or from what one of its layers is given.

    Equal scores are asked for together: a score must tell itself from others by `==`.
    """

    @property
    def reads(self) -> str | None:
        """Return the dotted name of the layer whose input is scored, or None for the outputs."""

    def __call__(self, outputs: Tensor) -> Tensor:
        """Return (N) for outputs (N, species), or for inputs (N, D) of the layer.

        A picture's score may not depend, to the bit, on how many others there are.
        """


@dataclass(frozen=True)
class Probability:
    """The softmax probability of one species, in [0, 1]."""

    position: int
    reads: ClassVar[None] = None

    def __call__(self, outputs: Tensor) -> Tensor:
        """Return (N) for outputs (N, species)."""
        return outputs.softmax(1)[:, self.position]


@dataclass(frozen=True)
class Output:
    """One output as it is, a logit, divided by `scale`."""

    position: int
    scale: float = 1.0
    reads: ClassVar[None] = None

    def __call__(self, outputs: Tensor) -> Tensor:
        """Return (N) for outputs (N, species)."""
        return outputs[:, self.position] / self.scale


@dataclass(frozen=True)
class Ask:
    """Pictures to be scored; they share batches with those of other searches.

    Attributes
    ----------
    pictures
        (N, 3, H, W), not normalised.
    score
        What is asked of the outputs.
    gradient
        Whether d score / d picture is wanted, too; with `layer`, d score / d activations.
    layer
        Dotted name of a layer whose activations are wanted, or None.
    exact
        In float32, even where the network has a faster copy.
    """

    pictures: Tensor
    score: Score
    gradient: bool = False
    layer: str | None = None
    exact: bool = False


@dataclass(frozen=True)
class Told:
    """The answer to a question; all float32.

    Attributes
    ----------
    scores
        (N).
    gradients
        (N, 3, H, W), or (N, C, h, w) of a layer; None where not asked for.
    activations
        (N, C, h, w) of a layer; None where not asked for.
    """

    scores: Tensor
    gradients: Tensor | None = None
    activations: Tensor | None = None


@dataclass(frozen=True)
class Direct:
    """Something that needs the network itself, such as a hook on a layer.

    Attributes
    ----------
    call
        Is given the evaluator; what it returns is sent back.
    """

    call: "Callable[[Evaluator], Any]"


@dataclass(frozen=True)
class Finding:
    """What a method found out about one picture.

    Attributes
    ----------
    map
        (h, w) in [0, 1]; high is important.
    own
        The method's own part, as JSON holds it.
    tensors
        The method's own part as arrays, by name.
    distinct
        Masked pictures that differ from each other; None where a method hides nothing.
    """

    map: Tensor
    own: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    distinct: int | None = None


Search = Generator[Ask | Direct, Any, Finding]
