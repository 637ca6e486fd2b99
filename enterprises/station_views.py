"""Pages of stations: the staff's list, a firm's station, and what somebody of a station begins with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Actor, Permission
from core.errors import BadInput
from core.web import (
    current_actor,
    house,
    load,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    write_session,
)
from enterprises.models import Firm
from enterprises.page_schemas import FirmStationSchema, StationSchema
from enterprises.stations import (
    list_stations,
    make_station,
    open_station,
    own_station,
    rename_station,
    set_station,
)

BLUEPRINT = Blueprint("stations", __name__)
_STATION, _OF_FIRM = StationSchema(), FirmStationSchema()


@BLUEPRINT.get("/stations")
@requires(Permission.FIRM_WRITE)
def index() -> ResponseReturnValue:
    """The centre's stations, and a form for another."""
    return _page()


def _page(problem: BadInput | None = None) -> ResponseReturnValue:
    with read_session() as session:
        page = render_template(
            "enterprises/stations.html",
            rows=list_stations(session, current_actor()),
            problem=problem,
            name=request.form.get("name", "") if problem else "",
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/stations")
@requires(Permission.FIRM_WRITE)
def make() -> ResponseReturnValue:
    """Enter a station."""
    told = load(_STATION, request.form)
    try:
        with write_session() as session:
            make_station(session, house().clock, current_actor(), told["name"])
    except BadInput as problem:
        return _page(problem)
    flash(gettext("The station was entered. Give it firms on their pages, and its people accounts."), "done")
    return redirect(url_for("stations.index"))


@BLUEPRINT.post("/stations/<station_id>")
@requires(Permission.FIRM_WRITE)
def change(station_id: str) -> ResponseReturnValue:
    """Rename, close or open a station."""
    told, identity, clock = load(_STATION, request.form), uuid_or_404(station_id), house().clock
    actor, seen = current_actor(), told["version"]
    try:
        with write_session() as session:
            if told["act"] == "rename":
                rename_station(session, clock, actor, identity, told["name"], seen_version=seen)
            else:
                is_open = told["act"] == "open"
                open_station(session, clock, actor, identity, is_open=is_open, seen_version=seen)
    except BadInput as problem:
        return _page(problem)
    flash(gettext("Saved."), "done")
    return redirect(url_for("stations.index"))


@BLUEPRINT.post("/firms/<firm_id>/station")
@requires(Permission.FIRM_WRITE)
def give(firm_id: str) -> ResponseReturnValue:
    """Give a firm to a station, or to none."""
    told = load(_OF_FIRM, request.form)["station"]
    with write_session() as session:
        set_station(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(firm_id),
            uuid_or_404(told) if told else None,
        )
    flash(gettext("Saved. It counts at once."), "done")
    return redirect(url_for("enterprises.show", firm_id=firm_id))


@BLUEPRINT.get("/station")
@requires(Permission.STATION_ACT)
def own() -> ResponseReturnValue:
    """The firms that the actor's station looks after."""
    with read_session() as session:
        station, firms = own_station(session, current_actor())
        return render_template("enterprises/station.html", station=station, firms=firms)


def _firm_station(actor: Actor, *, firm: Firm, **context: Any) -> str:
    if not actor.may(Permission.FIRM_WRITE):
        return ""
    with read_session() as session:
        rows = [station for station, _ in list_stations(session, actor) if station.is_active]
    return render_template("enterprises/_station.html", firm=firm, stations=rows)


def init_stations(app: Flask) -> None:
    """Give ``app`` the pages of stations."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "firm.rail", _firm_station)
