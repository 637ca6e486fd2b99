"""A paper as DOCX, made from the very HTML its PDF is drawn from, so that page, PDF and DOCX say the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import docx
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from core.svg_png import png_of

#: what XML 1.0 cannot carry
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"\s+")
_HIDDEN = ("visually-hidden", "no-print")
_BLOCKS = ("p", "ul", "ol", "li", "dl", "table", "section", "div", "figure", "details", "h1", "h2", "h3")
#: a level's word -> its colour, as on the page
_LEVELS = {"level-L1": "B3261E", "level-L2": "8A3B00", "level-L3": "5C4400", "level-L4": "0B3D91"}
_RED, _BLUE, _SOFT = RGBColor(0xE6, 0, 0x12), RGBColor(0x0B, 0x3D, 0x6B), RGBColor(0x4A, 0x57, 0x63)
#: the columns of names and values
_FACTS = (Mm(36), Mm(120))
#: fonts that a Chinese office machine has; another takes its own for them
_LATIN, _HAN = "Times New Roman", "宋体"


def docx_of(html: str) -> bytes:
    """``html``, a paper of this house (``p.running``, ``h1``, sections, ``dl``, tables), as a Word document. A drawing of
    weeks becomes a picture; bars are left out, for their words need fonts: the numbers of each stand in a table beside it."""
    soup = BeautifulSoup(html, "lxml")
    body = soup.body
    if body is None:
        raise ValueError("the paper has no body")
    document = docx.Document()
    _set_up(document, soup, is_red="red" in _classes(body))
    for child in body.find_all(recursive=False):
        _block(document, child)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Document, soup: BeautifulSoup, *, is_red: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, bottom, left, right = (37, 35, 28, 26) if is_red else (24, 24, 22, 22)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    for name, size in (("Normal", 10.5), ("Title", 18), ("Heading 1", 13), ("Heading 2", 11)):
        style: Any = document.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", _HAN)):
            fonts.set(qn(f"w:{script}"), font)
        if name != "Normal":
            for line in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
                style.element.pPr.remove(line)
            style.font.bold = True
            style.font.color.rgb = RGBColor(0, 0, 0) if is_red else _BLUE
    if is_red:
        document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    core = document.core_properties
    core.title = _words(soup.title)
    author = soup.select_one("meta[name=author]")
    core.author = _clean(str(author["content"])) if author else ""
    core.language = str(soup.html["lang"]) if soup.html else ""
    told = soup.select_one('meta[name="dcterms.created"]')
    made = datetime.fromisoformat(str(told["content"])) if told else datetime(2000, 1, 1, tzinfo=UTC)
    core.created = core.modified = made.astimezone(UTC).replace(tzinfo=None)
    mark = soup.select_one("p.watermark")
    if mark is not None:
        header = section.header.paragraphs[0]
        header.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = header.add_run(_words(mark))
        run.bold, run.font.size, run.font.color.rgb = True, Pt(28), _RED
    footer = section.footer.paragraphs[0]
    footer.add_run(_words(soup.select_one("p.running")) + "    ").font.size = Pt(8)
    _field(footer, "PAGE")
    footer.add_run(" / ").font.size = Pt(8)
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, code: str) -> None:
    """A number that Word fills in."""
    for kind, text in (("begin", None), (None, code), ("separate", None), ("text", "1"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = Pt(8)
        if kind == "text":
            run.text = text or ""
        elif kind is None:
            instruction = OxmlElement("w:instrText")
            instruction.text = f" {text} "
            run._r.append(instruction)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def _classes(tag: Tag) -> list[str]:
    return list(tag.get("class") or [])


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)


def _words(tag: Tag | None) -> str:
    return _SPACES.sub(" ", _clean(tag.get_text(" ") if tag else "")).strip()


def _block(document: Document, tag: Tag) -> None:
    """One element of the page and what stands in it."""
    classes = _classes(tag)
    if tag.name == "svg" and "chart-weeks" in classes:
        _picture(document, tag)
    if {"watermark", "running", *_HIDDEN} & set(classes) or tag.name in ("svg", "thead"):
        return
    match tag.name:
        case "h1":
            _spoken(document.add_paragraph(style="Title"), tag)
        case "h2" | "h3":
            _spoken(document.add_paragraph(style=f"Heading {int(tag.name[1]) - 1}"), tag)
        case "dl":
            _facts(document, tag)
        case "table":
            _table(document, tag)
        case "p" | "summary" | "figcaption":
            _paragraph(document, tag, classes)
        case "li" if not tag.find(_BLOCKS):
            _spoken(document.add_paragraph(style="List Bullet"), tag)
        case _:
            for child in tag.find_all(recursive=False):
                _block(document, child)


def _picture(document: Document, tag: Tag) -> None:
    """A drawing, with its description for whoever does not see it."""
    shape = document.add_picture(io.BytesIO(png_of(tag)), width=Mm(156))
    told = shape._inline.docPr
    told.set("title", _words(tag.title))
    told.set("descr", _words(tag.find("desc")))


def _paragraph(document: Document, tag: Tag, classes: list[str]) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(4)
    if "imprint" in classes:
        _imprint(paragraph, tag)
        return
    _spoken(paragraph, tag)
    if "mark" in classes or ("number" in classes and tag.find_parent(class_="red-head")):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if "mark" in classes:
            for run in paragraph.runs:
                run.bold, run.font.size, run.font.color.rgb = True, Pt(26), _RED
        else:
            _lines(paragraph, "E60012", "bottom")
    elif {"other-title", "level-line"} & set(classes) and tag.find_parent("body", class_="red"):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif "date" in classes:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    elif {"note", "hash"} & set(classes):
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(8.5), _SOFT
    if {"red", "plain"} & set(_classes(tag.parent) if tag.parent else ()) and "level-line" in classes:
        for run, part in zip(paragraph.runs, _runs(tag), strict=True):
            if part[3]:
                run.font.color.rgb = RGBColor.from_string(part[3])


def _imprint(paragraph: Paragraph, tag: Tag) -> None:
    """The office at the left and the day at the right, between two lines."""
    paragraph.add_run("\t".join(_words(span) for span in tag.find_all("span")))
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156), WD_TAB_ALIGNMENT.RIGHT)
    _lines(paragraph, "000000", "top", "bottom")


def _lines(paragraph: Paragraph, colour: str, *sides: str) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    # The schema has an order: borders stand before tabs, spacing and alignment, or Word calls the file damaged.
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
    )


def _spoken(paragraph: Paragraph, tag: Tag) -> None:
    for text, is_bold, is_code, _ in _runs(tag):
        run = paragraph.add_run(text)
        run.bold = is_bold or None
        if is_code:
            run.font.name, run.font.size = "Courier New", Pt(8)


def _runs(tag: Tag) -> Iterator[tuple[str, bool, bool, str]]:
    """(text, bold, code, colour) of each piece of words, white space joined as a browser does."""
    parts: list[tuple[str, bool, bool, str]] = []
    for text, within in _pieces(tag, ()):
        if any("kind" in _classes(t) for t in within[1:]):
            text = f"【{text.strip()}】"
        names, classes = {t.name for t in within}, {c for t in within for c in _classes(t)}
        colour = next((_LEVELS[c] for c in classes if c in _LEVELS), "")
        plain = text if text == "\n" else _SPACES.sub(" ", text)
        if (not parts or parts[-1][0][-1:] in (" ", "\n")) and plain != "\n":
            plain = plain.lstrip()
        if plain:
            bold = bool(names & {"strong", "th"} or colour)
            parts.append((plain, bold, "code" in names, colour))
    if parts and not parts[-1][0].strip():
        parts.pop()
    yield from parts


def _pieces(tag: Tag, within: tuple[Tag, ...]) -> Iterator[tuple[str, tuple[Tag, ...]]]:
    within = (*within, tag)
    for child in tag.children:
        if isinstance(child, NavigableString):
            yield _clean(str(child)), within
        elif isinstance(child, Tag):
            classes = _classes(child)
            if set(_HIDDEN) & set(classes) or child.get("aria-hidden") == "true" or child.name == "svg":
                continue
            if child.name == "br" or "block" in classes:
                yield "\n", within
            if child is not tag and child.name in ("li", "p"):
                yield " ", within
            yield from _pieces(child, within)
            if "level-mark" in classes:
                yield " ", within
            if child.name == "a" and "external" in (child.get("rel") or []):
                yield f" ({_clean(str(child.get('href', '')))})", within


def _facts(document: Document, tag: Tag) -> None:
    rows = [(dt, dt.find_next_sibling("dd")) for dt in tag.find_all("dt")]
    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, _FACTS, strict=True):
        column.width = width
    for dt, dd in rows:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = _FACTS
        _spoken(cells[0].paragraphs[0], dt)
        if isinstance(dd, Tag):
            items = dd.find_all("li") or [dd]
            for n, item in enumerate(items):
                _spoken(cells[1].paragraphs[0] if n == 0 else cells[1].add_paragraph(), item)
        for paragraph in (*cells[0].paragraphs, *cells[1].paragraphs):
            paragraph.paragraph_format.space_after = Pt(2)


def _table(document: Document, tag: Tag) -> None:
    rows = [tr.find_all(["th", "td"], recursive=False) for tr in tag.find_all("tr")]
    if not rows:
        return
    table = document.add_table(rows=0, cols=max(map(len, rows)), style="Table Grid")
    heads = len(tag.thead.find_all("tr")) if tag.thead else 0
    for n, cells in enumerate(rows):
        row = table.add_row()
        if n < heads:
            again = OxmlElement("w:tblHeader")
            again.set(qn("w:val"), "true")
            row._tr.get_or_add_trPr().append(again)
        for cell, told in zip(row.cells, cells, strict=False):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
            _spoken(paragraph, told)
            for run in paragraph.runs:
                run.font.size = Pt(9)
            if "num" in _classes(told):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph().paragraph_format.space_after = Pt(2)
