"""The pages of bulletins as a drafter, a reviewer, a signer and the public meet them."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.service import create_user
from cases.facts import RawEvent, RawParty
from core.actor import Role, system_actor
from tests.factories import origin, raw_case
from tests.factories import record as record_raw
from tests.warning.bulletin_world import Desk, insert_copies
from tests.web.reading import main_text, page, text_of
from tests.web.world import PASSWORD, Site, change_password, post, sign_in
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_models import Bulletin

HIDDEN = ("Hailan", "海岚", "hailan")


def somebody(site: Site, name: str, *roles: Role) -> FlaskClient:
    """A browser of a new person of the first centre."""
    with site.house.database.write() as session:
        _, once = create_user(
            session,
            site.house.clock,
            system_actor("test", site.centre),
            email=f"{name}@example.org",
            roles=roles,
        )
    client = site.visitor()
    sign_in(client, f"{name}@example.org", once)
    change_password(client, once, PASSWORD)
    return client


def stored(site: Site, bulletin_id: str) -> Bulletin:
    with site.house.database.read() as session:
        return session.get_one(Bulletin, uuid.UUID(bulletin_id))


def form_of(client: FlaskClient, bulletin_id: str) -> dict[str, Any]:
    """The editing form as a browser would send it."""
    return fields_of(page(client, f"/bulletins/drafts/{bulletin_id}/edit"))


def fields_of(soup: BeautifulSoup) -> dict[str, Any]:
    form = soup.select_one("form.bulletin-form")
    assert form is not None
    values: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if kind in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            assert chosen is not None, name
            values[name] = str(chosen["value"])
        elif field.name == "textarea":
            values[name] = field.get_text()
        elif kind == "checkbox":
            values.setdefault(name, []).append(str(field["value"]))
        else:
            values[name] = str(field.get("value", ""))
    values.pop("csrf_token")
    return values


def save(client: FlaskClient, bulletin_id: str, **changes: Any) -> TestResponse:
    values = {**form_of(client, bulletin_id), "valid_until": "2026-06-30", **changes}
    return post(client, f"/bulletins/drafts/{bulletin_id}/edit", values)


def step(site: Site, client: FlaskClient, bulletin_id: str, name: str, **more: Any) -> TestResponse:
    version = stored(site, bulletin_id).version
    if name == "approve":
        more = {"declared": list(DECLARATIONS), **more}
    return post(client, f"/bulletins/drafts/{bulletin_id}/step", {"step": name, "version": version, **more})


def all_public(site: Site, slug: str) -> str:
    """Everything the public can get of bulletins, in both languages."""
    texts = []
    for language in ("zh", "en"):
        client = site.visitor(language)
        for path in ("/", "/bulletins", f"/bulletins/{slug}", f"/bulletins/{slug}?edition=1"):
            soup = page(client, path)
            # The home page lists cases too, by the captions of public records.
            for other in soup.select("section[aria-labelledby=newest]"):
                other.decompose()
            texts.append(str(soup))
        for feed in ("atom", "json"):
            texts.append(client.get(f"/bulletins/feed.{feed}").get_data(as_text=True))
    return "\n".join(texts)


def test_a_bulletin_is_made_from_the_page_of_a_case_by_three_people(fresh: Site) -> None:
    staff = fresh.client("staff")
    shown = page(staff, f"/cases/{fresh.ids['case_b']}")
    form = shown.select_one('form[action="/bulletins/drafts"]')
    assert form is not None
    answer = post(staff, "/bulletins/drafts", {"case": fresh.ids["case_b"]})
    identity = answer.headers["Location"].rsplit("/", 1)[1]
    assert save(staff, identity).status_code == 302
    assert step(fresh, staff, identity, "submit").status_code == 302
    # Neither offered nor taken: the drafter's own approval.
    assert 'value="approve"' not in page(staff, f"/bulletins/drafts/{identity}").decode()
    assert step(fresh, staff, identity, "approve").status_code == 403

    reviewer = somebody(fresh, "reviewer", Role.STAFF)
    ticks = [
        str(box["value"])
        for box in page(reviewer, f"/bulletins/drafts/{identity}").select("input[name=checked]")
    ]
    assert ticks
    refused = step(fresh, reviewer, identity, "approve")
    assert refused.status_code == 422
    summary = BeautifulSoup(refused.get_data(as_text=True), "lxml").select_one(".error-summary a")
    assert summary is not None and summary["href"] == "#source-1"
    assert step(fresh, reviewer, identity, "approve", checked=ticks).status_code == 302
    assert step(fresh, reviewer, identity, "sign").status_code == 403, "a reviewer does not sign"

    signer = somebody(fresh, "signer", Role.STAFF, Role.SIGNER)
    assert step(fresh, signer, identity, "sign").status_code == 302
    now = stored(fresh, identity)
    assert (now.state, now.slug) == ("published", "main-2026-0002")
    public = page(fresh.visitor("zh"), f"/bulletins/{now.slug}")
    assert "公报〔2026〕2号" in main_text(public)
    assert "2026-0002" in main_text(page(fresh.visitor(), f"/bulletins/{now.slug}"))
    assert now.slug in page(fresh.visitor(), "/").decode()
    assert "staff@example.org" not in all_public(fresh, str(now.slug)), "an office signs, not a person"


def test_a_drafter_who_signs_too_does_not_sign_their_own(fresh: Site) -> None:
    both = somebody(fresh, "both", Role.STAFF, Role.SIGNER)
    answer = post(both, "/bulletins/drafts", {"case": fresh.ids["case_b"]})
    identity = answer.headers["Location"].rsplit("/", 1)[1]
    save(both, identity)
    step(fresh, both, identity, "submit")
    reviewer = somebody(fresh, "reviewer", Role.STAFF)
    ticks = [s["sha256"] for s in stored(fresh, identity).content["sources"]]
    assert step(fresh, both, identity, "approve", checked=ticks).status_code == 403
    step(fresh, reviewer, identity, "approve", checked=ticks)
    assert 'value="sign"' not in page(both, f"/bulletins/drafts/{identity}").decode()
    assert step(fresh, both, identity, "sign").status_code == 403
    assert stored(fresh, identity).state == "approved"


def test_a_withdrawal_needs_its_token(fresh: Site) -> None:
    signer = somebody(fresh, "signer", Role.STAFF, Role.SIGNER)
    path = f"/bulletins/drafts/{fresh.ids['bulletin_published']}/withdraw"
    assert signer.post(path, data={"reason-zh": "甲", "reason-en": "A"}).status_code == 400


def test_a_withdrawn_bulletin_stays_at_its_address_with_a_notice(fresh: Site) -> None:
    signer = somebody(fresh, "signer", Role.STAFF, Role.SIGNER)
    identity, slug = fresh.ids["bulletin_published"], fresh.ids["bulletin_slug"]
    before = main_text(page(fresh.visitor(), f"/bulletins/{slug}"))
    assert "US9123456" in before
    path = f"/bulletins/drafts/{identity}/withdraw"
    assert "cannot be undone" in main_text(page(signer, path))
    refused = post(signer, path, {"version": stored(fresh, identity).version, "reason-zh": "甲"})
    assert refused.status_code == 422
    post(
        signer,
        path,
        {"version": stored(fresh, identity).version, "reason-zh": "来源撤稿", "reason-en": "Source gone"},
    )
    shown = main_text(page(fresh.visitor(), f"/bulletins/{slug}"))
    assert "This bulletin was withdrawn" in shown and "Source gone" in shown
    assert "US9123456" not in shown
    assert "来源撤稿" in main_text(page(fresh.visitor("zh"), f"/bulletins/{slug}"))
    assert "Model City IP Protection Centre" in shown and "signer@" not in shown
    feed = fresh.visitor().get("/bulletins/feed.atom").get_data(as_text=True)
    assert "[Withdrawn]" in feed and "Source gone" in feed and "US9123456" not in feed


def test_a_correction_is_shown_beside_what_it_corrects(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin_published"]
    slug = fresh.ids["bulletin_slug"]
    answer = post(
        staff, f"/bulletins/drafts/{identity}/correct", {"reason-zh": "标题有误", "reason-en": "Wrong title"}
    )
    draft = re.findall(r"drafts/([0-9a-f-]{36})", answer.headers["Location"])[0]
    save(staff, draft, **{"title-zh": "新标题", "title-en": "The new title"})
    assert "The new title" not in page(fresh.visitor(), f"/bulletins/{slug}").decode()
    step(fresh, staff, draft, "submit")
    ticks = [s["sha256"] for s in stored(fresh, draft).content["sources"]]
    step(fresh, somebody(fresh, "reviewer", Role.STAFF), draft, "approve", checked=ticks)
    step(fresh, somebody(fresh, "signer", Role.STAFF, Role.SIGNER), draft, "sign")
    shown = page(fresh.visitor(), f"/bulletins/{slug}")
    (row,) = shown.select("table.changes tbody tr")
    old, new = (text_of(cell) for cell in row.select("td"))
    assert "2:26-cv-00011" in old and new == "The new title"
    assert "Wrong title" in main_text(shown) and "Edition 2" in main_text(shown)
    earlier = main_text(page(fresh.visitor(), f"/bulletins/{slug}?edition=1"))
    assert "A newer edition stands" in earlier
    assert fresh.visitor().get(f"/bulletins/{slug}?edition=3").status_code == 404
    assert page(fresh.visitor(), "/bulletins").decode().count(f"/bulletins/{slug}") == 1


def test_a_hidden_firm_is_named_nowhere_in_public(fresh: Site) -> None:
    slug = fresh.ids["bulletin_slug"]
    told = all_public(fresh, slug)
    assert "local firm A" in told and "本市企业A" in told
    for name in HIDDEN:
        assert name not in told, name
    desk = page(fresh.client("staff"), f"/bulletins/drafts/{fresh.ids['bulletin_published']}")
    assert "Hailan Drone" in main_text(desk), "staff know who it is"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title-zh", "海岚被诉"),
        ("title-en", "Hailan Drone sued"),
        ("p1-en", "HAILAN is named"),
        ("p2-zh", "涉及hai lan"),
    ],
)
def test_a_text_that_names_a_hidden_firm_is_refused_at_its_field(site: Site, field: str, text: str) -> None:
    answer = save(site.client("staff"), site.ids["bulletin"], **{field: text})
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    assert f"#{field}" in [a["href"] for a in soup.select(".error-summary a")]
    kept = soup.find(id=field)
    assert kept is not None and text in (kept.get("value") or kept.get_text()), "what was typed is kept"


def test_a_firm_is_named_when_the_drafter_says_so(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin"]
    (box,) = page(staff, f"/bulletins/drafts/{identity}/edit").select("input[name=disclosed]")
    answer = save(staff, identity, disclosed=[box["value"]], **{"title-en": "Hailan Drone is sued"})
    assert answer.status_code == 302
    assert {"side": "respondent", "role": "defendant", "name": "Hailan Drone Technology Co., Ltd."} in stored(
        fresh, identity
    ).content["parties"]


def test_problems_lead_to_their_fields(site: Site) -> None:
    staff, identity = site.client("staff"), site.ids["bulletin"]
    answer = save(
        staff,
        identity,
        valid_until="2020-01-01",
        level="L1",
        **{"title-en": "", "new-summary-zh": "没有来源", "new-summary-en": "no source", "d1-basis": ""},
    )
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    leads = [str(a["href"])[1:] for a in soup.select(".error-summary a")]
    assert {"valid_until", "level_reason", "title-en", "d1-basis"} <= set(leads)
    assert any(re.fullmatch(r"p\d+-sources", lead) for lead in leads), "a fact without a source"
    assert all(soup.find(id=lead) for lead in leads)


def test_two_texts_are_shown_when_somebody_was_faster(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin"]
    values = {**form_of(staff, identity), "valid_until": "2026-06-30"}
    save(staff, identity, **{"title-en": "Their title"})
    path = f"/bulletins/drafts/{identity}/edit"
    answer = post(staff, path, {**values, "title-en": "My title"})
    assert answer.status_code == 409
    soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    assert "Their title" in text_of(soup.select_one("table.changes"))
    assert "My title" in text_of(soup.select_one("table.changes"))
    assert stored(fresh, identity).content["title"]["en"] == "Their title"
    assert post(staff, path, {**fields_of(soup), "csrf_token": ""}).status_code == 302
    assert stored(fresh, identity).content["title"]["en"] == "My title"


def test_a_preview_saves_nothing(site: Site) -> None:
    staff, identity = site.client("staff"), site.ids["bulletin"]
    before = stored(site, identity).version
    answer = save(staff, identity, act="preview", **{"title-en": "Only looked at"})
    assert answer.status_code == 200
    assert "Preview: not saved yet" in answer.get_data(as_text=True)
    assert stored(site, identity).version == before


def test_a_desk_says_who_did_what(site: Site) -> None:
    desk = main_text(page(site.client("staff"), "/bulletins/desk"))
    assert "staff@example.org" in desk and "Signed" in desk
    assert "No bulletins" not in desk
    assert "Nothing on the desk" in main_text(page(site.client("staff"), "/bulletins/desk?state=withdrawn"))


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


def test_a_reader_sees_what_is_fact_and_what_is_analysis_or_advice(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin"]
    new = {"new-advice-zh": "保存证据", "new-advice-en": "Keep evidence"}
    refused = save(staff, identity, **new)
    assert refused.status_code == 422 and "or say that this is analysis" in refused.get_data(as_text=True)
    assert save(staff, identity, **new, **{"new-advice-type": "advice"}).status_code == 302
    shown = page(staff, f"/bulletins/drafts/{identity}")
    marks = {
        str(section["aria-labelledby"]): [text_of(mark) for mark in section.select(".paragraph .kind")]
        for section in shown.select("section.sheet")
    }
    assert set(marks["b-summary"]) == {"Fact"}
    assert (marks["b-risk"], marks["b-advice"]) == (["Analysis"], ["Advice"])


def test_an_approver_declares_each_line_and_the_desk_keeps_it(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin"]
    save(staff, identity)
    step(fresh, staff, identity, "submit")
    reviewer = somebody(fresh, "reviewer", Role.STAFF)
    shown = page(reviewer, f"/bulletins/drafts/{identity}")
    assert [str(box["value"]) for box in shown.select("input[name=declared]")] == list(DECLARATIONS)
    assert not shown.select("input[name=declared][checked]"), "nothing is declared for anybody"
    ticks = [str(box["value"]) for box in shown.select("input[name=checked]")]
    some = [key for key in DECLARATIONS if key != "work_secret"]
    refused = step(fresh, reviewer, identity, "approve", checked=ticks, declared=some)
    assert refused.status_code == 422 and 'href="#declared-work_secret"' in refused.get_data(as_text=True)
    assert step(fresh, reviewer, identity, "approve", checked=ticks).status_code == 302
    acts = text_of(
        page(reviewer, f"/bulletins/drafts/{identity}").select_one("section[aria-labelledby=acts]")
    )
    assert "It holds no work secret" in acts
