"""The sample, read by everybody who may sign in, and records that most of them may not open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client

from register.accounts.models import User, WorkingGroup
from register.accounts.services import add_person, grant_role
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.reference.models import Organisation
from tests.pages.test_hidden import WORD, hide

# Who opens every page of the sample.
OPENER = "opener"


@dataclass
class World:
    """People by the beginning of their address; `client("reader")` is signed in."""

    clients: dict[str, Client] = field(default_factory=dict)
    hidden: list[Initiative] = field(default_factory=list)

    def user(self, who: str) -> User:
        return User.objects.get(email__startswith=f"{who}@")

    def client(self, who: str) -> Client:
        if who not in self.clients:
            self.clients[who] = client = Client(raise_request_exception=False)
            client.force_login(self.user(who))
        return self.clients[who]

    def sign_in(self) -> None:
        """All of them, before the tests: a sign-in in a test is undone with it."""
        for email in User.objects.active().values_list("email", flat=True):
            self.client(email.split("@")[0])

    def add_opener(self) -> None:
        with origin("test"):
            user = add_person(by=None, email=f"{OPENER}@exampleshire.example", name="Opener of everything")
            grant_role(by=None, user=user, role="administrator")
            for code in ("exampleshire-police", "hertfordshire-police"):
                organisation = Organisation.objects.get(code=code)
                grant_role(by=None, user=user, role="organisation_lead", organisation=organisation)
            for code in ("exampleshire", "eastern", "national"):
                group = WorkingGroup.objects.get(code=code)
                grant_role(by=None, user=user, role="secretary", group=group)

    def add_hidden(self) -> None:
        """Drafts and records for partners, led by Derbyshire's police: Exampleshire's people may open none."""
        hide(WorkingGroup.objects.get(code="national"))
        found = Initiative.objects.filter(title__startswith=f"{WORD} workshop").order_by("pk")
        self.hidden = list(found)


def body(answer: Any) -> str:
    return answer.getvalue().decode("utf-8", "replace")


def close(answer: Any) -> None:
    """Close a file's answer; not the database with it, which a transaction is open on."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)
