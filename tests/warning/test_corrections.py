"""What staff say of tags: kept apart from the rules, honoured at every tagging anew, and told to nobody."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select

from cases.models import Case, Tag
from cases.query import get_case
from core.actor import VISITOR, Actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from core.outbox import OutboxRow
from house import House
from search.port import SearchRequest
from tests.factories import bring_firms, drain, member, origin, raw_case, record, staff
from tests.warning.bulletin_world import a_case
from warning.corrections import correct_tag, spoken_of, undo_correction, values_of
from warning.models import Alert
from warning.review_models import TagCorrection, Verdict
from warning.surge.counts import contributing

WHY = "The complaint is about the name, not the goods"
PATENT = ("dispute_type", "dt.patent_infringement")


def say(
    house: House,
    case: uuid.UUID,
    pair: tuple[str, str] = PATENT,
    verdict: Verdict = Verdict.REMOVE,
    why: str = WHY,
    *,
    seen: uuid.UUID | None = None,
    actor: Actor | None = None,
) -> TagCorrection:
    with house.database.write() as session:
        row = correct_tag(session, house.clock, actor or staff(house), case, *pair, verdict, why, seen=seen)
    drain(house)
    return row


def tags(house: House, case: uuid.UUID) -> set[tuple[str, str]]:
    with house.database.read() as session:
        return {(t.kind, t.value) for t in session.scalars(select(Tag).where(Tag.case_id == case))}


def found(house: House, **wanted: str) -> list[str]:
    filters = {name: (value,) for name, value in wanted.items()}
    page = house.index.search(SearchRequest(collection="cases", filters=filters), staff(house))
    return [hit.id for hit in page.hits]


def alerts(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count(Alert.id))) or 0


@pytest.fixture
def case(each_house: House) -> uuid.UUID:
    bring_firms(each_house)
    return a_case(each_house)


def test_a_removed_tag_leaves_the_search_and_the_counts_and_alerts_nobody(
    each_house: House, case: uuid.UUID
) -> None:
    assert PATENT in tags(each_house, case)
    assert found(each_house, dispute_type=PATENT[1]) == [str(case)]
    before = alerts(each_house)
    row = say(each_house, case)
    assert PATENT not in tags(each_house, case)
    assert found(each_house, dispute_type=PATENT[1]) == []
    assert alerts(each_house) == before
    with each_house.database.read() as session:
        on = session.get_one(Case, case).filed_on
        assert on is not None
        counted = contributing(*PATENT, first=on, last=on)
        assert case not in session.scalars(counted).all()
        # What the rules had said is kept beside the word against it.
        assert row.rule_said[0]["rule"] == "rule.dt.patent_infringement"
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject_id == str(case))).all()
    assert "tag.remove" in acts


def test_an_added_tag_is_found_and_alerts_nobody(each_house: House, case: uuid.UUID) -> None:
    pair = ("industry", "ind.biopharma")
    before = alerts(each_house)
    say(each_house, case, pair, Verdict.ADD, "The product is a vaccine")
    assert found(each_house, industry="ind.biopharma") == [str(case)]
    assert alerts(each_house) == before


def test_what_staff_say_survives_a_case_that_is_told_anew(each_house: House, case: uuid.UUID) -> None:
    added = ("industry", "ind.biopharma")
    say(each_house, case)
    say(each_house, case, added, Verdict.ADD, "The product is a vaccine")
    with each_house.database.read() as session:
        docket = session.get_one(Case, case).docket_number
    told = raw_case(docket, text="Complaint for patent infringement of an invention patent. Amended.")
    record(each_house, told, origin(each_house, authority=90))
    drain(each_house)
    with each_house.database.read() as session:
        assert "Amended" in session.get_one(Case, case).text
    assert PATENT not in tags(each_house, case)
    assert added in tags(each_house, case)


def test_a_confirmed_tag_stays_when_the_rules_say_it_no_more(each_house: House, case: uuid.UUID) -> None:
    say(each_house, case, verdict=Verdict.CONFIRM, why="")
    with each_house.database.read() as session:
        docket = session.get_one(Case, case).docket_number
    record(each_house, raw_case(docket, text="A notice."), origin(each_house, authority=90))
    drain(each_house)
    assert PATENT in tags(each_house, case)


def test_taking_back_lets_the_rules_speak_again(each_house: House, case: uuid.UUID) -> None:
    before = tags(each_house, case)
    row = say(each_house, case)
    with each_house.database.write() as session:
        undo_correction(
            session, each_house.clock, staff(each_house), row.id, each_house.understanding.tag_case
        )
    drain(each_house)
    assert tags(each_house, case) == before
    assert found(each_house, dispute_type=PATENT[1]) == [str(case)]
    with each_house.database.read() as session:
        (told,) = spoken_of(session, staff(each_house), case)
    assert told.ended_by is not None
    with pytest.raises(NotFound), each_house.database.write() as session:
        undo_correction(
            session, each_house.clock, staff(each_house), row.id, each_house.understanding.tag_case
        )


def test_two_who_speak_of_one_tag_do_not_overwrite_each_other(each_house: House, case: uuid.UUID) -> None:
    say(each_house, case, verdict=Verdict.CONFIRM, why="")
    with pytest.raises(StaleWrite):
        say(each_house, case)
    assert PATENT in tags(each_house, case)


def test_another_stage_takes_the_place_of_the_one_that_stands(each_house: House, case: uuid.UUID) -> None:
    standing = {pair for pair in tags(each_house, case) if pair[0] == "stage"}
    other = next(v for v in values_of("stage") if ("stage", v) not in standing)
    say(each_house, case, ("stage", other), Verdict.ADD, "The docket is further on")
    assert {pair for pair in tags(each_house, case) if pair[0] == "stage"} == {("stage", other)}


def test_what_cannot_be_said_is_refused(each_house: House, case: uuid.UUID) -> None:
    for pair, verdict, why in (
        (("venue", "v.us.txed"), Verdict.REMOVE, WHY),
        (("industry", "ind.nothing"), Verdict.ADD, WHY),
        (PATENT, Verdict.ADD, WHY),
        (("industry", "ind.biopharma"), Verdict.REMOVE, WHY),
        (PATENT, Verdict.REMOVE, "  "),
    ):
        with pytest.raises(BadInput):
            say(each_house, case, pair, verdict, why)
    for actor in (VISITOR, member(each_house, "alpha")):
        with pytest.raises(NotAllowed):
            say(each_house, case, actor=actor)
        with each_house.database.read() as session:
            assert spoken_of(session, actor, case) == []


def test_a_word_of_staff_wakes_no_watch_and_is_no_change_of_the_case(
    each_house: House, case: uuid.UUID
) -> None:
    say(each_house, case)
    with each_house.database.read() as session:
        told = session.scalars(
            select(OutboxRow).where(OutboxRow.topic == "case.tagged").order_by(OutboxRow.id.desc())
        ).first()
        assert told is not None and told.payload["backfill"] is True and told.payload["added"] == []
        assert get_case(session, staff(each_house), case).version == told.payload["version"]
