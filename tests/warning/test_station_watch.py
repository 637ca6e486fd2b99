"""A station acts for the firms it looks after in what they watch, and for no other; the audit has it under its name."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from core.actor import HOLDERS, Actor, Permission, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from enterprises.models import Station
from enterprises.service import get_firm
from enterprises.stations import (
    acting_for,
    list_stations,
    make_station,
    open_station,
    own_station,
    rename_station,
    set_station,
    station_of,
)
from house import House
from tests.factories import bring_firms, drain, firm_id, keeper, member, raw_case, record, staff
from warning.criteria import Criteria
from warning.models import Alert, WatchProfile
from warning.quiet import snooze_profile
from warning.watch_profiles import change_profile, create_profile, get_profile, list_profiles, move_profile

ASKED = Criteria(include=("rotor",))


@pytest.fixture
def stations(each_house: House) -> dict[str, uuid.UUID]:
    """Two stations; the first looks after alpha, the second after beta."""
    bring_firms(each_house)
    made, keeps = {}, staff(each_house)
    with each_house.database.write() as session:
        for name, ref in (("东区工作站", "alpha"), ("西区工作站", "beta")):
            station = make_station(session, each_house.clock, keeps, name)
            set_station(session, each_house.clock, keeps, firm_id(each_house, ref), station.id)
            made[ref] = station.id
    return made


def someone(house: House, station_id: uuid.UUID) -> Actor:
    return Actor(
        "user:east",
        frozenset({Role.STATION}),
        centre_id=keeper(house).centre_id,
        user_id=uuid.uuid4(),
        station_id=station_id,
    )


def lent(house: House, actor: Actor, ref: str) -> Actor:
    with house.database.read() as session:
        return acting_for(session, actor, firm_id(house, ref), Permission.PROFILE_WRITE)[0]


def test_a_station_makes_changes_previews_and_snoozes_for_its_firm_and_the_firm_is_told(
    each_house: House, stations: dict[str, uuid.UUID]
) -> None:
    house = each_house
    east = lent(house, someone(house, stations["alpha"]), "alpha")
    with house.database.write() as session:
        profile = create_profile(session, house.clock, east, "Rotors", ASKED)
        assert profile.firm_id == firm_id(house, "alpha")
    with house.database.write() as session:
        change_profile(session, house.clock, east, profile.id, "Blades", ASKED, seen_version=1)
        move_profile(session, house.clock, east, profile.id, "pause", seen_version=2)
        move_profile(session, house.clock, east, profile.id, "resume", seen_version=3)
        snooze_profile(session, house.clock, east, profile.id, date(2026, 3, 9), seen_version=4)
        snooze_profile(session, house.clock, east, profile.id, None, seen_version=5)
    record(house, raw_case("2:26-cv-00100", text="A rotor blade.", parties=()))
    drain(house)
    with house.database.read() as session:
        assert session.scalars(select(Alert.firm_id).where(Alert.profile_id == profile.id)).all() == [
            firm_id(house, "alpha")
        ]
        # The firm sees and changes what its station made.
        assert [p.name for p, _ in list_profiles(session, member(house, "alpha"))] == ["Blades"]
        acts = session.scalars(
            select(AuditRow.action).where(AuditRow.actor == "user:east").order_by(AuditRow.id)
        ).all()
    assert acts == [f"watch.{v}" for v in ("created", "changed", "pause", "resume", "snooze", "wake")]


def test_no_station_sees_or_touches_another_stations_firm(
    each_house: House, stations: dict[str, uuid.UUID]
) -> None:
    house = each_house
    alpha = member(house, "alpha")
    with house.database.write() as session:
        profile = create_profile(session, house.clock, alpha, "Secret", ASKED)
    west = someone(house, stations["beta"])
    with house.database.read() as session:
        with pytest.raises(NotFound):
            acting_for(session, west, firm_id(house, "alpha"), Permission.PROFILE_WRITE)
        for actor in (west, lent(house, west, "beta")):
            assert session.scalars(WatchProfile.visible_to(actor)).all() == []
            with pytest.raises(NotFound):
                get_profile(session, actor, profile.id)
        assert [firm.ref for firm in own_station(session, west)[1]] == ["beta"]
    acting = lent(house, west, "beta")
    with pytest.raises(NotFound), house.database.write() as session:
        change_profile(session, house.clock, acting, profile.id, "x", ASKED, seen_version=1)


def test_what_is_lent_is_one_right_for_one_firm(each_house: House, stations: dict[str, uuid.UUID]) -> None:
    east = someone(each_house, stations["alpha"])
    acting = lent(each_house, east, "alpha")
    held = {permission for permission in Permission if HOLDERS[permission] and acting.may(permission)}
    assert held == {Permission.STATION_ACT, Permission.PROFILE_WRITE, Permission.PRIVACY_ASK}
    assert acting.name == east.name and acting.roles == east.roles
    assert not east.may(Permission.PROFILE_WRITE)


def _give_to_nobody(house: House, stations: dict[str, uuid.UUID]) -> None:
    keeps = staff(house)
    with house.database.write() as session:
        set_station(session, house.clock, keeps, firm_id(house, "alpha"), None)


def _give_to_the_other(house: House, stations: dict[str, uuid.UUID]) -> None:
    keeps = staff(house)
    with house.database.write() as session:
        set_station(session, house.clock, keeps, firm_id(house, "alpha"), stations["beta"])


def _close(house: House, stations: dict[str, uuid.UUID]) -> None:
    keeps = staff(house)
    with house.database.write() as session:
        open_station(session, house.clock, keeps, stations["alpha"], is_open=False, seen_version=1)


@pytest.mark.parametrize("ends", [_give_to_nobody, _give_to_the_other, _close])
def test_a_station_acts_only_while_it_is_open_and_looks_after_the_firm(
    each_house: House,
    stations: dict[str, uuid.UUID],
    ends: Callable[[House, dict[str, uuid.UUID]], None],
) -> None:
    east = someone(each_house, stations["alpha"])
    lent(each_house, east, "alpha")
    ends(each_house, stations)
    with pytest.raises(NotFound):
        lent(each_house, east, "alpha")


def test_nobody_else_acts_for_a_firm(each_house: House, stations: dict[str, uuid.UUID]) -> None:
    house = each_house
    others = staff(house), member(house, "alpha"), member(house, "beta")
    east = someone(house, stations["alpha"])
    with house.database.read() as session:
        for actor in others:
            with pytest.raises(NotAllowed):
                acting_for(session, actor, firm_id(house, "alpha"), Permission.PROFILE_WRITE)
        # Somebody whose account names no station, or one of another centre.
        for station_id in (None, uuid.uuid4()):
            actor = replace(east, station_id=station_id)
            with pytest.raises(NotFound):
                acting_for(session, actor, firm_id(house, "alpha"), Permission.PROFILE_WRITE)


def test_staff_enter_rename_and_close_stations(each_house: House, stations: dict[str, uuid.UUID]) -> None:
    house, keeps, firm = each_house, staff(each_house), member(each_house, "alpha")
    with house.database.write() as session:
        rename_station(session, house.clock, keeps, stations["alpha"], "  北区   工作站 ", seen_version=1)
        with pytest.raises(StaleWrite):
            rename_station(session, house.clock, keeps, stations["alpha"], "Late", seen_version=1)
        for taken in ("西区工作站", " ", "x" * 101):
            with pytest.raises(BadInput):
                make_station(session, house.clock, keeps, taken)
        with pytest.raises(NotAllowed):
            make_station(session, house.clock, firm, "Mine")
        with pytest.raises(NotFound):
            set_station(session, house.clock, keeps, firm_id(house, "alpha"), uuid.uuid4())
    with house.database.read() as session:
        assert [(s.name, n) for s, n in list_stations(session, keeps)] == [
            ("北区 工作站", 1),
            ("西区工作站", 1),
        ]
        told = get_firm(session, firm, firm_id(house, "alpha"))
        assert getattr(station_of(session, firm, told), "name", None) == "北区 工作站"
        assert [s.name for s in session.scalars(Station.visible_to(firm))] == ["北区 工作站"]
