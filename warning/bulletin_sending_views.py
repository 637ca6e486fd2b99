"""Pages of sending: to whom a bulletin goes and who has read it, and what a firm was sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.errors import BadInput
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
from notify.sending import Mailroom
from warning.bulletin_forms import AudienceSchema
from warning.bulletin_models import Bulletin
from warning.bulletin_sending import Audience, Chosen, choose_firms, receipts_of, received, send_bulletin
from warning.bulletin_workflow import BulletinState
from warning.bulletins import get_bulletin

BLUEPRINT = Blueprint("bulletin_sending", __name__, url_prefix="/bulletins")
_AUDIENCE = AudienceSchema()


def _audience(values: dict[str, Any]) -> Audience:
    return Audience(
        frozenset(values["industries"]),
        frozenset(values["regions"]),
        values["named"],
        values["by_watch"],
        values["before"],
    )


@BLUEPRINT.get("/drafts/<bulletin_id>/send")
@requires(Permission.BULLETIN_DRAFT)
def show(bulletin_id: str) -> ResponseReturnValue:
    """Who has been sent a bulletin and has read it; to whom it may go."""
    return _page(bulletin_id, load(_AUDIENCE, request.args))


@BLUEPRINT.post("/drafts/<bulletin_id>/send")
@requires(Permission.BULLETIN_DRAFT)
def send(bulletin_id: str) -> ResponseReturnValue:
    """Look at the firms it would go to, or send it."""
    values, identity = load(_AUDIENCE, request.form), uuid_or_404(bulletin_id)
    audience = _audience(values)
    try:
        if values["act"] == "look":
            with read_session() as session:
                bulletin = get_bulletin(session, current_actor(), identity)
                chosen = choose_firms(session, current_actor(), bulletin, audience)
            return _page(bulletin_id, values, chosen=chosen)
        with write_session() as session:
            mailroom: Mailroom = current_app.extensions["seamark_mailroom"]
            count = send_bulletin(session, house().clock, mailroom, current_actor(), identity, audience)
    except BadInput as error:
        return _page(bulletin_id, values, error=error), 422
    flash(ngettext("Sent to %(num)s firm.", "Sent to %(num)s firms.", count), "done")
    return redirect(url_for("bulletin_sending.show", bulletin_id=identity))


def _page(
    bulletin_id: str, values: dict[str, Any], chosen: Chosen | None = None, error: BadInput | None = None
) -> str:
    problems: Any = (error.details.get("fields") if error else None) or {}
    known = load_taxonomy()
    with read_session() as session:
        bulletin = get_bulletin(session, current_actor(), uuid_or_404(bulletin_id))
        return render_template(
            "warning/bulletin_send.html",
            bulletin=bulletin,
            may_send=bulletin.state == BulletinState.PUBLISHED.value,
            receipts=receipts_of(session, current_actor(), bulletin),
            values=values,
            chosen=chosen,
            error=error,
            problems=problems,
            industries=sorted(known.industries, key=lambda i: (i not in bulletin.content["industries"], i)),
            regions=sorted(set(bulletin.content["regions"]) | set(values["regions"])),
        )


@BLUEPRINT.get("/received")
@requires(Permission.ALERT_DISPOSE)
def mine() -> ResponseReturnValue:
    """What the firm was sent."""
    with read_session() as session:
        return render_template("warning/bulletins_received.html", rows=received(session, current_actor()))


def _home(actor: Actor, **context: Any) -> str:
    if actor.firm_id is None:
        return ""
    with read_session() as session:
        rows = [row for row in received(session, actor, limit=4) if row[0].read_at is None]
        return render_template("warning/_home_received.html", rows=rows) if rows else ""


def _sent(actor: Actor, *, bulletin: Bulletin, **context: Any) -> str:
    if bulletin.published_at is None:
        return ""
    with read_session() as session:
        receipts = receipts_of(session, actor, bulletin)
    return render_template("warning/_bulletin_sent.html", bulletin=bulletin, receipts=receipts)


def init_bulletin_sending(app: Flask) -> None:
    """Give ``app`` the pages of sending."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "home", _home)
    register_fragment(app, "bulletin.sent", _sent)
