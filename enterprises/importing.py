"""Bringing firms from a file: every bad row is named with its number; a dry run shows what would happen."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import Database
from core.errors import BadInput
from core.outbox import emit
from core.text import collapse
from enterprises.models import Firm, FirmName, NameKind
from enterprises.schemas import FirmRowSchema
from enterprises.tables import read_table

_NEEDED = ("firm", "name", "kind")


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row: its number as the user's program shows it, the column, what and how to mend."""

    row: int
    column: str
    message: str


@dataclass
class ImportReport:
    """What an import did, or would do."""

    rows: int = 0
    firms: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    is_dry_run: bool = False


@dataclass
class _Draft:
    names: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    industries: set[str] = field(default_factory=set)
    is_local: bool = True


def import_firms(
    database: Database, clock: Clock, actor: Actor, filename: str, content: bytes, *, dry_run: bool = False
) -> ImportReport:
    """Create or extend firms from a table of names, one row a name, many rows a firm.

    Names are added, never taken away; a row already known changes nothing. Good rows are kept although others are
    bad; a firm without a good Chinese or English legal name is refused. Everything happens in one transaction.

    Raises:
        NotAllowed: the actor may not write firms.
        BadInput: the file cannot be read, or a needed column is missing.
    """
    actor.require(Permission.FIRM_WRITE)
    if actor.centre_id is None:
        raise BadInput("Firms belong to a centre, and this account has none.", fix="Ask an administrator.")
    report = ImportReport(is_dry_run=dry_run)
    drafts = _drafts(read_table(filename, content), report, filename)
    with database.write() as session:
        known = {
            firm.ref: firm
            for firm in session.scalars(
                select(Firm)
                .where(Firm.centre_id == actor.centre_id, Firm.ref.in_(list(drafts)))
                .options(selectinload(Firm.names))
            )
        }
        for ref, (first_row, draft) in drafts.items():
            firm = known.get(ref)
            if firm is None and _legal_name(draft) is None:
                report.errors.append(
                    RowError(first_row, "kind", f"The firm {ref!r} has no row of kind legal_zh or legal_en: add one.")
                )
                continue
            report.firms += 1
            _apply(session, clock, actor, actor.centre_id, ref, firm, draft, report)
        if dry_run:
            session.rollback()
    report.errors.sort(key=lambda e: (e.row, e.column))
    return report


def _drafts(
    table: Iterable[tuple[int, dict[str, str]]], report: ImportReport, filename: str
) -> dict[str, tuple[int, _Draft]]:
    schema = FirmRowSchema()
    drafts: dict[str, tuple[int, _Draft]] = {}
    for number, row in table:
        if report.rows == 0:
            missing = [column for column in _NEEDED if column not in row]
            if missing:
                raise BadInput(
                    f"{filename} has no column {missing[0]!r}; it has {', '.join(sorted(row)) or 'none'}.",
                    fix=f"The columns are {', '.join(_NEEDED)} and, when known, source, since, industry, is_local.",
                )
        report.rows += 1
        cleaned = {key: _clean(value) for key, value in row.items() if value != "" or key in _NEEDED}
        try:
            values = schema.load(cleaned)
        except ValidationError as error:
            report.errors += [
                RowError(number, column, " ".join(messages)) for column, messages in error.normalized_messages().items()
            ]
            continue
        _, draft = drafts.setdefault(values["firm"], (number, _Draft()))
        draft.names.setdefault((values["name"], values["kind"]), values)
        draft.industries |= set(values["industry"].replace(";", " ").split())
        draft.is_local = values["is_local"]
    return drafts


def _clean(value: str) -> str:
    return collapse(unicodedata.normalize("NFC", "".join(c for c in value if c.isprintable() or c.isspace())))


def _legal_name(draft: _Draft) -> str | None:
    for kind in (NameKind.LEGAL_ZH, NameKind.LEGAL_EN):
        for name, name_kind in draft.names:
            if name_kind == kind.value:
                return name
    return None


def _apply(
    session: Session,
    clock: Clock,
    actor: Actor,
    centre_id: uuid.UUID,
    ref: str,
    firm: Firm | None,
    draft: _Draft,
    report: ImportReport,
) -> None:
    now = clock.now()
    is_new = firm is None
    if firm is None:
        firm = Firm(
            centre_id=centre_id,
            ref=ref,
            name_zh=_legal_name(draft) or ref,
            name_en=next((n for n, kind in draft.names if kind == NameKind.LEGAL_EN.value), ""),
            industries=sorted(draft.industries),
            is_local=draft.is_local,
            created_at=now,
            updated_at=now,
        )
        session.add(firm)
        session.flush()
    have = {(n.name, n.kind) for n in firm.names}
    new = [values for key, values in draft.names.items() if key not in have]
    firm.names.extend(
        FirmName(name=v["name"], kind=v["kind"], source=v["source"], since=v["since"]) for v in new
    )
    industries = sorted({*firm.industries, *draft.industries})
    if not is_new and not new and industries == firm.industries and draft.is_local == firm.is_local:
        report.unchanged += 1
        return
    firm.industries, firm.is_local = industries, draft.is_local
    if is_new:
        report.created += 1
    else:
        firm.version += 1
        firm.updated_at = now
        report.changed += 1
    session.flush()
    names = sorted(f"{n.kind}:{n.name}" for n in firm.names)
    audit.record(session, clock, actor, "firm.imported", "firm", firm.id, values={"names": names}, centre_id=centre_id)
    emit(session, "firm.changed", str(firm.id), {"created": is_new}, clock)
