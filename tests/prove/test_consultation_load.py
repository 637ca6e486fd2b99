"""Many submit with files while staff work the desk, against a real server process on PostgreSQL: no error, nothing lost.

In full: ``SEAMARK_LOAD_SECONDS=300 SEAMARK_LOAD_FIRMS=50 SEAMARK_LOAD_STAFF=20 pytest -s -m prove tests/prove/test_consultation_load.py``.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from accounts.models import User
from accounts.service import create_user
from config import load_settings
from core.actor import Role, system_actor
from core.centres import Centre
from enterprises.importing import import_firms
from enterprises.models import Firm
from experts.consultation_models import Attachment, Consultation, ConsultationMessage
from house import build_house
from tests.browser.conftest import Served, serve
from tests.prove.load import Person, Record, be_firm, be_staff

__all__ = ["serve"]
SECONDS = int(os.environ.get("SEAMARK_LOAD_SECONDS", "15"))
FIRMS = int(os.environ.get("SEAMARK_LOAD_FIRMS", "6"))
STAFF = int(os.environ.get("SEAMARK_LOAD_STAFF", "3"))
#: seconds a person reads and types between two requests, on average
THINK = float(os.environ.get("SEAMARK_LOAD_THINK", "3" if SECONDS > 60 else "0.5"))


@pytest.mark.prove
@pytest.mark.postgres
def test_many_submit_with_files_while_staff_work_the_desk(
    serve: Callable[..., Served], postgres_url: str, tmp_path: Path
) -> None:
    variables = {"SEAMARK_DATABASE_URL": postgres_url, "SEAMARK_SOURCES": "none"}
    served = serve("--no-sample", **variables)
    house = build_house(load_settings({"SEAMARK_HOME": str(tmp_path / "home"), **variables}))
    with house.database.read() as session:
        centre = session.scalars(select(Centre.id)).first()
    boss = system_actor("test", centre)
    rows = "".join(f"load-{n},负载企业{n}有限公司,legal_zh\n" for n in range(FIRMS))
    import_firms(house.database, house.clock, boss, "firms.csv", f"firm,name,kind\n{rows}".encode())
    with house.database.read() as session:
        firms = {firm.ref: firm.id for firm in session.scalars(select(Firm))}
    passwords: dict[str, str] = {}
    for name, role, firm in (
        *((f"firm{n}", Role.FIRM_MEMBER, firms[f"load-{n}"]) for n in range(FIRMS)),
        *((f"desk{n}", Role.STAFF, None) for n in range(STAFF)),
    ):
        with house.database.write() as session:
            email = f"{name}@load.example.org"
            _, passwords[name] = create_user(
                session, house.clock, boss, email=email, roles=[role], firm_id=firm
            )
    with house.database.write() as session:
        session.execute(update(User).values(must_change_password=False))
    record = Record()
    people = {
        name: Person(served.address, f"{name}@load.example.org", password, record, seed, THINK)
        for seed, (name, password) in enumerate(passwords.items())
    }
    until = time.monotonic() + SECONDS
    threads = [
        threading.Thread(
            target=be_firm if name.startswith("firm") else be_staff, args=(person, seed, until), daemon=True
        )
        for seed, (name, person) in enumerate(people.items())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for person in people.values():
        person.client.close()

    _report(record)
    assert record.errors == []
    assert record.submitted and record.accepted and record.messages
    with house.database.read() as session:
        kept = {str(row.id): row for row in session.scalars(select(Consultation))}
        assert record.submitted <= set(kept)
        numbers = sorted(kept[one].number or "" for one in record.submitted)
        assert len(set(numbers)) == len(numbers)
        assert all(kept[one].submitted_at is not None for one in record.submitted)
        assert all(kept[one].state == "accepted" for one in record.accepted)
        accepted = {str(row.id) for row in kept.values() if row.state == "accepted"}
        assert accepted == record.accepted, "accepted once each, and by nobody unseen"
        written = {(str(m.consultation_id), m.text) for m in session.scalars(select(ConsultationMessage))}
        assert record.messages <= written
        files = {(str(f.consultation_id), f.sha256): f for f in session.scalars(select(Attachment))}
        for matter, digests in record.files.items():
            for digest in digests:
                file = files[matter, digest]
                content = house.vault.get(file.centre_id, file.id)
                assert len(content) == file.size
    assert isinstance(centre, uuid.UUID)
    house.close()


def _report(record: Record) -> None:
    everything = sorted(second for kind in record.seconds.values() for second in kind)
    print(f"\n{FIRMS} firms and {STAFF} staff for {SECONDS} s, {THINK} s between requests")
    print(f"{'request':<10}{'count':>7}{'p50 s':>9}{'p95 s':>9}{'max s':>9}")
    for kind, seconds in [*sorted(record.seconds.items()), ("all", everything)]:
        ordered = sorted(seconds)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        print(f"{kind:<10}{len(ordered):>7}{statistics.median(ordered):>9.3f}{p95:>9.3f}{ordered[-1]:>9.3f}")
    print(
        f"submitted {len(record.submitted)}, files {sum(map(len, record.files.values()))}, messages "
        f"{len(record.messages)}, accepted {len(record.accepted)}, overtaken {record.overtaken}, errors {len(record.errors)}"
    )
    for error in record.errors[:10]:
        print(error)
