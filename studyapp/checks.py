"""System checks: settings that would endanger a real study, each with a stable id."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def secret_key_is_our_own(**kwargs: Any) -> list[Error]:
    """A public secret key lets anybody forge sessions."""
    if settings.SECRET_KEY != settings.DEVELOPMENT_SECRET_KEY:
        return []
    hint = "Set LARUS_SECRET_KEY to a long random text and keep it out of the repository."
    return [Error("The development secret key is in use.", hint=hint, id="larus.E001")]


@register(Tags.database, deploy=True)
def database_is_for_many(**kwargs: Any) -> list[Warning]:
    """SQLite takes one writer at a time."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    hint = "Set DATABASE_URL to a PostgreSQL database before many people take part at once."
    return [Warning("Answers are stored in SQLite.", hint=hint, id="larus.W001")]
