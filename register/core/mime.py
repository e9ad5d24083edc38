"""An email in two forms, written as bytes at once."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from email.header import Header
from email.utils import formatdate, make_msgid
from functools import lru_cache
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

    pieces: tuple[Sequence[str], Sequence[str]] | None = None

    @classmethod
    def of_pieces(cls, text: Sequence[str], html: Sequence[str], **told: Any) -> TwoForms:
        """Of forms that share most of their lines with other messages: each line is put into bytes once.

        Its forms stay as they are: what goes out is the pieces.
        """
        message = cls(body="".join(text), **told)
        message.attach_alternative("".join(html), "text/html")
        message.pieces = text, html
        return message

    def message(self, **_: Any) -> Any:
        return _Bytes(self)


class _Bytes:
    """What a mail backend asks of a message."""

    def __init__(self, message: TwoForms) -> None:
        self._message = message

    def as_bytes(self, linesep: str = "\n", **_: Any) -> bytes:
        return b"".join(self._parts(linesep))

    def _parts(self, linesep: str) -> Iterator[bytes]:
        message, boundary = self._message, f"=_{uuid4().hex}"
        [(html, kind)] = message.alternatives
        head = [_header(name, value, linesep) for name, value in _headers(message)]
        yield _lines(
            *head, f'Content-Type: multipart/alternative; boundary="{boundary}"', "", linesep=linesep
        )
        forms = message.pieces or ([str(message.body)], [str(html)])
        for form, mime in zip(forms, ("text/plain", str(kind)), strict=True):
            yield _lines(
                f"--{boundary}",
                f'Content-Type: {mime}; charset="utf-8"',
                "Content-Transfer-Encoding: quoted-printable",
                "",
                linesep=linesep,
            )
            yield from _quoted(form, linesep)
            yield linesep.encode()
        yield _lines(f"--{boundary}--", linesep=linesep)


def _lines(*lines: str, linesep: str) -> bytes:
    return "".join(f"{line}{linesep}" for line in lines).encode("ascii")


# What is longer is a message's own: it would drive out what others share.
SHARED = 2000


def _quoted(pieces: Sequence[str], linesep: str) -> Iterator[bytes]:
    """Quoted-printable. Each line stands by itself there, so that pieces which are whole lines can be put together."""
    part = ""
    for piece in pieces:
        part += piece
        if part.endswith("\n"):
            yield (_of_lines if len(part) <= SHARED else _of_lines.__wrapped__)(part, linesep)
            part = ""
    yield _of_lines.__wrapped__(part, linesep)


@lru_cache(maxsize=4096)
def _of_lines(text: str, linesep: str) -> bytes:
    return b2a_qp(text.encode(), istext=True).replace(b"\n", linesep.encode())


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
