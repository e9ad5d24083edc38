"""What files are taken: by name and by content, without unpacking, and clean by the scanner where there is one."""

from __future__ import annotations

import io
import socket
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from register.core.files import accept, accepting, names, zipped
from tests.support import papers
from tests.support.clamav import EICAR, scanning

SETTINGS = "word/_rels/settings.xml.rels"
WORKBOOK = papers.office("xlsx")
ZEROS = bytes(6 * 1024 * 1024)


def office_with(name: str, content: bytes, kind: str = "docx") -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", papers.MAIN[kind]: b"<main/>", name: content}
    return papers.zipped(parts)


TAKEN = {
    "plan.pdf": papers.PDF,
    "PLAN.PDF": papers.PDF,
    "letter.docx": papers.office("docx"),
    "with a chart.docx": office_with("word/embeddings/book.xlsx", WORKBOOK),
    "with an old book.docx": office_with("word/embeddings/oleObject1.bin", papers.old_office("Workbook")),
    "with a template of its own.docx": office_with(
        SETTINGS, papers.relations("attachedTemplate", r"file:///C:\Templates\Force%20letter.dotx")
    ),
    "with a template of its office.docx": office_with(
        SETTINGS, papers.relations("attachedTemplate", r"\\fs01\Templates\Letter.dotx")
    ),
    "with a link.docx": office_with(
        "word/_rels/document.xml.rels", papers.relations("hyperlink", "https://example.org/")
    ),
    "with a part.docx": office_with(
        "word/_rels/document.xml.rels",
        papers.relations("oleObject", "embeddings/oleObject1.bin", "Internal"),
    ),
    "with much inside.pdf": papers.pdf(5_000),
    "book.xlsx": WORKBOOK,
    "slides.pptx": papers.office("pptx"),
    "text.odt": papers.open_document("odt"),
    "table.ods": papers.open_document("ods"),
    "show.odp": papers.open_document("odp"),
    "old.doc": papers.old_office("WordDocument"),
    "old.xls": papers.old_office("Workbook"),
    "older.xls": papers.old_office("Book"),
    "old.ppt": papers.old_office("PowerPoint Document"),
    "photo.png": papers.png(),
    "photo.jpg": papers.jpeg(),
    "photo.jpeg": papers.jpeg(4000, 3000),
    "notes.txt": "Café – £5\n\tnext\r\n".encode(),
    "from excel.csv": "name,cost\nCafé,£5\n".encode("cp1252"),
    "with a mark.csv": "\ufeffname,cost\n".encode(),
}
OTHER_KIND, PICK, MACROS = "is not what its name ends in", "Choose a PDF", "carries macros"
NOT_TEXT, DAMAGED, BOMB, STRANGE = (
    "not plain text",
    "damaged",
    "grow too large",
    "program or an archive inside",
)
OBJECT, FETCHES = "an object of another program inside", "fetches a template or an object from the web"
REMOTE = papers.relations("attachedTemplate", "https://evil.example/a.dotm")
REFUSED = {
    "a page": ("page.html", b"<script>", PICK),
    "a program": ("run.exe", b"MZ", PICK),
    "a program behind a document's name": ("run.pdf.exe", papers.PDF, PICK),
    "no ending": ("plan", papers.PDF, PICK),
    "a picture that may run": ("logo.svg", b"<svg onload='go()'/>", PICK),
    "a page named as a PDF": ("page.pdf", b"<script>go()</script>", OTHER_KIND),
    "a page with a PDF further on": ("page.pdf", b"<script>go()</script>" + papers.PDF, OTHER_KIND),
    "a program named as a PDF": ("run.pdf", b"MZ\x90\0", OTHER_KIND),
    "a PDF named as a letter": ("plan.docx", papers.PDF, OTHER_KIND),
    "a workbook named as a letter": ("book.docx", WORKBOOK, OTHER_KIND),
    "an archive named as a letter": ("files.docx", papers.zipped({"run.txt": b"x"}), OTHER_KIND),
    "a text named as a table": ("text.ods", papers.open_document("odt"), OTHER_KIND),
    "a letter with a password": ("letter.docx", papers.old_office("EncryptedPackage"), OTHER_KIND),
    "an old book named as a letter": ("book.doc", papers.old_office("Workbook"), OTHER_KIND),
    "a photo named as another": ("photo.png", papers.jpeg(), OTHER_KIND),
    "a photo that ends before its size": ("photo.jpg", papers.jpeg()[:20], OTHER_KIND),
    "a photo of nothing": ("photo.jpg", b"\xff\xd8\xff\xd9", OTHER_KIND),
    "a photo of no height": ("photo.png", papers.png(10, 0), OTHER_KIND),
    "a photo of more dots than can be shown": (
        "photo.png",
        papers.png(60_000, 60_000),
        "more than computers can show",
    ),
    "another one": ("photo.jpg", papers.jpeg(65_535, 65_535), "more than computers can show"),
    "a text of zeros": ("notes.txt", b"abc\0def", NOT_TEXT),
    "a program named as a text": ("notes.csv", b"\x7fELF\x02\x01\x01\0", NOT_TEXT),
    "a text of a screen's commands": ("notes.txt", b"\x1b[2J", NOT_TEXT),
    "a PDF that does not end as one": ("plan.pdf", b"%PDF-1.4\n<script>go()</script>", OTHER_KIND),
    "a PDF with a program behind it": ("plan.pdf", papers.PDF + b"MZ" + bytes(2000), OTHER_KIND),
    "a photo with an archive behind it": (
        "photo.png",
        papers.png() + papers.zipped({"a": b"MZ"}),
        OTHER_KIND,
    ),
    "a program packed into a letter": (
        "a.docx",
        office_with("word/embeddings/oleObject1.bin", papers.old_office("\x01Ole10Native") + b"MZ\x90"),
        OBJECT,
    ),
    "one beside a book": (
        "a.docx",
        office_with("word/embeddings/oleObject1.bin", papers.old_office("Workbook", "\x01Ole10Native")),
        OBJECT,
    ),
    "one packed into an old letter": ("a.doc", papers.old_office("WordDocument", "\x01Ole10Native"), OBJECT),
    "a control in a letter": (
        "a.docx",
        office_with("word/activeX/activeX1.bin", papers.old_office("Contents")),
        OBJECT,
    ),
    "an object in an OpenDocument": (
        "a.odt",
        papers.open_document(Object=papers.old_office("Contents")),
        OBJECT,
    ),
    "macros of an old book in a letter": (
        "a.docx",
        office_with("word/embeddings/oleObject1.bin", papers.old_office("Workbook", "_VBA_PROJECT_CUR")),
        MACROS,
    ),
    "a template from the web": ("a.docx", office_with(SETTINGS, REMOTE), FETCHES),
    "one in a letter in slides": (
        "a.pptx",
        office_with("ppt/x.docx", office_with(SETTINGS, REMOTE), "pptx"),
        FETCHES,
    ),
    "an object from the web": (
        "a.docx",
        office_with("word/_rels/document.xml.rels", papers.relations("oleObject", "HTTP://evil.example/a")),
        FETCHES,
    ),
    "a frame in other signs": (
        "a.docx",
        office_with(
            "word/_rels/WEBSETTINGS.XML.RELS",
            b"<r:Relationships><r:Relationship a='>'\n TargetMode = 'External'  Type='x/frame'\n"
            b" Target=' &#104;ttps://evil.example/'></r:Relationship></r:Relationships>",
        ),
        FETCHES,
    ),
    "a template by a protocol of Office's": (
        "a.docx",
        office_with(SETTINGS, papers.relations("attachedTemplate", "mhtml:evil")),
        FETCHES,
    ),
    "relations in an encoding of their own": (
        "a.docx",
        office_with(SETTINGS, REMOTE.decode().encode("utf-16")),
        DAMAGED,
    ),
    "relations that are none": ("a.docx", office_with(SETTINGS, b"<x/>"), DAMAGED),
    "a letter with macros": ("letter.docm", papers.office("docx"), MACROS),
    "a letter with macros under another name": ("a.docx", office_with("word/vbaProject.bin", b"x"), MACROS),
    "macros anywhere": ("a.docx", office_with("word/sub/VBAPROJECT.BIN", b"x"), MACROS),
    "macros by their type": (
        "a.docx",
        papers.zipped(
            {
                "[Content_Types].xml": b"<Override ContentType='vnd.ms-word.document.macroEnabled.main+xml'/>",
                "word/document.xml": b"x",
            }
        ),
        MACROS,
    ),
    "macros of old workbooks": ("a.xlsx", office_with("xl/macrosheets/sheet1.xml", b"x", "xlsx"), MACROS),
    "macros of a document inside": (
        "a.docx",
        office_with("word/embeddings/book.xlsx", office_with("xl/vbaProject.bin", b"x", "xlsx")),
        MACROS,
    ),
    "macros of an OpenDocument": (
        "a.odt",
        papers.zipped(
            {"mimetype": b"application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml": b"x"}
        ),
        MACROS,
    ),
    "macros of an old letter": ("a.doc", papers.old_office("WordDocument", "_VBA_PROJECT"), MACROS),
    "macros of an old book": ("a.xls", papers.old_office("Workbook", "_VBA_PROJECT_CUR"), MACROS),
    "a letter cut off": ("a.docx", papers.office()[:-30], DAMAGED),
    "a letter with something before it": ("a.docx", b"PK\x03\x04 go()" + papers.office(), DAMAGED),
    "a part that leads out": ("a.docx", office_with("../../etc/cron.d/x", b"x"), DAMAGED),
    "a part from the top": ("a.docx", office_with("/etc/cron.d/x", b"x"), DAMAGED),
    "parts that share their bytes": ("a.docx", papers.doubled(papers.office()), DAMAGED),
    "a part that packs to nothing": ("a.docx", office_with("word/media/x", ZEROS), BOMB),
    "more than any document unpacks to": (
        "a.docx",
        papers.claiming_size(office_with("word/media/x", b"x"), 600 * 1024 * 1024),
        BOMB,
    ),
    "a long list": (
        "a.docx",
        papers.claiming(papers.office(), entries=60_000),
        "more parts than any document",
    ),
    "a list of another length": ("a.docx", papers.claiming(papers.office(), entries=2), DAMAGED),
    "an archive inside": ("a.docx", office_with("word/x.zip", papers.zipped({"a": b"b"})), STRANGE),
    "a program inside": ("a.docx", office_with("word/media/x.png", b"MZ\x90"), STRANGE),
    "a document in one in one": (
        "a.docx",
        office_with("word/b.docx", office_with("word/c.docx", papers.office())),
        "one in another",
    ),
}


