"""Complaints about a listed agency: received, accepted, replied to, heard, decided (投诉).

A firm complains with its account; staff write down what others bring by letter or telephone. The agency reads what
happened, not who says so, and has a right of reply before anything is decided. Whoever accepted a complaint may warn;
suspending and delisting are for somebody else, who signs for the centre.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import BadInput, NotAllowed, TransitionRefused
from core.numbers import next_number
from core.said import Said, said
from core.text import collapse
from enterprises.models import Firm
from experts.agencies.clocks import started
from experts.agencies.criteria import GROUNDS, NOT_ACCEPTED
from experts.agencies.models import AgencyComplaint
from experts.agencies.moving import Guard, Obstacle, add_step, changing, move, today_of, written
from experts.agencies.standing import locked, shift
from experts.agencies.workflow import COMPLAINTS, OPEN_COMPLAINTS, ComplaintState
from experts.library import get_entry
from experts.models import Agency, EntryStatus

#: steps that staff take; the agency replies, the firm withdraws
STEPS = ("accept", "refuse", "hear_again", "find_unfounded", "warn", "suspend", "delist")
_DECISIONS = frozenset({"find_unfounded", "warn", "suspend", "delist"})
#: complaints of one firm that wait at a time
MOST_OPEN = 20


def file_complaint(
    session: Session,
    time: Time,
    actor: Actor,
    agency_id: uuid.UUID,
    *,
    ground: str,
    text: str,
    contact: str,
    complainant: str = "",
) -> AgencyComplaint:
    """Take in a complaint, by a firm's member or by staff for ``complainant``.

    Raises BadInput (what is missing), NotFound, NotAllowed, TransitionRefused (the firm has too many open ones).
    """
    agency = get_entry(session, actor, Agency, agency_id)
    if not (actor.may(Permission.AGENCY_COMPLAIN) or actor.may(Permission.AGENCY_HANDLE)):
        raise NotAllowed(said("Only firms and the centre's staff file complaints here."))
    if agency.status not in (
        EntryStatus.ACTIVE,
        EntryStatus.SUSPENDED,
        EntryStatus.TERM_END,
        EntryStatus.EXITED,
    ):
        raise TransitionRefused(said("This agency is no longer in the library."))
    if actor.firm_id is not None:
        complainant = session.get_one(Firm, actor.firm_id).name_zh
        waiting = select(func.count()).where(
            AgencyComplaint.firm_id == actor.firm_id,
            AgencyComplaint.state.in_([state.value for state in OPEN_COMPLAINTS]),
        )
        if (session.scalar(waiting) or 0) >= MOST_OPEN:
            raise TransitionRefused(said("Many of your complaints wait already; call the centre instead."))
    problems: dict[str, list[Said]] = {}
    if ground not in GROUNDS:
        problems["ground"] = [said("Choose what it is about.")]
    if len(collapse(text)) < 10:
        problems["text"] = [said("Say what happened, when, and what shows it.")]
    if not collapse(contact):
        problems["contact"] = [said("Say how the centre can answer you.")]
    if not collapse(complainant):
        problems["complainant"] = [said("Write who complains.")]
    if problems:
        first = next(iter(problems.values()))[0]
        raise BadInput(first, fix=said("Mend what is named and send it again."), fields=problems)
    today, now = today_of(session, time, agency.centre_id), time.now()
    number = next_number(session, agency.centre_id, "agency_complaint", today.year)
    state = ComplaintState.RECEIVED.value
    complaint = AgencyComplaint(
        id=new_id(), centre_id=agency.centre_id, agency_id=agency.id, firm_id=actor.firm_id,
        number=f"投诉-{today.year}-{number:05d}", complainant=collapse(complainant), contact=collapse(contact),
        ground=ground, text=text.strip(), state=state, version=1, created_at=now, updated_at=now,
        due_on=started(today, COMPLAINTS.clocks[state]).due_on, days_left=None, handled_by=None, refusal=None,
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    add_step(session, time, actor, COMPLAINTS.noun, complaint.id, "file", state)
    written(session, time, actor, complaint, "filed", {"ground": ground, "text": text})
    return complaint


def _says(field: str, words: str, sentence: Said) -> Guard:
    return lambda *_: None if words else Obstacle(sentence, field)


def _is_somebody_else(complaint: AgencyComplaint, actor: Actor, today: date) -> Obstacle | None:
    if complaint.handled_by == actor.name:
        return Obstacle(said("You accepted this complaint: another person who signs suspends or delists."))
    return None


def _is_in_time(complaint: AgencyComplaint, actor: Actor, today: date) -> Obstacle | None:
    if complaint.due_on is not None and today > complaint.due_on:
        return Obstacle(said("The last day to reply has passed; write to the centre."), "reply")
    return None


def take(
    session: Session,
    time: Time,
    actor: Actor,
    complaint_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    words: str = "",
    refusal: str = "",
    months: int | None = None,
) -> AgencyComplaint:
    """Take one of :data:`STEPS`; suspending and delisting change the agency's status in the same transaction.

    Raises BadInput (no words, no reason, or the same person), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    if step not in STEPS:
        raise TransitionRefused(said("This step is taken on another page."))
    complaint = changing(session, actor, AgencyComplaint, complaint_id, seen_version)
    text = words.strip()
    guards: list[Guard] = []
    if step in _DECISIONS:
        guards.append(_says("words", text, said("Write the decision with its reasons; both sides read it.")))
    if step == "hear_again":
        guards.append(_says("words", text, said("Say what the agency is to answer.")))
    if step == "refuse":
        known = refusal if refusal in NOT_ACCEPTED else ""
        guards.append(_says("refusal", known, said("Choose the reason.")))
    if step in ("suspend", "delist"):
        guards.append(_is_somebody_else)
    agency = locked(session, actor, complaint.agency_id)
    # What the decision calls for must be possible before the complaint is decided.
    move(session, time, actor, complaint, step, guards=guards, note=text)
    if step == "accept":
        complaint.handled_by = actor.name
    if step == "refuse":
        complaint.refusal = refusal
    if step in _DECISIONS:
        complaint.decision = text
    if step in ("suspend", "delist"):
        shift(session, time, actor, agency, step, reason=text, months=months)
    session.flush()
    return complaint


