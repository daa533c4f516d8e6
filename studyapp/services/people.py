"""Inviting people, giving roles and taking them away."""

import secrets
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from experiments.digest import sha256_bytes
from studyapp.enums import ANALYSTS, AuditAction, Role, StudyStage
from studyapp.exceptions import InvitationRefused, RoleRefused
from studyapp.models import Invitation, Study, StudyRole
from studyapp.selectors.people import invitation_of, still_works
from studyapp.services.audit import acting_as, record
from studyapp.services.locks import lock_study


@transaction.atomic
def invite(*, invitee: str, study: Study | None, role: Role | None, days: int) -> str:
    """Make a link for somebody and return its token, which nobody can read again."""
    if role == Role.ANALYST_UNBLINDED:
        raise RoleRefused(
            "Invite an analyst as analyst_blinded. Unblinding is done later, for a reason: on the "
            "page of people, or by `manage.py give_role SLUG USER analyst_unblinded --reason ...`."
        )
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation = Invitation.objects.create(
        token_digest=sha256_bytes(token.encode()),
        invitee=invitee,
        study=study,
        role=role or "",
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record(AuditAction.PERSON_INVITED, study=study, details=_told(invitation))
    return token


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> None:
    """Give an account what its owner was invited to. A link works once."""
    found = invitation_of(token)
    locked = found and Invitation.objects.select_for_update().get(pk=found.pk)
    if locked is None or not still_works(locked):
        raise InvitationRefused("This link was used before or has expired. Ask for a new one.")
    locked.accepted_at, locked.accepted_by = timezone.now(), user
    locked.save()
    with acting_as(user.get_username()):
        record(AuditAction.INVITATION_ACCEPTED, study=locked.study, details=_told(locked))
        if locked.study is None:
            user.is_superuser = True
            user.save(update_fields=["is_superuser"])
        else:
            give_role(user=user, study=locked.study, role=Role(locked.role))


@transaction.atomic
def accept_as_new_person(*, token: str, username: str, password: str) -> User:
    """Make an account with the password its owner chose, and accept the invitation with it."""
    user: User = get_user_model().objects.create_user(username, password=password)
    accept_invitation(token=token, user=user)
    return user


@transaction.atomic
def give_role(*, user: User, study: Study, role: Role, reason: str = "") -> None:
    """Add a role. Whoever is to see outcomes of a study that runs is given a reason in the log.

    An analyst is blinded or not: the one role takes the place of the other.
    """
    if role == Role.ANALYST_UNBLINDED and study.stage != StudyStage.CLOSED and not reason.strip():
        raise RoleRefused(f"{study.slug} is {study.stage}: unblinding somebody needs a reason.")
    if study.stage != StudyStage.CLOSED:
        _check_blindness(user, study, role)
    instead = StudyRole.objects.none()
    if role in ANALYSTS:
        others = set(ANALYSTS) - {role}
        instead = StudyRole.objects.filter(user=user, study=study, role__in=others)
    taken = ", ".join(instead.values_list("role", flat=True))
    instead.delete()
    _, is_new = StudyRole.objects.get_or_create(
        user=user, study=study, role=role, defaults={"given_at": timezone.now()}
    )
    if is_new:
        unblinds = role == Role.ANALYST_UNBLINDED
        action = AuditAction.ANALYST_UNBLINDED if unblinds else AuditAction.ROLE_GIVEN
        details = {
            "person": user.get_username(),
            "role": role.value,
            "instead_of": taken,
            "reason": reason,
        }
        record(action, study=study, details=details)


def _check_blindness(user: User, study: Study, role: Role) -> None:
    """Who runs a study could act on what they see: nobody does both before it is closed."""
    runs = (Role.OWNER, Role.MONITOR)
    barred = {Role.ANALYST_UNBLINDED: runs, **dict.fromkeys(runs, (Role.ANALYST_UNBLINDED,))}
    others = StudyRole.objects.filter(user=user, study=study, role__in=barred.get(role, ()))
    if others.exists():
        raise RoleRefused(
            f"{user.get_username()} can't run {study.slug} and see its outcomes before it is "
            "closed. Let somebody else look, or take the other role away first."
        )


@transaction.atomic
def take_role(*, user: User, study: Study, role: Role) -> None:
    """Remove a role. A study that has had an owner keeps one."""
    lock_study(study)
    given = StudyRole.objects.filter(study=study, role=role)
    if not given.filter(user=user).exists():
        raise RoleRefused(f"{user.get_username()} is not {role} of {study.slug}.")
    if role == Role.OWNER and given.count() == 1:
        raise RoleRefused(f"{user.get_username()} is the only owner. Make somebody else owner too.")
    given.filter(user=user).delete()
    details = {"person": user.get_username(), "role": role.value}
    record(AuditAction.ROLE_TAKEN, study=study, details=details)


@transaction.atomic
def reset_sign_in(*, user: User) -> None:
    """For a lost phone: the second factor goes, every session ends, the password stays."""
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    record(AuditAction.SIGN_IN_RESET, details={"person": user.get_username()})


def _told(invitation: Invitation) -> dict[str, str]:
    return {"invitee": invitation.invitee, "role": invitation.role or "administrator"}
