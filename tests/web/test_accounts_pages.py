"""Pages of accounts, jobs and sources: made, changed, watched, and never locked out by mistake."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import select

from core.background import start_job
from core.jobs import Job, JobHandle
from tests.web.reading import main_text, page, text_of
from tests.web.world import PASSWORD, Site, change_password, post, sign_in


def _made(site: Site, **form: object) -> str:
    answer = post(site.client("admin"), "/users", form)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = re.search(r'class="secret"><code>([^<]+)</code>', answer.get_data(as_text=True))
    assert found
    assert answer.headers["Cache-Control"] == "no-store"
    return found.group(1)


@pytest.mark.parametrize("told", ["beta", "北泽照明股份有限公司", "Beize Lighting Co. Ltd."])
def test_an_account_for_a_firm_is_made_and_signs_in(fresh: Site, told: str) -> None:
    password = _made(fresh, email="New@Example.org", roles="firm_member", firm=told)
    client = fresh.visitor()
    sign_in(client, "new@example.org", password)
    change_password(client, password, PASSWORD)
    assert "北泽照明股份有限公司" in main_text(page(client, "/firm"))
    assert client.get(f"/firms/{fresh.ids['firm_alpha']}").status_code == 404
    assert password not in page(fresh.client("admin"), "/users").decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "nobody", "roles": "staff"}, "This is not an e-mail address"),
        ({"email": "x@example.org"}, "An account needs a role"),
        ({"email": "x@example.org", "roles": "king"}, "Use one of these"),
        ({"roles": "staff"}, "This is missing"),
        ({"email": "a@example.org", "roles": "staff"}, "There is already an account"),
        ({"email": "x@example.org", "roles": "firm_member"}, "A firm member belongs to a firm"),
        ({"email": "x@example.org", "roles": "firm_member", "firm": "gamma"}, "There is no such firm"),
        ({"email": "x@example.org", "roles": "staff", "firm": "beta"}, "A firm member belongs to a firm"),
        (
            {"email": "x@example.org", "roles": ["firm_member", "staff"], "firm": "beta"},
            "holds no other role",
        ),
    ],
)
def test_a_bad_account_is_refused_with_one_clear_sentence(
    site: Site, form: dict[str, object], words: str
) -> None:
    answer = post(site.client("admin"), "/users", form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def _change(site: Site, who: str, **form: str) -> object:
    path = f"/users/{site.ids[f'user_{who}']}"
    version = page(site.client("admin"), path).select_one("input[name=version]")
    assert version is not None
    return post(site.client("admin"), path, {"version": version["value"], **form})


def test_administrators_cannot_lock_themselves_out(fresh: Site) -> None:
    for form in ({"act": "roles", "roles": "staff"}, {"act": "disable"}):
        answer = _change(fresh, "admin", **form)
        assert answer.status_code == 403  # type: ignore[attr-defined]
        assert "You cannot" in answer.get_data(as_text=True)  # type: ignore[attr-defined]
    assert fresh.client("admin").get("/users").status_code == 200


def test_two_administrators_do_not_overwrite_each_other(fresh: Site) -> None:
    path = f"/users/{fresh.ids['user_staff']}"
    assert post(fresh.client("admin"), path, {"act": "disable", "version": "1"}).status_code == 302
    answer = post(fresh.client("admin"), path, {"act": "enable", "version": "1"})
    assert answer.status_code == 409
    assert "changed while you were looking at it" in answer.get_data(as_text=True)


def test_an_account_page_says_how_it_stands(fresh: Site) -> None:
    told = main_text(page(fresh.client("admin"), f"/users/{fresh.ids['user_a']}"))
    assert "One-time password" in told
    assert "海岚" in told
    _change(fresh, "a", act="disable")
    assert "Disabled" in main_text(page(fresh.client("admin"), f"/users/{fresh.ids['user_a']}"))


def test_a_running_job_is_shown_and_stops_when_asked(fresh: Site) -> None:
    go, said = threading.Event(), threading.Event()

    def work(handle: JobHandle) -> None:
        handle.advance(3, 12, "three of twelve")
        said.set()
        go.wait(20)
        handle.advance(4, 12)

    house = fresh.house
    thread = start_job(house.database, house.clock, fresh.actor("staff"), "reindex", work)
    assert said.wait(20)
    shown = main_text(page(fresh.client("staff"), "/jobs"))
    assert "3 / 12" in shown
    assert "three of twelve" in shown
    with house.database.read() as session:
        job = session.scalars(select(Job).where(Job.state == "running")).one()
    assert post(fresh.client("other"), f"/jobs/{job.id}/stop").status_code == 404
    assert post(fresh.client("staff"), f"/jobs/{job.id}/stop").status_code == 302
    assert "asked to stop" in main_text(page(fresh.client("staff"), "/jobs"))
    go.set()
    thread.join(20)
    assert "Cancelled" in main_text(page(fresh.client("staff"), "/jobs"))


def test_jobs_have_pages_and_an_empty_state(fresh: Site) -> None:
    house = fresh.house
    for _ in range(52):
        start_job(house.database, house.clock, fresh.actor("staff"), "reindex", lambda handle: None).join(20)
    shown = page(fresh.client("staff"), "/jobs")
    assert len(shown.select("tbody tr")) == 50
    following = shown.select_one('a[rel="next"]')
    assert following is not None
    assert len(page(fresh.client("staff"), str(following["href"])).select("tbody tr")) == 3


def test_the_sources_page_names_every_source_and_its_state(site: Site) -> None:
    from crawlers.registry import all_sources

    shown = page(site.visitor(), "/sources")
    rows = shown.select("tbody tr")
    assert len(rows) == len(all_sources())
    assert all(text_of(row.select_one('[data-label="State"]')) for row in rows)
    assert shown.select_one('a[href^="/sources/"]') is None
    assert page(site.client("staff"), "/sources").select_one('a[href^="/sources/"]')
    for source_id in all_sources():
        assert main_text(page(site.client("staff"), f"/sources/{source_id}"))


def test_a_source_that_is_not_crawled_says_so(site: Site) -> None:
    answer = post(site.client("staff"), "/sources/us_pacer_docket/crawl")
    assert answer.status_code == 422
    assert "is not visited by itself" in answer.get_data(as_text=True)
