"""Writing a plan's dossier, while bots walk through its rehearsal."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from experiments.power_record import PowerRecord, of_protocol
from experiments.schema import Protocol
from studyapp.enums import AuditAction
from studyapp.exceptions import DossierRefused
from studyapp.models import Dossier, Draft, PowerResult, Study
from studyapp.selectors.dossiers import somebody_rehearses
from studyapp.selectors.studies import protocol_of
from studyapp.services.audit import record as record_deed
from studyapp.services.rehearsals import rehearsal_of, rehearsal_of_study


@transaction.atomic
def begin_dossier(*, origin: Draft | Study, bots: int) -> Dossier:
    """A dossier is begun on a copy of its own, which nobody has tried out before.

    Whoever was still writing the one before finds it gone. There are no more bots than places.
    """
    if somebody_rehearses():
        raise DossierRefused("Bots are at work on a plan already. Wait until they are done.")
    if isinstance(origin, Draft):
        rehearsal = rehearsal_of(origin, anew=True)
    else:
        rehearsal = rehearsal_of_study(origin, anew=True)
    places = max(protocol_of(rehearsal).allocation.participants.values())
    now = timezone.now()
    return Dossier.objects.create(
        rehearsal=rehearsal, bots=min(bots, places), begun_at=now, heard_at=now
    )


@transaction.atomic
def note_progress(*, dossier: Dossier, doing: str) -> None:
    """A sign of life."""
    locked = _lock(dossier)
    locked.doing, locked.heard_at = doing, timezone.now()
    locked.save(update_fields=["doing", "heard_at"])


@transaction.atomic
def note_ending(*, dossier: Dossier, ending: str) -> None:
    """How one more bot ended."""
    locked = _lock(dossier)
    locked.endings[ending] = locked.endings.get(ending, 0) + 1
    locked.heard_at = timezone.now()
    locked.save(update_fields=["endings", "heard_at"])


@transaction.atomic
def note_problem(*, dossier: Dossier, problem: str) -> None:
    """What went wrong, in a sentence."""
    locked = _lock(dossier)
    locked.problems = [*locked.problems, problem]
    locked.heard_at = timezone.now()
    locked.save(update_fields=["problems", "heard_at"])


@transaction.atomic
def finish_dossier(*, dossier: Dossier) -> None:
    """Nothing more comes."""
    locked = _lock(dossier)
    locked.finished_at = locked.heard_at = timezone.now()
    locked.doing = ""
    locked.save(update_fields=["finished_at", "heard_at", "doing"])


@contextmanager
def broken_off(dossier: Dossier) -> Iterator[None]:
    """Whoever stops or fails in here says so, and is in nobody's way afterwards."""
    try:
        yield
    except Dossier.DoesNotExist:
        raise
    except BaseException:
        note_problem(dossier=dossier, problem="The rehearsal was broken off: begin it again.")
        finish_dossier(dossier=dossier)
        raise


@transaction.atomic
def save_power(*, record: PowerRecord, protocol: Protocol) -> None:
    """A result of another plan is refused: it would tell the power of something else."""
    digest = of_protocol(protocol)
    if record.protocol.sha256 != digest:
        raise DossierRefused(
            f"This result is of another plan ({record.protocol.slug}, "
            f"{record.protocol.sha256[:12]}); this one is {digest[:12]}. Simulate this plan: "
            "`python -m analysis power` with its file."
        )
    PowerResult.objects.update_or_create(
        protocol_sha256=digest,
        defaults={"record": record.model_dump(mode="json"), "saved_at": timezone.now()},
    )
    record_deed(AuditAction.POWER_KEPT, details={"protocol_sha256": digest, "seed": record.seed})


def _lock(dossier: Dossier) -> Dossier:
    return Dossier.objects.select_for_update().get(pk=dossier.pk)
