"""Reading a page as a browser and a screen reader do: elements, attributes, visible text."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from tests.web.world import Site

_SHOWN: dict[tuple[int, str, str, str], str] = {}


def shown(site: Site, role: str, path: str, language: str = "en") -> BeautifulSoup:
    """The page that ``role`` is shown at ``path`` of a site that nobody changes: fetched once, for every test that reads it."""
    key = (id(site), role, path, language)
    if key not in _SHOWN:
        client = site.client(role)
        client.set_cookie("seamark_lang", language)
        try:
            _SHOWN[key] = client.get(path.format(**site.ids)).get_data(as_text=True)
        finally:
            client.set_cookie("seamark_lang", "en")
    return BeautifulSoup(_SHOWN[key], "lxml")


def page(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    """The page at ``path``, parsed; its status must be ``status``."""
    answer = client.get(path)
    assert answer.status_code == status, f"{path} gave {answer.status_code}"
    return BeautifulSoup(answer.get_data(as_text=True), "lxml")


def main_text(soup: BeautifulSoup) -> str:
    """The words of a page's main part, with single spaces."""
    return text_of(soup.main)


def text_of(element: Tag | None) -> str:
    """The words of an element, with single spaces."""
    assert element is not None
    return " ".join(element.get_text(" ").split())


def links(soup: BeautifulSoup) -> list[str]:
    """Where a page leads, in order."""
    return [str(a["href"]) for a in soup.find_all("a", href=True)]
