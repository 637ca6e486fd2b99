"""What an expert's page shows of their standing, and the forms on it; and how experts keep their own entry."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.errors import BadInput
from core.said import said
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
from experts.appointing import entry as keeping
from experts.appointing import standing
from experts.appointing.apply_views import APPLY, CALLS
from experts.appointing.desk_views import DESK, on_desk
from experts.appointing.forms import (
    InterestForm,
    QualificationForm,
    StepForm,
    VerdictForm,
    evaluation_form,
    own_form,
)
from experts.appointing.public_views import CERTIFICATES, PUBLICITY
from experts.appointing.web import Problems, done, either, limit_visitors, long_day, pair, problems_in
from experts.appointing.workflow import EVALUATION, LEAST_EVALUATION
from experts.fields import CHOSEN, LEVELS, is_public, sees_all
from experts.library import get_entry
from experts.models import Expert
from experts.vocabulary import vocabulary

KEEP = Blueprint("standing", __name__)


def _back(expert_id: str, anchor: str) -> ResponseReturnValue:
    flash(done(), "done")
    return redirect(url_for("experts.show", entry_id=expert_id) + anchor)


@KEEP.post("/experts/<expert_id>/evaluations")
@requires(Permission.APPOINT_HANDLE)
def evaluate(expert_id: str) -> ResponseReturnValue:
    """A year's evaluation."""
    values = load(evaluation_form(), request.form)
    points = {part.id: values[part.id] for part in EVALUATION}
    with write_session() as session:
        _, ends = standing.evaluate(
            session, house().clock, current_actor(), uuid_or_404(expert_id), values["year"], points,
            words=values["words"],
        )  # fmt: skip
    if ends:
        flash(gettext("This is the second evaluation below 60: the appointment has ended."), "done")
    return _back(expert_id, "#evaluations")


@KEEP.post("/experts/<expert_id>/changes/<change_id>")
@requires(Permission.EXPERT_WRITE)
def decide_change(expert_id: str, change_id: str) -> ResponseReturnValue:
    """Accept or refuse a change of a verified field."""
    values = load(VerdictForm(), request.form)
    with write_session() as session:
        keeping.decide_change(
            session, house().clock, current_actor(), uuid_or_404(expert_id), uuid_or_404(change_id),
            accepted=values["accept"], note=values["note"],
        )  # fmt: skip
    return _back(expert_id, "#changes")


@KEEP.post("/experts/<expert_id>/qualifications/<qualification_id>")
@requires(Permission.EXPERT_WRITE)
def decide_qualification(expert_id: str, qualification_id: str) -> ResponseReturnValue:
    """Say that a qualification's proof was seen, or not."""
    values = load(VerdictForm(), request.form)
    with write_session() as session:
        keeping.decide_qualification(
            session, house().clock, current_actor(), uuid_or_404(expert_id), uuid_or_404(qualification_id),
            accepted=values["accept"],
        )  # fmt: skip
    return _back(expert_id, "#qualifications")


