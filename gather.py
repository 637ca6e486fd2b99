"""Gathering as the command line, a job or a page asks for it: live visits, replays, files brought by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from cases.facts import RawCase
from cases.record import Origin, record_case
from core.errors import BadInput
from crawlers.fetch import ReplayFetcher
from crawlers.registry import all_sources, get_source
from crawlers.relevance import is_ip
from crawlers.run import Tally
from crawlers.schemas import load_case
from crawlers.source import SourceStatus
from house import House


def gather(
    house: House,
    wanted: Sequence[str] = (),
    *,
    replay: Path | None = None,
    since: date | None = None,
    is_backfill: bool = False,
    is_sample: bool = False,
) -> list[Tally]:
    """Visit sources (``us_cafc`` or ``us_pacer_rss:ilnd``; all live ones when none is named), or replay a folder.

    Raises BadInput for an unknown source before any is visited. A feed that fails stands in its tally.
    """
    courts: dict[str, list[str]] = {}
    for name in wanted:
        source_id, _, court = name.partition(":")
        get_source(source_id)
        courts.setdefault(source_id, [])
        if court:
            courts[source_id].append(court)
    crawler = replace(house.crawler(is_sample=is_sample), since=since, is_backfill=is_backfill)
    if replay is not None:
        recordings = ReplayFetcher(replay, house.clock)
        chosen = list(courts) or [s for s in sorted(all_sources()) if (replay / s).is_dir()]
        if not chosen:
            raise BadInput(
                f"The folder {replay} has no recordings.",
                fix="It needs a folder for each source, named by its id.",
            )
        return [
            tally
            for source_id in chosen
            for tally in crawler.replay(
                source_id,
                (
                    (court, answer)
                    for court, answer in recordings.answers(get_source(source_id).SPEC)
                    if not courts.get(source_id) or court in courts[source_id]
                ),
            )
        ]
    live = [s for s, source in sorted(all_sources().items()) if source.SPEC.status is SourceStatus.LIVE]
    chosen = list(courts) or list(house.settings.sources) or live
    return [
        tally for source_id in chosen for tally in crawler.crawl(source_id, tuple(courts.get(source_id, ())))
    ]


def as_json(tally: Tally) -> dict[str, Any]:
    """A line of the run ledger."""
    return {
        "source": tally.source_id,
        "court": tally.court,
        "state": tally.state.value,
        "items": tally.items,
        "created": tally.created,
        "changed": tally.changed,
        "unchanged": tally.unchanged,
        "rejected": tally.rejected,
        "error": tally.error.code if tally.error else None,
    }


@dataclass
class CaseImport:
    """What an import of cases did: rows read, cases created, changed, unchanged, and (line, reason) refused."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)


def import_cases(house: House, filename: str, content: bytes, *, dry_run: bool = False) -> CaseImport:
    """Record cases from JSON Lines in the shape `seamark parse` prints. History: nobody is alerted.

    The whole file is one transaction; a bad line is refused with its number and the others are kept.
    """
    report = CaseImport()
    good: list[RawCase] = []
    for number, line in enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        report.rows += 1
        try:
            good.append(load_case(json.loads(line)))
        except (ValueError, BadInput) as error:
            report.errors.append((number, str(error)))
    if not dry_run:
        house.evidence.put(content)
    sha256 = hashlib.sha256(content).hexdigest()
    specs = {source_id: source.SPEC for source_id, source in all_sources().items()}
    with house.database.write() as session:
        for raw in good:
            spec = specs.get(raw.source)
            origin = Origin(
                source=raw.source,
                authority=spec.authority if spec else 15,
                sha256=sha256,
                url=f"file:{filename}",
                fetched_at=house.clock.now(),
                is_backfill=True,
            )
            done = record_case(session, house.clock, raw, origin, is_ip=is_ip(raw, spec) if spec else True)
            report.created += done.created
            report.changed += bool(done.changed) and not done.created
            report.unchanged += not done.changed
        if dry_run:
            session.rollback()
    return report
