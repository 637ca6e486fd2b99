"""Tables of the desk: what a centre's staff have to do by when, and what they did."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class TaskState(StrEnum):
    """Whether somebody still has to do it."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


_S = TaskState
_OPEN, _CLOSED = frozenset({_S.OPEN.value}), frozenset({_S.DONE.value, _S.DROPPED.value})
TASK_WORKFLOW = Workflow(
    name="desk task",
    states=states_of(TaskState, [("待办", "open"), ("已完成", "done"), ("已撤销", "dropped")]),
    initial=_S.OPEN.value,
    steps=(
        Step("finish", _OPEN, _S.DONE.value, Permission.DESK_WORK, "完成", "Done"),
        Step("drop", _OPEN, _S.DROPPED.value, Permission.DESK_WORK, "撤销", "Drop"),
        Step("reopen", _CLOSED, _S.OPEN.value, Permission.DESK_WORK, "重新打开", "Reopen"),
        # Nobody's button: the firm answered before it was called, or the case was taken back.
        Step("lapse", _OPEN, _S.DROPPED.value, None, "自动撤销", "Lapse"),
    ),
)


class CallResult(StrEnum):
    """How a call ended."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"


class DeskTask(Base):
    """Something a centre's staff must do by an instant."""

    __tablename__ = "desk_task"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: kind of ``desk_clocks.yml``
    kind: Mapped[str]
    #: what it is made for once, whichever process makes it
    key: Mapped[str]
    #: the level it was made at
    level: Mapped[str]
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: the firm to speak with; none for a task of the centre's own
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the alert that was not answered
    alert_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    #: by when
    due_at: Mapped[datetime]
    #: the day of the next try, after a call that reached nobody
    next_on: Mapped[date | None]
    #: open, done, dropped
    state: Mapped[str] = mapped_column(default=TaskState.OPEN.value)
    #: why it was dropped; "" otherwise
    reason: Mapped[str] = mapped_column(default="")
    #: Actor.name of who took it on
    assignee: Mapped[str | None]
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when it was done or dropped
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("centre_id", "key"),
        Index("ix_desk_task_queue", "centre_id", "state", "due_at"),
        Index("ix_desk_task_case", "case_id"),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[DeskTask]:
        """The centre's for its staff, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.DESK_WORK):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


class DeskNote(Base):
    """One act on a task: never rewritten."""

    __tablename__ = "desk_note"

    #: outside id, in the order of acting
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the task
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("desk_task.id", ondelete="CASCADE"), index=True)
    #: call, take, release, or a step of :data:`TASK_WORKFLOW`
    act: Mapped[str]
    #: how a call ended (:class:`CallResult`); "" for another act
    result: Mapped[str] = mapped_column(default="")
    #: what was said or done
    words: Mapped[str] = mapped_column(default="")
    #: the next try that was set
    next_on: Mapped[date | None]
    #: Actor.name
    noted_by: Mapped[str]
    #: when
    noted_at: Mapped[datetime]
