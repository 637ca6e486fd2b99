"""From a draft to a rated opinion, through the services, on both databases; and what each side may not do or see."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, SeamarkError, StaleWrite, TransitionRefused
from core.outbox import OutboxRow
from experts import casework, clearing, consultation_queue, consultations, correspondence, messages, opinions
from experts.assignment_models import Assignment
from experts.consultation_models import Consultation
from experts.consultation_workflow import REFUSALS
from experts.ports import Candidate, Suggestion
from house import House
from tests.experts.matter import AGREED, ANSWERS, Matter, add_expert, expert_actor, listed_experts


@pytest.fixture
def matter(each_house: House) -> Matter:
    return Matter(each_house)


def _sees(matter: Matter, actor: Actor) -> bool:
    with matter.house.database.read() as session:
        listed = consultation_queue.list_consultations(session, matter.house.clock, actor).rows
        try:
            consultations.get_consultation(session, actor, matter.id)
        except NotFound:
            assert listed == []
            return False
        assert [row.id for row in listed] == [matter.id]
        return True


def test_the_whole_way(matter: Matter) -> None:
    matter.to("closed")
    kept = matter.now
    assert kept.number == "咨询-2026-00001"
    assert (kept.satisfaction, kept.due_on, kept.consent_version) == (5, None, "2026-11-25")
    with matter.house.database.read() as session:
        told = session.scalars(select(OutboxRow).where(OutboxRow.topic == "consultation.moved")).all()
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject == "consultation")).all()
    steps = [
        "submit",
        "accept",
        "assign",
        "declare",
        "begin",
        "send_opinion",
        "pass_opinion",
        "issue",
        "close",
    ]
    assert [row.payload["step"] for row in told] == steps
    assert {row.key for row in told} == {str(matter.id)}
    assert all(set(row.payload) == {"consultation", "step", "state", "id", "by_side"} for row in told)
    assert {f"consultation.{step}" for step in steps} <= set(acts)


def test_a_draft_is_the_firms_alone_and_resumed_later(matter: Matter) -> None:
    assert _sees(matter, matter.actors["firm"])
    for who in ("staff", "firm_b", "expert", "other_staff", "admin"):
        assert not _sees(matter, matter.actors[who]), who
    matter.on(consultations.save_draft, "firm", {"question": "新的问题"})
    assert (matter.now.question, matter.now.story) == ("新的问题", ANSWERS["story"])


def test_a_draft_changed_elsewhere_is_not_overwritten(matter: Matter) -> None:
    matter.on(consultations.save_draft, "firm", {"question": "one"})
    with pytest.raises(StaleWrite):
        matter.do(consultations.save_draft, "firm", matter.id, {"question": "two"}, seen_version=1)
    assert matter.now.question == "one"


def test_who_sees_it_in_each_state(matter: Matter) -> None:
    sees: dict[str, set[str]] = {}
    for state in (
        "submitted",
        "accepted",
        "assigned",
        "guiding",
        "opinion_draft",
        "opinion_issued",
        "closed",
    ):
        matter.to(state)
        sees[state] = {who for who, actor in matter.actors.items() if _sees(matter, actor)}
        assert not _sees(matter, VISITOR)
    assert sees["submitted"] == sees["accepted"] == {"firm", "staff"}
    for state in ("assigned", "guiding", "opinion_draft", "opinion_issued", "closed"):
        assert sees[state] == {"firm", "staff", "expert"}, state


def test_nothing_is_submitted_with_gaps_or_without_consent(matter: Matter) -> None:
    matter.on(consultations.save_draft, "firm", {"opponents": [], "contact_phone": "", "known_on": None})
    with pytest.raises(BadInput) as caught:
        matter.on(consultations.submit, "firm", truth=False, notice=False, expert=False)
    assert set(caught.value.details["fields"]) == {
        "opponents",
        "contact_phone",
        "known_on",
        "truth",
        "notice",
    }  # type: ignore[call-overload]
    assert (matter.now.state, matter.now.number) == ("draft", None)


def test_the_day_promised_is_a_working_day_at_the_centre(matter: Matter) -> None:
    # Monday 2026-03-02; a suit is u2: one working day to be accepted
    matter.to("submitted")
    assert (matter.now.urgency, matter.now.due_on) == ("u2", date(2026, 3, 3))
    matter.on(casework.accept, "staff", urgency="u4")
    assert matter.now.due_on == date(2026, 3, 5)
    with matter.house.database.read() as session:
        standing = consultation_queue.standing_of(session, matter.house.clock, matter.now)
    assert (standing.holder, standing.days_left) == ("the centre", 3)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_is_coded(house: House, code: str) -> None:
    matter = Matter(house).to("submitted")
    matter.on(casework.reject, "staff", reason=code, note="请看说明")
    assert (matter.now.state, matter.now.refusal) == ("rejected", code)
    assert matter.now.due_on is None


def test_a_refusal_without_a_code_is_refused(house: House) -> None:
    matter = Matter(house).to("submitted")
    with pytest.raises(BadInput):
        matter.on(casework.reject, "staff", reason="because", note="x")
    assert matter.now.state == "submitted"


#: service -> (state it needs, who may, further arguments)
ACTS: dict[str, tuple[Any, str, str, dict[str, Any]]] = {
    "submit": (consultations.submit, "draft", "firm", AGREED),
    "save": (consultations.save_draft, "draft", "firm", {"answers": {}}),
    "accept": (casework.accept, "submitted", "staff", {"urgency": "u3"}),
    "reject": (casework.reject, "submitted", "staff", {"reason": "duplicate"}),
    "declare": (casework.declare, "assigned", "expert", {}),
    "decline": (casework.decline, "assigned", "expert", {"conflict": "曾代理对方"}),
    "begin": (casework.begin_advice, "declared", "expert", {}),
    "recall": (casework.recall, "guiding", "staff", {"note": "专家休假"}),
    "return": (opinions.return_opinion, "opinion_draft", "staff", {"note": "补充期限"}),
    "pass": (opinions.pass_opinion, "opinion_draft", "staff", {}),
    "issue": (opinions.issue_opinion, "opinion_review", "signer", {}),
    "correct": (opinions.ask_correction, "opinion_issued", "staff", {"note": "期限有误"}),
    "close": (casework.close, "opinion_issued", "firm", {"satisfaction": 4}),
    "conclude": (casework.conclude, "opinion_issued", "staff", {}),
    "withdraw": (casework.withdraw, "guiding", "firm", {}),
}


@pytest.mark.parametrize("act", sorted(ACTS))
def test_each_act_is_one_roles_and_from_its_state_alone(house: House, act: str) -> None:
    service, state, who, more = ACTS[act]
    matter = Matter(house)
    for here in (
        "draft",
        "submitted",
        "accepted",
        "assigned",
        "declared",
        "guiding",
        "opinion_draft",
        "opinion_review",
        "opinion_issued",
    ):
        matter.to(here)
        before = matter.now.state, matter.version
        for other in matter.actors:
            if here == state and other == who:
                continue
            if (
                other == who
                and here in ("assigned", "declared", "guiding", "opinion_draft", "opinion_review")
                and act in ("decline", "recall", "withdraw")
            ):
                continue
            if other == who and act == "withdraw" and here in ("submitted", "accepted"):
                continue
            if other == who and act == "return" and here == "opinion_review":
                continue
            with pytest.raises((NotAllowed, NotFound, TransitionRefused)):
                matter.on(service, other, **more)
            assert (matter.now.state, matter.version) == before, (other, here)
        if here == state:
            matter.on(service, who, **more)
            return


def test_every_act_refuses_a_version_that_is_no_longer_there(house: House) -> None:
    matter = Matter(house)
    for service, state, who, more in ACTS.values():
        if state not in ("submitted", "opinion_issued"):
            continue
        matter.to(state)
        with pytest.raises(StaleWrite):
            matter.on(service, who, **{**more, "seen_version": matter.version - 1})


def test_without_consent_no_expert_is_asked(matter: Matter) -> None:
    matter.on(consultations.submit, "firm", truth=True, notice=True, expert=False)
    matter.to("accepted")
    with pytest.raises(BadInput, match="has not agreed"):
        matter.on(casework.assign, "staff", matter.expert_id, listed_experts)
    matter.do(casework.set_consent, "firm", matter.id, expert=True)
    matter.on(casework.assign, "staff", matter.expert_id, listed_experts)
    assert matter.now.state == "assigned"


@pytest.mark.parametrize("state", ["assigned", "declared", "guiding", "opinion_draft", "opinion_review"])
def test_a_consent_taken_back_takes_the_matter_from_its_expert(house: House, state: str) -> None:
    matter = Matter(house).to(state)
    matter.do(casework.set_consent, "firm", matter.id, expert=False)
    assert (matter.now.state, matter.now.expert_id) == ("accepted", None)
    assert not _sees(matter, matter.actors["expert"])
    with house.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "consultation.consent")).one()


def test_a_conflict_sends_it_back_and_the_expert_is_not_asked_again(matter: Matter) -> None:
    matter.to("assigned")
    with pytest.raises(BadInput):
        matter.on(casework.decline, "expert", conflict=" ")
    matter.on(casework.decline, "expert", conflict="曾代理 Acme Optics")
    assert (matter.now.state, matter.now.expert_id) == ("declined", None)
    assert not _sees(matter, matter.actors["expert"])
    with matter.house.database.read() as session:
        offered = clearing.candidates_for(
            session,
            matter.actors["staff"],
            consultations.get_consultation(session, matter.actors["staff"], matter.id),
            listed_experts,
        )
        assert [c.expert_id for c in offered.candidates] == [matter.second_id]
    with pytest.raises(BadInput):
        matter.on(casework.assign, "staff", matter.expert_id, listed_experts)
    matter.on(casework.assign, "staff", matter.second_id, listed_experts)
    assert _sees(matter, matter.actors["second"])


def test_a_conflict_found_late_still_counts(matter: Matter) -> None:
    matter.to("guiding")
    matter.on(casework.decline, "expert", conflict="对方聘用了我所")
    assert matter.now.state == "declined"
    with matter.house.database.read() as session:
        assert session.scalars(select(Assignment.state)).one() == "declined"


@pytest.mark.parametrize(
    "facts", [{"verified": False}, {"status": "suspended"}, {"available": False}, {"slug": "other"}]
)
def test_only_active_verified_experts_of_the_centre_are_asked(house: House, facts: dict[str, Any]) -> None:
    matter = Matter(house).to("accepted")
    unfit = add_expert(house, "unfit", **facts)
    with pytest.raises(BadInput):
        matter.on(casework.assign, "staff", unfit, listed_experts)


def test_a_port_cannot_bring_an_expert_of_another_centre(house: House) -> None:
    matter = Matter(house).to("accepted")
    stranger = add_expert(house, "far", "other")
    with pytest.raises(BadInput):
        matter.on(casework.assign, "staff", stranger, lambda *_: Suggestion((Candidate(stranger, "远"),)))


def test_messages_reach_the_three_sides_and_nobody_else(matter: Matter) -> None:
    matter.to("assigned")
    matter.do(messages.post_message, "firm", matter.id, "对方又发来一封邮件。")
    for who in ("expert", "firm_b", "second", "other_staff", "admin"):
        with pytest.raises(NotFound):
            matter.do(messages.post_message, who, matter.id, "hello")
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        assert correspondence.messages_of(session, matter.actors["expert"], row) == []
    matter.to("guiding")
    for who in ("expert", "staff"):
        matter.do(messages.post_message, who, matter.id, "收到。")
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        heard = correspondence.messages_of(session, matter.actors["expert"], row)
        payloads = [
            r.payload
            for r in session.scalars(select(OutboxRow).where(OutboxRow.topic == "consultation.moved"))
        ]
    assert [m.by_side for m in heard] == ["firm", "expert", "staff"]
    assert not any("邮件" in str(payload) for payload in payloads)
    with pytest.raises(BadInput):
        matter.do(messages.post_message, "firm", matter.id, "  ")
    matter.to("closed")
    with pytest.raises(TransitionRefused):
        matter.do(messages.post_message, "firm", matter.id, "还有一件事")


def test_the_audit_and_the_outbox_hold_no_words_of_the_firm(matter: Matter) -> None:
    matter.to("closed")
    with matter.house.database.read() as session:
        rows = [str(vars(r)) for r in session.scalars(select(AuditRow))]
        rows += [str(r.payload) for r in session.scalars(select(OutboxRow))]
    for secret in (ANSWERS["story"], ANSWERS["contact_name"], ANSWERS["contact_phone"], "Acme Optics"):
        assert not any(secret in row for row in rows), secret


def test_the_queue_is_filtered_and_has_pages(house: House) -> None:
    matter = Matter(house).to("submitted")
    for _ in range(4):
        other = matter.do(consultations.begin_draft, "firm", {**ANSWERS, "scenario": "other"})
        matter.do(consultations.submit, "firm", other.id, seen_version=1, **AGREED)
    house.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    staff = matter.actors["staff"]
    with house.database.read() as session:

        def ids(**wanted: Any) -> list[uuid.UUID]:
            found = consultation_queue.list_consultations(session, house.clock, staff, **wanted)
            return [row.id for row in found.rows]

        assert ids(due="overdue") == [matter.id]
        assert consultation_queue.count_overdue(session, house.clock, staff) == 1
        assert len(ids(due="soon")) == 4
        assert len(ids(state="open")) == len(ids(state="submitted")) == 5
        assert ids(state="closed") == []
        seen: list[uuid.UUID] = []
        cursor = None
        while True:
            page = consultation_queue.list_consultations(session, house.clock, staff, cursor=cursor, limit=2)
            seen += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen[0] == matter.id
        assert len(seen) == len(set(seen)) == 5
        with pytest.raises(BadInput):
            consultation_queue.list_consultations(session, house.clock, staff, cursor="bm9uc2Vuc2U")


def test_an_account_without_an_expert_or_a_centre_sees_nothing(house: House) -> None:
    matter = Matter(house).to("guiding")
    lost = expert_actor(house, matter.expert_id)
    for actor in (
        Actor("x", lost.roles, centre_id=lost.centre_id),
        Actor("y", lost.roles, expert_id=lost.expert_id),
    ):
        assert not _sees(matter, actor)


def test_numbers_follow_one_another(house: House) -> None:
    matter = Matter(house).to("submitted")
    second = matter.do(consultations.begin_draft, "firm", ANSWERS)
    matter.do(consultations.submit, "firm", second.id, seen_version=1, **AGREED)
    with house.database.read() as session:
        assert session.get_one(Consultation, second.id).number == "咨询-2026-00002"


def test_staff_do_not_begin_a_consultation(house: House) -> None:
    matter = Matter(house)
    with pytest.raises(SeamarkError):
        matter.do(consultations.begin_draft, "staff", ANSWERS)
