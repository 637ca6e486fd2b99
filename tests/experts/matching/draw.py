"""The evaluation set, drawn from a seed; RUBRIC.md says what it is. ``DIGEST`` shows that it is the set that was graded.

Facts are drawn, never grades: an expert gets matters, declarations and words by chance, nearer to the request or farther.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

SEED, CONSULTATIONS, EXPERTS = 20261126, 60, 15
#: of the set that grades.csv grades
DIGEST = "7137e945a484dad7c6c829c4ee1d34184cef2654101a81673e884e4012eddc99"
DAY = "2026-11-02"
#: region, forums (None: not known yet), language of the case, kinds of dispute seen there
CELLS: list[tuple[str, list[str | None], str, list[str]]] = [
    ("US", ["v.us.itc"], "en", ["dt.section_337"]),
    ("US", ["v.us.txed", "v.us.ded", "v.us.cand"], "en", ["dt.patent_infringement", "dt.npe"]),
    ("US", ["v.us.ilnd", "v.us.flsd"], "en", ["dt.tro_schedule_a", "dt.trademark_infringement"]),
    ("US", ["v.us.ttab"], "en", ["dt.tm_opposition_cancellation", "dt.trademark_squatting"]),
    ("US", ["v.us.ptab"], "en", ["dt.validity"]),
    ("US", [None], "en", ["dt.copyright", "dt.trade_secret"]),
    ("DE", ["v.de.lg"], "de", ["dt.patent_infringement", "dt.preliminary_injunction"]),
    ("DE", ["v.fair.de", None], "de", ["dt.exhibition"]),
    ("DE", ["v.de.bpatg"], "de", ["dt.validity"]),
    ("EU", ["v.euipo"], "en", ["dt.tm_opposition_cancellation", "dt.design_infringement"]),
    ("EP", ["v.epo"], "en", ["dt.validity", "dt.ownership_entitlement"]),
    ("GB", ["v.gb.pat"], "en", ["dt.sep_frand", "dt.patent_infringement"]),
    ("JP", ["v.jp.iphc", "v.jp.jpo"], "ja", ["dt.patent_infringement", "dt.validity"]),
    ("KR", ["v.kr.court", None], "ko", ["dt.trademark_infringement", "dt.design_infringement"]),
    ("IN", ["v.in.dhc"], "en", ["dt.sep_frand", "dt.trademark_infringement"]),
    ("BR", ["v.br.court", "v.br.inpi"], "pt", ["dt.trademark_squatting", "dt.customs"]),
    ("VN", ["v.vn.court", None], "vi", ["dt.trademark_infringement", "dt.customs"]),
    ("FR", ["v.fr.tj"], "fr", ["dt.copyright", "dt.design_infringement"]),
    ("SG", ["v.sg.hc"], "en", ["dt.licensing_contract", "dt.trade_secret"]),
    ("US", ["v.us.nysd", "v.us.gand"], "en", ["dt.design_infringement", "dt.unfair_competition"]),
]
KINDS = sorted({kind for *_, kinds in CELLS for kind in kinds})
FORUMS = sorted({(r, f) for r, forums, *_ in CELLS for f in forums if f})
GOODS: dict[str, tuple[str, str]] = {
    "ind.integrated_circuit": ("芯片封装与存储器", "memory chips wafer packaging"),
    "ind.biopharma": ("抗体药物与制剂", "antibody formulation dosing"),
    "ind.health_medtech": ("超声与内窥镜", "ultrasound endoscope imaging"),
    "ind.aviation_aerospace": ("无人机云台", "drones gimbal flight control"),
    "ind.new_energy": ("光伏组件与逆变器", "photovoltaic modules inverters"),
    "ind.battery_storage": ("储能电芯与隔膜", "battery cells separators"),
    "ind.automotive_new_four": ("电驱与座舱", "vehicle drive units cockpit"),
    "ind.advanced_equipment": ("激光切割与机床", "laser cutting machine tools"),
    "ind.fashion_apparel": ("运动鞋与箱包", "sneakers luggage apparel"),
    "ind.consumer_electronics": ("扫地机器人与耳机", "vacuum robots earbuds chargers"),
}
WORDS = {
    "dt.section_337": "337调查 exclusion order domestic industry",
    "dt.patent_infringement": "专利侵权诉讼 claim construction damages",
    "dt.npe": "非实施主体 licensing campaign assertion",
    "dt.tro_schedule_a": "临时限制令 frozen accounts storefronts",
    "dt.trademark_infringement": "商标侵权 likelihood of confusion",
    "dt.tm_opposition_cancellation": "商标异议与撤销 opposition cancellation nonuse",
    "dt.trademark_squatting": "商标抢注 bad faith filing",
    "dt.validity": "无效宣告 invalidity prior art inventive step",
    "dt.copyright": "著作权 copying substantial similarity",
    "dt.trade_secret": "商业秘密 misappropriation confidentiality",
    "dt.preliminary_injunction": "诉前禁令 protective letter urgency",
    "dt.exhibition": "展会维权 trade fair seizure stand",
    "dt.design_infringement": "外观设计 overall impression",
    "dt.ownership_entitlement": "权属 inventorship entitlement assignment",
    "dt.sep_frand": "标准必要专利 FRAND royalty anti-suit",
    "dt.customs": "海关扣留 border seizure recordation",
    "dt.licensing_contract": "许可合同 royalty termination arbitration",
    "dt.unfair_competition": "不正当竞争 passing off advertising",
}
#: invented: English, Chinese of the same firm, its pinyin
FIRMS = [
    ("Veltrano Imaging", "维川影像", "Weichuan Yingxiang"),
    ("Korvessa Robotics", "柯维森机器人", "Keweisen Jiqiren"),
    ("Quillmarsh Pharma", "奎沼制药", "Kuizhao Zhiyao"),
    ("Ostrelune Energy", "澳晴能源", "Aoqing Nengyuan"),
    ("Brindlecove Footwear", "宾湾鞋业", "Binwan Xieye"),
    ("Thalmorex Semiconductor", "塔莫半导体", "Tamo Bandaoti"),
    ("Zephandra Audio", "泽凡音响", "Zefan Yinxiang"),
    ("Marrowfield Tools", "玛原工具", "Mayuan Gongju"),
    ("Ilvenstad Medical", "伊文医疗", "Yiwen Yiliao"),
    ("Corbantia Storage", "珂邦储能", "Kebang Chuneng"),
]
#: our own side: Chinese, English, its group's holding
OWN = [
    ("岚桥云台科技股份有限公司", "Lanqiao Gimbal Technology Co., Ltd.", "Skerryvane Holdings Limited"),
    ("沐辰智能装备有限公司", "Muchen Intelligent Equipment Co., Ltd.", "Tarnholm Investments Limited"),
    ("青屿生物医药股份有限公司", "Qingyu Biomedical Co., Ltd.", "Wexmoor Capital Limited"),
    ("朔方锂能科技有限公司", "Shuofang Lithium Energy Co., Ltd.", "Dunbrae Ventures Limited"),
    ("绮安鞋服有限公司", "Qi'an Footwear Co., Ltd.", "Pellworth International Limited"),
]
COUNSEL = ["Hartwhistle & Crane LLP", "Oakenshaw Pryce LLP", "Lindqvarn Rechtsanwälte", "Abernolt IP Law"]
OTHERS = ["Stillbrook Dairy", "Nobleferry Ceramics", "Umberline Toys", "Castavelle Wines", "Pinecrag Optics"]
EMPLOYERS = ["Fairhaven Legal", "Redmarsh Partners", "Kestrelgate LLP", "Whitlow University", "Blackmere IP"]
Facts = dict[str, Any]


def _day(chance: random.Random, first: int, last: int) -> str:
    return f"{chance.randint(first, last)}-{chance.randint(1, 9):02d}-{chance.randint(1, 28):02d}"


def _request(chance: random.Random, number: int) -> Facts:
    region, forums, language, kinds = CELLS[number % len(CELLS)]
    goods, kind = chance.choice(sorted(GOODS)), chance.choice(kinds)
    zh, en, holding = chance.choice(OWN)
    other_en, other_zh, _ = chance.choice(FIRMS)
    opponent: Any = f"{other_en} Inc."
    if number % 3 == 1:
        opponent = {"name": f"{other_en} GmbH", "group": [f"{other_en.split()[0]} Holding AG"]}
    elif number % 3 == 2:
        opponent = f"{other_zh}股份有限公司"
    return {
        "id": f"c{number:02d}",
        "firm": {"names": [zh, en], "group": [holding]},
        "opponents": [opponent],
        "counsel": [chance.choice(COUNSEL)],
        "region": region,
        "venue": chance.choice(forums),
        "industries": [goods],
        "dispute_types": [kind],
        "ip_rights": [],
        "languages": {"case": [language], "client": ["zh"]},
        "text": " ".join((*GOODS[goods], WORDS[kind])),
        "urgency": chance.choice(["u1", "u2", "u3"]),
        "on": DAY,
        "k": 5,
    }


def _matter(chance: random.Random, request: Facts, near: float) -> Facts:
    """A matter; ``near`` is how likely each of its facts is the request's."""
    roll = chance.random()
    region = request["region"]
    same_region = [f for r, f in FORUMS if r == region]
    if roll < near * 0.7 and request["venue"]:
        forum = request["venue"]
    elif roll < near and same_region:
        forum = chance.choice(same_region)
    else:
        forum = chance.choice(FORUMS)[1]
    kind = request["dispute_types"][0] if chance.random() < near else chance.choice(KINDS)
    goods = request["industries"][0] if chance.random() < near else chance.choice(sorted(GOODS))
    return {
        "venue": forum, "dispute_type": kind, "industry": goods, "on": _day(chance, 2013, 2025),
        "role": "lead" if chance.random() < 0.6 else "support",
        "client": f"{chance.choice(OTHERS)} Ltd.", "opponent": f"{chance.choice(OTHERS)} Inc.",
    }  # fmt: skip


