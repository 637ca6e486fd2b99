"""Accounts as an administrator keeps them, on both databases."""

from __future__ import annotations

import uuid

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from accounts.belonging import find_firm
from accounts.models import User
from accounts.service import (
    create_user,
    get_user,
    list_audit,
    list_users,
    reset_password,
    seed_first_accounts,
    set_active,
    set_locale,
    set_roles,
)
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from house import House
from tests.factories import bring_firms, firm_id, keeper, staff


def _admin(house: House, slug: str | None = None) -> Actor:
    centre = keeper(house, slug).centre_id
    return Actor("user:admin", frozenset({Role.ADMIN}), centre_id=centre, user_id=uuid.uuid4())


def _make(house: House, actor: Actor, email: str = "x@example.org", **facts: object) -> User:
    told = {"roles": [Role.STAFF], **facts}
    with house.database.write() as session:
        return create_user(session, house.clock, actor, email=email, **told)[0]  # type: ignore[arg-type]


def test_a_password_is_given_once_and_kept_only_as_a_hash(each_house: House) -> None:
    with each_house.database.write() as session:
        user, password = create_user(
            session, each_house.clock, _admin(each_house), email=" X@Example.ORG", roles=[Role.STAFF]
        )
    assert user.email == "x@example.org"
    assert user.password.startswith("$argon2id$")
    assert PasswordHasher().verify(user.password, password)
    assert user.must_change_password
    with each_house.database.read() as session:
        for row in session.scalars(select(AuditRow)):
            assert password not in str(vars(row)) and "example.org" not in str(vars(row))


def test_an_address_has_one_account_whatever_its_letters(each_house: House) -> None:
    _make(each_house, _admin(each_house))
    with pytest.raises(BadInput, match="already an account"):
        _make(each_house, _admin(each_house, "other"), "X@EXAMPLE.org")


@pytest.mark.parametrize(
    ("roles", "has_firm", "words"),
    [
        ([], False, "needs a role"),
        ([Role.FIRM_MEMBER], False, "belongs to a firm"),
        ([Role.STAFF], True, "only a firm member"),
        ([Role.FIRM_MEMBER, Role.STAFF], True, "no other role"),
    ],
)
def test_roles_that_do_not_fit_are_refused(
    each_house: House, roles: list[Role], has_firm: bool, words: str
) -> None:
    bring_firms(each_house)
    firm = firm_id(each_house, "alpha") if has_firm else None
    with pytest.raises(BadInput, match=words):
        _make(each_house, _admin(each_house), roles=roles, firm_id=firm)


def test_a_firm_of_another_centre_cannot_be_chosen(each_house: House) -> None:
    bring_firms(each_house)
    admin = _admin(each_house, "other")
    with pytest.raises(BadInput, match="no such firm"):
        _make(each_house, admin, roles=[Role.FIRM_MEMBER], firm_id=firm_id(each_house, "alpha"))
    with each_house.database.read() as session, pytest.raises(BadInput, match="no such firm"):
        find_firm(session, admin, "alpha")


def test_a_firm_is_named_by_its_key_or_its_legal_name(each_house: House) -> None:
    bring_firms(each_house, "firm,name,kind\na,甲公司,legal_zh\nb,甲公司,legal_zh\n甲公司,乙公司,legal_zh\n")
    with each_house.database.read() as session:
        admin = _admin(each_house)
        assert find_firm(session, admin, " a ") == firm_id(each_house, "a")
        assert find_firm(session, admin, "甲公司") == firm_id(each_house, "甲公司"), "a key comes first"
        with pytest.raises(NotAllowed):
            find_firm(session, staff(each_house), "a")
    bring_firms(each_house, "firm,name,kind\nc,丙公司,legal_zh\nd,丙公司,legal_zh\n")
    with each_house.database.read() as session, pytest.raises(BadInput, match="Several"):
        find_firm(session, admin, "丙公司")


@pytest.mark.parametrize("who", ["visitor", "staff", "other"])
def test_nobody_but_an_administrator_of_the_centre_touches_an_account(each_house: House, who: str) -> None:
    user = _make(each_house, _admin(each_house))
    actor = {
        "visitor": VISITOR,
        "staff": staff(each_house),
        "other": _admin(each_house, "other"),
    }[who]
    error = NotFound if who == "other" else NotAllowed
    clock = each_house.clock
    for act in (
        lambda s: set_roles(s, clock, actor, user.id, [Role.ADMIN], seen_version=1),
        lambda s: set_active(s, clock, actor, user.id, False, seen_version=1),
        lambda s: reset_password(s, clock, actor, user.id, seen_version=1),
    ):
        with pytest.raises(error), each_house.database.write() as session:
            act(session)
    with each_house.database.read() as session:
        with pytest.raises(NotFound):
            get_user(session, actor, user.id)
        assert list_users(session, actor).rows == []
        assert session.get_one(User, user.id).version == 1
    if who != "other":
        with pytest.raises(NotAllowed):
            _make(each_house, actor, "y@example.org")


