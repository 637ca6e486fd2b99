"""What staff say of a case's tags, against the rules or with them, and how it survives every tagging anew.

A case's tags are what the rules say, less what staff removed, and with what they added or confirmed. The corrections stand
in a table of their own: a rule that changes, or a case that is told anew, asks the rules again and then the corrections.
What staff say of a tag counts in the index and the counts; it alerts nobody.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import SAID_BY_STAFF, Case, Tag
from cases.query import get_case
from cases.taxonomy import Taxonomy, load_taxonomy
from cases.taxonomy.entries import RIGHTS
from cases.taxonomy.overlay import entries_of
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import emit
from core.said import said
from warning.review_models import TagCorrection, Verdict

#: kinds of tags that staff may correct, in the order pages show them
KINDS = ("dispute_type", "industry", "ip_right", "stage", "remedy", "outcome", "region", "china_related")
#: of these a case has one at most: another takes the place of what stands
SINGLE = frozenset({"stage", "region"})
#: characters of a reason
LEAST_REASON, MOST_REASON = 4, 1000
#: tags a case anew by the rules in force and by the corrections; whether its tags differ then
Retag = Callable[[Session, Case], bool]
_OF_TERMS = ("industry", "dispute_type", "stage", "remedy", "outcome")
_PIECE = ("rule", "rulebook", "field", "start", "end", "text", "weight", "margin")


def values_of(kind: str) -> list[str]:
    """The values a tag of ``kind`` may have, in the taxonomy's order. Empty for a kind that staff do not correct."""
    taxonomy = load_taxonomy()
    if kind in _OF_TERMS:
        return [i for i in entries_of(taxonomy, kind) if taxonomy.is_in_force(i)]
    if kind == "region":
        return [region.code for region in taxonomy.regions.values()]
    if kind == "china_related":
        return ["yes"]
    return list(RIGHTS) if kind == "ip_right" else []


def corrections_of(
    session: Session, case_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, dict[tuple[str, str], TagCorrection]]:
    """What staff say of these cases now: case -> (kind, value) -> correction."""
    found: dict[uuid.UUID, dict[tuple[str, str], TagCorrection]] = {}
    query = select(TagCorrection).where(
        TagCorrection.case_id.in_(list(case_ids)), TagCorrection.ended_at.is_(None)
    )
    for row in session.scalars(query):
        found.setdefault(row.case_id, {})[row.kind, row.value] = row
    return found


def corrected(
    told: Sequence[Tag],
    corrections: Mapping[tuple[str, str], TagCorrection],
    taxonomy: Taxonomy | None = None,
) -> list[Tag]:
    """What the rules told, as staff leave it: what they removed taken away, what they added or confirmed kept though no
    rule says it any more.

    Args:
        taxonomy: whose vocabulary; that in force when none is given. What was said of a retired term counts for the one
            that took its place, unless something was said of that one itself; without a successor it waits.
    """
    gone = (taxonomy or load_taxonomy()).gone
    spoken = {pair: row for pair, row in corrections.items() if pair[1] not in gone}
    for (kind, value), row in corrections.items():
        if (now := gone.get(value)) is not None and row.verdict != Verdict.REMOVE:
            spoken.setdefault((kind, now), row)
    removed = {pair for pair, row in spoken.items() if row.verdict == Verdict.REMOVE}
    kept = [tag for tag in told if (tag.kind, tag.value) not in removed]
    stands = {(tag.kind, tag.value) for tag in kept}
    kept += [said_by_staff(*pair) for pair in sorted(set(spoken) - removed - stands)]
    return kept


def said_by_staff(kind: str, value: str) -> Tag:
    """A tag that rests on a person's word."""
    return Tag(
        kind=kind,
        value=value,
        rule="",
        rulebook="",
        field=SAID_BY_STAFF,
        start=0,
        end=0,
        text="",
        weight=0.0,
        margin=None,
    )


def correct_tag(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_id: uuid.UUID,
    kind: str,
    value: str,
    verdict: Verdict,
    reason: str,
    *,
    seen: uuid.UUID | None,
) -> TagCorrection:
    """Say that a tag of a case is right, is wrong, or is missing.

    Args:
        reason: why; needed to remove or to add.
        seen: the correction of this tag in force that the actor looked at; None where there was none.

    Raises:
        NotAllowed, NotFound: the actor does not review, or may not know of the case.
        BadInput: no such tag, or no reason; a tag that stands is not added, one that does not is not removed.
        StaleWrite: somebody else spoke of this tag in between; nothing was changed.
    """
    actor.require(Permission.TAG_REVIEW)
    written = reason.strip()
    _refuse_unsaid(kind, value, verdict, written)
    case = _locked(session, actor, case_id)
    current = _in_force(session, case.id, (kind, value))
    if (current.id if current else None) != seen:
        raise _stale(case, current, seen)
    stands = [tag for tag in case.tags if (tag.kind, tag.value) == (kind, value)]
    if verdict is Verdict.ADD and stands:
        raise BadInput(said("The case has this tag already."), fix=said("Confirm it instead."))
    if verdict is not Verdict.ADD and not stands:
        raise BadInput(
            said("The case has no such tag; it may have been told anew."), fix=said("Look at it again.")
        )
    if verdict is Verdict.ADD and kind in SINGLE:
        for other in sorted({tag.value for tag in case.tags if tag.kind == kind}):
            _say(session, clock, actor, case, (kind, other), Verdict.REMOVE, written)
    row = _say(session, clock, actor, case, (kind, value), verdict, written)
    if verdict is not Verdict.CONFIRM:
        _tell(session, clock, case)
    session.flush()
    return row


