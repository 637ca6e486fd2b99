"""Checking the rulebook: its examples run, and what is missing, unproved, dead or dangerous is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cases.names import is_form
from cases.taxonomy import Taxonomy
from core.said import Said, said
from warning.rules.engine import Vocabulary, pattern_of, prepare, variants
from warning.rules.languages import languages_of
from warning.rules.model import Clause, Evidence, Example, Rule, Term
from warning.rules.score import RuleSet

_LEAST = 3
#: what emits one of the taxonomy's ids -> the table of the taxonomy
_TABLES = {"industry": "industries", "dispute_type": "dispute_types", "stage": "stages"}


@dataclass(frozen=True)
class RuleReport:
    """One rule's figures and everything wrong with it."""

    rule: str
    version: int
    terms: int
    languages: tuple[str, ...]
    hits: int
    misses: int
    problems: tuple[str, ...]


#: forms and small words of names (e.V., German "die") that mean a product to the rule: electric vehicles, a chip's die
_ALSO_GOODS = frozenset({"ev", "die"})


def check_rules(rules: Sequence[Rule], taxonomy: Taxonomy | None = None) -> list[RuleReport]:
    """Run every rule's examples alone. A rule needs three hits and three misses, a hit in each language it has words of;
    taking away the words of one language from any of its ``none`` clauses or from its ``mask`` must make a miss a hit;
    none of its words may be dead, or a company's form; a word that is enough by itself may stand in two rules of one
    kind only when one of them names the other under ``excludes`` or ``beside``. With a ``taxonomy``, what a rule emits
    must be an id of it, and every industry, dispute type and stage in force must have a rule."""
    shared = _shared(rules)
    reports = [_check(rule, shared.get(rule.id, ()), taxonomy) for rule in rules]
    return [*reports, *_without_rule(rules, taxonomy)] if taxonomy is not None else reports


@dataclass(frozen=True)
class Tried:
    """One example of a rule: whether it came out as it should, and where the rule heard something."""

    example: Example
    is_right: bool
    evidence: tuple[Evidence, ...]


def try_examples(rule: Rule) -> list[Tried]:
    """Run a rule's examples alone, in their order."""
    alone = _Alone(rule)
    return [
        Tried(example, bool(evidence) is example.is_hit, evidence)
        for example in rule.examples
        for evidence in [alone.evidence(example)]
    ]


def check_rule(
    rule: Rule,
    rules: Sequence[Rule] | None = None,
    taxonomy: Taxonomy | None = None,
    tried: Sequence[Tried] | None = None,
) -> RuleReport:
    """What :func:`check_rules` finds wrong with one rule.

    Args:
        rules: the book it is to stand in: the words it shares with others unasked are named. Without it, neither that nor
            the proofs of vetoes and masks are looked at.
        tried: its examples where they were run already.
    """
    shared: list[Said] = []
    if rules is not None:
        found = _shared([rule if other.id == rule.id else other for other in rules])
        shared = list(found.pop(rule.id, ()))
        shared += [
            said(
                "the word %(word)s is enough in %(other)s too, and neither names the other",
                word=told.values["word"],
                other=owner,
            )
            for owner, words in found.items()
            for told in words
            if told.values["other"] == rule.id
        ]
    return _check(rule, shared, taxonomy, tried, is_proved=rules is not None)


def _check(
    rule: Rule,
    shared: Sequence[str],
    taxonomy: Taxonomy | None,
    tried: Sequence[Tried] | None = None,
    *,
    is_proved: bool = True,
) -> RuleReport:
    ran = try_examples(rule) if tried is None else tried
    problems: list[str] = [_fault(one.example) for one in ran if not one.is_right]
    hits = sum(e.is_hit for e in rule.examples)
    misses = len(rule.examples) - hits
    if hits < _LEAST or misses < _LEAST:
        problems.append(
            said(
                "has %(hits)s hits and %(misses)s misses; %(least)s of each are needed",
                hits=hits,
                misses=misses,
                least=_LEAST,
            )
        )
    for part, weaker in _weakened(rule) if is_proved else ():
        mutant = _Alone(weaker)
        if not any(mutant.hits(e) for e in rule.examples if not e.is_hit):
            problems.append(
                said("no miss turns into a hit without its %(part)s: it is not proved", part=part)
            )
    problems += _languages(rule)
    problems += _words(rule)
    problems += shared
    table = _TABLES.get(rule.emit[0])
    if taxonomy is not None and table is not None and rule.emit[1] not in getattr(taxonomy, table):
        problems.append(
            said(
                "emits %(value)s, which is no id of the taxonomy's %(table)s",
                value=repr(rule.emit[1]),
                table=table,
            )
        )
    languages = sorted({t.language for t in _scoring(rule) if t.language})
    return RuleReport(
        rule.id,
        rule.version,
        len({pattern_of(t.text) for t in _scoring(rule)}),
        tuple(languages),
        hits,
        misses,
        tuple(problems),
    )


class _Alone:
    """One rule compiled by itself."""

    def __init__(self, rule: Rule) -> None:
        self._rules = RuleSet([replace(rule, status="stable", examples=())])

    def hits(self, example: Example) -> bool:
        """Whether the rule speaks of the example."""
        return bool(self.evidence(example))

    def evidence(self, example: Example) -> tuple[Evidence, ...]:
        """Why the rule speaks of the example; nothing where it does not."""
        written = {"title": example.title, "text": example.text}
        fields = {name: prepare(words) for name, words in written.items() if words}
        told = self._rules.score_alone(fields, example.codes, example.language or None)
        return tuple(piece for scored in told for piece in scored.evidence)


