"""Thresholds tried and adopted, and how far small p-values are believed: each a version with its date."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Select, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class ThresholdState(StrEnum):
    """Where thresholds stand."""

    TRIED = "tried"
    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REFUSED = "refused"
    #: others were adopted since
    REPLACED = "replaced"


_T = ThresholdState
_PROPOSED = frozenset({_T.PROPOSED.value})
_MAY = Permission.SIGNAL_DECIDE
THRESHOLD_WORKFLOW = Workflow(
    name="thresholds",
    states=states_of(
        ThresholdState,
        [
            ("试算", "tried"),
            ("待另一人审定", "waits for a second person"),
            ("现行", "in force"),
            ("未采纳", "refused"),
            ("已被取代", "replaced"),
        ],
    ),
    initial=_T.TRIED.value,
    steps=(
        Step("propose", frozenset({_T.TRIED.value, _T.REFUSED.value}), _T.PROPOSED.value, _MAY, "提议采用", "Propose"),
        Step("adopt", _PROPOSED, _T.ADOPTED.value, _MAY, "采用", "Adopt"),
        Step("refuse", _PROPOSED, _T.REFUSED.value, _MAY, "不采用", "Refuse"),
        Step("withdraw", _PROPOSED, _T.TRIED.value, _MAY, "撤回提议", "Withdraw"),
        Step("replace", frozenset({_T.ADOPTED.value}), _T.REPLACED.value, None, "取代", "Replace"),
    ),
)  # fmt: skip


class Trial(Base):
    """Thresholds that staff try on simulated years and on the stored history; adopted, they are the rule of colours."""

    __tablename__ = "surge_trial"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose staff try them
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: as levels.yml tells them, and alpha
    rules: Mapped[dict[str, Any]]
    #: how far small p-values were believed: {trusted, excess, version}
    belief: Mapped[dict[str, Any]]
    #: what they are tried for
    note: Mapped[str]
    #: Actor.name
    made_by: Mapped[str]
    #: when
    made_at: Mapped[datetime]
    #: {simulated, history}: the records; none until it is done
    result: Mapped[dict[str, Any] | None]
    #: when it was done
    done_at: Mapped[datetime | None]
    #: :class:`ThresholdState`
    state: Mapped[str] = mapped_column(default=ThresholdState.TRIED.value)
    #: number of adoption, from 1; levels.yml is nought
    version: Mapped[int | None] = mapped_column(unique=True)
    #: Actor.name of who proposed it; they do not adopt it
    proposed_by: Mapped[str | None]
    #: Actor.name of who adopted or refused it
    decided_by: Mapped[str | None]
    #: when
    decided_at: Mapped[datetime | None]
    #: why it was proposed, adopted or refused, the last word
    reason: Mapped[str] = mapped_column(default="")
    #: counts up with every step
    revision: Mapped[int] = mapped_column(default=1)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Trial]:
        """Every centre's staff, for colours are everybody's; nobody else."""
        query = select(cls)
        return query if actor.may(Permission.SIGNAL_DECIDE) else query.where(false())


class TrialPart(Base):
    """One part of a trial that was counted: a seed, or a week of stored history. A stopped trial goes on with the others."""

    __tablename__ = "surge_trial_part"

    #: the trial
    trial_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("surge_trial.id", ondelete="CASCADE"), primary_key=True
    )
    #: seed:number or week:Monday
    part: Mapped[str] = mapped_column(primary_key=True)
    #: a seed's sums, or a week's alarms
    sums: Mapped[list[Any]]


class JudgedTail(Base):
    """How many series of a kind had how small a p in a week as it was judged. What small p-values are worth is read here."""

    __tablename__ = "judged_tail"

    #: the week's Monday
    week: Mapped[date] = mapped_column(primary_key=True)
    #: kind of series
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: series with history enough to be judged
    tests: Mapped[int]
    #: of them, by :data:`warning.surge.believing.EDGES`: p at most the first edge and above the second, and so on
    bins: Mapped[list[Any]]


class FittedBelief(Base):
    """How far small p-values are believed, as the stored weeks show; the newest counts."""

    __tablename__ = "surge_belief"

    #: its number, from 1; what was fitted on simulated years is nought
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: :class:`warning.surge.signals.Belief`
    trusted: Mapped[float]
    #: likewise
    excess: Mapped[float]
    #: 95 % interval of the excess
    excess_low: Mapped[float]
    #: likewise
    excess_high: Mapped[float]
    #: stored weeks behind it
    weeks: Mapped[int]
    #: the first and the last of them
    first_week: Mapped[date]
    #: likewise
    last_week: Mapped[date]
    #: series and weeks behind it
    tests: Mapped[int]
    #: when it was fitted
    fitted_at: Mapped[datetime]
