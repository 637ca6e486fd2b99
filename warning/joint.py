"""Putting firms of one case in touch, when both agree: nobody learns of a firm that did not, beyond how many there are.

Only firms that a public case names for certain, on the same side and of one centre's city, are put in touch: whoever
sues is no companion of whoever is sued. A firm's contact is shown to those alone who agree at the moment they look.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Party
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.said import said
from enterprises.models import Firm
from warning.alerts import announce
from warning.bulletin_parties import side_of
from warning.joint_models import JOINT_WORKFLOW, JointConsent, JointState
from warning.models import Alert, PartyMatch

#: the kind of an alert that tells a firm that another one agreed
JOINT = "joint"
#: characters of a contact
LEAST_CONTACT, MOST_CONTACT = 4, 300


@dataclass(frozen=True)
class Companion:
    """A firm that agreed too, and whom to speak with."""

    name_zh: str
    name_en: str
    contact: str


@dataclass(frozen=True)
class Joint:
    """Joint defence as one firm sees it: what it decided, how many others the case names, and those both agreed."""

    state: str
    contact: str
    others: int
    companions: tuple[Companion, ...]


def joint_of(session: Session, actor: Actor, case: Case) -> Joint | None:
    """Joint defence in ``case`` for the actor's firm; None where the case does not name it, or names no other."""
    if actor.firm_id is None or not actor.may(Permission.ALERT_DISPOSE):
        return None
    others = _others(session, actor, case)
    mine = _consent(session, case.id, actor.firm_id)
    if not others and mine is None:
        return None
    state = mine.state if mine else JointState.NOT_AGREED.value
    agreed: tuple[Companion, ...] = ()
    if state == JointState.AGREED.value:
        rows = session.execute(
            select(Firm, JointConsent.contact)
            .join(JointConsent, JointConsent.firm_id == Firm.id)
            .where(JointConsent.case_id == case.id, JointConsent.state == JointState.AGREED.value)
            .where(Firm.id.in_(others))
            .order_by(Firm.name_zh)
        )
        agreed = tuple(Companion(firm.name_zh, firm.name_en, contact) for firm, contact in rows)
    return Joint(state, mine.contact if mine else "", len(others), agreed)


def agree(session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID, contact: str) -> JointConsent:
    """Agree to be put in touch with the other firms of a case that agree, under ``contact``. Those that agreed before,
    and the actor's firm, are told that there is somebody; who it is stands on the page while both agree.

    Raises NotAllowed, NotFound (the case does not name the actor's firm beside others), BadInput (no contact),
    TransitionRefused (agreed already).
    """
    case, firm_id, others = _named(session, actor, case_id)
    written = contact.strip()
    if not LEAST_CONTACT <= len(written) <= MOST_CONTACT:
        raise BadInput(
            said("Whom may the other firms speak with?"),
            fix=said(
                "Write a name with a telephone number or an address, %(least)s to %(most)s characters.",
                least=LEAST_CONTACT,
                most=MOST_CONTACT,
            ),
        )
    consent = _decide(session, clock, actor, case, firm_id, "agree", written)
    for other in session.scalars(
        select(JointConsent).where(
            JointConsent.case_id == case.id,
            JointConsent.firm_id.in_(others),
            JointConsent.state == JointState.AGREED.value,
        )
    ):
        _tell(session, clock, case, other.centre_id, other.firm_id, firm_id)
        _tell(session, clock, case, consent.centre_id, firm_id, other.firm_id)
    return consent


def withdraw(session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID) -> JointConsent:
    """Take the agreement back, at any time: the contact is erased and the others' pages no longer show it.

    Raises NotAllowed, NotFound (nothing was agreed), TransitionRefused (taken back already).
    """
    actor.require(Permission.ALERT_DISPOSE)
    case = session.get(Case, case_id)
    if case is None or actor.firm_id is None or _consent(session, case_id, actor.firm_id) is None:
        raise NotFound(said("Your firm has agreed to nothing in this case."))
    return _decide(session, clock, actor, case, actor.firm_id, "withdraw", "")


