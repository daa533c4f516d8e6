"""Leases: one browser at a time holds a session."""

from typing import Literal
from uuid import UUID

from django.db import transaction

from studyapp.models import StudySession
from studyapp.selectors.progress import Asking, current_block, takes_answers
from studyapp.services.events import record_event
from studyapp.services.locks import lock_session
from studyapp.services.responses import note_served


@transaction.atomic
def open_block(
    *, session: StudySession, device: UUID, take_over: bool
) -> tuple[Literal["held", "elsewhere"], list[Asking]]:
    """Give the current block to the one device that holds the session.

    The first device to ask holds it. Another one gets nothing unless it takes the session over,
    which is what its participant was asked; the former holder learns of it when it next speaks.
    The first time a question is sent is the one that counts.
    """
    locked = lock_session(session)
    if not takes_answers(locked):
        return "held", []
    if locked.device not in (None, device) and not take_over:
        return "elsewhere", []
    if locked.device != device:
        is_first = locked.device is None
        locked.device = device
        locked.save(update_fields=["device"])
        record_event(session=locked, kind="lease_taken", data={"is_first": is_first})
    block = current_block(locked)
    note_served(block)
    return "held", block
