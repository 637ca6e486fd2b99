"""The engine is fast by many short ways; each has to end where the plain way does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.tagging import texts as benchmark_texts
from tests.warning.rules.plain_rules import PlainRules, Reason, squeezed
from warning.rules.engine import prepare
from warning.rules.languages import languages_of
from warning.rules.tagger import load_rulebook


@cache
def plain() -> PlainRules:
    return PlainRules(load_rulebook().rules)


@cache
def words() -> list[str]:
    """Words of the rulebook, and what stands between them."""
    chosen = random.Random(4).sample([term.text for term in load_rulebook().rules.terms], 600)
    return [
        *chosen,
        *[word.upper() for word in chosen[:40]],
        *("of", "in", "法院", "裁判所", "$5,000,000", "抢注"),
    ]


def fast(fields: Mapping[str, str]) -> list[tuple[str, float, list[Reason]]]:
    rulebook = load_rulebook()
    prepared = {name: prepare(raw) for name, raw in fields.items()}
    languages = languages_of(fields.values(), None)
    found = {name: rulebook.vocabulary.spans(p, languages)[0] for name, p in prepared.items()}
    return [
        (r.rule.id, r.score, [(e.field, e.start, e.end, e.text, e.weight) for e in r.evidence])
        for r in rulebook.rules.score(prepared, found, {})
    ]


def agree(fields: Mapping[str, str]) -> int:
    expected = plain().score(fields, languages_of(fields.values(), None))
    assert fast(fields) == expected
    return len(expected)


def test_the_examples_of_every_rule_are_read_as_the_plain_way_reads_them() -> None:
    examples = [e for rule in load_rulebook().rules.rules for e in rule.examples]
    texts = [{k: v for k, v in (("title", e.title), ("text", e.text)) if v} for e in examples]
    reached = sum(agree(fields) for fields in random.Random(2).sample(texts, 250))
    assert reached > 250


def test_texts_of_the_benchmark_are_read_as_the_plain_way_reads_them() -> None:
    assert sum(agree({"text": text}) for text in benchmark_texts(load_rulebook(), 80, seed=9)) > 200


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_words_of_the_rules_are_read_as_the_plain_way_reads_them(data: st.DataObject) -> None:
    written = st.lists(
        st.tuples(st.sampled_from(words()), st.sampled_from([" ", "", ". ", "。", "-", "  ", "\n"])),
        max_size=14,
    ).map(lambda parts: "".join(word + gap for word, gap in parts))
    names = data.draw(st.sampled_from([("text",), ("title", "text"), ("title",), ("text", "product")]))
    agree({name: text for name in names if (text := data.draw(written))} or {"text": "x"})


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("ΣσςİẞAZaz09-–  \n\u00ad\u200b，０专專東片，"), st.characters()),
        max_size=40,
    )
)
def test_a_text_is_folded_as_the_table_folds_it_character_by_character(raw: str) -> None:
    prepared = prepare(raw)
    text, _ = squeezed(raw)
    assert prepared.folded == text
    assert prepared.has_digit == any(c.isdecimal() for c in raw)


def test_every_character_is_folded_as_the_table_folds_it() -> None:
    chars = [chr(p) for p in range(0x10000) if not 0xD800 <= p < 0xE000]
    for char in chars:
        # A letter beside it, so that no text is ASCII alone; few kinds in one text, so that all ways are gone.
        assert prepare(f"é{char}é").folded == squeezed(f"é{char}é")[0]
    for at in range(0, len(chars), 97):
        raw = "".join(chars[at : at + 97])
        assert prepare(raw).folded == squeezed(raw)[0]
