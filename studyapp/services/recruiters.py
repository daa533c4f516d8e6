"""Remembering whom recruiters sent."""

from django.db import transaction
from django.utils import timezone

from studyapp.models import Participant, RecruitedPerson, RecruiterVisit, StudySession
from studyapp.selectors.progress import has_completed
from studyapp.selectors.recruiters import Arrival, fingerprint, last_visit, pays_by_visit
from studyapp.selectors.studies import protocol_of
from studyapp.services.locks import lock_session


def remember_person(*, participant: Participant, arrival: Arrival) -> None:
    """Said once, in the transaction that makes the participant."""
    person = RecruitedPerson.objects.create(
        study=participant.study,
        participant=participant,
        fingerprint=fingerprint(participant.study, arrival.person),
    )
    _store_visit(person, arrival)


@transaction.atomic
def remember_visit(*, session: StudySession, arrival: Arrival) -> None:
    """Somebody known comes again. After a deletion nothing more is noted of them."""
    locked = lock_session(session)
    if locked.answers_deleted:
        return
    person = RecruitedPerson.objects.get(participant=locked.participant_id)
    if not person.visits.filter(visit_id=arrival.visit).exists():
        _store_visit(person, arrival)


def forget_visits(*, session: StudySession) -> None:
    """The ids go; the fingerprint stays, so that the place is not given away a second time.

    Who had completed is still to be paid: the one visit stays without which that can't be done.
    """
    visits = RecruiterVisit.objects.filter(person__participant=session.participant_id)
    paid = last_visit(session)
    if paid and has_completed(session) and pays_by_visit(protocol_of(session.study).recruitment):
        visits = visits.exclude(pk=paid.pk)
    visits.delete()


def _store_visit(person: RecruitedPerson, arrival: Arrival) -> None:
    RecruiterVisit.objects.create(
        person=person,
        external_id=arrival.person,
        visit_id=arrival.visit,
        listing_id=arrival.listing,
        submit_to=arrival.submit_to,
        arrived_at=timezone.now(),
    )
