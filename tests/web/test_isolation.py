"""What one firm, one centre or a visitor may not know, they do not learn: not by id, list, count, facet or export."""

from __future__ import annotations

import pytest

from tests.web.asking import (
    assert_b_sees_nothing_of_a,
    assert_other_centre_sees_nothing_of_ours,
    assert_visitor_sees_no_candidates,
)
from tests.web.reading import links, main_text, page
from tests.web.world import Site, post


def test_firm_b_sees_nothing_of_firm_a(site: Site) -> None:
    assert_b_sees_nothing_of_a(site)


def test_staff_of_another_centre_see_nothing_of_ours(site: Site) -> None:
    assert_other_centre_sees_nothing_of_ours(site)


@pytest.mark.parametrize("role", ["visitor", "a", "admin"])
def test_candidates_are_found_by_staff_alone(site: Site, role: str) -> None:
    assert_visitor_sees_no_candidates(site, role)


def test_staff_find_candidates_and_are_offered_the_facet(site: Site) -> None:
    found = page(site.client("staff"), "/cases?q=Quiet")
    assert "Quiet Candidate v. Hailan" in main_text(found)
    assert "Awaiting review" in main_text(found)


def test_what_was_dismissed_is_found_only_when_asked_for(site: Site) -> None:
    staff = site.client("staff")
    assert "Slip v. Fall" not in main_text(page(staff, "/cases?q=Slip"))
    assert "Slip v. Fall" in main_text(page(staff, "/cases?q=Slip&status=dismissed"))
    assert "Slip v. Fall" not in main_text(page(site.visitor(), "/cases?q=Slip&status=dismissed"))


def test_a_case_page_shows_matches_to_those_concerned_alone(site: Site) -> None:
    path = f"/cases/{site.ids['case']}"
    assert page(site.client("a"), path).find(id="matches")
    assert page(site.client("staff"), path).find(id="matches")
    for role in ("visitor", "b", "admin", "other"):
        assert page(site.client(role), path).find(id="matches") is None, role


def test_a_match_that_is_only_possible_is_for_staff(fresh: Site) -> None:
    from sqlalchemy import update

    from warning.models import PartyMatch

    with fresh.house.database.write() as session:
        session.execute(update(PartyMatch).values(grade="review", score=60))
    path = f"/cases/{fresh.ids['case']}"
    assert page(fresh.client("staff"), path).find(id="matches")
    assert page(fresh.client("a"), path).find(id="matches") is None


def test_a_firm_cannot_dispose_of_anothers_alert(fresh: Site) -> None:
    answer = post(fresh.client("b"), f"/alerts/{fresh.ids['alert_alpha']}/step", {"step": "read"})
    assert answer.status_code == 404
    assert "Unread" in main_text(page(fresh.client("a"), f"/alerts/{fresh.ids['alert_alpha']}"))


def test_an_administrator_sees_accounts_of_the_own_centre_alone(site: Site) -> None:
    # Addresses are masked in the list, so the accounts are told apart by where they lead.
    shown = page(site.client("admin"), "/users")
    assert f"/users/{site.ids['user_staff']}" in links(shown)
    assert f"/users/{site.ids['user_other']}" not in links(shown)


def test_the_audit_of_another_centre_is_not_shown(site: Site) -> None:
    site.client("other")
    shown = page(site.client("admin"), "/audit").get_text()
    assert site.ids["user_staff"] in shown
    assert site.ids["user_other"] not in shown
    assert site.ids["firm_gamma"] not in shown


def test_jobs_of_another_centre_are_not_shown(site: Site) -> None:
    assert site.ids["job"] not in page(site.client("other"), "/jobs").decode()
    assert len(page(site.client("staff"), "/jobs").select("tbody tr")) == 1


def test_an_export_holds_no_more_than_the_search(site: Site) -> None:
    told = site.client("staff").get("/cases/export?format=jsonl&q=Slip").get_data(as_text=True)
    assert told == ""
    everything = site.client("staff").get("/cases/export?format=jsonl").get_data(as_text=True)
    assert len(everything.splitlines()) == 4
    ours = site.client("staff").get("/firms/export").get_data(as_text=True)
    assert "海岚" in ours
    assert "远泊" not in ours


def test_what_is_one_persons_is_not_kept_by_caches(site: Site) -> None:
    for role in ("a", "staff", "admin"):
        answer = site.client(role).get("/account")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]
