"""Firms of one case are put in touch when both agree, and only then; of the others nobody learns more than the number."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cases.facts import RawParty
from cases.models import Case
from core.actor import VISITOR
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from house import House
from jobs import desk as run_desk
from tests.factories import DEFENDANT, bring_firms, drain, firm_id, member, raw_case, record, staff
from warning.desk_models import DeskTask
from warning.joint import Joint, agree, joint_of, withdraw
from warning.joint_models import JointConsent
from warning.models import Alert

FIRMS = """firm,name,kind
alpha,海岚无人机科技股份有限公司,legal_zh
alpha,Hailan Drone Technology Co. Ltd.,legal_en
beta,北泽照明股份有限公司,legal_zh
beta,Beize Lighting Co. Ltd.,legal_en
delta,远泊精密仪器有限公司,legal_zh
delta,Yuanbo Precision Instruments Co. Ltd.,legal_en
"""
PARTIES = (
    RawParty("Acme Optics Inc.", "plaintiff"),
    RawParty(DEFENDANT, "defendant"),
    RawParty("Beize Lighting Co. Ltd.", "defendant"),
)


def _make(house: House) -> House:
    bring_firms(house, FIRMS)
    record(house, raw_case(parties=PARTIES))
    drain(house)
    return house


@pytest.fixture
def named(each_house: House) -> House:
    """A house where one public case names firms alpha and beta as defendants, and not firm delta."""
    return _make(each_house)


def _case(house: House) -> Case:
    with house.database.read() as session:
        return session.scalars(select(Case)).first()  # type: ignore[return-value]


def _seen(house: House, ref: str) -> Joint | None:
    actor = member(house, ref)
    with house.database.read() as session:
        return joint_of(session, actor, session.scalars(select(Case)).one())


def _agree(house: House, ref: str, contact: str = "") -> None:
    actor, case = member(house, ref), _case(house).id
    with house.database.write() as session:
        agree(session, house.clock, actor, case, contact or f"Legal of {ref}, 0571-1000")


def _withdraw(house: House, ref: str) -> None:
    actor, case = member(house, ref), _case(house).id
    with house.database.write() as session:
        withdraw(session, house.clock, actor, case)


def _told(house: House) -> list[uuid.UUID]:
    with house.database.read() as session:
        rows = session.scalars(select(Alert).order_by(Alert.id))
        return [a.firm_id for a in rows if a.trigger.startswith("joint:")]


def test_one_that_agrees_alone_learns_only_how_many_there_are(named: House) -> None:
    _agree(named, "alpha")
    mine, theirs = _seen(named, "alpha"), _seen(named, "beta")
    assert mine is not None and theirs is not None
    assert (mine.state, mine.others, mine.companions) == ("agreed", 1, ())
    assert (theirs.state, theirs.others, theirs.companions, theirs.contact) == ("not_agreed", 1, (), "")
    assert _told(named) == [] and _seen(named, "delta") is None


def test_both_that_agree_see_each_other_are_told_once_and_no_longer_once_one_takes_it_back(
    named: House,
) -> None:
    _agree(named, "alpha")
    _agree(named, "beta")
    mine, theirs = _seen(named, "alpha"), _seen(named, "beta")
    assert mine is not None and theirs is not None
    assert [(c.name_zh, c.contact) for c in mine.companions] == [
        ("北泽照明股份有限公司", "Legal of beta, 0571-1000")
    ]
    assert [c.name_zh for c in theirs.companions] == ["海岚无人机科技股份有限公司"]
    assert sorted(_told(named)) == sorted([firm_id(named, "alpha"), firm_id(named, "beta")])
    with named.database.read() as session:
        for alert in session.scalars(select(Alert).where(Alert.trigger.startswith("joint:"))):
            assert "北泽" not in str(alert.reasons) and str(firm_id(named, "beta")) not in alert.trigger
    _withdraw(named, "beta")
    mine, theirs = _seen(named, "alpha"), _seen(named, "beta")
    assert mine is not None and theirs is not None
    assert mine.companions == theirs.companions == () and theirs.state == "withdrawn"
    with named.database.read() as session:
        rows = {row.firm_id: row.contact for row in session.scalars(select(JointConsent))}
        assert rows[firm_id(named, "beta")] == "", "the contact is erased"
        actions = session.scalars(select(AuditRow.action).where(AuditRow.action.startswith("joint.")))
        assert list(actions) == ["joint.agree", "joint.agree", "joint.withdraw"]
    _agree(named, "beta")
    assert len(_told(named)) == 2


def test_nobody_is_telephoned_about_an_agreement(named: House) -> None:
    from datetime import timedelta

    _agree(named, "alpha")
    _agree(named, "beta")
    named.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]
    run_desk(named)
    with named.database.read() as session:
        tasks = session.scalars(select(DeskTask)).all()
        joint = set(session.scalars(select(Alert.id).where(Alert.trigger.startswith("joint:"))))
    assert tasks and not joint & {task.alert_id for task in tasks}


def test_whoever_is_not_named_beside_others_cannot_agree(named: House) -> None:
    with pytest.raises(NotFound):
        _agree(named, "delta")
    with pytest.raises(NotFound):
        _withdraw(named, "beta")
    with pytest.raises(BadInput):
        _agree(named, "alpha", "me")
    case = _case(named).id
    for actor in (staff(named), VISITOR):
        with pytest.raises(NotAllowed), named.database.write() as session:
            agree(session, named.clock, actor, case, "somebody, 1000")
        with named.database.read() as session:
            assert joint_of(session, actor, session.get_one(Case, case)) is None


@pytest.mark.parametrize(
    "parties",
    [
        (RawParty(DEFENDANT, "plaintiff"), RawParty("Beize Lighting Co. Ltd.", "defendant")),
        (RawParty(DEFENDANT, "party"), RawParty("Beize Lighting Co. Ltd.", "party")),
    ],
)
def test_opponents_and_those_of_unknown_side_are_no_companions(
    each_house: House, parties: tuple[RawParty, ...]
) -> None:
    bring_firms(each_house, FIRMS)
    record(each_house, raw_case(parties=parties))
    drain(each_house)
    assert _seen(each_house, "alpha") is None
    with pytest.raises(NotFound):
        _agree(each_house, "alpha")


def test_a_case_that_is_not_public_puts_nobody_in_touch(named: House) -> None:
    _agree(named, "alpha")
    _agree(named, "beta")
    with named.database.write() as session:
        session.scalars(select(Case)).one().status = "dismissed"
    mine = _seen(named, "alpha")
    assert mine is not None and (mine.others, mine.companions) == (0, ())


ACTS = st.tuples(st.sampled_from(["agree", "withdraw"]), st.sampled_from(["alpha", "beta", "delta"]))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=st.lists(ACTS, max_size=10))
def test_in_random_lives_two_see_each_other_exactly_while_both_agree(
    house: House, life: list[tuple[str, str]]
) -> None:
    with house.database.read() as session:
        is_made = session.scalar(select(Case.id)) is not None
    if not is_made:
        _make(house)
    with house.database.write() as session:
        session.query(JointConsent).delete()
    state = {"alpha": "not_agreed", "beta": "not_agreed"}
    for step, ref in life:
        may = ref in state and (state[ref] == "agreed") == (step == "withdraw")
        may = may and not (step == "withdraw" and state.get(ref) == "not_agreed")
        try:
            (_agree if step == "agree" else _withdraw)(house, ref)
            assert may
            state[ref] = "agreed" if step == "agree" else "withdrawn"
        except (NotFound, TransitionRefused):
            assert not may
        both = set(state.values()) == {"agreed"}
        for ours in state:
            seen = _seen(house, ours)
            assert seen is not None and seen.state == state[ours]
            assert bool(seen.companions) == both
