"""Reading what was found of a plan, and where its files lie."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from experiments.power_record import PowerRecord, of_protocol
from experiments.schema import Protocol
from studyapp.models import Dossier, Draft, PowerResult, Study

# A bot's walk takes seconds, a picture too.
SILENT_AFTER = timedelta(minutes=3)
PAGES, REPORT = "pages", "report.zip"


def dossier_of(origin: Draft | Study) -> Dossier | None:
    """The dossier of a draft as it was last rehearsed, or of a frozen study."""
    mark = "rehearses_draft" if isinstance(origin, Draft) else "rehearses_study"
    found = Dossier.objects.select_related("rehearsal").filter(**{f"rehearsal__{mark}": origin})
    return found.first()


def is_at_work(dossier: Dossier) -> bool:
    """Whether somebody is writing it now."""
    return dossier.finished_at is None and timezone.now() - dossier.heard_at < SILENT_AFTER


def somebody_rehearses() -> bool:
    """Whether bots are at work on any plan: a server has one browser's and one report's worth."""
    return any(map(is_at_work, Dossier.objects.filter(finished_at__isnull=True)))


def folder_of(rehearsal: Study) -> Path:
    """Where pictures and report lie: by the plan's digest, so that none is of another plan."""
    return Path(settings.DATA_DIR) / "dossiers" / rehearsal.digest


def page_pictures(rehearsal: Study) -> list[str]:
    """File names, in the order in which a participant meets the pages."""
    return sorted(path.name for path in (folder_of(rehearsal) / PAGES).glob("*.png"))


def power_of(protocol: Protocol) -> PowerRecord | None:
    """What was simulated of this very plan."""
    found = PowerResult.objects.filter(protocol_sha256=of_protocol(protocol)).first()
    return PowerRecord.model_validate(found.record) if found else None
