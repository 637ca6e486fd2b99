"""Whoever was told of a case is told once of each change that matters: what stood before, what stands now, and no more."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from cases.facts import RawCase, RawEvent, RawParty
from cases.models import Case, Tag
from core.errors import RulebookInvalid
from core.outbox import Delivery, Message, OutboxRow
from house import House
from tests.factories import DEFENDANT, bring_firms, drain, firm_id, member, origin, raw_case, record
from tests.warning.test_watch import ROTOR
from warning.changes import entry_changes, load_signs, outcome_change, read_signs, shown_by
from warning.models import Alert
from warning.telling import compose_alerts
from warning.watch_profiles import create_profile, get_profile, move_profile

TODAY = date(2026, 3, 2)
FIRST = RawEvent(date(2026, 2, 2), "COMPLAINT", "COMPLAINT against the defendant")
TRO = RawEvent(
    TODAY, "ORDER", "ORDER granting 5 Motion for Temporary Restraining Order. Signed by the judge."
)
SERVED = RawEvent(
    TODAY,
    "SUMMONS Returned Executed",
    f"SUMMONS Returned Executed. {DEFENDANT} served on 2/27/2026, answer due 3/20/2026.",
)
JUDGMENT = RawEvent(TODAY, "FINAL JUDGMENT", "FINAL JUDGMENT. The case is closed.")


def _alerts(house: House, kind: str = "") -> list[Alert]:
    with house.database.read() as session:
        rows = session.scalars(select(Alert).order_by(Alert.id))
        return [a for a in rows if a.trigger.startswith(kind)]


def _changes(house: House) -> list[str]:
    return sorted(a.trigger.partition(":")[0] for a in _alerts(house) if a.change)


@pytest.fixture
def told(each_house: House) -> House:
    """A house whose firm alpha was told that a case names it."""
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    assert len(_alerts(each_house)) == 1
    return each_house


def _tell(house: House, raw: RawCase, **facts: object) -> None:
    record(house, raw, origin(house, **facts))
    drain(house)


def test_an_injunction_is_told_with_the_entry_and_what_stood_before(told: House) -> None:
    _tell(told, raw_case(events=(FIRST, TRO)))
    (alert,) = _alerts(told, "injunction")
    assert alert.change is not None
    assert (alert.firm_id, alert.profile_id) == (firm_id(told, "alpha"), None)
    assert (alert.change["before"], alert.change["after"]) == ("", "tro.granted")
    assert alert.change["entry"] == TRO.text and alert.change["on"] == "2026-03-02"
    assert alert.grounds[0]["party"] == DEFENDANT


def test_a_deadline_is_told_with_the_printed_day_and_its_basis_and_the_stage_beside_it(told: House) -> None:
    _tell(told, raw_case(events=(FIRST, SERVED)))
    (deadline,) = _alerts(told, "deadline")
    assert deadline.change is not None
    assert (deadline.change["before"], deadline.change["after"]) == ("", "2026-03-20")
    assert deadline.change["basis"]
    (stage,) = _alerts(told, "stage")
    assert stage.change is not None and stage.change["after"] == "ps.service"
    moved = RawEvent(TODAY, SERVED.kind, SERVED.text.replace("3/20/2026", "4/10/2026"))
    _tell(told, raw_case(events=(moved,)))
    again = _alerts(told, "deadline")[-1]
    assert again.change is not None
    assert (again.change["before"], again.change["after"]) == ("2026-03-20", "2026-04-10")


def test_each_change_is_told_once_however_often_everything_is_replayed(told: House) -> None:
    events = (FIRST, SERVED, TRO, JUDGMENT)
    _tell(told, raw_case(events=events, outcome="Judgment for the plaintiff"))
    before = [a.trigger for a in _alerts(told)]
    assert set(_changes(told)) == {"deadline", "injunction", "outcome", "stage"}
    assert len(_alerts(told, "stage")) == len(_alerts(told, "injunction")) == 1
    with told.database.write() as session:
        for row in session.scalars(select(Delivery)):
            row.state = "pending"
    drain(told)
    _tell(told, raw_case(events=events[::-1], outcome="JUDGMENT for the plaintiff."))
    assert [a.trigger for a in _alerts(told)] == before


def test_parties_that_join_are_told_in_one_alert(told: House) -> None:
    more = (RawParty("Nobody One LLC", "defendant"), RawParty("Nobody Two LLC", "defendant"))
    _tell(told, raw_case(parties=(*raw_case().parties, *more)))
    (alert,) = _alerts(told, "party")
    assert alert.change is not None
    assert (alert.change["before"], alert.change["after"]) == ("2", "Nobody One LLC; Nobody Two LLC")


def test_what_a_better_source_restates_is_a_correction_and_tells_nobody(told: House) -> None:
    better = (RawParty("Acme Optics, Incorporated", "plaintiff"), RawParty(DEFENDANT, "defendant"))
    _tell(told, raw_case(parties=(*better, RawParty("Third Works LLC", "defendant"))), authority=30)
    assert _changes(told) == []
    _tell(told, raw_case(parties=(), outcome="Dismissed"), authority=30)
    assert _changes(told) == ["outcome"]
    _tell(told, raw_case(parties=(), outcome="Dismissed with prejudice"), authority=40)
    assert _changes(told) == ["outcome"]


def test_history_and_old_entries_tell_nobody(told: House) -> None:
    _tell(told, raw_case(events=(FIRST, TRO), outcome="Dismissed"), is_backfill=True)
    old = RawEvent(TODAY - timedelta(days=45), TRO.kind, TRO.text)
    _tell(told, raw_case(events=(FIRST, old)))
    assert _changes(told) == []


def test_tags_told_anew_by_another_rulebook_are_no_change_and_a_stage_in_the_text_is(told: House) -> None:
    with told.database.write() as session:
        for tag in session.scalars(select(Tag)):
            tag.rulebook = "an older one"
    text = "The court granted a preliminary injunction. A jury trial was held."
    _tell(told, raw_case(text=text))
    assert _changes(told) == []
    _tell(told, raw_case(text=f"{text} Then a notice of appeal was filed; notice of appeal."))
    with told.database.read() as session:
        stages = set(session.scalars(select(Tag.value).where(Tag.kind == "stage")))
    assert _changes(told) == ["stage"] and stages == {"ps.appeal"}


def test_the_same_is_told_whether_it_is_delivered_at_once_or_late(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case())
    record(each_house, raw_case(events=(FIRST, TRO)))
    drain(each_house)
    assert sorted({a.trigger.partition(":")[0] for a in _alerts(each_house)}) == [
        "deadline",
        "injunction",
        "named",
    ]


def test_a_change_that_is_delivered_before_the_first_alert_is_told_with_it(each_house: House) -> None:
    house = each_house
    bring_firms(house)
    record(house, raw_case())
    record(house, raw_case(events=(FIRST, TRO)))
    follow = next(c for c in house.subscriptions.consumers if c.name == "follow")
    with house.database.write() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == "case.changed"))
        follow.handler(session, [Message(r.id, r.topic, r.key, r.payload) for r in rows])
    assert _alerts(house) == []
    drain(house)
    assert len(_alerts(house, "injunction")) == 1


def test_what_changed_before_the_case_named_the_firm_is_no_news_to_it(each_house: House) -> None:
    bring_firms(each_house)
    alone = (RawParty("Acme Optics Inc.", "plaintiff"),)
    record(each_house, raw_case(parties=alone))
    record(each_house, raw_case(parties=alone, events=(FIRST, TRO)))
    record(each_house, raw_case(events=(FIRST, TRO, JUDGMENT)))
    drain(each_house)
    assert [a.trigger for a in _alerts(each_house)] == ["named"]


def test_what_changed_while_a_case_was_a_candidate_is_no_news(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(), is_ip=False)
    record(each_house, raw_case(events=(FIRST, TRO)), is_ip=False)
    record(each_house, raw_case(), origin(each_house, authority=30))
    drain(each_house)
    assert [a.trigger for a in _alerts(each_house)] == ["named"]


def test_a_case_taken_back_tells_no_change(told: House) -> None:
    with told.database.write() as session:
        session.scalars(select(Case)).one().status = "dismissed"
    _tell(told, raw_case(events=(FIRST, TRO)))
    assert _changes(told) == []


def test_a_profile_is_told_while_it_watches_and_beside_the_firms_own_alert(each_house: House) -> None:
    house, mine = each_house, None
    bring_firms(house)
    with house.database.write() as session:
        mine = create_profile(session, house.clock, member(house, "beta"), "Rotors", ROTOR).id
    text = "A rotor blade."
    record(house, raw_case(text=text))
    drain(house)
    _tell(house, raw_case(text=text, events=(FIRST, TRO)))
    found = _alerts(house, "injunction")
    assert {(a.firm_id, a.profile_id) for a in found} == {
        (firm_id(house, "alpha"), None),
        (firm_id(house, "beta"), mine),
    }
    _step(house, mine, "pause")
    _tell(house, raw_case(text=text, events=(JUDGMENT,)))
    assert [a.firm_id for a in _alerts(house, "stage")] == [firm_id(house, "alpha")]


def _step(house: House, profile: uuid.UUID, step: str) -> None:
    actor = member(house, "beta")
    with house.database.write() as session:
        version = get_profile(session, actor, profile).version
        move_profile(session, house.clock, actor, profile, step, seen_version=version)


def test_the_letter_says_before_and_now(told: House) -> None:
    _tell(told, raw_case(events=(FIRST, SERVED)))
    (alert,) = _alerts(told, "deadline")
    with told.database.read() as session:
        letter = compose_alerts(session, alert.firm_id, [alert.id])
    assert letter is not None
    (item,) = letter.items
    assert "New deadline: 2026-03-20" in item.heading
    facts = {str(label): str(text) for label, text in item.facts}
    assert facts["Before"] == "–" and facts["Now"] == "2026-03-20" and "for reference only" in facts["Basis"]
    assert any(DEFENDANT in reason for reason in item.reasons)


@pytest.mark.parametrize(
    ("kind", "text", "shows"),
    [
        ("ORDER", "ORDER denying 5 Motion for Temporary Restraining Order", "tro.denied"),
        ("SEALED TEMPORARY RESTRAINING ORDER", "", "tro.granted"),
        ("Order on Motion for TRO", "[Order on Motion for TRO] (12)", "tro.decided"),
        ("ORDER", "ORDER extending the Temporary Restraining Order", "tro.extended"),
        ("ORDER", "ORDER granting motion to extend the Temporary Restraining Order", "tro.extended"),
        ("MOTION", "MOTION by Plaintiff Acme for temporary restraining order", "tro.asked"),
        ("PRELIMINARY INJUNCTION ORDER", "PRELIMINARY INJUNCTION ORDER Signed by the judge", "pi.granted"),
        (
            "MINUTE entry",
            "MINUTE entry: the motion for a preliminary injunction [30] is granted",
            "pi.granted",
        ),
        ("ORDER", "ORDER dissolving the Preliminary Injunction", "pi.lifted"),
        ("MEMORANDUM", "MEMORANDUM in support of motion for preliminary injunction", None),
        ("RESPONSE in Opposition", "RESPONSE in Opposition re 5 MOTION for Preliminary Injunction", None),
        ("Order", "[Order] In re Temporary Things (4)", None),
    ],
)
def test_signs_of_injunctions(kind: str, text: str, shows: str | None) -> None:
    assert shown_by(RawEvent(TODAY, kind, text), "v.us.ilnd", load_signs().injunctions) == shows


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        ("Order Dismissing Case", "ps.dismissed"),
        ("Order Dismissing Parties", None),
        ("Notice of Voluntary Dismissal", "ps.dismissed"),
        ("NOTICE OF INTERLOCUTORY APPEAL to the Court of Appeals", "ps.appeal"),
        ("Notice of Appeal Notification Form", None),
        ("Judgment - Clerk", "ps.judgment"),
        ("Clerks Entry of Default", "ps.default"),
        ("ANSWER to First Amended Complaint", "ps.answer"),
        ("Proposed Verdict Form", None),
        ("Verdict Form", None),
        ("Order on Motion for Summary Judgment", "ps.summary_judgment"),
        ("Order on Motion for Extension of Time to Answer", None),
    ],
)
def test_signs_of_stages(kind: str, shows: str | None) -> None:
    assert shown_by(RawEvent(TODAY, kind, ""), "v.us.nyed", load_signs().stages) == shows


def test_a_later_answer_moves_no_case_back(told: House) -> None:
    now = told.clock.now()
    answer = RawEvent(TODAY, "ANSWER", "ANSWER to complaint")
    assert entry_changes("v.us.txed", [JUDGMENT], [answer], [], now) == []
    stages = [c for c in entry_changes("v.us.txed", [answer], [JUDGMENT], [], now) if c.kind == "stage"]
    assert [(c.before, c.after) for c in stages] == [("ps.answer", "ps.judgment")]


def test_an_outcome_written_otherwise_is_the_same_outcome() -> None:
    assert outcome_change("Dismissed", "dismissed.") == []
    assert outcome_change(None, "Dismissed")[0].before == ""


@pytest.mark.parametrize(
    "text",
    [
        "stages: [{venues: [v.us.itc], is: ps.nowhere, text: x}]",
        "stages: [{venues: [v.nowhere], is: ps.answer, text: x}]",
        "stages: [{venues: [v.us.itc], is: ps.answer, text: '('}]",
    ],
)
def test_a_bad_sign_stops_with_its_name(text: str) -> None:
    with pytest.raises(RulebookInvalid, match=r"ps\."):
        read_signs(f"measures: []\nacts: []\ninjunctions: []\n{text}\n")
