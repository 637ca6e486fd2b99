"""Pages of the two libraries: the directory, one entry, bringing entries from a file; and who can help with a case."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.db import Database
from core.errors import NotFound
from core.i18n import language
from core.said import Said, said
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
from enterprises.import_pages import ImportPages
from enterprises.importing import TableReport
from experts import importing
from experts.appointing.standing import SIGNED, take_step
from experts.clearing import clearances_of, people_named
from experts.fields import Entry, public_entry, sees_all, shown_to
from experts.for_firms import experts_for_firm
from experts.library import (
    NEEDS_REASON,
    Wanted,
    change_status,
    count_entries,
    get_entry,
    list_entries,
    marks_in_use,
)
from experts.models import ENTRY_STATUS, Expert
from experts.ports import NamedFirms, OpenAssignments, no_assignments, no_firms
from experts.schemas import ExportSchema, LibraryListSchema, StatusStepSchema
from experts.spread import agencies_spread, experts_spread
from experts.suggest import suggest_experts
from experts.vocabulary import vocabulary

_LIST, _STEP, _EXPORT = LibraryListSchema(), StatusStepSchema(), ExportSchema()
#: what a directory can be narrowed by
_NARROWED = ("region", "dispute_type", "industry", "language", "qualification")


@dataclass(frozen=True)
class Library:
    """One of the two libraries, as its pages know it."""

    name: str
    model: type[Entry]
    bring: Callable[..., TableReport]

    @property
    def imports(self) -> ImportPages:
        """The pages that bring its entries."""
        return ImportPages(
            job=f"import-{self.name}",
            bring=self.bring,
            done=f"{self.name}.index",
            imported=_imported,
            form="experts/import.html",
            preview="experts/preview.html",
            words={"library": self.name, "columns": importing.columns(self.model)},
        )


EXPERTS = Library("experts", Expert, importing.import_experts)


def _imported(report: TableReport) -> str:
    return str(
        gettext(
            "Imported: %(created)s entries new, %(changed)s changed, %(unchanged)s unchanged.",
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )


def _wanted(values: dict[str, Any]) -> Wanted:
    marks = tuple(f"{name}:{values[name]}" for name in _NARROWED if values[name])
    return Wanted(values["q"], marks, values["status"] or None)


def _everything(database: Database, library: Library, actor: Actor) -> Iterator[Entry]:
    """Every entry the actor may see, in sessions of their own: it is read while the answer is on its way."""
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = list_entries(session, actor, library.model, cursor=cursor, limit=200)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


def pages_of(library: Library) -> Blueprint:
    """The pages of one library."""
    blueprint = Blueprint(library.name, __name__)

    @blueprint.get(f"/{library.name}")
    @requires(Permission.EXPERT_READ)
    def index() -> ResponseReturnValue:
        """The directory."""
        actor, values = current_actor(), load(_LIST, request.args)
        wanted = _wanted(values)
        with read_session() as session:
            page = list_entries(session, actor, library.model, wanted, cursor=values["cursor"])
            return render_template(
                "experts/list.html",
                library=library.name,
                page=page,
                shown=[shown_to(entry, actor) for entry in page.rows],
                total=count_entries(session, actor, library.model, wanted),
                values=values,
                narrowed=_NARROWED,
                marks=marks_in_use(session, actor, library.model),
                states=ENTRY_STATUS.states,
            )

    @blueprint.get(f"/{library.name}/spread")
    @requires(Permission.MATCH)
    def spread() -> ResponseReturnValue:
        """How assignments are spread over the experts, and suggestions over the agencies."""
        asked = house().clock, current_actor()
        with read_session() as session:
            experts, agencies = experts_spread(session, *asked), agencies_spread(session, *asked)
        return render_template("experts/spread.html", experts=experts, agencies=agencies)

    @blueprint.get(f"/{library.name}/export")
    @requires(Permission.EXPORT)
    def export() -> ResponseReturnValue:
        """The library as a file that can be imported again."""
        form = load(_EXPORT, request.args)["format"]
        entries = _everything(house().database, library, current_actor())
        body = importing.as_csv(library.model, entries) if form == "csv" else importing.as_jsonl(entries)
        return Response(
            body,
            mimetype="text/csv" if form == "csv" else "application/x-ndjson",
            headers={"Content-Disposition": f'attachment; filename="{library.name}.{form}"'},
        )

    @blueprint.get(f"/{library.name}/import")
    @requires(Permission.EXPERT_WRITE)
    def import_form() -> ResponseReturnValue:
        """Choose a file."""
        return library.imports.show_form()

    @blueprint.post(f"/{library.name}/import")
    @requires(Permission.EXPERT_WRITE)
    def import_preview() -> ResponseReturnValue:
        """Say what the file would do; nothing is changed."""
        return library.imports.show_preview()

    @blueprint.post(f"/{library.name}/import/confirm")
    @requires(Permission.EXPERT_WRITE)
    def import_confirm() -> ResponseReturnValue:
        """Import the file that was previewed."""
        return library.imports.confirm()

    @blueprint.get(f"/{library.name}/<entry_id>")
    @requires(Permission.EXPERT_READ)
    def show(entry_id: str) -> ResponseReturnValue:
        """One entry, as the reader may see it."""
        with read_session() as session:
            return _entry_page(
                library, get_entry(session, current_actor(), library.model, uuid_or_404(entry_id))
            )

    @blueprint.post(f"/{library.name}/<entry_id>/step")
    @requires(Permission.EXPERT_WRITE)
    def step(entry_id: str) -> ResponseReturnValue:
        """Change an entry's status."""
        values = load(_STEP, request.form)
        with write_session() as session:
            entry: Entry
            asked = (session, house().clock, current_actor())
            one, seen, reason = uuid_or_404(entry_id), values["version"], values["reason"]
            if library is EXPERTS:
                # An expert's step means something for their appointment too.
                entry = take_step(*asked, one, values["step"], seen_version=seen, reason=reason)
            else:
                entry = change_status(
                    *asked, library.model, one, values["step"], seen_version=seen, reason=reason
                )
        zh, en = ENTRY_STATUS.states[entry.status]
        flash(gettext("The status is now: %(status)s.", status=zh if language() == "zh" else en), "done")
        return redirect(url_for(f"{library.name}.show", entry_id=entry_id))

    @blueprint.get(f"/api/v1/{library.name}")
    @requires(Permission.EXPERT_READ)
    def listed() -> ResponseReturnValue:
        """The directory's public fields as JSON, a page at a time."""
        actor, values = current_actor(), load(_LIST, request.args)
        with read_session() as session:
            page = list_entries(session, actor, library.model, _wanted(values), cursor=values["cursor"])
            return jsonify(rows=[public_entry(entry) for entry in page.rows], next_cursor=page.next_cursor)

    return blueprint


