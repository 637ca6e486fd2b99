"""A bulletin from a search: its numbers are those of the cases, its snapshot says which, and it goes the whole way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cases.models import Case, CaseEvidence
from core.actor import VISITOR
from core.errors import BadInput, NotAllowed
from house import House
from tests.factories import bring_firms, drain, origin, raw_case, record
from tests.warning.bulletin_world import FEBRUARY, Desk, a_case, draft_survey, drafter
from warning import bulletin_counts
from warning.bulletin_counts import LATEST, Window
from warning.bulletin_models import Bulletin
from warning.charts import bars, lines_of


def a_february(house: House) -> None:
    """Four cases of February, one of January, a candidate."""
    bring_firms(house)
    a_case(house, "2:26-cv-00011")
    a_case(house, "2:26-cv-00012", text="Complaint for infringement of a patent on unmanned aerial vehicles.")
    a_case(house, "2:26-cv-00013", filed_on=date(2026, 2, 28), codes={"nos": ("840",)}, rights=())
    a_case(house, "1:26-cv-00014", venue="v.us.ded", filed_on=date(2026, 2, 1), events=())
    a_case(house, "2:26-cv-00015", filed_on=date(2026, 1, 31))
    record(house, raw_case("2:26-cv-00016"), origin(house), is_ip=False)
    drain(house)


def cells_by_sql(house: House, window: Window) -> Counter[tuple[str, str, str]]:
    """What the figure must say, counted from the rows themselves."""
    out: Counter[tuple[str, str, str]] = Counter()
    with house.database.read() as session:
        rows = session.scalars(
            select(Case)
            .where(Case.status == "public", Case.filed_on.between(window.since, window.until))
            .options(selectinload(Case.tags))
        )
        for case in rows:
            told = {
                kind: sorted({t.value for t in case.tags if t.kind == kind}) or [""]
                for kind in ("region", "industry", "dispute_type")
            }
            for region in told["region"]:
                for industry in told["industry"]:
                    for dispute in told["dispute_type"]:
                        out[region, industry, dispute] += 1
    return out


def test_the_figures_say_what_the_rows_say(each_house: House) -> None:
    a_february(each_house)
    content = draft_survey(each_house).content
    cells, forums, windows = content["figures"]
    wanted = cells_by_sql(each_house, FEBRUARY)
    assert sorted(row["count"] for row in cells["rows"]) == sorted(wanted.values())
    assert len(cells["rows"]) == len({row["zh"] for row in cells["rows"]}) == len(wanted) > 1
    assert {row["en"]: row["count"] for row in forums["rows"]} == {"E.D. Texas": 3, "D. Delaware": 1}
    assert [row["count"] for row in windows["rows"]] == [4, 1]
    assert windows["rows"][1]["en"] == "2026-01-04 – 2026-01-31"
    assert all(
        f["total"] == 4 and f["counted_at"] == each_house.clock.now().isoformat() for f in (cells, forums)
    )
    assert "4 件" in content["paragraphs"][0]["zh"] and "4 public cases" in content["paragraphs"][0]["en"]


def test_the_snapshot_names_every_case_and_what_it_rests_on(each_house: House) -> None:
    a_february(each_house)
    source = draft_survey(each_house, query={"region": ["US"]}).content["sources"][0]
    told = json.loads(each_house.evidence.get(source["sha256"]))
    assert (told["query"], told["by"], told["since"], told["until"]) == (
        {"region": ["US"]}, "filed", "2026-02-01", "2026-02-28"
    )  # fmt: skip
    assert [c["docket_number"] for c in told["cases"]] == [
        "1:26-cv-00014", "2:26-cv-00011", "2:26-cv-00012", "2:26-cv-00013"
    ]  # fmt: skip
    with each_house.database.read() as session:
        stored = {
            (str(row.case_id), row.sha256) for row in session.scalars(select(CaseEvidence)) if row.sha256
        }
    for case in told["cases"]:
        assert case["snapshots"]
        assert {(case["id"], sha256) for sha256 in case["snapshots"]} <= stored
    assert "Hailan" not in json.dumps(told), "a count names no party"


def test_a_filter_and_a_window_narrow_the_count(house: House) -> None:
    a_february(house)

    def total(window: Window = FEBRUARY, **query: list[str] | str) -> int:
        return int(draft_survey(house, query=dict(query), window=window).content["figures"][-1]["total"])

    assert total(venue=["v.us.ded"]) == 1
    assert total(region=["DE"]) == 0
    assert total(q="unmanned aerial vehicles") == 1
    assert total(Window(date(2026, 2, 2), date(2026, 2, 27))) == 2
    # The latest event of the case of January is of February.
    assert total(Window(date(2026, 2, 1), date(2026, 2, 28), LATEST)) == 5
    assert total(Window(date(2026, 1, 31), date(2026, 1, 31))) == 1


def test_the_same_instant_counts_to_the_same_bytes(house: House) -> None:
    a_february(house)
    first, second = draft_survey(house), draft_survey(house)
    assert first.content == second.content and first.id != second.id


def test_it_goes_the_whole_way_and_its_count_is_checked_like_any_source(house: House) -> None:
    a_february(house)
    desk = Desk.of(house, draft_survey(house))
    desk.edit()
    desk.submit()
    path = house.evidence.path(desk.now.content["sources"][0]["sha256"])  # type: ignore[attr-defined]
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b'"total":4', b'"total":9'))
    with pytest.raises(BadInput) as caught:
        desk.approve()
    assert set(caught.value.details["fields"]) == {"source-1"}  # type: ignore[call-overload]
    path.write_bytes(kept)
    desk.approve()
    assert desk.sign().state == "published"
    assert len(desk.correct().edit().content["figures"]) == 3


def test_a_drafter_takes_a_figure_out_and_adds_none(house: House) -> None:
    a_february(house)
    desk = Desk.of(house, draft_survey(house))
    assert [f["id"] for f in desk.edit(figures=frozenset({"f2", "f9"})).content["figures"]] == ["f2"]


def test_no_text_of_it_names_a_local_firm_of_its_cases(house: House) -> None:
    a_february(house)
    desk = Desk.of(house, draft_survey(house))
    assert desk.now.content["parties"] == [] and [n["letter"] for n in desk.now.names] == ["A"]
    with pytest.raises(BadInput) as caught:
        desk.edit(title={"zh": "海岚等被诉", "en": "Hailan sued"})
    assert {"title-zh", "title-en"} == set(caught.value.details["fields"])  # type: ignore[call-overload]
    by_name = Desk.of(house, draft_survey(house, query={"q": "Hailan Drone"}))
    with pytest.raises(BadInput) as caught:
        by_name.edit()
    assert "f1" in caught.value.details["fields"], "the question is printed under a figure"  # type: ignore[operator]


def test_too_many_cases_are_refused_and_nothing_is_drafted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_february(house)
    monkeypatch.setattr(bulletin_counts, "MOST", 3)
    with pytest.raises(BadInput, match="more than 3"):
        draft_survey(house)
    with house.database.read() as session:
        assert session.scalars(select(Bulletin)).all() == []


def test_only_staff_draft_and_a_window_runs_forward(house: House) -> None:
    a_february(house)
    with pytest.raises(NotAllowed):
        draft_survey(house, VISITOR)
    with pytest.raises(BadInput):
        draft_survey(house, drafter(house), kind="nonsense")
    with pytest.raises(BadInput):
        Window(date(2026, 2, 2), date(2026, 2, 1))


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 10**6)), max_size=12), st.text(max_size=20))
def test_a_chart_carries_its_words_and_no_bar_leaves_it(rows: list[tuple[str, int]], title: str) -> None:
    soup = BeautifulSoup(bars(rows, identity="x", title=title, description="<b>"), "html.parser")
    (svg,) = soup.find_all("svg")
    assert svg["aria-labelledby"] == "x-title x-desc" and soup.find(id="x-desc").get_text() == "<b>"  # type: ignore[union-attr]
    assert not soup.find_all(["script", "b", "style"])
    widths = [float(str(bar["width"])) for bar in soup.find_all("rect")]
    assert len(widths) == len(rows) and all(0 <= w <= 324 for w in widths)
    order = sorted(range(len(rows)), key=lambda n: rows[n][1])
    assert [widths[n] for n in order] == sorted(widths)


@given(st.text(max_size=120))
def test_a_label_is_broken_into_lines_and_loses_nothing(label: str) -> None:
    lines = lines_of(label)
    assert "".join("".join(lines).split()) == "".join(label.split())
    for line in lines:
        wide = sum(13 if sign > "\u2e7f" else 7.4 for sign in line)
        assert wide <= 380 or " " not in line.strip()
