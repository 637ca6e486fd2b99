"""Which firms does a case name? Parties against the register's names, both ways round.

A case that is new or changed is screened against every firm; a firm that is new or changed is screened against every
stored party. What is found is kept with its score, grade and reason; nothing here alerts anybody.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Party
from cases.names import FirmName as NameRow
from cases.names import Match, NameIndex, StopPair
from core.clock import Clock
from core.outbox import Message, emit
from enterprises.models import Firm, FirmName, OtherFirm
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
                self._index = NameIndex(_names(session), _stops(session))
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
        alert: the firm finds them on its page. What a firm's names do not say any more is taken away."""
        ids = {m.key for m in messages}
        index = self.index(session)
        last = uuid.UUID(int=0)
        found: set[uuid.UUID] = set()
        while True:
            parties = session.scalars(
                select(Party).where(Party.id > last).order_by(Party.id).limit(_CHUNK)
            ).all()
            if not parties:
                break
            found |= set(self._keep(session, parties, index, ids))
            last = parties[-1].id
        for case_id in sorted(found):
            emit(session, "party.matched", str(case_id), {"backfill": True}, self._clock)

    def _keep(
        self,
        session: Session,
        parties: Sequence[Party],
        index: NameIndex,
        firms: Collection[str] | None = None,
    ) -> list[uuid.UUID]:
        """Write new or better matches; returns the cases that gained one, in order.

        With ``firms``, only theirs are looked at, and a match of theirs that no longer holds is taken away.
        """
        if not parties:
            return []
        query = select(PartyMatch).where(PartyMatch.party_id.in_([p.id for p in parties]))
        if firms is not None:
            query = query.where(PartyMatch.firm_id.in_([uuid.UUID(f) for f in firms]))
        known = {(m.party_id, m.firm_id): m for m in session.scalars(query)}
        gained: dict[uuid.UUID, None] = {}
        met = set()
        for party, match in _matches(parties, index, firms):
            firm_id = uuid.UUID(match.firm_id)
            met.add((party.id, firm_id))
            kept = known.get((party.id, firm_id))
            is_better = kept is None or kept.score < match.score
            if kept is None:
                kept = PartyMatch(
                    centre_id=self.centre_of(match.firm_id),
                    party_id=party.id,
                    case_id=party.case_id,
                    firm_id=firm_id,
                    found_at=self._clock.now(),
                )
                session.add(kept)
            elif not is_better and firms is None:
                continue
            kept.score, kept.grade = match.score, match.grade
            kept.reason, kept.matched_name = match.reason, match.matched_name
            if is_better:
                gained[party.case_id] = None
        if firms is not None:
            for pair, match_of_old in known.items():
                if pair not in met:
                    session.delete(match_of_old)
        session.flush()
        return list(gained)


def _names(session: Session) -> Iterable[NameRow]:
    """Every name in use, in the register of its centre."""
    rows = session.execute(
        select(FirmName.firm_id, FirmName.name, FirmName.kind, FirmName.source, Firm.centre_id)
        .join(Firm, Firm.id == FirmName.firm_id)
        .where(FirmName.retired_on.is_(None))
        .order_by(FirmName.id)
    )
    return (NameRow(str(f), name, kind, source, str(centre)) for f, name, kind, source, centre in rows)


def _stops(session: Session) -> Iterable[StopPair]:
    """Every name that a person said is somebody else's."""
    return (StopPair(str(f), name) for f, name in session.execute(select(OtherFirm.firm_id, OtherFirm.name)))


def _tells_parties(message: Message) -> bool:
    return "parties" in message.payload.get("fields", ["parties"])


def _matches(
    parties: Iterable[Party], index: NameIndex, firms: Collection[str] | None
) -> Iterable[tuple[Party, Match]]:
    for party in parties:
        for match in index.screen(party.name, firms):
            yield party, match
