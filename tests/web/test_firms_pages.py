"""The register's pages: the list, a firm, and bringing firms from a file that somebody made by hand."""

from __future__ import annotations

import csv
import gc
import io
import threading
import warnings
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cases.facts import RawParty
from core.jobs import Job
from enterprises.models import Firm, FirmName
from tests.factories import raw_case, record
from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, post, token

HEADER = "firm,name,kind,source,since,industry,is_local\n"
GOOD = (
    HEADER
    + "delta,川屿机器人有限公司,legal_zh,名录,2020-01-02,ind.next_gen_ict,true\ndelta,Chuanyu,brand,,,,\n"
)


def _send(site: Site, filename: str, content: bytes) -> TestResponse:
    client = site.client("staff")
    data = {"csrf_token": token(client, "/account"), "file": (io.BytesIO(content), filename)}
    with warnings.catch_warnings():
        # The test client spools a large form to a file of its own and leaves it to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        answer = client.post("/firms/import", data=data, content_type="multipart/form-data")
        gc.collect()
    return answer


def _preview(site: Site, filename: str, content: bytes | str) -> Any:
    from bs4 import BeautifulSoup

    answer = _send(site, filename, content.encode() if isinstance(content, str) else content)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return BeautifulSoup(answer.get_data(as_text=True), "lxml")


def _confirm(site: Site, shown: Any, **changes: str) -> TestResponse:
    fields = {i["name"]: i["value"] for i in shown.select("main form input[type=hidden]")}
    return site.client("staff").post("/firms/import/confirm", data={**fields, **changes})


def _count(site: Site) -> tuple[int, int]:
    with site.house.database.read() as session:
        return session.scalar(select(func.count(Firm.id))) or 0, session.scalar(
            select(func.count(FirmName.id))
        ) or 0


def _tiles(shown: Any) -> dict[str, str]:
    return {text_of(tile.dt): text_of(tile.dd) for tile in shown.select(".tiles > div")}


def test_the_list_finds_a_firm_by_any_of_its_names(site: Site) -> None:
    staff = site.client("staff")
    assert "海岚无人机" in main_text(page(staff, "/firms"))
    for q in ("hailan", "HAILAN", "海岚"):
        rows = page(staff, f"/firms?q={q}").select("tbody tr")
        assert len(rows) == 1, q
    for q in ("%", "_", "\\", "%00nobody"):
        assert "No firm has such a name" in main_text(page(staff, f"/firms?q={q}")), q


def test_a_long_register_has_pages(fresh: Site) -> None:
    rows = "".join(f"f{n:03d},第{n:03d}号公司,legal_zh,,,,\n" for n in range(120))
    _confirm(fresh, _preview(fresh, "many.csv", HEADER + rows))
    client, path, seen = fresh.client("staff"), "/firms", []
    for _ in range(4):
        shown = page(client, path)
        seen += [str(a["href"]) for a in shown.select("tbody a")]
        following = shown.select_one('a[rel="next"]')
        if following is None:
            break
        path = str(following["href"])
    assert len(seen) == len(set(seen)) == 122


def test_a_firm_sees_its_names_its_alerts_and_what_may_name_it(site: Site) -> None:
    shown = page(site.client("a"), "/firm")
    told = main_text(shown)
    for words in (
        "海岚无人机科技股份有限公司",
        "Hailan Drone Technology Co. Ltd.",
        "English legal name",
        "Local firm",
    ):
        assert words in told, words
    assert "2:26-cv-00011" in text_of(shown.find(id="firm-matches").parent)  # type: ignore[union-attr]
    assert f"/alerts/{site.ids['alert_alpha']}" in links(shown)
    # A candidate is staff's to judge; the firm is not shown it as one of its cases.
    assert "2:26-cv-00014" not in told
    assert "2:26-cv-00014" in main_text(page(site.client("staff"), f"/firms/{site.ids['firm_alpha']}"))


def test_staff_have_no_firm_of_their_own_and_are_told_where_to_look(site: Site) -> None:
    assert "Look the firm up in the register" in main_text(page(site.client("staff"), "/firm", 404))


