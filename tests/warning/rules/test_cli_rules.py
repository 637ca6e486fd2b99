"""`seamark tag`, `screen` and `rules check`: exit codes, bad lines named, output in the order of the input."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import warning.cli as commands
from core.errors import BadInput, RulebookInvalid
from warning.rules.compile import yaml_rules
from warning.rules.model import Example


def run(command: Any, *arguments: object) -> Result:
    """One command, run by itself."""
    return CliRunner().invoke(command, [str(a) for a in arguments])


def lines_of(result: Result) -> list[dict[str, Any]]:
    """What was printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def lines_file(tmp_path: Path, *lines: object) -> Path:
    """A file of JSON Lines; a str or bytes stands as it is."""
    path = tmp_path / "records.jsonl"
    written = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    path.write_bytes(b"\n".join(written) + b"\n")
    return path


def table(tmp_path: Path, name: str, *rows: tuple[str, ...]) -> Path:
    """A CSV file."""
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_records_are_tagged_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = lines_file(
        tmp_path,
        {"id": 7, "title": "Certain Drones", "venue": "v.us.itc"},
        "",
        {"id": "b", "text": "在美国被诉", "parties": ["深圳某科技有限公司"]},
        {"id": "a", "title": None, "text": None, "venue": None, "parties": None, "codes": None},
    )
    result = run(commands.tag_command, path)
    assert result.exit_code == 0
    assert [line["id"] for line in lines_of(result)] == [7, "b", "a"]
    assert lines_of(result)[0]["dispute_types"] == ["dt.section_337"]
    assert lines_of(result)[1]["china_related"] is True
    assert lines_of(result)[2]["regions"] == []


def test_every_printed_span_holds_its_words(tmp_path: Path) -> None:
    record = {
        "id": "1",
        "title": "Certain LED Lamps; Notice of Institution",
        "text": "section 337, U.S. Patent No. 9,123,456, goods from China",
        "venue": "USITC",
        "parties": [{"name": "Shenzhen Foo Co., Ltd.", "role": "respondent", "country": None}],
        "codes": {"hs": ["9405.11"], "unknown": ["x"]},
    }
    (line,) = lines_of(run(commands.tag_command, lines_file(tmp_path, record)))
    raw = {
        "title": record["title"],
        "text": record["text"],
        "venue": record["venue"],
        "parties[0].name": "Shenzhen Foo Co., Ltd.",
        "codes.hs[0]": "9405.11",
    }
    assert {e["field"] for e in line["evidence"]} == set(raw)
    assert all(raw[e["field"]][e["start"] : e["end"]] == e["text"] for e in line["evidence"])


def test_a_bad_line_is_named_and_the_others_are_tagged(tmp_path: Path) -> None:
    path = lines_file(
        tmp_path,
        {"id": "1"},
        "{not json",
        {"title": "no id"},
        "[]",
        b'{"id": "\xff"}',
        {"id": "2", "title": 5},
        {"id": "3"},
    )
    result = run(commands.tag_command, path)
    assert result.exit_code == 1
    assert [line["id"] for line in lines_of(result)] == ["1", "3"]
    for number in (2, 3, 4, 5, 6):
        assert f"records.jsonl, line {number}:" in result.stderr


def test_a_file_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    assert run(commands.tag_command, tmp_path / "none.jsonl").exit_code == 2


def test_a_line_that_could_not_be_printed_again_is_a_bad_line(tmp_path: Path) -> None:
    deep = '{"id": 1, "title": ' + "[" * 100_000 + "]" * 100_000 + "}"
    path = lines_file(tmp_path, '{"id": "\\ud800"}', '{"id": NaN}', deep, '{"id": "\\ud83d\\ude00"}')
    result = run(commands.tag_command, path)
    assert result.exit_code == 1
    assert [line["id"] for line in lines_of(result)] == ["\U0001f600"]
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        f"records.jsonl, line {number}" for number in (1, 2, 3)
    ]


def test_a_tagged_line_has_the_fields_that_were_promised(tmp_path: Path) -> None:
    # out: {"id", "regions", "venue", "industries", "dispute_types", "ip_rights", "stage", "remedies", "rights",
    # "china_related", "evidence": [{"tag", "rule", "version", "field", "start", "end", "text", "weight"}]}
    path = lines_file(
        tmp_path, {"id": 1, "title": "ITC institutes section 337 investigation of US 9,123,456"}
    )
    (line,) = lines_of(run(commands.tag_command, path))
    assert list(line) == [
        "id", "regions", "venue", "industries", "dispute_types", "ip_rights", "stage", "remedies", "rights",
        "china_related", "evidence",
    ]  # fmt: skip
    assert list(line["evidence"][0]) == ["tag", "rule", "version", "field", "start", "end", "text", "weight"]
    assert {tuple(right) for right in line["rights"]} == {("kind", "number")}
    nothing = lines_of(run(commands.tag_command, lines_file(tmp_path, {"id": 2})))[0]
    assert nothing == {
        "id": 2, "regions": [], "venue": None, "industries": [], "dispute_types": [], "ip_rights": [], "stage": None,
        "remedies": [], "rights": [], "china_related": False, "evidence": [],
    }  # fmt: skip


