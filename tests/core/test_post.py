"""Messages arrive as they were written, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage

from register.core.post import Fate, Post
from tests.support.mail import mail_server


@pytest.mark.parametrize("body", [".", "one\n.two\n..\n\n.\nthree.", "one\n.\n", ""])
def test_a_line_that_begins_with_a_point_ends_no_message(settings: Any, body: str) -> None:
    with mail_server(settings) as sink, Post() as post:
        for subject in ("first", "second"):
            message = EmailMessage(subject, body, "register@example.org", ["mo@example.org"])
            assert post.send(message).fate is Fate.SENT
        told = [(m["Subject"], m.get_content().replace("\r\n", "\n").rstrip("\n")) for m in sink.received]
    assert told == [("first", body.rstrip("\n")), ("second", body.rstrip("\n"))]


def test_what_is_withdrawn_at_the_last_moment_does_not_arrive_and_the_next_does(settings: Any) -> None:
    with mail_server(settings) as sink, Post() as post:
        first = EmailMessage("first", "body", "register@example.org", ["mo@example.org"])
        assert post.send(first, before_text=lambda: False).fate is Fate.WITHDRAWN
        second = EmailMessage("second", "body", "register@example.org", ["mo@example.org"])
        assert post.send(second, before_text=lambda: True).fate is Fate.SENT
        assert [message["Subject"] for message in sink.received] == ["second"]
