"""The level of a case for a centre: the rule's answer with its reasons, and what staff decided against it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cases.facts import RawEvent
from cases.query import get_case
from cases.taxonomy import FOLDER
from cases.taxonomy.reading import Reader
from core.actor import VISITOR, Actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, RulebookInvalid, StaleWrite
from house import House
from tests.factories import bring_firms, drain, member, origin, raw_case, record, staff
from tests.warning.bulletin_world import a_case
from warning.bulletins import draft_from_case
from warning.levels import CaseLevel, decide_level, decisions_of, level_of_case, undo_level
from warning.models import LevelDecision
from warning.severity import SeverityFacts, judge, read_rubric

WHY = "Three firms of the city make the same product"


def level(house: House, actor: Actor, case: uuid.UUID) -> CaseLevel:
    with house.database.read() as session:
        return level_of_case(session, house.clock, actor, get_case(session, actor, case))


def decide(
    house: House, actor: Actor, case: uuid.UUID, to: str = "L1", why: str = WHY, seen: uuid.UUID | None = None
) -> LevelDecision:
    with house.database.write() as session:
        return decide_level(session, house.clock, actor, case, to, why, seen=seen)


def undo(house: House, actor: Actor, case: uuid.UUID, seen: uuid.UUID) -> LevelDecision:
    with house.database.write() as session:
        return undo_level(session, house.clock, actor, case, seen=seen)


@pytest.fixture
def case(each_house: House) -> uuid.UUID:
    bring_firms(each_house)
    return a_case(each_house)


def test_every_point_has_its_reason(each_house: House, case: uuid.UUID) -> None:
    found = level(each_house, staff(each_house), case)
    points = {factor.id: factor.points for factor in found.severity.factors}
    assert (points["f.dispute_base"], points["f.local_named"]) == (18, 20)
    assert found.level == found.severity.level == "L4" and found.severity.total == 38
    assert all(factor.why_zh and factor.why_en for factor in found.severity.factors)


def test_levels_are_a_centres_own(each_house: House, case: uuid.UUID) -> None:
    other = staff(each_house, "other")
    theirs = level(each_house, other, case)
    assert theirs.severity.total == 18, "the firm is named in our city, not in theirs"
    decide(each_house, staff(each_house), case)
    assert level(each_house, other, case).decision is None
    with each_house.database.read() as session:
        assert not decisions_of(session, other, case)


def test_the_nearest_clock_whose_rule_was_read_gives_points(each_house: House) -> None:
    bring_firms(each_house)
    # Served on 12 February: day 21 is 5 March, three days from 2 March.
    served = RawEvent(date(2026, 2, 12), "SUMMONS Returned Executed", "Hailan served on 2/12/2026")
    case = a_case(each_house, events=(served,))
    (clock,) = [f for f in level(each_house, staff(each_house), case).severity.factors if f.id == "f.clock"]
    assert clock.points == 12
    assert "3" in clock.why_en and "美国联邦法院答辩" in clock.why_zh


def test_a_clock_nobody_read_gives_none(each_house: House) -> None:
    bring_firms(each_house)
    filed = RawEvent(date(2026, 2, 27), "Complaint received", "")
    record(each_house, raw_case("337-3900", venue="v.us.itc", events=(filed,)), origin(each_house))
    drain(each_house)
    case = a_case(each_house, "337-3901", venue="v.us.itc", events=(filed,))
    (clock,) = [f for f in level(each_house, staff(each_house), case).severity.factors if f.id == "f.clock"]
    assert clock.points is None and "read" in clock.why_en


def test_staff_set_a_level_with_a_reason_and_take_it_back(each_house: House, case: uuid.UUID) -> None:
    actor = staff(each_house)
    made = decide(each_house, actor, case)
    now = level(each_house, actor, case)
    assert now.level == "L1" and now.severity.level == "L4"
    assert now.decision is not None and (now.decision.reason, now.decision.decided_by) == (WHY, actor.name)
    assert (made.rule_level, made.points) == ("L4", 38)
    ended = undo(each_house, actor, case, made.id)
    assert ended.ended_by == actor.name
    assert level(each_house, actor, case).level == "L4"
    with each_house.database.read() as session:
        assert [row.level for row in decisions_of(session, actor, case)] == ["L1"], "the history stays"
        acts = session.scalars(select(AuditRow.action).where(AuditRow.action.startswith("level."))).all()
        fields = session.scalars(select(AuditRow.fields).where(AuditRow.action == "level.set")).one()
    assert sorted(acts) == ["level.set", "level.undo"]
    assert fields == ["level", "reason", "rule_level"]


def test_a_new_decision_ends_the_one_before(each_house: House, case: uuid.UUID) -> None:
    actor = staff(each_house)
    first = decide(each_house, actor, case)
    decide(each_house, replace(actor, name="user:two"), case, "L2", seen=first.id)
    with each_house.database.read() as session:
        rows = decisions_of(session, actor, case)
    assert [(row.level, row.ended_by) for row in rows] == [("L2", None), ("L1", "user:two")]


def test_whoever_looked_at_an_older_decision_changes_nothing(each_house: House, case: uuid.UUID) -> None:
    actor = staff(each_house)
    first = decide(each_house, actor, case)
    with pytest.raises(StaleWrite):
        decide(each_house, actor, case, "L2", seen=None)
    with pytest.raises(StaleWrite):
        undo(each_house, actor, case, uuid.uuid4())
    assert level(each_house, actor, case).level == "L1"
    undo(each_house, actor, case, first.id)
    with pytest.raises(NotFound):
        undo(each_house, actor, case, first.id)


def test_the_table_holds_one_decision_in_force(each_house: House, case: uuid.UUID) -> None:
    actor = staff(each_house)
    first = decide(each_house, actor, case)
    columns = {c.key: getattr(first, c.key) for c in LevelDecision.__table__.columns if c.key != "id"}
    with pytest.raises(IntegrityError), each_house.database.write() as session:
        session.add(LevelDecision(**columns))


@pytest.mark.parametrize(("to", "why"), [("L1", ""), ("L1", "  no "), ("L1", "x" * 2001), ("L9", WHY)])
def test_a_level_needs_a_name_and_a_reason(each_house: House, case: uuid.UUID, to: str, why: str) -> None:
    with pytest.raises(BadInput):
        decide(each_house, staff(each_house), case, to, why)


def test_nobody_but_staff_reads_or_sets_it(each_house: House, case: uuid.UUID) -> None:
    made = decide(each_house, staff(each_house), case)
    for actor in (VISITOR, member(each_house, "alpha")):
        with pytest.raises(NotAllowed):
            decide(each_house, actor, case, seen=made.id)
        with pytest.raises(NotAllowed):
            undo(each_house, actor, case, made.id)
        with pytest.raises(NotAllowed):
            level(each_house, actor, case)
        with each_house.database.read() as session:
            assert not decisions_of(session, actor, case)


def test_a_bulletin_starts_from_the_level_that_counts(each_house: House, case: uuid.UUID) -> None:
    actor = staff(each_house)
    decide(each_house, actor, case)
    with each_house.database.write() as session:
        drafted = draft_from_case(session, each_house.clock, actor, case)
        assert (drafted.level, drafted.content["level"], drafted.content["rule_level"]) == ("L1", "L1", "L4")
        assert drafted.content["level_reason"] == "", "what is printed is written for the public"


@pytest.mark.parametrize(
    ("days", "points"), [(0, 12), (3, 12), (4, 8), (7, 8), (14, 5), (15, 2), (30, 2), (31, 0), (None, None)]
)
def test_the_steps_of_the_clock_are_the_rubrics(days: int | None, points: int | None) -> None:
    (clock,) = [f for f in judge(SeverityFacts(days_to_clock=days)).factors if f.id == "f.clock"]
    assert clock.points == points


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["factors"].pop(0), "f.dispute_base: is missing"),
        (
            lambda d: d["factors"].append({"id": "f.moon", "points": 3}),
            "f.moon: is missing, or no rule knows",
        ),
        (lambda d: d["factors"][1]["points"].update(each="four"), "f.local_named: needs whole numbers"),
        (lambda d: d["factors"][2].pop("why"), "f.local_watch_hit: is not assessed: say why"),
        (
            lambda d: d["factors"][8]["for"].update(dispute_types=["dt.gone"]),
            "unknown dispute type 'dt.gone'",
        ),
        (lambda d: d["levels"][0].update(min=10), "levels: must rise from L0"),
        (lambda d: d["levels"].pop(), "levels: must be L0"),
        (lambda d: d["decay"].update(days=0), "decay: needs days"),
    ],
)
def test_a_broken_rubric_names_the_factor(tmp_path: Path, change: Any, told: str) -> None:
    data = yaml.safe_load((FOLDER / "severity.yml").read_text("utf-8"))
    change(data)
    (tmp_path / "severity.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(RulebookInvalid) as caught:
        read_rubric(Reader(tmp_path))
    assert "cases/taxonomy/severity.yml" in str(caught.value) and told in str(caught.value)


def test_the_numbers_are_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = yaml.safe_load((FOLDER / "severity.yml").read_text("utf-8"))
    rows = {row["id"]: row for row in data["factors"]}
    rows["f.local_named"]["points"] = {"first": 7, "each": 1, "cap": 9}
    rows["f.settled"]["points"] = -3
    data["decay"].update(days=10, points=-1)
    monkeypatch.setattr("warning.severity.rubric", lambda: data)
    judged = judge(SeverityFacts(local_named=5, is_concluded=True, days_quiet=25))
    points = {factor.id: factor.points for factor in judged.factors}
    assert (points["f.local_named"], points["f.settled"], points["decay"]) == (9, -3, -2)
    assert judged.total == 4