def test_a_preview_changes_nothing(fresh: Site) -> None:
    before = _count(fresh)
    shown = _preview(fresh, "firms.csv", GOOD)
    assert _tiles(shown) == {
        "Rows": "2",
        "New firms": "1",
        "Changed": "0",
        "Unchanged": "0",
        "Refused rows": "0",
    }
    assert "Import 1 firms" in main_text(shown)
    assert _count(fresh) == before


def test_a_confirmed_import_is_kept_and_a_second_one_changes_nothing(fresh: Site) -> None:
    answer = _confirm(fresh, _preview(fresh, "firms.csv", GOOD))
    assert answer.headers["Location"] == "/firms"
    assert "1 firms new" in main_text(page(fresh.client("staff"), "/firms?q=川屿"))
    again = _preview(fresh, "firms.csv", GOOD)
    assert _tiles(again)["Unchanged"] == "1"
    assert "There is nothing to import" in main_text(again)


def test_every_bad_row_is_named_with_what_to_do_and_the_good_ones_are_kept(fresh: Site) -> None:
    bad = (
        GOOD
        + "delta,,brand,,,,\n"  # 4: no name
        + "delta,X,nickname,,,,\n"  # 5: unknown kind
        + "delta,Y,brand,,yesterday,,\n"  # 6: no date
        + "delta,Z,brand,,,ind.none,\n"  # 7: unknown industry
        + "epsilon,Only Brand,brand,,,,\n"  # 8: no legal name
        + "delta,W,brand,,,,perhaps\n"  # 9: neither true nor false
        + ",V,brand,,,,\n"  # 10: no key
        + "zeta,泽塔有限公司,legal_zh,,,,\n"
    )
    shown = _preview(fresh, "firms.csv", bad)
    rows = {int(tr.select("td")[0].get_text()): text_of(tr) for tr in shown.select("tbody tr")}
    assert set(rows) == {4, 5, 6, 7, 8, 9, 10}
    assert _tiles(shown)["Refused rows"] == "7"
    for number, words in {
        4: "1 to 300 characters",
        5: "Use one of these: legal_zh, legal_en",
        6: "write it like 2026-03-02",
        7: "ind.none is not an industry id; one is",
        8: "add a row legal_zh or legal_en",
        9: "Write true or false",
        10: "1 to 100 characters",
    }.items():
        assert words in rows[number], (number, rows[number])
    _confirm(fresh, shown)
    assert len(page(fresh.client("staff"), "/firms").select("tbody tr")) == 4


def test_bad_rows_are_told_in_the_readers_language(fresh: Site) -> None:
    client = fresh.client("staff")
    client.set_cookie("seamark_lang", "zh")
    shown = _preview(fresh, "firms.csv", GOOD + "delta,Y,brand,,yesterday,,\nepsilon,Only,brand,,,,\n")
    cells = [text_of(tr.select("td")[2]) for tr in shown.select("tbody tr")]
    assert len(cells) == 2
    assert all(any("\u4e00" <= c <= "\u9fff" for c in cell) for cell in cells), cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_read_in_the_encodings_people_have(fresh: Site, encoding: str) -> None:
    _confirm(fresh, _preview(fresh, "名录.CSV", GOOD.encode(encoding)))
    assert "川屿机器人有限公司" in main_text(page(fresh.client("staff"), "/firms"))


