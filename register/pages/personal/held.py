"""Everything that points at a person, in words. A column that points at people and is not here fails a test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from register.accounts.models import User
from register.history.models import Change

IDENTITY = (
    "public_id", "name", "email", "post", "telephone", "is_active", "joined_at", "last_login", "last_seen_at",
    "asked_if_needed_at", "paused_at",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One column that points at a person: what it means, and which columns of its rows are the person's own data.

    Others' texts, secrets and keys stay out: of those an export says that they exist.
    """

    model: str
    column: str
    words: str
    fields: tuple[str, ...]

    def rows(self, user: User) -> QuerySet[Any]:
        model: type[Model] = apps.get_model(self.model)
        return model._base_manager.filter(**{self.column: user}).order_by("pk")


KINDS = (
    Kind("register.RoleGrant", "user", "roles", ("role", "organisation__code", "group__code")),
    Kind("account.EmailAddress", "user", "addresses to sign in with", ("email", "verified", "primary")),
    Kind(
        "socialaccount.SocialAccount",
        "user",
        "work accounts to sign in with",
        ("provider", "uid", "extra_data"),
    ),
    Kind(
        "mfa.Authenticator",
        "user",
        "second factors (never their secrets)",
        ("type", "created_at", "last_used_at"),
    ),
    Kind(
        "usersessions.UserSession",
        "user",
        "browsers signed in with",
        ("created_at", "last_seen_at", "ip", "user_agent"),
    ),
    Kind(
        "register.Invitation",
        "used_by",
        "invitations accepted",
        ("email", "name", "role", "invited_at", "used_at"),
    ),
    Kind(
        "register.Letter", "person", "emails about the account", ("kind", "state", "written_at", "ended_at")
    ),
    Kind("register.Initiative", "created_by", "initiatives kept", ("number", "created_at")),
    Kind("register.Update", "author", "updates written", ("initiative__number", "noted_on", "text")),
    Kind("register.SavedView", "owner", "saved views", ("name", "parameters", "created_at")),
    Kind("register.ViewFollow", "person", "saved views followed", ("view__name", "since")),
    Kind("register.InitiativeFollow", "person", "initiatives followed", ("initiative__number", "since")),
    Kind(
        "register.DigestWish",
        "user",
        "choices about digests",
        ("group__code", "wish", "paused_until", "since"),
    ),
    Kind("register.Edition", "person", "personal digests", ("starts_at", "ends_at", "state")),
    Kind("register.Delivery", "user", "digests sent", ("state", "due_at", "sent_at", "why")),
    Kind("register.RefusedAddress", "user", "refusals of the address by mail servers", ("times", "since")),
    Kind(
        "register.Chase",
        "person",
        "emails about records past their date",
        ("kind", "state", "due_at", "sent_at"),
    ),
    Kind("register.Export", "by", "exports taken", ("at", "what", "format", "rows")),
    Kind(
        "register.Decision",
        "owner_person",
        "decisions to see to",
        ("initiative__number", "group__code", "decided_on"),
    ),
    Kind(
        "register.Decision",
        "recorded_by",
        "decisions recorded",
        ("initiative__number", "group__code", "decided_on"),
    ),
    Kind(
        "register.Consideration",
        "recorded_by",
        "considerations recorded",
        ("initiative__number", "notified_on"),
    ),
    Kind(
        "register.ReviewFlag",
        "raised_by",
        "flags for review",
        ("initiative__number", "group__code", "why", "raised_at"),
    ),
    Kind("register.CoveringNote", "written_by", "notes to digests", ("group__code", "text", "written_at")),
    Kind("register.Invitation", "invited_by", "invitations sent", ("role", "invited_at")),
    Kind("register.AccessRequest", "decided_by", "requests answered", ("outcome", "decided_at")),
    Kind("admin.LogEntry", "user", "changes in administration", ("action_time", "action_flag")),
)


@dataclass(frozen=True)
class Held:
    words: str
    number: int


def held_of(user: User) -> list[Held]:
    """How much there is of each kind, those of which there is some; and of the history."""
    found = [Held(kind.words, kind.rows(user).count()) for kind in KINDS]
    found.append(Held("lines of the history, by number only", Change.ledger.filter(actor_id=user.pk).count()))
    return [one for one in found if one.number]


def as_json(user: User) -> Iterator[str]:
    """Everything of them as one JSON text, in pieces: a history may be long."""
    parts: dict[str, Any] = {"person": {name: getattr(user, name) for name in IDENTITY}}
    for kind in KINDS:
        parts[kind.words] = list(kind.rows(user).values(*kind.fields))
    yield json.dumps(parts, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)[:-2]
    yield ',\n "history": ['
    between = "\n  "
    done = Change.ledger.filter(actor_id=user.pk).order_by("pk")
    for row in done.values("at", "table_name", "object_id", "operation", "source", "reason").iterator(
        chunk_size=2000
    ):
        yield between + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
        between = ",\n  "
    yield "\n ]\n}\n"
