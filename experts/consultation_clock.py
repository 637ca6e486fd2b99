"""The one clock of a consultation: what it is after a step. It stands while the firm is waited for.

Office hours are promised for what is most urgent (``due_at``), working days for the rest; either uses up nothing of a
night, a weekend or a holiday, and counts the working days that the State Council moves. A clock that had run out when
it was stopped stays run out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.workdays import add_office_time, add_working_days, add_working_hours, office_time_between
from experts.beside.workflow import BesideState
from experts.clocks import Clock
from experts.consultation_models import Consultation
from experts.consultation_workflow import (
    CHECKING,
    CLOCKS,
    CLOSES,
    HOURS,
    OPENS,
    PAUSES,
    READING,
    ConsultationState,
)

_CHECKING = frozenset(state.value for state in CHECKING)
_READING = frozenset(state.value for state in READING)


def set_clock(consultation: Consultation, before: str, now: datetime, zone: str) -> None:
    """Give ``consultation``, which came from the state ``before``, the clock of the state it is in now.

    Args:
        now: the instant of the step, aware.
        zone: the centre's IANA zone.
    """
    state = consultation.state
    if state in PAUSES:
        if before in PAUSES[state]:
            _stop(consultation, now, zone)
        _start(consultation, now, zone)
    elif before in PAUSES and (consultation.days_left is not None or consultation.minutes_left is not None):
        if state in PAUSES[before]:
            _go_on(consultation, now, zone)
        else:
            consultation.days_left = consultation.minutes_left = None
            _start(consultation, now, zone)
    elif (before in _CHECKING and state in _CHECKING) or (before in _READING and state in _READING):
        return
    else:
        _start(consultation, now, zone)


def _start(consultation: Consultation, now: datetime, zone: str) -> None:
    days = CLOCKS.get(consultation.state, {}).get(consultation.urgency)
    consultation.due_on = consultation.due_at = None
    if days is None:
        return
    if days:
        consultation.due_on = add_working_days(now.astimezone(ZoneInfo(zone)).date(), days)
        return
    _until(consultation, add_working_hours(now, HOURS, OPENS, CLOSES, zone), zone)


def _until(consultation: Consultation, at: datetime, zone: str) -> None:
    consultation.due_at = at
    consultation.due_on = at.astimezone(ZoneInfo(zone)).date()


def _stop(consultation: Consultation, now: datetime, zone: str) -> None:
    if consultation.due_at is not None:
        left = office_time_between(now, consultation.due_at, OPENS, CLOSES, zone)
        consultation.minutes_left = int(left.total_seconds() // 60)
        return
    today = now.astimezone(ZoneInfo(zone)).date()
    consultation.days_left = Clock(due_on=consultation.due_on).stopped(today).left


def _go_on(consultation: Consultation, now: datetime, zone: str) -> None:
    minutes, days = consultation.minutes_left, consultation.days_left
    consultation.minutes_left = consultation.days_left = consultation.due_at = None
    if minutes is not None:
        if minutes < 0:
            _until(consultation, now + timedelta(minutes=minutes), zone)
            return
        _until(consultation, add_office_time(now, timedelta(minutes=minutes), OPENS, CLOSES, zone), zone)
        return
    today = now.astimezone(ZoneInfo(zone)).date()
    consultation.due_on = Clock(left=days).going_on(today).due_on


def pause_beside(consultation: Consultation, before: str, now: datetime, zone: str) -> None:
    """Stop the clocks of the opinions written beside while the firm is waited for, and let them go on after."""
    waiting = ConsultationState.WAITING.value
    if (before == waiting) == (consultation.state == waiting):
        return
    today = now.astimezone(ZoneInfo(zone)).date()
    for beside in consultation.besides:
        if beside.state != BesideState.DECLARED.value:
            continue
        clock = Clock(due_on=beside.due_on, left=beside.days_left)
        clock = clock.stopped(today) if consultation.state == waiting else clock.going_on(today)
        beside.due_on, beside.days_left = clock.due_on, clock.left
