"""The warning level on the page of a case: staff alone see it, set it with a reason, and take it back."""

from __future__ import annotations

from bs4 import BeautifulSoup

from tests.web.reading import page, text_of
from tests.web.world import Site, post

WHY = "The centre knows of two more firms"


def part(soup: BeautifulSoup) -> str:
    return text_of(soup.select_one("section[aria-labelledby=level]"))


def test_staff_alone_see_the_level_and_its_reasons(site: Site) -> None:
    path = f"/cases/{site.ids['case']}"
    shown = part(page(site.client("staff"), path))
    assert (
        "Yellow warning, level III" in shown and "local firms named: 1" in shown and "not assessed" in shown
    )
    for role in ("visitor", "a", "admin"):
        assert page(site.client(role), path).select_one("section[aria-labelledby=level]") is None, role


def test_a_level_is_set_with_a_reason_shown_with_who_and_undone(fresh: Site) -> None:
    staff, path = fresh.client("staff"), f"/cases/{fresh.ids['case']}"
    answer = post(staff, f"{path}/level", {"level": "L1", "reason": WHY, "seen": ""})
    assert answer.headers["Location"].endswith("#level")
    shown = page(staff, path)
    assert "Red warning, level I" in part(shown) and WHY in part(shown) and "staff@example.org" in part(shown)
    assert "By rule it would be: III Yellow warning, level III" in part(shown)
    assert WHY not in page(fresh.visitor(), path).decode()
    assert WHY not in page(fresh.client("other"), path).decode(), "another centre decides for itself"
    seen = shown.select_one("form[action$='/level/undo'] input[name=seen]")
    assert seen is not None
    post(staff, f"{path}/level/undo", {"seen": seen["value"]})
    after = page(staff, path)
    assert "Earlier decisions" in part(after) and after.select_one("form[action$='/level/undo']") is None


def test_a_level_without_a_reason_is_refused_and_one_set_meanwhile_is_told(fresh: Site) -> None:
    staff, path = fresh.client("staff"), f"/cases/{fresh.ids['case']}"
    assert post(staff, f"{path}/level", {"level": "L1", "reason": " no "}).status_code == 422
    assert post(staff, f"{path}/level", {"level": "L7", "reason": WHY}).status_code == 422
    assert post(staff, f"{path}/level", {"level": "L1", "reason": WHY}).status_code == 302
    assert post(staff, f"{path}/level", {"level": "L2", "reason": WHY}).status_code == 409


def test_the_alert_of_a_named_firm_tells_its_next_deadline(fresh: Site) -> None:
    from datetime import date

    from cases.facts import RawEvent
    from tests.web.world import record

    served = RawEvent(date(2026, 2, 20), "SUMMONS Returned Executed", "Hailan served on 2/19/2026")
    name = "Hailan Drone Technology Co., Ltd."
    record(fresh, "2:26-cv-00092", "Acme v. Hailan", name, is_ip=True, events=(served,))
    fresh.drain()
    firm = fresh.client("a")
    links = [str(a["href"]) for a in page(firm, "/alerts").select("a[href^='/alerts/']")]
    told = next(page(firm, link) for link in links if "2:26-cv-00092" in page(firm, link).get_text())
    assert "Next deadline 2026-03-12 (Thu) Answer to complaint" in text_of(told.select_one("dl.facts"))
    assert "for reference only" in text_of(told.select_one("dl.facts"))
