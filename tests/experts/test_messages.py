"""Messages of a consultation reach those who were chosen and nobody else, with their files; a firm's answer lets the
expert's time go on."""

from __future__ import annotations

import itertools
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.audit import AuditRow
from core.errors import BadInput, NotFound, SeamarkError, TransitionRefused
from experts import aftercare, attachments, casework, correspondence, messages, promises
from experts.consultation_models import Consultation, MessageMark
from house import House
from tests.experts.beside.together import Together
from tests.experts.files import EXE, PDF
from tests.experts.matter import listed_experts


@pytest.fixture
def matter(house: House) -> Together:
    made = Together(house)
    made.to("guiding")
    return made


def _party(matter: Together, name: str) -> str:
    return {"firm": "firm", "lead": "lead"}.get(name) or str(matter.ids(name))


def post(matter: Together, who: str, text: str = "请看", readers: Any = None, **named: Any) -> int:
    chosen = None if readers is None else [_party(matter, name) for name in readers]
    return matter.do(messages.post_message, who, matter.id, text, readers=chosen, **named).id


def heard(matter: Together) -> dict[str, set[int]]:
    """Which messages each can read, tried one by one."""
    found: dict[str, set[int]] = {}
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        for who, actor in matter.actors.items():
            try:
                from experts.consultations import get_consultation

                get_consultation(session, actor, matter.id)
            except NotFound:
                found[who] = set()
                continue
            found[who] = {m.id for m in correspondence.messages_of(session, actor, row)}
    return found


def test_every_choice_of_readers_reaches_them_and_nobody_else(matter: Together) -> None:
    """Every sender with every set of readers they may choose, against a reading of its own."""
    for who in ("second", "third"):
        matter.ask(who)
        matter.declare(who)
    person = {"firm": "firm", "lead": "expert", "second": "second", "third": "third"}
    may = {
        "staff": ("firm", "lead", "second", "third"),
        "firm": ("lead", "second", "third"),
        "expert": ("firm",),
        "second": ("firm",),
    }
    expected: dict[str, set[int]] = {who: set() for who in matter.actors}
    for sender, parties in may.items():
        for count in range(len(parties) + 1):
            for readers in itertools.combinations(parties, count):
                number = post(matter, sender, readers=readers)
                for who in {"staff", sender, *(person[name] for name in readers)}:
                    expected[who].add(number)
    assert heard(matter) == expected


def test_whoever_writes_back_to_back_cannot_be_reached_by_the_other_experts_before_all_is_opened(
    matter: Together,
) -> None:
    for who in ("second", "third"):
        matter.ask(who)
        matter.declare(who)
    for sender, reader in (
        ("expert", "second"),
        ("second", "lead"),
        ("second", "third"),
        ("third", "second"),
    ):
        with pytest.raises(BadInput, match="Choose the readers anew"):
            post(matter, sender, readers=[reader])
    matter.hand_in("second")
    with pytest.raises(BadInput):
        post(matter, "second", readers=["lead"])
    matter.hand_in("third")
    for sender, reader in (
        ("expert", "second"),
        ("second", "lead"),
        ("second", "third"),
        ("third", "second"),
    ):
        post(matter, sender, readers=[reader])
    assert len(heard(matter)["firm"]) == 0


def test_an_expert_who_lost_the_matter_reads_nothing_and_the_next_one_what_was_sent_to_the_lead(
    matter: Together,
) -> None:
    matter.ask("third")
    matter.declare("third")
    to_lead = post(matter, "firm", readers=["lead"])
    to_third = post(matter, "staff", readers=["third"])
    assert (heard(matter)["expert"], heard(matter)["third"]) == ({to_lead}, {to_third})
    matter.on(casework.recall, "staff", note="专家休假")
    matter.on(casework.assign, "staff", matter.second_id, listed_experts, note="第二位")
    assert heard(matter)["second"] == set(), "not before the conflict is declared"
    matter.on(casework.declare, "second")
    later = post(matter, "firm", readers=["lead"])
    assert heard(matter)["second"] == {to_lead, later}
    assert heard(matter)["expert"] == set()
    from experts.beside import asking

    matter.act(asking.take_back_beside, "staff", "third")
    assert heard(matter)["third"] == set()


def test_files_go_with_their_message_and_bear_its_label(matter: Together) -> None:
    matter.ask("second")
    matter.declare("second")
    vault = matter.house.vault
    number = post(
        matter, "firm", readers=["second"], files=[("a.pdf", PDF), ("b.pdf", PDF)], vault=vault, secrecy="sensitive"
    )  # fmt: skip
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        has = {
            who: [(f.filename, f.secrecy, f.message_id) for f in attachments.files_of(session, matter.actors[who], row)]
            for who in ("firm", "staff", "second", "expert")
        }  # fmt: skip
        kept = attachments.files_of(session, matter.actors["staff"], row)
    both = [("a.pdf", "sensitive", number), ("b.pdf", "sensitive", number)]
    assert has == {"firm": both, "staff": both, "second": both, "expert": []}
    with pytest.raises(NotFound):
        matter.do(attachments.read_file, "expert", vault, matter.id, kept[0].id)
    assert matter.do(attachments.read_file, "second", vault, matter.id, kept[0].id)[1] == PDF


