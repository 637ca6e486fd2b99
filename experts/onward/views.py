"""Pages of what leads on: the list, what is begun from a consultation or a case, fragments of other pages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from core.actor import Actor, Permission, Role
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
from experts.consultation_models import Consultation
from experts.life_web import PER_PAGE, button, done, pair
from experts.onward import (
    abroad_views,
    escalation_views,
    escalations,
    joint,
    joint_views,
    mediation_views,
    mediations,
    referral_views,
    referrals,
    seat_views,
)
from experts.onward.abroad import cautions_of
from experts.onward.consent import UPWARD, ConsentGiven, latest, stored_consent
from experts.onward.forms import LISTS, BeginForm, ListQuery
from experts.onward.kinds import KINDS
from experts.onward.mediation_models import Mediation
from experts.onward.models import Escalation, JointTask, Referral
from experts.onward.moving import days_to, listed, machine_of
from experts.onward.onward_web import consent_port, keep_port
from experts.onward.workflow import ESCALATIONS, JOINT_TASKS, MEDIATIONS, REFERRALS

BLUEPRINT = Blueprint("onward", __name__)
_KINDS: dict[str, tuple[type[Any], Any, str, str]] = {
    "escalations": (Escalation, ESCALATIONS, "escalations.show", "report_id"),
    "joint": (JointTask, JOINT_TASKS, "joint_tasks.show", "task_id"),
    "referrals": (Referral, REFERRALS, "referrals.show", "referral_id"),
    "mediations": (Mediation, MEDIATIONS, "mediations.show", "mediation_id"),
}


def _address(row: Any) -> str:
    endpoint, name = next((e, n) for kind, _, e, n in _KINDS.values() if isinstance(row, kind))
    return url_for(endpoint, **{name: row.id})


def _firms(session: Session, rows: Sequence[Any]) -> dict[uuid.UUID, str]:
    ids = {row.firm_id for row in rows if getattr(row, "firm_id", None)}
    found = session.execute(select(Firm.id, Firm.name_zh).where(Firm.id.in_(ids)))
    return {row.id: row.name_zh for row in found}


@BLUEPRINT.get("/onward")
@requires(Permission.ONWARD_READ)
def index() -> ResponseReturnValue:
    """Reports, joint tasks, referrals and mediations, the most pressing first; a firm's own for its members."""
    actor, values = current_actor(), load(ListQuery(), request.args)
    known = [name for name in LISTS if actor.is_staff or name != "joint"]
    chosen = values["kind"] if values["kind"] in known else ("escalations" if actor.is_staff else "referrals")
    kind, machine, _, _ = _KINDS[chosen]
    state = values["state"] if values["state"] in (*machine.workflow.states, "all") else "open"
    start = (values["page"] - 1) * PER_PAGE
    with read_session() as session:
        rows = listed(session, actor, kind, state=state, offset=start, limit=PER_PAGE + 1)
        return render_template(
            "onward/list.html",
            kind=chosen,
            kinds=known,
            rows=rows[:PER_PAGE],
            addresses={row.id: _address(row) for row in rows},
            firms=_firms(session, rows),
            left={row.id: days_to(session, house().clock, row) for row in rows},
            states=machine.workflow.states,
            holders=machine.holders,
            referral_kinds=KINDS,
            wanted=state,
            number=values["page"],
            is_more=len(rows) > PER_PAGE,
        )


@BLUEPRINT.post("/consultations/<consultation_id>/onward")
@requires(Permission.ONWARD_READ)
def begin(consultation_id: str) -> ResponseReturnValue:
    """Begin a report, a joint task or a referral from a consultation."""
    what = load(BeginForm(), request.form)["what"]
    with write_session() as session:
        asked = (session, house().clock, current_actor(), uuid_or_404(consultation_id))
        made: Any
        if what == "escalation":
            made = escalations.begin_from_consultation(*asked)
        elif what == "joint":
            made = joint.begin_task(*asked)
        else:
            told = {name.removeprefix("told_"): words[:5000] for name, words in request.form.items()}
            made = referrals.begin_referral(*asked, what, told)
        address = _address(made)
    flash(done(), "done")
    return redirect(address)


