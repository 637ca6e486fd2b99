"""Watch profiles kept by a station for a firm it looks after. Deleting, the noise list and muting stay with the firm."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import local_date
from core.errors import BadInput, StaleWrite
from core.i18n import show_date
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from enterprises.models import Firm
from enterprises.stations import acting_for
from warning.models import WATCH_WORKFLOW
from warning.quiet import noise_of, snooze_profile
from warning.watch import ZONE
from warning.watch_forms import (
    form_page,
    loaded_form,
    searched_form,
    stored_form,
    typed_form,
    watch_url,
)
from warning.watch_preview import check
from warning.watch_profiles import (
    MOST_PROFILES,
    change_profile,
    create_profile,
    get_profile,
    list_profiles,
    move_profile,
)
from warning.watch_schemas import (
    FromSearchSchema,
    SnoozeSchema,
    StationStepSchema,
    WatchActSchema,
    criteria_from,
)

BLUEPRINT = Blueprint("station_watch", __name__, url_prefix="/station/firms/<firm_id>/watch")
_ACT, _STEP, _SNOOZE, _SEARCH = WatchActSchema(), StationStepSchema(), SnoozeSchema(), FromSearchSchema()
#: what a station does not do for a firm
_FIRMS_OWN = frozenset({"delete"})


def _acting(session: Session, firm_id: str) -> tuple[Actor, Firm]:
    return acting_for(session, current_actor(), uuid_or_404(firm_id), Permission.PROFILE_WRITE)


def _back(firm: Firm, done: str) -> ResponseReturnValue:
    flash(done, "done")
    return redirect(watch_url("index", firm))


@BLUEPRINT.get("")
@requires(Permission.STATION_ACT)
def index(firm_id: str) -> ResponseReturnValue:
    """The firm's profiles; that they were read is audited."""
    with write_session() as session:
        actor, firm = _acting(session, firm_id)
        audit.record(session, house().clock, actor, "watch.read_for", "firm", firm.id)
        rows = list_profiles(session, actor)
        return render_template(
            "warning/watch.html",
            firm=firm,
            station=None,
            rows=rows,
            states=WATCH_WORKFLOW.states,
            steps={
                p.id: [s for s in WATCH_WORKFLOW.open_to(p.state, actor) if s.name not in _FIRMS_OWN]
                for p, _ in rows
            },
            most=MOST_PROFILES,
            noise=None,
            today=local_date(house().clock.now(), ZONE),
        )


@BLUEPRINT.get("/new")
@requires(Permission.STATION_ACT)
def new(firm_id: str) -> ResponseReturnValue:
    """The form of a new profile for the firm."""
    with read_session() as session:
        _, firm = _acting(session, firm_id)
    return form_page(searched_form(load(_SEARCH, request.args)), firm=firm)


@BLUEPRINT.post("/check")
@requires(Permission.STATION_ACT)
def check_form(firm_id: str) -> ResponseReturnValue:
    """What the form would have caught; or the form again. Nothing is kept."""
    act, version = load(_ACT, request.form), request.form.get("version", type=int)
    with read_session() as session:
        actor, firm = _acting(session, firm_id)
        if act["profile"] is not None:
            get_profile(session, actor, act["profile"])
        if act["act"] == "edit":
            return form_page(typed_form(), firm=firm, profile_id=act["profile"], version=version)
        noise = noise_of(session, actor)
        try:
            name, values = loaded_form()
            words = noise.words if noise else []
            found = check(session, house().clock, criteria_from(values), words)
        except BadInput as problem:
            return form_page(
                typed_form(), firm=firm, profile_id=act["profile"], version=version, problem=problem
            )
        return render_template(
            "warning/watch_check.html",
            firm=firm,
            name=name,
            values=values,
            typed=typed_form(),
            found=found,
            noise=words,
            profile_id=act["profile"],
            version=version,
        )


@BLUEPRINT.post("")
@requires(Permission.STATION_ACT)
def create(firm_id: str) -> ResponseReturnValue:
    """Keep a new profile of the firm."""
    with read_session() as session:
        _, firm = _acting(session, firm_id)
    try:
        name, values = loaded_form()
        with write_session() as session:
            actor, _ = _acting(session, firm_id)
            create_profile(session, house().clock, actor, name, criteria_from(values))
    except BadInput as problem:
        return form_page(typed_form(), firm=firm, problem=problem)
    return _back(firm, gettext("Saved. New and changed cases are compared from now on."))


@BLUEPRINT.get("/<profile_id>")
@requires(Permission.STATION_ACT)
def edit(firm_id: str, profile_id: str) -> ResponseReturnValue:
    """The form of a profile of the firm; that it was read is audited."""
    with write_session() as session:
        actor, firm = _acting(session, firm_id)
        profile = get_profile(session, actor, uuid_or_404(profile_id))
        audit.record(session, house().clock, actor, "watch.read_for", "watch", profile.id)
        return form_page(stored_form(profile), firm=firm, profile_id=profile.id, version=profile.version)


@BLUEPRINT.post("/<profile_id>")
@requires(Permission.STATION_ACT)
def change(firm_id: str, profile_id: str) -> ResponseReturnValue:
    """Keep a changed profile of the firm; when somebody was faster, both stand on the page."""
    identity, clock = uuid_or_404(profile_id), house().clock
    with read_session() as session:
        actor, firm = _acting(session, firm_id)
        profile = get_profile(session, actor, identity)
    seen = request.form.get("version", default=0, type=int)
    try:
        name, values = loaded_form()
        with write_session() as session:
            actor, _ = _acting(session, firm_id)
            change_profile(session, clock, actor, identity, name, criteria_from(values), seen_version=seen)
    except BadInput as problem:
        return form_page(typed_form(), firm=firm, profile_id=identity, version=seen, problem=problem)
    except StaleWrite as problem:
        return form_page(
            typed_form(),
            firm=firm,
            profile_id=identity,
            version=profile.version,
            problem=problem,
            current=problem.details["current"],  # type: ignore[arg-type]
        )
    return _back(firm, gettext("Saved. New and changed cases are compared from now on."))


@BLUEPRINT.post("/<profile_id>/step")
@requires(Permission.STATION_ACT)
def step(firm_id: str, profile_id: str) -> ResponseReturnValue:
    """Pause or resume a profile of the firm."""
    values = load(_STEP, request.form)
    with write_session() as session:
        actor, firm = _acting(session, firm_id)
        move_profile(
            session,
            house().clock,
            actor,
            uuid_or_404(profile_id),
            values["step"],
            seen_version=values["version"],
        )
    done = {
        "pause": gettext("Paused: nothing is compared until you resume it."),
        "resume": gettext("Resumed: new and changed cases are compared from now on."),
    }
    return _back(firm, done[values["step"]])


@BLUEPRINT.post("/<profile_id>/snooze")
@requires(Permission.STATION_ACT)
def snooze(firm_id: str, profile_id: str) -> ResponseReturnValue:
    """Let a profile of the firm be quiet until a day, or wake it."""
    values = load(_SNOOZE, request.form)
    until = values["until"]
    with write_session() as session:
        actor, firm = _acting(session, firm_id)
        snooze_profile(
            session,
            house().clock,
            actor,
            uuid_or_404(profile_id),
            until,
            seen_version=values["version"],
        )
    if until:
        return _back(
            firm,
            gettext("Snoozed until %(day)s: nothing is compared until then.", day=show_date(until)),
        )
    return _back(firm, gettext("Awake: new and changed cases are compared from now on."))


def init_station_watch(app: Flask) -> None:
    """Give ``app`` the pages of stations' watching."""
    app.register_blueprint(BLUEPRINT)
