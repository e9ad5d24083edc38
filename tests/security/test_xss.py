"""No text that somebody typed, and nothing that stands in an address, is ever more than text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.template import Context, Template
from django.test import Client

from register.core.tracking import origin, recorded
from register.initiatives.models import Document, Initiative
from register.initiatives.services import add_document
from tests.security.forms import Form, forms_of, posting_forms
from tests.security.planted import Planted
from tests.security.planting import PAYLOADS, columns, escaped_from, marks, shown
from tests.security.world import body
from tests.support.hostile import Attack


@pytest.fixture(scope="module", autouse=True)
def in_its_database(
    planted: Planted, planted_database: Any, worker_database: Any, django_db_blocker: Any
) -> Iterator[None]:
    with django_db_blocker.unblock():
        planted_database.use()
        yield
        worker_database.use()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_detector_finds_what_a_careless_template_lets_through(payload: str) -> None:
    text = payload.format(*["1_2"] * payload.count("{}"))
    markdown = payload.startswith(("[a]", "![a]"))
    careless = {
        "<": "<p>{{ text|safe }}</p>",
        '"': '<input value="{{ text|safe }}">',
        "'": "<input value='{{ text|safe }}'>",
        "]": "<p>{{ text|safe }}</p>",
    }.get(text[0], "<p>{{ text|safe }}</p>")
    if markdown:
        address = text.split("(", 1)[1].rstrip(")").replace(' "', '" ')
        careless = f'<a href="{address}">a</a>'
    if "{{" in text:
        made = Template(f"<p>{text}</p>").render(Context({}))
    else:
        made = Template(careless).render(Context({"text": text}))
    assert escaped_from(made), made
    careful = Template("<p title='{{ text }}'>{{ text }}</p><input value=\"{{ text }}\">")
    assert escaped_from(careful.render(Context({"text": text}))) == []


def test_a_mark_tells_the_payload_and_not_the_column_alone(planted: Planted) -> None:
    """Or the tally would count what was planted in rows that no page shows."""
    texts = [text for column in columns() for _, text in column.texts()]
    assert len({frozenset(marks(text)) for text in texts}) == len(texts)
    assert marks("<p>&lt;x7k101_3&gt; and x7k101_4") == {"x7k101_3", "x7k101_4"}


def test_no_stored_text_escapes_on_any_page(planted: Planted, attack: Attack) -> None:
    reached = marks(planted.everything())
    for pair, text in planted.pairs.items():
        if marks(text) & reached:  # of what was planted only what some page, file or email really holds
            attack("stored XSS", pair)
    assert {address: status for address, status in planted.statuses.items() if status >= 500} == {}
    assert {
        address: escaped_from(html) for address, html in planted.pages.items() if escaped_from(html)
    } == {}


def test_no_stored_text_escapes_in_any_email(planted: Planted, attack: Attack) -> None:
    subjects = " ".join(str(message["Subject"]) for message in planted.mail)
    assert "digest" in subjects
    assert "see to" in subjects
    seen: set[int] = set()
    for message in planted.mail:
        for part in message.walk():
            if part.get_content_type() == "text/html":
                html = part.get_content()
                seen |= shown(html)
                assert escaped_from(html) == [], message["Subject"]
    for column in columns():
        if column.number in seen:
            attack("stored XSS", f"{column} in an email")
    assert len(seen) > 5


def test_nearly_every_column_that_people_type_into_is_seen_somewhere(planted: Planted) -> None:
    """Or the walk would prove little. (What else an organisation was called, for instance, is only searched.)"""
    reached = shown(planted.everything())
    never = {str(column) for column in columns() if column.number not in reached}
    assert len(never) <= len(columns()) * 0.25, never


def _hostile_values(names: list[str], number: int) -> dict[str, str]:
    told = {}
    for place, name in enumerate(names):
        payload = PAYLOADS[(place + number) % 12]
        told[name] = payload.format(*[900 + place] * payload.count("{}"))
    return told


def test_nothing_that_stands_in_an_address_escapes(planted: Planted, attack: Attack) -> None:
    """Each page is asked with every field of its forms of search, and some that pages take without a form."""
    tried = 0
    for number, (address, html) in enumerate(planted.pages.items()):
        asking = {name for form in forms_of(html) if form.method == "get" for name in form.names}
        if not asking and "?" not in address and number % 4:
            continue
        names = sorted(asking | {"page", "next", "sort", "unheard_of"})
        told = _hostile_values(names, number)
        asked = f"{address.split('?')[0]}?{urlencode(told)}"
        answer = planted.client.get(asked)
        attack("reflected XSS", asked)
        assert answer.status_code < 500, asked
        assert escaped_from(body(answer)) == [], asked
        tried += 1
    assert tried >= 10


def test_nothing_that_is_posted_escapes(planted: Planted, attack: Attack) -> None:
    """Every form, with hostile text in all that one types and in what its choices and hidden fields say."""
    seen = set()
    for number, (address, html) in enumerate(planted.pages.items()):
        for form in posting_forms(html):
            target = form.action or address.split("?")[0]
            kind = (target.split("/")[1], tuple(sorted(form.names)))
            if kind in seen or "logout" in target:
                continue
            seen.add(kind)
            _post(planted, target, form, number, attack)
    assert len(seen) > 30


def _post(planted: Planted, target: str, form: Form, number: int, attack: Attack) -> None:
    """Its first time with text only in what one types, then everywhere."""
    kept = {name: values for name, values in form.fields.items() if name != "csrfmiddlewaretoken"}
    typed = kept | _hostile_values(form.text_fields(), number)
    every = _hostile_values(
        [name for name in form.names if "csrf" not in name and "FORMS" not in name], number
    )
    for told in (typed, kept | every):
        answer = planted.client.post(target, told, follow=True)
        attack("reflected XSS", f"POST {target} {sorted(form.names)}")
        assert answer.status_code < 500, (target, told)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert escaped_from(body(answer)) == [], (target, told)


@pytest.mark.parametrize(
    "path",
    [
        "/initiatives/%3Cx7k1%3E/",
        "/%22%3E%3Cx7k1%3E",
        "/organisations/<svg onload=x7k1>/",
        "/groups/'onx7k1='/",
        "/static/%3Cx7k1%3E.css",
        "/digests/unsubscribe/%3Cx7k1%3E/",
        "/digests/still-current/%22%3E%3Cx7k1%3E/",
        "/account/login/?next=%22%3E%3Cx7k1%3E",
        "/account/login/?next=javascript:x7k1",
        "/account/password/reset/key/%3Cx7k1%3E-set-password/",
    ],
)
def test_no_page_of_an_error_or_for_strangers_repeats_an_address_as_more_than_text(
    planted: Planted, attack: Attack, path: str
) -> None:
    attack("reflected XSS", path)
    for client in (planted.client, Client()):
        answer = client.get(path)
        assert answer.status_code < 500
        assert escaped_from(body(answer)) == []


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "https:javascript:alert(1)",
        "file:///etc/passwd",
        'https://example.org/" onclick="alert(1)',
        "https://example.org/\nSet-Cookie: a=b",
    ],
)
def test_no_door_takes_a_link_that_a_browser_would_run(planted: Planted, attack: Attack, link: str) -> None:
    attack("stored XSS", f"a document's link: {link}")
    record = Initiative.objects.kept().order_by("pk")[0]
    told = {"title": "x", "link": link}
    assert planted.client.post(f"/initiatives/{record.reference}/documents/new/", told).status_code == 422
    kept = Document.objects.values_list("link", flat=True)
    assert [one for one in kept if one and not one.startswith(("https://", "http://"))] == []
    assert not [one for one in kept if set(one) & set('"\n\t <>')]
    with origin("test"), recorded(by=None), pytest.raises(Exception, match=r"."):
        add_document(by=None, initiative=record, title="x", link=link)
