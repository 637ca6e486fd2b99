"""Tables of screening and alerts. Every row belongs to a centre, since "our firms" are a centre's own."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class PartyMatch(Base):
    """A party of a case that may be, or is, a firm of the register."""

    __tablename__ = "party_match"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre of the firm
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the party
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    #: its case, repeated for lists
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: 0-100
    score: Mapped[int]
    #: confirm (80 and more) or review (50-79)
    grade: Mapped[str]
    #: why, in words
    reason: Mapped[str]
    #: the firm's name that matched
    matched_name: Mapped[str]
    #: when found
    found_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("party_id", "firm_id"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[PartyMatch]:
        """The centre's for staff, one's own confirmed ones for a firm member, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.FIRM_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.is_staff else query.where(cls.firm_id == actor.firm_id, cls.grade == "confirm")


class AlertState(StrEnum):
    """Whether the firm has seen it."""

    UNREAD = "unread"
    READ = "read"


ALERT_WORKFLOW = Workflow(
    name="alert",
    states=states_of(AlertState, [("未读", "unread"), ("已读", "read")]),
    initial=AlertState.UNREAD.value,
    steps=(
        Step(
            "read",
            frozenset({AlertState.UNREAD.value}),
            AlertState.READ.value,
            Permission.ALERT_DISPOSE,
            "标为已读",
            "Mark as read",
        ),
        Step(
            "unread",
            frozenset({AlertState.READ.value}),
            AlertState.UNREAD.value,
            Permission.ALERT_DISPOSE,
            "标为未读",
            "Mark as unread",
        ),
    ),
)


class Alert(Base):
    """Something a firm must know about a case, told once."""

    __tablename__ = "alert"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    #: what set it off: named (the case names the firm), watch (a watch profile asks for it), or a change of a case that
    #: was told before, as kind:value (:attr:`warning.changes.Change.trigger`)
    trigger: Mapped[str]
    #: the watch profile, for trigger watch
    profile_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("watch_profile.id", ondelete="CASCADE"))
    #: named: [{party, role, matched_name, score, reason}]; watch: [{profile, kind, value, field}]; a change:
    #: [{change, before, after, entry, on, clock, basis}] and then those of the first alert about the case
    reasons: Mapped[list[Any]]
    #: the case's version since which it concerned the firm or the profile; what changed up to then is no news to them
    case_version: Mapped[int] = mapped_column(default=0)
    #: unread, read
    state: Mapped[str] = mapped_column(default=AlertState.UNREAD.value)
    #: when raised
    raised_at: Mapped[datetime]
    #: when the firm first read it
    read_at: Mapped[datetime | None]
    #: what the firm made of it (:class:`warning.answer_models.Answer`); open: it has not answered
    answer: Mapped[str] = mapped_column(default="open")
    #: when it last answered; none while it is open
    answered_at: Mapped[datetime | None]
    #: the centre's level of the case when the desk first saw the alert; none: not yet, or a watch profile's
    level: Mapped[str | None]
    #: until when the firm may answer before it is telephoned; none where it is not
    answer_by: Mapped[datetime | None]

    __table_args__ = (
        # NULLs differ from each other, so what belongs to no profile needs a key of its own.
        Index(
            "uq_alert_without_profile",
            "firm_id",
            "case_id",
            "trigger",
            unique=True,
            sqlite_where=text("profile_id IS NULL"),
            postgresql_where=text("profile_id IS NULL"),
        ),
        UniqueConstraint("profile_id", "case_id", "trigger"),
        Index("ix_alert_list", "centre_id", "raised_at"),
        Index("ix_alert_case", "case_id"),
    )

    @property
    def change(self) -> dict[str, Any] | None:
        """What changed, as :meth:`warning.changes.Change.as_reason` keeps it; None for the first alert about a case."""
        first = self.reasons[0] if self.reasons else {}
        return first if "change" in first else None

    @property
    def grounds(self) -> list[Any]:
        """Why this firm is told: the reasons without what changed."""
        return [reason for reason in self.reasons if "change" not in reason]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[Alert]:
        """The centre's for staff, one's own for a firm member, none for anybody else. What a firm watches is its own
        affair: staff do not see what its profiles found."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.ALERT_READ):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        if actor.is_staff:
            return query if actor.system else query.where(cls.profile_id.is_(None))
        return query.where(cls.firm_id == actor.firm_id)


class WatchState(StrEnum):
    """Whether a profile watches."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


