"""A file kept with a record: who may see the record may fetch it, always as a download, and it goes when taken off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from register.core.clock import now
from register.core.files import accepting, receiving
from register.core.tracking import origin, recorded
from register.history.models import Change
from register.initiatives.leftovers import remove_leftovers
from register.initiatives.models import Document, Initiative
from register.initiatives.services import remove_from_record
from tests.factories import initiative, person
from tests.initiatives.support import LEAD
from tests.support import papers
from tests.support.clamav import EICAR, scanning

pytestmark = pytest.mark.django_db
CONTENT = papers.PDF + b"<script>alert(1)</script>"


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
    assert answer["Content-Security-Policy"].endswith("; sandbox")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "caf%C3%A9.pdf" in answer["Content-Disposition"]
    assert "pdf" not in kept(documents_folder)[0].name


@pytest.mark.parametrize(
    ("fields", "role", "kinds"),
    [
        ({"marking": "official_sensitive"}, "reader", ["opened_document"]),
        ({"audience": "draft"}, "auditor", ["opened_document"]),
        ({"audience": "draft"}, "contributor", []),
        ({}, "reader", []),
    ],
)
def test_which_document_of_a_guarded_record_left_is_noted_once_an_hour(
    client: Client, document: Document, fields: dict[str, str], role: str, kinds: list[str]
) -> None:
    with origin("test"), recorded(by=None):
        Initiative.objects.filter(pk=document.initiative_id).update(**fields)
    user = person(role, at=None if role == "auditor" else LEAD)
    client.force_login(user)
    for _ in range(2):
        assert client.get(address(document)).getvalue() == CONTENT
    told = Change.ledger.filter(operation="N", actor_id=user.pk, table_name="opened_document")
    assert [row.table_name for row in told] == kinds
    assert {(row.root_id, row.object_id) for row in told} <= {(document.initiative_id, document.pk)}


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
        ("page.pdf", b"<script>go()</script>", {}, "What is in this file is not what its name ends in"),
        ("letter.docm", papers.office(), {}, "This document carries macros"),
        ("large.pdf", CONTENT * 100, {}, "Choose a file of 20 MB or less."),
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
    monkeypatch.setattr(accepting, "MOST_BYTES", 1000)
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


def test_the_title_stays_when_the_file_is_refused_and_the_file_is_asked_for_again(
    contributor: Client, record: Initiative
) -> None:
    told = send(contributor, record, "page.html").content.decode()
    assert 'value="Business case"' in told
    told = send(contributor, record, "plan.pdf", title="").content.decode()
    assert "Choose the file again" in told


def test_of_a_file_that_is_too_large_no_more_is_stored_than_may_be_kept(
    contributor: Client, record: Initiative, monkeypatch: Any, settings: Any
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(accepting, "MOST_BYTES", 100_000)
    monkeypatch.setattr(receiving, "MOST_BYTES", 100_000)
    written = []
    write = receiving.BoundedFile.receive_data_chunk

    def watched(handler: Any, raw_data: bytes, start: int) -> None:
        write(handler, raw_data, start)
        written.append(handler.file.tell())

    monkeypatch.setattr(receiving.BoundedFile, "receive_data_chunk", watched)
    answer = send(contributor, record, "plan.pdf", papers.PDF + bytes(1_000_000), title="Business case")
    assert answer.status_code == 422
    assert "This one has 976.6" in answer.content.decode()
    assert 'value="Business case"' in answer.content.decode()
    assert max(written) < 200_000


def test_a_request_beyond_all_forms_is_not_read_and_gets_a_page(
    contributor: Client, record: Initiative, monkeypatch: Any
) -> None:
    monkeypatch.setattr(receiving, "MOST_OF_A_REQUEST", 1000)
    answer = send(contributor, record, "plan.pdf", papers.PDF + bytes(2000))
    assert answer.status_code == 400
    assert "too large" in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nContent-Disposition: form-data; name=title\r\n\r\nx",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--b--",
        b"\0" * 1000,
        b"".join(
            b"--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n" for _ in range(50)
        ),
        b"".join(b"--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n" for _ in range(1100)),
    ],
    ids=["cut off", "not base64", "zeros", "many files", "many fields"],
)
def test_a_body_that_is_no_form_gets_a_page_and_keeps_nothing(
    contributor: Client, record: Initiative, documents_folder: Path, body: bytes
) -> None:
    address = f"{record.get_absolute_url()}documents/new/"
    answer = contributor.post(address, body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code in (400, 422)
    assert b"<h1" in answer.content
    assert not kept(documents_folder)


def test_the_form_says_whether_files_are_scanned(
    contributor: Client, record: Initiative, settings: Any
) -> None:
    address = f"{record.get_absolute_url()}documents/new/"
    assert "It is not scanned for viruses here." in contributor.get(address).content.decode()
    settings.CLAMAV = "tcp://127.0.0.1:1"
    assert "It is scanned for viruses." in contributor.get(address).content.decode()


def test_what_the_scanner_finds_or_cannot_look_into_is_not_kept(
    contributor: Client, record: Initiative, documents_folder: Path, settings: Any
) -> None:
    with scanning() as scanner:
        settings.CLAMAV = scanner.address
        assert "found something harmful" in send(contributor, record, "a.txt", EICAR).content.decode()
    assert "Try again later" in send(contributor, record, "a.pdf").content.decode()
    assert not Document.objects.exists()
    assert not kept(documents_folder)


def test_a_file_that_no_document_names_goes_after_a_day(document: Document, documents_folder: Path) -> None:
    loose = documents_folder / "7" / "loose"
    loose.parent.mkdir()
    loose.write_bytes(CONTENT)
    assert remove_leftovers(before=now() - timedelta(days=1)) == 0
    assert remove_leftovers(before=now() + timedelta(days=1)) == 1
    assert [path.name for path in kept(documents_folder)] == [Path(document.file.name).name]


def test_nothing_goes_when_it_looks_like_the_wrong_folder(
    document: Document, documents_folder: Path, caplog: Any
) -> None:
    for number in range(21):
        (documents_folder / f"loose-{number}").mkdir()
        (documents_folder / f"loose-{number}" / "file").write_bytes(CONTENT)
    assert remove_leftovers(before=now() + timedelta(days=1)) == 0
    assert "is this the right folder?" in caplog.text
    assert len(kept(documents_folder)) == 22
