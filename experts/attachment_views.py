"""Pages of files: sent, taken out of a draft, handed out as a download that no browser opens by itself."""

from __future__ import annotations

import io

from flask import Response, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput
from core.said import said
from core.web import current_actor, house, read_session, requires, uuid_or_404, write_session
from experts.attachments import add_file, label_file, read_file, remove_file
from experts.consultation_views import matter_page
from experts.consultation_web import BLUEPRINT, problems_in
from experts.consultation_workflow import ConsultationState
from experts.consultations import get_consultation
from experts.draft_views import check_page
from experts.file_kinds import MEDIA_TYPES


@BLUEPRINT.post("/consultations/<consultation_id>/files")
@requires(Permission.CONSULT_READ)
def upload(consultation_id: str) -> ResponseReturnValue:
    """Keep a file, or say on the same page why it is not taken."""
    actor, sent = current_actor(), request.files.get("file")
    with read_session() as session:
        is_draft = (
            get_consultation(session, actor, uuid_or_404(consultation_id)).state
            == ConsultationState.DRAFT.value
        )
    try:
        if sent is None or not sent.filename:
            sentence = said("Choose a file first.")
            raise BadInput(sentence, fields={"file": [sentence]})
        with write_session() as session:
            content = sent.stream.read()
            add_file(
                session,
                house().clock,
                actor,
                house().vault,
                uuid_or_404(consultation_id),
                sent.filename,
                content,
                secrecy=request.form.get("secrecy", "internal"),
                for_expert="centre_only" not in request.form,
            )
    except BadInput as error:
        problems = {"file": [error.message, error.fix]} if error.fix else problems_in(error)
        return (
            check_page(consultation_id, problems, 422)
            if is_draft
            else matter_page(consultation_id, problems, 422)
        )
    flash(gettext("The file is kept, encrypted."), "done")
    leads = "consultations.check" if is_draft else "consultations.show"
    return redirect(url_for(leads, consultation_id=consultation_id) + "#files")


@BLUEPRINT.get("/consultations/<consultation_id>/files/<file_id>")
@requires(Permission.CONSULT_READ)
def download(consultation_id: str, file_id: str) -> ResponseReturnValue:
    """A file, which no browser opens by itself; that it was taken is audited."""
    with write_session() as session:
        ids = uuid_or_404(consultation_id), uuid_or_404(file_id)
        attachment, content = read_file(session, house().clock, current_actor(), house().vault, *ids)
    answer: Response = send_file(
        io.BytesIO(content),
        mimetype=MEDIA_TYPES[attachment.kind],
        as_attachment=True,
        download_name=attachment.filename,
        etag=False,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@BLUEPRINT.post("/consultations/<consultation_id>/files/<file_id>/label")
@requires(Permission.CONSULT_READ)
def label(consultation_id: str, file_id: str) -> ResponseReturnValue:
    """Say anew how secret a file is, and whether the expert has it."""
    with write_session() as session:
        row = get_consultation(session, current_actor(), uuid_or_404(consultation_id))
        is_draft = row.state == ConsultationState.DRAFT.value
        label_file(
            session,
            house().clock,
            current_actor(),
            row.id,
            uuid_or_404(file_id),
            secrecy=request.form.get("secrecy", ""),
            for_expert="centre_only" not in request.form,
        )
    flash(gettext("Written down."), "done")
    leads = "consultations.check" if is_draft else "consultations.show"
    return redirect(url_for(leads, consultation_id=consultation_id) + "#files")


@BLUEPRINT.post("/consultations/<consultation_id>/files/<file_id>/remove")
@requires(Permission.CONSULT_SUBMIT)
def remove(consultation_id: str, file_id: str) -> ResponseReturnValue:
    """Take a file out of a draft."""
    with write_session() as session:
        ids = uuid_or_404(consultation_id), uuid_or_404(file_id)
        remove_file(session, house().clock, current_actor(), house().vault, *ids)
    flash(gettext("The file is deleted."), "done")
    return redirect(url_for("consultations.check", consultation_id=consultation_id) + "#files")
