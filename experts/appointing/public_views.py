"""Pages everybody reads: who is proposed (公示), objections to it, and whether a certificate is genuine."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.centres import Centre
from core.errors import BadInput, NotFound
from core.i18n import language
from core.pdf import Shelf, obstacle, require_pdf
from core.said import said
from core.web import Gate, current_actor, house, load, read_session, requires, uuid_or_404, write_session
from experts.appointing import publicity
from experts.appointing.forms import CodeForm, ObjectionForm
from experts.appointing.moving import today_of
from experts.appointing.standing_models import Appointment
from experts.appointing.web import Problems, problems_in
from experts.models import ENTRY_STATUS, EntryStatus, Expert

PUBLICITY = Blueprint("publicity", __name__)
CERTIFICATES = Blueprint("certificates", __name__)


@PUBLICITY.get("/publicity")
@requires(Gate.OPEN)
def index() -> ResponseReturnValue:
    """Everybody proposed for the library now."""
    with read_session() as session:
        return render_template("appointing/publicity.html", rows=publicity.list_published(session))


def _page(application_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    with read_session() as session:
        row = publicity.get_published(session, uuid_or_404(application_id))
        centre = session.get_one(Centre, row.centre_id)
        return (
            render_template(
                "appointing/published.html",
                row=row,
                centre=centre,
                problems=problems or {},
                typed=request.form,
            ),
            status,
        )


@PUBLICITY.get("/publicity/<application_id>")
@requires(Gate.OPEN)
def show(application_id: str) -> ResponseReturnValue:
    """One who is proposed, and how to object."""
    return _page(application_id)


@PUBLICITY.post("/publicity/<application_id>")
@requires(Gate.OPEN)
def object_to(application_id: str) -> ResponseReturnValue:
    """Object."""
    try:
        values = load(ObjectionForm(), request.form)
        with write_session() as session:
            publicity.object_to(
                session, house().clock, uuid_or_404(application_id), **values, actor=current_actor()
            )
    except BadInput as error:
        return _page(application_id, problems_in(error), 422)
    flash(
        gettext("Your objection is filed. The centre decides it within ten working days and answers you."),
        "done",
    )
    return redirect(url_for("publicity.show", application_id=application_id))


def _certificate(session: Session, code: str) -> Appointment:
    wanted = "".join(c for c in code.lower() if c in "0123456789abcdef")
    grouped = "-".join(wanted[n : n + 4] for n in range(0, 20, 4))
    found = session.scalar(select(Appointment).where(Appointment.code == grouped))
    if found is None:
        raise NotFound(
            said("No certificate has this code."),
            fix=said(
                "Compare it with the paper: twenty digits and letters a to f. A paper without one is not ours."
            ),
        )
    return found


def _validity(session: Session, row: Appointment) -> str:
    """valid, suspended, ended or removed, as of today."""
    expert = session.get_one(Expert, row.expert_id)
    if row.ended_by == "remove":
        return "removed"
    if row.ended_on is not None or today_of(session, house().clock, row.centre_id) > row.until_on:
        return "ended"
    return "valid" if expert.status == EntryStatus.ACTIVE.value else "suspended"


@CERTIFICATES.get("/certificates", endpoint="index")
@requires(Gate.OPEN)
def index_of_codes() -> ResponseReturnValue:
    """Ask for a certificate by its code."""
    code = load(CodeForm(), request.args)["code"].strip()
    if code:
        with read_session() as session:
            return redirect(url_for("certificates.show", code=_certificate(session, code).code))
    return render_template("appointing/certificates.html")


@CERTIFICATES.get("/certificates/<code>", endpoint="show")
@requires(Gate.OPEN)
def show_certificate(code: str) -> ResponseReturnValue:
    """What a certificate says, and whether it stands."""
    with read_session() as session:
        row = _certificate(session, code)
        return render_template(
            "appointing/certificate.html",
            row=row,
            centre=session.get_one(Centre, row.centre_id),
            validity=_validity(session, row),
            states=ENTRY_STATUS.states,
            obstacle=obstacle(),
        )


@CERTIFICATES.get("/certificates/<code>/pdf")
@requires(Gate.OPEN)
def pdf(code: str) -> ResponseReturnValue:
    """The certificate on paper, fonts embedded. Raises RenderingUnavailable where it cannot be drawn."""
    require_pdf()
    with read_session() as session:
        row = _certificate(session, code)
        validity = _validity(session, row)
        html = render_template(
            "appointing/certificate_paper.html",
            row=row,
            centre=session.get_one(Centre, row.centre_id),
            validity=validity,
            address=house().settings.base_url + url_for("certificates.show", code=row.code),
        )
    # What stood when it was drawn is part of the drawing, so a certificate that ended is drawn anew.
    content = Shelf(house().settings.home / "paper").pdf_of(html)
    name = f"certificate-{row.code}-{language()}.pdf"
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
