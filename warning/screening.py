"""Which firms does a case name? Parties against the register's names, both ways round.

A case that is new or changed is screened against every firm; a firm that is new or changed is screened against every
stored party. What is found is kept with its score, grade and reason; nothing here alerts anybody.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Party
from cases.names import FirmName as NameRow
from cases.names import Match, NameIndex
from core.clock import Clock
from core.outbox import Message, emit
from enterprises.models import Firm, FirmName
from warning.models import PartyMatch

#: parties read at a time when a firm is screened against the past
_CHUNK = 5000


class Screener:
    """Keeps the name index of every firm, rebuilt when the register changed.

    Args:
        clock: stamps what is found.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: tuple[object, ...] | None = None
        self._index: NameIndex | None = None
        self._centres: dict[str, uuid.UUID] = {}

    def index(self, session: Session) -> NameIndex:
        """The index of all firms' names as this session sees them."""
        stamp = (
            session.scalar(select(func.count(FirmName.id))),
            *session.execute(
                select(func.count(Firm.id), func.sum(Firm.version), func.max(Firm.updated_at))
            ).one(),
        )
        with self._lock:
            if self._index is None or self._stamp != stamp:
                rows = session.execute(
                    select(FirmName.firm_id, FirmName.name, FirmName.kind, FirmName.source).order_by(
                        FirmName.id
                    )
                )
                self._index = NameIndex(NameRow(str(f), name, kind, source) for f, name, kind, source in rows)
                self._centres = {str(f): c for f, c in session.execute(select(Firm.id, Firm.centre_id))}
                self._stamp = stamp
            return self._index

    def centre_of(self, firm_id: str) -> uuid.UUID:
        """The centre of a firm in the current index."""
        return self._centres[firm_id]

    def screen_cases(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.recorded and case.changed: match the cases' parties, emit party.matched for what is new."""
        quiet = {m.key for m in messages if m.payload.get("backfill")} - {
            m.key for m in messages if not m.payload.get("backfill")
        }
        touched = list(
            dict.fromkeys(m.key for m in messages if m.topic == "case.recorded" or _tells_parties(m))
        )
        index = self.index(session)
        parties = session.scalars(
            select(Party)
            .where(Party.case_id.in_([uuid.UUID(key) for key in touched]))
            .order_by(Party.case_id, Party.position)
        ).all()
        found = self._keep(session, parties, index)
        for case_id in found:
            emit(session, "party.matched", str(case_id), {"backfill": str(case_id) in quiet}, self._clock)

    def screen_firms(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of firm.changed: match every stored party against the firms' names. Matches with the past never
        alert: the firm finds them on its page."""
        ids = [uuid.UUID(key) for key in dict.fromkeys(m.key for m in messages)]
        rows = session.execute(
            select(FirmName.firm_id, FirmName.name, FirmName.kind, FirmName.source).where(
                FirmName.firm_id.in_(ids)
            )
        )
        index = NameIndex(NameRow(str(f), name, kind, source) for f, name, kind, source in rows)
        self.index(session)
        last = uuid.UUID(int=0)
        found: set[uuid.UUID] = set()
        while True:
            parties = session.scalars(
                select(Party).where(Party.id > last).order_by(Party.id).limit(_CHUNK)
            ).all()
            if not parties:
                break
            found |= set(self._keep(session, parties, index))
            last = parties[-1].id
        for case_id in sorted(found):
            emit(session, "party.matched", str(case_id), {"backfill": True}, self._clock)

    def _keep(self, session: Session, parties: Sequence[Party], index: NameIndex) -> list[uuid.UUID]:
        """Write new or better matches; returns the cases that gained one, in order."""
        if not parties:
            return []
        known = {
            (m.party_id, m.firm_id): m
            for m in session.scalars(
                select(PartyMatch).where(PartyMatch.party_id.in_([p.id for p in parties]))
            )
        }
        gained: dict[uuid.UUID, None] = {}
        for party, match in _matches(parties, index):
            firm_id = uuid.UUID(match.firm_id)
            kept = known.get((party.id, firm_id))
            if kept is None:
                kept = PartyMatch(
                    centre_id=self.centre_of(match.firm_id),
                    party_id=party.id,
                    case_id=party.case_id,
                    firm_id=firm_id,
                    found_at=self._clock.now(),
                )
                session.add(kept)
            elif kept.score >= match.score:
                continue
            kept.score, kept.grade = match.score, match.grade
            kept.reason, kept.matched_name = match.reason, match.matched_name
            gained[party.case_id] = None
        session.flush()
        return list(gained)


def _tells_parties(message: Message) -> bool:
    return "parties" in message.payload.get("fields", ["parties"])


def _matches(parties: Iterable[Party], index: NameIndex) -> Iterable[tuple[Party, Match]]:
    for party in parties:
        for match in index.screen(party.name):
            yield party, match
