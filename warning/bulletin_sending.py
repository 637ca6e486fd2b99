"""Sending a published bulletin to the firms it is for, and who has read it.

Firms are chosen by industry, by having been named in cases at a region's forums, by name, by having had the edition
before, or by their own watch profiles. What a firm watches is its own affair: a firm that nothing else leads to is
counted for the staff and never named.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus, Tag
from cases.taxonomy import load_taxonomy
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, TransitionRefused
from core.said import said
from core.text import fold
from enterprises.models import Firm, FirmName
from notify.sending import Mailroom, mark_read
from notify.topics import BULLETIN, CORRECTED
from warning.bulletin_models import Bulletin, BulletinReceipt
from warning.bulletin_workflow import STANDING, BulletinState
from warning.bulletins import get_bulletin
from warning.criteria import Evaluator, Facts
from warning.models import PartyMatch, WatchProfile, WatchState
from warning.watch import criteria_of

Reason = dict[str, str]


@dataclass(frozen=True)
class Audience:
    """Which firms a bulletin is for; what leads to a firm is any of these."""

    industries: frozenset[str] = frozenset()
    #: firms confirmed to be parties of public cases at forums there
    regions: frozenset[str] = frozenset()
    #: keys of the register, or whole names
    named: tuple[str, ...] = ()
    by_watch: bool = False
    #: those who were sent an earlier edition
    before: bool = False


@dataclass(frozen=True)
class Chosen:
    """Firms and why, best known first; those that only a watch profile leads to are counted, not named, by views."""

    firms: Mapping[uuid.UUID, Firm]
    why: Mapping[uuid.UUID, list[Reason]]
    watching: frozenset[uuid.UUID]

    @property
    def open(self) -> list[tuple[Firm, list[Reason]]]:
        """Firms that staff may see, with what leads to each."""
        found = [(firm, self.why[i]) for i, firm in self.firms.items() if self.why.get(i)]
        return sorted(found, key=lambda row: (row[0].name_zh, row[0].ref))

    @property
    def private(self) -> int:
        """How many firms only their own watch profiles lead to."""
        return sum(1 for i in self.firms if not self.why.get(i))


@dataclass(frozen=True)
class Receipts:
    """Who was sent an edition: rows staff may see, and of all: how many, how many have read."""

    rows: list[tuple[BulletinReceipt, Firm]] = field(default_factory=list)
    sent: int = 0
    read: int = 0
    private: int = 0
    private_read: int = 0


def choose_firms(session: Session, actor: Actor, bulletin: Bulletin, audience: Audience) -> Chosen:
    """The firms of the actor's centre that ``audience`` leads to. Raises NotAllowed, BadInput naming ``named``."""
    actor.require(Permission.BULLETIN_DRAFT)
    why: dict[uuid.UUID, list[Reason]] = {}

    def add(firm_id: uuid.UUID, kind: str, value: str = "") -> None:
        reason = {"kind": kind, "value": value}
        if reason not in why.setdefault(firm_id, []):
            why[firm_id].append(reason)

    register = {firm.id: firm for firm in session.scalars(Firm.visible_to(actor))}
    for firm in register.values():
        for value in sorted(_currents(audience.industries) & _currents(firm.industries)):
            add(firm.id, "industry", value)
    for firm_id, value in _parties_at(session, actor, audience.regions):
        add(firm_id, "region", value)
    for firm_id in _named(session, register, audience.named):
        add(firm_id, "named")
    watching = set(_watching(session, actor, bulletin.content)) if audience.by_watch else set()
    if audience.before:
        for firm_id, is_private in _had_before(session, bulletin):
            # What led to it then is as private now.
            if is_private:
                watching.add(firm_id)
            else:
                add(firm_id, "before")
    firms = {i: firm for i, firm in register.items() if i in why or i in watching}
    return Chosen(firms, why, frozenset(watching & firms.keys()))


