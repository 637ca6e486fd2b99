"""Pages of agencies: what a link opens, what a firm and an agency never read, and files that come back as they went."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from core.audit import AuditRow
from tests.web.agencies import furnish
from tests.web.conftest import make_site
from tests.web.reading import main_text, page
from tests.web.world import Site, post, token


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One world for all; the tests do not come into each other's way."""
    made = make_site(tmp_path_factory.mktemp("agency-pages"))
    furnish(made)
    yield made
    made.house.close()


def test_the_directory_states_its_order_and_recommends_nobody(furnished: Site) -> None:
    text = main_text(page(furnished.visitor(), "/agencies"))
    assert "fewer than three agencies" in text, "two are no choice"
    rows = "id,name,class,verified\nx,示例机构·西,ag.patent,true\n"
    form = {
        "file": (io.BytesIO(rows.encode()), "a.csv"),
        "csrf_token": token(furnished.client("staff"), "/account"),
    }
    shown = furnished.client("staff").post("/agencies/import", data=form, content_type="multipart/form-data")
    assert "Import 1 entries" in shown.get_data(as_text=True)
    field = BeautifulSoup(shown.get_data(as_text=True), "lxml").find("input", attrs={"name": "token"})
    assert field is not None
    post(
        furnished.client("staff"), "/agencies/import/confirm", {"token": field["value"], "filename": "a.csv"}
    )
    text = main_text(page(furnished.visitor(), "/agencies"))
    assert "3 agencies" in text
    assert "SHA-256 of the date (2026-03-02)" in text
    assert "no recommendation by the centre" in text
    told = furnished.visitor().get("/api/v1/agencies").get_json()
    assert (len(told["rows"]), told["ordered_on"]) == (3, "2026-03-02")
    table = furnished.client("staff").get("/agencies/export").get_data(as_text=True)
    form = {
        "file": (io.BytesIO(table.encode()), "b.csv"),
        "csrf_token": token(furnished.client("staff"), "/account"),
    }
    again = furnished.client("staff").post("/agencies/import", data=form, content_type="multipart/form-data")
    assert "There is nothing to import" in again.get_data(as_text=True), "an office in China comes back too"


def test_the_agency_never_reads_who_complains_and_the_firm_sees_no_reply_before_the_decision(
    furnished: Site,
) -> None:
    own = f"/agency/{furnished.ids['agency_token_listed']}"
    complaint = f"{own}/complaints/{furnished.ids['agency_complaint']}"
    for path in (own, complaint):
        told = furnished.visitor().get(path).get_data(as_text=True)
        for word in ("海岚", "Hailan", "firm@example.org"):
            assert word not in told, (path, word)
    version = page(furnished.visitor(), complaint).find("input", attrs={"name": "version"})
    assert version is not None
    post(furnished.visitor(), complaint, {"version": version["value"], "reply": "收费符合约定。"})
    firm = (
        furnished.client("a").get(f"/complaints/{furnished.ids['agency_complaint']}").get_data(as_text=True)
    )
    assert "收费符合约定" not in firm
    staff = (
        furnished.client("staff")
        .get(f"/complaints/{furnished.ids['agency_complaint']}")
        .get_data(as_text=True)
    )
    assert "收费符合约定" in staff


def test_who_reads_an_application_or_takes_the_library_with_them_is_written_down(furnished: Site) -> None:
    furnished.client("staff").get(f"/agencies/applications/{furnished.ids['agency_application_submitted']}")
    furnished.client("staff").get(f"/complaints/{furnished.ids['agency_complaint']}")
    furnished.client("staff").get("/agencies/export").get_data()
    reader = furnished.actor("staff").name
    with furnished.house.database.read() as session:
        acts = set(session.scalars(select(AuditRow.action).where(AuditRow.actor == reader)))
    assert {"agency_application.read", "agency_complaint.read", "agency.exported"} <= acts


def test_a_form_with_nonsense_is_answered_beside_the_field(furnished: Site) -> None:
    own = f"/agency/{furnished.ids['agency_token_draft']}"
    for form in (
        {"version": 1, "url": "javascript:alert(1)"},
        {"version": 1, "agency_class": "ag.none"},
        {"version": 1, "languages": "xx"},
        {"version": 1, "fee_from": "-1"},
        {"version": 1, "office0_region": "QQ"},
    ):
        answer = post(furnished.visitor(), own, form)
        assert answer.status_code == 422, form
        assert "There is a problem" in answer.get_data(as_text=True)


def test_institutions_can_be_searched_edited_and_exported(furnished: Site) -> None:
    assert "4 institutions" in main_text(page(furnished.visitor(), "/resources?kind=customs"))
    assert (
        "to be checked again"
        not in main_text(page(furnished.visitor(), "/resources")).split("institutions")[0]
    )
    table = furnished.client("staff").get("/resources/export").get_data(as_text=True)
    assert "wipo-amc" in table
    one = f"/resources/{furnished.ids['institution']}"
    assert "Nobody has compared this with a source yet" in main_text(page(furnished.visitor(), one))
    version = page(furnished.client("staff"), one).find("input", attrs={"name": "version"})
    assert version is not None
    post(furnished.client("staff"), f"{one}/step", {"step": "check", "version": version["value"]})
    assert "Nobody has compared" not in main_text(page(furnished.visitor(), one))


def test_a_new_link_is_shown_once_and_ends_the_old(furnished: Site) -> None:
    answer = post(furnished.client("staff"), f"/agencies/{furnished.ids['agency_listed']}/link", {})
    assert answer.headers["Cache-Control"] == "no-store"
    [address] = re.findall(r"/agency/[\w-]{40,}", answer.get_data(as_text=True))
    assert furnished.visitor().get(address).status_code == 200
    assert furnished.visitor().get(f"/agency/{furnished.ids['agency_token_listed']}").status_code == 404
    with furnished.house.database.read() as session:
        acts = set(session.scalars(select(AuditRow.action).where(AuditRow.subject == "agency")))
    assert "agency.link_renewed" in acts
