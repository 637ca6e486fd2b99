"""Bulletins on paper: PDF for everybody once published, with a watermark for staff before; and how a centre prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.centres import Centre
from core.errors import BadInput, NotFound
from core.i18n import language
from core.paper_docx import docx_of
from core.pdf import Shelf, obstacle, render_pdf, require_pdf
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_forms import OfficeSchema, PaperSchema
from warning.bulletin_models import Bulletin
from warning.bulletin_office import Office, choose_office, office_of
from warning.bulletin_reading import Published, get_published
from warning.bulletin_workflow import PUBLIC
from warning.bulletins import get_bulletin

BLUEPRINT = Blueprint("bulletin_paper", __name__, url_prefix="/bulletins")
_PAPER, _OFFICE = PaperSchema(), OfficeSchema()
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def long_day(value: datetime) -> str:
    """2026年3月2日, or 2 March 2026, in the centre's zone: as an official document is dated."""
    day = value.astimezone(ZoneInfo(house().settings.zone)).date()
    if language() == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _paper(bulletin: Bulletin, centre: Centre, office: Office, form: str) -> str:
    page = url_for("bulletins.show", slug=bulletin.slug) if bulletin.slug else ""
    return render_template(
        "warning/bulletin_paper.html",
        bulletin=bulletin,
        centre=centre,
        mark=office.mark,
        form=form,
        is_draft=bulletin.state not in PUBLIC,
        address=f"{house().settings.base_url}{page}",
    )


def _file(content: bytes, kind: str, bulletin: Bulletin) -> Response:
    name = f"{bulletin.slug or 'draft'}-{bulletin.edition}-{language()}.{kind}"
    answer = Response(content, mimetype=_TYPES[kind])
    answer.headers["Content-Disposition"] = (
        f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    )
    return answer


_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _standing(slug: str, values: dict[str, Any]) -> tuple[Published, Office, str]:
    with read_session() as session:
        found = get_published(session, current_actor(), slug, values["edition"])
        office = office_of(session, found.centre)
    if found.newest.state == "withdrawn":
        raise NotFound(
            said("This bulletin was withdrawn: its text is no longer handed out."),
            fix=said("Its page says why."),
        )
    return found, office, office.form(values["form"])


@BLUEPRINT.get("/<slug>/pdf")
@requires(Permission.BULLETIN_READ)
def pdf(slug: str) -> ResponseReturnValue:
    """A published edition as PDF, in the centre's form or the plain one."""
    require_pdf()
    found, office, form = _standing(slug, load(_PAPER, request.args))
    html = _paper(found.shown, found.centre, office, form)
    return _file(Shelf(house().settings.home / "documents").pdf_of(html), "pdf", found.shown)


@BLUEPRINT.get("/drafts/<bulletin_id>/pdf")
@requires(Permission.BULLETIN_DRAFT)
def draft_pdf(bulletin_id: str) -> ResponseReturnValue:
    """How an edition will look on paper; one that is not public yet bears a watermark on every page."""
    require_pdf()
    bulletin, centre, office, form = _drafted(bulletin_id)
    return _file(render_pdf(_paper(bulletin, centre, office, form)), "pdf", bulletin)


@BLUEPRINT.get("/<slug>/docx")
@requires(Permission.BULLETIN_READ)
def word(slug: str) -> ResponseReturnValue:
    """A published edition as DOCX, in the centre's form or the plain one."""
    found, office, form = _standing(slug, load(_PAPER, request.args))
    return _file(docx_of(_paper(found.shown, found.centre, office, form)), "docx", found.shown)


@BLUEPRINT.get("/drafts/<bulletin_id>/docx")
@requires(Permission.BULLETIN_DRAFT)
def draft_word(bulletin_id: str) -> ResponseReturnValue:
    """An edition of the centre's as DOCX; one that is not public yet says so at the head of every page."""
    bulletin, centre, office, form = _drafted(bulletin_id)
    return _file(docx_of(_paper(bulletin, centre, office, form)), "docx", bulletin)


def _drafted(bulletin_id: str) -> tuple[Bulletin, Centre, Office, str]:
    with read_session() as session:
        bulletin = get_bulletin(session, current_actor(), uuid_or_404(bulletin_id))
        centre = session.get_one(Centre, bulletin.centre_id)
        office = office_of(session, centre)
    return bulletin, centre, office, office.form(load(_PAPER, request.args)["form"])


@BLUEPRINT.get("/desk/print")
@requires(Permission.BULLETIN_SIGN)
def office_form() -> ResponseReturnValue:
    """How the centre prints."""
    with read_session() as session:
        office = office_of(session, session.get_one(Centre, current_actor().centre_id))
    return _office_page(office.has_red_head, office.mark, office.version)


def _office_page(has_red_head: bool, mark: tuple[str, str], version: int, error: Any = None) -> str:
    return render_template(
        "warning/bulletin_office.html",
        has_red_head=has_red_head,
        mark=mark,
        version=version,
        error=error,
        problems=error.details["fields"] if error else {},
    )


@BLUEPRINT.post("/desk/print")
@requires(Permission.BULLETIN_SIGN)
def choose() -> ResponseReturnValue:
    """Set how the centre prints."""
    values = load(_OFFICE, request.form)
    mark = (values["mark_zh"], values["mark_en"])
    try:
        with write_session() as session:
            choose_office(
                session,
                house().clock,
                current_actor(),
                has_red_head=values["has_red_head"],
                mark=mark,
                seen_version=values["version"],
            )
    except BadInput as error:
        return _office_page(values["has_red_head"], mark, values["version"], error), 422
    flash(gettext("Saved."), "done")
    return redirect(url_for("bulletin_paper.office_form"))


def init_bulletin_paper(app: Flask) -> None:
    """Give ``app`` bulletins on paper."""
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.filters["long_day"] = long_day
    app.jinja_env.globals["pdf_obstacle"] = obstacle
