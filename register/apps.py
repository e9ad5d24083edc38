"""The one Django app."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "register"
    verbose_name = "Register of blue light collaboration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the floors that listen to what others do be there."""
        from register.catalogue import services

        assert services
