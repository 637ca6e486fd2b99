"""Pages of parties: the list, one party, and what staff decide about it."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from cases.parties.campaigns import LEAST_CASES, LEAST_DEFENDANTS, WINDOW
from cases.parties.grouping import (
    LEAST_REASON,
    MOST_REASON,
    acts_on,
    mark_kind,
    mark_of,
    merge,
    split_cases,
    split_name,
    stands,
    undo,
)
from cases.parties.keys import LONGEST, key_of
from cases.parties.listing import LEAST_LETTERS, SIDES, list_parties
from cases.parties.models import PartyKind
from cases.parties.profile import alike, cases_of, heads_of, profile_of
from core.actor import Permission
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session

BLUEPRINT = Blueprint("parties", __name__)
#: rows of an export at most
_MOST_ROWS = 5_000


class ListSchema(Schema):
    """The list's questions."""

    class Meta:
        unknown = EXCLUDE

    q = fields.Str(load_default="", validate=validate.Length(max=200))
    side = fields.Str(load_default="", validate=validate.OneOf(["", *SIDES]))
    kind = fields.Str(load_default="", validate=validate.OneOf(["", *PartyKind]))
    cursor = fields.Str(load_default=None)


class PartySchema(Schema):
    """Which party."""

    class Meta:
        unknown = EXCLUDE

    name = fields.Str(required=True, validate=validate.Length(min=1, max=LONGEST + 20))
    cursor = fields.Str(load_default=None)


class ActSchema(Schema):
    """A decision: about which party, why, and what was seen."""

    class Meta:
        unknown = EXCLUDE

    name = fields.Str(required=True, validate=validate.Length(min=1, max=LONGEST + 20))
    reason = fields.Str(load_default="")
    seen = fields.Str(load_default="")


class MergeSchema(ActSchema):
    """Which other party is the same."""

    other = fields.Str(required=True, validate=validate.Length(min=1, max=LONGEST + 20))


class SplitSchema(ActSchema):
    """Which cases name another party of the same name; none parts the name itself."""

    case = fields.List(fields.UUID(), load_default=list)


class KindSchema(ActSchema):
    """What the party is."""

    kind = fields.Str(load_default="")


_LIST, _PARTY, _MERGE, _SPLIT, _KIND = ListSchema(), PartySchema(), MergeSchema(), SplitSchema(), KindSchema()


@BLUEPRINT.get("/parties")
@requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """Find parties by name."""
    values = load(_LIST, request.args)
    words = values["q"].strip()
    is_short = 0 < len(words) < LEAST_LETTERS
    with read_session() as session:
        page = list_parties(
            session,
            current_actor(),
            words="" if is_short else words,
            side=values["side"],
            kind=values["kind"],
            today=house().clock.now().date(),
            cursor=values["cursor"],
        )
    return render_template(
        "cases/parties.html", page=page, values=values, is_short=is_short, kinds=list(PartyKind)
    )


@BLUEPRINT.get("/parties/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The found parties as a CSV file."""
    values = load(_LIST, request.args)
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(["party", "name", "public_cases", "latest_on", "kind"])
    with read_session() as session:
        page = list_parties(
            session,
            current_actor(),
            words=values["q"].strip(),
            side=values["side"],
            kind=values["kind"],
            today=house().clock.now().date(),
            limit=_MOST_ROWS,
        )
        for row in page.rows:
            writer.writerow(
                [_plain(row.head), _plain(row.name), row.cases, row.latest_on or "", row.kind or ""]
            )
    return Response(
        "\ufeff" + told.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="parties.csv"'},
    )


@BLUEPRINT.get("/parties/one")
@requires(Permission.CASE_READ)
def show() -> ResponseReturnValue:
    """One party across cases."""
    values = load(_PARTY, request.args)
    actor = current_actor()
    with read_session() as session:
        profile = profile_of(session, actor, _key(session, values["name"]))
        may_write = actor.may(Permission.PARTY_WRITE)
        near = alike(session, actor, profile) if may_write else []
        return render_template(
            "cases/party.html",
            profile=profile,
            page=cases_of(session, actor, profile.head, cursor=values["cursor"]),
            alike=near,
            heads=heads_of(session, [one.key for one in near]),
            marks={one.key: mark_of(session, [profile.head, one.key]) for one in near},
            acts=acts_on(session, [profile.head], limit=20) if may_write else [],
            seen=mark_of(session, [profile.head]),
            may_write=may_write,
            kinds=list(PartyKind),
            least=LEAST_REASON,
            most=MOST_REASON,
            window=WINDOW.days,
            least_cases=LEAST_CASES,
            least_defendants=LEAST_DEFENDANTS,
        )


@BLUEPRINT.post("/parties/merge")
@requires(Permission.PARTY_WRITE)
def put_together() -> ResponseReturnValue:
    """Let another party's names be this one's."""
    values = load(_MERGE, request.form)
    with write_session() as session:
        merge(
            session,
            house().clock,
            current_actor(),
            _key(session, values["name"]),
            _key(session, values["other"]),
            values["reason"],
            seen=values["seen"],
        )
    flash(gettext("The two are one party now. It can be undone below."), "done")
    return _back(values["name"])


@BLUEPRINT.post("/parties/split")
@requires(Permission.PARTY_WRITE)
def part() -> ResponseReturnValue:
    """Part a name from the party, or some of its cases."""
    values = load(_SPLIT, request.form)
    with write_session() as session:
        if values["case"]:
            split_cases(
                session,
                house().clock,
                current_actor(),
                values["name"],
                values["case"],
                values["reason"],
                seen=values["seen"],
            )
        else:
            split_name(
                session, house().clock, current_actor(), values["name"], values["reason"], seen=values["seen"]
            )
    flash(gettext("Parted. It can be undone below."), "done")
    return _back(values["name"])


@BLUEPRINT.post("/parties/kind")
@requires(Permission.PARTY_WRITE)
def mark() -> ResponseReturnValue:
    """Say what the party is."""
    values = load(_KIND, request.form)
    with write_session() as session:
        mark_kind(
            session,
            house().clock,
            current_actor(),
            _key(session, values["name"]),
            values["kind"],
            values["reason"],
            seen=values["seen"],
        )
    flash(gettext("Marked. It can be undone below."), "done")
    return _back(values["name"])


@BLUEPRINT.post("/parties/acts/<act_id>/undo")
@requires(Permission.PARTY_WRITE)
def take_back(act_id: str) -> ResponseReturnValue:
    """Undo a decision about a party."""
    with write_session() as session:
        act = undo(session, house().clock, current_actor(), uuid_or_404(act_id))
        head = act.content.get("head") or act.content["key"]
    flash(gettext("Undone: what stood before stands again."), "done")
    return _back(head)


def _key(session: Session, name: str) -> str:
    """The key itself where some party stands under it, else that of a name which somebody typed."""
    return name if stands(session, name) else key_of(name)


def _back(name: str) -> ResponseReturnValue:
    return redirect(url_for("parties.show", name=name))


def _plain(text: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def init_parties(app: Flask) -> None:
    """Give ``app`` the pages of parties."""
    app.register_blueprint(BLUEPRINT)
    app.add_template_filter(key_of, "party_key")
