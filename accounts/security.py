"""Signing in and out: Flask-Security over our own accounts, argon2, no registration, a limit on guessing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_security import Security, password_changed, user_authenticated

from accounts.models import User
from accounts.store import AccountStore
from core import audit
from core.actor import VISITOR, Actor, Role
from core.clock import Clock
from core.db import Database
from core.web import Gate, declare

#: pages somebody with a one-time password may still see
_FREE = frozenset({"security.change_password", "security.logout", "security.login", "static", "site.health"})
#: wrong passwords an address may try, and wrong passwords from one place
LIMIT_PER_ACCOUNT = "10 per 15 minutes"
LIMIT_PER_PLACE = "50 per 15 minutes"


def actor_of(user: Any) -> Actor:
    """The actor somebody signed in is; the visitor for anybody else."""
    if not getattr(user, "is_authenticated", False):
        return VISITOR
    return Actor(
        name=f"user:{user.id}",
        roles=frozenset(Role(role.name) for role in user.roles if role.name in set(Role)),
        centre_id=user.centre_id,
        firm_id=user.firm_id,
        expert_id=user.expert_id,
        user_id=user.id,
        station_id=user.station_id,
    )


def signed_in_actor() -> Actor:
    """The actor of this request."""
    return actor_of(current_user)


def account_language() -> str | None:
    """The language the signed-in person chose."""
    return getattr(current_user, "locale", None)


def _typed_address() -> str:
    typed = request.form.get("email") or (request.get_json(silent=True) or {}).get("email") or ""
    return f"account:{str(typed).strip().lower()[:300]}"


def _was_refused(response: Any) -> bool:
    # A sign-in that worked leads elsewhere; only failures count against the limit.
    return bool(response.status_code != 302)


def init_security(app: Flask, database: Database, clock: Clock, translations: Path, *, https: bool) -> None:
    """Give ``app`` its sign-in, sign-out and change of password."""
    app.config.update(
        SECURITY_URL_PREFIX=None,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_CHANGE_URL="/account/password",
        SECURITY_POST_CHANGE_VIEW="/account",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_CHANGEABLE=True,
        # A sign-in is asked for again only by ending the session, so the page to prove oneself anew is not needed.
        SECURITY_FRESHNESS=timedelta(minutes=-1),
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_PASSWORD_CONFIRM_REQUIRED=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        # The same words whether the address or the password is wrong, so that addresses cannot be probed.
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_REDIRECT_ALLOW_SUBDOMAINS=False,
        SECURITY_I18N_DIRNAME=["builtin", str(translations)],
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=https,
    )
    store = AccountStore(database, clock)
    Security(app, store)
    app.extensions["seamark_account_language"] = account_language
    declare(app, "security.login", Gate.OPEN)
    declare(app, "security.logout", Gate.OPEN)
    declare(app, "security.change_password", Gate.SIGNED_IN)
    declare(app, "security.static", Gate.OPEN)
    _limit(app)

    @app.before_request
    def change_first() -> ResponseReturnValue | None:
        if request.endpoint in _FREE or not getattr(current_user, "must_change_password", False):
            return None
        return redirect(url_for("security.change_password"))

    def on_changed(sender: Any, user: User, **extra: Any) -> None:
        user.must_change_password = False
        store.put(user)

    def on_signed_in(sender: Any, user: User, **extra: Any) -> None:
        if "change" in extra.get("authn_via", ()):
            # A new password renews the session of whoever chose it; nobody came in.
            return
        with database.write() as writing:
            audit.record(writing, clock, actor_of_account(user), "account.signed_in", "account", user.id)

    password_changed.connect(on_changed, app, weak=False)
    user_authenticated.connect(on_signed_in, app, weak=False)


def actor_of_account(user: User) -> Actor:
    """The actor of an account that has just proved its password."""
    return Actor(name=f"user:{user.id}", centre_id=user.centre_id, user_id=user.id)


def _limit(app: Flask) -> None:
    """Limit wrong passwords. Counted in this process's memory: several workers each count for themselves."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    view: Any = app.view_functions["security.login"]
    for limit, key in ((LIMIT_PER_PLACE, get_remote_address), (LIMIT_PER_ACCOUNT, _typed_address)):
        view = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_was_refused)(view)
    app.view_functions["security.login"] = view