def _entry_page(library: Library, entry: Entry) -> str:
    actor = current_actor()
    steps = ENTRY_STATUS.open_to(entry.status, actor) if actor.may(Permission.EXPERT_WRITE) else []
    if library is EXPERTS and not actor.may(Permission.APPOINT_SIGN):
        steps = [step for step in steps if step.name not in SIGNED]
    cleared, people = [], {}
    if library is EXPERTS and actor.may(Permission.CONSULT_HANDLE):
        with read_session() as session:
            cleared = clearances_of(session, actor, entry.id)
            people = people_named(session, [clearance.by for clearance, _ in cleared])
    return render_template(
        "experts/entry.html",
        cleared=cleared,
        people=people,
        library=library.name,
        entry=entry,
        shown=shown_to(entry, actor),
        sees_all=sees_all(entry, actor),
        status=ENTRY_STATUS.states[entry.status],
        steps=steps,
        needs_reason=NEEDS_REASON,
        on=house().clock.now().date().isoformat(),
    )


OWN = Blueprint("own_entry", __name__)


@OWN.get("/expert")
@requires(Permission.CONSULT_ADVISE)
def show() -> ResponseReturnValue:
    """The whole entry of the expert who asks."""
    actor = current_actor()
    if actor.expert_id is None:
        raise NotFound(
            said("This account belongs to no entry of the expert library."), fix=said("Ask an administrator.")
        )
    with read_session() as session:
        return _entry_page(EXPERTS, get_entry(session, actor, Expert, actor.expert_id))


def words_of(identity: str) -> str:
    """The words for a class of the libraries or a language, in the reader's language."""
    return vocabulary().label(identity, language())


def detail_of(sentence: str) -> str:
    """A sentence of matching in the reader's language, its ids as words."""
    if not isinstance(sentence, Said):
        return sentence
    values = {name: _labelled(str(value)) for name, value in sentence.values.items()}
    return str(gettext(sentence.template, **values))


def _labelled(value: str) -> str:
    status = ENTRY_STATUS.states.get(value)
    if status is not None:
        return status[0] if language() == "zh" else status[1]
    labels = (words_of(load_taxonomy().label(one, language())) for one in value.split(", "))
    return ", ".join(labels)


def init_experts(app: Flask, *, named: NamedFirms = no_firms, load: OpenAssignments = no_assignments) -> None:
    """Give ``app`` the libraries' pages, and staff who can help with a case on its page.

    Args:
        named: which registered firms a case names.
        load: how many assignments each expert has open.
    """
    app.register_blueprint(pages_of(EXPERTS))
    app.register_blueprint(OWN)
    app.jinja_env.filters.update(entry_label=words_of, entry_detail=detail_of)

    def of_case(actor: Actor, *, case: Case, **context: Any) -> str:
        if not actor.may(Permission.MATCH):
            return ""
        with read_session() as session:
            made, result = suggest_experts(session, house().clock, actor, case, named=named, load=load)
            names: dict[str, Entry] = {str(e.id): e for e in session.scalars(Expert.visible_to(actor))}
            cleared = {
                one.id: clearances_of(session, actor, uuid.UUID(str(one.id)), case_id=case.id)
                for one in result.held
            }
        if not names:
            return ""
        return render_template("experts/_case.html", made=made, result=result, experts=names, cleared=cleared)

    register_fragment(app, "case.experts", of_case)

    def of_alert(actor: Actor, *, case: Case | None = None, **context: Any) -> str:
        if case is None or actor.firm_id is None or not actor.may(Permission.CONSULT_SUBMIT):
            return ""
        with read_session() as session:
            hints = experts_for_firm(session, house().clock, actor, case, named=named, load=load)
        return render_template("experts/_alert.html", hints=hints)

    register_fragment(app, "alert.experts", of_alert)
