"""Who holds a request: the code in this browser's cookie, and what the pages of the entry share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from cases.deadlines.reading import load_clocks
from core.errors import NotFound
from core.i18n import language
from core.said import said
from core.web import house
from experts.entry import asking
from experts.entry.models import EntryRequest
from knowledge.first_hours import load_first_hours

BLUEPRINT = Blueprint("entry", __name__, url_prefix="/entry")
COOKIE = "seamark_entry"


def held_code() -> str:
    """The code that this browser holds, "" for none."""
    return str(g.get("entry_code") or request.cookies.get(COOKIE, ""))


def held(session: Session) -> EntryRequest:
    """The request that this browser holds. Raises NotFound."""
    code = held_code()
    if not code:
        raise NotFound(
            said("No request is open in this browser."),
            fix=said("Open it with the code you kept, or begin anew from the first page."),
        )
    return asking.by_code(session, code)


def hold(answer: Any, code: str, days: int) -> Response:
    """``answer``, after which this browser holds the request of ``code`` for ``days``."""
    given = make_response(answer)
    given.set_cookie(
        COOKIE, code, max_age=days * 86_400, httponly=True, samesite="Lax", secure=house().settings.https,
        path="/",
    )  # fmt: skip
    return given


def steps_title(scenario: str) -> str:
    """What a scenario is called, in the reader's language."""
    steps = load_first_hours().get(scenario)
    if steps is None:
        return str(gettext("Something else"))
    return steps.zh if language() == "zh" else steps.en


def let_go(answer: Any) -> Response:
    """``answer``, after which this browser holds none."""
    given = make_response(answer)
    given.delete_cookie(COOKIE, path="/")
    return given


def event_name(identity: str) -> str:
    """What an event that starts a clock is called."""
    known = load_clocks().events.get(identity)
    if known is None:
        return identity
    return known.zh if language() == "zh" else known.en