def test_a_workbook_and_json_lines_say_the_same_as_csv(fresh: Site) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Firm", "Name", "Kind", "since", "is_local", "industry"])
    # Spreadsheets keep a day as midnight without a zone.
    day = datetime(2020, 1, 2)  # noqa: DTZ001
    sheet.append(["delta", "川屿机器人有限公司", "legal_zh", day, True, "ind.next_gen_ict"])
    sheet.append([1234, "另一家公司", "legal_zh", date(2021, 5, 6), False])
    kept = io.BytesIO()
    book.save(kept)
    shown = _preview(fresh, "firms.xlsx", kept.getvalue())
    assert _tiles(shown) == {
        "Rows": "2",
        "New firms": "2",
        "Changed": "0",
        "Unchanged": "0",
        "Refused rows": "0",
    }
    _confirm(fresh, shown)
    lines = (
        '{"firm": "delta", "name": "川屿机器人有限公司", "kind": "legal_zh", "industry": ["ind.next_gen_ict"]}\n\n'
        '{"firm": 1234, "name": "另一家公司", "kind": "legal_zh"}\n'
    )
    assert _tiles(_preview(fresh, "firms.jsonl", lines))["Unchanged"] == "2"
    with fresh.house.database.read() as session:
        since = dict(session.execute(select(FirmName.name, FirmName.since)).all())
    assert since["川屿机器人有限公司"] == date(2020, 1, 2)


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("firms.pdf", b"x", "is not a table that can be read here"),
        ("firms", b"x", "is not a table that can be read here"),
        ("firms.csv", b"", "is empty or has no header row"),
        ("firms.csv", b"\xff\xfe\x00\x81", "neither UTF-8 nor GB 18030"),
        ("firms.csv", b"firm,nom,kind\na,b,brand\n", "has no column name"),
        ("firms.csv", b'firm,name,kind\n"a,b,brand\n', "cannot be told apart"),
        ("firms.xlsx", b"PK\x03\x04 not really", "is not a readable XLSX workbook"),
        ("firms.xlsx", b"not at all", "is not a readable XLSX workbook"),
        ("firms.jsonl", b'{"firm": 1}\nnonsense\n', "line 2 is not a JSON object"),
        ("firms.jsonl", b"[1]\n", "line 1 is not a JSON object"),
        ("firms.jsonl", "名".encode("gb18030"), "is not UTF-8 text"),
        ("firms.jsonl", b"[" * 100_000, "line 1 is not a JSON object"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_clear_page(
    site: Site, filename: str, content: bytes, words: str
) -> None:
    answer = _send(site, filename, content)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True).replace("&#39;", "'")


def test_no_file_is_told_so(site: Site) -> None:
    assert post(site.client("staff"), "/firms/import").status_code == 422


def test_a_huge_file_is_refused_and_nothing_changes(site: Site) -> None:
    before = _count(site)
    answer = _send(site, "firms.csv", b"x" * 20_500_000)
    assert answer.status_code == 422
    assert "at most 20 MB" in answer.get_data(as_text=True)
    answer = _send(site, "firms.csv", b"x" * 22_000_000)
    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)
    assert _count(site) == before


def test_a_workbook_that_unpacks_to_a_mountain_is_refused(site: Site) -> None:
    import zipfile

    kept = io.BytesIO()
    with (
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(41):
            part.write(b" " * 10_000_000)
    answer = _send(site, "bomb.xlsx", kept.getvalue())
    assert answer.status_code == 422
    assert "unpacks to more" in answer.get_data(as_text=True)


def test_one_firm_in_two_places_of_the_file_is_one_firm(fresh: Site) -> None:
    rows = "".join(f"{key},{key}公司,legal_zh,,,,\n" for key in ("x", "y", "x"))
    shown = _preview(fresh, "firms.csv", HEADER + rows + "x,X Ltd,legal_en,,,,\n")
    assert _tiles(shown)["New firms"] == "2"
    _confirm(fresh, shown)
    assert _count(fresh)[0] == 5


def test_an_upload_belongs_to_whoever_sent_it_and_ends_with_the_import(fresh: Site) -> None:
    shown = _preview(fresh, "firms.csv", GOOD)
    fields = {i["name"]: i["value"] for i in shown.select("main form input[type=hidden]")}
    theirs = {**fields, "csrf_token": token(fresh.client("other"), "/account")}
    assert fresh.client("other").post("/firms/import/confirm", data=theirs).status_code == 404
    assert _confirm(fresh, shown).status_code == 302
    assert _confirm(fresh, shown).status_code == 404
    assert _confirm(fresh, shown, token="../../secret_key").status_code == 422


def test_an_export_can_be_imported_again_and_runs_no_formula(fresh: Site) -> None:
    hostile = HEADER + "evil,=cmd|calc!A1,legal_zh,@source,,,\nevil,+86 shop,shop,,,,\n"
    _confirm(fresh, _preview(fresh, "firms.csv", hostile))
    told = fresh.client("staff").get("/firms/export").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(told[1:])))
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    again = _preview(fresh, "firms.csv", told)
    assert _tiles(again) == {
        "Rows": "6",
        "New firms": "0",
        "Changed": "0",
        "Unchanged": "3",
        "Refused rows": "0",
    }


