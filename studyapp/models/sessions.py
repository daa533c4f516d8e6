"""Participants, their sessions, and the trials planned for them."""

from typing import get_args

from django.db import models
from django.db.models import F, Q

from experiments.sequencing import CATCH
from experiments.timing import OnsetMethod
from studyapp.enums import TRIAL_TYPES, RecruitmentStage, SessionState
from studyapp.models.append_only import AppendOnly
from studyapp.models.stimuli import Artefact, MediaFile, Stimulus
from studyapp.models.studies import Slot, Study


class Participant(AppendOnly):
    """A person, known by a random code only."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="participants")
    code = models.CharField(max_length=20, unique=True)
    is_bot = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class StudySession(models.Model):
    """One run of a participant through the study. The token in its address is its only key."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="sessions")
    study = models.ForeignKey(Study, models.PROTECT, related_name="sessions")
    # The place it was given: none before what it depends on is known. It stays when the place is
    # released; who holds a place now, the slot tells.
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="sessions")
    stratum = models.CharField(max_length=500, blank=True)
    recruitment_stage = models.CharField(max_length=5, choices=RecruitmentStage)
    code = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=64, unique=True)
    # Made when the consent page is shown: two clicks on its button are one session.
    entry_key = models.UUIDField(unique=True)
    # Somebody of the staff looks at the pages, in an arm of their choice. Only rehearsals have any.
    is_preview = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=SessionState, default=SessionState.ACTIVE)
    stage_key = models.CharField(max_length=100)
    seed = models.BigIntegerField()
    # Chosen at consent, among those the study speaks; empty is the protocol's own.
    language = models.CharField(max_length=5, blank=True, default="")
    consent_version = models.CharField(max_length=100)
    consent_digest = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    answers_deleted = models.BooleanField(default=False)
    # The browser that holds the session: a random number it made. None before a player has spoken.
    device = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SessionState.values), name="session_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=SessionState.COMPLETED, finished_at__isnull=False)
                | (~Q(state=SessionState.COMPLETED) & Q(finished_at__isnull=True)),
                name="session_completed_iff_finished",
            ),
            models.CheckConstraint(
                condition=Q(state=SessionState.WITHDRAWN, withdrawn_at__isnull=False)
                | (~Q(state=SessionState.WITHDRAWN) & Q(withdrawn_at__isnull=True)),
                name="session_withdrawn_iff_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state=SessionState.COMPLETED) | Q(slot__isnull=False),
                name="session_completed_has_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(answers_deleted=False) | Q(state=SessionState.WITHDRAWN),
                name="session_answers_deleted_only_on_withdrawal",
            ),
            models.CheckConstraint(
                condition=Q(answers_deleted=False) | Q(device__isnull=True),
                name="session_deleted_names_no_device",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Trial(models.Model):
    """One planned trial. All of a session's are made when it gets its slot.

    Only the times of its pages change: when it was first sent, and again with the explanation, and
    when what stood before or after it (a break, the feedback) was left. Withdrawal with deletion
    empties them.
    """

    uid = models.UUIDField(unique=True)
    session = models.ForeignKey(StudySession, models.PROTECT, related_name="trials")
    index = models.PositiveIntegerField()
    stage_key = models.CharField(max_length=100)
    phase = models.CharField(max_length=10)
    trial_type = models.CharField(max_length=20, choices=[(kind, kind) for kind in TRIAL_TYPES])
    condition = models.CharField(max_length=100)
    stimulus = models.ForeignKey(Stimulus, models.PROTECT, null=True, related_name="+")
    artefact = models.ForeignKey(Artefact, models.PROTECT, null=True, related_name="+")
    instructed_choice = models.CharField(max_length=100, blank=True)
    choice_order = models.JSONField()
    # Decided by the task when the trial was planned; never sent before an answer counts.
    right_choice = models.CharField(max_length=100)
    # An answer is wanted before the explanation is shown, and another with it.
    asks_first = models.BooleanField(default=False)
    offers_break = models.BooleanField(default=False)
    served_at = models.DateTimeField(null=True)
    served_again_at = models.DateTimeField(null=True)
    break_ended_at = models.DateTimeField(null=True)
    feedback_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "index"], name="trial_index_once"),
            models.UniqueConstraint(
                fields=["session", "stimulus"], name="stimulus_once_per_session"
            ),
            models.CheckConstraint(
                condition=Q(trial_type__in=TRIAL_TYPES), name="trial_type_known"
            ),
            models.CheckConstraint(
                condition=Q(trial_type=CATCH, stimulus__isnull=True) & ~Q(instructed_choice="")
                | ~Q(trial_type=CATCH) & Q(stimulus__isnull=False, instructed_choice=""),
                name="trial_shows_a_picture_or_instructs",
            ),
            models.CheckConstraint(
                condition=~Q(right_choice="")
                & (Q(instructed_choice="") | Q(right_choice=F("instructed_choice"))),
                name="trial_has_a_right_choice",
            ),
            models.CheckConstraint(
                condition=Q(asks_first=False) | ~Q(trial_type=CATCH),
                name="trial_that_instructs_asks_once",
            ),
            models.CheckConstraint(
                condition=Q(served_again_at__isnull=True) | Q(asks_first=True),
                name="trial_is_served_again_only_if_asked_twice",
            ),
        ]
        ordering = ["index"]

    def __str__(self) -> str:
        return f"trial {self.index} of {self.session}"


