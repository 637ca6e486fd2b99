"""Pages of the entry, for whoever holds the private link: one question a page, kept at every step.

The code lies in a cookie that no script reads; on another device it is typed, so that nobody is led
into another's request by an address alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]

from cases.deadlines.reading import load_clocks
from cases.taxonomy import load_taxonomy
from core.errors import BadInput, NotFound, StaleWrite
from core.i18n import language
from core.said import said
from core.web import (
    Gate,
    house,
    read_session,
    register_fragment,
    requires,
    uuid_or_404,
    write_session,
)
from experts.consultation_web import Problems, problems_in
from experts.consultation_workflow import Scenario
from experts.entry import asking
from experts.entry.finishing_views import received_page
from experts.entry.holding import BLUEPRINT, event_name, held, held_code, hold
from experts.entry.questions import (
    EVENT_OF,
    PAGES,
    kept,
    problems_of_all,
    problems_of_page,
    venue_in,
)
from experts.entry.workflow import KEEP_DAYS, NOTICE_VERSION, EntryState
from experts.life_web import limit_visitors
from knowledge.first_hours import load_first_hours

_ORDER = tuple(PAGES)


def _start_page(
    scenario: str, problems: Problems | None = None, status: int = 200, typed: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    open_row = None
    if held_code():
        with read_session() as session:
            try:
                open_row = held(session)
            except NotFound:
                open_row = None
    carried = {
        name: text for name, text in (typed or {}).items() if name in ("page", *sum(PAGES.values(), ()))
    }
    page = render_template(
        "entry/start.html",
        scenario=scenario,
        scenarios=load_first_hours(),
        problems=problems or {},
        notice_version=NOTICE_VERSION,
        days=KEEP_DAYS,
        open_row=open_row,
        carried=carried,
        typed=typed or {},
        total=len(PAGES),
    )
    return page, status


@BLUEPRINT.get("")
@requires(Gate.OPEN)
def index() -> ResponseReturnValue:
    """An address as one types it leads to the first page."""
    return redirect(url_for("entry.start"))


@BLUEPRINT.get("/start")
@requires(Gate.OPEN)
def start() -> ResponseReturnValue:
    """What was received, what comes, and the notice on personal information."""
    scenario = request.args.get("scenario", "")
    if scenario and scenario not in {one.value for one in Scenario}:
        raise NotFound(said("There is no such page of first steps."))
    return _start_page(scenario)


@BLUEPRINT.post("/start")
@requires(Gate.OPEN)
def begin() -> ResponseReturnValue:
    """Begin a request under a private link; words typed into a form whose request was gone are taken along."""
    scenario = request.form.get("scenario", "")
    try:
        with write_session() as session:
            row, code = asking.begin(
                session,
                house().clock,
                house().vault,
                scenario,
                language=language(),
                notice="notice" in request.form,
            )
            page = request.form.get("page", "")
            if page in PAGES:
                actor = asking.asker_of(row)
                asking.save(
                    session, house().clock, actor, house().vault, row.id, page, request.form,
                    seen=asking.seen_mark({}, page),
                )  # fmt: skip
    except BadInput as error:
        return _start_page(scenario, problems_in(error), 422, request.form)
    first = page if page in PAGES else _ORDER[0]
    leads = redirect(url_for("entry.ask", page=first, new=1))
    return hold(leads, code, KEEP_DAYS[EntryState.DRAFT.value])


def _question_page(
    page: str,
    answers: Mapping[str, str],
    seen: str,
    *,
    scenario: str = "",
    problems: Problems | None = None,
    meanwhile: Mapping[str, str] | None = None,
    files: Any = (),
    status: int = 200,
) -> ResponseReturnValue:
    regions = sorted({r.code for r in load_taxonomy().regions.values() if r.code} | {"EU"})
    forum = venue_in(answers)
    events = load_clocks().events_at(forum.id) if forum else list(load_clocks().events.values())
    shown = render_template(
        "entry/question.html",
        page=page,
        typed=answers,
        seen=seen,
        scenario=scenario,
        problems=problems or {},
        meanwhile=meanwhile or {},
        number=_ORDER.index(page) + 1,
        total=len(PAGES),
        regions=regions,
        first_regions=("US", "DE", "EU", "GB", "JP", "KR"),
        forums=_forums(answers.get("region", "")),
        events=events if forum else [],
        presumed=EVENT_OF.get(scenario, ""),
        files=files,
        code=held_code() if request.args.get("new") else "",
        checking="check" in request.values,
    )
    return shown, status


def _forums(region: str) -> list[str]:
    """Names of forums to choose from: those with clocks, of the region where one is told."""
    taxonomy = load_taxonomy()
    known = [taxonomy.venues[name] for name in load_clocks().by_venue if name in taxonomy.venues]
    there = [v for v in known if not region or taxonomy.region_code(v.id) == region]
    return sorted({v.zh if language() == "zh" else v.en for v in there})


def _page_or_404(page: str) -> str:
    if page not in PAGES:
        raise NotFound(said("There is no such page."))
    return page


@BLUEPRINT.get("/q/<page>")
@requires(Gate.OPEN)
def ask(page: str) -> ResponseReturnValue:
    """One question."""
    _page_or_404(page)
    with read_session() as session:
        row = held(session)
        if row.state != EntryState.DRAFT.value:
            return redirect(url_for("entry.received"))
        answers = asking.answers_of(house().vault, row)
        today = asking.today_at(session, house().clock, row)
        problems = problems_of_all(answers, today) if "check" in request.args else {}
        problems = {name: found for name, found in problems.items() if name in PAGES[page]}
        mark = asking.seen_mark(answers, page)
        return _question_page(
            page, answers, mark, scenario=row.scenario, problems=problems, files=list(row.files)
        )


@BLUEPRINT.post("/q/<page>")
@requires(Gate.OPEN)
def tell(page: str) -> ResponseReturnValue:
    """Keep what was typed, then go on, back, or away."""
    _page_or_404(page)
    act, told = request.form.get("act", "continue"), kept(request.form, page)
    try:
        with write_session() as session:
            row = held(session)
            opened = asking.save(
                session, house().clock, asking.asker_of(row), house().vault, row.id, page, request.form,
                seen=request.form.get("seen", ""),
            )  # fmt: skip
            today = asking.today_at(session, house().clock, row)
            problems = problems_of_page(page, opened.answers, today)
            files = list(row.files)
    except NotFound:
        # The cookie or the request is gone; what was typed is not.
        return _start_page("", {"": [said("Your request is no longer open here. What you typed is kept below: begin anew and it is taken along.")]}, 404, {**request.form, "page": page})  # fmt: skip
    except StaleWrite as error:
        meanwhile: Any = error.details["current"]
        return _question_page(
            page, told, str(error.details["seen"]), problems={"": [error.message, error.fix]},
            meanwhile=meanwhile, status=409,
        )  # fmt: skip
    if problems and act == "continue":
        mark = asking.seen_mark(opened.answers, page)
        return _question_page(
            page, opened.answers, mark, scenario=row.scenario, problems=problems, files=files, status=422
        )
    return redirect(_leads(page, act))


def _leads(page: str, act: str) -> str:
    at = _ORDER.index(page)
    if act == "later":
        return url_for("entry.later")
    if act == "back":
        return url_for("entry.ask", page=_ORDER[at - 1]) if at else url_for("entry.what")
    if "check" in request.form:
        return url_for("entry.check")
    return url_for("entry.ask", page=_ORDER[at + 1]) if at + 1 < len(_ORDER) else url_for("entry.plan")


@BLUEPRINT.errorhandler(CSRFError)
def form_expired(error: CSRFError) -> ResponseReturnValue:
    """A form that stood open too long comes back with everything that was typed in it."""
    page = str((request.view_args or {}).get("page", ""))
    sentence = said(
        "This page stood open too long. Nothing was changed, and what you typed is still here: send it again."
    )
    if request.endpoint == "entry.tell" and page in PAGES:
        return _question_page(
            page,
            kept(request.form, page),
            request.form.get("seen", ""),
            problems={"": [sentence]},
            status=400,
        )
    return render_template("entry/expired.html", sentence=sentence), 400


@BLUEPRINT.get("/what")
@requires(Gate.OPEN)
def what() -> ResponseReturnValue:
    """Say anew what was received."""
    with read_session() as session:
        row = held(session)
        return render_template("entry/what.html", row=row, scenarios=load_first_hours())


@BLUEPRINT.post("/what")
@requires(Gate.OPEN)
def choose() -> ResponseReturnValue:
    """Keep what was received."""
    with write_session() as session:
        row = held(session)
        asking.choose_scenario(
            session, house().clock, asking.asker_of(row), house().vault, row.id,
            request.form.get("scenario", ""),
        )  # fmt: skip
    return redirect(
        url_for("entry.check") if "check" in request.form else url_for("entry.ask", page=_ORDER[0])
    )


@BLUEPRINT.post("/files")
@requires(Gate.OPEN)
def upload() -> ResponseReturnValue:
    """Keep files and photographs; those that are not taken are named, the others are kept."""
    sent = [one for one in request.files.getlist("file") if one.filename]
    problems: list[Any] = [] if sent else [said("Choose a file first.")]
    taken = 0
    for one in sent:
        try:
            with write_session() as session:
                row = held(session)
                asking.add_file(
                    session, house().clock, asking.asker_of(row), house().vault, row.id,
                    str(one.filename), one.stream.read(),
                )  # fmt: skip
            taken += 1
        except BadInput as error:
            problems += [said("%(name)s:", name=str(one.filename)[:120]), error.message, error.fix]
    with read_session() as session:
        row = held(session)
        files, state = list(row.files), row.state
        answers = asking.answers_of(house().vault, row)
    if problems:
        if state != EntryState.DRAFT.value:
            return received_page({"file": problems}, 422)
        return _question_page(
            "files", answers, "", scenario=row.scenario, problems={"file": problems}, files=files, status=422
        )
    flash(gettext("%(count)s files are kept, encrypted.", count=taken), "done")
    leads = (
        url_for("entry.ask", page="files") if state == EntryState.DRAFT.value else url_for("entry.received")
    )
    return redirect(leads)


@BLUEPRINT.post("/files/<file_id>/remove")
@requires(Gate.OPEN)
def remove(file_id: str) -> ResponseReturnValue:
    """Take a file out of the draft."""
    with write_session() as session:
        row = held(session)
        asking.remove_file(
            session, house().clock, asking.asker_of(row), house().vault, row.id, uuid_or_404(file_id)
        )
    flash(gettext("The file is deleted."), "done")
    return redirect(url_for("entry.ask", page="files"))


@BLUEPRINT.get("/later")
@requires(Gate.OPEN)
def later() -> ResponseReturnValue:
    """The private link and its code, to go on later or elsewhere."""
    with read_session() as session:
        row = held(session)
        link = house().settings.base_url.rstrip("/") + url_for("entry.resume")
        return render_template("entry/later.html", row=row, code=held_code(), link=link)


@BLUEPRINT.get("/resume")
@requires(Gate.OPEN)
def resume() -> ResponseReturnValue:
    """Ask for the code that was kept; it never stands in an address, which logs and histories keep."""
    return render_template("entry/resume.html", problems={})


@BLUEPRINT.post("/resume")
@requires(Gate.OPEN)
def go_on() -> ResponseReturnValue:
    """Open a request with its code."""
    code = request.form.get("code", "")
    with read_session() as session:
        try:
            row = asking.by_code(session, code)
        except NotFound as error:
            page = render_template("entry/resume.html", problems={"code": [error.message, error.fix]})
            return page, 422
        state = row.state
    leads = url_for("entry.check") if state == EntryState.DRAFT.value else url_for("entry.received")
    return hold(redirect(leads), asking.plain_code(code), KEEP_DAYS[state])


def init_entry(app: Flask) -> None:
    """Give ``app`` the pages of the entry."""
    # They show what this module's cookie holds.
    from experts.entry.desk_views import DESK, show_on_desk, show_on_home

    app.register_blueprint(BLUEPRINT)
    app.register_blueprint(DESK)
    app.jinja_env.filters["entry_event"] = event_name
    register_fragment(app, "desk.due", show_on_desk)
    register_fragment(app, "home.mine", show_on_home)
    limit_visitors(app, "entry.begin", "entry.send")
    limit_visitors(app, "entry.go_on", limit="30 per hour")
    limit_visitors(app, "entry.tell", "entry.upload", "entry.choose", limit="300 per hour")
