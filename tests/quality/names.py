"""The labelled pairs of the resolver: a party as sources print it, a listed firm, and whether it is that firm.

``labels/names.csv`` holds facts only: names and tickers. Rules of labelling:

- *yes*: the party is the listed firm, or one of its group that carries the firm's name (a branch abroad, a
  subsidiary, a parent), or the firm under a former name, brand, pinyin or an obvious misprint of one of them.
- *no*: anybody else, however alike: another firm of one core in another trade or city, a firm of a common word, another
  listed firm, a pinyin that many Chinese names share, initials.
- ``origin``: the folder of the recordings (with the document where one is known), a public docket, another firm of the
  list, or written by us from a firm's real name by the change that is named.
- A pair is tuned on when the first byte of the SHA-256 of its party is even, and sealed when odd; chosen by that before
  any was looked at.

The sealed half was run once when the rules were done: 96 pairs, precision at confirm .972 (one wrong: Canaan Inc.), recall at
review .904. Two general rules came after it (a name of a person or a place waits for a person; brands are read in pinyin
too), so what it reaches since, 1.000 and .923, was not met unseen.

The register a party is held against is every listed firm of ``companies/cn_en_alias_joined.csv``: its English and
Chinese legal names, its short name as a brand, its former short names.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cases.names import FirmName, NameIndex

_FILE = Path(__file__).parent / "labels" / "names.csv"
#: marks of the exchanges before a short name (special treatment, ex-dividend, share reform) and of share classes after it
_MARKS = re.compile(r"\s|^(?:[SG]?\*?S?T|XD|[GNS])(?=[一-龥])|^[SG]?\*ST|[ＡＢAB]$")


@dataclass(frozen=True)
class Pair:
    """A party, a listed firm's ticker, and whether they are one."""

    party: str
    ticker: str
    is_same: bool

    @property
    def is_sealed(self) -> bool:
        """Whether it belongs to the half that no rule was written by."""
        return hashlib.sha256(self.party.encode()).digest()[0] % 2 == 1


def pairs() -> list[Pair]:
    """Every labelled pair."""
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return [Pair(r["party"], r["ticker"], r["same"] == "yes") for r in csv.DictReader(stream)]


def register(data: Path) -> Iterator[FirmName]:
    """The names of every listed firm."""
    with (data / "companies" / "cn_en_alias_joined.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            former = {_MARKS.sub("", name) for name in row["zh_former_names"].split(",")}
            told = [
                ("legal_en", re.sub(r"\s+Class [A-H]$", "", row["en_name"])),
                ("legal_zh", row["zh_full"]),
                ("brand", _MARKS.sub("", row["zh_short"])),
                *(("former", name) for name in sorted(former)),
            ]
            for kind, name in told:
                if name:
                    yield FirmName(row["ticker"], name, kind)


@dataclass(frozen=True)
class Reached:
    """What the resolver makes of pairs.

    Attributes:
        confirmed, wrongly_confirmed: pairs at confirm grade, and those of them that are not the firm.
        same, found: pairs that are the firm, and those of them at review grade or better.
        other_firms: parties, with the firm named, that were confirmed as another listed firm than the labelled one.
        wrong, missed: the pairs behind these figures.
    """

    confirmed: int
    same: int
    found: int
    wrong: list[Pair]
    missed: list[Pair]
    other_firms: list[tuple[str, str]]

    @property
    def precision(self) -> float:
        """Right at confirm grade, of all at confirm grade."""
        return 1 - len(self.wrong) / max(1, self.confirmed)

    @property
    def recall(self) -> float:
        """Found at review grade or better, of those that are the firm."""
        return self.found / max(1, self.same)


def judge(index: NameIndex, judged: list[Pair]) -> Reached:
    """Hold every party against the whole register."""
    confirmed, wrong, missed, others = 0, [], [], []
    for pair in judged:
        matches = {m.firm_id: m for m in index.screen(pair.party)}
        match = matches.get(pair.ticker)
        if match is not None and match.grade == "confirm":
            confirmed += 1
            if not pair.is_same:
                wrong.append(pair)
        if pair.is_same:
            if match is None:
                missed.append(pair)
            others += [
                (pair.party, m.matched_name)
                for m in matches.values()
                if m.grade == "confirm" and m.firm_id != pair.ticker
            ]
    same = sum(pair.is_same for pair in judged)
    return Reached(confirmed, same, same - len(missed), wrong, missed, others)