def _expert(chance: random.Random, request: Facts, identity: str, near: float) -> Facts:
    language, region = request["languages"]["case"][0], request["region"]
    kind, goods = request["dispute_types"][0], request["industries"][0]
    matters = [_matter(chance, request, near) for _ in range(chance.choice([0, 1, 2, 3, 3, 4, 5, 7]))]
    kinds = sorted({kind, *chance.sample(KINDS, 2)}) if chance.random() < 0.5 + near / 2 else []
    industries = {goods} if chance.random() < 0.3 + near / 2 else set()
    industries |= set(chance.sample(sorted(GOODS), chance.randint(0, 2)))
    told = {m["dispute_type"] for m in matters[:2]} | set(chance.sample(kinds, min(len(kinds), 1)))
    if chance.random() < 0.12:
        # Some profiles say all that is wanted and show none of it.
        told.add(kind)
        words = [*GOODS[goods], WORDS[kind]]
    else:
        words = [" ".join(GOODS[m["industry"]]) for m in matters[:2]]
    level = chance.choice(["", "", ":C1", ":C2", ":B2", ":B1"])
    answers = chance.choice([0, 0, 3, 8, 20, 40])
    capacity = chance.randint(2, 6)
    return {
        "id": identity, "name": f"示例专家{identity}",
        "class": chance.choice(["ec.litigator", "ec.patent_attorney", "ec.tm_attorney", "ec.academic"]),
        "status": "active", "verified": True,
        "admissions": [{"region": region, "qualification": "示例资格", "from": _day(chance, 2005, 2018), "to": None}],
        "languages": [f"{language}{level}", "zh"], "industries": sorted(industries), "dispute_types": kinds,
        "cases": matters, "employer": {"name": chance.choice(EMPLOYERS), "group": None}, "clients": [],
        "capacity": capacity, "open": chance.randint(0, capacity - 1), "available": True,
        "feedback": {"mean": round(chance.uniform(2.4, 5.0), 1), "n": answers} if answers else None,
        "bio": " ".join((*words, *(WORDS[k] for k in sorted(told)))),
    }  # fmt: skip


