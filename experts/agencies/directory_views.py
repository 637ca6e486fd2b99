"""Pages of the agency library for everybody: the directory, one agency, conditions of admission, import and export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit
from core.actor import Actor, Permission
from core.centres import first_centre
from core.clock import local_date
from core.db import Database
from core.errors import NotFound
from core.said import said
from core.web import Gate, current_actor, house, load, read_session, requires, uuid_or_404, write_session
from enterprises.import_pages import ImportPages
from enterprises.importing import TableReport
from experts import importing
from experts.agencies import access, applying, showing, standing
from experts.agencies.criteria import (
    BAR_YEARS,
    CHECKS,
    CRITERIA,
    LISTED_YEARS,
    OBSERVED_YEARS,
    PASS_MARK,
    SUSPENSION_MONTHS,
    WARNING_MONTHS,
    WARNINGS,
)
from experts.agencies.forms import StepForm
from experts.agencies.models import AgencyComplaint, AgencyListing, AgencyReview
from experts.agencies.moving import history_of, today_of
from experts.agencies.web import done
from experts.agencies.workflow import ADMISSION, ADMISSIONS, COMPLAINTS, LISTING, REVIEWS
from experts.fields import Entry, public_entry, sees_all, shown_to
from experts.library import Wanted, get_entry, list_entries, marks_in_use
from experts.models import Agency, EntryStatus
from experts.schemas import ExportSchema, LibraryListSchema

BLUEPRINT = Blueprint("agencies", __name__)
_LIST, _EXPORT = LibraryListSchema(), ExportSchema()
#: what the directory can be narrowed by
_NARROWED = ("region", "dispute_type", "industry", "language", "class")


def _imported(report: TableReport) -> str:
    return str(
        gettext(
            "Imported: %(created)s entries new, %(changed)s changed, %(unchanged)s unchanged.",
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )


def _imports() -> ImportPages:
    return ImportPages(
        job="import-agencies",
        bring=importing.import_agencies,
        done="agencies.index",
        imported=_imported,
        form="experts/import.html",
        preview="experts/preview.html",
        words={"library": "agencies", "columns": importing.columns(Agency)},
    )


def _today() -> date:
    # The directory may show several centres; all of them are in China.
    return local_date(house().clock.now(), "Asia/Shanghai")


def _wanted(values: dict[str, Any]) -> Wanted:
    told = {**values, "class": request.args.get("class", "")[:40]}
    marks = tuple(f"{name}:{told[name]}" for name in _NARROWED if told[name])
    return Wanted(values["q"], marks, values["status"] or None)


@BLUEPRINT.get("/agencies")
@requires(Permission.EXPERT_READ)
def index() -> ResponseReturnValue:
    """The directory: three at least or none, in the day's neutral order."""
    actor, values = current_actor(), load(_LIST, request.args)
    with read_session() as session:
        today = _today()
        found = showing.directory(session, actor, _wanted(values), today, cursor=values["cursor"])
        return render_template(
            "agencies/list.html",
            found=found,
            shown={row.agency.id: shown_to(row.agency, actor) for row in (*found.page.rows, *found.beside)},
            values={**values, "class": request.args.get("class", "")},
            narrowed=_NARROWED,
            marks=marks_in_use(session, actor, Agency),
            states=LISTING.states,
            fewest=showing.FEWEST,
        )


@BLUEPRINT.get("/api/v1/agencies")
@requires(Permission.EXPERT_READ)
def listed() -> ResponseReturnValue:
    """The directory's public fields as JSON, a page at a time, by the same rule."""
    actor, values = current_actor(), load(_LIST, request.args)
    with read_session() as session:
        today = _today()
        found = showing.directory(session, actor, _wanted(values), today, cursor=values["cursor"])
        rows = [
            {**public_entry(row.agency), "misses": list(row.misses)}
            for row in (*found.page.rows, *found.beside)
        ]
        return jsonify(rows=rows, next_cursor=found.page.next_cursor, ordered_on=found.on.isoformat())


@BLUEPRINT.get("/agencies/admission")
@requires(Gate.OPEN)
def admission() -> ResponseReturnValue:
    """What the centre asks of an agency, how it decides, and where to begin."""
    return render_template(
        "agencies/admission.html",
        criteria=CRITERIA,
        checks=CHECKS,
        pass_mark=PASS_MARK,
        years={"listed": LISTED_YEARS, "observed": OBSERVED_YEARS, "bar": BAR_YEARS},
        states=ADMISSION.states,
        clocks=ADMISSIONS.clocks,
        complaint_clocks=COMPLAINTS.clocks,
        review_clocks=REVIEWS.clocks,
    )


@BLUEPRINT.post("/agencies/apply")
@requires(Gate.OPEN)
def begin() -> ResponseReturnValue:
    """Begin an application under a private link."""
    with write_session() as session:
        centre_id = current_actor().centre_id or first_centre(session).id
        _, token = applying.begin(session, house().clock, centre_id)
    flash(
        gettext("Keep the address of this page: it is the only way back, now and once you are listed."),
        "done",
    )
    return redirect(url_for("agency.show", token=token))


