"""Deciding about one participant."""

from decimal import Decimal

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
