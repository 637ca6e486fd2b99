"""How urgent a matter is, by rule and with its reason: the scenario, and how far off the last day is that was told.

The figures are the centre's own promise (workflows 3.1), not law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.said import Said, said
from experts.consultation_workflow import URGENCY_OF, Scenario, Urgency

#: calendar days to the last day -> how urgent that makes it at least
HOURS_COUNT, DAYS_COUNT = 3, 10
_WHY: dict[str, Said] = {
    Scenario.TRO.value: said("An order or a freeze works from the hour it is made."),
    Scenario.TRADE_FAIR.value: said("A trade fair is over in days."),
    Scenario.SUED.value: said("A time limit to answer runs from service."),
    Scenario.SECTION_337.value: said("An investigation runs by short time limits from its first day."),
    Scenario.CUSTOMS.value: said("Time limits at customs are counted in days."),
    Scenario.PLATFORM.value: said("A listing taken down costs sales every day."),
    Scenario.WARNING_LETTER.value: said("A letter sets no legal time limit of its own."),
    Scenario.OTHER.value: said("Nothing known calls for more haste."),
}


@dataclass(frozen=True)
class Judged:
    """How urgent, and why."""

    urgency: Urgency
    reason: Said


def judge_urgency(scenario: str, limit_on: date | None, today: date) -> Judged:
    """The urgency of a matter.

    Args:
        scenario: a :class:`Scenario` or "".
        limit_on: the last day that was told or computed; None when none is known. One that has passed is the gravest.
        today: the date at the centre.
    """
    presumed = URGENCY_OF.get(scenario, Urgency.U3)
    if limit_on is not None:
        left = (limit_on - today).days
        if left < 0:
            return Judged(Urgency.U1, said("The last day, %(day)s, has passed.", day=limit_on.isoformat()))
        if left <= HOURS_COUNT and presumed is not Urgency.U1:
            return Judged(
                Urgency.U1,
                said("The last day is %(day)s: %(left)s days are left.", day=limit_on.isoformat(), left=left),
            )
        if left <= DAYS_COUNT and presumed.value > Urgency.U2.value:
            return Judged(
                Urgency.U2,
                said("The last day is %(day)s: %(left)s days are left.", day=limit_on.isoformat(), left=left),
            )
    elif scenario == Scenario.OTHER.value:
        return Judged(Urgency.U4, said("No time limit is known, and nothing is held or frozen."))
    return Judged(presumed, _WHY.get(scenario, _WHY[Scenario.OTHER.value]))
