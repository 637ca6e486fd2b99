"""Referrals by one mechanism: what is passed on is what the firm agreed to, and nobody abroad gets it unwarned."""

from __future__ import annotations

import pytest

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from experts.correspondence import messages_of
from experts.onward import abroad, referrals
from experts.onward.kinds import KINDS
from experts.onward.models import Referral
from house import House
from tests.experts.onward.surroundings import Surroundings


@pytest.fixture
def around(house: House) -> Surroundings:
    return Surroundings(house)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_goes_the_same_way(around: Surroundings, kind: str) -> None:
    referral = around.referral("taken", kind)
    row = around.row(Referral, referral)
    assert row.state == "taken"
    with around.house.database.read() as session:
        procedure = referrals.procedure_of(session, around.actors["writer"], row)
    assert (procedure is not None) == KINDS[kind].has_procedure
    if procedure is not None:
        assert procedure.kind == kind and procedure.other_name == "Acme Optics Inc."
        with pytest.raises(BadInput, match="procedure itself"):
            around.step_referral(referral, "record_outcome", "writer", outcome="helped")
        with pytest.raises(BadInput, match="procedure itself"):
            around.step_referral(referral, "withdraw", "firm")
        return
    around.step_referral(referral, "record_outcome", "writer", outcome="helped", words="已处理。")
    around.step_referral(referral, "close", "writer")
    assert around.row(Referral, referral).outcome == "helped"


def test_insurers_are_asked_two_at_least(around: Surroundings) -> None:
    referral = around.referral("prepared", "insurance")
    told = {"cover": "无人机，美国"}
    around.write_referral(referral, told, institutions=[around.institution("insurance")])
    with pytest.raises(BadInput, match="at least 2"):
        around.step_referral(referral, "propose", "writer")
    around.write_referral(referral, told)
    around.step_referral(referral, "propose", "writer")


def test_what_is_changed_after_the_firm_agreed_needs_its_consent_anew(around: Surroundings) -> None:
    referral = around.referral("agreed", "customs")
    with around.house.database.write() as session:
        session.get_one(Referral, referral).passes = ["firm", "forum", "contact"]
    with pytest.raises(BadInput, match="not what the firm agreed to"):
        around.step_referral(referral, "send", "writer")


def test_a_firm_that_does_not_agree_says_why_and_is_asked_again(around: Surroundings) -> None:
    referral = around.referral("firm_asked", "customs")
    with pytest.raises(BadInput):
        around.step_referral(referral, "disagree", "firm")
    around.step_referral(referral, "disagree", "firm", words="不要转出联系方式。")
    with pytest.raises(TransitionRefused):
        around.step_referral(referral, "send", "writer")
    around.step_referral(referral, "propose", "writer")
    around.step_referral(referral, "agree", "firm")
    around.step_referral(referral, "send", "writer")


def test_the_firm_hears_that_it_is_asked(around: Surroundings) -> None:
    referral = around.referral("firm_asked", "legal_aid")
    with around.house.database.read() as session:
        told = messages_of(session, around.actors["firm"], around.matter.now)
    assert around.row(Referral, referral).number in told[-1].text


@pytest.mark.parametrize("who", ["firm_b", "expert", "second", "other_staff", "admin"])
def test_nobody_else_knows_of_it(around: Surroundings, who: str) -> None:
    referral = around.referral("firm_asked")
    for step in ("agree", "withdraw", "send"):
        with pytest.raises(NotFound):
            around.step_referral(referral, step, who)
    with pytest.raises((NotFound, NotAllowed)):
        around.do(referrals.begin_referral, who, around.matter.id, "customs", {})


def test_none_took_it_and_others_are_asked(around: Surroundings) -> None:
    referral = around.referral("not_taken", "exhibition")
    around.step_referral(referral, "prepare", "writer")
    with pytest.raises(BadInput, match="Choose an institution"):
        around.step_referral(referral, "propose", "writer")
    around.write_referral(referral, {"fair": "汉诺威"}, institutions=[around.institution("exhibition", 1)])
    for step, who in (("propose", "writer"), ("agree", "firm"), ("send", "writer")):
        around.step_referral(referral, step, who)
    around.answer_all(referral, is_taken=True)
    row = around.row(Referral, referral)
    assert row.state == "taken" and sorted(one.answer for one in row.recipients) == ["declined", "taken"]


def test_no_institution_abroad_before_the_caution(around: Surroundings) -> None:
    with around.house.database.read() as session:
        found = referrals.choices_for(session, around.actors["writer"], "mediation")
        foreign = next(one for one in found if abroad.is_abroad(one.region))
    referral = around.referral("prepared")
    around.write_referral(referral, {"dispute": "专利许可费"}, institutions=[foreign.id])
    around.step_referral(referral, "propose", "writer")
    around.step_referral(referral, "agree", "firm")
    with pytest.raises(BadInput, match="caution"):
        around.step_referral(referral, "send", "writer")
    around.read_caution("referral", referral, foreign.name_zh, foreign.region)
    around.step_referral(referral, "send", "writer")


def test_the_caution_is_whole_or_not_read(around: Surroundings) -> None:
    referral = around.referral("agreed")
    told = {
        "recipient": "Smith LLP",
        "region": "US",
        "confirmed": list(abroad.POINTS),
        "note": "只含公开文书",
    }
    for field, value in (("recipient", ""), ("region", ""), ("confirmed", ["data"]), ("note", "")):
        with pytest.raises(BadInput) as caught:
            around.do(abroad.acknowledge, "writer", "referral", referral, **{**told, field: value})
        assert set(caught.value.details["fields"]) == {field}  # type: ignore[call-overload]
    for who in ("expert", "firm_b", "other_staff"):
        with pytest.raises((NotFound, NotAllowed)):
            around.do(abroad.acknowledge, who, "referral", referral, **told)
    around.do(abroad.acknowledge, "firm", "referral", referral, **told)
    with around.house.database.read() as session:
        row = abroad.acknowledged(session, "referral", referral, "Smith LLP", "US")
    assert row is not None and row.by == around.actors["firm"].name


@pytest.mark.parametrize("region", ["HK", "MO", "TW", "US", ""])
def test_beyond_the_mainland_is_abroad(region: str) -> None:
    assert abroad.is_abroad(region) and not abroad.is_abroad("CN")


def test_an_institution_of_another_centre_is_refused(around: Surroundings) -> None:
    referral = around.referral("prepared", "customs")
    with pytest.raises(BadInput, match="directory"):
        around.write_referral(referral, {"goods": "无人机"}, institutions=[around.matter.id])
