"""The caution on sending evidence abroad, and who read it before what.

What it says are facts in our own words, for reference only; counsel decides the case at hand. Beyond the mainland
(境外) are Hong Kong, Macao and Taiwan too: the data rules speak of the mainland.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import BadInput, NotFound
from core.said import Said, said
from core.text import collapse
from experts.agencies.moving import Guard, refuse
from experts.consultations import get_consultation
from experts.onward.mediation_models import Mediation
from experts.onward.models import AbroadCaution, Escalation, Referral
from experts.onward.moving import get_affair

#: the words read; raise it with every change of them
NOTICE = "2026-11-27"


@dataclass(frozen=True)
class Point:
    """One point of the caution: what the rule is about, where it stands, and what is confirmed before sending."""

    rule: Said
    basis: str
    confirm: Said


POINTS: dict[str, Point] = {
    "order801": Point(
        said(
            "Whoever in China gives evidence or related material abroad for a foreign-related IP dispute keeps to the rules on state secrets, data, personal information, technology export and judicial assistance; where an authority must permit it, the permission comes first."
        ),
        "《国务院关于涉外知识产权纠纷处理的规定》（国务院令第801号，2025-05-01起施行）",
        said("Nothing in it is a state secret, and no permission is missing for the technology in it."),
    ),
    "data": Point(
        said(
            "Data kept in China are not given to a foreign court or enforcement agency without the approval of the competent Chinese authority. Important data are assessed before they leave."
        ),
        "《数据安全法》第三十一条、第三十六条",
        said("It holds no important data, and it is not on its way to a foreign court or agency without approval."),
    ),
    "personal": Point(
        said(
            "Personal information leaves only on one of the ways the law names, after an assessment and with the person's separate consent; to a foreign court or enforcement agency only with approval."
        ),
        "《个人信息保护法》第三十八条、第三十九条、第四十一条、第五十五条",
        said("Personal information is taken out, or its way abroad and the separate consents are on file."),
    ),
}  # fmt: skip


def is_abroad(region: str) -> bool:
    """Whether somebody in ``region`` is beyond the mainland; an unknown place is taken for one."""
    return region != "CN"


def acknowledged(
    session: Session, subject: str, subject_id: uuid.UUID, recipient: str, region: str
) -> AbroadCaution | None:
    """Who last read the present words for this matter and this recipient; None when nobody did."""
    query = select(AbroadCaution).where(
        AbroadCaution.subject == subject,
        AbroadCaution.subject_id == subject_id,
        AbroadCaution.recipient == collapse(recipient),
        AbroadCaution.region == region,
        AbroadCaution.notice == NOTICE,
    )
    return session.scalar(query.order_by(AbroadCaution.id.desc()).limit(1))


def require_caution(
    session: Session, subject: str, subject_id: uuid.UUID, recipient: str, region: str
) -> None:
    """Raise BadInput when ``recipient`` is beyond the mainland and nobody acknowledged the caution for them."""
    if is_abroad(region) and acknowledged(session, subject, subject_id, recipient, region) is None:
        raise refuse(
            "caution",
            said("%(name)s is outside the mainland: the caution on sending material abroad comes first.", name=recipient),
            said("Read it, confirm each point, and take the step again."),
        )  # fmt: skip


def warned(session: Session, subject: str, recipients: Sequence[tuple[str, str]]) -> Guard:
    """A guard that wants the caution acknowledged for each (recipient, region) beyond the mainland."""

    def guard(affair: Any, actor: Actor, today: date) -> None:
        for recipient, region in recipients:
            require_caution(session, subject, affair.id, recipient, region)

    return guard


def may_know(session: Session, actor: Actor, subject: str, subject_id: uuid.UUID) -> uuid.UUID:
    """The centre of the matter a caution is for. Raises NotFound when the actor may not know of it."""
    if subject == "consultation":
        return get_consultation(session, actor, subject_id).centre_id
    if subject == "escalation":
        return get_affair(session, actor, Escalation, subject_id).centre_id
    if subject == "referral":
        return get_affair(session, actor, Referral, subject_id).centre_id
    if subject == "mediation":
        return get_affair(session, actor, Mediation, subject_id).centre_id
    raise NotFound(said("There is no such record."))


def acknowledge(
    session: Session,
    time: Time,
    actor: Actor,
    subject: str,
    subject_id: uuid.UUID,
    *,
    recipient: str,
    region: str,
    confirmed: Sequence[str],
    note: str,
) -> AbroadCaution:
    """Write down that the caution was read for one matter and one recipient.

    Args:
        subject: consultation, escalation, referral, mediation.
        recipient, region: who is to have the material, and where they are.
        confirmed: keys of :data:`POINTS`; all are needed.
        note: what was looked at, and what goes.

    Raises NotFound, NotAllowed, BadInput.
    """
    centre_id = may_know(session, actor, subject, subject_id)
    actor.require(Permission.ONWARD_READ)
    problems: dict[str, list[Said]] = {}
    if not collapse(recipient):
        problems["recipient"] = [said("Say who is to have it.")]
    if not region:
        problems["region"] = [said("Choose where they are.")]
    if set(confirmed) != set(POINTS):
        problems["confirmed"] = [said("Confirm every point, or do not send it.")]
    if len(collapse(note)) < 4:
        problems["note"] = [said("Say what goes, and what was looked at before.")]
    if problems:
        first = next(iter(problems.values()))[0]
        raise BadInput(first, fix=said("Mend what is named and send it again."), fields=problems)
    row = AbroadCaution(
        centre_id=centre_id, subject=subject, subject_id=subject_id, recipient=collapse(recipient),
        region=region, notice=NOTICE, note=note.strip(), by=actor.name, at=time.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    told = {"recipient": row.recipient, "region": region, "notice": NOTICE, "note": row.note}
    audit.record(
        session,
        time,
        actor,
        f"{subject}.caution_abroad",
        subject,
        subject_id,
        values=told,
        centre_id=centre_id,
    )
    return row


def cautions_of(session: Session, subject: str, subject_id: uuid.UUID) -> Sequence[AbroadCaution]:
    """Every acknowledgement for a matter, the newest first; the caller has asked whether the reader may know of it."""
    query = select(AbroadCaution).where(
        AbroadCaution.subject == subject, AbroadCaution.subject_id == subject_id
    )
    return session.scalars(query.order_by(AbroadCaution.id.desc())).all()
