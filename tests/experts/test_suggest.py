"""Suggesting within the service: a stored case becomes a request, the library answers, a decision is written down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.facts import RawParty
from cases.models import Case
from cases.query import get_case
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import NotAllowed
from experts.appointing.standing_models import DeclaredInterest
from experts.models import Expert
from experts.suggest import record_decision, request_about, request_of_case, suggest, suggest_experts
from house import House
from tests.experts.test_library import bring, one
from tests.factories import DEFENDANT, bring_firms, drain, firm_id, keeper, raw_case, record, staff
from warning.alerts import named_firms

CLIENT_OF_OPPONENT = {
    "clients": [{"name": "Acme Optics", "role": "client", "from": "2024-01-01", "to": None}]
}


def _case(house: House, session: Session) -> Case:
    found = session.scalars(select(Case.id)).one()
    return get_case(session, staff(house), found)


def test_a_case_is_seen_from_the_registered_firm_it_names(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    with each_house.database.read() as session:
        made = request_of_case(
            session, each_house.clock, staff(each_house), _case(each_house, session), named=named_firms
        )
    assert made.firm is not None
    assert made.firm.id == firm_id(each_house, "alpha")
    assert made.request.opponents == ("Acme Optics Inc.",)
    assert "海岚无人机科技股份有限公司" in made.request.firm
    assert (made.request.venue, made.request.region) == ("v.us.txed", "US")
    assert made.request.case_languages == ("en",)
    assert made.request.client_languages == ("zh",)
    assert made.request.on.isoformat() == "2026-03-02"


def test_the_firm_may_be_the_one_that_began(house: House) -> None:
    bring_firms(house)
    parties = (
        RawParty(DEFENDANT, "plaintiff"),
        RawParty("Acme Optics Inc.", "defendant"),
        RawParty("Odd Ltd", "intervenor"),
    )
    record(house, raw_case(parties=parties))
    drain(house)
    with house.database.read() as session:
        made = request_of_case(session, house.clock, staff(house), _case(house, session), named=named_firms)
    assert set(made.request.opponents) == {"Acme Optics Inc.", "Odd Ltd"}, "unknown is not 'no conflict'"


def test_a_case_that_names_no_firm_is_seen_from_the_side_it_is_brought_against(house: House) -> None:
    record(house, raw_case())
    with house.database.read() as session:
        made = request_of_case(session, house.clock, staff(house), _case(house, session), named=named_firms)
    assert made.firm is None
    assert made.request.opponents == ("Acme Optics Inc.",)


def test_the_centres_own_library_answers_with_reasons_and_causes(each_house: House) -> None:
    bring_firms(each_house)
    record(each_house, raw_case())
    drain(each_house)
    elsewhere = {"name": "Willowmead LLP", "group": None}
    bring(
        each_house,
        {},
        {"id": "e2", "employer": elsewhere, **CLIENT_OF_OPPONENT},
        {"id": "e3", "languages": ["en"]},
    )
    bring(each_house, {"id": "elsewhere"}, actor=keeper(each_house, "other"))
    with each_house.database.read() as session:
        _, result = suggest_experts(
            session, each_house.clock, staff(each_house), _case(each_house, session), named=named_firms
        )
    assert [r.id for r in result.ranked] == [str(one(each_house).id)]
    causes = {e.id: e.causes for e in result.excluded}
    assert causes == {
        str(one(each_house, "e2").id): ["conflict"],
        str(one(each_house, "e3").id): ["language"],
    }


def test_open_assignments_fill_a_hand(house: House) -> None:
    bring(house, {"capacity": 2})
    expert = one(house)

    def load(session: Session, expert_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        assert list(expert_ids) == [expert.id]
        return {expert.id: 2}

    request = request_about("c1", house.clock, region="US")
    with house.database.read() as session:
        assert suggest(session, house.clock, staff(house), request).ranked
        assert suggest(session, house.clock, staff(house), request, load=load).excluded[0].causes == [
            "capacity"
        ]


@pytest.mark.parametrize("role", [None, Role.FIRM_MEMBER, Role.EXPERT, Role.ADMIN])
def test_only_staff_match(house: House, role: Role | None) -> None:
    actor = Actor("x", frozenset({role}), keeper(house).centre_id) if role else VISITOR
    with house.database.read() as session, pytest.raises(NotAllowed):
        suggest(session, house.clock, actor, request_about("c1", house.clock))


def test_a_decision_is_written_down_with_its_version(each_house: House) -> None:
    bring(each_house, {})
    actor, subject = staff(each_house), uuid.uuid4()
    with each_house.database.write() as session:
        result = suggest(
            session, each_house.clock, actor, request_about(subject, each_house.clock, region="US")
        )
        record_decision(session, each_house.clock, actor, "consultation", subject, result)
    with each_house.database.read() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "match.used")).one()
    assert (row.subject, row.subject_id) == ("consultation", str(subject))
    assert row.fields == ["excluded", "held", "ranked", "version"]


def test_a_suggestion_writes_nothing(house: House) -> None:
    bring(house, {})
    with house.database.read() as session:
        before = session.scalar(select(Expert.version))
        suggest(session, house.clock, staff(house), request_about("c1", house.clock))
        assert session.scalar(select(Expert.version)) == before


def _fates(house: House) -> tuple[list[str], list[str], dict[str, list[str]]]:
    with house.database.read() as session:
        result = suggest_experts(
            session, house.clock, staff(house), _case(house, session), named=named_firms
        )[1]
        refs = {str(e.id): e.ref for e in session.scalars(select(Expert))}
    return (
        [refs[r.id] for r in result.ranked],
        [refs[h.id] for h in result.held],
        {refs[e.id]: e.causes for e in result.excluded},
    )


def _brought(house: House, *rows: dict[str, object]) -> None:
    bring_firms(house)
    record(house, raw_case())
    drain(house)
    bring(house, *rows)


def test_what_an_expert_declared_is_read_as_the_conflict_list_is(house: House) -> None:
    _brought(house, {"id": "sister"}, {"id": "past"}, {"id": "nobody"})
    with house.database.write() as session:
        ids = {e.ref: e.id for e in session.scalars(select(Expert))}
        for ref, until in (("sister", None), ("past", date(2021, 3, 1))):
            session.add(
                DeclaredInterest(
                    id=uuid.uuid4(), expert_id=ids[ref], kind="relative", name="Acme Optics (Shenzhen) Co., Ltd.",
                    until_on=until, declared_at=house.clock.now(),
                )
            )  # fmt: skip
    ranked, _, excluded = _fates(house)
    assert excluded == {"sister": ["conflict"]}
    assert set(ranked) == {"past", "nobody"}


def test_days_away_take_an_expert_out_while_they_last(house: House) -> None:
    _brought(house, {"id": "here"}, {"id": "away"}, {"id": "back"})
    with house.database.write() as session:
        for ref, last in (("away", "2026-03-02"), ("back", "2026-03-01")):
            expert = session.scalars(select(Expert).where(Expert.ref == ref)).one()
            expert.calendar = [{"from": "2026-02-20", "to": last, "note": "holiday"}]
    ranked, _, excluded = _fates(house)
    assert excluded == {"away": ["unavailable"]}
    assert set(ranked) == {"here", "back"}


def test_a_colleague_of_somebody_bound_is_held_for_a_screen(house: House) -> None:
    firm = {"employer": {"name": "Greyhound & Vale LLP", "group": None}}
    _brought(
        house,
        {"id": "bound", **firm, **CLIENT_OF_OPPONENT},
        {"id": "colleague", "employer": {"name": "Greyhound and Vale", "group": None}},
        {"id": "stranger", "employer": {"name": "Willowmead LLP", "group": None}},
    )
    ranked, held, excluded = _fates(house)
    assert (ranked, held, excluded) == (["stranger"], ["colleague"], {"bound": ["conflict"]})
