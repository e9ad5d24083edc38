"""Messages arrive as they were written, or not at all; commands go to the mail server singly or together."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.mail import EmailMessage

from register.core.post import Fate, Post
from tests.support.mail import Sink, mail_server


@pytest.fixture(params=[True, False], ids=["together", "one by one"])
def sink(request: Any, settings: Any) -> Iterator[Sink]:
    with mail_server(settings, one_breath=request.param) as sink:
        yield sink


def message(subject: str, body: str = "body", to: str = "mo@example.org") -> EmailMessage:
    return EmailMessage(subject, body, "register@example.org", [to])


class Begun:
    """Which messages were about to have their text sent."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    def __call__(self, subject: str) -> Callable[[], bool]:
        def begin() -> bool:
            self.subjects.append(subject)
            return True

        return begin


def subjects(sink: Sink) -> list[str]:
    return [message["Subject"] for message in sink.received]


@pytest.mark.parametrize("body", [".", "one\n.two\n..\n\n.\nthree.", "one\n.\n", ""])
def test_a_line_that_begins_with_a_point_ends_no_message(sink: Sink, body: str) -> None:
    with Post() as post:
        for subject in ("first", "second"):
            assert post.send(message(subject, body)).fate is Fate.SENT
    told = [(m["Subject"], m.get_content().replace("\r\n", "\n").rstrip("\n")) for m in sink.received]
    assert told == [("first", body.rstrip("\n")), ("second", body.rstrip("\n"))]


def test_what_is_withdrawn_at_the_last_moment_does_not_arrive_and_the_next_does(sink: Sink) -> None:
    with Post() as post:
        assert post.send(message("first"), before_text=lambda: False).fate is Fate.WITHDRAWN
        assert post.send(message("second"), before_text=lambda: True).fate is Fate.SENT
    assert subjects(sink) == ["second"]


def test_whoever_is_refused_is_not_begun_and_the_next_goes_over_the_same_connection(sink: Sink) -> None:
    sink.unknown.add("nobody@example.org")
    begun = Begun()
    with Post() as post:
        assert post.send(message("first")).fate is Fate.SENT
        refused = post.send(message("second", to="nobody@example.org"), before_text=begun("second"))
        assert post.send(message("third")).fate is Fate.SENT
    assert (refused.fate, refused.why) == (
        Fate.REFUSED,
        "The mail server said 550 5.1.1 <the address> is not here",
    )
    assert (begun.subjects, subjects(sink), len(sink.sessions)) == ([], ["first", "third"], 1)


def test_a_refused_sender_is_ours_to_mend_and_nothing_is_begun(sink: Sink) -> None:
    sink.to_senders = ["451 4.3.0 not now"]
    begun = Begun()
    with Post() as post:
        refused = post.send(message("first"), before_text=begun("first"))
        assert post.send(message("second")).fate is Fate.SENT
    assert (refused.fate, refused.away, refused.why) == (
        Fate.TEMPORARY,
        True,
        "The mail server said 451 4.3.0 not now",
    )
    assert (begun.subjects, subjects(sink)) == ([], ["second"])


def test_an_address_with_a_line_break_says_nothing_to_the_mail_server(sink: Sink) -> None:
    with Post() as post:
        result = post.send(message("first", to="mo@example.org\r\nRCPT TO:<eve@example.org>"))
    assert result.fate is Fate.PERMANENT
    assert sink.received == []


@contextmanager
def odd_server(settings: Any, **said: str) -> Iterator[list[str]]:
    """A mail server that takes commands together and answers as is said here ("": hangs up). What it heard."""
    answers = dict.fromkeys(["MAIL", "RSET", "NOOP"], "250 OK") | said
    answers |= {"EHLO": "250-odd\r\n250 PIPELINING", "QUIT": "221 bye"}
    heard: list[str] = []

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as lines:
            lines.write(b"220 odd\r\n")
            lines.flush()
            for line in lines:
                heard.append(line.decode().split()[0].upper())
                answer = answers[heard[-1]]
                if not answer:
                    return
                lines.write(f"{answer}\r\n".encode())
                lines.flush()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_TIMEOUT = 5
        yield heard
        thread.join()


def test_a_server_that_would_take_a_text_for_nobody_gets_an_empty_one(settings: Any) -> None:
    says = {"RCPT": "550 5.1.1 not here", "DATA": "354 go on", ".": "554 5.5.1 nobody to take it"}
    with odd_server(settings, **says) as heard, Post() as post:
        results = [post.send(message(subject)).fate for subject in ("first", "second")]
    assert results == [Fate.REFUSED, Fate.REFUSED]
    once = ["MAIL", "RCPT", "DATA", ".", "RSET"]
    assert heard == ["EHLO", *once, "NOOP", *once, "QUIT"]


def test_a_server_that_refuses_somebody_and_hangs_up_has_refused_them(settings: Any) -> None:
    with odd_server(settings, RCPT="550 5.1.1 not here", DATA="") as heard, Post() as post:
        result = post.send(message("first"))
    assert (result.fate, result.why) == (Fate.REFUSED, "The mail server said 550 5.1.1 not here")
    assert heard == ["EHLO", "MAIL", "RCPT", "DATA"]
