"""Names: one party against a register of 100,000 beside a full scan; memory; and false confirmations on real captions.

The register and the parties are real: the short names of the corpus beside the project, as they stand and with a legal
form, and every caption and party of the recordings. The peer is rapidfuzz's ``token_sort_ratio`` over every name, its
cheapest scorer that does not mind the order of words.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rapidfuzz import fuzz, process

from cases.captions import split_caption
from cases.names import FirmName, NameIndex
from cases.names.pinyin import plain_pinyin
from core.text import is_cjk

_DATA = Path(__file__).parents[2] / "shared" / "data"
_NAMES = "companies/Company-Shorter-Form_28W.txt"
#: confirmations looked at by hand that are right: the party is that firm (OnePlus, Aiko, Lenovo, Nokia)
_RIGHT = frozenset({"一加", "万普拉斯", "爱旭", "联想集团", "诺基亚"})
_PARTY_FIELD = re.compile(
    r"party.?name|realparty|case_?name|caption|respondents?$|complainants?$|claimant|parties", re.IGNORECASE
)


def main(given: argparse.Namespace) -> None:
    """Parties screened a second against a rapidfuzz full scan (target 50 x), build time, memory, false confirmations."""
    if not (_DATA / _NAMES).exists():
        print("  the names and captions beside the project are absent; nothing to measure")
        return
    short = _short_names()
    parties = sorted(_parties())
    chosen = random.Random(1)
    register = _register(chosen.sample(short, 100_000))
    asked = chosen.sample(parties, 300)
    NameIndex(register[:100])
    # Time of the processor: building asks for nothing else, and the machine may be shared.
    begin = time.process_time()
    index = NameIndex(register)
    built = time.process_time() - begin
    begin = time.perf_counter()
    for party in asked:
        index.screen(party)
    ours = (time.perf_counter() - begin) / len(asked)
    names, scans = [row.name for row in register], []
    for party in asked[:12]:
        begin = time.perf_counter()
        process.extract(party, names, scorer=fuzz.token_sort_ratio, score_cutoff=80, limit=10)
        scans.append(time.perf_counter() - begin)
    peer = statistics.median(scans)
    print(f"  100,000 names indexed in {built:.1f} s (target 5); {_memory(register):.0f} MB")
    print(
        f"  one party {ours * 1000:.3f} ms; rapidfuzz full scan {peer * 1000:.0f} ms; ratio {peer / ours:,.0f} (target 50)"
    )
    _false_confirmations(short, parties)


def _false_confirmations(short: list[str], parties: list[str]) -> None:
    """How many parties are confirmed as one of 267,000 short names that is not theirs."""
    index = NameIndex(FirmName(str(n), name, "legal_zh") for n, name in enumerate(short))
    begin = time.perf_counter()
    met = [(party, m) for party in parties for m in index.screen(party)[:1] if m.grade == "confirm"]
    spent = time.perf_counter() - begin
    false = [(party, match) for party, match in met if match.matched_name not in _RIGHT]
    for party, match in false[:10]:
        print(f"    {party!r}: {match.matched_name} ({match.reason})")
    rate = len(false) / max(1, len(parties))
    print(
        f"  {len(parties):,} captions and parties against {len(short):,} short names in {spent:.1f} s: {len(met)} "
        f"confirmed, {len(met) - len(false)} of them rightly; false: {len(false)}, {rate * 1000:.2f} in 1,000 (target under 1)"
    )
    print(f"  {json.dumps({'in_han': sum(any(map(is_cjk, p)) for p in parties)})}")


def _memory(register: list[FirmName]) -> float:
    """Megabytes that the index of a tenth of the register keeps, ten times; tracing all of it would take a minute."""
    part = register[:: len(register) // 10_000]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    index = NameIndex(part)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return kept / len(index) * len(register) / 1e6


def _short_names() -> list[str]:
    text = (_DATA / _NAMES).read_text(encoding="utf-8-sig")
    # Three lines say who made the corpus and when.
    return list(dict.fromkeys(name for line in text.splitlines()[3:] if (name := line.strip())))


def _register(names: list[str]) -> list[FirmName]:
    """A name a firm, a third each in Chinese with form and trade, bare, and in English letters."""
    rows = []
    for number, name in enumerate(names):
        if number % 3 == 0:
            rows.append(FirmName(str(number), f"{name}科技有限公司", "legal_zh"))
        elif number % 3 == 1:
            rows.append(FirmName(str(number), name, "brand"))
        else:
            rows.append(
                FirmName(str(number), f"{plain_pinyin(name).title()} Technology Co., Ltd.", "legal_en")
            )
    return rows


def _parties() -> set[str]:
    """Every caption and party of the recordings, captions also as the parties they split into."""
    told: set[str] = set()
    for path in sorted(_DATA.rglob("*.json*")):
        if path.parts[len(_DATA.parts)] in ("taxonomies", "companies"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for part in text.splitlines() if path.suffix == ".jsonl" else [text]:
            try:
                told.update(_in_json(json.loads(part), ""))
            except ValueError:
                continue
    for path in sorted(_DATA.rglob("*.xml")):
        try:
            tree = ElementTree.fromstring(path.read_bytes())
        except ElementTree.ParseError:
            continue
        told.update(re.sub(r"^\S*\d-\S*\s+", "", item.findtext("title", "")) for item in tree.iter("item"))
    told = {" ".join(name.split())[:300] for name in told}
    told |= {party.name for caption in told for party in split_caption(caption).parties}
    return {name for name in told if len(name) >= 2}


def _in_json(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _in_json(inner, key if name == "name" else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner, key)
    elif isinstance(value, str) and _PARTY_FIELD.search(key):
        yield value
