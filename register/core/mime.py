"""An email in two forms, written as bytes at once."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from email.header import Header
from email.utils import formatdate, make_msgid
from typing import Any
from uuid import uuid4

from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

# Nothing shows them, and mail servers differ in what they make of them.
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class TwoForms(EmailMultiAlternatives):
    """A text and an HTML form. Folding each header of each message takes the library longer than all else in it.

    Everything is ASCII on its way (quoted-printable), so that any mail server can pass it on as it is.
    """

    def message(self, **_: Any) -> Any:
        return _Bytes(self)


class _Bytes:
    """What a mail backend asks of a message."""

    def __init__(self, message: TwoForms) -> None:
        self._message = message

    def as_bytes(self, linesep: str = "\n", **_: Any) -> bytes:
        return linesep.join(self._parts(linesep)).encode("ascii")

    def _parts(self, linesep: str) -> Iterator[str]:
        message, boundary = self._message, f"=_{uuid4().hex}"
        [(html, kind)] = message.alternatives
        yield from (_header(name, value, linesep) for name, value in _headers(message))
        yield f'Content-Type: multipart/alternative; boundary="{boundary}"'
        yield ""
        for form, mime in ((str(message.body), "text/plain"), (str(html), str(kind))):
            yield f"--{boundary}"
            yield f'Content-Type: {mime}; charset="utf-8"'
            yield "Content-Transfer-Encoding: quoted-printable"
            yield ""
            yield b2a_qp(form.encode(), istext=True).decode("ascii").replace("\n", linesep)
        yield f"--{boundary}--"
        yield ""


def _headers(message: TwoForms) -> Iterator[tuple[str, str]]:
    extra = dict(message.extra_headers)
    yield "MIME-Version", "1.0"
    yield "Subject", str(message.subject)
    yield "From", _addresses([message.from_email])
    yield "To", _addresses(message.to)
    if message.reply_to:
        yield "Reply-To", _addresses(message.reply_to)
    yield "Date", formatdate(localtime=False)
    yield "Message-ID", extra.pop("Message-ID", None) or make_msgid(domain="localhost")
    yield from extra.items()


def _addresses(addresses: Sequence[str]) -> str:
    """Names in any script, and hosts in any, as mail servers can read them; plain ones as they are."""
    return ", ".join(one if one.isascii() else sanitize_address(one, "utf-8") for one in addresses)


def _header(name: str, value: str, linesep: str) -> str:
    if "\n" in value or "\r" in value:
        raise BadHeaderError(f"A header has no line of its own in it: {name}")
    value = CONTROL.sub(" ", value)
    if not value.isascii():
        value = Header(value, "utf-8", header_name=name, maxlinelen=75).encode(linesep=linesep)
    return f"{name}: {value}"
