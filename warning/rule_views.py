"""Pages of rules: the list, one rule with its versions, a text that is typed with its examples run meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Tag
from cases.taxonomy.overlay import read_term
from core.actor import Permission
from core.errors import BadInput, RulebookInvalid, SeamarkError, StaleWrite, TransitionRefused
from core.jobs import JOB_WORKFLOW, JobState
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from search.highlight import segments
from warning.bulletin_reading import people
from warning.retag import begin_retag, is_due, last_run
from warning.rule_editing import (
    LEAST_NOTE,
    MOST_NOTE,
    Standing,
    base_of,
    begin,
    check_text,
    get_version,
    roll_back,
    save,
    standing_of,
    versions_of,
)
from warning.rule_listing import changes, list_rules, open_versions, rule_kinds
from warning.rule_models import RULE_WORKFLOW, RuleState, RuleVersion
from warning.rule_schemas import RollBackSchema, RuleListSchema, RuleTextSchema
from warning.rule_shelf import RuleShelf, known_rules
from warning.rules.model import Evidence
from warning.rules.texts import base_rules

BLUEPRINT = Blueprint("rules", __name__)
_LIST, _TEXT, _BACK = RuleListSchema(), RuleTextSchema(), RollBackSchema()


def shelf() -> RuleShelf:
    """The rules in force of the running house."""
    found: RuleShelf = current_app.extensions["seamark_shelf"]
    return found


def start_retag() -> None:
    """Tell the stored cases the rules in force, beside the pages."""
    begin_retag(house().database, house().clock, shelf(), current_actor())


def retag_facts(session: Session) -> dict[str, Any]:
    """What the panel of the retag shows."""
    last = last_run(session)
    is_open = last is not None and last.state in (JobState.CANCELLED.value, JobState.FAILED.value)
    return {"retag": last, "retag_states": JOB_WORKFLOW.states, "may_go_on": is_open or is_due(session)}


def emits_of(session: Session, versions: Sequence[RuleVersion]) -> dict[str, tuple[str, str]]:
    """What each version's rule tells, or which term it is, as (kind, value)."""
    rules = known_rules(session)
    return {
        version.rule: term_pair(version) if version.is_term else rules[version.rule].rule.emit
        for version in versions
        if version.is_term or version.rule in rules
    }


def term_pair(version: RuleVersion) -> tuple[str, str]:
    """The kind and the id of a version's term; the kind is "" in a text that cannot be read."""
    try:
        return read_term(version.text).kind, version.rule
    except RulebookInvalid:
        return "", version.rule


def marked_by(text: str, evidence: Sequence[Evidence], field: str) -> list[tuple[str, bool]]:
    """A text of an example with what the rule heard in it marked."""
    spans = sorted(
        {(e.start, e.end) for e in evidence if e.field == field and text[e.start : e.end] == e.text}
    )
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return segments(text, apart)


@BLUEPRINT.get("/rules")
@requires(Permission.RULE_WRITE)
def index() -> ResponseReturnValue:
    """The rules, what is being written, and how far the stored cases are."""
    values = load(_LIST, request.args)
    actor = current_actor()
    with read_session() as session:
        opened = open_versions(session, actor)
        return render_template(
            "warning/rules.html",
            page=list_rules(session, actor, **values),
            values=values,
            kinds=rule_kinds(),
            opened=opened,
            emits=emits_of(session, opened),
            people=people(session, actor, [version.author for version in opened]),
            states=RULE_WORKFLOW.states,
            **retag_facts(session),
        )


@BLUEPRINT.post("/rules/retag")
@requires(Permission.RULE_WRITE)
def go_on() -> ResponseReturnValue:
    """Go on with a retag that was stopped or has died."""
    start_retag()
    flash(gettext("The stored cases are being tagged anew."), "done")
    return redirect(url_for("rules.index") + "#retag")


@BLUEPRINT.get("/rules/<rule>")
@requires(Permission.RULE_WRITE)
def show(rule: str) -> ResponseReturnValue:
    """One rule: the text in force, how its examples come out, its versions."""
    return _rule_page(rule)


