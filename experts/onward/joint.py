"""Joint tasks (联席会议任务): one question to several departments, each with its own day, its reply and its link."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.text import collapse
from core.workdays import add_working_days
from enterprises.models import Firm
from experts.agencies.moving import Guard, Obstacle, refuse, today_of
from experts.consultation_models import Consultation
from experts.consultations import get_consultation
from experts.onward.consent import UPWARD, ConsentGiven, stored_consent
from experts.onward.models import JointDepartment, JointTask, OnwardSeat, seat_of
from experts.onward.moving import begun, changing, house_moves, keep, listed, move, says, touched, written
from experts.onward.seats import end_seats, new_seat
from experts.onward.workflow import REPLY_DAYS, JointState

#: departments of one task, and working days one may be given
MOST_DEPARTMENTS, MOST_DAYS = 12, 60


def begin_task(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID | None, title: str = ""
) -> JointTask:
    """Begin a task, from a consultation or without one. Raises NotFound, NotAllowed."""
    actor.require(Permission.ONWARD_HANDLE)
    if consultation_id is not None:
        get_consultation(session, actor, consultation_id)
    if actor.centre_id is None:
        raise NotFound(said("There is no such centre."))
    facts = begun(
        session, time, actor, actor.centre_id, JointTask, consultation_id=consultation_id, title=collapse(title),
    )  # fmt: skip
    task = JointTask(id=new_id(), **facts)
    keep(session, time, actor, task, "begin")
    return task


def write_task(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    *,
    title: str,
    question: str,
    departments: Sequence[tuple[str, int]],
    seen_version: int,
) -> JointTask:
    """Write a task: its title, what is asked, and each department with its working days.

    Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (asked already), BadInput.
    """
    task = changing(session, actor, JointTask, task_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    if task.state != JointState.DRAFT.value:
        raise TransitionRefused(said("It was sent to the departments and is no draft any more."))
    wanted = {collapse(name)[:120]: days for name, days in departments if collapse(name)}
    if len(wanted) > MOST_DEPARTMENTS:
        raise refuse(
            "departments", said("There are too many departments: at most %(most)s.", most=MOST_DEPARTMENTS)
        )
    if any(not 1 <= days <= MOST_DAYS for days in wanted.values()):
        raise refuse("departments", said("Give each department 1 to %(most)s working days.", most=MOST_DAYS))
    task.title, task.question = collapse(title), question.strip()
    kept = {one.name: one for one in task.departments if one.name in wanted}
    task.departments = [
        kept.get(name)
        or JointDepartment(
            id=new_id(), name=name, days=days, due_on=None, state="waiting", reply="", by_side="", replied_at=None
        )
        for name, days in wanted.items()
    ]  # fmt: skip
    for one in task.departments:
        one.days = wanted[one.name]
    touched(task, time)
    session.flush()
    written(session, time, actor, task, "written", {"title": task.title, "question": task.question})
    return task


def _is_ready(task: Any, actor: Actor, today: date) -> Obstacle | None:
    for field, value, sentence in (
        ("title", task.title, said("Give it a title.")),
        ("question", task.question, said("Say what the departments are asked.")),
        ("departments", task.departments, said("Name at least one department.")),
    ):
        if not value:
            return Obstacle(sentence, field)
    return None


def _may_name_firm(session: Session, consent_given: ConsentGiven) -> Guard:
    def guard(task: Any, actor: Actor, today: date) -> Obstacle | None:
        row = session.get(Consultation, task.consultation_id) if task.consultation_id else None
        if row is None or consent_given(session, row, UPWARD):
            return None
        name = session.get_one(Firm, row.firm_id).name_zh
        if name in f"{task.title} {task.question}":
            return Obstacle(said("It names the firm, which has not agreed to that: take the name out, or ask the firm."), "question")  # fmt: skip
        return None

    return guard


def ask(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    *,
    seen_version: int,
    consent_given: ConsentGiven = stored_consent,
) -> dict[str, str]:
    """Ask the departments: each gets a day and a link; returns name -> secret of the link, which is shown once.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    task = changing(session, actor, JointTask, task_id, seen_version)
    move(session, time, actor, task, "ask", guards=(_is_ready, _may_name_firm(session, consent_given)))
    return _asked(session, time, task, task.departments)


def _asked(
    session: Session, time: Time, task: JointTask, departments: Sequence[JointDepartment]
) -> dict[str, str]:
    today = today_of(session, time, task.centre_id)
    for one in departments:
        one.due_on, one.state = add_working_days(today, one.days), "waiting"
    _set_due(task)
    session.flush()
    return {
        one.name: new_seat(session, time, task.centre_id, Role.DEPARTMENT, task.id, one.id)
        for one in departments
    }


def _set_due(task: JointTask) -> None:
    days = [one.due_on for one in task.departments if one.state == "waiting" and one.due_on]
    task.due_on = max(days, default=None)


def _department(task: JointTask, department_id: uuid.UUID) -> JointDepartment:
    found = next((one for one in task.departments if one.id == department_id), None)
    if found is None:
        raise NotFound(said("This department was not asked."))
    return found