@BLUEPRINT.post("/cases/<case_id>/onward")
@requires(Permission.ONWARD_HANDLE)
def begin_from_case(case_id: str) -> ResponseReturnValue:
    """Begin a report on a public case."""
    with write_session() as session:
        made = escalations.begin_from_case(session, house().clock, current_actor(), uuid_or_404(case_id))
        address = _address(made)
    flash(done(), "done")
    return redirect(address)


def _consultation_fragment(actor: Actor, *, consultation: Consultation, **context: Any) -> str:
    """What leads on from a consultation, for the firm and the staff; experts see nothing of it."""
    if not actor.may(Permission.ONWARD_READ) or consultation.state in ("draft", "rejected"):
        return ""
    with read_session() as session:
        rows: list[Any] = [
            *escalations.reports_on(session, actor, consultation.id),
            *joint.tasks_on(session, actor, consultation.id),
            *referrals.referrals_on(session, actor, consultation.id),
        ]
        procedures = [
            found
            for row in rows
            if isinstance(row, Referral)
            if (found := referrals.procedure_of(session, actor, row)) is not None
        ]
        rows += procedures
        return render_template(
            "onward/_consultation.html",
            row=consultation,
            rows=rows,
            addresses={row.id: _address(row) for row in rows},
            words={row.id: machine_of(row).workflow.states[row.state] for row in rows},
            holders={row.id: machine_of(row).holders.get(row.state) for row in rows},
            left={row.id: days_to(session, house().clock, row) for row in rows},
            kinds=KINDS,
            cautions=cautions_of(session, "consultation", consultation.id),
            is_staff=actor.is_staff,
            is_firm=Role.FIRM_MEMBER in actor.roles,
            has_consent=consent_port()(session, consultation, UPWARD),
            consent=latest(session, consultation.id, UPWARD),
            may_report=actor.is_staff
            and not any(
                isinstance(row, Escalation)
                and row.state in ("prepared", "secrecy_check", "approved", "signed")
                for row in rows
            ),
        )


def _case_fragment(actor: Actor, *, case: Case, **context: Any) -> str:
    if not actor.may(Permission.ONWARD_HANDLE):
        return ""
    return render_template("onward/_case.html", case=case)


def _desk(actor: Actor, **context: Any) -> str:
    if not actor.may(Permission.ONWARD_HANDLE):
        return ""
    lists = (
        escalations.list_reports,
        joint.list_tasks,
        referrals.list_referrals,
        mediations.list_mediations,
    )
    with read_session() as session:
        rows = [row for each in lists for row in each(session, actor, limit=5) if row.due_on is not None]
        rows.sort(key=lambda row: row.due_on or date.max)
        rows = rows[:8]
        if not rows:
            return ""
        return render_template(
            "onward/_desk.html",
            rows=rows,
            addresses={row.id: _address(row) for row in rows},
            words={row.id: machine_of(row).workflow.states[row.state] for row in rows},
            firms=_firms(session, rows),
            left={row.id: days_to(session, house().clock, row) for row in rows},
        )


def init_onward(app: Flask, *, consent_given: ConsentGiven = stored_consent) -> None:
    """Give ``app`` the pages of what leads on; whether a firm's consent stands is asked of ``consent_given``."""
    keep_port(app, consent_given)
    for blueprint in (
        BLUEPRINT,
        escalation_views.BLUEPRINT,
        joint_views.BLUEPRINT,
        referral_views.BLUEPRINT,
        mediation_views.BLUEPRINT,
        seat_views.BLUEPRINT,
        abroad_views.BLUEPRINT,
    ):
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(onward_pair=pair, onward_button=button)
    register_fragment(app, "consultation.onward", _consultation_fragment)
    register_fragment(app, "case.review", _case_fragment)
    register_fragment(app, "desk.due", _desk)
