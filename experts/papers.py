"""The seven documents of DB34/T 5367-2026 (annexes A to G) from a consultation's record, in our own wording.

Their templates stand in ``templates/consultations/papers``; a centre changes one by putting a file of the same name into
``papers`` in the store. Either is run in a sandbox and given words and numbers alone. A document says what the record
says: its day is the day of the step it tells of, so that it is the same whenever it is drawn.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission, Role
from core.centres import Centre
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.said import said
from enterprises.models import Firm
from experts import opinions
from experts.attachments import files_of
from experts.beside.workflow import BESIDE_WORKFLOW
from experts.consultation_models import Consultation, ConsultationStep
from experts.consultation_workflow import (
    CLOCKS,
    CONSULTATION_WORKFLOW,
    HOURS,
    OUTCOMES,
    REFUSALS,
    SECRECY,
    SECTIONS,
    TERMINATIONS,
    ConsultationState,
)
from experts.consultations import get_consultation, written
from experts.models import Expert
from experts.signing import valid_signatures

SHIPPED = Path(__file__).parents[1] / "templates" / "consultations" / "papers"


@dataclass(frozen=True)
class Kind:
    """One of the seven: its annex, its titles, and the step it tells of ("" for none)."""

    annex: str
    zh: str
    en: str
    step: str


KINDS: dict[str, Kind] = {
    "application": Kind("A", "海外知识产权纠纷应对指导申请书", "Application for advice", "submit"),
    "supplement": Kind("B", "补充材料通知书", "Notice of what is missing", "ask_supplement"),
    "refusal": Kind("C", "不予受理通知书", "Notice of refusal", "reject"),
    "acceptance": Kind("D", "受理通知书", "Notice of acceptance", "accept"),
    "termination": Kind("E", "终止指导告知书", "Notice that advice has ended", "terminate"),
    "opinion": Kind("F", "海外知识产权纠纷应对指导意见书", "Opinion", "issue"),
    "dossier": Kind("G", "海外知识产权纠纷应对指导卷宗", "Dossier", ""),
}
_SCENARIOS = {
    "warning_letter": "警告函、律师函", "sued": "起诉", "section_337": "美国 337 调查", "tro": "临时限制令或资产冻结",
    "trade_fair": "展会查扣", "customs": "海关扣留", "platform": "平台下架", "other": "其他",
}  # fmt: skip
_URGENCY = {"u1": "特急", "u2": "紧急", "u3": "一般", "u4": "常规"}
_SIDES = {"firm": "申请主体", "staff": "中心", "expert": "专家", "system": "系统"}
#: lines of the history that move nothing
_NOTED = {
    "object": "企业申请专家回避",
    "objection_upheld": "回避申请成立",
    "objection_overruled": "回避申请不成立",
    "ask_beside": "邀请背靠背专家",
    "beside_declared": "背靠背专家声明无利益冲突",
    "beside_declined": "背靠背专家回避",
    "beside_taken_back": "收回背靠背邀请",
    "beside_handed_in": "背靠背意见交卷",
    "besides_opened": "背靠背意见开封",
    "remind_supplement": "提醒补正期限将至",
}
_ROLES = {"author": "撰写", "reviewer": "复核", "signer": "签发"}
_OFFICES = {"expert": "专家", "staff": "中心工作人员", "signer": "中心签发人"}
_ANSWERS = {"waiting": "未答复", "declared": "声明无利益冲突", "declined": "回避", "ended": "收回指派"}


def offered(consultation: Consultation, actor: Actor) -> list[str]:
    """The documents of ``consultation`` that ``actor`` may have: an expert the opinion alone, the dossier is the centre's."""
    if consultation.state == ConsultationState.DRAFT.value or not consultation.opens_to(actor):
        return []
    taken = {step.step for step in consultation.steps}
    ready = [kind for kind, told in KINDS.items() if not told.step or told.step in taken]
    if Role.STAFF in actor.roles:
        return ready
    if Role.FIRM_MEMBER in actor.roles:
        return [kind for kind in ready if kind != "dossier"]
    return [kind for kind in ready if kind == "opinion" and not consultation.is_apart(actor)]


