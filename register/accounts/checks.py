"""What whoever runs the register should know before somebody signs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from register.accounts.providers import unknown_organisation
from register.reference.models import Organisation


def strange_providers() -> list[str]:
    """One line for each provider whose organisation the register does not have."""
    named = [provider for provider in settings.SIGN_IN_PROVIDERS.values() if provider.organisation]
    if not named:
        return []
    codes = [provider.organisation for provider in named]
    known = set(Organisation.objects.filter(code__in=codes).values_list("code", flat=True))
    return [unknown_organisation(provider) for provider in named if provider.organisation not in known]


@register(Tags.database)
def check_providers(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A warning, because a register that is being set up has no organisations yet; `check --database default` and
    `migrate` ask."""
    if not databases:
        return []
    try:
        return [Warning(line, id="register.W001") for line in strange_providers()]
    except DatabaseError:  # before the first migration
        return []