def test_a_trade_remedy_matter_gets_no_dispute_type_and_no_right(tmp_path: Path) -> None:
    # "A trade-remedy matter (anti-dumping, countervailing, section 332, WTO) gets no dispute type and no right."
    path = lines_file(
        tmp_path,
        {"id": 1, "title": "Antidumping duty on wooden cabinets from China", "venue": "v.us.itc"},
        {"id": 2, "title": "Countervailing duty investigation: patented fasteners"},
        {"id": 3, "title": "Section 332 study of trade in patented medicines"},
        {"id": 4, "title": "对华光伏产品反补贴日落复审"},
    )
    for line in lines_of(run(commands.tag_command, path)):
        assert (line["dispute_types"], line["ip_rights"], line["rights"]) == ([], [], []), line["id"]


def test_standard_input_is_a_file_like_any(tmp_path: Path) -> None:
    lines = '{"id": 1}\nnot json\n'
    result = CliRunner().invoke(commands.tag_command, ["-"], input=lines)
    assert result.exit_code == 1
    assert [line["id"] for line in lines_of(result)] == [1]
    assert result.stderr.startswith("stdin, line 2: ")
    firms = table(tmp_path, "firms.csv", *FIRMS)
    asked = CliRunner().invoke(
        commands.screen_command,
        ["--firms", str(firms), "--parties", "-"],
        input="party_id,name\np,Hengtong Ltd\n",
    )
    assert asked.exit_code == 0
    assert {line["party_id"] for line in lines_of(asked)} == {"p"}
    both = CliRunner().invoke(commands.screen_command, ["--firms", "-", "--parties", "-"], input="")
    assert both.exit_code == 2


FIRMS = (
    ("firm_id", "name", "kind", "source"),
    ("f2", "深圳市大疆创新科技有限公司", "legal_zh", "register"),
    ("f2", "SZ DJI Technology Co., Ltd.", "legal_en", "register"),
    ("f1", "Hengtong Optic-Electric Co., Ltd.", "legal_en", "register"),
    ("f3", "Hengtong", "brand", "site"),
)


def test_parties_are_screened_in_their_order_best_match_first(tmp_path: Path) -> None:
    parties = table(
        tmp_path,
        "parties.csv",
        ("party_id", "name"),
        ("p2", "Hengtong Ltd"),
        ("p0", "Nobody At All GmbH"),
        ("p1", "SZ DJI Technology Co., Ltd."),
    )
    result = run(
        commands.screen_command, "--firms", table(tmp_path, "firms.csv", *FIRMS), "--parties", parties
    )
    assert result.exit_code == 0
    lines = lines_of(result)
    assert [(line["party_id"], line["firm_id"]) for line in lines][-1] == ("p1", "f2")
    assert {line["party_id"] for line in lines[:-1]} == {"p2"}
    scores = [line["score"] for line in lines[:-1]]
    assert scores == sorted(scores, reverse=True)
    assert lines[-1] == {
        "party_id": "p1",
        "firm_id": "f2",
        "score": 100,
        "grade": "confirm",
        "reason": lines[-1]["reason"],
        "matched_name": "SZ DJI Technology Co., Ltd.",
    }
    assert lines[-1]["reason"].startswith("the same name")


def test_every_firm_at_50_or_more_is_told_with_the_grade_of_its_score(tmp_path: Path) -> None:
    # "every firm at 50 or more, its best name, by score then id: {"party_id", "firm_id", "score": 0–100, "grade": "confirm"
    # (≥ 80) | "review" (50–79), "reason", "matched_name"}; nothing for a party that matches no one."
    parties = table(
        tmp_path,
        "parties.csv",
        ("party_id", "name"),
        ("1", "Hengtong"),
        ("2", "Hengtong Optic"),
        ("3", "Zzyzx GmbH"),
    )
    firms = table(tmp_path, "firms.csv", *FIRMS)
    lines = lines_of(run(commands.screen_command, "--firms", firms, "--parties", parties))
    assert lines and {line["party_id"] for line in lines} == {"1", "2"}
    for line in lines:
        assert list(line) == ["party_id", "firm_id", "score", "grade", "reason", "matched_name"]
        assert isinstance(line["score"], int) and 50 <= line["score"] <= 100
        assert line["grade"] == ("confirm" if line["score"] >= 80 else "review")
    told = [(line["party_id"], line["firm_id"]) for line in lines]
    assert len(told) == len(set(told))
    for party in ("1", "2"):
        ranked = [(-line["score"], line["firm_id"]) for line in lines if line["party_id"] == party]
        assert ranked == sorted(ranked)


