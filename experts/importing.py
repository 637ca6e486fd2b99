"""Bringing experts and agencies from a file, and writing them out again: every bad row is named with its number.

One row an entry, found again by its key. A row tells what it tells: columns that are not there, or empty, leave the
entry as it is. The status of an entry that is already in the library changes by its own steps only, never by a file.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, StaleWrite
from core.outbox import emit
from core.said import problems_of, said
from core.text import collapse
from enterprises.importing import RowError, TableReport
from enterprises.tables import guarded, read_records
from experts.agencies.applying import bar_of
from experts.agencies.models import AgencyBar
from experts.agencies.moving import today_of
from experts.fields import Entry
from experts.library import T, noun
from experts.models import Agency, Expert
from experts.records import as_record
from experts.schemas import (
    ADMISSION,
    CASE,
    CLIENT,
    FEES,
    OFFICE,
    AgencyRowSchema,
    ExpertRowSchema,
    columns_of,
)

_NEEDED = ("id", "name", "class")
#: entries looked up in one question; every database takes so many parameters
_AT_A_TIME = 500
_SHARED = ("id", "name", "name_en", "class", "status", "verified", "languages", "industries", "dispute_types")
#: columns of a table, in order
EXPERT_COLUMNS = (
    *_SHARED, "admissions", "cases", "employer", "employer_group", "clients", "capacity", "available",
    "title", "hours", "bio", "visibility", "is_sample",
)  # fmt: skip
AGENCY_COLUMNS = (*_SHARED, "offices", "clients", "fees", "url", "bio", "visibility", "is_sample")
_PARTS = {"admissions": ADMISSION, "cases": CASE, "clients": CLIENT, "offices": OFFICE}


def columns(kind: type[Expert] | type[Agency]) -> tuple[str, ...]:
    """The columns of a library's table."""
    return EXPERT_COLUMNS if kind is Expert else AGENCY_COLUMNS


def import_experts(
    database: Database, clock: Clock, actor: Actor, filename: str, content: bytes, *, dry_run: bool = False
) -> TableReport:
    """Create or change experts; see :func:`import_entries`."""
    return import_entries(database, clock, actor, Expert, filename, content, dry_run=dry_run)


def import_agencies(
    database: Database, clock: Clock, actor: Actor, filename: str, content: bytes, *, dry_run: bool = False
) -> TableReport:
    """Create or change agencies; see :func:`import_entries`."""
    return import_entries(database, clock, actor, Agency, filename, content, dry_run=dry_run)


def import_entries(
    database: Database,
    clock: Clock,
    actor: Actor,
    kind: type[T],
    filename: str,
    content: bytes,
    *,
    dry_run: bool = False,
) -> TableReport:
    """Create or change entries from a table or from JSON Lines in the design's shape.

    Good rows are kept although others are bad. Everything happens in one transaction; a dry run only reads.

    Raises:
        NotAllowed: the actor does not keep the library.
        BadInput: the file cannot be read, or a needed column is missing.
        StaleWrite: somebody brought one of the entries at the same moment; nothing was kept.
    """
    actor.require(Permission.EXPERT_WRITE)
    if actor.centre_id is None:
        raise BadInput(
            said("A library belongs to a centre, and this account has none."),
            fix=said("Ask an administrator."),
        )
    report = TableReport(is_dry_run=dry_run)
    drafts = _drafts(kind, filename, content, report)
    try:
        with database.read() if dry_run else database.write() as session:
            for row, draft, entry in _with_known(session, kind, actor.centre_id, drafts):
                _take(session, clock, actor, kind, report, row, draft, entry)
    except IntegrityError as error:
        raise StaleWrite(
            said("Somebody brought one of these entries at the same moment; nothing was imported."),
            fix=said("Import the file again."),
        ) from error
    report.errors.sort(key=lambda e: (e.row, e.column))
    return report


Draft = tuple[int, dict[str, Any]]


def _drafts(kind: type[T], filename: str, content: bytes, report: TableReport) -> dict[str, Draft]:
    schema: Schema = ExpertRowSchema() if kind is Expert else AgencyRowSchema()
    drafts: dict[str, Draft] = {}
    for number, row in read_records(filename, content):
        if report.rows == 0 and not filename.lower().endswith(".jsonl"):
            _require_columns(filename, row)
        report.rows += 1
        draft, problems = _read(schema, row, is_agency=kind is Agency)
        if not problems and draft["ref"] in drafts:
            problems = {"id": [said("This key stands in an earlier row of the file.")]}
        report.errors += [RowError(number, name, text) for name, texts in problems.items() for text in texts]
        if not problems:
            drafts[draft["ref"]] = number, draft
    return drafts


