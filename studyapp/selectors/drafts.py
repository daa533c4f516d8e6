"""Reading drafts, and who may work on them."""

from django.db.models import Q, QuerySet

from studyapp.models import Draft
from studyapp.selectors.permissions import Person


def drafts_of(person: Person) -> QuerySet[Draft]:
    """What a person may work on: what they made or were added to; an administrator, all.

    A frozen draft is a study by now, and found there.
    """
    drafts = Draft.objects.filter(frozen_as__isnull=True).select_related("made_by", "changed_by")
    if not (person.is_authenticated and person.is_active):
        return drafts.none()
    if not getattr(person, "is_superuser", False):
        own = Q(made_by_id=person.pk) | Q(designers__pk=person.pk)
        drafts = drafts.filter(own).distinct()
    return drafts.order_by("-changed_at")


def decides(person: Person, draft: Draft) -> bool:
    """Who shares, freezes and deletes a draft: its maker, and administrators."""
    return person.pk == draft.made_by_id or bool(getattr(person, "is_superuser", False))
