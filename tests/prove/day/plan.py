"""The events of a simulated day: who is in the register, what is watched, and when which source tells which matter.

Everything is drawn from one seed. Time is counted in ticks of five minutes. A firm's name is made of syllables nobody
else has, so that whether a party is a firm is known without any matching of names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from benchmarks.watched import PRODUCTS, QUALITIES, World
from warning.criteria import Criteria

BEGIN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
TICK = timedelta(minutes=5)
HOUR = 12
COURTS = ("cacd", "ded", "ilnd", "txed")
#: sources that are not asked by schedule: a person brings their answers every hour
BY_HAND = ("us_itc_ids", "us_federal_register", "us_ptab", "us_pacer_docket")
#: docket entries that come later, and the kinds of change they are
ACTS = {
    "Order Dismissing Case": frozenset({"stage"}),
    # It ends by itself after fourteen days (Fed. R. Civ. P. 65(b)(2)).
    "Temporary Restraining Order": frozenset({"injunction", "deadline"}),
}
#: a matter's change comes so many hours after it was first told: every source was asked several times in between
_LATER = {"us_itc_ids": 2, "us_pacer_docket": 2, "us_ttab": 13}
_SYLLABLES = ("qua", "xo", "zwi", "vrel", "joq", "kyx", "fye", "wuz", "quo", "zyx", "vox", "jyk")


@dataclass(frozen=True)
class Size:
    """How large a day is."""

    firms: int
    profiles: int  #: a firm
    hours: int
    matters: int  #: a source


@dataclass(frozen=True)
class Matter:
    """One case as its source tells it."""

    source: str
    number: str
    court: str  #: of the federal courts' sources
    plaintiff: str
    defendant: str
    joined: str  #: a party who joins at ``changed``
    act: str  #: a docket entry that comes at ``changed``
    goods: str
    mark: str
    right: str
    on: date
    first: int  #: the tick from which it is told
    changed: int  #: the tick from which its change is told; nought: never
    is_ip: bool


@dataclass(frozen=True)
class Day:
    """A whole day."""

    size: Size
    world: World
    firms: dict[str, str]  #: reference -> English name
    matters: tuple[Matter, ...]

    @property
    def ticks(self) -> int:
        return self.size.hours * HOUR


def make_day(size: Size, seed: int = 1) -> Day:
    """Draw a day."""
    chance, world = random.Random(seed), World(seed=7)
    firms: dict[str, str] = {}
    while len(firms) < size.firms:
        word = "".join(chance.choice(_SYLLABLES) for _ in range(5)).capitalize()
        if f"{word} Co., Ltd." not in firms.values():
            firms[f"F{len(firms):05d}"] = f"{word} Co., Ltd."
    cast = _Cast(
        world,
        list(firms.values()),
        [name for name in world.companies if name.isascii()],
        world.profiles(size.firms * size.profiles),
    )
    matters = [_matter(source, n, size, chance, cast) for source in _NUMBERS for n in range(size.matters)]
    return Day(size, world, firms, tuple(matters))


@dataclass(frozen=True)
class _Cast:
    """Who may be a party, and what is watched."""

    world: World
    firms: list[str]
    others: list[str]
    asked: list[Criteria]


_NUMBERS = {
    "us_ttab": "9{n:07d}",
    "us_cafc": "26-{n:d}",
    "us_pacer_rss": "2:26-cv-{n:05d}",
    "us_pacer_docket": "3:26-cv-{n:05d}",
    "uk_fcl": "[2026] EWHC {n} (IPEC)",
    "upc_decisions": "UPC_CFI_{n}/2026",
    "us_edis": "337-{n}",
    "us_itc_ids": "337-{n}",
    "us_federal_register": "337-TA-{n}",
    "us_ptab": "IPR2026-{n:05d}",
}
_STARTS = {"us_edis": 2000, "us_itc_ids": 4000, "us_federal_register": 6000, "us_ttab": 1_400_000}


def _matter(source: str, n: int, size: Size, chance: random.Random, cast: _Cast) -> Matter:
    """One matter, about what some profile watches."""
    watched = chance.choice(cast.asked)
    first = 0 if chance.random() < 0.3 else chance.randrange(size.hours * HOUR)
    is_changed = source in _LATER and chance.random() < 0.5
    plaintiff, other, joined = chance.sample(cast.others, 3)
    rivals = [name for name in watched.competitors if name.isascii()]
    rights = [
        right for right in (*watched.rights, *chance.sample(cast.world.rights, 9)) if right.startswith("US")
    ]
    # One in five is told late, of a day long gone; most are of the last days.
    age = chance.randint(60, 400) if chance.random() < 0.2 else chance.randint(0, 5)
    return Matter(
        source=source,
        number=_NUMBERS[source].format(n=_STARTS.get(source, 1000) + n),
        court=COURTS[n % len(COURTS)] if source.startswith("us_pacer") else "",
        plaintiff=chance.choice(rivals) if rivals else plaintiff,
        defendant=chance.choice(cast.firms) if chance.random() < 0.34 else other,
        joined=chance.choice((chance.choice(cast.firms), joined))
        if is_changed and source == "us_itc_ids"
        else "",
        act=list(ACTS)[n % len(ACTS)] if is_changed and source == "us_pacer_docket" else "",
        goods=_goods(watched, chance),
        mark=chance.choice(cast.world.marks),
        right=chance.choice(rights),
        on=(BEGIN - timedelta(days=age)).date(),
        first=first,
        changed=(first // HOUR + 1 + _LATER[source]) * HOUR if is_changed else 0,
        is_ip=source != "us_pacer_rss" and not (source == "us_cafc" and n % 5 == 0),
    )


def _goods(watched: Criteria, chance: random.Random) -> str:
    """Goods that ``watched`` asks for, where it names any; every other one together with a word that it leaves out."""
    named = [word for word in watched.include if word.isascii() and " " in word]
    goods = chance.choice(named or [f"{chance.choice(QUALITIES)[1]} {chance.choice(PRODUCTS)[1]}"])
    if chance.random() < 0.5 and not goods.endswith(("s", "y")):
        goods += "s"
    left_out = [word for word in watched.exclude if word.isascii()]
    return f"{goods}, {chance.choice(left_out)}" if left_out and chance.random() < 0.5 else goods


def firms_csv(day: Day) -> bytes:
    """The register as ``seamark import firms`` takes it."""
    rows = ["firm,name,kind"]
    for number, (ref, name) in enumerate(day.firms.items()):
        rows += [f"{ref},模拟企业第{number}有限公司,legal_zh", f'{ref},"{name}",legal_en']
    return "\n".join(rows).encode()