def test_every_change_counts_up_ends_the_sessions_and_is_written_down(each_house: House) -> None:
    admin, clock = _admin(each_house), each_house.clock
    user = _make(each_house, admin)
    marks = {user.fs_uniquifier}
    with each_house.database.write() as session:
        marks.add(set_roles(session, clock, admin, user.id, [Role.ADMIN], seen_version=1).fs_uniquifier)
    with each_house.database.write() as session:
        marks.add(set_active(session, clock, admin, user.id, False, seen_version=2).fs_uniquifier)
    with each_house.database.write() as session:
        marks.add(reset_password(session, clock, admin, user.id, seen_version=3)[0].fs_uniquifier)
    assert len(marks) == 4
    with each_house.database.read() as session:
        assert session.get_one(User, user.id).version == 4
        acts = [row.action for row in list_audit(session, admin).rows]
    assert acts[:3] == ["account.password_reset", "account.disabled", "account.roles_set"]


def test_a_change_on_an_old_version_is_refused(each_house: House) -> None:
    admin, clock = _admin(each_house), each_house.clock
    user = _make(each_house, admin)
    with each_house.database.write() as session:
        set_active(session, clock, admin, user.id, False, seen_version=1)
    with pytest.raises(StaleWrite), each_house.database.write() as session:
        set_roles(session, clock, admin, user.id, [Role.ADMIN], seen_version=1)
    with each_house.database.read() as session:
        assert [r.name for r in session.get_one(User, user.id).roles] == ["staff"]


def test_administrators_cannot_lock_themselves_out(each_house: House) -> None:
    user = _make(each_house, _admin(each_house), roles=[Role.ADMIN])
    self_actor = Actor(f"user:{user.id}", frozenset({Role.ADMIN}), centre_id=user.centre_id, user_id=user.id)
    for act in (
        lambda s: set_roles(s, each_house.clock, self_actor, user.id, [Role.STAFF], seen_version=1),
        lambda s: set_active(s, each_house.clock, self_actor, user.id, False, seen_version=1),
    ):
        with pytest.raises(NotAllowed), each_house.database.write() as session:
            act(session)


def test_a_language_is_ones_own(each_house: House) -> None:
    user = _make(each_house, _admin(each_house))
    actor = Actor("x", user_id=user.id)
    with each_house.database.write() as session:
        set_locale(session, each_house.clock, actor, "en")
    with each_house.database.read() as session:
        assert session.get_one(User, user.id).locale == "en"
    for somebody, locale in ((VISITOR, "en"), (actor, "tlh")):
        with pytest.raises(BadInput), each_house.database.write() as session:
            set_locale(session, each_house.clock, somebody, locale)


def test_lists_have_pages(each_house: House) -> None:
    admin = _admin(each_house)
    for n in range(5):
        _make(each_house, admin, f"u{n}@example.org")
    seen, cursor = [], None
    while True:
        with each_house.database.read() as session:
            page = list_users(session, admin, cursor=cursor, limit=2)
        seen += [user.email for user in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"u{n}@example.org" for n in range(5)]
    with each_house.database.read() as session:
        first = list_audit(session, admin, limit=2)
        second = list_audit(session, admin, cursor=first.next_cursor, limit=2)
    assert [row.id for row in (*first.rows, *second.rows)] == sorted(
        (row.id for row in (*first.rows, *second.rows)), reverse=True
    )
    with each_house.database.read() as session, pytest.raises(NotAllowed):
        list_audit(session, staff(each_house))


def test_an_empty_store_gets_its_first_accounts_once(each_house: House) -> None:
    bring_firms(each_house)
    invented = firm_id(each_house, "beta")
    made = seed_first_accounts(each_house.database, each_house.clock, sample=True, firm_id=invented)
    assert [name.split("@")[0] for name, _ in made] == ["admin", "staff", "signer", "firm"]
    assert len({password for _, password in made}) == 4
    with each_house.database.read() as session:
        assert session.scalars(select(User.firm_id).where(User.firm_id.is_not(None))).all() == [invented]
    assert seed_first_accounts(each_house.database, each_house.clock, sample=True) == []
