"""Forms about drafts themselves; those that write a protocol are in `forms.wizard`."""

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from experiments.loading import LONGEST_TEXT


class ShareForm(forms.Form):
    """Who is to work on a draft, by the name they sign in with."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        help_text="of somebody who can sign in here. They will see and change this draft, and be "
        "a designer of its study.",
    )

    def clean_username(self) -> User:
        users = get_user_model().objects.filter(is_active=True)
        user: User | None = users.filter(username=self.cleaned_data["username"]).first()
        if user is None:
            raise forms.ValidationError("Nobody signs in with this name.")
        return user


def own_line_ends(text: str) -> str:
    """A text with line ends of one kind, or a refusal of what no draft can hold."""
    kept = text.replace("\r\n", "\n")
    if "\0" in kept:
        line = kept[: kept.index("\0")].count("\n") + 1
        raise forms.ValidationError(
            f"Line {line} holds a NUL character, which no text can hold: delete it."
        )
    if len(kept) > LONGEST_TEXT:
        raise forms.ValidationError(
            f"This text has {len(kept):,} characters; a protocol has at most {LONGEST_TEXT:,}."
        )
    return kept


class DraftText(forms.Form):
    """A text with the version it is based on. Line ends become one kind; nothing is cut off."""

    text = forms.Field(required=False)
    version = forms.IntegerField(min_value=1)

    def clean_text(self) -> str:
        return own_line_ends(self.cleaned_data["text"] or "")