def test_a_file_that_is_not_taken_takes_its_message_with_it(matter: Together) -> None:
    before = list(matter.house.vault.files())
    with pytest.raises(BadInput):
        post(matter, "firm", files=[("ok.pdf", PDF), ("run.pdf", EXE)], vault=matter.house.vault)
    assert heard(matter)["staff"] == set()
    assert list(matter.house.vault.files()) == before
    with pytest.raises(BadInput, match="at most 5"):
        post(matter, "firm", files=[("a.pdf", PDF)] * 6, vault=matter.house.vault)


def test_the_firms_answer_to_the_expert_lets_the_clock_go_on(matter: Together) -> None:
    matter.on(aftercare.ask_firm, "expert", note="请补充合同")
    assert (matter.now.state, matter.now.days_left) == ("waiting", 5)
    matter.house.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    post(matter, "firm", readers=[])
    assert matter.now.state == "waiting", "words to the centre alone are no answer to the expert"
    post(matter, "staff", readers=["lead"])
    assert matter.now.state == "waiting"
    post(matter, "firm", "合同见附件", readers=["lead"])
    # Wednesday 2026-03-04 with five working days left.
    assert (matter.now.state, matter.now.days_left, matter.now.due_on) == ("guiding", None, date(2026, 3, 11))


def test_marks_say_who_opened_it_first_and_are_never_moved(matter: Together) -> None:
    number = post(matter, "firm", readers=["lead"])

    def unread(who: str) -> int:
        with matter.house.database.read() as session:
            row = session.get_one(Consultation, matter.id)
            return correspondence.unread_of(session, matter.actors[who], [row]).get(matter.id, 0)

    assert [unread(who) for who in ("firm", "staff", "expert")] == [0, 1, 1]
    with matter.house.database.write() as session:
        correspondence.mark_read(session, matter.house.clock, matter.actors["expert"], "expert", [number])
    first = matter.house.clock.now()
    matter.house.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    with matter.house.database.write() as session:
        correspondence.mark_read(session, matter.house.clock, matter.actors["expert"], "expert", [number])
    assert [unread(who) for who in ("firm", "staff", "expert")] == [0, 1, 0]
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        own = correspondence.messages_of(session, matter.actors["firm"], row)
        assert correspondence.marks_of(session, matter.actors["firm"], own) == {number: [("expert", first)]}
        assert correspondence.marks_of(session, matter.actors["staff"], own) == {}, "the writer's to know"
        assert len(session.scalars(select(MessageMark)).all()) == 1


def test_pages_of_messages_hold_each_once(matter: Together) -> None:
    sent = [post(matter, "firm", f"第 {n} 条") for n in range(45)]
    found: list[int] = []
    with matter.house.database.read() as session:
        row, actor = session.get_one(Consultation, matter.id), matter.actors["staff"]
        before = None
        while page := correspondence.messages_of(session, actor, row, before=before, limit=20):
            found = [m.id for m in page] + found
            before = page[0].id
    assert found == sent


def test_what_the_firm_does_not_read_is_no_first_answer(house: House) -> None:
    matter = Together(house)
    matter.to("accepted")
    today = date(2026, 3, 2)

    def answered() -> Any:
        with house.database.read() as session:
            lines, _ = promises.report(session, house.clock, matter.actors["staff"], since=today, until=today)
            return lines[0].kept["first_answer"]

    post(matter, "staff", "内部备忘", readers=[])
    assert answered() == "running"
    post(matter, "staff", "请先保存证据", readers=["firm"])
    assert answered() == "in_time"


def test_an_answer_names_a_message_its_writer_reads(matter: Together) -> None:
    secret = post(matter, "staff", readers=["lead"])
    with pytest.raises(NotFound, match="no such message"):
        post(matter, "firm", reply_to=secret)
    assert post(matter, "expert", readers=[], reply_to=secret)


def test_what_is_sent_is_audited_without_its_words(matter: Together) -> None:
    post(matter, "firm", "绝密的底线报价", readers=["lead"])
    with matter.house.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "consultation.message")).one()
        assert "底线报价" not in str({c.name: getattr(row, c.name) for c in AuditRow.__table__.columns})


@pytest.mark.parametrize("who", ["firm_b", "other_staff", "admin", "second"])
def test_nobody_else_writes(matter: Together, who: str) -> None:
    with pytest.raises(SeamarkError):
        post(matter, who, readers=[])


def test_nothing_is_written_into_what_is_over(matter: Together) -> None:
    matter.on(casework.withdraw, "firm")
    with pytest.raises(TransitionRefused):
        post(matter, "firm")
    assert isinstance(matter.id, uuid.UUID)