def file(name: str, content: bytes) -> ContentFile:
    return ContentFile(content, name=name)


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_work_with_is_taken_as_it_is(name: str) -> None:
    taken = accept(file(name, TAKEN[name]))
    assert taken.name == name
    assert taken.content.read() == TAKEN[name]


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_refused_and_told_why(what: str) -> None:
    name, content, said = REFUSED[what]
    with pytest.raises(ValidationError, match=said):
        accept(file(name, content))


def test_what_a_library_for_spreadsheets_writes_is_taken() -> None:
    from openpyxl import Workbook

    made = io.BytesIO()
    Workbook().save(made)
    assert accept(file("book.xlsx", made.getvalue())).name == "book.xlsx"


def test_too_large_a_file_is_refused_before_it_is_looked_at(monkeypatch: Any) -> None:
    monkeypatch.setattr(accepting, "MOST_BYTES", 10)
    with pytest.raises(ValidationError, match="20 MB or less"):
        accept(file("plan.pdf", papers.PDF))


def test_a_bomb_is_refused_before_a_byte_of_it_is_unpacked(monkeypatch: Any) -> None:
    def unpacked(*args: Any, **kwargs: Any) -> None:
        pytest.fail("It was unpacked.")

    bomb = file("a.docx", office_with("word/media/x", ZEROS))
    monkeypatch.setattr(zipped.ZipFile, "open", unpacked)
    with pytest.raises(ValidationError, match=BOMB):
        accept(bomb)


