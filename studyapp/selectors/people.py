"""Reading people, their roles and their invitations."""

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from experiments.digest import sha256_bytes
from studyapp.models import Invitation, Study, StudyRole
from studyapp.selectors.studies import real_studies


def studies_of(person: AbstractBaseUser) -> QuerySet[Study]:
    """Studies a person has a role in, each with `own_roles`; an administrator sees all."""
    own = StudyRole.objects.filter(user_id=person.pk).order_by("role")
    studies = real_studies().prefetch_related(Prefetch("roles", own, to_attr="own_roles"))
    if not getattr(person, "is_superuser", False):
        studies = studies.filter(roles__user_id=person.pk).distinct()
    return studies.defer("frozen").order_by("slug")


def roles_in(study: Study) -> QuerySet[StudyRole]:
    """Everybody's roles in a study."""
    return study.roles.select_related("user").order_by("user__username", "role")


def open_invitations(study: Study) -> QuerySet[Invitation]:
    """Links to a study that still work."""
    return study.invitations.filter(
        accepted_at__isnull=True, expires_at__gt=timezone.now()
    ).order_by("expires_at")


def invitation_of(token: str) -> Invitation | None:
    """The invitation a link belongs to, whether or not it still works."""
    digest = sha256_bytes(token.encode())
    return Invitation.objects.select_related("study").filter(token_digest=digest).first()


def still_works(invitation: Invitation) -> bool:
    """A link works once, until it expires."""
    return invitation.accepted_at is None and invitation.expires_at > timezone.now()
