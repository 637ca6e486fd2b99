"""What every page stands on: who asks, what a route needs, sessions, fragments of other rooms, errors.

A route says what it needs with :func:`requires`; a route that says nothing is refused, so a forgotten declaration
shows at once. Rooms put fragments into each other's pages through :func:`register_fragment`, never by importing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

import structlog
from flask import Flask, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from core.actor import VISITOR, Actor, Permission
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, NotFound, SeamarkError
from core.evidence import EvidenceStore
from core.masking import masked
from core.said import problems_of, said
from core.vault import Vault

log = structlog.get_logger(__name__)


class Web(Protocol):
    """What pages ask of the house; the composition root puts it under ``app.extensions["seamark"]``."""

    @property
    def settings(self) -> Any: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def database(self) -> Database: ...
    @property
    def evidence(self) -> EvidenceStore: ...
    @property
    def index(self) -> Any: ...
    @property
    def vault(self) -> Vault: ...


class Gate(StrEnum):
    """What a route needs when it needs no permission."""

    OPEN = "open"  # everybody
    SIGNED_IN = "signed-in"  # anybody who has signed in


Need = Permission | Gate
View = TypeVar("View", bound=Callable[..., Any])
#: answers that machines read get JSON errors
_JSON_PATHS = ("/api/", "/readyz")


def house() -> Web:
    """The running house."""
    return cast(Web, current_app.extensions["seamark"])


def current_actor() -> Actor:
    """Who asks; the visitor when nobody has signed in."""
    if "actor" not in g:
        g.actor = current_app.extensions["seamark_actor"]()
    return cast(Actor, g.actor)


def read_session() -> AbstractContextManager[Session]:
    """A session that only reads, as a context."""
    return house().database.read()


def write_session() -> AbstractContextManager[Session]:
    """A session in one transaction, as a context; it has ended when the answer is built."""
    return house().database.write()


def requires(need: Need) -> Callable[[View], View]:
    """Declare what a view needs; :func:`init_web` enforces it before the view runs."""

    def mark(view: View) -> View:
        view.seamark_need = need  # type: ignore[attr-defined]
        return view

    return mark


def declare(app: Flask, endpoint: str, need: Need) -> None:
    """Declare what a library's view needs."""
    app.extensions.setdefault("seamark_needs", {})[endpoint] = need


def need_of(app: Flask, endpoint: str) -> Need | None:
    """What the view of ``endpoint`` declared; None when it declared nothing."""
    declared = app.extensions.get("seamark_needs", {}).get(endpoint)
    view = app.view_functions.get(endpoint)
    return cast(Need | None, declared or getattr(view, "seamark_need", None))


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    need = need_of(current_app, request.endpoint)
    if need is None:
        raise RuntimeError(f"the route {request.endpoint} does not say who may use it")
    if need is Gate.OPEN:
        return None
    actor = current_actor()
    if isinstance(need, Permission) and actor.may(need):
        return None
    if actor == VISITOR:
        if wants_json():
            return jsonify(code="not_signed_in", message="Sign in first."), 401
        came_from = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=came_from))
    if isinstance(need, Permission):
        actor.require(need)
    return None


def wants_json() -> bool:
    """Whether this answer is read by a machine."""
    return request.path.startswith(_JSON_PATHS)


Fragment = Callable[..., str]


def register_fragment(app: Flask, slot: str, fragment: Fragment) -> None:
    """Add ``fragment`` to the pages that have ``slot``. It is called as ``fragment(actor, **context)`` and returns
    rendered markup, or "" when the viewer has nothing to see there."""
    app.extensions.setdefault("seamark_fragments", {}).setdefault(slot, []).append(fragment)


Words = Callable[[str, str], str | None]


def register_words(app: Flask, words: Words) -> None:
    """Let pages call a room's ids by their names: ``words(id, "zh" | "en")`` returns None for an id not its own."""
    app.extensions.setdefault("seamark_words", []).append(words)


def words_for(identity: str, language: str) -> str | None:
    """What the rooms call ``identity``; None when none of them knows it."""
    told = (words(identity, language) for words in current_app.extensions.get("seamark_words", []))
    return next((name for name in told if name is not None), None)


