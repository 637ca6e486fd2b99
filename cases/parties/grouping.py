"""Putting parties together and apart, marking what they are, and taking any of it back: the only place that does so.

Every act keeps what stood before. It is undone as long as no later act touched the same parties; else the later one goes
first. Nobody is alerted by any of it: who a party is changes no case.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.models import Case, Party
from cases.parties.models import PartyAct, PartyActOn, PartyKind, PartyLink, PartyMark
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said

LEAST_REASON, MOST_REASON = 4, 500
#: names of one party at most
MOST_NAMES = 200


def head_of(session: Session, key: str) -> str:
    """The key of the party that ``key`` belongs to."""
    link = session.get(PartyLink, key)
    return link.head if link else key


def stands(session: Session, key: str) -> bool:
    """Whether any stored case names a party under ``key``."""
    return session.scalar(select(Party.id).where(Party.who == key).limit(1)) is not None


def keys_of(session: Session, head: str) -> list[str]:
    """Every key of the party, its own first."""
    linked = session.scalars(select(PartyLink.key).where(PartyLink.head == head).order_by(PartyLink.key))
    return [head, *linked]


def kind_of(session: Session, head: str) -> str | None:
    """What staff say the party is (PartyKind); None when nobody said."""
    mark = session.get(PartyMark, head)
    return mark.kind if mark else None


def acts_on(session: Session, heads: Sequence[str], *, limit: int = 200) -> list[PartyAct]:
    """The acts that touched any of ``heads``, the newest ``limit`` first."""
    touching = select(PartyActOn.act_id).where(PartyActOn.head.in_(heads))
    query = select(PartyAct).where(PartyAct.id.in_(touching)).order_by(PartyAct.id.desc()).limit(limit)
    return list(session.scalars(query))


def mark_of(session: Session, heads: Sequence[str]) -> str:
    """What a page shows and a form brings back: the newest act on these parties, "" for none."""
    touching = select(PartyActOn.act_id).where(PartyActOn.head.in_(heads))
    query = select(PartyAct.id).where(PartyAct.id.in_(touching), PartyAct.undone_at.is_(None))
    newest = session.scalar(query.order_by(PartyAct.id.desc()).limit(1))
    return str(newest) if newest else ""


def merge(
    session: Session, clock: Clock, actor: Actor, head: str, other: str, reason: str, *, seen: str
) -> PartyAct:
    """Let every name of ``other`` be a name of ``head``.

    Args:
        seen: :func:`mark_of` both when the actor looked.

    Raises:
        NotAllowed: the actor does not decide about parties.
        NotFound: no stored case has such a party.
        BadInput: the two are one already, or would have too many names; no reason.
        StaleWrite: somebody decided about one of them meanwhile.
    """
    actor.require(Permission.PARTY_WRITE)
    _check_reason(reason)
    head, other = head_of(session, head), head_of(session, other)
    for key in (head, other):
        _must_stand(session, key)
    if head == other:
        raise BadInput(said("These are names of one party already."), fix=said("Choose another party."))
    moved = keys_of(session, other)
    if len(moved) + len(keys_of(session, head)) > MOST_NAMES:
        raise BadInput(
            said("One party would have more than %(count)s names.", count=MOST_NAMES),
            fix=said("Look whether the names are one party's at all."),
        )
    _check_seen(session, [head, other], seen)
    kind = kind_of(session, other)
    for key in moved:
        _link(session, key, head)
    if (mark := session.get(PartyMark, other)) is not None:
        session.delete(mark)
    if kind and kind_of(session, head) is None:
        session.add(PartyMark(head=head, kind=kind))
        gained = kind
    else:
        gained = ""
    content = {"head": head, "other": other, "moved": moved, "kind": kind or "", "gained": gained}
    return _kept(session, clock, actor, "merge", [head, other], content, reason)


def split_name(session: Session, clock: Clock, actor: Actor, key: str, reason: str, *, seen: str) -> PartyAct:
    """Let the name ``key`` be a party of its own again.

    Raises:
        NotAllowed, NotFound, StaleWrite: as :func:`merge`.
        BadInput: it is the party's only name, or the one the others stand under; no reason.
    """
    actor.require(Permission.PARTY_WRITE)
    _check_reason(reason)
    _must_stand(session, key)
    link = session.get(PartyLink, key)
    if link is None:
        raise BadInput(
            said("This is the name the others stand under."),
            fix=said("Part the other names from it instead."),
        )
    head = link.head
    _check_seen(session, [head], seen)
    session.delete(link)
    return _kept(session, clock, actor, "split_name", [head, key], {"head": head, "key": key}, reason)


def split_cases(
    session: Session,
    clock: Clock,
    actor: Actor,
    key: str,
    case_ids: Sequence[uuid.UUID],
    reason: str,
    *,
    seen: str,
) -> PartyAct:
    """Let the party of this name in ``case_ids`` be another one of the same name.

    Raises:
        NotAllowed, NotFound, StaleWrite: as :func:`merge`.
        BadInput: none of the cases names it, or no case would be left; no reason.
    """  # fmt: skip
    actor.require(Permission.PARTY_WRITE)
    _check_reason(reason)
    head = head_of(session, key)
    _check_seen(session, [head], seen)
    visible = Case.visible_to(actor).with_only_columns(Case.id).subquery()
    query = select(Party).where(Party.who == key, Party.case_id.in_(select(visible.c.id)))
    rows = session.scalars(query.with_for_update()).all()
    leaving = [row for row in rows if row.case_id in set(case_ids)]
    if not leaving:
        raise BadInput(
            said("None of these cases names the party so."), fix=said("Choose cases of this page.")
        )
    if len(leaving) == len(rows):
        raise BadInput(
            said("No case would be left under this name."), fix=said("Choose some of the cases, not all.")
        )
    new = _free_key(session, key)
    for row in leaving:
        row.who = new
    session.flush()
    content = {"key": key, "new": new, "parties": [str(row.id) for row in leaving]}
    return _kept(session, clock, actor, "split_cases", [head, new], content, reason)


def mark_kind(
    session: Session, clock: Clock, actor: Actor, head: str, kind: str, reason: str, *, seen: str
) -> PartyAct:
    """Say what the party is (PartyKind; "" takes it away).

    Raises:
        NotAllowed, NotFound, StaleWrite: as :func:`merge`.
        BadInput: no such kind, it is marked so already, or no reason.
    """
    actor.require(Permission.PARTY_WRITE)
    _check_reason(reason)
    head = head_of(session, head)
    _must_stand(session, head)
    before = kind_of(session, head) or ""
    if kind and kind not in set(PartyKind):
        raise BadInput(said("There is no such kind of party."), fix=said("Choose one of the list."))
    if kind == before:
        raise BadInput(said("The party is marked so already."), fix=said("Choose another kind."))
    _check_seen(session, [head], seen)
    _set_kind(session, head, kind)
    return _kept(
        session, clock, actor, "mark", [head], {"head": head, "before": before, "kind": kind}, reason
    )


def undo(session: Session, clock: Clock, actor: Actor, act_id: uuid.UUID) -> PartyAct:
    """Take an act back, so that what stood before it stands again.

    Raises:
        NotAllowed: the actor does not decide about parties.
        NotFound: there is no such act.
        StaleWrite: it is undone already, or a later act touched the same party.
    """
    actor.require(Permission.PARTY_WRITE)
    act = session.get(PartyAct, act_id, with_for_update=True)
    if act is None:
        raise NotFound(said("There is no such decision about parties."))
    if act.undone_at is not None:
        raise StaleWrite(said("This is undone already."), fix=said("Load the page again."))
    if mark_of(session, act.heads) != str(act.id):
        raise StaleWrite(
            said("A later decision touches the same party."), fix=said("Undo the later one first.")
        )
    _UNDO[act.kind](session, act.content)
    act.undone_by, act.undone_at = actor.name, clock.now()
    _tell(session, clock, actor, "party.undone", act)
    return act


def _undo_merge(session: Session, content: dict[str, Any]) -> None:
    for key in content["moved"]:
        if key == content["other"]:
            link = session.get(PartyLink, key)
            if link is not None:
                session.delete(link)
        else:
            _link(session, key, content["other"])
    if content["gained"]:
        _set_kind(session, content["head"], "")
    if content["kind"]:
        _set_kind(session, content["other"], content["kind"])


def _undo_split_name(session: Session, content: dict[str, Any]) -> None:
    _link(session, content["key"], content["head"])


def _undo_split_cases(session: Session, content: dict[str, Any]) -> None:
    # What was told of the new party meanwhile goes back too: the key is a name's, not a list's.
    session.execute(update(Party).where(Party.who == content["new"]).values(who=content["key"]))


def _undo_mark(session: Session, content: dict[str, Any]) -> None:
    _set_kind(session, content["head"], content["before"])


_UNDO = {
    "merge": _undo_merge,
    "split_name": _undo_split_name,
    "split_cases": _undo_split_cases,
    "mark": _undo_mark,
}


def _link(session: Session, key: str, head: str) -> None:
    link = session.get(PartyLink, key)
    if link is None:
        session.add(PartyLink(key=key, head=head))
    else:
        link.head = head


def _set_kind(session: Session, head: str, kind: str) -> None:
    mark = session.get(PartyMark, head)
    if mark is None and kind:
        session.add(PartyMark(head=head, kind=kind))
    elif mark is not None and kind:
        mark.kind = kind
    elif mark is not None:
        session.delete(mark)


def _free_key(session: Session, key: str) -> str:
    number = 2
    while session.scalar(select(Party.id).where(Party.who == f"{key} ~{number}").limit(1)) is not None:
        number += 1
    return f"{key} ~{number}"


def _must_stand(session: Session, key: str) -> None:
    if not stands(session, key):
        raise NotFound(
            said("No stored case names such a party."), fix=said("Search for it among the parties.")
        )


def _check_reason(reason: str) -> None:
    if not LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        raise BadInput(
            said("A reason of %(least)s to %(most)s characters is needed.", least=LEAST_REASON, most=MOST_REASON),
            fix=said("Say on what it rests: a register, a filing, a page."),
        )  # fmt: skip


def _check_seen(session: Session, heads: Sequence[str], seen: str) -> None:
    if mark_of(session, heads) != seen:
        raise StaleWrite(
            said("Somebody decided about this party meanwhile."), fix=said("Load the page again and look.")
        )


def _kept(
    session: Session, clock: Clock, actor: Actor, kind: str, heads: list[str], content: dict[str, Any], reason: str
) -> PartyAct:  # fmt: skip
    act = PartyAct(
        kind=kind,
        touched=[PartyActOn(head=head) for head in heads],
        content=content,
        reason=reason.strip(),
        done_by=actor.name,
        done_at=clock.now(),
    )
    session.add(act)
    try:
        session.flush()
    except IntegrityError as error:
        raise StaleWrite(
            said("Somebody decided about this party meanwhile."), fix=said("Load the page again and look.")
        ) from error
    _tell(session, clock, actor, f"party.{kind}", act)
    return act


def _tell(session: Session, clock: Clock, actor: Actor, verb: str, act: PartyAct) -> None:
    values = {"heads": act.heads, "reason": act.reason}
    audit.record(session, clock, actor, verb, "party", act.id, values=values)
