"""Accounts as an administrator keeps them: made, given roles, given a one-time password, disabled."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable

from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.belonging import experts_table, require_expert, require_firm, require_station
from accounts.models import AccountRole, User
from core import audit
from core.actor import Actor, Permission, Role, system_actor
from core.centres import first_centre
from core.clock import Clock
from core.db import Database
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor
from core.said import said

#: letters and digits that nobody mistakes for each other when reading them aloud
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
#: the domain of first accounts; nobody receives mail there (RFC 2606)
FIRST_DOMAIN = "seamark.example.org"


def one_time_password() -> str:
    """A random password of 79 bits in four groups, easy to type: ``k7mq-…``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def clean_email(text: str) -> str:
    """``text`` as accounts keep it (lower case). Raises BadInput when it is not an e-mail address."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise BadInput(
            said("This is not an e-mail address."), fix=said("Write it like name@example.org.")
        ) from error


def _roles(
    roles: Iterable[Role],
    firm_id: uuid.UUID | None,
    expert_id: uuid.UUID | None,
    station_id: uuid.UUID | None = None,
) -> list[Role]:
    wanted = sorted(set(roles))
    if not wanted:
        raise BadInput(said("An account needs a role."), fix=said("Choose at least one."))
    if (Role.FIRM_MEMBER in wanted) != (firm_id is not None):
        raise BadInput(
            said("A firm member belongs to a firm, and only a firm member does."),
            fix=said("Name the firm, or choose another role."),
        )
    if Role.FIRM_MEMBER in wanted and len(wanted) > 1:
        # 三员分立 begins here: whoever answers for a firm cannot also act for the centre.
        raise BadInput(
            said("A firm member holds no other role."), fix=said("Make a second account for the other role.")
        )
    if (Role.EXPERT in wanted) != (expert_id is not None):
        raise BadInput(
            said("An expert's account belongs to an entry of the expert library, and only an expert's does."),
            fix=said("Name the expert, or choose another role."),
        )
    if Role.EXPERT in wanted and len(wanted) > 1:
        raise BadInput(
            said("An expert holds no other role."), fix=said("Make a second account for the other role.")
        )
    if (Role.STATION in wanted) != (station_id is not None):
        raise BadInput(
            said("Somebody of a station belongs to one, and only they do."),
            fix=said("Name the station, or choose another role."),
        )
    if Role.STATION in wanted and len(wanted) > 1:
        raise BadInput(
            said("Somebody of a station holds no other role."),
            fix=said("Make a second account for the other role."),
        )
    if Role.SIGNER in wanted and Role.STAFF not in wanted:
        raise BadInput(
            said("Whoever signs for the centre is staff."), fix=said("Choose the role of staff too.")
        )
    return wanted


def create_user(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    email: str,
    roles: Iterable[Role],
    firm_id: uuid.UUID | None = None,
    expert_id: uuid.UUID | None = None,
    station_id: uuid.UUID | None = None,
) -> tuple[User, str]:
    """Make an account in the actor's centre; returns it and its one-time password, which is stored only as a hash.

    Raises NotAllowed, or BadInput (bad or taken address, no role, a firm or an expert that does not fit the role).
    """
    actor.require(Permission.USER_WRITE)
    if actor.centre_id is None:
        raise BadInput("An account belongs to a centre, and this actor has none.", fix="Name the centre.")
    address = clean_email(email)
    wanted = _roles(roles, firm_id, expert_id, station_id)
    require_firm(session, actor.centre_id, firm_id)
    require_expert(session, actor.centre_id, expert_id)
    require_station(session, actor.centre_id, station_id)
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise BadInput(
            said("There is already an account with this address."), fix=said("Find it in the list.")
        )
    password = one_time_password()
    user = User(
        email=address,
        password=PasswordHasher().hash(password),
        active=True,
        fs_uniquifier=secrets.token_urlsafe(32),
        centre_id=actor.centre_id,
        firm_id=firm_id,
        expert_id=expert_id,
        station_id=station_id,
        must_change_password=True,
        created_at=clock.now(),
        roles=[AccountRole(name=role.value) for role in wanted],
    )
    session.add(user)
    session.flush()
    audit.record(
        session,
        clock,
        actor,
        "account.created",
        "account",
        user.id,
        values={"roles": wanted, "firm": firm_id, "expert": expert_id, "station": station_id},
    )
    return user, password


def get_user(session: Session, actor: Actor, user_id: uuid.UUID) -> User:
    """The account. Raises NotFound when the actor may not know of it."""
    user = session.scalar(User.visible_to(actor).where(User.id == user_id))
    if user is None:
        raise NotFound(said("There is no such account in your centre."))
    return user


def open_user(session: Session, clock: Clock, actor: Actor, user_id: uuid.UUID) -> User:
    """The account, and an audit row that it was opened by somebody else. Raises NotFound."""
    user = get_user(session, actor, user_id)
    if user.id != actor.user_id:
        audit.record(session, clock, actor, "account.opened", "account", user.id)
    return user


def _changing(session: Session, actor: Actor, user_id: uuid.UUID, seen_version: int) -> User:
    actor.require(Permission.USER_WRITE)
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    user = get_user(session, actor, user_id)
    if user.version != seen_version:
        raise StaleWrite(
            said("This account changed while you were looking at it."),
            fix=said("Look again and decide anew; nothing was changed."),
            yours=seen_version,
            current=user.version,
        )
    user.version += 1
    return user


def _end_sessions(user: User) -> None:
    user.fs_uniquifier = secrets.token_urlsafe(32)


def set_roles(
    session: Session,
    clock: Clock,
    actor: Actor,
    user_id: uuid.UUID,
    roles: Iterable[Role],
    *,
    seen_version: int,
) -> User:
    """Give an account exactly ``roles``; its sessions end.

    Raises NotFound, BadInput, StaleWrite, or NotAllowed when administrators would take the role from themselves.
    """
    user = _changing(session, actor, user_id, seen_version)
    wanted = _roles(roles, user.firm_id, user.expert_id, user.station_id)
    if actor.user_id == user.id and Role.ADMIN not in wanted:
        raise NotAllowed(
            said("You cannot take the administrator's role from yourself."),
            fix=said("Ask another administrator."),
        )
    user.roles = [
        AccountRole(name=role.value) for role in wanted if role.value not in {r.name for r in user.roles}
    ] + [row for row in user.roles if row.name in {role.value for role in wanted}]
    _end_sessions(user)
    audit.record(session, clock, actor, "account.roles_set", "account", user.id, values={"roles": wanted})
    return user


def set_active(
    session: Session, clock: Clock, actor: Actor, user_id: uuid.UUID, active: bool, *, seen_version: int
) -> User:
    """Enable or disable an account; its sessions end.

    Raises NotFound, StaleWrite, or NotAllowed for one's own account.
    """
    user = _changing(session, actor, user_id, seen_version)
    if actor.user_id == user.id and not active:
        raise NotAllowed(said("You cannot disable your own account."), fix=said("Ask another administrator."))
    user.active = active
    _end_sessions(user)
    verb = "account.enabled" if active else "account.disabled"
    audit.record(session, clock, actor, verb, "account", user.id)
    return user


def reset_password(
    session: Session, clock: Clock, actor: Actor, user_id: uuid.UUID, *, seen_version: int
) -> tuple[User, str]:
    """Replace an account's password by a one-time one, which is returned; its sessions end."""
    user = _changing(session, actor, user_id, seen_version)
    password = one_time_password()
    user.password = PasswordHasher().hash(password)
    user.must_change_password = True
    _end_sessions(user)
    audit.record(session, clock, actor, "account.password_reset", "account", user.id)
    return user, password


