"""What a firm answers to an alert, as data, and the history of its answers."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from core.actor import Actor, Permission
from core.db import Base, new_id
from core.workflow import Step, Workflow, states_of
from warning.models import Alert


class Answer(StrEnum):
    """How a firm disposed of an alert."""

    OPEN = "open"
    NOT_OURS = "not_ours"
    NOTED = "noted"
    HANDLING = "handling"
    HELP = "help"


_A = Answer
_ANSWERED = frozenset({_A.NOT_OURS.value, _A.NOTED.value, _A.HANDLING.value, _A.HELP.value})


def _step(name: str, target: Answer, sources: frozenset[str], zh: str, en: str) -> Step:
    return Step(name, sources, target.value, Permission.ALERT_DISPOSE, zh, en)


def _other(target: Answer) -> frozenset[str]:
    return frozenset({_A.OPEN.value, *_ANSWERED}) - {target.value}


#: each step is called as the answer it gives
ANSWER_WORKFLOW = Workflow(
    name="alert answer",
    states=states_of(
        Answer,
        [
            ("未答复", "not answered"),
            ("与我无关", "not about us"),
            ("已知悉", "noted"),
            ("处理中", "being handled"),
            ("需要帮助", "help wanted"),
        ],
    ),
    initial=_A.OPEN.value,
    steps=(
        _step("handling", _A.HANDLING, _other(_A.HANDLING), "处理中", "We are handling it"),
        _step("help", _A.HELP, _other(_A.HELP), "需要帮助", "We need help"),
        _step("noted", _A.NOTED, _other(_A.NOTED), "已知悉", "Noted"),
        _step("not_ours", _A.NOT_OURS, _other(_A.NOT_OURS), "与我无关", "Not about us"),
        _step("reopen", _A.OPEN, _ANSWERED, "重新打开", "Reopen"),
    ),
)


class AlertAnswer(Base):
    """One answer to an alert; never rewritten, a later one stands beside it."""

    __tablename__ = "alert_answer"

    #: outside id, in the order of answering
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the alert
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"), index=True)
    #: the step of :data:`ANSWER_WORKFLOW` that was taken
    step: Mapped[str]
    #: the firm's words; "" for none
    words: Mapped[str] = mapped_column(default="")
    #: Actor.name of who answered
    answered_by: Mapped[str]
    #: when
    answered_at: Mapped[datetime]

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[AlertAnswer]:
        """Those of the alerts the actor sees."""
        return select(cls).where(cls.alert_id.in_(Alert.visible_to(actor).with_only_columns(Alert.id)))
