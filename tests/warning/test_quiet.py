"""Quiet: a snoozed profile, a muted case, a firm's noise list; and what is never silenced."""

from __future__ import annotations

import threading
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cases.facts import RawParty
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from house import House
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from tests.warning.test_criteria import PIECES, WORDS
from tests.warning.test_following import FIRST, JUDGMENT, TRO
from tests.warning.test_watch import _alerts, _case, _profile
from warning.criteria import Criteria, Evaluator, Facts, holds_any
from warning.models import WatchProfile
from warning.quiet import is_muted, mute_case, noise_of, set_noise, snooze_profile
from warning.quiet_models import WatchMute


@pytest.fixture
def firms(each_house: House) -> House:
    """A house with two firms."""
    bring_firms(each_house)
    return each_house


def _snooze(house: House, profile: uuid.UUID, until: date | None, ref: str = "alpha", **seen: int) -> None:
    actor = member(house, ref)
    with house.database.write() as session:
        version = session.get_one(WatchProfile, profile).version
        snooze_profile(
            session, house.clock, actor, profile, until, seen_version=seen.get("seen_version", version)
        )


def _noise(house: House, *words: str, ref: str = "alpha", seen: int | None = None) -> None:
    actor = member(house, ref)
    with house.database.write() as session:
        kept = noise_of(session, actor)
        version = seen if seen is not None else (kept.version if kept else 0)
        set_noise(session, house.clock, actor, words, seen_version=version)


def _tell(house: House, number: int, text: str = "A rotor blade.", **facts: object) -> int:
    record(house, _case(number, text, **facts))
    drain(house)
    return len(_alerts(house))


def test_a_snoozed_profile_is_quiet_until_the_morning_of_its_day(firms: House) -> None:
    profile = _profile(firms)
    _snooze(firms, profile, date(2026, 3, 5))
    assert _tell(firms, 1) == 0
    # 2026-03-04 17:00 UTC is already the fifth there.
    firms.clock.advance(timedelta(days=2, hours=7, minutes=30))  # type: ignore[attr-defined]
    assert _tell(firms, 2) == 1


def test_a_profile_that_is_woken_watches_at_once(firms: House) -> None:
    profile = _profile(firms)
    _snooze(firms, profile, date(2026, 4, 1))
    _snooze(firms, profile, None)
    assert _tell(firms, 1) == 1


def test_a_snooze_silences_changes_too(firms: House) -> None:
    profile = _profile(firms)
    assert _tell(firms, 1) == 1
    _snooze(firms, profile, date(2026, 4, 1))
    assert _tell(firms, 1, events=(FIRST, TRO)) == 1


@pytest.mark.parametrize("until", [date(2026, 3, 2), date(2026, 3, 1), date(2027, 3, 3)])
def test_a_day_that_is_not_ahead_or_too_far_is_refused(firms: House, until: date) -> None:
    with pytest.raises(BadInput):
        _snooze(firms, _profile(firms), until)


def test_only_the_firm_itself_makes_its_profile_quiet_and_on_the_version_it_saw(firms: House) -> None:
    profile = _profile(firms)
    with pytest.raises(NotFound):
        _snooze(firms, profile, date(2026, 4, 1), "beta")
    with pytest.raises(StaleWrite):
        _snooze(firms, profile, date(2026, 4, 1), seen_version=99)
    actor = staff(firms)
    with pytest.raises(NotAllowed), firms.database.write() as session:
        snooze_profile(session, firms.clock, actor, profile, None, seen_version=1)


def test_noise_silences_every_profile_of_the_firm_and_no_other_firm(firms: House) -> None:
    _profile(firms)
    _profile(firms, Criteria(regions=frozenset({"US"}), include=("blade",)), name="Blades")
    _profile(firms, ref="beta")
    _noise(firms, "Nobody Special")
    assert _tell(firms, 1) == 1
    assert [a.reasons[0]["profile"] for a in _alerts(firms)] == ["Rotors"]
    _noise(firms)
    assert _tell(firms, 2) == 4


