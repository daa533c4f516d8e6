"""What is asked and offered where the protocol has no words of its own, in the page's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Said in `experiments`, which knows no gettext.
STANDING_WORDS = frozenset(
    {
        gettext_noop("Which gull is this?"),
        gettext_noop("Which gull will the program say this is?"),
        gettext_noop("Is the program right?"),
        gettext_noop("With which picture is the program surer of its answer?"),
        gettext_noop("Which colours show what the program's answer rests on?"),
        gettext_noop("Yes, it is right"),
        gettext_noop("No, it is wrong"),
        gettext_noop("How sure are you?"),
    }
)


def in_words(said: str) -> str:
    """A researcher's own words stay as they are."""
    return _(said) if said in STANDING_WORDS else said
