"""When something is wrong: a page that says what, that nothing was lost, and what to do; and nothing is run."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import text, update

from cases.facts import RawEvent, RawParty, RawRight
from core.errors import StoreBusy, StoreFull
from enterprises.models import Firm, FirmName
from tests.web import onward
from tests.web.agencies import furnish
from tests.web.reading import main_text, page
from tests.web.test_headers import PAGES
from tests.web.world import Site, post, record

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{7*7}}"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/cases?since=x", 422), ("/users", 302), ("/firms//", 404), ("/cases/x/y/z", 404)],
)
def test_an_error_is_a_page_in_the_readers_language(
    site: Site, path: str, status: int, language: str
) -> None:
    client = site.visitor(language)
    answer = client.get(path)
    assert answer.status_code == status
    if status == 302:
        return
    shown = answer.get_data(as_text=True)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in shown
    assert answer.headers["X-Request-Id"] in shown
    assert ("Search cases" if language == "en" else "搜索案件") in shown


def test_a_forbidden_page_says_so_and_where_to_go(site: Site) -> None:
    told = main_text(page(site.client("a"), "/users", 403))
    assert "You may not do this" in told
    assert "Nothing was changed" in told
    assert "user.write" not in told


def test_an_expired_form_says_to_reload(site: Site) -> None:
    answer = site.client("a").post("/account/language", data={"locale": "en"})
    assert "reload the page and send it again" in answer.get_data(as_text=True)


def test_a_method_not_taken_keeps_the_list_of_those_that_are(site: Site) -> None:
    answer = site.visitor().delete("/cases")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "This page is not used that way" in answer.get_data(as_text=True)


def test_a_crash_says_nothing_of_its_insides(fresh: Site) -> None:
    def crash() -> str:
        raise ZeroDivisionError("the secret number is 42")

    crash.seamark_need = __import__("core.web", fromlist=["Gate"]).Gate.OPEN  # type: ignore[attr-defined]
    fresh.app.add_url_rule("/crash", "crash", crash)
    answer = fresh.visitor().get("/crash")
    assert answer.status_code == 500
    shown = answer.get_data(as_text=True)
    assert "Something went wrong" in shown
    assert answer.headers["X-Request-Id"] in shown
    assert "42" not in re.sub("[0-9a-f]{16}", "", shown)
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("role", ["visitor", "staff"])
def test_without_a_database_the_page_still_says_so(fresh: Site, role: str) -> None:
    client = fresh.client(role)
    with fresh.house.database.write() as session:
        for table in ("alert", "account_role", "account", '"case"'):
            session.execute(text("PRAGMA foreign_keys=OFF"))
            session.execute(text(f"ALTER TABLE {table} RENAME TO {table.strip(chr(34))}_gone"))
    for path in ("/", "/cases", "/alerts" if role == "staff" else "/sources"):
        answer = client.get(path)
        if answer.status_code == 200:
            continue
        assert answer.status_code == 500, path
        shown = answer.get_data(as_text=True)
        assert "The fault is ours" in shown, path
        assert "<!doctype html>" in shown


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StoreBusy("locked by pid 12"), 503, "Not available at this moment"),
        (StoreFull("/srv/x is full"), 507, "The store is full"),
    ],
)
def test_a_busy_or_full_store_loses_nothing(
    fresh: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, words: str
) -> None:
    client, path = fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}/step"

    def fail(*args: object, **extra: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("warning.views.mark_alert", fail)
        answer = post(client, path, {"step": "read"})
    assert answer.status_code == status
    shown = answer.get_data(as_text=True)
    assert words in shown
    assert "Nothing was lost" in shown
    assert "pid 12" not in shown and "/srv/x" not in shown
    assert post(client, path, {"step": "read"}).status_code == 302


def test_a_supervisor_gets_a_short_answer(site: Site) -> None:
    assert site.visitor().get("/healthz").get_data(as_text=True) == "ok\n"
    told = site.visitor().get("/readyz").get_json()
    assert told["database"] == "ok"
    assert told["documents"] == 5


def test_a_supervisor_is_told_when_the_database_is_gone(fresh: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object) -> None:
        raise OSError("no route to host 10.0.0.7")

    monkeypatch.setattr(type(fresh.house.database), "ping", gone)
    answer = fresh.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A world in which every text that comes from outside tries to be markup."""
    from tests.web.conftest import make_site

    made = make_site(tmp_path_factory.mktemp("hostile"))
    furnish(made)
    onward.furnish(made)
    case = record(
        made,
        "6:26-cv-66666" + HOSTILE[:20],
        HOSTILE,
        "Hailan Drone Technology Co., Ltd.",
        is_ip=True,
        title=HOSTILE + " patent infringement",
        text=HOSTILE + " patent infringement",
        url="javascript:alert(1)",
        codes={HOSTILE: (HOSTILE,)},
        rights=(RawRight(HOSTILE, HOSTILE),),
        parties=(
            RawParty("Hailan Drone Technology Co., Ltd.", "defendant"),
            RawParty(HOSTILE, HOSTILE, HOSTILE),
        ),
        events=(RawEvent(None, HOSTILE, HOSTILE + " ", "javascript:alert(1)"),),
        outcome=HOSTILE,
    )
    made.ids["case"] = case
    made.ids["candidate"] = record(made, HOSTILE, HOSTILE, HOSTILE, is_ip=False)
    with made.house.database.write() as session:
        session.execute(
            update(Firm).values(
                name_zh=HOSTILE, name_en=HOSTILE, industries=[HOSTILE], ref=Firm.ref + HOSTILE
            )
        )
        session.execute(
            update(FirmName).where(FirmName.kind == "legal_zh").values(name=HOSTILE, source=HOSTILE)
        )
    made.drain()
    return made


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role} {path}" for role, path in PAGES])
def test_hostile_words_stay_words(hostile: Site, role: str, path: str) -> None:
    answer = hostile.client(role).get(path.format(**hostile.ids))
    shown = answer.get_data(as_text=True)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert 'href="javascript:' not in shown
    assert answer.status_code < 500


