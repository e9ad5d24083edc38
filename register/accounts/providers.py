"""Which organisations' sign-in services (OpenID Connect) the register trusts, and for what. docs/signing-in.md tells
how each is connected. Settings read this, so nothing of Django is imported here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

# Roles that a provider's groups may give, all for its organisation; nobody else's service makes administrators.
ROLES = frozenset({"reader", "contributor", "organisation_lead"})
# Other pages live where a provider of this code would.
TAKEN = frozenset({"again", "cancelled"})
ENTRA = "login.microsoftonline.com"
TEXTS = ("code", "name", "issuer", "client_id", "secret", "organisation", "groups_claim")
LISTS = ("email_domains", "tenants")


@dataclass(frozen=True)
class Provider:
    """One sign-in service.

    `code` is for ever: it is in the address that the provider sends people back to. `tenants` are the ids of Entra's
    tenants that may sign in; having any makes it Entra. `email_domains` are those whose addresses the provider vouches
    for. `roles` goes from a group's id to a role at `organisation`. `asks_second_factor` says that it always does.
    """

    code: str
    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    organisation: str = ""
    email_domains: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    groups_claim: str = "groups"
    roles: dict[str, str] = field(default_factory=dict)
    asks_second_factor: bool = False

    @property
    def is_entra(self) -> bool:
        return bool(self.tenants)

    def vouches_for(self, email: str) -> bool:
        return email.rpartition("@")[2].lower() in self.email_domains


def unknown_organisation(provider: Provider) -> str:
    """What to tell whoever runs the register when it has no such organisation."""
    return (
        f"SIGN_IN_PROVIDERS: {provider.code} is for the organisation {provider.organisation}, and the register has none"
        " of this code. See docs/signing-in.md."
    )


def read_providers(text: str, *, insecure: bool = False) -> dict[str, Provider]:
    """The providers of a JSON list, by code. ValueError with one line that names what is wrong with it.

    `insecure` lets an issuer be http: the demo and the tests.
    """
    try:
        rows = json.loads(text or "[]")
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it must be a list of objects")
    found: dict[str, Provider] = {}
    for row in rows:
        provider = _read(row, insecure)
        if provider.code in found:
            raise ValueError(f"{provider.code} is there twice")
        found[provider.code] = provider
    return found


def _read(row: dict[str, Any], insecure: bool) -> Provider:
    code = row.get("code")
    name = code if isinstance(code, str) and code else "a provider without a code"
    unknown = set(row) - {known.name for known in fields(Provider)}
    if unknown:
        raise ValueError(f"{name} has {', '.join(sorted(unknown))}, which means nothing here")
    missing = [key for key in ("code", "name", "issuer", "client_id", "secret") if not row.get(key)]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    _check_kinds(name, row)
    told = row | {key: tuple(value.strip().lower() for value in row.get(key, ())) for key in LISTS}
    provider = Provider(**told)
    _check_issuer(provider, insecure)
    _check(provider)
    return provider


def _check_kinds(name: str, row: dict[str, Any]) -> None:
    """JSON lets a text stand where a list is meant, and "false" where false is."""
    for key in TEXTS:
        if not isinstance(row.get(key, ""), str):
            raise ValueError(f"{key} of {name} must be a text in quotes")
    for key in LISTS:
        told = row.get(key, [])
        if not isinstance(told, list) or not all(isinstance(one, str) and one.strip() for one in told):
            raise ValueError(f"{key} of {name} must be a list of texts, even if it is one")
    roles = row.get("roles", {})
    if not isinstance(roles, dict) or not all(isinstance(role, str) for role in roles.values()):
        raise ValueError(f"roles of {name} must be an object that leads from each group’s id to a role")
    if not isinstance(row.get("asks_second_factor", False), bool):
        raise ValueError(f"asks_second_factor of {name} must be true or false, without quotes")


def _check_issuer(provider: Provider, insecure: bool) -> None:
    name = provider.code
    try:
        issuer = urlsplit(provider.issuer)
    except ValueError:
        raise ValueError(f"the issuer of {name} is no address") from None
    if issuer.scheme != "https" and not (insecure and issuer.scheme == "http"):
        raise ValueError(f"the issuer of {name} must start with https://")
    if not issuer.hostname or issuer.query or issuer.fragment:
        raise ValueError(f"the issuer of {name} must be an address without ? and #")
    if issuer.hostname == ENTRA and not provider.tenants:
        raise ValueError(f"{name} is Entra and lacks tenants, the ids of those that may sign in")


def _check(provider: Provider) -> None:
    name = provider.code
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        raise ValueError(f"the code {name} must be small letters, figures and hyphens")
    if name in TAKEN:
        raise ValueError(f"the code {name} is the register’s own: choose another")
    for domain in provider.email_domains:
        parts = domain.split(".")
        if len(parts) < 2 or not all(re.fullmatch(r"[a-z0-9-]{1,63}", part) for part in parts):
            raise ValueError(f"{name} has {domain!r} for a domain; one is like kent.police.uk, without @")
    if not provider.groups_claim:
        raise ValueError(f"groups_claim of {name} is empty: leave it out, or say where the groups are")
    strange = set(provider.roles.values()) - ROLES
    if strange:
        raise ValueError(
            f"{name} gives {', '.join(sorted(strange))}; groups may give {', '.join(sorted(ROLES))}"
        )
    if provider.roles and not provider.organisation:
        raise ValueError(f"{name} has roles and lacks the organisation that they are for")
    if provider.organisation and not provider.email_domains:
        raise ValueError(
            f"{name} has an organisation and lacks email_domains, which tell whose people they are"
        )
