"""What draws documents: fonts embedded, nothing fetched, and a plain word where a machine cannot."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from pytest_httpserver import HTTPServer

from config import ROOT
from core.errors import RenderingUnavailable
from core.paper_docx import docx_of
from core.pdf import Shelf, render_pdf
from tests.paper import fonts_of, text_of_pdf

HTML = '<html lang="zh-CN"><style>body {font-family: "Noto Sans CJK SC"}</style><p>海外知识产权 <b>SHA-256</b></p>'


def test_chinese_is_drawn_with_a_font_that_stands_in_the_file() -> None:
    content = render_pdf(HTML)
    assert "海外知识产权" in text_of_pdf(content)
    fonts = fonts_of(content)
    assert any("CJK" in name for name in fonts)
    assert all(fonts.values()), f"not embedded: {fonts}"


@pytest.mark.parametrize(
    "asking",
    [
        '<img src="{url}">',
        '<link rel="stylesheet" href="{url}">',
        "<style>@import url({url});</style>",
        '<p style="background: url({url})">x</p>',
        '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    ],
)
def test_a_document_fetches_nothing(httpserver: HTTPServer, tmp_path: Path, asking: str) -> None:
    httpserver.expect_request("/x").respond_with_data(b"")
    (tmp_path / "x").write_text("secret")
    for url in (httpserver.url_for("/x"), (tmp_path / "x").as_uri()):
        with pytest.raises(RenderingUnavailable, match="outside itself"):
            render_pdf(HTML + asking.format(url=url))
    assert httpserver.log == []


def test_a_document_is_drawn_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "documents")
    first = shelf.pdf_of(HTML)
    (kept,) = (tmp_path / "documents").iterdir()
    kept.write_bytes(b"as kept")
    assert shelf.pdf_of(HTML) == b"as kept"
    assert shelf.pdf_of(HTML + "<p>another</p>") != b"as kept"
    kept.unlink()
    assert shelf.pdf_of(HTML)[:5] == first[:5] == b"%PDF-"


def _obstacle(code: str = "", **variables: str) -> str:
    told = f"{code}\nfrom core.pdf import obstacle\nprint(obstacle())"
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def test_a_machine_without_a_chinese_font_says_so(tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    assert _obstacle() == "None"
    assert "Chinese font" in _obstacle(FONTCONFIG_FILE=str(config))


def test_a_machine_without_pango_says_so() -> None:
    assert "Pango" in _obstacle("import sys; sys.modules['weasyprint'] = None")


@given(st.text(max_size=80))
def test_no_text_of_a_source_breaks_a_word_document(text: str) -> None:
    told = f'<html lang="en"><title>{escape(text)}</title><body class="plain"><p>{escape(text)}</p></body></html>'
    document = docx.Document(io.BytesIO(docx_of(told)))
    printable = [c for c in text if c.isprintable() and not c.isspace()]
    shown = "".join(p.text for p in document.paragraphs)
    assert [c for c in shown if c in set(printable)] == printable
