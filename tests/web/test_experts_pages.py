"""The libraries' pages: what the public reads, what staff do, what the expert sees of themselves, who can help."""

from __future__ import annotations

import io
import json
import uuid

import pytest
from werkzeug.test import TestResponse

from accounts.service import create_user
from core.actor import Role, system_actor
from experts.models import Expert
from tests.web.reading import main_text, page
from tests.web.world import EXPERTS, PASSWORD, SECRETS, Site, change_password, post, sign_in, token

PUBLIC = (
    "/experts",
    "/agencies",
    "/experts?q=Texas",
    "/experts?region=US",
    "/api/v1/experts",
    "/api/v1/agencies",
)


@pytest.mark.parametrize("role", ["visitor", "a", "admin"])
def test_no_public_page_or_answer_names_a_client_or_an_opponent(site: Site, role: str) -> None:
    entries = [f"/experts/{site.ids[e]}" for e in ("entry_ea", "entry_eb")] + [
        f"/agencies/{site.ids['entry_aa']}"
    ]
    for path in (*PUBLIC, *entries):
        answer = site.client(role).get(path)
        assert answer.status_code == 200, path
        shown = answer.get_data(as_text=True)
        assert [name for name in SECRETS if name in shown] == [], path
        for word in ("clients", "capacity", "status_note", '"ref"', "2025-03-04"):
            assert word not in shown, (path, word)


def test_the_public_reads_who_somebody_is_and_where_they_may_act(site: Site) -> None:
    text = main_text(page(site.visitor(), f"/experts/{site.ids['entry_ea']}"))
    for word in (
        "示例专家·甲",
        "Sample",
        "United States",
        "Texas bar",
        "Patent trials in Texas",
        "2025",
        "Invented for the sample",
    ):
        assert word in text, word


def test_staff_see_the_whole_entry(site: Site) -> None:
    text = main_text(page(site.client("staff"), f"/experts/{site.ids['entry_ea']}"))
    assert all(name in text for name in SECRETS[1:])
    assert "Not verified" in main_text(page(site.client("staff"), f"/experts/{site.ids['entry_ec']}"))


def test_an_expert_sees_their_own_entry_whole_and_others_as_the_public_does(fresh: Site) -> None:
    with fresh.house.database.write() as session:
        user, password = create_user(
            session, fresh.house.clock, system_actor("test", fresh.centre),
            email="third@example.org", roles=[Role.EXPERT], expert_id=uuid.UUID(fresh.ids["entry_ec"]),
        )  # fmt: skip
    client = fresh.visitor()
    sign_in(client, user.email, password)
    change_password(client, password, PASSWORD)
    own = page(client, "/expert")
    assert "示例专家·丙" in main_text(own)
    assert "Clients and adversaries" in main_text(own)
    assert own.find("form", action=lambda a: a and a.endswith("/step")) is None
    other = client.get(f"/experts/{fresh.ids['entry_ea']}").get_data(as_text=True)
    assert [name for name in SECRETS if name in other] == []
    assert client.get("/experts/import").status_code == 403


def test_the_directory_narrows_by_what_is_chosen(site: Site) -> None:
    client = site.client("staff")
    assert "5 experts" in main_text(page(client, "/experts"))
    assert "2 experts" in main_text(page(client, "/experts?region=US&language=en"))
    assert "0 experts" in main_text(page(client, "/experts?region=US&language=de"))
    assert "Nobody fits all of this" in main_text(page(client, "/experts?region=JP"))
    assert "1 expert" in main_text(page(client, "/experts?q=Texas"))


def test_agencies_are_shown_without_a_recommendation(site: Site) -> None:
    text = main_text(page(site.visitor(), "/agencies"))
    assert "no recommendation" in text
    assert "fewer than three agencies" in text, "one alone is no choice"


def _send(site: Site, name: str, content: str, library: str = "experts") -> TestResponse:
    client = site.client("staff")
    form = {"file": (io.BytesIO(content.encode()), name), "csrf_token": token(client, "/account")}
    return client.post(f"/{library}/import", data=form, content_type="multipart/form-data")


