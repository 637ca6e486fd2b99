"""What staff say of tags: on a case's page, with who and why, and in the queue of tags in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from cases.models import Case
from core.actor import Actor, Permission
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
from warning.bulletin_reading import people
from warning.corrections import (
    KINDS,
    LEAST_REASON,
    MOST_REASON,
    Retag,
    correct_tag,
    spoken_of,
    undo_correction,
    values_of,
)
from warning.doubt_queue import SORTS, count_doubtful, decided_lately, list_doubtful
from warning.review_models import TagCorrection, Verdict
from warning.schemas import CorrectionSchema, TagQueueSchema

BLUEPRINT = Blueprint("review", __name__)
_CORRECTION, _QUEUE = CorrectionSchema(), TagQueueSchema()


@BLUEPRINT.get("/tags/review")
@requires(Permission.TAG_REVIEW)
def queue() -> ResponseReturnValue:
    """Tags in doubt, one after the other."""
    values = load(_QUEUE, request.args)
    actor = current_actor()
    with read_session() as session:
        page = list_doubtful(session, house().clock, actor, **values)
        return render_template(
            "warning/tag_queue.html",
            page=page,
            values=values,
            waiting=count_doubtful(session, actor),
            lately=decided_lately(session, actor),
            kinds=KINDS,
            sorts=SORTS,
            least=LEAST_REASON,
            most=MOST_REASON,
        )


@BLUEPRINT.post("/cases/<case_id>/tags")
@requires(Permission.TAG_REVIEW)
def correct(case_id: str) -> ResponseReturnValue:
    """Confirm, remove or add a tag."""
    values = load(_CORRECTION, request.form)
    kind, _, value = values["tag"].partition(":")
    verdict = Verdict(values["verdict"])
    with write_session() as session:
        correct_tag(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(case_id),
            kind,
            value,
            verdict,
            values["reason"],
            seen=values["seen"],
        )
    told = {
        Verdict.CONFIRM: gettext("Confirmed. The tag stays, whatever the rules come to say."),
        Verdict.REMOVE: gettext("Removed. The tag stays away, whatever the rules say."),
        Verdict.ADD: gettext("Added. The search finds the case by it within seconds; no firm is alerted."),
    }
    flash(told[verdict], "done")
    return _back(case_id)


@BLUEPRINT.post("/tags/corrections/<correction_id>/undo")
@requires(Permission.TAG_REVIEW)
def undo(correction_id: str) -> ResponseReturnValue:
    """Let the rules speak of a tag again."""
    retag: Retag = current_app.extensions["seamark_retag"]
    with write_session() as session:
        row = undo_correction(session, house().clock, current_actor(), uuid_or_404(correction_id), retag)
        case_id = str(row.case_id)
    flash(gettext("Taken back: the rules alone decide on this tag again."), "done")
    return _back(case_id)


def _back(case_id: str) -> ResponseReturnValue:
    """To the queue as it was asked for, when the form came from there; to the case otherwise."""
    asked = request.form.get("back", "")
    if not asked.startswith("?"):
        return redirect(url_for("cases.show", case_id=case_id) + "#said")
    known = {name: value for name, value in parse_qsl(asked[1:]) if name in _QUEUE.fields}
    return redirect(f"{url_for('review.queue')}?{urlencode(known)}#next")


def names_of(session: Session, actor: Actor, rows: Sequence[TagCorrection]) -> dict[str, str]:
    """The addresses of whoever spoke in these corrections, as far as they are of the actor's centre."""
    names = [name for row in rows for name in (row.decided_by, row.ended_by) if name]
    return people(session, actor, names)


def _case_tags(actor: Actor, *, case: Case, **context: Any) -> str:
    if not actor.may(Permission.TAG_REVIEW) or actor.centre_id is None:
        return ""
    with read_session() as session:
        rows = spoken_of(session, actor, case.id)
        now = {(row.kind, row.value): row for row in rows if row.ended_at is None}
        stands = list(dict.fromkeys((tag.kind, tag.value) for tag in case.tags if tag.kind in KINDS))
        return render_template(
            "warning/_case_tags.html",
            case=case,
            stands=sorted(stands, key=lambda pair: (KINDS.index(pair[0]), pair[1])),
            removed=[row for row in now.values() if row.verdict == Verdict.REMOVE],
            now=now,
            past=[row for row in rows if row.ended_at is not None],
            people=names_of(session, actor, rows),
            choices={kind: [v for v in values_of(kind) if (kind, v) not in stands] for kind in KINDS},
            least=LEAST_REASON,
            most=MOST_REASON,
        )


def init_review(app: Flask, retag: Retag) -> None:
    """Give ``app`` the corrections of tags. ``retag`` asks the rules about a case anew."""
    app.extensions["seamark_retag"] = retag
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "case.tags", _case_tags)
