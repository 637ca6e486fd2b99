"""`seamark match`: stateless, so that anybody can hold its answer against a truth of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from core.actor import Actor
from core.clock import Clock, SystemClock, local_date
from core.errors import BadInput
from experts.fields import Entry
from experts.matching import Candidate, as_json, match, read_candidate, read_request
from experts.models import Agency, Expert
from experts.onward.package import verify_package
from experts.records import as_record

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: the day of a request that says none is the centre's
_ZONE = "Asia/Shanghai"
_CLOCK: Clock = SystemClock()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{path.name} is not JSON: {error}.", fix="Write one request as a JSON object."
        ) from error


def _candidates(path: Path | None, *, is_agency: bool) -> tuple[list[Candidate], bool]:
    """Every usable line of a library, and whether a line was refused; each such line is told on stderr."""
    if path is None:
        return [], False
    good: dict[str, Candidate] = {}
    failed = False
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{path.name}, line {number}"
            try:
                candidate = read_candidate(
                    json.loads(line.decode("utf-8-sig")), is_agency=is_agency, where=where
                )
                if str(candidate.id) in good:
                    raise BadInput(f"{where} cannot be used: id: {candidate.id!r} stands in an earlier line.")
                good[str(candidate.id)] = candidate
            except (ValueError, RecursionError) as error:
                click.echo(f"{where} is not JSON: {error}", err=True)
                failed = True
            except BadInput as error:
                click.echo(str(error.message), err=True)
                failed = True
    return list(good.values()), failed


@click.command("match")
@click.argument("request", type=_FILE)
@click.option("--experts", type=_FILE, required=True, help="JSON Lines, one expert each.")
@click.option("--agencies", type=_FILE, help="JSON Lines, one agency each.")
def match_command(request: Path, experts: Path, agencies: Path | None) -> None:
    """Say who can help with REQUEST (a JSON object) and why, who needs a look, and who cannot and why.

    One JSON object. Exits 1 when a line of a library was unusable (the others are matched), 2 when the request is.
    """
    asked = read_request(_json(request), today=local_date(_CLOCK.now(), _ZONE), where=request.name)
    people, bad_experts = _candidates(experts, is_agency=False)
    firms, bad_agencies = _candidates(agencies, is_agency=True)
    click.echo(json.dumps(as_json(match(asked, people, firms)), ensure_ascii=False))
    sys.exit(1 if bad_experts or bad_agencies else 0)


def exported(session: Session, actor: Actor, kind: str) -> Iterator[dict[str, Any]]:
    """A library in the design's shape, by the centre's own keys."""
    model = Expert if kind == "experts" else Agency
    entries: list[Entry] = list(session.scalars(model.visible_to(actor).order_by(model.ref)))
    return map(as_record, entries)


@click.group("escalation")
def escalation_group() -> None:
    """Reports to the national centre."""


@escalation_group.command("verify")
@click.argument("package", type=_FILE)
def verify_command(package: Path) -> None:
    """Hold every file of PACKAGE (a zip) to its manifest; exit 1 when one is not what was signed."""
    found = verify_package(package.read_bytes())
    click.echo(json.dumps({"verified": True, **asdict(found)}, ensure_ascii=False))


COMMANDS = [match_command, escalation_group]
