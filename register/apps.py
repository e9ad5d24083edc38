"""The one Django app."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "register"
    verbose_name = "Register of blue light collaboration"
    default_auto_field = "django.db.models.BigAutoField"
