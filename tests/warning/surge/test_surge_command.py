"""`seamark surge`: rows in the order of the input, bad series named by line, the same whatever the first date asked for."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.errors import BadInput
from warning.surge.command import surge_command

HEADER = ["series", "date", "observed", "expected", "upper", "p", "alarm", "window", "level", "note"]
FIRST = date(2019, 12, 30)


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(surge_command, [str(path), *options])


def rows_of(result: Result) -> list[dict[str, str]]:
    lines = list(csv.reader(result.stdout.splitlines()))
    assert lines[0] == HEADER
    return [dict(zip(HEADER, line, strict=True)) for line in lines[1:]]


def counts_file(tmp_path: Path, *rows: tuple[object, ...], header: str = "series,date,count") -> Path:
    path = tmp_path / "counts.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{header}\n")
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return path


def week(number: int) -> date:
    return FIRST + timedelta(weeks=number)


def quiet(name: str, weeks: int) -> list[tuple[object, ...]]:
    chance = random.Random(name)
    return [(name, week(number), chance.choice((0, 1, 1, 2, 3))) for number in range(weeks)]


def test_each_week_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = [*quiet("美国×玩具", 300), ("美国×玩具", week(300), 14), *quiet("de, fr", 301)]
    random.Random(5).shuffle(told)
    result = run(counts_file(tmp_path, *told))
    rows = rows_of(result)
    assert result.exit_code == 0
    assert [(row["series"], row["date"]) for row in rows] == [(str(row[0]), str(row[1])) for row in told]
    (surge,) = [row for row in rows if row["series"] == "美国×玩具" and row["date"] == str(week(300))]
    assert (surge["observed"], surge["alarm"], surge["window"], surge["level"]) == ("14", "1", "1", "II")
    assert float(surge["expected"]) < 3 < float(surge["upper"]) < 14
    assert float(surge["p"]) < 5e-5
    (early,) = [row for row in rows if row["series"] == "de, fr" and row["date"] == str(week(20))]
    assert (early["expected"], early["p"], early["alarm"], early["level"]) == ("", "", "0", "")
    assert early["note"] == "20 weeks of history, 34 are needed"


def test_what_a_week_is_told_does_not_depend_on_the_first_date(tmp_path: Path) -> None:
    told = quiet("a", 330)
    for at, count in ((280, 9), (281, 9), (282, 30), (300, 7)):
        told[at] = ("a", week(at), count)
    path = counts_file(tmp_path, *told)
    whole = run(path).stdout.splitlines()
    for first in (278, 283, 284, 287, 290, 329):
        part = run(path, "--from", week(first).isoformat()).stdout.splitlines()
        assert part[1:] == whole[first + 1 :]
    held = [row for row in rows_of(run(path)) if row["note"].startswith("held")]
    assert held[0]["note"] == f"held since {week(283)}"


def test_a_short_history_is_told_with_its_cap(tmp_path: Path) -> None:
    rows = rows_of(
        run(counts_file(tmp_path, *quiet("a", 60), ("a", week(60), 30)), "--from", week(60).isoformat())
    )
    assert [(row["level"], row["note"]) for row in rows] == [("III", "capped: 60 weeks of history")]


def test_the_reference_method_wants_five_years_and_minds_no_least_number_of_cases(tmp_path: Path) -> None:
    path = counts_file(tmp_path, *[("a", week(at), 0) for at in range(270)], ("a", week(270), 1))
    rows = rows_of(run(path, "--method", "reference"))
    assert rows[262]["note"] == "262 weeks of history, 263 are needed"
    assert (rows[270]["alarm"], rows[270]["upper"], rows[270]["window"]) == ("1", "0", "1")
    assert rows_of(run(path, "--method", "reference", "--min-cases", "2"))[270]["alarm"] == "0"
    assert rows_of(run(path))[270]["alarm"] == "0"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (("bad", week(3), 1), f"line 5: 'bad' has no week of {week(2)}; write a count of 0"),
        (("bad", week(1), 1), f"line 5: 'bad' has {week(1)} a second time (first on line 4)"),
        (("bad", week(1) + timedelta(days=3), 1), "3 days after 2020-01-06; weeks are 7 days apart"),
        (("bad", week(2), -1), "line 5: '-1' is no number of cases"),
        (("bad", week(2), "1.5"), "'1.5' is no number of cases"),
        (("bad", week(2), "inf"), "'inf' is no number of cases"),
        (("bad", week(2), "nan"), "'nan' is no number of cases"),
        (("bad", week(2), "1e9"), "1e9 cases in a week; at most 10,000,000 are believed"),
        (("bad", "06/01/2020", 1), "line 5: '06/01/2020' is no date; write it as 2026-11-02"),
        (("bad", week(2)), "line 5: '' is no number of cases"),
    ],
)
def test_a_bad_series_is_named_by_line_and_the_others_are_judged(
    tmp_path: Path, bad: tuple[object, ...], said: str
) -> None:
    path = counts_file(tmp_path, ("good", week(0), 2), ("bad", week(0), 1), ("bad", week(1), "2.0"), bad)
    result = run(path)
    assert result.exit_code == 1
    assert said in result.stderr and "counts.csv, line " in result.stderr
    assert [row["series"] for row in rows_of(result)] == ["good"]


def test_a_file_that_is_no_table_of_counts_is_refused(tmp_path: Path) -> None:
    result = run(counts_file(tmp_path, ("a", week(0), 1), header="series,week,count"))
    assert isinstance(result.exception, BadInput)
    assert "'date'" in str(result.exception)
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"series,date,count\n\xff\xfe,1,2\n")
    assert isinstance(run(path).exception, BadInput)


@pytest.mark.parametrize(
    "option", [("--alpha", "0"), ("--alpha", "0.7"), ("--min-cases", "-1"), ("--from", "soon")]
)
def test_an_option_out_of_range_is_refused(tmp_path: Path, option: tuple[str, str]) -> None:
    assert run(counts_file(tmp_path, ("a", week(0), 1)), *option).exit_code == 2


def test_an_empty_table_has_a_header(tmp_path: Path) -> None:
    result = run(counts_file(tmp_path))
    assert result.exit_code == 0
    assert rows_of(result) == []
