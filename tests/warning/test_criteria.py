"""Which profiles a case answers: held against a plain reading of the rule, over random profiles and cases."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text import collapse, fold_accents, is_cjk
from warning.criteria import Criteria, Evaluator, Facts, Hit, right_keys

KINDS = {"industry": ["i1", "i2", "i3"], "region": ["US", "DE"], "dispute_type": ["d1", "d2"]}
#: words that hold, touch and overlap each other
WORDS = [
    "drone",
    "drones",
    "Drone Blade",
    "blade",
    "无人机",
    "無人機",
    "人机",
    "US 9,123,456",
    "5G",
    "é",
    "x-ray",
    "ß1",
]
#: the other number of those that have one
OTHER_NUMBER = {
    "drone": "drones",
    "drones": "drone",
    "Drone Blade": "drone blades",
    "blade": "blades",
    "x-ray": "x-rays",
}
#: as typed -> the numbers of cases it means
RIGHTS = {
    "US 9,123,456 B2": {"US9123456"},
    "9123456": {"US9123456", "EP9123456B1"},
    "EP9123456": {"EP9123456B1"},
    "DE 10 2015 000 001": {"DE102015000001"},
}
NUMBERS = ["US9123456", "EP9123456B1", "DE102015000001", "US912345"]
PIECES = [*WORDS, " ", "  ", "\n", "a", "-", ".", "一", "DRONE", "ｄｒｏｎｅ", "Zürich", "zurich", "s"]


def _subset(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


def _words() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple)


criteria = st.builds(
    Criteria,
    _subset(KINDS["industry"]),
    _subset(KINDS["region"]),
    _subset(KINDS["dispute_type"]),
    _words(),
    _words(),
    _words(),
    st.lists(st.sampled_from(list(RIGHTS)), max_size=2, unique=True).map(tuple),
    _words(),
)
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
facts = st.builds(
    lambda tags, caption, text, numbers: Facts(
        tags,
        [("caption", caption), ("text", text)],
        frozenset(key for number in numbers for key in right_keys(number)),
    ),
    st.fixed_dictionaries({kind: st.frozensets(st.sampled_from(values)) for kind, values in KINDS.items()}),
    texts,
    texts,
    st.frozensets(st.sampled_from(NUMBERS), max_size=2),
)


def _named(asked: Criteria, case: Facts) -> set[tuple[str, str]]:
    """What of the names stands in a case, read plainly, as (kind, name)."""
    there = {word for word in WORDS if any(_is_meant(word, text) for _, text in case.texts)}
    called = {word for word in WORDS if any(_stands(word, text) for _, text in case.texts)}
    party = {word for word in WORDS if _stands(word, dict(case.texts).get("caption", ""))}
    meant = {typed for typed, means in RIGHTS.items() if any(right_keys(n) <= case.rights for n in means)}
    return (
        {("word", word) for word in there.intersection(asked.include)}
        | {("exhibition", word) for word in called.intersection(asked.exhibitions)}
        | {("competitor", word) for word in party.intersection(asked.competitors)}
        | {("right", number) for number in meant.intersection(asked.rights)}
    )


def _is_meant(word: str, text: str) -> bool:
    """Whether goods called ``word``, one or many, stand in ``text``."""
    return _stands(word, text) or (word in OTHER_NUMBER and _stands(OTHER_NUMBER[word], text))


def _stands(word: str, text: str) -> bool:
    """Whether ``word`` stands in ``text``, by the rule's own words and a search at every place."""
    needle = fold_accents(collapse(word))
    hay = re.sub("(?<=[一-龥]) (?=[一-龥])", "", fold_accents(collapse(text)))

    def letter(char: str) -> bool:
        return char.isalnum() and not is_cjk(char)

    for found in re.finditer(f"(?={re.escape(needle)})", hay):
        start, end = found.start(), found.start() + len(needle)
        torn_left = start > 0 and letter(hay[start - 1]) and letter(needle[0])
        torn_right = end < len(hay) and letter(hay[end]) and letter(needle[-1])
        if not torn_left and not torn_right:
            return True
    return False


