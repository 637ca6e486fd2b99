"""What the resolver reaches on labelled pairs, in the half that was tuned on and the half that was sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.names import NameIndex
from tests.quality.names import judge, pairs, register


@pytest.fixture(scope="module")
def index(shared_data: Path) -> NameIndex:
    """Every listed firm's names."""
    return NameIndex(register(shared_data))


@pytest.mark.parametrize("is_sealed", [False, True], ids=["tuned", "sealed"])
def test_the_resolver_stays_above_its_floors(index: NameIndex, is_sealed: bool) -> None:
    judged = [pair for pair in pairs() if pair.is_sealed is is_sealed]
    assert len(judged) >= 60
    reached = judge(index, judged)
    print(
        f"{'sealed' if is_sealed else 'tuned'}: {len(judged)} pairs, {reached.confirmed} confirmed, precision "
        f"{reached.precision:.3f}; recall at review {reached.recall:.3f} ({reached.found} of {reached.same}); "
        f"wrong {[p.party for p in reached.wrong]}, missed {[p.party for p in reached.missed]}, "
        f"confirmed as another {reached.other_firms}"
    )
    assert reached.precision >= 0.95
    assert reached.recall >= 0.90
    assert reached.other_firms == []
