"""Pages of the sources: what is covered and how it goes, the run ledger, visiting one now."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, cast

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.background import start_job
from core.errors import BadInput, NotFound
from core.jobs import JobHandle
from core.said import said
from core.web import Web, current_actor, house, read_session, register_words, requires
from crawlers.health import recent_rejects, recent_runs, source_health
from crawlers.registry import all_sources
from crawlers.run import Crawler, Tally
from crawlers.source import SourceSpec, SourceStatus

BLUEPRINT = Blueprint("crawlers", __name__)


class _Crawls(Web, Protocol):
    """The house, as far as it makes crawlers."""

    def crawler(self) -> Crawler: ...


@BLUEPRINT.get("/sources")
@requires(Permission.SOURCE_READ)
def index() -> ResponseReturnValue:
    """What is covered, and how each source is doing."""
    with read_session() as session:
        return render_template("crawlers/list.html", rows=source_health(session, house().clock))


@BLUEPRINT.get("/sources/<source_id>")
@requires(Permission.SOURCE_RUN)
def show(source_id: str) -> ResponseReturnValue:
    """One source: its facts, its ledger, what it refused."""
    spec = _spec(source_id)
    with read_session() as session:
        health = next(row for row in source_health(session, house().clock) if row.spec.id == source_id)
        return render_template(
            "crawlers/source.html",
            spec=spec,
            health=health,
            runs=recent_runs(session, source_id),
            rejects=recent_rejects(session, source_id),
        )


@BLUEPRINT.post("/sources/<source_id>/crawl")
@requires(Permission.SOURCE_RUN)
def crawl(source_id: str) -> ResponseReturnValue:
    """Visit a source now, beside the pages."""
    spec = _spec(source_id)
    if spec.status is not SourceStatus.LIVE:
        raise BadInput(
            said("%(source)s is not visited by itself.", source=spec.id),
            fix=said("Bring its files by hand."),
        )
    seamark = cast(_Crawls, house())
    crawler = seamark.crawler()

    def work(handle: JobHandle) -> list[Tally]:
        done: list[Tally] = []

        def told(tally: Tally) -> None:
            done.append(tally)
            created = sum(t.created for t in done)
            changed = sum(t.changed for t in done)
            handle.advance(len(done), len(spec.courts) or 1, f"{created} new, {changed} changed")

        return replace(crawler, on_tally=told).crawl(source_id)

    start_job(seamark.database, seamark.clock, current_actor(), "crawl", work, {"source": source_id})
    flash(gettext("The visit has started; this page shows how far it is."), "done")
    return redirect(url_for("jobs.index"))


def _spec(source_id: str) -> SourceSpec:
    source = all_sources().get(source_id)
    if source is None:
        raise NotFound(said("There is no such source."), fix=said("Choose one from the list of sources."))
    return source.SPEC


def _name(source_id: str, language: str) -> str | None:
    source = all_sources().get(source_id)
    return (source.SPEC.zh if language == "zh" else source.SPEC.en) if source else None


def init_crawlers(app: Flask) -> None:
    """Give ``app`` the pages of the sources, and every page their names."""
    app.register_blueprint(BLUEPRINT)
    register_words(app, _name)
