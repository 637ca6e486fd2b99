"""Published bulletins as the public meets them: lists, feeds, hidden firms, hostile words."""

from __future__ import annotations

import uuid

from bs4 import BeautifulSoup
from sqlalchemy import select

from cases.facts import RawEvent, RawParty
from core.actor import Role
from tests.factories import origin, raw_case
from tests.factories import record as record_raw
from tests.warning.bulletin_world import Desk, insert_copies
from tests.web.bulletin_browsing import HIDDEN, all_public, save, somebody, stored
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, post
from warning.bulletin_models import Bulletin


def test_a_hidden_firm_is_named_nowhere_in_public(fresh: Site) -> None:
    slug = fresh.ids["bulletin_slug"]
    told = all_public(fresh, slug)
    assert "local firm A" in told and "本市企业A" in told
    for name in HIDDEN:
        assert name not in told, name
    desk = page(fresh.client("staff"), f"/bulletins/drafts/{fresh.ids['bulletin_published']}")
    assert "Hailan Drone" in main_text(desk), "staff know who it is"


def test_a_list_is_filtered_paged_and_says_when_it_is_empty(fresh: Site) -> None:
    slug = fresh.ids["bulletin_slug"]
    insert_copies(fresh.house, uuid.UUID(fresh.ids["bulletin_published"]), 25)
    visitor = fresh.visitor()
    first = page(visitor, "/bulletins")
    assert len(first.select(".bulletin-row")) == 20
    following = first.select_one("a[rel=next]")
    assert following is not None
    second = page(visitor, str(following["href"]))
    assert len(second.select(".bulletin-row")) == 6
    level = stored(fresh, fresh.ids["bulletin_published"]).level
    assert slug in page(visitor, f"/bulletins?level={level}&cursor=").decode() or level
    other = "L1" if level != "L1" else "L2"
    assert "Nothing found" in main_text(page(visitor, f"/bulletins?level={other}"))
    assert page(visitor, "/bulletins?region=US").select(".bulletin-row")
    assert not page(visitor, "/bulletins?region=DE").select(".bulletin-row")
    assert visitor.get("/bulletins?level=L9").status_code == 422
    assert visitor.get("/bulletins?cursor=nonsense").status_code == 422


def test_a_level_is_a_word_a_numeral_and_a_colour(fresh: Site) -> None:
    for level, zh, numeral in (
        ("L1", "红色", "I"),
        ("L2", "橙色", "II"),
        ("L3", "黄色", "III"),
        ("L4", "蓝色", "IV"),
    ):
        save(fresh.client("staff"), fresh.ids["bulletin"], level=level, level_reason="会商决定")
        soup = page(fresh.visitor("zh"), "/bulletins")
        soup = page(fresh.client("staff"), f"/bulletins/drafts/{fresh.ids['bulletin']}?lang=zh")
        mark = soup.select_one(f".case-head .level-{level}")
        assert mark is not None and zh in mark.get_text()
        assert text_of(mark.select_one(".level-mark")) == numeral


def test_hostile_words_of_a_source_are_only_words(fresh: Site) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\x0b]]>'
    house = fresh.house
    told = origin(house, sha256=house.evidence.put(b"evil"), url="javascript:alert(3)", authority=30)
    raw = raw_case(
        "2:26-cv-<b>66</b>",
        caption=f"Evil {evil} v. Other",
        outcome=evil,
        parties=(RawParty(f"Evil {evil}", "plaintiff"), RawParty("Other LLC", "defendant")),
        events=(RawEvent(None, "X", evil), RawEvent(raw_case().filed_on, evil, evil)),
    )
    case_id = record_raw(house, raw, told).case_id
    fresh.drain()
    desk = Desk(house, case_id).publish()
    slug = str(desk.now.slug)
    for path in ("/bulletins", f"/bulletins/{slug}", f"/bulletins/drafts/{desk.id}", "/bulletins/desk"):
        soup = page(fresh.client("staff"), path)
        assert [s for s in soup.find_all("script") if not s.get("src")] == []
        assert soup.find("img", src="x") is None
        assert not [a for a in soup.find_all("a", href=True) if str(a["href"]).startswith("javascript")]
    from lxml import etree

    for kind in ("atom", "json"):
        body = fresh.visitor().get(f"/bulletins/feed.{kind}").get_data()
        if kind == "atom":
            etree.fromstring(body)
            inner = " ".join(
                e.text or "" for e in etree.fromstring(body).iter("{http://www.w3.org/2005/Atom}content")
            )
            parsed = BeautifulSoup(inner, "lxml")
            assert parsed.find("script") is None and parsed.find("img") is None
        assert b"\x0b" not in body


