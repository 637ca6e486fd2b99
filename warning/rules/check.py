"""Checking the rulebook: its examples run, and what is missing or dead is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from warning.rules.engine import prepare
from warning.rules.model import Example, Rule
from warning.rules.score import RuleSet

_LEAST = 3


@dataclass(frozen=True)
class RuleReport:
    """One rule's figures and everything wrong with it."""

    rule: str
    hits: int
    misses: int
    problems: tuple[str, ...]


def check_rules(rules: Sequence[Rule]) -> list[RuleReport]:
    """Run every rule's examples alone; a rule with examples needs three hits and three misses, and taking away its
    ``none`` or its ``mask`` must make a miss a hit."""
    return [_check(rule) for rule in rules]


def _check(rule: Rule) -> RuleReport:
    problems = []
    for example in rule.examples:
        if _hits(rule, example) is not example.is_hit:
            problems.append(f"{'misses' if example.is_hit else 'hits'} {(example.title or example.text)[:60]!r}")
    hits = sum(e.is_hit for e in rule.examples)
    misses = len(rule.examples) - hits
    if hits < _LEAST or misses < _LEAST:
        problems.append(f"has {hits} hits and {misses} misses; {_LEAST} of each are needed")
    for part in ("none", "mask"):
        if getattr(rule, part):
            weaker = replace(rule, none=()) if part == "none" else replace(rule, mask=())
            if not any(_hits(weaker, e) for e in rule.examples if not e.is_hit):
                problems.append(f"no miss turns into a hit without its {part}: it is not proved")
    return RuleReport(rule.id, hits, misses, tuple(problems))


def _hits(rule: Rule, example: Example) -> bool:
    fields = {"text": prepare(example.text)} | ({"title": prepare(example.title)} if example.title else {})
    return bool(RuleSet([replace(rule, status="stable")]).score(fields, {}))
