"""Reports to the national centre (报送): prepared, secrecy checked, signed, sent, answered, told to the firm.

Whoever wrote any of a report neither checks nor signs it. The firm's consent is asked for before the check, and again
before the signature and the sending: taken back in between, the report is dropped. What was signed is never written again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.vault import Vault
from enterprises.models import Firm
from experts.agencies.moving import Guard, Obstacle, refuse
from experts.attachments import files_of
from experts.consultation_models import Attachment, Consultation
from experts.consultation_workflow import SECRECY, ConsultationState
from experts.consultations import get_consultation
from experts.onward.consent import UPWARD, ConsentGiven, stored_consent
from experts.onward.kinds import REPORTS, SECRECY_CHECKS
from experts.onward.models import Escalation
from experts.onward.moving import begun, changing, house_moves, keep, listed, move, says, touched, written
from experts.onward.package import Signed, seal_report
from experts.onward.workflow import UNSENT, EscalationState

#: what is written of a report
TEXTS = ("facts", "impact", "measures", "asked")
_LEVELS = tuple(SECRECY)
#: steps of the desk that need words at most: step -> field they go to
_RECORDED = {"record_sending": "receipt", "record_receipt": "receipt", "record_guidance": "guidance", "feed_back": "feedback"}  # fmt: skip


def begin_from_consultation(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID
) -> Escalation:
    """Begin a report from a consultation; what may stand in it is taken over, nobody's name or telephone is.

    Raises NotFound, NotAllowed, TransitionRefused (not accepted yet, or a report is already on its way).
    """
    row = get_consultation(session, actor, consultation_id)
    actor.require(Permission.ONWARD_HANDLE)
    if row.state in (ConsultationState.DRAFT.value, ConsultationState.REJECTED.value):
        raise TransitionRefused(said("Only what the centre has accepted is reported."))
    open_ones = select(Escalation.id).where(
        Escalation.consultation_id == row.id, Escalation.state.in_([state.value for state in UNSENT])
    )
    if session.scalar(open_ones) is not None:
        raise TransitionRefused(said("A report on this consultation is being prepared already."))
    facts = begun(
        session, time, actor, row.centre_id, Escalation,
        firm_id=row.firm_id, consultation_id=row.id, case_id=row.case_id, facts="", writers=[actor.name],
    )  # fmt: skip
    report = Escalation(id=new_id(), **facts)
    keep(session, time, actor, report, "begin")
    return report


def begin_from_case(session: Session, time: Time, actor: Actor, case_id: uuid.UUID) -> Escalation:
    """Begin a report on a public case; it names no firm of the centre. Raises NotFound, NotAllowed."""
    actor.require(Permission.ONWARD_HANDLE)
    case = session.scalar(Case.visible_to(actor).where(Case.id == case_id))
    if case is None or actor.centre_id is None:
        raise NotFound(said("There is no such case."))
    facts = begun(
        session, time, actor, actor.centre_id, Escalation, case_id=case.id, kind="situation", writers=[actor.name]
    )  # fmt: skip
    report = Escalation(id=new_id(), **facts)
    keep(session, time, actor, report, "begin")
    return report


def write_report(
    session: Session,
    time: Time,
    actor: Actor,
    report_id: uuid.UUID,
    texts: Mapping[str, str],
    *,
    kind: str,
    secrecy: str,
    files: Sequence[str],
    seen_version: int,
) -> Escalation:
    """Write the report. Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (no longer prepared), BadInput."""
    report = changing(session, actor, Escalation, report_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    if report.state != EscalationState.PREPARED.value:
        raise TransitionRefused(said("It is no longer being prepared: have it returned first."))
    if kind not in REPORTS:
        raise refuse("kind", said("Choose what kind of report it is."))
    if secrecy not in SECRECY:
        raise refuse("secrecy", said("Choose the secrecy label."))
    known = {str(file.id) for file in _files(session, actor, report)}
    report.kind, report.secrecy = kind, secrecy
    report.files = [one for one in files if one in known]
    for name in TEXTS:
        setattr(report, name, texts.get(name, "").strip())
    if actor.name not in report.writers:
        report.writers = [*report.writers, actor.name]
    touched(report, time)
    session.flush()
    written(session, time, actor, report, "written", {name: getattr(report, name) for name in TEXTS})
    return report


def _files(session: Session, actor: Actor, report: Escalation) -> list[Attachment]:
    if report.consultation_id is None:
        return []
    return files_of(session, actor, get_consultation(session, actor, report.consultation_id))


def files_for(session: Session, actor: Actor, report: Escalation) -> list[Attachment]:
    """The files of its consultation that may go with a report."""
    return _files(session, actor, report)


def _consultation(session: Session, report: Escalation) -> Consultation | None:
    return session.get(Consultation, report.consultation_id) if report.consultation_id else None


def consent_stands(
    session: Session, report: Escalation, consent_given: ConsentGiven = stored_consent
) -> bool:
    """Whether the firm agrees now; a report that is about no firm needs nobody's consent."""
    row = _consultation(session, report)
    return row is None or consent_given(session, row, UPWARD)


def _has_consent(session: Session, consent_given: ConsentGiven) -> Guard:
    def guard(report: Any, actor: Actor, today: date) -> Obstacle | None:
        if consent_stands(session, report, consent_given):
            return None
        return Obstacle(said("The firm has not agreed that this is reported; it agrees on its consultation's page."), "consent")  # fmt: skip

    return guard


