"""Alerts and the queue: a firm is told what, where and why; staff decide what becomes public."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from cases.facts import RawParty
from cases.models import Case
from core.audit import AuditRow
from enterprises.models import Firm
from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, post, record


def test_an_alert_says_which_case_and_why_this_firm(site: Site) -> None:
    told = main_text(page(site.client("a"), f"/alerts/{site.ids['alert_alpha']}"))
    for words in (
        "海岚无人机科技股份有限公司 is named in a case",
        "Acme Optics v. Hailan Drone",
        "2:26-cv-00011",
        "E.D. Texas",
        "Hailan Drone Technology Co., Ltd.",
        "Hailan Drone Technology Co. Ltd.",
        "Defendant",
        "of 100",
        "For reference only",
    ):
        assert words in told, words


def test_the_reason_is_one_sentence_in_the_readers_language(site: Site) -> None:
    for language, is_chinese in (("en", False), ("zh", True)):
        shown = page(site.client("a"), f"/alerts/{site.ids['alert_alpha']}?lang={language}")
        why = text_of(shown.select(".reasons li p")[-1])
        assert why
        assert any("\u4e00" <= c <= "\u9fff" for c in why) == is_chinese, why
    site.client("a").set_cookie("seamark_lang", "en")


def test_an_unread_alert_is_counted_in_the_menu_until_it_is_read(fresh: Site) -> None:
    client, alert = fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}"
    assert text_of(page(client, "/").select_one(".nav-count")) == "unread: 1"
    post(client, f"{alert}/step", {"step": "read"})
    shown = page(client, "/alerts")
    assert shown.select_one(".nav-count") is None
    assert "Marked as read." in text_of(shown.select_one(".flashes"))
    assert "No unread alerts" in main_text(page(client, "/alerts?state=unread"))
    post(client, f"{alert}/step", {"step": "unread"})
    assert page(client, "/").select_one(".nav-count")


def test_a_step_that_was_taken_already_is_told_so(fresh: Site) -> None:
    client, path = fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}/step"
    assert post(client, path, {"step": "read"}).status_code == 302
    answer = post(client, path, {"step": "read"})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.get_data(as_text=True)
    assert post(client, path, {"step": "burn"}).status_code == 422


def test_staff_see_the_firms_alerts_and_do_not_read_for_them(site: Site) -> None:
    shown = page(site.client("staff"), f"/alerts/{site.ids['alert_alpha']}")
    assert "Mark as read" not in main_text(shown)
    listed = main_text(page(site.client("staff"), "/alerts"))
    assert "海岚" in listed and "北泽" in listed


def test_an_alert_outlives_a_case_that_was_taken_back(fresh: Site) -> None:
    with fresh.house.database.write() as session:
        session.get_one(Case, uuid.UUID(fresh.ids["case"])).status = "dismissed"
    told = main_text(page(fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}"))
    assert "no longer public" in told
    assert "Acme Optics v. Hailan Drone" not in told


def _version(site: Site, name: str) -> str:
    with site.house.database.read() as session:
        return str(session.get_one(Case, uuid.UUID(site.ids[name])).version)


def _review(site: Site, name: str, step: str, **extra: str) -> int:
    form = {"step": step, "version": _version(site, name), **extra}
    return post(site.client("staff"), f"/candidates/{site.ids[name]}/review", form).status_code


def test_confirming_a_candidate_makes_it_public_and_tells_the_firm(fresh: Site) -> None:
    assert "2:26-cv-00014" in main_text(page(fresh.client("staff"), "/candidates"))
    assert _review(fresh, "candidate", "confirm") == 302
    fresh.drain()
    assert "Nothing waits" in main_text(page(fresh.client("staff"), "/candidates"))
    assert page(fresh.visitor(), f"/cases/{fresh.ids['candidate']}")
    assert "1 case" in main_text(page(fresh.visitor(), "/cases?q=Quiet"))
    assert text_of(page(fresh.client("a"), "/alerts").select_one(".nav-count")) == "unread: 2"
    assert text_of(page(fresh.client("b"), "/alerts").select_one(".nav-count")) == "unread: 1"


def test_a_dismissed_candidate_can_be_taken_back_at_once_or_later(fresh: Site) -> None:
    assert _review(fresh, "candidate", "dismiss") == 302
    shown = page(fresh.client("staff"), "/candidates")
    undo = shown.select_one("form.flash-undo")
    assert undo is not None
    fields = {i["name"]: i["value"] for i in undo.select("input")}
    assert fresh.client("staff").post(undo["action"], data=fields).status_code == 302
    assert "2:26-cv-00014" in main_text(page(fresh.client("staff"), "/candidates"))
    assert "2:26-cv-00015" in main_text(page(fresh.client("staff"), "/candidates?status=dismissed"))
    assert _review(fresh, "dismissed", "return", back="case") == 302
    assert "2:26-cv-00015" in main_text(page(fresh.client("staff"), "/candidates"))


def test_a_decision_on_an_old_version_changes_nothing(fresh: Site) -> None:
    old = str(int(_version(fresh, "candidate")) - 1)
    answer = post(
        fresh.client("staff"),
        f"/candidates/{fresh.ids['candidate']}/review",
        {"step": "confirm", "version": old},
    )
    assert answer.status_code == 409
    assert "changed while you were reading it" in answer.get_data(as_text=True)
    assert fresh.visitor().get(f"/cases/{fresh.ids['candidate']}").status_code == 404


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"step": "confirm"}, 422),
        ({"version": "1"}, 422),
        ({"step": "publish", "version": "1"}, 422),
        ({"step": "confirm", "version": "x"}, 422),
        ({"step": "confirm", "version": "9" * 400}, 409),
        ({"step": "confirm", "version": "1", "back": "https://evil.example"}, 422),
    ],
)
def test_a_bad_decision_is_refused(site: Site, form: dict[str, str], status: int) -> None:
    answer = post(site.client("staff"), f"/candidates/{site.ids['candidate']}/review", form)
    assert answer.status_code == status


def test_what_may_name_a_firm_of_the_register_stands_first(fresh: Site) -> None:
    record(fresh, "2:26-cv-00099", "Nobody v. Noone", "Noone LLC", is_ip=False)
    fresh.drain()
    shown = page(fresh.client("staff"), "/candidates")
    rows = shown.select(".case-row")
    assert "is-matched" in rows[0]["class"]
    assert "海岚" in text_of(rows[0])
    assert "is-matched" not in rows[1]["class"]
    theirs = page(fresh.client("other"), "/candidates").select(".case-row")
    assert not any("is-matched" in row["class"] for row in theirs)


def test_a_long_queue_has_pages(fresh: Site) -> None:
    for n in range(24):
        record(fresh, f"3:26-cv-{n:05d}", f"Waiting {n}", "Noone LLC", is_ip=False, filed_on=None, events=())
    client, path, seen = fresh.client("staff"), "/candidates", []
    while path:
        shown = page(client, path)
        seen += [str(a["href"]) for a in shown.select(".case-title a")]
        following = shown.select_one('a[rel="next"]')
        path = str(following["href"]) if following else ""
    assert len(seen) == len(set(seen)) == 25


def test_the_home_page_shows_what_waits_to_those_who_decide(site: Site) -> None:
    staff = main_text(page(site.client("staff"), "/"))
    assert "1 case waits for review" in staff
    assert "Alerts of your centre" in staff
    firm = page(site.client("a"), "/")
    assert "Alerts for your firm" in main_text(firm)
    assert f"/alerts/{site.ids['alert_alpha']}" in links(firm)
    assert "waits for review" not in main_text(firm)
    assert "Alerts" not in main_text(page(site.client("admin"), "/"))


def test_every_decision_is_written_down_without_names(fresh: Site) -> None:
    _review(fresh, "candidate", "confirm")
    with fresh.house.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "case.confirm")).one()
    assert row.actor == f"user:{fresh.ids['user_staff']}"
    assert row.fields == ["status"]
    assert row.request_id


def test_help_wanted_leads_to_the_form_filled_in_from_the_case(fresh: Site) -> None:
    client, path = fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}"
    answer = post(client, f"{path}/answer", {"step": "help", "words": "Served last week", "seen": "open"})
    assert (
        answer.status_code == 302
        and answer.location == f"/consultations/new?alert={fresh.ids['alert_alpha']}"
    )
    form = page(client, answer.location)
    assert form.select_one('[name="docket_number"]')["value"] == "2:26-cv-00011"  # type: ignore[index]
    shown = main_text(page(client, path))
    assert "help wanted" in shown and "Served last week" in shown
    staff = main_text(page(fresh.client("staff"), path))
    assert "Served last week" in staff and "We need help" not in staff
    assert "Acme Optics v. Hailan Drone" in main_text(page(fresh.client("staff"), "/alerts?answer=help"))
    assert "No alert stands" in main_text(page(client, "/alerts?answer=noted"))
    assert page(client, "/").select_one(".nav-count") is None, "whoever answers has read it"


def test_the_page_says_how_grave_it_is_who_could_help_and_how_others_ended(fresh: Site) -> None:
    record(
        fresh,
        "2:25-cv-00500",
        "Older v. Case",
        "Somebody LLC",
        is_ip=True,
        outcome="Consent judgment",
        events=(),
    )
    fresh.drain()
    told = main_text(page(fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}"))
    for words in (
        "How grave it is",
        "local firm named",
        "Older v. Case",
        "Consent judgment",
        "Experts who could help",
        "Sample Expert A",
        "Ask for advice",
        "What to do first",
    ):
        assert words in told, words
    for secret in ("Hidden Client GmbH", "Secret Chambers", "示例专家·乙", "Joint defence"):
        assert secret not in told, secret


def test_two_firms_of_one_case_meet_when_both_agree(fresh: Site) -> None:
    parties = [
        RawParty(name, "defendant") for name in ("Hailan Drone Technology Co Ltd", "Beize Lighting Co Ltd")
    ]
    with fresh.house.database.write() as session:
        for firm in session.scalars(select(Firm)):
            firm.is_local = True
    record(fresh, "2:26-cv-00077", "Acme v. Both", "", is_ip=True, parties=parties)
    fresh.drain()
    paths = {}
    for role in ("a", "b"):
        rows = page(fresh.client(role), "/alerts").select(".case-title a")
        paths[role] = str(rows[0]["href"])
    a, b = fresh.client("a"), fresh.client("b")
    assert "names 1 other firm of this city" in main_text(page(a, paths["a"]))
    assert "北泽" not in main_text(page(a, paths["a"]))
    refused = post(a, f"{paths['a']}/joint", {"step": "agree", "contact": "me"})
    assert refused.status_code == 422 and "Whom may the other firms speak with?" in refused.get_data(
        as_text=True
    )
    assert post(a, f"{paths['a']}/joint", {"step": "agree", "contact": "Li, 0571-1000"}).status_code == 302
    assert "0571-1000" not in main_text(page(b, paths["b"]))
    post(b, f"{paths['b']}/joint", {"step": "agree", "contact": "Wang, 0571-2000"})
    assert "0571-2000" in main_text(page(a, paths["a"])) and "0571-1000" in main_text(page(b, paths["b"]))
    fresh.drain()
    assert "agrees to joint defence" in main_text(page(a, "/alerts"))
    post(a, f"{paths['a']}/joint", {"step": "withdraw"})
    assert "0571-1000" not in main_text(page(b, paths["b"])) and "0571-2000" not in main_text(
        page(a, paths["a"])
    )
    assert "0571" not in main_text(page(fresh.client("staff"), paths["a"]))
