"""A machine's translation is asked for by staff, marked, shown beside the original and dropped with its words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select, update

from app import create_app
from cases.models import Case, CaseTranslation
from core.audit import AuditRow
from core.errors import FetchFailed
from core.said import said
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, post
from warning.bulletins import draft_from_case


@dataclass
class Marking:
    """A translator that marks what it is given; a real service's shape is tested in tests/crawlers."""

    name: str = "LibreTranslate"
    is_away: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, text: str, language: str) -> str:
        if self.is_away:
            raise FetchFailed(said("The translation service cannot be reached."))
        self.asked.append((text, language))
        return f"机器译文：{len(text)}字"


@pytest.fixture
def service() -> Marking:
    return Marking()


@pytest.fixture
def site(fresh: Site, service: Marking) -> Site:
    house = replace(fresh.house, translator=service)
    with house.database.write() as session:
        session.execute(update(Case).values(text="The complaint alleges infringement of a patent."))
    return replace(fresh, house=house, app=create_app(house), _clients={})


def press(site: Site, role: str) -> int:
    client = site.client(role)
    return post(client, f"/cases/{site.ids['case']}/translate", {}).status_code


def test_staff_translate_and_everybody_reads_it_marked_beside_the_original(
    site: Site, service: Marking
) -> None:
    path = f"/cases/{site.ids['case']}"
    assert page(site.visitor(), path).select_one("#translation") is None
    assert press(site, "staff") == 302
    shown = page(site.visitor(), path)
    told = text_of(shown.select_one("#translation"))
    assert "机器译文：47字" in told
    assert "Machine translation, not checked by a person" in told
    assert "LibreTranslate" in told
    assert "alleges infringement" in main_text(shown)
    assert ("The complaint alleges infringement of a patent.", "en") in service.asked
    with site.house.database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == "case.translated")).one()


def test_a_translation_of_other_words_is_not_shown(site: Site) -> None:
    assert press(site, "staff") == 302
    with site.house.database.write() as session:
        session.execute(update(Case).values(text="It was settled.", title=""))
    assert page(site.visitor(), f"/cases/{site.ids['case']}").select_one("#translation") is None
    assert press(site, "staff") == 302
    assert "机器译文：15字" in text_of(
        page(site.visitor(), f"/cases/{site.ids['case']}").select_one("#translation")
    )


def test_a_service_that_is_away_changes_nothing_and_says_so(site: Site, service: Marking) -> None:
    service.is_away = True
    client = site.client("staff")
    answer = post(client, f"/cases/{site.ids['case']}/translate", {})
    assert answer.status_code == 302
    assert "The translation service cannot be reached." in main_text(
        page(client, f"/cases/{site.ids['case']}")
    )
    with site.house.database.read() as session:
        assert session.scalars(select(CaseTranslation)).all() == []


def test_only_staff_see_the_button_and_only_where_a_service_is_set_up(site: Site, fresh: Site) -> None:
    path = f"/cases/{site.ids['case']}"
    assert page(site.client("staff"), path).select("form[action$='/translate']")
    assert not page(site.client("a"), path).select("form[action$='/translate']")
    assert not page(fresh.client("staff"), path).select("form[action$='/translate']")


def test_a_bulletin_quotes_no_machine(site: Site) -> None:
    assert press(site, "staff") == 302
    with site.house.database.write() as session:
        drafted = draft_from_case(session, site.house.clock, site.actor("staff"), uuid.UUID(site.ids["case"]))
        assert "机器译文" not in str(drafted.content)
