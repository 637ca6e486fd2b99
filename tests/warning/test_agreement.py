"""Kappa and Wilson's interval against a library, and at their edges."""

from __future__ import annotations

import random

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from warning.agreement import agreement, share


@pytest.mark.parametrize("seed", range(12))
def test_kappa_and_its_interval_are_a_librarys(seed: int) -> None:
    chance = random.Random(seed)
    labels = range(chance.choice([2, 2, 3, 4]))
    pairs = []
    for _ in range(chance.randint(8, 300)):
        one = chance.choice(labels)
        pairs.append((one, one if chance.random() < 0.7 else chance.choice(labels)))
    table = np.zeros((len(labels), len(labels)))
    for a, b in pairs:
        table[a, b] += 1
    peer, ours = cohens_kappa(table), agreement(pairs)
    assert ours.kappa == pytest.approx(peer.kappa)
    assert ours.low == pytest.approx(max(-1.0, peer.kappa_low))
    assert ours.high == pytest.approx(min(1.0, peer.kappa_upp))
    assert ours.agreed.hits == sum(a == b for a, b in pairs)


@pytest.mark.parametrize(("hits", "of"), [(0, 1), (1, 1), (0, 40), (7, 9), (40, 40), (333, 1000)])
def test_a_shares_interval_is_a_librarys(hits: int, of: int) -> None:
    low, high = proportion_confint(hits, of, method="wilson")
    found = share(hits, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))


def test_where_chance_explains_everything_there_is_no_kappa() -> None:
    told = agreement([(1, 1)] * 5)
    assert told.kappa is told.low is told.high is None
    assert (told.agreed.hits, told.agreed.of) == (5, 5)
    assert agreement([]).agreed.value is None


def test_full_agreement_is_one_and_full_disagreement_is_below_nought() -> None:
    assert agreement([(0, 0), (1, 1)] * 6).kappa == pytest.approx(1.0)
    assert agreement([(0, 1), (1, 0)] * 6).kappa == pytest.approx(-1.0)


def test_a_share_of_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        share(3, 2)