def test_a_file_is_previewed_and_then_brought(fresh: Site) -> None:
    rows = "id,name,class,languages\nn1,示例专家·丁,ec.academic,zh;en\nn2,示例专家·戊,ec.wizard,English\n"
    shown = _send(fresh, "e.csv", rows).get_data(as_text=True)
    assert "Import 1 entries" in shown
    for word in ("ec.wizard is no class", "English is no language tag"):
        assert word in shown
    assert "5 experts" in main_text(page(fresh.client("staff"), "/experts"))
    from bs4 import BeautifulSoup

    field = BeautifulSoup(shown, "lxml").find("input", attrs={"name": "token"})
    assert field is not None
    done = post(
        fresh.client("staff"), "/experts/import/confirm", {"token": field["value"], "filename": "e.csv"},
        follow_redirects=True,
    )  # fmt: skip
    assert "1 entries new" in done.get_data(as_text=True)
    assert "6 experts" in main_text(page(fresh.client("staff"), "/experts"))
    assert "示例专家·丁" not in main_text(page(fresh.visitor(), "/experts")), "nobody has verified it yet"


def test_what_is_exported_can_be_imported_and_matched(site: Site) -> None:
    table = site.client("staff").get("/experts/export").get_data(as_text=True)
    assert "There is nothing to import" in _send(site, "e.csv", table).get_data(as_text=True)
    lines = site.client("staff").get("/experts/export?format=jsonl").get_data(as_text=True).splitlines()
    assert {json.loads(line)["id"] for line in lines} == {"ea", "eb", "ec", "one", "专家-2026-00001"}
    # The world keeps two more: one advises on its consultations, one was appointed.
    assert len(lines) == len(EXPERTS.strip().splitlines()) + 2


def test_staff_suspend_with_a_reason_and_the_public_no_longer_finds_them(fresh: Site) -> None:
    path = f"/experts/{fresh.ids['entry_ea']}"
    told = {"step": "suspend", "version": 1}
    assert post(fresh.client("staff"), f"{path}/step", told).status_code == 422
    done = post(fresh.client("staff"), f"{path}/step", {**told, "reason": "under way"}, follow_redirects=True)
    assert "suspended" in done.get_data(as_text=True)
    assert fresh.visitor().get(path).status_code == 404
    with fresh.house.database.read() as session:
        assert session.get_one(Expert, uuid.UUID(fresh.ids["entry_ea"])).status_note == "under way"


def test_the_case_page_tells_staff_alone_who_can_help_and_why_others_cannot(site: Site) -> None:
    shown = page(site.client("staff"), f"/cases/{site.ids['case']}").find(
        "section", attrs={"aria-labelledby": "can-help"}
    )
    assert shown is not None
    text = " ".join(shown.get_text(" ").split())
    assert "As seen from 海岚无人机科技股份有限公司" in text
    assert "示例专家·甲" in text
    assert "Conflict of interest: A client of the last five years, Acme Optics Inc." in text
    assert "Proofs not seen" in text
    for role in ("visitor", "a", "b", "admin"):
        assert page(site.client(role), f"/cases/{site.ids['case']}").find(id="can-help") is None, role


def test_another_centres_staff_are_told_of_their_own_experts_alone(site: Site) -> None:
    shown = page(site.client("other"), f"/cases/{site.ids['case']}").decode()
    assert site.ids["entry_ea"] not in shown
    for path in (
        "/experts",
        "/agencies",
        "/experts/export",
        "/experts/export?format=jsonl",
        "/api/v1/experts",
    ):
        told = site.client("other").get(path).get_data(as_text=True)
        for entry in ("entry_ea", "entry_eb", "entry_ec", "entry_aa"):
            assert site.ids[entry] not in told, (path, entry)
        assert '"id": "ea"' not in told


def test_a_page_mark_of_another_list_is_refused(site: Site) -> None:
    assert site.visitor().get("/experts?cursor=nonsense").status_code == 422
    assert site.visitor().get("/api/v1/experts?cursor=nonsense").status_code == 422
