"""Pages of the resource directory."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from cases.taxonomy import load_taxonomy
from core.actor import Permission
from core.clock import local_date
from core.errors import BadInput
from core.i18n import language
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from enterprises.tables import guarded
from experts.resources import directory
from experts.resources.directory import FIELDS, Sought
from experts.resources.kinds import KINDS, SERVICES, STALE_DAYS
from experts.resources.models import Institution
from experts.schemas import HOME

BLUEPRINT = Blueprint("resources", __name__)
_PER_PAGE = 30


class _Query(Schema):
    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    kind = fields.String(load_default="", validate=validate.Length(max=40))
    region = fields.String(load_default="", validate=validate.Length(max=10))
    service = fields.String(load_default="", validate=validate.Length(max=40))
    stale = fields.Boolean(load_default=False)
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(load_default=None)
    name_zh = fields.String(load_default="", validate=validate.Length(max=300))
    name_en = fields.String(load_default="", validate=validate.Length(max=300))
    kind = fields.String(load_default="")
    region = fields.String(load_default="")
    city = fields.String(load_default="", validate=validate.Length(max=100))
    url = fields.String(
        load_default="", validate=[validate.Length(max=500), validate.Regexp(r"^$|^https?://\S+$")]
    )
    phone = fields.String(load_default="", validate=validate.Length(max=100))
    email = fields.String(load_default="", validate=validate.Length(max=200))
    address = fields.String(load_default="", validate=validate.Length(max=300))
    services = fields.List(fields.String(), load_default=list)
    does_zh = fields.String(load_default="", validate=validate.Length(max=2000))
    does_en = fields.String(load_default="", validate=validate.Length(max=2000))
    source = fields.String(
        load_default="", validate=[validate.Length(max=500), validate.Regexp(r"^$|^https?://\S+$")]
    )


class _Step(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    step = fields.String(required=True, validate=validate.OneOf(["check", "retire", "restore"]))


def _regions() -> list[str]:
    return [HOME, *sorted(load_taxonomy().extra["by_code"])]


def _today() -> date:
    return local_date(house().clock.now(), "Asia/Shanghai")


def _sought(values: dict[str, Any]) -> Sought:
    return Sought(values["q"], values["kind"], values["region"], values["service"], values["stale"])


@BLUEPRINT.get("/resources")
@requires(Permission.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """The directory."""
    actor, values = current_actor(), load(_Query(), request.args)
    today, start = _today(), (values["page"] - 1) * _PER_PAGE
    with read_session() as session:
        rows = directory.list_institutions(
            session, actor, _sought(values), today, offset=start, limit=_PER_PAGE + 1
        )
        stale = Sought(only_stale=True)
        return render_template(
            "resources/list.html",
            rows=rows[:_PER_PAGE],
            is_more=len(rows) > _PER_PAGE,
            total=directory.count_institutions(session, actor, _sought(values), today),
            stale_total=directory.count_institutions(session, actor, stale, today) if actor.is_staff else 0,
            stale={row.id for row in rows if directory.is_stale(row, today)},
            used=directory.values_in_use(session, actor),
            values=values,
            kinds=KINDS,
            services=SERVICES,
        )


@BLUEPRINT.get("/resources/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The directory as a table."""
    actor, out = current_actor(), io.StringIO()
    table = csv.writer(out)
    table.writerow(["ref", *FIELDS, "checked_on", "is_retired"])
    with read_session() as session:
        for row in directory.list_institutions(session, actor, Sought(), _today(), limit=100_000):
            cells = [";".join(row.services) if name == "services" else getattr(row, name) for name in FIELDS]
            told = [row.ref, *cells, row.checked_on or "", str(row.is_retired).lower()]
            table.writerow([guarded(str(cell)) for cell in told])
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="resources.csv"'},
    )


