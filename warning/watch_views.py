"""Pages of watch profiles: the firm's list, the form, what it would have caught, pausing and deleting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.models import Case
from core.actor import Actor, Permission
from core.clock import local_date
from core.errors import BadInput, StaleWrite
from core.i18n import show_date
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
from enterprises.service import get_firm
from enterprises.stations import station_of
from warning.models import WATCH_WORKFLOW, Alert
from warning.quiet import is_muted, mute_case, noise_of, set_noise, snooze_profile
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
    count_profiles,
    create_profile,
    get_profile,
    list_profiles,
    move_profile,
)
from warning.watch_schemas import (
    FromSearchSchema,
    MuteSchema,
    NoiseSchema,
    SnoozeSchema,
    WatchActSchema,
    WatchStepSchema,
    criteria_from,
)

BLUEPRINT = Blueprint("watch", __name__)
_ACT, _STEP = WatchActSchema(), WatchStepSchema()
_SNOOZE, _NOISE, _MUTE, _SEARCH = SnoozeSchema(), NoiseSchema(), MuteSchema(), FromSearchSchema()


@BLUEPRINT.get("/watch")
@requires(Permission.PROFILE_WRITE)
def index() -> ResponseReturnValue:
    """The firm's profiles."""
    actor = current_actor()
    with read_session() as session:
        rows = list_profiles(session, actor)
        firm = get_firm(session, actor, actor.firm_id) if actor.firm_id else None
        return render_template(
            "warning/watch.html",
            firm=None,
            station=station_of(session, actor, firm) if firm else None,
            rows=rows,
            states=WATCH_WORKFLOW.states,
            steps={
                p.id: [s for s in WATCH_WORKFLOW.open_to(p.state, actor) if s.name != "delete"]
                for p, _ in rows
            },
            most=MOST_PROFILES,
            noise=noise_of(session, actor),
            today=local_date(house().clock.now(), ZONE),
        )


