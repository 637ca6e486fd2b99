"""From review to the public and after: approved by another person than wrote it, signed, corrected, withdrawn, expired."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from core.actor import Actor, Permission, system_actor
from core.centres import Centre
from core.clock import Clock, local_date
from core.errors import BadInput, EvidenceDamaged, NotAllowed, NotFound, TransitionRefused
from core.evidence import EvidenceStore
from core.numbers import next_number
from core.outbox import emit
from core.said import said
from warning.bulletin_checks import as_kept, missing_declarations, repeat_problems, repeats
from warning.bulletin_models import Bulletin
from warning.bulletin_parties import hidden_of
from warning.bulletin_soundness import Problems
from warning.bulletin_workflow import BULLETIN_WORKFLOW, OPEN, STANDING, BulletinState
from warning.bulletins import (
    facets_of,
    get_bulletin,
    names_of,
    note_act,
    require_seen,
    require_sound,
)


def _require_another(actor: Actor, bulletin: Bulletin) -> None:
    if actor.system:
        raise NotAllowed(said("A person decides about a bulletin, not a job."))
    if actor.name in bulletin.authors:
        raise NotAllowed(
            said("Whoever wrote any of a bulletin neither approves nor signs it."),
            fix=said("Ask a colleague."),
        )


def check_sources(evidence: EvidenceStore, content: Mapping[str, Any]) -> Problems:
    """Read every source's stored bytes now and compare them with their SHA-256; what cannot be relied on, by field."""
    out: Problems = {}
    for number, source in enumerate(content["sources"], 1):
        try:
            evidence.get(source["sha256"])
        except EvidenceDamaged:
            out[f"source-{number}"] = [
                said("Source %(number)s: its stored bytes no longer match their SHA-256.", number=number)
            ]
        except NotFound:
            out[f"source-{number}"] = [
                said("Source %(number)s: its stored bytes are missing.", number=number)
            ]
    return out


def _require_sources(evidence: EvidenceStore, bulletin: Bulletin) -> None:
    if problems := check_sources(evidence, bulletin.content):
        raise BadInput(
            said("A source cannot be relied on, so nothing was decided."),
            fix=said("Restore the evidence from a backup, or return the bulletin."),
            fields=problems,
        )


def return_bulletin(
    session: Session, clock: Clock, actor: Actor, bulletin_id: uuid.UUID, note: str, *, seen_version: int
) -> Bulletin:
    """Give a bulletin back to its drafter with a note. Raises NotFound, NotAllowed, TransitionRefused, StaleWrite, BadInput."""
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("return", bulletin.state, actor)
    _require_another(actor, bulletin)
    require_seen(bulletin, seen_version)
    if not note.strip():
        raise BadInput(
            said("A return needs a note."),
            fix=said("Say what must be mended."),
            fields={"note": [said("Say what must be mended.")]},
        )
    bulletin.state = target
    note_act(session, clock, actor, bulletin, "return", note.strip())
    return bulletin


def approve_bulletin(
    session: Session,
    clock: Clock,
    evidence: EvidenceStore,
    actor: Actor,
    bulletin_id: uuid.UUID,
    checked: Collection[str],
    *,
    declared: Collection[str],
    seen_version: int,
) -> Bulletin:
    """Approve the facts of a bulletin, and that it may be published.

    Args:
        checked: SHA-256 of the sources the reviewer says to have checked; all of them are needed.
        declared: keys of :data:`warning.bulletin_checks.DECLARATIONS`; all of them are needed, and are kept.

    Raises:
        NotFound, NotAllowed (its writers too), TransitionRefused, StaleWrite.
        BadInput: a source was not checked, its bytes no longer match, something was not declared, or a part repeats too
            much of a source; ``fields`` names it.
    """
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("approve", bulletin.state, actor)
    _require_another(actor, bulletin)
    require_seen(bulletin, seen_version)
    require_sound(session, clock, bulletin)
    unchecked: Problems = {
        f"source-{n}": [said("Source %(number)s has not been checked.", number=n)]
        for n, source in enumerate(bulletin.content["sources"], 1)
        if source["sha256"] not in checked
    }
    if unchecked:
        raise BadInput(
            said("Not every source has been checked."),
            fix=said("Open each one and tick it."),
            fields=unchecked,
        )
    _require_sources(evidence, bulletin)
    undeclared = missing_declarations(declared) or repeat_problems(repeats_of(session, bulletin))
    if undeclared:
        raise BadInput(
            said("The check for secrets and rights is not complete."),
            fix=said("Declare each line, or return the bulletin to its drafter."),
            fields=undeclared,
        )
    bulletin.state = target
    kept = as_kept(declared)
    values = {"sources": sorted(checked), "declared": kept}
    note_act(session, clock, actor, bulletin, "approve", values=values, details=kept)
    return bulletin


