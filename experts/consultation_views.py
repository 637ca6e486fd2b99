"""Pages of consultations: the list and the staff's queue, the matter itself and its steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from core.actor import Actor, Permission, Role
from core.errors import BadInput
from core.said import said
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
from experts import aftercare, casework, clearing, consenting, opinions
from experts.attachments import files_of
from experts.beside.asking import may_ask
from experts.beside.writing import readable
from experts.consents import Purpose, history, standings
from experts.consultation_models import Consultation
from experts.consultation_queue import (
    count_overdue,
    follow_ups_due,
    late_besides,
    list_consultations,
    standing_of,
)
from experts.consultation_schemas import ConsentSchema, ListSchema, StepSchema
from experts.consultation_web import BLUEPRINT, Problems, keep_ports, problems_in, suggest_port
from experts.consultation_workflow import (
    CONSULTATION_WORKFLOW,
    OUTCOMES,
    OVER_STATES,
    REFUSALS,
    TERMINATIONS,
    WITH_EXPERT,
    ConsultationState,
    Urgency,
)
from experts.consultations import get_consultation, is_opening_noted, is_theirs, note_opening, today_of
from experts.correspondence import unread_of
from experts.message_pages import mark_shown, talk_of
from experts.models import Expert
from experts.objecting import experts_of, may_object
from experts.papers import KINDS, offered
from experts.ports import AboutAlert, Suggest

_LIST, _STEP, _CONSENT = ListSchema(), StepSchema(), ConsentSchema()


@BLUEPRINT.get("/consultations")
@requires(Permission.CONSULT_READ)
def index() -> ResponseReturnValue:
    """One's own consultations; for staff the queue, the most pressing first."""
    actor, values = current_actor(), load(_LIST, request.args)
    with read_session() as session:
        page = list_consultations(session, house().clock, actor, **values)
        return render_template(
            "consultations/list.html",
            page=page,
            values=values,
            overdue=count_overdue(session, house().clock, actor),
            firms=_firms(session, [row.firm_id for row in page.rows]),
            unread=unread_of(session, actor, page.rows),
            standings={row.id: standing_of(session, house().clock, row) for row in page.rows},
            states=CONSULTATION_WORKFLOW.states,
        )


def _firms(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, Firm]:
    """Firms of consultations the actor sees: whoever sees the matter knows whose it is."""
    return {firm.id: firm for firm in session.scalars(select(Firm).where(Firm.id.in_(ids)))}


def _seen(session: Session, actor: Actor, other: uuid.UUID | None) -> Consultation | None:
    return session.scalar(Consultation.visible_to(actor).where(Consultation.id == other)) if other else None


