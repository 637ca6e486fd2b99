"""Telling firms of a confirmed signal, when staff decide to: an alert to each watch profile it touches, once.

A letter says in one sentence what happened, the level, and where to read on. A rise of filings is no deadline: it waits
for digests and mornings like any other news, level I too. Once the centre no longer stands by a signal that it told,
whoever was told hears that, once; confirming the signal again tells nobody a second time of it, the alert's page says it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, StaleWrite, TransitionRefused
from core.outbox import Message as Happened
from core.outbox import emit
from core.said import Said, said
from notify.letters import Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import SURGE, SURGE_CORRECTED
from warning.surge.deciding import get_signal
from warning.surge.explain import COLOURS, MARKS, sentence, series_words
from warning.surge.hearing import rise_of, who_hears
from warning.surge.levels import NAMES
from warning.surge.signal_models import SignalReview, SignalState, SurgeSignal
from warning.surge.told import state_at
from warning.surge.told_models import SignalAlert

#: cases of a rise that an alert names
MOST_CASES = 20
_CLOSING = said("A rise of filings is no judgement about any case or firm. For reference only.")


def tell_signal(session: Session, clock: Clock, actor: Actor, signal_id: uuid.UUID, *, seal: str) -> int:
    """Tell every watch profile of the actor's centre that a confirmed signal touches; returns how many.

    Args:
        seal: :attr:`warning.surge.hearing.Hearing.seal` of the preview the actor looked at.

    Raises NotAllowed, NotFound, BadInput (no centre), TransitionRefused (the centre did not confirm it), StaleWrite (other
    profiles would hear now).
    """
    actor.require(Permission.SIGNAL_DECIDE)
    if actor.centre_id is None:
        raise BadInput("Firms are told by a centre, and this actor has none.", fix="Name the centre.")
    signal = get_signal(session, actor, signal_id)
    # One at a time tells of a rise: two weeks of it told at once would tell a profile twice.
    first = rise_of(session, signal)[0]
    session.execute(select(SurgeSignal.id).where(SurgeSignal.id == first.id).with_for_update())
    review = session.get(SignalReview, (signal.id, actor.centre_id), with_for_update=True)
    if review is None or review.state != SignalState.CONFIRMED.value:
        raise TransitionRefused(
            said("Only a signal that the centre has confirmed is told."),
            fix=said("Look at it and confirm it first."),
        )
    hearing = who_hears(session, clock, actor.centre_id, signal)
    if not hearing.new:
        return 0
    if hearing.seal != seal:
        raise StaleWrite(
            said("Other watch profiles would hear now than you were shown."),
            fix=said("Look at the preview again; nobody was told."),
        )
    alerts = [
        SignalAlert(
            centre_id=actor.centre_id,
            firm_id=one.profile.firm_id,
            profile_id=one.profile.id,
            signal_id=signal.id,
            level=signal.level,
            reasons=[
                {"profile": one.profile.name, "kind": kind, "value": value} for kind, value in one.reasons
            ],
            case_ids=[str(case_id) for case_id in one.case_ids[:MOST_CASES]],
            cases=len(one.case_ids),
            told_by=actor.name,
            raised_at=clock.now(),
        )
        for one in hearing.new
    ]
    session.add_all(alerts)
    session.flush()
    payload = {"signal": str(signal.id), "alerts": [str(alert.id) for alert in alerts]}
    emit(session, "signal.told", f"{signal.kind}:{signal.value}", payload, clock)
    firms = sorted(str(firm_id) for firm_id in hearing.firms)
    audit.record(session, clock, actor, "signal.tell", "signal", signal.id, values={"firms": firms})
    return len(alerts)


class SignalNews:
    """Consumer of signal.told and signal.taken_back: queues what firms are to know."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to each firm for its alerts of ``happened``."""
        for row in happened:
            topic = SURGE if row.topic == "signal.told" else SURGE_CORRECTED
            ids = [uuid.UUID(identity) for identity in row.payload["alerts"]]
            found: dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]] = {}
            for alert in session.scalars(
                select(SignalAlert).where(SignalAlert.id.in_(ids)).order_by(SignalAlert.id)
            ):
                found.setdefault((alert.centre_id, alert.firm_id), []).append(alert.id)
            for (centre_id, firm_id), alerts in found.items():
                self._mailroom.tell(session, topic, centre_id, firm_id, alerts)


Row = tuple[SurgeSignal, list[SignalAlert]]


def compose_signals(session: Session, firm_id: uuid.UUID, alert_ids: Sequence[uuid.UUID]) -> Letter | None:
    """The letter that tells a firm of signals; None when the centre stands by none of them any more."""
    rows = _told(session, firm_id, alert_ids, is_corrected=False)
    if not rows:
        return None
    items = [_item(signal, alerts) for signal, alerts in rows]
    return Letter(
        _subject([item.heading for item in items], said("Seamark: %(count)s surges", count=len(items))),
        said(
            "More cases than usual were filed in what your firm watches. A person of the centre looked at it."
        ),
        items,
        _CLOSING,
    )


