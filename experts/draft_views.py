"""Pages of a draft: the form, and the check before it is submitted. What was typed stays on the page when refused."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from cases.query import get_case
from cases.taxonomy import load_taxonomy
from core.actor import Permission
from core.errors import BadInput, StaleWrite
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from experts.attachments import files_of, remove_files
from experts.consultation_models import Consultation
from experts.consultation_schemas import DraftSchema, StartSchema, SubmitSchema
from experts.consultation_web import BLUEPRINT, Problems, alert_port, problems_in
from experts.consultation_workflow import CONSENT_VERSION, ConsultationState, Scenario
from experts.consultations import (
    ANSWERS,
    begin_draft,
    discard_draft,
    get_consultation,
    missing_answers,
    save_draft,
    submit,
)
from experts.prefill import answers_from

_DRAFT, _START, _SUBMIT = DraftSchema(), StartSchema(), SubmitSchema()


def _answers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values as answers: names line by line, a forum by its id where it is known."""
    told = {k: v.strip() if isinstance(v, str) else v for k, v in values.items()}
    names = [name.strip()[:200] for name in told["opponents"].splitlines() if name.strip()]
    forum = load_taxonomy().venue_of(told["venue"]) if told["venue"] else None
    return {
        **told,
        "opponents": list(dict.fromkeys(names))[:20],
        "venue": forum.id if forum else told["venue"],
    }


def _shown(row: Any) -> dict[str, Any]:
    """Answers as the form shows them."""
    get = row.get if isinstance(row, Mapping) else lambda name, default="": getattr(row, name, default)
    shown = {name: get(name, "") or "" for name in _DRAFT.load_fields}
    shown["opponents"] = "\n".join(get("opponents", None) or [])
    shown["known_on"] = str(get("known_on", None) or "")
    return shown


