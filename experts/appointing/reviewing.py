"""What the centre and the panel do: check qualifications, ask for a supplement, name the panel, mark, confirm."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from accounts.models import AccountRole, User
from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.errors import NotFound, TransitionRefused
from core.said import said
from experts.appointing.guards import mean_of
from experts.appointing.models import Application, Seat
from experts.appointing.moving import changing, move, refuse, today_of, written
from experts.appointing.workflow import (
    CHECKS,
    CRITERIA,
    LEAST_REVIEWERS,
    PASS_MARK,
    REFUSALS,
    WAIVABLE,
    ApplicationState,
)
from experts.models import Expert


def begin_check(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> Application:
    """Take up the check. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused."""
    application = changing(session, actor, application_id, seen_version)
    move(session, time, actor, application, "begin_check")
    application.checked_by = actor.name
    session.flush()
    return application


def keep_checklist(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    found: Mapping[str, Mapping[str, str]],
    *,
    seen_version: int,
) -> Application:
    """Write down what the check found so far. Raises BadInput (an item waived that may not be, or without a reason)."""
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    if application.state != ApplicationState.CHECK.value:
        raise TransitionRefused(said("The check is not open."))
    kept: dict[str, Any] = {}
    for item, _ in CHECKS:
        result, note = found.get(item, {}).get("result", ""), found.get(item, {}).get("note", "").strip()
        if result == "waived" and (item not in WAIVABLE or not note):
            raise refuse(
                "checklist", said("Only age and the employer's consent may be waived, with a reason.")
            )
        if result in ("met", "missing", "waived"):
            kept[item] = {"result": result, "note": note}
    application.checklist = kept
    application.version += 1
    application.updated_at = time.now()
    session.flush()
    written(session, time, actor, application, "checked", kept)
    return application


def ask_supplement(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, note: str, seen_version: int
) -> Application:
    """Ask the applicant for what is missing; the check's clock stands meanwhile."""
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    if application.state == ApplicationState.CHECK.value:
        application.wanted, application.supplement = note.strip(), ""
    move(session, time, actor, application, "ask_supplement", note=note.strip())
    return application


def decide_check(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    *,
    passes: bool,
    reason: str = "",
    note: str = "",
    seen_version: int,
) -> Application:
    """Hand the application to the panel, or refuse it for a coded reason."""
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    if not passes:
        _take_reason(application, reason)
    move(session, time, actor, application, "pass_check" if passes else "fail_check", note=note.strip())
    return application


def _take_reason(application: Application, reason: str) -> None:
    if reason not in REFUSALS:
        raise refuse("reason", said("Choose the reason for the refusal."))
    application.refusal = reason


def possible_reviewers(session: Session, actor: Actor) -> list[User]:
    """Accounts of the centre's staff and experts, who may sit on a panel or watch over one (staff only)."""
    actor.require(Permission.APPOINT_HANDLE)
    holds = exists().where(
        AccountRole.account_id == User.id, AccountRole.name.in_([Role.STAFF.value, Role.EXPERT.value])
    )
    query = select(User).where(User.centre_id == actor.centre_id, User.active, holds)
    return list(session.scalars(query.order_by(User.email)))


def name_panel(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    *,
    reviewers: Sequence[uuid.UUID],
    supervisor: uuid.UUID | None,
    seen_version: int,
) -> Application:
    """Name who marks and who watches over them; nobody does both, and no reviewer shares the applicant's employer.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused (not with the panel, or one has marked).
    """
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    if application.state != ApplicationState.PANEL.value:
        raise TransitionRefused(said("This application is not with a panel."))
    if any(seat.total is not None for seat in application.seats):
        raise TransitionRefused(said("A reviewer has marked already; the panel stays as it is."))
    people = {user.id: user for user in possible_reviewers(session, actor)}
    wanted = list(dict.fromkeys(reviewers))
    if len(wanted) < LEAST_REVIEWERS or any(one not in people for one in wanted):
        raise refuse("reviewers", said("Choose at least %(least)s reviewers.", least=LEAST_REVIEWERS))
    if supervisor is None or supervisor not in people or people[supervisor].expert_id is not None:
        raise refuse("supervisor", said("Choose a member of staff as supervisor."))
    if supervisor in wanted:
        raise refuse("supervisor", said("The supervisor is not one of the reviewers."))
    employer = str(application.answers.get("employer", "")).casefold()
    for one in wanted:
        entry = session.get(Expert, people[one].expert_id) if people[one].expert_id else None
        if entry is not None and employer and entry.employer.get("name", "").casefold() == employer:
            raise refuse(
                "reviewers",
                said("%(name)s has the applicant's employer and cannot mark.", name=entry.name_zh),
            )
    for seat in list(application.seats):
        if seat.account_id not in wanted:
            application.seats.remove(seat)
    there = {seat.account_id for seat in application.seats}
    application.seats.extend(Seat(account_id=one) for one in wanted if one not in there)
    application.supervisor_id = supervisor
    application.version += 1
    application.updated_at = time.now()
    session.flush()
    written(session, time, actor, application, "panel_named", {"reviewers": wanted, "supervisor": supervisor})
    return application


def mark(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    points: Mapping[str, int],
    *,
    is_free: bool,
    words: str = "",
) -> Seat:
    """A reviewer marks, once. Raises NotFound (no seat), NotAllowed, BadInput, TransitionRefused (marked already)."""
    application = changing(session, actor, application_id)
    actor.require(Permission.APPOINT_SCORE)
    seat = next((s for s in application.seats if s.account_id == actor.user_id), None)
    if seat is None:
        raise NotFound(said("There is no such application for you."))
    if application.state != ApplicationState.PANEL.value or seat.total is not None:
        raise TransitionRefused(said("Your marks are given; they stay as they are."))
    if not is_free:
        raise refuse(
            "is_free",
            said("Declare that nothing ties you to the applicant."),
            said("If something does, tell the centre: it names another reviewer."),
        )
    kept: dict[str, int] = {}
    for criterion in CRITERIA:
        given = points.get(criterion.id)
        if given is None or not 0 <= given <= criterion.most:
            raise refuse(criterion.id, said("Give 0 to %(most)s points.", most=criterion.most))
        kept[criterion.id] = given
    seat.points, seat.total, seat.words = kept, sum(kept.values()), words.strip()
    seat.is_free, seat.marked_at = True, time.now()
    application.version += 1
    session.flush()
    written(session, time, actor, application, "marked", {"points": kept})
    return seat


def conclude_panel(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> Application:
    """The supervisor confirms the panel's result: publicity, or, below the pass mark, refusal.

    Raises BadInput (marks are missing, the actor is not the supervisor), NotFound, StaleWrite, TransitionRefused.
    """
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.APPOINT_HANDLE)
    if application.state != ApplicationState.PANEL.value:
        raise TransitionRefused(said("This application is not with a panel."))
    mean = mean_of(application)
    if mean >= 10 * PASS_MARK:
        move(session, time, actor, application, "conclude_panel")
        application.published_on = today_of(session, time, application.centre_id)
    else:
        application.refusal = "below_mark"
        move(session, time, actor, application, "fail_panel")
    application.mark = mean
    session.flush()
    return application
