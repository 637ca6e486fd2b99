"""What an account belongs to: a firm, an entry of the expert library, a station. Those are later rooms'; here each is
known by its foreign key alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import FromClause, or_, select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Actor, Permission
from core.errors import BadInput
from core.said import said


def _firms() -> FromClause:
    """The register's table. It is a later room's; here a firm is known by its foreign key alone."""
    return next(iter(User.__table__.c.firm_id.foreign_keys)).column.table


def require_firm(session: Session, centre_id: uuid.UUID, firm_id: uuid.UUID | None) -> None:
    """Raise BadInput unless ``firm_id`` is none or a firm of the centre."""
    if firm_id is None:
        return
    firm = _firms()
    if session.scalar(select(firm.c.id).where(firm.c.id == firm_id, firm.c.centre_id == centre_id)) is None:
        raise _no_such_firm()


def _no_such_firm() -> BadInput:
    return BadInput(
        said("There is no such firm in your register."),
        fix=said("Write the firm's key or its whole legal name, as the register has it."),
    )


def experts_table() -> FromClause:
    """The expert library's table, known by its foreign key alone, as the register's is."""
    return next(iter(User.__table__.c.expert_id.foreign_keys)).column.table


def require_expert(session: Session, centre_id: uuid.UUID, expert_id: uuid.UUID | None) -> None:
    """Raise BadInput unless ``expert_id`` is none or an expert of the centre."""
    if expert_id is None:
        return
    expert = experts_table()
    known = select(expert.c.id).where(expert.c.id == expert_id, expert.c.centre_id == centre_id)
    if session.scalar(known) is None:
        raise _no_such_expert()


def require_station(session: Session, centre_id: uuid.UUID, station_id: uuid.UUID | None) -> None:
    """Raise BadInput unless ``station_id`` is none or a station of the centre."""
    if station_id is None:
        return
    station = _stations()
    known = select(station.c.id).where(station.c.id == station_id, station.c.centre_id == centre_id)
    if session.scalar(known) is None:
        raise BadInput(said("There is no such station in your centre."))


def _no_such_expert() -> BadInput:
    return BadInput(
        said("There is no such expert in your library."), fix=said("Write the expert's key or whole name.")
    )


def _stations() -> FromClause:
    """The stations' table, known by its foreign key alone, as the register's is."""
    return next(iter(User.__table__.c.station_id.foreign_keys)).column.table


def find_station(session: Session, actor: Actor, told: str) -> uuid.UUID:
    """The id of the open station of the actor's centre that is called ``told``. Raises NotAllowed, BadInput."""
    actor.require(Permission.USER_WRITE)
    station = _stations()
    called = station.c.name == told.strip(), station.c.centre_id == actor.centre_id, station.c.is_active
    found = session.scalar(select(station.c.id).where(*called))
    if found is None:
        raise BadInput(
            said("There is no such station in your centre."),
            fix=said("Write its whole name, as the list of stations has it."),
        )
    return uuid.UUID(str(found))


def find_expert(session: Session, actor: Actor, told: str) -> uuid.UUID:
    """The id of the expert of the actor's centre that ``told`` names: by key or by name.

    Raises NotAllowed, or BadInput when none or several are called so.
    """
    several = BadInput(said("Several experts are called so."), fix=said("Write the expert's key instead."))
    return _find(session, actor, experts_table(), told, several, _no_such_expert())


def find_firm(session: Session, actor: Actor, told: str) -> uuid.UUID:
    """The id of the firm of the actor's centre that ``told`` names: by its key or its legal name.

    Raises NotAllowed, or BadInput when none or several are called so.
    """
    several = BadInput(said("Several firms are called so."), fix=said("Write the firm's key instead."))
    return _find(session, actor, _firms(), told, several, _no_such_firm())


def _find(
    session: Session, actor: Actor, table: FromClause, told: str, several: BadInput, none: BadInput
) -> uuid.UUID:
    actor.require(Permission.USER_WRITE)
    name = told.strip()
    called = or_(table.c.ref == name, table.c.name_zh == name, table.c.name_en == name)
    found = session.execute(
        select(table.c.id, table.c.ref).where(table.c.centre_id == actor.centre_id, called)
    ).all()
    exact = [row for row in found if row.ref == name] or found
    if len(exact) > 1:
        raise several
    if not exact:
        raise none
    return uuid.UUID(str(exact[0].id))


def firm_names(session: Session, users: Sequence[User]) -> dict[uuid.UUID, str]:
    """What the firms of ``users`` are called, by id."""
    firm = _firms()
    ids = {user.firm_id for user in users if user.firm_id}
    rows = session.execute(select(firm.c.id, firm.c.name_zh).where(firm.c.id.in_(ids)))
    return {uuid.UUID(str(identity)): name for identity, name in rows}
