"""How an Explanation Neural Network is fitted."""

from dataclasses import dataclass, replace
from typing import Self

from explainers.errors import ExplainersError

# With fewer steps the x-features of a few dozen pictures do not come apart.
_LEAST_STEPS = 500


@dataclass(frozen=True)
class XnnSettings:
    """Sizes, weights of the loss, and schedule.

    Attributes
    ----------
    x_features
        How many (L), two at least.
    hidden
        Widths between the network's features and the x-features.
    steepness
        q of the sparse reconstruction.
    sparsity, orthogonality
        Weights beta of the sparse reconstruction and eta of the pull-away.
    weight_decay, learning_rate, batch, dropout
        Of Adam and of the first hidden layer.
    slower_after, slower_by
        This share of the epochs done, the learning rate is multiplied by so much.
    pretraining_epochs, epochs
        Of each layer alone, and of everything together in one round.
    rounds
        At most.
    least_ratio
        The second strongest x-feature over the strongest, for a round to be accepted.
    sparsity_growth, orthogonality_decay
        What a refused round multiplies the weights by.
    """

    x_features: int = 5
    hidden: tuple[int, ...] = (800, 100)
    steepness: float = 100.0
    sparsity: float = 15.0
    orthogonality: float = 5.0
    weight_decay: float = 1e-4
    learning_rate: float = 1e-3
    batch: int = 50
    dropout: float = 0.02
    slower_after: float = 2 / 3
    slower_by: float = 0.1
    pretraining_epochs: int = 10
    epochs: int = 60
    rounds: int = 5
    least_ratio: float = 0.3
    sparsity_growth: float = 1.2
    orthogonality_decay: float = 0.8

    def __post_init__(self) -> None:
        if self.x_features < 2:
            raise ExplainersError(
                f"{self.x_features} x-features tell nothing apart: take two at least, such as 5."
            )
        if self.epochs < 1:
            raise ExplainersError("A fit takes one epoch at least.")

    def with_epochs(self, epochs: int) -> Self:
        """Return the settings with so many epochs, and a sixth as many for each layer alone."""
        return replace(self, epochs=epochs, pretraining_epochs=max(1, epochs // 6))

    def usual_epochs(self, pictures: int) -> int:
        """Return how many epochs so many pictures take: 60, and more where they are few."""
        steps_an_epoch = -(-pictures // self.batch)
        return max(self.epochs, -(-_LEAST_STEPS // steps_an_epoch))
