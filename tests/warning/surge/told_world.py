"""A house with a rise of real cases in it, firms that watch, and the people who tell them."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import select

from cases.facts import RawParty
from core.actor import Actor
from core.clock import FixedClock
from house import House
from tests.factories import bring_firms, drain, member, raw_case, record
from tests.warning.surge.history import fill
from warning.criteria import Criteria
from warning.surge.deciding import decide
from warning.surge.hearing import Hearing, who_hears
from warning.surge.judging import judge_due, newest_due
from warning.surge.signal_models import SignalReview, SurgeSignal
from warning.surge.telling import tell_signal
from warning.surge.told_models import SignalAlert
from warning.watch_profiles import create_profile

BATTERY = "US|ind.battery_storage"
FIRMS = """firm,name,kind
alpha,海岚无人机科技股份有限公司,legal_zh
beta,北泽照明股份有限公司,legal_zh
gamma,远泊精密仪器有限公司,legal_zh
"""
WHY = "looked at by hand"


def rising(house: House, *, rise: int = 14) -> date:
    """A counted year, and in the newest week four real cases among the rise of US battery cases; the Monday."""
    bring_firms(house, FIRMS)
    return surge_among(house, rise=rise)


def surge_among(house: House, *, rise: int = 14, weeks: int = 60) -> date:
    """As :func:`rising`, in a house that has its firms."""
    clock = house.clock
    assert isinstance(clock, FixedClock)
    newest = newest_due(clock.now())
    clock.advance(-timedelta(days=6))
    for number in range(4):
        parties = (
            RawParty("Acme Optics Inc.", "plaintiff"),
            RawParty(f"Nobody {'Jade' if number == 0 else 'Plain'} LLC", "defendant"),
        )
        told = {
            "filed_on": newest + timedelta(days=1),
            "text": "Complaint for patent infringement. Lithium batteries.",
            "caption": f"Acme Optics v. {parties[1].name}",
            "parties": parties,
        }
        record(house, raw_case(f"2:26-cv-5{number:04d}", **told))
    drain(house)
    clock.advance(timedelta(days=6))
    fill(house, weeks=weeks, rise=rise)
    judge(house)
    return newest


def judge(house: House) -> None:
    """Judge what is due."""
    with house.database.write() as session:
        judge_due(session, house.clock)


def watch(house: House, ref: str, name: str = "Watched", **criteria: object) -> uuid.UUID:
    """A watch profile of a firm."""
    told = {
        key: frozenset(value) if key in ("regions", "industries", "dispute_types") else tuple(value)  # type: ignore[call-overload]
        for key, value in criteria.items()
    }
    with house.database.write() as session:
        return create_profile(session, house.clock, member(house, ref), name, Criteria(**told)).id


def signal_of(
    house: House, kind: str = "cell", value: str = BATTERY, week: date | None = None
) -> SurgeSignal:
    """The newest signal of a series, or that of a week."""
    with house.database.read() as session:
        query = select(SurgeSignal).where(SurgeSignal.kind == kind, SurgeSignal.value == value)
        if week is not None:
            query = query.where(SurgeSignal.week == week)
        return session.scalars(query.order_by(SurgeSignal.week.desc()).limit(1)).one()


def take(house: House, actor: Actor, signal: SurgeSignal, step: str) -> None:
    """A step about a signal."""
    with house.database.write() as session:
        review = session.get(SignalReview, (signal.id, actor.centre_id))
        seen = review.version if review else 0
        decide(session, house.clock, actor, signal.id, step, WHY, seen_version=seen)


def hearing(house: House, actor: Actor, signal: SurgeSignal) -> Hearing:
    """Who would hear."""
    assert actor.centre_id is not None
    with house.database.read() as session:
        return who_hears(session, house.clock, actor.centre_id, signal)


def tell(house: House, actor: Actor, signal: SurgeSignal, seal: str | None = None) -> int:
    """Look at the preview and tell; then let the messages be queued."""
    seen = hearing(house, actor, signal).seal if seal is None else seal
    with house.database.write() as session:
        count = tell_signal(session, house.clock, actor, signal.id, seal=seen)
    drain(house)
    return count


def told_of(house: House) -> list[SignalAlert]:
    """Every alert there is."""
    with house.database.read() as session:
        return list(session.scalars(select(SignalAlert).order_by(SignalAlert.id)))
