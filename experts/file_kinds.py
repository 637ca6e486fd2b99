"""What a file is, by its content. What cannot be recognised whole is refused; a name proves nothing.

Four signatures and the structure behind them are checked here rather than guessed by a library of hundreds of kinds:
of the libraries without a C part one has had no release for years, and none looks into an archive or for macros.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from email import message_from_bytes, policy

from core.errors import BadInput
from core.said import Said, said

#: one file, bytes
MAX_FILE = 15_000_000
#: what an archive may become when unpacked, bytes, members, and times its own size
MAX_UNPACKED, MAX_MEMBERS, MAX_RATIO = 100_000_000, 1_000, 150
_EXTENSIONS = {
    "pdf": (".pdf",),
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
    "docx": (".docx",),
    "xlsx": (".xlsx",),
    "pptx": (".pptx",),
    "zip": (".zip",),
    "eml": (".eml",),
    "txt": (".txt",),
}
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
    "eml": "message/rfc822",
    "txt": "text/plain",
}
_OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_PNG = b"\x89PNG\r\n\x1a\n"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = re.compile(rb"^[A-Za-z][A-Za-z0-9-]*:[ \t]")
_MARKUP = re.compile(r"^\s*(?:<\?|<!doctype|<html|<script|<svg|#!|@echo|\{\\rtf)", re.IGNORECASE)
_ALLOWED = said("Send PDF, PNG, JPEG, DOCX, XLSX, PPTX, ZIP, EML or TXT.")


def _refused(sentence: Said, fix: Said = _ALLOWED) -> BadInput:
    return BadInput(sentence, fix=fix, fields={"file": [sentence]})


def clean_name(filename: str) -> str:
    """A file's name without folders, control and direction characters, at most 120 characters with its ending."""
    last = re.split(r"[\\/]", filename)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    shown = re.sub(r'[<>:"|?*]', "_", " ".join(shown.split())).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if not dot:
        return shown[:120] or "file"
    return f"{stem[: 119 - len(ending[:10])] or 'file'}.{ending[:10]}"


def kind_of(filename: str, content: bytes) -> str:
    """The kind of ``content``: a key of :data:`MEDIA_TYPES`.

    Raises BadInput with the reason: empty, too large, no kind that is taken, damaged, macros, an archive that unpacks
    to too much or holds something that is not taken, a name whose ending says something else.
    """
    if not content:
        raise _refused(said("The file is empty."))
    if len(content) > MAX_FILE:
        raise _refused(
            said("The file is too large: at most %(most)s MB.", most=MAX_FILE // 1_000_000),
            said("Send it in parts, or as a smaller scan."),
        )
    kind = _recognise(content, depth=0)
    ending = "." + filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending not in _EXTENSIONS[kind]:
        raise _refused(
            said(
                "The name says %(ending)s, but the content is %(kind)s.",
                ending=ending or "–",
                kind=kind.upper(),
            ),
            said("Give the file its right ending, or choose the file you meant."),
        )
    return kind


def _recognise(content: bytes, depth: int) -> str:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise _refused(said("The PDF is not whole."), said("Save it again and send it once more."))
        return "pdf"
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        if not content.rstrip(b"\0").endswith(b"\xff\xd9"):
            raise _refused(said("The picture is not whole, or something is hidden behind it."))
        return "jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _archive(content, depth)
    if content.startswith(_OLE):
        raise _refused(
            said("Old Office files may hold macros and are not taken."),
            said("Save it as DOCX, XLSX, PPTX or PDF."),
        )
    return _text(content, depth)


def _png(content: bytes) -> str:
    """PNG (RFC 2083): chunks with right check sums up to IEND, and nothing behind it."""
    at = len(_PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        body, end = content[at + 4 : at + 8 + length], at + 12 + length
        if end > len(content) or zlib.crc32(body) != int.from_bytes(content[end - 4 : end], "big"):
            break
        if body[:4] == b"IEND":
            if end == len(content):
                return "png"
            break
        at = end
    raise _refused(said("The picture is not whole, or something is hidden behind it."))


def _archive(content: bytes, depth: int) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _unpacked(archive, len(content))
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        ValueError,
        OverflowError,
    ) as error:
        raise _refused(
            said("The archive is not whole."), said("Pack it again and send it once more.")
        ) from error
    names = {name.lower() for name in members}
    if "[content_types].xml" not in names:
        if depth:
            raise _refused(
                said("An archive within an archive is not taken."), said("Unpack it and send the files.")
            )
        for name, body in members.items():
            if body:
                _recognise_member(name, body, depth + 1)
        return "zip"
    types = next(body for name, body in members.items() if name.lower() == "[content_types].xml").lower()
    if b"macroenabled" in types or any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise _refused(said("The document holds macros."), said("Save it without macros, or as PDF."))
    if any("/activex/" in name or ("/embeddings/" in name and name.endswith(".bin")) for name in names):
        raise _refused(said("The document holds embedded programs."), said("Save it as PDF."))
    for name, body in members.items():
        if (
            name.lower().endswith(".rels")
            and b"attachedtemplate" in body.lower()
            and b"external" in body.lower()
        ):
            raise _refused(said("The document loads a template from elsewhere."), said("Save it as PDF."))
    for kind, part in _OFFICE.items():
        if part in names:
            return kind
    raise _refused(said("This kind of document is not taken."))


def _recognise_member(name: str, body: bytes, depth: int) -> None:
    try:
        _recognise(body, depth)
    except BadInput as error:
        raise _refused(
            said("The archive holds something that is not taken: %(name)s.", name=clean_name(name))
        ) from error


def _unpacked(archive: zipfile.ZipFile, packed: int) -> dict[str, bytes]:
    """Every member, read for real within the bounds: what an archive says of its sizes is not believed."""
    infos = archive.infolist()
    most = min(MAX_UNPACKED, max(packed * MAX_RATIO, 1_000_000))
    bomb = _refused(said("The archive unpacks to too much."), said("Send the files themselves."))
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > most:
        raise bomb
    members: dict[str, bytes] = {}
    total = 0
    for info in infos:
        if info.flag_bits & 0x1:
            raise _refused(
                said("The archive is locked with a password."), said("Send it without a password.")
            )
        if info.is_dir():
            continue
        with archive.open(info) as stream:
            body = stream.read(most - total + 1)
        total += len(body)
        if total > most:
            raise bomb
        members[info.filename] = body
    return members


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _text(content: bytes, depth: int) -> str:
    text = None if b"\0" in content else _decoded(content)
    if text is None or any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text):
        raise _refused(said("This kind of file is not taken."))
    if _HEADER.match(content) and re.search(rb"(?im)^(?:from|received|message-id):", content[:20_000]):
        return _mail(content, depth)
    if _MARKUP.match(text):
        raise _refused(said("This kind of file is not taken."))
    return "txt"


def _mail(content: bytes, depth: int) -> str:
    if depth > 1:
        raise _refused(
            said("A mail within a mail within a mail is not taken."), said("Send the files themselves.")
        )
    message = message_from_bytes(content, policy=policy.default)
    for part in message.iter_attachments():
        if part.get_content_maintype() in ("multipart", "message"):
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and body:
            _recognise_member(part.get_filename() or part.get_content_type(), body, depth + 1)
    return "eml"
