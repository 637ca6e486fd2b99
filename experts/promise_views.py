"""The report on the centre's promises: a page, and a table to take away."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import select

from core.actor import Permission
from core.errors import BadInput
from core.said import said
from core.web import current_actor, house, load, read_session, requires
from enterprises.models import Firm
from enterprises.tables import guarded
from experts.consultation_web import BLUEPRINT
from experts.consultations import today_of
from experts.promises import PROMISES, report


class ReportSchema(Schema):
    """Which days a report covers, and its form."""

    class Meta:
        unknown = EXCLUDE

    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    form = fields.String(load_default="", validate=validate.OneOf(["csv"]))


_REPORT = ReportSchema()


@BLUEPRINT.get("/consultations/promises")
@requires(Permission.CONSULT_HANDLE)
def promises() -> ResponseReturnValue:
    """How many consultations kept each promise, and which did not."""
    asked = {key: value for key, value in request.args.items() if value}
    actor, values = current_actor(), load(_REPORT, asked)
    with read_session() as session:
        today = house().clock.now().date()
        if actor.centre_id is not None:
            today = today_of(session, house().clock, actor.centre_id)
        until = values["until"] or today
        since = values["since"] or until - timedelta(days=90)
        if not timedelta(0) <= until - since <= timedelta(days=3_660):
            sentence = said("The first day lies after the last, or they are over ten years apart.")
            raise BadInput(sentence, fields={"since": [sentence]})
        lines, counts = report(session, house().clock, actor, since=since, until=until)
        ids = {line.consultation.firm_id for line in lines}
        firms = {f.id: f.name_zh for f in session.scalars(select(Firm).where(Firm.id.in_(ids)))}
        if values["form"] == "csv":
            out = io.StringIO()
            table = csv.writer(out)
            table.writerow(["number", "firm", "urgency", "state", "submitted_at", *PROMISES])
            for line in lines:
                row = line.consultation
                told = [row.number, firms.get(row.firm_id, ""), row.urgency, row.state]
                told.append(row.submitted_at.isoformat() if row.submitted_at else "")
                table.writerow(
                    [
                        guarded(str(cell or ""))
                        for cell in (*told, *(line.kept[name] or "" for name in PROMISES))
                    ]
                )
            answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
            answer.headers["Content-Disposition"] = f'attachment; filename="promises-{since}-{until}.csv"'
            return answer
        return render_template(
            "consultations/promises.html",
            lines=lines,
            counts=counts,
            promises=PROMISES,
            firms=firms,
            since=since,
            until=until,
        )