def test_documents_inside_that_are_large_together_are_refused_before_one_is_unpacked(
    monkeypatch: Any,
) -> None:
    letter = papers.office("docx", word__a=WORKBOOK, word__b=WORKBOOK)
    assert accept(file("a.docx", letter))
    monkeypatch.setattr(zipped, "MOST_OF_NESTED", 2 * len(WORKBOOK) - 1)
    monkeypatch.setattr(zipped, "_look_into_one", lambda *args: pytest.fail("It was unpacked."))
    with pytest.raises(ValidationError, match="too many or one in another"):
        accept(file("a.docx", letter))


def test_a_long_list_is_refused_before_it_is_read(monkeypatch: Any) -> None:
    monkeypatch.setattr(zipped, "ZipFile", lambda *args: pytest.fail("It was read."))
    with pytest.raises(ValidationError, match="more parts than any document"):
        accept(file("a.docx", papers.claiming(papers.office(), entries=60_000)))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Case – café.pdf", "Case – café.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("plan\u202efdp.exe.pdf", "planfdp.exe.pdf"),
        ("a\r\nSet-Cookie: b=c\0.pdf", "a Set-Cookie- b=c.pdf"),
        ("  ..plan .pdf. ", "plan.pdf"),
        ('"a"; filename="b.exe".pdf', "-a-- filename=-b.exe-.pdf"),
        ("zero\u200bwidth.pdf", "zerowidth.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("\u202e\0", ""),
    ],
)
def test_a_name_keeps_what_people_read_and_nothing_else(given: str, kept: str) -> None:
    assert names.cleaned(given) == kept


