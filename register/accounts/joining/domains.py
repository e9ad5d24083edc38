"""The email domains of organisations: who may ask for access to which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.accounts.joining.models import EmailDomain
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.reference.models import Organisation

if TYPE_CHECKING:
    from register.accounts.models import User

SHAPE = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
# Anybody has an address there.
OPEN_TO_ALL = {
    "aol.com", "btinternet.com", "gmail.com", "googlemail.com", "hotmail.co.uk", "hotmail.com", "icloud.com",
    "live.co.uk", "live.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com", "sky.com",
    "talktalk.net", "virginmedia.com", "yahoo.co.uk", "yahoo.com",
}  # fmt: skip


def domain_of(email: str) -> str:
    return email.rsplit("@", 1)[-1].strip().lower()


def organisations_of(email: str) -> list[Organisation]:
    """The organisations whose people have such addresses, by name. Those that have ended are asked for no more."""
    return list(
        Organisation.objects.filter(email_domains__domain=domain_of(email), ends_on=None).order_by("name")
    )


@write_door
def add_email_domain(*, by: User | None, organisation: Organisation, domain: str) -> EmailDomain:
    """Let people with such addresses ask for access. ValidationError for what is no domain, or is anybody's."""
    _must(by)
    domain = domain_of(domain)
    if not SHAPE.fullmatch(domain):
        raise ValidationError({"domain": "Write what stands behind the @, such as kent.police.uk."})
    if domain in OPEN_TO_ALL:
        raise ValidationError(
            {"domain": "Anybody can have an address there. Invite people one by one instead."}
        )
    made = EmailDomain(organisation=organisation, domain=domain)
    made.full_clean()
    made.save()
    return made


@write_door
def remove_email_domain(*, by: User | None, domain: EmailDomain) -> None:
    _must(by)
    domain.delete()


def _must(by: User | None) -> None:
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)
