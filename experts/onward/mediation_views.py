"""Pages of a mediation or an arbitration, for the firm, the centre's staff and whoever was let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from enterprises.models import Firm
from experts.agencies.moving import today_of
from experts.life_web import Problems, done, problems_in
from experts.onward import mediations, walls
from experts.onward.abroad import cautions_of
from experts.onward.forms import (
    ChallengeForm,
    InsiderForm,
    LinkForm,
    MeetingForm,
    OtherForm,
    SayForm,
    StepForm,
    VersionForm,
    regions_known,
)
from experts.onward.kinds import KINDS, ROOMS
from experts.onward.models import Referral
from experts.onward.onward_web import links_page, standing_of
from experts.onward.workflow import TALKING

BLUEPRINT = Blueprint("mediations", __name__)


def _page(mediation_id: str, problems: Problems | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with write_session() as session:
        row, rooms, heard = walls.hear(
            session, house().clock, actor, house().vault, uuid_or_404(mediation_id)
        )
        referral = session.scalar(Referral.visible_to(actor).where(Referral.id == row.referral_id))
        users = [one.user_id for one in row.insiders]
        signs = actor.may(Permission.ONWARD_SIGN) and actor.is_staff
        page = render_template(
            "onward/mediation.html",
            **standing_of(session, row),
            kind=KINDS[row.kind],
            firm=session.get_one(Firm, row.firm_id),
            referral=referral,
            is_staff=actor.is_staff,
            signs=signs,
            rooms=[room for room in ROOMS if room in rooms],
            room_words=ROOMS,
            heard=heard,
            talking=row.state in {state.value for state in TALKING},
            emails={one.id: one.email for one in session.scalars(select(User).where(User.id.in_(users)))},
            candidates=walls.candidates_to_let_in(session, actor, row) if signs else [],
            opened=walls.OPENED_TO_STAFF,
            today=today_of(session, house().clock, row.centre_id),
            cautions=cautions_of(session, "mediation", row.id) if actor.is_staff else [],
            regions=regions_known(),
            typed=request.form,
            problems=problems or {},
        )
    return page, status


@BLUEPRINT.get("/mediations/<mediation_id>")
@requires(Permission.MEDIATION_READ)
def show(mediation_id: str) -> ResponseReturnValue:
    """One procedure, with the rooms that are open to whoever asks."""
    return _page(mediation_id)


def _acted(mediation_id: str, act: Callable[[Session], Any], title: str | None = None) -> ResponseReturnValue:
    """Do ``act`` in a transaction; with ``title`` it returns (name, secret) of a link that is shown once."""
    try:
        with write_session() as session:
            made = act(session)
    except BadInput as error:
        return _page(mediation_id, problems_in(error), 422)
    back = url_for("mediations.show", mediation_id=mediation_id)
    if title is not None:
        return links_page(title, dict([made]), back)
    flash(done(), "done")
    return redirect(back)


@BLUEPRINT.post("/mediations/<mediation_id>/step")
@requires(Permission.MEDIATION_READ)
def step(mediation_id: str) -> ResponseReturnValue:
    """Take a step; the service asks whether this actor may."""
    values = load(StepForm(), request.form)
    return _acted(
        mediation_id,
        lambda session: mediations.take(
            session, house().clock, current_actor(), house().vault, uuid_or_404(mediation_id), values["step"],
            seen_version=values["version"], words=values["words"],
        ),
    )  # fmt: skip


def _other(session: Session, mediation_id: str) -> tuple[str, str]:
    values = load(OtherForm(), request.form)
    row, token = mediations.ask_other(
        session, house().clock, current_actor(), uuid_or_404(mediation_id), name=values["name"],
        region=values["region"], seen_version=values["version"],
    )  # fmt: skip
    return row.other_name, token


@BLUEPRINT.post("/mediations/<mediation_id>/other")
@requires(Permission.ONWARD_HANDLE)
def ask_other(mediation_id: str) -> ResponseReturnValue:
    """Ask the other side to take part."""
    return _acted(
        mediation_id, lambda session: _other(session, mediation_id), gettext("The other side is asked")
    )


def _proposed(session: Session, mediation_id: str) -> tuple[str, str]:
    values = load(OtherForm(), request.form)
    neutral, token = mediations.propose(
        session, house().clock, current_actor(), uuid_or_404(mediation_id), name=values["name"],
        institution=values["institution"], region=values["region"], seen_version=values["version"],
    )  # fmt: skip
    return neutral.name, token


@BLUEPRINT.post("/mediations/<mediation_id>/neutrals")
@requires(Permission.ONWARD_HANDLE)
def propose(mediation_id: str) -> ResponseReturnValue:
    """Propose a neutral."""
    return _acted(
        mediation_id, lambda session: _proposed(session, mediation_id), gettext("The neutral is proposed")
    )


@BLUEPRINT.post("/mediations/<mediation_id>/links")
@requires(Permission.ONWARD_HANDLE)
def new_link(mediation_id: str) -> ResponseReturnValue:
    """Make a link anew; the old one ends."""
    chosen = load(LinkForm(), request.form)["neutral"]
    return _acted(
        mediation_id,
        lambda session: (
            gettext("New link"),
            mediations.new_link(session, house().clock, current_actor(), uuid_or_404(mediation_id), chosen),
        ),
        gettext("A new link; the old one has ended"),
    )


@BLUEPRINT.post("/mediations/<mediation_id>/neutrals/<neutral_id>/challenge")
@requires(Permission.ONWARD_AGREE)
def challenge(mediation_id: str, neutral_id: str) -> ResponseReturnValue:
    """The firm objects to a neutral."""
    values = load(ChallengeForm(), request.form)
    return _acted(
        mediation_id,
        lambda session: mediations.challenge(
            session, house().clock, current_actor(), uuid_or_404(mediation_id), uuid_or_404(neutral_id),
            reason=values["reason"], seen_version=values["version"],
        ),
    )  # fmt: skip


@BLUEPRINT.post("/mediations/<mediation_id>/insiders")
@requires(Permission.ONWARD_SIGN)
def let_in(mediation_id: str) -> ResponseReturnValue:
    """Let somebody of the centre inside."""
    values = load(InsiderForm(), request.form)
    return _acted(
        mediation_id,
        lambda session: walls.let_in(
            session, house().clock, current_actor(), uuid_or_404(mediation_id),
            values["user"] or uuid_or_404(mediation_id), room=values["room"], reason=values["reason"],
            seen_version=values["version"],
        ),
    )  # fmt: skip


@BLUEPRINT.post("/mediations/<mediation_id>/insiders/<insider_id>/end")
@requires(Permission.ONWARD_SIGN)
def let_out(mediation_id: str, insider_id: str) -> ResponseReturnValue:
    """End somebody's being inside."""
    seen = load(VersionForm(), request.form)["version"]
    return _acted(
        mediation_id,
        lambda session: walls.let_out(
            session, house().clock, current_actor(), uuid_or_404(mediation_id), uuid_or_404(insider_id),
            seen_version=seen,
        ),
    )  # fmt: skip


@BLUEPRINT.post("/mediations/<mediation_id>/statements")
@requires(Permission.MEDIATION_READ)
def say(mediation_id: str) -> ResponseReturnValue:
    """Say something in a room."""
    values = load(SayForm(), request.form)
    return _acted(
        mediation_id,
        lambda session: walls.say(
            session, house().clock, current_actor(), house().vault, uuid_or_404(mediation_id), values["room"],
            values["text"],
        ),
    )  # fmt: skip


@BLUEPRINT.post("/mediations/<mediation_id>/meetings")
@requires(Permission.ONWARD_HANDLE)
def meet(mediation_id: str) -> ResponseReturnValue:
    """Plan a session."""
    values = load(MeetingForm(), request.form)
    return _acted(
        mediation_id,
        lambda session: mediations.plan_meeting(
            session, house().clock, current_actor(), uuid_or_404(mediation_id), **values
        ),
    )
