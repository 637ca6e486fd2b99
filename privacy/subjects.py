"""A person as the store knows them: which rows are theirs, and by what they could be recognised in anybody's words."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from accounts.models import User
from core.vault import Vault
from experts.appointing.models import Application
from experts.consultation_models import Consultation
from experts.models import Expert
from notify.models import ChannelPreference
from privacy.registry import Entry, Whose
from privacy.tables import TABLES

#: what stands where a person's data stood
GONE = "〔已删除〕"
#: the domain of addresses that no longer are one (RFC 2606)
NOWHERE = "deleted.invalid"


@dataclass(frozen=True)
class Person:
    """Whose data it is.

    Attributes:
        account_id, centre_id: the account and its centre.
        actor: how the audit names them.
        firm_id: their firm, for a firm's member.
        expert_id: their entry, for an expert.
        begun: the consultations they began.
        applications: the applications that led to their entry.
        names: their names; addresses: e-mail; numbers: telephone, digits only.
    """

    account_id: uuid.UUID
    centre_id: uuid.UUID
    actor: str
    firm_id: uuid.UUID | None
    expert_id: uuid.UUID | None
    begun: tuple[uuid.UUID, ...]
    applications: tuple[uuid.UUID, ...]
    names: frozenset[str]
    addresses: frozenset[str]
    numbers: frozenset[str]

    @property
    def record_ids(self) -> list[str]:
        """Ids under which the audit has acts on what is theirs."""
        ids = [self.account_id, *self.begun, *self.applications]
        return [str(identity) for identity in ids + ([self.expert_id] if self.expert_id else [])]


def person_of(session: Session, vault: Vault, user: User) -> Person:
    """Everything by which ``user`` is known."""
    actor = f"user:{user.id}"
    begun = session.scalars(select(Consultation).where(Consultation.created_by == actor)).all()
    names = {row.contact_name for row in begun}
    addresses = {user.email, *(row.contact_email for row in begun)}
    numbers = {row.contact_phone for row in begun}
    expert = session.get(Expert, user.expert_id) if user.expert_id else None
    applications: list[Application] = []
    if expert is not None:
        names |= {expert.name_zh, expert.name_en}
        query = select(Application).where(Application.expert_id == expert.id)
        applications = list(session.scalars(query))
        addresses |= {row.contact for row in applications}
        numbers |= {row.contact for row in applications if "@" not in row.contact}
    preference = select(ChannelPreference).where(
        ChannelPreference.account_id == user.id, ChannelPreference.channel == "sms"
    )
    for row in session.scalars(preference):
        if row.sealed:
            numbers.add(vault.open(user.centre_id, user.id, row.sealed).decode())
    return Person(
        user.id, user.centre_id, actor, user.firm_id, user.expert_id, tuple(row.id for row in begun),
        tuple(row.id for row in applications), frozenset(name.strip() for name in names if name.strip() and GONE not in name),
        frozenset(address.strip().lower() for address in addresses if "@" in address and NOWHERE not in address),
        frozenset(n for n in (_digits(number) for number in numbers) if len(n) >= 7),
    )  # fmt: skip


def _digits(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits


def own_rows(entry: Entry, person: Person) -> ColumnElement[bool]:
    """Which rows of a table are the person's own."""
    table: Table = TABLES[entry.table]
    wanted: list[ColumnElement[bool]] = []
    for name, whose in entry.of:
        column: Any = table.c[name]
        if whose is Whose.ACCOUNT:
            wanted.append(column == person.account_id)
        elif whose is Whose.FIRM and person.firm_id is not None:
            wanted.append(column == person.actor)
        elif whose is Whose.BEGUN and person.begun:
            wanted.append(column.in_(person.begun))
        elif whose is Whose.EXPERT and person.expert_id is not None:
            wanted.append(column == person.expert_id)
        elif whose is Whose.APPLICATION and person.applications:
            wanted.append(column.in_(person.applications))
    return or_(false(), *wanted)


class Eraser:
    """Takes a person's names, numbers and addresses out of words.

    An address or a number is taken out wherever it stands. A name is, too, when it is long enough to be somebody's alone;
    a short one ("李工") only in what is tied to the person's own matters and firm.
    """

    def __init__(self, person: Person) -> None:
        sure: list[str] = [re.escape(address) for address in person.addresses]
        sure += [_number(number) for number in person.numbers]
        sure += [_name(name) for name in person.names if _is_long(name)]
        near = sure + [_name(name) for name in person.names]
        self._sure, self._near = _either(sure), _either(near)

    def clean(self, value: Any, *, is_near: bool) -> Any:
        """``value`` (a text, or JSON) without them; the same object when nothing stood there."""
        pattern = self._near if is_near else self._sure
        if pattern is None:
            return value
        if isinstance(value, str):
            return pattern.sub(GONE, value)
        if isinstance(value, list):
            return [self.clean(item, is_near=is_near) for item in value]
        if isinstance(value, dict):
            return {self.clean(k, is_near=is_near): self.clean(v, is_near=is_near) for k, v in value.items()}
        return value


def _is_long(name: str) -> bool:
    han = sum("\u3400" <= char <= "\u9fff" for char in name)
    return han >= 3 or (han == 0 and " " in name and len(name) >= 7)


def _number(digits: str) -> str:
    return r"(?<!\d)(?:\+?86[\s-]*)?" + r"[\s-]*".join(digits) + r"(?!\d)"


def _name(name: str) -> str:
    inner = r"\s*".join(re.escape(char) for char in name if not char.isspace())
    if name[0] < "\u3400":
        inner = r"\s+".join(re.escape(word) for word in name.split())
        return rf"(?<![0-9A-Za-z]){inner}(?![0-9A-Za-z])"
    return inner


def _either(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(sorted(patterns, key=len, reverse=True))
    return re.compile(joined, re.IGNORECASE) if joined else None
