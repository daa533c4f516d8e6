"""Imported pictures and explanations."""

from django.db import models

from studyapp.models.append_only import AppendOnly


class MediaFile(AppendOnly):
    """A file that browsers may fetch, known by its digest alone."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    bytes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.sha256


class StimulusSet(AppendOnly):
    """An imported manifest. The name can't be given to another one."""

    name = models.SlugField(max_length=60, unique=True)
    manifest = models.JSONField()
    manifest_digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Stimulus(AppendOnly):
    """A picture with its truth and what the network says of it."""

    stimulus_set = models.ForeignKey(StimulusSet, models.PROTECT, related_name="stimuli")
    key = models.CharField(max_length=100)
    true_species = models.CharField(max_length=100)
    predicted_species = models.CharField(max_length=100)
    predicted_probability = models.FloatField()
    picture = models.ForeignKey(MediaFile, models.PROTECT, related_name="+")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stimulus_set", "key"], name="stimulus_key_once_per_set"
            ),
            models.CheckConstraint(
                condition=models.Q(predicted_probability__range=(0, 1)),
                name="stimulus_probability_in_range",
            ),
        ]
        verbose_name_plural = "stimuli"

    def __str__(self) -> str:
        return self.key


class Artefact(AppendOnly):
    """An explanation of a stimulus, rendered as a layer over its picture."""

    stimulus = models.ForeignKey(Stimulus, models.PROTECT, related_name="artefacts")
    name = models.CharField(max_length=100, help_text="as conditions name it, such as igos")
    explanation_key = models.CharField(max_length=64)
    layer = models.ForeignKey(MediaFile, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stimulus", "name"], name="artefact_name_once_per_stimulus"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.stimulus}"
