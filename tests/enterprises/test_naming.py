"""A firm's names: added, retired, told from somebody else's; what screening makes of each; what matches suggest."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from cases.facts import RawParty
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound
from enterprises.naming import add_name, note_other, retire_name, withdraw_other
from enterprises.service import get_firm
from house import House
from tests.factories import bring_firms, drain, firm_id, member, raw_case, record, staff
from warning.models import PartyMatch
from warning.name_suggestions import likely_kind, refuse, suggestions, take_in


def _names(house: House, *, used: bool = True) -> set[tuple[str, str]]:
    with house.database.read() as session:
        firm = get_firm(session, staff(house), firm_id(house, "alpha"))
        return {(n.name, n.kind) for n in firm.names if (n.retired_on is None) is used}


def _matched(house: House) -> list[tuple[int, str]]:
    with house.database.read() as session:
        rows = session.scalars(select(PartyMatch).where(PartyMatch.firm_id == firm_id(house, "alpha")))
        return [(m.score, m.grade) for m in rows]


def _add(house: House, name: str, kind: str = "brand", **told: object) -> None:
    actor, alpha = staff(house), firm_id(house, "alpha")
    with house.database.write() as session:
        add_name(session, house.clock, actor, alpha, name, kind, **told)  # type: ignore[arg-type]


def _retire(house: House, name: str) -> None:
    actor, alpha = staff(house), firm_id(house, "alpha")
    with house.database.write() as session:
        wanted = next(n for n in get_firm(session, actor, alpha).names if n.name == name)
        retire_name(session, house.clock, actor, alpha, wanted.id, "renamed")


def test_a_name_added_is_watched_at_once_and_audited(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(parties=(RawParty("Oceanwing Inc", "defendant"),)))
    drain(each_house)
    assert _matched(each_house) == []
    _add(each_house, " Oceanwing  Inc ", "subsidiary", source="商务局")
    drain(each_house)
    assert _matched(each_house) == [(100, "confirm")]
    with each_house.database.read() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.action == "firm.name_added"))
        assert row.fields == ["kind", "name", "source"]
        firm = get_firm(session, staff(each_house), firm_id(each_house, "alpha"))
        (kept,) = [n for n in firm.names if n.kind == "subsidiary"]
        assert (kept.name, kept.source) == ("Oceanwing Inc", "商务局")


def test_a_name_retired_is_kept_with_its_reason_and_compared_no_more(each_house: House) -> None:
    bring_firms(each_house)
    _add(each_house, "Oceanwing Inc", "subsidiary")
    record(each_house, raw_case(parties=(RawParty("Oceanwing Inc", "defendant"),)))
    drain(each_house)
    assert _matched(each_house) == [(100, "confirm")]
    _retire(each_house, "Oceanwing Inc")
    drain(each_house)
    assert _matched(each_house) == []
    assert _names(each_house, used=False) == {("Oceanwing Inc", "subsidiary")}
    _add(each_house, "Oceanwing Inc", "subsidiary")
    drain(each_house)
    assert _matched(each_house) == [(100, "confirm")]
    assert _names(each_house, used=False) == set()


def test_the_last_legal_name_stays_and_the_head_follows_the_names_in_use(house: House) -> None:
    bring_firms(house)
    _retire(house, "海岚无人机科技股份有限公司")
    with house.database.read() as session:
        firm = get_firm(session, staff(house), firm_id(house, "alpha"))
        assert firm.name_zh == "Hailan Drone Technology Co. Ltd."
    with pytest.raises(BadInput, match="legal name"):
        _retire(house, "Hailan Drone Technology Co. Ltd.")
    _add(house, "海岚飞行器股份有限公司", "legal_zh")
    with house.database.read() as session:
        assert get_firm(session, staff(house), firm_id(house, "alpha")).name_zh == "海岚飞行器股份有限公司"


@pytest.mark.parametrize("name", ["", "  ", "!!!", "Hailan Drone Technology Co. Ltd."])
def test_a_name_that_says_nothing_or_is_known_is_refused(house: House, name: str) -> None:
    bring_firms(house)
    with pytest.raises(BadInput):
        _add(house, name, "legal_en")


def test_somebody_elses_name_is_never_matched_again_until_the_note_is_taken_back(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    assert [grade for _, grade in _matched(each_house)] == ["confirm"]
    alpha, actor = firm_id(each_house, "alpha"), staff(each_house)
    with each_house.database.write() as session:
        match = session.scalars(select(PartyMatch)).one()
        refuse(session, each_house.clock, actor, alpha, match.id)
    drain(each_house)
    assert _matched(each_house) == []
    record(each_house, raw_case("2:26-cv-00077"))
    drain(each_house)
    assert _matched(each_house) == []
    with each_house.database.write() as session:
        (other,) = get_firm(session, actor, alpha).others
        assert other.source == "2:26-cv-00011"
        withdraw_other(session, each_house.clock, actor, alpha, other.id)
    drain(each_house)
    assert len(_matched(each_house)) == 2


def test_a_match_offers_the_partys_form_and_it_becomes_a_name(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case(parties=(RawParty("Hailan Drone Europe GmbH", "defendant"),)))
    drain(each_house)
    actor, alpha = staff(each_house), firm_id(each_house, "alpha")
    with each_house.database.write() as session:
        (offered,) = suggestions(session, actor, get_firm(session, actor, alpha))
        assert (offered.name, offered.kind) == ("Hailan Drone Europe GmbH", "subsidiary")
        kept = take_in(session, each_house.clock, actor, alpha, offered.match.id, "subsidiary")
        assert (kept.source, kept.since) == ("2:26-cv-00011", raw_case().filed_on)
    drain(each_house)
    assert _matched(each_house) == [(100, "confirm")]
    with each_house.database.read() as session:
        assert suggestions(session, actor, get_firm(session, actor, alpha)) == []


def test_names_are_staffs_to_keep(house: House) -> None:
    bring_firms(house)
    record(house, raw_case(parties=(RawParty("Hailan Drone Europe GmbH", "defendant"),)))
    drain(house)
    alpha = firm_id(house, "alpha")
    own = member(house, "alpha")
    with house.database.write() as session:
        with pytest.raises(NotAllowed):
            add_name(session, house.clock, own, alpha, "Foo Brand", "brand")
        with pytest.raises(NotAllowed):
            note_other(session, house.clock, own, alpha, "Foo Brand", "")
        assert suggestions(session, own, get_firm(session, own, alpha)) == []
    stranger = staff(house, "other")
    match_id = uuid.uuid4()
    with house.database.write() as session:
        match_id = session.scalars(select(PartyMatch.id)).one()
        with pytest.raises(NotFound):
            add_name(session, house.clock, stranger, alpha, "Foo Brand", "brand")
        with pytest.raises(NotFound):
            take_in(session, house.clock, stranger, alpha, match_id, "brand")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Roborock", "brand"),
        ("Roborock Europe GmbH", "subsidiary"),
        ("石头", "brand"),
        ("石头科技有限公司", "legal_zh"),
    ],
)
def test_a_likely_kind_is_offered(name: str, kind: str) -> None:
    assert likely_kind(name) == kind
