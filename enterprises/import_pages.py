"""Bringing a table through pages: choose a file, see what it would do, confirm; a large one runs beside the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.background import start_job
from core.errors import BadInput
from core.jobs import JobHandle
from core.said import said
from core.web import current_actor, house, load
from enterprises.importing import TableReport
from enterprises.page_schemas import ImportConfirmSchema
from enterprises.staging import discard, stage, take

#: files above this many bytes are imported beside the pages, as a job
_AT_ONCE = 1_000_000
_CONFIRM = ImportConfirmSchema()


@dataclass(frozen=True)
class ImportPages:
    """The three pages of one kind of import.

    Attributes:
        job: the job's name, for a file that is imported beside the pages.
        bring: ``(database, clock, actor, filename, content, *, dry_run=False)`` -> report; it asks the actor's right.
        done: the endpoint of the list that shows what was brought.
        imported: the sentence for a finished report.
        form, preview: the templates; ``words`` is what both are given besides.
    """

    job: str
    bring: Callable[..., TableReport]
    done: str
    imported: Callable[[TableReport], str]
    form: str
    preview: str
    words: dict[str, Any] = field(default_factory=dict)

    def show_form(self) -> ResponseReturnValue:
        """Choose a file."""
        return render_template(self.form, **self.words)

    def show_preview(self) -> ResponseReturnValue:
        """Say what the file would do; nothing is changed."""
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise BadInput(
                said("No file was chosen."), fix=said("Choose a CSV, XLSX or JSONL file and send it again.")
            )
        actor, content = current_actor(), sent.stream.read()
        report = self.bring(house().database, house().clock, actor, sent.filename, content, dry_run=True)
        token = stage(_staging(), actor.name, content)
        return render_template(self.preview, report=report, filename=sent.filename, token=token, **self.words)

    def confirm(self) -> ResponseReturnValue:
        """Import the file that was previewed."""
        values = load(_CONFIRM, request.form)
        actor, database, clock = current_actor(), house().database, house().clock
        folder, filename = _staging(), values["filename"]
        content = take(folder, actor.name, values["token"])
        if len(content) <= _AT_ONCE:
            report = self.bring(database, clock, actor, filename, content)
            discard(folder, values["token"])
            flash(self.imported(report), "done")
            return redirect(url_for(self.done))

        def work(handle: JobHandle) -> TableReport:
            report = self.bring(database, clock, actor, filename, content)
            handle.advance(report.rows, report.rows, f"{report.created} new, {report.changed} changed")
            discard(folder, values["token"])
            return report

        start_job(database, clock, actor, self.job, work, {"file": filename})
        flash(gettext("The import has started; this page shows how far it is."), "done")
        return redirect(url_for("jobs.index"))


def _staging() -> Path:
    return Path(house().settings.home) / "staging"
