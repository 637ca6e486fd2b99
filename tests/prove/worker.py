"""One whole run in a process of its own, for :mod:`test_kill`: firms imported, recordings replayed, outbox drained.

``python tests/prove/worker.py [--tell N] [--plant]`` prints "begin" when the work begins, "point" when it reaches its
Nth step (a statement, a commit, bytes kept, an index written) while it goes on, and "done TOTAL" when nothing is left
to do. With ``--plant`` each case's outbox row is written in a transaction of its own, after the whole snapshot: the
fault that the proof must catch.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import event

import cases.record
import core.outbox
from config import ROOT, load_settings
from core.evidence import FolderEvidenceStore
from core.log import configure_logging
from crawlers.run import Crawler
from house import build_house, upgrade
from sample import load_sample
from search.embedded import TantivyIndex


class Steps:
    """Counts the steps of the work and tells when one is reached."""

    def __init__(self, tell: int) -> None:
        self.count, self._tell = 0, tell

    def __call__(self, *told: Any, **more: Any) -> None:
        self.count += 1
        if self.count == self._tell:
            print("point", flush=True)

    def before_and_after(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work`` with a step on either side."""

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self()
            result = work(*args, **kwargs)
            self()
            return result

        return stepped


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
    parser = argparse.ArgumentParser()
    parser.add_argument("--tell", type=int, default=0)
    parser.add_argument("--plant", action="store_true")
    given = parser.parse_args()
    if given.plant:
        plant_a_lost_write()
    configure_logging("ERROR", as_json=False)
    steps = Steps(given.tell)
    FolderEvidenceStore.put = steps.before_and_after(FolderEvidenceStore.put)  # type: ignore[method-assign]
    TantivyIndex.put = steps.before_and_after(TantivyIndex.put)  # type: ignore[method-assign]
    house = build_house(load_settings())
    print("begin", flush=True)
    upgrade(house)
    event.listen(house.database.engine, "after_cursor_execute", steps)
    event.listen(house.database.engine, "commit", steps)
    _, tallies = load_sample(house, ROOT / "samples")
    failed = [str(tally.error) for tally in tallies if tally.error]
    report = core.outbox.drain(house.database, house.subscriptions, house.clock)
    house.close()
    if failed or report.failed or report.poisoned:
        sys.exit(f"failed: {failed} {report}")
    print(f"done {steps.count}", flush=True)


if __name__ == "__main__":
    main()