def _parties_at(session: Session, actor: Actor, regions: Iterable[str]) -> Sequence[tuple[uuid.UUID, str]]:
    rows = session.execute(
        select(PartyMatch.firm_id, Tag.value)
        .join(Case, Case.id == PartyMatch.case_id)
        .join(Tag, Tag.case_id == Case.id)
        .where(
            PartyMatch.centre_id == actor.centre_id,
            PartyMatch.grade == "confirm",
            Case.status == CaseStatus.PUBLIC.value,
            Tag.kind == "region",
            Tag.value.in_(sorted(regions)),
        )
        .distinct()
        .order_by(Tag.value)
    )
    return [(firm_id, value) for firm_id, value in rows]


def _had_before(session: Session, bulletin: Bulletin) -> Sequence[tuple[uuid.UUID, bool]]:
    rows = session.execute(
        select(BulletinReceipt.firm_id, BulletinReceipt.is_private)
        .join(Bulletin, Bulletin.id == BulletinReceipt.bulletin_id)
        .where(Bulletin.series_id == bulletin.series_id, Bulletin.edition < bulletin.edition)
    )
    return [(firm_id, is_private) for firm_id, is_private in rows]


def _named(session: Session, register: Mapping[uuid.UUID, Firm], told: Iterable[str]) -> list[uuid.UUID]:
    wanted = {fold(text): text for text in told}
    if not wanted:
        return []
    known: dict[str, set[uuid.UUID]] = {}
    for firm in register.values():
        for name in (firm.ref, firm.name_zh, firm.name_en):
            known.setdefault(fold(name), set()).add(firm.id)
    for firm_id, name in session.execute(
        select(FirmName.firm_id, FirmName.name).where(FirmName.firm_id.in_(register))
    ):
        known.setdefault(fold(name), set()).add(firm_id)
    problems = [
        said("No firm of the register is called “%(name)s”.", name=text)
        if not known.get(key)
        else said("More than one firm is called “%(name)s”: write its key.", name=text)
        for key, text in wanted.items()
        if len(known.get(key, ())) != 1
    ]
    if problems:
        raise BadInput(
            said("Not every firm was found, so nothing was sent."),
            fix=said("Write the key or the whole name of each, one a line."),
            fields={"named": problems},
        )
    return [firm_id for key in wanted for firm_id in known[key]]


def _watching(session: Session, actor: Actor, content: Mapping[str, Any]) -> frozenset[uuid.UUID]:
    """Firms with an active profile that asks for what the bulletin says."""
    profiles = session.scalars(
        select(WatchProfile).where(
            WatchProfile.centre_id == actor.centre_id, WatchProfile.state == WatchState.ACTIVE.value
        )
    ).all()
    tags = {
        "industry": frozenset(_currents(content["industries"])),
        "region": frozenset(content["regions"]),
        "dispute_type": frozenset(_currents(content["dispute_types"])),
    }
    rows = [content["title"], *content["paragraphs"], *content["key_dates"]]
    texts = [("text", row[language]) for row in rows for language in ("zh", "en")]
    texts += [("parties", party.get("name", "")) for party in content["parties"]]
    found = Evaluator({p.id: criteria_of(p) for p in profiles}).find(Facts(tags, texts))
    return frozenset(p.firm_id for p in profiles if p.id in found)


def send_bulletin(
    session: Session,
    clock: Clock,
    mailroom: Mailroom,
    actor: Actor,
    bulletin_id: uuid.UUID,
    audience: Audience,
) -> int:
    """Send a published edition to every firm that ``audience`` leads to and that has not had it; returns how many.

    Raises NotFound, NotAllowed, BadInput, or TransitionRefused when it is not the edition that stands.
    """
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    if bulletin.state != BulletinState.PUBLISHED.value:
        raise TransitionRefused(
            said("Only a published bulletin that stands is sent."), fix=said("Send the newest edition.")
        )
    chosen = choose_firms(session, actor, bulletin, audience)
    had = set(
        session.scalars(select(BulletinReceipt.firm_id).where(BulletinReceipt.bulletin_id == bulletin.id))
    )
    new = [firm_id for firm_id in chosen.firms if firm_id not in had]
    for firm_id in new:
        why = chosen.why.get(firm_id, [])
        session.add(
            BulletinReceipt(
                bulletin_id=bulletin.id,
                firm_id=firm_id,
                centre_id=bulletin.centre_id,
                why=why,
                by_watch=firm_id in chosen.watching,
                is_private=not why,
                sent_by=actor.name,
                sent_at=clock.now(),
            )
        )
        session.flush()
        mailroom.tell(session, BULLETIN, bulletin.centre_id, firm_id, [bulletin.id])
    if new:
        audit.record(
            session,
            clock,
            actor,
            "bulletin.send",
            "bulletin",
            bulletin.id,
            values={"firms": sorted(map(str, new))},
            centre_id=bulletin.centre_id,
        )
    return len(new)


