"""The one Django app of Larus."""

from django.apps import AppConfig


class StudyAppConfig(AppConfig):
    """Registers the models and the system checks."""

    name = "studyapp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from studyapp import checks  # noqa: F401  registered by being imported
        from studyapp.services import sign_ins  # noqa: F401  the same
