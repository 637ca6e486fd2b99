"""Small real files of every kind that is taken, and some that are not."""

from __future__ import annotations

import io
import zipfile
import zlib

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 20 + b"\xff\xd9"
TXT = "收到警告函,对方要求停止销售。\n".encode()
EML = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Cease and desist\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n\r\nPlease stop.\r\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + b"\x00" * 200
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 200


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            # A fixed date: what the clock says would stand in the bytes, and in the names of tests that take them.
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 12, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def office(part: str, **more: bytes) -> bytes:
    types = b'<?xml version="1.0"?><Types><Override ContentType="application/vnd.main+xml"/></Types>'
    return packed({"[Content_Types].xml": types, part: b"<document/>", **more})


DOCX = office("word/document.xml")
MACRO_DOCX = office("word/document.xml", **{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})
