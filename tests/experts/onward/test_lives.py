"""Random lives of what leads on: the rules hold whatever people try, and nobody reads through a wall.

In full 1,000 lives (20 × SEAMARK_PROVE_ROUNDS, in tests/prove); 8 here.
"""

from __future__ import annotations

from collections import Counter

from house import House
from tests.experts.onward.lives import live
from tests.experts.onward.surroundings import Surroundings


def test_random_lives_keep_the_rules(house: House) -> None:
    around, counts = Surroundings(house), Counter[str]()
    for seed in range(8):
        _, acts = live(around, seed)
        counts += acts
    assert counts["taken"] > 60 and counts["refused"] > 60, counts
