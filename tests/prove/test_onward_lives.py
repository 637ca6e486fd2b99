"""A thousand random lives of what leads on from consultations (20 × SEAMARK_PROVE_ROUNDS): rules, clocks, walls."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from config import prove_rounds
from house import House
from tests.experts.onward.lives import live
from tests.experts.onward.surroundings import Surroundings

pytestmark = pytest.mark.prove


def test_random_lives_keep_the_rules_of_what_leads_on(house: House) -> None:
    lives, began = 20 * prove_rounds(), time.monotonic()
    around, ends, counts = Surroundings(house), Counter[str](), Counter[str]()
    for seed in range(10_000, 10_000 + lives):
        end, acts = live(around, seed)
        ends.update(end.split())
        counts += acts
    print(f"{lives} lives in {time.monotonic() - began:.0f} s: {dict(ends)}; acts {dict(counts)}")
    assert lives < 100 or ends["settled"] + ends["awarded"] + ends["closed"] >= lives // 50
