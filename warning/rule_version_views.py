"""One version of a rule: what it changes in the text and over the stored cases, and what may be done with it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.explaining import context_of
from cases.models import Case, Tag
from cases.taxonomy.overlay import read_term
from core.actor import Permission
from core.background import start_job
from core.errors import BadInput, RulebookInvalid, SeamarkError, StaleWrite
from core.i18n import language
from core.jobs import Job, JobState
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_reading import people
from warning.rule_editing import (
    LEAST_NOTE,
    MOST_NOTE,
    check_text,
    first_text,
    get_version,
    needs_approval,
    preview_key,
    standing_of,
    take_step,
)
from warning.rule_listing import changes
from warning.rule_models import RULE_WORKFLOW, RuleState, RuleVersion
from warning.rule_preview import PREVIEW, firms_named, run_preview
from warning.rule_schemas import RuleStepSchema
from warning.rule_views import emits_of, retag_facts, shelf, start_retag

BLUEPRINT = Blueprint("rule_versions", __name__)
_STEP = RuleStepSchema()


def _most_share() -> float:
    return float(house().settings.rule_share) / 100


@BLUEPRINT.get("/rules/versions/<version_id>")
@requires(Permission.RULE_WRITE)
def show(version_id: str) -> ResponseReturnValue:
    """A version, what it would change, and what may be done with it."""
    return _page(version_id)


def _page(version_id: str, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        version = get_version(session, actor, uuid_or_404(version_id))
        standing = standing_of(session, version.rule)
        book = shelf().current(session)
        is_open = version.state in (RuleState.DRAFT, RuleState.WAITING)
        names = [name for name in (version.author, version.decided_by) if name]
        told = version.preview
        steps = [step.name for step in RULE_WORKFLOW.open_to(version.state, actor)]
        needs_two = needs_approval(version, _most_share())
        page = render_template(
            "warning/rule_version.html",
            version=version,
            standing=standing,
            emit=emits_of(session, [version])[version.rule],
            term_name=_name(version),
            is_open=is_open,
            is_overtaken=is_open and version.based_on != standing.edition,
            before=_text_before(session, version),
            lines=changes(_text_before(session, version), version.text),
            checked=check_text(session, version.rule, version.text) if is_open else None,
            told=told,
            is_fresh=told is not None and version.previewed == preview_key(book.version, version),
            examples=_examples(session, told) if told else {},
            firms=firms_named(session, version.centre_id, told)
            if told and version.centre_id == actor.centre_id
            else [],
            job=_running(session, version.id),
            needs_two=needs_two,
            share=house().settings.rule_share,
            is_own=version.author == actor.name,
            steps=[step for step in steps if step != ("publish" if needs_two else "propose")],
            states=RULE_WORKFLOW.states,
            people=people(session, actor, names),
            problem=problem,
            least=LEAST_NOTE,
            most=MOST_NOTE,
            **retag_facts(session),
        )
    return page, problem.status if problem else 200


def _name(version: RuleVersion) -> str:
    """What a version calls its term, in the reader's language; "" for a rule, and for a text that cannot be read."""
    if not version.is_term:
        return ""
    try:
        term = read_term(version.text)
    except RulebookInvalid:
        return version.rule
    return term.zh if language().startswith("zh") else term.en


def _text_before(session: Session, version: RuleVersion) -> str:
    """The text that a version was written against."""
    if version.based_on == 0:
        return first_text(session, version.rule)
    query = select(RuleVersion.text).where(RuleVersion.edition == version.based_on)
    return session.scalar(query) or ""


def _examples(session: Session, told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The examples of a preview with their cases and words in context."""
    ids = {uuid.UUID(one["case"]) for rows in told["examples"].values() for one in rows}
    query = Case.visible_to(current_actor()).where(Case.id.in_(ids))
    cases = {case.id: case for case in session.scalars(query)}
    return {
        name: [
            {
                "case": case,
                "kind": one["kind"],
                "value": one["value"],
                "pieces": [context_of(case, Tag(**piece)) for piece in one["pieces"]],
            }
            for one in rows
            if (case := cases.get(uuid.UUID(one["case"]))) is not None
        ]
        for name, rows in told["examples"].items()
    }


def _running(session: Session, version_id: uuid.UUID) -> Job | None:
    """The newest comparison of a version, where it has not ended well."""
    query = select(Job).where(Job.name == PREVIEW).order_by(Job.id.desc()).limit(20)
    mine = [job for job in session.scalars(query) if job.params.get("version") == str(version_id)]
    return mine[0] if mine and mine[0].state != JobState.DONE.value else None


@BLUEPRINT.post("/rules/versions/<version_id>/preview")
@requires(Permission.RULE_WRITE)
def preview(version_id: str) -> ResponseReturnValue:
    """Compare a version with the rules in force over the stored cases, beside the pages."""
    actor, identity = current_actor(), uuid_or_404(version_id)
    with read_session() as session:
        version = get_version(session, actor, identity)
        checked = check_text(session, version.rule, version.text)
    if checked.unreadable:
        problem = BadInput(checked.unreadable, fix=gettext("Mend the text first."))
        return _page(version_id, problem)
    database, clock, rules = house().database, house().clock, shelf()
    start_job(
        database,
        clock,
        actor,
        PREVIEW,
        lambda handle: run_preview(database, clock, rules, identity, handle),
        {"rule": version.rule, "version": str(identity)},
    )
    return redirect(url_for("rule_versions.show", version_id=version_id) + "#preview")


@BLUEPRINT.post("/rules/versions/<version_id>/step")
@requires(Permission.RULE_WRITE)
def step(version_id: str) -> ResponseReturnValue:
    """Publish, propose, approve, refuse or withdraw a version."""
    values = load(_STEP, request.form)
    try:
        with write_session() as session:
            version = take_step(
                session,
                house().clock,
                current_actor(),
                uuid_or_404(version_id),
                values["step"],
                values["words"],
                seen=values["revision"],
                book_version=shelf().current(session).version,
                most_share=_most_share(),
            )
    except (BadInput, StaleWrite) as problem:
        return _page(version_id, problem)
    if version.state == RuleState.PUBLISHED:
        start_retag()
    told = {
        "publish": gettext("Published; the stored cases are being tagged anew. Nobody is alerted by it."),
        "approve": gettext("Published; the stored cases are being tagged anew. Nobody is alerted by it."),
        "propose": gettext("It waits for a second person."),
        "refuse": gettext("Refused; the author reads why."),
        "withdraw": gettext("Withdrawn."),
    }
    flash(told[values["step"]], "done")
    return redirect(url_for("rule_versions.show", version_id=version_id))


def init_rule_versions(app: Flask) -> None:
    """Give ``app`` the pages of single versions. Needs :func:`warning.rule_views.init_rules`."""
    app.register_blueprint(BLUEPRINT)
