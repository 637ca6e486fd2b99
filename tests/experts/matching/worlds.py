"""Random worlds of matching: requests and experts in the shape of the contract, with every kind of trouble in them.

Names come in clusters of ways to write one firm, so that what is the same firm is known by how it was drawn, not by
comparing anything.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Facts = dict[str, Any]
#: each firm in ways that only it can be meant by; the first two are as sources print it
CLUSTERS: list[list[str]] = [
    [
        "Veltrano Imaging Inc.",
        "VELTRANO IMAGING, INC.",
        "Veltrano Imaging (Suzhou) Co., Ltd.",
        "Veltrano Imaging GmbH",
    ],
    [
        "柯维森机器人股份有限公司",
        "柯維森機器人有限公司",
        "柯维森机器人(苏州)有限公司",
        "Keweisen Jiqiren Youxian Gongsi",
    ],
    ["Thalmorex Semiconductor Corp.", "Thalmorex Semiconductor Corporation"],
    ["奎沼制药集团股份有限公司", "奎沼制药(上海)有限公司", "奎沼製藥股份有限公司"],
    ["Brindlecove Footwear LLC", "Brindlecove Footwear, L.L.C.", "Brindlecove Footwear Limited"],
    ["Hartwhistle & Crane LLP", "Hartwhistle and Crane"],
    ["岚桥云台科技股份有限公司", "岚桥云台科技有限公司", "嵐橋雲台科技股份有限公司"],
    ["Skerryvane Holdings Limited", "Skerryvane Holdings Ltd.", "SKERRYVANE HOLDINGS LTD"],
]
#: ways that tell no resolver for sure which firm is meant, but that it may be this one: a person must look
LOOSE: dict[str, int] = {
    "Veltrano Deutschland GmbH": 0, "Veltrano": 0, "Keweisen Robotics GmbH": 1, "Thalmorex Semiconductors Ltd": 2,
    "Thalmorex Microelectronics (Wuxi) Co., Ltd.": 2, "Kuizhao Bio": 3, "Kuizhao Pharmaceutical Group Co., Ltd.": 3,
    "Brindlecov Footwear": 4, "Hartwhistle & Crane Rechtsanwälte": 5, "Lanqiao Gimbal Technology": 6, "Skerryvane": 7,
}  # fmt: skip
#: on nobody's side, ever
BYSTANDERS = [
    "Stillbrook Dairy Ltd.",
    "Nobleferry Ceramics Inc.",
    "枫泾木业有限公司",
    "Castavelle Wines SA",
    "Pinecrag Optics",
]
#: names that only may be somebody's
VAGUE = ["Apple", "LG", "长城", "Acme", "Global Vision"]
DAY = date(2026, 11, 2)
VENUES = {
    "v.us.itc": "US",
    "v.us.txed": "US",
    "v.us.cand": "US",
    "v.de.lg": "DE",
    "v.epo": "EP",
    "v.jp.jpo": "JP",
    "v.de.bpatg": "DE",
}
REGIONS = ["US", "DE", "EP", "JP", "KR"]
KINDS = ["dt.patent_infringement", "dt.validity", "dt.npe", "dt.copyright"]
GOODS = ["ind.biopharma", "ind.new_energy", "ind.consumer_electronics"]
LANGUAGES = ["en", "de", "ja", "zh", "zh-Hant", "ko"]
ADVISERS = ["ec.academic", "ec.technical", "ec.inhouse", "ec.finance", "ec.customs"]
OTHERS = [
    "ec.litigator",
    "ec.patent_attorney",
    "ec.tm_attorney",
    "ec.examiner",
    "ec.mediator",
    "ec.compliance",
]
WORDS = ["gimbal", "antibody", "royalty", "exclusion", "无效宣告", "光伏组件", "prior", "wafer"]


@dataclass
class World:
    """A request, experts, and who may be meant by which name: cluster numbers of each side."""

    request: Facts
    experts: list[Facts] = field(default_factory=list)
    other: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)


def cluster_of(name: str) -> int | None:
    """Which firm a drawn name writes; None for bystanders and vague names."""
    return next((n for n, names in enumerate(CLUSTERS) if name in names), None)


def _name(chance: random.Random) -> str:
    roll = chance.random()
    if roll < 0.3:
        return chance.choice(chance.choice(CLUSTERS))
    if roll < 0.4:
        return chance.choice(list(LOOSE))
    return chance.choice(VAGUE) if roll < 0.45 else chance.choice(BYSTANDERS)


def _day(chance: random.Random) -> str | None:
    """Days around the request's, around five years before it, and none."""
    around = chance.choice([DAY, DAY.replace(year=2021), DAY, None])
    return (
        None
        if around is None
        else (around + timedelta(days=chance.choice([-400, -1, 0, 1, 400]))).isoformat()
    )