def repeats_of(session: Session, bulletin: Bulletin) -> dict[str, int]:
    """Parts that repeat more of the case's own texts, in one piece, than may be quoted, and how many signs."""
    case = session.get(Case, bulletin.case_id) if bulletin.case_id else None
    if case is None:
        return {}
    told = [case.caption, case.title, case.text, case.outcome or "", *(event.text for event in case.events)]
    return repeats(bulletin.content, told)


def content_digest(bulletin: Bulletin) -> str:
    """SHA-256 of what signing fixes: number, edition, content, correction and the instant of publication."""
    signed = [
        bulletin.slug,
        bulletin.edition,
        bulletin.content,
        bulletin.correction,
        bulletin.published_at.isoformat() if bulletin.published_at else None,
    ]
    plain = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def sign_bulletin(
    session: Session,
    clock: Clock,
    evidence: EvidenceStore,
    actor: Actor,
    bulletin_id: uuid.UUID,
    *,
    seen_version: int,
) -> Bulletin:
    """Sign and publish: the first edition takes its number, a later one replaces the edition before it.

    Raises NotFound, NotAllowed (its writers too), TransitionRefused, StaleWrite, BadInput (a source was changed since).
    """
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("sign", bulletin.state, actor)
    _require_another(actor, bulletin)
    require_seen(bulletin, seen_version)
    require_sound(session, clock, bulletin)
    _require_sources(evidence, bulletin)
    now = clock.now()
    if bulletin.edition == 1:
        _number(session, clock, bulletin)
    else:
        _supersede(session, now, bulletin)
    bulletin.state, bulletin.published_at = target, now
    bulletin.content_sha256 = content_digest(bulletin)
    note_act(session, clock, actor, bulletin, "sign", values={"content": bulletin.content_sha256})
    _tell(session, clock, "bulletin.published", bulletin)
    return bulletin


def _number(session: Session, clock: Clock, bulletin: Bulletin) -> None:
    centre = session.get_one(Centre, bulletin.centre_id)
    bulletin.year = local_date(clock.now(), centre.zone).year
    bulletin.number = next_number(session, centre.id, "bulletin", bulletin.year)
    bulletin.slug = f"{centre.slug}-{bulletin.year}-{bulletin.number:04d}"


def _supersede(session: Session, now: datetime, bulletin: Bulletin) -> None:
    query = select(Bulletin).where(
        Bulletin.series_id == bulletin.series_id, Bulletin.edition == bulletin.edition - 1
    )
    old = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    if old.state not in STANDING:
        raise TransitionRefused(
            said("The edition this one corrects was withdrawn."),
            fix=said("A withdrawn bulletin stays withdrawn."),
        )
    by = system_actor("bulletin", old.centre_id)
    old.state, old.ended_at = BULLETIN_WORKFLOW.take("supersede", old.state, by), now
    old.version += 1
    old.updated_at = now


def _tell(session: Session, clock: Clock, topic: str, bulletin: Bulletin) -> None:
    emit(
        session,
        topic,
        str(bulletin.series_id),
        {"bulletin": str(bulletin.id), "series": str(bulletin.series_id), "edition": bulletin.edition},
        clock,
    )