def compose_taken_back(session: Session, firm_id: uuid.UUID, alert_ids: Sequence[uuid.UUID]) -> Letter | None:
    """The letter that tells a firm that signals it was told of do not stand; None when all of them are confirmed again."""
    rows = [
        (signal, alerts, state)
        for signal, alerts in _told(session, firm_id, alert_ids, is_corrected=True)
        if (state := state_at(session, alerts[0].centre_id, signal.id)) != SignalState.CONFIRMED.value
    ]
    if not rows:
        return None
    items = [_correction(signal, alerts, state) for signal, alerts, state in rows]
    return Letter(
        _subject(
            [item.heading for item in items],
            said("Seamark: %(count)s surges are corrected", count=len(items)),
        ),
        said("What the centre told your firm of a surge is corrected."),
        items,
        _CLOSING,
    )


def _subject(headings: Sequence[Said], many: Said) -> Said:
    return said("Seamark: %(what)s", what=headings[0]) if len(headings) == 1 else many


def _told(
    session: Session, firm_id: uuid.UUID, alert_ids: Sequence[uuid.UUID], *, is_corrected: bool
) -> list[Row]:
    """The signals behind a firm's alerts, the gravest first, each with those alerts."""
    rows = session.execute(
        select(SurgeSignal, SignalAlert)
        .join(SignalAlert, SignalAlert.signal_id == SurgeSignal.id)
        .where(
            SignalAlert.id.in_(alert_ids),
            SignalAlert.firm_id == firm_id,
            SignalAlert.corrected_at.is_not(None) if is_corrected else SignalAlert.corrected_at.is_(None),
        )
        .order_by(SignalAlert.id)
    )
    found: dict[uuid.UUID, Row] = {}
    for signal, alert in rows:
        found.setdefault(signal.id, (signal, []))[1].append(alert)
    return sorted(found.values(), key=lambda row: (-NAMES.index(row[0].level), row[0].p))


def _item(signal: SurgeSignal, alerts: Sequence[SignalAlert]) -> Item:
    what, told = series_words(signal.kind, signal.value), sentence(signal)
    facts: list[tuple[Said, Text]] = [
        (said("What happened"), Words(told.zh, told.en)),
        (said("Level"), Words(COLOURS[signal.level].zh, COLOURS[signal.level].en)),
    ]
    return Item(
        heading=said("A surge: %(series)s", series=Words(what.zh, what.en)),
        title=f"{what.zh} / {what.en}",
        facts=facts,
        reasons=[_reason(alert) for alert in alerts],
        path=f"/alerts/signals/{alerts[0].id}",
        link=said("Read the signal and its cases"),
        subject_id=alerts[0].id,
        data=_data(signal, alerts),
    )


def _correction(signal: SurgeSignal, alerts: Sequence[SignalAlert], state: str) -> Item:
    what = series_words(signal.kind, signal.value)
    facts: list[tuple[Said, Text]] = [
        (said("Now"), now_words(state)),
        (said("Told on"), alerts[0].raised_at.date().isoformat()),
    ]
    return Item(
        heading=said("Corrected: a surge in %(series)s", series=Words(what.zh, what.en)),
        title=f"{what.zh} / {what.en}",
        facts=facts,
        reasons=[_reason(alert) for alert in alerts],
        path=f"/alerts/signals/{alerts[0].id}",
        link=said("Read the signal and its cases"),
        subject_id=alerts[0].id,
        data={**_data(signal, alerts), "state": state},
    )


def now_words(state: str) -> Said:
    """What a firm is told of a signal that the centre no longer stands by."""
    return {
        SignalState.RAISED.value: said("The centre is looking at it again. Do not rely on it until then."),
        SignalState.DISMISSED.value: said("The centre looked at it again and dismissed it: it is no surge."),
        SignalState.MERGED.value: said("The centre put it together with another signal."),
        SignalState.CONFIRMED.value: said("The centre looked at it again and confirmed it."),
    }[state]


def _reason(alert: SignalAlert) -> Said:
    words = [series_words(reason["kind"], reason["value"]) for reason in alert.reasons]
    return said(
        "Your watch profile “%(profile)s” asks for %(what)s; of the rise's cases %(count)s answer it.",
        profile=alert.reasons[0]["profile"],
        what=Words("、".join(one.zh for one in words), ", ".join(one.en for one in words)),
        count=alert.cases,
    )


def _data(signal: SurgeSignal, alerts: Sequence[SignalAlert]) -> dict[str, object]:
    return {
        "signal": {
            "id": signal.id,
            "kind": signal.kind,
            "value": signal.value,
            "week": signal.week,
            "level": MARKS[signal.level],
            "observed": signal.observed,
            "expected": signal.expected,
            "upper": signal.upper,
            "window": signal.window,
        },
        "alerts": [alert.id for alert in alerts],
    }
