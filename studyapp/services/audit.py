"""Writing the audit log: in the transaction of the deed, so that neither is there alone."""

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.utils import timezone

from studyapp.enums import AuditAction
from studyapp.models import AuditEntry, AuditHead, Study
from studyapp.selectors.audit import GENESIS, digest_of

# Floats are left out: not every database gives them back digit by digit.
Detail = str | int | bool | None

_actor: ContextVar[str | None] = ContextVar("actor", default=None)


@contextmanager
def acting_as(actor: str) -> Iterator[None]:
    """Deeds in here are this person's. Outside they are those of whoever runs the command."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@transaction.atomic
def record(
    action: AuditAction, *, study: Study | None = None, details: Mapping[str, Detail] | None = None
) -> AuditEntry:
    """Append an entry, sealed to the one before it.

    Called last in a transaction: the head stays locked until it ends, so that entries have the
    order in which their deeds were committed.
    """
    AuditHead.objects.get_or_create(pk=1, defaults={"digest": GENESIS})
    head = AuditHead.objects.select_for_update().get(pk=1)
    entry = AuditEntry(
        number=head.number + 1,
        occurred_at=timezone.now(),
        actor=_actor.get() or f"command line ({_system_user()})",
        action=action.value,
        study=study.slug if study else "",
        details=dict(details or {}),
        previous_digest=head.digest,
    )
    entry.digest = digest_of(entry)
    entry.save()
    head.number, head.digest = entry.number, entry.digest
    head.save()
    return entry


def _system_user() -> str:
    """In a container a number may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
