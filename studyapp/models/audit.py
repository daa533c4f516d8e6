"""Who did what: a chain of rows, each sealed with the digest of the one before it."""

from django.db import models
from django.db.models import Q

from studyapp.models.append_only import AppendOnly


class AuditEntry(AppendOnly):
    """One deed. Only `services.audit` writes it, and nothing deletes it.

    Names are kept as text, so that the entry outlives the account and the study it speaks of.
    """

    number = models.PositiveBigIntegerField(unique=True)
    occurred_at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    # One of `enums.AuditAction`.
    action = models.CharField(max_length=40)
    study = models.CharField(max_length=60, blank=True, help_text="its slug")
    details = models.JSONField(default=dict)
    # Unique: no two entries follow the same one, so that the chain never forks.
    previous_digest = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="audit_number_from_one"),
            models.CheckConstraint(condition=~Q(actor="") & ~Q(action=""), name="audit_says_who"),
        ]
        ordering = ["number"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.number}: {self.action} by {self.actor}"


class AuditHead(models.Model):
    """The last entry of the chain, so that entries cut off its end are missed.

    One row; who appends holds its lock, so that entries are written one after another.
    """

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="audit_head_is_one_row")]

    def __str__(self) -> str:
        return f"head {self.number}"