def test_a_large_import_runs_beside_the_pages_and_is_shown(fresh: Site) -> None:
    rows = "".join(
        f"f{n:05d},第{n:05d}号{'长' * 60}有限公司,legal_zh,{'来源' * 30},,,\n" for n in range(2500)
    )
    shown = _preview(fresh, "many.csv", HEADER + rows)
    answer = _confirm(fresh, shown)
    assert answer.headers["Location"] == "/jobs"
    listed = main_text(page(fresh.client("staff"), "/jobs"))
    assert "Import firms" in listed and "many.csv" in listed
    for thread in threading.enumerate():
        if thread.name == "job-import-firms":
            thread.join(60)
    assert _count(fresh)[0] == 2503
    with fresh.house.database.read() as session:
        job = session.scalars(select(Job).where(Job.name == "import-firms")).one()
        assert (job.state, job.progress, job.total) == ("done", 2500, 2500)


def test_a_firm_named_only_in_english_is_headed_by_its_chinese_name_once_it_is_told(fresh: Site) -> None:
    _confirm(fresh, _preview(fresh, "a.csv", HEADER + "eta,Eta Works Ltd,legal_en,,,,\n"))
    assert "Eta Works Ltd" in main_text(page(fresh.client("staff"), "/firms"))
    _confirm(fresh, _preview(fresh, "b.csv", HEADER + "eta,伊塔工厂有限公司,legal_zh,,,,\n"))
    assert "伊塔工厂有限公司" in main_text(page(fresh.client("staff"), "/firms?q=Eta"))


def test_staff_add_and_retire_a_name_on_the_firms_page(fresh: Site) -> None:
    path = f"/firms/{fresh.ids['firm_alpha']}"
    staff = fresh.client("staff")
    form = {"name": "Lanfei Toys", "kind": "brand", "source": "商标公告", "since": "2020-01-02"}
    assert post(staff, f"{path}/names", form).status_code == 302
    shown = page(staff, path)
    (row,) = [li for li in shown.select(".names > li") if "Lanfei Toys" in text_of(li)]
    assert "商标公告" in text_of(row) and "2020-01-02" in text_of(row)
    retire = row.select_one("form[action$=retire]")["action"]
    assert post(staff, retire, {"reason": "sold"}).status_code == 302
    shown = page(staff, path)
    (retired,) = [d for d in shown.select("details") if text_of(d.summary).startswith("Retired names")]
    assert "Lanfei Toys" in text_of(retired) and "sold" in text_of(retired)
    assert "Lanfei Toys" not in fresh.client("staff").get("/firms/export").get_data(as_text=True)


def test_a_form_met_in_a_case_is_offered_and_taken_in_on_the_firms_page(fresh: Site) -> None:
    parties = (RawParty("Hailan Drone Europe GmbH", "defendant"),)
    record(fresh.house, raw_case("2:26-cv-00991", parties=parties))
    fresh.drain()
    staff, path = fresh.client("staff"), f"/firms/{fresh.ids['firm_alpha']}"
    offered = [
        li for li in page(staff, path).select(".reasons > li") if li.form and "Europe" in text_of(li.p)
    ]
    (row,) = offered
    assert post(staff, row.form["action"], {"step": "take_in", "kind": "subsidiary"}).status_code == 302
    names = [text_of(li) for li in page(staff, path).select(".names > li")]
    assert any("Hailan Drone Europe GmbH" in name and "2:26-cv-00991" in name for name in names)
    assert page(fresh.client("a"), path).select("form[action*=matches], form[action$=names]") == []
