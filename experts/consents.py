"""What a firm agrees to in one consultation: three consents apart from each other, each given and taken back alone.

A row is one decision with the version of the words, who and when (个人信息保护法 arts. 14-16, 23); the newest of a purpose
counts. What a decision brings about is :mod:`experts.consenting`; here it is written down and read.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.clock import Clock as Time
from core.said import Said, said
from experts.consultation_models import Consultation
from experts.consultation_workflow import CONSENT_VERSION
from experts.onward.models import OnwardConsent


class Purpose(StrEnum):
    """What is agreed to."""

    EXPERT = "expert"
    UPWARD = "upward"
    CASE = "case"


@dataclass(frozen=True)
class Asked:
    """One consent as the firm reads it.

    Attributes:
        title: what is agreed to, in a few words.
        covers: what is shown to whom when it is given.
        stops: what taking it back stops at once.
        give, take_back: the words of the one button.
        notice: version of these words; raise it with every change of them.
        when_over: whether it can still be given once the consultation is over.
    """

    title: Said
    covers: Said
    stops: Said
    give: Said
    take_back: Said
    notice: str
    when_over: bool = True


PURPOSES: dict[Purpose, Asked] = {
    Purpose.EXPERT: Asked(
        said("Passing it to an expert"),
        said("An expert of the library who has declared no conflict reads what you told, your files marked for experts and the messages."),
        said("Taken back, the expert who has it loses it at once and no other is asked; the centre's staff go on advising."),
        said("Agree that an expert sees it"),
        said("Take back my consent to an expert"),
        CONSENT_VERSION,
        when_over=False,
    ),
    Purpose.UPWARD: Asked(
        said("Reporting it to the national centre"),
        said("The report holds your firm's name, the case and what it means; no names or telephone numbers of people."),
        said("Taken back, every report that was not sent yet is dropped and none is begun; one that was sent cannot be called back."),
        said("Agree that it is reported"),
        said("Take back my consent to the report"),
        "2026-11-27",
    ),
    Purpose.CASE: Asked(
        said("Publishing it as a case study"),
        said("The centre may tell publicly what happened and what helped, without any name, number or address of yours, the other side's or a person's."),
        said("Taken back, a draft is stopped and a published case study leaves the public page at once; copies others made cannot be called back."),
        said("Agree to a case study"),
        said("Take back my consent to a case study"),
        "2026-11-27",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A consent as it stands: the decision that counts (None: never asked for) and whether it can be changed now."""

    purpose: Purpose
    asked: Asked
    is_given: bool
    last: OnwardConsent | None
    may_change: bool


def latest(session: Session, consultation_id: uuid.UUID, purpose: str) -> OnwardConsent | None:
    """The newest decision about a purpose."""
    query = select(OnwardConsent).where(
        OnwardConsent.consultation_id == consultation_id, OnwardConsent.purpose == purpose
    )
    return session.scalar(query.order_by(OnwardConsent.id.desc()).limit(1))


def history(session: Session, consultation_id: uuid.UUID) -> Sequence[OnwardConsent]:
    """Every decision, the newest first."""
    query = select(OnwardConsent).where(OnwardConsent.consultation_id == consultation_id)
    return session.scalars(query.order_by(OnwardConsent.id.desc())).all()


def is_given(session: Session, consultation: Consultation, purpose: str) -> bool:
    """Whether the consent stands."""
    if purpose == Purpose.EXPERT:
        return consultation.consent_expert
    row = latest(session, consultation.id, purpose)
    return row is not None and row.is_given


def keep(
    session: Session, time: Time, actor: Actor, consultation: Consultation, purpose: Purpose, given: bool
) -> OnwardConsent:
    """Write a decision down."""
    row = OnwardConsent(
        consultation_id=consultation.id, purpose=purpose.value, is_given=given, notice=PURPOSES[purpose].notice,
        by=actor.name, at=time.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def standings(session: Session, consultation: Consultation, is_over: bool) -> list[Standing]:
    """The three consents as they stand, in the order a firm reads them."""
    out = []
    for purpose, asked in PURPOSES.items():
        given = is_given(session, consultation, purpose)
        last = latest(session, consultation.id, purpose)
        out.append(Standing(purpose, asked, given, last, given or asked.when_over or not is_over))
    return out