def test_the_scanner_sees_the_whole_file_and_lets_a_clean_one_in(settings: Any) -> None:
    content = papers.pdf(200_000)
    with scanning() as scanner:
        settings.CLAMAV = scanner.address
        assert accept(file("plan.pdf", content)).content.read() == content
        assert scanner.seen == [content]


def test_what_the_scanner_finds_is_refused(settings: Any, caplog: Any) -> None:
    with scanning() as scanner:
        settings.CLAMAV = scanner.address
        with pytest.raises(ValidationError, match="found something harmful"):
            accept(file("notes.txt", EICAR))
    assert "Eicar-Signature" in caplog.text


@pytest.mark.parametrize("says", [b"", b"stream: ERROR\0", b"stream: OK but FOUNDATION\0", b"\xff\0"])
def test_an_answer_that_is_not_one_keeps_nothing(settings: Any, says: bytes) -> None:
    with scanning() as scanner:
        scanner.says = says
        settings.CLAMAV = scanner.address
        with pytest.raises(ValidationError, match="Try again later"):
            accept(file("plan.pdf", papers.PDF))


def test_a_file_that_is_too_long_for_the_scanner_is_not_kept(settings: Any) -> None:
    with scanning() as scanner:
        scanner.most = 100_000
        settings.CLAMAV = scanner.address
        with pytest.raises(ValidationError, match="Try again later"):
            accept(file("plan.pdf", papers.pdf(2_000_000)))


def test_nothing_is_kept_while_the_scanner_is_away(settings: Any, tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for away in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/nothing.ctl"):
        settings.CLAMAV = away
        with pytest.raises(ValidationError, match="Try again later"):
            accept(file("plan.pdf", papers.PDF))
