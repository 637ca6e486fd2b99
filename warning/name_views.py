"""The names desk, what the firm's page shows staff of names that matches teach, and the form that decides on one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

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
from enterprises.models import Firm, NameKind
from warning.bulletin_reading import people
from warning.name_suggestions import refuse, suggestions, take_in
from warning.names_desk import answered_lately, count_likely, list_likely, undo_answer
from warning.schemas import MatchDecisionSchema

BLUEPRINT = Blueprint("names", __name__)
_DECISION = MatchDecisionSchema()


@BLUEPRINT.get("/names")
@requires(Permission.FIRM_WRITE)
def desk() -> ResponseReturnValue:
    """Likely matches, one form of a name after the other."""
    with read_session() as session:
        actor = current_actor()
        lately = answered_lately(session, actor)
        return render_template(
            "warning/names_desk.html",
            page=list_likely(session, actor, cursor=request.args.get("cursor")),
            waiting=count_likely(session, actor),
            lately=lately,
            people=people(session, actor, [answer.answered_by for answer, _, _ in lately]),
            kinds=[kind.value for kind in NameKind],
        )


@BLUEPRINT.post("/names/answers/<answer_id>/undo")
@requires(Permission.FIRM_WRITE)
def undo(answer_id: str) -> ResponseReturnValue:
    """Take an answer back."""
    with write_session() as session:
        answer = undo_answer(session, house().clock, current_actor(), uuid_or_404(answer_id))
    flash(gettext("Taken back; stored cases are compared with %(name)s anew.", name=answer.name), "done")
    return redirect(url_for("names.desk") + "#next")


@BLUEPRINT.post("/firms/<firm_id>/matches/<match_id>")
@requires(Permission.FIRM_WRITE)
def decide(firm_id: str, match_id: str) -> ResponseReturnValue:
    """Make the party's form a name of the firm, or write down that it is somebody else's."""
    values = load(_DECISION, request.form)
    firm, match = uuid_or_404(firm_id), uuid_or_404(match_id)
    actor, clock = current_actor(), house().clock
    with write_session() as session:
        if values["step"] == "take_in":
            kept = take_in(session, clock, actor, firm, match, values["kind"])
            flash(
                gettext("%(name)s was added; stored cases are compared with it now.", name=kept.name), "done"
            )
        else:
            other = refuse(session, clock, actor, firm, match)
            flash(
                gettext("%(name)s is noted as somebody else; it is not matched again.", name=other.name),
                "done",
            )
    if values["back"] == "desk":
        return redirect(url_for("names.desk") + "#next")
    return redirect(url_for("enterprises.show", firm_id=firm_id) + "#suggested")


def _suggested(actor: Actor, *, firm: Firm, **context: Any) -> str:
    with read_session() as session:
        found = suggestions(session, actor, firm)
        if not found:
            return ""
        kinds = [kind.value for kind in NameKind]
        return render_template("warning/_suggested_names.html", firm=firm, suggested=found, kinds=kinds)


def init_names(app: Flask) -> None:
    """Give ``app`` the decision on a match, and the firm's page what matches suggest."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "firm.names", _suggested)
