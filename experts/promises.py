"""Which of the centre's promises were kept, counted from the steps that were taken. Pure but for reading them.

Time in which the firm was waited for counts for nobody. Office hours and working days are China's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock
from core.said import Said, said
from core.workdays import add_working_days, office_time_between, working_days_between
from experts.consultation_models import Consultation, ConsultationMessage, MessageReader
from experts.consultation_workflow import CLOSES, HOURS, OPENS, PAUSES
from experts.correspondence import FIRM


class Kept(StrEnum):
    """What became of a promise."""

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Promise:
    """What the centre promises: from one of these steps to one of those, in working days by urgency (0: office hours)."""

    words: Said
    starts: frozenset[str]
    ends: frozenset[str]
    days: dict[str, int]
    message_ends: bool = False


PROMISES: dict[str, Promise] = {
    "review": Promise(
        said("Check: accepted, refused or asked for more"),
        frozenset({"submit"}),
        frozenset({"accept", "reject", "merge", "ask_supplement"}),
        {"u1": 0, "u2": 1, "u3": 3, "u4": 5},
    ),
    "first_answer": Promise(
        said("First answer of substance"),
        frozenset({"submit"}),
        frozenset({"reject", "merge", "issue"}),
        {"u1": 0, "u2": 1, "u3": 3, "u4": 5},
        message_ends=True,
    ),
    "assignment": Promise(
        said("An expert asked"),
        frozenset({"accept"}),
        frozenset({"assign"}),
        {"u1": 0, "u2": 1, "u3": 2, "u4": 3},
    ),
    "opinion": Promise(
        said("Opinion issued"),
        frozenset({"begin"}),
        frozenset({"issue"}),
        {"u1": 3, "u2": 5, "u3": 10, "u4": 15},
    ),
}
#: a matter that ended so no longer owes what was promised
_ENDS_ALL = frozenset({"withdraw", "terminate", "reject", "merge"})


@dataclass(frozen=True)
class Taken:
    """A step as the report needs it: its name, the state it led to, when."""

    step: str
    state: str
    at: datetime


def verdict(
    promise: Promise,
    urgency: str,
    steps: Sequence[Taken],
    answers: Sequence[datetime],
    now: datetime,
    zone: str,
) -> Kept | None:
    """Whether ``promise`` was kept; None when its time never began or the matter ended before it was due.

    Args:
        steps: in the order they were taken.
        answers: when the centre or an expert wrote.
        zone: the centre's IANA zone.
    """
    start = next((one.at for one in steps if one.step in promise.starts), None)
    if start is None:
        return None
    ends = [one.at for one in steps if one.step in promise.ends and one.at >= start]
    if promise.message_ends:
        ends += [at for at in answers if at >= start]
    ended = [one.at for one in steps if one.step in _ENDS_ALL - promise.ends and one.at >= start]
    met = min(ends, default=None)
    until = min([*ends, *ended, now])
    late = _is_late(start, until, promise.days[urgency], _pauses(steps, until), zone)
    if met is not None and met == until:
        return Kept.LATE if late else Kept.IN_TIME
    if ended:
        return Kept.LATE if late else None
    return Kept.OVERDUE if late else Kept.RUNNING


def _pauses(steps: Sequence[Taken], until: datetime) -> list[tuple[datetime, datetime]]:
    """When the firm was waited for, up to ``until``."""
    found: list[tuple[datetime, datetime]] = []
    for one, following in zip(steps, [*steps[1:], None], strict=True):
        if one.state in PAUSES and one.at < until:
            found.append((one.at, min(following.at if following else until, until)))
    return found


def _is_late(
    start: datetime, until: datetime, days: int, pauses: list[tuple[datetime, datetime]], zone: str
) -> bool:
    if not days:
        spent = office_time_between(start, until, OPENS, CLOSES, zone)
        for begin, end in pauses:
            spent -= office_time_between(max(begin, start), max(end, start), OPENS, CLOSES, zone)
        return spent > timedelta(hours=HOURS)
    there = ZoneInfo(zone)

    def day(at: datetime) -> date:
        return at.astimezone(there).date()

    stood = sum(working_days_between(day(max(b, start)), day(max(e, start))) for b, e in pauses)
    return day(until) > add_working_days(day(start), days + stood)


@dataclass(frozen=True)
class Line:
    """One consultation of the report."""

    consultation: Consultation
    kept: dict[str, Kept | None]


def report(
    session: Session, clock: Clock, actor: Actor, *, since: date, until: date
) -> tuple[list[Line], dict[str, dict[Kept, int]]]:
    """Consultations submitted from ``since`` to ``until`` (both with), and how many kept each promise.

    Raises NotAllowed unless the actor handles consultations.
    """
    actor.require(Permission.CONSULT_HANDLE)
    counts = {name: dict.fromkeys(Kept, 0) for name in PROMISES}
    if actor.centre_id is None:
        return [], counts
    zone = session.get_one(Centre, actor.centre_id).zone
    there = ZoneInfo(zone)
    begin = datetime.combine(since, datetime.min.time(), there)
    end = datetime.combine(until + timedelta(days=1), datetime.min.time(), there)
    rows = session.scalars(
        Consultation.visible_to(actor)
        .where(Consultation.submitted_at >= begin, Consultation.submitted_at < end)
        .options(selectinload(Consultation.steps))
        .order_by(Consultation.submitted_at, Consultation.id)
    ).all()
    answers: dict[object, list[datetime]] = {row.id: [] for row in rows}
    wrote = select(ConsultationMessage.consultation_id, ConsultationMessage.at).where(
        ConsultationMessage.consultation_id.in_(list(answers)),
        ConsultationMessage.by_side.in_(["staff", "expert"]),
        # What the firm does not read answers it nothing.
        exists().where(MessageReader.message_id == ConsultationMessage.id, MessageReader.party == FIRM),
    )
    for owner, at in session.execute(wrote):
        answers[owner].append(at)
    lines = []
    for row in rows:
        steps = [Taken(step.step, step.state, step.at) for step in row.steps]
        kept = {
            name: verdict(promise, row.urgency, steps, answers[row.id], clock.now(), zone)
            for name, promise in PROMISES.items()
        }
        for name, what in kept.items():
            if what is not None:
                counts[name][what] += 1
        lines.append(Line(row, kept))
    return lines, counts
