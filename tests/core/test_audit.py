"""The audit chain: tampering shows, and no personal value is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from core import audit, centres
from core.actor import VISITOR
from core.audit import AuditRow, AuditSeal
from core.clock import FixedClock
from core.db import Base, Database
from core.errors import AuditBroken

CLOCK = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture
def database(each_database_url: str) -> Iterator[Database]:
    database = Database(each_database_url)
    Base.metadata.create_all(database.engine)
    assert centres.Centre.__table__ is not None
    with database.write() as session:
        for n in range(5):
            audit.record(
                session, CLOCK, VISITOR, "thing.changed", "thing", n, values={"mobile": "13800000000"}
            )
    with database.write() as session:
        assert audit.seal(session) == 5
    yield database
    database.dispose()


def test_an_untouched_chain_verifies(database: Database) -> None:
    with database.read() as session:
        report = audit.verify(session)
    assert (report.sealed, report.unsealed) == (5, 0)


def test_a_later_row_is_chained_to_what_was_sealed(database: Database) -> None:
    with database.read() as session:
        before = audit.verify(session).head
    with database.write() as session:
        audit.record(session, CLOCK, VISITOR, "thing.changed", "thing", 9)
    with database.write() as session:
        audit.seal(session)
    with database.read() as session:
        report = audit.verify(session)
    assert report.sealed == 6
    assert report.head != before


def test_a_changed_row_is_named(database: Database) -> None:
    with database.write() as session:
        session.execute(update(AuditRow).where(AuditRow.subject_id == "2").values(actor="somebody else"))
    with database.read() as session, pytest.raises(AuditBroken, match="was changed"):
        audit.verify(session)


def test_a_deleted_row_is_named(database: Database) -> None:
    with database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.subject_id == "3"))
    with database.read() as session, pytest.raises(AuditBroken, match="was deleted"):
        audit.verify(session)


def test_a_deleted_row_with_its_seal_leaves_a_gap(database: Database) -> None:
    with database.write() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.subject_id == "1")).one()
        session.execute(delete(AuditSeal).where(AuditSeal.audit_id == row.id))
        session.delete(row)
    with database.read() as session, pytest.raises(AuditBroken, match="is missing"):
        audit.verify(session)


def test_personal_values_are_digested_not_stored(database: Database) -> None:
    with database.read() as session:
        row = session.scalars(select(AuditRow)).first()
    assert row is not None
    assert row.fields == ["mobile"]
    assert "13800000000" not in str(vars(row))


def test_the_same_value_digests_differently_in_each_row(database: Database) -> None:
    with database.read() as session:
        digests = {row.digests["mobile"] for row in session.scalars(select(AuditRow))}
    assert len(digests) == 5