def _reason(bulletin: Bulletin, zh: str, en: str) -> dict[str, str]:
    """A public reason in both languages. Raises BadInput when one is missing or names who is not to be named."""
    hidden, problems = hidden_of(names_of(bulletin)), Problems()
    for language, text in (("zh", zh), ("en", en)):
        if not text.strip():
            problems[f"reason-{language}"] = [said("Write it in both languages.")]
        elif name := hidden.found_in(text):
            problems[f"reason-{language}"] = [
                said("This names a local firm, “%(name)s”, that is not to be named.", name=name)
            ]
    if problems:
        raise BadInput(
            said("The public reads the reason, and it cannot be used so."),
            fix=said("Mend what is named below."),
            fields=problems,
        )
    return {"zh": zh.strip(), "en": en.strip()}


def correct_bulletin(
    session: Session, clock: Clock, actor: Actor, bulletin_id: uuid.UUID, reason_zh: str, reason_en: str
) -> Bulletin:
    """Begin a correction: a draft of the next edition with a reason. The old edition stays public until it is signed.

    Raises NotFound, NotAllowed, BadInput, or TransitionRefused when it does not stand or a correction is open already.
    """
    actor.require(Permission.BULLETIN_DRAFT)
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    # Read without its lock: signing holds the new edition's and then asks for the old one's, which is ours.
    editions = select(Bulletin).where(Bulletin.series_id == bulletin.series_id)
    newest = session.scalars(editions.order_by(Bulletin.edition.desc()).limit(1)).one()
    if newest.state in OPEN:
        raise TransitionRefused(
            said("A correction of this bulletin is being written already."), fix=said("Find it on the desk.")
        )
    if newest.id != bulletin.id or bulletin.state not in STANDING:
        raise TransitionRefused(
            said("Only the edition that stands can be corrected."), fix=said("Look at the newest edition.")
        )
    reason = _reason(bulletin, reason_zh, reason_en)
    draft = Bulletin(
        series_id=bulletin.series_id,
        edition=bulletin.edition + 1,
        centre_id=bulletin.centre_id,
        case_id=bulletin.case_id,
        content=bulletin.content,
        names=bulletin.names,
        level=bulletin.level,
        scope=bulletin.scope,
        valid_until=bulletin.valid_until,
        correction=reason,
        authors=[actor.name],
        year=bulletin.year,
        number=bulletin.number,
        slug=bulletin.slug,
        is_sample=bulletin.is_sample,
        version=0,
        created_at=clock.now(),
        updated_at=clock.now(),
        facets=facets_of(bulletin.content),
    )
    session.add(draft)
    note_act(session, clock, actor, draft, "correct", reason["zh"], values={"of": str(bulletin.id)})
    return draft


def withdraw_bulletin(
    session: Session,
    clock: Clock,
    actor: Actor,
    bulletin_id: uuid.UUID,
    reason_zh: str,
    reason_en: str,
    *,
    seen_version: int,
) -> Bulletin:
    """Withdraw the edition that stands; its page stays, with the reason in its place.

    Raises NotFound, NotAllowed, TransitionRefused, StaleWrite, BadInput.
    """
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("withdraw", bulletin.state, actor)
    if actor.system:
        raise NotAllowed(said("A person decides about a bulletin, not a job."))
    require_seen(bulletin, seen_version)
    bulletin.withdrawal = _reason(bulletin, reason_zh, reason_en)
    bulletin.state, bulletin.ended_at = target, clock.now()
    note_act(
        session,
        clock,
        actor,
        bulletin,
        "withdraw",
        bulletin.withdrawal["zh"],
        values={"reason": bulletin.withdrawal},
    )
    _tell(session, clock, "bulletin.withdrawn", bulletin)
    return bulletin


def expire_bulletins(session: Session, clock: Clock) -> int:
    """Mark published bulletins whose last day has passed in their centre's zone; returns how many."""
    count = 0
    for centre in session.scalars(select(Centre)):
        by = system_actor("job:bulletins", centre.id)
        due = (
            select(Bulletin)
            .where(Bulletin.centre_id == centre.id, Bulletin.state == BulletinState.PUBLISHED.value)
            .where(Bulletin.valid_until < local_date(clock.now(), centre.zone))
            .with_for_update()
        )
        for bulletin in session.scalars(due).all():
            bulletin.state = BULLETIN_WORKFLOW.take("expire", bulletin.state, by)
            note_act(session, clock, by, bulletin, "expire")
            count += 1
    return count
