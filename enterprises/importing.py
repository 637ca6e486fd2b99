"""Bringing firms from a file: every bad row is named with its number; a dry run shows what would happen."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from cases.taxonomy import load_taxonomy
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, StaleWrite
from core.outbox import emit
from core.said import problems_of, said
from core.text import collapse
from enterprises.models import Firm, FirmName, NameKind
from enterprises.schemas import FirmRowSchema
from enterprises.tables import read_table

_NEEDED = ("firm", "name", "kind")
#: firms looked up in one question; every database takes so many parameters
_AT_A_TIME = 500


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row: its number as the user's program shows it, the column, what and how to mend
    (:class:`core.said.Said`, so that a page can say it in the reader's language)."""

    row: int
    column: str
    message: str


@dataclass
class TableReport:
    """What bringing a table did, or would do."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    is_dry_run: bool = False

    @property
    def refused_rows(self) -> int:
        """How many rows something is wrong with."""
        return len({error.row for error in self.errors})


@dataclass
class ImportReport(TableReport):
    """What an import of firms did, or would do."""

    firms: int = 0


@dataclass
class _Draft:
    """What the good rows say of one firm."""

    row: int
    names: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    industries: set[str] = field(default_factory=set)
    is_local: bool | None = None


def import_firms(
    database: Database, clock: Clock, actor: Actor, filename: str, content: bytes, *, dry_run: bool = False
) -> ImportReport:
    """Create or extend firms from a table of names, one row a name, many rows a firm.

    Names are added, never taken away; a row already known changes nothing. Good rows are kept although others are
    bad; a firm without a good Chinese or English legal name is refused. Everything happens in one transaction, and a
    dry run only reads.

    Raises:
        NotAllowed: the actor may not write firms.
        BadInput: the file cannot be read, or a needed column is missing.
        StaleWrite: somebody registered one of the firms at the same moment; nothing was kept.
    """
    actor.require(Permission.FIRM_WRITE)
    if actor.centre_id is None:
        raise BadInput(
            said("Firms belong to a centre, and this account has none."), fix=said("Ask an administrator.")
        )
    report = ImportReport(is_dry_run=dry_run)
    drafts = _drafts(read_table(filename, content), report, filename)
    try:
        with database.read() if dry_run else database.write() as session:
            for ref, draft, firm in _with_known(session, actor.centre_id, drafts):
                if _count(report, ref, draft, firm) and not dry_run:
                    _apply(session, clock, actor, actor.centre_id, ref, firm, draft)
    except IntegrityError as error:
        raise StaleWrite(
            said("Somebody registered one of these firms at the same moment; nothing was imported."),
            fix=said("Import the file again."),
        ) from error
    report.errors.sort(key=lambda e: (e.row, e.column))
    return report


def _count(report: ImportReport, ref: str, draft: _Draft, firm: Firm | None) -> bool:
    """Write down in ``report`` what becomes of one firm; whether there is something to write."""
    if firm is None and _legal_name(draft) is None:
        sentence = said("The firm %(ref)s has no legal name: add a row legal_zh or legal_en.", ref=ref)
        report.errors.append(RowError(draft.row, "kind", sentence))
        return False
    report.firms += 1
    if firm is None:
        report.created += 1
    elif _tells_more(firm, draft):
        report.changed += 1
    else:
        report.unchanged += 1
        return False
    return True


def _with_known(
    session: Session, centre_id: uuid.UUID, drafts: dict[str, _Draft]
) -> Iterator[tuple[str, _Draft, Firm | None]]:
    """Every draft with the firm that already stands in the register under its key."""
    refs = list(drafts)
    for start in range(0, len(refs), _AT_A_TIME):
        chunk = refs[start : start + _AT_A_TIME]
        query = select(Firm).where(Firm.centre_id == centre_id, Firm.ref.in_(chunk))
        known = {firm.ref: firm for firm in session.scalars(query.options(selectinload(Firm.names)))}
        for ref in chunk:
            yield ref, drafts[ref], known.get(ref)


def _drafts(
    table: Iterable[tuple[int, dict[str, str]]], report: ImportReport, filename: str
) -> dict[str, _Draft]:
    schema = FirmRowSchema()
    drafts: dict[str, _Draft] = {}
    for number, row in table:
        if report.rows == 0 and not filename.lower().endswith(".jsonl"):
            _require_columns(filename, row)
        report.rows += 1
        cleaned = {key: _clean(value) for key, value in row.items() if value != "" or key in _NEEDED}
        try:
            values = schema.load(cleaned)
        except ValidationError as error:
            report.errors += [
                RowError(number, column, sentence)
                for column, sentences in problems_of(error.normalized_messages()).items()  # type: ignore[no-untyped-call]
                for sentence in sentences
            ]
            continue
        draft = drafts.setdefault(values["firm"], _Draft(number))
        draft.names.setdefault((values["name"], values["kind"]), values)
        draft.industries |= set(load_taxonomy().currents(values["industry"].replace(";", " ").split()))
        if values["is_local"] is not None:
            draft.is_local = values["is_local"]
    return drafts


def _require_columns(filename: str, row: dict[str, str]) -> None:
    missing = [column for column in _NEEDED if column not in row]
    if missing:
        raise BadInput(
            said(
                "%(file)s has no column %(column)s; its columns are: %(found)s.",
                file=filename,
                column=missing[0],
                found=", ".join(row) or "–",
            ),
            fix=said("Name the columns firm, name, kind and, when known, source, since, industry, is_local."),
        )


def _clean(value: str) -> str:
    return collapse(unicodedata.normalize("NFC", "".join(c for c in value if c.isprintable() or c.isspace())))


def _legal_name(draft: _Draft) -> str | None:
    for kind in (NameKind.LEGAL_ZH, NameKind.LEGAL_EN):
        for name, name_kind in draft.names:
            if name_kind == kind.value:
                return name
    return None


def _new_names(firm: Firm, draft: _Draft) -> list[dict[str, Any]]:
    have = {(n.name, n.kind) for n in firm.names}
    return [values for key, values in draft.names.items() if key not in have]


def _tells_more(firm: Firm, draft: _Draft) -> bool:
    moved = draft.is_local is not None and draft.is_local != firm.is_local
    return moved or bool(_new_names(firm, draft)) or not draft.industries <= set(firm.industries)


def _take_chinese_name(firm: Firm, draft: _Draft) -> None:
    """Head a firm that had only an English legal name by its Chinese one, now that it is told."""
    if any(name.kind == NameKind.LEGAL_ZH.value for name in firm.names):
        return
    told = (name for name, kind in draft.names if kind == NameKind.LEGAL_ZH.value)
    firm.name_zh = next(told, firm.name_zh)


def _apply(
    session: Session,
    clock: Clock,
    actor: Actor,
    centre_id: uuid.UUID,
    ref: str,
    firm: Firm | None,
    draft: _Draft,
) -> None:
    now = clock.now()
    is_new = firm is None
    if firm is None:
        firm = Firm(
            centre_id=centre_id,
            ref=ref,
            name_zh=_legal_name(draft) or ref,
            name_en="",
            industries=[],
            created_at=now,
            updated_at=now,
        )
        session.add(firm)
    else:
        firm.version += 1
        firm.updated_at = now
        _take_chinese_name(firm, draft)
    firm.names.extend(
        FirmName(name=v["name"], kind=v["kind"], source=v["source"], since=v["since"])
        for v in _new_names(firm, draft)
    )
    firm.name_en = firm.name_en or next((n for n, kind in draft.names if kind == NameKind.LEGAL_EN.value), "")
    firm.industries = sorted({*firm.industries, *draft.industries})
    if draft.is_local is not None:
        firm.is_local = draft.is_local
    session.flush()
    names = sorted(f"{n.kind}:{n.name}" for n in firm.names)
    audit.record(
        session, clock, actor, "firm.imported", "firm", firm.id, values={"names": names}, centre_id=centre_id
    )
    emit(session, "firm.changed", str(firm.id), {"created": is_new}, clock)
