"""Weekly and monthly drafts: one for each centre and window, whoever runs the job how often, waiting for a person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.errors import NotAllowed, TransitionRefused
from house import House
from jobs import draft_bulletins, job_named, run_now
from tests.factories import keeper
from tests.warning.bulletin_world import Desk, a_case, reviewer
from tests.warning.test_bulletin_surveys import a_february
from warning.bulletin_models import Bulletin
from warning.bulletin_schedule import JOB, last_windows


def drafts(house: House) -> list[Bulletin]:
    with house.database.read() as session:
        return list(session.scalars(select(Bulletin).order_by(Bulletin.centre_id, Bulletin.draft_key)))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_window_is_whole_and_past_and_the_last(today: date) -> None:
    windows = last_windows(today)
    week, month = windows["weekly"], windows["monthly"]
    assert (week.since.weekday(), week.until.weekday()) == (0, 6)
    assert (week.until - week.since).days == 6 and 1 <= (today - week.until).days <= 7
    assert month.since.day == 1 and (month.until + timedelta(days=1)).day == 1
    assert month.until < today and (today - timedelta(days=today.day)) == month.until


def test_a_job_run_again_and_again_drafts_once_a_window(each_house: House) -> None:
    # The clock stands on Monday 2026-03-02, 17:30 in Shanghai.
    a_february(each_house)
    keeper(each_house, "other")
    assert run_now(each_house, job_named("draft-bulletins")) == 4
    assert draft_bulletins(each_house) == 0
    made = drafts(each_house)
    assert [b.draft_key for b in made] == ["monthly:2026-02-01", "weekly:2026-02-23"] * 2
    assert len({b.centre_id for b in made}) == 2
    monthly, weekly = made[:2]
    assert (monthly.content["kind"], monthly.content["figures"][0]["total"]) == ("monthly", 4)
    assert (weekly.content["kind"], weekly.content["figures"][-1]["total"]) == ("weekly", 1)
    assert weekly.content["title"]["zh"] == "海外知识产权风险周报：2026-02-23 至 2026-03-01"
    assert weekly.content["title"]["en"].startswith("Weekly bulletin")
    each_house.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
    assert draft_bulletins(each_house) == 2, "the week after the last case is told against the week before"
    each_house.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
    assert draft_bulletins(each_house) == 0, "two weeks without a case need no word"


def test_the_week_turns_in_the_centres_own_zone(house: House) -> None:
    a_february(house)
    # Sunday 15:59 UTC is Sunday 23:59 in Shanghai; a minute later it is Monday there.
    house.clock.advance(timedelta(days=6, hours=6, minutes=29))  # type: ignore[attr-defined]
    draft_bulletins(house)
    assert [b.draft_key for b in drafts(house)] == ["monthly:2026-02-01", "weekly:2026-02-23"]
    house.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    draft_bulletins(house)
    assert [b.draft_key for b in drafts(house)][-1] == "weekly:2026-03-02"


def test_two_processes_at_once_draft_once(each_house: House) -> None:
    a_february(each_house)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: draft_bulletins(each_house), range(4))) == 2
    assert len(drafts(each_house)) == 2


def test_a_store_without_cases_gets_no_drafts(house: House) -> None:
    assert draft_bulletins(house) == 0 and drafts(house) == []


def test_a_scheduled_draft_waits_for_people(house: House) -> None:
    a_february(house)
    draft_bulletins(house)
    weekly = drafts(house)[-1]
    assert weekly.state == "draft" and weekly.authors == [JOB] and weekly.valid_until is None
    desk = Desk.of(house, weekly)
    with pytest.raises(TransitionRefused):
        desk.approve()
    desk.edit()
    desk.submit()
    with pytest.raises(NotAllowed):
        desk.approve(keeper(house))
    desk.approve(reviewer(house))
    assert desk.sign().state == "published"
    a_case(house, "2:26-cv-00099", filed_on=date(2026, 2, 24))
    assert draft_bulletins(house) == 0, "a published one is not drafted anew"
