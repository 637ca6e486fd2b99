"""Who may not be ranked, said anew from the contract (design §6), sharing no line with the filters.

It knows which names are one firm's by how the world was drawn, dates as texts, languages by their first letters.
"""

from __future__ import annotations

from typing import Any

from tests.experts.matching.worlds import ADVISERS, DAY, LOOSE, VENUES, World, cluster_of

Facts = dict[str, Any]
_FIVE_YEARS_AGO = DAY.replace(year=DAY.year - 5).isoformat()


def barred(world: World, expert: Facts) -> list[str]:
    """Every cause that must take ``expert`` out, in the order of the contract; sure conflicts alone."""
    asked = world.request
    said = {
        "inactive": expert["status"] != "active",
        "unverified": not expert["verified"],
        "conflict": _conflicts(world, expert),
        "not_admitted": expert["class"] not in ADVISERS
        and not any(_admits(asked, a) for a in expert["admissions"]),
        "language": not all(_speaks(expert, asked["languages"][side]) for side in ("case", "client")),
        "dispute_type": bool(expert["dispute_types"])
        and bool(asked["dispute_types"])
        and not any(kind in asked["dispute_types"] for kind in expert["dispute_types"]),
        "capacity": expert["capacity"] is not None and expert["open"] >= expert["capacity"],
        "unavailable": not expert["available"],
    }
    return [cause for cause, applies in said.items() if applies]


def _admits(asked: Facts, admission: Facts) -> bool:
    day = asked["on"]
    if (admission["from"] or "0") > day or (admission["to"] or "9") < day:
        return False
    region = asked["region"]
    if "venue" in admission:
        if asked["venue"]:
            return bool(admission["venue"] == asked["venue"])
        return region is None or VENUES[admission["venue"]] == region
    return region is None or bool(admission["region"] == region)


def _speaks(expert: Facts, wanted: list[str]) -> bool:
    return not wanted or any(own[:2] == other[:2] for own in expert["languages"] for other in wanted)


def must_be_looked_at(world: World, expert: Facts) -> bool:
    """Whether a name may be the other side's, written in a way that tells nobody for sure: never ranked in silence."""
    for_them, against = _related(expert)
    return any(LOOSE.get(n or "") in world.other for n in for_them) or any(
        LOOSE.get(n or "") in world.own for n in against
    )


def _conflicts(world: World, expert: Facts) -> bool:
    for_them, against = _related(expert)
    return any(cluster_of(n or "") in world.other for n in for_them) or any(
        cluster_of(n or "") in world.own for n in against
    )


def _related(expert: Facts) -> tuple[list[str | None], list[str | None]]:
    """Whom somebody worked for, and whom they acted against, within five years or without an end."""
    employer = expert["employer"]
    for_them: list[str | None] = [employer["name"], employer["group"]]
    against: list[str | None] = []
    for client in expert["clients"]:
        if client["to"] is None or client["to"] >= _FIVE_YEARS_AGO:
            (against if client["role"] == "adverse" else for_them).append(client["name"])
    for case in expert["cases"]:
        if case["on"] is None or case["on"] >= _FIVE_YEARS_AGO:
            for_them.append(case["client"])
            against.append(case["opponent"])
    return for_them, against
