"""A mediation or an arbitration from its opening to its end: the other side, the neutrals, the sessions, the outcome.

The centre keeps the calendar and the papers of the procedure; what is said and what is settled stays with those inside
its walls (:mod:`experts.onward.walls`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotAllowed, NotFound, TransitionRefused
from core.said import said
from core.text import collapse
from core.vault import Vault
from core.workdays import add_working_days
from experts.agencies.moving import Guard, Obstacle, refuse, today_of
from experts.onward.abroad import warned
from experts.onward.mediation_models import Mediation, Meeting, Neutral
from experts.onward.moving import changing, house_moves, listed, move, says, side_of, touched, written
from experts.onward.referrals import procedure_ended
from experts.onward.seats import end_seats, new_seat
from experts.onward.walls import neutral_of, rooms_of, say
from experts.onward.workflow import CHALLENGE_DAYS, ENDS, MediationState

#: neutrals of one procedure at a time
MOST_NEUTRALS = 3
_ACTIVE = ("proposed", "free")
#: steps by which a neutral writes down how it ended; the words stay with those inside
_OUTCOMES = ("settle", "award", "fail")


def active_neutrals(mediation: Mediation) -> list[Neutral]:
    """The neutrals that have not stepped aside and were not objected to."""
    return [one for one in mediation.neutrals if one.state in _ACTIVE]


def ask_other(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    *,
    name: str,
    region: str,
    seen_version: int,
) -> tuple[Mediation, str]:
    """Ask the other side to take part; returns the secret of its private link, which is shown once.

    Raises BadInput (no name or place, or the caution comes first), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    guards = (
        says("name", name, said("Name the other side.")),
        says("region", region, said("Choose where they are.")),
        warned(session, "mediation", [(collapse(name), region)]),
    )
    move(session, time, actor, mediation, "ask_other", guards=guards)
    mediation.other_name, mediation.other_region = collapse(name), region
    return mediation, new_seat(session, time, mediation.centre_id, Role.OTHER_SIDE, mediation.id)


def propose(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    *,
    name: str,
    institution: str,
    region: str,
    seen_version: int,
) -> tuple[Neutral, str]:
    """Propose a neutral, who declares before anything else; returns the secret of their link, which is shown once.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused (there are enough).
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    guards = (
        says("name", name, said("Name the mediator or arbitrator.")),
        says("region", region, said("Choose where they are.")),
        warned(session, "mediation", [(collapse(name), region)]),
    )
    if len(active_neutrals(mediation)) >= MOST_NEUTRALS:
        raise TransitionRefused(said("There are three neutrals already."))
    move(session, time, actor, mediation, "propose", guards=guards, note=collapse(name))
    neutral = Neutral(
        id=new_id(), mediation_id=mediation.id, name=collapse(name), institution=collapse(institution),
        region=region, state="proposed", disclosed="", declared_at=None, challenge_until=None,
    )  # fmt: skip
    mediation.neutrals.append(neutral)
    session.flush()
    return neutral, new_seat(session, time, mediation.centre_id, Role.NEUTRAL, mediation.id, neutral.id)


def new_link(
    session: Session, time: Time, actor: Actor, mediation_id: uuid.UUID, neutral_id: uuid.UUID | None
) -> str:
    """A new link for the other side, or for a neutral, that lost theirs; the old one ends. Raises NotFound, NotAllowed."""
    mediation = changing(session, actor, Mediation, mediation_id)
    actor.require(Permission.ONWARD_HANDLE)
    written(session, time, actor, mediation, "link_renewed", {"neutral": str(neutral_id or "")})
    if neutral_id is None:
        if mediation.state == MediationState.OPENED.value:
            raise TransitionRefused(said("The other side was not asked yet."))
        return new_seat(session, time, mediation.centre_id, Role.OTHER_SIDE, mediation.id)
    _neutral(mediation, neutral_id)
    return new_seat(session, time, mediation.centre_id, Role.NEUTRAL, mediation.id, neutral_id)


def _neutral(mediation: Mediation, neutral_id: uuid.UUID) -> Neutral:
    found = next((one for one in active_neutrals(mediation) if one.id == neutral_id), None)
    if found is None:
        raise NotFound(said("There is no such neutral here."))
    return found


def declare(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    *,
    is_free: bool,
    disclosed: str,
    seen_version: int,
) -> Neutral:
    """A neutral declares: free of conflict, with what both sides should know, or stepping aside, now or later.

    Raises NotFound (not a neutral of it), BadInput (a conflict without a word of what it is), TransitionRefused.
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    actor.require(Permission.MEDIATION_DECIDE)
    neutral = neutral_of(session, actor, mediation)
    if neutral is None or neutral.state not in _ACTIVE:
        raise NotFound(said("There is no such neutral here."))
    running = {MediationState.PROPOSED.value}
    if not is_free:
        running |= {MediationState.DECLARED.value, MediationState.IN_SESSION.value}
    if mediation.state not in running or (is_free and neutral.state == "free"):
        raise TransitionRefused(said("Nobody waits for this declaration now."))
    words = disclosed.strip()
    if not is_free and not words:
        raise refuse("disclosed", said("Say in one sentence why you step aside."))
    neutral.disclosed, neutral.declared_at = words, time.now()
    if is_free:
        neutral.state = "free"
        neutral.challenge_until = add_working_days(
            today_of(session, time, mediation.centre_id), CHALLENGE_DAYS
        )
    else:
        neutral.state = "conflict"
        end_seats(session, time, mediation.id, Role.NEUTRAL, neutral.id)
    touched(mediation, time)
    session.flush()
    written(session, time, actor, mediation, "declared", {"free": is_free, "disclosed": words})
    _settle_neutrals(session, time, actor, mediation)
    return neutral


