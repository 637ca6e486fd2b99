"""What becomes of a bulletin reaches whoever was sent it: that it was corrected, and how; that it was withdrawn, and why.

A firm that had an edition gets the one that corrects it without anybody sending it, and is told once; what led to the
firm the first time is as private as it was then.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import system_actor
from core.centres import Centre
from core.clock import Clock
from core.outbox import Message as Happened
from core.said import Said, said
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import CORRECTED, WITHDRAWN
from warning.bulletin_changes import Change, changes
from warning.bulletin_draft import KINDS
from warning.bulletin_models import Bulletin, BulletinReceipt
from warning.bulletin_reading import printed_number
from warning.bulletin_telling import LEVEL_WORDS
from warning.bulletin_workflow import STANDING, BulletinState

#: parts that a letter names as changed; the page shows all, both texts beside each other
MOST_CHANGES = 8
#: signs of a changed text that a letter shows
MOST_SIGNS = 120
_PARTS = {
    "summary": said("Summary"),
    "risk": said("Risk"),
    "affected": said("Firms and products affected"),
    "advice": said("Advice"),
    "title": said("Title"),
    "contact": said("Contact"),
    "level": said("Level"),
    "level_reason": said("Reason for the level"),
    "kind": said("Kind"),
    "valid_until": said("Valid until"),
    "scope": said("Who may read it"),
    "parties": said("Parties"),
    "key_dates": said("Key dates"),
    "figures": said("Figures"),
}
#: parts whose value is a word of ours
_NAMED: dict[str, Mapping[str, Words]] = {
    "level": LEVEL_WORDS,
    "kind": {kind: Words(*words) for kind, words in KINDS.items()},
}
_CLOSING = said(
    "For reference only; this is not legal advice. The page of the bulletin says what stands now."
)


class BulletinNews:
    """Consumer of bulletin.published and bulletin.withdrawn.

    Args:
        clock: stamps the receipts.
    """

    def __init__(self, mailroom: Mailroom, clock: Clock) -> None:
        self._mailroom, self._clock = mailroom, clock

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Tell every firm that was sent a bulletin of ``happened`` what became of it, once."""
        for row in happened:
            bulletin = session.get(Bulletin, uuid.UUID(row.payload["bulletin"]))
            if bulletin is None:
                continue
            if row.topic == "bulletin.withdrawn":
                for firm_id in sorted(_receipts(session, bulletin)):
                    self._mailroom.tell(session, WITHDRAWN, bulletin.centre_id, firm_id, [bulletin.id])
            elif bulletin.edition > 1 and bulletin.state == BulletinState.PUBLISHED.value:
                self._pass_on(session, bulletin)

    def _pass_on(self, session: Session, bulletin: Bulletin) -> None:
        """Give ``bulletin`` to whoever had an edition before it and has not been sent this one."""
        had = _receipts(session, bulletin)
        there = set(
            session.scalars(select(BulletinReceipt.firm_id).where(BulletinReceipt.bulletin_id == bulletin.id))
        )
        actor = system_actor("bulletin-news", bulletin.centre_id)
        new = sorted(had.keys() - there)
        for firm_id in new:
            before = had[firm_id]
            session.add(
                BulletinReceipt(
                    bulletin_id=bulletin.id,
                    firm_id=firm_id,
                    centre_id=bulletin.centre_id,
                    why=[] if before.is_private else [{"kind": "before", "value": ""}],
                    by_watch=before.by_watch,
                    is_private=before.is_private,
                    sent_by=actor.name,
                    sent_at=self._clock.now(),
                )
            )
            session.flush()
            self._mailroom.tell(session, CORRECTED, bulletin.centre_id, firm_id, [bulletin.id])
        if new:
            audit.record(
                session,
                self._clock,
                actor,
                "bulletin.pass_on",
                "bulletin",
                bulletin.id,
                values={"firms": [str(firm_id) for firm_id in new]},
                centre_id=bulletin.centre_id,
            )


def _receipts(session: Session, bulletin: Bulletin) -> dict[uuid.UUID, BulletinReceipt]:
    """Each firm's receipt of the newest edition it was sent, of this bulletin's up to ``bulletin``."""
    rows = session.scalars(
        select(BulletinReceipt)
        .join(Bulletin, Bulletin.id == BulletinReceipt.bulletin_id)
        .where(Bulletin.series_id == bulletin.series_id, Bulletin.edition <= bulletin.edition)
        .order_by(Bulletin.edition)
    )
    return {row.firm_id: row for row in rows}


