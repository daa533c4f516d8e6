"""Deciding about one participant."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms


class RejectionForm(forms.Form):
    """Why a submission is not paid."""

    reason = forms.CharField(label="Why it is rejected", max_length=200)
    release = forms.BooleanField(
        label="Give the place to the next who comes", required=False, initial=True
    )


class ReleaseForm(forms.Form):
    """Why a place is given again."""

    reason = forms.CharField(label="Why the place is given again", max_length=200)


class BonusForm(forms.Form):
    """How much more, and why."""

    amount = forms.DecimalField(
        label="Amount", min_value=Decimal("0.01"), max_value=Decimal(10_000), decimal_places=2
    )
    reason = forms.CharField(label="What for", max_length=200)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class CellForm(forms.Form):
    """Which cell gives no places any more, or gives them again, and why."""

    def __init__(self, *args: Any, cells: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cells = {str(number): cell for number, cell in enumerate(cells)}
        self.fields["cell"] = forms.ChoiceField(
            label="Arm",
            choices=[
                (number, f"{arm}, {stratum}" if stratum else arm)
                for number, (arm, stratum) in self._cells.items()
            ],
        )
        self.fields["reason"] = forms.CharField(label="Why", max_length=200)

    def chosen(self) -> tuple[str, str]:
        """Arm and stratum."""
        return self._cells[self.cleaned_data["cell"]]
