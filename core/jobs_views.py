"""Pages of long work: what runs, how far it is, stopping it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.jobs import Job, request_stop
from core.paging import Page, decode_cursor, encode_cursor, id_in_cursor
from core.web import current_actor, house, read_session, requires, uuid_or_404, write_session

BLUEPRINT = Blueprint("jobs", __name__)


def list_jobs(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Job]:
    """Jobs the actor may see, newest first. Raises BadInput on a bad cursor."""
    query = Job.visible_to(actor).order_by(Job.id.desc()).limit(limit + 1)
    if cursor:
        (before,) = decode_cursor(cursor, 1)
        query = query.where(Job.id < id_in_cursor(before))
    rows = list(session.scalars(query))
    return Page(rows[:limit], encode_cursor([str(rows[limit - 1].id)]) if len(rows) > limit else None)


@BLUEPRINT.get("/jobs")
@requires(Permission.JOB_READ)
def index() -> ResponseReturnValue:
    """Long work, newest first."""
    with read_session() as session:
        page = list_jobs(session, current_actor(), cursor=request.args.get("cursor"))
        return render_template("jobs/list.html", page=page, now=house().clock.now())


@BLUEPRINT.post("/jobs/<job_id>/stop")
@requires(Permission.JOB_READ)
def stop(job_id: str) -> ResponseReturnValue:
    """Ask a job to stop."""
    with write_session() as session:
        request_stop(session, house().clock, current_actor(), uuid_or_404(job_id))
    flash(gettext("The job will stop at its next step."), "done")
    return redirect(url_for("jobs.index"))
