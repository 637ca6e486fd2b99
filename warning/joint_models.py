"""Joint defence: a firm named in a case agrees to be put in touch with others that agree, and takes it back."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of


class JointState(StrEnum):
    """Whether a firm agrees to be put in touch."""

    NOT_AGREED = "not_agreed"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


_J = JointState
JOINT_WORKFLOW = Workflow(
    name="joint defence",
    states=states_of(_J, [("未同意", "not agreed"), ("已同意", "agreed"), ("已撤回", "withdrawn")]),
    initial=_J.NOT_AGREED.value,
    steps=(
        Step(
            "agree",
            frozenset({_J.NOT_AGREED.value, _J.WITHDRAWN.value}),
            _J.AGREED.value,
            Permission.ALERT_DISPOSE,
            "同意互相联系",
            "Agree to be put in touch",
        ),
        Step(
            "withdraw",
            frozenset({_J.AGREED.value}),
            _J.WITHDRAWN.value,
            Permission.ALERT_DISPOSE,
            "撤回同意",
            "Take it back",
        ),
    ),
)


class JointConsent(Base):
    """What a firm decided about one case. A contact is kept only while the firm agrees."""

    __tablename__ = "joint_consent"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the firm's centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: the case that names it
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    #: the firm
    firm_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    #: agreed, withdrawn
    state: Mapped[str]
    #: whom the others may speak with, in the firm's words; "" once it is taken back
    contact: Mapped[str] = mapped_column(default="")
    #: Actor.name of who decided last
    decided_by: Mapped[str]
    #: when
    decided_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("case_id", "firm_id"),)

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[JointConsent]:
        """One's own for a firm member, none for anybody else: what the others agreed to is told by
        :func:`warning.joint.joint_of` alone."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.ALERT_DISPOSE):
            return query.where(false())
        query = query.where(cls.centre_id == actor.centre_id)
        return query if actor.system else query.where(cls.firm_id == actor.firm_id)
