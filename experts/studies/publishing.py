"""A case study signed by another person, shown publicly, and taken down."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, system_actor
from core.clock import Clock as Time
from core.errors import BadInput, NotFound, StaleWrite
from core.numbers import next_number
from core.said import said
from experts.consents import Purpose, is_given
from experts.consultation_models import Consultation
from experts.consultations import refuse, today_of
from experts.studies.checking import require_masked
from experts.studies.models import CaseStudy
from experts.studies.workflow import CHECKLIST, STUDY_WORKFLOW, StudyState

#: states in which a case study is still going somewhere or stands in public
_LIVE = (StudyState.DRAFT.value, StudyState.REVIEW.value, StudyState.PUBLISHED.value)


def get_study(session: Session, actor: Actor, study_id: uuid.UUID) -> CaseStudy:
    """The case study. Raises NotFound when the actor may not know of it."""
    found = session.scalar(CaseStudy.visible_to(actor).where(CaseStudy.id == study_id))
    if found is None:
        raise NotFound(said("There is no such case study."))
    return found


def changing(session: Session, actor: Actor, study_id: uuid.UUID, seen_version: int) -> CaseStudy:
    """The case study, locked for a change. Raises NotFound, or StaleWrite when it is no longer the version seen."""
    session.execute(select(CaseStudy.id).where(CaseStudy.id == study_id).with_for_update())
    found = get_study(session, actor, study_id)
    if found.centre_id != actor.centre_id:
        # Everybody reads what is public; its own centre alone changes it.
        raise NotFound(said("There is no such case study."))
    if found.version != seen_version:
        raise StaleWrite(
            said("This changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=found.version,
        )
    return found


def take(session: Session, time: Time, actor: Actor, study: CaseStudy, step: str, note: str = "") -> None:
    """Take a declared step: state, audit. Raises NotAllowed, TransitionRefused."""
    study.state = STUDY_WORKFLOW.take(step, study.state, actor)
    study.note = note.strip()
    touched(session, time, actor, study, step, {"state": study.state, "note": note.strip()})


def touched(
    session: Session,
    time: Time,
    actor: Actor,
    study: CaseStudy,
    act: str,
    values: dict[str, Any] | None = None,
) -> None:
    """Count a change and write its audit row."""
    study.version += 1
    study.updated_at = time.now()
    session.flush()
    audit.record(
        session, time, actor, f"case_study.{act}", "case_study", study.id, values=values,
        centre_id=study.centre_id,
    )  # fmt: skip


def require_consent(session: Session, study: CaseStudy) -> None:
    """Raise BadInput unless the firm agrees to a case study now."""
    consultation = session.get_one(Consultation, study.consultation_id)
    if not is_given(session, consultation, Purpose.CASE):
        raise BadInput(
            said("The firm has not agreed to a case study."),
            fix=said("It agrees on its consultation's page; ask for it in a message."),
        )


def content_of(study: CaseStudy) -> bytes:
    """What is signed."""
    told = [study.title, study.texts, study.region, study.scenario]
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def publish(
    session: Session, time: Time, actor: Actor, study_id: uuid.UUID, *, seen_version: int
) -> CaseStudy:
    """Sign a case study: it stands on the public page from then on.

    Raises BadInput (no consent, something of the matter stands in the text, or the signer wrote some of it), NotFound,
    NotAllowed, StaleWrite, TransitionRefused.
    """
    study = changing(session, actor, study_id, seen_version)
    STUDY_WORKFLOW.take("publish", study.state, actor)
    if actor.name in study.writers:
        raise BadInput(said("You wrote some of it: another person signs it."))
    require_consent(session, study)
    if set(study.checked) != set(CHECKLIST):
        raise refuse("checked", said("Confirm every point of the checklist first."))
    require_masked(session, study)
    today = today_of(session, time, study.centre_id)
    study.number = f"案例-{today.year}-{next_number(session, study.centre_id, 'case_study', today.year):05d}"
    study.signed_by, study.published_on = actor.name, today
    study.sha256 = hashlib.sha256(content_of(study)).hexdigest()
    take(session, time, actor, study, "publish")
    return study


def withdraw(
    session: Session, time: Time, actor: Actor, study_id: uuid.UUID, *, note: str, seen_version: int
) -> CaseStudy:
    """Take a case study down, or a draft away. Raises BadInput without a reason."""
    study = changing(session, actor, study_id, seen_version)
    STUDY_WORKFLOW.take("withdraw", study.state, actor)
    if not note.strip():
        raise refuse("note", said("Say why."))
    take(session, time, actor, study, "withdraw", note)
    return study


def consent_was_withdrawn(session: Session, time: Time, cause: Actor, consultation_id: uuid.UUID) -> int:
    """Take down whatever rests on a consent that was taken back; returns how many."""
    query = select(CaseStudy).where(CaseStudy.consultation_id == consultation_id, CaseStudy.state.in_(_LIVE))
    rows = session.scalars(query.order_by(CaseStudy.id).with_for_update()).all()
    for row in rows:
        take(session, time, system_actor(cause.name, row.centre_id), row, "consent_withdrawn")
    return len(rows)


def public_studies(session: Session, *, limit: int = 100) -> Sequence[CaseStudy]:
    """What everybody reads, the newest first."""
    query = select(CaseStudy).where(CaseStudy.state == StudyState.PUBLISHED.value)
    return session.scalars(
        query.order_by(CaseStudy.published_on.desc(), CaseStudy.id.desc()).limit(limit)
    ).all()


def studies_on(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Sequence[CaseStudy]:
    """The case studies of a consultation that the actor may see, the newest first."""
    query = CaseStudy.visible_to(actor).where(CaseStudy.consultation_id == consultation_id)
    return session.scalars(query.order_by(CaseStudy.id.desc())).all()
