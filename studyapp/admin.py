"""A read-only window for staff. Answers are not listed: nobody watches outcomes while they come."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from studyapp.models import StimulusSet, Study, StudySession


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    # Not the seed, which tells the arms to come. Slots and ledger have no page for the same reason.
    list_display = ("slug", "stage", "stimulus_set", "frozen_at", "digest")
    exclude = ("allocation_seed",)


@admin.register(StimulusSet)
class StimulusSetAdmin(ReadOnlyAdmin):
    list_display = ("name", "manifest_digest", "imported_at")
    exclude = ("manifest",)


@admin.register(StudySession)
class StudySessionAdmin(ReadOnlyAdmin):
    # Neither the slot, which tells the arm, nor the token, which is the participant's key.
    list_display = ("code", "study", "recruitment_stage", "state", "stage_key", "started_at")
    list_filter = ("study", "recruitment_stage", "state")
    exclude = ("slot", "token", "entry_key", "seed")
