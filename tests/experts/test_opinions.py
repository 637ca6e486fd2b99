"""An opinion is written without loss, issued once under its hash, and corrected beside, never over."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select, update

from core.errors import BadInput, EvidenceDamaged, NotAllowed, NotFound, StaleWrite, TransitionRefused
from experts import casework, opinions
from experts.consultation_models import Consultation
from experts.opinion_models import Opinion
from house import House
from tests.experts.matter import TEXTS, Matter, listed_experts


@pytest.fixture
def matter(each_house: House) -> Matter:
    return Matter(each_house)


def _issued(matter: Matter, who: str = "firm", number: int = 1) -> Opinion:
    with matter.house.database.read() as session:
        return opinions.get_issued(session, matter.actors[who], matter.id, number)[1]


def test_two_windows_do_not_overwrite_each_other(matter: Matter) -> None:
    matter.to("guiding")
    matter.write(facts="first")
    with pytest.raises(StaleWrite) as caught:
        matter.do(opinions.write_opinion, "expert", matter.id, {**TEXTS, "facts": "second"}, seen_version=0)
    assert caught.value.details["yours"]["facts"] == "second"  # type: ignore[index]
    assert caught.value.details["current"]["facts"] == "first"  # type: ignore[index]
    with matter.house.database.read() as session:
        assert session.scalars(select(Opinion)).one().sections["facts"] == "first"


def test_only_a_whole_opinion_is_sent(matter: Matter) -> None:
    matter.to("guiding")
    matter.write(risk="", agencies="")
    with pytest.raises(BadInput) as caught:
        matter.do(opinions.send_opinion, "expert", matter.id, seen_version=1)
    assert list(caught.value.details["fields"]) == ["risk"]  # type: ignore[call-overload]
    with pytest.raises(BadInput, match="too long"):
        matter.write(facts="x" * 20_001)


def test_nobody_else_writes_it(matter: Matter) -> None:
    matter.to("guiding")
    for who, error in (
        ("staff", NotAllowed),
        ("firm", NotAllowed),
        ("second", NotFound),
        ("other_staff", NotFound),
    ):
        with pytest.raises(error):
            matter.write(who)


def test_the_firm_reads_it_once_issued_and_its_hash_is_that_of_its_content(matter: Matter) -> None:
    matter.to("opinion_draft")
    with pytest.raises(NotFound):
        _issued(matter)
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        assert opinions.draft_of(session, matter.actors["firm"], row) is None
        assert opinions.draft_of(session, matter.actors["staff"], row) is not None
    matter.to("opinion_issued")
    opinion = _issued(matter)
    assert opinion.sha256 == hashlib.sha256(opinions.content_of(opinion, matter.now)).hexdigest()
    assert (opinion.number, opinion.issued_by, opinion.author) == (1, "user:signer", "专家one")
    for who in ("firm_b", "second", "other_staff", "admin"):
        with pytest.raises(NotFound):
            _issued(matter, who)


def test_what_was_issued_cannot_be_changed_by_any_service(matter: Matter) -> None:
    matter.to("opinion_issued")
    with pytest.raises(TransitionRefused):
        matter.write(facts="better")
    for change in ({"sections": {"facts": "better"}}, {"state": "draft"}, {"sha256": "0" * 64}):
        with (
            pytest.raises(TransitionRefused, match="cannot be changed"),
            matter.house.database.write() as session,
        ):
            opinion = session.scalars(select(Opinion)).one()
            for name, value in change.items():
                setattr(opinion, name, value)
    assert _issued(matter).sections["facts"] == TEXTS["facts"]


def test_a_change_behind_the_programs_back_is_noticed(matter: Matter) -> None:
    matter.to("opinion_issued")
    with matter.house.database.write() as session:
        session.execute(update(Opinion).values(author="somebody else"))
    with pytest.raises(EvidenceDamaged):
        _issued(matter)


def test_a_correction_stands_beside_what_it_corrects(matter: Matter) -> None:
    matter.to("opinion_issued")
    first = _issued(matter)
    with pytest.raises(BadInput):
        matter.on(opinions.ask_correction, "staff", note="")
    matter.on(opinions.ask_correction, "staff", note="答辩期限按送达证明日计算")
    assert _issued(matter).sha256 == first.sha256
    matter.send()
    matter.to("opinion_issued")
    second = _issued(matter, number=2)
    assert second.correction == "答辩期限按送达证明日计算"
    assert _issued(matter).sha256 == first.sha256 != second.sha256
    with matter.house.database.read() as session:
        assert [o.number for o in opinions.issued_of(session, matter.now)] == [2, 1]


def test_a_returned_opinion_goes_on_where_it_was(matter: Matter) -> None:
    matter.to("opinion_draft")
    with pytest.raises(BadInput):
        matter.on(opinions.return_opinion, "staff", note="")
    matter.on(opinions.return_opinion, "staff", note="请补充德国部分")
    matter.write(facts="better")
    matter.to("opinion_issued")
    assert len(_all(matter)) == 1


def _all(matter: Matter) -> list[Opinion]:
    with matter.house.database.read() as session:
        return list(session.scalars(select(Opinion)))


def test_the_draft_of_an_expert_who_stepped_aside_is_not_the_next_ones(matter: Matter) -> None:
    matter.to("guiding")
    matter.write(facts="mine")
    matter.on(casework.decline, "expert", conflict="冲突")
    matter.on(casework.assign, "staff", matter.second_id, listed_experts)
    matter.on(casework.declare, "second")
    matter.on(casework.begin_advice, "second")
    with matter.house.database.read() as session:
        assert (
            opinions.draft_of(session, matter.actors["second"], session.get_one(Consultation, matter.id))
            is None
        )
    matter.do(opinions.write_opinion, "second", matter.id, TEXTS, seen_version=0)
    matter.do(opinions.send_opinion, "second", matter.id, seen_version=1)
    matter.to("opinion_issued")
    assert _issued(matter).author == "专家two"