def receipts_of(session: Session, actor: Actor, bulletin: Bulletin) -> Receipts:
    """Who was sent ``bulletin`` and who has read it, as staff may see it. Raises NotAllowed."""
    actor.require(Permission.BULLETIN_DRAFT)
    query = BulletinReceipt.visible_to(actor).where(BulletinReceipt.bulletin_id == bulletin.id)
    rows = list(session.scalars(query.where(BulletinReceipt.is_private.is_(False))))
    firms = {
        firm.id: firm
        for firm in session.scalars(select(Firm).where(Firm.id.in_([row.firm_id for row in rows])))
    }
    sent, read, private, private_read = session.execute(
        select(
            func.count(),
            func.count(BulletinReceipt.read_at),
            func.count().filter(BulletinReceipt.is_private),
            func.count(BulletinReceipt.read_at).filter(BulletinReceipt.is_private),
        ).where(BulletinReceipt.bulletin_id == bulletin.id, BulletinReceipt.centre_id == actor.centre_id)
    ).one()
    # Unread first: they are whom somebody may call.
    rows.sort(key=lambda row: (row.read_at is not None, firms[row.firm_id].name_zh))
    return Receipts([(row, firms[row.firm_id]) for row in rows], sent, read, private, private_read)


def received(session: Session, actor: Actor, *, limit: int = 50) -> list[tuple[BulletinReceipt, Bulletin]]:
    """What the actor's firm was sent and still stands, unread first, then the newest. None for who has no firm."""
    if actor.firm_id is None:
        return []
    query = (
        select(BulletinReceipt, Bulletin)
        .join(Bulletin, Bulletin.id == BulletinReceipt.bulletin_id)
        .where(
            BulletinReceipt.firm_id == actor.firm_id,
            BulletinReceipt.centre_id == actor.centre_id,
            Bulletin.state.in_(STANDING),
        )
        .order_by(BulletinReceipt.read_at.is_not(None), BulletinReceipt.sent_at.desc(), Bulletin.id)
        .limit(limit)
    )
    return [(receipt, bulletin) for receipt, bulletin in session.execute(query)]


def waits_to_be_read(session: Session, actor: Actor, bulletin_id: uuid.UUID) -> bool:
    """Whether the actor's firm was sent this edition and nobody of it has opened it."""
    query = select(BulletinReceipt.firm_id).where(
        BulletinReceipt.bulletin_id == bulletin_id,
        BulletinReceipt.firm_id == actor.firm_id,
        BulletinReceipt.read_at.is_(None),
    )
    return actor.firm_id is not None and session.scalar(query) is not None


def mark_received(session: Session, clock: Clock, actor: Actor, bulletin_id: uuid.UUID) -> datetime | None:
    """Note that somebody of the actor's firm opened an edition it was sent; returns when it was first opened."""
    if actor.firm_id is None:
        return None
    row = session.get(BulletinReceipt, (bulletin_id, actor.firm_id), with_for_update=True)
    if row is None:
        return None
    if row.read_at is None:
        row.read_at = clock.now()
        # A correction is told under its own kind, by the edition it made.
        for topic in (BULLETIN, CORRECTED):
            mark_read(session, clock, topic.kind, actor.firm_id, bulletin_id)
    return row.read_at


def _currents(industries: Iterable[str]) -> set[str]:
    """Industries by the ids in force."""
    return set(load_taxonomy().currents(industries))
