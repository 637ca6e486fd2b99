"""The rulebook checks itself: examples, proofs of vetoes and masks, languages, dead words; and its files are read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.errors import RulebookInvalid
from warning.rules.check import check_rules
from warning.rules.compile import yaml_rules


def written(tmp_path: Path, **parts: Any) -> Path:
    """A folder with one rule, sound unless ``parts`` say otherwise."""
    row: dict[str, Any] = {
        "id": "rule.right.x",
        "version": 1,
        "emit": {"ip_right": "patent"},
        "any": [{"terms": {"en": ["wafer"]}, "weight": 2}],
        "tests": [{"text": f"the wafer {n}", "expect": "hit"} for n in "abc"]
        + [{"text": f"the cookie {n}", "expect": "miss"} for n in "abc"],
    }
    row |= parts
    document = {"schema": "iprisk.rule/1", "rules": [{k: v for k, v in row.items() if v is not None}]}
    (tmp_path / "x.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return tmp_path


def problems(tmp_path: Path, **parts: Any) -> str:
    """Everything wrong with the one rule."""
    (report,) = check_rules(list(yaml_rules(written(tmp_path, **parts))))
    return "; ".join(report.problems)


def examples(hits: list[str], misses: list[str]) -> list[dict[str, str]]:
    """Examples as a rule's file writes them."""
    return [{"text": t, "expect": "hit"} for t in hits] + [{"text": t, "expect": "miss"} for t in misses]


def test_the_projects_own_rulebook_is_sound() -> None:
    reports = check_rules(list(yaml_rules()))
    assert len(reports) >= 30
    assert {r.rule: r.problems for r in reports if r.problems} == {}
    assert all(r.hits >= 3 and r.misses >= 3 for r in reports)


def test_a_sound_rule_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == ""


def test_a_failing_example_is_named(tmp_path: Path) -> None:
    said = problems(tmp_path, tests=examples(["the cookie", "the wafer", "wafers"], ["the wafer", "b", "c"]))
    assert "misses 'the cookie'" in said
    assert "hits 'the wafer'" in said


def test_three_hits_and_three_misses_are_needed(tmp_path: Path) -> None:
    assert "has 1 hits and 1 misses; 3 of each are needed" in problems(
        tmp_path, tests=examples(["the wafer"], ["no"])
    )


def test_a_wish_is_no_example(tmp_path: Path) -> None:
    wish = {"text": "the silicon disc", "expect": "todo_hit"}
    tests = examples(["the wafer", "a wafer", "wafers"], ["a", "b", "c"])
    assert problems(tmp_path, tests=[*tests, wish]) == ""


@pytest.mark.parametrize("part", ["none", "mask"])
def test_a_veto_and_a_mask_must_be_proved(tmp_path: Path, part: str) -> None:
    group = {"terms": {"en": ["cookie wafer"]}}
    value = [group] if part == "none" else [group["terms"]]
    assert f"without its {part}: it is not proved" in problems(tmp_path, **{part: value})
    tests = examples(["the wafer", "a wafer", "of wafers"], ["the cookie wafer", "b", "c"])
    assert problems(tmp_path, **{part: value, "tests": tests}) == ""


def test_a_language_without_a_hit_is_named(tmp_path: Path) -> None:
    terms = [{"terms": {"en": ["wafer"], "ja": ["ウェハ"]}, "weight": 2}]
    assert "has words of ja and no hit in it" in problems(tmp_path, any=terms)


def test_a_companys_form_a_dead_word_and_a_masked_one_are_named(tmp_path: Path) -> None:
    terms = [{"terms": {"en": ["wafer", "Ltd", "\u200b", "cookie"]}, "weight": 2}]
    said = problems(tmp_path, any=terms, mask=[{"en": ["cookie"]}])
    assert "'Ltd' is a company's form" in said
    assert "can never be found" in said
    assert "'cookie' is masked by the rule itself" in said


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"id": "right.x"}, "an id begins with rule."),
        ({"emit": {}}, "emits one tag"),
        ({"emit": {"a": "b", "c": "d"}}, "emits one tag"),
        ({"status": "old"}, "has an unknown status"),
        ({"colour": "red"}, "has the unknown field 'colour'"),
        ({"any": [{"terms": {"en": ["x"]}, "weight": 1.7}]}, "a weight is one of"),
        ({"any": [{"terms": {"en": ["x"]}, "scope": "page"}]}, "a scope is record or same_sentence"),
        ({"version": None}, "has no version"),
        ({"tests": [{"text": "x"}]}, "an example has no expect"),
        ({"tests": [{"text": "x", "expect": "perhaps"}]}, "expects hit, miss"),
        ({"near": [{"a": {"en": ["x"]}}]}, "a near has a, b, window and weight"),
        ({"patterns": ["("]}, "does not compile"),
    ],
)
def test_a_malformed_rule_is_refused_with_its_file_and_id(
    tmp_path: Path, parts: dict[str, Any], message: str
) -> None:
    with pytest.raises(RulebookInvalid, match=r"x\.yml") as caught:
        list(yaml_rules(written(tmp_path, **parts)))
    assert message in str(caught.value)


def test_a_file_that_is_no_rulebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("schema: other/1", encoding="utf-8")
    with pytest.raises(RulebookInvalid, match=r"schema: is not iprisk.rule/1"):
        list(yaml_rules(tmp_path))
    (tmp_path / "x.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(RulebookInvalid, match="is not YAML"):
        list(yaml_rules(tmp_path))
    (tmp_path / "x.yml").write_text("schema: iprisk.rule/1", encoding="utf-8")
    with pytest.raises(RulebookInvalid, match="has no list of rules"):
        list(yaml_rules(tmp_path))


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "y.yml").write_text((folder / "x.yml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RulebookInvalid, match="stands twice"):
        list(yaml_rules(folder))
