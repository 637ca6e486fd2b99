"""How urgent a matter is: by what was received, and by the last day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from experts.consultation_workflow import URGENCY_OF, Scenario
from experts.urgency import judge_urgency

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("scenario", "days", "urgency"),
    [
        ("tro", None, "u1"),
        ("trade_fair", 90, "u1"),
        ("sued", None, "u2"),
        ("sued", 4, "u2"),
        ("sued", 3, "u1"),
        ("sued", 0, "u1"),
        ("sued", -1, "u1"),
        ("warning_letter", None, "u3"),
        ("warning_letter", 11, "u3"),
        ("warning_letter", 10, "u2"),
        ("warning_letter", 3, "u1"),
        ("other", None, "u4"),
        ("other", 30, "u3"),
        ("", None, "u3"),
    ],
)
def test_the_scenario_and_the_last_day_decide(scenario: str, days: int | None, urgency: str) -> None:
    limit = None if days is None else TODAY + timedelta(days=days)
    judged = judge_urgency(scenario, limit, TODAY)
    assert judged.urgency.value == urgency
    assert judged.reason


def test_a_last_day_never_makes_anything_less_urgent() -> None:
    for scenario in Scenario:
        for days in range(-5, 60):
            judged = judge_urgency(scenario.value, TODAY + timedelta(days=days), TODAY)
            assert judged.urgency.value <= URGENCY_OF[scenario.value].value
