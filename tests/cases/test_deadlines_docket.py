"""Which clocks a docket starts: what an entry must say, and what it must not be taken for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cases.deadlines.docket import case_deadlines, clocks_of_case, next_deadline
from cases.facts import RawEvent

FLORIDA = "v.us.flsd"


def entry(on: str | None, kind: str, text: str = "") -> RawEvent:
    return RawEvent(date.fromisoformat(on) if on else None, kind, text)


def started(venue: str, *entries: RawEvent) -> list[tuple[str, str, str, bool]]:
    return [(d.clock.id, str(d.start), str(d.due), d.printed) for d in case_deadlines(venue, entries)]


@pytest.mark.parametrize(
    ("venue", "given", "expected"),
    [
        # The date of service is the one in the entry's words, not the docket's; the clerk's own last day beats ours.
        (
            FLORIDA,
            entry("2026-02-20", "SUMMONS Returned Executed", "by Alpha Inc. Beta Co served on 2/9/2026, answer due 3/2/2026."),
            [("ck.us.answer", "2026-02-09", "2026-03-02", True)],
        ),
        (
            FLORIDA,
            entry("2026-02-20", "PROOF OF SERVICE Executed", "upon Beta Co served on 2/9/2026."),
            [("ck.us.answer", "2026-02-09", "2026-03-02", False)],
        ),
        # Without the date of service nothing is computed: the day of filing the proof is another one.
        (FLORIDA, entry("2026-02-20", "Summons Returned Executed"), []),
        (FLORIDA, entry("2026-02-20", "SUMMONS Returned Unexecuted", "Beta Co served on 2/9/2026"), []),
        (FLORIDA, entry("2026-02-20", "Summons Returned Executed", "served on 2/31/2026, answer due 3/2/2026"), []),
        (
            FLORIDA,
            entry("2026-03-12", "WAIVER OF SERVICE Returned Executed", "Beta Co waiver sent on 3/10/2026, answer due 6/8/2026."),
            [("ck.us.answer", "2026-03-10", "2026-06-08", True)],
        ),
        (FLORIDA, entry("2026-03-02", "SEALED TEMPORARY RESTRAINING ORDER"), [("ck.us.tro", "2026-03-02", "2026-03-16", False)]),
        (
            FLORIDA,
            entry("2026-03-02", "ORDER", "granting plaintiff's ex parte motion for a temporary restraining order"),
            [("ck.us.tro", "2026-03-02", "2026-03-16", False)],
        ),
        (FLORIDA, entry("2026-03-02", "MOTION", "by Alpha for temporary restraining order"), []),
        (FLORIDA, entry("2026-03-02", "MEMORANDUM in Support", "of temporary restraining order"), []),
        (FLORIDA, entry("2026-01-30", "FINAL JUDGMENT ORDER"), [("ck.us.notice_appeal", "2026-01-30", "2026-03-02", False)]),
        (FLORIDA, entry("2026-01-30", "MOTION for Summary Judgment"), []),
        (FLORIDA, entry("2026-01-30", "Order on Motion for Default Judgment"), []),
        (FLORIDA, entry(None, "JUDGMENT"), []),
        (
            "v.us.itc",
            entry("2026-11-02", "Notice in the Federal Register", "91 FR 1"),
            [("ck.us.itc_target_date", "2026-11-02", "2026-12-17", False), ("ck.us.itc_tempo", "2026-11-02", "2027-01-11", False)],
        ),
        (
            "v.us.itc",
            entry("2026-11-02", "Notice of Institution of Investigation", "Certain Drones; Notice of Institution of Investigation"),
            [("ck.us.itc_target_date", "2026-11-02", "2026-12-17", False), ("ck.us.itc_tempo", "2026-11-02", "2027-01-11", False)],
        ),
        ("v.us.itc", entry("2026-11-02", "Notice of Institution of Formal Enforcement Proceeding"), []),
        ("v.us.itc", entry("2026-11-02", "Notice of Termination of Investigation"), []),
        # The clock of institution was not read: its event is on the docket, and no date comes of it.
        ("v.us.itc", entry("2026-11-02", "Complaint received"), []),
        (
            "v.us.ptab",
            entry("2025-11-30", "Paper", "Paper 3; Notice of Filing Date Accorded to Petition"),
            [("ck.us.ipr_prelim", "2025-11-30", "2026-03-02", False)],
        ),
        ("v.us.ptab", entry("2025-11-30", "Filing date accorded"), []),
        ("v.us.ptab", entry("2025-11-30", "Notice of Mandatory Filing", "Paper 2; Notice of new filing date"), []),
        ("v.us.cafc", entry("2026-01-30", "Judgment"), []),
        ("v.gone", entry("2026-01-30", "Judgment"), []),
    ],
)  # fmt: skip
def test_an_entry_starts_what_it_shows(venue: str, given: RawEvent, expected: list[object]) -> None:
    assert started(venue, given) == expected


def test_the_same_end_is_told_once() -> None:
    twice = [entry(f"2026-02-{day}", "SUMMONS Returned Executed", "A served on 2/9/2026") for day in (20, 21)]
    assert len(case_deadlines(FLORIDA, twice)) == 1


def test_today_is_the_forums_day() -> None:
    tro = [entry("2026-03-02", "TEMPORARY RESTRAINING ORDER")]
    # Due on 16 March in Miami: at 03:00 UTC of the 17th it is still the 16th there.
    still = clocks_of_case(FLORIDA, tro, datetime(2026, 3, 17, 3, tzinfo=UTC))
    assert [d.clock.id for d in still.coming] == ["ck.us.tro"] and still.today == date(2026, 3, 16)
    over = clocks_of_case(FLORIDA, tro, datetime(2026, 3, 17, 8, tzinfo=UTC))
    assert not over.coming and [d.clock.id for d in over.past] == ["ck.us.tro"]
    assert "ck.us.answer" in {clock.id for clock in over.waiting}


def test_the_next_deadline_is_one_the_firm_must_know() -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    office = [entry("2026-11-02", "Notice in the Federal Register")]
    assert next_deadline("v.us.itc", office, now) is None, "a target date is the office's own"
    docket = [
        entry("2026-10-30", "SUMMONS Returned Executed", "A served on 10/29/2026"),
        entry("2026-10-30", "TEMPORARY RESTRAINING ORDER"),
    ]
    found = next_deadline(FLORIDA, docket, now)
    assert found is not None and (found.clock.id, found.due) == ("ck.us.tro", date(2026, 11, 13))