@pytest.mark.parametrize("q", [HOSTILE, "'\"><svg onload=alert(1)>"])
@pytest.mark.parametrize("path", ["/cases", "/firms", "/sign-in", "/nowhere"])
def test_hostile_addresses_stay_addresses(hostile: Site, path: str, q: str) -> None:
    query = dict.fromkeys(("q", "next", "region", "lang", "x"), q)
    shown = (
        hostile.client("staff").get(path, query_string=query, follow_redirects=True).get_data(as_text=True)
    )
    assert "<script>alert" not in shown
    assert "<svg" not in shown
    assert "<img src=x" not in shown


def test_hostile_words_are_found_and_marked_as_words(hostile: Site) -> None:
    shown = page(hostile.client("staff"), "/cases?q=onerror")
    assert shown.find("img", attrs={"src": "x"}) is None
    assert "onerror" in [m.get_text() for m in shown.find_all("mark")]


def test_a_path_that_looks_like_another_site_leads_nowhere_else(site: Site) -> None:
    for path in ("//evil.example/x", "/\\evil.example", "///evil.example"):
        answer = site.visitor().get(path)
        if answer.status_code in (301, 302, 307, 308):
            assert "//evil" not in answer.headers["Location"].replace("http://localhost", "")
            continue
        assert 'href="//evil' not in answer.get_data(as_text=True)
        assert 'href="/\\evil' not in answer.get_data(as_text=True)


def test_an_unknown_id_in_every_place_is_not_found(site: Site) -> None:
    unknown = str(uuid.uuid4())
    for role, path in (
        ("staff", f"/cases/{unknown}"),
        ("staff", f"/alerts/{unknown}"),
        ("staff", f"/firms/{unknown}"),
        ("staff", f"/sources/{unknown}"),
        ("admin", f"/users/{unknown}"),
    ):
        page(site.client(role), path, 404)