class TrialOption(AppendOnly):
    """An answer of a trial that is a picture, or a layer over the trial's own.

    `stands_for` is what it is by a name of the manifest; browsers know it by `key` and digest.
    """

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="options")
    key = models.CharField(max_length=1)
    stands_for = models.CharField(max_length=100)
    picture = models.ForeignKey(MediaFile, models.PROTECT, null=True, related_name="+")
    layer = models.ForeignKey(MediaFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "key"], name="option_key_once_per_trial"),
            models.UniqueConstraint(
                fields=["trial", "stands_for"], name="option_stands_for_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(picture__isnull=True, layer__isnull=False)
                | Q(picture__isnull=False, layer__isnull=True),
                name="option_is_a_picture_or_a_layer",
            ),
        ]
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key} of {self.trial}"


class Response(AppendOnly):
    """An answer. A trial has one that counts; a later, different one is kept and flagged.

    A trial that asks twice has a first answer besides, of which the same is true.

    The columns of its timing are those of `experiments.timing.Timing`; null is not known.
    """

    key = models.UUIDField(unique=True)
    trial = models.ForeignKey(Trial, models.PROTECT, related_name="responses")
    choice = models.CharField(max_length=100)
    confidence = models.PositiveSmallIntegerField(null=True)
    rt_ms = models.FloatField(null=True)
    server_ms = models.PositiveIntegerField(null=True)
    submitted_ms = models.FloatField(null=True)
    onset_method = models.CharField(max_length=20, null=True)  # noqa: DJ001  null: not known
    refresh_ms = models.FloatField(null=True)
    device_pixel_ratio = models.FloatField(null=True)
    hidden_spans = models.JSONField(null=True)
    reloads = models.PositiveSmallIntegerField(null=True)
    # Given before the explanation was shown, in a trial that asks again with it.
    is_first = models.BooleanField(default=False)
    is_conflict = models.BooleanField(default=False)
    # In the browser's outbox, before the sending that arrived.
    waited_ms = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "is_first"],
                condition=Q(is_conflict=False),
                name="one_response_counts",
            ),
            models.CheckConstraint(
                condition=Q(rt_ms__isnull=True) | Q(rt_ms__gte=0), name="response_rt_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=1),
                name="response_confidence_from_one",
            ),
            models.CheckConstraint(
                condition=Q(submitted_ms__isnull=True) | Q(submitted_ms__gte=0),
                name="response_submission_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(onset_method__isnull=True) | Q(onset_method__in=get_args(OnsetMethod)),
                name="response_onset_method_known",
            ),
            models.CheckConstraint(
                condition=Q(onset_method__isnull=False)
                | Q(submitted_ms__isnull=True, hidden_spans__isnull=True),
                name="response_times_need_an_onset",
            ),
            models.CheckConstraint(
                condition=Q(refresh_ms__isnull=True) | Q(refresh_ms__range=(1, 1000)),
                name="response_refresh_in_range",
            ),
            models.CheckConstraint(
                condition=Q(device_pixel_ratio__isnull=True)
                | Q(device_pixel_ratio__gt=0, device_pixel_ratio__lte=20),
                name="response_pixel_ratio_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice} to {self.trial}"


class Answer(AppendOnly):
    """An answer to a quiz question or a questionnaire item."""

    session = models.ForeignKey(StudySession, models.PROTECT, related_name="answers")
    stage_key = models.CharField(max_length=100)
    item = models.CharField(max_length=100)
    attempt = models.PositiveSmallIntegerField(default=1)
    value = models.TextField(null=True)  # noqa: DJ001  null: not answered; empty text is an answer
    is_correct = models.BooleanField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "stage_key", "item", "attempt"], name="answer_once_per_attempt"
            ),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="answer_attempt_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.session}"


class Event(AppendOnly):
    """Something that happened in a session, in the order of the rows.

    What a browser tells has a key, so that telling it twice is telling it once, and may have a
    time since the trial's onset by the browser's clock.
    """

    key = models.UUIDField(null=True, unique=True)
    session = models.ForeignKey(StudySession, models.PROTECT, related_name="events")
    trial = models.ForeignKey(Trial, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    since_onset_ms = models.FloatField(null=True)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(since_onset_ms__isnull=True)
                | Q(since_onset_ms__gte=0, trial__isnull=False, key__isnull=False),
                name="event_time_is_of_a_trial_in_a_browser",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.session}"
