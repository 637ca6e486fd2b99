"""Joint tasks: each department has its day and its link, late replies are taken, nobody is passed over."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from experts.onward import joint
from experts.onward.models import JointTask
from house import House
from tests.experts.onward.surroundings import Surroundings, at


@pytest.fixture
def around(house: House) -> Surroundings:
    return Surroundings(house)


def test_the_task_is_due_when_its_last_department_is(around: Surroundings) -> None:
    at(around.house, date(2026, 9, 29))
    task = around.do(joint.begin_task, "writer", around.matter.id).id
    around.on(
        JointTask, task, joint.write_task, "writer", task, title="商请协助", question="请提供数据。",
        departments=[("海关", 2), ("市商务局", 5)],
    )  # fmt: skip
    around.tokens |= around.on(JointTask, task, joint.ask, "writer", task)
    due = {one.name: one.due_on for one in around.row(JointTask, task).departments}
    # 30 September, then 8 to 10 October (Saturday 10 is worked), 12 October
    assert due == {"海关": date(2026, 10, 8), "市商务局": date(2026, 10, 12)}
    assert around.row(JointTask, task).due_on == date(2026, 10, 12)
    around.do(joint.reply, "市商务局", task, text="出口额两千万元。")
    assert around.row(JointTask, task).due_on == date(2026, 10, 8)


def test_the_last_reply_brings_it_back_to_the_centre_for_three_days(around: Surroundings) -> None:
    task = around.task("asked")
    around.do(joint.reply, "海关", task, text="无扣留记录。")
    assert around.row(JointTask, task).state == "asked"
    one = next(one for one in around.row(JointTask, task).departments if one.name == "市商务局")
    around.do(joint.reply, "writer", task, text="来电答复：同意。", department_id=one.id)
    row = around.row(JointTask, task)
    assert row.state == "answered" and row.due_on == date(2026, 3, 5)
    assert {one.by_side for one in row.departments} == {"department", "staff"}


def test_a_late_reply_is_taken(around: Surroundings) -> None:
    task = around.task("asked")
    at(around.house, date(2026, 4, 20))
    around.do(joint.reply, "海关", task, text="迟复为歉。")
    assert around.row(JointTask, task).departments[1].reply == "迟复为歉。"


def test_no_department_is_passed_over_before_its_day(around: Surroundings) -> None:
    task = around.task("asked")
    with pytest.raises(BadInput, match="still has time"):
        around.on(JointTask, task, joint.take, "writer", task, "conclude", words="不等了。")
    due = around.row(JointTask, task).due_on
    at(around.house, due)
    with pytest.raises(BadInput, match="still has time"):
        around.on(JointTask, task, joint.take, "writer", task, "conclude", words="不等了。")
    at(around.house, date.fromordinal(due.toordinal() + 1))
    around.on(JointTask, task, joint.take, "writer", task, "conclude", words="按已有答复办理。")
    with pytest.raises(NotFound):
        around.who("海关")


def test_longer_time_is_given_with_a_reason(around: Surroundings) -> None:
    task = around.task("asked")
    one = around.row(JointTask, task).departments[0]
    with pytest.raises(BadInput):
        around.on(JointTask, task, joint.extend, "writer", task, one.id, days=3, reason=" ")
    around.on(JointTask, task, joint.extend, "writer", task, one.id, days=10, reason="需核查台账")
    assert around.row(JointTask, task).due_on == date(2026, 3, 16)


def test_asked_again_keeps_the_earlier_reply(around: Surroundings) -> None:
    task = around.task("answered")
    customs = next(one for one in around.row(JointTask, task).departments if one.name == "海关")
    around.tokens |= around.on(
        JointTask, task, joint.ask_again, "writer", task, [customs.id], words="请补充口岸。"
    )
    assert around.row(JointTask, task).state == "asked"
    around.do(joint.reply, "海关", task, text="上海口岸。")
    row = around.row(JointTask, task)
    assert row.state == "answered"
    assert next(one for one in row.departments if one.name == "海关").reply == "海关：已办理。\n\n上海口岸。"


def test_a_department_speaks_for_itself_alone(around: Surroundings) -> None:
    first = around.task("asked")
    seat = around.who("海关")
    around.do(joint.reply, seat, first, text="已办理。")
    with pytest.raises(TransitionRefused):
        around.do(joint.reply, seat, first, text="再说一次。")
    commerce = around.row(JointTask, first).departments[0]
    assert commerce.state == "waiting"
    second = around.task("asked")
    with pytest.raises(NotFound):
        around.do(joint.reply, seat, second, text="冒名。")


def test_the_firms_name_goes_to_departments_with_its_consent_alone(around: Surroundings) -> None:
    task = around.do(joint.begin_task, "writer", around.matter.id).id
    around.on(
        JointTask, task, joint.write_task, "writer", task, title="关于海岚无人机科技股份有限公司", question="请提供数据。",
        departments=[("海关", 5)],
    )  # fmt: skip
    with pytest.raises(BadInput, match="names the firm"):
        around.on(JointTask, task, joint.ask, "writer", task)
    around.agree_upward()
    around.on(JointTask, task, joint.ask, "writer", task)


@pytest.mark.parametrize("who", ["firm", "expert", "other_staff", "admin"])
def test_who_knows_of_a_task(around: Surroundings, who: str) -> None:
    task = around.task("asked")
    with pytest.raises((NotFound, NotAllowed)):
        around.on(JointTask, task, joint.take, who, task, "cancel", words="取消")
