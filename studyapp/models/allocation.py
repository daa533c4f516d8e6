"""The allocation ledger."""

from django.db import models
from django.db.models import Q

from studyapp.enums import LedgerKind, RecruitmentStage
from studyapp.models.append_only import AppendOnly
from studyapp.models.sessions import StudySession
from studyapp.models.studies import Slot, Study

_OF_A_SLOT = (LedgerKind.CLAIM, LedgerKind.RELEASE)
_OF_A_CELL = (LedgerKind.CLOSE, LedgerKind.REOPEN)


class LedgerEntry(AppendOnly):
    """Who got which place, who lost it and why; which cells were closed. Each chained to the last.

    A trigger of the database refuses change and deletion.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="ledger")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=LedgerKind)
    recruitment_stage = models.CharField(max_length=5, choices=RecruitmentStage)
    arm = models.CharField(max_length=100)
    stratum = models.CharField(max_length=500, blank=True)
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="ledger")
    session = models.ForeignKey(StudySession, models.PROTECT, null=True, related_name="ledger")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="ledger_number_once"),
            models.UniqueConstraint(
                fields=["session", "kind"], name="ledger_claims_and_releases_a_session_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=_OF_A_SLOT, slot__isnull=False, session__isnull=False)
                | Q(kind__in=_OF_A_CELL, slot__isnull=True, session__isnull=True),
                name="ledger_entry_is_of_a_slot_or_a_cell",
            ),
            models.CheckConstraint(
                condition=Q(kind=LedgerKind.CLAIM, reason="")
                | (~Q(kind=LedgerKind.CLAIM) & ~Q(reason="")),
                name="ledger_reason_for_all_but_claims",
            ),
        ]
        ordering = ["number"]
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"entry {self.number} of {self.study}"
