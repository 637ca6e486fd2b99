"""The button that asks for a machine's translation of a case."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cases.models import Case
from cases.translating import Translator, keep_translation, words_to_translate
from core.actor import Actor, Permission
from core.errors import FetchFailed, NotFound
from core.i18n import translated
from core.said import said
from core.web import current_actor, house, read_session, requires, uuid_or_404, write_session

BLUEPRINT = Blueprint("translation", __name__)


def translator() -> Translator | None:
    """The service, where one is set up."""
    return cast("Translator | None", current_app.extensions["seamark_translator"])


def may_translate(case: Case, actor: Actor) -> bool:
    """Whether the button is shown."""
    has_words = bool(case.title or case.text) and not case.language.startswith("zh")
    return has_words and translator() is not None and actor.may(Permission.EXPORT)


@BLUEPRINT.post("/cases/<case_id>/translate")
@requires(Permission.EXPORT)
def translate(case_id: str) -> ResponseReturnValue:
    """Have the title and text translated, and keep it."""
    service, actor, identity = translator(), current_actor(), uuid_or_404(case_id)
    if service is None:
        raise NotFound(
            said("No translation service is set up."),
            fix=said("The administrator sets SEAMARK_TRANSLATE_URL."),
        )
    with read_session() as session:
        language, words = words_to_translate(session, actor, identity)
    try:
        made = {name: service(text, language) for name, text in words.items()}
    except FetchFailed as error:
        flash(translated(error.message), "bad")
        return redirect(url_for("cases.show", case_id=case_id))
    with write_session() as session:
        keep_translation(session, house().clock, actor, identity, words, made, service.name)
    flash(gettext("Translated by machine; it is marked as such wherever it is shown."), "done")
    return redirect(url_for("cases.show", case_id=case_id) + "#translation")


def init_translation(app: Flask, service: Translator | None) -> None:
    """Give ``app`` the button; without a service it is not shown."""
    app.extensions["seamark_translator"] = service
    app.register_blueprint(BLUEPRINT)
