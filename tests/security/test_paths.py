"""No address and no name of a file leads outside what is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from register.core.tracking import origin, recorded
from register.initiatives.models import Document, Initiative
from tests.security.planting import ledger
from tests.security.world import World, body, close
from tests.support.hostile import Attack

KIND = "path traversal"
UP = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc/passwd",
    "....//....//etc/passwd",
    "..\\..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd",
    "%c0%ae%c0%ae/etc/passwd",
    "..;/..;/etc/passwd",
    "./.././.././etc/passwd",
    "//etc/passwd",
    "/etc/passwd%00.css",
    "..%00/etc/passwd",
    "C:%5cwindows%5cwin.ini",
    "file:///etc/passwd",
    "~root/.profile",
]


@pytest.mark.parametrize("path", UP)
def test_no_address_leads_out(world: World, attack: Attack, path: str) -> None:
    for client, start in (
        (Client(raise_request_exception=False), "/static/"),
        (world.client("opener"), "/initiatives/"),
        (world.client("opener"), "/groups/"),
        (world.client("opener"), "/organisations/"),
        (world.client("opener"), "/places/"),
    ):
        attack(KIND, f"{start}{path}")
        answer = client.get(f"{start}{path}")
        assert answer.status_code in (301, 302, 400, 404), (start, answer.status_code)
        assert "root:" not in body(answer)


NAMES = [
    "../../../etc/cron.d/x.txt",
    "..\\..\\x.txt",
    "/etc/passwd.txt",
    "a/../../b.txt",
    "....//x.txt",
    "x\x00.txt",
    ".htaccess.txt",
    "con.txt",
    "a" * 300 + ".txt",
    "\u202etxt.exe.txt",
    'x"; filename="y.exe.txt',
    "x\r\nSet-Cookie: a=b.txt",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name)[:40])
def test_a_file_is_kept_under_a_name_of_ours_in_a_place_of_ours(
    world: World, attack: Attack, tmp_path: Path, settings: Any, name: str
) -> None:
    attack(KIND, f"a file named {name!r}")
    settings.MEDIA_ROOT = tmp_path / "documents"
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    upload = SimpleUploadedFile("x.txt", b"A text.", "text/plain")
    upload._name = name  # past what Django makes of it
    answer = world.client("opener").post(
        f"/initiatives/{record.reference}/documents/new/", {"title": "A plan", "file": upload}
    )
    assert answer.status_code in (302, 400, 422)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in kept:
        assert path.parent.parent == settings.MEDIA_ROOT or path.is_relative_to(settings.MEDIA_ROOT)
        assert "x" not in path.suffix
        assert "passwd" not in path.name
    if answer.status_code == 302:
        [document] = Document.objects.filter(initiative=record).exclude(file="")
        assert not set(document.file_name) & set('/\\\0\r\n"\u202e')
        got = world.client("opener").get(f"/initiatives/{record.reference}/documents/{document.pk}/file/")
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert "Set-Cookie" not in got.headers
        close(got)


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "1/../../secret.txt", "..\\secret.txt"])
def test_not_even_a_path_in_the_database_leads_out(
    world: World, attack: Attack, tmp_path: Path, settings: Any, path: str
) -> None:
    attack(KIND, f"a document's path: {path}")
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.MEDIA_ROOT.mkdir()
    (tmp_path / "secret.txt").write_text("root: not for you")
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    with origin("test"), recorded(by=None):
        document = Document.objects.create(initiative=record, title="A plan", file=path, file_name="plan.txt")
    before = ledger()
    answer = world.client("opener").get(f"/initiatives/{record.reference}/documents/{document.pk}/file/")
    assert answer.status_code in (400, 404)
    assert "root:" not in body(answer)
    assert ledger() == before


def test_documents_are_not_among_what_is_served_as_files() -> None:
    media, static = Path(current.MEDIA_ROOT).resolve(), Path(current.STATIC_ROOT).resolve()
    assert media not in (static, *static.parents)
    assert static not in media.parents
    assert not current.MEDIA_URL.strip("/")
