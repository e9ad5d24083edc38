"""Handing one message after another to the mail server, on one connection, and saying what became of each.

What matters is to know whether a message may have been taken. A refusal is an answer: it was not. A connection
that breaks before the text of the message was sent: it was not. One that breaks after: nobody knows.
"""

from __future__ import annotations

import enum
import logging
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from time import monotonic
from typing import Any, Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from register.core.handover import Handover, as_data

logger = logging.getLogger(__name__)


class Fate(enum.Enum):
    SENT = "sent"
    TEMPORARY = "try again later"
    PERMANENT = "the message was refused for good"
    REFUSED = "the recipient was refused for good"
    UNKNOWN = "it may have been sent"
    WITHDRAWN = "whoever hands it over thought better of it"


@dataclass(frozen=True)
class Result:
    """What became of a message. `away`: there is no mail server to hand others to either."""

    fate: Fate
    why: str = ""
    away: bool = False

    @property
    def is_final(self) -> bool:
        """Refused, and to be refused again."""
        return self.fate in (Fate.PERMANENT, Fate.REFUSED)


class _WithdrawnError(Exception):
    """Between recipient and text, somebody else was found to have the message."""


# A connection that was idle for so long (seconds) is asked whether it still stands.
IDLE = 1.0


def text_of(message: EmailMessage) -> bytes:
    """A message as a mail server is given it. It raises what `send` makes a result of."""
    return as_data(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]


class Post:
    """One connection for a batch, opened when first needed and again after it broke. A context manager."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._handover: Handover | None = None
        self._used_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._close()

    def send(
        self,
        message: EmailMessage,
        *,
        text: bytes = b"",
        before_text: Callable[[], bool] | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Result:
        """Hand over a message to one recipient; `text` is what it is in bytes (`text_of`), where that is at hand.

        `before_text` is called when all that is left is the text of it, after which only the mail server knows: there
        one writes down that it may be taken. When it says no, the message is withdrawn. `meanwhile` is called while
        the mail server is busy with the text: time to write the next one. It raises nothing.
        """
        try:
            self._connect()
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
                logger.error("The mail server does not let the register in: %s", _plain(error))
            return Result(Fate.TEMPORARY, f"The mail server could not be reached: {_plain(error)}", away=True)
        self._handover = None

        def ask_whether_to_go_on() -> None:
            if before_text and not before_text():
                raise _WithdrawnError

        try:
            self._hand_over(message, text, ask_whether_to_go_on, meanwhile)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            return self._refused(code, text, message, Fate.REFUSED)
        except smtplib.SMTPSenderRefused as error:
            # Ours to mend: until then no message goes out, and none is given up for it.
            if error.smtp_code >= 500:
                logger.error("The mail server refuses the register as sender: %s", _plain(error))
            self._close()
            return Result(Fate.TEMPORARY, _said(error.smtp_code, error.smtp_error, message), away=True)
        except smtplib.SMTPResponseException as error:
            if _is_policy(error):
                logger.error("The mail server's policy does not let the register send: %s", _plain(error))
                return Result(Fate.TEMPORARY, _said(error.smtp_code, error.smtp_error, message))
            return self._refused(error.smtp_code, error.smtp_error, message, Fate.PERMANENT)
        except smtplib.SMTPNotSupportedError as error:
            return Result(Fate.PERMANENT, _plain(error))
        except _WithdrawnError:
            self._close()
            return Result(Fate.WITHDRAWN)
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            if self._handover and self._handover.text_began:
                return Result(Fate.UNKNOWN, f"The connection broke while it was sent: {_plain(error)}")
            return Result(Fate.TEMPORARY, f"The connection broke: {_plain(error)}")
        except ValueError as error:  # a header or an address that can't be written
            logger.exception("A message could not be handed over")
            self._close()
            return Result(Fate.PERMANENT, f"It can’t be written as an email: {_plain(error)}"[:200])
        self._used_at = monotonic()
        return Result(Fate.SENT)

    def _refused(self, code: int, text: bytes | str, message: EmailMessage, final: Fate) -> Result:
        if code == 421:  # the server is closing the connection
            self._close()
        return Result(Fate.TEMPORARY if 400 <= code < 500 else final, _said(code, text, message))

    def _hand_over(
        self,
        message: EmailMessage,
        text: bytes,
        before_text: Callable[[], None],
        meanwhile: Callable[[], None] | None,
    ) -> None:
        smtp = getattr(self._backend, "connection", None)
        if smtp is None:  # not a mail server: a console, a list in memory
            before_text()
            self._backend.send_messages([message])
            return
        [recipient] = message.recipients()
        self._handover = Handover(smtp)
        self._handover.hand_over(
            _address(message.from_email),
            _address(recipient),
            text or text_of(message),
            before_text=before_text,
            meanwhile=meanwhile,
        )

    def _connect(self) -> None:
        if self._backend is not None and not self._answers():
            self._close()
        if self._backend is None:
            self._backend = get_connection()
            self._backend.open()

    def _answers(self) -> bool:
        """A server may have hung up while the batch was busy: a quick question, before anything is at stake."""
        smtp = getattr(self._backend, "connection", None)
        if (
            smtp is None or monotonic() - self._used_at < IDLE
        ):  # not a mail server: a console, a list in memory
            return True
        try:
            return bool(smtp.noop()[0] == 250)
        except (smtplib.SMTPException, OSError):
            return False

    def _close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is None:
            return
        try:
            backend.close()
        except (smtplib.SMTPException, OSError):
            logger.info("The mail server had hung up already")


def _is_policy(error: smtplib.SMTPResponseException) -> bool:
    """Whether the text was refused for who sends it (RFC 3463, X.7.X): ours to mend, as with a refused sender."""
    said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
    return error.smtp_code >= 500 and said.lstrip().startswith(b"5.7.")


def _said(code: int, text: bytes | str, message: EmailMessage) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    for recipient in message.recipients():
        said = said.replace(recipient, "the address")  # an erased person's address must not live on in a log
    return f"The mail server said {code} {said}".strip()


# Nothing to be taken away from it; to have it read takes the library longer than to write a digest's lines.
PLAIN_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w.-]+", re.ASCII)


@lru_cache(maxsize=64)
def _address(address: str) -> str:
    """As a mail server is told it: without a name, and in ASCII."""
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    return parseaddr(sanitize_address(address, "utf-8"))[1]


def _plain(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
