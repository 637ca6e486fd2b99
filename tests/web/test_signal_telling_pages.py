"""Telling firms of a signal, as staff and firms meet it on the pages."""

from __future__ import annotations

import re

import pytest

from tests.warning.surge.told_world import BATTERY, signal_of, surge_among, take, told_of
from tests.web.reading import main_text, page
from tests.web.world import Site, post
from warning.alert_list import count_unread_told, list_told
from warning.criteria import Criteria
from warning.models import Alert
from warning.watch_profiles import create_profile

SERIES = "United States × Lithium batteries"


@pytest.fixture
def risen(fresh: Site) -> Site:
    """The world of the pages with a rise in it; firm alpha watches it, firm beta another market."""
    surge_among(fresh.house)
    for role, region in (("a", "US"), ("b", "DE")):
        with fresh.house.database.write() as session:
            create_profile(
                session,
                fresh.house.clock,
                fresh.actor(role),
                "Markets",
                Criteria(regions=frozenset({region}), industries=frozenset({"ind.battery_storage"})),
            )
    fresh.ids["signal"] = str(signal_of(fresh.house).id)
    return fresh


def _seal(site: Site) -> str:
    shown = site.client("staff").get(f"/signals/{site.ids['signal']}/tell").get_data(as_text=True)
    found = re.search(r'name="seal" value="([0-9a-f]+)"', shown)
    return found.group(1) if found else ""


def test_staff_look_whom_it_touches_and_tell_them_and_the_firm_reads_it(risen: Site) -> None:
    staff, path = risen.client("staff"), f"/signals/{risen.ids['signal']}/tell"
    looked = page(staff, path)
    assert "1 watch profile of 1 firm" in main_text(looked) and "confirm it first" in main_text(looked)
    assert looked.select_one("form button.button:not(.link)") is None or not _seal(risen)
    assert "海岚" not in main_text(looked), "what a firm watches is its own affair"
    take(risen.house, risen.actor("staff"), signal_of(risen.house), "confirm")
    assert post(staff, path, {"seal": "another"}).status_code == 409
    assert told_of(risen.house) == []
    assert post(staff, path, {"seal": _seal(risen)}).status_code == 302
    (alert,) = told_of(risen.house)
    after = main_text(page(staff, path))
    assert "Nobody: no watch profile" in after and "1 profile was told of this rise" in after
    assert "Told:" in main_text(page(staff, f"/signals/{risen.ids['signal']}"))

    firm = risen.client("a")
    listed = page(firm, "/alerts")
    assert f"A surge: {SERIES}" in main_text(listed)
    assert f"/alerts/signals/{alert.id}" in str(listed) and f"/alerts/signals/{alert.id}" in str(
        page(firm, "/")
    )
    shown = main_text(page(firm, f"/alerts/signals/{alert.id}"))
    assert "“Markets”" in shown and "Nobody Jade" in shown and "usually about" in shown
    assert risen.client("b").get(f"/alerts/signals/{alert.id}").status_code == 404
    assert staff.get(f"/alerts/signals/{alert.id}").status_code == 404
    assert SERIES not in main_text(page(risen.client("b"), "/alerts"))
    assert post(firm, f"/alerts/signals/{alert.id}/step", {"step": "read"}).status_code == 302
    assert "read by 1" in main_text(page(staff, path))

    take(risen.house, risen.actor("staff"), signal_of(risen.house), "reopen")
    assert "looking at it again" in main_text(page(firm, f"/alerts/signals/{alert.id}"))
    assert "Corrected" in main_text(page(firm, "/alerts"))
    assert "corrected" in main_text(page(staff, path))


def test_both_kinds_of_alerts_are_one_list_in_order_of_time(risen: Site) -> None:
    house, alpha = risen.house, risen.actor("a")
    with house.database.read() as session:
        before = count_unread_told(session, alpha)
    take(house, risen.actor("staff"), signal_of(house), "confirm")
    post(risen.client("staff"), f"/signals/{risen.ids['signal']}/tell", {"seal": _seal(risen)})
    with house.database.read() as session:
        assert count_unread_told(session, alpha) == before + 1
        got, cursor = [], None
        while True:
            found = list_told(session, alpha, cursor=cursor, limit=1)
            got += found.rows
            if (cursor := found.next_cursor) is None:
                break
        assert [row.id for row in got] == sorted({row.id for row in got}, reverse=True)
        assert len(got) == before + 1 and not isinstance(got[0], Alert)
        assert [isinstance(row, Alert) for row in list_told(session, alpha, answer="open").rows] == [
            True
        ] * before
    assert BATTERY.startswith("US")
