"""Digests and quiet hours as real mails. The clock stands at 17:30 of a Monday in the centre's zone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from cases.facts import RawParty
from config import ROOT
from core.actor import Actor
from core.errors import BadInput, NotFound
from core.outbox import Delivery as OutboxDelivery
from house import House
from notify.ledger import retry
from notify.models import MessageDelivery, MessageSubject
from notify.preferences import choose_mail, choose_rhythm
from notify.rhythm import Quiet, Wish, held_until
from notify.sending import GATHER
from notify.topics import TESTED
from tests.experts.matter import Matter
from tests.factories import drain, raw_case, record, staff
from tests.notify.conftest import Mailing
from warning.criteria import Criteria
from warning.levels import decide_level
from warning.watch_profiles import create_profile, move_profile

ZONE = "Asia/Shanghai"


def china(text: str) -> datetime:
    """A local time of the centre."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def choose(
    mailing: Mailing,
    rhythms: Mapping[str, str] | None = None,
    quiet: tuple[str, str] | None = None,
    actor: Actor | None = None,
) -> None:
    """Choose for alpha's person, or another."""
    with mailing.house.database.write() as session:
        choose_rhythm(session, mailing.clock, actor or mailing.members["alpha"], rhythms or {}, quiet)


def named(mailing: Mailing, *numbers: int) -> None:
    for n in numbers:
        record(mailing.house, raw_case(f"2:26-cv-9{n:04d}"))
    drain(mailing.house)


def to(mailing: Mailing, local: str) -> None:
    """Go to a local time of the centre and dispatch."""
    mailing.dispatch(china(local) - mailing.clock.now())


def body(mailing: Mailing, index: int = -1) -> str:
    text: str = mailing.post.mails[index].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return text


def mails(house: House) -> list[MessageDelivery]:
    with house.database.read() as session:
        query = select(MessageDelivery).where(MessageDelivery.channel == "email")
        return list(session.scalars(query.order_by(MessageDelivery.id)))


def test_a_day_becomes_one_mail_at_half_past_eight(mailing: Mailing) -> None:
    choose(mailing, {"named": "daily"})
    for n in (1, 2, 3):
        named(mailing, n)
        report = mailing.dispatch(timedelta(hours=1))
        assert report.held == 1
    assert mailing.post.mails == []
    to(mailing, "2026-03-03 08:29")
    assert mailing.post.mails == []
    to(mailing, "2026-03-03 08:30")
    (mail,) = mailing.post.mails
    assert all(f"2:26-cv-9000{n}" in body(mailing) for n in (1, 2, 3))
    assert "2026-03-03" in mail["Subject"]
    rows = mails(mailing.house)
    assert {row.state for row in rows} == {"accepted"}
    assert mail["Message-ID"] == f"<{rows[0].id}@centre.example.org>"
    assert [row.carried_by for row in rows] == [None, rows[0].id, rows[0].id]
    to(mailing, "2026-03-10 09:00")
    assert len(mailing.post.mails) == 1


def test_a_digest_tells_all_it_gathered_however_much(mailing: Mailing) -> None:
    choose(mailing, {"named": "weekly"})
    for start in range(0, 25, 5):
        named(mailing, *range(start, start + 5))
        mailing.dispatch(timedelta(hours=3))
    to(mailing, "2026-03-09 08:30")
    assert len(mailing.post.mails) == 1
    assert all(f"2:26-cv-9{n:04d}" in body(mailing) for n in range(25))


def test_topics_go_by_their_own_rhythm_and_share_a_digest(mailing: Mailing) -> None:
    alpha = mailing.members["alpha"]
    with mailing.house.database.write() as session:
        create_profile(session, mailing.clock, alpha, "光学", Criteria(include=("optics",)))
    choose(mailing, {"watched": "daily", "consultation": "daily"})
    record(mailing.house, raw_case("2:26-cv-90001"))
    drain(mailing.house)
    mailing.dispatch()
    assert len(mailing.post.mails) == 1, "being named comes at once"
    assert "海岚" in body(mailing)
    centre, firm = alpha.centre_id, alpha.firm_id
    assert centre is not None
    assert firm is not None
    with mailing.house.database.read() as session:
        topics = {row.message.topic for row in session.scalars(select(MessageDelivery))}
    assert topics == {"named", "watched"}
    to(mailing, "2026-03-03 08:30")
    assert len(mailing.post.mails) == 2
    assert "光学" in body(mailing)