def _named(session: Session, actor: Actor, case_id: uuid.UUID) -> tuple[Case, uuid.UUID, list[uuid.UUID]]:
    actor.require(Permission.ALERT_DISPOSE)
    case = session.scalar(Case.visible_to(actor).where(Case.id == case_id))
    others = _others(session, actor, case) if case is not None else []
    if case is None or actor.firm_id is None or not others:
        raise NotFound(said("There is nobody to be put in touch with in this case."))
    return case, actor.firm_id, others


def _others(session: Session, actor: Actor, case: Case) -> list[uuid.UUID]:
    """The other local firms of the centre that the case names for certain on the same side; [] unless it names the
    actor's firm itself."""
    if case.status != CaseStatus.PUBLIC.value:
        return []
    rows = session.execute(
        select(PartyMatch.firm_id, Party.role)
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .where(PartyMatch.case_id == case.id, PartyMatch.centre_id == actor.centre_id)
        .where(PartyMatch.grade == "confirm", Firm.is_local)
        .order_by(PartyMatch.firm_id)
    ).all()
    sides: dict[uuid.UUID, set[str]] = {}
    for firm_id, role in rows:
        sides.setdefault(firm_id, set()).add(side_of(role))
    own = sides.pop(actor.firm_id, set()) if actor.firm_id else set()
    # A firm that stands on both sides, or on neither, is nobody's companion for certain.
    return [firm_id for firm_id, side in sides.items() if side == own and len(own) == 1 and own != {"other"}]


def _consent(session: Session, case_id: uuid.UUID, firm_id: uuid.UUID) -> JointConsent | None:
    query = select(JointConsent).where(JointConsent.case_id == case_id, JointConsent.firm_id == firm_id)
    return session.scalar(query)


def _decide(
    session: Session, clock: Clock, actor: Actor, case: Case, firm_id: uuid.UUID, step: str, contact: str
) -> JointConsent:
    # One decision about a case at a time: two firms that agree at once both see the other's agreement.
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
    consent = _consent(session, case.id, firm_id)
    state = JOINT_WORKFLOW.take(step, consent.state if consent else JOINT_WORKFLOW.initial, actor)
    if consent is None:
        assert actor.centre_id is not None, "a firm's member has its centre"
        consent = JointConsent(centre_id=actor.centre_id, case_id=case.id, firm_id=firm_id)
        session.add(consent)
    consent.state, consent.contact = state, contact
    consent.decided_by, consent.decided_at = actor.name, clock.now()
    session.flush()
    values = {"state": state, "contact": contact}
    audit.record(
        session, clock, actor, f"joint.{step}", "case", case.id, values=values, centre_id=consent.centre_id
    )
    return consent


def _tell(
    session: Session, clock: Clock, case: Case, centre_id: uuid.UUID, firm_id: uuid.UUID, other: uuid.UUID
) -> None:
    """Tell a firm once that another one agreed; who, and how to reach it, stands on the page while both agree."""
    # Without a name, and under a number that says nothing of whose it is: the agreement may be taken back.
    trigger = f"{JOINT}:{uuid.uuid5(case.id, f'{firm_id}:{other}')}"
    query = select(Alert.id).where(
        Alert.firm_id == firm_id,
        Alert.case_id == case.id,
        Alert.trigger == trigger,
        Alert.profile_id.is_(None),
    )
    if session.scalar(query) is not None:
        return
    told = {"change": JOINT, "before": "", "after": "", "entry": "", "on": "", "clock": "", "basis": ""}
    alert = Alert(
        centre_id=centre_id,
        firm_id=firm_id,
        case_id=case.id,
        trigger=trigger,
        reasons=[told],
        case_version=case.version,
        raised_at=clock.now(),
        # No level and no time to answer: nobody is telephoned about it.
        level="L0",
    )
    announce(session, clock, alert)
