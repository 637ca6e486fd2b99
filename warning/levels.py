"""The level of a case for a centre: by rule, computed when read, or as its staff decided with a reason.

The rule's answer changes with every day and every docket entry, so it is not stored; a decision is, and names the rule's
answer it was taken against. A new decision ends the one before it; ending it by hand gives the case back to the rule.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.deadlines.docket import clocks_of_case
from cases.models import Case, CaseStatus, Party
from cases.query import get_case
from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock, local_date
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from enterprises.models import Firm
from warning.bulletin_parties import side_of
from warning.models import LevelDecision, PartyMatch
from warning.severity import LEVELS, Severity, SeverityFacts, campaign_window, judge

#: characters of a reason
LEAST_REASON, MOST_REASON = 4, 2000


@dataclass(frozen=True)
class CaseLevel:
    """A case's level for a centre: what the rule says, and the decision in force, if there is one."""

    severity: Severity
    decision: LevelDecision | None

    @property
    def level(self) -> str:
        """The level that counts."""
        return self.decision.level if self.decision else self.severity.level


def severity_facts(session: Session, centre_id: uuid.UUID, case: Case, now: datetime) -> SeverityFacts:
    """What the rubric counts of ``case`` for the centre at ``now`` (aware); days are the centre's, a clock's its forum's."""
    today = local_date(now, session.get_one(Centre, centre_id).zone)
    values: dict[str, set[str]] = {}
    for tag in case.tags:
        values.setdefault(tag.kind, set()).add(tag.value)
    local = session.scalar(
        select(func.count(func.distinct(PartyMatch.firm_id)))
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .where(PartyMatch.case_id == case.id, PartyMatch.centre_id == centre_id)
        .where(PartyMatch.grade == "confirm", Firm.is_local)
    )
    keys = [party.key for party in case.parties if side_of(party.role) == "claimant"]
    since = (case.filed_on or today) - campaign_window()
    campaign = session.scalar(
        select(func.count(func.distinct(Case.id)))
        .join(Party, Party.case_id == Case.id)
        .where(Party.key.in_(keys), Case.id != case.id, Case.status == CaseStatus.PUBLIC.value)
        .where(Case.filed_on >= since, Case.filed_on <= today)
    )
    # A clock that was not read has no end at all, so it can give no points.
    clocks = clocks_of_case(case.venue, case.events, now)
    due = clocks.of_the_firm
    return SeverityFacts(
        dispute_types=tuple(sorted(values.get("dispute_type", ()))),
        remedies=tuple(sorted(values.get("remedy", ()))),
        local_named=local or 0,
        campaign=campaign or 0,
        days_quiet=(today - case.latest_on).days if case.latest_on else None,
        is_concluded=bool(case.outcome),
        days_to_clock=max(0, (due.safe_day - clocks.today).days) if due and due.safe_day else None,
        clock=(due.clock.zh, due.clock.en) if due else ("", ""),
    )


def level_of_case(session: Session, clock: Clock, actor: Actor, case: Case) -> CaseLevel:
    """The level of ``case`` for the actor's centre. Raises NotAllowed, or BadInput for an actor without a centre."""
    actor.require(Permission.LEVEL_SET)
    centre_id = _centre_of(actor)
    severity = judge(severity_facts(session, centre_id, case, clock.now()))
    return CaseLevel(severity, decision_of(session, actor, case.id))


@dataclass(frozen=True)
class Standing:
    """A case's level as a firm may see it: who decided against the rule, and why, is the centre's own."""

    severity: Severity
    level: str

    @property
    def is_set(self) -> bool:
        """Whether the centre's staff set another level than the rule's."""
        return self.level != self.severity.level


def standing_of_case(session: Session, clock: Clock, centre_id: uuid.UUID, case: Case) -> Standing:
    """The level of ``case`` for a centre, for whoever may see an alert about it."""
    severity = judge(severity_facts(session, centre_id, case, clock.now()))
    query = select(LevelDecision.level).where(
        LevelDecision.centre_id == centre_id,
        LevelDecision.case_id == case.id,
        LevelDecision.ended_at.is_(None),
    )
    return Standing(severity, session.scalar(query) or severity.level)


