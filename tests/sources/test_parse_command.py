"""`seamark parse`: one JSON line a docket on stdout, what is refused on stderr, exit codes that can be relied on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main

RECORDINGS = Path(__file__).parents[2] / "samples" / "recordings"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["parse", *map(str, arguments)])


def test_one_line_a_docket_with_the_designs_fields() -> None:
    result = run("us_pacer_rss:ilnd", RECORDINGS / "us_pacer_rss" / "ilnd.xml")
    assert (result.exit_code, result.stderr) == (0, "")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) == len({r["docket_number"] for r in records}) == 4
    assert list(records[0]) == [
        "source", "venue", "docket_number", "caption", "filed_on", "title", "text", "url", "parties", "rights", "codes",
        "events",
    ]  # fmt: skip
    assert {r["venue"] for r in records} == {"v.us.ilnd"}
    assert set(records[0]["events"][0]) == {"on", "kind", "text", "url"}
    assert set(records[0]["parties"][0]) == {"name", "role", "country"}


def test_the_court_may_be_left_to_the_recording() -> None:
    path = RECORDINGS / "us_pacer_rss" / "txed.xml"
    assert run("us_pacer_rss", path).stdout == run("us_pacer_rss:txed", path).stdout


def test_words_of_every_script_are_printed_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    row = {"proceedingNumber": 91270001, "partyName": "深圳阿尔法 v. Société Bêta", "proceedingTypeCd": "OPP"}
    file.write_text(json.dumps({"results": [row]}), encoding="utf-8")
    assert "深圳阿尔法" in run("us_ttab", file).stdout


def test_a_refused_item_stands_on_stderr_with_its_reason_and_the_rest_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    rows = [{"partyName": "A v. B"}, {"proceedingNumber": 91270001, "partyName": "C v. D"}]
    file.write_text(json.dumps({"results": rows}))
    result = run("us_ttab", file)
    assert result.exit_code == 0
    assert [json.loads(line)["docket_number"] for line in result.stdout.splitlines()] == ["91270001"]
    assert result.stderr.startswith("answer.json, item 0: it has no proceeding number | ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"results"', b'{"results": []}'])
def test_an_unusable_file_exits_1_with_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_bytes(content)
    result = run("us_ttab", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("seamark: us_ttab: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_a_file_of_nothing_but_refused_items_exits_1(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"results": [{"proceedingNumber": 91270001, "issueDateStr": "soon"}]}))
    result = run("us_ttab", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be read" in result.stderr


def test_a_file_larger_than_the_source_may_send_exits_1(tmp_path: Path) -> None:
    file = tmp_path / "big.json"
    with file.open("wb") as stream:
        stream.truncate(20_000_001)
    result = run("us_ttab", file)
    assert result.exit_code == 1
    assert "20,000,001 bytes" in result.stderr


def test_an_unknown_source_exits_2_and_names_the_near_ones(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text("x")
    result = run("us_cafk", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "us_cafc" in result.stderr


def test_a_missing_file_exits_2(tmp_path: Path) -> None:
    assert run("us_cafc", tmp_path / "nothing.xml").exit_code == 2


def test_help_says_what_it_does() -> None:
    result = CliRunner().invoke(main, ["parse", "--help"])
    assert result.exit_code == 0
    assert "SOURCE[:COURT] FILE" in result.stdout
