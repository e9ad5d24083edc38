"""The one Django app."""

from django.apps import AppConfig
from django.db.models.signals import pre_save


class RegisterConfig(AppConfig):
    name = "register"
    verbose_name = "Register of blue light collaboration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the floors that listen to what others do be there."""
        from register.accounts import adapters, checks, kept_form, sessions
        from register.accounts.joining import services as joining
        from register.catalogue import services as catalogue
        from register.core import keys
        from register.core.markings import look_at_texts
        from register.initiatives.services import handover

        assert all((adapters, checks, kept_form, sessions, joining, catalogue, keys, handover))
        pre_save.connect(look_at_texts, dispatch_uid="markings")
