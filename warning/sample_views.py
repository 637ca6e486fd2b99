"""Pages of samples that several people read, and of what they tell of the tags' quality."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.explaining import explain_tags, marked_text
from cases.models import Case, CaseStatus
from core.actor import Permission
from core.errors import BadInput, SeamarkError
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_reading import people
from warning.corrections import KINDS, LEAST_REASON, MOST_REASON, values_of
from warning.quality import BY, quality, read_in, total
from warning.review_models import Judgement, ReviewSample
from warning.review_samples import (
    FEWEST,
    MOST,
    agreed_changes,
    apply_agreed,
    draw,
    get_sample,
    judge,
    may_see_answers,
    pairings,
    progress,
    size_of,
    to_read,
)
from warning.rule_views import shelf

BLUEPRINT = Blueprint("samples", __name__)
#: figures by tag are public where at least so many tags were judged
LEAST_PUBLIC = 10


class DrawSchema(Schema):
    """What a sample is drawn from."""

    class Meta:
        unknown = EXCLUDE

    title = fields.String(load_default="")
    size = fields.Integer(load_default=50)
    language = fields.String(load_default="", validate=validate.Length(max=20))
    source = fields.String(load_default="", validate=validate.Length(max=60))


class ReadSchema(Schema):
    """Which case of a sample is read."""

    class Meta:
        unknown = EXCLUDE

    case = fields.Integer(load_default=None, validate=validate.Range(min=0))


class ApplySchema(Schema):
    """Why what all readers say is made a correction."""

    class Meta:
        unknown = EXCLUDE

    reason = fields.String(load_default="")


class QualitySchema(Schema):
    """By what figures are told, and of cases in which language and from which source; "" for all."""

    class Meta:
        unknown = EXCLUDE

    by = fields.String(load_default="kind", validate=validate.OneOf(list(BY)))
    language = fields.String(load_default="", validate=validate.Length(max=20))
    source = fields.String(load_default="", validate=validate.Length(max=100))


_DRAW, _READ, _APPLY, _QUALITY = DrawSchema(), ReadSchema(), ApplySchema(), QualitySchema()


@BLUEPRINT.get("/tags/samples")
@requires(Permission.TAG_REVIEW)
def index() -> ResponseReturnValue:
    """Samples, and a form that draws one."""
    return _list()


def _list(values: dict[str, Any] | None = None, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        query = ReviewSample.visible_to(actor).order_by(ReviewSample.id.desc()).limit(100)
        samples = session.scalars(query).all()
        public = select(Case.language).where(Case.status == CaseStatus.PUBLIC.value).distinct()
        page = render_template(
            "warning/samples.html",
            samples=samples,
            sizes={sample.id: size_of(session, sample.id) for sample in samples},
            read={sample.id: progress(session, sample.id) for sample in samples},
            people=people(session, actor, [sample.drawn_by for sample in samples]),
            languages=sorted(session.scalars(public)),
            values=values or {"title": "", "size": 50, "language": "", "source": ""},
            problem=problem,
            fewest=FEWEST,
            most=MOST,
            me=actor.name,
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/tags/samples")
@requires(Permission.TAG_REVIEW)
def draw_one() -> ResponseReturnValue:
    """Draw a sample."""
    values = load(_DRAW, request.form)
    try:
        with write_session() as session:
            sample = draw(
                session,
                house().clock,
                current_actor(),
                values["title"],
                values["size"],
                language=values["language"],
                source=values["source"],
                rulebook=shelf().current(session).version,
            )
    except BadInput as problem:
        return _list(values, problem)
    flash(gettext("The sample is drawn. Two people read it, each alone."), "done")
    return redirect(url_for("samples.show", sample_id=sample.id))


@BLUEPRINT.get("/tags/samples/<sample_id>")
@requires(Permission.TAG_REVIEW)
def show(sample_id: str) -> ResponseReturnValue:
    """How far a sample is read and, once two have read it, how they agree."""
    return _page(sample_id)


def _page(sample_id: str, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        sample = get_sample(session, actor, uuid_or_404(sample_id))
        read = progress(session, sample.id)
        is_open = may_see_answers(session, actor, sample.id)
        page = render_template(
            "warning/sample.html",
            sample=sample,
            size=size_of(session, sample.id),
            read=read,
            is_open=is_open,
            pairings=pairings(session, sample.id) if is_open else [],
            agreed=agreed_changes(session, actor, sample.id) if is_open else [],
            people=people(session, actor, [*read, sample.drawn_by]),
            me=actor.name,
            problem=problem,
            least=LEAST_REASON,
            most=MOST_REASON,
        )
    return page, problem.status if problem else 200


@BLUEPRINT.get("/tags/samples/<sample_id>/read")
@requires(Permission.TAG_REVIEW)
def read(sample_id: str) -> ResponseReturnValue:
    """The next case to be judged, or the one asked for."""
    asked = load(_READ, request.args)["case"]
    return _reading(sample_id, asked)


def _reading(sample_id: str, asked: int | None, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor = current_actor()
    with read_session() as session:
        found = to_read(session, actor, uuid_or_404(sample_id), asked)
        if found is None:
            flash(gettext("You have read the whole sample."), "done")
            return redirect(url_for("samples.show", sample_id=sample_id))
        case = found.case
        told = explain_tags(case)
        page = render_template(
            "warning/sample_read.html",
            sample=get_sample(session, actor, uuid_or_404(sample_id)),
            found=found,
            case=case,
            told={(one.kind, one.value): one for kind in told.values() for one in kind},
            title=marked_text(case.title or case.caption, case.tags, "title"),
            text=marked_text(case.text, case.tags, "text"),
            choices={
                kind: [v for v in values_of(kind) if (kind, v) not in set(found.tags)] for kind in KINDS
            },
            missing=[pair for pair, what in found.said.items() if what == Judgement.MISSING],
            problem=problem,
        )
    return page, problem.status if problem else 200


@BLUEPRINT.post("/tags/samples/<sample_id>/cases/<case_id>")
@requires(Permission.TAG_REVIEW)
def judge_one(sample_id: str, case_id: str) -> ResponseReturnValue:
    """Keep what the reader says of a case, and lead to the next."""
    answers = {
        _pair(name.removeprefix("tag:")): value
        for name, value in request.form.items()
        if name.startswith("tag:")
    }
    missing = [_pair(value) for value in request.form.getlist("missing") if value]
    try:
        with write_session() as session:
            judge(
                session,
                house().clock,
                current_actor(),
                uuid_or_404(sample_id),
                uuid_or_404(case_id),
                answers,
                missing,
            )
    except BadInput as problem:
        place = load(_READ, request.form)["case"]
        return _reading(sample_id, place, problem)
    return redirect(url_for("samples.read", sample_id=sample_id) + "#next")


def _pair(text: str) -> tuple[str, str]:
    kind, _, value = text.partition(":")
    return kind, value


@BLUEPRINT.post("/tags/samples/<sample_id>/apply")
@requires(Permission.TAG_REVIEW)
def apply(sample_id: str) -> ResponseReturnValue:
    """Make corrections of what all readers say alike."""
    values = load(_APPLY, request.form)
    try:
        with write_session() as session:
            count = apply_agreed(
                session, house().clock, current_actor(), uuid_or_404(sample_id), values["reason"]
            )
    except BadInput as problem:
        return _page(sample_id, problem)
    flash(gettext("%(count)s tags are corrected.", count=count), "done")
    return redirect(url_for("samples.show", sample_id=sample_id))


@BLUEPRINT.get("/quality")
@requires(Permission.CASE_READ)
def quality_page() -> ResponseReturnValue:
    """How far the tags can be trusted: short for everybody, by tag, language and source for staff."""
    values = load(_QUALITY, request.args)
    by = values["by"]
    is_staff = current_actor().may(Permission.TAG_REVIEW)
    with read_session() as session:
        languages, sources = read_in(session) if is_staff else ([], [])
        return render_template(
            "warning/quality.html",
            all=total(session),
            rows=_shown(session, values, is_staff=is_staff),
            values=values,
            languages=languages,
            sources=sources,
            by=by if is_staff else "kind",
            bys=BY,
            is_staff=is_staff,
            by_tag=[] if is_staff else _shown(session, {"by": "tag"}, is_staff=False),
            least=LEAST_PUBLIC,
            drawn=session.scalar(
                select(ReviewSample.drawn_at).order_by(ReviewSample.drawn_at.desc()).limit(1)
            ),
        )


def _shown(session: Session, values: Mapping[str, Any], *, is_staff: bool) -> list[Any]:
    if is_staff:
        return quality(session, **values)
    by = values["by"]
    rows = quality(session, by if by == "tag" else "kind")
    return [row for row in rows if by != "tag" or row.right + row.wrong >= LEAST_PUBLIC]


@BLUEPRINT.get("/quality/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The figures as a CSV file."""
    values = load(_QUALITY, request.args)
    by = values["by"]
    told = io.StringIO()
    rows = csv.writer(told)
    counted, shares_of = ("cases", "right", "wrong", "missing", "undecided"), ("precision", "recall")
    rows.writerow(["key", *counted, *(f"{s}{end}" for s in shares_of for end in ("", "_low", "_high"))])
    with read_session() as session:
        for row in quality(session, **values):
            shares = [
                "" if share.value is None else f"{number:.4f}"
                for share in (row.precision, row.recall)
                for number in (share.value or 0.0, share.low, share.high)
            ]
            counts = [row.cases, row.right, row.wrong, row.missing, row.undecided]
            rows.writerow([":".join(row.key), *counts, *shares])
    return Response(
        "\ufeff" + told.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="quality-{by}.csv"'},
    )


def init_samples(app: Flask) -> None:
    """Give ``app`` the pages of samples and of quality. Needs :func:`warning.rule_views.init_rules`."""
    app.register_blueprint(BLUEPRINT)
