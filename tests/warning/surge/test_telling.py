"""A confirmed signal becomes an alert to each watch profile it touches, once, and a correction once."""

from __future__ import annotations

import threading
import uuid
from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
from sqlalchemy import select

from core.actor import VISITOR
from core.clock import FixedClock
from core.db import new_id
from core.errors import NotAllowed, NotFound, SeamarkError, StaleWrite, TransitionRefused
from house import House
from notify.feed import make_feed
from notify.models import Message, MessageSubject
from notify.topics import SURGE, SURGE_CORRECTED, topics_for
from tests.factories import drain, firm_id, keeper, member, staff
from tests.warning.surge.told_world import (
    BATTERY,
    hearing,
    rising,
    signal_of,
    take,
    tell,
    told_of,
    watch,
)
from warning.criteria import Criteria
from warning.quiet import mute_case, set_noise, snooze_profile
from warning.surge.hearing import marks_of, rise_of, shared
from warning.surge.signal_models import JudgedWeek, SurgeSignal
from warning.surge.telling import compose_signals, compose_taken_back, tell_signal
from warning.surge.told import (
    count_unread_signals,
    get_signal_alert,
    list_signal_alerts,
    mark_signal_alert,
    tellings_of,
)
from warning.surge.told_models import SignalAlert
from warning.watch_profiles import move_profile


@pytest.fixture
def risen(each_house: House) -> House:
    """A rise of US battery cases, judged."""
    rising(each_house)
    return each_house


def _messages(house: House, kind: str) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Firm -> subjects it was told under ``kind``."""
    with house.database.read() as session:
        rows = session.execute(
            select(MessageSubject.told_id, MessageSubject.subject_id).where(MessageSubject.kind == kind)
        )
        found: dict[uuid.UUID, set[uuid.UUID]] = {}
        for told_id, subject_id in rows:
            found.setdefault(told_id, set()).add(subject_id)
        return found


def _next_week(house: House, signal: SurgeSignal, level: str, weeks: int = 1) -> SurgeSignal:
    """A further signal of the series, ``weeks`` later, at ``level``."""
    with house.database.write() as session:
        week = signal.week + timedelta(weeks=weeks)
        if session.get(JudgedWeek, week) is None:
            session.add(JudgedWeek(week=week, judged_at=house.clock.now(), series=7, completeness=1.0))
            session.flush()
        columns = {c.key: getattr(signal, c.key) for c in SurgeSignal.__table__.c}
        # Its window reaches back, so that the cases of the first are in it too.
        made = SurgeSignal(**{**columns, "id": new_id(), "week": week, "level": level, "window": 1 + weeks})
        session.add(made)
    return made


def test_whoever_watches_it_hears_with_the_reason_and_the_cases(risen: House) -> None:
    actor = staff(risen)
    profile = watch(risen, "alpha", "Batteries", regions=["US"], industries=["ind.battery_storage"])
    watch(risen, "beta", regions=["DE"])
    watch(risen, "gamma", include=["lithium"])
    signal = signal_of(risen)
    seen = hearing(risen, actor, signal)
    assert [one.profile.id for one in seen.new] == [profile] and len(seen.firms) == 1
    assert dict(seen.by_reason) == {("region", "US"): 1, ("industry", "ind.battery_storage"): 1}
    assert told_of(risen) == [], "looking tells nobody"
    take(risen, actor, signal, "confirm")
    assert tell(risen, actor, signal) == 1
    (alert,) = told_of(risen)
    assert (alert.profile_id, alert.firm_id, alert.level) == (profile, firm_id(risen, "alpha"), signal.level)
    assert alert.cases == len(alert.case_ids) == 4
    assert alert.reasons == [
        {"profile": "Batteries", "kind": "region", "value": "US"},
        {"profile": "Batteries", "kind": "industry", "value": "ind.battery_storage"},
    ]
    assert _messages(risen, SURGE.kind) == {alert.firm_id: {alert.id}}
    with risen.database.read() as session:
        (message,) = session.scalars(select(Message).where(Message.kind == SURGE.kind))
        assert not message.is_urgent, "a rise waits for digests and mornings"
        letter = compose_signals(session, alert.firm_id, [alert.id])
        assert letter is not None and compose_signals(session, firm_id(risen, "beta"), [alert.id]) is None
    (item,) = letter.items
    assert item.path == f"/alerts/signals/{alert.id}"
    told = {str(name): str(value) for name, value in item.facts}
    assert str(signal.observed) in told["What happened"] and "level" in told["Level"]
    assert "“Batteries”" in str(item.reasons[0]) and "4" in str(item.reasons[0])


@pytest.mark.parametrize(
    ("kind", "value", "criteria", "touches"),
    [
        ("region", "US", {"regions": {"US"}}, True),
        ("region", "US", {"regions": {"US"}, "industries": {"ind.battery_storage"}}, True),
        ("region", "US", {"regions": {"DE"}}, False),
        ("region", "US", {"industries": {"ind.battery_storage"}}, False),
        ("cell", BATTERY, {"industries": {"ind.battery_storage"}}, True),
        ("cell", BATTERY, {"industries": {"ind.battery_storage"}, "regions": {"DE"}}, False),
        ("cell", BATTERY, {"dispute_types": {"dt.patent_infringement"}}, False),
        ("dispute_type", "dt.patent_infringement", {"dispute_types": {"dt.patent_infringement"}}, True),
        ("forum", "v.us.txed", {"regions": {"US"}}, True),
        ("forum", "v.us.txed", {"regions": {"DE"}}, False),
        ("plaintiff", "acme optics", {"regions": {"US"}}, False),
    ],
)
def test_what_a_series_counts_is_held_against_what_a_profile_asks_for(
    kind: str, value: str, criteria: dict[str, set[str]], touches: bool
) -> None:
    asked = Criteria(**{name: frozenset(values) for name, values in criteria.items()})
    marks = marks_of(kind, value)
    assert bool(shared(asked, marks if kind != "plaintiff" else {})) == touches


def test_a_rise_without_a_case_that_the_profile_would_be_told_of_is_none_of_its_business(
    risen: House,
) -> None:
    actor, signal = staff(risen), signal_of(risen)
    here = {"regions": ["US"]}
    watch(risen, "alpha", "named", include=["Jade"], **here)
    watch(risen, "alpha", "another name", include=["Nephrite"], **here)
    watch(risen, "alpha", "another dispute", dispute_types=["dt.trademark_infringement"], **here)
    watch(risen, "alpha", "without them", exclude=["lithium"], **here)
    found = hearing(risen, actor, signal)
    assert [(one.profile.name, len(one.case_ids)) for one in found.new] == [("named", 1)]


def test_paused_snoozed_deleted_muted_and_noisy_profiles_do_not_hear(risen: House) -> None:
    actor, signal = staff(risen), signal_of(risen)
    clock = risen.clock
    ids = {name: watch(risen, "alpha", name, regions=["US"]) for name in ("up", "paused", "asleep", "gone")}
    alpha = member(risen, "alpha")
    with risen.database.write() as session:
        move_profile(session, clock, alpha, ids["paused"], "pause", seen_version=1)
        move_profile(session, clock, alpha, ids["gone"], "delete", seen_version=1)
        snooze_profile(session, clock, alpha, ids["asleep"], date(2026, 4, 1), seen_version=1)
    watch(risen, "beta", "noisy", regions=["US"])
    with risen.database.write() as session:
        set_noise(session, clock, member(risen, "beta"), ["lithium"], seen_version=0)
    watch(risen, "gamma", "muted", regions=["US"])
    found = hearing(risen, actor, signal)
    gamma = member(risen, "gamma")
    for case_id in next(one.case_ids for one in found.new if one.profile.name == "muted"):
        with risen.database.write() as session:
            mute_case(session, clock, gamma, case_id)
    found = hearing(risen, actor, signal)
    assert [one.profile.name for one in found.new] == ["up"] and (found.told, found.asleep) == (0, 2)
    take(risen, actor, signal, "confirm")
    assert tell(risen, actor, signal) == 1
    with risen.database.write() as session:
        snooze_profile(session, clock, alpha, ids["asleep"], None, seen_version=2)
    found = hearing(risen, actor, signal)
    assert [one.profile.name for one in found.new] == ["asleep"] and (found.told, found.asleep) == (1, 1)


def test_only_staff_of_the_centre_tell_only_of_what_it_confirmed_and_only_who_was_shown(risen: House) -> None:
    watch(risen, "alpha", regions=["US"])
    signal, actor, other = signal_of(risen), staff(risen), staff(risen, "elsewhere")
    with pytest.raises(TransitionRefused):
        tell(risen, actor, signal)
    take(risen, other, signal, "confirm")
    with pytest.raises(TransitionRefused):
        tell(risen, actor, signal)
    assert tell(risen, other, signal) == 0, "another centre's firms are none of its own"
    take(risen, actor, signal, "confirm")
    for nobody in (VISITOR, member(risen, "alpha")):
        with pytest.raises(NotAllowed), risen.database.write() as session:
            tell_signal(session, risen.clock, nobody, signal.id, seal="")
    with pytest.raises(NotFound), risen.database.write() as session:
        tell_signal(session, risen.clock, actor, uuid.uuid4(), seal="")
    seal = hearing(risen, actor, signal).seal
    watch(risen, "beta", regions=["US"])
    with pytest.raises(StaleWrite):
        tell(risen, actor, signal, seal)
    assert told_of(risen) == []


def test_telling_twice_tells_nobody_twice(risen: House) -> None:
    watch(risen, "alpha", "one", regions=["US"])
    watch(risen, "alpha", "two", industries=["ind.battery_storage"])
    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    seal = hearing(risen, actor, signal).seal
    assert tell(risen, actor, signal, seal) == 2
    assert tell(risen, actor, signal, seal) == 0, "the button pressed again"
    alerts = told_of(risen)
    with risen.database.read() as session:
        letter = compose_signals(session, alerts[0].firm_id, [alert.id for alert in alerts])
        assert letter is not None and len(letter.items) == 1 and len(letter.items[0].reasons) == 2


def test_two_at_once_tell_once(risen: House) -> None:
    """The two weeks of a rise, told at the same moment by two people."""
    watch(risen, "alpha", regions=["US"])
    actor, one = staff(risen), signal_of(risen)
    two = _next_week(risen, one, one.level)
    for signal in (one, two):
        take(risen, actor, signal, "confirm")
    ready, problems = threading.Barrier(2), []

    def press(signal: SurgeSignal) -> None:
        seal = hearing(risen, actor, signal).seal
        ready.wait()
        try:
            with risen.database.write() as session:
                tell_signal(session, risen.clock, actor, signal.id, seal=seal)
        except SeamarkError as error:
            problems.append(error)

    threads = [threading.Thread(target=press, args=(signal,)) for signal in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [] and len(told_of(risen)) == 1


def test_a_rise_of_level_tells_again_and_a_step_down_does_not(risen: House) -> None:
    watch(risen, "alpha", regions=["US"])
    actor, first = staff(risen), signal_of(risen)
    assert first.level in ("II", "III")
    same, higher, lower = (
        _next_week(risen, first, level, weeks) for weeks, level in ((1, first.level), (2, "I"), (3, "IV"))
    )
    for signal, expected in ((first, 1), (same, 0), (higher, 1), (lower, 0)):
        take(risen, actor, signal, "confirm")
        assert tell(risen, actor, signal) == expected, signal.week
    with risen.database.read() as session:
        assert [one.week for one in rise_of(session, higher)] == [
            one.week for one in (first, same, higher, lower)
        ]
    # Four weeks later the series rises anew: that is another rise.
    anew = _next_week(risen, first, "IV", 7)
    assert len([anew, *rise_of_(risen, anew)]) == 2
    assert hearing(risen, actor, anew).told == 0


def rise_of_(house: House, signal: SurgeSignal) -> list[SurgeSignal]:
    with house.database.read() as session:
        return rise_of(session, signal)


def test_what_is_taken_back_is_corrected_once_to_whoever_was_told(risen: House) -> None:
    watch(risen, "alpha", regions=["US"])
    watch(risen, "beta", regions=["DE"])
    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    tell(risen, actor, signal)
    (alert,) = told_of(risen)
    take(risen, actor, signal, "reopen")
    drain(risen)
    assert _messages(risen, SURGE_CORRECTED.kind) == {alert.firm_id: {alert.id}}
    with risen.database.read() as session:
        assert compose_signals(session, alert.firm_id, [alert.id]) is None, "what does not stand is not told"
        letter = compose_taken_back(session, alert.firm_id, [alert.id])
        assert letter is not None and "looking at it again" in str(letter.items[0].facts)
    take(risen, actor, signal, "dismiss")
    drain(risen)
    with risen.database.read() as session:
        letter = compose_taken_back(session, alert.firm_id, [alert.id])
        assert letter is not None and "dismissed" in str(letter.items[0].facts)
    for step in ("reopen", "confirm"):
        take(risen, actor, signal, step)
    assert tell(risen, actor, signal) == 0, "the same signal is never told a profile twice"
    take(risen, actor, signal, "reopen")
    drain(risen)
    with risen.database.read() as session:
        messages = session.scalars(select(Message).where(Message.kind == SURGE_CORRECTED.kind)).all()
        assert len(messages) == 1
    take(risen, actor, signal, "confirm")
    with risen.database.read() as session:
        assert compose_taken_back(session, alert.firm_id, [alert.id]) is None
    # What was taken back does not stand in the way of the next week of the rise.
    following = _next_week(risen, signal, signal.level)
    take(risen, actor, following, "confirm")
    assert tell(risen, actor, following) == 1


def test_the_firms_feed_has_what_it_was_told_and_its_correction_in_the_same_place(risen: House) -> None:
    watch(risen, "alpha", regions=["US"])
    tokens = {}
    for ref in ("alpha", "beta"):
        with risen.database.write() as session:
            tokens[ref] = make_feed(session, risen.clock, member(risen, ref))

    def read(ref: str) -> Any:
        with risen.database.read() as session:
            return feedparser.parse(risen.feed_writer().write(session, tokens[ref])).entries

    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    tell(risen, actor, signal)
    (alert,) = told_of(risen)
    (entry,) = [one for one in read("alpha") if one.id == f"urn:uuid:{alert.id}"]
    assert "surge" in entry.title and entry.link.endswith(f"/alerts/signals/{alert.id}")
    take(risen, actor, signal, "reopen")
    drain(risen)
    (entry,) = [one for one in read("alpha") if one.id == f"urn:uuid:{alert.id}"]
    assert "Corrected" in entry.title
    assert not [one for one in read("beta") if "surge" in one.title.lower()]


def test_a_signal_nobody_was_told_of_is_reopened_in_silence(risen: House) -> None:
    actor, signal = staff(risen), signal_of(risen)
    for step in ("confirm", "reopen", "dismiss"):
        take(risen, actor, signal, step)
    drain(risen)
    assert _messages(risen, SURGE_CORRECTED.kind) == {}


def test_a_firm_reads_its_own_and_staff_only_count(risen: House) -> None:
    watch(risen, "alpha", regions=["US"])
    watch(risen, "beta", industries=["ind.battery_storage"])
    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    tell(risen, actor, signal)
    alpha, gamma = member(risen, "alpha"), member(risen, "gamma")
    with risen.database.read() as session:
        (mine,) = list_signal_alerts(session, alpha).rows
        assert (mine.firm_id, count_unread_signals(session, alpha)) == (alpha.firm_id, 1)
        for nobody in (VISITOR, gamma, actor, staff(risen, "elsewhere")):
            assert list_signal_alerts(session, nobody).rows == [] and not count_unread_signals(
                session, nobody
            )
            with pytest.raises(NotFound):
                get_signal_alert(session, nobody, mine.id)
        assert len(list_signal_alerts(session, keeper(risen)).rows) == 2
        (telling,) = tellings_of(session, actor, signal)
        assert (telling.profiles, telling.firms, telling.read, telling.corrected) == (2, 2, 0, 0)
        assert tellings_of(session, alpha, signal) == []
    with risen.database.write() as session:
        mark_signal_alert(session, risen.clock, alpha, mine.id, "read")
    with pytest.raises(NotFound), risen.database.write() as session:
        mark_signal_alert(session, risen.clock, gamma, mine.id, "read")
    with risen.database.read() as session:
        assert count_unread_signals(session, alpha) == 0
        assert list_signal_alerts(session, alpha, unread_only=True).rows == []
        assert tellings_of(session, actor, signal)[0].read == 1
        assert {topic.id for topic in topics_for(alpha)} >= {SURGE.id, SURGE_CORRECTED.id}


def test_the_list_is_read_page_by_page_without_loss(risen: House) -> None:
    for number in range(5):
        watch(risen, "alpha", f"p{number}", regions=["US"])
    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    tell(risen, actor, signal)
    alpha, got, cursor = member(risen, "alpha"), [], None
    with risen.database.read() as session:
        while True:
            page = list_signal_alerts(session, alpha, cursor=cursor, limit=2)
            got += [one.id for one in page.rows]
            if (cursor := page.next_cursor) is None:
                break
    assert got == sorted((one.id for one in told_of(risen)), reverse=True) and len(got) == 5


def test_the_table_itself_keeps_a_profile_from_hearing_twice(risen: House) -> None:
    from sqlalchemy.exc import IntegrityError

    watch(risen, "alpha", regions=["US"])
    actor, signal = staff(risen), signal_of(risen)
    take(risen, actor, signal, "confirm")
    tell(risen, actor, signal)
    (alert,) = told_of(risen)
    copied = {c.key: getattr(alert, c.key) for c in SignalAlert.__table__.c if c.key != "id"}
    with pytest.raises(IntegrityError), risen.database.write() as session:
        session.add(SignalAlert(**copied))
    assert isinstance(risen.clock, FixedClock)
