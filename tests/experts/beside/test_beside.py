"""Opinions beside are written back to back: who is asked, who reads what and when, and what ends it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from core.audit import AuditRow
from core.errors import (
    BadInput,
    EvidenceDamaged,
    NotAllowed,
    NotFound,
    SeamarkError,
    StaleWrite,
    TransitionRefused,
)
from experts import aftercare, casework, consultations, correspondence, messages, objecting, opinions
from experts.attachments import add_file, files_of
from experts.beside import asking, writing
from experts.beside.models import Beside
from experts.beside.workflow import ASKABLE, BESIDE_WORKFLOW, CLOCKS
from experts.consultation_models import Consultation
from experts.ports import Candidate, Suggestion
from house import House
from tests.experts.beside.together import Together
from tests.experts.files import PDF
from tests.experts.matter import TEXTS, listed_experts


@pytest.fixture
def matter(house: House) -> Together:
    made = Together(house)
    made.to("guiding")
    return made


def _knows(matter: Together, who: str) -> bool:
    with matter.house.database.read() as session:
        try:
            consultations.get_consultation(session, matter.actors[who], matter.id)
        except NotFound:
            return False
        return True


def test_nobody_but_staff_reads_before_all_is_in_and_then_the_experts_do(matter: Together) -> None:
    matter.ask("second")
    matter.ask("third")
    assert matter.readers("second") == {"second"}
    matter.declare("second")
    matter.declare("third")
    matter.hand_in("second")
    assert matter.readers("second") == {"second", "staff"}
    assert matter.readers("third") == {"third"}, "a draft is its expert's alone, staff included"
    matter.hand_in("third")
    everybody = {"second", "third", "staff", "expert"}
    assert (matter.readers("second"), matter.readers("third")) == (everybody, everybody)


def test_staff_open_early_with_a_reason_and_go_on_without_the_rest(matter: Together) -> None:
    for who in ("second", "third"):
        matter.ask(who)
        matter.declare(who)
    matter.hand_in("second")
    with pytest.raises(BadInput, match="Say why"):
        matter.on(writing.open_early, "staff", reason=" ")
    matter.on(writing.open_early, "staff", reason="答辩期将至")
    assert matter.readers("second") == {"second", "staff", "expert"}
    assert matter.beside("third").state == "ended"
    assert not _knows(matter, "third"), "whoever is no longer waited for loses the matter"
    assert (matter.beside("second").opened_reason, matter.beside("second").opened_by is not None) == (
        "答辩期将至", True,
    )  # fmt: skip
    with matter.house.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "consultation.besides_opened")).one()


@pytest.mark.parametrize("who", ["firm", "firm_b", "expert", "second", "third", "other_staff", "admin"])
def test_only_staff_of_the_centre_open(matter: Together, who: str) -> None:
    matter.ask("second")
    matter.declare("second")
    matter.ask("third")
    matter.hand_in("second")
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(writing.open_early, who, reason="急")
    assert matter.readers("second") == {"second", "staff"}


def test_before_declaring_an_expert_beside_sees_the_names_alone(matter: Together) -> None:
    matter.do(add_file, "firm", matter.house.vault, matter.id, "letter.pdf", PDF)
    matter.ask("second")
    matter.do(messages.post_message, "firm", matter.id, "补充一点", readers=[str(matter.second_id)])
    for declared in (False, True):
        if declared:
            matter.declare("second")
        with matter.house.database.read() as session:
            row = session.get_one(Consultation, matter.id)
            actor = matter.actors["second"]
            assert row.opens_to(actor) is declared
            assert len(files_of(session, actor, row)) == declared
            assert len(correspondence.messages_of(session, actor, row)) == declared
    assert not _knows(matter, "third")


def test_what_the_leading_expert_says_and_sends_is_kept_from_one_who_writes_beside(matter: Together) -> None:
    matter.do(add_file, "expert", matter.house.vault, matter.id, "mine.pdf", PDF)
    matter.do(messages.post_message, "expert", matter.id, "我的初步看法")
    matter.write()
    matter.ask("second")
    matter.declare("second")
    with matter.house.database.read() as session:
        row, actor = session.get_one(Consultation, matter.id), matter.actors["second"]
        assert files_of(session, actor, row) == []
        assert correspondence.messages_of(session, actor, row) == []
        assert opinions.draft_of(session, actor, row) is None


def test_an_issued_opinion_is_kept_from_one_asked_beside_for_the_correction(matter: Together) -> None:
    matter.to("opinion_issued")
    matter.on(opinions.ask_correction, "staff", note="期限有误")
    matter.ask("second")
    matter.declare("second")
    with matter.house.database.read() as session, pytest.raises(NotFound):
        opinions.get_issued(session, matter.actors["second"], matter.id, 1)
    matter.hand_in("second")
    with matter.house.database.read() as session:
        opinions.get_issued(session, matter.actors["second"], matter.id, 1)


@pytest.mark.parametrize("step", ["declare", "decline", "begin", "ask_firm", "resume", "write"])
def test_one_who_writes_beside_takes_no_step_of_the_leading_expert(house: House, step: str) -> None:
    matter = Together(house)
    matter.to("declared" if step == "begin" else "assigned" if step == "declare" else "guiding")
    if step == "resume":
        matter.on(aftercare.ask_firm, "expert", note="请补充")
    matter.ask("second")
    matter.declare("second")
    before = matter.now.state, matter.version
    acts = {
        "declare": lambda: matter.on(casework.declare, "second"),
        "decline": lambda: matter.on(casework.decline, "second", conflict="旧客户"),
        "begin": lambda: matter.on(casework.begin_advice, "second"),
        "ask_firm": lambda: matter.on(aftercare.ask_firm, "second", note="请补充"),
        "resume": lambda: matter.on(aftercare.resume, "second"),
        "write": lambda: matter.do(opinions.write_opinion, "second", matter.id, TEXTS, seen_version=0),
    }
    with pytest.raises((NotAllowed, NotFound)):
        acts[step]()
    assert (matter.now.state, matter.version) == before


def test_nothing_is_issued_while_somebody_still_writes(matter: Together) -> None:
    matter.ask("second")
    matter.to("opinion_review")
    with pytest.raises(TransitionRefused, match="has not handed in"):
        matter.on(opinions.issue_opinion, "signer")
    matter.act(asking.take_back_beside, "staff", "second")
    matter.to("opinion_issued")


def test_the_issued_opinion_cites_what_was_opened_and_its_check_sum_covers_it(matter: Together) -> None:
    matter.ask("second")
    matter.declare("second")
    closed = matter.beside("second").id
    matter.do(opinions.write_opinion, "expert", matter.id, TEXTS, cites=[closed], seen_version=0)
    with matter.house.database.read() as session:
        draft = opinions.draft_of(session, matter.actors["expert"], session.get_one(Consultation, matter.id))
        assert draft is not None
        assert draft.cited == [], "what may not be read may not be cited"
    matter.hand_in("second")
    version = matter.opinion_version()
    version = matter.do(
        opinions.write_opinion, "expert", matter.id, TEXTS, cites=[closed], seen_version=version
    ).version
    matter.do(opinions.send_opinion, "expert", matter.id, seen_version=version)
    matter.to("opinion_issued")
    with matter.house.database.read() as session:
        _, issued = opinions.get_issued(session, matter.actors["firm"], matter.id, 1)
        (cited,) = issued.cited
        assert cited == {"beside": str(closed), "author": "专家two", "sha256": matter.beside("second").sha256}
    with matter.house.database.write() as session:
        session.execute(update(opinions.Opinion).values(cited=[{**cited, "author": "别人"}]))
    with matter.house.database.read() as session, pytest.raises(EvidenceDamaged):
        opinions.get_issued(session, matter.actors["firm"], matter.id, 1)
    assert "firm" not in matter.readers("second"), "the firm reads what the centre issues, which names it"


def test_what_was_handed_in_never_changes(matter: Together) -> None:
    matter.ask("second")
    matter.declare("second")
    matter.hand_in("second")
    with pytest.raises(TransitionRefused):
        matter.act(writing.write_beside, "second", "second", "改一改")
    with pytest.raises(TransitionRefused), matter.house.database.write() as session:
        session.get_one(Beside, matter.beside("second").id).text = "改一改"
    with matter.house.database.write() as session:
        session.execute(update(Beside).values(text="改一改"))
    with matter.house.database.read() as session, pytest.raises(EvidenceDamaged):
        writing.read_beside(session, matter.actors["staff"], matter.id, matter.beside("second").id)


def test_two_windows_never_lose_a_text(matter: Together) -> None:
    matter.ask("second")
    matter.declare("second")
    seen = matter.beside("second").version
    matter.act(writing.write_beside, "second", "second", "先写的")
    with pytest.raises(StaleWrite) as refused:
        matter.act(writing.write_beside, "second", "second", "后写的", seen_version=seen)
    assert (refused.value.details["yours"], refused.value.details["current"]) == (
        {"opinion": "后写的"}, {"opinion": "先写的"},
    )  # fmt: skip


def test_nobody_leads_and_writes_beside_and_nobody_is_asked_twice(matter: Together) -> None:
    with pytest.raises(BadInput, match="Choose one"):
        matter.ask("expert")
    matter.ask("second")
    with pytest.raises(BadInput, match="Choose one"):
        matter.ask("second")
    matter.on(casework.recall, "staff", note="专家休假")
    with pytest.raises(BadInput, match="Choose one"):
        matter.on(casework.assign, "staff", matter.second_id, listed_experts)


def test_whoever_stepped_aside_is_asked_for_nothing_more_in_the_matter(matter: Together) -> None:
    matter.ask("second")
    matter.act(asking.decline_beside, "second", "second", conflict="曾代理对方")
    assert not _knows(matter, "second")
    with pytest.raises(BadInput, match="Choose one"):
        matter.ask("second")
    matter.on(casework.recall, "staff", note="专家休假")
    with pytest.raises(BadInput, match="Choose one"):
        matter.on(casework.assign, "staff", matter.second_id, listed_experts)


def test_a_held_expert_is_asked_beside_only_when_cleared(matter: Together) -> None:
    def held(session: object, actor: object, consultation: object) -> Suggestion:
        return Suggestion((Candidate(matter.second_id, "专家two", ("名称相近",), is_held=True),))

    with pytest.raises(BadInput, match="nobody has cleared"):
        matter.on(asking.ask_beside, "staff", matter.second_id, held)
    from experts import clearing

    matter.on(clearing.clear_conflict, "staff", matter.second_id, held, reason="同名不同人")
    matter.on(asking.ask_beside, "staff", matter.second_id, held)
    assert matter.beside("second").state == "waiting"


def test_a_firms_objection_covers_an_expert_beside(matter: Together) -> None:
    matter.ask("second")
    made = matter.on(objecting.object_to_expert, "firm", reason="曾在对方任职", expert=matter.second_id)
    assert made.expert_id == matter.second_id
    matter.on(objecting.decide_objection, "staff", uphold=True, answer="理由成立")
    assert (matter.now.state, matter.now.expert_id) == ("guiding", matter.expert_id), "the other one goes on"
    assert not _knows(matter, "second")
    with pytest.raises(BadInput, match="Choose one"):
        matter.ask("second")


def test_an_objection_names_somebody_who_has_the_matter(matter: Together) -> None:
    with pytest.raises(TransitionRefused, match="nobody to object to"):
        matter.on(objecting.object_to_expert, "firm", reason="不合适", expert=matter.third_id)


@pytest.mark.parametrize("end", ["consent", "withdraw", "terminate"])
def test_when_the_matter_ends_everybody_beside_loses_it(matter: Together, end: str) -> None:
    matter.ask("second")
    matter.declare("second")
    if end == "consent":
        matter.do(casework.set_consent, "firm", matter.id, expert=False)
    elif end == "withdraw":
        matter.on(casework.withdraw, "firm")
    else:
        matter.on(aftercare.terminate, "staff", reason="settled")
    assert not _knows(matter, "second")
    assert (matter.beside("second").state, matter.beside("second").due_on) == ("ended", None)


def test_the_clock_of_an_opinion_beside_counts_working_days_and_stands_while_the_firm_is_waited_for(
    matter: Together,
) -> None:
    # The world begins on Monday 2026-03-02 and the matter is u2.
    matter.ask("second")
    assert matter.beside("second").due_on == date(2026, 3, 3)
    matter.declare("second")
    assert matter.beside("second").due_on == date(2026, 3, 5)
    matter.on(aftercare.ask_firm, "expert", note="请补充")
    assert (matter.beside("second").due_on, matter.beside("second").days_left) == (None, 3)
    matter.house.clock.advance(timedelta(days=4))  # type: ignore[attr-defined]
    matter.on(aftercare.answer_firm, "firm")
    # On Friday it goes on with its three working days.
    assert (matter.beside("second").due_on, matter.beside("second").days_left) == (date(2026, 3, 11), None)
    matter.hand_in("second")
    assert matter.beside("second").due_on is None


def test_every_step_is_one_sides_and_from_its_states_alone(house: House) -> None:
    """Each transition of the table tried by everybody from every state it does not leave."""
    matter = Together(house)
    matter.to("guiding")
    sides = {
        "declare": "second",
        "decline": "second",
        "hand_in": "second",
        "take_back": "staff",
    }
    acts = {
        "declare": lambda who: matter.act(asking.declare_beside, who, "second"),
        "decline": lambda who: matter.act(asking.decline_beside, who, "second", conflict="旧客户"),
        "hand_in": lambda who: matter.act(writing.hand_in, who, "second"),
        "take_back": lambda who: matter.act(asking.take_back_beside, who, "second"),
    }
    sources = {step.name: step.sources for step in BESIDE_WORKFLOW.steps}
    matter.ask("second")
    matter.ask("third")  # who keeps what is handed in closed
    for state in ("waiting", "declared", "handed_in"):
        if state == "declared":
            matter.declare("second")
        if state == "handed_in":
            matter.hand_in("second")
        assert matter.beside("second").state == state
        for name, act in acts.items():
            for who in matter.actors:
                if who == sides[name] and state in sources[name]:
                    continue
                with pytest.raises(SeamarkError):
                    act(who)
                assert matter.beside("second").state == state, (state, name, who)
    matter.act(asking.take_back_beside, "staff", "second")
    for act in acts.values():
        for who in matter.actors:
            with pytest.raises(SeamarkError):
                act(who)


@pytest.mark.parametrize("who", ["firm", "firm_b", "expert", "second", "other_staff", "admin"])
def test_only_staff_of_the_centre_ask(matter: Together, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(asking.ask_beside, who, matter.third_id, listed_experts, note="x")


def test_nobody_is_asked_beside_once_the_opinion_is_written(matter: Together) -> None:
    assert "guiding" in ASKABLE
    matter.to("opinion_draft")
    with pytest.raises(TransitionRefused, match="written already"):
        matter.ask("second")
    assert set(CLOCKS) == {"waiting", "declared"}
