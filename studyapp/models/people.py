"""Who of the staff may do what in which study, and who was invited."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from studyapp.enums import ANALYSTS, Role
from studyapp.models.studies import Study


class StudyRole(models.Model):
    """A person's role in a study. What it allows is said in `selectors.permissions`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="study_roles")
    study = models.ForeignKey(Study, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "study", "role"], name="role_given_once"),
            models.UniqueConstraint(
                fields=["user", "study"],
                condition=Q(role__in=ANALYSTS),
                name="analyst_is_blinded_or_not",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.study}"


class Invitation(models.Model):
    """A link that gives somebody an account and a role, once. Only its digest is kept.

    Without a study it makes an administrator.
    """

    token_digest = models.CharField(max_length=64, unique=True)
    invitee = models.CharField(max_length=100, help_text="whom the link was made for")
    study = models.ForeignKey(Study, models.PROTECT, null=True, related_name="invitations")
    role = models.CharField(max_length=20, blank=True, choices=Role)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(study__isnull=True, role="")
                | Q(study__isnull=False, role__in=Role.values),
                name="invitation_to_a_role_of_a_study",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.invitee}"
