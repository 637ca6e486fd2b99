"""Pages of the vocabulary: a term added with its rule, seen, published, retired; old addresses go on working."""

from __future__ import annotations

import time
import uuid

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cases.taxonomy.overlay import read_term
from core.jobs import JobState
from tests.factories import raw_case, record
from tests.warning.rule_world import retag, tagged
from tests.warning.vocabulary_world import (
    NEXT,
    OLD,
    TERM,
    TERM_WORD,
    new_term,
    publish_term,
    retired,
)
from tests.web.reading import main_text, page
from tests.web.world import Site, post
from warning.retag import last_run
from warning.rule_models import RuleState, RuleVersion


@pytest.fixture
def staff(fresh: Site) -> FlaskClient:
    return fresh.client("staff")


def keep(client: FlaskClient, term: str, **form: str) -> str:
    """Keep a typed term; the address of its draft."""
    values = {"kind": "industry", "note": "A new product of the city", "seen": "0", **form}
    answer = post(client, f"/vocabulary/terms/{term}/edit", values)
    assert answer.status_code == 302, main_text(page_of(answer))
    return str(answer.location)


def page_of(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "lxml")


def wait_for_preview(site: Site, client: FlaskClient, address: str) -> str:
    version = address.rsplit("/", 1)[1]
    assert post(client, f"{address}/preview").status_code == 302
    for _ in range(600):
        with site.house.database.read() as session:
            row = session.get_one(RuleVersion, uuid.UUID(version))
            if row.preview is not None:
                return main_text(page(client, address))
        time.sleep(0.1)
    raise AssertionError("no preview")


def wait_for_retag(site: Site) -> None:
    for _ in range(600):
        with site.house.database.read() as session:
            job = last_run(session)
            if job is not None and job.state == JobState.DONE:
                break
        time.sleep(0.1)
    site.drain()


def test_a_term_is_added_with_its_rule_from_the_pages(fresh: Site, staff: FlaskClient) -> None:
    record(
        fresh.house, raw_case("2:26-cv-90001", text=f"Complaint for patent infringement by a {TERM_WORD}.")
    )
    fresh.drain()
    begun = page(staff, f"/vocabulary/begin?kind=industry&id={TERM}&zh=人形机器人&en=Humanoid robots")
    rule = begun.select_one("textarea[name=rule]")
    assert rule is not None and f"id: rule.{TERM}" in rule.get_text() and '["人形机器人"]' in rule.get_text()
    typed = {
        "zh": "人形机器人",
        "en": "Humanoid robots",
        "rule": read_term(new_term()).rule,
        "kind": "industry",
    }
    checked = post(
        staff, f"/vocabulary/terms/{TERM}/check", {**typed, "seen": "0"}, headers={"X-Fragment": "1"}
    )
    assert "6 of 6 examples" in checked.get_data(as_text=True)
    draft = keep(staff, TERM, **typed)
    shown = wait_for_preview(fresh, staff, draft)
    assert "Humanoid robots" in shown
    done = post(staff, f"{draft}/step", {"step": "propose", "revision": "1"})
    assert done.status_code == 302
    with fresh.house.database.read() as session:
        version = session.get_one(RuleVersion, uuid.UUID(draft.rsplit("/", 1)[1]))
        assert version.state == RuleState.WAITING and version.rule == TERM


@pytest.fixture
def merged(fresh: Site) -> Site:
    """A site where one industry took the place of another."""
    text = "Complaint for patent infringement. The accused product is a lithium-ion battery cell."
    record(fresh.house, raw_case("2:26-cv-90002", text=text))
    fresh.drain()
    publish_term(fresh.house, retired())
    retag(fresh.house)
    fresh.drain()
    return fresh


def test_old_addresses_lead_to_what_took_their_place(merged: Site) -> None:
    client = merged.visitor()
    for old, new in (
        (f"/cases?industry={OLD}&q=cell", f"/cases?industry={NEXT}&q=cell"),
        (f"/trends/series?kind=industry&value={OLD}", f"/trends/series?kind=industry&value={NEXT}"),
        (f"/trends/series?kind=cell&value=US|{OLD}", f"/trends/series?kind=cell&value=US%7C{NEXT}"),
    ):
        answer = client.get(old)
        assert (answer.status_code, answer.location) == (301, new)
        assert client.get(answer.location).status_code == 200
    found = page(client, f"/cases?industry={NEXT}")
    assert "2:26-cv-90002" in main_text(found)
    links = [a["href"] for a in found.select(".facets a") if OLD in str(a["href"])]
    assert links == []
    assert client.get(f"/bulletins?industry={OLD}").status_code == 200
    assert client.get(f"/api/v1/experts?industry={OLD}").status_code == 200


def test_the_pages_of_a_retired_term_say_what_took_its_place(merged: Site) -> None:
    client = merged.client("staff")
    shown = page(client, f"/vocabulary/terms/{OLD}")
    assert shown.select_one(f'a[href="/vocabulary/terms/{NEXT}"]') is not None
    assert (
        page(client, f"/vocabulary/terms/{NEXT}").select_one(f'a[href="/vocabulary/terms/{OLD}"]') is not None
    )
    compared = page(client, "/vocabulary/compare")
    (row,) = compared.select("tbody tr")
    assert OLD in row.get_text() and NEXT in row.get_text()
    back = post(client, f"/vocabulary/terms/{OLD}/back", {"edition": "0", "note": "needed", "seen": "1"})
    assert back.status_code == 302
    wait_for_retag(merged)
    assert len(tagged(merged.house, ("industry", OLD))) == 1
    assert client.get(f"/cases?industry={OLD}").status_code == 200


def test_what_cannot_stand_comes_back_with_what_was_typed(fresh: Site, staff: FlaskClient) -> None:
    typed = {"kind": "industry", "zh": "电池", "en": "Cells", "note": "merge", "seen": "0", "retired": "true"}
    answer = post(staff, f"/vocabulary/terms/{OLD}/edit", {**typed, "replaced_by": "ind.nobody"})
    assert answer.status_code == 422
    shown = page_of(answer)
    assert "ind.nobody" in main_text(shown)
    assert shown.select_one("#term-en")["value"] == "Cells"
    for bad in ("id=ind.Robots", "id=dt.robots", f"id={OLD}", "id=rule.x_y"):
        asked = staff.get(f"/vocabulary/begin?kind=industry&zh=甲&en=A&{bad}")
        assert asked.status_code == 422, bad


def test_two_editors_of_one_term_see_both_texts(fresh: Site, staff: FlaskClient) -> None:
    publish_term(fresh.house, new_term())
    typed = {"kind": "industry", "zh": "双足机器人", "en": "Bipeds", "note": "another name", "seen": "0"}
    answer = post(staff, f"/vocabulary/terms/{TERM}/edit", typed)
    assert answer.status_code == 409
    shown = page_of(answer)
    assert "Humanoid robots" in main_text(shown) and "Bipeds" in main_text(shown)
    # The rule in force stays with the term, though the form no longer has it.
    assert shown.select_one("#term-rule") is None and "-  en: Humanoid" not in main_text(shown)
    keep(staff, TERM, **{**typed, "seen": "1"})
    with fresh.house.database.read() as session:
        kept = session.scalars(select(RuleVersion).order_by(RuleVersion.id.desc())).first()
        assert kept is not None and read_term(kept.text).rule == read_term(new_term()).rule
