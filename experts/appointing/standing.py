"""An expert's standing: appointed with a certificate, renewed, suspended, ended, removed with a bar; evaluated yearly."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission, system_actor
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.numbers import next_number
from core.outbox import emit
from core.said import said
from experts.appointing.models import Application, Call
from experts.appointing.moving import changing, move, refuse, today_of
from experts.appointing.standing_models import Appointment, Bar, Evaluation, Qualification
from experts.appointing.workflow import BAR_YEARS, EVALUATION, LEAST_EVALUATION, TERM_YEARS
from experts.beside.models import Beside
from experts.beside.workflow import UNWRITTEN
from experts.consultation_models import Consultation
from experts.consultation_workflow import WITH_EXPERT
from experts.library import change_status
from experts.models import EntryStatus, Expert

#: steps of an entry that end its appointment
ENDING = frozenset({"end_term", "exit", "remove"})
#: steps that are signed for the centre, as the first appointment was
SIGNED = frozenset({"remove", "renew"})


def years_on(day: date, years: int) -> date:
    """The same day ``years`` later; 1 March for a 29 February that has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def current_appointment(session: Session, expert_id: uuid.UUID) -> Appointment | None:
    """The appointment that stands; None when there is none."""
    query = select(Appointment).where(Appointment.expert_id == expert_id, Appointment.ended_on.is_(None))
    return session.scalars(query.order_by(Appointment.from_on.desc())).first()


def appointments_of(session: Session, expert_id: uuid.UUID) -> list[Appointment]:
    """All of them, the newest first."""
    query = select(Appointment).where(Appointment.expert_id == expert_id)
    return list(session.scalars(query.order_by(Appointment.from_on.desc(), Appointment.number.desc())))


