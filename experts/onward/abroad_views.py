"""The page of the caution on sending material abroad."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from experts.life_web import Problems, done, problems_in
from experts.onward.abroad import NOTICE, POINTS, acknowledge, may_know
from experts.onward.forms import CautionForm, regions_known

BLUEPRINT = Blueprint("abroad", __name__)
#: subject -> the page one comes from
_BACK: dict[str, tuple[str, str]] = {
    "consultation": ("consultations.show", "consultation_id"),
    "escalation": ("escalations.show", "report_id"),
    "referral": ("referrals.show", "referral_id"),
    "mediation": ("mediations.show", "mediation_id"),
}


def _back(subject: str, subject_id: str) -> str:
    endpoint, name = _BACK[subject]
    values: dict[str, Any] = {name: subject_id}
    return url_for(endpoint, **values)


def _page(
    subject: str, subject_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    with read_session() as session:
        may_know(session, current_actor(), subject, uuid_or_404(subject_id))
    return render_template(
        "onward/caution.html",
        subject=subject,
        subject_id=subject_id,
        back=_back(subject, subject_id),
        points=POINTS,
        notice=NOTICE,
        regions=[code for code in regions_known() if code != "CN"],
        typed=request.form or request.args,
        confirmed=request.form.getlist("confirmed"),
        problems=problems or {},
    ), status


@BLUEPRINT.get("/abroad/<subject>/<subject_id>")
@requires(Permission.ONWARD_READ)
def show(subject: str, subject_id: str) -> ResponseReturnValue:
    """The caution, for one matter and one recipient."""
    return _page(subject, subject_id)


@BLUEPRINT.post("/abroad/<subject>/<subject_id>")
@requires(Permission.ONWARD_READ)
def confirm(subject: str, subject_id: str) -> ResponseReturnValue:
    """Write down that it was read."""
    try:
        values = load(CautionForm(), request.form)
        with write_session() as session:
            acknowledge(
                session, house().clock, current_actor(), subject, uuid_or_404(subject_id),
                recipient=values["recipient"], region=values["region"], confirmed=values["confirmed"],
                note=values["note"],
            )  # fmt: skip
    except BadInput as error:
        return _page(subject, subject_id, problems_in(error), 422)
    flash(done(), "done")
    # Only back to the matter itself: an address from a form leads nowhere else.
    package = url_for("escalations.package", report_id=subject_id)
    if subject == "escalation" and values["next"].split("?")[0] == package:
        return redirect(
            url_for(
                "escalations.package",
                report_id=subject_id,
                recipient=values["recipient"],
                region=values["region"],
            )
        )
    return redirect(_back(subject, subject_id))
