"""The command line: results as JSON, JSON Lines or CSV on stdout, progress and messages on stderr.

Exit codes: 0 done, 1 something failed or was refused, 2 the command itself was wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

import cases.cli
import crawlers.cli
import experts.cli
import warning.cli
from cases.canonical import canonical_cases
from config import ROOT, load_settings, settings_table
from core import audit, lease, outbox
from core.actor import Actor, system_actor
from core.centres import first_centre
from core.errors import BadInput, IndexNotReady, SeamarkError
from core.jobs import run_job
from core.log import configure_logging
from core.migrate import require_current
from house import REINDEX, House, build_house, seal_audit, upgrade
from search.standby import rebuild
from warning.canonical import canonical_warnings

#: progress and messages; stdout is for results
err = Console(stderr=True, highlight=False)


class _Group(click.Group):
    """Prints a Seamark error as what happened and how to mend it, and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SeamarkError as error:
            click.echo(f"seamark: {error.message}", err=True)
            if error.fix:
                click.echo(f"  {error.fix}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seamark", message="%(version)s")
def main() -> None:
    """Seamark 海标: early warning and help in intellectual-property disputes abroad."""


for _command in (*cases.cli.COMMANDS, *crawlers.cli.COMMANDS, *experts.cli.COMMANDS, *warning.cli.COMMANDS):
    main.add_command(_command)


@contextmanager
def opened(*, current: bool = True) -> Iterator[House]:
    """The house of the process's settings, closed afterwards; refuses an old schema unless ``current`` is False."""
    settings = load_settings()
    configure_logging(settings.log_level, as_json=settings.log_format == "json")
    house = build_house(settings)
    try:
        if current:
            require_current(house.database, ROOT / "migrations")
            house.refresh()
        yield house
    finally:
        house.close()


def operator(house: House) -> Actor:
    """The command line's actor: the system, in the first centre."""
    with house.database.read() as session:
        return system_actor("cli", first_centre(session).id)


def print_json(value: object) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


@main.command()
@click.option("--host", default=None, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=None, help="Port to listen on (0: any free one)."
)
@click.option("--sample/--no-sample", default=False, help="Load the sample into an empty store first.")
def run(host: str | None, port: int | None, sample: bool) -> None:
    """Serve the pages, with the scheduler inside."""
    import serve

    with opened(current=False) as house:
        serve.run(house, host=host, port=port, sample=sample)


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest schema."""
    with opened(current=False) as house:
        upgrade(house)
        print_json(
            {"database": house.database.engine.url.render_as_string(hide_password=True), "upgraded": True}
        )


@main.command()
@click.argument("sources", nargs=-1)
@click.option(
    "--replay",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take recordings from this folder instead.",
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Leave out cases with nothing newer than this date."
)
@click.option("--backfill", is_flag=True, help="Load history: nobody is alerted.")
@click.option("--drain/--no-drain", "drains", default=True, help="Process the outbox afterwards.")
def crawl(
    sources: tuple[str, ...], replay: Path | None, since: datetime | None, backfill: bool, drains: bool
) -> None:
    """Visit SOURCES (default: every live one) and print the run ledger, one JSON line a feed.

    A source may be given as SOURCE:COURT. Exits 1 when any feed failed.
    """
    import gather

    with opened() as house:
        tallies = gather.gather(
            house, sources, replay=replay, since=since.date() if since else None, is_backfill=backfill
        )
        failed = False
        for tally in tallies:
            print_json(gather.as_json(tally))
            if tally.error is not None:
                failed = True
                err.print(f"[red]{tally.source_id}{':' + tally.court if tally.court else ''}: {tally.error}")
        if drains:
            _drain(house)
        sys.exit(1 if failed else 0)


@main.command("sources")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of a table.")
def list_sources(as_json: bool) -> None:
    """How each source is doing."""
    from crawlers.health import source_health

    with opened() as house, house.database.read() as session:
        rows = source_health(session, house.clock)
    if as_json:
        for row in rows:
            print_json(
                {
                    "source": row.spec.id,
                    "state": row.state,
                    "feeds": row.feeds,
                    "visited_at": row.visited_at,
                    "succeeded_at": row.succeeded_at,
                    "failures": row.failures,
                    "rejected": row.rejected,
                    "message": row.message,
                }
            )
        return
    table = Table("source", "state", "feeds", "last success (UTC)", "failures", "rejected", "message")
    for row in rows:
        success = f"{row.succeeded_at:%Y-%m-%d %H:%M}" if row.succeeded_at else "–"
        table.add_row(
            row.spec.id, row.state, str(row.feeds), success, str(row.failures), str(row.rejected), row.message
        )
    Console().print(table)


@main.group("import")
def import_() -> None:
    """Bring records from a file."""


def _print_errors(filename: str, errors: list[Any]) -> None:
    for error in errors:
        click.echo(f"{filename}, row {error.row}, {error.column}: {error.message}", err=True)


@import_.command("firms")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
def import_firms_command(file: Path, dry_run: bool) -> None:
    """Firms and their names from CSV, XLSX or JSONL. Exits 1 when a row was refused."""
    from enterprises.importing import import_firms

    with opened() as house:
        actor = operator(house)

        def work(handle: object) -> Any:
            return import_firms(
                house.database, house.clock, actor, file.name, file.read_bytes(), dry_run=dry_run
            )

        report = run_job(
            house.database, house.clock, actor, "import-firms", work, {"file": file.name, "dry_run": dry_run}
        )
        _print_errors(file.name, report.errors)
        if not dry_run:
            _drain(house)
        print_json({k: v for k, v in vars(report).items() if k != "errors"} | {"errors": len(report.errors)})
        sys.exit(1 if report.errors else 0)


def _import_library(kind: str, file: Path, dry_run: bool) -> None:
    """Bring a library's entries, say what became of them, and exit 1 when a row was refused."""
    from experts import importing

    bring = importing.import_experts if kind == "experts" else importing.import_agencies
    with opened() as house:
        actor = operator(house)

        def work(handle: object) -> Any:
            return bring(house.database, house.clock, actor, file.name, file.read_bytes(), dry_run=dry_run)

        params = {"file": file.name, "dry_run": dry_run}
        report = run_job(house.database, house.clock, actor, f"import-{kind}", work, params)
        _print_errors(file.name, report.errors)
        if not dry_run:
            _drain(house)
        print_json({k: v for k, v in vars(report).items() if k != "errors"} | {"errors": len(report.errors)})
        sys.exit(1 if report.errors else 0)


