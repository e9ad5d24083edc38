"""Small documents of each kind, and hostile ones, made as bytes."""

from __future__ import annotations

import io
import struct
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MEDIA = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def zipped(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED if stored else ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def office(kind: str = "docx", **more: bytes) -> bytes:
    """`more` are further parts, with `__` for `/` in their names."""
    parts = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>", MAIN[kind]: b"<main/>"}
    return zipped(parts | {name.replace("__", "/"): content for name, content in more.items()})


def open_document(kind: str = "odt", **more: bytes) -> bytes:
    media = f"application/vnd.oasis.opendocument.{MEDIA[kind]}".encode()
    return zipped(
        {"mimetype": media, "content.xml": b"<office/>"}
        | {name.replace("__", "/"): content for name, content in more.items()}
    )


def old_office(*streams: str) -> bytes:
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return OLE + bytes(504) + entries


def pdf(length: int) -> bytes:
    """A PDF with so much inside."""
    return PDF.removesuffix(b"%%EOF\n") + bytes(length) + b"%%EOF\n"


def relations(kind: str, target: str, mode: str = "External") -> bytes:
    """What leads from a part of a document elsewhere, of the kind that Office names by an address."""
    of = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    one = f'<Relationship Id="rId1" Type="{of}" Target="{target}" TargetMode="{mode}"/>'
    return f'<?xml version="1.0"?><Relationships xmlns="x">{one}</Relationships>'.encode()


def png(width: int = 10, height: int = 10) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height) + bytes(9)
        + b"\0\0\0\0IEND\xaeB`\x82"
    )  # fmt: skip


def jpeg(width: int = 10, height: int = 10) -> bytes:
    jfif = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return b"\xff\xd8" + jfif + frame + b"\xff\xd9"


def doubled(document: bytes) -> bytes:
    """The same document, its list of contents naming the last part once more under another name: shared bytes."""
    end = document.rfind(b"PK\x05\x06")
    size, offset = struct.unpack("<LL", document[end + 12 : end + 20])
    listed = document[offset : offset + size]
    last = listed[listed.rfind(b"PK\x01\x02") :]
    again = last[:-1] + b"~"
    entries = struct.unpack("<H", document[end + 10 : end + 12])[0] + 1
    return (
        document[: offset + size]
        + again
        + document[end : end + 8]
        + struct.pack("<HHLL", entries, entries, size + len(again), offset)
        + document[end + 20 :]
    )


def claiming(document: bytes, *, entries: int) -> bytes:
    """The same document, claiming so many entries in its list."""
    end = document.rfind(b"PK\x05\x06")
    return document[: end + 8] + struct.pack("<HH", entries, entries) + document[end + 12 :]


def claiming_size(document: bytes, size: int) -> bytes:
    """The same document, claiming that its last part has so many bytes, and is packed to a hundredth of them."""
    at = document.rfind(b"PK\x01\x02")
    return document[: at + 20] + struct.pack("<LL", size // 100, size) + document[at + 28 :]
