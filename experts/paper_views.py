"""The seven documents handed out, as PDF or DOCX."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from core.actor import Permission
from core.errors import NotFound
from core.i18n import translated
from core.paper_docx import docx_of
from core.pdf import render_pdf, require_pdf
from core.said import said
from core.web import current_actor, house, requires, uuid_or_404, write_session
from experts.consultation_web import BLUEPRINT
from experts.papers import KINDS, paper

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _chinese(sentence: str) -> str:
    with force_locale("zh_Hans_CN"):
        return translated(sentence)


@BLUEPRINT.get("/consultations/<consultation_id>/papers/<kind>/<form>")
@requires(Permission.CONSULT_READ)
def document(consultation_id: str, kind: str, form: str) -> ResponseReturnValue:
    """One of the seven documents; it is Chinese whatever the page's language, as the procedure is."""
    if form not in _TYPES or kind not in KINDS:
        raise NotFound(said("This consultation has no such document."))
    if form == "pdf":
        require_pdf()
    with write_session() as session:
        row, html = paper(
            session,
            house().clock,
            current_actor(),
            uuid_or_404(consultation_id),
            kind,
            own=house().settings.home / "papers",
            translate=_chinese,
        )
        name = f"{KINDS[kind].annex}-{kind}-{(row.number or '').rsplit('-', 1)[-1]}.{form}"
    # Not kept on a shelf: what it says of a firm stands nowhere outside the database and the vault.
    answer = Response(render_pdf(html) if form == "pdf" else docx_of(html), mimetype=_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