def _names(request: Facts) -> tuple[str, str, str]:
    """The other side's English, Chinese and pinyin."""
    told = request["opponents"][0]
    written = told["name"] if isinstance(told, dict) else told
    return next(f for f in FIRMS if written.startswith((f[0], f[1])))


def _client(name: str, role: str = "client", until: str | None = None) -> Facts:
    return {"clients": [{"name": name, "role": role, "from": "2016", "to": until}]}


#: what is planted -> the change of a good expert's facts, and what must become of them
TRAPS: dict[str, tuple[Callable[[Facts], Facts], str]] = {
    "subsidiary": (
        lambda r: _client(
            f"{_names(r)[1]}(苏州)有限公司" if isinstance(r["opponents"][0], str) and not r["opponents"][0].isascii()
            else f"{_names(r)[0]} (Suzhou) Co., Ltd."
        ), "excluded",
    ),
    "pinyin": (
        lambda r: _client(
            f"{_names(r)[2]} Youxian Gongsi" if isinstance(r["opponents"][0], str) and not r["opponents"][0].isascii()
            else f"{_names(r)[0].upper()}, CO., LTD"
        ), "held",
    ),
    "employer's group": (lambda r: {"employer": {"name": "Sunderbray Labs", "group": _written(r)}}, "excluded"),
    "adviser": (lambda r: _client(_written(r), "adviser", "2024"), "excluded"),
    "matter for the opponent": (
        lambda r: {"cases": [{"venue": r["venue"], "dispute_type": r["dispute_types"][0], "industry": r["industries"][0],
                              "on": "2023-05-04", "role": "lead", "client": _written(r), "opponent": "Umberline Toys"}]},
        "excluded",
    ),
    "against the firm": (lambda r: _client(r["firm"]["names"][1], "adverse", "2025"), "excluded"),
    "against its group": (lambda r: _client(r["firm"]["group"][0].replace("Limited", "Ltd"), "adverse"), "excluded"),
    "opponent's counsel": (lambda r: {"employer": {"name": r["counsel"][0], "group": None}}, "excluded"),
    "lapsed": (lambda r: _admitted(r["region"], "2010-01-01", "2026-11-01"), "excluded"),
    "not yet admitted": (lambda r: _admitted(r["region"], "2026-11-03", None), "excluded"),
    "wrong forum": (lambda r: _admitted("AU" if r["region"] != "AU" else "CA", "2010-01-01", None), "excluded"),
    "suspended": (lambda r: {"status": "suspended"}, "excluded"),
    "term ended": (lambda r: {"status": "term_end"}, "excluded"),
    "unverified": (lambda r: {"verified": False}, "excluded"),
    "full": (lambda r: {"capacity": 3, "open": 3}, "excluded"),
    "away": (lambda r: {"available": False}, "excluded"),
    "language": (lambda r: {"languages": ["zh", "th"]}, "excluded"),
    "another kind": (lambda r: {"dispute_types": ["dt.geographical_indication"]}, "excluded"),
}  # fmt: skip
#: what looks like a bar and is none
DECOYS: list[Callable[[Facts], Facts]] = [
    lambda r: _client(_written(r), "adverse", "2025"),
    lambda r: _client(_written(r), "client", "2021-11-01"),
    lambda r: _client(r["firm"]["names"][0], "client"),
    lambda r: _client(r["firm"]["names"][1], "adverse", "2020-06-30"),
]