def challenge(
    session: Session,
    time: Time,
    actor: Actor,
    mediation_id: uuid.UUID,
    neutral_id: uuid.UUID,
    *,
    reason: str,
    seen_version: int,
) -> Neutral:
    """A side objects to a neutral that declared, who then leaves.

    Raises NotFound, NotAllowed (no side of it), BadInput (no reason, or too late), StaleWrite, TransitionRefused.
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    is_firm = Role.FIRM_MEMBER in actor.roles and actor.firm_id == mediation.firm_id
    if not is_firm and Role.OTHER_SIDE not in actor.roles:
        raise NotAllowed(said("Only the two sides object to a neutral."))
    if mediation.state not in (MediationState.PROPOSED.value, MediationState.DECLARED.value):
        raise TransitionRefused(said("Nobody objects to a neutral now."))
    neutral = _neutral(mediation, neutral_id)
    today = today_of(session, time, mediation.centre_id)
    if neutral.challenge_until is None or today > neutral.challenge_until:
        raise refuse("reason", said("The time to object to this neutral is not open."))
    if not reason.strip():
        raise refuse("reason", said("Say why; the centre and the neutral read it."))
    neutral.state = "challenged"
    end_seats(session, time, mediation.id, Role.NEUTRAL, neutral.id)
    touched(mediation, time)
    session.flush()
    told = {"neutral": str(neutral.id), "reason": reason.strip(), "side": side_of(actor)}
    written(session, time, actor, mediation, "challenged", told)
    _settle_neutrals(session, time, actor, mediation)
    return neutral


def _settle_neutrals(session: Session, time: Time, cause: Actor, mediation: Mediation) -> None:
    active = active_neutrals(mediation)
    if not active:
        house_moves(session, time, cause, mediation, "none_left")
    elif mediation.state == MediationState.PROPOSED.value and all(one.state == "free" for one in active):
        house_moves(session, time, cause, mediation, "all_declared")


def _nobody_may_object(mediation: Any, actor: Actor, today: date) -> Obstacle | None:
    until = max(
        (one.challenge_until for one in active_neutrals(mediation) if one.challenge_until), default=None
    )
    if until is not None and today <= until:
        return Obstacle(said("Both sides may object to the neutrals until %(day)s.", day=until.isoformat()))
    return None


def take(
    session: Session,
    time: Time,
    actor: Actor,
    vault: Vault,
    mediation_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    words: str = "",
) -> Mediation:
    """Take a step of a procedure; asking the other side and proposing have functions of their own.

    Args:
        words: why a side refuses or leaves; how the centre learned of it; the terms, the award or why it failed, which
            stay in the joint room.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    mediation = changing(session, actor, Mediation, mediation_id, seen_version)
    if step in ("ask_other", "propose"):
        raise TransitionRefused(said("This step is taken on another page."))
    text = words.strip()
    guards: list[Guard] = []
    if step in _OUTCOMES:
        if "joint" not in rooms_of(session, actor, mediation):
            # A neutral who has not declared, or who left, ends nothing.
            raise NotAllowed(said("Only a neutral who has declared writes down how it ended."))
        guards.append(says("words", text, said("Write it down; those inside the procedure read it.")))
    if step.startswith("record_") or step == "ask_court":
        guards.append(says("words", text, said("Say how the centre learned of it, and when.")))
    if step == "begin":
        guards.append(_nobody_may_object)
    # The words of an outcome go into the room, never into the history, which whoever sees the record reads.
    note = "" if step in _OUTCOMES else text
    if step in _OUTCOMES:
        actor.require(Permission.MEDIATION_DECIDE)
        for guard in guards:
            if (
                obstacle := guard(mediation, actor, today_of(session, time, mediation.centre_id))
            ) is not None:
                raise refuse(obstacle.field, obstacle.sentence)
        if mediation.state == MediationState.IN_SESSION.value:
            say(session, time, actor, vault, mediation.id, "joint", text, is_outcome=True)
    move(session, time, actor, mediation, step, guards=guards, note=note)
    if mediation.state in {state.value for state in ENDS}:
        procedure_ended(session, time, actor, mediation)
    if mediation.state == MediationState.CLOSED.value:
        _lock_doors(session, time, mediation)
    session.flush()
    return mediation


