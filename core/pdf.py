"""HTML made into PDF by WeasyPrint, which needs Pango and a CJK font of the system. Without them all else runs.

Nothing is fetched while a page is drawn: styles, marks and charts stand in the HTML itself, and whatever asks for an
address, a local file too, stops the drawing.
"""

from __future__ import annotations

import ctypes
import hashlib
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from core.errors import RenderingUnavailable
from core.said import Said, said

log = structlog.get_logger(__name__)
#: one document is drawn at a time: each takes some 250 MB, and drawing holds the interpreter anyway
_DRAWING = threading.Lock()


@cache
def obstacle() -> Said | None:
    """Why no PDF can be made on this machine, or None when it can."""
    try:
        import weasyprint  # noqa: F401 - importing it loads Pango
    except (ImportError, OSError) as error:
        log.warning("no_pdf", error=str(error)[:300])
        return said("PDF needs the library Pango, and this server has none.")
    if not _has_chinese_font():
        return said("PDF needs a Chinese font, and this server has none.")
    return None


def _has_chinese_font() -> bool:
    """Ask fontconfig, as Pango will, whether a font covers simplified Chinese: without one each sign is an empty box."""

    class FontSet(ctypes.Structure):
        _fields_ = (("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p))

    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        try:
            fontconfig = ctypes.CDLL("libfontconfig.1.dylib")
        except OSError:
            # Where Pango finds fonts in another way, the drawing itself shows what it found.
            return True
    fontconfig.FcNameParse.restype = ctypes.c_void_p
    fontconfig.FcNameParse.argtypes = (ctypes.c_char_p,)
    fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(FontSet)
    fontconfig.FcFontList.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    found = fontconfig.FcFontList(
        None, fontconfig.FcNameParse(b":lang=zh-cn"), fontconfig.FcObjectSetCreate()
    )
    return bool(found) and found.contents.nfont > 0


def require_pdf() -> None:
    """Raise RenderingUnavailable, saying what to install, where no PDF can be made."""
    if (problem := obstacle()) is not None:
        raise RenderingUnavailable(
            problem,
            fix=said(
                "Install libpango-1.0-0, libpangoft2-1.0-0 and fonts-noto-cjk, then start Seamark again."
            ),
        )


def render_pdf(html: str) -> bytes:
    """``html`` as PDF, tagged for screen readers, its fonts embedded.

    Raises RenderingUnavailable without Pango or a Chinese font, or when the HTML asks for anything outside itself.
    """
    require_pdf()
    import weasyprint
    from weasyprint.urls import URLFetcher

    asked: list[str] = []

    class Refuser(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            # The drawing swallows most errors of a fetcher, so what was asked for is judged after it.
            asked.append(url[:200])
            raise ValueError(f"a document asked for {url[:200]}")

    with _DRAWING:
        content: bytes = weasyprint.HTML(string=html, url_fetcher=Refuser()).write_pdf(pdf_tags=True)
    if asked:
        log.error("document_asked_for", urls=asked[:5])
        raise RenderingUnavailable(
            said("The document asks for something outside itself, so it was not made."),
            fix=said("Tell an administrator; nothing was fetched."),
        )
    return content


class Shelf:
    """PDFs of what is public, kept by the SHA-256 of the HTML they were drawn from: a visitor costs one drawing.

    Args:
        folder: where they stand; it may be emptied at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pdf_of(self, html: str) -> bytes:
        """The PDF of ``html``. Raises RenderingUnavailable."""
        require_pdf()
        import weasyprint

        key = hashlib.sha256(f"weasyprint {weasyprint.__version__}\n{html}".encode()).hexdigest()
        path = self._folder / f"{key}.pdf"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            content = render_pdf(html)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".part-", delete=False) as part:
            part.write(content)
        Path(part.name).replace(path)
        return content