def _some(chance: random.Random, values: list[str], most: int) -> list[str]:
    return chance.sample(values, chance.randint(0, min(most, len(values))))


def _case(chance: random.Random) -> Facts:
    return {
        "venue": chance.choice([*VENUES, None]), "dispute_type": chance.choice(KINDS), "industry": chance.choice(GOODS),
        "on": chance.choice([_day(chance), f"20{chance.randint(10, 26)}-03-04"]),
        "role": chance.choice(["lead", "support"]), "client": _name(chance), "opponent": _name(chance),
    }  # fmt: skip


def _admission(chance: random.Random) -> Facts:
    place: Facts = (
        {"venue": chance.choice(list(VENUES))}
        if chance.random() < 0.5
        else {"region": chance.choice(REGIONS)}
    )
    return {**place, "from": _day(chance), "to": _day(chance)}


def _expert(chance: random.Random, identity: str) -> Facts:
    capacity = chance.choice([None, 0, 1, 3, 5])
    return {
        "id": identity, "name": f"示例专家{identity}",
        "class": chance.choice(chance.choice([ADVISERS, OTHERS])),
        "status": chance.choice(["active"] * 6 + ["suspended", "term_end", "exited", "removed"]),
        "verified": chance.random() < 0.9,
        "admissions": [_admission(chance) for _ in range(chance.randint(0, 4))],
        "languages": [t + chance.choice(["", ":C1", ":B1"]) for t in _some(chance, LANGUAGES, 4)],
        "industries": _some(chance, GOODS, 2), "dispute_types": _some(chance, KINDS, 2),
        "cases": [_case(chance) for _ in range(chance.choice([0, 0, 1, 2, 4]))],
        "employer": {"name": _name(chance), "group": _name(chance) if chance.random() < 0.2 else None},
        "clients": [
            {"name": _name(chance), "role": chance.choice(["client", "adverse", "adviser"]), "from": None, "to": _day(chance)}
            for _ in range(chance.choice([0, 0, 1, 2]))
        ],
        "capacity": capacity, "open": chance.randint(0, 5), "available": chance.random() < 0.9,
        "feedback": chance.choice([None, {"mean": 4.5, "n": 20}, {"mean": 2, "n": 9}]),
        "bio": " ".join(_some(chance, WORDS, 5)),
    }  # fmt: skip


def world(seed: int, count: int = 6) -> World:
    """The world of a seed."""
    chance = random.Random(seed)
    venue = chance.choice([*VENUES, None])
    sides = chance.sample(range(len(CLUSTERS)), 4)
    own, group, opponent, counsel = (chance.choice(CLUSTERS[n]) for n in sides)
    request = {
        "id": f"w{seed}", "firm": {"names": [own], "group": [group]}, "opponents": [opponent],
        "counsel": [counsel] if chance.random() < 0.6 else [],
        "region": VENUES.get(venue or "") or chance.choice([*REGIONS, None]), "venue": venue,
        "industries": _some(chance, GOODS, 2), "dispute_types": _some(chance, KINDS, 2), "ip_rights": [],
        "languages": {"case": _some(chance, LANGUAGES[:3], 2), "client": chance.choice([["zh"], [], ["zh", "en"]])},
        "text": " ".join(_some(chance, WORDS, 4)), "urgency": "u2", "on": DAY.isoformat(), "k": chance.choice([1, 3, 5]),
    }  # fmt: skip
    other = {sides[2], *(sides[3:] if request["counsel"] else [])}
    return World(request, [_expert(chance, f"e{n}") for n in range(count)], other, set(sides[:2]))
