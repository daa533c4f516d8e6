"""What was found of a plan before it met a participant."""

from django.db import models
from django.db.models import F, Q

from studyapp.models.studies import Study


class Dossier(models.Model):
    """How bots fared in a rehearsal. It goes with the rehearsal, when the plan has changed.

    Pictures of the pages and the rehearsal's report lie in a folder of their own.
    """

    rehearsal = models.OneToOneField(Study, models.CASCADE, related_name="dossier")
    bots = models.PositiveIntegerField(help_text="that are to walk through the study")
    begun_at = models.DateTimeField()
    # The last sign of life: who died says no more.
    heard_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    endings = models.JSONField(default=dict, help_text="by ending, how many bots")
    problems = models.JSONField(default=list, help_text="sentences")
    doing = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(bots__gte=1), name="dossier_has_bots"),
            models.CheckConstraint(
                condition=Q(heard_at__gte=F("begun_at")), name="dossier_heard_of_since_begun"
            ),
        ]

    def __str__(self) -> str:
        return f"dossier of {self.rehearsal}"


class PowerResult(models.Model):
    """A power simulation of a protocol, by the digest of its canonical JSON."""

    protocol_sha256 = models.CharField(max_length=64, unique=True)
    record = models.JSONField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"power of {self.protocol_sha256[:12]}"
