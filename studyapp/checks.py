"""System checks: settings that would endanger a real study, each with a stable id."""

from pathlib import Path
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


@register(Tags.security, deploy=True)
def staff_need_a_second_factor(**kwargs: Any) -> list[Error]:
    """A password that was used elsewhere too would open everything."""
    if settings.REQUIRE_MFA:
        return []
    hint = "Remove LARUS_REQUIRE_MFA=0: a public server asks for it by itself."
    return [Error("Staff sign in with a password alone.", hint=hint, id="larus.E002")]


@register(Tags.security, deploy=True)
def hosts_are_named(**kwargs: Any) -> list[Error]:
    """A made-up host name would be put into the links of invitations."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "List the names of this server in LARUS_ALLOWED_HOSTS."
    return [Error("Any host name is answered.", hint=hint, id="larus.E003")]


@register(Tags.security, deploy=True)
def data_are_not_for_everybody(**kwargs: Any) -> list[Warning]:
    """Database, pictures and backups lie in one folder."""
    folder = Path(settings.DATA_DIR)
    if not folder.is_dir() or not folder.stat().st_mode & 0o007:
        return []
    hint = f"chmod o-rwx {folder}"
    return [Warning("Everybody on this machine can read the data.", hint=hint, id="larus.W002")]


@register(Tags.database, deploy=True)
def database_is_for_many(**kwargs: Any) -> list[Warning]:
    """SQLite takes one writer at a time."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    hint = "Set DATABASE_URL to a PostgreSQL database before many people take part at once."
    return [Warning("Answers are stored in SQLite.", hint=hint, id="larus.W001")]