def _read(
    schema: Schema, row: dict[str, Any], *, is_agency: bool
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """A row as columns, and everything that is wrong with it by column."""
    problems: dict[str, list[str]] = {}
    try:
        values = schema.load(_told(row))
    except ValidationError as error:
        problems = problems_of(error.normalized_messages())  # type: ignore[no-untyped-call]
        values = error.valid_data if isinstance(error.valid_data, dict) else {}
    try:
        return columns_of(values, is_agency=is_agency), problems
    except ValidationError as error:
        return {}, {**problems_of(error.normalized_messages()), **problems}  # type: ignore[no-untyped-call]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """What a row tells: without empty cells, texts cleaned of what nobody sees, a name in both languages parted."""
    told = {k: _clean(v) if isinstance(v, str) else v for k, v in row.items() if v is not None and v != ""}
    name = told.get("name")
    if isinstance(name, dict):
        told |= {"name": name.get("zh") or "", "name_en": name.get("en") or ""}
    if isinstance(told.get("id"), int):
        told["id"] = str(told["id"])
    return told


def _clean(value: str) -> str:
    return collapse(unicodedata.normalize("NFC", "".join(c for c in value if c.isprintable() or c.isspace())))


def _require_columns(filename: str, row: dict[str, Any]) -> None:
    missing = [column for column in _NEEDED if column not in row]
    if missing:
        raise BadInput(
            said(
                "%(file)s has no column %(column)s; its columns are: %(found)s.",
                file=filename,
                column=missing[0],
                found=", ".join(row) or "–",
            ),
            fix=said("Name the columns id, name, class and, when known, those the import page lists."),
        )


def _with_known(
    session: Session, kind: type[T], centre_id: uuid.UUID, drafts: dict[str, Draft]
) -> Iterator[tuple[int, dict[str, Any], T | None]]:
    refs = list(drafts)
    for start in range(0, len(refs), _AT_A_TIME):
        chunk = refs[start : start + _AT_A_TIME]
        query = select(kind).where(kind.centre_id == centre_id, kind.ref.in_(chunk))
        found: list[T] = list(session.scalars(query))
        known = dict(zip((entry.ref for entry in found), found, strict=True))
        for ref in chunk:
            yield *drafts[ref], known.get(ref)


def _bar_on(session: Session, clock: Clock, actor: Actor, draft: dict[str, Any]) -> AgencyBar | None:
    # A file is no way back for an agency that was delisted.
    assert actor.centre_id is not None
    today = today_of(session, clock, actor.centre_id)
    return bar_of(session, actor.centre_id, str(draft["name_zh"]), "", today)


def _take(
    session: Session,
    clock: Clock,
    actor: Actor,
    kind: type[T],
    report: TableReport,
    row: int,
    draft: dict[str, Any],
    entry: T | None,
) -> None:
    """Count what becomes of one entry, and do it unless this is a dry run."""
    if entry is not None and draft.get("status", entry.status) != entry.status:
        sentence = said(
            "%(ref)s is %(status)s in the library; its status is changed on its page, with a reason.",
            ref=entry.ref,
            status=entry.status,
        )
        report.errors.append(RowError(row, "status", sentence))
        return
    if kind is Agency and entry is None and (bar := _bar_on(session, clock, actor, draft)) is not None:
        day = bar.until_on.isoformat()
        report.errors.append(RowError(row, "name", said("This agency is barred until %(day)s.", day=day)))
        return
    changes = {k: v for k, v in draft.items() if entry is None or getattr(entry, k) != v}
    if entry is not None and not changes:
        report.unchanged += 1
        return
    report.created += entry is None
    report.changed += entry is not None
    if report.is_dry_run:
        return
    now = clock.now()
    is_new = entry is None
    if entry is None:
        assert actor.centre_id is not None
        entry = kind(centre_id=actor.centre_id, created_at=now, **draft)
        session.add(entry)
    else:
        for field, value in changes.items():
            setattr(entry, field, value)
        entry.version += 1
    entry.updated_at = now
    session.flush()
    name = noun(kind)
    audit.record(
        session, clock, actor, f"{name}.imported", name, entry.id, values=changes, centre_id=actor.centre_id
    )
    emit(session, f"{name}.changed", str(entry.id), {"fields": sorted(changes), "created": is_new}, clock)


def as_jsonl(entries: Iterable[Entry]) -> Iterator[str]:
    """Lines in the design's shape, which `seamark match` reads."""
    for entry in entries:
        yield json.dumps(as_record(entry), ensure_ascii=False) + "\n"


def as_csv(kind: type[Expert] | type[Agency], entries: Iterable[Entry]) -> Iterator[str]:
    """A table that can be imported again."""
    names = columns(kind)
    yield "\ufeff" + _line(names)
    for entry in entries:
        record = as_record(entry)
        if isinstance(entry, Expert):
            employer = entry.employer
            record |= {"employer": employer.get("name", ""), "employer_group": employer.get("group", "")}
        yield _line([_cell(name, record.get(name)) for name in names])


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in _PARTS:
        return ";".join("|".join(_part(one, part) for part in _PARTS[name]) for one in value or ())
    if name == "visibility":
        return ";".join(f"{field}={who}" for field, who in sorted(value.items()))
    if name == "fees":
        return "|".join(_part(value, part) for part in FEES) if value else ""
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(value)


def _part(told: dict[str, Any], name: str) -> str:
    value = told.get("venue") or told.get("region") if name == "place" else told.get(name)
    return _apart(str(value or ""))


def _apart(text: str) -> str:
    # The marks that part cells; a name that holds one is written with its full-width twin.
    return text.replace(";", "；").replace("|", "｜")
