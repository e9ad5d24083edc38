"""A message written at once is what the library would have written."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.core.mail import BadHeaderError
from hypothesis import given
from hypothesis import strategies as st

from register.core.mime import TwoForms

lines = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=1200)
texts = st.lists(lines, max_size=5).map("\n".join)


def sent(**told: object) -> EmailMessage:
    message = TwoForms(to=["reader@example.org"], from_email="Register <register@example.org>", **told)
    message.attach_alternative(told.pop("html", "<p>Hello</p>"), "text/html")
    parsed = message_from_bytes(message.message().as_bytes(linesep="\r\n"), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@given(texts, texts.filter(bool))
def test_both_forms_arrive_as_they_were_written(text: str, html: str) -> None:
    message = TwoForms("Hello", text, to=["reader@example.org"])
    message.attach_alternative(html, "text/html")
    raw = message.message().as_bytes(linesep="\r\n")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    for kind, form in (("plain", text), ("html", html)):
        body = parsed.get_body((kind,))
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").removesuffix("\n") == form.removesuffix("\n")


@given(st.lists(texts, max_size=6), st.lists(texts, max_size=6))
def test_what_is_put_together_of_pieces_is_what_it_is_as_a_whole(text: list[str], html: list[str]) -> None:
    pieced = TwoForms.of_pieces(text, html, to=["reader@example.org"])
    whole = TwoForms("", "".join(text), to=["reader@example.org"])
    whole.attach_alternative("".join(html), "text/html")
    one, other = (message.message().as_bytes(linesep="\r\n") for message in (pieced, whole))
    assert _without_what_is_drawn(one) == _without_what_is_drawn(other)


def _without_what_is_drawn(raw: bytes) -> bytes:
    return re.sub(rb"=_[0-9a-f]{32}|(?<=Message-ID: )<.*>|(?<=Date: ).*", b"", raw)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=150))
def test_a_subject_in_any_script_arrives(subject: str) -> None:
    subject = " ".join(subject.split()) or "x"
    assert str(sent(subject=subject)["Subject"]).split() == subject.split()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\nBcc: all@example.org"])
def test_no_header_begins_another(end: str) -> None:
    with pytest.raises(BadHeaderError):
        sent(subject=f"Hello{end}")
    with pytest.raises(BadHeaderError):
        sent(headers={"List-Id": f"<one>{end}"})


def test_what_was_told_is_in_its_head() -> None:
    message = sent(subject="Hello", reply_to=["a@example.org"], headers={"Message-ID": "<one@example.org>"})
    assert message["Message-ID"] == "<one@example.org>"
    assert message["Reply-To"] == "a@example.org"
    assert message["From"] == "Register <register@example.org>"
    assert message["Date"].datetime is not None
    assert message.get_content_type() == "multipart/alternative"


def test_an_address_stays_one_whatever_script_its_name_is_in() -> None:
    message = TwoForms(
        "Hello", "Text", to=["reader@b\u00fccher.example"], from_email="Regist\u00e9r <a@b.example>"
    )
    message.attach_alternative("<p>Hello</p>", "text/html")
    raw = message.message().as_bytes(linesep="\r\n")
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["From"].addresses[0].addr_spec == "a@b.example"
    assert parsed["From"].addresses[0].display_name == "Regist\u00e9r"
    assert parsed["To"].addresses[0].addr_spec == "reader@xn--bcher-kva.example"


def test_no_encoded_word_is_longer_than_mail_programs_read() -> None:
    message = TwoForms("\u201cThe record\u201d " * 12, "Text", to=["reader@example.org"])
    message.attach_alternative("<p>Hello</p>", "text/html")
    raw = message.message().as_bytes(linesep="\r\n").decode()
    words = re.findall(r"=\?utf-8\?[bq]\?[^?]*\?=", raw)
    assert words
    assert max(map(len, words)) <= 75
