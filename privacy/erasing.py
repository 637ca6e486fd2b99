"""The one place that takes a person's data out of the store.

Rows that are theirs are emptied or deleted as the registry says; everywhere else that is not public their names, numbers and
addresses are taken out of what others wrote. Rows stay where something counts them, so no figure changes. Audit rows stay;
their salts go, so that nobody can try names and numbers against the digests, and the chain holds (a salt is not sealed).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, LargeBinary, Table, Text, Uuid, delete, or_, select, update
from sqlalchemy.orm import Session, make_transient

from core.audit import AuditRow
from core.vault import Vault
from experts.beside.models import Beside
from experts.beside.writing import content_of as beside_content
from experts.consultation_models import Consultation
from experts.consultation_workflow import ConsultationState
from experts.models import EntryStatus
from experts.onward.mediation_models import Mediation, Statement
from experts.onward.models import Escalation
from experts.opinion_models import Opinion, OpinionState
from experts.opinions import content_of
from privacy.registry import Act, Class, Entry, Whose, registry
from privacy.subjects import GONE, NOWHERE, Eraser, Person, own_rows
from privacy.tables import TABLES

#: tables whose rows' id names a file of the vault
_FILES = ("consultation_attachment", "expert_application_file")


def erase(session: Session, vault: Vault, person: Person) -> dict[str, int]:
    """Take everything about ``person`` out; returns table -> rows changed. Their account stays as an empty row."""
    counts: Counter[str] = Counter()
    eraser = Eraser(person)
    near = _tied(session, person)
    spoken = _own_statements(session, vault, person)
    _drafts(session, vault, person, counts)
    for entry in registry().values():
        if entry.of:
            counts[entry.table] += _own(session, vault, entry, person)
    for entry in registry().values():
        if not entry.is_public and entry.act is not Act.SPARE and entry.named:
            counts[entry.table] += _elsewhere(session, entry, eraser, near)
    counts["mediation_statement"] += spoken + _statements(session, vault, eraser, near)
    _signed_reports(session, vault, counts, near)
    _digest_again(session)
    _close(session, person)
    _unsalt(session, person.record_ids, person.actor)
    session.expire_all()
    return {table: number for table, number in sorted(counts.items()) if number}


def _table(entry: Entry) -> Table:
    return TABLES[entry.table]


def blank_of(table: Table, column: str, value: Any) -> Any:
    """What stands in a column whose data went; the same for a value that tells nothing already."""
    told: Any = table.c[column]
    if value in (None, "", [], {}):
        return value
    if told.nullable:
        return None
    if isinstance(told.type, JSON) or isinstance(value, list | dict):
        return [] if isinstance(value, list) else {}
    if isinstance(told.type, Text):
        return GONE
    return 0


def _own(session: Session, vault: Vault, entry: Entry, person: Person) -> int:
    table, mine = _table(entry), own_rows(entry, person)
    if entry.act is Act.SPARE or entry.table in ("account", "mediation_statement"):
        return 0
    if entry.act is Act.DELETE:
        return int(session.execute(delete(table).where(mine)).rowcount)  # type: ignore[attr-defined]
    columns = [name for name in entry.named if name not in entry.keep]
    if entry.act is Act.SIGN:
        columns = entry.columns(Class.PERSONAL)
    return _blank(session, vault, table, columns, session.execute(select(table).where(mine)).mappings().all())


def _blank(session: Session, vault: Vault, table: Table, columns: list[str], rows: Iterable[Any]) -> int:
    changed = 0
    for row in rows:
        values = {name: blank_of(table, name, row[name]) for name in columns}
        values = {name: value for name, value in values.items() if value != row[name]}
        if values:
            session.execute(update(table).where(*_is(table, row)).values(values))
            changed += 1
        if table.name in _FILES:
            vault.forget(session, row["centre_id"], row["id"])
    return changed


def _is(table: Table, row: Any) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def _drafts(session: Session, vault: Vault, person: Person, counts: Counter[str]) -> None:
    """What was never submitted goes whole."""
    attachment, matter = (TABLES[n] for n in ("consultation_attachment", "consultation"))
    mine = matter.c.id.in_(person.begun), matter.c.state == ConsultationState.DRAFT.value
    ids = session.scalars(select(matter.c.id).where(*mine)).all()
    files = select(attachment.c.centre_id, attachment.c.id).where(attachment.c.consultation_id.in_(ids))
    for centre_id, file_id in session.execute(files).all():
        vault.forget(session, centre_id, file_id)
    session.execute(delete(matter).where(matter.c.id.in_(ids)))
    counts["consultation"] += len(ids)


def _tied(session: Session, person: Person) -> frozenset[uuid.UUID]:
    """Ids of what is tied to a person's matters, entry and firm: theirs, and of rows that name those."""
    known: set[uuid.UUID] = {person.account_id, *person.begun, *person.applications}
    known |= {identity for identity in (person.expert_id, person.firm_id) if identity}
    if person.expert_id is not None:
        for name in ("consultation_assignment", "consultation_beside"):
            table = TABLES[name]
            known |= set(
                session.scalars(select(table.c.consultation_id).where(table.c.expert_id == person.expert_id))
            )
    for _ in range(2):
        for entry in registry().values():
            table = _table(entry)
            if entry.is_public or "id" not in table.c or not isinstance(table.c.id.type, Uuid):
                continue
            links: list[Any] = [
                column.in_(known)
                for column in table.c
                if column.name != "id" and isinstance(column.type, Uuid) and column.name != "centre_id"
            ]
            if links and entry.table != "firm":
                known |= set(session.scalars(select(table.c.id).where(or_(*links))))
    return frozenset(known)