def decision_of(session: Session, actor: Actor, case_id: uuid.UUID) -> LevelDecision | None:
    """The decision in force about a case in the actor's centre."""
    query = LevelDecision.visible_to(actor).where(
        LevelDecision.case_id == case_id,
        LevelDecision.centre_id == actor.centre_id,
        LevelDecision.ended_at.is_(None),
    )
    return session.scalar(query)


def decisions_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Sequence[LevelDecision]:
    """Every decision about a case in the actor's centre, the newest first."""
    query = LevelDecision.visible_to(actor).where(LevelDecision.case_id == case_id)
    return session.scalars(query.order_by(LevelDecision.id.desc())).all()


def decide_level(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_id: uuid.UUID,
    level: str,
    reason: str,
    *,
    seen: uuid.UUID | None,
) -> LevelDecision:
    """Set the level of a case for the actor's centre, with the reason; the decision before it ends.

    Args:
        level: L0 to L4.
        seen: the decision in force that the actor looked at; None for the rule's own answer.

    Raises:
        NotAllowed: the actor does not set levels.
        NotFound: no such case, or not the actor's to see.
        BadInput: no such level, or no reason.
        StaleWrite: somebody decided in between; nothing was changed.
    """
    actor.require(Permission.LEVEL_SET)
    centre_id = _centre_of(actor)
    if level not in LEVELS:
        raise BadInput(said("%(level)s is no level.", level=level), fix=said("Choose one of the list."))
    written = reason.strip()
    if not LEAST_REASON <= len(written) <= MOST_REASON:
        raise BadInput(
            said("A level that is set by hand needs its reason."),
            fix=said("Write %(least)s to %(most)s characters.", least=LEAST_REASON, most=MOST_REASON),
        )
    case = _locked(session, actor, case_id)
    current = decision_of(session, actor, case_id)
    _refuse_stale(case, current, seen)
    rule = judge(severity_facts(session, centre_id, case, clock.now()))
    if current is not None:
        _end(session, clock, actor, current)
    decision = LevelDecision(
        centre_id=centre_id,
        case_id=case.id,
        level=level,
        reason=written,
        rule_level=rule.level,
        points=rule.total,
        rubric=rule.rubric,
        decided_by=actor.name,
        decided_at=clock.now(),
    )
    session.add(decision)
    session.flush()
    values = {"level": level, "reason": written, "rule_level": rule.level}
    audit.record(session, clock, actor, "level.set", "case", case.id, values=values, centre_id=centre_id)
    return decision


def undo_level(
    session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID, *, seen: uuid.UUID
) -> LevelDecision:
    """End the decision in force: the rule's level counts again. The decision stays in the history.

    Raises NotAllowed, NotFound (no such case, or nothing was decided), StaleWrite.
    """
    actor.require(Permission.LEVEL_SET)
    centre_id = _centre_of(actor)
    case = _locked(session, actor, case_id)
    current = decision_of(session, actor, case_id)
    if current is None:
        raise NotFound(said("No level is set by hand for this case."))
    _refuse_stale(case, current, seen)
    _end(session, clock, actor, current)
    values = {"level": current.level}
    audit.record(session, clock, actor, "level.undo", "case", case.id, values=values, centre_id=centre_id)
    return current


def _centre_of(actor: Actor) -> uuid.UUID:
    if actor.centre_id is None:
        raise BadInput("A level belongs to a centre, and this actor has none.", fix="Name the centre.")
    return actor.centre_id


def _locked(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    return get_case(session, actor, case_id)


def _refuse_stale(case: Case, current: LevelDecision | None, seen: uuid.UUID | None) -> None:
    if (current.id if current else None) != seen:
        raise StaleWrite(
            said(
                "Somebody else set the level of %(number)s while you were reading.", number=case.docket_number
            ),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=str(seen),
            current=str(current.id) if current else "",
        )


def _end(session: Session, clock: Clock, actor: Actor, decision: LevelDecision) -> None:
    decision.ended_by, decision.ended_at = actor.name, clock.now()
    session.flush()
