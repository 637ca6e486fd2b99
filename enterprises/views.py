"""Pages of the firm register: the list, one firm, bringing firms from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.errors import NotFound
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from enterprises.import_pages import ImportPages
from enterprises.importing import TableReport, import_firms
from enterprises.models import Firm, NameKind
from enterprises.naming import add_name, retire_name, withdraw_other
from enterprises.page_schemas import FirmListSchema, NameSchema, RetireSchema
from enterprises.service import count_firms, get_firm, list_firms
from enterprises.tables import guarded

BLUEPRINT = Blueprint("enterprises", __name__)
_LIST, _NAME, _RETIRE = FirmListSchema(), NameSchema(), RetireSchema()
_COLUMNS = ("firm", "name", "kind", "source", "since", "industry", "is_local")


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
                    for name in (n for n in firm.names if n.retired_on is None):
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


def _imported(report: TableReport) -> str:
    told: str = gettext(
        "Imported: %(created)s firms new, %(changed)s changed, %(unchanged)s unchanged.",
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
    )
    return told


_IMPORT = ImportPages(
    job="import-firms",
    bring=import_firms,
    done="enterprises.index",
    imported=_imported,
    form="enterprises/import.html",
    preview="enterprises/preview.html",
)


@BLUEPRINT.get("/firms/import")
@requires(Permission.FIRM_WRITE)
def import_form() -> ResponseReturnValue:
    """Choose a file."""
    return _IMPORT.show_form()


@BLUEPRINT.post("/firms/import")
@requires(Permission.FIRM_WRITE)
def import_preview() -> ResponseReturnValue:
    """Say what the file would do; nothing is changed."""
    return _IMPORT.show_preview()


@BLUEPRINT.post("/firms/import/confirm")
@requires(Permission.FIRM_WRITE)
def import_confirm() -> ResponseReturnValue:
    """Import the file that was previewed."""
    return _IMPORT.confirm()


@BLUEPRINT.get("/firms/<firm_id>")
@requires(Permission.FIRM_READ)
def show(firm_id: str) -> ResponseReturnValue:
    """One firm with its names and what names it."""
    with read_session() as session:
        return _page(get_firm(session, current_actor(), uuid_or_404(firm_id)))


def _page(firm: Firm) -> ResponseReturnValue:
    return render_template("enterprises/firm.html", firm=firm, kinds=[kind.value for kind in NameKind])


@BLUEPRINT.post("/firms/<firm_id>/names")
@requires(Permission.FIRM_WRITE)
def name_add(firm_id: str) -> ResponseReturnValue:
    """Give the firm one more name."""
    values = load(_NAME, request.form)
    with write_session() as session:
        kept = add_name(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(firm_id),
            values["name"],
            values["kind"],
            source=values["source"],
            since=values["since"],
        )
        flash(gettext("%(name)s was added; stored cases are compared with it now.", name=kept.name), "done")
    return redirect(url_for("enterprises.show", firm_id=firm_id) + "#names")


@BLUEPRINT.post("/firms/<firm_id>/names/<name_id>/retire")
@requires(Permission.FIRM_WRITE)
def name_retire(firm_id: str, name_id: str) -> ResponseReturnValue:
    """Use a name no more."""
    values = load(_RETIRE, request.form)
    with write_session() as session:
        kept = retire_name(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(firm_id),
            uuid_or_404(name_id),
            values["reason"],
        )
        flash(gettext("%(name)s was retired; no case is compared with it any more.", name=kept.name), "done")
    return redirect(url_for("enterprises.show", firm_id=firm_id) + "#names")


@BLUEPRINT.post("/firms/<firm_id>/others/<other_id>/withdraw")
@requires(Permission.FIRM_WRITE)
def other_withdraw(firm_id: str, other_id: str) -> ResponseReturnValue:
    """Let a name be matched with the firm again."""
    with write_session() as session:
        withdraw_other(session, house().clock, current_actor(), uuid_or_404(firm_id), uuid_or_404(other_id))
    flash(gettext("The note was taken back; stored cases are compared anew."), "done")
    return redirect(url_for("enterprises.show", firm_id=firm_id) + "#names")


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
        return _page(get_firm(session, current_actor(), firm_id))


def init_enterprises(app: Flask) -> None:
    """Give ``app`` the pages of the register."""
    app.register_blueprint(BLUEPRINT)
