"""Looking at a page as a person and a machine would: width, glyphs, words, accessibility, and a screenshot kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import Page

from config import ROOT, looks_at_all

SHOTS = ROOT / "build" / "shots"
LANGUAGES = ("zh", "en")
#: what a page is looked at in; the pipeline sees each language and each width once, a person all there is
ALL = (("zh", 1280), ("zh", 390), ("en", 1280), ("en", 390))
TWO = (("en", 1280), ("zh", 390))

#: every character of the page is drawn; one that looks like the font's "no such glyph" box is named
_GLYPHS = """() => {
  const family = getComputedStyle(document.body).fontFamily;
  const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 40});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const draw = (char) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = "24px " + family;
    pen.fillText(char, 4, 28);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const box = draw("\\u{2FFFE}");
  const seen = new Set(document.body.innerText.replace(/\\s/g, ""));
  return [...seen].filter((char) => draw(char) === box);
}"""
#: the texts of visible elements that are not marked as being in another language
_TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.closest("[lang=en], code, script, style")) continue;
    texts.push(walker.currentNode.textContent.trim().replace(/\\s+/g, " "));
  }
  return texts;
}"""


@cache
def _english() -> frozenset[str]:
    with (ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as stream:
        catalogue = read_po(stream, locale="zh_Hans_CN")
    ids = (m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id)
    return frozenset(i for i in ids if "%" not in i and i.isascii() and len(i) > 2)


def look_at(page: Page, name: str) -> list[str]:
    """Everything wrong with the page at both widths in both languages; screenshots are kept under ``build/shots``. With
    ``SEAMARK_LOOKS=two`` each width and each language once, and nothing is kept.

    The page is loaded again for each, so it must be one that a GET shows.
    """
    problems: list[str] = []
    SHOTS.mkdir(parents=True, exist_ok=True)
    address = page.url
    joined = f"{address.split('#')[0]}{'&' if '?' in address else '?'}lang="
    for language, width in ALL if looks_at_all() else TWO:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{joined}{language}")
        where = f"{name} ({language}, {width} px)"
        if looks_at_all():
            page.screenshot(path=SHOTS / f"{name}-{language}-{width}.png", full_page=True)
        problems += [f"{where}: {problem}" for problem in _problems(page, language)]
    page.set_viewport_size({"width": 1280, "height": 900})
    if language != "zh":
        page.goto(f"{joined}zh")
    page.goto(address)
    return problems


def _problems(page: Page, language: str) -> list[str]:
    out = []
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        out.append(f"scrolls sideways by {wide} px")
    if boxes := page.evaluate(_GLYPHS):
        out.append(f"has no glyph for {boxes}")
    if language == "zh" and (left := sorted(set(page.evaluate(_TEXTS)) & _english())):
        out.append(f"is not translated: {left}")
    for violation in Axe().run(page).response["violations"]:
        nodes = [node["html"][:120] for node in violation["nodes"][:2]]
        out.append(f"axe {violation['id']} ({violation['impact']}): {violation['help']} {nodes}")
    return out


def shot(page: Page, path: Path) -> None:
    """A screenshot of what stands in the window."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
