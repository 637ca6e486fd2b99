"""Similar cases: of the same kind of dispute, ended ones first, and never one that may not be seen."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cases.models import Case, Tag
from cases.similar import similar_cases
from core.actor import VISITOR, system_actor
from house import House
from tests.factories import raw_case, record


def _case(
    house: House, number: int, venue: str, tags: tuple[str, ...], is_ip: bool = True, **facts: Any
) -> None:
    made = record(house, raw_case(f"2:26-cv-7{number:04d}", venue=venue, **facts), is_ip=is_ip)
    with house.database.write() as session:
        for value in tags:
            kind = "industry" if value.startswith("ind.") else "dispute_type"
            session.add(
                Tag(
                    case_id=made.case_id, kind=kind, value=value, rule="r", rulebook="1",
                    field="text", start=0, end=1, text="x", weight=1.0,
                )
            )  # fmt: skip


def test_ended_first_then_what_shares_most_then_the_newest(each_house: House) -> None:
    house, patent, drone = each_house, "dt.patent_infringement", "ind.next_gen_ict"
    _case(house, 0, "v.us.txed", (patent, drone))
    _case(house, 1, "v.us.txed", (patent, drone), filed_on=date(2026, 1, 1), events=())
    _case(house, 2, "v.us.cacd", (patent, drone), outcome="Settled", filed_on=date(2025, 1, 1), events=())
    _case(house, 3, "v.us.txed", (patent, drone), outcome="Dismissed", filed_on=date(2024, 1, 1), events=())
    _case(house, 4, "v.us.cacd", (patent,), outcome="Shares too little")
    _case(house, 5, "v.us.txed", ("dt.trademark_infringement", drone), outcome="Another kind")
    _case(house, 6, "v.us.txed", (patent,), filed_on=date(2026, 2, 1), events=())
    _case(house, 7, "v.us.txed", (patent, drone), is_ip=False)
    with house.database.read() as session:
        query = select(Case).where(Case.docket_number == "2:26-cv-70000").options(selectinload(Case.tags))
        like = session.scalars(query).one()
        found = similar_cases(session, VISITOR, like)
        assert [one.case.docket_number[-1] for one in found] == ["3", "2", "1", "6"]
        assert [(one.same_industry, one.same_forum) for one in found] == [
            (True, True), (True, False), (True, True), (False, True),
        ]  # fmt: skip
        assert "7" in {o.case.docket_number[-1] for o in similar_cases(session, system_actor("x"), like)}
        assert len(similar_cases(session, VISITOR, like, limit=2)) == 2


def test_a_case_without_a_kind_of_dispute_is_like_no_other(each_house: House) -> None:
    _case(each_house, 0, "v.us.txed", ())
    with each_house.database.read() as session:
        like = session.scalars(select(Case).options(selectinload(Case.tags))).one()
        assert similar_cases(session, VISITOR, like) == []