def _form(
    row: Institution | None, problems: dict[str, Any], status: int, typed: Any = None
) -> ResponseReturnValue:
    held = typed if typed is not None else {name: getattr(row, name) for name in FIELDS} if row else {}
    services = request.form.getlist("services") if typed is not None else held.get("services", [])
    page = render_template(
        "resources/edit.html",
        row=row,
        typed=held,
        held_services=services,
        problems=problems,
        kinds=KINDS,
        services=SERVICES,
        regions=_regions(),
    )
    return page, status


@BLUEPRINT.get("/resources/new")
@requires(Permission.RESOURCE_WRITE)
def new() -> ResponseReturnValue:
    """The form of another institution."""
    return _form(None, {}, 200)


def _problems(error: BadInput) -> dict[str, Any]:
    found = error.details.get("fields")
    return dict(found) if isinstance(found, Mapping) and found else {"": [error.message, error.fix]}


def _told() -> dict[str, Any]:
    values = load(_Form(), request.form)
    if values["region"] not in _regions():
        values["region"] = ""
    return values


@BLUEPRINT.post("/resources/new")
@requires(Permission.RESOURCE_WRITE)
def create() -> ResponseReturnValue:
    """Add an institution."""
    try:
        values = _told()
        with write_session() as session:
            one = directory.write_institution(session, house().clock, current_actor(), values).id
    except BadInput as error:
        return _form(None, _problems(error), 422, request.form)
    flash(gettext("Saved."), "done")
    return redirect(url_for("resources.show", institution_id=one))


@BLUEPRINT.get("/resources/<institution_id>")
@requires(Permission.RESOURCE_READ)
def show(institution_id: str) -> ResponseReturnValue:
    """One institution."""
    with read_session() as session:
        row = directory.get_institution(session, current_actor(), uuid_or_404(institution_id))
        return render_template(
            "resources/entry.html",
            row=row,
            is_stale=directory.is_stale(row, _today()),
            days=STALE_DAYS,
            kinds=KINDS,
            services=SERVICES,
            does=row.does_en if language() == "en" and row.does_en else row.does_zh,
        )


@BLUEPRINT.get("/resources/<institution_id>/edit")
@requires(Permission.RESOURCE_WRITE)
def edit(institution_id: str) -> ResponseReturnValue:
    """The form of one institution."""
    with read_session() as session:
        row = directory.get_institution(session, current_actor(), uuid_or_404(institution_id))
        return _form(row, {}, 200)


@BLUEPRINT.post("/resources/<institution_id>/edit")
@requires(Permission.RESOURCE_WRITE)
def change(institution_id: str) -> ResponseReturnValue:
    """Change one institution."""
    one = uuid_or_404(institution_id)
    try:
        values = _told()
        with write_session() as session:
            directory.write_institution(
                session,
                house().clock,
                current_actor(),
                values,
                institution_id=one,
                seen_version=values["version"],
            )
    except BadInput as error:
        with read_session() as session:
            row = directory.get_institution(session, current_actor(), one)
            return _form(row, _problems(error), 422, request.form)
    flash(gettext("Saved."), "done")
    return redirect(url_for("resources.show", institution_id=institution_id))


@BLUEPRINT.post("/resources/<institution_id>/step")
@requires(Permission.RESOURCE_WRITE)
def step(institution_id: str) -> ResponseReturnValue:
    """Say that an entry was checked, take it out, or back in."""
    values, one = load(_Step(), request.form), uuid_or_404(institution_id)
    with write_session() as session:
        asked = (session, house().clock, current_actor(), one)
        if values["step"] == "check":
            directory.mark_checked(*asked, seen_version=values["version"])
        else:
            directory.set_retired(
                *asked, is_retired=values["step"] == "retire", seen_version=values["version"]
            )
    flash(gettext("Done; everybody concerned sees it."), "done")
    return redirect(url_for("resources.show", institution_id=institution_id))


def init_resources(app: Flask) -> None:
    """Give ``app`` the pages of the resource directory."""
    app.register_blueprint(BLUEPRINT)