def _form(
    typed: Mapping[str, Any],
    *,
    draft: Consultation | None = None,
    problems: Problems | None = None,
    meanwhile: Mapping[str, Any] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    regions = {r.code: r for r in load_taxonomy().regions.values() if r.code}
    page = render_template(
        "consultations/form.html",
        typed=typed,
        draft=draft,
        problems=problems or {},
        meanwhile=meanwhile or {},
        scenarios=[s.value for s in Scenario],
        regions=["EU", *sorted(regions)] if "EU" not in regions else sorted(regions),
    )
    return page, status


@BLUEPRINT.get("/consultations/new")
@requires(Permission.CONSULT_SUBMIT)
def new() -> ResponseReturnValue:
    """The form, filled in from an alert or a case where it began with one."""
    actor, values = current_actor(), load(_START, request.args)
    with read_session() as session:
        facts = alert_port()(session, actor, values["alert"]) if values["alert"] else None
        case_id = facts.case_id if facts else values["case"]
        own = facts.own_parties if facts else ()
        told = answers_from(session, actor, case_id, own) if case_id else {}
    if values["scenario"]:
        told["scenario"] = values["scenario"]
    return _form({**_shown(told), "alert": values["alert"] or "", "case": case_id or ""})


@BLUEPRINT.post("/consultations")
@requires(Permission.CONSULT_SUBMIT)
def create() -> ResponseReturnValue:
    """Keep the answers as a draft."""
    actor = current_actor()
    try:
        values = load(_DRAFT, request.form)
    except BadInput as error:
        return _form(request.form, problems=problems_in(error), status=422)
    with write_session() as session:
        if values["alert"]:
            values["case"] = alert_port()(session, actor, values["alert"]).case_id
        elif values["case"]:
            get_case(session, actor, values["case"])
        draft = begin_draft(
            session, house().clock, actor, _answers(values), alert_id=values["alert"], case_id=values["case"]
        )
    return _after_saving(draft.id, values["act"])


def _after_saving(draft_id: uuid.UUID, act: str) -> ResponseReturnValue:
    if act == "save":
        flash(gettext("The draft is kept. Only your firm sees it; go on whenever you like."), "done")
        return redirect(url_for("consultations.index"))
    return redirect(url_for("consultations.check", consultation_id=draft_id))


def _draft(session: Session, consultation_id: str) -> Consultation:
    draft = get_consultation(session, current_actor(), uuid_or_404(consultation_id))
    if draft.state != ConsultationState.DRAFT.value:
        raise BadInput(
            said("It was submitted and is no draft any more."),
            fix=said("Write a message in it to add something."),
        )
    return draft


@BLUEPRINT.get("/consultations/<consultation_id>/edit")
@requires(Permission.CONSULT_SUBMIT)
def edit(consultation_id: str) -> ResponseReturnValue:
    """Go on with a draft; what is still open is named."""
    with read_session() as session:
        draft = _draft(session, consultation_id)
        problems = missing_answers(draft) if "check" in request.args else {}
        return _form(_shown(draft), draft=draft, problems=problems)


@BLUEPRINT.post("/consultations/<consultation_id>/edit")
@requires(Permission.CONSULT_SUBMIT)
def save(consultation_id: str) -> ResponseReturnValue:
    """Keep the answers of a draft."""
    actor, draft_id = current_actor(), uuid_or_404(consultation_id)
    with read_session() as session:
        before = _draft(session, consultation_id)
    try:
        values = load(_DRAFT, request.form)
    except BadInput as error:
        return _form(request.form, draft=before, problems=problems_in(error), status=422)
    try:
        with write_session() as session:
            seen = values["version"] if values["version"] is not None else -1
            save_draft(session, house().clock, actor, draft_id, _answers(values), seen_version=seen)
    except StaleWrite as error:
        told, shown = _answers(values), _shown(before)
        mine = [name for name in ANSWERS if name in told]
        meanwhile = {name: shown[name] for name in mine if told[name] != getattr(before, name)}
        return _form(
            request.form, draft=before, problems={"": [error.message]}, meanwhile=meanwhile, status=409
        )
    return _after_saving(draft_id, values["act"])


@BLUEPRINT.post("/consultations/<consultation_id>/discard")
@requires(Permission.CONSULT_SUBMIT)
def discard(consultation_id: str) -> ResponseReturnValue:
    """Delete a draft with its files."""
    actor, draft_id = current_actor(), uuid_or_404(consultation_id)
    with write_session() as session:
        _draft(session, consultation_id)
        remove_files(session, actor, house().vault, draft_id)
        discard_draft(session, house().clock, actor, draft_id)
    flash(gettext("The draft and its files are deleted."), "done")
    return redirect(url_for("consultations.index"))


def check_page(
    consultation_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    with read_session() as session:
        draft = _draft(session, consultation_id)
        page = render_template(
            "consultations/check.html",
            draft=draft,
            missing=missing_answers(draft),
            problems=problems or {},
            files=files_of(session, current_actor(), draft),
            consent_version=CONSENT_VERSION,
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/consultations/<consultation_id>/check")
@requires(Permission.CONSULT_SUBMIT)
def check(consultation_id: str) -> ResponseReturnValue:
    """Check the answers, add files, agree and submit."""
    return check_page(consultation_id)


@BLUEPRINT.post("/consultations/<consultation_id>/submit")
@requires(Permission.CONSULT_SUBMIT)
def send(consultation_id: str) -> ResponseReturnValue:
    """Hand it to the centre."""
    values, actor, draft_id = load(_SUBMIT, request.form), current_actor(), uuid_or_404(consultation_id)
    agreed = {name: values[name] for name in ("truth", "notice", "expert")}
    try:
        with write_session() as session:
            sent = submit(session, house().clock, actor, draft_id, seen_version=values["version"], **agreed)
            number = sent.number
    except BadInput as error:
        return check_page(consultation_id, problems_in(error), 422)
    flash(gettext("Submitted under %(number)s. This page shows where it is.", number=number), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id))