def _fault(example: Example) -> Said:
    text = repr((example.title or example.text)[:60])
    return said("misses %(text)s", text=text) if example.is_hit else said("hits %(text)s", text=text)


def _weakened(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule without the words of one language in one of its vetoes, or in its mask."""
    for number, veto in enumerate(rule.none):
        for language in dict.fromkeys(t.language for t in veto.terms):
            left = replace(veto, terms=tuple(t for t in veto.terms if t.language != language))
            others = (*rule.none[:number], *([left] if left.terms else []), *rule.none[number + 1 :])
            name = (
                f"none ({language or 'all languages'})" if number == 0 else f"none {number + 1} ({language})"
            )
            yield name, replace(rule, none=others)
    for language in dict.fromkeys(t.language for t in rule.mask):
        left_mask = tuple(t for t in rule.mask if t.language != language)
        yield f"mask ({language or 'all languages'})", replace(rule, mask=left_mask)


def _languages(rule: Rule) -> Sequence[str]:
    claimed = {t.language for t in _scoring(rule) if t.language}
    shown = {
        language
        for e in rule.examples
        if e.is_hit
        for language in languages_of((e.title, e.text), e.language or None)
    }
    return [
        said("has words of %(language)s and no hit in it", language=language)
        for language in sorted(claimed - shown)
    ]


def _words(rule: Rule) -> list[str]:
    problems: list[str] = []
    masked = {(pattern_of(t.text), t.language) for t in rule.mask}
    for clause in (*rule.any, *rule.all, *rule.none):
        problems += _twice(clause)
    for term in _scoring(rule):
        pattern = pattern_of(term.text)
        if not pattern or "*" in pattern:
            problems.append(said("the word %(word)s can never be found", word=repr(term.text)))
        elif (pattern, term.language) in masked:
            problems.append(said("the word %(word)s is masked by the rule itself", word=repr(term.text)))
        elif is_form(pattern) and pattern not in _ALSO_GOODS:
            problems.append(said("the word %(word)s is a company's form", word=repr(term.text)))
    listening = Vocabulary([*_scoring(rule), *(t for c in (*rule.all, *rule.none) for t in c.terms)])
    for term in rule.mask:
        if not _is_touched(listening, prepare(term.text).folded):
            problems.append(said("the mask %(word)s covers no word of the rule", word=repr(term.text)))
    return problems


def _is_touched(listening: Vocabulary, masked: str) -> bool:
    """Whether a word of the rule can stand in the masked words, or run over their edge. A mask open at an end (Haupt*)
    may be continued by whatever begins with it."""
    for pattern in listening.patterns:
        if pattern in masked:
            return True
        if any(
            pattern.startswith(masked[-n:]) or pattern.endswith(masked[:n]) for n in range(2, len(masked))
        ):
            return True
    return False


def _twice(clause: Clause) -> list[str]:
    seen: dict[tuple[str, str, bool, bool], Term] = {}
    problems: list[str] = []
    for term in clause.terms:
        key = (pattern_of(term.text), term.language, term.starts_inside, term.ends_inside)
        if key in seen and seen[key].is_exact == term.is_exact:
            problems.append(said("the word %(word)s stands twice in one clause", word=repr(term.text)))
        seen[key] = term
    return problems


def _scoring(rule: Rule) -> list[Term]:
    return [
        *(t for clause in rule.any for t in clause.terms),
        *(t for near in rule.near for t in (*near.a, *near.b)),
    ]


def _enough(rule: Rule) -> Iterator[Term]:
    """The words of a rule of which one is enough."""
    loudest = max(rule.fields.values(), default=0.0)
    if rule.all or rule.near:
        return
    for clause in rule.any:
        if clause.weight * loudest >= rule.threshold and not clause.fields:
            yield from clause.terms


def _shared(rules: Sequence[Rule]) -> dict[str, list[Said]]:
    """For each rule the words that are enough in it and in another rule of its kind, where neither knows of the
    other."""
    owners: dict[tuple[str, str], list[tuple[Rule, Term]]] = {}
    for rule in rules:
        masked = {pattern_of(t.text) for t in rule.mask}
        for term in _enough(rule):
            for pattern in variants(term):
                if pattern not in masked:
                    owners.setdefault((rule.emit[0], pattern), []).append((rule, term))
    out: dict[str, list[Said]] = {}
    for found in owners.values():
        for one, word in found:
            for other, same in found:
                if one.id >= other.id or one.emit == other.emit or _know_each_other(one, other):
                    continue
                if word.language and same.language and word.language != same.language:
                    continue
                told = said(
                    "the word %(word)s is enough in %(other)s too, and neither names the other",
                    word=repr(word.text),
                    other=other.id,
                )
                if told not in out.setdefault(one.id, []):
                    out[one.id].append(told)
    return out


def _know_each_other(one: Rule, other: Rule) -> bool:
    return other.id in (*one.excludes, *one.beside) or one.id in (*other.excludes, *other.beside)


def _without_rule(rules: Sequence[Rule], taxonomy: Taxonomy) -> Iterator[RuleReport]:
    emitted = {rule.emit for rule in rules if rule.status == "stable"}
    for kind, table in _TABLES.items():
        entries: Mapping[str, object] = getattr(taxonomy, table)
        for identity in entries:
            if (kind, identity) not in emitted and taxonomy.current(identity) == identity:
                yield RuleReport(f"rule.{identity}", 0, 0, (), 0, 0, ("has no stable rule at all",))
