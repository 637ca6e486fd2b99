"""Ways to respond: every scenario has some, and nothing is said without a basis."""

from __future__ import annotations

import pytest

from core.errors import RulebookInvalid
from knowledge.first_hours import SCENARIOS
from knowledge.responses import ASPECTS, FILE, load_responses, read_responses


def test_every_scenario_has_evidence_and_several_ways_with_a_basis_or_an_experts_estimate() -> None:
    found = load_responses()
    assert tuple(found) == SCENARIOS
    for responses in found.values():
        assert len(responses.evidence) >= 3
        assert len(responses.options) >= 3
        for option in responses.options:
            for told in (getattr(option, aspect) for aspect in ASPECTS):
                assert told is None or told.basis


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('basis: "FRCP 65(b)(2)-(3)"', 'basis: ""', "rests on nothing"),
        ("id: op.tro.limit", "id: op.tro.dissolve", "id of its own"),
        ("en: Not to answer, time", "time", "zh and en"),
    ],
)
def test_a_figure_without_its_basis_is_refused(old: str, new: str, fault: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(RulebookInvalid, match=fault):
        read_responses(text.replace(old, new, 1))
