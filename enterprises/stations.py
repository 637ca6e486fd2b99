"""Stations (工作站): entered by the centre's staff, given firms to look after, and acting for those firms alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from core.text import collapse
from enterprises.models import Firm, Station
from enterprises.service import get_firm

MOST_NAME = 100


def list_stations(session: Session, actor: Actor) -> list[tuple[Station, int]]:
    """The centre's stations by name, the open ones first, each with how many firms it looks after. Raises NotAllowed."""
    actor.require(Permission.FIRM_WRITE)
    counts = select(Firm.station_id, func.count()).where(Firm.centre_id == actor.centre_id)
    firms = dict(session.execute(counts.group_by(Firm.station_id)).all())
    query = Station.visible_to(actor).order_by(Station.is_active.desc(), Station.name)
    return [(station, firms.get(station.id, 0)) for station in session.scalars(query)]


def station_of(session: Session, actor: Actor, firm: Firm) -> Station | None:
    """The open station that looks after ``firm``, as the actor may see it."""
    if firm.station_id is None:
        return None
    query = Station.visible_to(actor).where(Station.id == firm.station_id, Station.is_active)
    return session.scalar(query)


def make_station(session: Session, clock: Clock, actor: Actor, name: str) -> Station:
    """Enter a station. Raises NotAllowed, BadInput naming ``name`` (empty, or there is one called so)."""
    actor.require(Permission.FIRM_WRITE)
    assert actor.centre_id is not None, "staff have a centre"
    station = Station(centre_id=actor.centre_id, name=_name(name), created_at=clock.now())
    _keep(session, station)
    audit.record(session, clock, actor, "station.made", "station", station.id, values={"name": station.name})
    return station


def rename_station(
    session: Session, clock: Clock, actor: Actor, station_id: uuid.UUID, name: str, *, seen_version: int
) -> Station:
    """Call a station otherwise. Raises NotAllowed, NotFound, StaleWrite, BadInput."""
    station = _held(session, actor, station_id, seen_version)
    station.name, station.version = _name(name), station.version + 1
    _keep(session, station)
    audit.record(
        session, clock, actor, "station.renamed", "station", station.id, values={"name": station.name}
    )
    return station


def open_station(
    session: Session,
    clock: Clock,
    actor: Actor,
    station_id: uuid.UUID,
    *,
    is_open: bool,
    seen_version: int,
) -> Station:
    """Close a station, whose people then act for nobody, or open it again. Raises NotAllowed, NotFound, StaleWrite."""
    station = _held(session, actor, station_id, seen_version)
    station.is_active, station.version = is_open, station.version + 1
    verb = "station.opened" if is_open else "station.closed"
    audit.record(session, clock, actor, verb, "station", station.id)
    return station


def set_station(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, station_id: uuid.UUID | None
) -> Firm:
    """Give a firm to a station, in place of the one it had, or to none. Raises NotAllowed, NotFound."""
    actor.require(Permission.FIRM_WRITE)
    session.execute(select(Firm.id).where(Firm.id == firm_id).with_for_update())
    firm = get_firm(session, actor, firm_id)
    if station_id is not None:
        known = Station.visible_to(actor).where(Station.id == station_id, Station.is_active)
        if session.scalar(known) is None:
            raise _no_station()
    if firm.station_id == station_id:
        return firm
    firm.station_id, firm.version, firm.updated_at = station_id, firm.version + 1, clock.now()
    audit.record(
        session, clock, actor, "firm.station_set", "firm", firm.id, values={"station": str(station_id or "")}
    )
    return firm


def own_station(session: Session, actor: Actor) -> tuple[Station, Sequence[Firm]]:
    """The actor's station and the firms it looks after, by name. Raises NotAllowed, NotFound (it was closed)."""
    actor.require(Permission.STATION_ACT)
    station = session.scalar(Station.visible_to(actor).where(Station.is_active))
    if station is None:
        raise NotFound(said("Your station is closed."), fix=said("Ask the centre."))
    return station, session.scalars(_looked_after(actor).order_by(Firm.name_zh, Firm.id)).all()


def acting_for(
    session: Session, actor: Actor, firm_id: uuid.UUID, permission: Permission
) -> tuple[Actor, Firm]:
    """The actor with ``permission`` lent for one firm that their open station looks after, and the firm.

    Everything done so bears the actor's own name. Raises NotAllowed, and NotFound for any other firm, as if there were
    none.
    """
    actor.require(Permission.STATION_ACT)
    open_ = select(Station.id).where(Station.is_active)
    firm = session.scalar(_looked_after(actor).where(Firm.id == firm_id, Firm.station_id.in_(open_)))
    if firm is None:
        raise NotFound(said("Your station looks after no such firm."))
    return replace(actor, firm_id=firm.id, lent=frozenset({permission})), firm


def _looked_after(actor: Actor) -> Select[Firm]:
    return select(Firm).where(
        Firm.centre_id == actor.centre_id,
        Firm.station_id == actor.station_id,
        Firm.station_id.is_not(None),
    )


def _name(text: str) -> str:
    name = collapse(text)
    if not 2 <= len(name) <= MOST_NAME:
        raise _bad_name(said("A station's name has 2 to %(most)s characters.", most=MOST_NAME))
    return name


def _keep(session: Session, station: Station) -> None:
    try:
        with session.begin_nested():
            session.add(station)
            session.flush()
    except IntegrityError as error:
        raise _bad_name(said("There is a station called so already.")) from error


def _bad_name(problem: str) -> BadInput:
    return BadInput(problem, fix=said("Write another name."), fields={"name": [problem]})


def _held(session: Session, actor: Actor, station_id: uuid.UUID, seen_version: int) -> Station:
    actor.require(Permission.FIRM_WRITE)
    station = session.scalar(Station.visible_to(actor).where(Station.id == station_id).with_for_update())
    if station is None:
        raise _no_station()
    if station.version != seen_version:
        raise StaleWrite(
            said("Somebody changed this while you were looking at it."),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=station.version,
        )
    return station


def _no_station() -> NotFound:
    return NotFound(said("There is no such station in your centre."))
