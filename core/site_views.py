"""Pages that belong to no room: home, and what a supervisor asks."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from core import outbox
from core.errors import SeamarkError
from core.web import Gate, house, read_session, requires

BLUEPRINT = Blueprint("site", __name__)


@BLUEPRINT.get("/")
@requires(Gate.OPEN)
def home() -> ResponseReturnValue:
    """What this is, a search box, the newest cases, one's own alerts."""
    return render_template("home.html")


@BLUEPRINT.get("/healthz")
@requires(Gate.OPEN)
def health() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@BLUEPRINT.get("/readyz")
@requires(Gate.OPEN)
def ready() -> ResponseReturnValue:
    """Whether the database and the index answer, and how much waits; 503 when one does not."""
    report: dict[str, object] = {"database": "ok", "index": "ok", "backlog": {}}
    status = 200
    try:
        house().database.ping()
        with read_session() as session:
            report["backlog"] = outbox.backlog(session)
            for name, ask in current_app.extensions.get("seamark_health", {}).items():
                report[name] = ask(session)
    except Exception as error:
        # Whatever the driver raises, the supervisor needs an answer and not a page.
        report["database"], status = type(error).__name__, 503
    try:
        state = house().index.state()
        report["documents"] = state.documents
        if state.is_fallback:
            report["index"] = "fallback"
        elif state.live is None:
            report["index"] = "empty"
    except SeamarkError as error:
        report["index"], status = error.code, 503
    return jsonify(report), status
