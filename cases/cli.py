"""`seamark deadlines`: stateless, so that anybody can hold its dates against their own calendar."""

from __future__ import annotations

import json

import click

from cases.deadlines.engine import deadlines_at, find_venue
from cases.deadlines.reading import load_clocks
from cases.taxonomy import load_taxonomy


@click.command("deadlines")
@click.option("--venue", help="The forum: a taxonomy id (v.us.itc), a court code (ilnd) or its printed name.")
@click.option("--event", help="What started the clocks, like service_of_complaint; --list shows them.")
@click.option("--date", "on", help="When: 2026-11-02 at the forum, or 2026-11-02T21:30-08:00 anywhere.")
@click.option(
    "--seat", help="Where a forum of several places sits (UPC, German courts, EU customs): DE-BY, FR."
)
@click.option(
    "--list", "lists", is_flag=True, help="List the events of --venue, or of every forum with clocks."
)
def deadlines_command(
    venue: str | None, event: str | None, on: str | None, seat: str | None, lists: bool
) -> None:
    """Print the ends of every clock that EVENT starts at VENUE, as one JSON array. For reference only.

    A clock nobody has read in a source is unverified: due is null.
    """
    if lists:
        _list(venue)
        return
    if missing := [name for name, value in (("venue", venue), ("event", event), ("date", on)) if not value]:
        raise click.UsageError(f"Give --{missing[0]}, or --list to see the events of a forum.")
    found = deadlines_at(str(venue), str(event), str(on), seat=seat)
    click.echo(json.dumps([deadline.as_json() for deadline in found], ensure_ascii=False))


def _list(venue: str | None) -> None:
    """One JSON line an event of a forum: the event, its words, and the clocks it starts."""
    clocks, taxonomy = load_clocks(), load_taxonomy()
    for forum in (
        [find_venue(venue).id] if venue else sorted(clocks.by_venue, key=list(taxonomy.venues).index)
    ):
        for event in clocks.events_at(forum):
            started = [clock.id for clock in clocks.at(forum) if event.id in clock.events]
            line = {"venue": forum, "event": event.id, "zh": event.zh, "en": event.en, "clocks": started}
            click.echo(json.dumps(line, ensure_ascii=False))


COMMANDS = [deadlines_command]
