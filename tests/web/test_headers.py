"""Headers and markup: a strict policy, and pages that live under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.web.conftest import make_site
from tests.web.reading import page, shown
from tests.web.test_routes import ROWS
from tests.web.world import ROLES, Site, sign_in


def _pages() -> Iterator[tuple[str, str]]:
    """Every page that somebody is shown, as (role, path); a refusal is one page, read once a role and status."""
    refused: set[tuple[str, int]] = set()
    for row in ROWS:
        parts = set(row["path"].split("?")[0].split("/"))
        if (
            row["method"] != "GET"
            or row["endpoint"] in ("site.health", "site.ready", "static")
            or "export" in row["path"]
            or "form=csv" in row["path"]
            or parts & {"api", "evidence", "files", "pdf", "docx", "counts", "package"}
            # A feed is no page: tests/web/test_bulletin_public_pages.py and tests/warning/test_bulletin_drafts.py read them.
            or "/feed." in row["path"]
        ):
            continue
        for role, status in zip(ROLES, row["gives"], strict=True):
            if status in (403, 404):
                if (role, status) in refused:
                    continue
                refused.add((role, status))
            elif status not in (200, 422):
                continue
            yield role, row["path"]


PAGES = list(_pages())


def _policy(value: str) -> dict[str, list[str]]:
    parts = (part.split() for part in value.split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_a_page_needs_no_inline_code_and_nobody_elses_files(site: Site, role: str, path: str) -> None:
    soup = shown(site, role, path)
    assert soup.find("style") is None
    assert [s for s in soup.find_all("script") if not s.get("src") or s.string] == []
    for element in soup.find_all(True):
        assert "style" not in element.attrs, element
        assert [name for name in element.attrs if name.startswith("on")] == [], element
        for name in ("src", "srcset", "data", "poster", "action", "formaction"):
            assert not re.match(r"(https?:)?//", str(element.get(name, ""))), element
        assert not str(element.get("href", "")).lower().startswith(("javascript:", "data:"))
    for link in soup.find_all("link"):
        own = "/bulletins/feed." if "alternate" in link["rel"] else "/static/"
        assert str(link["href"]).startswith(own)


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_a_page_is_headed_labelled_and_has_one_of_each_id(site: Site, role: str, path: str) -> None:
    soup = shown(site, role, path)
    assert soup.html is not None and soup.html["lang"] == "en"
    assert len(soup.find_all("h1")) == 1
    assert soup.title is not None and "Seamark" in soup.title.get_text()
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), sorted(ids)
    for element in soup.find_all(True):
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if element.has_attr(name):
                assert soup.find(id=element[name]) is not None, element
    for field in soup.select("input:not([type=hidden]), select, textarea"):
        assert soup.find("label", attrs={"for": field["id"]}) is not None, field
    for element in soup.select("a, button, summary"):
        assert element.get_text().strip(), element
    levels = [int(h.name[1]) for h in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(site: Site) -> None:
    for path in ("/", "/cases", "/sign-in", "/nowhere", "/healthz", "/static/seamark.css", "/alerts"):
        answer = site.visitor().get(path)
        policy = _policy(answer.headers["Content-Security-Policy"])
        answer.close()
        assert policy["default-src"] == ["'self'"]
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        everything = " ".join(source for sources in policy.values() for source in sources)
        for word in ("unsafe", "http", "*", "nonce"):
            assert word not in everything


def test_every_answer_carries_the_other_headers(site: Site) -> None:
    answer = site.visitor().get("/cases")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])
    assert "Strict-Transport-Security" not in answer.headers


def test_a_request_number_from_outside_is_not_believed(site: Site) -> None:
    answer = site.visitor().get("/cases", headers={"X-Request-Id": "forged\x41"})
    assert "forged" not in answer.headers["X-Request-Id"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    client = site.app.test_client()
    answer = client.get("/sign-in?lang=zh")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie


def test_behind_tls_cookies_are_secure_and_browsers_are_told_to_stay(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = make_site(tmp_path_factory.mktemp("tls"), SEAMARK_HTTPS="1", SEAMARK_TRUSTED_PROXIES="1")
    try:
        client = made.app.test_client()
        answer = client.get("/sign-in?lang=en", base_url="https://localhost")
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    finally:
        made.house.close()


def test_a_visitor_is_given_no_cookie_for_reading(site: Site) -> None:
    for path in ("/", "/cases", f"/cases/{site.ids['case']}", "/sources"):
        assert site.app.test_client().get(path).headers.getlist("Set-Cookie") == [], path


def test_signing_in_gives_a_new_session(fresh: Site) -> None:
    client = fresh.visitor()
    client.get("/sign-in")
    before = client.get_cookie("session")
    sign_in(client, "a@example.org", fresh.passwords["a"])
    after = client.get_cookie("session")
    assert before and after and before.value != after.value


def test_the_menu_names_the_page_one_is_on(site: Site) -> None:
    current = page(site.client("staff"), "/firms").select("nav.nav a[aria-current]")
    assert [a.get_text().strip() for a in current] == ["Firms"]
