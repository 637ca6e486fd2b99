"""Matching within the service: from a stored case, or from any request another room makes.

:func:`suggest` only reads, so a page may ask it at any time; what a decision rests on is written down by
:func:`record_decision`, in the decision's own transaction. Another room makes its request with :func:`request_about`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock, local_date
from enterprises.models import Firm
from experts.appointing.standing_models import DeclaredInterest
from experts.matching import MatchRequest, MatchResult, match
from experts.matching.places import region_code, venue_id
from experts.models import Agency, Expert
from experts.ports import NamedFirms, OpenAssignments, no_assignments, no_firms
from experts.records import candidate_of

#: the day a request is judged at is the centre's
_ZONE = "Asia/Shanghai"
#: the language firms are advised in, when nobody says another
_CLIENT_LANGUAGES = ("zh",)
#: who began the dispute, and whom it is brought against; other roles may be on either side
_STARTED = frozenset({"plaintiff", "complainant", "petitioner", "opposer", "appellant"})
_ANSWERS = frozenset({"defendant", "respondent", "patent_owner", "applicant", "registrant", "appellee"})
#: a case's words that matter for matching; its later ones repeat them
_TEXT_LENGTH = 2000


def request_about(
    identity: object,
    clock: Clock,
    *,
    firm: Firm | None = None,
    opponents: Iterable[str] = (),
    counsel: Iterable[str] = (),
    group: Iterable[str] = (),
    region: str | None = None,
    venue: str | None = None,
    industries: Iterable[str] = (),
    dispute_types: Iterable[str] = (),
    ip_rights: Iterable[str] = (),
    case_languages: Iterable[str] = (),
    client_languages: Iterable[str] = _CLIENT_LANGUAGES,
    text: str = "",
    urgency: str | None = None,
    k: int = 5,
) -> MatchRequest:
    """A request of today about ``identity`` (a case's or a consultation's id).

    Args:
        firm: the firm that needs help, with its names; its industries count where none are told.
        region, venue: by id, code or printed name; None when not known.
    """
    currents = load_taxonomy().currents
    return MatchRequest(
        id=str(identity),
        on=local_date(clock.now(), _ZONE),
        firm=_names(firm),
        group=tuple(group),
        opponents=tuple(opponents),
        counsel=tuple(counsel),
        region=region_code(region),
        venue=venue_id(venue),
        industries=tuple(currents(tuple(industries) or tuple(firm.industries if firm else ()))),
        dispute_types=tuple(currents(dispute_types)),
        ip_rights=tuple(ip_rights),
        case_languages=tuple(case_languages),
        client_languages=tuple(client_languages),
        text=text,
        urgency=urgency,
        k=k,
    )


def _names(firm: Firm | None) -> tuple[str, ...]:
    if firm is None:
        return ()
    return tuple(
        dict.fromkeys(n for n in (firm.name_zh, firm.name_en, *(row.name for row in firm.names)) if n)
    )


@dataclass(frozen=True)
class CaseRequest:
    """A request made from a case: for which registered firm, or for whoever it is brought against."""

    request: MatchRequest
    firm: Firm | None


def request_of_case(
    session: Session, clock: Clock, actor: Actor, case: Case, *, named: NamedFirms = no_firms, k: int = 5
) -> CaseRequest:
    """The request a case stands for. Its other side are the parties opposite the registered firm it names; where it
    names none, those who began the dispute. A role that may be of either side counts as the other: unknown is not
    "no conflict"."""
    pairs = named(session, actor, case.id)
    firm, sided = None, _ANSWERS
    parties = list(case.parties)
    if pairs:
        firm_id, party_id = pairs[0]
        query = Firm.visible_to(actor).where(Firm.id == firm_id).options(selectinload(Firm.names))
        firm = session.scalar(query)
        own = next((p for p in parties if p.id == party_id), None)
        sided = _side(own.role) if own else _ANSWERS
        parties = [p for p in parties if p.id not in {party for _, party in pairs}]
    tags = {kind: _values(case, kind) for kind in ("industry", "dispute_type", "ip_right", "region")}
    request = request_about(
        case.id,
        clock,
        firm=firm,
        opponents=[p.name for p in parties if p.role not in sided],
        region=next(iter(tags["region"]), None),
        venue=case.venue,
        industries=tags["industry"],
        dispute_types=tags["dispute_type"],
        ip_rights=tags["ip_right"],
        case_languages=[case.language] if case.language else (),
        text=" ".join((case.caption, case.title, case.text))[:_TEXT_LENGTH],
        k=k,
    )
    return CaseRequest(request, firm)


def _side(role: str) -> frozenset[str]:
    return _STARTED if role in _STARTED else _ANSWERS


def _values(case: Case, kind: str) -> list[str]:
    return sorted({tag.value for tag in case.tags if tag.kind == kind})


def suggest(
    session: Session,
    clock: Clock,
    actor: Actor,
    request: MatchRequest,
    *,
    load: OpenAssignments = no_assignments,
) -> MatchResult:
    """Experts and agencies of the actor's centre for a request; ids are the entries' outside ids, as texts.

    Raises NotAllowed unless the actor matches.
    """
    actor.require(Permission.MATCH)
    experts: Sequence[Expert] = session.scalars(Expert.visible_to(actor)).all()
    agencies: Sequence[Agency] = session.scalars(Agency.visible_to(actor)).all()
    ids = [expert.id for expert in experts]
    open_of, declared = load(session, ids), _interests(session, ids)
    return match(
        request,
        (
            candidate_of(
                expert,
                open_assignments=open_of.get(expert.id, 0),
                interests=declared.get(expert.id, ()),
            )
            for expert in experts
        ),
        map(candidate_of, agencies),
        imputes=True,
    )


def _interests(session: Session, expert_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[DeclaredInterest]]:
    """What experts declared, whenever it ended: matching itself looks five years back."""
    found: dict[uuid.UUID, list[DeclaredInterest]] = defaultdict(list)
    query = select(DeclaredInterest).where(DeclaredInterest.expert_id.in_(expert_ids))
    for row in session.scalars(query.order_by(DeclaredInterest.id)):
        found[row.expert_id].append(row)
    return found


def suggest_experts(
    session: Session,
    clock: Clock,
    actor: Actor,
    case: Case,
    *,
    named: NamedFirms = no_firms,
    load: OpenAssignments = no_assignments,
    k: int = 3,
) -> tuple[CaseRequest, MatchResult]:
    """What the case page shows: the request the case stands for, and who can help. Raises NotAllowed."""
    actor.require(Permission.MATCH)
    made = request_of_case(session, clock, actor, case, named=named, k=k)
    return made, suggest(session, clock, actor, made.request, load=load)


def record_decision(
    session: Session, clock: Clock, actor: Actor, subject: str, subject_id: uuid.UUID, result: MatchResult
) -> None:
    """Write down that a decision about ``subject`` ("consultation", "case") rests on ``result``: its version, who was
    ranked with what score, who was held or left out and why. Digested, as everything in the audit."""
    actor.require(Permission.MATCH)
    audit.record(
        session,
        clock,
        actor,
        "match.used",
        subject,
        subject_id,
        values={
            "version": result.version,
            "ranked": [[str(r.id), r.score, r.exploration] for r in (*result.ranked, *result.agencies)],
            "held": [str(h.id) for h in (*result.held, *result.agencies_held)],
            "excluded": [[str(e.id), e.causes] for e in (*result.excluded, *result.agencies_excluded)],
        },
    )
