"""`seamark surge`: stateless, so that anybody can hold its output against a truth of their own."""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path

import click

#: what the library that judges takes to load is paid by this command alone
_METHODS = ("reference", "seamark")


@click.command("surge")
@click.argument("counts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--method", type=click.Choice(_METHODS), default="seamark", show_default=True)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.005,
    show_default=True,
    help="The probability of a false alarm a series and week.",
)
@click.option(
    "--min-cases",
    type=click.IntRange(0),
    help="Fewer cases in the window are no alarm (default: 3 for seamark, 0 for reference).",
)
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tell the weeks from this date on; all are read.",
)
def surge_command(
    counts: Path, method: str, alpha: float, min_cases: int | None, since: datetime | None
) -> None:
    """Judge each week of COUNTS (CSV: series,date,count, weekly without a gap) against its own past, one CSV row a week in
    the order of the input: observed, expected, the limit (upper), p, whether it is an alarm, the window (1 or 2 weeks), the
    level (IV to I, or empty) and a note. Exits 1 when a series was unusable; the others are judged all the same."""
    from warning.surge.detect import Method
    from warning.surge.table import HEADER, judge_table, read_table

    table = read_table(counts)
    for problem in table.problems:
        click.echo(problem, err=True)
    rows = judge_table(
        table,
        method=Method(method),
        alpha=alpha,
        min_cases=min_cases,
        since=since.date() if since else None,
    )
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(HEADER)
    out.writerows(rows)
    sys.exit(1 if table.problems else 0)