def test_other_centres_drafts_are_not_there_and_what_they_published_is(fresh: Site) -> None:
    other, staff = fresh.client("other"), fresh.client("staff")
    assert fresh.ids["bulletin"] not in page(other, "/bulletins/desk").decode()
    assert fresh.ids["bulletin_published"] not in page(other, "/bulletins/desk").decode()
    assert fresh.ids["bulletin_other"] not in page(staff, "/bulletins/desk").decode()
    assert page(other, f"/bulletins/{fresh.ids['bulletin_slug']}").select("article.bulletin")
    assert "Open on the desk" not in main_text(page(other, f"/bulletins/{fresh.ids['bulletin_slug']}"))


def test_a_bulletin_that_was_tampered_with_is_not_shown(fresh: Site) -> None:
    from sqlalchemy import update

    with fresh.house.database.write() as session:
        published = session.scalars(select(Bulletin).where(Bulletin.slug.is_not(None))).one()
        content = {**published.content, "title": {"zh": "假", "en": "forged", "origin": "zh"}}
        session.execute(update(Bulletin).where(Bulletin.id == published.id).values(content=content))
    visitor = fresh.visitor()
    answer = visitor.get(f"/bulletins/{fresh.ids['bulletin_slug']}")
    assert answer.status_code == 500
    assert "forged" not in answer.get_data(as_text=True)
    assert "forged" not in visitor.get("/bulletins/feed.atom").get_data(as_text=True)


def test_feeds_are_the_same_for_everybody_and_answer_304(site: Site) -> None:
    for kind, mimetype in (("atom", "application/atom+xml"), ("json", "application/feed+json")):
        path = f"/bulletins/feed.{kind}"
        first = site.visitor("zh").get(path)
        assert first.mimetype == mimetype
        assert first.get_data() == site.client("staff").get(path).get_data()
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        for header, value in (("If-None-Match", etag), ("If-Modified-Since", modified)):
            again = site.visitor().get(path, headers={header: value})
            assert again.status_code == 304 and not again.get_data(), header
        assert site.visitor().get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_feed_reader_finds_the_feeds(site: Site) -> None:
    import feedparser

    head = page(site.visitor(), "/bulletins").head
    assert head is not None
    found = {str(link["type"]): str(link["href"]) for link in head.select('link[rel="alternate"]')}
    assert found == {
        "application/atom+xml": "/bulletins/feed.atom",
        "application/feed+json": "/bulletins/feed.json",
    }
    parsed = feedparser.parse(site.visitor().get("/bulletins/feed.atom").get_data())
    assert not parsed.bozo
    assert parsed.entries[0].link.endswith(f"/bulletins/{site.ids['bulletin_slug']}")
    assert parsed.entries[0].id == f"urn:uuid:{site.ids['bulletin_published']}"


def test_an_entry_keeps_its_id_when_the_bulletin_is_withdrawn(fresh: Site) -> None:
    import json
    from datetime import timedelta

    before = json.loads(fresh.visitor().get("/bulletins/feed.json").get_data())["items"]
    fresh.house.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    signer = somebody(fresh, "signer", Role.STAFF, Role.SIGNER)
    identity = fresh.ids["bulletin_published"]
    reason = {"version": stored(fresh, identity).version, "reason-zh": "甲", "reason-en": "A"}
    post(signer, f"/bulletins/drafts/{identity}/withdraw", reason)
    after = json.loads(fresh.visitor().get("/bulletins/feed.json").get_data())["items"]
    assert [i["id"] for i in before] == [i["id"] for i in after]
    assert after[0]["date_modified"] > before[0]["date_modified"]
    assert after[0]["date_published"] == before[0]["date_published"]
    assert "US9123456" not in main_text(
        page(fresh.visitor(), f"/bulletins/{fresh.ids['bulletin_slug']}?edition=1")
    )


def test_an_empty_house_says_what_will_appear(fresh: Site) -> None:
    from sqlalchemy import delete

    with fresh.house.database.write() as session:
        session.execute(delete(Bulletin))
    assert "No bulletins yet" in main_text(page(fresh.visitor(), "/bulletins"))
    assert "Nothing on the desk" in main_text(page(fresh.client("staff"), "/bulletins/desk"))
    assert fresh.visitor().get("/bulletins/feed.atom").status_code == 200