def fragments(slot: str, **context: Any) -> list[Markup]:
    """What the rooms have to show in ``slot`` to whoever asks."""
    registered = current_app.extensions.get("seamark_fragments", {}).get(slot, [])
    rendered = (fragment(current_actor(), **context) for fragment in registered)
    # A fragment is the output of a template that escaped everything in it.
    return [Markup(text) for text in rendered if text]


def register_health(app: Flask, name: str, ask: Callable[[Session], object]) -> None:
    """Add what ``ask`` finds in the database to the answer of /readyz, under ``name``."""
    app.extensions.setdefault("seamark_health", {})[name] = ask


def load(schema: Schema, values: Any) -> dict[str, Any]:
    """``values`` (a form or query string) through ``schema``; empty texts count as not given. Raises BadInput."""
    lists = {name for name, field in schema.load_fields.items() if isinstance(field, fields.List)}
    given = {
        name: [_storable(value) for value in values.getlist(name)]
        if name in lists
        else _storable(values[name])
        for name in schema.load_fields
        if name in values and (name in lists or values[name] != "")
    }
    try:
        return cast(dict[str, Any], schema.load(given))
    except ValidationError as error:
        problems = problems_of(error.normalized_messages())  # type: ignore[no-untyped-call]
        raise BadInput(
            f"This cannot be used: {', '.join(sorted(problems))}.",
            fix="Mend what is named and send it again.",
            fields=problems,
        ) from error


def _storable(text: str) -> str:
    # No person types a NUL, and PostgreSQL stores none.
    return text.replace("\0", "")


def uuid_or_404(text: str) -> uuid.UUID:
    """The id in an address. Raises NotFound when it is not one."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound(said("There is no such record.")) from error


def render_error(status: int, code: str, error: SeamarkError | None = None) -> ResponseReturnValue:
    """The page (or JSON) that says what happened, that nothing was lost, and the next step."""
    if wants_json():
        message = error.message if error else code
        return jsonify(code=code, message=message, fix=error.fix if error else ""), status
    facts = {"status": status, "code": code, "error": error, "request_id": g.get("request_id", "")}
    if status < 500:
        return render_template("error.html", **facts), status
    # A page about a broken part must not need it: no account, no menu, nothing from the database. So the template is
    # rendered without the context processors, one of which loads whoever asks.
    g.is_plain = True
    return current_app.jinja_env.get_template("error.html").render(**facts, is_plain=True), status


def _on_seamark_error(error: SeamarkError) -> ResponseReturnValue:
    if error.status >= 500:
        log.error("request_failed", code=error.code, error=str(error))
    return render_error(error.status, error.code, error)


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    answer = current_app.make_response(render_error(error.code, error.name.lower().replace(" ", "_")))
    # werkzeug's own headers carry facts (Allow, Retry-After) that the plain page must keep.
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _on_crash(error: Exception) -> ResponseReturnValue:
    # A path may hold a secret, such as the token of a feed; its rule holds none.
    has_token = "token" in (request.view_args or {})
    log.exception("request_crashed", path=str(request.url_rule) if has_token else request.path)
    return render_error(500, "error")


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:16]
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(error: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request_id")


_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def init_web(app: Flask, seamark: Web, actor: Callable[[], Actor]) -> None:
    """Give ``app`` its house, its actor, permissions, error pages and headers. Call before any other extension, so
    that a request is numbered and judged first."""
    app.extensions["seamark"] = seamark
    app.extensions["seamark_actor"] = actor
    app.before_request(_begin)
    app.before_request(_enforce)
    app.teardown_request(_end)
    app.register_error_handler(SeamarkError, _on_seamark_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)

    @app.after_request
    def add_headers(response: Any) -> Any:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if seamark.settings.https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint != "static":
            # Set, not suggested: a library writes "no-store=True", which no cache understands.
            response.headers["Cache-Control"] = "no-store" if request.cookies else "no-cache"
            response.vary.update(("Cookie", "Accept-Language"))
        if g.get("request_id"):
            response.headers["X-Request-Id"] = g.request_id
        return response

    app.jinja_env.filters["person_masked"] = masked
    app.jinja_env.globals.update(actor=current_actor, fragments=fragments, Permission=Permission)
