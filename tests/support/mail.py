"""A mail server that takes what is sent, or answers what a test tells it to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from register.accounts.models import User


@dataclass
class Sink:
    """An SMTP server on a port of its own. `answers` are what it says to the next messages instead of 250.

    `to_senders` are what it says to the next MAIL; `unknown` are addresses that it refuses; `one_breath`: it lets
    commands come together (RFC 2920), as most do; who signs in is `let_in` or not.
    """

    received: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    to_senders: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    sessions: set[int] = field(default_factory=set)
    at_the_text: Callable[[], None] | None = None
    one_breath: bool = True
    let_in: bool = True

    def sign_in(self, *_: Any) -> AuthResult:
        return AuthResult(success=self.let_in, handled=False)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], *(["250-PIPELINING"] if self.one_breath else []), answers[-1]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.to_senders:
            return self.to_senders.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return f"550 5.1.1 <{address}> is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

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


def deliver() -> int:
    """Send what waits about accounts, as the worker does; how many left."""
    from register.accounts.joining.letters import send_letters
    from register.core.clock import now

    return send_letters(clock=now)


@contextmanager
def mail_server(settings: Any, *, one_breath: bool = True) -> Iterator[Sink]:
    """Started on a free port, and named in the settings."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink(one_breath=one_breath)
    controller = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=handler.sign_in, auth_require_tls=False
    )
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    try:
        yield handler
    finally:
        controller.stop()
