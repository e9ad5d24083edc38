"""A working group with a digest on Mondays at seven, people in it, and a mail server that takes what is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from register.accounts.models import User, WorkingGroup
from register.core.tracking import origin
from register.digests.services import set_schedule
from register.groups.services import set_remit
from tests.factories import person, working_group


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


LAST_MONDAY = london("2026-11-16T07:00")
MONDAY = london("2026-11-23T07:00")
NEXT_MONDAY = london("2026-11-30T07:00")


@dataclass
class Team:
    """A group whose remit is Derbyshire, its digest anchored at the Monday before, and one member."""

    group: WorkingGroup
    member: User


def new_team(code: str = "peak", **remit: list[str]) -> Team:
    group = working_group(code=code, name=f"{code.title()} group")
    with origin("test"):
        set_remit(by=None, group=group, name=code, parameters=remit or {"place": ["derbyshire"]})
        set_schedule(by=None, group=group, at=LAST_MONDAY)
    return Team(group, person("group_member", group=group, name="Mo Member"))


@dataclass
class Sink:
    """An SMTP server on a port of its own. `answers` are what it says to the next messages instead of 250."""

    received: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    at_the_text: Callable[[], None] | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sessions.add(id(session))
        if self.at_the_text:
            self.at_the_text()
        if self.answers:
            answer = self.answers.pop(0)
            if answer == "hang up":
                server.transport.abort()
                return "421 too late"
            return answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(message)
        return "250 taken"

    def to(self, user: User) -> list[EmailMessage]:
        return [message for message in self.received if message["To"] == user.email]