def matter_page(
    consultation_id: str, problems: Problems | None = None, status: int = 200
) -> ResponseReturnValue:
    actor, clock = current_actor(), house().clock
    with read_session() as session:
        row = get_consultation(session, actor, uuid_or_404(consultation_id))
        if row.state == ConsultationState.DRAFT.value:
            return redirect(url_for("consultations.check", consultation_id=consultation_id))
        steps = {
            step.name: step
            for step in CONSULTATION_WORKFLOW.open_to(row.state, actor)
            if is_theirs(row, step.name, actor)
        }
        is_open = row.opens_to(actor)
        is_staff = Role.STAFF in actor.roles
        ids = {a.expert_id for a in row.assignments} | {c.expert_id for c in row.clearances} | {row.expert_id}
        ids |= {beside.expert_id for beside in row.besides}
        if row.objection is not None:
            ids.add(row.objection.expert_id)
        page = render_template(
            "consultations/show.html",
            row=row,
            firm=_firms(session, [row.firm_id]).get(row.firm_id),
            case=session.scalar(Case.visible_to(actor).where(Case.id == row.case_id))
            if row.case_id
            else None,
            experts={e.id: e for e in session.scalars(select(Expert).where(Expert.id.in_(ids)))},
            standing=standing_of(session, clock, row),
            steps=steps,
            files=files_of(session, actor, row),
            talk=talk_of(session, actor, row),
            opinions=(
                opinions.issued_of(session, row) if row.opens_to(actor) and not row.is_apart(actor) else []
            ),
            besides=row.besides,
            own_beside=row.beside_of(actor),
            readable_besides={one.id for one in row.besides if readable(row, actor, one)},
            may_ask_beside=is_staff and may_ask(row),
            is_apart=row.is_apart(actor),
            objectable=experts_of(row) if actor.may(Permission.CONSULT_SUBMIT) else [],
            draft=opinions.draft_of(session, actor, row),
            suggestion=(
                clearing.candidates_for(session, actor, row, suggest_port()) if "assign" in steps else None
            ),
            refusals=REFUSALS,
            terminations=TERMINATIONS,
            outcomes=OUTCOMES,
            over={state.value for state in OVER_STATES},
            duplicates=aftercare.duplicates_of(session, actor, row) if "merge" in steps else [],
            merged=_seen(session, actor, row.merged_into),
            resubmitted=_seen(session, actor, row.resubmits),
            papers={kind: KINDS[kind] for kind in offered(row, actor)},
            today=today_of(session, clock, row.centre_id),
            urgencies=[u.value for u in Urgency],
            is_open=is_open,
            is_staff=is_staff,
            clearances=row.clearances if is_open else [],
            objection=row.objection if Role.EXPERT not in actor.roles or is_staff else None,
            may_object=actor.may(Permission.CONSULT_SUBMIT) and may_object(row),
            needs_screen=clearing.needs_screen,
            people=(
                clearing.people_named(
                    session,
                    [*(c.by for c in row.clearances), row.objection.decided_by if row.objection else None],
                )
                if is_staff
                else {}
            ),
            with_expert={state.value for state in WITH_EXPERT},
            consents=standings(session, row, row.state in {s.value for s in OVER_STATES})
            if actor.firm_id
            else [],
            decisions=history(session, row.id) if actor.firm_id else [],
            problems=problems or {},
            typed=request.form,
        )
    return page, status


@BLUEPRINT.get("/consultations/<consultation_id>")
@requires(Permission.CONSULT_READ)
def show(consultation_id: str) -> ResponseReturnValue:
    """Where it is, what was told, who said what, and what one may do. That somebody else than the firm opened it is kept;
    messages shown are marked as read."""
    actor = current_actor()
    if Role.FIRM_MEMBER not in actor.roles:
        _note_opening(actor, uuid_or_404(consultation_id))
    answer = matter_page(consultation_id)
    mark_shown(uuid_or_404(consultation_id))
    return answer


def _note_opening(actor: Actor, consultation_id: uuid.UUID) -> None:
    # Whoever reads again within the day waits for nobody who writes.
    with read_session() as session:
        row = get_consultation(session, actor, consultation_id)
        if is_opening_noted(session, house().clock, actor, row):
            return
    with write_session() as session:
        row = get_consultation(session, actor, consultation_id)
        note_opening(session, house().clock, actor, row)


Act = Callable[..., Any]
#: step -> the service that takes it, and the fields of the form it needs
_ACTS: dict[str, tuple[Act, tuple[str, ...]]] = {
    "accept": (casework.accept, ("urgency",)),
    "reject": (casework.reject, ("reason", "note")),
    "declare": (casework.declare, ()),
    "decline": (casework.decline, ("conflict",)),
    "begin": (casework.begin_advice, ()),
    "recall": (casework.recall, ("note",)),
    "return_opinion": (opinions.return_opinion, ("note",)),
    "pass_opinion": (opinions.pass_opinion, ("remarks", "signed_as")),
    "issue": (opinions.issue_opinion, ("signed_as",)),
    "correct": (opinions.ask_correction, ("note",)),
    "close": (casework.close, ("satisfaction", "words")),
    "conclude": (casework.conclude, ()),
    "withdraw": (casework.withdraw, ("note",)),
    "review": (aftercare.begin_review, ()),
    "ask_supplement": (aftercare.ask_supplement, ("note",)),
    "supply": (aftercare.supply, ("note",)),
    "merge": (aftercare.merge, ("into", "note")),
    "ask_firm": (aftercare.ask_firm, ("note",)),
    "answer_firm": (aftercare.answer_firm, ("note",)),
    "resume": (aftercare.resume, ()),
    "follow": (aftercare.follow, ()),
    "archive": (aftercare.archive, ()),
    "reopen": (aftercare.reopen, ("note",)),
    "revive": (aftercare.revive, ("note",)),
    "terminate": (aftercare.terminate, ("reason", "note")),
}


