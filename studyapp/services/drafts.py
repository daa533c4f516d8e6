"""Writing drafts: begun, saved, shared, frozen, deleted."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from ruamel.yaml.comments import CommentedMap

from experiments.editing import EditError, edit
from experiments.loading import load_text
from studyapp.enums import AuditAction, Role
from studyapp.exceptions import DraftChanged, DraftRefused
from studyapp.models import Draft, Study
from studyapp.services.audit import record
from studyapp.services.people import give_role
from studyapp.services.rehearsals import delete_rehearsal
from studyapp.services.studies import freeze_text

_LONGEST_SLUG = 60


@transaction.atomic
def begin_draft(*, text: str, by: User) -> Draft:
    """Keep a text as a draft, whatever is wrong with it."""
    now = timezone.now()
    draft = Draft.objects.create(
        slug=_slug_in(text) or "draft",
        text=text,
        made_by=by,
        made_at=now,
        changed_by=by,
        changed_at=now,
    )
    record(AuditAction.DRAFT_BEGUN, details=_told(draft))
    return draft


@transaction.atomic
def save_draft(*, draft: Draft, text: str, based_on: int, by: User) -> Draft:
    """Keep a new text over the version it is based on, and over no other.

    A text that is already there is no change, so that sending a form twice is saving once.
    """
    locked = _lock(draft)
    if locked.text == text:
        return locked
    if locked.version != based_on:
        raise DraftChanged(
            f"{locked.changed_by.get_username()} saved this draft while you were writing. Nothing "
            "was written over: both texts are here."
        )
    locked.slug = _slug_in(text) or locked.slug
    locked.text = text
    locked.version += 1
    locked.changed_by, locked.changed_at = by, timezone.now()
    locked.save()
    return locked


def edit_draft(
    *, draft: Draft, change: Callable[[CommentedMap], None], based_on: int, by: User
) -> Draft:
    """Change fields of the text; comments and all else in it stay."""
    try:
        text = edit(draft.text, change)
    except EditError as error:
        raise DraftRefused(str(error)) from error
    return save_draft(draft=draft, text=text, based_on=based_on, by=by)


@transaction.atomic
def share_draft(*, draft: Draft, designer: User) -> None:
    """Whoever is added sees and changes the draft, and becomes a designer of its study."""
    locked = _lock(draft)
    if designer == locked.made_by or locked.designers.filter(pk=designer.pk).exists():
        raise DraftRefused(f"{designer.get_username()} works on this draft already.")
    locked.designers.add(designer)
    record(AuditAction.DRAFT_SHARED, details=_told(locked) | {"with": designer.get_username()})


@transaction.atomic
def unshare_draft(*, draft: Draft, designer: User) -> None:
    """What they have written stays."""
    locked = _lock(draft)
    locked.designers.remove(designer)
    details = _told(locked) | {"no longer with": designer.get_username()}
    record(AuditAction.DRAFT_SHARED, details=details)


@transaction.atomic
def delete_draft(*, draft: Draft) -> None:
    """The draft goes, and what was tried out of it."""
    locked = _lock(draft)
    _forget_rehearsal(locked)
    details = _told(locked)
    locked.delete()
    record(AuditAction.DRAFT_DELETED, details=details)


@transaction.atomic
def freeze_draft(*, draft: Draft, version: int) -> Study:
    """Make a study of the version that was read. Its maker owns it; who helped designs it."""
    locked = _lock(draft)
    if locked.version != version:
        raise DraftChanged(
            f"{locked.changed_by.get_username()} saved this draft since you read it. Read it "
            "again, then freeze it."
        )
    study, is_new = freeze_text(text=locked.text, name=locked.slug)
    if not is_new:
        raise DraftRefused(f"This very plan is frozen as {study.slug} already.")
    give_role(user=locked.made_by, study=study, role=Role.OWNER)
    for designer in locked.designers.order_by("pk"):
        give_role(user=designer, study=study, role=Role.DESIGNER)
    locked.frozen_as = study
    locked.save(update_fields=["frozen_as"])
    _forget_rehearsal(locked)
    return study


def _forget_rehearsal(draft: Draft) -> None:
    """What was tried out of a draft is of no use without it: its study has its own rehearsal."""
    rehearsal = Study.objects.filter(rehearses_draft=draft).first()
    if rehearsal is not None:
        delete_rehearsal(rehearsal)


def _lock(draft: Draft) -> Draft:
    locked = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("made_by", "changed_by", "frozen_as")
        .get(pk=draft.pk)
    )
    if locked.frozen_as is not None:
        raise DraftRefused(f"This draft was frozen as {locked.frozen_as.slug} and stays as it is.")
    return locked


def _slug_in(text: str) -> str:
    """What the text calls its study, as far as it can be read."""
    document = load_text(text).document
    named = document.value.get("slug") if document and isinstance(document.value, dict) else None
    return named[:_LONGEST_SLUG] if isinstance(named, str) else ""


def _told(draft: Draft) -> dict[str, str | int | bool | None]:
    return {"draft": draft.pk, "slug": draft.slug}
