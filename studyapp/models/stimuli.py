"""Imported pictures and explanations."""

from django.db import models

from studyapp.enums import ExplanationKind, LayerStyle
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
    """An explanation of a stimulus, rendered as a layer over its picture.

    One that has several parts, concepts or the nodes of a graph, says in `structure` how they
    belong together.
    """

    stimulus = models.ForeignKey(Stimulus, models.PROTECT, related_name="artefacts")
    name = models.CharField(max_length=100, help_text="as conditions name it, such as igos")
    explanation_key = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=ExplanationKind)
    target = models.CharField(max_length=100, help_text="the species whose evidence is explained")
    layer = models.ForeignKey(MediaFile, models.PROTECT, related_name="+")
    style = models.CharField(max_length=8, choices=LayerStyle)
    alt = models.TextField(help_text="what the layer shows, in words; names no species")
    structure = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stimulus", "name"], name="artefact_name_once_per_stimulus"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ExplanationKind.MAP, structure__isnull=True)
                | models.Q(
                    kind__in=[ExplanationKind.CONCEPTS, ExplanationKind.GRAPH],
                    structure__isnull=False,
                ),
                name="artefact_structured_iff_no_map",
            ),
            models.CheckConstraint(
                condition=models.Q(style__in=LayerStyle.values), name="artefact_style_known"
            ),
            models.CheckConstraint(condition=~models.Q(alt=""), name="artefact_said_in_words"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.stimulus}"


class ArtefactPart(AppendOnly):
    """A concept or a node: a layer of its own over the same picture."""

    artefact = models.ForeignKey(Artefact, models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100, help_text="as the structure names it, such as n0")
    layer = models.ForeignKey(MediaFile, models.PROTECT, related_name="+")
    alt = models.TextField(help_text="what the layer shows, in words; names no species")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["artefact", "key"], name="part_key_once_per_artefact"),
            models.UniqueConstraint(
                fields=["artefact", "position"], name="part_position_once_per_artefact"
            ),
            models.CheckConstraint(
                condition=~models.Q(key="") & ~models.Q(alt=""), name="part_named_and_said_in_words"
            ),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.key} of {self.artefact}"


class ExplanationScores(models.Model):
    """How good an explanation of a picture is, for staff to look at.

    By the picture's digest and the key that tells one explanation from all others: a map that a
    placebo borrows scores otherwise on the picture it was made for. Scores may come later than what
    they are of, and newer ones take their place.
    """

    picture_sha256 = models.CharField(max_length=64)
    explanation_key = models.CharField(max_length=64)
    scores = models.JSONField()

    class Meta:
        verbose_name_plural = "explanation scores"
        constraints = [
            models.UniqueConstraint(
                fields=["picture_sha256", "explanation_key"], name="scores_once_per_explanation"
            ),
        ]

    def __str__(self) -> str:
        return f"scores of {self.explanation_key[:12]} on {self.picture_sha256[:12]}"
