"""Inviting somebody, and accepting an invitation."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model, password_validation

from studyapp.enums import Role

_INVITED = [choice for choice in Role.choices if choice[0] != Role.ANALYST_UNBLINDED]


class InvitationForm(forms.Form):
    """Whom to invite, as what, and how long the link works."""

    invitee = forms.CharField(label="Who is it for?", max_length=100)
    role = forms.ChoiceField(label="Role", choices=_INVITED)
    days = forms.IntegerField(
        label="The link works for so many days", min_value=1, max_value=30, initial=7
    )


class UnblindingForm(forms.Form):
    """Why somebody is to see outcomes by arm."""

    reason = forms.CharField(label="Reason", max_length=500)


class NewPersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An account of one's own: a name, and a password that only its owner knows."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 signs. Four words that don't belong together make a good one.",
    )
    password_again = forms.CharField(
        label="Password, again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = get_user_model()
        fields = ["username"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        password = cleaned.get("password")
        if password and password != cleaned.get("password_again"):
            self.add_error("password_again", "The two passwords are not the same.")
        elif password:
            try:
                password_validation.validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned
