"""A watch profile tells its firm of new and changed cases, once, and nobody else; an over-broad one is refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from cases.models import Case, Tag
from cases.query import review_case
from core.actor import VISITOR, Actor
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.outbox import Delivery, OutboxRow
from house import House
from tests.factories import bring_firms, drain, member, origin, raw_case, record, staff
from warning.alerts import list_alerts
from warning.canonical import canonical_warnings
from warning.criteria import Criteria
from warning.models import Alert, WatchProfile
from warning.watch_preview import FEW, check, preview
from warning.watch_profiles import (
    MOST_PROFILES,
    change_profile,
    count_profiles,
    create_profile,
    get_profile,
    list_profiles,
    move_profile,
)

ROTOR = Criteria(include=("rotor blade",))


def _case(number: int = 1, text: str = "A rotor blade for aircraft.", **facts: object) -> RawCase:
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody Special LLC", "defendant"))
    told = {"text": text, "parties": parties, "caption": "Acme v. Nobody", **facts}
    return raw_case(f"2:26-cv-5{number:04d}", **told)


def _profile(house: House, criteria: Criteria = ROTOR, ref: str = "alpha", name: str = "Rotors") -> uuid.UUID:
    with house.database.write() as session:
        return create_profile(session, house.clock, member(house, ref), name, criteria).id


def _alerts(house: House) -> list[Alert]:
    with house.database.read() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


@pytest.fixture
def firms(each_house: House) -> House:
    """A house with two firms."""
    bring_firms(each_house)
    return each_house


def test_a_new_case_is_told_with_the_words_and_tags_that_matched(firms: House) -> None:
    profile = _profile(firms, Criteria(regions=frozenset({"US"}), include=("rotor blade", "gyroscope")))
    record(firms, _case())
    drain(firms)
    (alert,) = _alerts(firms)
    assert (alert.trigger, alert.profile_id, alert.state) == ("watch", profile, "unread")
    assert alert.reasons == [
        {"profile": "Rotors", "kind": "region", "value": "US", "field": ""},
        {"profile": "Rotors", "kind": "word", "value": "rotor blade", "field": "text"},
    ]


def test_each_profile_tells_once_however_often_everything_is_replayed(firms: House) -> None:
    _profile(firms)
    _profile(firms, Criteria(include=("aircraft",)), name="Planes")
    record(firms, _case())
    drain(firms)
    assert sorted(a.reasons[0]["profile"] for a in _alerts(firms)) == ["Planes", "Rotors"]
    with firms.database.write() as session:
        for row in session.scalars(select(Delivery)):
            row.state = "pending"
    drain(firms)
    assert len(_alerts(firms)) == 2
    record(firms, _case(text="A rotor blade for aircraft, amended."))
    drain(firms)
    assert len(_alerts(firms)) == 2


def test_the_table_itself_keeps_alerts_apart_and_unique(firms: House) -> None:
    from sqlalchemy.exc import IntegrityError

    _profile(firms)
    record(firms, _case())
    record(firms, raw_case())
    drain(firms)
    for alert in _alerts(firms):
        copied = {c.key: getattr(alert, c.key) for c in Alert.__table__.c if c.key != "id"}
        with pytest.raises(IntegrityError), firms.database.write() as session:
            session.add(Alert(**copied))


def test_a_case_that_names_the_firm_and_answers_a_profile_is_told_for_both(firms: House) -> None:
    _profile(firms, Criteria(include=("complaint",)))
    record(firms, raw_case())
    drain(firms)
    assert sorted(a.trigger for a in _alerts(firms)) == ["named", "watch"]


def test_history_wakes_no_profile_and_neither_do_its_tags(firms: House) -> None:
    _profile(firms, Criteria(regions=frozenset({"US"}), include=("rotor blade",)))
    record(firms, _case(), origin(firms, is_backfill=True))
    drain(firms)
    assert _alerts(firms) == []


def test_another_docket_entry_is_no_news_to_a_profile(firms: House) -> None:
    record(firms, _case(), origin(firms, is_backfill=True))
    drain(firms)
    _profile(firms)
    record(firms, _case(events=(RawEvent(None, "NOTICE", "A notice"),)))
    drain(firms)
    assert _alerts(firms) == []


def test_a_change_that_a_profile_reads_is_news(firms: House) -> None:
    _profile(firms)
    record(firms, _case(text="Something else."))
    drain(firms)
    assert _alerts(firms) == []
    record(firms, _case(text="Something else: a rotor blade."))
    drain(firms)
    assert len(_alerts(firms)) == 1


def test_a_party_that_joins_is_news(firms: House) -> None:
    _profile(firms, Criteria(include=("Rival Works",)))
    record(firms, _case())
    drain(firms)
    record(
        firms,
        _case(parties=(RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Rival Works Inc.", "defendant"))),
    )
    drain(firms)
    (alert,) = _alerts(firms)
    assert alert.reasons[0]["field"] == "parties"


def test_tags_told_anew_by_another_rulebook_wake_nobody(firms: House) -> None:
    record(firms, _case(), origin(firms, is_backfill=True))
    drain(firms)
    _profile(firms, Criteria(regions=frozenset({"US"}), include=("rotor blade",)))
    with firms.database.write() as session:
        for tag in session.scalars(select(Tag)):
            tag.rulebook = "an older one"
    record(firms, _case(events=(RawEvent(None, "NOTICE", "A notice"),)))
    drain(firms)
    with firms.database.read() as session:
        tagged = session.scalars(
            select(OutboxRow).where(OutboxRow.topic == "case.tagged").order_by(OutboxRow.id)
        ).all()
    assert [row.payload["added"] for row in tagged][1:] == [[]], (
        "the tags were told anew, and nothing was added"
    )
    assert _alerts(firms) == []


def test_a_candidate_tells_nobody_until_it_is_confirmed(firms: House) -> None:
    _profile(firms)
    case = record(firms, _case(), is_ip=False)
    drain(firms)
    assert _alerts(firms) == []
    reviewer = staff(firms)
    with firms.database.write() as session:
        version = session.get_one(Case, case.case_id).version
        review_case(session, firms.clock, reviewer, case.case_id, "confirm", seen_version=version)
    drain(firms)
    assert len(_alerts(firms)) == 1


def test_a_paused_profile_is_silent_and_a_resumed_one_looks_forward(firms: House) -> None:
    profile, alpha = _profile(firms), member(firms, "alpha")

    def step(name: str, version: int) -> None:
        with firms.database.write() as session:
            move_profile(session, firms.clock, alpha, profile, name, seen_version=version)

    step("pause", 1)
    record(firms, _case(1))
    drain(firms)
    assert _alerts(firms) == []
    step("resume", 2)
    drain(firms)
    assert _alerts(firms) == []
    record(firms, _case(2))
    drain(firms)
    assert len(_alerts(firms)) == 1
    with pytest.raises(TransitionRefused), firms.database.write() as session:
        move_profile(session, firms.clock, alpha, profile, "resume", seen_version=3)


def test_a_deleted_profile_is_gone_and_its_alerts_are_kept(firms: House) -> None:
    profile, alpha = _profile(firms), member(firms, "alpha")
    record(firms, _case(1))
    drain(firms)
    with firms.database.write() as session:
        move_profile(session, firms.clock, alpha, profile, "delete", seen_version=1)
    record(firms, _case(2))
    drain(firms)
    assert len(_alerts(firms)) == 1
    with firms.database.read() as session:
        assert list_profiles(session, alpha) == []
        with pytest.raises(NotFound):
            get_profile(session, alpha, profile)


def test_a_change_counts_from_now_on_and_an_old_version_is_refused_with_both(firms: House) -> None:
    profile, alpha = _profile(firms), member(firms, "alpha")
    lamps = Criteria(include=("lamp",))
    with firms.database.write() as session:
        change_profile(session, firms.clock, alpha, profile, "Lamps", lamps, seen_version=1)
    with pytest.raises(StaleWrite) as stale, firms.database.write() as session:
        change_profile(session, firms.clock, alpha, profile, "Mine", ROTOR, seen_version=1)
    yours, current = stale.value.details["yours"], stale.value.details["current"]
    assert isinstance(yours, dict) and isinstance(current, dict)
    assert (yours["name"], current["name"]) == ("Mine", "Lamps")
    record(firms, _case(1))
    record(firms, _case(2, text="A lamp."))
    drain(firms)
    assert [a.reasons[0]["profile"] for a in _alerts(firms)] == ["Lamps"]


def test_a_profile_is_its_firms_alone(firms: House) -> None:
    profile = _profile(firms)
    record(firms, _case())
    drain(firms)
    with firms.database.read() as session:
        for nobody in (member(firms, "beta"), staff(firms), staff(firms, "elsewhere"), VISITOR):
            assert session.scalars(WatchProfile.visible_to(nobody)).all() == []
            with pytest.raises(NotFound):
                get_profile(session, nobody, profile)
            assert list_alerts(session, nobody).rows == []
        assert len(list_alerts(session, member(firms, "alpha")).rows) == 1
        assert list_profiles(session, member(firms, "alpha"))[0][1] == 1
        firm_id = member(firms, "alpha").firm_id
        assert firm_id is not None
        assert count_profiles(session, staff(firms), firm_id) == {"active": 1}
        assert count_profiles(session, staff(firms, "elsewhere"), firm_id) == {}


@pytest.mark.parametrize("who", [staff, lambda house: VISITOR])
def test_nobody_but_a_firm_makes_a_profile(house: House, who: Callable[[House], Actor]) -> None:
    bring_firms(house)
    with pytest.raises(NotAllowed), house.database.write() as session:
        create_profile(session, house.clock, who(house), "Mine", ROTOR)


def test_another_firm_neither_changes_nor_deletes_it(house: House) -> None:
    bring_firms(house)
    profile, beta = _profile(house), member(house, "beta")
    with pytest.raises(NotFound), house.database.write() as session:
        change_profile(session, house.clock, beta, profile, "Ours now", ROTOR, seen_version=1)
    with pytest.raises(NotFound), house.database.write() as session:
        move_profile(session, house.clock, beta, profile, "delete", seen_version=1)


def test_last_years_public_cases_are_counted_and_the_newest_five_shown(
    firms: House, clock: FixedClock
) -> None:
    today = clock.now().date()
    days = [today, today - timedelta(days=364), today - timedelta(days=365), today + timedelta(days=3)]
    for n, filed in enumerate([*days, *(today - timedelta(days=10 + k) for k in range(6))]):
        record(firms, _case(n, filed_on=filed, events=()), origin(firms, is_backfill=True))
    record(firms, _case(90, text="Lamps.", events=()), origin(firms, is_backfill=True))
    record(firms, _case(91, events=()), origin(firms, is_backfill=True), is_ip=False)
    drain(firms)
    with firms.database.read() as session:
        found = preview(session, clock, ROTOR)
        none = preview(
            session, clock, Criteria(industries=frozenset({"ind.marine_economy"}), include=("rotor blade",))
        )
        here = preview(session, clock, Criteria(regions=frozenset({"US"}), include=("rotor blade",)))
    assert (found.caught, found.looked_at) == (8, 9)
    assert [case.filed_on for case in found.newest] == [
        today,
        *(today - timedelta(days=10 + k) for k in range(4)),
    ]
    assert (none.caught, none.newest) == (0, [])
    assert here.caught == 8
    assert found.since == date(2025, 3, 2)


def test_what_asks_for_everything_is_refused(firms: House) -> None:
    for criteria in (Criteria(), Criteria(exclude=("lamp",))):
        with pytest.raises(BadInput, match="every case"), firms.database.write() as session:
            create_profile(session, firms.clock, member(firms, "alpha"), "All", criteria)


def test_what_would_have_caught_too_much_is_refused_when_made_and_when_changed(house: House) -> None:
    bring_firms(house)
    everything = Criteria(regions=frozenset({"US"}))
    profile = _profile(house)
    for n in range(FEW):
        record(house, _case(n), origin(house, is_backfill=True))
    drain(house)
    with house.database.read() as session:
        assert check(session, house.clock, everything).caught == FEW, "one a week is never too much"
    record(house, _case(FEW), origin(house, is_backfill=True))
    drain(house)
    words = f"caught {FEW + 1} of {FEW + 1} public cases"
    with pytest.raises(BadInput, match=words), house.database.write() as session:
        create_profile(session, house.clock, member(house, "alpha"), "All", everything)
    with pytest.raises(BadInput, match=words), house.database.write() as session:
        change_profile(
            session, house.clock, member(house, "alpha"), profile, "All", everything, seen_version=1
        )
    with house.database.read() as session:
        assert [p.version for p, _ in list_profiles(session, member(house, "alpha"))] == [1]


def test_a_firm_has_only_so_many_profiles(house: House) -> None:
    bring_firms(house)
    for n in range(MOST_PROFILES):
        _profile(house, name=f"P{n}")
    with pytest.raises(BadInput, match="at most"):
        _profile(house)
    _profile(house, ref="beta")


def test_the_stable_dump_holds_what_profiles_found(house: House) -> None:
    bring_firms(house)
    _profile(house)
    record(house, _case())
    drain(house)
    with house.database.read() as session:
        (told,) = [row for row in canonical_warnings(session) if row["kind"] == "alert"]
    assert told["trigger"] == "watch"


def test_a_competitor_is_told_as_a_party_and_not_as_a_mention(firms: House) -> None:
    _profile(firms, Criteria(competitors=("Rival Works",)))
    record(firms, _case(1, "A text that mentions Rival Works."))
    drain(firms)
    assert _alerts(firms) == []
    record(firms, _case(2, parties=(RawParty("Rival Works Inc.", "plaintiff"),)))
    drain(firms)
    (alert,) = _alerts(firms)
    assert alert.reasons == [
        {"profile": "Rotors", "kind": "competitor", "value": "Rival Works", "field": "parties"}
    ]


def test_a_right_is_told_however_it_is_written_and_when_it_joins_later(firms: House) -> None:
    _profile(firms, Criteria(rights=("US 9,123,456 B2",), exhibitions=("Hannover Messe",)))
    record(firms, _case(1))
    drain(firms)
    assert _alerts(firms) == []
    record(firms, _case(1, rights=(RawRight("patent", "US9123456"),)))
    record(firms, _case(2, "Seized at Hannover Messe."))
    drain(firms)
    assert [a.reasons[0]["kind"] for a in _alerts(firms)] == ["right", "exhibition"]