def _rule_page(rule: str, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        standing = standing_of(session, rule)
        versions = versions_of(session, actor, rule)
        base = base_of(session, rule)
        emit = base.rule.emit
        carrying = select(func.count(func.distinct(Tag.case_id))).where(
            Tag.kind == emit[0], Tag.value == emit[1]
        )
        page = render_template(
            "warning/rule.html",
            standing=standing,
            base=base,
            is_shipped=rule in base_rules(),
            emit=emit,
            cases=session.scalar(carrying) or 0,
            checked=check_text(session, rule, standing.text),
            versions=versions,
            people=people(session, actor, [v.author for v in versions]),
            states=RULE_WORKFLOW.states,
            problem=problem,
            least=LEAST_NOTE,
            most=MOST_NOTE,
            **retag_facts(session),
        )
    return page, problem.status if problem else 200


@BLUEPRINT.get("/rules/<rule>/edit")
@requires(Permission.RULE_WRITE)
def edit(rule: str) -> ResponseReturnValue:
    """A form with the text in force."""
    with read_session() as session:
        standing = standing_of(session, rule)
        return _form(session, standing, standing.text, "")


@BLUEPRINT.get("/rules/versions/<version_id>/edit")
@requires(Permission.RULE_WRITE)
def edit_draft(version_id: str) -> ResponseReturnValue:
    """A form with the text of a draft."""
    with read_session() as session:
        version = _draft(session, version_id)
        if version.is_term:
            return redirect(url_for("vocabulary.edit_draft", version_id=version.id))
        return _form(session, standing_of(session, version.rule), version.text, version.note, version)


def _draft(session: Session, version_id: str) -> RuleVersion:
    version = get_version(session, current_actor(), uuid_or_404(version_id))
    if version.state != RuleState.DRAFT:
        raise TransitionRefused("Only a draft can be written.", state=version.state)
    return version


def _form(
    session: Session,
    standing: Standing,
    text: str,
    note: str,
    version: RuleVersion | None = None,
    problem: SeamarkError | None = None,
    seen: int | None = None,
) -> ResponseReturnValue:
    """The form; with a ``problem`` that two texts clash, the other text and what differs stand beside it."""
    other = str(problem.details["current"]) if isinstance(problem, StaleWrite) else ""
    page = render_template(
        "warning/rule_edit.html",
        standing=standing,
        emit=base_of(session, standing.rule).rule.emit,
        text=text,
        note=note,
        version=version,
        seen=standing.edition if seen is None else seen,
        checked=check_text(session, standing.rule, text),
        problem=problem,
        other=other,
        clash=changes(other, text) if other else [],
        least=LEAST_NOTE,
        most=MOST_NOTE,
    )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/rules/<rule>/check")
@requires(Permission.RULE_WRITE)
def check(rule: str) -> ResponseReturnValue:
    """How the examples of a typed text come out: a fragment for the form's script, the form itself without it."""
    values = load(_TEXT, request.form)
    is_fragment = request.headers.get("X-Fragment") == "1"
    with read_session() as session:
        standing = standing_of(session, rule)
        if is_fragment:
            checked = check_text(session, rule, values["text"], is_whole=values["whole"])
            return render_template("warning/_rule_check.html", checked=checked)
        version = None
        if values["revision"]:
            version = _draft(session, request.form.get("version", ""))
        return _form(session, standing, values["text"], values["note"], version, seen=values["seen"])


@BLUEPRINT.post("/rules/<rule>/edit")
@requires(Permission.RULE_WRITE)
def keep(rule: str) -> ResponseReturnValue:
    """Keep a typed text as a draft."""
    values = load(_TEXT, request.form)
    actor, clock = current_actor(), house().clock
    try:
        with write_session() as session:
            version = begin(session, clock, actor, rule, values["text"], values["note"], seen=values["seen"])
    except (BadInput, StaleWrite) as problem:
        return _again(rule, values, None, problem)
    flash(gettext("Kept as a draft. Now look at what it would change."), "done")
    return redirect(url_for("rule_versions.show", version_id=version.id))


@BLUEPRINT.post("/rules/versions/<version_id>/edit")
@requires(Permission.RULE_WRITE)
def keep_draft(version_id: str) -> ResponseReturnValue:
    """Keep a draft's new text."""
    values = load(_TEXT, request.form)
    actor, clock, identity = current_actor(), house().clock, uuid_or_404(version_id)
    try:
        with write_session() as session:
            version = save(
                session,
                clock,
                actor,
                identity,
                values["text"],
                values["note"],
                seen=values["revision"],
                based_on=values["seen"],
            )
    except (BadInput, StaleWrite) as problem:
        with read_session() as session:
            version = _draft(session, version_id)
        return _again(version.rule, values, version, problem)
    flash(gettext("Kept. Now look at what it would change."), "done")
    return redirect(url_for("rule_versions.show", version_id=version.id))


def _again(
    rule: str, values: dict[str, Any], version: RuleVersion | None, problem: SeamarkError
) -> ResponseReturnValue:
    """The form with what was typed; whoever saves it again has seen the other text."""
    with read_session() as session:
        standing = standing_of(session, rule)
        return _form(session, standing, values["text"], values["note"], version, problem)


@BLUEPRINT.post("/rules/<rule>/back")
@requires(Permission.RULE_WRITE)
def back(rule: str) -> ResponseReturnValue:
    """Put an earlier text in force again, and tell it to the stored cases."""
    values = load(_BACK, request.form)
    actor, clock = current_actor(), house().clock
    try:
        with write_session() as session:
            version = roll_back(
                session, clock, actor, rule, values["edition"], values["note"], seen=values["seen"]
            )
    except (BadInput, StaleWrite) as problem:
        return _rule_page(rule, problem)
    start_retag()
    flash(
        gettext(
            "Rolled back: version %(number)s is in force, and the stored cases are being tagged anew.",
            number=version.number,
        ),
        "done",
    )
    return redirect(url_for("rules.show", rule=rule))


def init_rules(app: Flask, rule_shelf: RuleShelf) -> None:
    """Give ``app`` the pages of rules; ``rule_shelf`` keeps those in force."""
    app.extensions["seamark_shelf"] = rule_shelf
    app.jinja_env.filters["marked_by"] = marked_by
    app.jinja_env.filters["text_changes"] = lambda texts: changes(*texts)
    app.register_blueprint(BLUEPRINT)
