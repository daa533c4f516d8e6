"""What participants are paid, and what they earn beside it by answering rightly.

Amounts are whole hundredths of the currency, so that no sum is ever rounded.
"""

from typing import Annotated, Literal

from pydantic import Field

from experiments.declared import Declared

Cents = Annotated[int, Field(ge=0, le=1_000_000)]
Currency = Annotated[
    str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as EUR, GBP or USD")
]


class Bonus(Declared):
    """Paid beside the fixed amount, for right answers."""

    phase: Literal["practice", "pretest", "training", "assessment", "assisted"] = Field(
        default="assessment", description="whose answers count; attention checks never do"
    )
    cents_per_right_answer: Cents = Field(description="hundredths of the currency")
    cents_at_most: Cents | None = Field(default=None, description="more is never paid")

    def cents(self, right_answers: int) -> int:
        """Return what so many right answers earn.

        Parameters
        ----------
        right_answers
            Of the phase, attention checks left out. Where a trial asks twice, the second counts.

        Examples
        --------
        >>> bonus = Bonus(cents_per_right_answer=5, cents_at_most=60)
        >>> bonus.cents(8), bonus.cents(16)
        (40, 60)
        """
        earned = self.cents_per_right_answer * right_answers
        return earned if self.cents_at_most is None else min(earned, self.cents_at_most)


class Payment(Declared):
    """What a participant who completes the study is paid.

    Larus moves no money: `recruiter_visits` tells what is due to whom.
    """

    currency: Currency
    cents: Cents = Field(description="fixed amount for a completed study, in hundredths")
    minutes: int = Field(ge=1, le=600, description="how long the study takes, as people are told")
    bonus: Bonus | None = Field(default=None, description="paid beside it for right answers")

    @property
    def cents_per_hour(self) -> int:
        """What the fixed amount comes to in an hour, rounded down."""
        return self.cents * 60 // self.minutes


def as_amount(cents: int) -> str:
    """Return hundredths as an amount.

    Examples
    --------
    >>> as_amount(105)
    '1.05'
    """
    return f"{cents // 100}.{cents % 100:02}"
