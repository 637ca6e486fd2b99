"""`seamark parse`: stateless, so that anybody can hold its output against a truth of their own."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from core.errors import SourceDrifted
from crawlers.registry import get_source
from crawlers.schemas import validated
from crawlers.source import ParseResult, Snapshot, as_json

#: a parser knows no clock; where a recording's own date is wanted, it stands in the recording
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@click.command("parse")
@click.argument("source", metavar="SOURCE[:COURT]")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def parse_command(source: str, file: Path) -> None:
    """Read FILE, one recording of SOURCE, and print one JSON line a docket.

    Items that cannot be used stand on stderr with their reason. Exits 1 when the whole file is unusable, 2 for an
    unknown source.
    """
    source_id, _, court = source.partition(":")
    result = parse_file(source_id, court, file)
    for item in result.rejected:
        click.echo(f"{file.name}, item {item.position}: {item.reason} | {item.excerpt}", err=True)
    for case in result.cases:
        click.echo(json.dumps(as_json(case), ensure_ascii=False))
    sys.exit(0 if result.cases or not result.rejected else 1)


def parse_file(source_id: str, court: str, file: Path) -> ParseResult:
    """The cases of one recording, checked. Raises BadInput for an unknown source, SourceDrifted for an unusable file."""
    source = get_source(source_id)
    size = file.stat().st_size
    if size > source.SPEC.max_bytes:
        raise SourceDrifted(
            f"{source_id}: {file.name} has {size:,} bytes, more than the {source.SPEC.max_bytes:,} this source may send."
        )
    content = file.read_bytes()
    result = validated(
        source.parse(
            Snapshot(
                source_id=source_id,
                url=file.name,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                fetched_at=_UNDATED,
                court=court or None,
            )
        )
    )
    if source.SPEC.expects_items and not result.items:
        raise SourceDrifted(f"{source_id}: {file.name} holds no items, and this source always has some.")
    return result


COMMANDS = [parse_command]
