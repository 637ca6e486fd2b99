"""Pages beside the steps: follow-ups, the outcome, sending a refused consultation again."""

from __future__ import annotations

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput, NotFound
from core.said import said
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from experts import aftercare
from experts.consultation_schemas import FollowUpSchema, OutcomeSchema
from experts.consultation_views import matter_page
from experts.consultation_web import BLUEPRINT, problems_in

_OUTCOME, _FOLLOW_UP = OutcomeSchema(), FollowUpSchema()


@BLUEPRINT.post("/consultations/<consultation_id>/outcome")
@requires(Permission.CONSULT_HANDLE)
def outcome(consultation_id: str) -> ResponseReturnValue:
    """Write down how it came out."""
    try:
        values = load(_OUTCOME, request.form)
        with write_session() as session:
            aftercare.record_outcome(
                session,
                house().clock,
                current_actor(),
                uuid_or_404(consultation_id),
                outcome=values["outcome"],
                cost_saved=values["cost_saved"],
                saving_method=values["saving_method"],
                saving_confirmer=values["saving_confirmer"],
                seen_version=values["version"],
            )
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    flash(gettext("The outcome is written down."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#outcome-of-it")


@BLUEPRINT.post("/consultations/<consultation_id>/follow-ups/<follow_up_id>")
@requires(Permission.CONSULT_HANDLE)
def follow_up(consultation_id: str, follow_up_id: str) -> ResponseReturnValue:
    """Write down what the firm said."""
    if not re.fullmatch(r"[1-9]\d{0,17}", follow_up_id):
        raise NotFound(said("There is no such follow-up."))
    try:
        note = load(_FOLLOW_UP, request.form)["note"]
        with write_session() as session:
            aftercare.record_follow_up(
                session,
                house().clock,
                current_actor(),
                uuid_or_404(consultation_id),
                int(follow_up_id),
                note=note,
            )
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    flash(gettext("Written down."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#follow-ups")


@BLUEPRINT.post("/consultations/<consultation_id>/again")
@requires(Permission.CONSULT_SUBMIT)
def again(consultation_id: str) -> ResponseReturnValue:
    """Begin a draft with the answers and files of a consultation that was refused or lapsed."""
    with write_session() as session:
        matter = uuid_or_404(consultation_id)
        draft = aftercare.resubmit(session, house().clock, current_actor(), matter, house().vault)
        leads = url_for("consultations.check", consultation_id=draft.id)
    flash(
        gettext(
            "Your answers and files were taken over into a draft: mend what the reason names, then submit it."
        ),
        "done",
    )
    return redirect(leads)
