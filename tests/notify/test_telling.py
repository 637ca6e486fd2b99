"""A firm is told a thing once, over every way it wants; a fault is tried again under the same key, and then shown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from cases.facts import RawEvent, RawParty
from cases.models import Case
from config import ROOT
from core.actor import Actor, Role
from core.clock import FixedClock
from core.errors import NotAllowed, NotFound, TransitionRefused
from core.outbox import Delivery as OutboxDelivery
from house import House, build_house
from notify.channels import Parcel
from notify.dispatch import BACKOFF_MINUTES, LOST_AFTER, MOST_TRIES
from notify.ledger import count_states, health, list_deliveries, retry
from notify.models import Message, MessageDelivery, MessageSubject
from notify.preferences import choose_mail
from notify.sending import GATHER
from notify.topics import NAMED
from tests.conftest import MakeHouse
from tests.factories import DEFENDANT, bring_firms, drain, firm_id, origin, raw_case, record, staff
from tests.notify.conftest import Mailing, Post, join
from warning.alerts import list_alerts, mark_alert
from warning.levels import decide_level


def _rows(house: House) -> list[MessageDelivery]:
    with house.database.read() as session:
        return list(session.scalars(select(MessageDelivery).order_by(MessageDelivery.id)))


def _states(house: House) -> dict[str, str]:
    return {row.channel: row.state for row in _rows(house)}


def _named(mailing: Mailing, numbers: Sequence[int] = (1,)) -> None:
    for n in numbers:
        record(mailing.house, raw_case(f"2:26-cv-9{n:04d}"))
    drain(mailing.house)


def test_a_named_firm_gets_one_mail_and_the_other_none(mailing: Mailing) -> None:
    _named(mailing)
    report = mailing.dispatch()
    assert (report.accepted, report.put_off, report.failed) == (2, 0, 0)
    (mail,) = mailing.post.mails
    assert mailing.post.receivers == ["alpha@firm.example.org"]
    row = next(row for row in _rows(mailing.house) if row.channel == "email")
    assert mail["Message-ID"] == f"<{row.id}@centre.example.org>"
    assert (row.state, row.server_id, row.attempts) == ("accepted", "OK queued as q-7", 1)
    assert row.accepted_at == mailing.clock.now()
    assert _states(mailing.house)["app"] == "accepted"


def test_the_mail_tells_the_next_deadline_with_its_basis(mailing: Mailing) -> None:
    served = RawEvent(date(2026, 2, 20), "SUMMONS Returned Executed", "Hailan served on 2/19/2026")
    record(mailing.house, raw_case("2:26-cv-90001", events=(served,)))
    drain(mailing.house)
    mailing.dispatch()
    text = mailing.post.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    # Day 21 after Thursday 19 February is 12 March.
    assert "2026-03-12 (Answer to complaint" in text and "FRCP 12(a)(1)(A)(i); for reference only" in text
    assert "最近期限" in text and "仅供参考" in text


def test_nothing_leaves_before_the_message_has_gathered(mailing: Mailing) -> None:
    _named(mailing)
    assert mailing.dispatch(GATHER - timedelta(seconds=1)).accepted == 0
    assert mailing.dispatch(timedelta(seconds=1)).accepted == 2


def test_alerts_of_one_drain_become_one_message(mailing: Mailing) -> None:
    _named(mailing, range(5))
    mailing.dispatch()
    (mail,) = mailing.post.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert all(f"2:26-cv-9{n:04d}" in text for n in range(5))
    assert "5 alerts" in mail["Subject"]
    with mailing.house.database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 1


def test_an_alert_that_comes_after_the_message_left_is_told_in_another(mailing: Mailing) -> None:
    _named(mailing, [1])
    mailing.dispatch()
    _named(mailing, [2])
    mailing.dispatch()
    first, second = mailing.post.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "2:26-cv-90001" not in second.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_two_firms_of_one_case_get_a_mail_each_and_nothing_of_each_other(mailing: Mailing) -> None:
    parties = (RawParty(DEFENDANT, "defendant"), RawParty("Beize Lighting Co. Ltd.", "defendant"))
    record(mailing.house, raw_case(parties=parties, caption="Acme v. Many"))
    drain(mailing.house)
    mailing.dispatch()
    assert sorted(mailing.post.receivers) == ["alpha@firm.example.org", "beta@firm.example.org"]
    for mail in mailing.post.mails:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert ("北泽" in text) == ("beta" in mail["To"])
        assert ("海岚" in text) == ("alpha" in mail["To"])


def test_history_is_not_told(mailing: Mailing) -> None:
    record(mailing.house, raw_case(), origin(mailing.house, is_backfill=True))
    drain(mailing.house)
    assert _rows(mailing.house) == []
    assert mailing.dispatch().accepted == 0
    assert mailing.post.mails == []


def test_a_replay_of_everything_tells_nobody_twice(mailing: Mailing) -> None:
    _named(mailing, [1, 2])
    mailing.dispatch()
    with mailing.house.database.write() as session:
        session.execute(update(OutboxDelivery).values(state="pending"))
    drain(mailing.house)
    mailing.dispatch(timedelta(days=3))
    assert len(mailing.post.mails) == 1
    with mailing.house.database.read() as session:
        assert len(session.scalars(select(MessageSubject)).all()) == 2


def test_without_a_mail_server_nothing_is_queued_for_one(each_house: House) -> None:
    bring_firms(each_house)
    join(each_house, "alpha", "alpha@firm.example.org")
    record(each_house, raw_case())
    drain(each_house)
    assert _states(each_house) == {"app": "queued"}


def test_whoever_switched_mail_off_gets_none_even_of_what_was_queued(mailing: Mailing) -> None:
    second = join(mailing.house, "alpha", "second@firm.example.org")
    _named(mailing, [1])
    with mailing.house.database.write() as session:
        choose_mail(session, mailing.clock, second, is_on=False)
    mailing.dispatch()
    assert mailing.post.receivers == ["alpha@firm.example.org"]
    _named(mailing, [2])
    mailing.dispatch()
    assert mailing.post.receivers == ["alpha@firm.example.org"] * 2
    with mailing.house.database.write() as session:
        choose_mail(session, mailing.clock, second, is_on=True)
    _named(mailing, [3])
    mailing.dispatch()
    assert sorted(mailing.post.receivers[2:]) == ["alpha@firm.example.org", "second@firm.example.org"]


def test_a_disabled_account_and_one_that_left_the_firm_get_nothing(mailing: Mailing) -> None:
    from accounts.models import User

    _named(mailing)
    with mailing.house.database.write() as session:
        session.execute(update(User).where(User.email == "alpha@firm.example.org").values(active=False))
    mailing.dispatch()
    assert mailing.post.mails == []
    row = next(row for row in _rows(mailing.house) if row.channel == "email")
    assert (row.state, str(row.problem)) == ("failed", "The receiver no longer takes mail.")


def test_a_case_that_was_taken_back_before_the_mail_left_is_not_told(mailing: Mailing) -> None:
    _named(mailing)
    with mailing.house.database.write() as session:
        session.execute(update(Case).values(status="dismissed"))
    assert mailing.dispatch().failed == 2
    assert mailing.post.mails == []


def test_a_failure_is_tried_again_ever_more_rarely_under_one_key_and_then_shown(mailing: Mailing) -> None:
    mailing.post.answers = ["451 later"] * 100
    _named(mailing)
    assert mailing.dispatch().put_off == 1
    for tries, minutes in enumerate(BACKOFF_MINUTES, start=1):
        row = next(row for row in _rows(mailing.house) if row.channel == "email")
        assert (row.state, row.attempts) == ("retried", tries)
        assert row.next_try_at == mailing.clock.now() + timedelta(minutes=minutes)
        assert mailing.dispatch(timedelta(minutes=minutes, seconds=-1)).put_off == 0
        mailing.dispatch(timedelta(seconds=1))
    row = next(row for row in _rows(mailing.house) if row.channel == "email")
    assert (row.state, row.attempts) == ("failed", MOST_TRIES)
    assert "451" in str(row.problem)
    assert 100 - len(mailing.post.answers) == MOST_TRIES
    assert mailing.dispatch(timedelta(days=9)).accepted == 0


def test_a_permanent_refusal_is_not_tried_again(mailing: Mailing) -> None:
    mailing.post.refuses = "550 no such user alpha@firm.example.org"
    _named(mailing)
    assert mailing.dispatch().failed == 1
    row = next(row for row in _rows(mailing.house) if row.channel == "email")
    assert row.state == "failed"
    assert "alpha" not in str(row.error), "a server's words may quote a person's address"


def test_staff_send_a_failed_delivery_again_under_its_key(mailing: Mailing) -> None:
    mailing.post.refuses = "550 full"
    _named(mailing)
    mailing.dispatch()
    row = next(row for row in _rows(mailing.house) if row.channel == "email")
    mailing.post.refuses = ""
    with mailing.house.database.write() as session:
        retry(session, mailing.clock, staff(mailing.house), row.id)
    mailing.dispatch(timedelta(0))
    (mail,) = mailing.post.mails
    assert mail["Message-ID"] == f"<{row.id}@centre.example.org>"
    with pytest.raises(TransitionRefused), mailing.house.database.write() as session:
        retry(session, mailing.clock, staff(mailing.house), row.id)
    for somebody, error in (
        (staff(mailing.house, "elsewhere"), NotFound),
        (mailing.members["beta"], NotFound),
    ):
        with pytest.raises(error), mailing.house.database.write() as session:
            retry(session, mailing.clock, somebody, row.id)
    with mailing.house.database.write() as session:
        session.execute(update(MessageDelivery).values(state="failed"))
    with pytest.raises(NotAllowed), mailing.house.database.write() as session:
        retry(session, mailing.clock, mailing.members["alpha"], row.id)


class Killed(BaseException):
    """The end of the process, as near as a test can come to it."""


def test_a_crash_between_sending_and_marking_sends_again_under_the_same_key(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from notify.channels import SmtpChannel

    _named(mailing)
    real = SmtpChannel.send

    def send_and_die(self: SmtpChannel, parcel: Parcel) -> str:
        real(self, parcel)
        raise Killed

    monkeypatch.setattr(SmtpChannel, "send", send_and_die)
    with pytest.raises(Killed):
        mailing.dispatch()
    monkeypatch.undo()
    assert mailing.dispatch(timedelta(minutes=1)).accepted <= 1, "the claim still stands"
    assert len(mailing.post.mails) == 1
    assert mailing.dispatch(LOST_AFTER).accepted == 1
    assert len({mail["Message-ID"] for mail in mailing.post.mails}) == 1
    assert len(mailing.post.mails) == 2
    assert mailing.dispatch(timedelta(days=3)).accepted == 0


def test_a_process_killed_while_the_server_answers_sends_again_under_the_same_key(
    make_house: MakeHouse, database_url: str, post: Post
) -> None:
    """A real process, a real SIGKILL: the server has the mail, the ledger does not know."""
    variables = {"SEAMARK_SMTP_URL": post.url, "SEAMARK_MAIL_FROM": "notices@centre.example.org"}
    house = make_house(database_url, **variables)
    bring_firms(house)
    join(house, "alpha", "alpha@firm.example.org")
    record(house, raw_case())
    drain(house)
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SEAMARK_")}
    environ |= {"SEAMARK_HOME": str(house.settings.home), "SEAMARK_DATABASE_URL": database_url, **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "jobs", "run", "dispatch"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    post.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    post.on_data = None
    row = next(row for row in _rows(house) if row.channel == "email")
    assert (row.state, row.attempts, len(post.mails)) == ("queued", 1, 1)
    later = FixedClock(datetime.now(UTC) + LOST_AFTER + timedelta(minutes=1))
    again = build_house(house.settings, later)
    try:
        assert again.dispatcher().run().accepted >= 1
    finally:
        again.close()
    assert len(post.mails) == 2
    assert {mail["Message-ID"] for mail in post.mails} == {f"<{row.id}@centre.example.org>"}


def test_a_fault_of_ours_in_one_message_keeps_no_other_waiting(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from notify.channels import InAppChannel

    def crash(self: InAppChannel, parcel: Parcel) -> str:
        raise RuntimeError("a bug")

    monkeypatch.setattr(InAppChannel, "send", crash)
    _named(mailing)
    report = mailing.dispatch()
    assert (report.accepted, report.put_off) == (1, 1)
    assert _states(mailing.house) == {"app": "retried", "email": "accepted"}


def test_reading_an_alert_stands_in_the_ledger(mailing: Mailing) -> None:
    _named(mailing)
    mailing.dispatch()
    alpha = mailing.members["alpha"]
    with mailing.house.database.write() as session:
        (alert,) = list_alerts(session, alpha).rows
        mark_alert(session, mailing.clock, alpha, alert.id, "read")
    row = next(row for row in _rows(mailing.house) if row.channel == "app")
    assert (row.state, row.read_at) == ("read", mailing.clock.now())


def test_the_ledger_is_the_centres_and_a_firm_sees_its_own_lines(mailing: Mailing) -> None:
    _named(mailing)
    mailing.dispatch()
    house, admin = (
        mailing.house,
        Actor("user:x", frozenset({Role.ADMIN}), centre_id=staff(mailing.house).centre_id),
    )
    with house.database.read() as session:
        lines = list_deliveries(session, staff(house)).rows
    assert {(line.firm, line.kind, line.subjects) for line in lines} == {
        ("海岚无人机科技股份有限公司", "alert", 1)
    }
    assert [line.receiver for line in lines if line.delivery.channel == "email"] == ["a***@firm.example.org"]
    other = staff(house, "elsewhere")
    with house.database.read() as session:
        assert len(list_deliveries(session, mailing.members["alpha"]).rows) == 2
        for nobody in (other, mailing.members["beta"], admin):
            assert list_deliveries(session, nobody).rows == []
        assert count_states(session, staff(house))["accepted"] == 2
        assert sum(count_states(session, other).values()) == 0


def test_the_ledger_is_filtered_and_paged(mailing: Mailing) -> None:
    for n in range(4):
        _named(mailing, [n])
        mailing.dispatch()
    house, seen, cursor = mailing.house, [], None
    with house.database.read() as session:
        for _ in range(4):
            page = list_deliveries(
                session, staff(house), channel="email", state="accepted", cursor=cursor, limit=1
            )
            seen += [line.delivery.id for line in page.rows]
            cursor = page.next_cursor
        assert cursor is None
        assert list_deliveries(session, staff(house), state="failed").rows == []
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 4


def test_a_supervisor_learns_how_many_wait_and_how_many_failed(mailing: Mailing) -> None:
    _named(mailing)
    with mailing.house.database.read() as session:
        assert health(session) == {"queued": 2, "failed": 0}
    mailing.post.refuses = "550 no"
    mailing.dispatch()
    with mailing.house.database.read() as session:
        assert health(session) == {"queued": 0, "failed": 1}


def test_two_workers_begin_one_message(mailing: Mailing) -> None:
    """Both look, neither finds one; the table's key decides, and both subjects stand in the one message."""
    import threading

    house, firm = mailing.house, firm_id(mailing.house, "alpha")
    centre, barrier = staff(house).centre_id, threading.Barrier(2)
    assert centre is not None

    def work() -> None:
        barrier.wait()
        with house.database.write() as session:
            house.mailroom.tell(session, NAMED, centre, firm, [uuid.uuid4()])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with house.database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 1
        assert len(session.scalars(select(MessageSubject)).all()) == 2


def test_a_level_set_between_two_runs_stands_in_the_second(mailing: Mailing) -> None:
    """What letters of one run share is not kept for the next."""
    house = mailing.house
    mailing.post.answers = ["451 4.7.1 Try again later"]
    _named(mailing)
    assert mailing.dispatch().put_off == 1
    keeper = staff(house)
    with house.database.write() as session:
        case_id = session.scalars(select(Case.id)).one()
        decide_level(
            session, house.clock, keeper, case_id, "L2", "several local firms depend on it", seen=None
        )
    assert mailing.dispatch(timedelta(minutes=BACKOFF_MINUTES[0])).accepted == 1
    text = mailing.post.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "橙" in text
