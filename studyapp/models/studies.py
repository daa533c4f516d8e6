"""Frozen studies and their allocation."""

from django.db import models

from studyapp.enums import RecruitmentStage, StudyStage
from studyapp.models.append_only import AppendOnly
from studyapp.models.stimuli import Stimulus, StimulusSet


class Study(models.Model):
    """A frozen protocol with a place in its life. Only `stage` and the date of closing change.

    A rehearsal is the copy of one draft or study, frozen to be tried out: with places of its own,
    so that it takes none of theirs, and made anew when the plan has changed.
    """

    slug = models.SlugField(max_length=60, unique=True)
    stage = models.CharField(max_length=10, choices=StudyStage, default=StudyStage.FROZEN)
    stimulus_set = models.ForeignKey(StimulusSet, models.PROTECT, related_name="studies")
    frozen = models.JSONField(help_text="protocol, manifest digest and selection of pictures")
    digest = models.CharField(max_length=64, unique=True)
    # Secret while the study runs: with it the arms to come can be told. Empty where the plan was
    # frozen before there was a ledger: its slots were drawn otherwise and count as they stand.
    allocation_seed = models.BigIntegerField(null=True)
    frozen_at = models.DateTimeField(auto_now_add=True)
    # From here the time counts after which the recruiter's ids are erased.
    closed_at = models.DateTimeField(null=True, blank=True)
    rehearses_draft = models.OneToOneField(
        "studyapp.Draft", models.PROTECT, null=True, related_name="rehearsal"
    )
    rehearses_study = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="rehearsal"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stage=StudyStage.REHEARSAL)
                & (
                    models.Q(rehearses_draft__isnull=False, rehearses_study__isnull=True)
                    | models.Q(rehearses_draft__isnull=True, rehearses_study__isnull=False)
                )
                | ~models.Q(stage=StudyStage.REHEARSAL)
                & models.Q(rehearses_draft__isnull=True, rehearses_study__isnull=True),
                name="study_rehearsal_iff_of_one_plan",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=StudyStage.values), name="study_stage_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stage=StudyStage.CLOSED, closed_at__isnull=False)
                | (~models.Q(stage=StudyStage.CLOSED) & models.Q(closed_at__isnull=True)),
                name="study_closed_iff_dated",
            ),
        ]
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.slug


class PlannedStimulus(AppendOnly):
    """A picture that a study shows, and in which stage. None is shown in two.

    A picture of the guide has no stage: it is never asked.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="planned_stimuli")
    stage_key = models.CharField(max_length=100, blank=True)
    stimulus = models.ForeignKey(Stimulus, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "stimulus"], name="stimulus_in_one_stage_only")
        ]
        verbose_name_plural = "planned stimuli"

    def __str__(self) -> str:
        return f"{self.stimulus} in {self.stage_key}"


class Slot(models.Model):
    """One place, drawn at the freeze. Nothing of it changes but who holds it.

    A cell has as many slots as its quota, and a slot one holder at a time. Only
    `services.allocation` changes the holder; a trigger of the database refuses any other change.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="slots")
    recruitment_stage = models.CharField(max_length=5, choices=RecruitmentStage)
    index = models.PositiveIntegerField()
    block = models.PositiveIntegerField()
    arm = models.CharField(max_length=100)
    # Who may get it; empty means anybody.
    stratum = models.CharField(max_length=500, blank=True)
    holder = models.OneToOneField(
        "studyapp.StudySession", models.PROTECT, null=True, related_name="held_slot"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "recruitment_stage", "index"], name="slot_index_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recruitment_stage} slot {self.index}"
