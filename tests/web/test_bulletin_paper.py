"""Bulletins on paper as the public, a drafter and a signer get them."""

from __future__ import annotations

import io
import sys
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from flask.testing import FlaskClient

from core.actor import Role
from core.pdf import obstacle
from tests.paper import fonts_of, pages_of, red_share, text_of_pdf
from tests.web.bulletin_browsing import HIDDEN, somebody, stored
from tests.web.reading import main_text, page
from tests.web.world import Site, post

MARK = {"mark_zh": "示范市知识产权保护中心文件", "mark_en": "Model City IP Protection Centre"}


def pdf(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-600:]
    assert answer.mimetype == "application/pdf"
    return answer.data


def signer_of(site: Site) -> FlaskClient:
    return somebody(site, "signer", Role.STAFF, Role.SIGNER)


def choose(client: FlaskClient, version: int, **more: str) -> Any:
    return post(client, "/bulletins/desk/print", {**MARK, "version": str(version), **more})


def test_a_published_bulletin_is_had_as_pdf_with_all_that_makes_it_one(site: Site) -> None:
    slug = site.ids["bulletin_slug"]
    now = stored(site, site.ids["bulletin_published"])
    content = pdf(site.visitor("zh"), f"/bulletins/{slug}/pdf")
    told = text_of_pdf(content)
    for words in (
        "公报〔2026〕1号",
        "黄色预警III级",
        "FRCP12(a)(1)(A)(i)",
        "仅供参考",
        "本市企业A",
        str(now.content_sha256),
        str(now.content["sources"][0]["sha256"]),
    ):
        assert words in told, words
    pages = pages_of(content)
    assert all(f"{n} / {len(pages)}" in text for n, text in enumerate(pages, 1))
    assert all("公报〔2026〕1号" in text and "仅供参考" in text for text in pages)
    assert not any(name in told for name in HIDDEN)
    assert "草稿" not in told
    fonts = fonts_of(content)
    assert any("CJK" in name for name in fonts) and all(fonts.values())


def test_a_pdf_is_in_the_readers_language(site: Site) -> None:
    told = text_of_pdf(pdf(site.visitor("en"), f"/bulletins/{site.ids['bulletin_slug']}/pdf"))
    for words in ("2026-0001", "Yellowwarning,levelIII", "localfirmA", "Forreferenceonly"):
        assert words in told
    assert "定级依据" not in told


def test_a_draft_bears_its_mark_on_every_page_and_is_staffs_alone(site: Site) -> None:
    path = f"/bulletins/drafts/{site.ids['bulletin']}/pdf?lang=zh"
    pages = pages_of(pdf(site.client("staff"), path))
    assert len(pages) > 1 and all("草稿" in text for text in pages)
    site.client("staff").set_cookie("seamark_lang", "en")
    # Without ?lang=: the world is shared, and a's cookie would tell the next test's pages in Chinese.
    assert site.client("a").get(path.partition("?")[0]).status_code == 403
    published = pdf(site.client("staff"), f"/bulletins/drafts/{site.ids['bulletin_published']}/pdf")
    assert not any("Draft" in text for text in pages_of(published))


def test_the_red_head_is_the_centres_to_choose_and_the_signers_to_switch_on(fresh: Site) -> None:
    path = f"/bulletins/{fresh.ids['bulletin_slug']}/pdf"
    visitor, signer = fresh.visitor("zh"), signer_of(fresh)
    plain = pdf(visitor, path)
    assert visitor.get(f"{path}?form=red").status_code == 422
    assert choose(fresh.client("staff"), 0, has_red_head="1").status_code == 403
    assert choose(signer, 0, has_red_head="1", mark_zh=" ").status_code == 422
    assert choose(signer, 0, has_red_head="1").status_code == 302
    assert choose(signer, 0).status_code == 409, "somebody was faster"
    red = pdf(visitor, path)
    assert MARK["mark_zh"] in text_of_pdf(red) and MARK["mark_zh"] not in text_of_pdf(plain)
    assert "2026年3月2日印发" in text_of_pdf(red)
    assert red_share(red) > 0.002 > 0.0002 > red_share(plain)
    assert MARK["mark_zh"] not in text_of_pdf(pdf(visitor, f"{path}?form=plain"))
    assert "PDF, plain form" in main_text(page(fresh.visitor(), f"/bulletins/{fresh.ids['bulletin_slug']}"))


