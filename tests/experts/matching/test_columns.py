"""The library in columns gives the plain ranker's answer; names that share nothing are never alike."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.names import FirmName, NameIndex, asked_keys, kept_keys
from core.text import is_cjk
from experts.matching import match, read_candidate, read_request
from experts.matching.columns import Columns
from tests.experts.matching.oracle import barred
from tests.experts.matching.worlds import BYSTANDERS, CLUSTERS, DAY, VAGUE, world


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1, 7, 40]))
def test_columns_rank_as_the_plain_ranker_does(seed: int, count: int) -> None:
    drawn = world(seed, count)
    request = read_request(drawn.request, today=DAY)
    experts = [read_candidate(expert) for expert in drawn.experts]
    plain, columns = match(request, experts), Columns(reversed(experts))
    found = columns.rank(request)
    assert found.ranked == plain.ranked
    assert found.held == plain.held
    for one in plain.excluded:
        assert columns.why_not(request, one.id) == one
    for one in (*plain.ranked, *plain.held):
        assert columns.why_not(request, one.id) is None


def test_what_was_cleared_ranks_in_columns_too() -> None:
    drawn = world(3, 60)
    request = read_request(drawn.request | {"opponents": ["Apple Inc.", "LG Corp."], "k": 60}, today=DAY)
    experts = [read_candidate(expert) for expert in drawn.experts]
    held = match(request, experts).held
    assert held
    cleared = {str(one.id): frozenset(one.doubts) for one in held[:1]}
    plain = match(request, experts, cleared=cleared)
    assert [h.id for h in plain.held] == [h.id for h in held[1:]]
    assert held[0].id in [r.id for r in plain.ranked]
    found = Columns(experts).rank(request, cleared)
    assert (found.ranked, found.held) == (plain.ranked, plain.held)


def test_a_cleared_doubt_does_not_clear_another() -> None:
    drawn = world(3, 60)
    request = read_request(drawn.request | {"opponents": ["Apple Inc.", "LG Corp."]}, today=DAY)
    experts = [read_candidate(expert) for expert in drawn.experts]
    held = match(request, experts).held[0]
    other = {str(held.id): frozenset({"something else"})}
    assert held.id in [h.id for h in match(request, experts, cleared=other).held]


_PARTS = ["Apple", "Acme", "Lumentra", "Lumentro", "vision", "GLOBAL", "tech", "北泽", "照明", "海岚", "光学", "科技", "深圳",
          "有限公司", "Co., Ltd.", "GmbH", "Beize", "Zhaoming", "Hailan", "(Suzhou)", "d/b/a", "and", "&", "LG", "长城"]  # fmt: skip
_NAMES = st.one_of(
    st.sampled_from([*VAGUE, *BYSTANDERS, *(name for names in CLUSTERS for name in names)]),
    st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from(_PARTS), min_size=1, max_size=4).map("".join),
    st.text("abcdeLG 海岚光学北泽.,()", min_size=1, max_size=12),
)


@settings(max_examples=1500, deadline=None)
@given(_NAMES, _NAMES)
def test_names_that_are_alike_share_a_key(one: str, other: str) -> None:
    def alike(index_of: str, asked: str) -> bool:
        kind = "legal_zh" if any(map(is_cjk, index_of)) else "brand"
        return bool(NameIndex([FirmName("f", index_of, kind)]).screen(asked))

    if alike(one, other) or alike(other, one):
        assert kept_keys(one) & asked_keys(other)


def test_the_clusters_are_far_from_each_other() -> None:
    """What the oracle takes for granted: a drawn name means its own firm and no other."""
    names = [(n, name) for n, listed in enumerate(CLUSTERS) for name in listed]
    for n, name in names:
        index = NameIndex([FirmName("f", name, "legal_zh" if any(map(is_cjk, name)) else "brand")])
        for other, asked in [*names, *((-1, name) for name in BYSTANDERS)]:
            if other != n:
                assert not index.screen(asked), (name, asked)


def test_a_fault_of_any_one_filter_would_be_seen() -> None:
    """The worlds hold what a weaker filter would let through: each cause stands alone somewhere in a few hundred."""
    alone = set()
    for seed in range(600):
        drawn = world(seed)
        for expert in drawn.experts:
            causes = barred(drawn, expert)
            if len(causes) == 1:
                alone.add(causes[0])
    assert alone == {
        "inactive",
        "unverified",
        "conflict",
        "not_admitted",
        "language",
        "dispute_type",
        "capacity",
        "unavailable",
    }
