"""Looking through pictures, and leaving one out of a draft."""

from collections.abc import Iterable
from typing import Any

from django import forms

from experiments.manifest import Manifest
from studyapp.models import Draft
from studyapp.selectors.stimulus_browsing import ANSWERS, SPLITS, Wanted
from studyapp.selectors.stimulus_sets import species_offers


class FilterForm(forms.Form):
    """Which pictures of a set are shown."""

    species = forms.ChoiceField(label="Species", required=False)
    split = forms.ChoiceField(
        label="Split", required=False, choices=[("", "both"), *SPLITS.items()]
    )
    answer = forms.ChoiceField(
        label="Answer", required=False, choices=[("", "right or wrong"), *ANSWERS.items()]
    )

    def __init__(self, *args: Any, manifest: Manifest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["species"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "all"), *((one.key, one.name) for one in species_offers(manifest))]

    def wanted(self) -> Wanted:
        """What is asked for; a filter that nobody offered filters nothing."""
        self.is_valid()
        return Wanted(**{name: self.cleaned_data.get(name, "") for name in self.fields})


class ExcludeForm(forms.Form):
    """Out of which draft, and why."""

    draft = forms.TypedChoiceField(label="Draft", coerce=int)
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="For readers of the plan, such as: two birds in one picture. Judge the picture, "
        "not what people may answer.",
    )

    def __init__(self, *args: Any, drafts: Iterable[Draft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["draft"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (draft.pk, f"{draft.slug}, made by {draft.made_by.get_username()}") for draft in drafts
        ]
