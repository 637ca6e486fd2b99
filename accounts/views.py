"""Pages of accounts: the administrator's list, one's own account, the audit."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.belonging import find_expert, find_firm, find_station, firm_names
from accounts.schemas import LanguageSchema, NewUserSchema, UserChangeSchema
from accounts.service import (
    create_user,
    list_audit,
    list_users,
    open_user,
    reset_password,
    set_active,
    set_locale,
    set_roles,
)
from core.actor import ACCOUNT_ROLES, Permission, Role
from core.i18n import COOKIE
from core.web import (
    Gate,
    current_actor,
    house,
    load,
    read_session,
    requires,
    uuid_or_404,
    write_session,
)

BLUEPRINT = Blueprint("accounts", __name__)
_NEW, _CHANGE, _LANGUAGE = NewUserSchema(), UserChangeSchema(), LanguageSchema()


@BLUEPRINT.get("/account")
@requires(Gate.SIGNED_IN)
def own() -> ResponseReturnValue:
    """One's own account."""
    return render_template("accounts/own.html")


@BLUEPRINT.post("/account/language")
@requires(Gate.SIGNED_IN)
def choose_language() -> ResponseReturnValue:
    """Remember the language of one's own account."""
    values = load(_LANGUAGE, request.form)
    with write_session() as session:
        set_locale(session, house().clock, current_actor(), values["locale"])
    answer = redirect(url_for("accounts.own"))
    # The cookie would outvote the account.
    answer.delete_cookie(COOKIE)
    return answer


@BLUEPRINT.get("/users")
@requires(Permission.USER_WRITE)
def users() -> ResponseReturnValue:
    """The centre's accounts."""
    with read_session() as session:
        page = list_users(session, current_actor(), cursor=request.args.get("cursor"))
        return render_template("accounts/users.html", page=page, firms=firm_names(session, page.rows))


@BLUEPRINT.get("/users/new")
@requires(Permission.USER_WRITE)
def new_user() -> ResponseReturnValue:
    """The form for a new account."""
    return render_template("accounts/new.html", roles=list(ACCOUNT_ROLES))


@BLUEPRINT.post("/users")
@requires(Permission.USER_WRITE)
def create() -> ResponseReturnValue:
    """Make an account and show its one-time password, once."""
    values, actor = load(_NEW, request.form), current_actor()
    with write_session() as session:
        user, password = create_user(
            session,
            house().clock,
            actor,
            email=values["email"],
            roles=[Role(name) for name in values["roles"]],
            firm_id=find_firm(session, actor, values["firm"]) if values["firm"].strip() else None,
            expert_id=find_expert(session, actor, values["expert"]) if values["expert"].strip() else None,
            station_id=find_station(session, actor, values["station"]) if values["station"].strip() else None,
        )
    return render_template("accounts/password_once.html", user=user, password=password)


@BLUEPRINT.get("/users/<user_id>")
@requires(Permission.USER_WRITE)
def show(user_id: str) -> ResponseReturnValue:
    """One account; that it was opened is written down, since its owner may ask who read it."""
    with write_session() as session:
        user = open_user(session, house().clock, current_actor(), uuid_or_404(user_id))
        firm = firm_names(session, [user]).get(user.firm_id) if user.firm_id else None
        return render_template("accounts/user.html", user=user, firm=firm, roles=list(ACCOUNT_ROLES))


@BLUEPRINT.post("/users/<user_id>")
@requires(Permission.USER_WRITE)
def change(user_id: str) -> ResponseReturnValue:
    """Set roles, disable, enable, or give a new one-time password."""
    values = load(_CHANGE, request.form)
    account, actor, clock, seen = uuid_or_404(user_id), current_actor(), house().clock, values["version"]
    if values["act"] == "reset":
        with write_session() as session:
            user, password = reset_password(session, clock, actor, account, seen_version=seen)
        return render_template("accounts/password_once.html", user=user, password=password)
    with write_session() as session:
        if values["act"] == "roles":
            set_roles(session, clock, actor, account, [Role(r) for r in values["roles"]], seen_version=seen)
        else:
            set_active(session, clock, actor, account, values["act"] == "enable", seen_version=seen)
    flash(gettext("The account was changed; whoever used it signs in again."), "done")
    return redirect(url_for("accounts.show", user_id=user_id))


@BLUEPRINT.get("/audit")
@requires(Permission.AUDIT_READ)
def audit_list() -> ResponseReturnValue:
    """Who did what, newest first."""
    with read_session() as session:
        page = list_audit(session, current_actor(), cursor=request.args.get("cursor"))
        return render_template("accounts/audit.html", page=page)


def init_accounts(app: Flask) -> None:
    """Give ``app`` the pages of accounts."""
    app.register_blueprint(BLUEPRINT)
