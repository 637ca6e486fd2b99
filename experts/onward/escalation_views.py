"""Pages of a report upward."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from enterprises.models import Firm
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECRECY
from experts.life_web import Problems, done, problems_in
from experts.onward import escalations
from experts.onward.abroad import cautions_of
from experts.onward.forms import PackageQuery, ReportForm, StepForm, regions_known
from experts.onward.kinds import REPORTS, SECRECY_CHECKS
from experts.onward.models import Escalation
from experts.onward.moving import get_affair, written
from experts.onward.onward_web import consent_port, standing_of
from experts.onward.package import take_out

BLUEPRINT = Blueprint("escalations", __name__)


def _page(report_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with write_session() as session:
        row = get_affair(session, actor, Escalation, uuid_or_404(report_id))
        written(session, house().clock, actor, row, "read")
        page = render_template(
            "onward/escalation.html",
            **standing_of(session, row),
            firm=session.get(Firm, row.firm_id) if row.firm_id else None,
            consultation=session.get(Consultation, row.consultation_id) if row.consultation_id else None,
            has_consent=escalations.consent_stands(session, row, consent_port()),
            is_staff=actor.is_staff,
            is_writer=actor.name in row.writers,
            files=escalations.files_for(session, actor, row) if actor.is_staff else [],
            kinds=REPORTS,
            labels=SECRECY,
            checks=SECRECY_CHECKS,
            cautions=cautions_of(session, "escalation", row.id) if actor.is_staff else [],
            regions=regions_known(),
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@BLUEPRINT.get("/escalations/<report_id>")
@requires(Permission.ONWARD_READ)
def show(report_id: str) -> ResponseReturnValue:
    """One report: its text, where it stands, what one may do."""
    return _page(report_id)


@BLUEPRINT.post("/escalations/<report_id>")
@requires(Permission.ONWARD_HANDLE)
def write(report_id: str) -> ResponseReturnValue:
    """Save the text of a report."""
    try:
        values = load(ReportForm(), request.form)
        texts = {name: values[name] for name in escalations.TEXTS}
        with write_session() as session:
            escalations.write_report(
                session, house().clock, current_actor(), uuid_or_404(report_id), texts, kind=values["kind"],
                secrecy=values["secrecy"], files=values["files"], seen_version=values["version"],
            )  # fmt: skip
    except BadInput as error:
        return _page(report_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("escalations.show", report_id=report_id))


@BLUEPRINT.post("/escalations/<report_id>/step")
@requires(Permission.ONWARD_HANDLE)
def step(report_id: str) -> ResponseReturnValue:
    """Take a step of a report; the service asks whether this actor may."""
    try:
        values = load(StepForm(), request.form)
        with write_session() as session:
            asked = (session, house().clock, current_actor())
            if values["step"] == "sign":
                escalations.sign(
                    *asked, house().vault, uuid_or_404(report_id), seen_version=values["version"],
                    own=house().settings.home / "papers", consent_given=consent_port(),
                )  # fmt: skip
            else:
                escalations.take(
                    *asked, uuid_or_404(report_id), values["step"], seen_version=values["version"],
                    words=values["words"], channel=values["channel"], checked=values["checked"],
                    consent_given=consent_port(),
                )  # fmt: skip
    except BadInput as error:
        return _page(report_id, problems_in(error), 422)
    flash(done(), "done")
    return redirect(url_for("escalations.show", report_id=report_id))


@BLUEPRINT.get("/escalations/<report_id>/package")
@requires(Permission.ONWARD_HANDLE)
def package(report_id: str) -> ResponseReturnValue:
    """The package of a signed report; for somebody abroad only after the caution."""
    try:
        values = load(PackageQuery(), request.args)
        with write_session() as session:
            name, content = take_out(
                session, house().clock, current_actor(), house().vault, uuid_or_404(report_id), **values
            )
    except BadInput as error:
        if "caution" not in problems_in(error):
            return _page(report_id, problems_in(error), 422)
        query: dict[str, Any] = {
            "recipient": request.args.get("recipient"),
            "region": request.args.get("region"),
        }
        back = url_for("escalations.package", report_id=report_id, **query)
        return redirect(
            url_for("abroad.show", subject="escalation", subject_id=report_id, **query, next=back)
        )
    return send_file(io.BytesIO(content), mimetype="application/zip", as_attachment=True, download_name=name)