@BLUEPRINT.get("/agencies/export")
@requires(Permission.EXPORT)
def export() -> ResponseReturnValue:
    """The library as a file that can be imported again."""
    form, actor = load(_EXPORT, request.args)["format"], current_actor()
    with write_session() as session:
        # Names of clients leave with it, so it is written down who took it.
        centre = actor.centre_id or ""
        audit.record(
            session, house().clock, actor, "agency.exported", "centre", centre, values={"form": form}
        )
    entries = _everything(house().database, actor)
    body = importing.as_csv(Agency, entries) if form == "csv" else importing.as_jsonl(entries)
    return Response(
        body,
        mimetype="text/csv" if form == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="agencies.{form}"'},
    )


def _everything(database: Database, actor: Actor) -> Iterator[Entry]:
    """Every entry the actor may see, in sessions of their own: it is read while the answer is on its way."""
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = list_entries(session, actor, Agency, cursor=cursor, limit=200)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


@BLUEPRINT.get("/agencies/import")
@requires(Permission.EXPERT_WRITE)
def import_form() -> ResponseReturnValue:
    """Choose a file."""
    return _imports().show_form()


@BLUEPRINT.post("/agencies/import")
@requires(Permission.EXPERT_WRITE)
def import_preview() -> ResponseReturnValue:
    """Say what the file would do; nothing is changed."""
    return _imports().show_preview()


@BLUEPRINT.post("/agencies/import/confirm")
@requires(Permission.EXPERT_WRITE)
def import_confirm() -> ResponseReturnValue:
    """Import the file that was previewed."""
    return _imports().confirm()


def _one(session: Any, actor: Actor, told: str) -> Agency:
    agency = get_entry(session, actor, Agency, uuid_or_404(told))
    listing = session.get(AgencyListing, agency.id)
    today = _today()
    if not actor.is_staff and listing and listing.listed_until and listing.listed_until < today:
        # The job has not come by yet; the day has.
        raise NotFound(said("There is no such entry in the library."))
    return agency


@BLUEPRINT.get("/agencies/<entry_id>")
@requires(Permission.EXPERT_READ)
def show(entry_id: str) -> ResponseReturnValue:
    """One agency, as the reader may see it, beside others to compare it with."""
    actor = current_actor()
    with read_session() as session:
        agency = _one(session, actor, entry_id)
        today = today_of(session, house().clock, agency.centre_id)
        whole = sees_all(agency, actor)
        since = house().clock.now().replace(day=1)
        since = since.replace(year=since.year - WARNING_MONTHS // 12)
        handles = whole and actor.may(Permission.AGENCY_HANDLE)
        steps = {s.name: s for s in LISTING.open_to(agency.status, actor) if s.name in standing.ON_PAGE}
        others = showing.compared_with(session, actor, agency, today)
        return render_template(
            "agencies/entry.html",
            entry=agency,
            shown=shown_to(agency, actor),
            listing=session.get(AgencyListing, agency.id),
            others=others,
            is_listed=agency.status == EntryStatus.ACTIVE.value,
            status=LISTING.states[agency.status],
            steps=steps if handles else {},
            months=SUSPENSION_MONTHS,
            history=history_of(session, "agency", agency.id) if whole else [],
            states=LISTING.states,
            complaints=_rows(session, actor, AgencyComplaint, agency) if whole else [],
            complaint_states=COMPLAINTS.workflow.states,
            reviews=_rows(session, actor, AgencyReview, agency) if whole else [],
            review_states=REVIEWS.workflow.states,
            sanctions=standing.sanctions_of(session, agency.id, since) if whole else 0,
            warnings=WARNINGS,
            warning_months=WARNING_MONTHS,
            fewest=showing.FEWEST,
        )


def _rows(session: Any, actor: Actor, kind: Any, agency: Agency) -> list[Any]:
    query = kind.visible_to(actor).where(kind.agency_id == agency.id).order_by(kind.created_at.desc())
    return list(session.scalars(query.limit(50)))


@BLUEPRINT.post("/agencies/<entry_id>/step")
@requires(Permission.AGENCY_HANDLE)
def step(entry_id: str) -> ResponseReturnValue:
    """Change an agency's place in the library."""
    values = load(StepForm(), request.form)
    with write_session() as session:
        standing.take_step(
            session, house().clock, current_actor(), uuid_or_404(entry_id), values["step"],
            seen_version=values["version"], reason=values["words"], months=values["months"],
        )  # fmt: skip
    flash(done(), "done")
    return redirect(url_for("agencies.show", entry_id=entry_id))


@BLUEPRINT.post("/agencies/<entry_id>/link")
@requires(Permission.AGENCY_HANDLE)
def link(entry_id: str) -> ResponseReturnValue:
    """A new private link for an agency; it is shown once, here."""
    with write_session() as session:
        agency = get_entry(session, current_actor(), Agency, uuid_or_404(entry_id))
        name = agency.name_zh
        token = access.renew_link(session, house().clock, current_actor(), agency.id)
    address = f"{house().settings.base_url}{url_for('agency.show', token=token)}"
    page = render_template("agencies/link_once.html", address=address, name=name, entry_id=entry_id)
    return page, 200, {"Cache-Control": "no-store"}
