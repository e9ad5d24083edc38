"""A file kept with a record: who may see the record may fetch it, always as a download, and it goes when taken off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from register.core.tracking import origin
from register.initiatives.forms import papers
from register.initiatives.models import Document, Initiative
from register.initiatives.services import remove_from_record
from tests.factories import initiative, person
from tests.initiatives.support import LEAD

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 <script>alert(1)</script>"


@pytest.fixture(autouse=True)
def documents_folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def record() -> Initiative:
    return initiative(audience="partners")


@pytest.fixture
def contributor(client: Client) -> Client:
    client.force_login(person("contributor", at=LEAD))
    return client


def send(client: Client, record: Initiative, name: str, content: bytes = CONTENT, **more: str) -> Any:
    file = SimpleUploadedFile(name, content, "text/html")
    fields = {"title": "Business case", "file": file} | more
    return client.post(f"{record.get_absolute_url()}documents/new/", fields)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def document(contributor: Client, record: Initiative) -> Document:
    assert send(contributor, record, "Case – café.pdf").status_code == 302
    return Document.objects.get()


def address(document: Document) -> str:
    return f"{document.initiative.get_absolute_url()}documents/{document.pk}/file/"


def test_what_was_sent_comes_back_as_a_download_under_its_own_name(
    contributor: Client, document: Document, documents_folder: Path
) -> None:
    assert address(document) in contributor.get(document.initiative.get_absolute_url()).content.decode()
    answer = contributor.get(address(document))
    assert b"".join(answer.streaming_content) == CONTENT
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "caf%C3%A9.pdf" in answer["Content-Disposition"]
    assert "pdf" not in kept(documents_folder)[0].name


def test_it_is_not_there_for_who_may_not_see_its_record(client: Client, document: Document) -> None:
    client.force_login(person("reader"))
    assert client.get(address(document)).status_code == 404
    client.logout()
    assert client.get(address(document))["Location"].startswith("/account/login/")


def test_it_is_not_reached_through_another_record(contributor: Client, document: Document) -> None:
    other = initiative("Another", audience="everyone")
    assert contributor.get(f"{other.get_absolute_url()}documents/{document.pk}/file/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "more", "said"),
    [
        ("page.html", CONTENT, {}, "Choose a PDF, an Office document, a text or a picture."),
        ("run.pdf.exe", CONTENT, {}, "Choose a PDF, an Office document, a text or a picture."),
        ("nothing.pdf", b"", {}, "The submitted file is empty."),
        ("large.pdf", b"x" * 101, {}, "Choose a file of 20 MB or less."),
        (
            "two.pdf",
            CONTENT,
            {"link": "https://example.org/"},
            "Give a link or choose a file, one of the two.",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_leaves_nothing(
    contributor: Client, record: Initiative, documents_folder: Path, monkeypatch: Any,
    name: str, content: bytes, more: dict[str, str], said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(papers, "MOST_BYTES", 100)
    answer = send(contributor, record, name, content, **more)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Document.objects.exists()
    assert not kept(documents_folder)


def test_it_goes_when_it_is_taken_off_and_only_once_that_is_certain(
    document: Document, documents_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), origin("test"):
        remove_from_record(by=None, row=document, reason="A double.")
        assert kept(documents_folder)
    assert not kept(documents_folder)


def test_a_file_that_was_lost_is_a_page_that_says_so(contributor: Client, document: Document) -> None:
    Path(document.file.path).unlink()
    assert contributor.get(address(document)).status_code == 404
