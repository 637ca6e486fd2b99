"""Bulletins at their pages, as a drafter, a reviewer and a signer meet them."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from core.actor import Role
from tests.web.bulletin_browsing import all_public, fields_of, form_of, save, somebody, step, stored
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, post
from warning.bulletin_checks import DECLARATIONS


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
