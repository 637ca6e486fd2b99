"""What a centre's staff make of a signal: confirm it, dismiss it, merge it into another, look at it again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound, StaleWrite
from core.outbox import emit
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from warning.surge.levels import NAMES
from warning.surge.signal_models import SIGNAL_WORKFLOW, SignalAct, SignalReview, SignalState, SurgeSignal
from warning.surge.told import take_back

LEAST_REASON, MOST_REASON = 4, 1000


def seen_by(actor: Actor) -> Select[SurgeSignal]:
    """The signals an actor may see: staff every one, everybody else those that some centre confirmed."""
    query = SurgeSignal.visible_to(actor)
    if actor.may(Permission.SIGNAL_DECIDE):
        return query
    confirmed = select(SignalReview.signal_id).where(SignalReview.state == SignalState.CONFIRMED.value)
    return query.where(SurgeSignal.id.in_(confirmed))


def get_signal(session: Session, actor: Actor, signal_id: uuid.UUID) -> SurgeSignal:
    """The signal. Raises NotFound when the actor may not see it."""
    signal = session.scalar(seen_by(actor).where(SurgeSignal.id == signal_id))
    if signal is None:
        raise NotFound(said("There is no such signal, or nobody has confirmed it yet."))
    return signal


def list_signals(
    session: Session,
    actor: Actor,
    *,
    state: str = "",
    kind: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> Page[SurgeSignal]:
    """Signals, the newest week first, in it the gravest first.

    Args:
        state: of the actor's centre (:class:`SignalState`), "" for all; staff alone may ask for another than confirmed.
        kind: region, industry, cell, dispute_type, forum or "".

    Raises BadInput on a bad cursor.
    """  # fmt: skip
    query = seen_by(actor)
    if state and actor.may(Permission.SIGNAL_DECIDE):
        mine = and_(SignalReview.signal_id == SurgeSignal.id, SignalReview.centre_id == actor.centre_id)
        query = query.outerjoin(SignalReview, mine)
        is_new = or_(SignalReview.state.is_(None), SignalReview.state == SignalState.RAISED.value)
        query = query.where(is_new if state == SignalState.RAISED.value else SignalReview.state == state)
    if kind:
        query = query.where(SurgeSignal.kind == kind)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        last = session.get(SurgeSignal, id_in_cursor(after))
        if last is None:
            raise bad_cursor()
        query = query.where(
            (SurgeSignal.week < last.week)
            | ((SurgeSignal.week == last.week) & (SurgeSignal.p > last.p))
            | ((SurgeSignal.week == last.week) & (SurgeSignal.p == last.p) & (SurgeSignal.id > last.id))
        )
    query = query.order_by(SurgeSignal.week.desc(), SurgeSignal.p, SurgeSignal.id).limit(limit + 1)
    rows = list(session.scalars(query))
    more = encode_cursor([str(rows[limit - 1].id)]) if len(rows) > limit else None
    return Page(rows[:limit], more)


def reviews_of(
    session: Session, actor: Actor, signals: Sequence[SurgeSignal]
) -> dict[uuid.UUID, SignalReview]:
    """What the actor's centre made of each; for whoever has no centre, what any centre confirmed."""
    query = select(SignalReview).where(SignalReview.signal_id.in_([signal.id for signal in signals]))
    if actor.may(Permission.SIGNAL_DECIDE):
        query = query.where(SignalReview.centre_id == actor.centre_id)
    else:
        query = query.where(SignalReview.state == SignalState.CONFIRMED.value)
    return {review.signal_id: review for review in session.scalars(query)}


def count_new(session: Session, actor: Actor) -> int:
    """How many signals the actor's centre has not looked at."""
    actor.require(Permission.SIGNAL_DECIDE)
    looked = select(SignalReview.signal_id).where(
        SignalReview.centre_id == actor.centre_id, SignalReview.state != SignalState.RAISED.value
    )
    return session.scalar(select(func.count()).where(SurgeSignal.id.not_in(looked))) or 0


