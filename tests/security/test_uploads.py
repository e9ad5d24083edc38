"""No file is kept that is not what its name says, or that grows when it is opened; and to find out costs little."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from register.initiatives.models import Document, Initiative
from tests.core.test_files import REFUSED
from tests.security.planting import ledger
from tests.security.world import World
from tests.support import papers
from tests.support.hostile import Attack

DISGUISED: dict[str, tuple[str, bytes]] = {
    "a page as a picture": ("a.png", b"<html><script>alert(1)</script></html>"),
    "a page behind a picture's head": ("a.html", papers.png() + b"<script>alert(1)</script>"),
    "a drawing that runs": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "a program as a document": ("a.docx", b"MZ" + bytes(400)),
    "a program with two endings": ("a.pdf.exe", b"MZ" + bytes(400)),
    "a program with a space behind": ("a.exe ", b"MZ" + bytes(400)),
    "a program with a dot behind": ("a.exe.", b"MZ" + bytes(400)),
    "a script as a text's double": ("a.txt.js", b"alert(1)"),
    "an archive as a document": ("a.docx", papers.zipped({"x.exe": b"MZ"})),
    "a workbook as a letter": ("a.docx", papers.office("xlsx")),
    "a PDF as a spreadsheet": ("a.xlsx", papers.PDF),
    "bytes as a text": ("a.txt", bytes(range(256))),
    "a text with a NUL": ("a.csv", b"a,b\0c"),
    "an empty picture": ("a.png", b""),
    "a Java archive": ("a.jar", papers.zipped({"META-INF/MANIFEST.MF": b"x"})),
    "macros under another name": ("a.docx", papers.office("docx", **{"word__vbaProject.bin": b"x"})),
    "a turned name": ("a\u202efdp.exe", b"MZ" + bytes(400)),
}  # fmt: skip
ZEROS = bytes(8 * 1024 * 1024)
BOMBS: dict[str, tuple[str, bytes]] = {
    **{f"zeros in a {kind}": (f"a.{kind}", papers.office(kind, media__big=ZEROS)) for kind in papers.MAIN},
    **{f"zeros in a {kind}": (f"a.{kind}", papers.open_document(kind, big=ZEROS)) for kind in papers.MEDIA},
    "a part that claims terabytes": ("a.docx", papers.claiming_size(papers.office(), 2**31)),
    "a list that claims 60,000 parts": ("a.docx", papers.claiming(papers.office(), entries=60_000)),
    "two parts of the same bytes": ("a.docx", papers.doubled(papers.office())),
    "an archive in an archive in an archive": (
        "a.docx",
        papers.office(word__embeddings__a=papers.office(word__embeddings__b=papers.office(word__embeddings__c=papers.PDF))),
    ),
    "5,000 parts": ("a.docx", papers.office(**{f"word__p{number}": b"" for number in range(5000)})),
    "a picture of 100,000 dots a side": ("a.png", papers.png(100_000, 100_000)),
    "a photograph of 65,000 dots a side": ("a.jpg", papers.jpeg(65_000, 65_000)),
    "a picture of 4 billion dots a side": ("a.png", papers.png(2**32 - 1, 2**32 - 1)),
}  # fmt: skip


def refused(world: World, tmp_path: Path, settings: Any, name: str, content: bytes) -> None:
    settings.MEDIA_ROOT = tmp_path
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    before, began, kept = ledger(), time.process_time(), Document.objects.count()
    upload = SimpleUploadedFile("x", content, "application/pdf")
    upload._name = name
    answer = world.client("opener").post(
        f"/initiatives/{record.reference}/documents/new/", {"title": "A plan", "file": upload}
    )
    assert answer.status_code in (400, 422), answer.status_code
    assert time.process_time() - began < 5
    assert (ledger(), Document.objects.count()) == (before, kept)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("what", DISGUISED)
def test_no_file_is_kept_that_is_something_else(
    world: World, attack: Attack, tmp_path: Path, settings: Any, what: str
) -> None:
    attack("disguised files", what)
    refused(world, tmp_path, settings, *DISGUISED[what])


@pytest.mark.parametrize("what", BOMBS)
def test_no_file_is_kept_that_grows_when_it_is_opened(
    world: World, attack: Attack, tmp_path: Path, settings: Any, what: str
) -> None:
    attack("decompression bombs", what)
    refused(world, tmp_path, settings, *BOMBS[what])


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_below_is_refused_by_the_page_too(
    world: World, attack: Attack, tmp_path: Path, settings: Any, what: str
) -> None:
    name, content, _ = REFUSED[what]
    attack("disguised files", what)
    refused(world, tmp_path, settings, name, content)


def test_an_honest_file_is_kept(world: World, tmp_path: Path, settings: Any) -> None:
    """Or the refusals above would prove nothing."""
    settings.MEDIA_ROOT = tmp_path
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    for name, content in (("a.pdf", papers.PDF), ("a.docx", papers.office()), ("a.png", papers.png())):
        answer = world.client("opener").post(
            f"/initiatives/{record.reference}/documents/new/",
            {"title": "A plan", "file": SimpleUploadedFile(name, content)},
        )
        assert answer.status_code == 302
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
