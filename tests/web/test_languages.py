"""Chinese and English: how a reader comes to theirs, and that a page is wholly in it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, NavigableString

from tests.web.reading import main_text, page, shown, text_of
from tests.web.test_catalogue import _catalogue
from tests.web.test_headers import PAGES
from tests.web.world import Site, post


def _lang(answer: object) -> str:
    found = re.search(r'<html lang="([^"]+)"', answer.get_data(as_text=True))  # type: ignore[attr-defined]
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [
        (None, "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("fr-FR,fr", "zh-CN"),
        ("*", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("nonsense;;q=x,,", "zh-CN"),
    ],
)
def test_a_browser_gets_what_it_prefers_and_else_chinese(site: Site, accepts: str | None, lang: str) -> None:
    headers = {"Accept-Language": accepts} if accepts else {}
    assert _lang(site.app.test_client().get("/", headers=headers)) == lang


def test_a_choice_in_the_address_is_remembered_over_the_browsers(site: Site) -> None:
    client = site.app.test_client()
    assert _lang(client.get("/cases?lang=en", headers={"Accept-Language": "zh"})) == "en"
    assert _lang(client.get("/", headers={"Accept-Language": "zh"})) == "en"
    assert _lang(client.get("/?lang=zh")) == "zh-CN"
    assert _lang(client.get("/", headers={"Accept-Language": "en"})) == "zh-CN"


def test_a_language_nobody_has_changes_nothing(site: Site) -> None:
    client = site.app.test_client()
    answer = client.get("/?lang=tlh")
    assert _lang(answer) == "zh-CN"
    assert answer.headers.getlist("Set-Cookie") == []


def test_an_account_remembers_a_language(fresh: Site) -> None:
    client = fresh.client("a")
    post(client, "/account/language", {"locale": "zh"})
    assert _lang(client.get("/", headers={"Accept-Language": "en"})) == "zh-CN"
    post(client, "/account/language", {"locale": "en"})
    assert _lang(client.get("/")) == "en"
    assert post(client, "/account/language", {"locale": "tlh"}).status_code == 422


def test_the_link_to_the_other_language_keeps_the_page(site: Site) -> None:
    shown = page(site.visitor(), "/cases?q=hailan&region=cty.us")
    other = shown.select_one('.top-tools a[hreflang="zh-CN"]')
    assert other is not None
    there = page(site.visitor(), str(other["href"]))
    assert there.html is not None and there.html["lang"] == "zh-CN"
    assert there.find("input", attrs={"name": "q"})["value"] == "hailan"  # type: ignore[index]


def test_a_page_that_answers_a_form_leads_to_one_that_can_be_got(site: Site) -> None:
    answer = post(site.client("admin"), "/users", {"email": "x"})
    assert 'href="/?lang=zh"' in answer.get_data(as_text=True)


def test_dates_and_weekdays_are_the_readers(site: Site) -> None:
    path = f"/cases/{site.ids['case']}"
    assert "2026-02-02 (Mon)" in main_text(page(site.visitor("en"), path))
    assert "2026-02-02 (周一)" in main_text(page(site.visitor("zh"), path))
    # 09:30 UTC is 17:30 in the centre's zone.
    assert "2026-03-02 (周一) 17:30" in main_text(page(site.visitor("zh"), path))


#: words that are the same in both languages, or names and quotations from records
_ENGLISH_ON_CHINESE_PAGES = re.compile(r"[A-Za-z]{4,}")


def _own_words(soup: BeautifulSoup) -> list[str]:
    """Texts of a page that are not marked as being in English and are not code, names or file formats."""
    texts: list[str] = []
    for text in soup.find_all(string=True):
        if not isinstance(text, NavigableString) or type(text) is not NavigableString or not text.strip():
            continue
        inside = [text.parent, *text.parent.parents] if text.parent else []
        if any(e.name in ("code", "script", "mark") or e.get("lang") == "en" for e in inside if e.name):
            continue
        texts.append(" ".join(text.split()))
    return texts


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Our English sentences, as the catalogue has them."""
    keys = {m.id if isinstance(m.id, str) else m.id[0] for m in _catalogue("messages.po") if m.id}
    return {key for key in keys if _ENGLISH_ON_CHINESE_PAGES.search(key) and key != "English"}


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_a_chinese_page_shows_no_english_sentence_of_ours(
    site: Site, sentences: set[str], role: str, path: str
) -> None:
    soup = shown(site, role, path, "zh")
    assert soup.html is not None and soup.html["lang"] == "zh-CN"
    assert [text for text in _own_words(soup) if text in sentences] == []
    for name in ("aria-label", "title", "placeholder", "alt", "data-label"):
        for element in soup.find_all(attrs={name: True}):
            assert element[name] not in sentences, element
    assert soup.title is not None and "海标" in soup.title.get_text()


#: ids that are stored and never shown
_STORED = ("firm_member", "legal_zh", "dispute_type", "ip_right", "china_related", "v.us.txed", "cty.us")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_no_page_shows_a_stored_key(site: Site, role: str, path: str, language: str) -> None:
    words = text_of(shown(site, role, path, language).body)
    for key in _STORED:
        # The import page names the columns' values on purpose.
        if key in ("legal_zh", "dispute_type") and path.endswith("/import"):
            continue
        assert key not in words, key
    assert not re.search(r"%\([a-z]+\)s", words)
    assert "None" not in words.split()
