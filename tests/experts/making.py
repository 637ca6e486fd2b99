"""Requests and candidates in the shape of `seamark match`: a good one of each, changed field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

from experts.matching import MatchResult, match, read_candidate, read_request

TODAY = date(2026, 11, 2)
REQUEST: dict[str, Any] = {
    "id": "r1",
    "firm": {
        "names": ["海岚无人机科技股份有限公司", "Hailan Drone Technology Co., Ltd."],
        "group": ["Bluepeak Holdings Limited"],
    },
    "opponents": ["Acme Optics Inc."],
    "counsel": ["Fernwood & Barlow LLP"],
    "region": "US",
    "venue": "v.us.txed",
    "industries": ["ind.aviation_aerospace"],
    "dispute_types": ["dt.patent_infringement"],
    "ip_rights": ["patent"],
    "languages": {"case": ["en"], "client": ["zh"]},
    "text": "unmanned aerial vehicles with gimbal cameras 无人机云台",
    "urgency": "u2",
    "on": "2026-11-02",
    "k": 5,
}
EXPERT: dict[str, Any] = {
    "id": "e1",
    "name": "示例专家·甲",
    "class": "ec.litigator",
    "status": "active",
    "verified": True,
    "admissions": [{"region": "US", "qualification": "Texas bar", "from": "2010-01-01", "to": None}],
    "languages": ["en", "zh"],
    "industries": ["ind.aviation_aerospace"],
    "dispute_types": ["dt.patent_infringement"],
    "cases": [
        {
            "venue": "v.us.txed",
            "dispute_type": "dt.patent_infringement",
            "industry": "ind.aviation_aerospace",
            "on": "2025-03-01",
            "role": "lead",
            "client": "Quiet Harbour Corp.",
            "opponent": "Stone Field Ltd.",
        }
    ],
    "employer": {"name": "Greyhound & Vale LLP", "group": None},
    "clients": [],
    "capacity": 3,
    "open": 0,
    "available": True,
    "feedback": {"mean": 4.5, "n": 20},
    "bio": "",
}


def asked(**changes: Any) -> dict[str, Any]:
    """The request with some fields changed."""
    return {**REQUEST, **changes}


def expert(identity: str = "e1", **changes: Any) -> dict[str, Any]:
    """The expert with some fields changed."""
    return {**EXPERT, "id": identity, **changes}


def run(
    experts: list[dict[str, Any]], request: dict[str, Any] | None = None, agencies: Any = ()
) -> MatchResult:
    """What matching says of these."""
    return match(
        read_request(request or REQUEST, today=TODAY),
        [read_candidate(e) for e in experts],
        [read_candidate(a, is_agency=True) for a in agencies],
    )


def fate(changes: dict[str, Any], request: dict[str, Any] | None = None) -> list[str]:
    """What becomes of the expert so changed: ["ranked"], ["possible_conflict"], or every cause in order."""
    result = run([expert(**changes)], request)
    if result.ranked:
        return ["ranked"]
    return [result.held[0].cause] if result.held else result.excluded[0].causes
