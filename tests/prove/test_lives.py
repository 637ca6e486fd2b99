"""A thousand random lives of applications to the expert library (20 × SEAMARK_PROVE_ROUNDS), the invariants kept."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from config import prove_rounds
from house import House
from tests.experts.appointing.affair import People, open_call
from tests.experts.appointing.lives import live

pytestmark = pytest.mark.prove


def test_random_lives_keep_the_rules_of_an_appointment(house: House) -> None:
    lives, began = 20 * prove_rounds(), time.monotonic()
    people = People.of(house)
    call = open_call(people, days=20_000)
    ends, counts = Counter[str](), Counter[str]()
    for seed in range(10_000, 10_000 + lives):
        end, acts = live(people, call, seed)
        ends[end] += 1
        counts += acts
    print(f"{lives} lives in {time.monotonic() - began:.0f} s: {dict(ends)}; acts {dict(counts)}")
    assert lives < 100 or ends["appointed"] >= lives // 20
