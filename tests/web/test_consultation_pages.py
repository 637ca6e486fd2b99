"""The pages of consultations, as each side meets them: the way through, what is kept on a mistake, what is not shown."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditRow
from experts.consultation_models import Consultation
from experts.models import Expert
from experts.opinions import issue_opinion
from tests.experts.files import EXE, PDF
from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, post

FORM = {
    "scenario": "sued", "story": "A summons came by courier.", "region": "US", "venue": "E.D. Texas",
    "docket_number": "2:26-cv-00011", "opponents": "Acme Optics Inc.\n\nAcme LLC", "known_on": "2026-02-27",
    "question": "When do we answer?", "contact_name": "Li", "contact_phone": "+86 1", "language": "zh",
}  # fmt: skip


def _row(site: Site, **where: Any) -> Consultation:
    with site.house.database.read() as session:
        query = select(Consultation).filter_by(**where).order_by(Consultation.id.desc()).limit(1)
        return session.scalars(query).one()


def _soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "lxml")


def _step(site: Site, role: str, path: str, step: str, **more: Any) -> Any:
    client = site.client(role)
    version = _row(site, id=uuid.UUID(path.split("/")[2])).version
    answer = post(client, f"{path}/step", {"step": step, "version": version, **more})
    return answer


def test_from_the_alert_to_a_rated_opinion(fresh: Site) -> None:
    firm, staff, expert = (fresh.client(role) for role in ("a", "staff", "expert"))
    alert = page(firm, f"/alerts/{fresh.ids['alert_alpha']}")
    begin = next(link for link in links(alert) if link.startswith("/consultations/new"))
    form = page(firm, begin)
    assert form.select_one("#docket_number")["value"] == "2:26-cv-00011"  # type: ignore[index]
    assert text_of(form.select_one("#opponents")) == "Acme Optics Inc."
    assert form.select_one("#scenario-sued").has_attr("checked")  # type: ignore[union-attr]
    hidden = {
        i["name"]: i["value"]
        for i in form.select("form.sheet input[type=hidden]")
        if i["name"] in ("alert", "case")
    }
    made = post(firm, "/consultations", {**FORM, **hidden, "act": "continue"})
    check = unquote(made.headers["Location"])
    path = check.removesuffix("/check")
    row = _row(fresh)
    assert (row.venue, row.opponents, str(row.alert_id)) == (
        "v.us.txed",
        ["Acme Optics Inc.", "Acme LLC"],
        fresh.ids["alert_alpha"],
    )
    assert "When do we answer?" in main_text(page(firm, check))
    sent = {"file": (io.BytesIO(PDF), "../令状.pdf")}
    assert post(firm, f"{path}/files", sent, content_type="multipart/form-data").status_code == 302
    agreed = {"truth": "true", "notice": "true", "expert": "true"}
    assert post(firm, f"{path}/submit", {"version": 1, **agreed}).headers["Location"] == path
    shown = main_text(page(firm, path))
    assert "咨询-2026-" in shown and "the centre" in shown and "working day" in shown
    assert _step(fresh, "staff", path, "accept", urgency="u2").status_code == 302
    assert (
        _step(
            fresh, "staff", path, "assign", expert=fresh.ids["expert"], note="Knows this court."
        ).status_code
        == 302
    )
    before = main_text(page(expert, path))
    assert "Acme LLC" in before
    assert "A summons came" not in before and "令状" not in before and "Messages" not in before
    for step in ("declare", "begin"):
        assert _step(fresh, "expert", path, step).status_code == 302
    after = page(expert, path)
    assert "A summons came" in main_text(after)
    download = next(link for link in links(after) if "/files/" in link)
    got = expert.get(download)
    assert got.data == PDF
    assert "attachment" in got.headers["Content-Disposition"]
    assert (got.headers["X-Content-Type-Options"], got.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    texts = dict.fromkeys(
        ("facts", "issues", "analysis", "risk", "options", "evidence", "statement"), "Text of it."
    )
    assert post(expert, f"{path}/opinion", {**texts, "version": 0, "act": "send"}).headers["Location"] == path
    assert "Text of it." in main_text(page(staff, f"{path}/opinion/draft"))
    assert firm.get(f"{path}/opinion/1").status_code == 404
    assert _step(fresh, "staff", path, "pass_opinion", signed_as="Zhang").status_code == 302
    assert _step(fresh, "staff", path, "issue").status_code == 403, "whoever reviewed it does not issue it"
    signer = replace(fresh.actor("staff"), name="user:signer", user_id=None)
    with fresh.house.database.write() as session:
        version = session.get_one(Consultation, row.id).version
        issue_opinion(session, fresh.house.clock, signer, row.id, signed_as="Li", seen_version=version)
    opinion = main_text(page(firm, f"{path}/opinion/1"))
    assert "Text of it." in opinion and "SHA-256" in opinion
    assert "Zhang" in opinion and "Li" in opinion
    assert _step(fresh, "a", path, "close", satisfaction=5, words="Clear and in time").status_code == 302
    assert "5 of 5" in main_text(page(staff, path))
    with fresh.house.database.read() as session:
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject_id == str(row.id))).all()
    assert acts.count("consultation.file_read") == 1


def test_a_draft_is_kept_and_gone_on_with(fresh: Site) -> None:
    firm = fresh.client("a")
    kept = post(firm, "/consultations", {"scenario": "customs", "act": "save"}, follow_redirects=True)
    assert "The draft is kept" in main_text(_soup(kept))
    row = _row(fresh, scenario="customs")
    check = page(firm, f"/consultations/{row.id}/check")
    assert "Say what happened." in main_text(check)
    open_answer = next(link for link in links(check) if link.endswith("#story") and "check=1" in link)
    assert page(firm, open_answer.split("#")[0]).select_one("#story")["aria-invalid"] == "true"  # type: ignore[index]
    assert post(firm, f"/consultations/{row.id}/edit", {**FORM, "version": 1}).status_code == 302
    assert _row(fresh, id=row.id).story == FORM["story"]


def test_what_was_typed_stays_on_the_page_when_it_is_refused(site: Site) -> None:
    firm = site.client("a")
    wrong = {**FORM, "known_on": "last week", "contact_email": "nobody", "story": "Please <keep> this"}
    answer = post(firm, "/consultations", wrong)
    assert answer.status_code == 422
    soup = _soup(answer)
    assert text_of(soup.select_one("#story")) == "Please <keep> this"
    assert soup.select_one("#known_on")["value"] == "last week"  # type: ignore[index]
    summary = soup.select_one(".problem-summary")
    assert summary is not None
    for link in summary.select("a"):
        target = soup.select_one(str(link["href"]))
        assert target is not None and target.name in ("input", "textarea", "select", "fieldset")
    assert {link["href"] for link in summary.select("a")} == {"#known_on", "#contact_email"}


def test_a_draft_saved_in_two_windows_shows_both_texts(fresh: Site) -> None:
    firm, path = fresh.client("a"), f"/consultations/{fresh.ids['matter_draft']}/edit"
    assert post(firm, path, {**FORM, "question": "first", "version": 1}).status_code == 302
    answer = post(firm, path, {**FORM, "question": "second", "version": 1})
    assert answer.status_code == 409
    soup = _soup(answer)
    assert text_of(soup.select_one("#question")) == "second"
    assert "first" in text_of(soup.select_one(".field-meanwhile"))
    assert soup.select_one("input[name=version]")["value"] == "2"  # type: ignore[index]
    assert post(firm, path, {**FORM, "question": "second", "version": 2}).status_code == 302


def test_an_opinion_saved_in_two_windows_shows_both_texts(fresh: Site) -> None:
    expert, path = fresh.client("expert"), f"/consultations/{fresh.ids['matter']}/opinion"
    assert "no legal advice" in text_of(page(expert, path).select_one("#statement"))
    assert post(expert, path, {"facts": "first", "version": 0}).status_code == 302
    answer = post(expert, path, {"facts": "second", "version": 0})
    assert answer.status_code == 409
    soup = _soup(answer)
    assert text_of(soup.select_one("#facts")) == "second"
    assert "first" in text_of(soup.select_one(".field-meanwhile"))
    unfinished = post(expert, path, {"facts": "third", "version": 1, "act": "send"})
    assert unfinished.status_code == 422
    assert text_of(_soup(unfinished).select_one("#facts")) == "third"
    assert text_of(page(expert, path).select_one("#facts")) == "third", (
        "what was refused as incomplete is saved"
    )


def test_a_file_that_is_not_taken_is_explained_where_it_was_chosen(site: Site) -> None:
    path = f"/consultations/{site.ids['matter']}"
    sent = {"file": (io.BytesIO(EXE), "invoice.pdf")}
    answer = post(site.client("a"), f"{path}/files", sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    said = text_of(_soup(answer).select_one("#file-error"))
    assert "not taken" in said and "Send PDF" in said


def test_a_refusal_tells_the_firm_what_it_can_do(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter_new']}"
    unfinished = _step(fresh, "staff", path, "reject", note="words that stay")
    assert unfinished.status_code == 422
    assert "words that stay" in text_of(_soup(unfinished).main)
    assert (
        _step(fresh, "staff", path, "reject", reason="beyond_duties", note="See annex C").status_code == 302
    )
    shown = main_text(page(fresh.client("a"), path))
    assert "beyond the centre's duties" in shown and "Engage counsel" in shown and "See annex C" in shown


def test_the_firm_takes_its_consent_back_and_the_expert_loses_the_matter(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter']}"
    assert page(fresh.client("expert"), path)
    assert (
        post(fresh.client("a"), f"{path}/consent", {"purpose": "expert", "given": "false"}).status_code == 302
    )
    assert fresh.client("expert").get(path).status_code == 404
    assert fresh.client("expert").get(f"{path}/files/{fresh.ids['file']}").status_code == 404


def test_lists_hold_what_is_ones_own(site: Site) -> None:
    def numbers(client: FlaskClient) -> set[str]:
        return {
            link.rsplit("/", 1)[1]
            for link in links(page(client, "/consultations"))
            if link.startswith("/consultations/0")
        }

    ids = site.ids
    mine = {
        ids[n]
        for n in (
            "matter_new",
            "matter_accepted",
            "matter_assigned",
            "matter",
            "matter_sent",
            "matter_issued",
            "onward_matter",
            "matter_beside",
        )
    }
    told = {ids[n] for n in ("study_matter_told", "study_review_told", "study_public_told")}
    assert mine | told | {ids["matter_draft"]} <= numbers(site.client("a"))
    assert numbers(site.client("b")) == set()
    assert numbers(site.client("staff")) == mine | told
    assert numbers(site.client("other")) == {ids["matter_other"]}
    assert (
        numbers(site.client("expert"))
        == {ids[n] for n in ("matter_assigned", "matter", "matter_sent", "matter_issued", "matter_beside")}
        | told
    )


def test_staff_see_what_is_overdue(fresh: Site) -> None:
    assert "Overdue (0)" in main_text(page(fresh.client("staff"), "/consultations"))
    fresh.house.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]
    late = main_text(page(fresh.client("staff"), "/consultations?due=overdue"))
    assert "working days late" in late and "Overdue (7)" in late


def test_a_conflict_is_the_centres_to_know_and_not_the_firms(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter_assigned']}"
    assert _step(fresh, "expert", path, "decline", conflict="I once acted for Acme").status_code == 302
    assert "I once acted for Acme" in main_text(page(fresh.client("staff"), path))
    firm = main_text(page(fresh.client("a"), path))
    assert "stepped aside" in firm and "I once acted" not in firm
    with fresh.house.database.read() as session:
        name = session.get_one(Expert, uuid.UUID(fresh.ids["expert"])).name_zh
    assert name in main_text(page(fresh.client("staff"), path))
    assert not page(fresh.client("staff"), path).select(f"#expert-{fresh.ids['expert']}"), "not offered again"


def test_words_of_people_are_escaped(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter']}"
    post(fresh.client("a"), f"{path}/messages", {"text": "<script>alert(1)</script>", "readers": ["lead"]})
    body = fresh.client("expert").get(path).get_data(as_text=True)
    assert "<script>alert(1)" not in body and "&lt;script&gt;alert(1)" in body


@pytest.mark.parametrize("path", ["/alerts/{alert_alpha}", "/cases/{case}"])
def test_only_a_firm_is_invited_to_ask(site: Site, path: str) -> None:
    where = path.format(**site.ids)
    assert page(site.client("a"), where).find(id="ask")
    assert page(site.client("staff"), where).find(id="ask") is None


def test_an_alert_shows_what_to_do_first_with_its_mark(site: Site) -> None:
    shown = page(site.client("a"), f"/alerts/{site.ids['alert_alpha']}").find(id="first-hours")
    assert shown is not None and shown.parent is not None
    said = text_of(shown.parent)
    assert "21 days" in said and "FRCP 12(a)(1)(A)(i)" in said
    assert "Not reviewed by a practising lawyer" in said
    assert "Germany" not in said, "a step for another forum is not shown"


def test_several_experts_write_back_to_back_by_their_pages(fresh: Site) -> None:
    ids = fresh.ids
    path = f"/consultations/{ids['matter_beside']}"
    own = f"{path}/beside/{ids['beside']}"
    expert, staff, firm = fresh.client("expert"), fresh.client("staff"), fresh.client("a")
    assert "Your own opinion is asked for" in main_text(page(expert, path))
    assert "Nobody reads it before you hand it in" in main_text(page(expert, own))
    answer = post(expert, own, {"version": "2", "opinion": "Their patent is weak.", "act": "save"})
    assert answer.status_code == 302
    stale = post(expert, own, {"version": "2", "opinion": "Another window.", "act": "save"})
    assert stale.status_code == 409
    assert "Their patent is weak." in stale.get_data(as_text=True)
    assert "Another window." in stale.get_data(as_text=True)
    assert staff.get(own).status_code == 404
    handed = post(expert, own, {"version": "3", "opinion": "Their patent is weak.", "act": "hand_in"})
    assert handed.status_code == 302
    assert "Their patent is weak." in main_text(page(staff, own))
    assert firm.get(own).status_code == 404
    assert "Their patent is weak." not in main_text(page(firm, path))
    assert "专家one" in main_text(page(firm, path)), "the firm knows whom to object to"
    version = _row(fresh, id=uuid.UUID(ids["matter_beside"])).version
    objection = {"version": version, "objection": "worked for them", "expert": ids["expert"]}
    assert post(firm, f"{path}/objection", objection).status_code == 302
    assert "worked for them" not in main_text(page(expert, path))


def test_who_reads_a_message_is_chosen_and_shown_before_it_is_sent(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter']}"
    firm, staff, expert = (fresh.client(role) for role in ("a", "staff", "expert"))
    form = page(firm, path).select_one("form#write")
    assert form is not None
    assert [box["value"] for box in form.select("input[name=readers]")] == ["lead"]
    assert "专家one" in text_of(form.select_one("#readers"))
    told = {
        "text": "For the centre alone.",
        "secrecy": "sensitive",
        "enclosures": (io.BytesIO(PDF), "plan.pdf"),
    }
    assert post(firm, f"{path}/messages", told).status_code == 302
    assert "For the centre alone." in main_text(page(staff, path))
    kept = next(link for link in links(page(staff, path)) if "/files/" in link and "label" not in link)
    assert staff.get(kept).data == PDF
    assert "For the centre alone." not in main_text(page(expert, path))
    files = [link for link in links(page(staff, path)) if "/files/" in link]
    newest = [link for link in files if link not in links(page(expert, path))]
    assert newest
    assert {expert.get(link).status_code for link in newest} == {404}
    assert "opened by Centre" in main_text(page(firm, path))


def test_a_file_that_is_refused_leaves_the_words_in_the_form(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter']}"
    firm = fresh.client("a")
    told = {"text": "See the plan.", "readers": ["lead"], "enclosures": (io.BytesIO(EXE), "plan.pdf")}
    answer = post(firm, f"{path}/messages", told)
    assert answer.status_code == 422
    soup = _soup(answer)
    assert text_of(soup.select_one("#text")) == "See the plan."
    assert soup.select_one("#enclosures-error") is not None
    assert soup.select_one("#reader-lead").has_attr("checked")  # type: ignore[union-attr]


def test_new_messages_are_counted_on_the_desk_until_they_are_opened(fresh: Site) -> None:
    path = f"/consultations/{fresh.ids['matter']}"
    firm, staff = fresh.client("a"), fresh.client("staff")

    def waiting() -> int:
        return main_text(page(staff, "/consultations")).count("new messages")

    page(staff, path)
    before = waiting()
    assert post(firm, f"{path}/messages", {"text": "One more thing.", "readers": ["lead"]}).status_code == 302
    assert waiting() == before + 1
    page(staff, path)
    assert waiting() == before
