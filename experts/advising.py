"""Who may advise on a consultation: matching's answer, in the shape the desk asks for (:class:`experts.ports.Suggest`)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session, selectinload

from cases.models import Case
from core.actor import Actor
from core.clock import Clock
from enterprises.models import Firm
from experts.assignment_models import Assignment, AssignmentState
from experts.beside.models import Beside
from experts.beside.workflow import UNWRITTEN
from experts.consultation_models import Consultation
from experts.matching import MatchRequest
from experts.models import Expert
from experts.ports import Candidate, NamedFirms, Suggestion, Workload, no_firms
from experts.suggest import request_about, request_of_case, suggest

#: how many are offered for an assignment
_SHOWN = 5
#: parts of a score, in both languages: the reasons are kept with the assignment, whoever reads them later
_PARTS = {
    "industry": "产业与技术 industry",
    "text": "用词相近 words in common",
    "dispute": "案由与程序 dispute type",
    "forum": "该机构办案经验 depth in the forum",
    "language": "语言 language",
    "feedback": "评价 feedback",
    "place": "当地资格或业务 admitted or active there",
    "load": "在办数量 load",
}


def open_assignments(session: Session, expert_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many assignments each expert has open: asked or advising (:class:`experts.ports.OpenAssignments`)."""
    leading = select(Assignment.expert_id).where(
        Assignment.expert_id.in_(expert_ids),
        Assignment.state.in_([AssignmentState.WAITING.value, AssignmentState.DECLARED.value]),
    )
    beside = select(Beside.expert_id).where(
        Beside.expert_id.in_(expert_ids), Beside.state.in_([state.value for state in UNWRITTEN])
    )
    both = union_all(leading, beside).subquery()
    rows = session.execute(select(both.c.expert_id, func.count()).group_by(both.c.expert_id))
    return {row[0]: row[1] for row in rows}


def workloads(session: Session, clock: Clock, expert_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Workload]:
    """What each expert has open, of how many places, was given within 365 days, and when last."""
    now = clock.now()
    since = now - timedelta(days=365)
    rows = session.execute(
        select(
            Assignment.expert_id,
            func.count().filter(Assignment.assigned_at > since),
            func.max(Assignment.assigned_at),
        )
        .where(Assignment.expert_id.in_(expert_ids))
        .group_by(Assignment.expert_id)
    )
    given = {row[0]: (row[1], row[2].date()) for row in rows}
    opened = open_assignments(session, expert_ids)
    places = select(Expert.id, Expert.capacity).where(Expert.id.in_(expert_ids))
    return {
        one: Workload(opened.get(one, 0), capacity, *given.get(one, (0, None)))
        for one, capacity in session.execute(places).all()
    }


@dataclass(frozen=True)
class MatchedExperts:
    """Matching as the desk asks it. ``named`` says which registered firms a case names."""

    clock: Clock
    named: NamedFirms = no_firms

    def __call__(self, session: Session, actor: Actor, consultation: Consultation) -> Suggestion:
        request = self.request_for(session, actor, consultation)
        result = suggest(session, self.clock, actor, request, load=open_assignments)
        everybody = (
            [r.id for r in result.ranked] + [h.id for h in result.held] + [e.id for e in result.excluded]
        )
        ids = [uuid.UUID(str(i)) for i in everybody]
        loads = workloads(session, self.clock, ids)
        names = {e.id: e.name_zh for e in session.scalars(select(Expert).where(Expert.id.in_(ids)))}

        def candidate(
            one_id: object, reasons: tuple[str, ...], *, is_held: bool = False, is_exploration: bool = False
        ) -> Candidate:
            found = uuid.UUID(str(one_id))
            return Candidate(found, names[found], reasons, is_held, is_exploration, loads[found])

        ranked = [
            candidate(
                one.id,
                tuple(f"{_PARTS.get(part, part)} {value:.2f}" for part, value in one.parts.items() if value),
                is_exploration=one.exploration,
            )
            for one in result.ranked
        ]
        held = [candidate(one.id, one.doubts, is_held=True) for one in result.held]
        left_out = tuple((names[uuid.UUID(str(one.id))], one) for one in result.excluded)
        return Suggestion((*ranked, *held), left_out, result)

    def request_for(self, session: Session, actor: Actor, consultation: Consultation) -> MatchRequest:
        """What is matched: what the firm wrote, beside what the stored case says when it is about one."""
        firm = session.scalar(
            Firm.visible_to(actor).where(Firm.id == consultation.firm_id).options(selectinload(Firm.names))
        )
        case = None
        if consultation.case_id is not None:
            query = Case.visible_to(actor).where(Case.id == consultation.case_id)
            case = session.scalar(query.options(selectinload(Case.parties), selectinload(Case.tags)))
        told = request_of_case(session, self.clock, actor, case, named=self.named).request if case else None
        return request_about(
            consultation.id,
            self.clock,
            firm=firm,
            opponents=dict.fromkeys([*consultation.opponents, *(told.opponents if told else ())]),
            region=consultation.region or (told.region if told else None),
            venue=consultation.venue or (told.venue if told else None),
            industries=told.industries if told else (),
            dispute_types=told.dispute_types if told else (),
            ip_rights=told.ip_rights if told else (),
            case_languages=told.case_languages if told else (),
            client_languages=tuple(dict.fromkeys(("zh", consultation.language or "zh"))),
            text=" ".join((consultation.story, consultation.question, told.text if told else ""))[:2000],
            urgency=consultation.urgency,
            k=_SHOWN,
        )
