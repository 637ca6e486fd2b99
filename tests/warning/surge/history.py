"""A counted past: rows as the counter would have written them, week by week, without the cases behind them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from house import House
from warning.surge.count_models import CountedCase, CountMark
from warning.surge.judging import newest_due

SERIES = {"US|ind.battery_storage": 3.0, "US|ind.integrated_circuit": 2.0, "DE|ind.battery_storage": 1.0}


def fill(house: House, *, weeks: int = 160, rise: int = 14, mean: dict[str, float] | None = None) -> date:
    """``weeks`` of every series of :data:`SERIES` up to the newest due week, in which US|ind.battery_storage has ``rise`` cases more;
    returns that week's Monday."""
    chance = np.random.default_rng(7)
    newest = newest_due(house.clock.now())
    with house.database.write() as session:
        for series, usual in (mean or SERIES).items():
            for back in range(weeks - 1, -1, -1):
                week = newest - timedelta(weeks=back)
                count = int(chance.poisson(usual)) + (
                    rise if series == "US|ind.battery_storage" and back == 0 else 0
                )
                for _ in range(count):
                    session.add(row(week + timedelta(days=int(chance.integers(0, 7))), series))
    return newest


def row(day: date, series: str) -> CountedCase:
    """A case of ``series`` filed and reported on ``day``."""
    region, industry = series.split("|")
    marks = [("all", ""), ("region", region), ("industry", industry), ("cell", series)]
    return CountedCase(
        case_id=uuid.uuid4(),
        event_on=day,
        reported_on=day,
        known_from=datetime.combine(day, time(12), UTC),
        marks=[CountMark(kind=kind, value=value) for kind, value in marks],
    )