def test_alerts_and_news_of_consultations_share_a_digest(mailing: Mailing) -> None:
    matter = Matter(
        mailing.house, {"firm": mailing.members["alpha"], "staff": staff(mailing.house)}, uuid.uuid4()
    )
    choose(mailing, {"named": "daily", "consultation": "daily"})
    named(mailing, 1)
    mailing.dispatch()
    matter.to("submitted")
    drain(mailing.house)
    mailing.dispatch()
    to(mailing, "2026-03-03 08:30")
    (mail,) = mailing.post.mails
    assert "2 entries gathered until 2026-03-03" in mail["Subject"]
    assert "2:26-cv-90001" in body(mailing)
    assert matter.now.number in body(mailing)
    assert "not legal advice" in body(mailing)
    assert "nothing of it is sent by mail" in body(mailing)


def test_another_choice_counts_for_what_waits_and_tells_nothing_twice(mailing: Mailing) -> None:
    choose(mailing, {"named": "weekly"})
    named(mailing, 1)
    mailing.dispatch(timedelta(hours=1))
    named(mailing, 2)
    mailing.dispatch(timedelta(hours=1))
    choose(mailing, {"named": "daily"})
    mailing.dispatch()
    assert mailing.post.mails == []
    choose(mailing, {"named": "once"})
    mailing.dispatch(timedelta(0))
    (mail,) = mailing.post.mails
    assert "2:26-cv-90001" in body(mailing)
    assert "2:26-cv-90002" in body(mailing)
    choose(mailing, {"named": "daily"})
    with mailing.house.database.write() as session:
        session.execute(update(OutboxDelivery).values(state="pending"))
    drain(mailing.house)
    to(mailing, "2026-03-10 09:00")
    assert mailing.post.mails == [mail]
    with mailing.house.database.read() as session:
        assert len(session.scalars(select(MessageSubject)).all()) == 2


def test_whoever_switches_mail_off_gets_no_digest(mailing: Mailing) -> None:
    choose(mailing, {"named": "daily"})
    named(mailing, 1)
    mailing.dispatch()
    with mailing.house.database.write() as session:
        choose_mail(session, mailing.clock, mailing.members["alpha"], is_on=False)
    to(mailing, "2026-03-04 08:30")
    assert mailing.post.mails == []
    assert [row.state for row in mails(mailing.house)] == ["failed"]


def test_two_people_of_a_firm_each_by_their_own_choice(mailing: Mailing) -> None:
    from tests.notify.conftest import join

    second = join(mailing.house, "alpha", "second@firm.example.org")
    choose(mailing, {"named": "daily"}, actor=second)
    named(mailing, 1)
    mailing.dispatch()
    assert mailing.post.receivers == ["alpha@firm.example.org"]
    to(mailing, "2026-03-03 08:30")
    assert mailing.post.receivers == ["alpha@firm.example.org", "second@firm.example.org"]


def test_a_digest_that_fails_is_tried_again_whole_under_its_key(mailing: Mailing) -> None:
    choose(mailing, {"named": "daily"})
    for n in (1, 2):
        named(mailing, n)
        mailing.dispatch()
    mailing.post.answers = ["451 later"]
    to(mailing, "2026-03-03 08:30")
    assert {row.state for row in mails(mailing.house)} == {"retried"}
    named(mailing, 3)
    to(mailing, "2026-03-03 08:40")
    (mail,) = mailing.post.mails
    assert mail["Message-ID"] == f"<{mails(mailing.house)[0].id}@centre.example.org>"
    assert "2:26-cv-90002" in body(mailing)
    assert "2:26-cv-90003" not in body(mailing), "what came later is another digest's"


