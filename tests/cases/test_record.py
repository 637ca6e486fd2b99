"""Recording what a source says: identity, authority, merging, and silence where nothing is new. On both databases."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from cases.models import Case, CaseAlias, CaseEvent, CaseEvidence, Party
from cases.record import Recorded
from core.outbox import OutboxRow
from house import House
from tests.factories import DEFENDANT, origin, raw_case, record


def _case(house: House, recorded: Recorded) -> Case:
    from sqlalchemy.orm import selectinload

    with house.database.read() as session:
        query = select(Case).where(Case.id == recorded.case_id)
        return session.scalars(query.options(selectinload(Case.parties), selectinload(Case.events))).one()


def _count(house: House, table: type) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _topics(house: House) -> list[tuple[str, dict[str, object]]]:
    with house.database.read() as session:
        return [(r.topic, r.payload) for r in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def test_a_new_docket_is_a_new_case(each_house: House) -> None:
    recorded = record(each_house, raw_case())
    assert recorded.created
    case = _case(each_house, recorded)
    assert (case.venue, case.docket_number, case.status, case.version) == (
        "v.us.txed",
        "2:26-cv-00011",
        "public",
        1,
    )
    assert [p.role for p in sorted(case.parties, key=lambda p: p.position)] == ["plaintiff", "defendant"]
    assert _topics(each_house) == [("case.recorded", {"backfill": False, "version": 1})]


def test_the_same_told_again_is_nothing(each_house: House) -> None:
    told = origin(each_house)
    first = record(each_house, raw_case(), told)
    before = {table: _count(each_house, table) for table in (OutboxRow, CaseEvidence, CaseEvent, Party)}
    for again in (told, origin(each_house)):
        second = record(each_house, raw_case(), again)
        assert second == Recorded(first.case_id, False, ())
    assert {table: _count(each_house, table) for table in before} == before
    assert _case(each_house, first).version == 1


def test_white_space_alone_is_no_change(each_house: House) -> None:
    record(each_house, raw_case())
    again = raw_case(
        caption="  Acme  Optics v.\nHailan Drone ",
        text="Complaint  for patent\ninfringement. ",
        parties=(RawParty(" Acme  Optics Inc. ", "plaintiff"), RawParty(DEFENDANT.upper(), "defendant")),
        events=(RawEvent(date(2026, 2, 2), "COMPLAINT", " COMPLAINT  against the defendant"),),
    )
    assert record(each_house, again).changed == ()


@pytest.mark.parametrize(
    "number",
    [
        "2:26-cv-00011",
        "2:26-cv-11",
        "2:2026-cv-00011",
        "2:26-CV-00011-JRG",
        "2:26-cv-00011-JRG-RSP",
        "2:26‑cv‑00011",
    ],
)
def test_one_docket_written_differently_is_one_case(each_house: House, number: str) -> None:
    first = record(each_house, raw_case())
    assert record(each_house, raw_case(number)).case_id == first.case_id


@pytest.mark.parametrize(
    "other",
    [{"docket_number": "2:26-cv-00012"}, {"docket_number": "6:26-cv-00011"}, {"venue": "v.us.txwd"}],
    ids=["number", "office", "court"],
)
def test_another_docket_is_another_case(each_house: House, other: dict[str, str]) -> None:
    first = record(each_house, raw_case())
    raw = RawCase(**{**vars(raw_case()), **other})
    assert record(each_house, raw).case_id != first.case_id


def test_a_second_number_of_a_case_leads_to_it(each_house: House) -> None:
    first = record(each_house, raw_case(aliases=("2:25-cv-00999",)))
    assert record(each_house, raw_case("2:25-cv-00999")).case_id == first.case_id
    third = record(each_house, raw_case(aliases=("2:24-cv-00777",)))
    assert third.case_id == first.case_id
    assert record(each_house, raw_case("2:24-cv-777")).case_id == first.case_id
    assert _count(each_house, CaseAlias) == 3


def test_a_change_names_its_fields_and_counts_up(each_house: House) -> None:
    first = record(each_house, raw_case())
    changed = record(
        each_house,
        raw_case(
            title="A headline",
            outcome="Dismissed",
            codes={"nos": ("830",)},
            rights=(RawRight("patent", "US1"),),
            events=(RawEvent(date(2026, 3, 1), "ORDER", "ORDER dismissing"),),
        ),
    )
    assert changed.changed == ("codes", "events", "outcome", "rights", "title")
    case = _case(each_house, first)
    assert (case.version, case.latest_on, case.filed_on) == (2, date(2026, 3, 1), date(2026, 2, 2))
    topic, told = _topics(each_house)[-1]
    assert (topic, told["fields"], told["backfill"]) == ("case.changed", list(changed.changed), False)
    assert told["version"] == 2


def test_events_are_added_and_never_lost(each_house: House) -> None:
    first = record(each_house, raw_case())
    for n in range(3):
        record(each_house, raw_case(events=(RawEvent(date(2026, 3, n + 1), "NOTICE", f"n{n}"),)))
    assert len(_case(each_house, first).events) == 4


def test_what_a_source_does_not_say_takes_nothing_away(each_house: House) -> None:
    full = raw_case(title="T", outcome="Won", codes={"nos": ("830",)}, rights=(RawRight("patent", "US1"),))
    first = record(each_house, full)
    silent = RawCase("us_pacer_rss", "v.us.txed", "2:26-cv-00011", "")
    assert record(each_house, silent, origin(each_house, authority=90)).changed == ()
    case = _case(each_house, first)
    assert (case.title, case.outcome, case.codes, len(case.parties)) == ("T", "Won", {"nos": ["830"]}, 2)


def test_a_weaker_source_never_overwrites_a_better_one(each_house: House) -> None:
    better = origin(each_house, authority=30, source="us_pacer_docket")
    first = record(each_house, raw_case(outcome="Settled"), better)
    weak = raw_case(
        caption="ACME v. HAILAN et al", outcome="Open", parties=(RawParty("Wrong LLC", "defendant"),)
    )
    assert record(each_house, weak, origin(each_house, authority=10)).changed == ()
    case = _case(each_house, first)
    assert (case.caption, case.outcome) == ("Acme Optics v. Hailan Drone", "Settled")
    assert DEFENDANT in {p.name for p in case.parties}


def test_a_better_source_corrects_and_is_remembered_field_by_field(each_house: House) -> None:
    first = record(each_house, raw_case(title="Feed title"), origin(each_house, authority=10))
    better = origin(each_house, authority=30, source="us_pacer_docket")
    told = raw_case(caption="Acme Optics, Inc. v. Hailan", parties=(RawParty(DEFENDANT, "defendant", "CN"),))
    assert record(each_house, told, better).changed == ("caption", "parties")
    case = _case(each_house, first)
    assert [(p.name, p.country) for p in case.parties] == [(DEFENDANT, "CN")]
    assert case.provenance["caption"] == ["us_pacer_docket", 30]
    assert case.provenance["title"] == ["us_pacer_rss", 10]


def test_a_party_keeps_its_row_over_changes(each_house: House) -> None:
    first = record(each_house, raw_case())
    before = {p.name: p.id for p in _case(each_house, first).parties}
    record(each_house, raw_case(parties=(RawParty("Late Joiner LLC", "intervenor"), *raw_case().parties)))
    after = {p.name: p.id for p in _case(each_house, first).parties}
    assert {name: after[name] for name in before} == before
    assert len(after) == 3


def test_a_candidate_becomes_public_when_a_source_shows_it_is_one(each_house: House) -> None:
    first = record(each_house, raw_case(), is_ip=False)
    assert _case(each_house, first).status == "candidate"
    assert record(each_house, raw_case(), is_ip=True).changed == ("status",)
    assert [topic for topic, _ in _topics(each_house)] == ["case.recorded", "case.changed", "case.confirmed"]
    assert record(each_house, raw_case(), is_ip=False).changed == ()
    assert _case(each_house, first).status == "public"


def test_what_staff_dismissed_stays_dismissed(each_house: House) -> None:
    first = record(each_house, raw_case(), is_ip=False)
    with each_house.database.write() as session:
        session.get_one(Case, first.case_id).status = "dismissed"
    record(each_house, raw_case(title="New"), is_ip=True)
    assert _case(each_house, first).status == "dismissed"


def test_evidence_is_kept_for_what_it_told(each_house: House) -> None:
    told = origin(each_house)
    first = record(each_house, raw_case(), told)
    record(each_house, raw_case(title="T"), told)
    later = origin(each_house)
    record(each_house, raw_case(outcome="Won"), later)
    with each_house.database.read() as session:
        rows = {r.sha256: r.fields for r in session.scalars(select(CaseEvidence))}
    assert rows[later.sha256] == ["outcome"]
    assert {"caption", "events", "parties", "title"} <= set(rows[told.sha256])
    assert len(rows) == 2
    assert first.created


def test_backfill_is_said_to_whoever_listens(each_house: House) -> None:
    record(each_house, raw_case(), origin(each_house, is_backfill=True))
    assert _topics(each_house) == [("case.recorded", {"backfill": True, "version": 1})]


def test_many_at_once_make_one_case(each_house: House) -> None:
    errors: list[BaseException] = []

    def tell(n: int) -> None:
        try:
            event = RawEvent(date(2026, 1, 1) + timedelta(days=n), "NOTICE", f"n{n}")
            record(each_house, raw_case(events=(event,)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert _count(each_house, Case) == 1
    assert _count(each_house, CaseEvent) == 6
    assert _count(each_house, Party) == 2
    with each_house.database.read() as session:
        assert session.scalars(select(Case.version)).one() == 6, "no change is lost to another"
