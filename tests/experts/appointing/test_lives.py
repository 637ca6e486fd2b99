"""Random lives of applications: whatever people try in whatever order, the rules of an appointment hold.

In full 1,000 lives (20 × SEAMARK_PROVE_ROUNDS, in tests/prove); 25 here.
"""

from __future__ import annotations

from collections import Counter

from house import House
from tests.experts.appointing.affair import People, open_call
from tests.experts.appointing.lives import live


def test_random_lives_keep_the_rules(house: House) -> None:
    people = People.of(house)
    call = open_call(people, days=20_000)
    ends, counts = Counter[str](), Counter[str]()
    for seed in range(25):
        end, acts = live(people, call, seed)
        ends[end] += 1
        counts += acts
    assert ends["appointed"] >= 2
    assert ends["refused"] >= 2
    assert counts["refused"] > 100, "many acts were tried that must be refused"