def own_department(session: Session, actor: Actor, task: JointTask) -> JointDepartment:
    """The department an actor speaks for. Raises NotFound."""
    seat = session.get(OnwardSeat, seat_of(actor))
    if seat is None or seat.ended_at is not None or seat.person_id is None:
        raise NotFound(said("This department was not asked."))
    return _department(task, seat.person_id)


def reply(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    *,
    text: str,
    is_declined: bool = False,
    department_id: uuid.UUID | None = None,
) -> JointDepartment:
    """Write down a department's reply: itself by its link, or the centre's staff for ``department_id``.

    A late reply is taken: the day is the centre's promise to itself, not a bar. The house goes on when all have replied.

    Raises NotFound, NotAllowed, BadInput (nothing said), TransitionRefused (nobody waits for it).
    """
    task = changing(session, actor, JointTask, task_id)
    if Role.DEPARTMENT in actor.roles:
        actor.require(Permission.JOINT_REPLY)
        one, side = own_department(session, actor, task), "department"
    else:
        actor.require(Permission.ONWARD_HANDLE)
        if department_id is None:
            raise NotFound(said("This department was not asked."))
        one, side = _department(task, department_id), "staff"
    if task.state != JointState.ASKED.value or one.state != "waiting":
        raise TransitionRefused(said("Nobody waits for this reply now."))
    words = text.strip()
    if not words:
        raise refuse("reply", said("Write the reply first."))
    # An earlier reply to the same task stays: nothing that was said is lost.
    one.reply = f"{one.reply}\n\n{words}" if one.reply else words
    one.state, one.by_side, one.replied_at = ("declined" if is_declined else "replied"), side, time.now()
    _set_due(task)
    touched(task, time)
    session.flush()
    written(session, time, actor, task, "replied", {"department": str(one.id), "reply": words})
    if all(each.state != "waiting" for each in task.departments):
        house_moves(session, time, actor, task, "all_replied")
    return one


def extend(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    department_id: uuid.UUID,
    *,
    days: int,
    reason: str,
    seen_version: int,
) -> JointDepartment:
    """Give a department more working days from today. Raises NotFound, NotAllowed, StaleWrite, BadInput, TransitionRefused."""
    task = changing(session, actor, JointTask, task_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    one = _department(task, department_id)
    if task.state != JointState.ASKED.value or one.state != "waiting":
        raise TransitionRefused(said("Nobody waits for this reply now."))
    if not 1 <= days <= MOST_DAYS:
        raise refuse("days", said("Give 1 to %(most)s working days.", most=MOST_DAYS))
    if not reason.strip():
        raise refuse("reason", said("Say why it needs longer."))
    one.due_on = add_working_days(today_of(session, time, task.centre_id), days)
    _set_due(task)
    touched(task, time)
    session.flush()
    told = {"department": str(one.id), "due_on": one.due_on.isoformat(), "reason": reason.strip()}
    written(session, time, actor, task, "extended", told)
    return one


def ask_again(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    department_ids: Sequence[uuid.UUID],
    *,
    words: str,
    seen_version: int,
) -> dict[str, str]:
    """Ask some departments a further question; returns name -> secret of a new link.

    Raises BadInput (nobody chosen, or nothing asked), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    task = changing(session, actor, JointTask, task_id, seen_version)
    chosen = [_department(task, one) for one in dict.fromkeys(department_ids)]
    text = words.strip()
    guards = (
        says("words", text, said("Say what is asked now.")),
        says("departments", "yes" if chosen else "", said("Choose whom to ask.")),
    )
    move(session, time, actor, task, "ask_more", guards=guards, note=text)
    task.question = f"{task.question}\n\n{text}"
    for one in chosen:
        one.days = REPLY_DAYS
    return _asked(session, time, task, chosen)


def _nobody_passed_over(task: Any, actor: Actor, today: date) -> Obstacle | None:
    if any(one.state == "waiting" and one.due_on and today <= one.due_on for one in task.departments):
        return Obstacle(said("A department still has time to reply."))
    return None


def take(
    session: Session,
    time: Time,
    actor: Actor,
    task_id: uuid.UUID,
    step: str,
    *,
    words: str,
    seen_version: int,
) -> JointTask:
    """Conclude a task, or cancel it. Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused."""
    task = changing(session, actor, JointTask, task_id, seen_version)
    if step not in ("conclude", "cancel"):
        raise TransitionRefused(said("This step is taken on another page."))
    guards: list[Guard] = [says("words", words, said("Write what came of it, or why it is cancelled."))]
    if step == "conclude":
        guards.append(_nobody_passed_over)
    move(session, time, actor, task, step, guards=guards, note=words.strip())
    if step == "conclude":
        task.conclusion = words.strip()
    for one in task.departments:
        end_seats(session, time, task.id, Role.DEPARTMENT, one.id)
    session.flush()
    return task


def tasks_on(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Sequence[JointTask]:
    """The tasks on a consultation that the actor may see, the newest first."""
    query = JointTask.visible_to(actor).where(JointTask.consultation_id == consultation_id)
    return session.scalars(query.order_by(JointTask.id.desc())).all()


def list_tasks(session: Session, actor: Actor, **wanted: Any) -> Sequence[JointTask]:
    """Tasks the actor may see, the most pressing first."""
    return listed(session, actor, JointTask, **wanted)