@import_.command("experts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
def import_experts_command(file: Path, dry_run: bool) -> None:
    """Experts from CSV, XLSX or JSONL in the shape `seamark match` reads. Exits 1 when a row was refused."""
    _import_library("experts", file, dry_run)


@import_.command("agencies")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
def import_agencies_command(file: Path, dry_run: bool) -> None:
    """Agencies from CSV, XLSX or JSONL in the shape `seamark match` reads. Exits 1 when a row was refused."""
    _import_library("agencies", file, dry_run)


@import_.command("cases")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
def import_cases_command(file: Path, dry_run: bool) -> None:
    """Cases from JSONL in the shape `seamark parse` prints. History: nobody is alerted. Exits 1 when a row was refused."""
    import gather

    with opened() as house:
        report = gather.import_cases(house, file.name, file.read_bytes(), dry_run=dry_run)
        for number, reason in report.errors:
            click.echo(f"{file.name}, line {number}: {reason}", err=True)
        if not dry_run:
            _drain(house)
        print_json(
            {
                "rows": report.rows,
                "created": report.created,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "errors": len(report.errors),
                "dry_run": dry_run,
            }
        )
        sys.exit(1 if report.errors else 0)


@main.command()
@click.argument(
    "kind", type=click.Choice(["cases", "firms", "alerts", "experts", "agencies"]), required=False
)
@click.option(
    "--canonical",
    is_flag=True,
    help="A stable dump of everything and the index digest, for comparing stores.",
)
def export(kind: str | None, canonical: bool) -> None:
    """Records as JSON Lines."""
    if canonical == bool(kind):
        raise click.UsageError("Say what to export: cases, firms, alerts, experts, agencies, or --canonical.")
    with opened() as house, house.database.read() as session:
        if canonical:
            for record in canonical_cases(session):
                print_json(record)
            for record in canonical_warnings(session):
                print_json(record)
            from search.digest import digest

            print_json({"kind": "index", "digest": digest(house.index, "cases")})
            return
        if kind in ("experts", "agencies"):
            for record in experts.cli.exported(session, operator(house), kind):
                print_json(record)
            return
        wanted = {"cases": "case", "firms": "firm", "alerts": "alert"}[str(kind)]
        records = canonical_cases(session) if kind == "cases" else canonical_warnings(session)
        for record in records:
            if record["kind"] == wanted:
                print_json(record)


def _drain(house: House) -> outbox.DrainReport:
    try:
        report = outbox.drain(house.database, house.subscriptions, house.clock)
    except IndexNotReady as error:
        # Its rows wait in the outbox; whatever the command did besides is done.
        err.print(f"[yellow]{error}")
        return outbox.DrainReport()
    if report.failed or report.poisoned:
        err.print(
            f"[yellow]{report.failed} messages failed and will be tried again; {report.poisoned} are poisoned."
        )
    return report


@main.command()
@click.option("--poisoned", is_flag=True, help="List what keeps failing instead.")
@click.option("--retry", "retry", nargs=2, metavar="CONSUMER ID", help="Give a poisoned row another try.")
@click.option("--skip", "skip", nargs=3, metavar="CONSUMER ID REASON", help="Let a poisoned row go.")
def drain(poisoned: bool, retry: tuple[str, str] | None, skip: tuple[str, str, str] | None) -> None:
    """Process the outbox to empty. Exits 1 while something is left that failed."""
    with opened() as house:
        if poisoned:
            with house.database.read() as session:
                for row in outbox.poisoned(session):
                    print_json(
                        {"consumer": row.consumer, "id": row.outbox_id, "key": row.key, "error": row.note}
                    )
            return
        with house.database.write() as session:
            if retry:
                outbox.retry_poisoned(session, retry[0], _number(retry[1]))
            if skip:
                outbox.skip_poisoned(session, skip[0], _number(skip[1]), skip[2])
        report = _drain(house)
        with house.database.read() as session:
            left = outbox.backlog(session)
        print_json({"done": report.done, "failed": report.failed, "poisoned": report.poisoned, "left": left})
        sys.exit(1 if left else 0)


def _number(text: str) -> int:
    if not text.isdigit():
        raise BadInput(f"{text!r} is not a row number.", fix="List them with `seamark drain --poisoned`.")
    return int(text)


@main.command()
def reindex() -> None:
    """Build a new index generation from the database beside the live one, then swap."""
    with opened() as house:
        actor = operator(house)

        def work(handle: Any) -> dict[str, str]:
            def progress(done: int, total: int | None) -> None:
                handle.advance(done, total)
                err.print(f"{done:,} of {total or 0:,} documents", end="\r")

            with lease.held(house.database, house.clock, REINDEX):
                return rebuild(house.projectors, house.database.read, progress)

        generations = run_job(house.database, house.clock, actor, "reindex", work)
        _drain(house)
        print_json({"generations": generations, "documents": house.index.state().documents})


@main.command()
@click.argument("query")
@click.option("--region", multiple=True, help="Only this region (ISO code); may be given several times.")
@click.option("--industry", multiple=True)
@click.option("--dispute-type", multiple=True)
@click.option("--venue", multiple=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of a table.")
def search(
    query: str,
    region: tuple[str, ...],
    industry: tuple[str, ...],
    dispute_type: tuple[str, ...],
    venue: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Search the cases."""
    from search.port import SearchRequest

    filters = {"region": region, "industry": industry, "dispute_type": dispute_type, "venue": venue}
    with opened() as house:
        request = SearchRequest(
            collection="cases",
            text=query,
            filters={k: v for k, v in filters.items() if v},
            facets=("region", "industry", "dispute_type", "venue"),
            limit=limit,
        )
        page = house.index.search(request, operator(house))
    if as_json:
        for hit in page.hits:
            print_json({"id": hit.id, "score": hit.score, **hit.stored})
        return
    table = Table("date", "venue", "docket number", "caption")
    for hit in page.hits:
        table.add_row(
            hit.stored["latest_on"] or "–",
            hit.stored["venue"],
            hit.stored["docket_number"],
            hit.stored["caption"],
        )
    Console().print(table, f"{page.total} found")


@main.group("jobs", invoke_without_command=True)
@click.pass_context
def jobs_(ctx: click.Context) -> None:
    """Run the scheduler alone (or see the subcommands)."""
    if ctx.invoked_subcommand is None:
        import serve

        with opened() as house:
            serve.run_scheduler(house)


@jobs_.command("list")
def jobs_list() -> None:
    """The job table."""
    from jobs import JOBS

    for spec in JOBS:
        print_json(
            {
                "name": spec.name,
                "every_seconds": spec.every_seconds,
                "timeout_seconds": spec.timeout_seconds,
                "zh": spec.zh,
                "en": spec.en,
            }
        )


@jobs_.command("run")
@click.argument("name")
def jobs_run(name: str) -> None:
    """Run the job NAME once, now."""
    from jobs import job_named, run_visible

    spec = job_named(name)
    with opened() as house:
        print_json({"job": name, "result": str(run_visible(house, spec))})


@main.group("audit")
def audit_() -> None:
    """The audit chain."""


@audit_.command("verify")
def audit_verify() -> None:
    """Recompute the whole chain; exits 1 and names the first broken row."""
    with opened() as house:
        seal_audit(house)
        with house.database.read() as session:
            report = audit.verify(session)
        print_json({"sealed": report.sealed, "unsealed": report.unsealed, "head": report.head})


@main.command(hidden=True)
def settings_doc() -> None:
    """The table of settings, for docs/settings.md."""
    click.echo(settings_table(), nl=False)


if __name__ == "__main__":
    main()
