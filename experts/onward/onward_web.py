"""What the pages of what leads on share: ports, what stands on each page, links that are shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, current_app, render_template, url_for
from sqlalchemy.orm import Session

from core.actor import Actor
from core.web import current_actor, house
from experts.onward.consent import ConsentGiven
from experts.onward.moving import Affair, days_to, history_of, machine_of


def keep_port(app: Flask, consent_given: ConsentGiven) -> None:
    """Keep what the composition root answers about consents."""
    app.extensions["seamark_consent_given"] = consent_given


def consent_port() -> ConsentGiven:
    """Whether a firm's consent stands, as the house knows it."""
    return cast(ConsentGiven, current_app.extensions["seamark_consent_given"])


def standing_of(session: Session, affair: Affair, actor: Actor | None = None) -> dict[str, Any]:
    """What every page of one of the four shows: the record, its state, its clock, its history, what one may do.

    Args:
        actor: who looks; whoever is signed in when None.
    """
    machine = machine_of(affair)
    return {
        "row": affair,
        "state": machine.workflow.states[affair.state],
        "states": machine.workflow.states,
        "holder": machine.holders.get(affair.state),
        "left": days_to(session, house().clock, affair),
        "history": history_of(session, affair),
        "steps": {
            step.name: step for step in machine.workflow.open_to(affair.state, actor or current_actor())
        },
    }


def links_page(title: str, tokens: Mapping[str, str], back: str) -> str:
    """Private links, shown this once."""
    links = {name: url_for("seat.show", token=token, _external=True) for name, token in tokens.items()}
    return render_template("onward/links.html", title=title, links=links, back=back)
