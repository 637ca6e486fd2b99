"""A bulletin moves as its workflow says: who may, from where, never by its own writer; numbers have no gaps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor, Permission, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.outbox import OutboxRow
from house import House
from tests.factories import bring_firms, keeper, member, raw_case, record, staff
from tests.warning.bulletin_world import Desk, a_case, edit_of, person
from warning.bulletin_models import FROZEN, Bulletin
from warning.bulletin_publishing import content_digest, sign_bulletin
from warning.bulletin_reading import printed_number
from warning.bulletin_workflow import BULLETIN_WORKFLOW, BulletinState
from warning.bulletins import draft_from_case, edit_bulletin, get_bulletin

ACTS = ("edit", "submit", "send_back", "approve", "sign", "withdraw", "correct")
#: from which states each act leads somewhere, for somebody who may
LEAVES = {
    "edit": {"draft", "returned"},
    "submit": {"draft", "returned"},
    "send_back": {"in_review", "approved"},
    "approve": {"in_review"},
    "sign": {"approved"},
    "withdraw": {"published", "expired"},
    "correct": {"published", "expired"},
}
SIGNS = {"sign", "withdraw"}


def test_a_bulletin_goes_from_a_case_to_the_public(each_house: House) -> None:
    desk = Desk(each_house).publish()
    now = desk.now
    assert (now.state, now.slug, now.edition) == ("published", "main-2026-0001", 1)
    assert (printed_number(now, "zh"), printed_number(now, "en")) == ("公报〔2026〕1号", "2026-0001")
    assert now.content_sha256 == content_digest(now)
    assert now.published_at == each_house.clock.now()
    with each_house.database.read() as session:
        acts = [a.step for a in get_bulletin(session, desk.signer, desk.id).acts]
        assert acts == ["draft", "edit", "submit", "approve", "sign"]
        audited = session.scalars(select(AuditRow.action).where(AuditRow.subject == "bulletin")).all()
        assert list(audited) == [f"bulletin.{step}" for step in acts]
        row = session.scalars(select(OutboxRow).where(OutboxRow.topic == "bulletin.published")).one()
        assert row.payload == {"bulletin": str(desk.id), "series": str(desk.id), "edition": 1}


@pytest.mark.parametrize("state", [s.value for s in BulletinState])
def test_every_state_and_act_is_as_the_table_says(house: House, state: str) -> None:
    desk = Desk(house).bring_to(state)
    kept = desk.now
    for act in ACTS:
        if state not in LEAVES[act]:
            with pytest.raises(TransitionRefused):
                getattr(desk, act)()
            assert (desk.now.state, desk.now.version) == (kept.state, kept.version), (state, act)
    for n, act in enumerate(act for act in ACTS if state in LEAVES[act]):
        other = Desk(house, a_case(house, f"2:26-cv-1{n:04d}")).bring_to(state)
        getattr(other, act)()


@pytest.mark.parametrize("state", [s.value for s in BulletinState])
def test_nobody_without_the_permission_moves_anything(house: House, state: str) -> None:
    desk = Desk(house).bring_to(state)
    kept = desk.now
    other_signer = person(house, "theirs", Role.STAFF, Role.SIGNER, slug="other")
    nobodies: list[tuple[Actor, tuple[type[Exception], ...]]] = [
        (VISITOR, (NotFound, NotAllowed)),
        (member(house, "alpha"), (NotFound, NotAllowed)),
        (person(house, "admin", Role.ADMIN), (NotFound, NotAllowed)),
        (person(house, "expert", Role.EXPERT), (NotFound, NotAllowed)),
        (other_signer, (NotFound,)),
    ]
    for act in ACTS:
        for actor, errors in nobodies:
            with pytest.raises(errors):
                getattr(desk, act)(actor)
        if act in SIGNS:
            with pytest.raises((NotAllowed, TransitionRefused)):
                getattr(desk, act)(desk.reviewer)
    assert (desk.now.state, desk.now.version) == (kept.state, kept.version)


def test_the_workflow_declares_who_signs() -> None:
    needs = {step.name: step.permission for step in BULLETIN_WORKFLOW.steps}
    assert needs["sign"] == needs["withdraw"] == Permission.BULLETIN_SIGN
    assert needs["supersede"] is needs["expire"] is None
    assert {n for n, p in needs.items() if p is Permission.BULLETIN_DRAFT} == {
        "edit",
        "submit",
        "return",
        "approve",
    }


def test_whoever_wrote_any_of_it_neither_approves_nor_signs(each_house: House) -> None:
    desk = Desk(each_house)
    desk.drafter = replace(desk.drafter, roles=frozenset({Role.STAFF, Role.SIGNER}))
    helper = person(each_house, "helper", Role.STAFF, Role.SIGNER)
    desk.edit(helper)
    desk.submit()
    for writer in (desk.drafter, helper):
        for act in (desk.approve, desk.send_back):
            with pytest.raises(NotAllowed):
                act(writer)
    desk.approve()
    for writer in (desk.drafter, helper, keeper(each_house)):
        with pytest.raises(NotAllowed):
            desk.sign(writer)
    assert desk.sign().state == "published"


def test_a_return_needs_a_note_and_leads_back(each_house: House) -> None:
    from warning.bulletin_publishing import return_bulletin

    desk = Desk(each_house).bring_to("in_review")
    with pytest.raises(BadInput):
        desk.do(return_bulletin, desk.reviewer, desk.id, " ", seen_version=desk.now.version)
    assert desk.send_back().state == "returned"
    assert desk.edit().state == "draft"


def test_two_who_write_at_once_are_told_and_nothing_is_lost(each_house: House) -> None:
    desk = Desk(each_house)
    first = desk.now
    desk.edit(title={"zh": "甲", "en": "A"})
    with pytest.raises(StaleWrite) as caught, each_house.database.write() as session:
        edit = edit_of(first, title={"zh": "乙", "en": "B"})
        edit_bulletin(session, each_house.clock, desk.reviewer, desk.id, edit, seen_version=first.version)
    assert caught.value.details["yours"]["title"]["zh"] == "乙"  # type: ignore[index]
    assert caught.value.details["current"]["title"]["zh"] == "甲"  # type: ignore[index]
    assert desk.now.content["title"]["zh"] == "甲"
    assert desk.now.content["title"]["origin"] == "zh"


def test_numbers_follow_each_other_when_many_sign_at_once(each_house: House) -> None:
    bring_firms(each_house)
    desks = [Desk(each_house, a_case(each_house, f"2:26-cv-2{n:04d}")).bring_to("approved") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        signed = list(pool.map(lambda desk: desk.sign(), desks))
    assert sorted(b.number or 0 for b in signed) == list(range(1, 9))
    assert len({b.slug for b in signed}) == 8


def test_a_signing_that_fails_takes_no_number(each_house: House) -> None:
    desk = Desk(each_house).bring_to("approved")
    with pytest.raises(RuntimeError), each_house.database.write() as session:
        now = desk.now.version
        sign_bulletin(session, each_house.clock, each_house.evidence, desk.signer, desk.id, seen_version=now)
        raise RuntimeError("the page broke")
    assert desk.now.number is None
    assert desk.sign().number == 1


def test_the_year_is_the_centres_own(each_house: House) -> None:
    desk = Desk(each_house).bring_to("draft")
    from datetime import UTC, datetime

    # 2027 has begun in Shanghai.
    each_house.clock.advance(datetime(2026, 12, 31, 17, tzinfo=UTC) - each_house.clock.now())  # type: ignore[attr-defined]
    from datetime import date

    desk.edit(valid_until=date(2027, 6, 1))
    desk.submit()
    desk.approve()
    assert desk.sign().slug == "main-2027-0001"


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_evidence_that_was_tampered_with_stops_approval(each_house: House, harm: str) -> None:
    desk = Desk(each_house).bring_to("in_review")
    sha256 = desk.now.content["sources"][0]["sha256"]
    path = each_house.evidence.path(sha256)  # type: ignore[attr-defined]
    kept = path.read_bytes()
    path.write_bytes(b"something else") if harm == "changed" else path.unlink()
    with pytest.raises(BadInput) as caught:
        desk.approve()
    assert set(caught.value.details["fields"]) == {"source-1"}  # type: ignore[call-overload]
    assert "cannot be relied on" in caught.value.message
    assert desk.now.state == "in_review"
    path.write_bytes(kept)
    desk.approve()
    path.write_bytes(b"later")
    with pytest.raises(BadInput):
        desk.sign()
    assert desk.now.number is None


def test_a_reviewer_ticks_every_source(each_house: House) -> None:
    desk = Desk(each_house).bring_to("in_review")
    with pytest.raises(BadInput) as caught:
        desk.approve(checked=set())
    assert "source-1" in caught.value.details["fields"]  # type: ignore[operator]


def test_what_was_signed_cannot_be_written_again(each_house: House) -> None:
    desk = Desk(each_house).publish()
    values: dict[str, Any] = {"content": {"title": "x"}, "level": "L1", "number": 9, "published_at": None}
    for name, value in values.items():
        assert name in FROZEN
        with pytest.raises(RuntimeError, match="was signed"), each_house.database.write() as session:
            setattr(session.get_one(Bulletin, desk.id), name, value)
    assert content_digest(desk.now) == desk.now.content_sha256


def test_a_correction_goes_the_whole_way_and_replaces(each_house: House) -> None:
    desk = Desk(each_house).publish()
    second = desk.correct()
    with pytest.raises(TransitionRefused):
        desk.correct()
    assert desk.now.state == "published", "the old one stands until the new one is signed"
    second.edit(title={"zh": "更正后的标题", "en": "The corrected title"})
    second.submit()
    second.approve()
    with pytest.raises(NotAllowed):
        second.sign(replace(second.drafter, roles=frozenset({Role.STAFF, Role.SIGNER})))
    second.sign()
    old, new = desk.now, second.now
    assert (old.state, new.state) == ("corrected", "published")
    assert (new.slug, new.number, new.edition) == (old.slug, old.number, 2)
    assert new.correction == {"zh": "级别有误", "en": "The level was wrong"}
    assert old.content["title"] != new.content["title"]
    assert content_digest(old) == old.content_sha256
    with each_house.database.read() as session:
        topics = session.scalars(select(OutboxRow.topic).where(OutboxRow.key == str(desk.id))).all()
        assert list(topics) == ["bulletin.published", "bulletin.published"]


def test_a_correction_of_what_was_withdrawn_is_never_signed(each_house: House) -> None:
    desk = Desk(each_house).publish()
    second = desk.correct().bring_to("approved")
    desk.withdraw()
    with pytest.raises(TransitionRefused):
        second.sign()
    with each_house.database.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.topic == "bulletin.withdrawn")).one()


def test_a_public_reason_is_in_both_languages_and_names_nobody_hidden(each_house: House) -> None:
    from warning.bulletin_publishing import withdraw_bulletin

    desk = Desk(each_house).publish()
    for zh, en in (("", "why"), ("原因", ""), ("海岚提出异议", "an objection"), ("原因", "Hailan objected")):
        with pytest.raises(BadInput) as caught:
            desk.do(withdraw_bulletin, desk.signer, desk.id, zh, en, seen_version=desk.now.version)
        assert set(caught.value.details["fields"]) <= {"reason-zh", "reason-en"}  # type: ignore[call-overload]


def test_a_bulletin_expires_after_its_last_day(each_house: House) -> None:
    desk = Desk(each_house).publish()
    from warning.bulletin_publishing import expire_bulletins

    with each_house.database.write() as session:
        assert expire_bulletins(session, each_house.clock) == 0
    desk.expire()
    assert desk.now.state == "expired"


def test_a_draft_is_made_once_and_of_public_cases_alone(each_house: House) -> None:
    desk = Desk(each_house)
    candidate = record(each_house, raw_case("2:26-cv-00077"), is_ip=False).case_id
    other = staff(each_house, "other")
    with each_house.database.write() as session:
        assert draft_from_case(session, each_house.clock, desk.reviewer, desk.case_id).id == desk.id
        with pytest.raises(TransitionRefused):
            draft_from_case(session, each_house.clock, desk.drafter, candidate)
        with pytest.raises(NotAllowed):
            draft_from_case(session, each_house.clock, VISITOR, desk.case_id)
        theirs = draft_from_case(session, each_house.clock, other, desk.case_id)
        assert theirs.id != desk.id
    desk.house.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    with each_house.database.read() as session, pytest.raises(NotFound):
        get_bulletin(session, desk.drafter, theirs.id)
