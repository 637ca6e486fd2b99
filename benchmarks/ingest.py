"""Feed bytes to alert, stage by stage."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.generate import firms_csv, ttab_pages
from cases.record import Origin, record_case
from config import load_settings
from core.actor import system_actor
from core.centres import first_centre
from core.outbox import drain_consumer
from crawlers.registry import get_source
from crawlers.relevance import is_ip
from crawlers.schemas import validated
from crawlers.source import Snapshot
from enterprises.importing import import_firms
from house import House, build_house, upgrade

_FIRMS = 2000
_BATCH = 50
T = TypeVar("T")


class _Watch:
    """Seconds per stage, in the order of the flow."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], T]) -> T:
        begin = time.perf_counter()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin
        return result


def main(given: argparse.Namespace) -> None:
    """Generated TTAB proceedings through keep, parse, record, tag, screen, alert and index on SQLite and tantivy;
    the peer is the slowest stage alone."""
    with tempfile.TemporaryDirectory(prefix="seamark-bench-") as folder:
        house = build_house(load_settings({"SEAMARK_HOME": folder, "SEAMARK_LOG_LEVEL": "ERROR"}))
        try:
            _run(house, Path(folder), given.cases)
        finally:
            house.close()


def _run(house: House, folder: Path, cases: int) -> None:
    upgrade(house)
    with house.database.read() as session:
        actor = system_actor("bench", first_centre(session).id)
    import_firms(house.database, house.clock, actor, "firms.csv", firms_csv(_FIRMS))
    for consumer in house.subscriptions.consumers:
        while drain_consumer(house.database, consumer, house.clock).done:
            pass
    watch = _Watch()
    source = get_source("us_ttab")
    for content in ttab_pages(cases, firms=_FIRMS):
        _ingest(house, watch, source, content)
        for consumer in house.subscriptions.consumers:
            while watch.time(
                consumer.name, lambda c=consumer: drain_consumer(house.database, c, house.clock)
            ).done:
                pass
    _print(watch, cases, house, folder)


def _ingest(house: House, watch: _Watch, source: object, content: bytes) -> None:
    spec = source.SPEC  # type: ignore[attr-defined]
    sha256 = watch.time("keep", lambda: house.evidence.put(content))
    snapshot = Snapshot(spec.id, "https://example.org/", content, sha256, house.clock.now())
    raws = watch.time("parse", lambda: validated(source.parse(snapshot))).cases  # type: ignore[attr-defined]
    origin = Origin(spec.id, spec.authority, sha256, snapshot.url, snapshot.fetched_at)

    def record() -> None:
        for start in range(0, len(raws), _BATCH):
            with house.database.write() as session:
                for raw in raws[start : start + _BATCH]:
                    record_case(session, house.clock, raw, origin, is_ip=is_ip(raw, spec))

    watch.time("record", record)


def _print(watch: _Watch, cases: int, house: House, folder: Path) -> None:
    print(f"  {'stage':<14} {'seconds':>9} {'cases/s':>10} {'share':>7}")
    total = sum(watch.seconds.values())
    for stage, seconds in watch.seconds.items():
        print(
            f"  {stage:<14} {seconds:>9.1f} {cases / seconds if seconds else 0:>10,.0f} {seconds / total:>6.0%}"
        )
    slowest = max(watch.seconds, key=lambda stage: watch.seconds[stage])
    print(f"  {'whole path':<14} {total:>9.1f} {cases / total:>10,.0f}")
    print(
        f"  slowest stage: {slowest}; the whole path runs at {watch.seconds[slowest] / total:.0%} of its throughput"
    )
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    print(f"  {house.index.state().documents:,} documents; {size / 1e6:,.0f} MB on disk; "
          f"{psutil.Process().memory_info().rss / 1e6:,.0f} MB resident at the end")  # fmt: skip