def _answers(asked: Criteria, case: Facts) -> bool:
    """The rule, read plainly."""
    names = asked.include or asked.competitors or asked.rights or asked.exhibitions
    if not (asked.industries or asked.regions or asked.dispute_types or names):
        return False
    for kind in KINDS:
        if asked.wanted(kind) and not asked.wanted(kind) & case.tags[kind]:
            return False
    there = [word for word in WORDS if any(_is_meant(word, text) for _, text in case.texts)]
    if names and not _named(asked, case):
        return False
    return not set(asked.exclude) & set(there)


@given(st.lists(criteria, max_size=6), facts)
@example([Criteria(include=("drone",))], Facts({}, [("text", "drones")]))
@example([Criteria(include=("无人机",))], Facts({}, [("text", "一無人機一")]))
def test_many_at_once_find_what_each_alone_would(profiles: list[Criteria], case: Facts) -> None:
    case = Facts({kind: case.tags.get(kind, frozenset()) for kind in KINDS}, case.texts, case.rights)
    found = Evaluator(dict(enumerate(profiles))).find(case)
    assert set(found) == {n for n, asked in enumerate(profiles) if _answers(asked, case)}


@given(criteria, facts)
def test_every_reason_is_true_and_every_kind_has_one(asked: Criteria, case: Facts) -> None:
    hits = Evaluator({0: asked}).find(case).get(0)
    if hits is None:
        return
    for hit in hits:
        if hit.kind in ("word", "exhibition", "competitor"):
            is_there = _is_meant if hit.kind == "word" else _stands
            assert is_there(hit.value, dict(case.texts)[hit.field])
        elif hit.kind != "right":
            assert hit.value in asked.wanted(hit.kind) & case.tags[hit.kind]
    kinds = {hit.kind for hit in hits}
    assert {kind for kind in KINDS if asked.wanted(kind)} <= kinds
    assert {(hit.kind, hit.value) for hit in hits if hit.kind not in KINDS} == _named(asked, case)


@given(criteria, facts, st.sampled_from(WORDS))
def test_another_excluded_word_never_catches_more(asked: Criteria, case: Facts, word: str) -> None:
    from dataclasses import replace

    narrower = replace(asked, exclude=(*asked.exclude, word))
    assert set(Evaluator({0: narrower}).find(case)) <= set(Evaluator({0: asked}).find(case))


def test_what_asks_for_nothing_matches_nothing() -> None:
    assert Criteria(exclude=("drone",)).is_open
    assert (
        Evaluator({0: Criteria(), 1: Criteria(exclude=("x1",))}).find(Facts({}, [("text", "anything")])) == {}
    )


@pytest.mark.parametrize(
    ("word", "text", "stands"),
    [
        ("drone", "A DRONE, flying", True),
        ("drone", "ｄｒｏｎｅ", True),
        ("drone", "dronelike", False),
        ("無人機", "一种无人机部件", True),
        ("Zürich", "in ZURICH", True),
        ("rotor blade", "rotor\n   blade", True),
        ("9,123,456", "U.S. Patent No. 9,123,456", True),
        ("9,123,456", "19,123,456", False),
        ("solar module", "Certain Solar Modules and Cells", True),
        ("solar modules", "a solar module", True),
        ("battery", "lithium batteries", True),
        ("switches", "a network switch", False),
        ("drone", "drones' parts", True),
        ("双面 电动工具", "一种双面电动工具", True),
        ("电动工具", "电动\n工具", True),
        ("电动工具", "电动, 工具", False),
        ("전동 공구", "전동공구", False),
    ],
)
def test_words_as_readers_mean_them(word: str, text: str, stands: bool) -> None:
    found = Evaluator({0: Criteria(include=(word,))}).find(Facts({}, [("text", text)]))
    assert found == ({0: [Hit("word", word, "text")]} if stands else {})