def _edit_page(problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor, taxonomy, words = current_actor(), load_taxonomy(), vocabulary()
    with read_session() as session:
        expert = get_entry(session, actor, Expert, _expert_id(actor))
        page = render_template(
            "appointing/own_edit.html",
            row=expert,
            waiting=keeping.waiting_changes(session, expert.id),
            interests=keeping.interests_of(session, actor, expert.id),
            kinds=keeping.INTERESTS,
            chosen=[name for name in CHOSEN if name != "fees"],
            defaults=CHOSEN,
            levels=LEVELS,
            languages=list(words.languages),
            industries=list(taxonomy.industries),
            dispute_types=list(taxonomy.dispute_types),
            problems=problems or {},
            typed=request.form,
        )
    return page, status


def _expert_id(actor: Actor) -> uuid.UUID:
    if actor.expert_id is None:
        raise BadInput(
            said("This account belongs to no entry of the expert library."), fix=said("Ask an administrator.")
        )
    return actor.expert_id


@KEEP.get("/expert/edit")
@requires(Permission.CONSULT_ADVISE)
def edit() -> ResponseReturnValue:
    """Change one's own entry."""
    return _edit_page()


@KEEP.post("/expert/edit")
@requires(Permission.CONSULT_ADVISE)
def change() -> ResponseReturnValue:
    """Keep what is one's own; what was verified waits for the centre."""
    try:
        values = load(own_form(), request.form)
        with write_session() as session:
            actor = current_actor()
            expert = get_entry(session, actor, Expert, _expert_id(actor))
            told = _own_told(expert, values)
            _, waiting = keeping.change_own(
                session, house().clock, actor, told, seen_version=values["version"]
            )
    except BadInput as error:
        return _edit_page(problems_in(error), 422)
    flash(
        gettext("Saved. What the centre has verified changes once it is checked.")
        if waiting
        else gettext("Saved."),
        "done",
    )
    return redirect(url_for("own_entry.show"))


def _own_told(expert: Expert, values: dict[str, Any]) -> dict[str, Any]:
    told = {n: values[n] for n in ("bio", "hours", "capacity", "available", "name_en", "title")}
    told |= {n: values[n] for n in ("languages", "industries", "dispute_types")}
    # A box that is not ticked sends nothing, so the order of ticks says nothing either.
    for name in ("languages", "industries", "dispute_types"):
        if set(told[name]) == set(getattr(expert, name)):
            told[name] = getattr(expert, name)
    told["employer"] = {**expert.employer, "name": values["employer"]}
    if values["employer"] == expert.employer.get("name", ""):
        told["employer"] = expert.employer
    away = [one for one in (values["away_from"], values["away_to"]) if one]
    told["calendar"] = [{"from": away[0].isoformat(), "to": away[-1].isoformat()}] if away else []
    levels = {n: values[f"see_{n}"] for n in CHOSEN if values[f"see_{n}"]}
    told["visibility"] = {n: level for n, level in levels.items() if level != CHOSEN[n]}
    return told


@KEEP.post("/expert/qualifications")
@requires(Permission.CONSULT_ADVISE)
def add_qualification() -> ResponseReturnValue:
    """Tell of a qualification."""
    try:
        values = load(QualificationForm(), request.form)
        with write_session() as session:
            keeping.add_qualification(session, house().clock, current_actor(), **values)
    except BadInput as error:
        return _edit_page(problems_in(error), 422)
    flash(gettext("Told; it is shown once the centre has seen its proof."), "done")
    return redirect(url_for("own_entry.show"))


@KEEP.post("/expert/interests")
@requires(Permission.CONSULT_ADVISE)
def declare() -> ResponseReturnValue:
    """Declare an interest."""
    try:
        values = load(InterestForm(), request.form)
        with write_session() as session:
            keeping.declare_interest(session, house().clock, current_actor(), **values)
    except BadInput as error:
        return _edit_page(problems_in(error), 422)
    flash(gettext("Declared; only you and the centre's staff read it."), "done")
    return redirect(url_for("standing.edit") + "#interests")


@KEEP.post("/expert/interests/<interest_id>/end")
@requires(Permission.CONSULT_ADVISE)
def end_interest(interest_id: str) -> ResponseReturnValue:
    """Say that an interest has ended."""
    with write_session() as session:
        keeping.end_interest(session, house().clock, current_actor(), uuid_or_404(interest_id))
    flash(gettext("Ended today; it is still read for five years."), "done")
    return redirect(url_for("standing.edit") + "#interests")


@KEEP.post("/expert/leave")
@requires(Permission.CONSULT_ADVISE)
def leave() -> ResponseReturnValue:
    """Leave the library."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            standing.leave(
                session, house().clock, current_actor(), seen_version=values["version"], reason=values["note"]
            )
    except BadInput as error:
        return _edit_page(problems_in(error), 422)
    flash(gettext("You have left the expert library. Thank you for your work."), "done")
    return redirect(url_for("own_entry.show"))


def _standing_of(actor: Actor, *, entry: Any = None, **context: Any) -> str:
    """An expert's appointments, qualifications and evaluations, for their page."""
    if not isinstance(entry, Expert):
        return ""
    whole = sees_all(entry, actor)
    with read_session() as session:
        qualifications = keeping.qualifications_of(session, entry.id)
        if not whole:
            shown = is_public(entry, "qualifications", actor)
            qualifications = [q for q in qualifications if shown and q.state == "verified"]
        return render_template(
            "appointing/_standing.html",
            row=entry,
            whole=whole,
            staff=actor.may(Permission.APPOINT_HANDLE) and actor.centre_id == entry.centre_id,
            own=actor.expert_id == entry.id,
            appointments=standing.appointments_of(session, entry.id),
            qualifications=qualifications,
            evaluations=standing.evaluations_of(session, entry.id) if whole else [],
            changes=keeping.waiting_changes(session, entry.id) if whole else [],
            interests=keeping.interests_of(session, actor, entry.id) if whole else [],
            parts_of_evaluation=EVALUATION,
            least=LEAST_EVALUATION,
            year=house().clock.now().year,
            today=house().clock.now().date(),
        )


def init_appointing(app: Flask) -> None:
    """Give ``app`` the pages of calls, applications, publicity, certificates and standing."""
    for blueprint in (CALLS, APPLY, DESK, PUBLICITY, CERTIFICATES, KEEP):
        app.register_blueprint(blueprint)
    limit_visitors(app, "calls.begin", "publicity.object_to")
    app.jinja_env.filters.update(pair=pair, long_date=long_day)
    app.jinja_env.globals.update(either=either)
    register_fragment(app, "expert.standing", _standing_of)
    register_fragment(app, "desk.due", on_desk)
