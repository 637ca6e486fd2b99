"""Which firms a case names, found both ways round, on both databases."""

from __future__ import annotations

from sqlalchemy import func, select

from cases.facts import RawParty
from core.actor import VISITOR, Actor, Role
from enterprises.models import Firm
from house import House
from tests.factories import (
    DEFENDANT,
    bring_firms,
    drain,
    firm_id,
    keeper,
    member,
    origin,
    raw_case,
    record,
    staff,
)
from warning.alerts import matches_of_case, matches_of_firm
from warning.models import Alert, PartyMatch


def _matches(house: House) -> list[PartyMatch]:
    with house.database.read() as session:
        return list(session.scalars(select(PartyMatch).order_by(PartyMatch.score.desc())))


def _alerts(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count(Alert.id))) or 0


def test_a_new_case_is_screened_against_every_firm(each_house: House) -> None:
    bring_firms(each_house)
    case = record(each_house, raw_case())
    drain(each_house)
    (match,) = _matches(each_house)
    assert (match.case_id, match.firm_id) == (case.case_id, firm_id(each_house, "alpha"))
    assert match.grade == "confirm" and match.score >= 80
    assert match.matched_name == "Hailan Drone Technology Co. Ltd."
    assert "hailan drone" in match.reason


def test_a_new_firm_is_screened_against_every_stored_party_and_alerts_nobody(each_house: House) -> None:
    record(each_house, raw_case())
    drain(each_house)
    assert _matches(each_house) == []
    bring_firms(each_house)
    drain(each_house)
    assert len(_matches(each_house)) == 1
    assert _alerts(each_house) == 0


def test_a_firm_registered_after_others_were_screened_is_known(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    bring_firms(
        each_house,
        "firm,name,kind\ngamma,远泊精密仪器有限公司,legal_zh\ngamma,Yuanbo Precision Ltd,legal_en\n",
    )
    drain(each_house)
    record(each_house, raw_case("2:26-cv-00012", parties=(RawParty("Yuanbo Precision Ltd.", "defendant"),)))
    drain(each_house)
    assert {m.firm_id for m in _matches(each_house)} == {
        firm_id(each_house, "alpha"),
        firm_id(each_house, "gamma"),
    }


def test_the_same_case_again_finds_nothing_twice(each_house: House) -> None:
    bring_firms(each_house)
    told = origin(each_house)
    record(each_house, raw_case(), told)
    drain(each_house)
    record(each_house, raw_case(), told)
    record(each_house, raw_case(title="A new title"))
    drain(each_house)
    assert len(_matches(each_house)) == 1


def test_a_better_name_raises_the_score_of_a_known_match(each_house: House) -> None:
    bring_firms(
        each_house, "firm,name,kind\nalpha,海岚,legal_zh\nalpha,Hailan Drone Technologies Corp,legal_en\n"
    )
    record(each_house, raw_case())
    drain(each_house)
    before = _matches(each_house)
    bring_firms(each_house, "firm,name,kind\nalpha,Hailan Drone Technology Co. Ltd.,former\n")
    drain(each_house)
    (after,) = _matches(each_house)
    assert after.score == 100
    assert not before or before[0].score <= after.score


def test_a_party_that_is_gone_takes_its_match_along(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(), origin(each_house, authority=10))
    drain(each_house)
    better = origin(each_house, authority=30, source="us_pacer_docket")
    record(each_house, raw_case(parties=(RawParty("Somebody Else LLC", "defendant"),)), better)
    drain(each_house)
    assert _matches(each_house) == []


def test_a_centre_matches_its_own_firms(each_house: House) -> None:
    bring_firms(each_house)
    bring_firms(each_house, actor=keeper(each_house, "other"))
    case = record(each_house, raw_case())
    drain(each_house)
    with each_house.database.read() as session:
        ours = matches_of_case(session, staff(each_house), case.case_id)
        theirs = matches_of_case(session, staff(each_house, "other"), case.case_id)
        firms = {firm.id: firm.centre_id for firm in session.scalars(select(Firm))}
    assert len(ours) == len(theirs) == 1
    assert all(firms[m.firm_id] == m.centre_id for m in (*ours, *theirs))
    assert ours[0].centre_id != theirs[0].centre_id


def test_a_match_is_seen_by_those_concerned_alone(each_house: House) -> None:
    bring_firms(each_house)
    case = record(each_house, raw_case())
    drain(each_house)
    admin = Actor("admin", frozenset({Role.ADMIN}), centre_id=keeper(each_house).centre_id)
    alpha = firm_id(each_house, "alpha")
    for actor, count in (
        (member(each_house, "alpha"), 1),
        (member(each_house, "beta"), 0),
        (admin, 0),
        (VISITOR, 0),
    ):
        with each_house.database.read() as session:
            assert len(matches_of_case(session, actor, case.case_id)) == count, actor.name
            assert len(matches_of_firm(session, actor, alpha)) == count, actor.name


def test_only_a_confirmed_match_is_a_firms_to_see(each_house: House) -> None:
    bring_firms(each_house)
    case = record(each_house, raw_case())
    drain(each_house)
    with each_house.database.write() as session:
        session.scalars(select(PartyMatch)).one().grade = "review"
    with each_house.database.read() as session:
        assert matches_of_case(session, member(each_house, "alpha"), case.case_id) == []
        assert len(matches_of_case(session, staff(each_house), case.case_id)) == 1


def test_a_party_that_names_nobody_matches_nobody(each_house: House) -> None:
    bring_firms(each_house)
    for n, name in enumerate(("Technology Co., Ltd.", "Does 1-10", "", "海", DEFENDANT[:6])):
        record(each_house, raw_case(f"2:26-cv-1{n:04d}", parties=(RawParty(name, "defendant"),)))
    drain(each_house)
    assert [m for m in _matches(each_house) if m.grade == "confirm"] == []
