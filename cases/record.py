"""Recording what a source says: the only way a case is created or changed.

Identity decides created, changed or unchanged; one transaction writes the case and its outbox row. A field remembers
the source it came from, and a source of less authority never overwrites a better one. What a source does not say
(None, empty) takes nothing away.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.facts import RawCase, RawParty
from cases.identity import docket_key, event_key, party_key
from cases.models import Case, CaseAlias, CaseEvent, CaseEvidence, CaseStatus, Party
from core.clock import Clock
from core.outbox import emit
from core.text import collapse


@dataclass(frozen=True)
class Origin:
    """Where a description came from: the source, how much its word weighs, and the stored bytes."""

    source: str
    authority: int
    sha256: str
    url: str
    fetched_at: datetime
    is_sample: bool = False
    #: history being loaded: recorded like everything else, but nobody is alerted
    is_backfill: bool = False


@dataclass(frozen=True)
class Recorded:
    """What recording did. ``changed`` names the fields; empty when nothing is new."""

    case_id: uuid.UUID
    created: bool
    changed: tuple[str, ...]


def record_case(session: Session, clock: Clock, raw: RawCase, origin: Origin, *, is_ip: bool) -> Recorded:
    """Record ``raw``.

    Args:
        session: a write session; the caller commits.
        raw: one docket as one source describes it.
        origin: the source and its bytes.
        is_ip: whether the source shows this to be an IP case; otherwise a new case waits as a candidate.

    Emits case.recorded, or case.changed with the changed fields, the version and what of it is news, or nothing; and
    case.confirmed when a candidate turns out to be an IP case.
    """
    case = _find(session, raw)
    if case is None:
        return _create(session, clock, raw, origin, is_ip)
    before = _Before(case)
    changed = _merge(session, case, raw, origin, case.version + 1)
    confirmed = is_ip and case.status == CaseStatus.CANDIDATE.value
    if confirmed:
        case.status, case.public_since = CaseStatus.PUBLIC.value, case.version + 1
        changed.append("status")
    if not changed:
        return Recorded(case.id, False, ())
    case.version += 1
    case.updated_at = clock.now()
    _keep_evidence(session, case.id, origin, changed)
    payload = {"fields": sorted(changed), "backfill": origin.is_backfill, "version": case.version}
    emit(session, "case.changed", str(case.id), payload | {"news": before.news(case)}, clock)
    if confirmed:
        emit(session, "case.confirmed", str(case.id), {"backfill": origin.is_backfill}, clock)
    return Recorded(case.id, False, tuple(sorted(changed)))


class _Before:
    """What stood in a case before a source was heard, to tell news from a fuller or corrected description: what a source
    of more authority says of the parties or the outcome is how it always was, only better told."""

    def __init__(self, case: Case) -> None:
        self._parties = {party.key for party in case.parties}
        self._events = {event.key for event in case.events}
        self._outcome = case.outcome
        self._authority = {name: case.provenance.get(name, ["", 0])[1] for name in ("parties", "outcome")}

    def news(self, case: Case) -> dict[str, Any]:
        """parties, events: ids of rows that are new; outcome: [before, after]. Keys of what is no news are absent."""
        news: dict[str, Any] = {}
        new = [e for e in case.events if e.key not in self._events]
        if new:
            news["events"] = sorted(e.id for e in new)
        joined = [p for p in case.parties if p.key not in self._parties]
        if joined and self._parties and self._is_same("parties", case):
            news["parties"] = [str(p.id) for p in joined]
        is_first = self._outcome is None and case.outcome is not None
        if is_first or (case.outcome != self._outcome and self._is_same("outcome", case)):
            news["outcome"] = [self._outcome, case.outcome]
        return news

    def _is_same(self, name: str, case: Case) -> bool:
        return bool(case.provenance.get(name, ["", 0])[1] == self._authority[name])


def _numbers(raw: RawCase) -> list[str]:
    return list(dict.fromkeys(docket_key(raw.venue, n) for n in (raw.docket_number, *raw.aliases)))


def _find(session: Session, raw: RawCase) -> Case | None:
    # Held until the transaction ends: two sources that describe one case at once would both count up from the same
    # version, and the index would take the second for a replay of the first.
    return session.scalar(
        select(Case)
        .join(CaseAlias, CaseAlias.case_id == Case.id)
        .where(CaseAlias.venue == raw.venue, CaseAlias.key.in_(_numbers(raw)))
        .order_by(Case.id)
        .limit(1)
        .with_for_update(of=Case)
    )


def _create(session: Session, clock: Clock, raw: RawCase, origin: Origin, is_ip: bool) -> Recorded:
    now = clock.now()
    case = Case(
        venue=raw.venue,
        docket_number=raw.docket_number,
        caption="",
        status=(CaseStatus.PUBLIC if is_ip else CaseStatus.CANDIDATE).value,
        codes={},
        rights=[],
        provenance={},
        is_sample=origin.is_sample,
        created_at=now,
        updated_at=now,
        # Nothing is there to be looked up.
        parties=[],
        events=[],
    )
    try:
        with session.begin_nested():
            session.add(case)
            session.flush()
            session.add_all(CaseAlias(venue=raw.venue, key=key, case_id=case.id) for key in _numbers(raw))
    except IntegrityError:
        # Another process recorded the same docket between our look and our claim: theirs is the case.
        return record_case(session, clock, raw, origin, is_ip=is_ip)
    changed = _merge(session, case, raw, origin, case.version)
    _keep_evidence(session, case.id, origin, changed)
    payload = {"backfill": origin.is_backfill, "version": case.version}
    emit(session, "case.recorded", str(case.id), payload, clock)
    return Recorded(case.id, True, tuple(sorted(changed)))


def _merge(session: Session, case: Case, raw: RawCase, origin: Origin, version: int) -> list[str]:
    """What of ``raw`` is new in ``case``, field by field; ``version`` is the one the case gets by it."""
    changed = [
        name
        for name in ("caption", "title", "text", "url")
        if _take_text(case, name, getattr(raw, name), origin)
    ]
    for name in ("filed_on", "outcome", "demand"):
        if _take(case, name, getattr(raw, name), origin):
            changed.append(name)
    if case.language != raw.language and "text" in changed:
        case.language = raw.language
    changed += _merge_codes(case, raw)
    changed += _merge_rights(case, raw)
    changed += _merge_parties(case, raw.parties, origin, version)
    changed += _merge_events(case, raw, origin)
    _merge_aliases(session, case, raw)
    dates = [d for d in (case.filed_on, *(e.on for e in case.events)) if d is not None]
    case.latest_on = max(dates, default=None)
    return changed


def _take(case: Case, name: str, value: Any, origin: Origin) -> bool:
    """Let ``value`` stand in field ``name`` if the source may; True when that changed it."""
    if value in (None, ""):
        return False
    known_authority = case.provenance.get(name, ["", 0])[1]
    if origin.authority < known_authority or getattr(case, name) == value:
        return False
    setattr(case, name, value)
    case.provenance = {**case.provenance, name: [origin.source, origin.authority]}
    return True


def _take_text(case: Case, name: str, value: str, origin: Origin) -> bool:
    if collapse(getattr(case, name) or "") == collapse(value):
        return False
    return _take(case, name, value.strip(), origin)


def _merge_codes(case: Case, raw: RawCase) -> list[str]:
    merged = {
        scheme: sorted({*case.codes.get(scheme, []), *values})
        for scheme, values in raw.codes.items()
        if values
    }
    if all(case.codes.get(scheme) == values for scheme, values in merged.items()):
        return []
    case.codes = {**case.codes, **merged}
    return ["codes"]


def _merge_rights(case: Case, raw: RawCase) -> list[str]:
    known = {(r["kind"], r["number"]) for r in case.rights}
    new = sorted({(r.kind, r.number) for r in raw.rights} - known)
    if not new:
        return []
    case.rights = [*case.rights, *({"kind": kind, "number": number} for kind, number in new)]
    return ["rights"]


def _merge_parties(case: Case, parties: Sequence[RawParty], origin: Origin, version: int) -> list[str]:
    if not parties:
        return []
    _, authority = case.provenance.get("parties", ["", 0])
    if origin.authority < authority:
        return []
    told = {party_key(p.name, p.role): p for p in reversed(parties)}
    known = {p.key: p for p in case.parties}
    gone = [p for key, p in known.items() if key not in told] if origin.authority > authority else []
    new = [key for key in dict.fromkeys(party_key(p.name, p.role) for p in parties) if key not in known]
    case.provenance = {**case.provenance, "parties": [origin.source, origin.authority]}
    for party in gone:
        case.parties.remove(party)
    position = max((p.position for p in case.parties), default=-1) + 1
    for offset, key in enumerate(new):
        p = told[key]
        case.parties.append(
            Party(
                key=key,
                name=collapse(p.name),
                role=p.role,
                country=p.country,
                counsel=list(p.counsel),
                position=position + offset,
                since=version,
            )
        )
    told_countries = [(known[key], p) for key, p in told.items() if key in known and p.country]
    moved = [(row, p) for row, p in told_countries if row.country != p.country]
    for row, p in moved:
        row.country = p.country
    # Who acts is no news of the case: lawyers come and go, and nobody is alerted of it.
    for key, p in told.items():
        if key in known and p.counsel and known[key].counsel != list(p.counsel):
            known[key].counsel = list(p.counsel)
    return ["parties"] if new or gone or moved else []


def _merge_events(case: Case, raw: RawCase, origin: Origin) -> list[str]:
    known = {e.key for e in case.events}
    new = {event_key(e.on, e.kind, e.text): e for e in raw.events}
    fresh = [(key, e) for key, e in new.items() if key not in known]
    for key, e in fresh:
        case.events.append(
            CaseEvent(key=key, on=e.on, kind=e.kind, text=e.text, url=e.url, source=origin.source)
        )
    return ["events"] if fresh else []


def _merge_aliases(session: Session, case: Case, raw: RawCase) -> None:
    known = set(session.scalars(select(CaseAlias.key).where(CaseAlias.case_id == case.id)))
    for key in _numbers(raw):
        taken = session.get(CaseAlias, (raw.venue, key)) if key not in known else True
        if not taken:
            session.add(CaseAlias(venue=raw.venue, key=key, case_id=case.id))


def _keep_evidence(session: Session, case_id: uuid.UUID, origin: Origin, fields: Sequence[str]) -> None:
    kept = session.get(CaseEvidence, (case_id, origin.sha256))
    if kept is not None:
        kept.fields = sorted({*kept.fields, *fields})
        return
    session.add(
        CaseEvidence(
            case_id=case_id,
            sha256=origin.sha256,
            source=origin.source,
            url=origin.url,
            fetched_at=origin.fetched_at,
            fields=sorted(fields),
        )
    )