_KEPT = frozenset({WatchState.ACTIVE.value, WatchState.PAUSED.value})
WATCH_WORKFLOW = Workflow(
    name="watch profile",
    states=states_of(WatchState, [("监测中", "watching"), ("已暂停", "paused"), ("已删除", "deleted")]),
    initial=WatchState.ACTIVE.value,
    steps=(
        Step(
            "pause",
            frozenset({WatchState.ACTIVE.value}),
            WatchState.PAUSED.value,
            Permission.PROFILE_WRITE,
            "暂停",
            "Pause",
        ),
        Step(
            "resume",
            frozenset({WatchState.PAUSED.value}),
            WatchState.ACTIVE.value,
            Permission.PROFILE_WRITE,
            "恢复",
            "Resume",
        ),
        Step("delete", _KEPT, WatchState.DELETED.value, Permission.PROFILE_WRITE, "删除", "Delete"),
    ),
)


class WatchProfile(Base):
    """What a firm wants to be told of, besides being named. A deleted one stays as a tombstone for its alerts."""

    __tablename__ = "watch_profile"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: whose it is; nobody else reads it
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: what the firm calls it
    name: Mapped[str]
    #: taxonomy ids, one of which a case must carry; none: any
    industries: Mapped[list[str]]
    #: region codes of forums, likewise
    regions: Mapped[list[str]]
    #: taxonomy ids, likewise
    dispute_types: Mapped[list[str]]
    #: words of which one must stand in the case; none: any
    include: Mapped[list[str]]
    #: words of which none may
    exclude: Mapped[list[str]]
    #: names of competitors; beside include, rights and exhibitions one must be named
    competitors: Mapped[list[str]] = mapped_column(default=list)
    #: numbers of rights, as typed
    rights: Mapped[list[str]] = mapped_column(default=list)
    #: names of exhibitions
    exhibitions: Mapped[list[str]] = mapped_column(default=list)
    #: active, paused, deleted
    state: Mapped[str] = mapped_column(default=WatchState.ACTIVE.value)
    #: quiet until the morning of this day at the centre; none: not snoozed
    snoozed_until: Mapped[date | None]
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]

    __table_args__ = (Index("ix_watch_profile_firm", "firm_id", "state"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[WatchProfile]:
        """One's own firm's for a firm member, none for anybody else: not for other firms, and not for staff."""
        query = select(cls).where(cls.state.in_(_KEPT))
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.PROFILE_WRITE):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.system else query.where(cls.firm_id == actor.firm_id)


class LevelDecision(Base):
    """A level that a centre's staff set for a case against the rule's, with the reason. It ends; it is never rewritten."""

    __tablename__ = "level_decision"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre whose level it is
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the case
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    #: L0 to L4
    level: Mapped[str]
    #: why, in the decider's words
    reason: Mapped[str]
    #: what the rule said then
    rule_level: Mapped[str]
    #: its sum then
    points: Mapped[int]
    #: the rubric's version then
    rubric: Mapped[str]
    #: Actor.name of who decided
    decided_by: Mapped[str]
    #: when
    decided_at: Mapped[datetime]
    #: Actor.name of who ended it, by undoing it or by deciding anew
    ended_by: Mapped[str | None]
    #: when; none: it is in force
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_level_decision_in_force",
            "centre_id",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[LevelDecision]:
        """The centre's for its staff, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.LEVEL_SET):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)