def test_what_was_withdrawn_is_no_longer_handed_out(fresh: Site) -> None:
    slug, identity = fresh.ids["bulletin_slug"], fresh.ids["bulletin_published"]
    pdf(fresh.visitor(), f"/bulletins/{slug}/pdf")
    told = {"version": stored(fresh, identity).version, "reason-zh": "撤", "reason-en": "gone"}
    post(signer_of(fresh), f"/bulletins/drafts/{identity}/withdraw", told)
    answer = fresh.visitor().get(f"/bulletins/{slug}/pdf")
    assert answer.status_code == 404
    assert "withdrawn" in answer.get_data(as_text=True)


def test_a_machine_that_cannot_draw_says_so_beside_the_text(
    fresh: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    obstacle.cache_clear()
    try:
        slug = fresh.ids["bulletin_slug"]
        shown = page(fresh.visitor(), f"/bulletins/{slug}")
        assert "PDF needs the library Pango" in main_text(shown)
        assert not shown.select('a[href$="/pdf"]')
        answer = fresh.visitor().get(f"/bulletins/{slug}/pdf")
        assert answer.status_code == 503
        assert "libpango-1.0-0" in answer.get_data(as_text=True)
    finally:
        obstacle.cache_clear()


def word(client: FlaskClient, path: str) -> Document:
    """The document as Word would open it."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-600:]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return docx.Document(io.BytesIO(answer.data))


def all_words(document: Document) -> str:
    """Every word of the body, paragraphs and tables in their order, and of header and footer."""
    section = document.sections[0]
    parts = [document.element.body, section.header._element, section.footer._element]
    return "".join("".join(t.text or "" for t in part.iter(qn("w:t"))) for part in parts).replace(" ", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_word_document_says_what_the_pdf_says(site: Site, language: str) -> None:
    slug, visitor = site.ids["bulletin_slug"], site.visitor(language)
    document = word(visitor, f"/bulletins/{slug}/docx")
    told = all_words(document)
    now = stored(site, site.ids["bulletin_published"])
    number = "公报〔2026〕1号" if language == "zh" else "2026-0001"
    firm = "本市企业A" if language == "zh" else "localfirmA"
    for text in (number, firm, str(now.content_sha256), "FRCP12(a)(1)(A)(i)", "https://example.org/d"):
        assert text in told, text
    for row in (*now.content["paragraphs"], *now.content["key_dates"]):
        assert row[language].replace(" ", "") in told
    assert not any(name in told for name in HIDDEN)
    assert document.core_properties.title.startswith(number)
    titles = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert titles == [h.get_text() for h in page(visitor, f"/bulletins/{slug}").select("article .sheet > h2")]
    codes = [c.text for c in document.sections[0].footer._element.iter(qn("w:instrText"))]
    assert codes == [" PAGE ", " NUMPAGES "]
    (dates,) = [t for t in document.tables if len(t.rows) and len(t.columns) == 3 and "FRCP" in t_text(t)]
    assert len(dates.rows) == len(now.content["key_dates"]) + 1


def t_text(table: Any) -> str:
    return "".join(cell.text for row in table.rows for cell in row.cells)


def test_a_draft_in_word_says_so_at_the_head_of_each_page(site: Site) -> None:
    draft = word(site.client("staff"), f"/bulletins/drafts/{site.ids['bulletin']}/docx")
    assert draft.sections[0].header.paragraphs[0].text == "Draft"
    signed = word(site.visitor(), f"/bulletins/{site.ids['bulletin_slug']}/docx")
    assert signed.sections[0].header.paragraphs[0].text == ""


def test_a_word_document_has_the_red_head_too(fresh: Site) -> None:
    assert choose(signer_of(fresh), 0, has_red_head="1").status_code == 302
    document = word(fresh.visitor("zh"), f"/bulletins/{fresh.ids['bulletin_slug']}/docx")
    mark = document.paragraphs[0]
    assert mark.text == MARK["mark_zh"]
    assert str(mark.runs[0].font.color.rgb) == "E60012"
    assert "公报〔2026〕1号" in document.paragraphs[1].text
    assert document.sections[0].top_margin.mm == pytest.approx(37, abs=0.1)
