"""A file is what its content is; what cannot be recognised whole is refused with a reason and a remedy."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.said import Said
from experts import file_kinds
from experts.file_kinds import MEDIA_TYPES, clean_name, kind_of
from tests.experts.files import DOCX, ELF, EML, EXE, JPEG, MACRO_DOCX, PDF, TXT, office, packed, png


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("letter.pdf", PDF, "pdf"),
        ("shot.png", png(), "png"),
        ("shot.JPG", JPEG, "jpeg"),
        ("reply.docx", DOCX, "docx"),
        ("sales.xlsx", office("xl/workbook.xml"), "xlsx"),
        ("talk.pptx", office("ppt/presentation.xml"), "pptx"),
        ("all.zip", packed({"a.pdf": PDF, "b/c.txt": TXT, "d.docx": DOCX}), "zip"),
        ("mail.eml", EML, "eml"),
        ("note.txt", TXT, "txt"),
        ("old.txt", "对方要求".encode("gb18030"), "txt"),
    ],
)
def test_each_kind_is_known_by_its_content(name: str, content: bytes, kind: str) -> None:
    assert kind_of(name, content) == kind
    assert kind in MEDIA_TYPES


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 30_000_000)
    return out.getvalue()


def _lying_bomb() -> bytes:
    """As above, and every size in it says 10 bytes."""
    raw = _bomb()
    size = (30_000_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    return raw.replace(size, (10).to_bytes(4, "little"))


def _locked() -> bytes:
    raw = bytearray(packed({"a.txt": TXT}))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


_TEMPLATE = b'<Relationships><Relationship Type="x/attachedTemplate" Target="http://x" TargetMode="External"/></Relationships>'
_BAD_MAIL = EML.replace(
    b"\r\n\r\nPlease stop.\r\n",
    b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
    b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA//8AALgAAAA=\r\n--b--\r\n",
)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("invoice.pdf", EXE, "not taken"),
        ("photo.jpg", ELF, "not taken"),
        ("letter.docx", MACRO_DOCX, "macros"),
        ("letter.docx", office("word/document.xml", **{"word/activeX/a.bin": b"x"}), "embedded programs"),
        ("letter.docx", office("word/document.xml", **{"word/_rels/s.xml.rels": _TEMPLATE}), "template"),
        (
            "letter.docx",
            packed({"[Content_Types].xml": b"application/vnd.macroEnabled", "word/document.xml": b"x"}),
            "macros",
        ),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "Old Office"),
        ("all.zip", _bomb(), "too much"),
        ("all.zip", _lying_bomb(), "not whole|too much"),
        ("all.zip", packed({f"{n}.txt": b"x" for n in range(1001)}), "too much"),
        ("all.zip", packed({"in.zip": packed({"a.txt": TXT})}), "in.zip"),
        ("all.zip", packed({"run.pdf": EXE}), "run.pdf"),
        ("all.zip", _locked(), "password"),
        ("all.zip", packed({"a.txt": TXT})[:40], "not whole"),
        ("mail.eml", _BAD_MAIL, "a.pdf"),
        ("cut.pdf", b"%PDF-1.4 nothing", "not whole"),
        ("cut.png", png()[:-4], "not whole"),
        ("both.png", png() + EXE, "hidden"),
        ("cut.jpg", JPEG + b"<script>", "hidden"),
        ("page.txt", b"<html><script>alert(1)</script>", "not taken"),
        ("run.txt", b"#!/bin/sh\nrm -rf x\n", "not taken"),
        ("letter.pdf", png(), "content is PNG"),
        ("letter", PDF, "content is PDF"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_what_is_refused_says_why(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        kind_of(name, content)
    assert isinstance(caught.value.message, Said) and isinstance(caught.value.fix, Said)
    assert caught.value.details["fields"] == {"file": [caught.value.message]}


def test_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "MAX_FILE", 100)
    with pytest.raises(BadInput, match="too large"):
        kind_of("a.txt", b"x" * 101)


@given(
    content=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"%PDF-", b"From: x\n"]),
)
def test_no_bytes_crash_it(content: bytes, start: bytes) -> None:
    with suppress(BadInput):
        assert kind_of("a.txt", start + content) == "txt"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\函件.pdf", "函件.pdf"),
        ("a\u202efdp.exe\r\nX: y.pdf", "afdp.exeX_ y.pdf"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(told: str, kept: str) -> None:
    assert clean_name(told) == kept
