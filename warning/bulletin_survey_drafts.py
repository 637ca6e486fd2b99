"""Drafting a bulletin from a search: the cases are counted now, kept as snapshots, and told in a draft for a person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import Party
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock
from core.db import new_id
from core.errors import BadInput
from core.evidence import EvidenceStore
from core.said import said
from enterprises.models import Firm
from search.port import IndexReader
from warning.bulletin_counts import Count, Window, count_cases
from warning.bulletin_draft import KINDS
from warning.bulletin_facts import names_of_firm
from warning.bulletin_models import Bulletin
from warning.bulletin_parties import Named
from warning.bulletin_survey import survey_content
from warning.bulletins import as_names, facets_of, note_act
from warning.masking import letter_of
from warning.models import PartyMatch
from warning.surge.deciding import get_signal
from warning.surge.figure import tell_in_bulletin, with_signal


def draft_from_search(
    session: Session,
    clock: Clock,
    index: IndexReader,
    evidence: EvidenceStore,
    actor: Actor,
    kind: str,
    query: Mapping[str, Any],
    window: Window,
    *,
    key: str | None = None,
    signal_id: uuid.UUID | None = None,
) -> Bulletin:
    """A draft of ``kind`` about what ``query`` finds in ``window``, compared with the window before.

    Args:
        query: as :func:`warning.bulletin_counts.query_of` makes it.
        key: the claim of a scheduled draft, unique in its centre.
        signal_id: the signal it is about, whose sentence, drawing and table stand first.

    Raises NotAllowed, BadInput (no such kind, too many cases, no centre), IndexNotReady.
    """
    actor.require(Permission.BULLETIN_DRAFT)
    if actor.centre_id is None:
        raise BadInput("A bulletin belongs to a centre, and this actor has none.", fix="Name the centre.")
    if kind not in KINDS:
        raise BadInput(said("Choose one of the kinds."), fields={"kind": [said("Choose one of the kinds.")]})
    centre = session.get_one(Centre, actor.centre_id)
    now = count_cases(session, clock, index, evidence, query, window)
    before = count_cases(session, clock, index, evidence, query, window.before())
    content = survey_content(kind, now, before, (centre.zh, centre.en))
    if signal_id is not None:
        told = tell_in_bulletin(session, clock, evidence, get_signal(session, actor, signal_id))
        content = with_signal(content, told)
    identity = new_id()
    bulletin = Bulletin(
        id=identity,
        series_id=identity,
        centre_id=centre.id,
        case_id=None,
        draft_key=key,
        content=content,
        names=as_names(_local_firms(session, centre.id, now)),
        level=content["level"],
        authors=[actor.name],
        is_sample=any(case.is_sample for case in now.cases),
        version=0,
        created_at=clock.now(),
        updated_at=clock.now(),
        facets=facets_of(content),
    )
    session.add(bulletin)
    note_act(session, clock, actor, bulletin, "draft", values={"count": now.sha256, "before": before.sha256})
    return bulletin


def _local_firms(session: Session, centre_id: uuid.UUID, count: Count) -> list[Named]:
    """The firms of the centre's city that are or may be parties of the counted cases: no text names them unasked."""
    ids = [uuid.UUID(case.id) for case in count.cases]
    found: dict[uuid.UUID, Named] = {}
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(Party, Firm)
            .join(PartyMatch, PartyMatch.party_id == Party.id)
            .join(Firm, Firm.id == PartyMatch.firm_id)
            .where(
                PartyMatch.centre_id == centre_id,
                PartyMatch.case_id.in_(ids[start : start + 500]),
                Firm.is_local,
            )
            .options(selectinload(Firm.names))
            .order_by(PartyMatch.score.desc(), Firm.id)
        )
        for party, firm in rows:
            if firm.id not in found:
                found[firm.id] = Named(
                    party=str(party.id),
                    name=party.name,
                    side="other",
                    role=party.role,
                    local=True,
                    firm=str(firm.id),
                    letter=letter_of(len(found)),
                    hidden=tuple(dict.fromkeys((party.name, *names_of_firm(firm)))),
                )
    return list(found.values())
