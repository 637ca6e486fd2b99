"""The rulebook checks itself: examples, proofs of vetoes and masks, languages, dead words; and its files are read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cases.taxonomy import load_taxonomy
from core.errors import RulebookInvalid
from warning.rules.check import check_rules
from warning.rules.compile import yaml_rules
from warning.rules.engine import prepare
from warning.rules.score import RuleSet


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
    reports = check_rules(list(yaml_rules()), load_taxonomy())
    assert len(reports) >= 110
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
    value = [{"terms": {"en": ["cookie wafer"]}}]
    assert f"without its {part} (en): it is not proved" in problems(tmp_path, **{part: value})
    tests = examples(["the wafer", "a wafer", "of wafers"], ["the cookie wafer", "b", "c"])
    assert problems(tmp_path, **{part: value, "tests": tests}) == ""


@pytest.mark.parametrize("part", ["none", "mask"])
def test_the_words_of_each_language_of_a_veto_are_proved(tmp_path: Path, part: str) -> None:
    value = [{"terms": {"en": ["cookie wafer"], "de": ["Keks-Wafer"]}}]
    tests = examples(["the wafer", "a wafer", "der Wafer"], ["the cookie wafer", "b", "c"])
    terms = [{"terms": {"en": ["wafer"], "de": ["Wafer"]}, "weight": 2}]
    said = problems(tmp_path, **{"any": terms, part: value, "tests": tests})
    assert said == f"no miss turns into a hit without its {part} (de): it is not proved"


def test_each_veto_is_proved_by_itself(tmp_path: Path) -> None:
    none = [{"terms": {"en": ["cookie"]}}, {"terms": {"en": ["biscuit"]}}]
    tests = examples(["the wafer", "a wafer", "of wafers"], ["the cookie wafer", "b", "c"])
    assert "without its none 2 (en)" in problems(tmp_path, none=none, tests=tests)


def test_a_mask_that_covers_no_word_of_the_rule_is_dead(tmp_path: Path) -> None:
    mask = [{"terms": {"en": ["wafer biscuit", "marzipan"]}}]
    tests = examples(["the wafer", "a wafer", "of wafers"], ["a wafer biscuit", "b", "c"])
    assert problems(tmp_path, mask=mask, tests=tests) == "the mask 'marzipan' covers no word of the rule"


def two_rules(tmp_path: Path, **second: Any) -> dict[str, str]:
    """The problems, by rule, of two rules that both have the word wafer."""
    folder = written(tmp_path)
    document = yaml.safe_load((folder / "x.yml").read_text(encoding="utf-8"))
    row = document["rules"][0] | {"id": "rule.right.y", "emit": {"ip_right": "design"}} | second
    (folder / "y.yml").write_text(yaml.safe_dump(document | {"rules": [row]}), encoding="utf-8")
    return {r.rule: "; ".join(r.problems) for r in check_rules(list(yaml_rules(folder)))}


def test_a_word_enough_in_two_rules_needs_a_priority(tmp_path: Path) -> None:
    said = two_rules(tmp_path)
    assert said["rule.right.x"] == (
        "the word 'wafer' is enough in rule.right.y too, and neither names the other"
    )
    assert set(two_rules(tmp_path, beside=["rule.right.x"]).values()) == {""}
    assert set(two_rules(tmp_path, excludes=["rule.right.x"]).values()) == {""}


def test_rules_for_one_tag_and_words_of_two_languages_are_no_overlap(tmp_path: Path) -> None:
    assert set(two_rules(tmp_path, emit={"ip_right": "patent"}).values()) == {""}
    assert set(two_rules(tmp_path, emit={"remedy": "tro"}).values()) == {""}
    german = [{"terms": {"de": ["wafer"]}, "weight": 2}]
    said = two_rules(tmp_path, any=german, tests=examples(["der wafer"] * 3, ["a", "b", "c"]))
    assert set(said.values()) == {""}


def test_a_rule_emits_an_id_of_the_taxonomy_and_every_id_has_a_rule(tmp_path: Path) -> None:
    rules = list(yaml_rules(written(tmp_path, id="rule.ind.x", emit={"industry": "ind.gone"})))
    said = {r.rule: r.problems for r in check_rules(rules, load_taxonomy())}
    assert said["rule.ind.x"] == ("emits 'ind.gone', which is no id of the taxonomy's industries",)
    assert said["rule.ind.biopharma"] == ("has no stable rule at all",)
    assert "rule.ps.watch" in said


def test_figures_tell_words_languages_and_examples(tmp_path: Path) -> None:
    terms = [{"terms": {"en": ["wafer"], "ko": ["웨이퍼"]}, "weight": 2}]
    tests = [*examples(["the wafer", "웨이퍼", "wafers"], ["a", "b", "c", "d"])]
    (report,) = check_rules(list(yaml_rules(written(tmp_path, any=terms, tests=tests))))
    assert (report.version, report.terms, report.languages) == (1, 2, ("en", "ko"))
    assert (report.hits, report.misses, report.problems) == (3, 4, ())


def test_a_language_without_a_hit_is_named(tmp_path: Path) -> None:
    terms = [{"terms": {"en": ["wafer"], "ja": ["ウェハ"]}, "weight": 2}]
    assert "has words of ja and no hit in it" in problems(tmp_path, any=terms)


def test_a_companys_form_a_dead_word_and_a_masked_one_are_named(tmp_path: Path) -> None:
    terms = [{"terms": {"en": ["wafer", "Ltd", "\u200b", "cookie", "a* b", "wafer"]}, "weight": 2}]
    said = problems(tmp_path, any=terms, mask=[{"terms": {"en": ["cookie"]}}])
    assert "'Ltd' is a company's form" in said
    assert "'\\u200b' can never be found" in said
    assert "'a* b' can never be found" in said
    assert "'wafer' stands twice in one clause" in said
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
        ({"mask": [{"en": ["x"]}]}, "a mask has terms and nothing else"),
        ({"any": [{"terms": {"tlh": ["x"]}}]}, "has words of the unknown language 'tlh'"),
        ({"any": [{"terms": {"en": [True]}}]}, "True is no word: quote numbers, dates, yes and no"),
        (
            {"tests": [{"text": "x", "expect": "hit", "colour": "red"}]},
            "an example has the unknown field 'colour'",
        ),
        ({"beside": ["rule.gone"]}, "names the unknown rule 'rule.gone'"),
        ({"excludes": ["rule.gone"]}, "names the unknown rule 'rule.gone'"),
        ({"implied_by": {"wipo": [36]}}, "names the unknown technology field '36'"),
        ({"emit": {"industry": "ind.x"}, "fields": {"parties": 1}}, "parties never feed an industry"),
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


def test_parties_of_weight_nothing_are_not_read(tmp_path: Path) -> None:
    (rule,) = yaml_rules(written(tmp_path, fields={"text": 1, "parties": 0}))
    assert rule.fields == {"text": 1.0}


def test_codes_are_written_out(tmp_path: Path) -> None:
    codes = {"hs": ["3901-3903"], "ipc": ["B29C"], "wipo": [29]}
    (rule,) = yaml_rules(written(tmp_path, implied_by=codes))
    assert rule.implied_by["hs"] == ("3901", "3902", "3903")
    assert rule.implied_by["ipc"] == rule.implied_by["cpc"]
    assert "wipo" not in rule.implied_by
    # A code that a rule names itself is not taken from its field a second time.
    assert rule.implied_by["ipc"][0] == "B29C"
    assert rule.implied_by["ipc"].count("B29C") == 1
    assert {"B29B", "B28B", "C08J"} <= set(rule.implied_by["ipc"])


def test_a_rule_silences_those_it_excludes(tmp_path: Path) -> None:
    folder = written(tmp_path)
    document = yaml.safe_load((folder / "x.yml").read_text(encoding="utf-8"))
    row = document["rules"][0] | {"id": "rule.right.y", "emit": {"ip_right": "design"}}
    row |= {"any": [{"terms": {"en": ["wafer stack"]}}], "excludes": ["rule.right.x"]}
    (folder / "y.yml").write_text(yaml.safe_dump(document | {"rules": [row]}), encoding="utf-8")
    rules = RuleSet(list(yaml_rules(folder)))
    said = {
        text: [s.rule.id for s in rules.score_alone({"text": prepare(text)}, {})]
        for text in ("a wafer", "a wafer stack")
    }
    assert said == {"a wafer": ["rule.right.x"], "a wafer stack": ["rule.right.y"]}
