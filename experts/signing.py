"""Who put their name to an opinion: its author, its reviewer, its signer; when, in which version, over which bytes.

The author and the reviewer sign the manuscript, the signer what is issued. Both are computed again at each reading.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.clock import Clock
from core.errors import EvidenceDamaged, NotAllowed
from core.said import said
from experts.clearing import people_named
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECTIONS
from experts.opinion_models import Opinion, OpinionSignature


class SignatureRole(StrEnum):
    """As what somebody signs."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    SIGNER = "signer"


def manuscript_of(opinion: Opinion, consultation: Consultation) -> bytes:
    """What the author hands in and the reviewer passes, byte for byte: JSON with sorted keys, UTF-8."""
    told = {
        "consultation": consultation.number,
        "opinion": str(opinion.id),
        "version": opinion.version,
        "author": opinion.author,
        "correction": opinion.correction,
        "sections": [[name, opinion.sections.get(name, "")] for name, _ in SECTIONS],
        "cited": opinion.cited,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(
    session: Session,
    clock: Clock,
    actor: Actor,
    opinion: Opinion,
    role: SignatureRole,
    content: bytes,
    *,
    name: str = "",
    remarks: str = "",
) -> OpinionSignature:
    """Write down that the actor signs ``content`` of this version.

    Args:
        name: as it is to stand on the opinion; "" for the address of the account, which is how staff know each other.
        remarks: what a reviewer notes; staff alone read it.
    """
    shown = name.strip() or people_named(session, [actor.name]).get(actor.name, actor.name)
    office = "expert" if role is SignatureRole.AUTHOR else "signer" if Role.SIGNER in actor.roles else "staff"
    made = OpinionSignature(
        role=role.value,
        by=actor.name,
        name=shown[:100],
        office=office,
        at=clock.now(),
        version=opinion.version,
        sha256=hashlib.sha256(content).hexdigest(),
        remarks=remarks.strip(),
    )
    opinion.signatures.append(made)
    session.flush()
    return made


def signature(opinion: Opinion, role: SignatureRole) -> OpinionSignature | None:
    """The newest signature of a role on the version the opinion has now; None when it is still to come."""
    found = [one for one in opinion.signatures if one.role == role and one.version == opinion.version]
    return found[-1] if found else None


def valid_signatures(opinion: Opinion) -> list[OpinionSignature]:
    """Author, reviewer and signer of the version the opinion has now, as far as they have signed."""
    return [one for role in SignatureRole if (one := signature(opinion, role)) is not None]


def require_somebody_else(opinion: Opinion, actor: Actor, *roles: SignatureRole) -> None:
    """Raise NotAllowed when the actor wrote this opinion, or signed this version in one of ``roles``."""
    wrote = opinion.expert_id is not None and opinion.expert_id == actor.expert_id
    signed = {one.by for one in opinion.signatures if one.role == SignatureRole.AUTHOR}
    signed |= {one.by for role in roles if (one := signature(opinion, role)) is not None}
    if wrote or actor.name in signed:
        raise NotAllowed(
            said("An opinion is written, reviewed and signed by three different people."),
            fix=said("Ask somebody else of the centre."),
        )


def verify_manuscript(opinion: Opinion, consultation: Consultation) -> None:
    """Raise EvidenceDamaged unless the author and the reviewer signed the manuscript as it is now."""
    now = hashlib.sha256(manuscript_of(opinion, consultation)).hexdigest()
    for role in (SignatureRole.AUTHOR, SignatureRole.REVIEWER):
        signed = signature(opinion, role)
        if signed is not None and signed.sha256 != now:
            raise EvidenceDamaged(
                f"The opinion {opinion.id} is no longer what its {role.value} signed.",
                fix="Return it to its author; do not issue it.",
            )
