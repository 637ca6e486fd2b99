"""Versions of rules, and of the terms they tell, that people wrote over the shipped ones. A published text is never
rewritten."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, false, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class RuleState(StrEnum):
    """Where a version is."""

    DRAFT = "draft"
    WAITING = "waiting"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_DRAFT, _WAITING = frozenset({RuleState.DRAFT.value}), frozenset({RuleState.WAITING.value})
_WRITE = Permission.RULE_WRITE
RULE_WORKFLOW = Workflow(
    name="rule version",
    states=states_of(
        RuleState,
        [
            ("草稿", "draft"),
            ("待复核", "waiting for a second person"),
            ("已发布", "published"),
            ("未通过", "refused"),
            ("已撤回", "withdrawn"),
        ],
    ),
    initial=RuleState.DRAFT.value,
    steps=(
        Step("save", _DRAFT, RuleState.DRAFT.value, _WRITE, "保存", "Save"),
        Step("publish", _DRAFT, RuleState.PUBLISHED.value, _WRITE, "发布", "Publish"),
        Step("propose", _DRAFT, RuleState.WAITING.value, _WRITE, "提交复核", "Ask a second person"),
        Step("approve", _WAITING, RuleState.PUBLISHED.value, _WRITE, "通过并发布", "Approve and publish"),
        Step("refuse", _WAITING, RuleState.REFUSED.value, _WRITE, "不通过", "Refuse"),
        Step("withdraw", _DRAFT | _WAITING, RuleState.WITHDRAWN.value, _WRITE, "撤回", "Withdraw"),
    ),
)


class RuleVersion(Base):
    """One text of one rule or of one term of the vocabulary. They are shared between centres, as cases and their tags
    are, and counted by one row of editions: a book is a state of both."""

    __tablename__ = "rule_version"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the centre of whoever wrote it
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: id of the rule (rule.…), or of the term
    rule: Mapped[str]
    #: one YAML mapping of the shape iprisk.rule/1 or iprisk.term/1
    text: Mapped[str]
    #: why it is changed
    note: Mapped[str]
    #: RuleState
    state: Mapped[str] = mapped_column(default=RuleState.DRAFT.value, index=True)
    #: counts up with every save: what a writer looked at
    revision: Mapped[int] = mapped_column(default=1)
    #: edition of the text in force that it was written against; 0 for the shipped one
    based_on: Mapped[int]
    #: Actor.name of its author
    author: Mapped[str]
    #: when begun
    created_at: Mapped[datetime]
    #: when last changed
    updated_at: Mapped[datetime]
    #: what it would change over the stored cases (:mod:`warning.rule_preview`); none until that was asked
    preview: Mapped[dict[str, Any] | None]
    #: the rulebook that the preview compared with, and the revision it was made of
    previewed: Mapped[str | None]
    #: Actor.name of the second person
    decided_by: Mapped[str | None]
    #: when they decided
    decided_at: Mapped[datetime | None]
    #: what they said
    decision: Mapped[str] = mapped_column(default="")
    #: its place among all published versions of all rules, from 1; none until it is published
    edition: Mapped[int | None] = mapped_column(unique=True)
    #: its place among the published versions of its rule, from 1
    number: Mapped[int | None]
    #: when published
    published_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_rule_version_rule", "rule", "edition"),)

    @hybrid_property
    def is_term(self) -> bool:
        """Whether it is of a term."""
        return not self.rule.startswith("rule.")

    @is_term.inplace.expression
    @classmethod
    def _is_term(cls) -> ColumnElement[bool]:
        return ~cls.rule.startswith("rule.", autoescape=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[RuleVersion]:
        """Every one for staff, none for anybody else."""
        query = select(cls)
        return query if actor.may(Permission.RULE_WRITE) else query.where(false())
