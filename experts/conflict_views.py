"""What is done about conflicts on a consultation's page: clearing a possible one, objecting to an expert, deciding that."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from experts import clearing, objecting
from experts.consultation_schemas import ClearSchema, ObjectionAnswerSchema, ObjectionSchema
from experts.consultation_views import matter_page
from experts.consultation_web import BLUEPRINT, problems_in, suggest_port

_CLEAR, _OBJECT, _ANSWER = ClearSchema(), ObjectionSchema(), ObjectionAnswerSchema()


@BLUEPRINT.post("/consultations/<consultation_id>/clearances")
@requires(Permission.CONSULT_HANDLE)
def clear(consultation_id: str) -> ResponseReturnValue:
    """Clear what is known of a held expert."""
    try:
        values = load(_CLEAR, request.form)
        with write_session() as session:
            clearing.clear_conflict(
                session, house().clock, current_actor(), uuid_or_404(consultation_id), values["expert"],
                suggest_port(), reason=values["reason"], screen=values["screen"],
                seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    flash(gettext("It is written down that you cleared this; the expert can be asked now."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#acts")


@BLUEPRINT.post("/consultations/<consultation_id>/objection")
@requires(Permission.CONSULT_SUBMIT)
def object_to(consultation_id: str) -> ResponseReturnValue:
    """The firm objects to its expert, once."""
    try:
        values = load(_OBJECT, request.form)
        with write_session() as session:
            objecting.object_to_expert(
                session, house().clock, current_actor(), uuid_or_404(consultation_id),
                reason=values["objection"], expert=values["expert"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    flash(gettext("The centre has your objection and decides; the expert does not read it."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id))


@BLUEPRINT.post("/consultations/<consultation_id>/objection/decide")
@requires(Permission.CONSULT_HANDLE)
def decide(consultation_id: str) -> ResponseReturnValue:
    """The centre decides the objection."""
    try:
        values = load(_ANSWER, request.form)
        with write_session() as session:
            objecting.decide_objection(
                session, house().clock, current_actor(), uuid_or_404(consultation_id),
                uphold=values["uphold"], answer=values["answer"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    flash(gettext("Done; everybody concerned sees it."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id))
