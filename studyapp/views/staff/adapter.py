"""Where sign-in differs from allauth's own."""

from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils import timezone

_JUST_NOW = timedelta(minutes=5)


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come by invitation, and nobody is asked for the same twice at once."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """A session that began just now began with everything that could be asked for again."""
        began_just_now = UserSession.objects.filter(
            user_id=self.request.user.pk,
            session_key=self.request.session.session_key,
            created_at__gt=timezone.now() - _JUST_NOW,
        )
        return not began_just_now.exists() and bool(super().is_reauthentication_required(app=app))
