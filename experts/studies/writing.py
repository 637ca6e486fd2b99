"""Drafts of case studies: begun from a consultation that is over, masked, checked against everything of the matter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.errors import TransitionRefused
from core.said import said
from experts.consultation_workflow import ConsultationState
from experts.consultations import get_consultation, refuse
from experts.studies.checking import require_masked
from experts.studies.models import CaseStudy
from experts.studies.publishing import changing, require_consent, take, touched
from experts.studies.workflow import CHECKLIST, SECTIONS, STUDY_WORKFLOW, StudyState

#: states of a consultation that can be told
TELLABLE = (ConsultationState.CLOSED.value, ConsultationState.ARCHIVED.value)


def begin(session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID) -> CaseStudy:
    """Begin a case study of a consultation that is over.

    Raises NotFound, NotAllowed, BadInput (no consent), TransitionRefused (not over, or one is there already).
    """
    actor.require(Permission.STUDY_WRITE)
    consultation = get_consultation(session, actor, consultation_id)
    if consultation.state not in TELLABLE:
        raise TransitionRefused(said("A case study is written when the consultation is over."))
    live = select(CaseStudy.id).where(
        CaseStudy.consultation_id == consultation_id, CaseStudy.state != StudyState.WITHDRAWN.value
    )
    if session.scalar(live) is not None:
        raise TransitionRefused(said("There is a case study of it already."))
    now = time.now()
    study = CaseStudy(
        centre_id=consultation.centre_id, consultation_id=consultation.id, region=consultation.region,
        scenario=consultation.scenario, texts=dict.fromkeys(SECTIONS, ""), checked=[], writers=[actor.name],
        created_by=actor.name, created_at=now, updated_at=now,
    )  # fmt: skip
    require_consent(session, study)
    session.add(study)
    session.flush()
    touched(session, time, actor, study, "begun")
    return study


def write(
    session: Session,
    time: Time,
    actor: Actor,
    study_id: uuid.UUID,
    *,
    title: str,
    texts: Mapping[str, str],
    checked: list[str],
    seen_version: int,
) -> CaseStudy:
    """Save a draft. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (it is no draft)."""
    study = changing(session, actor, study_id, seen_version)
    actor.require(Permission.STUDY_WRITE)
    if study.state != StudyState.DRAFT.value:
        raise TransitionRefused(said("Only a draft is written; return it first."))
    study.title = title.strip()
    study.texts = {name: texts.get(name, "").strip() for name in SECTIONS}
    study.checked = [point for point in CHECKLIST if point in checked]
    study.writers = sorted({*study.writers, actor.name})
    told = {"title": study.title, "texts": study.texts, "checked": study.checked}
    touched(session, time, actor, study, "written", told)
    return study


def hand_in(
    session: Session, time: Time, actor: Actor, study_id: uuid.UUID, *, seen_version: int
) -> CaseStudy:
    """Send a draft to another person.

    Raises BadInput: something is empty, a point of the checklist is open, the firm does not agree, or something of the
        matter stands in the text. NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    study = changing(session, actor, study_id, seen_version)
    STUDY_WORKFLOW.take("submit", study.state, actor)
    if not study.title:
        raise refuse("title", said("Give it a title."))
    for name in SECTIONS:
        if not study.texts.get(name):
            raise refuse(name, said("Write something first."))
    if set(study.checked) != set(CHECKLIST):
        raise refuse("checked", said("Confirm every point of the checklist first."))
    require_consent(session, study)
    require_masked(session, study)
    take(session, time, actor, study, "submit")
    return study


def send_back(
    session: Session, time: Time, actor: Actor, study_id: uuid.UUID, *, note: str, seen_version: int
) -> CaseStudy:
    """Return one for changes. Raises BadInput without a reason."""
    study = changing(session, actor, study_id, seen_version)
    STUDY_WORKFLOW.take("return", study.state, actor)
    if not note.strip():
        raise refuse("note", said("Say what is to be changed."))
    take(session, time, actor, study, "return", note)
    return study