def _elsewhere(session: Session, entry: Entry, eraser: Eraser, near: frozenset[uuid.UUID]) -> int:
    """Take the person out of what anybody wrote in a table."""
    table, changed = _table(entry), 0
    columns = [name for name in entry.named if not isinstance(table.c[name].type, LargeBinary)]
    keys = [column.name for column in table.c if isinstance(column.type, Uuid)]
    wanted = {*columns, *keys, *(column.name for column in table.primary_key.columns)}
    rows = session.execute(select(*(table.c[name] for name in wanted))).mappings().all()
    for row in rows:
        is_near = any(row[name] in near for name in keys)
        values = {}
        for name in columns:
            clean = eraser.clean(row[name], is_near=is_near)
            if clean != row[name]:
                values[name] = clean
        if values:
            session.execute(update(table).where(*_is(table, row)).values(values))
            changed += 1
    return changed


def _own_statements(session: Session, vault: Vault, person: Person) -> int:
    """What the person said in a mediation is sealed; it is replaced under the same seal."""
    mine = own_rows(registry()["mediation_statement"], person)
    rows = session.scalars(select(Statement).where(mine)).all()
    for row in rows:
        centre_id = session.get_one(Mediation, row.mediation_id).centre_id
        row.sealed = vault.seal(centre_id, row.key_id, GONE.encode())
    session.flush()
    return len(rows)


def _statements(session: Session, vault: Vault, eraser: Eraser, near: frozenset[uuid.UUID]) -> int:
    """What others said in a mediation that is tied to the person."""
    changed = 0
    for row in session.scalars(select(Statement).where(Statement.mediation_id.in_(near))):
        centre_id = session.get_one(Mediation, row.mediation_id).centre_id
        words = vault.open(centre_id, row.key_id, row.sealed).decode()
        clean = eraser.clean(words, is_near=True)
        if clean != words:
            row.sealed = vault.seal(centre_id, row.key_id, clean.encode())
            changed += 1
    session.flush()
    return changed


def _signed_reports(session: Session, vault: Vault, counts: Counter[str], near: frozenset[uuid.UUID]) -> None:
    """The DOCX of a report in which something was taken out can no longer be given: its bytes go."""
    if not counts["escalation"]:
        return
    query = select(Escalation.centre_id, Escalation.docx_id, Escalation.content).where(
        Escalation.id.in_(near)
    )
    for centre_id, docx_id, content in session.execute(query).all():
        if docx_id is not None and GONE in str(content):
            vault.forget(session, centre_id, docx_id)


