"""The desk: everything that waits in one place, and a call recorded on its page."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from notify.models import MessageDelivery
from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, post
from warning.desk_models import DeskNote
from warning.models import PartyMatch


def test_the_desk_shows_what_waits_with_counts_and_links(fresh: Site) -> None:
    with fresh.house.database.write() as session:
        delivery = session.scalars(select(MessageDelivery)).first()
        assert delivery is not None
        delivery.state = "failed"
        delivery.error = {"template": "The mailbox is full.", "values": {}}
        match = session.get_one(PartyMatch, uuid.UUID(fresh.ids["match_beta"]))
        match.grade, match.score = "review", 60
    shown = page(fresh.client("staff"), "/desk")
    told = main_text(shown)
    for words in (
        "Telephone the firm: 海岚无人机科技股份有限公司",
        "overdue",
        "Quiet Candidate v. Hailan",
        "The mailbox is full.",
        "海岚无人机科技股份有限公司 is named in a case",
        "answer by",
    ):
        assert words in told, words
    there = links(shown)
    for path in (
        f"/desk/tasks/{fresh.ids['task']}",
        f"/alerts/{fresh.ids['alert_alpha']}",
        f"/cases/{fresh.ids['case_b']}",
        f"/consultations/{fresh.ids['matter_new']}",
        "/deliveries?state=failed",
        "/alerts?answer=open",
    ):
        assert path in there, path
    numbers = [text_of(n) for n in shown.select(".desk-number")]
    assert numbers == ["1", "2", "2", "2", "1"]
    other = main_text(page(fresh.client("other"), "/desk"))
    assert "海岚" not in other and "北泽" not in other and "The mailbox is full." not in other


def test_what_failed_to_reach_a_robot_or_a_person_stands_on_the_desk_too(fresh: Site) -> None:
    with fresh.house.database.write() as session:
        for delivery in session.scalars(select(MessageDelivery).limit(2)):
            delivery.state, delivery.firm_id = "failed", None
            delivery.error = {"template": "The mailbox is full.", "values": {}}
    assert "The mailbox is full." in main_text(page(fresh.client("staff"), "/desk"))


def test_the_menu_counts_what_is_overdue_for_staff_alone(site: Site) -> None:
    def badges(role: str) -> list[str]:
        return [text_of(badge) for badge in page(site.client(role), "/").select(".nav-count")]

    assert badges("staff") == ["overdue: 1"]
    assert "/desk" not in links(page(site.client("a"), "/"))


def test_a_call_is_recorded_and_a_bad_form_keeps_what_was_typed(fresh: Site) -> None:
    client, path = fresh.client("staff"), f"/desk/tasks/{fresh.ids['task']}"
    assert "a@example.org" in main_text(page(client, path))
    refused = post(client, f"{path}/step", {"step": "call", "version": 1, "words": "The line was busy"})
    assert refused.status_code == 422
    told = refused.get_data(as_text=True)
    assert "How did the call end?" in told and "The line was busy" in told
    form = {"step": "call", "version": 1, "result": "not_reached", "words": "The line was busy"}
    assert post(client, f"{path}/step", form).status_code == 302
    shown = main_text(page(client, path))
    assert "Not reached" in shown and "The line was busy" in shown and "next try 2026-03-03" in shown
    form = {"step": "call", "version": 2, "result": "reached", "words": "They have counsel"}
    assert post(client, f"{path}/step", form).status_code == 302
    assert "They have counsel" in main_text(page(client, f"{path}"))
    assert "Nothing is due" in main_text(page(client, "/desk"))
    assert "Telephone the firm" in main_text(page(client, "/desk/tasks?state=done"))
    with fresh.house.database.read() as session:
        assert len(session.scalars(select(DeskNote)).all()) == 2


def test_taking_dropping_and_reopening(fresh: Site) -> None:
    client, path = fresh.client("staff"), f"/desk/tasks/{fresh.ids['task']}"
    post(client, f"{path}/step", {"step": "take", "version": 1})
    assert "staff@example.org" in main_text(page(client, "/desk/tasks"))
    assert post(client, f"{path}/step", {"step": "drop", "version": 2, "words": "no"}).status_code == 422
    post(client, f"{path}/step", {"step": "drop", "version": 2, "words": "The firm moved away"})
    assert "The firm moved away" in main_text(page(client, path))
    assert post(client, f"{path}/step", {"step": "reopen", "version": 3}).status_code == 302
    assert "Record the call" in main_text(page(client, path))
