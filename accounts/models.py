"""Tables of accounts. Every account belongs to a centre; a firm member's also to a firm, an expert's to an expert."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ColumnElement, ForeignKey, Select, exists, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.actor import Actor, Permission, Role
from core.db import Base, new_id


class AccountRole(Base, RoleMixin):
    """One role of one account."""

    __tablename__ = "account_role"

    #: the account
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    #: firm_member, staff, signer, expert, station, admin
    name: Mapped[str] = mapped_column(primary_key=True)

    user: Mapped[User] = relationship(back_populates="roles")


class User(Base, UserMixin):
    """Somebody who may sign in."""

    __tablename__ = "account"

    #: outside id; the audit names the account by it
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    #: what they sign in with, folded to lower case
    email: Mapped[str] = mapped_column(unique=True)
    #: argon2 hash
    password: Mapped[str]
    #: False once disabled
    active: Mapped[bool] = mapped_column(default=True)
    #: part of every session; a new one ends them all
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    #: their centre
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centre.id"))
    #: their firm, for a firm member
    firm_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    #: their entry in the expert library, for an expert
    expert_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("expert.id", ondelete="CASCADE"), index=True
    )
    #: their station, for somebody of one
    station_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("station.id", ondelete="CASCADE"), index=True
    )
    #: zh or en; None follows the browser's cookie
    locale: Mapped[str | None]
    #: they hold a one-time password
    must_change_password: Mapped[bool] = mapped_column(default=True)
    #: counts up with every change an administrator makes
    version: Mapped[int] = mapped_column(default=1)
    #: when made
    created_at: Mapped[datetime]

    roles: Mapped[list[AccountRole]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan", order_by="AccountRole.name", lazy="selectin"
    )

    @classmethod
    def visible_to(cls, actor: Actor) -> Select[User]:
        """The centre's accounts for an administrator, none for anybody else."""
        query = select(cls)
        if actor.system and actor.centre_id is None:
            return query
        if not actor.may(Permission.USER_WRITE):
            return query.where(false())
        return query.where(cls.centre_id == actor.centre_id)


def holds(role: Role) -> ColumnElement[bool]:
    """Whether an account has a role; for a query over accounts."""
    return exists().where(AccountRole.account_id == User.id, AccountRole.name == role.value)
