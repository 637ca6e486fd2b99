"""Checking the rulebook: its examples run, and what is missing, dead or dangerous is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cases.names import is_form
from warning.rules.engine import pattern_of, prepare
from warning.rules.languages import languages_of
from warning.rules.model import Example, Rule, Term
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
    """Run every rule's examples alone. A rule needs three hits and three misses, a hit in each language it has words of;
    taking away its ``none`` or its ``mask`` must make a miss a hit; none of its words may be dead, or a company's
    form."""
    return [_check(rule) for rule in rules]


def _check(rule: Rule) -> RuleReport:
    problems = [
        f"{'misses' if example.is_hit else 'hits'} {(example.title or example.text)[:60]!r}"
        for example in rule.examples
        if _hits(rule, example) is not example.is_hit
    ]
    hits = sum(e.is_hit for e in rule.examples)
    misses = len(rule.examples) - hits
    if hits < _LEAST or misses < _LEAST:
        problems.append(f"has {hits} hits and {misses} misses; {_LEAST} of each are needed")
    for part in ("none", "mask"):
        if getattr(rule, part):
            weaker = replace(rule, none=()) if part == "none" else replace(rule, mask=())
            if not any(_hits(weaker, e) for e in rule.examples if not e.is_hit):
                problems.append(f"no miss turns into a hit without its {part}: it is not proved")
    problems += _languages(rule)
    problems += _words(rule)
    return RuleReport(rule.id, hits, misses, tuple(problems))


def _languages(rule: Rule) -> list[str]:
    claimed = {t.language for t in _scoring(rule) if t.language}
    shown = {
        language for e in rule.examples if e.is_hit for language in languages_of((e.title, e.text), None)
    }
    return [f"has words of {language} and no hit in it" for language in sorted(claimed - shown)]


def _words(rule: Rule) -> list[str]:
    problems = []
    masked = {pattern_of(t.text) for t in rule.mask}
    for term in _scoring(rule):
        pattern = pattern_of(term.text)
        if not pattern:
            problems.append(f"the word {term.text!r} can never be found")
        elif pattern in masked:
            problems.append(f"the word {term.text!r} is masked by the rule itself")
        elif is_form(pattern):
            problems.append(f"the word {term.text!r} is a company's form")
    return problems


def _scoring(rule: Rule) -> list[Term]:
    return [
        *(t for clause in rule.any for t in clause.terms),
        *(t for near in rule.near for t in (*near.a, *near.b)),
    ]


def _hits(rule: Rule, example: Example) -> bool:
    written = {"title": example.title, "text": example.text}
    fields = {name: prepare(words) for name, words in written.items() if words}
    codes = {"venue": (example.venue,)} if example.venue else {}
    return bool(RuleSet([replace(rule, status="stable")]).score_alone(fields, codes))
