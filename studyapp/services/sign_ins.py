"""Sign-ins in the audit log. Registered by being imported."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from studyapp.enums import AuditAction
from studyapp.services.audit import acting_as, record


@receiver(user_logged_in)
def note_sign_in(user: User, **kwargs: Any) -> None:
    """With everything that was asked for, a code included."""
    with acting_as(user.get_username()):
        record(AuditAction.SIGNED_IN)


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