def paper(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    kind: str,
    *,
    own: Path,
    translate: Callable[[str], str],
) -> tuple[Consultation, str]:
    """A document as HTML, which PDF and DOCX are drawn from; that it was taken is audited.

    Args:
        own: folder of the centre's own templates; need not exist.
        translate: the Chinese of a sentence of the catalogue.

    Raises:
        NotFound: the actor may not know of the consultation, or it has no such document for them.
        BadInput: the centre's own template cannot be used.
        EvidenceDamaged: an opinion is no longer what was issued.
    """
    consultation = get_consultation(session, actor, consultation_id)
    if kind not in offered(consultation, actor):
        raise NotFound(said("This consultation has no such document."))
    values = _values(session, clock, actor, consultation, kind)
    actor.require(Permission.CONSULT_READ)
    written(session, clock, actor, consultation, "paper", {"kind": kind})
    return consultation, _drawn(kind, values, own, translate)


def _drawn(kind: str, values: dict[str, Any], own: Path, translate: Callable[[str], str]) -> str:
    sandbox = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(own), FileSystemLoader(SHIPPED)]), autoescape=True
    )
    sandbox.filters["zh"] = translate
    try:
        return sandbox.get_template(f"{kind}.html").render(values)
    except TemplateError as error:
        raise BadInput(
            said(
                "The centre's own template of this document cannot be used: %(error)s", error=str(error)[:200]
            ),
            fix=said(
                "Mend it in the folder papers of the store, or take it away to use the one that is shipped."
            ),
        ) from error


def _values(session: Session, clock: Clock, actor: Actor, row: Consultation, kind: str) -> dict[str, Any]:
    centre, firm = session.get_one(Centre, row.centre_id), session.get_one(Firm, row.firm_id)
    zone, told = ZoneInfo(centre.zone), KINDS[kind]
    step = _last(row, told.step)
    at = step.at if step else row.updated_at
    taxonomy = load_taxonomy()
    accepted, declared = _last(row, "accept"), _last(row, "declare")
    values: dict[str, Any] = {
        "title": told.zh,
        "title_en": told.en,
        "number": f"{row.number}-{told.annex}",
        "matter": row.number,
        "centre": centre.zh,
        "made_at": at.isoformat(),
        "day": _day(at, zone),
        "firm": firm.name_zh,
        "ref": firm.ref,
        "scenario": _SCENARIOS.get(row.scenario, ""),
        "region": taxonomy.label(row.region, "zh"),
        "venue": taxonomy.label(row.venue, "zh") if row.venue else "",
        "docket_number": row.docket_number or "",
        "opponents": list(row.opponents),
        "known_on": row.known_on.isoformat() if row.known_on else "",
        "story": _lines(row.story),
        "question": _lines(row.question),
        "language": {"zh": "中文", "en": "英文"}.get(row.language, row.language),
        "contact_name": row.contact_name,
        "contact_phone": row.contact_phone,
        "contact_email": row.contact_email,
        "consent_truth": row.consent_truth,
        "consent_notice": row.consent_notice,
        "consent_expert": row.consent_expert,
        "consent_version": row.consent_version,
        "urgency": _URGENCY[row.urgency],
        "state": CONSULTATION_WORKFLOW.states[row.state][0],
        "note": _lines(step.note if step else ""),
        "files": [
            {
                "name": file.filename,
                "size": f"{file.size:,}",
                "secrecy": SECRECY[file.secrecy],
                "side": _SIDES.get(file.by_side, ""),
                "sha256": file.sha256,
            }
            for file in files_of(session, actor, row)
            if kind != "application"
            or (file.by_side == "firm" and row.submitted_at and file.at <= row.submitted_at)
        ],
        "refusal": REFUSALS[row.refusal] if row.refusal else None,
        "termination": TERMINATIONS[row.termination] if row.termination else "",
        "due": _long(row.due_on) if row.state == ConsultationState.SUPPLEMENT.value and row.due_on else "",
        "accepted_day": _day(accepted.at, zone) if accepted else "",
        "submitted_day": _day(row.submitted_at, zone) if row.submitted_at else "",
        "declared_day": _day(declared.at, zone) if declared else "",
        "promise_expert": _promise("accepted", row.urgency),
        "promise_opinion": _promise("guiding", row.urgency),
    }
    if kind == "opinion":
        values["opinion"] = _opinion(session, actor, row, zone)
    if kind == "dossier":
        values |= _dossier(session, row, zone)
    return values


