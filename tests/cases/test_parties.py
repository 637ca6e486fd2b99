"""Parties across cases: who is whom by name, what staff put together and apart, and campaigns."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cases.facts import RawParty, RawRight
from cases.models import Case, Party
from cases.money import Demanded
from cases.parties.campaigns import LEAST_CASES, WINDOW, Suit, campaigns_of
from cases.parties.grouping import (
    head_of,
    keys_of,
    kind_of,
    mark_kind,
    mark_of,
    merge,
    split_cases,
    split_name,
    undo,
)
from cases.parties.keys import is_organisation, key_of
from cases.parties.listing import list_parties
from cases.parties.models import PartyAct, PartyLink, PartyMark
from cases.parties.profile import cases_of, profile_of
from core.actor import VISITOR, Actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from house import House
from tests.factories import bring_firms, member, origin, raw_case, record, staff

ACME, OTHER, SHORT = "Acme Optics Inc.", "Acme Optics Incorporated", "Acme Optics"
WHY = "the register names both"


def _case(
    house: House,
    number: int,
    name: str = ACME,
    *,
    on: date | None = None,
    against: str = "",
    patent: str = "",
) -> uuid.UUID:
    told = record(
        house,
        raw_case(
            f"2:26-cv-8{number:04d}",
            caption=f"{name} v. {against or 'Hailan'}",
            filed_on=on or date(2026, 1, 1) + timedelta(days=number),
            parties=(RawParty(name, "plaintiff"), RawParty(against or "Hailan Drone Co., Ltd.", "defendant")),
            rights=(RawRight("patent", patent),) if patent else (),
        ),
    )
    return told.case_id


@pytest.fixture
def stored(each_house: House) -> House:
    """Three cases of one plaintiff under three spellings, and a suit of somebody else."""
    for number, name in enumerate([ACME, OTHER, SHORT]):
        _case(each_house, number, name)
    _case(each_house, 9, "Borealis Lamps LLC")
    return each_house


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Acme Optics Inc.", "ACME OPTICS, INCORPORATED"),
        ("Beize Lighting Co., Ltd.", "Beize Lighting Company Limited"),
        ("Müller Leuchten GmbH", "Muller Leuchten G.m.b.H."),
        ("Foo LLC d/b/a Bar", "Foo, L.L.C."),
    ],
)
def test_legal_forms_are_spelled_one_way(name: str, same: str) -> None:
    assert key_of(name) == key_of(same)


@pytest.mark.parametrize(
    ("name", "is_org"),
    [
        ("Acme Optics Inc.", True),
        ("海岚无人机科技股份有限公司", True),
        ("トヨタ自動車株式会社", True),
        ("Regents of the University of Somewhere", True),
        ("Jane Q. Sample", False),
        ("Sample, Jane", False),
        ("John Doe 1", False),
        ("The Individuals and Partnerships Identified on Schedule A", False),
    ],
)
def test_who_may_have_a_page(name: str, is_org: bool) -> None:
    assert is_organisation(name) is is_org


@given(st.text(min_size=1, max_size=80))
def test_a_key_of_any_text_can_be_stored_and_linked(name: str) -> None:
    key = key_of(name)
    assert len(key) <= 300 and (key.isprintable() or not key)


def test_a_party_is_one_across_cases_by_its_key(stored: House) -> None:
    with stored.database.read() as session:
        profile = profile_of(session, VISITOR, key_of(ACME))
        assert {one.name for one in profile.spellings} == {ACME, OTHER}
        assert (profile.figures.total, profile.figures.sides) == (2, {"claimant": 2})
        assert [case.caption for case in cases_of(session, VISITOR, profile.head).rows] == [
            f"{OTHER} v. Hailan",
            f"{ACME} v. Hailan",
        ]


def test_what_is_demanded_is_added_up_by_currency(stored: House) -> None:
    for number, told in enumerate(("$75,000", "$1,000,000", "EUR 2 million", "to be proved", None), start=30):
        record(
            stored, raw_case(f"2:26-cv-9{number}", parties=(RawParty("Zed Corp.", "plaintiff"),), demand=told)
        )
    with stored.database.read() as session:
        figures = profile_of(session, VISITOR, key_of("Zed Corp.")).figures
    assert figures.demanded == [Demanded("USD", 1_075_000, 2), Demanded("EUR", 2_000_000, 1)]
    assert figures.without_demand == 2


def test_what_may_be_a_person_has_a_page_for_staff_alone(stored: House) -> None:
    person = "Jane Q. Sample"
    _case(stored, 20, person)
    with stored.database.read() as session:
        assert profile_of(session, staff(stored), key_of(person)).figures.total == 1
        with pytest.raises(NotFound):
            profile_of(session, VISITOR, key_of(person))
        today = date(2026, 2, 1)
        assert not list_parties(session, VISITOR, words="sample", today=today).rows
        assert list_parties(session, staff(stored), words="sample", today=today).rows[0].name == person


def test_candidates_stand_on_no_party_page(stored: House) -> None:
    hidden = raw_case(
        "2:26-cv-70001", caption="Zed Corp. v. X", parties=(RawParty("Zed Corp.", "plaintiff"),)
    )
    record(stored, hidden, is_ip=False)
    with stored.database.read() as session, pytest.raises(NotFound):
        profile_of(session, staff(stored), key_of("Zed Corp."))


def test_merging_lets_names_be_one_and_undoing_parts_them_as_they_were(stored: House) -> None:
    actor = staff(stored)
    head, other = key_of(ACME), key_of(SHORT)
    with stored.database.write() as session:
        mark_kind(session, stored.clock, actor, other, "npe", WHY, seen="")
    with stored.database.write() as session:
        act = merge(session, stored.clock, actor, head, other, WHY, seen=mark_of(session, [head, other])).id
    with stored.database.read() as session:
        assert profile_of(session, VISITOR, other).figures.total == 3
        assert (profile_of(session, VISITOR, other).head, kind_of(session, head)) == (head, "npe")
    _case(stored, 30, SHORT)
    with stored.database.read() as session:
        assert profile_of(session, VISITOR, head).figures.total == 4, "a later case joins by its key"
    with stored.database.write() as session:
        undo(session, stored.clock, actor, act)
    with stored.database.read() as session:
        assert (head_of(session, other), keys_of(session, head)) == (other, [head])
        assert (kind_of(session, head), kind_of(session, other)) == (None, "npe")
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject == "party")).all()
        assert acts == ["party.mark", "party.merge", "party.undone"]


def test_some_cases_of_a_name_may_be_another_party(stored: House) -> None:
    actor, key = staff(stored), key_of(ACME)
    ids = [_case(stored, number, ACME) for number in (40, 41)]
    with stored.database.write() as session:
        act = split_cases(session, stored.clock, actor, key, [ids[1]], WHY, seen=mark_of(session, [key]))
        new, act_id = act.content["new"], act.id
    with stored.database.read() as session:
        assert profile_of(session, VISITOR, key).figures.total == 3
        assert [case.id for case in cases_of(session, VISITOR, new).rows] == [ids[1]]
    # The docket is told again: who was parted stays so.
    _case(stored, 41, ACME)
    with stored.database.read() as session:
        assert profile_of(session, VISITOR, new).figures.total == 1
    with stored.database.write() as session:
        with pytest.raises(BadInput):
            split_cases(session, stored.clock, actor, new, [ids[1]], WHY, seen=mark_of(session, [new]))
        undo(session, stored.clock, actor, act_id)
    with stored.database.read() as session:
        assert profile_of(session, VISITOR, key).figures.total == 4


def test_a_later_decision_is_undone_first(stored: House) -> None:
    actor = staff(stored)
    head, other, third = key_of(ACME), key_of(SHORT), key_of("Borealis Lamps LLC")
    with stored.database.write() as session:
        first = merge(session, stored.clock, actor, head, other, WHY, seen="").id
    with stored.database.write() as session:
        second = merge(session, stored.clock, actor, third, head, WHY, seen=str(first)).id
    with stored.database.write() as session, pytest.raises(StaleWrite):
        undo(session, stored.clock, actor, first)
    for act in (second, first):
        with stored.database.write() as session:
            undo(session, stored.clock, actor, act)
    with stored.database.read() as session:
        assert not session.scalars(select(PartyLink)).all() and not session.scalars(select(PartyMark)).all()


def test_what_is_refused_changes_nothing(stored: House) -> None:
    bring_firms(stored)
    actor = staff(stored)
    head, other = key_of(ACME), key_of(SHORT)
    tries: list[tuple[type[Exception], Actor, str, str, str, str]] = [
        (NotAllowed, VISITOR, head, other, WHY, ""),
        (NotAllowed, member(stored, "alpha"), head, other, WHY, ""),
        (NotFound, actor, head, "nobody at all", WHY, ""),
        (BadInput, actor, head, head, WHY, ""),
        (BadInput, actor, head, other, "no", ""),
        (StaleWrite, actor, head, other, WHY, str(uuid.uuid4())),
    ]
    for error, who, one, two, why, seen in tries:
        with pytest.raises(error), stored.database.write() as session:
            merge(session, stored.clock, who, one, two, why, seen=seen)
    with pytest.raises(BadInput), stored.database.write() as session:
        split_name(session, stored.clock, actor, head, WHY, seen="")
    with stored.database.read() as session:
        assert not session.scalars(select(PartyAct)).all() and not session.scalars(select(PartyLink)).all()


def test_a_list_is_read_page_by_page_without_loss(each_house: House) -> None:
    for number in range(7):
        _case(each_house, number, f"Plaintiff {'ABCDEFG'[number]} LLC")
    _case(each_house, 8, "Plaintiff A LLC")
    got: list[str] = []
    cursor = None
    with each_house.database.read() as session:
        while True:
            page = list_parties(
                session, VISITOR, words="plaintiff", today=date(2026, 2, 1), cursor=cursor, limit=3
            )
            got += [row.name for row in page.rows]
            if (cursor := page.next_cursor) is None:
                break
    assert got == [f"Plaintiff {letter} LLC" for letter in "ABCDEFG"]


def _suit(day: int, *, right: str = "9548839", against: str = "", hides: bool = False) -> Suit:
    rights = frozenset({("patent", right)}) if right else frozenset()
    others = frozenset({against}) if against else frozenset()
    return Suit(uuid.uuid4(), date(2026, 1, 1) + timedelta(days=day), rights, frozenset({"dt.patent_litigation"}), others, hides)  # fmt: skip


def test_a_campaign_is_one_right_against_several_within_the_window() -> None:
    three = [_suit(day, against=who) for day, who in ((0, "a"), (10, "b"), (20, "c"))]
    (found,) = campaigns_of(three)
    assert (found.right, len(found.suits), found.against) == (("patent", "9548839"), 3, frozenset("abc"))
    assert not campaigns_of(three[:2])
    assert not campaigns_of([_suit(day, against="a") for day in range(5)]), "one defendant sued often is none"
    apart = [*three[:2], _suit(20 + WINDOW.days, against="c")]
    assert not campaigns_of(apart)
    assert (
        len(
            campaigns_of(
                [_suit(day, right=str(day), against=who) for day, who in ((0, "a"), (1, "b"), (2, "c"))]
            )
        )
        == 0
    )


def test_a_campaign_without_rights_says_that_it_rests_on_the_dispute_type() -> None:
    (found,) = campaigns_of(
        [_suit(day, right="", against=who) for day, who in ((0, "a"), (1, "b"), (2, "c"))]
    )
    assert found.is_by_type
    (hidden,) = campaigns_of([_suit(day, right="", hides=True) for day in range(LEAST_CASES)])
    assert hidden.against == frozenset()


def test_a_party_page_shows_its_campaign(house: House) -> None:
    for number, whom in enumerate(["One Co., Ltd.", "Two Co., Ltd.", "Three Co., Ltd."]):
        _case(house, number, ACME, against=whom, patent="9548839")
    with house.database.read() as session:
        profile = profile_of(session, VISITOR, key_of(ACME))
        (campaign,) = profile.campaigns
        assert {profile.names[key] for key in campaign.against} == {
            "One Co., Ltd.",
            "Two Co., Ltd.",
            "Three Co., Ltd.",
        }
        assert profile.figures.rights == [(("patent", "9548839"), 3)]
        assert (
            session.scalar(select(Party.who).join(Case).where(Party.role == "plaintiff").limit(1))
            == "acme optics inc"
        )


def test_the_law_firms_of_a_party_are_counted_and_brought_up_to_date(house: House) -> None:
    def told(number: int, *counsel: str, name: str = ACME, authority: int = 10) -> None:
        parties = (
            RawParty(name, "plaintiff", counsel=counsel),
            RawParty("Hailan Drone Co., Ltd.", "defendant", counsel=("Their Side PLLC",)),
        )
        record(house, raw_case(f"2:26-cv-8{number:04d}", parties=parties), origin(house, authority=authority))

    told(1, "Fish & Test P.C.")
    told(2, "Fish & Test P.C.", "Local Test LLP", name=OTHER)
    with house.database.read() as session:
        figures = profile_of(session, VISITOR, key_of(ACME)).figures
        assert figures.counsel == [("Fish & Test P.C.", 2), ("Local Test LLP", 1)]
        version = session.scalars(select(Case).where(Case.docket_number == "2:26-cv-80001")).one().version
    # A source that does not say who acts takes nothing away; one that does is believed.
    told(1)
    told(1, "New Test LLP", authority=30)
    with house.database.read() as session:
        figures = profile_of(session, VISITOR, key_of(ACME)).figures
        assert figures.counsel == [("Fish & Test P.C.", 1), ("Local Test LLP", 1), ("New Test LLP", 1)]
        case = session.scalars(select(Case).where(Case.docket_number == "2:26-cv-80001")).one()
        assert case.version == version, "who acts is no news of a case"
