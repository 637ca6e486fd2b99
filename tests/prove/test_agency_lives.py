"""A thousand random lives of agencies (20 × SEAMARK_PROVE_ROUNDS), the rules of listing and of sanctions kept."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from config import prove_rounds
from house import House
from tests.experts.agencies.affair import People
from tests.experts.agencies.lives import live

pytestmark = pytest.mark.prove


def test_random_lives_keep_the_rules_of_the_agency_library(house: House) -> None:
    lives, began = 20 * prove_rounds(), time.monotonic()
    people = People.of(house)
    ends, counts = Counter[str](), Counter[str]()
    for seed in range(10_000, 10_000 + lives):
        end, acts = live(people, seed)
        ends[end] += 1
        counts += acts
    print(f"{lives} lives in {time.monotonic() - began:.0f} s: {dict(ends)}; acts {dict(counts)}")
    assert lives < 100 or ends["removed"] >= lives // 100
