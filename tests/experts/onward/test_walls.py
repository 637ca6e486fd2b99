"""Walls: what one side says the other never reads, and nobody of the centre reads who was not let in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from core.actor import Actor, Role, system_actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from experts.onward import mediations, walls
from experts.onward.mediation_models import Mediation
from experts.onward.models import Referral
from experts.onward.moving import history_of
from house import House
from tests.experts.onward.surroundings import ROOMS, Surroundings, at

#: who -> rooms; written by hand beside the code that decides it
READS: dict[str, set[str]] = {
    "firm": {"joint", "firm"},
    "other": {"joint", "other"},
    "neutral": {"joint", "firm", "other", "neutral"},
}
NOBODY = ("firm_b", "writer", "checker", "signer", "outsider", "other_staff", "expert", "second", "admin")


@pytest.fixture
def around(house: House) -> Surroundings:
    return Surroundings(house)


def say_everywhere(around: Surroundings, mediation: Any) -> None:
    for room in ROOMS:
        around.say(mediation, "neutral", room, f"words for {room}")


def heard(around: Surroundings, mediation: Any, who: str | Actor) -> set[str]:
    """Rooms whose words somebody reads; nothing for one who may not know of the procedure."""
    try:
        return {words.removeprefix("words for ") for words in around.hear(mediation, who)}
    except NotFound:
        return set()


def test_everybody_reads_their_rooms_and_nothing_else(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    say_everywhere(around, mediation)
    for who, rooms in READS.items():
        assert heard(around, mediation, who) == rooms, who
    for who in NOBODY:
        assert heard(around, mediation, who) == set(), who
    for actor in (system_actor("job"), system_actor("job", around.centre)):
        assert heard(around, mediation, actor) == set()


def test_nobody_writes_where_they_do_not_read(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    for who in (*READS, *NOBODY):
        for room in ROOMS:
            if room in READS.get(who, set()):
                around.say(mediation, who, room, "words")
            else:
                with pytest.raises(NotFound):
                    around.say(mediation, who, room, "words")


def let_in(around: Surroundings, mediation: Any, who: str, room: str, by: str = "signer") -> Any:
    return around.on(
        Mediation, mediation, walls.let_in, by, mediation, around.actors[who].user_id, room=room, reason="协助传译"
    )  # fmt: skip


def test_whoever_is_let_in_reads_that_room_until_they_are_let_out(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    say_everywhere(around, mediation)
    inside = let_in(around, mediation, "insider", "firm")
    assert heard(around, mediation, "insider") == {"joint", "firm"}
    assert heard(around, mediation, "outsider") == set()
    around.on(Mediation, mediation, walls.let_out, "signer", mediation, inside.id)
    assert heard(around, mediation, "insider") == set()
    with pytest.raises(BadInput, match="inside the wall of the other side"):
        let_in(around, mediation, "insider", "other")


def test_who_lets_in_and_whom(around: Surroundings) -> None:
    mediation = around.mediation("agreed")
    for by in ("writer", "firm", "expert"):
        with pytest.raises((NotAllowed, NotFound)):
            let_in(around, mediation, "insider", "joint", by=by)
    with pytest.raises(NotAllowed, match="themselves"):
        let_in(around, mediation, "signer", "joint")
    with pytest.raises(BadInput):
        let_in(around, mediation, "insider", "neutral")
    let_in(around, mediation, "other_signer", "joint")
    assert heard(around, mediation, "signer") == set()


def test_an_expert_of_the_firm_never_stands_on_the_other_side(around: Surroundings) -> None:
    around.matter.to("guiding")
    mediation = around.mediation("in_session")
    say_everywhere(around, mediation)
    assert heard(around, mediation, "expert") == set(), "advising the firm opens no room"
    with pytest.raises(BadInput, match="asked to advise the firm"):
        let_in(around, mediation, "expert", "other")
    let_in(around, mediation, "expert", "firm")
    assert heard(around, mediation, "expert") == {"joint", "firm"}


def test_a_neutral_hears_nobody_before_declaring_and_nothing_after_stepping_aside(
    around: Surroundings,
) -> None:
    mediation = around.mediation("agreed")
    around.propose(mediation, "neutral")
    around.say(mediation, "firm", "firm", "words for firm")
    assert heard(around, mediation, "neutral") == set()
    around.declare(mediation, "neutral")
    assert heard(around, mediation, "neutral") == {"firm"}
    token = around.who("neutral")
    around.declare(mediation, "neutral", is_free=False)
    assert heard(around, mediation, token) == set()
    assert around.row(Mediation, mediation).state == "agreed", "nobody is left"
    with pytest.raises(NotFound):
        around.who("neutral")


def test_all_neutrals_declare_before_it_may_begin(around: Surroundings) -> None:
    mediation = around.mediation("agreed")
    around.propose(mediation, "one")
    around.propose(mediation, "two")
    around.declare(mediation, "one")
    assert around.row(Mediation, mediation).state == "proposed"
    around.declare(mediation, "two", is_free=False)
    assert around.row(Mediation, mediation).state == "declared"
    with pytest.raises(BadInput, match="may object"):
        around.step_mediation(mediation, "begin", "writer")


@pytest.mark.parametrize("side", ["firm", "other"])
def test_either_side_objects_to_a_neutral_in_time(around: Surroundings, side: str) -> None:
    mediation = around.mediation("declared")
    neutral = around.row(Mediation, mediation).neutrals[0]
    for who in ("writer", "neutral"):
        with pytest.raises(NotAllowed):
            around.on(Mediation, mediation, mediations.challenge, who, mediation, neutral.id, reason="不中立")
    with pytest.raises(BadInput):
        around.on(Mediation, mediation, mediations.challenge, side, mediation, neutral.id, reason=" ")
    around.on(Mediation, mediation, mediations.challenge, side, mediation, neutral.id, reason="不中立")
    assert around.row(Mediation, mediation).state == "agreed"


def test_nobody_objects_after_the_last_day(around: Surroundings) -> None:
    mediation = around.mediation("declared")
    neutral = around.row(Mediation, mediation).neutrals[0]
    at(around.house, neutral.challenge_until.fromordinal(neutral.challenge_until.toordinal() + 1))
    with pytest.raises(BadInput, match="not open"):
        around.on(Mediation, mediation, mediations.challenge, "firm", mediation, neutral.id, reason="不中立")
    around.step_mediation(mediation, "begin", "writer")


def test_terms_stay_inside_and_the_desk_reads_that_it_was_settled(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    around.step_mediation(mediation, "settle", "neutral", words="许可费减半，分三年支付。")
    for who in ("firm", "other", "neutral"):
        assert "许可费减半，分三年支付。" in around.hear(mediation, who)
    assert around.hear(mediation, "writer") == []
    row = around.row(Mediation, mediation)
    referral = around.row(Referral, row.referral_id)
    assert (row.state, referral.state, referral.outcome) == ("settled", "done", "settled")
    with around.house.database.read() as session:
        assert all("许可费" not in step.note for step in history_of(session, row))


@pytest.mark.parametrize("step", ["settle", "award", "fail"])
def test_only_a_neutral_who_has_declared_ends_it(around: Surroundings, step: str) -> None:
    mediation = around.mediation("in_session")
    for who in ("firm", "other", "writer", "signer"):
        with pytest.raises(NotAllowed):
            around.step_mediation(mediation, step, who, words="就这样。")
    with pytest.raises(BadInput):
        around.step_mediation(mediation, step, "neutral", words=" ")


def test_words_lie_sealed_in_the_store_and_leave_no_trace_in_the_audit(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    around.say(mediation, "firm", "firm", "底线是八十万")
    with around.house.database.read() as session:
        stored = [bytes(row[0]) for row in session.execute(text("select sealed from mediation_statement"))]
        assert stored and all("底线".encode() not in one for one in stored)
        said = session.scalars(select(AuditRow).where(AuditRow.action == "mediation.said")).all()
        assert [row.fields for row in said] == [["room", "statement"]]
    around.hear(mediation, "neutral")
    with around.house.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "mediation.read")).all()


def test_nothing_is_said_after_the_end_and_every_door_is_locked_at_the_close(around: Surroundings) -> None:
    mediation = around.mediation("closed")
    with pytest.raises(TransitionRefused):
        around.say(mediation, "firm", "firm", "还有一点")
    for seat in ("other", "neutral"):
        with pytest.raises(NotFound):
            around.who(seat)
    assert around.hear(mediation, "firm"), "the firm goes on reading what was said to it"


def test_an_old_link_ends_when_a_new_one_is_made(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    old = around.who("other")
    token = around.do(mediations.new_link, "writer", mediation, None)
    with pytest.raises(NotFound):
        around.who("other")
    say_everywhere(around, mediation)
    assert heard(around, mediation, old) == set()
    around.tokens["other"] = token
    assert heard(around, mediation, "other") == {"joint", "other"}


def test_a_seat_of_one_procedure_opens_no_other(around: Surroundings) -> None:
    first = around.mediation("in_session")
    stranger, second = around.who("other"), None
    around.tokens.pop("other")
    second = around.mediation("in_session")
    around.say(second, "firm", "joint", "words for joint")
    assert heard(around, second, stranger) == set() and first != second


def test_nobody_abroad_is_asked_before_the_caution(around: Surroundings) -> None:
    mediation = around.mediation()
    with pytest.raises(BadInput, match="caution"):
        around.ask_other(mediation, read=False)
    around.ask_other(mediation)
    around.step_mediation(mediation, "consent", "other")
    with pytest.raises(BadInput, match="caution"):
        around.propose(mediation, "neutral", region="SG")
    around.read_caution("mediation", mediation, "调解员neutral", "SG")
    around.propose(mediation, "neutral", region="SG")


def test_sessions_are_planned_by_the_centre_and_by_neutrals(around: Surroundings) -> None:
    mediation = around.mediation("in_session")
    day = around.house.clock.now().date()
    for who in ("writer", "neutral"):
        around.do(mediations.plan_meeting, who, mediation, on=day, how="线上")
    for who in ("firm", "other"):
        with pytest.raises(NotAllowed):
            around.do(mediations.plan_meeting, who, mediation, on=day, how="线上")
    with pytest.raises(BadInput):
        around.do(mediations.plan_meeting, "writer", mediation, on=day.replace(year=2020), how="线上")
    assert len(around.row(Mediation, mediation).meetings) == 2


def test_a_seat_is_no_role_of_an_account() -> None:
    from core.actor import ACCOUNT_ROLES

    assert not {Role.DEPARTMENT, Role.OTHER_SIDE, Role.NEUTRAL} & set(ACCOUNT_ROLES)
