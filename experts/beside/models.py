"""Table of opinions beside: an expert asked to write without reading the others, and what they wrote."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column
from sqlalchemy.orm.attributes import get_history

from core.db import Base, new_id
from core.errors import TransitionRefused
from experts.beside.workflow import LIVE, UNWRITTEN, WRITTEN, BesideState


class Beside(Base):
    """An expert asked to write an opinion beside the leading one's."""

    __tablename__ = "consultation_beside"

    #: outside id
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the consultation
    consultation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    #: the expert
    expert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    #: the expert's name as signed
    author: Mapped[str]
    #: a state of the workflow
    state: Mapped[str] = mapped_column(default=BesideState.WAITING.value)
    #: the last working day for the expert; None when nothing is waited for
    due_on: Mapped[date | None]
    #: working days left on the clock that stands while the firm is waited for
    days_left: Mapped[int | None]
    #: what is asked of this expert; they and staff read it
    question: Mapped[str] = mapped_column(default="")
    #: why another than the first of the ranking was asked; "" when it was the first. Staff alone see it
    override: Mapped[str] = mapped_column(default="")
    #: the conflict, in the expert's words; staff and the expert alone see it
    conflict: Mapped[str] = mapped_column(default="")
    #: the opinion
    text: Mapped[str] = mapped_column(default="")
    #: SHA-256 of what was handed in, as :func:`experts.beside.writing.content_of` writes it
    sha256: Mapped[str | None]
    #: counts up with every change
    version: Mapped[int] = mapped_column(default=1)
    #: Actor.name of who asked
    asked_by: Mapped[str]
    #: when asked
    asked_at: Mapped[datetime]
    #: when the expert declared or stepped aside
    answered_at: Mapped[datetime | None]
    #: when handed in; from then on the text never changes
    handed_in_at: Mapped[datetime | None]
    #: when it could be read by the other experts
    opened_at: Mapped[datetime | None]
    #: Actor.name of who opened it before all was in; None when the last one handed in opened it
    opened_by: Mapped[str | None]
    #: why it was opened before all was in; "" when it was not. Staff alone see it
    opened_reason: Mapped[str] = mapped_column(default="")

    @property
    def is_live(self) -> bool:
        """Whether the expert has the matter."""
        return self.state in LIVE

    @property
    def is_unwritten(self) -> bool:
        """Whether the expert has still to hand in."""
        return self.state in UNWRITTEN

    @property
    def is_written(self) -> bool:
        """Whether it was handed in and stands."""
        return self.state in WRITTEN


@event.listens_for(Beside, "before_update")
def _keep_what_was_handed_in(mapper: Mapper[Beside], connection: object, beside: Beside) -> None:
    """Whatever a service does, what was handed in is not written again."""
    history = get_history(beside, "handed_in_at")
    was_in = history.deleted[0] if history.deleted else (beside.handed_in_at if not history.added else None)
    changed = {a.key for a in inspect(beside).attrs if a.history.has_changes()}
    if was_in is not None and changed & {"text", "author", "sha256", "handed_in_at", "expert_id"}:
        raise TransitionRefused("An opinion that was handed in cannot be changed.")