def _last(row: Consultation, step: str) -> ConsultationStep | None:
    return next((taken for taken in reversed(row.steps) if taken.step == step), None)


def _opinion(session: Session, actor: Actor, row: Consultation, zone: ZoneInfo) -> dict[str, Any]:
    newest = opinions.issued_of(session, row)[0]
    _, opinion = opinions.get_issued(session, actor, row.id, newest.number or 0)
    return {
        "number": opinion.number,
        "author": opinion.author,
        "correction": opinion.correction,
        "sent_day": _day(opinion.sent_at, zone) if opinion.sent_at else "",
        "sha256": opinion.sha256,
        "cited": opinion.cited,
        "signatures": [
            {
                "role": _ROLES[one.role],
                "name": one.name,
                "office": _OFFICES.get(one.office, one.office),
                "at": _minute(one.at, zone),
                "version": one.version,
                "sha256": one.sha256,
                "what": "签发内容" if one.role == "signer" else "送审稿",
            }
            for one in valid_signatures(opinion)
        ],
        "sections": [
            {"title": title, "lines": _lines(opinion.sections.get(name) or "")} for name, title in SECTIONS
        ],
    }


def _dossier(session: Session, row: Consultation, zone: ZoneInfo) -> dict[str, Any]:
    names = {
        expert.id: expert.name_zh
        for expert in session.scalars(
            select(Expert).where(Expert.id.in_([a.expert_id for a in row.assignments]))
        )
    }
    return {
        "steps": [
            {
                "at": _minute(step.at, zone),
                "state": _NOTED.get(step.step, CONSULTATION_WORKFLOW.states[step.state][0]),
                "side": _SIDES.get(step.by_side, ""),
                "note": step.note,
            }
            for step in row.steps
        ],
        "assignments": [
            {
                "name": names.get(a.expert_id, "—"),
                "at": _minute(a.assigned_at, zone),
                "answer": _ANSWERS.get(a.state, a.state),
                "answered": _minute(a.answered_at, zone) if a.answered_at else "—",
            }
            for a in row.assignments
        ],
        "opinions": [
            {
                "number": o.number,
                "author": o.author,
                "at": _minute(o.issued_at, zone) if o.issued_at else "",
                "sha256": o.sha256 or "",
            }
            for o in reversed(opinions.issued_of(session, row))
        ],
        "besides": [
            {
                "name": one.author,
                "at": _minute(one.asked_at, zone),
                "state": BESIDE_WORKFLOW.states[one.state][0],
                "handed_in": _minute(one.handed_in_at, zone) if one.handed_in_at else "—",
                "sha256": one.sha256 or "",
            }
            for one in row.besides
        ],
        "signatures": [
            {"number": o.number, "role": _ROLES[one.role], "name": one.name, "at": _minute(one.at, zone)}
            for o in reversed(opinions.issued_of(session, row))
            for one in valid_signatures(o)
        ],
        "follow_ups": [{"due": _long(f.due_on), "note": f.note} for f in row.follow_ups],
        "outcome": OUTCOMES[row.outcome] if row.outcome else "",
        "cost_saved": None if row.cost_saved is None else f"{row.cost_saved:,}",
        "saving_method": row.saving_method,
        "saving_confirmer": row.saving_confirmer,
        "satisfaction": row.satisfaction,
    }


def _promise(state: str, urgency: str) -> str:
    days = CLOCKS[state][urgency]
    return f"{days} 个工作日内" if days else f"{HOURS} 个工作小时内"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _long(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _day(at: datetime, zone: ZoneInfo) -> str:
    return _long(at.astimezone(zone).date())


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
