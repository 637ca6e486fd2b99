"""A form filled in from a case names the other side, never the firm itself."""

from __future__ import annotations

from typing import Any

import pytest

from cases.facts import RawParty
from experts.prefill import answers_from
from house import House
from tests.factories import DEFENDANT, bring_firms, drain, member, raw_case, record

ACME = "Acme Optics Inc."


def _filled(house: House, *parties: tuple[str, str], own: tuple[str, ...] = ()) -> dict[str, Any]:
    bring_firms(house)
    case = record(house, raw_case(parties=tuple(RawParty(*party) for party in parties)))
    drain(house)
    with house.database.read() as session:
        return answers_from(session, member(house, "alpha"), case.case_id, own)


@pytest.mark.parametrize(
    ("parties", "own", "opponents", "scenario"),
    [
        ([(ACME, "plaintiff"), (DEFENDANT, "defendant"), ("Other LLC", "defendant")], (), [ACME], "sued"),
        ([(DEFENDANT, "plaintiff"), ("Rival LLC", "defendant")], (), ["Rival LLC"], "other"),
        ([(ACME, "plaintiff"), ("Shop 88", "defendant")], ("Shop 88",), [ACME], "sued"),
        ([(ACME, "plaintiff"), ("Rival LLC", "defendant")], (), [], "sued"),
    ],
)
def test_the_other_side_is_filled_in(
    house: House, parties: list[tuple[str, str]], own: tuple[str, ...], opponents: list[str], scenario: str
) -> None:
    told = _filled(house, *parties, own=own)
    assert (told["opponents"], told["scenario"], told["region"]) == (opponents, scenario, "US")