def acts_of(session: Session, actor: Actor, signal: SurgeSignal) -> list[SignalAct]:
    """What the actor's centre did about the signal, the newest first; nothing for who does not decide."""
    if not actor.may(Permission.SIGNAL_DECIDE):
        return []
    query = select(SignalAct).where(SignalAct.signal_id == signal.id, SignalAct.centre_id == actor.centre_id)
    return list(session.scalars(query.order_by(SignalAct.id.desc())))


def decide(
    session: Session,
    clock: Clock,
    actor: Actor,
    signal_id: uuid.UUID,
    step: str,
    reason: str,
    *,
    seen_version: int,
    into_id: uuid.UUID | None = None,
) -> SignalReview:
    """Take a step of :data:`SIGNAL_WORKFLOW` for the actor's centre.

    Args:
        reason: needed for every step but confirm.
        seen_version: of the review the actor looked at; 0 when there was none.
        into_id: the signal that this one is merged into.

    Raises:
        NotAllowed: the actor does not decide about signals.
        NotFound: no such signal.
        BadInput: no reason; no centre; merged into itself, into nothing or into one that is merged itself.
        StaleWrite: somebody decided meanwhile.
        TransitionRefused: the step does not leave from its state.
    """
    actor.require(Permission.SIGNAL_DECIDE)
    if actor.centre_id is None:
        raise BadInput("A decision belongs to a centre, and this actor has none.", fix="Name the centre.")
    signal = get_signal(session, actor, signal_id)
    if len(reason.strip()) > MOST_REASON or (step != "confirm" and len(reason.strip()) < LEAST_REASON):
        raise BadInput(
            said("A reason of %(least)s to %(most)s characters is needed.", least=LEAST_REASON, most=MOST_REASON),
            fix=said("Say what you looked at, in a sentence."),
        )  # fmt: skip
    review = session.get(SignalReview, (signal.id, actor.centre_id), with_for_update=True)
    if (review.version if review else 0) != seen_version:
        raise StaleWrite(
            said("Somebody decided about this signal meanwhile."), fix=said("Load the page again and look.")
        )
    state = SIGNAL_WORKFLOW.take(step, review.state if review else SIGNAL_WORKFLOW.initial, actor)
    into = _target(session, actor, signal, into_id) if step == "merge" else None
    if review is None:
        review = SignalReview(signal_id=signal.id, centre_id=actor.centre_id, version=0, state=state)
        session.add(review)
    stood = review.state == SignalState.CONFIRMED.value
    review.state, review.into_id = state, into.id if into else None
    review.version += 1
    session.add(
        SignalAct(
            signal_id=signal.id,
            centre_id=actor.centre_id,
            step=step,
            reason=reason.strip(),
            into_id=into.id if into else None,
            done_by=actor.name,
            done_at=clock.now(),
        )
    )
    audit.record(
        session, clock, actor, f"signal.{step}", "signal", signal.id, values={"reason": reason.strip()}
    )
    session.flush()
    if stood and state != SignalState.CONFIRMED.value:
        _correct(session, clock, signal, actor.centre_id)
    return review


def _correct(session: Session, clock: Clock, signal: SurgeSignal, centre_id: uuid.UUID) -> None:
    """Let whoever was told of the signal hear that the centre no longer stands by it."""
    if alerts := take_back(session, clock, centre_id, signal.id):
        payload = {"signal": str(signal.id), "alerts": [str(alert.id) for alert in alerts]}
        emit(session, "signal.taken_back", f"{signal.kind}:{signal.value}", payload, clock)


def _target(session: Session, actor: Actor, signal: SurgeSignal, into_id: uuid.UUID | None) -> SurgeSignal:
    if into_id is None or into_id == signal.id:
        raise BadInput(said("Choose another signal to merge this one into."))
    into = get_signal(session, actor, into_id)
    its = session.get(SignalReview, (into.id, actor.centre_id))
    if its is not None and its.state == SignalState.MERGED.value:
        raise BadInput(
            said("That signal is merged into another one itself."),
            fix=said("Choose the one it was merged into."),
        )
    return into


def gravest(signals: Sequence[SurgeSignal]) -> SurgeSignal | None:
    """The signal of the highest level, the least likely by chance among those."""
    return min(signals, key=lambda one: (-NAMES.index(one.level), one.p), default=None)