@pytest.mark.parametrize("kind", ["legal_zh", "legal_en", "pinyin", "brand", "former", "subsidiary", "shop"])
def test_every_promised_kind_of_name_is_read(tmp_path: Path, kind: str) -> None:
    firms = table(
        tmp_path, "firms.csv", ("firm_id", "name", "kind", "source"), ("f", "Zhuiyizhe", kind, "site")
    )
    parties = table(tmp_path, "parties.csv", ("party_id", "name"), ("p", "Zhuiyizhe"))
    result = run(commands.screen_command, "--firms", firms, "--parties", parties)
    assert result.exit_code == 0
    assert [line["firm_id"] for line in lines_of(result)] == ["f"]


def test_ties_are_told_by_firm_id(tmp_path: Path) -> None:
    firms = table(
        tmp_path,
        "firms.csv",
        ("firm_id", "name", "kind"),
        ("b", "Zhuiyi Robotics Ltd", "legal_en"),
        ("a", "Zhuiyi Robotics Ltd", "legal_en"),
    )
    parties = table(tmp_path, "parties.csv", ("party_id", "name"), ("p", "Zhuiyi Robotics Ltd"))
    result = run(commands.screen_command, "--firms", firms, "--parties", parties)
    assert [line["firm_id"] for line in lines_of(result)] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"firm_id,kind\nf,brand\n", "has no column 'name'"),
        (b"firm_id,name,kind\nf,\xff\xfe,brand\n", "cannot be read"),
    ],
)
def test_a_bad_table_is_refused_with_the_line(tmp_path: Path, content: bytes, message: str) -> None:
    firms = tmp_path / "firms.csv"
    firms.write_bytes(content)
    parties = table(tmp_path, "parties.csv", ("party_id", "name"), ("p", "Foo"))
    result = run(commands.screen_command, "--firms", firms, "--parties", parties)
    assert isinstance(result.exception, BadInput)
    assert "firms.csv" in result.exception.message
    assert message in result.exception.message
    assert result.exception.exit_code == 2


def test_bad_rows_are_reported_with_their_lines_and_the_others_are_screened(tmp_path: Path) -> None:
    firms = tmp_path / "firms.csv"
    firms.write_bytes(
        b"firm_id,name,kind,source\nf,Foo, Ltd,brand,site\ng,Roborock\ni,Roborock,trademark,site\n,Roborock,brand,site\n"
        b"h,Roborock,brand\n"
    )
    parties = table(tmp_path, "parties.csv", ("party_id", "name"), ("p", ""), ("q", "Roborock"))
    result = run(commands.screen_command, "--firms", firms, "--parties", parties)
    assert result.exit_code == 1
    assert [(line["party_id"], line["firm_id"]) for line in lines_of(result)] == [("q", "h")]
    assert "firms.csv, line 2: 5 cells where the header has 4" in result.stderr
    assert "firms.csv, line 3: 2 cells" in result.stderr
    assert "firms.csv, line 4: kind:" in result.stderr
    assert "firms.csv, line 5: firm_id:" in result.stderr
    assert "parties.csv, line 2: name:" in result.stderr


def test_rules_check_says_that_all_is_well() -> None:
    result = run(commands.rules_check)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(list(yaml_rules())) + 1
    biopharma = next(line for line in lines if line.startswith("rule.ind.biopharma "))
    assert "words in de en es fr ja ko zh" in biopharma
    assert lines[-1].startswith("rulebook ")


def test_rules_check_prints_a_line_a_rule_when_asked() -> None:
    result = run(commands.rules_check, "--json")
    lines = lines_of(result)
    assert result.exit_code == 0
    assert {"rule", "version", "terms", "languages", "hits", "misses", "problems"} == set(lines[0])
    assert len(lines) == len(list(yaml_rules()))


def test_rules_check_names_what_is_wrong_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    first, *others = yaml_rules()
    broken = replace(first, examples=(*first.examples, Example("nothing to find", is_hit=True)))
    monkeypatch.setattr(commands, "yaml_rules", lambda: [broken, *others])
    result = run(commands.rules_check)
    assert isinstance(result.exception, RulebookInvalid)
    assert f"{broken.id}: misses 'nothing to find'" in result.stderr
