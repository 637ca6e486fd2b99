"""From a search to a bulletin with figures, as staff and the public meet it."""

from __future__ import annotations

import csv
import io
import re
import uuid

from flask.testing import FlaskClient

from core.actor import Role
from tests.paper import text_of_pdf
from tests.warning.bulletin_world import Desk
from tests.web.bulletin_browsing import fields_of, save, somebody, step, stored
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, post

FEBRUARY = {"since": "2026-02-01", "until": "2026-02-28", "by": "filed", "region": "US"}


def drafted(client: FlaskClient, **more: str) -> str:
    answer = post(client, "/bulletins/drafts/survey", {**FEBRUARY, **more})
    assert answer.status_code == 302, answer.get_data(as_text=True)[-800:]
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_a_search_leads_to_a_draft_with_its_own_filters(fresh: Site) -> None:
    staff = fresh.client("staff")
    found = page(staff, "/cases?region=US&q=patent&ym=2026-02")
    (link,) = found.select('a[href^="/bulletins/drafts/new"]')
    form = page(staff, str(link["href"]))
    told = {str(f["name"]): str(f["value"]) for f in form.select("main input[type=hidden]")}
    assert (told["region"], told["q"]) == ("US", "patent")
    assert [str(i["value"]) for i in form.select("input[type=date]")] == ["2026-02-01", "2026-02-28"]
    assert str(form.select_one("#kind option[selected]")["value"]) == "country"  # type: ignore[index]
    assert not page(fresh.visitor(), "/cases?region=US").select('a[href^="/bulletins/drafts/new"]')


def test_a_figure_has_its_numbers_beside_it_and_says_what_it_rests_on(site: Site) -> None:
    shown = page(site.client("staff"), f"/bulletins/drafts/{site.ids['bulletin_survey']}")
    figures = shown.select("figure")
    assert len(figures) == 3
    for figure in figures:
        svg = figure.select_one("svg[role=img]")
        assert svg is not None
        title, description = (shown.find(id=i) for i in str(svg["aria-labelledby"]).split())
        rows = figure.select("tbody tr")
        assert text_of(title) and rows
        for row in rows:
            assert f"{text_of(row.th)}: {text_of(row.td)}" in text_of(description)
        told = text_of(figure.select_one(".note"))
        for words in ("Question:", "2026-02-01 to 2026-02-28", "Counted 2026-03-02"):
            assert words in told
        assert figure.select('figcaption a[href="#ref-1"]')
    ids = [str(tag["id"]) for tag in shown.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_survey_is_published_with_its_cases_to_take_away(fresh: Site) -> None:
    staff = fresh.client("staff")
    identity = drafted(staff, kind="country")
    form = fields_of(page(staff, f"/bulletins/drafts/{identity}/edit"))
    assert form["figures"] == ["f1", "f2", "f3"]
    assert save(staff, identity, figures=["f1", "f2"]).status_code == 302
    assert step(fresh, staff, identity, "submit").status_code == 302
    reviewer = somebody(fresh, "reviewer", Role.STAFF)
    review = page(reviewer, f"/bulletins/drafts/{identity}")
    (link, _) = review.select(f'a[href^="/bulletins/drafts/{identity}/counts/"]')
    counted = reviewer.get(str(link["href"])).get_json()
    assert counted["total"] == len(counted["cases"]) == 3
    ticks = [str(box["value"]) for box in review.select("input[name=checked]")]
    assert step(fresh, reviewer, identity, "approve", checked=ticks).status_code == 302
    assert step(fresh, somebody(fresh, "s", Role.STAFF, Role.SIGNER), identity, "sign").status_code == 302
    slug = stored(fresh, identity).slug
    visitor = fresh.visitor("zh")
    shown = page(visitor, f"/bulletins/{slug}")
    assert len(shown.select("figure svg")) == 2
    assert "美国" in main_text(shown) and "国别" in main_text(shown)
    (first, second) = shown.select(f'a[href^="/bulletins/{slug}/cases"]')
    rows = list(csv.DictReader(io.StringIO(visitor.get(str(first["href"])).get_data(as_text=True)[1:])))
    assert [row["docket_number"] for row in rows] == ["2:26-cv-00011", "2:26-cv-00012", "2:26-cv-00013"]
    assert all(re.fullmatch("[0-9a-f]{64}", row["snapshots"]) for row in rows)
    assert visitor.get(str(second["href"])).get_data(as_text=True).count("\n") == 1
    told = text_of_pdf(visitor.get(f"/bulletins/{slug}/pdf").data)
    assert "国家/地区×产业×案由" in told and "统计图表" in told
    assert visitor.get(f"/bulletins/{slug}/docx").status_code == 200
    entries = visitor.get("/bulletins/feed.json").get_json()["items"]
    assert any("E.D. Texas: 3" in entry["content_html"] for entry in entries)
    assert page(visitor, "/bulletins?region=US").select(f'a[href="/bulletins/{slug}"]')
    assert visitor.get(f"/bulletins/{slug}/cases?source=9").status_code == 404
    assert visitor.get(f"/bulletins/{fresh.ids['bulletin_slug']}/cases").status_code == 404


def test_what_cannot_be_counted_is_said_at_its_field(site: Site) -> None:
    staff = site.client("staff")
    answer = post(staff, "/bulletins/drafts/survey", {**FEBRUARY, "since": ""})
    assert answer.status_code == 422 and 'href="#since"' in answer.get_data(as_text=True)
    answer = post(staff, "/bulletins/drafts/survey", {**FEBRUARY, "until": "2026-01-01"})
    assert answer.status_code == 422 and 'href="#until"' in answer.get_data(as_text=True)


def test_the_cases_of_a_withdrawn_survey_are_no_longer_handed_out(fresh: Site) -> None:
    with fresh.house.database.read() as session:
        from warning.bulletin_models import Bulletin

        draft = session.get_one(Bulletin, uuid.UUID(fresh.ids["bulletin_survey"]))
    desk = Desk.of(fresh.house, draft, fresh.actor("staff")).publish()
    path = f"/bulletins/{desk.now.slug}/cases"
    assert fresh.visitor().get(path).status_code == 200
    desk.withdraw()
    assert fresh.visitor().get(path).status_code == 404
