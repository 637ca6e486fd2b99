"""Grave desk tasks reach the robots of the centre's own staff: what, how grave, by when. No firm is named there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.centres import Centre
from core.outbox import Message as Happened
from core.said import said
from notify.letters import Item, Letter, Words
from notify.sending import Mailroom
from notify.topics import DESK_TASK
from warning.bulletin_telling import LEVEL_WORDS
from warning.desk_clocks import load_desk_clocks
from warning.desk_models import DeskTask, TaskState

#: levels whose tasks a robot tells of, the gravest of them at once
TOLD, URGENT = ("L1", "L2"), "L1"
#: tasks a message tells in full
MOST_ITEMS = 10


class DeskNews:
    """Consumer of task.made: lets the staff's robots tell of tasks of level I and II."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to the robots of each centre for its tasks of ``happened``."""
        ids = [uuid.UUID(row.payload["task"]) for row in happened]
        made: dict[tuple[uuid.UUID, bool], list[uuid.UUID]] = {}
        query = select(DeskTask).where(DeskTask.id.in_(ids), DeskTask.level.in_(TOLD)).order_by(DeskTask.id)
        for task in session.scalars(query):
            made.setdefault((task.centre_id, task.level == URGENT), []).append(task.id)
        for (centre_id, is_urgent), tasks in made.items():
            self._mailroom.tell_robots(session, DESK_TASK, centre_id, tasks, is_urgent=is_urgent)


def compose_tasks(session: Session, robot_id: uuid.UUID, task_ids: Sequence[uuid.UUID]) -> Letter | None:
    """The tasks that are still open, the first due first; None when all were worked off meanwhile."""
    rows = session.execute(
        select(DeskTask, Case)
        .join(Case, Case.id == DeskTask.case_id)
        .where(DeskTask.id.in_(task_ids), DeskTask.state == TaskState.OPEN.value)
        .order_by(DeskTask.due_at, DeskTask.id)
    ).all()
    if not rows:
        return None
    zone = session.get_one(Centre, rows[0][0].centre_id).zone
    items = [_item(task, case, zone) for task, case in rows[:MOST_ITEMS]]
    subject = said("Seamark: %(what)s", what=items[0].heading)
    if len(rows) > 1:
        subject = said("Seamark: %(count)s new desk tasks of level I or II", count=len(rows))
    return Letter(
        subject,
        said("New on the desk, the first due first."),
        items,
        said("To the centre's staff. Firms and receivers are named on the site alone."),
        short_path="/desk",
    )


def _item(task: DeskTask, case: Case, zone: str) -> Item:
    due = task.due_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    label = load_taxonomy().label
    return Item(
        heading=said("Desk task: %(kind)s", kind=Words(*load_desk_clocks().names[task.kind])),
        # The docket number alone: a caption may hold the firm's name.
        title=case.docket_number,
        facts=[
            (said("Level"), LEVEL_WORDS[task.level]),
            (said("Due"), due),
            (said("Forum"), Words(label(case.venue, "zh"), label(case.venue, "en"))),
        ],
        reasons=(),
        path=f"/desk/tasks/{task.id}",
        link=said("Open the task"),
        subject_id=task.id,
        data={"task": {"id": task.id, "kind": task.kind, "level": task.level, "due_at": task.due_at}},
    )
