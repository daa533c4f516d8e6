"""Drafts: what a study is before its protocol is frozen."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from studyapp.models.studies import Study


class Draft(models.Model):
    """A protocol in the making, valid or not.

    `version` counts its saves: who saves says on which one the new text is based, so that nobody
    writes over what they have not read. Once frozen, the draft stays as its study's first text,
    comments and all, and changes no more.
    """

    slug = models.CharField(max_length=60, help_text="as the text last named its study")
    text = models.TextField(help_text="YAML")
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    designers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="shared_drafts")
    frozen_as = models.OneToOneField(Study, models.PROTECT, null=True, related_name="draft")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="draft_version_from_one"),
            models.CheckConstraint(condition=~Q(slug=""), name="draft_has_a_name"),
            models.CheckConstraint(
                condition=Q(changed_at__gte=models.F("made_at")), name="draft_made_before_changed"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.slug}"
