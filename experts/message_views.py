"""The form of a message: its readers, its label, its files."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.errors import BadInput
from core.web import current_actor, house, load, requires, uuid_or_404, write_session
from experts.consultation_schemas import MessageSchema
from experts.consultation_views import matter_page
from experts.consultation_web import BLUEPRINT, problems_in
from experts.messages import post_message

_MESSAGE = MessageSchema()


@BLUEPRINT.post("/consultations/<consultation_id>/messages")
@requires(Permission.CONSULT_READ)
def message(consultation_id: str) -> ResponseReturnValue:
    """Write to those who were chosen, and to the centre."""
    try:
        values = load(_MESSAGE, request.form)
        files = [
            (sent.filename, sent.stream.read())
            for sent in request.files.getlist("enclosures")
            if sent.filename
        ]
        with write_session() as session:
            post_message(
                session,
                house().clock,
                current_actor(),
                uuid_or_404(consultation_id),
                values["text"],
                readers=values["readers"],
                secrecy=values["secrecy"] or "internal",
                reply_to=values["reply_to"],
                files=files,
                vault=house().vault,
            )
    except BadInput as error:
        problems = dict(problems_in(error))
        if "file" in problems:
            # The page's own field of this name is that of a file without a message.
            problems["enclosures"] = [*problems.pop("file"), *([error.fix] if error.fix else [])]
        return matter_page(consultation_id, problems, 422)
    flash(gettext("Sent to the readers you chose."), "done")
    return redirect(url_for("consultations.show", consultation_id=consultation_id) + "#messages")
