"""Pages of a referral, for the firm and for the centre's staff."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from enterprises.models import Firm
from experts.attachments import files_of
from experts.consultations import get_consultation
from experts.life_web import Problems, done, problems_in
from experts.onward import referrals
from experts.onward.abroad import acknowledged, cautions_of, is_abroad
from experts.onward.forms import AnswerForm, ReferralForm, StepForm
from experts.onward.kinds import KINDS, OUTCOMES, PASSED, PROCEDURE_OUTCOMES
from experts.onward.models import Referral
from experts.onward.moving import get_affair, written
from experts.onward.onward_web import standing_of

BLUEPRINT = Blueprint("referrals", __name__)


def _page(referral_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with write_session() as session:
        row = get_affair(session, actor, Referral, uuid_or_404(referral_id))
        written(session, house().clock, actor, row, "read")
        consultation = get_consultation(session, actor, row.consultation_id)
        unwarned = [
            one
            for one in referrals.waiting_recipients(row)
            if is_abroad(one.region)
            and acknowledged(session, "referral", row.id, one.name, one.region) is None
        ]
        page = render_template(
            "onward/referral.html",
            **standing_of(session, row),
            kind=KINDS[row.kind],
            firm=session.get_one(Firm, row.firm_id),
            consultation=consultation,
            procedure=referrals.procedure_of(session, actor, row),
            is_staff=actor.is_staff,
            files=files_of(session, actor, consultation),
            passed=PASSED,
            outcomes={**OUTCOMES, **PROCEDURE_OUTCOMES},
            choosable=OUTCOMES,
            institutions=referrals.choices_for(session, actor, row.kind) if row.state == "prepared" else [],
            chosen=referrals.chosen_ids(session, row),
            unwarned=unwarned,
            cautions=cautions_of(session, "referral", row.id) if actor.is_staff else [],
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@BLUEPRINT.get("/referrals/<referral_id>")
@requires(Permission.ONWARD_READ)
def show(referral_id: str) -> ResponseReturnValue:
    """One referral: what is passed on, to whom, where it stands."""
    return _page(referral_id)


@BLUEPRINT.post("/referrals/<referral_id>")
@requires(Permission.ONWARD_HANDLE)
def write(referral_id: str) -> ResponseReturnValue:
    """Save what is passed on, and to whom."""
    try:
        values = load(ReferralForm(), request.form)
        told = {name.removeprefix("told_"): words[:5000] for name, words in request.form.items()}
        with write_session() as session:
            referrals.write_referral(
                session, house().clock, current_actor(), uuid_or_404(referral_id), told, passes=values["passes"],
                files=values["files"], institutions=values["institutions"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(referral_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("referrals.show", referral_id=referral_id))


@BLUEPRINT.post("/referrals/<referral_id>/step")
@requires(Permission.ONWARD_READ)
def step(referral_id: str) -> ResponseReturnValue:
    """Take a step: the firm agrees or withdraws, the rest is the centre's."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            referrals.take(
                session, house().clock, current_actor(), uuid_or_404(referral_id), values["step"],
                seen_version=values["version"], words=values["words"], outcome=values["outcome"],
            )  # fmt: skip
    except BadInput as error:
        return _page(referral_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("referrals.show", referral_id=referral_id))


@BLUEPRINT.post("/referrals/<referral_id>/recipients/<recipient_id>")
@requires(Permission.ONWARD_HANDLE)
def answer(referral_id: str, recipient_id: str) -> ResponseReturnValue:
    """Write down what an institution answered."""
    try:
        values = load(AnswerForm(), request.form)
        with write_session() as session:
            _, procedure = referrals.answer(
                session, house().clock, current_actor(), uuid_or_404(referral_id), uuid_or_404(recipient_id),
                is_taken=values["taken"], note=values["note"], seen_version=values["version"],
            )  # fmt: skip
            target = procedure.id if procedure else None
    except BadInput as error:
        return _page(referral_id, problems_in(error), 422)
    flash(done(), "done")
    if target is not None:
        return redirect(url_for("mediations.show", mediation_id=target))
    return redirect(url_for("referrals.show", referral_id=referral_id))