def compose_corrected(
    session: Session, firm_id: uuid.UUID, bulletin_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a firm how bulletins it was sent were corrected; None when none of them stands any more."""
    rows = _sent(session, firm_id, bulletin_ids, STANDING)
    items = []
    for bulletin in rows:
        before = session.scalars(
            select(Bulletin).where(
                Bulletin.series_id == bulletin.series_id, Bulletin.edition == bulletin.edition - 1
            )
        ).one()
        items.append(_corrected(bulletin, changes(before.content, bulletin.content)))
    return _letter(session, rows, items, said("%(office)s has corrected what it sent your firm."))


def compose_withdrawn(
    session: Session, firm_id: uuid.UUID, bulletin_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a firm which bulletins it was sent were withdrawn, and why."""
    rows = [
        bulletin
        for bulletin in session.scalars(
            select(Bulletin).where(Bulletin.id.in_(bulletin_ids)).order_by(Bulletin.id)
        )
        if bulletin.state == BulletinState.WITHDRAWN.value and firm_id in _receipts(session, bulletin)
    ]
    items = [
        _item(
            bulletin,
            said("Risk bulletin %(number)s was withdrawn", number=_number(bulletin)),
            [(said("Why"), _words(bulletin.withdrawal))],
            said("Read the notice"),
        )
        for bulletin in rows
    ]
    opening = said("%(office)s has withdrawn what it sent your firm: do not rely on it any more.")
    return _letter(session, rows, items, opening)


def _sent(
    session: Session, firm_id: uuid.UUID, bulletin_ids: Sequence[uuid.UUID], states: frozenset[str]
) -> list[Bulletin]:
    query = (
        select(Bulletin)
        .join(BulletinReceipt, BulletinReceipt.bulletin_id == Bulletin.id)
        .where(Bulletin.id.in_(bulletin_ids), BulletinReceipt.firm_id == firm_id, Bulletin.state.in_(states))
        .order_by(Bulletin.published_at, Bulletin.id)
    )
    return list(session.scalars(query))


def _letter(
    session: Session, rows: Sequence[Bulletin], items: Sequence[Item], opening: Said
) -> Letter | None:
    if not rows:
        return None
    centre = session.get_one(Centre, rows[0].centre_id)
    subject = said("Seamark: %(what)s", what=items[0].heading)
    if len(items) > 1:
        subject = said("Seamark: news of %(count)s bulletins your firm was sent", count=len(items))
    return Letter(subject, said(opening.template, office=Words(centre.zh, centre.en)), items, _CLOSING)


def _corrected(bulletin: Bulletin, changed: Sequence[Change]) -> Item:
    facts: list[tuple[Said, Text]] = [(said("Why"), _words(bulletin.correction))]
    facts += [(_PARTS[change.part], _change(change)) for change in changed[:MOST_CHANGES]]
    if (more := len(changed) - MOST_CHANGES) > 0:
        facts.append((said("More"), said("%(count)s further parts changed; the page shows all.", count=more)))
    return _item(
        bulletin,
        said(
            "Risk bulletin %(number)s was corrected: edition %(edition)s",
            number=_number(bulletin),
            edition=bulletin.edition,
        ),
        facts,
        said("Read what stands now"),
    )


def _item(bulletin: Bulletin, heading: Said, facts: Sequence[tuple[Said, Text]], link: Said) -> Item:
    title: Mapping[str, Any] = bulletin.content["title"]
    return Item(
        heading=heading,
        title=f"{title['zh']} / {title['en']}",
        facts=facts,
        reasons=[said("Your firm was sent an earlier edition.")]
        if bulletin.state != BulletinState.WITHDRAWN.value
        else [said("Your firm was sent this bulletin.")],
        path=f"/bulletins/{bulletin.slug}",
        link=link,
        subject_id=bulletin.id,
        data={
            "bulletin": {
                "id": bulletin.id,
                "number": printed_number(bulletin, "en"),
                "edition": bulletin.edition,
                "state": bulletin.state,
                "reason": dict(bulletin.withdrawal or bulletin.correction),
                "sha256": bulletin.content_sha256,
            }
        },
    )


def _number(bulletin: Bulletin) -> Words:
    return Words(printed_number(bulletin, "zh"), printed_number(bulletin, "en"))


def _words(reason: Mapping[str, str]) -> Words:
    return Words(reason["zh"], reason["en"])


def _change(change: Change) -> Words:
    """Both texts beside each other, cut where they are long."""
    zh, en = ([_shown(change.part, text[i], i) for text in (change.old, change.new)] for i in (0, 1))
    return Words(
        f"{zh[0] or '（原无）'} → {zh[1] or '（删去）'}", f"{en[0] or '(none)'} → {en[1] or '(taken out)'}"
    )


def _shown(part: str, text: str, language: int) -> str:
    """``text`` as readers know it, cut where it is long; ``language`` is 0 for Chinese, 1 for English."""
    if text and part in _NAMED:
        words = _NAMED[part][text]
        return words.en if language else words.zh
    return text if len(text) <= MOST_SIGNS else f"{text[: MOST_SIGNS - 1].rstrip()}…"