@BLUEPRINT.post("/consultations/<consultation_id>/step")
@requires(Permission.CONSULT_READ)
def step(consultation_id: str) -> ResponseReturnValue:
    """Take a step; the service asks whether this actor may."""
    actor, clock, matter = current_actor(), house().clock, uuid_or_404(consultation_id)
    try:
        values = load(_STEP, request.form)
        with write_session() as session:
            if values["step"] == "assign":
                casework.assign(
                    session, clock, actor, matter, values["expert"], suggest_port(),
                    note=values["note"], seen_version=values["version"],
                )  # fmt: skip
            elif values["step"] in _ACTS:
                service, names = _ACTS[values["step"]]
                told = {name: values[name] for name in names}
                service(session, clock, actor, matter, seen_version=values["version"], **told)
            else:
                raise BadInput(said("This step is taken on another page."))
    except BadInput as error:
        return matter_page(consultation_id, problems_in(error), 422)
    if values["step"] == "decline":
        flash(gettext("You have stepped aside; the centre asks somebody else. Thank you."), "done")
        return redirect(url_for("consultations.index"))
    flash(gettext("Done; everybody concerned sees it."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id))


@BLUEPRINT.post("/consultations/<consultation_id>/consent")
@requires(Permission.CONSULT_SUBMIT)
def consent(consultation_id: str) -> ResponseReturnValue:
    """Give one of the three consents or take it back; what rested on it stops at once."""
    values = load(_CONSENT, request.form)
    with write_session() as session:
        consenting.decide(
            session, house().clock, current_actor(), uuid_or_404(consultation_id), Purpose(values["purpose"]),
            given=values["given"],
        )  # fmt: skip
    flash(gettext("Your decision is written down."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#consents")


def _ask_fragment(actor: Actor, *, case: Case | None = None, alert: Any = None, **context: Any) -> str:
    if not actor.may(Permission.CONSULT_SUBMIT) or actor.firm_id is None or case is None:
        return ""
    return render_template("consultations/_ask.html", case=case, alert=alert)


def _desk_fragment(actor: Actor, **context: Any) -> str:
    """The consultations that wait for the centre, the most pressing first, for its desk."""
    if not actor.may(Permission.CONSULT_HANDLE):
        return ""
    with read_session() as session:
        rows = list_consultations(session, house().clock, actor, state="open", limit=6).rows
        return render_template(
            "consultations/_desk.html",
            rows=rows,
            overdue=count_overdue(session, house().clock, actor),
            objected={row.id for row in rows if row.is_objected},
            unread=unread_of(session, actor, rows),
            firms=_firms(session, [row.firm_id for row in rows]),
            standings={row.id: standing_of(session, house().clock, row) for row in rows},
            states=CONSULTATION_WORKFLOW.states,
            follow_ups=follow_ups_due(session, house().clock, actor),
            late_besides=late_besides(session, house().clock, actor),
        )


def init_consultations(app: Flask, *, suggest: Suggest, about_alert: AboutAlert) -> None:
    """Give ``app`` the pages of consultations; what siblings answer is handed in."""
    # They put their routes on the same blueprint and use this module's pages.
    from experts import (  # noqa: F401
        aftercare_views,
        attachment_views,
        beside_views,
        conflict_views,
        draft_views,
        message_views,
        paper_views,
        promise_views,
    )
    from experts.opinion_views import BLUEPRINT as OPINIONS

    keep_ports(app, suggest, about_alert)
    app.jinja_env.filters["told_again"] = clearing.told_again
    app.register_blueprint(BLUEPRINT)
    app.register_blueprint(OPINIONS)
    register_fragment(app, "alert.consult", _ask_fragment)
    register_fragment(app, "case.consult", _ask_fragment)
    register_fragment(app, "desk.due", _desk_fragment)