def reply(
    session: Session, time: Time, actor: Actor, complaint_id: uuid.UUID, *, text: str, seen_version: int
) -> AgencyComplaint:
    """The agency answers. Raises BadInput (says nothing, or too late), NotFound, StaleWrite, TransitionRefused."""
    complaint = changing(session, actor, AgencyComplaint, complaint_id, seen_version)
    words = text.strip()
    said_something = _says("reply", words, said("Write your reply."))
    move(session, time, actor, complaint, "reply", guards=(_is_in_time, said_something), note=words)
    complaint.reply = words if not complaint.reply else f"{complaint.reply}\n\n{words}"
    session.flush()
    return complaint


def withdraw(
    session: Session, time: Time, actor: Actor, complaint_id: uuid.UUID, *, seen_version: int
) -> AgencyComplaint:
    """The firm takes its complaint back. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused."""
    complaint = changing(session, actor, AgencyComplaint, complaint_id, seen_version)
    move(session, time, actor, complaint, "withdraw")
    return complaint


def list_complaints(
    session: Session, actor: Actor, *, state: str = "open", offset: int = 0, limit: int = 31
) -> Sequence[AgencyComplaint]:
    """Complaints the actor may see, the most pressing first."""
    query = AgencyComplaint.visible_to(actor)
    if state == "open":
        query = query.where(AgencyComplaint.state.in_([one.value for one in OPEN_COMPLAINTS]))
    elif state != "all":
        query = query.where(AgencyComplaint.state == state)
    order = (func.coalesce(AgencyComplaint.due_on, date(9999, 1, 1)), AgencyComplaint.id.desc())
    return session.scalars(query.order_by(*order).offset(offset).limit(limit)).all()
