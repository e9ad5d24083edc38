"""Whatever a request's body is, the answer says that it could not be read; it is never a fault of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.initiatives.models import Initiative
from tests.house.addresses import addresses
from tests.security.planting import ledger
from tests.security.world import World
from tests.support.hostile import Attack

KIND = "malformed bodies"
PART = b'--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--B--\r\n'
MULTIPART = "multipart/form-data; boundary=B"


def part(disposition: bytes, value: bytes = b"x", more: bytes = b"") -> bytes:
    return b"--B\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n" + value + b"\r\n--B--\r\n"


FILE = b'form-data; name="file"; filename="'
# What it is: content type, body.
BODIES: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", PART),
    "an empty boundary": ("multipart/form-data; boundary=", PART),
    "another boundary": ("multipart/form-data; boundary=C", PART),
    "a boundary of 300 characters": (f"multipart/form-data; boundary={'B' * 300}", PART),
    "a boundary that is not ASCII": ("multipart/form-data; boundary=é", PART),
    "a boundary with a line end": ('multipart/form-data; boundary="B\r\nX: y"', PART),
    "no end": (MULTIPART, PART[:-8]),
    "no body": (MULTIPART, b""),
    "only boundaries": (MULTIPART, b"--B\r\n" * 5000 + b"--B--\r\n"),
    "a part without a name": (MULTIPART, part(b"form-data")),
    "a part without a disposition": (MULTIPART, b"--B\r\n\r\nx\r\n--B--\r\n"),
    "a header without an end": (MULTIPART, b"--B\r\nContent-Disposition: form-data; name=" + b"a" * 9000),
    "a header of 100 kB": (MULTIPART, part(b'form-data; name="a"', more=b"X-A: " + b"a" * 100_000 + b"\r\n")),
    "2,000 headers of a part": (MULTIPART, part(b'form-data; name="a"', more=b"X-A: b\r\n" * 2000)),
    "a name with a NUL": (MULTIPART, part(b'form-data; name="ti\0tle"')),
    "a name of 10 kB": (MULTIPART, part(b'form-data; name="' + b"a" * 10_000 + b'"')),
    "a name with a line end": (MULTIPART, part(b'form-data; name="a\nb"')),
    "a file's name with a NUL": (MULTIPART, part(FILE + b'a\0.pdf"')),
    "a file's name of 10 kB": (MULTIPART, part(FILE + b"a" * 10_000 + b'.pdf"')),
    "a file's name that is a path": (MULTIPART, part(FILE + b'../../../etc/passwd"')),
    "a file's name that is nothing": (MULTIPART, part(FILE + b'"')),
    "a file's name that is broken UTF-8": (MULTIPART, part(b"form-data; name=\"file\"; filename*=UTF-8''%ff%fe.pdf")),
    "a file's name in a charset there is not": (MULTIPART, part(b"form-data; name=\"file\"; filename*=x-no''a.pdf")),
    "base64 that is none": (
        MULTIPART, part(b'form-data; name="title"', b"!!!!", b"Content-Transfer-Encoding: base64\r\n")
    ),
    "a charset there is not": ("application/x-www-form-urlencoded; charset=x-none", b"title=x"),
    "UTF-16": ("application/x-www-form-urlencoded; charset=utf-16", "title=x".encode("utf-16")),
    "bytes that are no UTF-8": ("application/x-www-form-urlencoded", b"title=\xff\xfe\xc0\x80"),
    "percents that are none": ("application/x-www-form-urlencoded", b"title=%zz%&%=%u0041"),
    "a NUL": ("application/x-www-form-urlencoded", b"title=a%00b&version=%00&reason=%00&next=%00&q=%00"),
    "a surrogate": ("application/x-www-form-urlencoded", b"title=%ED%A0%80&reason=%ED%A0%80&text=%ED%A0%80"),
    "2,000 fields": ("application/x-www-form-urlencoded", "&".join(f"f{n}=x" for n in range(2000)).encode()),
    "one field 2,000 times": ("application/x-www-form-urlencoded", b"title=x&" * 900),
    "9 MB": ("application/x-www-form-urlencoded", b"title=" + b"x" * (9 * 1024 * 1024)),
    "numbers out of every range": (
        "application/x-www-form-urlencoded",
        b"version=99999999999999999999&partners-TOTAL_FORMS=-1&partners-INITIAL_FORMS=1e9&benefit=1e400&year=0",
    ),
    "a million rows": (
        "application/x-www-form-urlencoded", b"title=x&partners-TOTAL_FORMS=1000000&partners-INITIAL_FORMS=0"
    ),
    "JSON": ("application/json", b'{"title": "x"}'),
    "deep JSON": ("application/json", b"[" * 50_000),
    "XML with an entity": (
        "text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    ),
    "a type there is not": ("x" * 300, b"title=x"),
    "a type with a NUL": ("text/\0plain", b"title=x"),
}  # fmt: skip


def targets(world: World) -> list[str]:
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    return [
        "/initiatives/new/",
        f"/initiatives/{record.reference}/documents/new/",
        f"/initiatives/{record.reference}/edit/",
        "/groups/exampleshire/edit/",
    ]


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_not_what_it_should_be_breaks_nothing(world: World, attack: Attack, what: str) -> None:
    content_type, sent = BODIES[what]
    before = ledger()
    for address in targets(world):
        attack(KIND, f"{what} to {address}")
        answer = world.client("opener").generic("POST", address, sent, content_type)
        assert answer.status_code in (200, 302, 400, 403, 404, 413, 415, 422), (address, answer.status_code)
        assert b"Traceback" not in answer.getvalue()
    assert ledger() == before


STRANGERS = [
    "/account/login/",
    "/account/password/reset/",
    "/digests/unsubscribe/x/",
    "/digests/still-current/x/",
]


@pytest.mark.parametrize("what", BODIES)
def test_nor_does_one_from_a_stranger(world: World, attack: Attack, what: str) -> None:
    content_type, sent = BODIES[what]
    place = list(BODIES).index(what)
    for address in (STRANGERS[place % 4], STRANGERS[(place + 1) % 4]):
        attack(KIND, f"{what} to {address}")
        answer = Client(raise_request_exception=False).generic("POST", address, sent, content_type)
        assert answer.status_code in (200, 302, 400, 403, 404, 405, 413, 429), (address, answer.status_code)


def test_every_address_takes_fields_that_are_nonsense(world: World, attack: Attack) -> None:
    """Each with values that fit no field: the answer is never a fault of ours."""
    names = (
        "version pk initiative group to_stage role organisation benefit financial_year parties areas places barriers"
        " partners-TOTAL_FORMS partners-INITIAL_FORMS weekday hour meeting query next seen code into remove like items"
    )
    nonsense = {name: ["\ud7ff", "9" * 30, "-1"] for name in names.split()}
    client = world.client("opener")
    for name, address in addresses():
        if name in ("group_digest_preview_send", "group_digest_again"):
            continue  # these would send mail
        attack(KIND, f"nonsense to {name}")
        answer = client.post(address, nonsense)
        assert answer.status_code < 500, (name, answer.status_code)


HEADERS: dict[str, dict[str, Any]] = {
    "a cookie of 8 kB": {"Cookie": "a=" + "b" * 8000},
    "300 cookies": {"Cookie": "; ".join(f"c{n}=x" for n in range(300))},
    "a broken cookie": {"Cookie": 'session="\\"; =;;; csrf=\x01'},
    "a language there is not": {"Accept-Language": "xx-" + "y" * 500},
    "500 languages": {"Accept-Language": ",".join(f"l{n}" for n in range(500))},
    "a type that is none": {"Accept": "*/*/*;q=x"},
    "a day that is none": {"If-Modified-Since": "Thu, 99 Foo 20999 99:99:99 GMT"},
    "an encoding that is none": {"Accept-Encoding": "gzip;q=x, \x01"},
    "a range that is none": {"Range": "bytes=-1--5,a"},
    "a browser of 8 kB": {"User-Agent": "M" * 8000},
    "a browser with control characters": {"User-Agent": "a\x01\x1b[31mb"},
    "what only htmx sends": {"HX-Request": "true", "HX-Current-URL": "http://[::1", "HX-Target": "<x>"},
    "an address that is none": {"X-Forwarded-For": "999.999.999.999, <script>"},
}


@pytest.mark.parametrize("what", HEADERS)
def test_no_header_breaks_a_page(world: World, attack: Attack, what: str) -> None:
    attack(KIND, f"header: {what}")
    for client, address in (
        (Client(raise_request_exception=False), "/account/login/"),
        (world.client("reader"), "/"),
    ):
        assert client.get(address, headers=HEADERS[what]).status_code in (200, 302, 304, 400)


def test_the_way_out_of_an_email_takes_no_other_body(world: World, attack: Attack) -> None:
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=B"):
        attack(KIND, f"one click as {content_type}")
        sent = json.dumps({"List-Unsubscribe": "One-Click"})
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        answer = client.generic("POST", reverse("digest_unsubscribe", args=["x"]), sent, content_type)
        assert answer.status_code in (400, 403, 404)
