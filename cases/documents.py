"""How a case becomes search documents: public ones for everybody, candidates for staff alone.

A document carries the Chinese and English words of its tags, so that a Chinese question finds an English docket.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.glossary import load_glossary
from cases.models import Case, CaseStatus
from cases.taxonomy import load_taxonomy
from search.port import Document
from search.projector import Removal

COLLECTION = "cases"
#: tag kinds a reader can filter by
FACETS = ("region", "industry", "dispute_type", "venue", "stage", "ip_right", "source")
#: characters of a docket's text and events that are searched
_BODY_LIMIT = 200_000


def case_ids(session: Session) -> Iterator[str]:
    """Every case's id, streamed in order."""
    for case_id in session.scalars(select(Case.id).order_by(Case.id).execution_options(yield_per=5000)):
        yield str(case_id)


def load_documents(session: Session, ids: Sequence[str]) -> Iterable[Document | Removal]:
    """The documents of the cases called ``ids``; a Removal for one that is gone."""
    wanted = [uuid.UUID(i) for i in ids]
    query = (
        select(Case)
        .where(Case.id.in_(wanted))
        .options(selectinload(Case.parties), selectinload(Case.events), selectinload(Case.tags))
    )
    found = {case.id: case for case in session.scalars(query.execution_options(populate_existing=True))}
    for case_id in wanted:
        case = found.get(case_id)
        yield _document(case) if case is not None else Removal(COLLECTION, str(case_id))


def _document(case: Case) -> Document:
    taxonomy = load_taxonomy()
    values: dict[str, set[str]] = {}
    for tag in case.tags:
        # A case that a retag has not reached yet is found by what took the place of its retired tags.
        values.setdefault(tag.kind, set()).add(taxonomy.current(tag.value))
    values.setdefault("venue", set()).add(case.venue)
    sources = {str(told[0]) for told in case.provenance.values()} | {e.source for e in case.events}
    labels = [
        taxonomy.label(value, language)
        for kind in ("region", "venue", "industry", "dispute_type", "stage", "ip_right")
        for value in sorted(values.get(kind, ()))
        for language in ("zh", "en")
    ]
    body = "\n".join([case.text, *(f"{e.kind} {e.text}" for e in sorted(case.events, key=lambda e: e.key))])
    facets = {kind: tuple(sorted(values.get(kind, ()))) for kind in FACETS if kind != "source"}
    return Document(
        collection=COLLECTION,
        id=str(case.id),
        version=case.version,
        centre_id=None,
        audience=frozenset({"public"} if case.status == CaseStatus.PUBLIC.value else {"staff"}),
        text={
            "caption": case.caption,
            "title": case.title,
            "docket_number": case.docket_number,
            "parties": "\n".join(party.name for party in case.parties),
            "body": body[:_BODY_LIMIT],
            "labels": " / ".join(dict.fromkeys(labels)),
            "glossary": " / ".join(load_glossary().other_words(f"{case.title}\n{body[:_BODY_LIMIT]}")),
        },
        facets={
            **facets,
            "source": tuple(sorted(sources)),
            "status": (case.status,),
            "china": ("yes",) if values.get("china_related") else (),
        },
        on=case.latest_on,
        stored={
            "caption": case.caption,
            "docket_number": case.docket_number,
            "venue": case.venue,
            "filed_on": case.filed_on.isoformat() if case.filed_on else None,
            "latest_on": case.latest_on.isoformat() if case.latest_on else None,
            "status": case.status,
            "is_sample": case.is_sample,
            "parties": [{"name": p.name, "role": p.role} for p in case.parties[:12]],
            "snippet": (case.text or case.title)[:400],
            # The forum itself stands above; its facet may hold a second one that a rule read.
            **{kind: list(value) for kind, value in facets.items() if kind != "venue"},
        },
    )
