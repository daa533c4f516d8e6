"""What a study's participants will be paid in all, before anybody took part."""

from dataclasses import dataclass

from experiments.payment import Payment
from experiments.schema import Protocol, RecruitmentStage
from experiments.stimulus_checks import picture_count


@dataclass(frozen=True)
class Costs:
    """What a recruitment stage costs if every place is completed, in hundredths of the currency.

    Attributes
    ----------
    fixed_cents
        Everybody's fixed amount.
    most_bonus_cents
        Everybody's bonus, if every answer were right.
    """

    currency: str
    participants: int
    fixed_cents: int
    most_bonus_cents: int


def expected_costs(protocol: Protocol) -> dict[RecruitmentStage, Costs]:
    """Return what participants are due, by recruitment stage; a recruiter's fee comes on top.

    Nobody knows before how many answers will be right: the bonus is told as what it can be at most.
    A protocol without a rule of payment costs nothing that Larus could know of.
    """
    payment = protocol.payment
    if payment is None:
        return {}
    most = _most_bonus(payment, protocol)
    return {
        stage: Costs(payment.currency, places, payment.cents * places, most * places)
        for stage, places in protocol.allocation.participants.items()
    }


def _most_bonus(payment: Payment, protocol: Protocol) -> int:
    if payment.bonus is None:
        return 0
    phase = payment.bonus.phase
    pictures = (
        picture_count(stage, protocol) for stage in protocol.trials_stages() if stage.phase == phase
    )
    return payment.bonus.cents(sum(pictures))