def test_the_preview_leaves_out_what_the_noise_list_silences(firms: House) -> None:
    from warning.watch_preview import check

    record(firms, _case(1, "A rotor blade."))
    record(firms, _case(2, "A rotor blade of a sewing machine."))
    drain(firms)
    asked = Criteria(include=("rotor",))
    with firms.database.read() as session:
        assert check(session, firms.clock, asked).caught == 2
        assert check(session, firms.clock, asked, ["sewing machine"]).caught == 1


def test_noise_silences_what_changes_in_a_case_that_was_told(firms: House) -> None:
    _profile(firms)
    assert _tell(firms, 1) == 1
    _noise(firms, "nobody special llc")
    assert _tell(firms, 1, events=(FIRST, TRO)) == 1


def test_a_case_that_names_the_firm_is_told_whatever_the_noise(firms: House) -> None:
    _noise(firms, "Acme Optics", "Hailan")
    record(firms, raw_case())
    drain(firms)
    assert [a.trigger for a in _alerts(firms)] == ["named"]
    record(firms, raw_case(events=(FIRST, TRO)))
    drain(firms)
    assert len(_alerts(firms)) > 1


def test_the_noise_list_is_the_firms_own_and_kept_by_version(firms: House) -> None:
    _noise(firms, "sewing")
    with pytest.raises(StaleWrite):
        _noise(firms, "other", seen=0)
    with firms.database.read() as session:
        kept = noise_of(session, member(firms, "alpha"))
        assert kept is not None and kept.words == ["sewing"]
        assert noise_of(session, member(firms, "beta")) is None
        assert noise_of(session, staff(firms)) is None
        assert session.scalars(select(AuditRow).where(AuditRow.action == "watch.noise")).one()
    with pytest.raises(NotAllowed), firms.database.write() as session:
        set_noise(session, firms.clock, staff(firms), ["x"], seen_version=0)


def _mute(house: House, is_on: bool = True, ref: str = "alpha") -> None:
    actor, case = member(house, ref), _alerts(house)[0].case_id
    with house.database.write() as session:
        mute_case(session, house.clock, actor, case, is_on=is_on)


def test_a_muted_case_is_heard_of_no_more_by_its_firm_alone(firms: House) -> None:
    parties = (*raw_case().parties, RawParty("Beize Lighting Co. Ltd.", "defendant"))
    record(firms, raw_case(parties=parties))
    drain(firms)
    _mute(firms)
    _mute(firms)
    _profile(firms, Criteria(include=("complaint for patent",)))
    record(firms, raw_case(parties=parties, text="Complaint for patent things.", events=(FIRST, TRO)))
    drain(firms)
    told = {a.firm_id for a in _alerts(firms) if a.change}
    assert told == {member(firms, "beta").firm_id}
    assert not any(a.profile_id for a in _alerts(firms))
    _mute(firms, False)
    record(firms, raw_case(parties=parties, events=(JUDGMENT,)))
    drain(firms)
    assert member(firms, "alpha").firm_id in {a.firm_id for a in _alerts(firms) if a.change}


def test_colleagues_who_mute_at_once_mute_once(firms: House) -> None:
    record(firms, raw_case())
    drain(firms)
    workers = [threading.Thread(target=_mute, args=(firms,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with firms.database.read() as session:
        assert len(session.scalars(select(WatchMute)).all()) == 1
        assert is_muted(session, member(firms, "alpha"), _alerts(firms)[0].case_id)
        assert not is_muted(session, staff(firms), _alerts(firms)[0].case_id)


def test_only_a_firm_mutes(firms: House) -> None:
    record(firms, raw_case())
    drain(firms)
    actor = staff(firms)
    with pytest.raises(NotAllowed), firms.database.write() as session:
        mute_case(session, firms.clock, actor, _alerts(firms)[0].case_id)
    actor = member(firms, "alpha")
    with pytest.raises(NotFound), firms.database.write() as session:
        mute_case(session, firms.clock, actor, uuid.uuid4())


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=3, unique=True),
    pieces=st.lists(st.sampled_from(PIECES), max_size=8),
)
def test_holding_a_word_is_what_the_evaluator_finds(words: list[str], pieces: list[str]) -> None:
    text = "".join(pieces)
    found = Evaluator({0: Criteria(include=tuple(words))}).find(Facts({}, [("text", text)]))
    assert holds_any(words, [("text", text)]) == bool(found)
