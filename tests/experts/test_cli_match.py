"""`seamark match` as a stranger runs it: files in, one JSON object out, exit codes that say how it went."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.experts.making import REQUEST, asked, expert


def _match(folder: Path, request: Any, experts: list[Any], agencies: list[Any] | None = None) -> Result:
    def lines(name: str, rows: list[Any]) -> str:
        text = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
        return str(folder / name)

    told = request if isinstance(request, str) else json.dumps(request, ensure_ascii=False)
    (folder / "request.json").write_text(told, encoding="utf-8-sig")
    command = ["match", str(folder / "request.json"), "--experts", lines("e.jsonl", experts)]
    if agencies is not None:
        command += ["--agencies", lines("a.jsonl", agencies)]
    return CliRunner().invoke(main, command)


def test_one_object_with_the_fields_of_the_contract(tmp_path: Path) -> None:
    done = _match(tmp_path, REQUEST, [expert(7), expert("e2", status="exited")], [])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert {"ranked", "held", "excluded", "agencies"} <= set(told)
    (ranked,) = told["ranked"]
    assert set(ranked) == {"id", "score", "parts", "evidence", "exploration"}
    assert ranked["id"] == 7
    (out,) = told["excluded"]
    assert (out["id"], out["cause"], out["causes"]) == ("e2", "inactive", ["inactive"])
    assert set(out) == {"id", "cause", "causes", "detail"}
    assert told["agencies"]["ranked"] == told["agencies"]["excluded"] == []
    assert told["version"]


def test_chinese_is_printed_as_it_is(tmp_path: Path) -> None:
    request = asked(opponents=["远泊精密仪器有限公司"])
    done = _match(tmp_path, request, [expert(clients=[{"name": "远泊精密仪器"}])])
    assert "远泊精密仪器" in done.stdout


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [expert(f"e{n}", feedback=None) for n in range(9)]
    assert _match(tmp_path, REQUEST, rows).stdout == _match(tmp_path, REQUEST, rows[::-1]).stdout


def test_a_bad_line_is_named_and_the_others_are_matched(tmp_path: Path) -> None:
    bad = [
        "{not json",
        json.dumps([1]),
        expert("e3", admissions=[{"region": "US", "from": "yesterday"}]),
        expert("e4", capacity=-1),
        expert("e1"),
        {"name": "without an id"},
        expert("e5", cases="many"),
    ]
    done = _match(tmp_path, REQUEST, [expert(), *bad])
    assert done.exit_code == 1
    assert [r["id"] for r in json.loads(done.stdout)["ranked"]] == ["e1"]
    lines = done.stderr.splitlines()
    assert [n for n in range(2, 9) if any(f"line {n} " in line for line in lines)] == list(range(2, 9))
    assert "admissions.0.from" in done.stderr
    assert "capacity" in done.stderr
    assert "stands in an earlier line" in done.stderr


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ("{", "JSON"),
        ("[]", "object"),
        ({k: v for k, v in REQUEST.items() if k != "id"}, "id"),
        (asked(on="soon"), "on"),
        (asked(k=0), "k"),
        (asked(k="many"), "k"),
        (asked(languages=["en"]), "languages"),
        (asked(opponents=[True]), "opponents"),
    ],
)
def test_a_request_that_cannot_be_used_is_refused_with_its_field(
    tmp_path: Path, request_: Any, field: str
) -> None:
    done = _match(tmp_path, request_, [expert()])
    assert done.exit_code == 2
    assert field in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "gone",
    ["firm", "opponents", "counsel", "region", "venue", "industries", "dispute_types", "ip_rights", "languages", "text", "urgency", "on", "k"],
)  # fmt: skip
@pytest.mark.parametrize("is_null", [True, False])
def test_a_request_may_leave_anything_but_its_id_untold(tmp_path: Path, gone: str, is_null: bool) -> None:
    request: dict[str, Any] = asked(**{gone: None})
    if not is_null:
        del request[gone]
    done = _match(tmp_path, request, [expert()])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["ranked"]


def test_files_that_are_not_there_are_a_wrong_command(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["match", str(tmp_path / "no.json"), "--experts", "no"]).exit_code == 2
    assert CliRunner().invoke(main, ["match", "--help"]).exit_code == 0