def appoint(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> tuple[Application, Expert, Appointment]:
    """Sign the appointment: the entry of the library and its certificate come into being.

    Raises BadInput (the signer sat on the panel), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    application = changing(session, actor, application_id, seen_version)
    move(session, time, actor, application, "appoint")
    told: dict[str, Any] = application.answers
    now = time.now()
    expert = Expert(
        id=new_id(),
        centre_id=application.centre_id,
        ref=application.number or str(application.id),
        name_zh=application.name,
        name_en=told.get("name_en", ""),
        expert_class=told["expert_class"],
        verified=True,
        admissions=[
            {
                "region": q["region"],
                "qualification": q["title"],
                "from": q.get("issued_on"),
                "to": q.get("expires_on"),
            }
            for q in told.get("qualifications", [])
            if q.get("region")
        ],
        languages=list(told.get("languages", [])),
        industries=list(told.get("industries", [])),
        dispute_types=list(told.get("dispute_types", [])),
        employer={"name": told.get("employer", ""), "group": ""},
        bio=told.get("bio", ""),
        title=told.get("title", ""),
        hours=told.get("hours"),
        created_at=now,
        updated_at=now,
    )
    session.add(expert)
    session.flush()
    for q in told.get("qualifications", []):
        session.add(
            Qualification(
                expert_id=expert.id,
                title=q["title"],
                number=q.get("number", ""),
                issuer=q.get("issuer", ""),
                issued_on=_day(q.get("issued_on")),
                expires_on=_day(q.get("expires_on")),
                state="verified",
                checked_by=application.checked_by,
                checked_at=now,
            )
        )
    application.expert_id = expert.id
    years = session.get_one(Call, application.call_id).term_years
    appointment = _sign(session, time, actor, expert, years, application.id)
    emit(session, "expert.changed", str(expert.id), {"fields": ["status"], "created": True}, time)
    return application, expert, appointment


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _sign(
    session: Session, time: Time, actor: Actor, expert: Expert, years: int, application_id: uuid.UUID | None
) -> Appointment:
    today = today_of(session, time, expert.centre_id)
    count = next_number(session, expert.centre_id, "certificate", today.year)
    appointment = Appointment(
        id=new_id(),
        centre_id=expert.centre_id,
        expert_id=expert.id,
        application_id=application_id,
        number=f"聘字〔{today.year}〕{count:04d}号",
        # 80 bits: nobody guesses a certificate, and a person can type it.
        code="-".join(secrets.token_hex(2) for _ in range(5)),
        name_zh=expert.name_zh,
        name_en=expert.name_en,
        expert_class=expert.expert_class,
        from_on=today,
        until_on=years_on(today, years) - timedelta(days=1),
        signed_by=actor.name,
        signed_at=time.now(),
    )
    session.add(appointment)
    session.flush()
    values = {"number": appointment.number, "until": appointment.until_on}
    audit.record(
        session,
        time,
        actor,
        "expert.appointed",
        "expert",
        expert.id,
        values=values,
        centre_id=expert.centre_id,
    )
    emit(session, "expert.appointed", str(expert.id), {"appointment": str(appointment.id)}, time)
    return appointment


def take_step(
    session: Session,
    time: Time,
    actor: Actor,
    expert_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    reason: str = "",
    years: int = TERM_YEARS,
) -> Expert:
    """Take a step of an entry's status, and what it means for appointments: an end, a new certificate, a bar.

    Raises as :func:`experts.library.change_status`; BadInput too when consultations are still with the expert (exit),
    NotAllowed when somebody who does not sign removes or renews.
    """
    if step in SIGNED and not actor.system:
        actor.require(Permission.APPOINT_SIGN)
    if step == "exit" and _has_matters(session, expert_id):
        raise refuse(
            "step",
            said("Consultations are still with this expert."),
            said("Take them back or let them end first."),
        )
    expert = change_status(
        session, time, actor, Expert, expert_id, step, seen_version=seen_version, reason=reason
    )
    today = today_of(session, time, expert.centre_id)
    if step in ENDING or step == "renew":
        for appointment in _standing(session, expert.id):
            appointment.ended_on, appointment.ended_by = today, step
    if step == "renew":
        _sign(session, time, actor, expert, years, None)
    if step == "remove":
        _bar(session, expert, today, reason)
    emit(session, "expert.standing", str(expert.id), {"step": step, "version": expert.version}, time)
    session.flush()
    return expert


def _standing(session: Session, expert_id: uuid.UUID) -> list[Appointment]:
    query = select(Appointment).where(Appointment.expert_id == expert_id, Appointment.ended_on.is_(None))
    return list(session.scalars(query))


def _has_matters(session: Session, expert_id: uuid.UUID) -> bool:
    states = [state.value for state in WITH_EXPERT]
    open_ones = exists().where(Consultation.expert_id == expert_id, Consultation.state.in_(states))
    beside = exists().where(
        Beside.expert_id == expert_id, Beside.state.in_([state.value for state in UNWRITTEN])
    )
    return bool(session.scalar(select(open_ones | beside)))


def _bar(session: Session, expert: Expert, today: date, reason: str) -> None:
    last4 = session.scalar(select(Application.id_last4).where(Application.expert_id == expert.id)) or ""
    session.add(
        Bar(
            centre_id=expert.centre_id,
            expert_id=expert.id,
            name_zh=expert.name_zh,
            id_last4=last4,
            from_on=today,
            until_on=years_on(today, BAR_YEARS),
            reason=reason.strip(),
        )
    )


def leave(session: Session, time: Time, actor: Actor, *, seen_version: int, reason: str = "") -> Expert:
    """The expert leaves the library. Raises NotFound, BadInput (consultations are still with them), StaleWrite."""
    actor.require(Permission.CONSULT_ADVISE)
    if actor.expert_id is None:
        raise NotFound(said("This account belongs to no entry of the expert library."))
    house = system_actor(actor.name, actor.centre_id)
    return take_step(
        session, time, house, actor.expert_id, "exit", seen_version=seen_version, reason=reason or "本人申请"
    )


def end_terms(session: Session, time: Time, centre_id: uuid.UUID) -> int:
    """End terms whose last day has passed; returns how many. For the job."""
    today, ended = today_of(session, time, centre_id), 0
    house = system_actor("job:appointing", centre_id)
    query = (
        select(Expert)
        .join(Appointment, Appointment.expert_id == Expert.id)
        .where(Expert.centre_id == centre_id, Appointment.ended_on.is_(None), Appointment.until_on < today)
        .order_by(Expert.id)
    )
    for expert in session.scalars(query).unique().all():
        if expert.status in (EntryStatus.ACTIVE.value, EntryStatus.SUSPENDED.value):
            take_step(session, time, house, expert.id, "end_term", seen_version=expert.version)
            ended += 1
    return ended


def evaluations_of(session: Session, expert_id: uuid.UUID) -> list[Evaluation]:
    """Evaluations, the newest first."""
    query = select(Evaluation).where(Evaluation.expert_id == expert_id)
    return list(session.scalars(query.order_by(Evaluation.year.desc())))


def evaluate(
    session: Session,
    time: Time,
    actor: Actor,
    expert_id: uuid.UUID,
    year: int,
    points: Mapping[str, int],
    *,
    words: str = "",
) -> tuple[Evaluation, bool]:
    """Write a year's evaluation; the second below 60 ends the appointment by exit. Returns it and whether that happened.

    Raises BadInput (points, a year not begun), NotFound, NotAllowed, TransitionRefused (the year has one, or the expert
    has left).
    """
    actor.require(Permission.APPOINT_HANDLE)
    session.execute(select(Expert.id).where(Expert.id == expert_id).with_for_update())
    expert = session.scalar(Expert.visible_to(actor).where(Expert.id == expert_id))
    if expert is None:
        raise NotFound(said("There is no such entry in the library."))
    if expert.status in (EntryStatus.EXITED.value, EntryStatus.REMOVED.value):
        raise TransitionRefused(said("The expert has left the library."))
    today = today_of(session, time, expert.centre_id)
    if not today.year - 5 <= year <= today.year:
        raise refuse("year", said("Evaluate this year or one of the five before."))
    there = evaluations_of(session, expert_id)
    if any(one.year == year for one in there):
        raise TransitionRefused(said("This year is evaluated already."))
    kept: dict[str, int] = {}
    for part in EVALUATION:
        given = points.get(part.id)
        if given is None or not 0 <= given <= part.most:
            raise refuse(part.id, said("Give 0 to %(most)s points.", most=part.most))
        kept[part.id] = given
    made = Evaluation(
        id=new_id(),
        expert_id=expert_id,
        year=year,
        points=kept,
        total=sum(kept.values()),
        words=words.strip(),
        by=actor.name,
        at=time.now(),
    )
    session.add(made)
    session.flush()
    audit.record(
        session, time, actor, "expert.evaluated", "expert", expert_id,
        values={"year": year, "points": kept}, centre_id=expert.centre_id,
    )  # fmt: skip
    emit(session, "expert.evaluated", str(expert_id), {"year": year}, time)
    low = sum(one.total < LEAST_EVALUATION for one in (*there, made))
    ends = made.total < LEAST_EVALUATION and low >= 2
    if ends:
        house = system_actor(actor.name, expert.centre_id)
        change = "考核两次低于 60 分"
        # The rule ends the appointment whatever is still open; the desk takes the matters back.
        change_status(
            session, time, house, Expert, expert_id, "exit", seen_version=expert.version, reason=change
        )
        for appointment in _standing(session, expert_id):
            appointment.ended_on, appointment.ended_by = today, "exit"
        session.flush()
    return made, ends
