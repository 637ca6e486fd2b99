"""What the centre does with an application: check the form, verify, mark, confirm the marks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import TransitionRefused
from core.said import said
from core.text import collapse
from core.workdays import working_days_between
from experts.agencies.criteria import CHECKS, CRITERIA, LEAST_MARKERS, PASS_MARK, REFUSALS, VERIFICATIONS
from experts.agencies.models import AgencyApplication, AgencyMark
from experts.agencies.moving import Guard, Obstacle, changing, move, refuse, today_of, touched, written
from experts.agencies.workflow import OPEN_ADMISSIONS, AdmissionState

_MET, _MISSING = "met", "missing"


def mean_of(application: AgencyApplication) -> int | None:
    """The markers' mean in tenths of a point, rounded down; None without marks."""
    totals = [mark.total for mark in application.marks]
    return sum(totals) * 10 // len(totals) if totals else None


def _qualifies(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    for item, words in CHECKS:
        if application.checklist.get(item) != _MET:
            return Obstacle(said("Not met, or not looked at: %(item)s", item=words), "checklist")
    return None


def _is_verified(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if not application.verified_by:
        return Obstacle(said("Say how it was verified, and what was found."), "verified_by")
    return None


def _marks_are_whole(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if len(application.marks) < LEAST_MARKERS:
        return Obstacle(said("At least %(least)s people mark it.", least=LEAST_MARKERS), "marks")
    return None


def _is_no_marker(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if actor.user_id is not None and any(mark.account_id == actor.user_id for mark in application.marks):
        return Obstacle(said("You marked this application: another person decides this."))
    return None


def _passes(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if (mean_of(application) or 0) < PASS_MARK * 10:
        return Obstacle(said("The mean is below the pass mark of %(mark)s.", mark=PASS_MARK), "marks")
    return None


def _falls_short(application: AgencyApplication, actor: Actor, today: date) -> Obstacle | None:
    if (mean_of(application) or 0) >= PASS_MARK * 10:
        return Obstacle(said("The mean reaches the pass mark of %(mark)s.", mark=PASS_MARK), "marks")
    return None


#: guards of the steps taken here; others have none but their state and permission
GUARDS: dict[str, tuple[Guard, ...]] = {
    "pass_check": (_qualifies,),
    "verify": (_is_verified,),
    "conclude": (_marks_are_whole, _is_no_marker, _passes),
    "fail_scoring": (_marks_are_whole, _is_no_marker, _falls_short),
}
#: steps that end an application need a coded reason and words
FAILING = frozenset({"fail_check", "fail_verify", "fail_scoring"})
STEPS = frozenset({"begin_check", "ask_supplement", *GUARDS, *FAILING})


def keep_checklist(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    found: Mapping[str, str],
    *,
    seen_version: int,
) -> AgencyApplication:
    """Keep what the form check found, item by item. Raises BadInput, NotFound, NotAllowed, StaleWrite,
    TransitionRefused."""
    application = _handled(session, actor, application_id, AdmissionState.CHECK, seen_version)
    known = {item for item, _ in CHECKS}
    kept = {item: found[item] for item in found if item in known}
    if any(result not in (_MET, _MISSING) for result in kept.values()):
        raise refuse("checklist", said("An item is met or missing."))
    application.checklist = kept
    touched(application, time)
    written(session, time, actor, application, "checked", dict(kept))
    return application


def keep_verification(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    how: str,
    found: str,
    *,
    seen_version: int,
) -> AgencyApplication:
    """Keep one way in which it was verified, with what was found. Raises as :func:`keep_checklist`."""
    application = _handled(session, actor, application_id, AdmissionState.VERIFY, seen_version)
    if how not in VERIFICATIONS:
        raise refuse("how", said("Choose how it was verified."))
    if not collapse(found):
        raise refuse("found", said("Write what was found."))
    application.verified_by = {**application.verified_by, how: collapse(found)}
    touched(application, time)
    written(session, time, actor, application, "verified", {how: found})
    return application


def mark(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    points: Mapping[str, int],
    *,
    is_free: bool,
    note: str = "",
) -> AgencyApplication:
    """Mark an application; a person's later marks replace their earlier ones.

    Raises BadInput (a criterion without points or above its most, or ties to the agency), NotFound, NotAllowed,
    TransitionRefused.
    """
    application = _handled(session, actor, application_id, AdmissionState.SCORING, None)
    if actor.user_id is None:
        raise refuse("", said("Only a person with an account marks."))
    if not is_free:
        raise refuse("is_free", said("Whoever has ties to the agency does not mark it."))
    for criterion in CRITERIA:
        told = points.get(criterion.id)
        if told is None or not 0 <= told <= criterion.most:
            raise refuse(
                criterion.id,
                said(
                    "Give 0 to %(most)s points: %(criterion)s", most=criterion.most, criterion=criterion.words
                ),
            )
    kept: dict[str, Any] = {criterion.id: points[criterion.id] for criterion in CRITERIA}
    application.marks = [one for one in application.marks if one.account_id != actor.user_id]
    session.flush()
    application.marks.append(
        AgencyMark(
            account_id=actor.user_id,
            points=kept,
            total=sum(kept.values()),
            note=collapse(note),
            at=time.now(),
        )
    )
    touched(application, time)
    session.flush()
    written(session, time, actor, application, "marked", kept)
    return application


def take(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    note: str = "",
    refusal: str = "",
) -> AgencyApplication:
    """Take one of :data:`STEPS`.

    Raises BadInput (a guard, a supplement or refusal without words), NotFound, NotAllowed, StaleWrite,
    TransitionRefused.
    """
    if step not in STEPS:
        raise TransitionRefused(said("This step is taken on another page."))
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    words = collapse(note)
    guards = list(GUARDS.get(step, ()))
    if step in FAILING or step == "ask_supplement":
        guards.append(
            lambda *_: None if words else Obstacle(said("Say why; the applicant reads it."), "note")
        )
    if step == "fail_scoring":
        refusal = "below_mark"
    if step in FAILING:
        known = refusal in REFUSALS
        guards.append(lambda *_: None if known else Obstacle(said("Choose the reason."), "refusal"))
    move(session, time, actor, application, step, guards=guards, note=words)
    if step in FAILING:
        application.refusal = refusal
    if step == "ask_supplement":
        application.wanted = words
    if step in ("conclude", "fail_scoring"):
        application.mark = mean_of(application)
    if step == "conclude":
        application.published_on = today_of(session, time, application.centre_id)
    session.flush()
    return application


def _handled(
    session: Session,
    actor: Actor,
    application_id: uuid.UUID,
    state: AdmissionState,
    seen_version: int | None,
) -> AgencyApplication:
    application = changing(session, actor, AgencyApplication, application_id, seen_version)
    actor.require(Permission.AGENCY_HANDLE)
    if application.state != state.value:
        raise TransitionRefused(said("It is not at this stage now; look again."))
    return application


def list_applications(
    session: Session, actor: Actor, *, state: str = "open", offset: int = 0, limit: int = 31
) -> Sequence[AgencyApplication]:
    """Applications the actor may see, the most pressing first. Raises NotAllowed."""
    actor.require(Permission.AGENCY_HANDLE)
    query = AgencyApplication.visible_to(actor)
    if state == "open":
        query = query.where(AgencyApplication.state.in_([one.value for one in OPEN_ADMISSIONS]))
    elif state != "all":
        query = query.where(AgencyApplication.state == state)
    order = (func.coalesce(AgencyApplication.due_on, date(9999, 1, 1)), AgencyApplication.id)
    return session.scalars(query.order_by(*order).offset(offset).limit(limit)).all()


def days_to(session: Session, time: Time, centre_id: uuid.UUID, due_on: date | None) -> int | None:
    """Working days until a clock ends, negative when it has; None for none."""
    if due_on is None:
        return None
    return working_days_between(today_of(session, time, centre_id), due_on)
