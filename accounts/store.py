"""What Flask-Security reads and writes accounts through: short sessions of our own, never one held over a request."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g
from flask_security.datastore import UserDatastore
from sqlalchemy import inspect, select

from accounts.models import AccountRole, User
from core import audit
from core.actor import Actor
from core.clock import Clock
from core.db import Database


class AccountStore(UserDatastore):  # type: ignore[misc]
    """Finds accounts in a read session and hands them out detached; writes back only the columns that changed, so a
    sign-in never undoes what an administrator did in the meantime."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(User, AccountRole)
        self._database, self._clock = database, clock

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """The account whose one given column has that value; addresses are stored in lower case."""
        ((name, value),) = kwargs.items()
        if name == "id" and not isinstance(value, uuid.UUID):
            return None
        wanted = str(value).lower() if case_insensitive else value
        with self._database.read() as session:
            return session.scalar(select(User).where(getattr(User, name) == wanted))

    def find_role(self, role: str) -> AccountRole | None:
        """Roles are rows of an account and have no existence of their own."""
        return None

    def put(self, model: User) -> User:
        """Remember that ``model`` changed, until :meth:`commit`."""
        changed: list[User] = g.setdefault("changed_accounts", [])
        if model not in changed:
            changed.append(model)
        return model

    def delete(self, model: User) -> None:
        """Accounts are disabled, never deleted from here."""
        raise NotImplementedError("accounts are disabled by an administrator, never deleted by signing in")

    def reload(self, model: User) -> None:
        """Nothing to do: a detached account is read afresh by every request."""

    def commit(self) -> None:
        """Write what changed, with its audit row, in one transaction."""
        changed: list[User] = g.pop("changed_accounts", [])
        if not changed:
            return
        with self._database.write() as session:
            for model in changed:
                state = inspect(model)
                fields = [
                    column.key
                    for column in state.mapper.column_attrs
                    if state.attrs[column.key].history.has_changes()
                ]
                row = session.get(User, model.id)
                if row is None or not fields:
                    continue
                for name in fields:
                    setattr(row, name, getattr(model, name))
                # A rehash on sign-in is the program's own act; only a new password by the person is one worth telling.
                if "must_change_password" in fields or "fs_uniquifier" in fields:
                    actor = Actor(name=f"user:{row.id}", centre_id=row.centre_id, user_id=row.id)
                    audit.record(session, self._clock, actor, "account.password_changed", "account", row.id)
