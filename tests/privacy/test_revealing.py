"""Masked by default; one value is shown to somebody who says why; whoever opened a record stands in the person's own data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.service import open_user
from core.actor import Role
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound
from experts.consultation_models import Consultation
from experts.consultations import get_consultation, note_opening
from house import House
from privacy.models import Reveal
from privacy.own import person_asking, readings_of
from privacy.revealing import reveal
from tests.privacy.subject import MAIL, Subject, account


@pytest.fixture
def subject(house: House) -> Subject:
    return Subject(house)


def read_by(subject: Subject) -> list[tuple[str, str, str]]:
    with subject.house.database.read() as session:
        person = person_asking(session, subject.house.vault, subject.actor)
        return [(one.side, one.action, one.reason) for one in readings_of(session, person)]


def test_a_value_is_shown_with_a_reason_that_the_person_reads(subject: Subject) -> None:
    admin = account(subject.house, "boss@example.org", Role.ADMIN)
    with pytest.raises(BadInput, match="why"):
        subject.do(reveal, admin, "account", subject.id, "curious")
    assert subject.do(reveal, admin, "account", subject.id, "duplicate") == MAIL
    with subject.house.database.read() as session:
        row = session.scalars(select(Reveal)).one()
        assert (row.field, row.reason, row.by) == ("email", "duplicate", admin.name)
        acted = session.scalars(select(AuditRow).where(AuditRow.action == "privacy.revealed")).one()
        assert acted.fields == ["field"]
    assert ("admin", "privacy.revealed", "duplicate") in read_by(subject)


def test_only_whoever_holds_the_record_reveals_it(subject: Subject) -> None:
    for who in (subject.staff, subject.colleague):
        with pytest.raises(NotAllowed):
            subject.do(reveal, who, "account", subject.id, "check")
    with pytest.raises(NotFound):
        subject.do(reveal, subject.staff, "consultation", subject.matter.id, "check")


def test_opening_an_account_or_a_consultation_is_written_down_once_a_day(subject: Subject) -> None:
    admin = account(subject.house, "boss@example.org", Role.ADMIN)
    subject.do(open_user, admin, subject.id)
    clock = subject.house.clock
    assert isinstance(clock, FixedClock)

    def opened() -> None:
        with subject.house.database.write() as session:
            row = get_consultation(session, subject.staff, subject.matter.id)
            assert isinstance(row, Consultation)
            note_opening(session, clock, subject.staff, row)

    opened()
    opened()
    clock.advance(timedelta(hours=25))
    opened()
    acts = [(side, act) for side, act, _ in read_by(subject)]
    assert acts.count(("staff", "consultation.opened")) == 2
    assert ("admin", "account.opened") in acts
