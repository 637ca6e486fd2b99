"""The public pages of bulletins: the list, one bulletin, the feeds, and what the home page shows."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from core.actor import VISITOR, Actor, Permission
from core.centres import first_centre
from core.errors import EvidenceDamaged
from core.i18n import language, show_instant
from core.web import current_actor, house, load, read_session, register_fragment, requires, write_session
from warning.bulletin_changes import changes
from warning.bulletin_draft import (
    AUDIENCES,
    KINDS,
    SCOPES,
    SECTIONS,
    TYPES,
    audience_of,
    paragraphs_of,
    scope_of,
    type_of,
)
from warning.bulletin_forms import BulletinListSchema, EditionSchema
from warning.bulletin_models import Bulletin
from warning.bulletin_office import office_of
from warning.bulletin_reading import (
    centres_of,
    facet_counts,
    get_published,
    list_published,
    printed_number,
)
from warning.bulletin_sending import mark_received, waits_to_be_read
from warning.bulletin_workflow import BULLETIN_WORKFLOW, STANDING
from warning.feeds import Feed, FeedEntry, atom, json_feed
from warning.masking import masked_as
from warning.severity import LEVELS

log = structlog.get_logger(__name__)
BLUEPRINT = Blueprint("bulletins", __name__, url_prefix="/bulletins")
_LIST, _EDITION = BulletinListSchema(), EditionSchema()
#: entries a feed carries
_FEED_LENGTH = 50
#: L0 has no colour; the others are printed by colour word, numeral and mark
LEVEL_MARKS = {"L1": ("红", "Red", "I"), "L2": ("橙", "Orange", "II"), "L3": ("黄", "Yellow", "III"), "L4": ("蓝", "Blue", "IV")}  # fmt: skip


def in_language(words: Mapping[str, str] | tuple[str, str], told: str | None = None) -> str:
    """One of {zh, en}, or of a (zh, en) pair; the other where one is empty."""
    zh, en = words if isinstance(words, tuple) else (words["zh"], words["en"])
    return (zh or en) if (told or language()) == "zh" else (en or zh)


def _moment(told: str) -> str:
    """An instant kept as ISO text, shown as every instant is."""
    return show_instant(datetime.fromisoformat(told))


@BLUEPRINT.get("")
@requires(Permission.BULLETIN_READ)
def index() -> ResponseReturnValue:
    """The published bulletins, by level, region and industry."""
    values = load(_LIST, request.args)
    with read_session() as session:
        page = list_published(session, current_actor(), **values)
        return render_template(
            "warning/bulletins.html",
            page=page,
            values=values,
            facets=facet_counts(session, current_actor()),
            centres=centres_of(session, page.rows),
        )


@BLUEPRINT.get("/<slug>")
@requires(Permission.BULLETIN_READ)
def show(slug: str) -> ResponseReturnValue:
    """One bulletin: what it says, what changed, or that it was withdrawn."""
    values = load(_EDITION, request.args)
    with read_session() as session:
        found = get_published(session, current_actor(), slug, values["edition"])
        is_news = waits_to_be_read(session, current_actor(), found.shown.id)
    if is_news:
        with write_session() as session:
            mark_received(session, house().clock, current_actor(), found.shown.id)
    with read_session() as session:
        before = found.before
        return render_template(
            "warning/bulletin.html",
            found=found,
            office=office_of(session, found.centre),
            changed=changes(before.content, found.shown.content) if before else [],
        )


@BLUEPRINT.get("/feed.atom")
@requires(Permission.BULLETIN_READ)
def feed_atom() -> ResponseReturnValue:
    """The newest bulletins as Atom."""
    return _answer("atom")


@BLUEPRINT.get("/feed.json")
@requires(Permission.BULLETIN_READ)
def feed_json() -> ResponseReturnValue:
    """The newest bulletins as JSON Feed."""
    return _answer("json")


def _answer(kind: str) -> ResponseReturnValue:
    with read_session() as session:
        feed = _feed(session)
    body = atom(feed) if kind == "atom" else json_feed(feed)
    answer = Response(body, mimetype="application/atom+xml" if kind == "atom" else "application/feed+json")
    answer.set_etag(hashlib.sha256(body).hexdigest())
    answer.last_modified = feed.updated
    return answer.make_conditional(request)


def _feed(session: Session) -> Feed:
    # A feed is read by programs that nobody signed in: it holds what everybody may read.
    rows = list_published(session, VISITOR, limit=_FEED_LENGTH).rows
    offices = centres_of(session, rows)
    entries = []
    for row in rows:
        try:
            found = get_published(session, VISITOR, str(row.slug))
        except EvidenceDamaged as error:
            # One that was tampered with is told to the operator; it does not silence the others.
            log.error("bulletin_damaged", slug=row.slug, error=str(error))
            continue
        first = found.editions[-1]
        office = offices[row.centre_id]
        withdrawn = found.newest.state not in STANDING
        published, updated = first.published_at, row.ended_at or row.published_at
        assert published is not None and updated is not None, "published editions have their instants"
        entries.append(
            FeedEntry(
                series=row.series_id,
                url=url_for("bulletins.show", slug=row.slug, _external=True),
                title_zh=row.content["title"]["zh"],
                title_en=row.content["title"]["en"],
                body_zh=_body(row, "zh", withdrawn),
                body_en=_body(row, "en", withdrawn),
                level=row.level,
                published=published,
                updated=updated,
                office_zh=office.zh,
                office_en=office.en,
                mark="withdrawn" if withdrawn else "corrected" if row.edition > 1 else "",
            )
        )
    return Feed(
        id=f"urn:uuid:{uuid.uuid5(first_centre(session).id, 'bulletins')}",
        title="海外知识产权风险预警公报 / Bulletins of overseas IP risks",
        home_url=url_for("bulletins.index", _external=True),
        atom_url=url_for("bulletins.feed_atom", _external=True),
        json_url=url_for("bulletins.feed_json", _external=True),
        entries=entries,
    )


def _body(row: Bulletin, told: str, withdrawn: bool) -> str:
    return render_template("warning/_bulletin_feed.html", bulletin=row, told=told, withdrawn=withdrawn)


def _newest(actor: Actor, **context: Any) -> str:
    with read_session() as session:
        page = list_published(session, actor, limit=4)
        if not page.rows:
            return ""
        return render_template(
            "warning/_home_bulletins.html", page=page, centres=centres_of(session, page.rows)
        )


def init_bulletins(app: Flask) -> None:
    """Give ``app`` the pages, feeds and words of bulletins."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.filters.update(
        in_language=in_language, bulletin_number=printed_number, masked=masked_as, moment=_moment
    )
    app.jinja_env.globals.update(
        BULLETIN_KINDS=KINDS,
        BULLETIN_SECTIONS=SECTIONS,
        BULLETIN_AUDIENCES=AUDIENCES,
        BULLETIN_SCOPES=SCOPES,
        PARAGRAPH_TYPES=TYPES,
        audience_of=audience_of,
        paragraphs_of=paragraphs_of,
        scope_of=scope_of,
        paragraph_type=type_of,
        BULLETIN_STATES=BULLETIN_WORKFLOW.states,
        LEVELS=LEVELS[::-1],
        LEVEL_MARKS=LEVEL_MARKS,
    )
    register_fragment(app, "home", _newest)
