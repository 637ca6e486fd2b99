"""Pages of watch profiles: the firm's list, the form, what it would have caught, pausing and deleting."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from pypinyin import lazy_pinyin

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.clock import local_date
from core.errors import BadInput, StaleWrite
from core.i18n import language, show_date
from core.said import said
from core.text import collapse
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
from warning.models import WATCH_WORKFLOW, Alert, WatchProfile
from warning.quiet import is_muted, mute_case, noise_of, set_noise, snooze_profile
from warning.watch import (
    FEW,
    MOST_PROFILES,
    MOST_SHARE,
    ZONE,
    change_profile,
    check,
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
    WatchSchema,
    WatchStepSchema,
    criteria_from,
    region_codes,
)

BLUEPRINT = Blueprint("watch", __name__)
_PROFILE, _ACT, _STEP = WatchSchema(), WatchActSchema(), WatchStepSchema()
_SNOOZE, _NOISE, _MUTE, _SEARCH = SnoozeSchema(), NoiseSchema(), MuteSchema(), FromSearchSchema()
_LISTS, _TEXTS = (
    ("industries", "regions", "dispute_types"),
    ("include", "competitors", "rights", "exhibitions", "exclude"),
)


def _choices() -> dict[str, list[str]]:
    """What the form offers, by the reader's words."""
    taxonomy, told = load_taxonomy(), language()

    def words(identity: str) -> str:
        # A reader of Chinese looks a name up by its sound; its code points are in no order a person knows.
        label = taxonomy.label(identity, told)
        return " ".join(lazy_pinyin(label)) if told == "zh" else label.casefold()

    return {
        "industries": [i for i, entry in taxonomy.industries.items() if entry.replaced_by is None],
        "regions": sorted(region_codes(), key=words),
        "dispute_types": [i for i, entry in taxonomy.dispute_types.items() if entry.replaced_by is None],
    }


def _typed() -> dict[str, Any]:
    """The form as it was sent, to be shown again."""
    kept: dict[str, Any] = {name: request.form.getlist(name) for name in _LISTS}
    kept |= {name: request.form.get(name, "") for name in ("name", *_TEXTS)}
    return kept


def _stored(profile: WatchProfile) -> dict[str, Any]:
    kept: dict[str, Any] = {name: list(getattr(profile, name)) for name in _LISTS}
    kept |= {name: "\n".join(getattr(profile, name)) for name in _TEXTS}
    return kept | {"name": profile.name}


def _form(
    values: dict[str, Any],
    *,
    profile_id: uuid.UUID | None = None,
    version: int | None = None,
    problem: BadInput | StaleWrite | None = None,
    current: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "warning/watch_form.html",
        values=values,
        choices=_choices(),
        profile_id=profile_id,
        version=version,
        problem=problem,
        current=current,
        share=round(MOST_SHARE * 100),
        few=FEW,
    )
    return page, problem.status if problem else 200


def _loaded() -> tuple[str, dict[str, Any]]:
    values = load(_PROFILE, request.form)
    name = collapse(values["name"])
    if not name:
        raise BadInput(said("The profile needs a name."), fix=said("Write one, then check it again."))
    return name, values


@BLUEPRINT.get("/watch")
@requires(Permission.PROFILE_WRITE)
def index() -> ResponseReturnValue:
    """The firm's profiles."""
    actor = current_actor()
    with read_session() as session:
        rows = list_profiles(session, actor)
        return render_template(
            "warning/watch.html",
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
    told, choices = load(_SEARCH, request.args), _choices()
    word = collapse(told["q"])[:100]
    values: dict[str, Any] = dict.fromkeys(("name", *_TEXTS), "")
    values |= {"name": word, "include": word}
    for name, given in zip(_LISTS, ("industry", "region", "dispute_type"), strict=True):
        values[name] = [value for value in told[given] if value in choices[name]]
    return _form(values)


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
            return _form(_typed(), profile_id=act["profile"], version=version)
        try:
            name, values = _loaded()
            noise = noise_of(session, current_actor())
            words = noise.words if noise else []
            found = check(session, house().clock, criteria_from(values), words)
        except BadInput as problem:
            return _form(_typed(), profile_id=act["profile"], version=version, problem=problem)
        return render_template(
            "warning/watch_check.html",
            name=name,
            values=values,
            typed=_typed(),
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
        name, values = _loaded()
        with write_session() as session:
            create_profile(session, house().clock, current_actor(), name, criteria_from(values))
    except BadInput as problem:
        return _form(_typed(), problem=problem)
    flash(gettext("Saved. New and changed cases are compared from now on."), "done")
    return redirect(url_for("watch.index"))


@BLUEPRINT.get("/watch/<profile_id>")
@requires(Permission.PROFILE_WRITE)
def edit(profile_id: str) -> ResponseReturnValue:
    """The form of a profile."""
    with read_session() as session:
        profile = get_profile(session, current_actor(), uuid_or_404(profile_id))
        return _form(_stored(profile), profile_id=profile.id, version=profile.version)


@BLUEPRINT.post("/watch/<profile_id>")
@requires(Permission.PROFILE_WRITE)
def change(profile_id: str) -> ResponseReturnValue:
    """Keep a changed profile; when a colleague was faster, both stand on the page."""
    identity, actor = uuid_or_404(profile_id), current_actor()
    with read_session() as session:
        profile = get_profile(session, actor, identity)
    seen = request.form.get("version", default=0, type=int)
    try:
        name, values = _loaded()
        with write_session() as session:
            change_profile(
                session, house().clock, actor, identity, name, criteria_from(values), seen_version=seen
            )
    except BadInput as problem:
        return _form(_typed(), profile_id=identity, version=seen, problem=problem)
    except StaleWrite as problem:
        return _form(
            _typed(),
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
    register_fragment(app, "firm.matches", _firm_profiles)
    register_fragment(app, "case.review", _case_mute)
    register_fragment(app, "search.tools", _search_watch)