def set_locale(session: Session, clock: Clock, actor: Actor, locale: str) -> None:
    """Remember the language (zh, en) of the actor's own account."""
    user = session.get(User, actor.user_id) if actor.user_id else None
    if user is None or locale not in ("zh", "en"):
        raise BadInput(said("A language is zh or en."), fix=said("Choose one of the two."))
    user.locale = locale
    audit.record(session, clock, actor, "account.locale_set", "account", user.id, values={"locale": locale})


def list_users(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[User]:
    """The centre's accounts by address. Raises BadInput on a bad cursor."""
    query = User.visible_to(actor).order_by(User.email).limit(limit + 1)
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        query = query.where(User.email > str(after))
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return Page(rows[:limit], encode_cursor([rows[limit - 1].email]) if more else None)


def list_audit(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50
) -> Page[audit.AuditRow]:
    """Audit rows of the actor's centre and of shared records, newest first. Raises NotAllowed, BadInput."""
    actor.require(Permission.AUDIT_READ)
    query = select(audit.AuditRow).order_by(audit.AuditRow.id.desc()).limit(limit + 1)
    if not actor.system:
        own = (audit.AuditRow.centre_id == actor.centre_id) | (audit.AuditRow.centre_id.is_(None))
        query = query.where(own)
    if cursor:
        (before,) = decode_cursor(cursor, 1)
        if not isinstance(before, int):
            raise bad_cursor()
        query = query.where(audit.AuditRow.id < before)
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return Page(rows[:limit], encode_cursor([rows[limit - 1].id]) if more else None)


def seed_first_accounts(
    database: Database, clock: Clock, *, sample: bool, firm_id: uuid.UUID | None = None
) -> list[tuple[str, str]]:
    """Make the first accounts of a store that has none; returns (address, one-time password) of each.

    An administrator, a member of staff who drafts and one who signs; with ``sample`` also a member of ``firm_id`` and the
    first expert who can be asked.
    """
    with database.write() as session:
        if session.scalar(select(func.count(User.id))):
            return []
        centre = first_centre(session)
        actor = system_actor("seed", centre.id)
        wanted: list[tuple[str, list[Role], dict[str, uuid.UUID]]] = [
            ("admin", [Role.ADMIN], {}),
            ("staff", [Role.STAFF], {}),
            ("signer", [Role.STAFF, Role.SIGNER], {}),
        ]
        if sample:
            expert = experts_table()
            experts = select(expert.c.id).where(
                expert.c.centre_id == centre.id, expert.c.status == "active", expert.c.verified
            )
            if firm_id is not None:
                wanted.append(("firm", [Role.FIRM_MEMBER], {"firm_id": firm_id}))
            if is_expert := session.scalar(experts.order_by(expert.c.ref).limit(1)):
                wanted.append(("expert", [Role.EXPERT], {"expert_id": is_expert}))
        made = []
        for name, roles, belongs in wanted:
            user, password = create_user(
                session, clock, actor, email=f"{name}@{FIRST_DOMAIN}", roles=roles, **belongs
            )
            made.append((user.email, password))
        return made
