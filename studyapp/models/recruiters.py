"""Who recruiters sent. The only tables that hold ids which others know; no export reads them."""

from django.db import models

from studyapp.models.append_only import AppendOnly
from studyapp.models.sessions import Participant
from studyapp.models.studies import Study


class RecruitedPerson(AppendOnly):
    """Recognises a person by a fingerprint of the recruiter's id, so that nobody begins twice.

    Only the server's key can make it. It stays when the person withdraws and has everything
    deleted; the ids themselves go.
    """

    study = models.ForeignKey(Study, models.PROTECT, related_name="+")
    participant = models.OneToOneField(Participant, models.PROTECT, related_name="recruited")
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "fingerprint"], name="recruited_person_once_per_study"
            )
        ]

    def __str__(self) -> str:
        return f"recruited {self.participant}"


class RecruiterVisit(AppendOnly):
    """One arrival: a submission at Prolific, an assignment at MTurk, a sign-up at SONA."""

    person = models.ForeignKey(RecruitedPerson, models.PROTECT, related_name="visits")
    external_id = models.CharField(max_length=100)
    visit_id = models.CharField(max_length=100)
    # The recruiter's own id of the study: STUDY_ID at Prolific, hitId at MTurk.
    listing_id = models.CharField(max_length=100, blank=True)
    submit_to = models.CharField(max_length=200, blank=True)
    arrived_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "visit_id"], name="recruiter_visit_once")
        ]

    def __str__(self) -> str:
        return f"visit of {self.person}"