@BLUEPRINT.get("/watch/new")
@requires(Permission.PROFILE_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new profile; begun with a search of cases when its address is carried over."""
    return form_page(searched_form(load(_SEARCH, request.args)))


@BLUEPRINT.post("/watch/check")
@requires(Permission.PROFILE_WRITE)
def check_form() -> ResponseReturnValue:
    """What the form would have caught; or the form again. Nothing is kept."""
    act = load(_ACT, request.form)
    version = request.form.get("version", type=int)
    with read_session() as session:
        if act["profile"] is not None:
            get_profile(session, current_actor(), act["profile"])
        if act["act"] == "edit":
            return form_page(typed_form(), profile_id=act["profile"], version=version)
        try:
            name, values = loaded_form()
            noise = noise_of(session, current_actor())
            words = noise.words if noise else []
            found = check(session, house().clock, criteria_from(values), words)
        except BadInput as problem:
            return form_page(typed_form(), profile_id=act["profile"], version=version, problem=problem)
        return render_template(
            "warning/watch_check.html",
            firm=None,
            name=name,
            values=values,
            typed=typed_form(),
            found=found,
            noise=words,
            profile_id=act["profile"],
            version=version,
        )


@BLUEPRINT.post("/watch")
@requires(Permission.PROFILE_WRITE)
def create() -> ResponseReturnValue:
    """Keep a new profile."""
    try:
        name, values = loaded_form()
        with write_session() as session:
            create_profile(session, house().clock, current_actor(), name, criteria_from(values))
    except BadInput as problem:
        return form_page(typed_form(), problem=problem)
    flash(gettext("Saved. New and changed cases are compared from now on."), "done")
    return redirect(url_for("watch.index"))


@BLUEPRINT.get("/watch/<profile_id>")
@requires(Permission.PROFILE_WRITE)
def edit(profile_id: str) -> ResponseReturnValue:
    """The form of a profile."""
    with read_session() as session:
        profile = get_profile(session, current_actor(), uuid_or_404(profile_id))
        return form_page(stored_form(profile), profile_id=profile.id, version=profile.version)


@BLUEPRINT.post("/watch/<profile_id>")
@requires(Permission.PROFILE_WRITE)
def change(profile_id: str) -> ResponseReturnValue:
    """Keep a changed profile; when a colleague was faster, both stand on the page."""
    identity, actor = uuid_or_404(profile_id), current_actor()
    with read_session() as session:
        profile = get_profile(session, actor, identity)
    seen = request.form.get("version", default=0, type=int)
    try:
        name, values = loaded_form()
        with write_session() as session:
            change_profile(
                session, house().clock, actor, identity, name, criteria_from(values), seen_version=seen
            )
    except BadInput as problem:
        return form_page(typed_form(), profile_id=identity, version=seen, problem=problem)
    except StaleWrite as problem:
        return form_page(
            typed_form(),
            profile_id=identity,
            version=profile.version,
            problem=problem,
            current=problem.details["current"],  # type: ignore[arg-type]
        )
    flash(gettext("Saved. New and changed cases are compared from now on."), "done")
    return redirect(url_for("watch.index"))


@BLUEPRINT.get("/watch/<profile_id>/delete")
@requires(Permission.PROFILE_WRITE)
def confirm_delete(profile_id: str) -> ResponseReturnValue:
    """Ask before deleting."""
    with read_session() as session:
        profile = get_profile(session, current_actor(), uuid_or_404(profile_id))
        return render_template("warning/watch_delete.html", profile=profile)


@BLUEPRINT.post("/watch/<profile_id>/step")
@requires(Permission.PROFILE_WRITE)
def step(profile_id: str) -> ResponseReturnValue:
    """Pause, resume or delete a profile."""
    values = load(_STEP, request.form)
    with write_session() as session:
        move_profile(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(profile_id),
            values["step"],
            seen_version=values["version"],
        )
    done = {
        "pause": gettext("Paused: nothing is compared until you resume it."),
        "resume": gettext("Resumed: new and changed cases are compared from now on."),
        "delete": gettext("Deleted. The alerts it raised are kept."),
    }
    flash(done[values["step"]], "done")
    return redirect(url_for("watch.index"))


@BLUEPRINT.post("/watch/<profile_id>/snooze")
@requires(Permission.PROFILE_WRITE)
def snooze(profile_id: str) -> ResponseReturnValue:
    """Let a profile be quiet until a day, or wake it."""
    values = load(_SNOOZE, request.form)
    with write_session() as session:
        snooze_profile(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(profile_id),
            values["until"],
            seen_version=values["version"],
        )
    until = values["until"]
    flash(
        gettext("Snoozed until %(day)s: nothing is compared until then.", day=show_date(until))
        if until
        else gettext("Awake: new and changed cases are compared from now on."),
        "done",
    )
    return redirect(url_for("watch.index"))


@BLUEPRINT.post("/watch/noise")
@requires(Permission.PROFILE_WRITE)
def noise() -> ResponseReturnValue:
    """Keep the words no profile tells of."""
    values = load(_NOISE, request.form)
    with write_session() as session:
        set_noise(session, house().clock, current_actor(), values["words"], seen_version=values["version"])
    flash(gettext("Saved: cases with these words are told by no profile from now on."), "done")
    return redirect(url_for("watch.index") + "#noise")


@BLUEPRINT.post("/watch/cases/<case_id>/mute")
@requires(Permission.ALERT_DISPOSE)
def mute(case_id: str) -> ResponseReturnValue:
    """Hear no more of a case, or again."""
    values = load(_MUTE, request.form)
    is_on = values["act"] == "mute"
    with write_session() as session:
        mute_case(session, house().clock, current_actor(), uuid_or_404(case_id), is_on=is_on)
    done = (
        gettext("Muted: you hear no more of this case.") if is_on else gettext("You hear of this case again.")
    )
    flash(done, "done")
    return redirect(url_for("cases.show", case_id=case_id))


def _case_mute(actor: Actor, *, case: Case, **context: Any) -> str:
    if actor.firm_id is None or not actor.may(Permission.ALERT_DISPOSE):
        return ""
    with read_session() as session:
        is_on = is_muted(session, actor, case.id)
        query = Alert.visible_to(actor).where(Alert.case_id == case.id).limit(1)
        if not is_on and session.scalar(query) is None:
            return ""
    return render_template("warning/_mute.html", case=case, is_muted=is_on)


def _search_watch(actor: Actor, **context: Any) -> str:
    if actor.firm_id is None or not actor.may(Permission.PROFILE_WRITE):
        return ""
    told = load(_SEARCH, request.args)
    return render_template("warning/_search_watch.html", told=told) if any(told.values()) else ""


def _firm_profiles(actor: Actor, *, firm: Firm, **context: Any) -> str:
    """How many profiles a firm has, for staff; the firm's own way to them."""
    with read_session() as session:
        counts = count_profiles(session, actor, firm.id)
    return render_template("warning/_firm_watch.html", counts=counts)


def init_watch(app: Flask) -> None:
    """Give ``app`` the pages of watch profiles."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.globals["watch_url"] = watch_url
    register_fragment(app, "firm.matches", _firm_profiles)
    register_fragment(app, "case.review", _case_mute)
    register_fragment(app, "search.tools", _search_watch)
