"""Generated feeds in a source's own format, the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_PLACES = ("Shenzhen", "Ningbo", "Wuhan", "Suzhou", "Hefei", "Osaka", "Munich", "Austin", "Lyon", "Seoul")
_SYLLABLES = (
    "xin",
    "hua",
    "tai",
    "lan",
    "mo",
    "rui",
    "ke",
    "zhi",
    "yu",
    "fan",
    "de",
    "bo",
    "lin",
    "qi",
    "shun",
    "an",
)
_TRADES = (
    "Optics",
    "Battery",
    "Lighting",
    "Robotics",
    "Textile",
    "Medical",
    "Display",
    "Power",
    "Network",
    "Tools",
)
_FORMS = ("Co., Ltd.", "LLC", "Inc.", "GmbH", "Technology Co., Ltd.", "Corporation", "K.K.")
_GOODS = (
    "lithium battery packs", "unmanned aerial vehicles", "LED lamps", "solar modules", "athletic shoes", "smart watches",
    "semiconductor wafers", "electronic cigarettes", "robot vacuum cleaners", "wireless routers", "medical catheters",
    "cotton shirts", "electric bicycles", "display panels", "power tools", "toys", "cosmetics", "automobile tires",
)  # fmt: skip


def company(chance: random.Random) -> str:
    """A name that looks like a company's."""
    word = "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))).capitalize()
    return f"{chance.choice(_PLACES)} {word} {chance.choice(_TRADES)} {chance.choice(_FORMS)}"


def firms_of(count: int, *, seed: int = 1) -> list[str]:
    """The English names of ``count`` firms."""
    chance = random.Random(seed)
    return [company(chance) for _ in range(count)]


def firms_csv(count: int, *, seed: int = 1) -> bytes:
    """A firms file of ``count`` firms as ``seamark import firms`` takes it."""
    rows = ["firm,name,kind"]
    for n, name in enumerate(firms_of(count, seed=seed)):
        rows += [f"F{n:05d},示例企业第{n}有限公司,legal_zh", f'F{n:05d},"{name}",legal_en']
    return "\n".join(rows).encode()


def ttab_pages(cases: int, *, firms: int, seed: int = 1, page: int = 1000) -> Iterator[bytes]:
    """Answers of the TTAB's search, ``page`` proceedings each; about one in fifty names one of ``firms_csv(firms)``."""
    register = firms_of(firms, seed=seed)
    chance = random.Random(seed + 1)
    for start in range(0, cases, page):
        results = [_proceeding(n, chance, register) for n in range(start, min(start + page, cases))]
        yield json.dumps(
            {"recordTotalQuantity": len(results), "results": results}, ensure_ascii=False
        ).encode()


def _proceeding(number: int, chance: random.Random, register: list[str]) -> dict[str, object]:
    day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 2000))
    defendant = chance.choice(register) if chance.random() < 0.02 else company(chance)
    kind = chance.choice(("OPP", "CAN"))
    return {
        "issue": "2(d)",
        "proceedingNumber": 91_000_000 + number,
        "proceedingNumberDisplay": str(91_000_000 + number),
        "issueDate": int(day.timestamp() * 1000),
        "precedentCitableIndicator": "N",
        "partyName": f"{company(chance)} v. {defendant}",
        "proceedingTypeCd": kind,
        "decision": "Opposition Sustained" if kind == "OPP" else "Petition to Cancel Granted",
        "decisionTypeCd": "F",
        "issueDateStr": f"{day:%d-%b-%Y}".upper(),
        "decisionTypeCategory": "Final Decision",
        "opposerMarkGoodService": f"{company(chance).split()[1].upper()}\n[{chance.choice(_GOODS)}; {chance.choice(_GOODS)}]",
        "groundsForRefusalCategory": ["Likelihood of Confusion"],
    }
