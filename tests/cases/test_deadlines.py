"""Clocks: hand-computed last days for each, what never gets a date, and what must hold for every date."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.deadlines.calendars import calendar_of
from cases.deadlines.counting import add_months, count, count_hours
from cases.deadlines.engine import deadlines_at, read_start
from cases.deadlines.model import DISCLAIMER, Deadline, Length, Period, Roll
from cases.deadlines.reading import load_clocks, read_clocks
from cases.taxonomy import FOLDER, load_taxonomy
from core.errors import BadInput, RulebookInvalid

TABLE: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("deadline_table.yml").read_text("utf-8")
)
CLOCKS = load_clocks()
DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))
#: every clock with a date, at one of its forums
COMPUTED = sorted(clock.id for clock in CLOCKS.clocks.values() if clock.is_computed and clock.own.length)


def one(clock: str, venue: str, event: str, when: str, seat: str | None = None) -> Deadline:
    return next(d for d in deadlines_at(venue, event, when, seat=seat) if d.clock.id == clock)


def at_a_forum(clock: str, day: date) -> Deadline:
    found = CLOCKS.clocks[clock]
    return one(clock, min(found.venues), found.own.event, day.isoformat())


@pytest.mark.parametrize(
    "line", TABLE, ids=lambda line: " ".join(map(str, (*line["row"][:4], line.get("seat", ""))))
)
def test_the_last_day_is_the_one_computed_by_hand(line: dict[str, Any]) -> None:
    clock, venue, event, when, due, rolled = line["row"]
    found = one(clock, venue, event, str(when), line.get("seat"))
    told = found.as_json()
    assert (told["due"], told["rolled"]) == (str(due) if due else None, rolled), line["why"]
    if "alt" in line:
        name, other = line["alt"]
        options = {option["id"]: option["due"] for option in told["alternatives"]}
        assert options[name] == str(other)


def test_every_clock_that_is_ever_computed_stands_in_the_table() -> None:
    checked = {line["row"][0] for line in TABLE}
    read = {clock.id for clock in CLOCKS.clocks.values() if clock.status != "unverified"}
    assert checked == read


def test_an_unverified_clock_shows_its_rule_and_never_a_date() -> None:
    unverified = [clock for clock in CLOCKS.clocks.values() if clock.status == "unverified"]
    assert len(unverified) > 10
    for clock in unverified:
        for event in clock.events:
            found = one(clock.id, min(clock.venues), event, "2026-11-02").as_json()
            assert found["due"] is None and found["basis"] and found["status"] == "unverified", clock.id
            assert all(option["due"] is None for option in found["alternatives"]), clock.id


def test_a_result_has_the_fields_of_the_design_and_no_others() -> None:
    told = one("ck.us.itc_response", "v.us.itc", "service_of_complaint", "2026-11-02").as_json()
    assert list(told) == [
        "clock", "event", "start", "due", "basis", "day", "rolled", "status", "alternatives", "disclaimer",
    ]  # fmt: skip
    assert told["disclaimer"] == DISCLAIMER and told["disclaimer"].startswith("仅供参考")
    assert told["start"] == "2026-11-02" and told["day"] == "calendar"
    assert one("ck.us.cbp_detention_response", "v.us.cbp", "detention_notice", "2026-11-19").day == "business"


def test_every_event_has_words_and_starts_a_clock_at_some_forum() -> None:
    assert len(CLOCKS.events) > 30
    for event in CLOCKS.events.values():
        assert event.zh and event.en
        assert any(event in CLOCKS.events_at(venue) for venue in CLOCKS.by_venue), event.id


def test_the_clocks_of_district_courts_run_at_all_ninety_four() -> None:
    assert len(load_taxonomy().venue_groups["vg.us.district"]) == 94
    for venue in ("v.us.ilnd", "v.us.gud", "v.us.nmid", "v.us.dcd"):
        assert "ck.us.answer" in {clock.id for clock in CLOCKS.at(venue)}
    assert "ck.us.answer" not in {clock.id for clock in CLOCKS.at("v.us.cafc")}


@pytest.mark.parametrize(
    ("venue", "event", "when", "told"),
    [
        ("v.nowhere", "service_of_complaint", "2026-11-02", "no forum of the taxonomy"),
        ("v.us.itc", "servce", "2026-11-02", "institution_published"),
        ("v.us.itc", "mark_published", "2026-11-02", "service_of_complaint"),
        ("v.us.scotus", "first_filing", "2026-11-02", "hague_transmission"),
        ("v.us.ustr", "service_of_complaint", "2026-11-02", "No clock of this forum"),
        ("v.us.itc", "service_of_complaint", "2026-02-30", "neither a date nor a time"),
        ("v.us.itc", "service_of_complaint", "02/03/2026", "neither a date nor a time"),
        ("v.us.itc", "service_of_complaint", "0001-01-01", "too far away"),
        ("v.us.itc", "service_of_complaint", "9999-12-31T23:59-12:00", "neither a date nor a time"),
    ],
)
def test_what_cannot_be_answered_says_what_can(venue: str, event: str, when: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        deadlines_at(venue, event, when)
    assert told in str(caught.value)


@pytest.mark.parametrize("seat", ["XX", "DE-ZZ", "Munich"])
def test_a_seat_that_is_no_place_is_refused(seat: str) -> None:
    with pytest.raises(BadInput, match="ISO 3166"):
        deadlines_at("v.upc", "service_of_complaint", "2026-11-02", seat=seat)


def test_a_german_court_does_not_sit_in_france() -> None:
    with pytest.raises(BadInput):
        deadlines_at("v.de.lg", "service_of_complaint", "2026-11-02", seat="FR")


def test_an_hour_without_a_zone_is_the_forums() -> None:
    assert str(read_start("2026-11-02T15:30", "America/Chicago")) == "2026-11-02T15:30:00-06:00"
    assert read_start("2026-11-07T02:00Z", "America/New_York").day == date(2026, 11, 6)


@pytest.mark.parametrize(
    ("hours", "how", "begins", "ends", "rolled"),
    [
        # FRCP 6(a)(2): every hour counts; an end on Sunday goes to the same hour on Monday.
        (48, "run_on", "2026-11-06T15:30", "2026-11-09T15:30", True),
        (72, "run_on", "2026-11-03T09:00", "2026-11-06T09:00", False),
        # ZPO 222(3): the hours of Saturday and Sunday do not count.
        (48, "skip", "2026-11-06T15:30", "2026-11-10T15:30", False),
        (24, "skip", "2026-11-07T12:00", "2026-11-10T00:00", False),
        # 24 hours over the end of summer time (1 November 2026) end an hour earlier by the wall clock; Sunday rolls.
        (24, "run_on", "2026-10-31T12:00", "2026-11-02T11:00", True),
    ],
)
def test_hours_keep_time_and_zone(hours: int, how: str, begins: str, ends: str, rolled: bool) -> None:
    roll = Roll("test", calendar="us.federal", moves=True, hours=how)
    works = calendar_of("us.federal", load_taxonomy().venues["v.us.itc"])
    begun = read_start(begins, "America/Chicago").at
    assert begun is not None
    end, was_rolled = count_hours(begun, hours, roll, works)
    assert (f"{end:%Y-%m-%dT%H:%M}", was_rolled) == (ends, rolled)
    assert str(end.tzinfo) == "America/Chicago"


def test_periods_under_seven_days_at_the_itc_count_business_days_alone() -> None:
    roll = CLOCKS.clocks["ck.us.itc_response"].roll
    works = calendar_of(roll.calendar, load_taxonomy().venues["v.us.itc"])
    short, week = (Period("", "e", "t", Length(n, "d")) for n in (6, 7))
    # Thursday 5 November: day one is Friday; without the weekend and Veterans Day (the 11th) day six is Monday the 16th.
    assert count(date(2026, 11, 5), short, roll, works) == (date(2026, 11, 16), False)
    assert count(date(2026, 11, 5), week, roll, works) == (date(2026, 11, 12), False)


@settings(deadline=None, max_examples=60)
@given(day=DAYS, clock=st.sampled_from(COMPUTED))
def test_a_last_day_is_never_before_its_event_nor_on_a_closed_day(day: date, clock: str) -> None:
    found = at_a_forum(clock, day)
    if found.due is None:
        assert found.clock.own.since, clock
        return
    assert found.due_day is not None and found.due_day >= day
    roll = found.clock.roll
    works = calendar_of(roll.calendar, load_taxonomy().venues[min(found.clock.venues)])
    assert works(found.due_day) or not roll.moves, "a roll that was read leaves no last day on a closed day"
    assert found.safe_day is not None and found.safe_day <= found.due_day


@settings(deadline=None, max_examples=60)
@given(day=DAYS, later=st.integers(1, 400), clock=st.sampled_from(COMPUTED))
def test_a_later_event_never_ends_earlier(day: date, later: int, clock: str) -> None:
    first, second = at_a_forum(clock, day), at_a_forum(clock, day + timedelta(days=later))
    since = first.clock.own.since
    if since and first.start.day < since:
        return
    assert first.due_day is not None and second.due_day is not None and first.due_day <= second.due_day


@given(day=DAYS, months=st.integers(0, 60))
def test_months_end_on_the_same_number_or_the_months_end(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end + timedelta(days=1)).day == 1


def test_a_closed_day_of_china_moves_no_foreign_deadline() -> None:
    # 17 February 2026 is the Spring Festival; the answer is due in Illinois all the same.
    assert one("ck.us.answer", "v.us.ilnd", "service_of_complaint", "2026-01-27").due == date(2026, 2, 17)


def _broken(change: Any, tmp_path: Path) -> str:
    """What reading says of the taxonomy's own files after ``change`` of one of them."""
    for file in ("deadlines.yml", "deadlines_extra.yml", "deadline_events.yml"):
        data = yaml.safe_load((FOLDER / file).read_text("utf-8"))
        change(file, data)
        (tmp_path / file).write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(RulebookInvalid) as caught:
        read_clocks(tmp_path, load_taxonomy())
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        (
            "deadlines.yml",
            lambda d: d["clocks"][0].update(event="gone"),
            "ck.us.answer: its event 'gone' is not in",
        ),
        ("deadlines.yml", lambda d: d["clocks"][0].pop("basis"), "ck.us.answer: has no basis"),
        ("deadlines.yml", lambda d: d["clocks"][0].update(roll="gone"), "ck.us.answer: its roll is one of"),
        ("deadlines.yml", lambda d: d["clocks"][0].update(status="sure"), "its status is one of"),
        ("deadlines.yml", lambda d: d["clocks"][0].update(len=-1), "its length -1 is no whole number"),
        ("deadlines.yml", lambda d: d["clocks"][0].update(lenght=3), "has the unknown field 'lenght'"),
        ("deadlines.yml", lambda d: d["clocks"][0].update(venue=[]), "has neither a venue nor forums"),
        ("deadlines.yml", lambda d: d["rolls"]["epc"].update(calendar="moon"), "epc: its calendar is one of"),
        ("deadlines_extra.yml", lambda d: d["clocks"][0].update(since="soon"), "'soon' is not a date"),
        ("deadlines_extra.yml", lambda d: d["clocks"][0].update(id="ck.us.answer"), "stands twice"),
        (
            "deadline_events.yml",
            lambda d: d["events"].append({"id": "x", "zh": "x", "en": "x"}),
            "x: starts no clock",
        ),
        ("deadline_events.yml", lambda d: d["events"][0]["reads"][0].update(text="("), "does not compile"),
        (
            "deadline_events.yml",
            lambda d: d["events"][0]["reads"][0].update({"for": ["ck.no"]}),
            "unknown clock 'ck.no'",
        ),
    ],
)
def test_a_broken_clock_is_named_with_its_file(tmp_path: Path, file: str, change: Any, told: str) -> None:
    said = _broken(lambda name, data: change(data) if name == file else None, tmp_path)
    assert f"cases/taxonomy/{file}" in said and told in said


def test_a_clock_may_name_a_region_whose_forums_then_have_it(tmp_path: Path) -> None:
    for file in ("deadlines.yml", "deadlines_extra.yml", "deadline_events.yml"):
        data = yaml.safe_load((FOLDER / file).read_text("utf-8"))
        if file == "deadlines.yml":
            next(c for c in data["clocks"] if c["id"] == "ck.de.pi_widerspruch")["venue"] = ["cty.de"]
        (tmp_path / file).write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    clocks = read_clocks(tmp_path, load_taxonomy())
    assert {"v.de.lg", "v.de.bgh", "v.fair.de"} <= clocks.clocks["ck.de.pi_widerspruch"].venues