def undo_correction(
    session: Session, clock: Clock, actor: Actor, correction_id: uuid.UUID, retag: Retag
) -> TagCorrection:
    """Take back a correction: the rules alone speak of the tag again. ``retag`` asks them.

    Raises NotAllowed, NotFound (no such correction, or it has ended already).
    """
    actor.require(Permission.TAG_REVIEW)
    row = session.scalar(TagCorrection.visible_to(actor).where(TagCorrection.id == correction_id))
    if row is None:
        raise NotFound(said("There is no such correction."))
    case = _locked(session, actor, row.case_id)
    session.refresh(row)
    if row.ended_at is not None:
        raise NotFound(said("This correction was taken back already."))
    _end(session, clock, actor, row)
    values = {"kind": row.kind, "value": row.value, "verdict": row.verdict}
    audit.record(session, clock, actor, "tag.undo", "case", case.id, values=values)
    if retag(session, case):
        _tell(session, clock, case)
    session.flush()
    return row


def _say(
    session: Session,
    clock: Clock,
    actor: Actor,
    case: Case,
    pair: tuple[str, str],
    verdict: Verdict,
    reason: str,
) -> TagCorrection:
    """Write one correction down, in the place of what was said before, and let the case's tags follow it."""
    current = _in_force(session, case.id, pair)
    if current is not None:
        _end(session, clock, actor, current)
    stands = [tag for tag in case.tags if (tag.kind, tag.value) == pair]
    told = [{name: getattr(tag, name) for name in _PIECE} for tag in stands if tag.field != SAID_BY_STAFF]
    row = TagCorrection(
        centre_id=_centre_of(actor),
        case_id=case.id,
        kind=pair[0],
        value=pair[1],
        verdict=verdict.value,
        reason=reason,
        rule_said=told,
        decided_by=actor.name,
        decided_at=clock.now(),
    )
    session.add(row)
    if verdict is Verdict.REMOVE:
        case.tags = [tag for tag in case.tags if tag not in stands]
    elif verdict is Verdict.ADD:
        case.tags.append(said_by_staff(*pair))
    values = {"kind": pair[0], "value": pair[1], "reason": reason}
    audit.record(session, clock, actor, f"tag.{verdict.value}", "case", case.id, values=values)
    return row


def _tell(session: Session, clock: Clock, case: Case) -> None:
    """Say that the case's tags are others: to the index and the counts, and, being no news of the case, to no firm."""
    case.version += 1
    case.updated_at = clock.now()
    session.flush()
    payload: dict[str, Any] = {"added": [], "backfill": True, "version": case.version}
    emit(session, "case.tagged", str(case.id), payload, clock)


def _refuse_unsaid(kind: str, value: str, verdict: Verdict, reason: str) -> None:
    is_known = kind in KINDS and (verdict is not Verdict.ADD or value in values_of(kind))
    if not is_known:
        raise BadInput(said("There is no such tag."), fix=said("Choose one of the list."))
    if len(reason) > MOST_REASON or (verdict is not Verdict.CONFIRM and len(reason) < LEAST_REASON):
        raise BadInput(
            said("A tag that is removed or added needs its reason."),
            fix=said("Write %(least)s to %(most)s characters.", least=LEAST_REASON, most=MOST_REASON),
        )


def _in_force(session: Session, case_id: uuid.UUID, pair: tuple[str, str]) -> TagCorrection | None:
    return session.scalar(
        select(TagCorrection).where(
            TagCorrection.case_id == case_id,
            TagCorrection.kind == pair[0],
            TagCorrection.value == pair[1],
            TagCorrection.ended_at.is_(None),
        )
    )


def _stale(case: Case, current: TagCorrection | None, seen: uuid.UUID | None) -> StaleWrite:
    return StaleWrite(
        said("Somebody else spoke of this tag of %(number)s meanwhile.", number=case.docket_number),
        fix=said("Look at it again and decide anew; nothing was changed."),
        yours=str(seen),
        current=str(current.id) if current else "",
    )


def _centre_of(actor: Actor) -> uuid.UUID:
    if actor.centre_id is None:
        raise BadInput("A correction is a centre's, and this actor has none.", fix="Name the centre.")
    return actor.centre_id


def _locked(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    return get_case(session, actor, case_id)


def _end(session: Session, clock: Clock, actor: Actor, row: TagCorrection) -> None:
    row.ended_by, row.ended_at = actor.name, clock.now()
    # Before the next one begins: only one word about a tag is in force.
    session.flush()


def spoken_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Sequence[TagCorrection]:
    """Everything staff ever said of a case's tags, the newest first; nothing for whoever does not review."""
    query = TagCorrection.visible_to(actor).where(TagCorrection.case_id == case_id)
    return session.scalars(query.order_by(TagCorrection.id.desc())).all()
