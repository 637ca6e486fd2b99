"""How assignments and suggestions are spread: the coefficient, against its definition, and what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import FixedClock
from core.errors import NotAllowed
from experts.spread import experts_spread, gini
from house import House
from tests.experts.matter import Matter


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_the_coefficient_is_half_the_mean_difference_over_the_mean(counts: list[int]) -> None:
    n, total = len(counts), sum(counts)
    if not total:
        assert gini(counts) is None
        return
    differences = sum(abs(a - b) for a in counts for b in counts)
    assert gini(counts) == pytest.approx(differences / (2 * n * total))


def test_assignments_of_a_year_are_counted_over_those_who_could_be_asked(house: House) -> None:
    matter = Matter(house).to("assigned")
    Matter(house, matter.actors, matter.expert_id).to("assigned")
    with house.database.read() as session:
        told = experts_spread(session, house.clock, matter.actors["staff"])
        far = experts_spread(session, house.clock, matter.actors["other_staff"])
        with pytest.raises(NotAllowed):
            experts_spread(session, house.clock, matter.actors["firm"])
    # Two experts; one had both.
    assert (told.people, told.total, told.gini, told.names) == (2, 2, 0.5, (("专家one", 2),))
    assert far.total == 0
    assert isinstance(house.clock, FixedClock)
    house.clock.advance(timedelta(days=366))
    with house.database.read() as session:
        later = experts_spread(session, house.clock, matter.actors["staff"])
    assert (later.total, later.gini) == (0, None)