def test_staff_send_a_failed_digest_again_as_it_was(mailing: Mailing) -> None:
    choose(mailing, {"named": "daily"})
    for n in (1, 2):
        named(mailing, n)
        mailing.dispatch()
    mailing.post.refuses = "550 full"
    to(mailing, "2026-03-03 08:30")
    rows = mails(mailing.house)
    assert {row.state for row in rows} == {"failed"}
    mailing.post.refuses = ""
    named(mailing, 3)
    mailing.dispatch()
    with mailing.house.database.write() as session:
        retry(session, mailing.clock, staff(mailing.house), rows[1].id)
    choose(mailing, {"named": "once"})
    mailing.dispatch(timedelta(0))
    again, fresh = sorted(
        mailing.post.mails, key=lambda mail: mail["Message-ID"] != f"<{rows[0].id}@centre.example.org>"
    )
    assert again["Message-ID"] == f"<{rows[0].id}@centre.example.org>"
    told = again.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "2:26-cv-90001" in told
    assert "2:26-cv-90002" in told
    assert "2:26-cv-90003" not in told
    assert "2:26-cv-90003" in fresh.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert {row.state for row in mails(mailing.house)} == {"accepted"}


def test_a_digest_of_a_killed_process_says_the_same_again(mailing: Mailing) -> None:
    """A real process and a real SIGKILL while the server answers; then a choice changes and more happens."""
    choose(mailing, {"named": "daily"})
    for n in (1, 2):
        named(mailing, n)
        mailing.dispatch()
    settings = mailing.house.settings
    with mailing.house.database.write() as session:
        # The other process has the machine's clock.
        session.execute(update(MessageDelivery).values(next_try_at=datetime(2026, 3, 3, 0, 30, tzinfo=UTC)))
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SEAMARK_")}
    environ |= {
        "SEAMARK_HOME": str(settings.home),
        "SEAMARK_DATABASE_URL": settings.database_url,
        "SEAMARK_SMTP_URL": settings.smtp_url,
        "SEAMARK_MAIL_FROM": settings.mail_from,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "jobs", "run", "dispatch"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    mailing.post.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    mailing.post.on_data = None
    mailing.clock.advance(datetime.now(UTC) - mailing.clock.now())
    choose(mailing, {"named": "once"})
    named(mailing, 3)
    mailing.dispatch(timedelta(hours=1))
    first, *others = mailing.post.mails
    again = [mail for mail in others if mail["Message-ID"] == first["Message-ID"]]
    assert len(again) == 1
    assert len(others) == 2
    told = [m.get_body(("plain",)).get_content() for m in (first, *again)]  # type: ignore[union-attr]
    assert [("2:26-cv-9000" + n) in told[0] for n in "123"] == [
        ("2:26-cv-9000" + n) in told[1] for n in "123"
    ]
    assert "2:26-cv-90003" not in told[1]
    assert {row.state for row in mails(mailing.house)} == {"accepted"}


def test_the_night_is_quiet_and_the_morning_brings_one_mail(mailing: Mailing) -> None:
    choose(mailing, quiet=("22:00", "07:30"))
    to(mailing, "2026-03-02 22:30")
    for n in (1, 2):
        named(mailing, n)
        assert mailing.dispatch(timedelta(hours=1)).held == 1
    to(mailing, "2026-03-03 07:29")
    assert mailing.post.mails == []
    to(mailing, "2026-03-03 07:30")
    assert len(mailing.post.mails) == 1
    assert "2:26-cv-90001" in body(mailing)
    assert "2:26-cv-90002" in body(mailing)


def test_a_retry_waits_for_the_morning_too(mailing: Mailing) -> None:
    choose(mailing, quiet=("22:00", "07:30"))
    mailing.post.answers = ["451 later"]
    to(mailing, "2026-03-02 21:58")
    named(mailing, 1)
    mailing.dispatch()
    assert [row.state for row in mails(mailing.house)] == ["retried"]
    to(mailing, "2026-03-02 22:05")
    assert mailing.post.mails == []
    to(mailing, "2026-03-03 07:30")
    assert len(mailing.post.mails) == 1


def level_one(mailing: Mailing, number: int) -> None:
    """Record a case that staff set to level I before anybody is told."""
    told = record(mailing.house, raw_case(f"2:26-cv-9{number:04d}"))
    with mailing.house.database.write() as session:
        actor = staff(mailing.house)
        decide_level(session, mailing.clock, actor, told.case_id, "L1", "本地企业被诉,期限将至", seen=None)
    drain(mailing.house)


def test_a_level_one_alert_waits_for_no_digest_and_no_morning(mailing: Mailing) -> None:
    choose(mailing, {"named": "weekly"}, ("22:00", "07:30"))
    to(mailing, "2026-03-02 23:00")
    named(mailing, 1)
    level_one(mailing, 2)
    mailing.dispatch()
    (mail,) = mailing.post.mails
    assert "2:26-cv-90002" in body(mailing)
    assert "2:26-cv-90001" not in body(mailing)
    to(mailing, "2026-03-09 08:30")
    assert len(mailing.post.mails) == 2
    assert mail["Message-ID"] != mailing.post.mails[1]["Message-ID"]


def test_a_test_is_not_held(mailing: Mailing) -> None:
    wish = Wish({"test": "weekly"}, Quiet(time(0), time(23, 59)))
    assert held_until(mailing.clock.now(), mailing.clock.now(), wish, TESTED.id, ZONE) is None


@pytest.mark.parametrize(
    ("rhythms", "quiet"),
    [
        ({"named": "hourly"}, None),
        ({"test": "daily"}, None),
        ({"nothing": "daily"}, None),
        ({}, ("22:00", "22:00")),
        ({}, ("soon", "07:00")),
        ({}, ("25:00", "07:00")),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    mailing: Mailing, rhythms: dict[str, str], quiet: tuple[str, str] | None
) -> None:
    with pytest.raises(BadInput):
        choose(mailing, rhythms, quiet)


def test_nobody_chooses_for_nobody(mailing: Mailing) -> None:
    from dataclasses import replace

    with pytest.raises(NotFound):
        choose(mailing, actor=replace(mailing.members["alpha"], user_id=None))


def test_gathering_counts_to_the_day_before_a_digest(mailing: Mailing) -> None:
    """What comes just ahead of a digest does not make a second one just after it."""
    choose(mailing, {"named": "daily"})
    named(mailing, 1)
    mailing.dispatch()
    mailing.clock.advance(china("2026-03-03 08:30") - GATHER / 2 - mailing.clock.now())
    named(mailing, 2)
    mailing.dispatch(GATHER / 2)
    assert len(mailing.post.mails) == 1
    mailing.dispatch(GATHER)
    assert len(mailing.post.mails) == 1
    to(mailing, "2026-03-04 08:30")
    assert len(mailing.post.mails) == 2


def test_leaving_one_profile_loses_nothing_of_another(mailing: Mailing) -> None:
    alpha, ids = mailing.members["alpha"], []
    parties = (RawParty("Borealis Optics Inc.", "plaintiff"), RawParty("Someone Else Ltd.", "defendant"))
    with mailing.house.database.write() as session:
        for name, word in (("光学", "optics"), ("北方", "borealis")):
            made = create_profile(session, mailing.clock, alpha, name, Criteria(include=(word,)))
            ids.append((made.id, made.version))
    choose(mailing, {"watched": "daily"})
    record(mailing.house, raw_case("2:26-cv-90001", caption="Borealis Optics v. Someone", parties=parties))
    drain(mailing.house)
    mailing.dispatch()
    with mailing.house.database.write() as session:
        move_profile(session, mailing.clock, alpha, ids[0][0], "delete", seen_version=ids[0][1])
    record(mailing.house, raw_case("2:26-cv-90002", caption="Borealis Optics v. Another", parties=parties))
    drain(mailing.house)
    to(mailing, "2026-03-03 08:30")
    (mail,) = mailing.post.mails
    told = body(mailing)
    for number in ("2:26-cv-90001", "2:26-cv-90002"):
        assert number in told
    assert "北方" in told
    assert mail["To"] == "alpha@firm.example.org"
