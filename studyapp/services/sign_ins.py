"""Sign-ins, and what guards them, in the audit log. Registered by being imported."""

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
)
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from studyapp.enums import AuditAction
from studyapp.services.audit import acting_as, record


@receiver(user_logged_in)
def note_sign_in(user: User, **kwargs: Any) -> None:
    """With everything that was asked for, a code included."""
    _note(user, AuditAction.SIGNED_IN)


@receiver(user_login_failed)
def note_wrong_password(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Lock-out keeps these few: see `ACCOUNT_RATE_LIMITS`."""
    with acting_as("nobody"):
        name = str(credentials.get("username", ""))[:150]
        record(AuditAction.SIGN_IN_FAILED, details={"username": name, "wrong": "password"})


@receiver(authentication_failed)
def note_wrong_code(user: User, **kwargs: Any) -> None:
    """Somebody knows the password and not the code: worth a look."""
    with acting_as("nobody"):
        details = {"username": user.get_username(), "wrong": "code"}
        record(AuditAction.SIGN_IN_FAILED, details=details)


@receiver(authenticator_added)
def note_second_factor(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Recovery codes count: each signs somebody in."""
    _note(user, AuditAction.SECOND_FACTOR_ADDED, kind=str(authenticator.type))


@receiver(authenticator_removed)
def note_second_factor_gone(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Its owner took it away; `reset_sign_in` is another deed."""
    _note(user, AuditAction.SECOND_FACTOR_REMOVED, kind=str(authenticator.type))


@receiver(password_changed)
def note_new_password(user: User, **kwargs: Any) -> None:
    """By its owner, who knew the old one."""
    _note(user, AuditAction.PASSWORD_CHANGED)


def _note(user: User, action: AuditAction, **details: str) -> None:
    """What somebody did to their own account."""
    with acting_as(user.get_username()):
        record(action, details=details)
