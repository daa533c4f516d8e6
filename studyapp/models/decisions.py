"""What staff decided about a participant by hand."""

from django.db import models
from django.db.models import Q

from studyapp.models.append_only import AppendOnly
from studyapp.models.sessions import StudySession


class Rejection(AppendOnly):
    """A submission that is not paid. It changes nothing of what is analysed."""

    session = models.OneToOneField(StudySession, models.PROTECT, related_name="rejection")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="rejection_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"rejection of {self.session}"


class ExtraBonus(AppendOnly):
    """Paid beside what the protocol's rule gives, in hundredths of its currency."""

    session = models.ForeignKey(StudySession, models.PROTECT, related_name="extra_bonuses")
    # Of the form: sending it twice is giving it once.
    key = models.UUIDField(unique=True)
    cents = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extra_bonus_has_a_reason"),
            models.CheckConstraint(condition=Q(cents__gte=1), name="extra_bonus_is_something"),
        ]
        verbose_name_plural = "extra bonuses"

    def __str__(self) -> str:
        return f"extra bonus of {self.session}"
