"""A stable dump of the cases, for comparing two stores: natural keys only, no ids, no instants, sorted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseAlias, CaseEvidence


def case_key(case: Case) -> str:
    """A case's natural key: forum and docket number."""
    return f"{case.venue}/{case.docket_number}"


def canonical_cases(session: Session) -> Iterator[dict[str, Any]]:
    """Every case as a record of natural facts, in order of its key."""
    query = (
        select(Case)
        .options(selectinload(Case.parties), selectinload(Case.events), selectinload(Case.tags))
        .order_by(Case.venue, Case.docket_number)
        .execution_options(yield_per=500)
    )
    for case in session.scalars(query):
        yield {
            "kind": "case",
            "key": case_key(case),
            "caption": case.caption,
            "title": case.title,
            "text": case.text,
            "url": case.url,
            "language": case.language,
            "filed_on": case.filed_on.isoformat() if case.filed_on else None,
            "latest_on": case.latest_on.isoformat() if case.latest_on else None,
            "outcome": case.outcome,
            "demand": case.demand,
            "codes": case.codes,
            "rights": case.rights,
            "provenance": case.provenance,
            "status": case.status,
            "parties": sorted([p.role, p.name, p.country or ""] for p in case.parties),
            "events": sorted(
                [e.on.isoformat() if e.on else "", e.kind, e.text, e.url, e.source] for e in case.events
            ),
            "tags": sorted(
                [t.kind, t.value, t.rule, t.rulebook, t.field, t.start, t.end, t.text, t.weight]
                for t in case.tags
            ),
            "aliases": sorted(session.scalars(select(CaseAlias.key).where(CaseAlias.case_id == case.id))),
            "evidence": sorted(
                session.scalars(select(CaseEvidence.sha256).where(CaseEvidence.case_id == case.id))
            ),
        }
