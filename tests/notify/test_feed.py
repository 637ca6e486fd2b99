"""A firm's feed: its own alerts in the words of its mails, at an address that only the firm has."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from sqlalchemy import select, update

from app import create_app
from cases.facts import RawParty
from cases.models import Case
from core.audit import AuditRow
from core.errors import NotAllowed, NotFound
from notify.feed import LENGTH, feed_of, make_feed, remove_feed
from notify.models import FirmFeed
from notify.preferences import send_test
from tests.factories import DEFENDANT, drain, raw_case, record, staff
from tests.notify.conftest import Mailing


def _make(mailing: Mailing, ref: str = "alpha") -> str:
    with mailing.house.database.write() as session:
        return make_feed(session, mailing.clock, mailing.members[ref])


def _read(mailing: Mailing, token: str) -> Any:
    with mailing.house.database.read() as session:
        parsed = feedparser.parse(mailing.house.feed_writer().write(session, token))
    assert not parsed.bozo
    return parsed


def _alert(mailing: Mailing, number: int, **facts: Any) -> None:
    record(mailing.house, raw_case(f"2:26-cv-9{number:04d}", **facts))
    drain(mailing.house)
    mailing.dispatch()


def test_a_feed_tells_what_the_mail_told_newest_first(mailing: Mailing) -> None:
    token = _make(mailing)
    _alert(mailing, 1)
    _alert(mailing, 2, caption="Second & <Last> v. Hailan")
    found = _read(mailing, token)
    first, second = found.entries
    assert "2:26-cv-90002" in first.content[0].value
    assert "2:26-cv-90001" in second.content[0].value
    mail = mailing.post.mails[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert first.link in mail
    text = re.sub(r"<[^>]+>", "\n", first.content[0].value)
    said = {
        line.strip()
        for line in text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").splitlines()
    }
    for line in said - {""}:
        assert line in mail, "nothing that the mail does not say"
    assert "仅供参考" in text
    assert found.feed.id == f"urn:uuid:{mailing.members['alpha'].firm_id}"


def test_a_feed_is_the_firms_own(mailing: Mailing) -> None:
    alpha, beta = _make(mailing), _make(mailing, "beta")
    parties = (RawParty(DEFENDANT, "defendant"), RawParty("Beize Lighting Co. Ltd.", "defendant"))
    _alert(mailing, 1, parties=parties)
    with mailing.house.database.write() as session:
        send_test(session, mailing.clock, mailing.house.mailroom, mailing.members["alpha"])
    for token, ours, theirs in ((alpha, "海岚", "北泽"), (beta, "北泽", "海岚")):
        (entry,) = _read(mailing, token).entries
        assert ours in str(entry)
        assert theirs not in str(entry)


def test_a_case_that_was_taken_back_leaves_the_feed(mailing: Mailing) -> None:
    token = _make(mailing)
    _alert(mailing, 1)
    with mailing.house.database.write() as session:
        session.execute(update(Case).values(status="dismissed"))
    assert _read(mailing, token).entries == []


def test_an_empty_feed_is_one(mailing: Mailing) -> None:
    found = _read(mailing, _make(mailing))
    assert found.entries == []
    assert found.feed.title.startswith("海标")


def test_a_feed_is_as_long_as_it_is_said_to_be(mailing: Mailing) -> None:
    token = _make(mailing)
    for start in range(0, LENGTH + 10, 20):
        for n in range(start, start + 20):
            record(mailing.house, raw_case(f"2:26-cv-9{n:04d}"))
        drain(mailing.house)
        mailing.dispatch()
    assert len(_read(mailing, token).entries) == LENGTH


def test_a_new_address_ends_the_old_one(mailing: Mailing) -> None:
    old = _make(mailing)
    new = _make(mailing)
    assert old != new
    _read(mailing, new)
    with pytest.raises(NotFound):
        _read(mailing, old)
    with mailing.house.database.write() as session:
        remove_feed(session, mailing.clock, mailing.members["alpha"])
    with pytest.raises(NotFound):
        _read(mailing, new)
    with pytest.raises(NotFound), mailing.house.database.write() as session:
        remove_feed(session, mailing.clock, mailing.members["alpha"])


def test_whoever_is_of_no_firm_has_no_feed(mailing: Mailing) -> None:
    with pytest.raises(NotAllowed), mailing.house.database.write() as session:
        make_feed(session, mailing.clock, staff(mailing.house))
    with mailing.house.database.read() as session:
        assert feed_of(session, mailing.members["alpha"]) is None


def test_the_token_is_kept_nowhere(mailing: Mailing) -> None:
    token = _make(mailing)
    with mailing.house.database.read() as session:
        row = session.scalars(select(FirmFeed)).one()
        assert token not in str(vars(row))
        assert all(token not in str(vars(each)) for each in session.scalars(select(AuditRow)))
    url = mailing.house.settings.database_url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            assert token not in "\n".join(database.iterdump())


def test_the_address_answers_without_a_sign_in_and_is_not_kept_by_others(mailing: Mailing) -> None:
    token = _make(mailing)
    _alert(mailing, 1)
    client = create_app(mailing.house).test_client()
    answer = client.get(f"/feeds/{token}/alerts.atom")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert token not in answer.get_data(as_text=True)
    again = client.get(f"/feeds/{token}/alerts.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for wrong in (token[:-1], token + "x", "%00", "x" * 5000):
        assert client.get(f"/feeds/{wrong}/alerts.atom").status_code == 404
    mailing.clock.advance(timedelta(days=1))
    assert client.get(f"/feeds/{token}/alerts.atom").headers["ETag"] == answer.headers["ETag"]
