"""Pages of opinions: the expert's editor, and an issued version to read and print."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from core.actor import Permission
from core.errors import BadInput, NotFound, StaleWrite
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from enterprises.models import Firm
from experts import opinions
from experts.beside.writing import opened_to
from experts.consultation_queue import standing_of
from experts.consultation_schemas import OpinionSchema
from experts.consultation_web import Problems, problems_in
from experts.consultation_workflow import SECTIONS, ConsultationState
from experts.consultations import get_consultation, is_theirs
from experts.signing import valid_signatures

BLUEPRINT = Blueprint("opinions", __name__)
_OPINION = OpinionSchema()


def _editor(
    consultation_id: str,
    *,
    typed: dict[str, str] | None = None,
    problems: Problems | None = None,
    meanwhile: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        row = get_consultation(session, actor, uuid_or_404(consultation_id))
        if row.state != ConsultationState.GUIDING.value or not is_theirs(row, "send_opinion", actor):
            raise NotFound(said("No opinion is being written in this consultation now."))
        draft = opinions.draft_of(session, actor, row)
        kept = dict(draft.sections) if draft else {}
        if not draft:
            kept["statement"] = gettext(
                "This opinion is for the applicant's reference only; it is no legal advice, no representation and no "
                "promise of a result. Counsel admitted there and the official record decide. The author declares to "
                "have no conflict of interest in this matter."
            )
        page = render_template(
            "consultations/opinion_edit.html",
            row=row,
            draft=draft,
            sections=SECTIONS,
            typed=kept if typed is None else typed,
            problems=problems or {},
            meanwhile={k: v for k, v in (meanwhile or {}).items() if v != (typed or {}).get(k)},
            standing=standing_of(session, house().clock, row),
            most=opinions.MOST,
            beside=opened_to(row, actor),
            cites=(
                {one["beside"] for one in draft.cited}
                if typed is None and draft
                else set(request.form.getlist("cites"))
            ),
        )
    return page, status


@BLUEPRINT.get("/consultations/<consultation_id>/opinion")
@requires(Permission.CONSULT_ADVISE)
def edit(consultation_id: str) -> ResponseReturnValue:
    """Write the opinion."""
    return _editor(consultation_id)


@BLUEPRINT.post("/consultations/<consultation_id>/opinion")
@requires(Permission.CONSULT_ADVISE)
def save(consultation_id: str) -> ResponseReturnValue:
    """Save the opinion, and send it when asked; what cannot be saved stays on the page as it was typed."""
    values, actor, clock = load(_OPINION, request.form), current_actor(), house().clock
    matter = uuid_or_404(consultation_id)
    typed = {name: request.form.get(name, "").replace("\0", "").replace("\r\n", "\n") for name, _ in SECTIONS}
    try:
        with write_session() as session:
            version = opinions.write_opinion(
                session, clock, actor, matter, typed, cites=values["cites"], seen_version=values["version"]
            ).version
        if values["act"] == "send":
            # A transaction of its own: what is refused as incomplete is saved all the same.
            with write_session() as session:
                opinions.send_opinion(session, clock, actor, matter, seen_version=version)
    except StaleWrite as error:
        current = error.details.get("current")
        now = dict(current) if isinstance(current, dict) else {}
        return _editor(
            consultation_id, typed=typed, problems={"": [error.message, error.fix]}, meanwhile=now, status=409
        )
    except BadInput as error:
        return _editor(consultation_id, typed=typed, problems=problems_in(error), status=422)
    if values["act"] == "send":
        flash(gettext("Sent to the centre, which issues it or returns it."), "done")
        return redirect(url_for("consultations.show", consultation_id=consultation_id))
    flash(gettext("Saved."), "done")
    return redirect(url_for("opinions.edit", consultation_id=consultation_id))


@BLUEPRINT.get("/consultations/<consultation_id>/opinion/<number>")
@requires(Permission.CONSULT_READ)
def show(consultation_id: str, number: str) -> ResponseReturnValue:
    """An issued version, to read and print."""
    wanted = int(number) if re.fullmatch(r"[1-9]\d{0,5}", number) else 0
    with read_session() as session:
        row, opinion = opinions.get_issued(session, current_actor(), uuid_or_404(consultation_id), wanted)
        return render_template(
            "consultations/opinion.html",
            row=row,
            opinion=opinion,
            sections=SECTIONS,
            firm=session.scalars(select(Firm).where(Firm.id == row.firm_id)).one(),
            latest=opinions.issued_of(session, row)[0].number,
            signatures=valid_signatures(opinion),
        )


@BLUEPRINT.get("/consultations/<consultation_id>/opinion/draft")
@requires(Permission.OPINION_ISSUE)
def review(consultation_id: str) -> ResponseReturnValue:
    """A sent opinion, for staff to read before it is issued."""
    with read_session() as session:
        row = get_consultation(session, current_actor(), uuid_or_404(consultation_id))
        opinion = opinions.draft_of(session, current_actor(), row)
        if opinion is None:
            raise NotFound(said("There is no such opinion."))
        return render_template(
            "consultations/opinion.html",
            row=row,
            opinion=opinion,
            sections=SECTIONS,
            firm=session.scalars(select(Firm).where(Firm.id == row.firm_id)).one(),
            latest=None,
            signatures=valid_signatures(opinion),
        )
