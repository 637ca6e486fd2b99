"""What a firm is told of experts: who could help and why, from public fields alone; a conflict is only an absence."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cases.models import Case
from core.errors import NotAllowed
from experts.for_firms import Hint, experts_for_firm
from house import House
from tests.experts.matter import add_expert
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from warning.alerts import named_firms

PATENT = {
    "expert_class": "ec.litigator",
    "languages": ["en", "zh"],
    "admissions": [{"region": "US", "qualification": "Texas bar"}],
    "dispute_types": ["dt.patent_infringement"],
}


@pytest.fixture
def told(each_house: House) -> House:
    """A house with a case that names firm alpha."""
    bring_firms(each_house)
    record(each_house, raw_case(codes={"nos": ("830",)}))
    drain(each_house)
    return each_house


def _hints(house: House, ref: str = "alpha") -> list[Hint]:
    actor = member(house, ref)
    with house.database.read() as session:
        query = select(Case).options(selectinload(Case.tags), selectinload(Case.parties))
        case = session.scalars(query).one()
        return experts_for_firm(session, house.clock, actor, case, named=named_firms)


def test_three_at_most_with_plain_reasons(told: House) -> None:
    for n in range(5):
        add_expert(told, f"e{n}", **PATENT)
    hints = _hints(told)
    assert len(hints) == 3
    for hint in hints:
        assert "Admitted there" in hint.reasons
        assert any("kind of dispute" in reason for reason in hint.reasons)
        assert not {"clients", "whole", "employer", "feedback"} & set(hint.entry)


def test_a_conflict_is_an_absence_and_nothing_more(told: House) -> None:
    add_expert(told, "theirs", clients=[{"name": "Acme Optics Inc.", "role": "client"}], **PATENT)
    add_expert(told, "free", **PATENT)
    hints = _hints(told)
    assert [h.entry["name_zh"] for h in hints] == ["专家free"]
    assert "Acme" not in str(hints) and "conflict" not in str(hints).lower()


def test_reasons_rest_on_public_fields_alone(told: House) -> None:
    cases = [{"venue": "v.us.txed", "dispute_type": "dt.patent_infringement", "client": "Hidden GmbH"}]
    add_expert(told, "open", cases=cases, **PATENT)
    add_expert(told, "shy", cases=cases, visibility={"cases": "staff"}, **PATENT)
    reasons = {h.entry["name_zh"]: [str(r) for r in h.reasons] for h in _hints(told)}
    assert any("cases at this forum" in r for r in reasons["专家open"])
    assert not any("cases at this forum" in r for r in reasons["专家shy"])
    assert "Hidden" not in str(_hints(told))


def test_a_firm_that_only_watches_is_told_too_and_no_conflict_with_it(told: House) -> None:
    add_expert(told, "against", clients=[{"name": "北泽照明股份有限公司", "role": "adverse"}], **PATENT)
    add_expert(told, "free", **PATENT)
    assert [h.entry["name_zh"] for h in _hints(told, "beta")] == ["专家free"]


def test_staff_have_a_page_of_their_own(told: House) -> None:
    actor = staff(told)
    with told.database.read() as session, pytest.raises(NotAllowed):
        case = session.scalars(select(Case).options(selectinload(Case.tags))).one()
        experts_for_firm(session, told.clock, actor, case)
