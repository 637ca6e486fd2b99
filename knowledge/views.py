"""Pages of first steps: what was received, what to do first, and the record of who reviewed it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.errors import BadInput, NotFound
from core.said import said
from core.web import current_actor, house, load, read_session, register_fragment, requires, write_session
from knowledge.first_hours import (
    WHEN,
    FirstItem,
    item_named,
    items_for,
    load_first_hours,
    reviews_of,
    scenario_of,
    sign_item,
)
from knowledge.schemas import SignSchema

BLUEPRINT = Blueprint("knowledge", __name__)
_SIGN = SignSchema()
#: items shown on another room's page before a reader asks for all
_FEW = 4


def _grouped(items: list[FirstItem]) -> dict[str, list[FirstItem]]:
    return {when: found for when in WHEN if (found := [item for item in items if item.when == when])}


@BLUEPRINT.get("/first-steps")
@requires(Permission.KNOWLEDGE_READ)
def index() -> ResponseReturnValue:
    """What did you receive?"""
    return render_template("knowledge/first_steps.html", scenarios=load_first_hours())


@BLUEPRINT.get("/first-steps/<scenario>")
@requires(Permission.KNOWLEDGE_READ)
def show(scenario: str) -> ResponseReturnValue:
    """What to do first, and not to do."""
    steps = load_first_hours().get(scenario)
    if steps is None:
        raise NotFound(said("There is no such page of first steps."))
    items = items_for(scenario)
    with read_session() as session:
        return render_template(
            "knowledge/scenario.html",
            steps=steps,
            groups=_grouped(items),
            reviews=reviews_of(session, items),
            may_sign=current_actor().may(Permission.KNOWLEDGE_REVIEW),
        )


def _sign_page(item_id: str, problems: Any = None, status: int = 200) -> ResponseReturnValue:
    item = item_named(item_id)
    with read_session() as session:
        review = reviews_of(session, [item]).get(item.id)
    page = render_template(
        "knowledge/sign.html", item=item, review=review, problems=problems or {}, typed=request.form
    )
    return page, status


@BLUEPRINT.get("/first-steps/items/<item_id>")
@requires(Permission.KNOWLEDGE_REVIEW)
def item(item_id: str) -> ResponseReturnValue:
    """One item, and the form to record its review."""
    return _sign_page(item_id)


@BLUEPRINT.post("/first-steps/items/<item_id>")
@requires(Permission.KNOWLEDGE_REVIEW)
def sign(item_id: str) -> ResponseReturnValue:
    """Record a review."""
    try:
        values = load(_SIGN, request.form)
        with write_session() as session:
            sign_item(session, house().clock, current_actor(), item_id, **values)
    except BadInput as error:
        found = error.details.get("fields")
        return _sign_page(item_id, found or {"": [error.message, error.fix]}, 422)
    flash(gettext("The review is recorded and shown with the item."), "done")
    return redirect(url_for("knowledge.show", scenario=item_named(item_id).scenario) + f"#{item_id}")


def _for_alert(actor: Actor, *, case: Case | None = None, alert: Any = None, **context: Any) -> str:
    """What to do first about the case of an alert."""
    # An alert of a watch profile names tags and words, no party: nothing is asked of the firm.
    roles = {str(r["role"]) for r in alert.reasons if "role" in r} if alert is not None else set()
    if alert is not None and not roles:
        return ""
    scenario = scenario_of(case.venue, roles) if case is not None else None
    if case is None or scenario is None:
        return render_template("knowledge/_alert.html", steps=None, groups={}, reviews={})
    items = items_for(scenario, case.venue, load_taxonomy().region_code(case.venue))
    few = [i for i in items if i.when == "h24"][:_FEW] + [i for i in items if i.when == "never"][:2]
    with read_session() as session:
        return render_template(
            "knowledge/_alert.html",
            steps=load_first_hours()[scenario],
            groups=_grouped(few),
            reviews=reviews_of(session, few),
        )


def _for_form(actor: Actor, *, scenario: str = "", **context: Any) -> str:
    """The first steps beside a consultation's form."""
    steps = load_first_hours().get(scenario)
    return render_template("knowledge/_form.html", steps=steps)


def _for_plan(actor: Actor, *, scenario: str = "", venue: str = "", region: str = "", **context: Any) -> str:
    """What to do first, and what never, for a request that tells what was received and where."""
    items = items_for(scenario, venue, region or None)
    with read_session() as session:
        return render_template(
            "knowledge/_plan.html",
            groups=_grouped(items),
            reviews=reviews_of(session, items),
            scenario=scenario,
        )


def _home(actor: Actor, **context: Any) -> str:
    return render_template("knowledge/_home.html", scenarios=load_first_hours())


def init_knowledge(app: Flask) -> None:
    """Give ``app`` the pages of first steps, and other rooms' pages what they show of them."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "alert.first_hours", _for_alert)
    register_fragment(app, "consultation.first_hours", _for_form)
    register_fragment(app, "entry.plan", _for_plan)
    register_fragment(app, "home.first", _home)
