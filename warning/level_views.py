"""The warning level on a case page, for staff: the rule's answer with its reasons, and a level set by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.models import Case
from core.actor import Actor, Permission
from core.web import (
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    write_session,
)
from warning.bulletin_reading import people
from warning.levels import LEAST_REASON, MOST_REASON, decide_level, decisions_of, level_of_case, undo_level
from warning.schemas import LevelSchema, LevelUndoSchema
from warning.severity import LEVELS, level_words

BLUEPRINT = Blueprint("levels", __name__)
_DECIDE, _UNDO = LevelSchema(), LevelUndoSchema()


@BLUEPRINT.post("/cases/<case_id>/level")
@requires(Permission.LEVEL_SET)
def decide(case_id: str) -> ResponseReturnValue:
    """Set a case's level by hand."""
    values = load(_DECIDE, request.form)
    with write_session() as session:
        decide_level(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(case_id),
            values["level"],
            values["reason"],
            seen=values["seen"],
        )
    flash(gettext("The level is set. It can be undone below."), "done")
    return redirect(url_for("cases.show", case_id=case_id) + "#level")


@BLUEPRINT.post("/cases/<case_id>/level/undo")
@requires(Permission.LEVEL_SET)
def undo(case_id: str) -> ResponseReturnValue:
    """Let the rule decide again."""
    values = load(_UNDO, request.form)
    with write_session() as session:
        undo_level(session, house().clock, current_actor(), uuid_or_404(case_id), seen=values["seen"])
    flash(gettext("Undone: the rule's level counts again."), "done")
    return redirect(url_for("cases.show", case_id=case_id) + "#level")


def _case_level(actor: Actor, *, case: Case, **context: Any) -> str:
    if not actor.may(Permission.LEVEL_SET) or actor.centre_id is None:
        return ""
    with read_session() as session:
        found = level_of_case(session, house().clock, actor, case)
        told = decisions_of(session, actor, case.id)
        names = [name for row in told for name in (row.decided_by, row.ended_by) if name]
        return render_template(
            "warning/_case_level.html",
            case=case,
            found=found,
            past=[row for row in told if row.ended_at is not None],
            people=people(session, actor, names),
            levels=LEVELS,
            level_words=level_words,
            least=LEAST_REASON,
            most=MOST_REASON,
        )


def init_levels(app: Flask) -> None:
    """Give ``app`` the level's routes, and the case page what it shows of it."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "case.level", _case_level)