def _written(request: Facts) -> str:
    told = request["opponents"][0]
    return told["name"] if isinstance(told, dict) else str(told)


def _admitted(region: str, since: str, until: str | None) -> Facts:
    place = {"region": region, "qualification": "示例资格", "from": since, "to": until}
    return {"class": "ec.litigator", "admissions": [place]}


def draw() -> list[Facts]:
    """The set: each consultation with its request, experts, and what was planted."""
    chance = random.Random(SEED)
    rows = []
    for number in range(CONSULTATIONS):
        request = _request(chance, number)
        ids = [f"{request['id']}e{n:02d}" for n in range(EXPERTS)]
        chance.shuffle(ids)
        planted = [sorted(TRAPS)[(number * 2 + n) % len(TRAPS)] for n in range(2)]
        traps, experts = {}, []
        for identity, why in zip(ids, planted, strict=False):
            change, fate = TRAPS[why]
            experts.append(
                {**_expert(chance, request, identity, 0.9), "dispute_types": [], **change(request)}
            )
            traps[identity] = {"why": why, "fate": fate}
        for identity in ids[2:]:
            near = chance.choice([0.9, 0.75, 0.6, 0.4, 0.2])
            told = _expert(chance, request, identity, near)
            if chance.random() < 0.1:
                told |= chance.choice(DECOYS)(request)
            experts.append(told)
        experts.sort(key=lambda e: str(e["id"]))
        rows.append({"request": request, "experts": experts, "traps": traps})
    return rows


def digest(rows: list[Facts]) -> str:
    """SHA-256 of the set, as JSON."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
