"""The page on which a visitor follows the sample's case: marked, complete, and silent about what people add to it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

import sample
import serve
from accounts.models import User
from accounts.security import actor_of
from app import create_app
from config import load_settings
from core.clock import FixedClock
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECTIONS
from experts.consultations import begin_draft
from experts.models import Expert
from house import House, build_house, upgrade
from tests.conftest import NOW
from tests.web.world import PASSWORD, Site, change_password, sign_in
from warning.bulletin_models import Bulletin

#: of the first accounts, as the store printed them
_PASSWORDS: dict[str, str] = {}


@dataclass
class Served:
    """The pages of a store with the sample."""

    house: House
    app: Flask

    def get(self, path: str, language: str = "zh", client: FlaskClient | None = None) -> str:
        """The text of a page."""
        answer = (client or self.app.test_client()).get(f"{path}?lang={language}")
        assert answer.status_code == 200, path
        return unescape(answer.get_data(as_text=True))

    def client(self, name: str) -> FlaskClient:
        """Somebody of the first accounts, signed in."""
        client = self.app.test_client()
        sign_in(client, f"{name}@seamark.example.org", _PASSWORDS[name])
        change_password(client, _PASSWORDS[name], PASSWORD)
        return client


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample, closed."""
    home = tmp_path_factory.mktemp("prepared")
    house = build_house(load_settings({"SEAMARK_HOME": str(home)}), FixedClock(NOW))
    upgrade(house)
    for address, password in serve.prepare_sample(house):
        _PASSWORDS[address.split("@")[0]] = password
    house.close()
    return home


@pytest.fixture
def served(prepared: Path, tmp_path: Path) -> Iterator[Served]:
    """A copy of it, and its pages."""
    shutil.copytree(prepared, tmp_path / "home")
    house = build_house(load_settings({"SEAMARK_HOME": str(tmp_path / "home")}), FixedClock(NOW))
    yield Served(house, create_app(house))
    house.close()


def _told(page: str) -> str:
    """What a reader reads: no tags."""
    return re.sub(r"<[^>]+>", "", page)


def test_the_home_page_leads_there_only_with_the_sample(served: Served, site: Site) -> None:
    assert 'href="/sample"' in served.get("/")
    assert 'href="/sample"' not in site.visitor().get("/").get_data(as_text=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_visitor_reads_case_letter_and_bulletin_marked_as_a_sample(served: Served, language: str) -> None:
    page = served.get("/sample", language)
    with served.house.database.read() as session:
        case, bulletin = sample.followed_case(session), session.scalars(select(Bulletin)).one()
        matter = session.scalars(select(Consultation)).one()
    assert case is not None
    assert f'href="/cases/{case.id}"' in page
    assert f'href="/bulletins/{bulletin.slug}"' in page
    assert str(matter.number) in page
    for name, _ in SECTIONS:
        assert sample.story()["opinion"][name] in page
    # The page, the letter's number, every expert and the bulletin bear the mark beside them.
    mark = "示例" if language == "zh" else "Sample"
    assert page.count(f'<span class="badge badge-plain">{mark}</span>') >= 7
    assert f"/consultations/{matter.id}" not in page


def test_the_bulletin_it_leads_to_is_marked_in_its_title_its_feeds_and_its_list(served: Served) -> None:
    with served.house.database.read() as session:
        slug = session.scalars(select(Bulletin.slug)).one()
    assert "【示例】" in served.get(f"/bulletins/{slug}")
    assert "【示例】" in served.get("/bulletins")
    feed = served.app.test_client().get("/bulletins/feed.atom").get_data(as_text=True)
    assert "【示例】" in feed and "[Sample]" in feed


def test_somebody_is_left_out_for_an_invented_conflict_with_its_cause(served: Served) -> None:
    told = _told(served.get("/sample", "en"))
    assert re.search(
        r"示例专家·丙\s+Sample\s+Conflict of interest\s+A client .*Invented Lens Licensing LLC", told
    )
    assert re.search(r"示例专家·甲\s+Sample\s+was asked", told)


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("firm", {"alert", "consultation", "opinion"}),
        # What a firm watches is its own affair: staff are not led to the alert.
        ("staff", {"consultation", "opinion", "desk"}),
        ("expert", {"consultation", "opinion"}),
        ("admin", set()),
    ],
)
def test_whoever_signs_in_is_led_to_what_is_theirs(served: Served, name: str, sees: set[str]) -> None:
    client = served.client(name)
    page = served.get("/sample", client=client)
    with served.house.database.read() as session:
        matter, bulletin = (
            session.scalars(select(Consultation)).one(),
            session.scalars(select(Bulletin)).one(),
        )
    ways = {
        "alert": f"/alerts/{matter.alert_id}",
        "consultation": f"/consultations/{matter.id}",
        "opinion": f"/consultations/{matter.id}/opinion/1",
        "desk": f"/bulletins/drafts/{bulletin.id}",
    }
    assert {what for what, way in ways.items() if f'href="{way}"' in page} == sees
    assert {client.get(ways[what]).status_code for what in sees} <= {200}


def test_what_somebody_writes_later_is_never_shown(served: Served) -> None:
    with served.house.database.write() as session:
        user = session.scalars(select(User).where(User.email.startswith("firm@"))).one()
        case = sample.followed_case(session)
        assert case is not None
        told = {
            "story": "Our trade secret",
            "question": "A private question",
            "opponents": ["Acme Optics Inc."],
        }
        begin_draft(session, served.house.clock, actor_of(user), told, case_id=case.id)
    page = served.get("/sample")
    assert "trade secret" not in page and "private question" not in page and "Acme" not in page
    assert sample.story()["opinion"]["facts"] in page


def test_a_letter_that_is_not_the_shipped_one_is_shown_to_nobody(served: Served) -> None:
    with served.house.database.write() as session:
        session.execute(text("UPDATE consultation SET story = 'Our trade secret'"))
    assert served.app.test_client().get("/sample").status_code == 404
    assert 'href="/sample"' not in served.get("/")


def test_no_real_entry_and_no_real_client_stands_on_the_page(served: Served) -> None:
    with served.house.database.write() as session:
        for expert in session.scalars(select(Expert)):
            if expert.ref in ("sample-e01", "sample-e02"):
                expert.is_sample = False
            if expert.ref == "sample-e03":
                expert.clients = [
                    {"name": "Contour IP Holding, LLC", "role": "client", "from": None, "to": None}
                ]
                expert.cases = []
    told = _told(served.get("/sample", "en"))
    start = told.index("Invented experts as matching")
    matched = told[start : told.index("Advised: the opinion letter", start)]
    assert set(re.findall(r"示例专家·\S", matched)) == {"示例专家·子", "示例专家·壬"}
    assert "Contour" not in matched
