"""Reading documents back: the text of a PDF, its fonts, and its pages as pictures."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from tests.conftest import missing


def pages_of(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def text_of_pdf(content: bytes) -> str:
    """The text of all pages, spaces and line ends taken out: where a line breaks says nothing."""
    return "".join("".join(pages_of(content)).split())


def fonts_of(content: bytes) -> dict[str, bool]:
    """Font -> whether its glyphs stand in the file."""
    out: dict[str, bool] = {}
    for page in PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            told = font.get_object()
            for one in _described(told):
                file = {"/FontFile", "/FontFile2", "/FontFile3"} & set(one)
                out[str(told["/BaseFont"])] = bool(file)
    return out


def _described(font: DictionaryObject) -> Iterator[DictionaryObject]:
    if "/FontDescriptor" in font:
        yield font["/FontDescriptor"].get_object()  # type: ignore[misc]
    for below in font.get("/DescendantFonts", []):
        yield from _described(below.get_object())


def red_share(content: bytes, page: int = 1) -> float:
    """Which part of a page's points is strong red, as poppler draws it at 40 dpi."""
    if shutil.which("pdftoppm") is None:
        missing("pdftoppm (poppler-utils)")
    command = ["pdftoppm", "-r", "40", "-f", str(page), "-l", str(page), "-"]
    drawn = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    kind, size, most, points = drawn.split(b"\n", 3)
    assert (kind, most) == (b"P6", b"255"), size
    red = sum(
        1
        for r, g, b in zip(points[::3], points[1::3], points[2::3], strict=True)
        if r > 180 and g < 90 and b < 100
    )
    return red / (len(points) / 3)