def _digest_again(session: Session) -> None:
    """What is kept under a check sum and lost something gets the SHA-256 of what stands there now: an opinion handed in
    beside others, whoever cites it, an issued opinion."""
    session.expire_all()
    renewed: dict[str, str] = {}
    beside = TABLES["consultation_beside"]
    handed_in = select(Beside, Consultation).join(Consultation, Consultation.id == Beside.consultation_id)
    for one, consultation in session.execute(handed_in.where(Beside.sha256.is_not(None))):
        digest = hashlib.sha256(beside_content(one, consultation)).hexdigest()
        if GONE in f"{one.author}{one.text}{one.question}" and one.sha256 != digest:
            renewed[str(one.sha256)] = digest
            session.execute(update(beside).where(beside.c.id == one.id).values(sha256=digest))
    opinion = TABLES["opinion"]
    issued = select(Opinion, Consultation).join(Consultation, Consultation.id == Opinion.consultation_id)
    for row, consultation in session.execute(issued.where(Opinion.state == OpinionState.ISSUED.value)):
        cited = [{**one, "sha256": renewed.get(one.get("sha256"), one.get("sha256"))} for one in row.cited]
        if cited != row.cited or GONE in f"{row.author}{row.correction}{row.sections}{row.cited}":
            make_transient(row)
            row.cited = cited
            digest = hashlib.sha256(content_of(row, consultation)).hexdigest()
            session.execute(update(opinion).where(opinion.c.id == row.id).values(cited=cited, sha256=digest))


def _close(session: Session, person: Person) -> None:
    """The account stays, since acts and figures name it by its id; nothing in it tells whose it was."""
    account, entry = TABLES["account"], TABLES["expert"]
    session.execute(
        update(account)
        .where(account.c.id == person.account_id)
        .values(
            email=f"{person.account_id}@{NOWHERE}", password="!", active=False, locale=None,
            fs_uniquifier=secrets.token_urlsafe(32),
        )
    )  # fmt: skip
    if person.expert_id is not None:
        left = {"status": EntryStatus.EXITED.value, "available": False, "visibility": {}}
        session.execute(update(entry).where(entry.c.id == person.expert_id).values(left))


def _unsalt(session: Session, ids: list[str], actor: str | None) -> None:
    """Make the digests of a person's values meaningless: without the salt nothing can be tried against them."""
    mine: Any = AuditRow.subject_id.in_(ids)
    if actor is not None:
        mine = mine | (AuditRow.actor == actor)
    session.execute(update(AuditRow).where(mine).values(salt="").execution_options(synchronize_session=False))


def erase_matter(session: Session, vault: Vault, consultation: Consultation) -> int:
    """Take people out of a consultation whose time to be kept has ended: its texts, its files, whoever wrote them."""
    changed = 0
    for entry in registry().values():
        table = _table(entry)
        if entry.is_public or "consultation_id" not in table.c or entry.table == "onward_consent":
            continue
        rows = (
            session.execute(select(table).where(table.c.consultation_id == consultation.id)).mappings().all()
        )
        changed += _blank(session, vault, table, [n for n in entry.named if n != "sealed"], rows)
    for report in session.scalars(select(Escalation).where(Escalation.consultation_id == consultation.id)):
        if report.docx_id is not None:
            vault.forget(session, report.centre_id, report.docx_id)
    matter = registry()["consultation"]
    table = _table(matter)
    row = session.execute(select(table).where(table.c.id == consultation.id)).mappings().one()
    changed += _blank(session, vault, table, matter.named, [row])
    session.execute(update(table).where(table.c.id == consultation.id).values(contact_name=GONE))
    _digest_again(session)
    _unsalt(session, [str(consultation.id)], None)
    session.expire_all()
    return changed


def erase_application(session: Session, vault: Vault, application_id: uuid.UUID) -> int:
    """Take an applicant out of an application whose time to be kept has ended."""
    changed = 0
    for entry in registry().values():
        table = _table(entry)
        if any(whose is Whose.APPLICATION for _, whose in entry.of):
            mine = table.c.application_id == application_id
            rows = session.execute(select(table).where(mine)).mappings().all()
            changed += _blank(session, vault, table, entry.named, rows)
    own = registry()["expert_application"]
    table = _table(own)
    row = session.execute(select(table).where(table.c.id == application_id)).mappings().one()
    changed += _blank(session, vault, table, own.named, [row])
    session.execute(update(table).where(table.c.id == application_id).values(contact=GONE))
    _unsalt(session, [str(application_id)], None)
    session.expire_all()
    return changed
