"""One whole run in a process of its own, for :mod:`test_kill`: firms imported, recordings replayed, outbox drained.

``python tests/prove/worker.py work`` prints "begin" when the work begins and "done" when nothing is left to do. With
``plant`` after it, each case's outbox row is written in a transaction of its own, after the whole snapshot: the fault
that the proof must catch.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import cases.record
import core.outbox
from config import ROOT, load_settings
from core.log import configure_logging
from crawlers.run import Crawler
from gather import load_sample
from house import build_house, upgrade


def plant_a_lost_write() -> None:
    """Write outbox rows after the snapshot is done instead of with their case."""
    held: list[tuple[Any, ...]] = []
    finish = Crawler._mark

    def hold(session: Any, *told: Any) -> None:
        held.append(told)

    def write_late(self: Crawler, snapshot_id: int, state: str, row: Any) -> None:
        with self.database.write() as session:
            for told in held:
                core.outbox.emit(session, *told)
        held.clear()
        finish(self, snapshot_id, state, row)

    cases.record.emit = hold  # type: ignore[assignment]
    Crawler._mark = write_late  # type: ignore[method-assign]


def main() -> None:
    """Do the work from wherever an earlier process left it."""
    if "plant" in sys.argv:
        plant_a_lost_write()
    configure_logging("ERROR", as_json=False)
    house = build_house(load_settings())
    print("begin", flush=True)
    upgrade(house)
    _, tallies = load_sample(house, ROOT / "samples")
    failed = [str(tally.error) for tally in tallies if tally.error]
    report = core.outbox.drain(house.database, house.subscriptions, house.clock)
    house.close()
    if failed or report.failed or report.poisoned:
        sys.exit(f"failed: {failed} {report}")
    print("done", flush=True)


if __name__ == "__main__":
    main()
