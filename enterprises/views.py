"""Pages of the firm register: the list, one firm, bringing firms from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.background import start_job
from core.errors import BadInput, NotFound
from core.jobs import JobHandle
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404
from enterprises.importing import ImportReport, import_firms
from enterprises.page_schemas import FirmListSchema, ImportConfirmSchema
from enterprises.service import count_firms, get_firm, list_firms
from enterprises.staging import discard, stage, take
from enterprises.tables import guarded

BLUEPRINT = Blueprint("enterprises", __name__)
_LIST, _CONFIRM = FirmListSchema(), ImportConfirmSchema()
#: files above this many bytes are imported beside the pages, as a job
_AT_ONCE = 1_000_000
_COLUMNS = ("firm", "name", "kind", "source", "since", "industry", "is_local")


def _staging() -> Path:
    return Path(house().settings.home) / "staging"


@BLUEPRINT.get("/firms")
@requires(Permission.FIRM_WRITE)
def index() -> ResponseReturnValue:
    """The register."""
    actor = current_actor()
    values = load(_LIST, request.args)
    with read_session() as session:
        page = list_firms(session, actor, text=values["q"], cursor=values["cursor"])
        return render_template(
            "enterprises/list.html", page=page, values=values, total=count_firms(session, actor)
        )


@BLUEPRINT.get("/firms/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The register as a table that can be imported again."""
    return Response(
        _csv(current_actor()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="firms.csv"'},
    )


def _csv(actor: Actor) -> Iterator[str]:
    database = house().database

    def rows() -> Iterator[str]:
        yield "\ufeff" + _line(_COLUMNS)
        cursor: str | None = None
        while True:
            with database.read() as session:
                page = list_firms(session, actor, cursor=cursor, limit=200)
                for firm in page.rows:
                    for name in firm.names:
                        yield _line(
                            (
                                firm.ref,
                                name.name,
                                name.kind,
                                name.source,
                                name.since.isoformat() if name.since else "",
                                " ".join(firm.industries),
                                "true" if firm.is_local else "false",
                            )
                        )
            cursor = page.next_cursor
            if cursor is None:
                return

    return rows()


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guarded(cell) for cell in cells])
    return out.getvalue()


@BLUEPRINT.get("/firms/import")
@requires(Permission.FIRM_WRITE)
def import_form() -> ResponseReturnValue:
    """Choose a file."""
    return render_template("enterprises/import.html", columns=_COLUMNS)


@BLUEPRINT.post("/firms/import")
@requires(Permission.FIRM_WRITE)
def import_preview() -> ResponseReturnValue:
    """Say what the file would do; nothing is changed."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadInput(
            said("No file was chosen."), fix=said("Choose a CSV, XLSX or JSONL file and send it again.")
        )
    actor, content = current_actor(), sent.stream.read()
    report = import_firms(house().database, house().clock, actor, sent.filename, content, dry_run=True)
    token = stage(_staging(), actor.name, content)
    return render_template("enterprises/preview.html", report=report, filename=sent.filename, token=token)


@BLUEPRINT.post("/firms/import/confirm")
@requires(Permission.FIRM_WRITE)
def import_confirm() -> ResponseReturnValue:
    """Import the file that was previewed."""
    values = load(_CONFIRM, request.form)
    actor, database, clock = current_actor(), house().database, house().clock
    folder, filename = _staging(), values["filename"]
    content = take(folder, actor.name, values["token"])
    if len(content) <= _AT_ONCE:
        report = import_firms(database, clock, actor, filename, content)
        discard(folder, values["token"])
        flash(
            gettext(
                "Imported: %(created)s firms new, %(changed)s changed, %(unchanged)s unchanged.",
                created=report.created,
                changed=report.changed,
                unchanged=report.unchanged,
            ),
            "done",
        )
        return redirect(url_for("enterprises.index"))

    def work(handle: JobHandle) -> ImportReport:
        report = import_firms(database, clock, actor, filename, content)
        handle.advance(report.rows, report.rows, f"{report.created} new, {report.changed} changed")
        discard(folder, values["token"])
        return report

    start_job(database, clock, actor, "import-firms", work, {"file": filename})
    flash(gettext("The import has started; this page shows how far it is."), "done")
    return redirect(url_for("jobs.index"))


@BLUEPRINT.get("/firms/<firm_id>")
@requires(Permission.FIRM_READ)
def show(firm_id: str) -> ResponseReturnValue:
    """One firm with its names and what names it."""
    with read_session() as session:
        return render_template(
            "enterprises/firm.html", firm=get_firm(session, current_actor(), uuid_or_404(firm_id))
        )


@BLUEPRINT.get("/firm")
@requires(Permission.FIRM_READ)
def own() -> ResponseReturnValue:
    """The firm of whoever asks."""
    firm_id = current_actor().firm_id
    if firm_id is None:
        raise NotFound(
            said("This account belongs to no firm."), fix=said("Look the firm up in the register.")
        )
    with read_session() as session:
        return render_template("enterprises/firm.html", firm=get_firm(session, current_actor(), firm_id))


def init_enterprises(app: Flask) -> None:
    """Give ``app`` the pages of the register."""
    app.register_blueprint(BLUEPRINT)
