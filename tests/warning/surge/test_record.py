"""The record of levels: figures of planted outbreaks, of replayed history, of what staff decided."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from house import House
from tests.factories import staff
from tests.warning.surge.told_world import rising, signal_of, take
from warning.surge.levels import NAMES, load_rules, rules_of
from warning.surge.record import fingerprint, level_words, record_in_force, shipped_record, staff_counts
from warning.surge.scoring import KIND, LEFT_OUT, record_of, score_replay, score_world, share
from warning.surge.signals import SIMULATED
from warning.surge.simulated import FIRST, WEEKS, World, draw_world, scenarios
from warning.surge.thresholds import read_rules, shipped

MONDAY = date(2026, 1, 5)


def _flat(start: int, size: int) -> World:
    """:data:`KIND` series with ten cases every week, ``size`` more in one week of the first half of them."""
    quiet = np.full((KIND, WEEKS), 10.0)
    current = np.zeros((KIND, WEEKS))
    current[: KIND // 2, start] = size
    begins = np.full(KIND, start)
    # Two weeks are looked at together, so that the week after its cases alarms too; it is the outbreak's last here.
    return World(quiet, current, begins, begins + 1)


def test_a_plain_outbreak_is_met_in_its_week_and_nothing_else_is() -> None:
    start = FIRST + LEFT_OUT + 5
    rows = score_world(_flat(start, 60), load_rules(), 0.005, SIMULATED)
    assert len(rows) == 1
    blue = rows[0]["IV"]
    assert (blue["outbreaks"], blue["met"], blue["alarms"]) == (KIND, KIND // 2, blue["right"])
    assert (blue["false"], blue["lead"], blue["delay"]) == (0, blue["met"], 0)
    record = {one.level: one for one in record_of(rows)}
    assert record["IV"].found.value == pytest.approx((KIND // 2) / KIND)
    assert record["IV"].false_rate.value == 0 and 0 < (record["IV"].false_rate.high or 0) < 1
    assert record["IV"].right.value == 1 and (record["IV"].right.low or 0) < 1


def test_an_alarm_after_an_outbreak_is_false_and_before_its_end_is_ahead() -> None:
    start = FIRST + LEFT_OUT + 5
    world = _flat(start, 60)
    late = World(world.quiet, world.current, world.start - 4, world.last - 4)
    blue = score_world(late, load_rules(), 0.005, SIMULATED)[0]["IV"]
    assert (blue["met"], blue["right"]) == (0, 0) and blue["alarms"] > 0 and blue["share"] > 0
    ahead = World(world.quiet, world.current, world.start - 1, world.last + 2)
    blue = score_world(ahead, load_rules(), 0.005, SIMULATED)[0]["IV"]
    assert blue["lead"] == 3 * blue["met"] and blue["delay"] == blue["met"] == KIND // 2


def test_other_thresholds_have_another_record() -> None:
    world = draw_world(8101, 3)
    told = {**shipped().told}
    strict = rules_of({**told, "levels": {**told["levels"], "III": [{"p_share": 1e-5, "cases": 50}]}})
    one, other = (
        {row.level: row for row in record_of(score_world(world, rules, 0.005, SIMULATED))}
        for rules in (load_rules(), strict)
    )
    assert one["IV"] == other["IV"]
    assert (other["III"].found.value or 0) < (one["III"].found.value or 0) / 2
    assert (one["III"].right.value or 0) > (one["IV"].right.value or 0), "a graver colour is right more often"


def test_the_scenarios_are_the_papers_and_a_seed_gives_the_same_world() -> None:
    assert len(scenarios()) == 42 and {row["m"] for row in scenarios()} == {0, 1, 2}
    assert [row["beta"] == 0 for row in scenarios()[:6]] == [True] * 3 + [False] * 3
    one, two = draw_world(1, 1), draw_world(1, 1)
    assert (one.quiet == two.quiet).all() and (one.start == two.start).all() and one.inside.any(axis=1).all()


def test_a_share_has_wilsons_interval() -> None:
    figure = share(8, 10)
    assert (figure.value, figure.count) == (0.8, 10)
    assert figure.low == pytest.approx(0.490, abs=0.001) and figure.high == pytest.approx(0.943, abs=0.001)
    assert share(0, 0).value is None and share(0, 5).low == 0 and share(5, 5).high == 1


def test_history_counts_against_what_staff_decided() -> None:
    def week(number: int) -> date:
        return MONDAY + timedelta(weeks=number)

    decided = {
        ("region", "US"): [(week(2), week(4), True)],
        ("region", "DE"): [(week(1), week(1), False)],
        ("region", "JP"): [(week(3), week(3), True)],
    }
    weeks: dict[Any, list[tuple[str, str, str]]] = {week(n): [] for n in range(10)}
    weeks[week(3)] = [("region", "US", "III"), ("region", "FR", "IV")]
    weeks[week(4)] = [("region", "US", "IV")]
    weeks[week(1)] = [("region", "DE", "IV")]
    record = {row.level: row for row in score_replay(weeks, decided)}
    blue, yellow = record["IV"], record["III"]
    assert (blue.alarms, blue.open, blue.found.value, blue.found.count) == (4, 1, 0.5, 2)
    assert blue.right.value == pytest.approx(2 / 3) and blue.false_weekly.value == pytest.approx(0.1)
    assert blue.lead.value == 1.0, "the first alarm, a week before the rise's last"
    assert (yellow.alarms, yellow.right.value, yellow.false_weekly.value) == (1, 1.0, 0.0)
    assert record["I"].right.value is None and [row.level for row in score_replay(weeks, decided)] == list(
        reversed(NAMES[1:])
    )


def test_the_shipped_record_is_that_of_the_shipped_thresholds() -> None:
    assert shipped_record()["fingerprint"] == fingerprint(), "write it anew: python -m warning.surge.record"
    rows = {row["level"]: row for row in shipped_record()["simulated"]}
    assert set(rows) == set(NAMES[1:])
    assert rows["IV"]["found"]["value"] >= 0.48 and rows["IV"]["false_rate"]["value"] <= 5.5
    assert rows["III"]["false_share"]["value"] <= 0.12, "1.2 times what was asked for"
    assert all(row["right"]["count"] > 0 for row in rows.values())
    # The first seed alone is inside what all of them say, so the file was counted by this detector.
    rules, alpha = read_rules(shipped().told)
    once = {row.level: row for row in record_of(score_world(draw_world(8001, 3), rules, alpha, SIMULATED))}
    assert once["IV"].found.value == pytest.approx(rows["IV"]["found"]["value"], abs=0.15)


def test_what_staff_decided_stands_beside_each_level(house: House) -> None:
    rising(house)
    with house.database.read() as session:
        before = staff_counts(session)
        assert sum(row.raised for row in before) == sum(row.open for row in before) > 1
        assert all(row.right.value is None for row in before)
    cell, region = signal_of(house), signal_of(house, "region", "US")
    take(house, staff(house), cell, "confirm")
    take(house, staff(house, "elsewhere"), cell, "dismiss")
    take(house, staff(house), region, "dismiss")
    with house.database.read() as session:
        rows = {row.level: row for row in staff_counts(session)}
        record = record_in_force(session)
    assert sum(row.confirmed for row in rows.values()) == 1, "what one centre confirmed counts as confirmed"
    assert sum(row.dismissed for row in rows.values()) == 1
    assert record.version == 0 and record.series > 0 and set(level_words(record)) == set(NAMES[1:])
