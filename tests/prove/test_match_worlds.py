"""A hundred thousand random worlds (2,000 × SEAMARK_PROVE_ROUNDS): nobody barred is ranked, nor held."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from config import prove_rounds
from experts.matching import match, read_candidate, read_request
from tests.experts.matching.oracle import barred, must_be_looked_at
from tests.experts.matching.worlds import DAY, world

pytestmark = pytest.mark.prove


def test_no_world_ranks_somebody_barred() -> None:
    worlds, began = 2_000 * prove_rounds(), time.monotonic()
    counts = Counter[str]()
    for seed in range(worlds):
        drawn = world(seed)
        result = match(
            read_request(drawn.request, today=DAY), [read_candidate(expert) for expert in drawn.experts]
        )
        fates = {r.id: "ranked" for r in result.ranked} | {h.id: "held" for h in result.held}
        causes = {e.id: e.causes for e in result.excluded}
        for expert in drawn.experts:
            wanted = barred(drawn, expert)
            fate = fates.get(expert["id"])
            counts[fate or ("excluded" if expert["id"] in causes else "eligible, beyond k")] += 1
            assert not (wanted and fate), (seed, expert["id"], fate, wanted)
            if must_be_looked_at(drawn, expert):
                assert fate != "ranked", (seed, expert["id"])
                # Where the resolver is surer than a person need be, it is a conflict.
                assert [c for c in causes.get(expert["id"], []) if c != "conflict"] == [
                    c for c in wanted if c != "conflict"
                ]
                continue
            assert causes.get(expert["id"], []) == wanted, (
                seed,
                expert["id"],
                causes.get(expert["id"]),
                wanted,
            )
    print(f"{worlds} worlds in {time.monotonic() - began:.0f} s: {dict(counts)}")
