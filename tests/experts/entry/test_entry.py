"""Requests of people without an account: kept sealed, one code each, claimed once, deleted in time."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from core.actor import VISITOR, Actor, Role, system_actor
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from experts.attachments import files_of, sweep_vault
from experts.consultation_models import Attachment, Consultation
from experts.consultations import save_draft
from experts.entry import asking, claiming
from experts.entry.asking import plain_code
from experts.entry.models import EntryFile, EntryRequest
from experts.entry.questions import PAGES, kept, limits_of, problems_of_all, read_day
from experts.entry.workflow import ENTRY_WORKFLOW, EntryState
from house import House
from tests.experts.entry.asked import TOLD, Asked
from tests.experts.files import EXE, JPEG, PDF, TXT
from tests.factories import bring_firms, keeper, member, staff

TODAY = date(2026, 3, 2)


def on_disk(house: House) -> list[Path]:
    return [path for path in (house.settings.home / "vault").rglob("*") if path.is_file()]


def do(house: House, service: Any, actor: Actor, *args: Any) -> Any:
    with house.database.write() as session:
        return service(session, house.clock, actor, house.vault, *args)


def acts(house: House) -> list[str]:
    with house.database.read() as session:
        query = select(AuditRow.action).where(AuditRow.subject == "entry").order_by(AuditRow.id)
        return list(session.scalars(query))


def test_what_is_told_lies_sealed_and_the_code_is_nowhere_in_the_store(each_house: House) -> None:
    asked = Asked(each_house).tell_all()
    with each_house.database.read() as session:
        row = session.execute(text("SELECT * FROM entry_request")).one()
    stored = " ".join(str(bytes(v) if isinstance(v, memoryview | bytes) else v) for v in row)
    for told in ("13800001234", "李工", "Acme", asked.code, plain_code(asked.code)):
        assert told not in stored
        assert told.encode() not in bytes(row.sealed)
    assert asked.answers()["contact_phone"] == "13800001234"


def test_the_code_is_read_as_it_was_meant(house: House) -> None:
    asked = Asked(house)
    for typed in (
        asked.code.lower(),
        asked.code.replace("-", " "),
        asked.code.replace("1", "l").replace("0", "o"),
    ):
        with house.database.read() as session:
            assert asking.by_code(session, typed).id == asked.id
    with house.database.read() as session, pytest.raises(NotFound):
        asking.by_code(session, asked.code[:-1])


def test_nothing_is_kept_before_the_notice_is_agreed_to(house: House) -> None:
    with house.database.write() as session, pytest.raises(BadInput) as refused:
        asking.begin(session, house.clock, house.vault, "tro", language="zh", notice=False)
    assert set(refused.value.details["fields"]) == {"notice"}  # type: ignore[call-overload]
    with house.database.read() as session:
        assert session.scalars(select(EntryRequest)).all() == []


def test_a_wrong_answer_is_kept_as_typed_and_named(house: House) -> None:
    asked = Asked(house)
    asked.tell("when", {"known_on": "31 Feb", "limit_on": "2026-03-05"})
    assert asked.answers()["known_on"] == "31 Feb"
    assert "known_on" in problems_of_all(asked.answers(), TODAY)
    with pytest.raises(BadInput):
        asked.send()
    assert asked.now.state == EntryState.DRAFT.value


def test_two_windows_do_not_overwrite_each_other_in_silence(each_house: House) -> None:
    asked = Asked(each_house)
    before = asking.seen_mark({}, "what")
    asked.tell("what", {"story": "第一个窗口"}, before)
    with pytest.raises(StaleWrite) as stale:
        asked.tell("what", {"story": "第二个窗口"}, before)
    assert stale.value.details["current"] == {"story": "第一个窗口"}
    assert asked.answers()["story"] == "第一个窗口"
    asked.tell("what", {"story": "第一个窗口"}, before)  # the same words are no conflict
    asked.tell("need", {"question": "另一页"}, asking.seen_mark({}, "need"))  # nor is another page
    asked.tell("what", {"story": "第二个窗口"}, str(stale.value.details["seen"]))
    assert (asked.answers()["story"], asked.answers()["question"]) == ("第二个窗口", "另一页")


def test_a_firm_takes_it_over_once_with_every_answer_and_file(each_house: House) -> None:
    bring_firms(each_house)
    asked = Asked(each_house).tell_all()
    letter, photo = asked.add("letter.pdf", PDF), asked.add("photo.jpg", JPEG)
    asked.send()
    bytes_before = sorted(on_disk(each_house))
    firm = member(each_house, "alpha")
    made = asked.claim(firm)
    assert (made.state, made.urgency, made.scenario, made.venue) == ("draft", "u1", "tro", "v.us.ilnd")
    assert made.opponents == ["Acme Optics Inc.", "Greyhound & Vale LLP"]
    assert (made.known_on, made.contact_phone) == (TODAY, "13800001234")
    assert made.story.startswith(TOLD["story"])
    assert TOLD["firm_name"] in made.story, "what has no field of its own is not lost"
    with each_house.database.read() as session:
        row = session.get_one(Consultation, made.id)
        assert [file.id for file in files_of(session, firm, row)] == [letter, photo]
        assert session.scalars(select(EntryFile)).all() == []
    assert sorted(on_disk(each_house)) == bytes_before
    assert each_house.vault.get(made.centre_id, photo) == JPEG
    assert (asked.now.state, asked.now.sealed) == ("claimed", b"")
    for other in (firm, member(each_house, "beta")):
        with pytest.raises(TransitionRefused):
            asked.claim(other)
    assert acts(each_house).count("entry.claimed") == 1


def test_two_firms_that_claim_at_once_get_one_between_them(each_house: House) -> None:
    bring_firms(each_house)
    asked = Asked(each_house).tell_all().send()
    asked.add("letter.pdf", PDF)
    firms = [member(each_house, ref) for ref in ("alpha", "beta")] * 3
    start, outcomes = threading.Barrier(len(firms)), []

    def attempt(firm: Actor) -> None:
        start.wait()
        try:
            outcomes.append(asked.claim(firm).id)
        except TransitionRefused:
            outcomes.append(None)

    threads = [threading.Thread(target=attempt, args=(firm,)) for firm in firms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(firms)
    assert len([made for made in outcomes if made]) == 1
    with each_house.database.read() as session:
        assert len(session.scalars(select(Consultation)).all()) == 1
        assert len(session.scalars(select(Attachment)).all()) == 1


def test_an_answer_and_a_claim_at_once_lose_nothing(each_house: House) -> None:
    bring_firms(each_house)
    asked, firm = Asked(each_house).tell_all(), member(each_house, "alpha")
    start, refused = threading.Barrier(2), []

    def answer() -> None:
        start.wait()
        try:
            asked.tell("need", {"question": "新的问题"}, asking.seen_mark(TOLD, "need"))
        except (TransitionRefused, NotFound):
            refused.append(True)

    thread = threading.Thread(target=answer)
    thread.start()
    start.wait()
    made = asked.claim(firm)
    thread.join()
    assert made.question == (TOLD["question"] if refused else "新的问题")


def test_staff_make_it_a_consultation_of_a_firm_of_the_register(each_house: House) -> None:
    bring_firms(each_house)
    asked = Asked(each_house).tell_all().send(expert=False)
    file = asked.add("letter.pdf", PDF)
    clerk = staff(each_house)
    with pytest.raises(BadInput):
        do(each_house, claiming.lodge, clerk, asked.id, "nobody")
    made = do(each_house, claiming.lodge, clerk, asked.id, "alpha")
    assert (made.state, made.urgency) == ("submitted", "u1")
    assert made.number and made.due_at is not None
    assert (made.consent_truth, made.consent_notice, made.consent_expert) == (True, True, False)
    with each_house.database.read() as session:
        row = session.get_one(Consultation, made.id)
        assert [one.id for one in files_of(session, member(each_house, "alpha"), row)] == [file]
        assert [step.by_side for step in row.steps] == ["staff"]
    with pytest.raises(NotFound):
        do(each_house, claiming.lodge, clerk, asked.id, "beta")


PEOPLE = ("asker", "other_asker", "firm", "staff", "other_staff", "expert", "admin", "visitor")
MAY = {"send": {"asker"}, "answer": {"staff"}, "claim": {"firm"}, "lodge": {"staff"}}


@pytest.mark.parametrize("state", [state.value for state in EntryState])
@pytest.mark.parametrize("step", [step.name for step in ENTRY_WORKFLOW.steps])
def test_every_step_from_every_state_by_everybody(house: House, state: str, step: str) -> None:
    bring_firms(house)
    centre = keeper(house).centre_id
    for who in PEOPLE:
        asked = Asked(house).tell_all()
        if state != "draft":
            asked.send()
        if state == "answered":
            with house.database.write() as session:
                claiming.answer(session, house.clock, staff(house), asked.id, "已电话答复")
        if state == "claimed":
            asked.claim(member(house, "beta"))
        actor = {
            "asker": asked.actor,
            "other_asker": Asked(house).actor,
            "firm": member(house, "alpha"),
            "staff": staff(house),
            "other_staff": staff(house, "other"),
            "expert": Actor("user:e", frozenset({Role.EXPERT}), centre_id=centre, expert_id=uuid.uuid4()),
            "admin": Actor("user:x", frozenset({Role.ADMIN}), centre_id=centre),
            "visitor": VISITOR,
        }[who]
        before = (asked.now.state, asked.now.version)
        try:
            with house.database.write() as session:
                common = (session, house.clock, actor)
                if step == "send":
                    asking.send(*common, house.vault, asked.id, truth=True, contact=True, expert=True)
                elif step == "answer":
                    claiming.answer(*common, asked.id, "已电话答复")
                elif step == "claim":
                    claiming.claim(*common, house.vault, asked.code)
                else:
                    claiming.lodge(*common, house.vault, asked.id, "alpha")
            done = True
        except (NotAllowed, NotFound, TransitionRefused):
            done = False
        allowed = who in MAY[step] and state in ENTRY_WORKFLOW.step(step).sources
        assert done is allowed, (who, step, state)
        if not allowed:
            assert (asked.now.state, asked.now.version) == before


def test_staff_see_what_was_sent_alone_and_their_reading_is_written_down(each_house: House) -> None:
    draft, sent = Asked(each_house).tell_all(), Asked(each_house).tell_all().send()
    file = sent.add("letter.pdf", PDF)
    clerk = staff(each_house)
    with each_house.database.read() as session:
        assert [row.id for row in claiming.list_waiting(session, clerk).rows] == [sent.id]
        assert claiming.list_waiting(session, staff(each_house, "other")).rows == []
    with pytest.raises(NotFound):
        do(each_house, claiming.read_request, clerk, draft.id)
    _, answers = do(each_house, claiming.read_request, clerk, sent.id)
    assert answers["contact_name"] == "李工"
    assert do(each_house, claiming.read_file, clerk, sent.id, file)[1] == PDF
    assert acts(each_house)[-2:] == ["entry.read", "entry.file_read"]
    for stranger in (staff(each_house, "other"), VISITOR):
        with pytest.raises((NotFound, NotAllowed)):
            do(each_house, claiming.read_file, stranger, sent.id, file)


def test_a_list_shows_the_least() -> None:
    assert claiming.masked("李工") == "李*"
    assert claiming.masked("13800001234") == "138****1234"
    assert claiming.masked("li.gong@example.org") == "l***@example.org"


def test_consents_are_needed_and_the_night_uses_up_no_office_hour(house: House) -> None:
    asked = Asked(house).tell_all()
    for missing in ({"truth": False}, {"contact": False}):
        with pytest.raises(BadInput) as refused:
            asked.send(**missing)
        assert set(refused.value.details["fields"]) == set(missing)  # type: ignore[call-overload]
    clock = house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(datetime(2026, 3, 6, 15, 30, tzinfo=UTC) - clock.now())  # Friday, 23:30 in Shanghai
    asked.send()
    assert asked.now.urgency == "u1"
    assert asked.now.due_at == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)  # Monday, 13:00


def test_days_over_the_request_and_its_bytes_are_gone_and_the_audit_stays(each_house: House) -> None:
    draft, sent = Asked(each_house).tell_all(), Asked(each_house).tell_all().send()
    draft.add("letter.pdf", PDF)
    sent.add("photo.jpg", JPEG)
    clock, job = each_house.clock, system_actor("job:entries", keeper(each_house).centre_id)
    assert isinstance(clock, FixedClock)

    def purge() -> int:
        return int(do(each_house, asking.purge, job, job.centre_id))

    clock.advance(timedelta(days=13, hours=23))
    assert purge() == 0
    clock.advance(timedelta(hours=1))
    assert purge() == 1
    assert len(on_disk(each_house)) == 1
    clock.advance(timedelta(days=16))
    assert purge() == 1
    assert on_disk(each_house) == []
    assert acts(each_house).count("entry.purged") == 2


def test_files_are_judged_by_content_removed_for_good_and_never_swept_while_known(each_house: House) -> None:
    asked = Asked(each_house)
    with pytest.raises(BadInput):
        asked.add("order.pdf", EXE)
    assert on_disk(each_house) == []
    kept_id, gone_id = asked.add("order.pdf", PDF), asked.add("words.txt", TXT)
    asked.remove(gone_id)
    (path,) = on_disk(each_house)
    assert path.name == str(kept_id)
    assert b"%PDF" not in path.read_bytes()
    import os

    os.utime(path, (0, 0))
    with each_house.database.read() as session:
        assert sweep_vault(session, each_house.vault) == 0


def test_whoever_asks_deletes_it_with_its_files(each_house: House) -> None:
    asked = Asked(each_house).tell_all().send()
    asked.add("letter.pdf", PDF)
    with pytest.raises(NotFound):
        do(each_house, asking.delete, Asked(each_house).actor, asked.id)
    do(each_house, asking.delete, asked.actor, asked.id)
    assert on_disk(each_house) == []
    with each_house.database.read() as session, pytest.raises(NotFound):
        asking.by_code(session, asked.code)


def test_the_last_day_makes_it_more_urgent_and_stays_when_the_firm_edits_the_draft(house: House) -> None:
    bring_firms(house)
    asked = Asked(house, "warning_letter").tell_all(venue="", event="", limit_on="2026-03-04")
    assert asked.now.urgency == "u1"
    firm = member(house, "alpha")
    made = asked.claim(firm)
    with house.database.write() as session:
        saved = save_draft(
            session, house.clock, firm, made.id, {"question": "别的"}, seen_version=made.version
        )
        assert saved.urgency == "u1"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-3-2", date(2026, 3, 2)),
        ("2026/03/02", date(2026, 3, 2)),
        ("２０２６年3月2日", date(2026, 3, 2)),
        ("昨天", date(2026, 3, 1)),
        ("today", date(2026, 3, 2)),
        ("2026-02-30", None),
        ("3.2", None),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, day: date | None) -> None:
    assert read_day(typed, TODAY) == day


def test_deadlines_come_from_the_engine_and_only_where_the_rule_is_known() -> None:
    told = {**TOLD, "event": "service_of_complaint"}
    limits = limits_of("sued", told, TODAY)
    assert limits.first == date(2026, 3, 23)  # FRCP 12(a)(1)(A)(i): 21 days
    assert all(d.clock.basis for d in limits.deadlines)
    assert limits_of("sued", {**told, "venue": "一家法院"}, TODAY).first is None
    assert limits_of("sued", {**told, "limit_on": "2026-03-10"}, TODAY).first == date(2026, 3, 10)


MOVES = st.one_of(
    st.tuples(
        st.sampled_from([page for page, names in PAGES.items() if names]),
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=4, max_size=4
        ),
    ),
    st.tuples(st.just("+"), st.sampled_from([PDF, JPEG, TXT])),
    st.tuples(st.just("-"), st.integers(0, 5)),
)
_NAMES = {PDF: "a.pdf", JPEG: "b.jpg", TXT: "c.txt"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, max_size=12))
def test_answers_and_files_in_any_order_arrive_once_and_as_they_last_were(
    house: House, moves: list[Any]
) -> None:
    bring_firms(house)
    asked, told, files = Asked(house), {}, []
    for kind, what in moves:
        if kind == "+":
            files.append((asked.add(_NAMES[what], what), what))
        elif kind == "-":
            if what < len(files):
                asked.remove(files.pop(what)[0])
        else:
            typed = dict(zip(PAGES[kind], what, strict=False))
            asked.tell(kind, typed)
            told.update(kept(typed, kind))
    assert {name: value for name, value in asked.answers().items() if value} == {
        n: v for n, v in told.items() if v
    }
    firm = member(house, "alpha")
    made = asked.claim(firm)
    with house.database.read() as session:
        row = session.get_one(Consultation, made.id)
        moved = [(file.id, house.vault.get(file.centre_id, file.id)) for file in files_of(session, firm, row)]
    assert sorted(moved) == sorted(files)
    for name in ("region", "docket_number", "question", "contact_name", "contact_phone", "contact_email"):
        assert getattr(row, name) == told.get(name, "")
    assert row.story.startswith(told.get("story", ""))
    assert row.opponents == list(
        dict.fromkeys(line.strip() for line in told.get("opponents", "").splitlines() if line.strip())
    )
    with pytest.raises(TransitionRefused):
        asked.claim(firm)


def test_the_desks_pages_stand_when_a_request_is_overdue_and_its_time_limit_has_passed(house: House) -> None:
    from app import create_app

    asked = Asked(house).tell_all().send()
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(days=20))
    app, clerk = create_app(house), staff(house)
    app.extensions["seamark_actor"] = lambda: clerk
    shown = app.test_client().get("/entries", headers={"Accept-Language": "en"})
    told = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "overdue" in told
    assert "李*" in told and "李工" not in told
    one = app.test_client().get(f"/entries/{asked.id}", headers={"Accept-Language": "en"})
    assert one.status_code == 200 and "has passed" in one.get_data(as_text=True)
