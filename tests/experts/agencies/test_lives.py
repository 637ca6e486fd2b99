"""Random lives of agencies: whatever people try in whatever order, the rules of listing and of sanctions hold.

In full 1,000 lives (20 × SEAMARK_PROVE_ROUNDS, in tests/prove); 12 here.
"""

from __future__ import annotations

from collections import Counter

from house import House
from tests.experts.agencies.affair import People
from tests.experts.agencies.lives import live


def test_random_lives_keep_the_rules(house: House) -> None:
    people = People.of(house)
    ends, counts = Counter[str](), Counter[str]()
    for seed in range(12):
        end, acts = live(people, seed)
        ends[end] += 1
        counts += acts
    assert sum(ends[state] for state in ("active", "suspended", "term_end", "exited", "removed")) >= 3
    assert counts["refused"] > 60, "many acts were tried that must be refused"
