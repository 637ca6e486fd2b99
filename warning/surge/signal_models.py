"""Signals as they were raised, and what people made of them. A signal is written once and never rewritten: a week is
judged as it is known when its time has come; what is learnt later belongs to later weeks and to the backtest."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class SignalState(StrEnum):
    """What a centre's staff made of a signal."""

    RAISED = "raised"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    #: told together with another one
    MERGED = "merged"


_S = SignalState
_RAISED = frozenset({_S.RAISED.value})
SIGNAL_WORKFLOW = Workflow(
    name="signal",
    states=states_of(
        SignalState,
        [
            ("待核实", "to be looked at"),
            ("已确认", "confirmed"),
            ("已排除", "dismissed"),
            ("已并入", "merged"),
        ],
    ),
    initial=_S.RAISED.value,
    steps=(
        Step("confirm", _RAISED, _S.CONFIRMED.value, Permission.SIGNAL_DECIDE, "确认", "Confirm"),
        Step("dismiss", _RAISED, _S.DISMISSED.value, Permission.SIGNAL_DECIDE, "排除", "Dismiss"),
        Step("merge", _RAISED, _S.MERGED.value, Permission.SIGNAL_DECIDE, "并入", "Merge"),
        Step(
            "reopen",
            frozenset({_S.CONFIRMED.value, _S.DISMISSED.value, _S.MERGED.value}),
            _S.RAISED.value,
            Permission.SIGNAL_DECIDE,
            "重新核实",
            "Look again",
        ),
    ),
)


class JudgedWeek(Base):
    """A week whose series were judged; the row is the claim, so that a week is judged once."""

    __tablename__ = "judged_week"

    #: its Monday
    week: Mapped[date] = mapped_column(primary_key=True)
    #: when
    judged_at: Mapped[datetime]
    #: series that were looked at
    series: Mapped[int]
    #: of the cases of like weeks before, the share that was known at the same age; none: nothing to tell it by
    completeness: Mapped[float | None]
    #: the thresholds it was judged by (:attr:`warning.surge.trial_models.Trial.version`); nought: levels.yml
    rules_version: Mapped[int] = mapped_column(default=0)
    #: the belief it was judged by (:attr:`warning.surge.trial_models.FittedBelief.version`); nought: the simulated years'
    belief_version: Mapped[int] = mapped_column(default=0)


class SurgeSignal(Base):
    """A series that stood at a level in a week. Figures are of the window that was judged, which ends with the week."""

    __tablename__ = "surge_signal"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: region, industry, cell (region|industry), dispute_type, forum
    kind: Mapped[str]
    #: code, taxonomy id or both
    value: Mapped[str]
    #: its Monday
    week: Mapped[date] = mapped_column(ForeignKey("judged_week.week"), index=True)
    #: IV, III, II or I
    level: Mapped[str]
    #: the week that reached the level, where this one did not
    held_since: Mapped[date | None]
    #: cases in the window
    observed: Mapped[int]
    #: cases expected in it
    expected: Mapped[float]
    #: the most that are no alarm
    upper: Mapped[int]
    #: the probability of so many by chance, as :class:`warning.surge.detect.Judged` says
    p: Mapped[float]
    #: weeks of the window
    window: Mapped[int]
    #: weeks before this one
    history: Mapped[int]
    #: alarms among the last three weeks
    alarms: Mapped[int]
    #: a longer history would have let it stand higher
    is_capped: Mapped[bool]
    #: among the discoveries of its kind and week
    is_discovery: Mapped[bool]
    #: when it was raised
    raised_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("kind", "value", "week"),
        Index("ix_surge_signal_series", "kind", "value"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[SurgeSignal]:
        """Everybody's: signals are counts of public cases."""
        return select(cls)


class SignalReview(Base):
    """What one centre's staff made of a signal; without a row nobody has looked yet."""

    __tablename__ = "signal_review"

    #: the signal
    signal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("surge_signal.id", ondelete="CASCADE"), primary_key=True
    )
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True, index=True)
    #: :class:`SignalState`
    state: Mapped[str]
    #: the signal it was merged into
    into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("surge_signal.id"))
    #: counts up with every step
    version: Mapped[int] = mapped_column(default=1)


class SignalAct(Base):
    """One step about a signal, kept."""

    __tablename__ = "signal_act"

    #: outside id; in order of time
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the signal
    signal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("surge_signal.id", ondelete="CASCADE"), index=True
    )
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: a step of :data:`SIGNAL_WORKFLOW`
    step: Mapped[str]
    #: why
    reason: Mapped[str]
    #: the signal it was merged into
    into_id: Mapped[uuid.UUID | None]
    #: Actor.name
    done_by: Mapped[str]
    #: when
    done_at: Mapped[datetime]