def _lock_doors(session: Session, time: Time, mediation: Mediation) -> None:
    end_seats(session, time, mediation.id, Role.OTHER_SIDE)
    for one in mediation.neutrals:
        end_seats(session, time, mediation.id, Role.NEUTRAL, one.id)
    for insider in mediation.insiders:
        insider.ended_at = insider.ended_at or time.now()


def plan_meeting(
    session: Session, time: Time, actor: Actor, mediation_id: uuid.UUID, *, on: date | None, how: str
) -> Meeting:
    """Plan a session: the centre's staff, or a neutral who has declared.

    Raises NotFound, NotAllowed, BadInput, TransitionRefused (not in session).
    """
    mediation = changing(session, actor, Mediation, mediation_id)
    if not actor.may(Permission.ONWARD_HANDLE) and "neutral" not in rooms_of(session, actor, mediation):
        raise NotAllowed(said("The centre and the neutrals plan the sessions."))
    if mediation.state != MediationState.IN_SESSION.value:
        raise TransitionRefused(said("Sessions are planned once the procedure has begun."))
    if on is None or on < today_of(session, time, mediation.centre_id):
        raise refuse("on", said("Choose a day that is still to come."))
    if not how.strip():
        raise refuse("how", said("Say when and where, or how to join."))
    meeting = Meeting(id=new_id(), mediation_id=mediation.id, on=on, how=how.strip())
    mediation.meetings.append(meeting)
    touched(mediation, time)
    session.flush()
    written(session, time, actor, mediation, "meeting", {"on": on.isoformat(), "how": meeting.how})
    return meeting


def list_mediations(session: Session, actor: Actor, **wanted: Any) -> Sequence[Mediation]:
    """Procedures the actor may know of, the most pressing first."""
    return listed(session, actor, Mediation, **wanted)