def _is_somebody_else(report: Any, actor: Actor, today: date) -> Obstacle | None:
    if actor.name in report.writers:
        return Obstacle(said("You wrote some of it: another person checks and signs it."))
    return None


def _labels_fit(session: Session) -> Guard:
    def guard(report: Any, actor: Actor, today: date) -> Obstacle | None:
        chosen = [uuid.UUID(one) for one in report.files]
        labels = session.scalars(select(Attachment.secrecy).where(Attachment.id.in_(chosen))).all()
        if any(_LEVELS.index(label) > _LEVELS.index(report.secrecy) for label in labels):
            return Obstacle(
                said("A file that goes with it has a higher secrecy label than the report."), "secrecy"
            )
        return None

    return guard


def _names_no_firm(session: Session) -> Guard:
    def guard(report: Any, actor: Actor, today: date) -> Obstacle | None:
        if report.firm_id is not None:
            return None
        words = " ".join(getattr(report, name) for name in TEXTS)
        names = session.scalars(select(Firm.name_zh).where(Firm.centre_id == report.centre_id))
        if any(name in words for name in names):
            return Obstacle(said("It names a firm of this centre: report that from the firm's consultation, with its consent."), "facts")  # fmt: skip
        return None

    return guard


_NEEDED = {
    "facts": said("Say what happened."),
    "impact": said("Say what it means: industry, amounts, employment, for others."),
    "asked": said("Say what is asked of the national centre."),
}


def take(
    session: Session,
    time: Time,
    actor: Actor,
    report_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    words: str = "",
    channel: str = "",
    checked: Sequence[str] = (),
    consent_given: ConsentGiven = stored_consent,
) -> Escalation:
    """Take a step of a report; :func:`sign` takes the signature.

    Args:
        words: why it is returned or dropped; the receipt's number; the guidance; what the firm is told.
        channel: how it was sent, with ``record_sending``.
        checked: keys of :data:`SECRECY_CHECKS` answered with yes, with ``pass_check``; all are needed.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    report = changing(session, actor, Escalation, report_id, seen_version)
    text = words.strip()
    guards: list[Guard] = []
    if step == "sign":
        raise TransitionRefused(said("This step is taken on another page."))
    if step == "hand_in":
        guards += [says(name, getattr(report, name), sentence) for name, sentence in _NEEDED.items()]
        guards += [_has_consent(session, consent_given), _labels_fit(session), _names_no_firm(session)]
    if step == "pass_check":
        ticked = "yes" if set(checked) == set(SECRECY_CHECKS) else ""
        guards += [
            _is_somebody_else,
            says("checked", ticked, said("Confirm every point, or return the report.")),
        ]
    if step == "return":
        guards.append(says("words", text, said("Say what is to be changed.")))
    if step == "drop":
        guards.append(says("words", text, said("Say why it is dropped.")))
    if step == "record_sending":
        guards += [
            _has_consent(session, consent_given),
            says("channel", channel, said("Say how it was sent.")),
        ]
    if step in _RECORDED and step != "record_sending":
        guards.append(says("words", text, said("Write it down first.")))
    move(session, time, actor, report, step, guards=guards, note=text)
    if step == "pass_check":
        report.checked_by = actor.name
    if step == "record_sending":
        report.channel = channel.strip()
    if step in _RECORDED and text:
        setattr(report, _RECORDED[step], text)
    session.flush()
    return report


def sign(
    session: Session,
    time: Time,
    actor: Actor,
    vault: Vault,
    report_id: uuid.UUID,
    *,
    seen_version: int,
    own: Path,
    consent_given: ConsentGiven = stored_consent,
) -> Signed:
    """Sign a report: its content, its DOCX and the SHA-256 of every file are fixed from then on.

    Args:
        own: folder of the centre's own templates of documents; need not exist.

    Raises BadInput (no consent, or the signer wrote some of it), NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    report = changing(session, actor, Escalation, report_id, seen_version)
    move(
        session, time, actor, report, "sign", guards=(_is_somebody_else, _has_consent(session, consent_given))
    )
    report.signed_by, report.signed_at = actor.name, time.now()
    chosen = [file for file in _files(session, actor, report) if str(file.id) in report.files]
    signed = seal_report(session, vault, report, chosen, own)
    written(session, time, actor, report, "sealed", {"manifest": report.manifest})
    return signed


def consent_was_withdrawn(session: Session, time: Time, cause: Actor, consultation_id: uuid.UUID) -> int:
    """Drop whatever was not sent yet after the firm took its consent back; returns how many reports."""
    query = select(Escalation).where(
        Escalation.consultation_id == consultation_id, Escalation.state.in_([state.value for state in UNSENT])
    )
    rows = session.scalars(query.order_by(Escalation.id).with_for_update()).all()
    for row in rows:
        house_moves(session, time, cause, row, "consent_withdrawn")
    return len(rows)


def reports_on(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Sequence[Escalation]:
    """The reports on a consultation that the actor may see, the newest first."""
    query = Escalation.visible_to(actor).where(Escalation.consultation_id == consultation_id)
    return session.scalars(query.order_by(Escalation.id.desc())).all()


def list_reports(session: Session, actor: Actor, **wanted: Any) -> Sequence[Escalation]:
    """Reports the actor may see, the most pressing first."""
    return listed(session, actor, Escalation, **wanted)
