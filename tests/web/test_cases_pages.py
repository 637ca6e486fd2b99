"""Case pages: the search with its facets and pages, one case with its reasons, evidence and export."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest

from cases.facts import RawEvent, RawParty
from core.errors import IndexNotReady
from core.paging import encode_cursor
from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, record

BAD_CURSORS = [
    "nonsense",
    "é",
    encode_cursor([1]),
    encode_cursor(["x", "y"]),
    encode_cursor([{}, []]),
    encode_cursor([10**40, "a"]),
    "W" * 4000,
    "W1tbW1tb" * 400,
]


def test_the_list_shows_the_newest_first_with_tags_and_forum(site: Site) -> None:
    shown = page(site.visitor(), "/cases")
    assert "3 cases" in main_text(shown)
    rows = shown.select(".case-row")
    assert len(rows) == 3
    assert "E.D. Texas" in text_of(rows[0])
    assert "2:26-cv-0001" in text_of(rows[0])
    assert rows[0].select(".chips li")


def test_a_question_marks_what_it_found(site: Site) -> None:
    shown = page(site.visitor(), "/cases?q=hailan drone")
    assert "1 case" in main_text(shown)
    assert [m.get_text() for m in shown.select(".case-title mark")] == ["Hailan", "Drone"]
    assert shown.find("input", attrs={"name": "q"})["value"] == "hailan drone"  # type: ignore[index]


def test_a_chinese_question_finds_an_english_docket(site: Site) -> None:
    assert "3 cases" in main_text(page(site.visitor(), "/cases?q=专利"))


def test_facets_count_narrow_and_come_off_again(site: Site) -> None:
    shown = page(site.visitor(), "/cases")
    regions = next(s for s in shown.select(".facet") if "Region" in text_of(s.h3))
    link = regions.a
    assert link is not None and "3" in text_of(link)
    narrowed = page(site.visitor(), str(link["href"]))
    assert narrowed.select_one('.facet a[aria-current="true"]')
    assert "Clear all" in main_text(narrowed)
    chip = narrowed.select_one(".chosen a")
    assert chip is not None
    assert "region=" not in str(chip["href"])
    empty = page(site.visitor(), "/cases?region=cty.de")
    assert "Nothing found" in main_text(empty)
    assert "Show all cases" in main_text(empty)


def test_months_narrow_the_list(site: Site) -> None:
    assert "3 cases" in main_text(page(site.visitor(), "/cases?ym=2026-02"))
    assert "0 cases" in main_text(page(site.visitor(), "/cases?ym=2026-01"))


def test_dates_narrow_the_list_and_are_shown_as_chosen(site: Site) -> None:
    shown = page(site.visitor(), "/cases?since=2026-02-03")
    assert "0 cases" in main_text(shown)
    assert "Nothing found" in main_text(shown)
    assert "From 2026-02-03" in text_of(shown.select_one(".chosen"))


def test_a_long_list_has_pages_without_gaps_or_repeats(fresh: Site) -> None:
    for n in range(45):
        record(
            fresh,
            f"1:25-cv-{n:05d}",
            f"Plaintiff {n} v. Nobody",
            "Nobody LLC",
            is_ip=True,
            filed_on=date(2025, 1, 1) + timedelta(days=n % 9),
            events=(),
        )
    fresh.drain()
    client, path, seen = fresh.visitor(), "/cases?sort=newest", []
    for _ in range(5):
        shown = page(client, path)
        seen += [str(a["href"]) for a in shown.select(".case-title a")]
        following = shown.select_one('a[rel="next"]')
        if following is None:
            break
        path = str(following["href"])
        assert "First page" in main_text(page(client, path))
    assert len(seen) == len(set(seen)) == 48


@pytest.mark.parametrize("cursor", BAD_CURSORS, ids=range(len(BAD_CURSORS)))
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("visitor", "/cases"),
        ("visitor", "/cases?q=patent"),
        ("staff", "/firms"),
        ("staff", "/alerts"),
        ("staff", "/candidates"),
        ("staff", "/jobs"),
        ("admin", "/users"),
        ("admin", "/audit"),
    ],
)
def test_a_page_mark_that_is_not_ours_is_told_so(site: Site, role: str, path: str, cursor: str) -> None:
    path, _, q = path.partition("?q=")
    answer = site.client(role).get(path, query_string={"cursor": cursor, "q": q})
    # A one-value mark is a right one for the lists that count by one value.
    one_value = cursor == encode_cursor([1]) and path in ("/users", "/audit")
    assert answer.status_code == (200 if one_value else 422)
    assert one_value or "Nothing was changed" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "until=2026-02-30", "sort=sideways", "ym=2026-13", "q=" + "x" * 501, "ym=9999"],
)
def test_a_bad_question_gives_one_clear_page(site: Site, query: str) -> None:
    shown = page(site.visitor(), f"/cases?{query}", 422)
    problems = shown.select(".problems li")
    assert len(problems) == 1
    assert len(text_of(problems[0])) > 10


def test_strange_questions_are_answered(site: Site) -> None:
    for q in (
        "%00",
        "*",
        '"',
        '"unclosed',
        "-",
        "AND OR NOT",
        "caption:x",
        "(",
        "\\",
        "🙂",
        "a" * 500,
        "- -x",
    ):
        assert site.visitor().get("/cases", query_string={"q": q}).status_code == 200, q


def test_without_an_index_the_newest_cases_are_shown_with_a_notice(
    fresh: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(25):
        record(fresh, f"1:25-cv-{n:05d}", f"Older {n} v. Nobody", "Nobody LLC", is_ip=True, events=())

    def away(*args: object) -> None:
        raise IndexNotReady("the index is away")

    monkeypatch.setattr(type(fresh.house.index), "search", away)
    client = fresh.visitor()
    shown = page(client, "/cases?q=hailan")
    assert "The search is not ready" in main_text(shown)
    assert len(shown.select(".case-row")) == 20
    assert "Quiet Candidate" not in main_text(shown)
    following = shown.select_one('a[rel="next"]')
    assert following is not None
    assert len(page(client, str(following["href"])).select(".case-row")) == 8
    assert page(client, "/cases?fallback=1&cursor=nonsense", 422)
    answer = fresh.client("staff").get("/cases/export?format=csv")
    assert answer.status_code == 503
    assert "Nothing was lost" in answer.get_data(as_text=True)


def test_an_empty_store_says_what_will_appear(fresh: Site) -> None:
    from sqlalchemy import delete

    from cases.models import Case

    with fresh.house.database.write() as session:
        session.execute(delete(Case))
    fresh.house.projector.reindex(fresh.house.database.read)
    assert "No cases yet" in main_text(page(fresh.visitor(), "/cases"))
    assert "No cases yet" in main_text(page(fresh.visitor(), "/"))
    assert "No alerts" in main_text(page(fresh.client("a"), "/alerts"))
    assert "Nothing waits" in main_text(page(fresh.client("staff"), "/candidates"))
    assert "No case names it so far" in main_text(page(fresh.client("a"), "/firm"))


def test_the_case_page_marks_the_words_that_the_tags_rest_on(site: Site) -> None:
    shown = page(site.visitor(), f"/cases/{site.ids['case']}")
    marks = [m.get_text() for m in shown.select(".record-text mark")]
    assert "patent infringement" in " ".join(marks).lower()
    assert text_of(shown.select_one(".record-text")).startswith("Complaint for patent infringement")


def test_every_tag_says_its_rule_its_version_and_its_words(site: Site) -> None:
    shown = page(site.visitor(), f"/cases/{site.ids['case']}")
    pieces = shown.select(".why .pieces li")
    assert pieces
    for piece in pieces:
        assert "rulebook" in text_of(piece)
        assert "rule" in text_of(piece) or "taken from a structured field" in text_of(piece)
    assert any(piece.select("blockquote mark") for piece in pieces)


def test_the_case_page_shows_facts_parties_events_and_hashes(site: Site) -> None:
    shown = page(site.visitor(), f"/cases/{site.ids['case']}")
    told = main_text(shown)
    for words in (
        "2:26-cv-00011",
        "E.D. Texas",
        "2026-02-02 (Mon)",
        "US9123456",
        "830",
        "Acme Optics Inc.",
        "Plaintiff",
        "Hailan Drone Technology Co., Ltd.",
        "COMPLAINT against the defendant",
        site.ids["sha256"],
        "Who told what",
    ):
        assert words in told, words
    official = [a for a in links(shown) if a.startswith("https://example.org")]
    assert official
    assert "Download the stored bytes" not in told


def test_a_docket_with_many_events_shows_the_newest_and_all_when_asked(fresh: Site) -> None:
    events = tuple(
        RawEvent(date(2025, 1, 1) + timedelta(days=n), f"ENTRY {n}", f"Entry {n}") for n in range(60)
    )
    case = record(fresh, "1:25-cv-00001", "Many v. Events", "Nobody LLC", is_ip=True, events=events)
    shown = page(fresh.visitor(), f"/cases/{case}")
    assert [text_of(e) for e in shown.select(".event-kind")][:2] == ["ENTRY 59", "ENTRY 58"]
    assert len(shown.select(".events li")) == 20
    more = next(a for a in links(shown) if "events=all" in a)
    assert len(page(fresh.visitor(), more.split("#")[0]).select(".events li")) == 60


def test_a_case_that_tells_nothing_still_has_a_page(fresh: Site) -> None:
    case = record(
        fresh,
        "1:25-cv-00009",
        "",
        "x",
        is_ip=True,
        filed_on=None,
        text="",
        url="",
        codes={},
        rights=(),
        parties=(),
        events=(),
    )
    fresh.drain()
    shown = page(fresh.visitor(), f"/cases/{case}")
    assert text_of(shown.h1) == "1:25-cv-00009"
    assert "names no parties yet" in main_text(shown)
    found = page(fresh.visitor(), "/cases?q=1:25-cv-00009")
    assert text_of(found.select_one(".case-title a")) == "1:25-cv-00009"
    assert text_of(found.select_one(".case-row time")) == "–"


@pytest.mark.parametrize("bad", ["nonsense", "0f12d868-ddcf-4ba0-9ee0-b746eb0fff67", "0" * 36, "x" * 300])
def test_a_case_that_does_not_exist_is_not_found(site: Site, bad: str) -> None:
    assert "There is no such page" in main_text(page(site.visitor(), f"/cases/{bad}", 404))


def test_stored_bytes_come_as_a_file_that_no_browser_runs(site: Site) -> None:
    answer = site.client("staff").get(f"/cases/{site.ids['case']}/evidence/{site.ids['sha256']}")
    assert answer.data == b"<docket>2:26-cv-00011</docket>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_bytes_that_are_gone_or_damaged_are_not_served(fresh: Site) -> None:
    path, sha256 = f"/cases/{fresh.ids['case']}/evidence/{fresh.ids['sha256']}", fresh.ids["sha256"]
    stored = fresh.house.settings.home / "evidence" / sha256[:2] / sha256
    stored.write_bytes(b"something else")
    assert fresh.client("staff").get(path).status_code == 500
    stored.unlink()
    assert fresh.client("staff").get(path).status_code == 404
    for bad in ("../../secret_key", "x" * 64, "0" * 64):
        assert fresh.client("staff").get(f"/cases/{fresh.ids['case']}/evidence/{bad}").status_code == 404


def test_an_export_holds_the_hits_and_runs_no_formula(fresh: Site) -> None:
    record(
        fresh,
        "9:26-cv-00001",
        '=HYPERLINK("http://evil.example","x")',
        "Formula LLC",
        is_ip=True,
        parties=(RawParty("Formula LLC", "defendant"),),
    )
    fresh.drain()
    answer = fresh.client("staff").get("/cases/export?format=csv&sort=newest")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(rows) == 5
    hostile = next(row for row in rows if row["docket_number"] == "9:26-cv-00001")
    assert hostile["caption"].startswith("'=")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    lines = (
        fresh.client("staff").get("/cases/export?format=jsonl&q=formula").get_data(as_text=True).splitlines()
    )
    assert [json.loads(line)["docket_number"] for line in lines] == ["9:26-cv-00001"]
    assert fresh.client("staff").get("/cases/export?format=exe").status_code == 422


def test_the_export_links_of_a_search_carry_its_filters(site: Site) -> None:
    shown = page(site.client("staff"), "/cases?q=hailan&region=cty.us")
    link = next(a for a in links(shown) if "/export?format=csv" in a)
    assert "q=hailan" in link and "region=cty.us" in link


def test_the_sample_is_named_on_every_page_while_it_is_there(fresh: Site) -> None:
    from sqlalchemy import update

    from cases.models import Case

    assert page(fresh.visitor(), "/").select_one(".notice") is None
    with fresh.house.database.write() as session:
        session.execute(update(Case).values(is_sample=True))
    for path in ("/", "/cases", f"/cases/{fresh.ids['case']}", "/sources", "/sign-in", "/nowhere"):
        answer = fresh.visitor().get(path)
        assert "facts of real public cases, replayed" in answer.get_data(as_text=True), path


def test_a_running_deadline_stands_first_with_its_rule_basis_and_disclaimer(fresh: Site) -> None:
    served = RawEvent(date(2026, 2, 20), "SUMMONS Returned Executed", "Hailan served on 2/19/2026")
    case = record(fresh, "2:26-cv-00091", "Acme v. Hailan", "Hailan", is_ip=True, events=(served,))
    shown = page(fresh.visitor(), f"/cases/{case}")
    (deadline, *_) = shown.select(".main-column > section")[1].select(".deadline")
    told = text_of(deadline)
    # Day 21 is 12 March; Texas works that day.
    assert "2026-03-12 (Thu)" in told and "10 days left" in told
    assert "21 calendar days from" in told and "FRCP 12(a)(1)(A)(i)" in told and "America/Chicago" in told
    section = text_of(shown.select_one("section[aria-labelledby=deadlines]"))
    assert "For reference only" in section
    chinese = text_of(
        page(fresh.visitor("zh"), f"/cases/{case}").select_one("section[aria-labelledby=deadlines]")
    )
    assert "仅供参考" in chinese and "美国联邦法院答辩" in chinese and "还有10日" in chinese


def test_a_case_without_a_started_clock_shows_the_rules_and_works_out_a_date_one_knows(site: Site) -> None:
    path = f"/cases/{site.ids['case']}"
    shown = page(site.visitor(), path)
    assert not shown.select(".deadline")
    assert "does not show that a period runs" in text_of(
        shown.select_one("section[aria-labelledby=deadlines]")
    )
    asked = page(site.visitor(), f"{path}?event=service_of_complaint&on=2026-03-02")
    assert "2026-03-23 (Mon)" in text_of(asked.select_one(".deadline"))
    assert "nothing was stored" in main_text(asked)


def test_a_date_that_is_none_is_refused_beside_its_field(site: Site) -> None:
    shown = page(site.visitor(), f"/cases/{site.ids['case']}?event=service_of_complaint&on=2026-02-30")
    assert "Write 2026-11-02" in text_of(shown.select_one("#on-problem"))
    assert shown.select_one("#on")["aria-invalid"] == "true"  # type: ignore[index]
    nowhere = page(site.visitor(), f"/cases/{site.ids['case']}?event=<script>&on=2026-03-02")
    assert "Its events:" in text_of(nowhere.select_one("#on-problem"))


def test_an_unverified_clock_is_shown_with_its_rule_and_no_date(fresh: Site) -> None:
    filed = RawEvent(date(2026, 2, 20), "Complaint received", "")
    case = record(
        fresh, "337-3900", "Certain Drones", "Hailan", is_ip=True, venue="v.us.itc", events=(filed,)
    )
    shown = page(fresh.visitor(), f"/cases/{case}?event=complaint_filed&on=2026-02-20")
    (deadline,) = shown.select(".deadline")
    assert "No date" in text_of(deadline) and "19 CFR 210.10" in text_of(deadline)
    assert "Rule not verified: no date is shown" in text_of(deadline)
    assert "2026" not in text_of(deadline)


def test_where_two_readings_differ_the_earlier_day_stands_first(fresh: Site) -> None:
    # Served on 22 January in Chicago: day 21 is Lincoln's Birthday, a holiday of Illinois and of no federal court.
    case = record(
        fresh, "1:26-cv-00094", "Acme v. Hailan", "Hailan", is_ip=True, venue="v.us.ilnd", events=()
    )
    shown = page(fresh.visitor(), f"/cases/{case}?event=service_of_complaint&on=2026-01-22")
    (deadline,) = shown.select(".deadline")
    assert text_of(deadline.select_one(".deadline-due")).startswith("2026-02-12 (Thu)")
    assert "may move the last day to 2026-02-13 (Fri)" in text_of(deadline)
