"""Scoring: clauses, thresholds, vetoes, masks, nearness, codes, and the evidence for each."""

from __future__ import annotations

from typing import Any

from warning.rules.engine import prepare
from warning.rules.model import Clause, Near, Rule, term_of
from warning.rules.score import RuleSet, Scored


def clause(*words: str, weight: float = 2.0, **more: Any) -> Clause:
    """A clause of these words."""
    return Clause(tuple(map(term_of, words)), weight, **more)


def rule(**parts: Any) -> Rule:
    """An industry's rule with these parts."""
    given = {
        "id": "rule.ind.x",
        "version": 3,
        "emit": ("industry", "ind.x"),
        "fields": {"title": 1.0, "text": 1.0},
        "threshold": 2.0,
    }
    return Rule(**(given | parts))


def score(
    one: Rule, text: str = "", title: str = "", codes: dict[str, tuple[str, ...]] | None = None
) -> Scored | None:
    """What one rule makes of a record."""
    fields = {name: prepare(raw) for name, raw in (("title", title), ("text", text)) if raw}
    results = RuleSet([one]).score_alone(fields, codes or {})
    return results[0] if results else None


def test_one_strong_word_is_enough() -> None:
    assert score(rule(any=(clause("wafer"),)), "a wafer") is not None


def test_one_weak_word_is_not_enough_and_two_different_ones_are() -> None:
    weak = rule(any=(clause("memory", "substrate", weight=1.0, distinct=True),))
    assert score(weak, "memory, memory and more memories of memory") is None
    assert score(weak, "memory on a substrate") is not None


def test_a_clause_counts_once_however_often_its_words_stand() -> None:
    result = score(rule(any=(clause("wafer", "chip"),)), "wafer chip wafer chip")
    assert result is not None
    assert (result.score, result.times) == (2.0, 4)


def test_a_title_may_count_more_than_a_text() -> None:
    one = rule(fields={"title": 2.0, "text": 1.0}, any=(clause("chip", weight=1.0),))
    assert score(one, text="chip") is None
    assert score(one, title="chip") is not None


def test_a_field_the_rule_does_not_read_says_nothing() -> None:
    assert score(rule(fields={"title": 1.0}, any=(clause("wafer"),)), text="wafer") is None


def test_every_clause_of_all_must_be_found() -> None:
    one = rule(any=(clause("ruling"),), all=(clause("customs"), clause("goods")))
    assert score(one, "a customs ruling") is None
    assert score(one, "a customs ruling on goods") is not None


def test_a_veto_silences_the_record() -> None:
    one = rule(any=(clause("chip"),), none=(clause("potato"),))
    assert score(one, "a chip. A potato.") is None
    assert score(one, "a chip") is not None


def test_a_veto_of_one_sentence_leaves_the_others() -> None:
    one = rule(any=(clause("chip"),), none=(clause("potato", same_sentence=True),))
    assert score(one, "A potato chip.") is None
    assert score(one, "A potato chip. A silicon chip.") is not None


def test_a_mask_blanks_its_span_and_no_other() -> None:
    one = rule(any=(clause("新能源", "光伏"),), mask=(term_of("新能源汽车"),))
    assert score(one, "新能源汽车") is None
    assert score(one, "新能源汽车与光伏") is not None
    assert score(one, "新能源") is not None


def test_a_longer_word_is_not_blanked_by_a_shorter_mask() -> None:
    one = rule(any=(clause("neural network chip"),), mask=(term_of("neural network"),))
    assert score(one, "a neural network chip") is not None


def test_nearness_needs_both_sides_close_and_in_one_sentence() -> None:
    one = rule(near=(Near((term_of("patent"),), (term_of("sued"),), 20, 2.0),))
    near = score(one, "It was sued over a patent.")
    assert near is not None
    assert near.evidence[0].text == "sued over a patent"
    assert score(one, "A patent. It was sued.") is None
    assert score(one, "A patent, which is a thing of long words, was sued.") is None


def test_a_code_beats_text() -> None:
    one = rule(any=(clause("battery"),), implied_by={"ipc": ("H01M",)})
    result = score(one, "nothing to see", codes={"ipc": ("G06F 1/00", "H01M 10/0525")})
    assert result is not None
    assert result.evidence[0][3:7] == ("codes.ipc[1]", 0, 12, "H01M 10/0525")


def test_the_longest_code_prefix_speaks_alone() -> None:
    battery = rule(implied_by={"ipc": ("H02J7",)})
    grid = rule(id="rule.ind.y", emit=("industry", "ind.y"), implied_by={"ipc": ("H02J",)})
    rules = RuleSet([battery, grid])
    fields = {"text": prepare("x")}
    assert [s.rule.id for s in rules.score_alone(fields, {"ipc": ("H02J 7/00",)})] == ["rule.ind.x"]
    assert [s.rule.id for s in rules.score_alone(fields, {"ipc": ("H02J 3/38",)})] == ["rule.ind.y"]


def test_a_code_prefix_ends_where_its_number_ends() -> None:
    one = rule(implied_by={"ipc": ("G06F1",)})
    assert score(one, "x", codes={"ipc": ("G06F 16/30",)}) is None
    assert score(one, "x", codes={"ipc": ("G06F 1/16",)}) is not None


def test_nice_classes_are_compared_whole_and_hs_codes_without_dots() -> None:
    assert score(rule(implied_by={"nice": ("3",)}), "x", codes={"nice": ("35",)}) is None
    assert score(rule(implied_by={"nice": ("3",)}), "x", codes={"nice": ("03",)}) is not None
    assert score(rule(implied_by={"hs": ("8541.43",)}), "x", codes={"hs": ("85414300",)}) is not None


def test_a_shared_code_is_a_hint_that_a_word_must_confirm() -> None:
    one = rule(any=(clause("battery", weight=1.0),), hinted_by={"nice": ("9",)})
    assert score(one, "x", codes={"nice": ("9",)}) is None
    assert score(one, "battery", codes={"nice": ("9",)}) is not None


def test_a_pattern_counts_as_strong() -> None:
    one = rule(patterns=(r"\bD20\d\d-\d{4}\b",))
    result = score(one, "Case D2023-0042")
    assert result is not None
    assert result.evidence[0].text == "D2023-0042"


def test_evidence_names_rule_version_field_span_and_weight() -> None:
    result = score(rule(any=(clause("wafer"),)), text="a silicon wafer", title="Certain goods")
    assert result is not None
    assert result.evidence == (("industry:ind.x", "rule.ind.x", "3", "text", 10, 15, "wafer", 2.0),)


def test_retired_and_draft_rules_are_not_heard() -> None:
    for status in ("retired", "draft"):
        assert score(rule(any=(clause("wafer"),), status=status), "wafer") is None
    assert score(rule(any=(clause("wafer"),), status="test"), "wafer") is not None


def test_any_change_of_meaning_changes_the_version_of_the_rules() -> None:
    versions = {
        RuleSet([one]).version
        for one in (
            rule(any=(clause("wafer"),)),
            rule(any=(clause("wafers"),)),
            rule(any=(clause("wafer", weight=1.0),)),
            rule(any=(clause("wafer"),), threshold=1.0),
            rule(any=(clause("wafer"),), version=4),
        )
    }
    assert len(versions) == 5
