"""Tagging with the real rulebook against the bare automaton on the same phrases.

Time is the process's own (CPU), so that what else the machine does blurs it less; the ratio by the clock on the wall stands
beside it. The peer folds by the plain table of ``core.text.fold``, boundary and longest as any reader would write them.
The peak memory is that of a process that only tags: this one has loaded what every other claim needs.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ahocorasick_rs import AhoCorasick, Implementation

from core.text import fold, is_cjk
from warning.rules.tagger import Rulebook, TagInput, load_rulebook, tag

_TEXTS, _LENGTH, _ROUNDS = 100_000, 400, 3
#: texts that are held at a time, so that the peak memory is the tagger's and not theirs
_BATCH = 5_000
_FILLER = {
    "en": """the court of appeal said on monday that its order would stand and that both sides had until the end of the
        month to reply while the company denied every claim and announced a review of its plans for the region""",
    "de": """das gericht hat am montag mitgeteilt dass der beschluss bestehen bleibt und beide seiten bis zum ende des
        monats antworten sollen während das unternehmen alle vorwürfe zurückweist und eine prüfung ankündigt""",
    "zh": "法院周一表示 该命令继续有效 双方须在月底前答复 公司否认全部指控 并宣布将重新评估 当地业务安排 据了解 此前",
    "ja": """裁判所は月曜日に 命令を維持すると述べ 双方は月末までに 回答する必要がある 会社はすべての主張を否定し
        計画を見直すと発表した""",
}
#: how often a text is of each language, and how often a word of the rulebook stands where filler would
_SHARES = {"en": 8, "zh": 6, "ja": 3, "de": 3}
_PLANTED = 0.08


def texts(rulebook: Rulebook, count: int, *, seed: int = 1) -> Iterator[str]:
    """``count`` texts of 400 characters each in four languages, one in ten of two: filler, and words of the rulebook of
    that language among it. The same for the same seed."""
    chance = random.Random(seed)
    words: dict[str, list[str]] = {language: [] for language in _FILLER}
    for term in rulebook.rules.terms:
        if term.language in words:
            words[term.language].append(term.text)
    filler = {language: written.split() for language, written in _FILLER.items()}
    languages = [language for language, share in _SHARES.items() for _ in range(share)]
    for _ in range(count):
        chosen = chance.sample(languages, 2 if chance.random() < 0.1 else 1)
        text = ""
        while len(text) < _LENGTH:
            for language in chosen:
                for _ in range(12):
                    listed = words[language] if chance.random() < _PLANTED else filler[language]
                    text += chance.choice(listed) + ("" if language in ("zh", "ja") else " ")
                text += "。" if language in ("zh", "ja") else ". "
        yield text[:_LENGTH]


class Bare:
    """The peer: every phrase of the rulebook in one automaton, overlapping, then the boundary, then the longest."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._automaton = AhoCorasick(list(phrases), implementation=Implementation.ContiguousNFA)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """(phrase, start, end) of the longest phrases that stand alone."""
        folded = fold(text)
        size = len(folded)
        hits = [
            (start - end, start, end, phrase)
            for phrase, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if (start == 0 or not (_is_letter(folded[start - 1]) and _is_letter(folded[start])))
            and (end == size or not (_is_letter(folded[end - 1]) and _is_letter(folded[end])))
        ]
        taken = bytearray(size)
        kept = []
        for _, start, end, phrase in sorted(hits):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                kept.append((phrase, start, end))
        return kept


def _is_letter(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)


def _batches(source: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(itertools.islice(source, _BATCH)):
        yield batch


def _seconds(work: Callable[[str], object], batch: Sequence[str]) -> tuple[float, float]:
    """Seconds of the process and of the clock on the wall."""
    gc.collect()
    begin = time.process_time(), time.perf_counter()
    for text in batch:
        work(text)
    return time.process_time() - begin[0], time.perf_counter() - begin[1]


def tag_all() -> None:
    """Tag as many texts as are timed, and print the most memory (MB) that the process has had."""
    rulebook = load_rulebook()
    for text in texts(rulebook, _TEXTS):
        tag(TagInput("x", text=text), rulebook)
    # What getrusage tells of a child is at least what its parent had when it was started.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024)  # type: ignore[index]


def _peak() -> float:
    code = "from benchmarks.tagging import tag_all; tag_all()"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return float(ended.stdout)


def main(given: argparse.Namespace) -> None:
    """Texts of 400 characters tagged a second; the peer is ahocorasick_rs overlapping + boundary + longest on the same
    phrases, over the same texts, in turn."""
    rulebook = load_rulebook()
    bare = Bare(rulebook.vocabulary.patterns)
    hits = [len(bare.find(text)) for text in texts(rulebook, 500)]

    def ours(text: str) -> object:
        return tag(TagInput("x", text=text), rulebook)

    for text in texts(rulebook, 500):
        ours(text)
    ratios, rates, by_wall = [], [], []
    for turn in range(_ROUNDS):
        spent = {"ours": 0.0, "bare": 0.0}
        wall = {"ours": 0.0, "bare": 0.0}
        for number, batch in enumerate(_batches(texts(rulebook, _TEXTS, seed=turn))):
            # In turn, so that what else the machine does falls on both.
            for name in ("ours", "bare") if number % 2 else ("bare", "ours"):
                cpu, passed = _seconds(ours if name == "ours" else bare.find, batch)
                spent[name] += cpu
                wall[name] += passed
        ratios.append(spent["bare"] / spent["ours"])
        by_wall.append(wall["bare"] / wall["ours"])
        rates.append((_TEXTS / spent["ours"], _TEXTS / spent["bare"]))
    ratio = statistics.median(ratios)
    whole, peer = rates[ratios.index(ratio)]
    print(
        f"  {whole:,.0f} texts a CPU second; the automaton alone {peer:,.0f}; ratio {ratio:.2f} (target 0.60)"
    )
    print(f"  peak memory {_peak():,.0f} MB")
    about = {
        "texts": _TEXTS,
        "rounds": [round(r, 3) for r in ratios],
        "rounds by the wall": [round(r, 3) for r in by_wall],
        "phrases": len(rulebook.vocabulary.patterns),
        "phrases found a text": statistics.mean(hits),
        "rulebook": rulebook.version,
    }
    print(f"  {json.dumps(about)}")
