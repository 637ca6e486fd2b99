"""nDCG@5 of the ranking on the graded set, beside three simple ways of ranking the same eligible experts.

The peers get those whom the filters leave, so that only the order is compared. BM25 is tantivy's own, on the profiles.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import log2
from typing import Any

import tantivy

from experts.matching import MatchResult, match, read_candidate, read_request
from search.analysis import streams
from tests.experts.matching.draw import draw
from tests.experts.matching.grading import kept_grades

K, _DRAWS, _RESAMPLED = 5, 20, 1000
Facts = Mapping[str, Any]
Ranker = Callable[[Facts, Sequence[Facts]], Sequence[str]]


@dataclass(frozen=True)
class Judged:
    """A consultation of the set and what matching says of its fifteen experts."""

    row: Facts
    result: MatchResult

    @property
    def eligible(self) -> list[Facts]:
        """Those the filters leave."""
        gone = {one.id for one in (*self.result.held, *self.result.excluded)}
        return [expert for expert in self.row["experts"] if expert["id"] not in gone]


@cache
def judged() -> list[Judged]:
    """The whole set, matched."""
    out = []
    for row in draw():
        request = read_request(row["request"], today=date(2026, 11, 2))
        out.append(Judged(row, match(request, [read_candidate(e) for e in row["experts"]])))
    return out


def gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first five grades: Σ (2^g - 1) / log2(place + 1)."""
    return sum((2**g - 1) / log2(place + 2) for place, g in enumerate(grades[:K]))


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], pool: Sequence[str]) -> float:
    """The gain of a ranking as a share of the best there could be; 1 where nobody has a grade."""
    best = gain(sorted((grades[one] for one in pool), reverse=True))
    return gain([grades[one] for one in ranked]) / best if best else 1.0


def by_overlap(request: Facts, experts: Sequence[Facts]) -> list[str]:
    """By how many of the request's tags an expert carries, declared or worked; between equals by id."""
    wanted = {
        *request["industries"],
        *request["dispute_types"],
        request["venue"],
        *request["languages"]["case"],
    } - {None}

    def carried(expert: Facts) -> set[Any]:
        worked = {m[k] for m in expert["cases"] for k in ("venue", "dispute_type", "industry")}
        spoken = {one.partition(":")[0] for one in expert["languages"]}
        return worked | spoken | {*expert["industries"], *expert["dispute_types"]}

    return [str(e["id"]) for e in sorted(experts, key=lambda e: (-len(wanted & carried(e)), str(e["id"])))]


def by_bm25(request: Facts, experts: Sequence[Facts]) -> list[str]:
    """By tantivy's BM25 of the request's text on the profiles."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("bio", tokenizer_name="whitespace")
    builder.add_unsigned_field("number", stored=True, fast=True)
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=15_000_000, num_threads=1)
    for number, expert in enumerate(experts):
        document = tantivy.Document()
        document.add_text("bio", " ".join(streams(expert["bio"])[0]))
        document.add_unsigned("number", number)
        writer.add_document(document)
    writer.commit()
    index.reload()
    schema = index.schema
    words = [
        (tantivy.Occur.Should, tantivy.Query.term_query(schema, "bio", word, "freq"))
        for word in sorted(set(streams(request["text"])[0]))
    ]
    searcher = index.searcher()
    hits = searcher.search(tantivy.Query.boolean_query(words), limit=len(experts)).hits
    found = [str(experts[searcher.doc(address)["number"][0]]["id"]) for _, address in hits]
    return [*found, *(str(e["id"]) for e in experts if str(e["id"]) not in set(found))]


def _scores(ranker: Ranker) -> list[float]:
    grades = kept_grades()
    return [
        ndcg(ranker(one.row["request"], one.eligible), grades, [e["id"] for e in one.row["experts"]])
        for one in judged()
    ]


def _at_random() -> list[float]:
    chance = random.Random(1)
    draws = [
        _scores(lambda _, experts: chance.sample([e["id"] for e in experts], len(experts)))
        for _ in range(_DRAWS)
    ]
    return [statistics.fmean(scores) for scores in zip(*draws, strict=True)]


@cache
def scores() -> dict[str, list[float]]:
    """Way of ranking -> nDCG@5 of each consultation."""
    grades = kept_grades()
    ours = [
        ndcg([r.id for r in one.result.ranked], grades, [e["id"] for e in one.row["experts"]])
        for one in judged()
    ]
    return {
        "seamark match": ours,
        "tag overlap": _scores(by_overlap),
        "BM25 on profiles": _scores(by_bm25),
        "random eligible": _at_random(),
    }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 of a hundred means, of a thousand resamplings of the consultations."""
    chance = random.Random(1)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(_RESAMPLED))
    return means[int(_RESAMPLED * 0.025)], means[int(_RESAMPLED * 0.975)]
