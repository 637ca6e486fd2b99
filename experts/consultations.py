"""A consultation from its draft to its submission, read by each side as far as it may.

What staff and experts do with it is in :mod:`experts.casework` and :mod:`experts.opinions`, the words between them in
:mod:`experts.messages`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import audit
from core.actor import Actor, Permission, Role
from core.centres import Centre
from core.clock import Clock, local_date
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.numbers import next_number
from core.outbox import emit
from core.said import Said, said
from experts.consents import Purpose, keep
from experts.consultation_clock import pause_beside, set_clock
from experts.consultation_models import Consultation, ConsultationMessage, ConsultationStep
from experts.consultation_workflow import (
    CONSENT_VERSION,
    CONSULTATION_WORKFLOW,
    URGENCY_OF,
    ConsultationState,
    Scenario,
)
from experts.urgency import judge_urgency

#: within this time opening it again is the same reading
_OPENED_ONCE = timedelta(hours=24)
#: what the firm tells; a draft may leave any of it open
ANSWERS = (
    "scenario", "story", "region", "venue", "docket_number", "opponents", "known_on", "question",
    "contact_name", "contact_phone", "contact_email", "language", "limit_on",
)  # fmt: skip


def side_of(actor: Actor) -> str:
    """The side an actor writes for: firm, expert, staff or system."""
    for role, side in ((Role.FIRM_MEMBER, "firm"), (Role.EXPERT, "expert"), (Role.STAFF, "staff")):
        if role in actor.roles:
            return side
    return "system"


def refuse(field: str, sentence: Said, fix: Said | None = None) -> BadInput:
    """What is raised for one answer of a form that cannot be used."""
    return BadInput(
        sentence, fix=fix or said("Mend what is named and send it again."), fields={field: [sentence]}
    )


def today_of(session: Session, clock: Clock, centre_id: uuid.UUID) -> date:
    """The date at a centre."""
    return local_date(clock.now(), session.get_one(Centre, centre_id).zone)


def get_consultation(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Consultation:
    """The consultation with its steps and assignments. Raises NotFound when the actor may not know of it."""
    query = Consultation.visible_to(actor).where(Consultation.id == consultation_id)
    found = session.scalar(
        query.options(selectinload(Consultation.steps), selectinload(Consultation.assignments))
    )
    if found is None:
        raise NotFound(said("There is no such consultation for you."))
    return found


def changing(
    session: Session, actor: Actor, consultation_id: uuid.UUID, seen_version: int | None = None
) -> Consultation:
    """The consultation, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
    session.execute(select(Consultation.id).where(Consultation.id == consultation_id).with_for_update())
    found = get_consultation(session, actor, consultation_id)
    if seen_version is not None and found.version != seen_version:
        raise StaleWrite(
            said("This consultation changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=found.version,
        )
    return found


def move(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation: Consultation,
    step: str,
    *,
    note: str = "",
) -> None:
    """Take a declared step: state, clock, history, audit and outbox. Raises NotAllowed, TransitionRefused."""
    before = consultation.state
    taken_to = CONSULTATION_WORKFLOW.take(step, before, actor)
    if not is_theirs(consultation, step, actor):
        raise NotAllowed(
            said("The leading expert takes this step."),
            fix=said("What you write stands on a page of its own."),
        )
    consultation.state = taken_to
    now = clock.now()
    zone = session.get_one(Centre, consultation.centre_id).zone
    set_clock(consultation, before, now, zone)
    pause_beside(consultation, before, now, zone)
    consultation.version += 1
    consultation.updated_at = now
    taken = ConsultationStep(
        step=step, state=consultation.state, note=note, by_side=side_of(actor), by=actor.name, at=now
    )
    consultation.steps.append(taken)
    session.flush()
    written(session, clock, actor, consultation, step, {"state": consultation.state, "note": note})
    tell(session, clock, consultation, step, taken)


def is_theirs(consultation: Consultation, step: str, actor: Actor) -> bool:
    """Whether a step that experts take is this actor's: the leading expert's, and nobody's who writes beside."""
    declared = next(one for one in CONSULTATION_WORKFLOW.steps if one.name == step)
    if declared.permission is not Permission.CONSULT_ADVISE or actor.system:
        return True
    return consultation.expert_id is not None and consultation.expert_id == actor.expert_id


def noted(
    session: Session, clock: Clock, actor: Actor, consultation: Consultation, step: str, note: str = ""
) -> ConsultationStep:
    """A line in the history that moves nothing; the outbox tells of it."""
    taken = ConsultationStep(
        step=step, state=consultation.state, note=note, by_side=side_of(actor), by=actor.name, at=clock.now()
    )
    consultation.steps.append(taken)
    consultation.version += 1
    consultation.updated_at = clock.now()
    session.flush()
    tell(session, clock, consultation, step, taken)
    return taken


def tell(
    session: Session,
    clock: Clock,
    consultation: Consultation,
    step: str,
    row: ConsultationStep | ConsultationMessage,
) -> None:
    """Say in the outbox that a step was taken or a message written."""
    told = {
        "consultation": str(consultation.id),
        "step": step,
        "state": consultation.state,
        "id": row.id,
        "by_side": row.by_side,
    }
    emit(session, "consultation.moved", str(consultation.id), told, clock)


def written(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation: Consultation,
    act: str,
    values: dict[str, Any] | None = None,
) -> None:
    """Write the audit row of an act on a consultation."""
    audit.record(
        session,
        clock,
        actor,
        f"consultation.{act}",
        "consultation",
        consultation.id,
        values=values,
        centre_id=consultation.centre_id,
    )


def is_opening_noted(session: Session, clock: Clock, actor: Actor, consultation: Consultation) -> bool:
    """Whether it stands already that this person opened it within the last day."""
    begin = clock.now() - _OPENED_ONCE
    seen = select(audit.AuditRow.id).where(
        audit.AuditRow.subject_id == str(consultation.id),
        audit.AuditRow.action == "consultation.opened",
        audit.AuditRow.actor == actor.name,
        audit.AuditRow.at > begin,
    )
    return session.scalar(seen.limit(1)) is not None


def note_opening(session: Session, clock: Clock, actor: Actor, consultation: Consultation) -> None:
    """Write down, once a day and person, that somebody of the centre or an expert opened it: it shows a contact."""
    if not is_opening_noted(session, clock, actor, consultation):
        written(session, clock, actor, consultation, "opened")


def begin_draft(
    session: Session,
    clock: Clock,
    actor: Actor,
    answers: Mapping[str, Any],
    *,
    alert_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
) -> Consultation:
    """Begin a consultation of the actor's firm; what is still open may be told later. Raises NotAllowed."""
    actor.require(Permission.CONSULT_SUBMIT)
    if actor.firm_id is None or actor.centre_id is None:
        raise BadInput(
            said("A consultation belongs to a firm."), fix=said("Sign in with an account of the firm.")
        )
    now = clock.now()
    draft = Consultation(
        centre_id=actor.centre_id,
        firm_id=actor.firm_id,
        alert_id=alert_id,
        case_id=case_id,
        created_by=actor.name,
        created_at=now,
        updated_at=now,
        **{name: answers[name] for name in ANSWERS if name in answers},
    )
    draft.urgency = _urgency(session, clock, draft)
    session.add(draft)
    session.flush()
    written(session, clock, actor, draft, "begun", dict(answers))
    return draft


def _urgency(session: Session, clock: Clock, draft: Consultation) -> str:
    """How urgent a draft is: by its scenario, and by a last day where one was told."""
    presumed = URGENCY_OF.get(draft.scenario or "", URGENCY_OF[Scenario.OTHER.value])
    if draft.limit_on is None:
        return presumed.value
    today = today_of(session, clock, draft.centre_id)
    return judge_urgency(draft.scenario or "", draft.limit_on, today).urgency.value


def _own_draft(
    session: Session, actor: Actor, consultation_id: uuid.UUID, seen_version: int | None
) -> Consultation:
    draft = changing(session, actor, consultation_id, seen_version)
    actor.require(Permission.CONSULT_SUBMIT)
    if draft.state != ConsultationState.DRAFT.value:
        raise TransitionRefused(
            said("It was submitted and is no draft any more."),
            fix=said("Write a message in it to add something."),
        )
    return draft


def save_draft(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    answers: Mapping[str, Any],
    *,
    seen_version: int,
) -> Consultation:
    """Keep what was told so far. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (no draft)."""
    draft = _own_draft(session, actor, consultation_id, seen_version)
    for name in ANSWERS:
        if name in answers:
            setattr(draft, name, answers[name])
    draft.urgency = _urgency(session, clock, draft)
    draft.version += 1
    draft.updated_at = clock.now()
    written(session, clock, actor, draft, "saved", dict(answers))
    return draft


def discard_draft(session: Session, clock: Clock, actor: Actor, consultation_id: uuid.UUID) -> None:
    """Delete a draft and its answers; the caller removes its files first (:mod:`experts.attachments`)."""
    draft = _own_draft(session, actor, consultation_id, None)
    written(session, clock, actor, draft, "discarded")
    session.delete(draft)


#: what must be told before it can be submitted, and what is said when it is not
_NEEDED: tuple[tuple[str, Said], ...] = (
    ("scenario", said("Choose what you received.")),
    ("story", said("Say what happened.")),
    ("region", said("Choose the country or region.")),
    ("opponents", said("Name the other side.")),
    ("known_on", said("Say when the papers were served, or when you learned of it.")),
    ("question", said("Say what you want to know.")),
    ("contact_name", said("Name somebody to speak to.")),
)


def missing_answers(draft: Consultation) -> dict[str, list[Said]]:
    """What is still open: field -> sentences; empty when it can be submitted."""
    gaps = {name: [sentence] for name, sentence in _NEEDED if not getattr(draft, name)}
    if not draft.contact_phone and not draft.contact_email:
        gaps["contact_phone"] = [said("Give a telephone number or an e-mail address.")]
    return gaps


def submit(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    *,
    seen_version: int,
    truth: bool,
    notice: bool,
    expert: bool,
) -> Consultation:
    """Hand a draft to the centre under a number of its own.

    Args:
        truth, notice, expert: what was agreed to: that it is true, the notice on personal information, and that an
            expert may see it; the first two are needed.

    Raises:
        BadInput: answers or consents are missing; ``details["fields"]`` says which.
        NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    draft = _own_draft(session, actor, consultation_id, seen_version)
    return hand_in(session, clock, actor, draft, truth=truth, notice=notice, expert=expert)


def hand_in(
    session: Session,
    clock: Clock,
    actor: Actor,
    draft: Consultation,
    *,
    truth: bool,
    notice: bool,
    expert: bool,
) -> Consultation:
    """As :func:`submit`, of a draft that the caller holds locked; the actor may have the step's right lent."""
    gaps = missing_answers(draft)
    if not truth:
        gaps["truth"] = [said("Confirm that what you told is true.")]
    if not notice:
        gaps["notice"] = [said("Agree to the notice on personal information, or do not send it.")]
    if gaps:
        raise BadInput(
            said("Something is missing before this can be submitted."),
            fix=said("Mend what is named and send it again."),
            fields=gaps,
        )
    now = clock.now()
    year = today_of(session, clock, draft.centre_id).year
    draft.number = f"咨询-{year}-{next_number(session, draft.centre_id, 'consultation', year):05d}"
    draft.consent_truth, draft.consent_notice, draft.consent_expert = truth, notice, expert
    draft.consent_version, draft.consent_at, draft.submitted_at = CONSENT_VERSION, now, now
    keep(session, clock, actor, draft, Purpose.EXPERT, expert)
    move(session, clock, actor, draft, "submit")
    return draft
