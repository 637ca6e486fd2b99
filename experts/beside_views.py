"""Pages of opinions beside: staff ask for them and open them, an expert declares, writes and hands in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from core.actor import Permission
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from experts import clearing
from experts.beside import asking, writing
from experts.beside.workflow import BesideState
from experts.consultation_schemas import (
    AskBesideSchema,
    BesideOpinionSchema,
    BesideStepSchema,
    OpenBesideSchema,
)
from experts.consultation_views import matter_page
from experts.consultation_web import BLUEPRINT, Problems, problems_in, suggest_port
from experts.consultations import get_consultation, today_of
from experts.models import Expert

_ASK, _STEP, _OPEN, _OPINION = (
    AskBesideSchema(),
    BesideStepSchema(),
    OpenBesideSchema(),
    BesideOpinionSchema(),
)


def _matter(consultation_id: str) -> ResponseReturnValue:
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#beside")


def _asking_page(
    consultation_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row = get_consultation(session, actor, uuid_or_404(consultation_id))
        ids = {one.expert_id for one in row.besides} | {row.expert_id}
        page = render_template(
            "consultations/beside.html",
            row=row,
            may_ask=asking.may_ask(row),
            suggestion=(
                clearing.candidates_for(session, actor, row, suggest_port()) if asking.may_ask(row) else None
            ),
            experts={e.id: e for e in session.scalars(select(Expert).where(Expert.id.in_(ids)))},
            today=today_of(session, house().clock, row.centre_id),
            needs_screen=clearing.needs_screen,
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/consultations/<consultation_id>/beside")
@requires(Permission.CONSULT_HANDLE)
def beside(consultation_id: str) -> ResponseReturnValue:
    """Who writes beside, who could be asked, and how far they are."""
    return _asking_page(consultation_id)


@BLUEPRINT.post("/consultations/<consultation_id>/beside")
@requires(Permission.CONSULT_HANDLE)
def ask_beside(consultation_id: str) -> ResponseReturnValue:
    """Ask one more expert for an opinion of their own."""
    try:
        values = load(_ASK, request.form)
        with write_session() as session:
            asking.ask_beside(
                session, house().clock, current_actor(), uuid_or_404(consultation_id), values["expert"],
                suggest_port(), question=values["question"], note=values["note"],
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _asking_page(consultation_id, problems_in(error), 422)
    flash(gettext("Asked. Until all opinions are in, only the centre reads them."), "done")
    return redirect(url_for("consultations.beside", consultation_id=consultation_id))


@BLUEPRINT.post("/consultations/<consultation_id>/beside/open")
@requires(Permission.CONSULT_HANDLE)
def open_beside(consultation_id: str) -> ResponseReturnValue:
    """Open what is in before all is in."""
    try:
        values = load(_OPEN, request.form)
        with write_session() as session:
            writing.open_early(
                session, house().clock, current_actor(), uuid_or_404(consultation_id),
                reason=values["reason"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _asking_page(consultation_id, problems_in(error), 422)
    flash(gettext("Opened; the leading expert can read and cite what was handed in."), "done")
    return redirect(url_for("consultations.beside", consultation_id=consultation_id))


@BLUEPRINT.post("/consultations/<consultation_id>/beside/<beside_id>/step")
@requires(Permission.CONSULT_READ)
def step_beside(consultation_id: str, beside_id: str) -> ResponseReturnValue:
    """Declare, step aside, or take it back; the service asks whether this actor may."""
    actor, clock = current_actor(), house().clock
    ids = uuid_or_404(consultation_id), uuid_or_404(beside_id)
    try:
        values = load(_STEP, request.form)
        version = values["version"]
        with write_session() as session:
            if values["step"] == "declare":
                asking.declare_beside(session, clock, actor, *ids, seen_version=version)
            elif values["step"] == "decline":
                conflict = values["conflict"]
                asking.decline_beside(session, clock, actor, *ids, conflict=conflict, seen_version=version)
            else:
                asking.take_back_beside(session, clock, actor, *ids, seen_version=version)
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    if values["step"] == "decline":
        flash(gettext("You have stepped aside; the centre asks somebody else. Thank you."), "done")
        return redirect(url_for("consultations.index"))
    flash(gettext("Done; everybody concerned sees it."), "done")
    if values["step"] == "take_back":
        return redirect(url_for("consultations.beside", consultation_id=consultation_id))
    return _matter(consultation_id)


def _opinion_page(
    consultation_id: str,
    beside_id: str,
    *,
    typed: str | None = None,
    problems: Problems | None = None,
    meanwhile: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row, one = writing.read_beside(session, actor, uuid_or_404(consultation_id), uuid_or_404(beside_id))
        is_own = one is row.beside_of(actor)
        if is_own and one.state == BesideState.WAITING.value:
            raise NotFound(said("There is no such opinion."))
        page = render_template(
            "consultations/beside_opinion.html",
            row=row,
            one=one,
            is_writing=is_own and one.state == BesideState.DECLARED.value,
            typed={"opinion": one.text if typed is None else typed},
            problems=problems or {},
            meanwhile={k: v for k, v in (meanwhile or {}).items() if v != typed},
            most=writing.MOST,
        )
    return page, status


@BLUEPRINT.get("/consultations/<consultation_id>/beside/<beside_id>")
@requires(Permission.CONSULT_READ)
def beside_opinion(consultation_id: str, beside_id: str) -> ResponseReturnValue:
    """One opinion beside: to write for its expert, to read for whoever may."""
    return _opinion_page(consultation_id, beside_id)


@BLUEPRINT.post("/consultations/<consultation_id>/beside/<beside_id>")
@requires(Permission.CONSULT_ADVISE)
def write_beside(consultation_id: str, beside_id: str) -> ResponseReturnValue:
    """Save it, and hand it in when asked; what cannot be saved stays on the page as it was typed."""
    values, actor, clock = load(_OPINION, request.form), current_actor(), house().clock
    ids = uuid_or_404(consultation_id), uuid_or_404(beside_id)
    typed = values["opinion"].replace("\r\n", "\n")
    try:
        with write_session() as session:
            kept = writing.write_beside(session, clock, actor, *ids, typed, seen_version=values["version"])
            version = kept.version
        if values["act"] == "hand_in":
            with write_session() as session:
                writing.hand_in(session, clock, actor, *ids, seen_version=version)
    except StaleWrite as error:
        current = error.details.get("current")
        return _opinion_page(
            consultation_id, beside_id, typed=typed, problems={"": [error.message, error.fix]},
            meanwhile=dict(current) if isinstance(current, dict) else {}, status=409,
        )  # fmt: skip
    except BadInput as error:
        return _opinion_page(consultation_id, beside_id, typed=typed, problems=problems_in(error), status=422)
    if values["act"] == "hand_in":
        flash(gettext("Handed in. The others read it once all opinions are in."), "done")
        return _matter(consultation_id)
    flash(gettext("Saved."), "done")
    return redirect(
        url_for("consultations.beside_opinion", consultation_id=consultation_id, beside_id=beside_id)
    )
