"""Watch matching: 10,000 profiles and 1,000 new cases, beside percolation with a tantivy index in memory.

The peer asks the same conditions of an index in memory: a word is a phrase of its tokens (a run of Latin letters and
digits, or one sign), wanted kinds are *must*, excluded words *must not*. Its queries stand ready before the clock runs, as our
evaluator does: profiles change seldom, cases come all day. Two ways of percolating are tried, an index a case and an
index a batch; ours is compared with the faster. Both must find the same pairs.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.watched import World
from core.text import is_cjk
from warning.criteria import TAG_KINDS, Criteria, Evaluator, Facts, asked_right, folded_word, forms_of

_PROFILES, _CASES, _ROUNDS = 10_000, 1_000, 5
#: cases of which an index each is made: the way costs tens of milliseconds a case and is far behind after a few
_SINGLE = 10
_TARGET = 10
#: stands between two fields, so that no phrase reaches from one into the next
_GAP = "\x1f"
Pairs = set[tuple[int, int]]


def tokens(text: str) -> list[str]:
    """A folded text as what may stand alone: runs of Latin letters and digits, and every other sign for itself."""
    out: list[str] = []
    run = ""
    for char in folded_word(text):
        if char.isalnum() and not is_cjk(char):
            run += char
            continue
        if run:
            out.append(run)
            run = ""
        if char != " ":
            out.append(char)
    return [*out, run] if run else out


class Percolator:
    """The peer: every profile is a query that is put to an index in memory of the new cases."""

    def __init__(self, profiles: Mapping[int, Criteria]) -> None:
        builder = tantivy.SchemaBuilder()
        for field in ("all", "named"):
            builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
        for field in ("right", *TAG_KINDS):
            builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self._queries = [(key, self._query(asked)) for key, asked in profiles.items() if not asked.is_open]

    def _phrase(self, field: str, word: str) -> tantivy.Query:
        parts = tokens(word)
        if len(parts) == 1:
            return tantivy.Query.term_query(self._schema, field, parts[0], "basic")
        return tantivy.Query.phrase_query(self._schema, field, list(parts))

    def _query(self, asked: Criteria) -> tantivy.Query:
        must, should, must_not = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
        parts = [
            (must, tantivy.Query.term_set_query(self._schema, kind, sorted(wanted)))
            for kind in TAG_KINDS
            if (wanted := asked.wanted(kind))
        ]
        named = [self._phrase("all", form) for word in asked.include for form in forms_of(word)]
        named += [self._phrase("all", word) for word in asked.exhibitions]
        named += [self._phrase("named", word) for word in asked.competitors]
        named += [
            tantivy.Query.term_query(self._schema, "right", asked_right(number), "basic")
            for number in asked.rights
        ]
        if named:
            parts.append((must, tantivy.Query.boolean_query([(should, query) for query in named])))
        parts += [(must_not, self._phrase("all", form)) for word in asked.exclude for form in forms_of(word)]
        # Nobody asks how well a case answers.
        return tantivy.Query.const_score_query(tantivy.Query.boolean_query(parts), 1.0)

    def find(self, cases: Sequence[Facts]) -> Pairs:
        """(profile, number of the case) of all that answer, by one index of all ``cases``."""
        index = tantivy.Index(self._schema)
        writer = index.writer(heap_size=50_000_000, num_threads=1)
        for facts in cases:
            writer.add_document(self._document(facts))
        writer.commit()
        index.reload()
        searcher = index.searcher()
        assert searcher.num_segments == 1, "the number of a case is its number in the segment"
        most = len(cases)
        return {
            (key, address.doc)
            for key, query in self._queries
            for _, address in searcher.search(query, most, count=False).hits
        }

    def _document(self, facts: Facts) -> tantivy.Document:
        document = tantivy.Document()
        texts = [(field, " ".join(tokens(text))) for field, text in facts.texts]
        document.add_text("all", f" {_GAP} ".join(text for _, text in texts))
        named = [text for field, text in texts if field in ("caption", "parties")]
        document.add_text("named", f" {_GAP} ".join(named))
        for key in facts.rights:
            document.add_text("right", key)
        for kind in TAG_KINDS:
            for value in facts.tags.get(kind, ()):
                document.add_text(kind, value)
        return document


def _ours(evaluator: Evaluator[int], cases: Iterable[Facts]) -> Pairs:
    return {(key, number) for number, facts in enumerate(cases) for key in evaluator.find(facts)}


def _timed(work: Callable[[], Pairs]) -> tuple[float, float, Pairs]:
    """Wall seconds, processor seconds of all threads, and what was found."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - cpu, found


def _highest(*, anew: bool = False) -> float:
    """The most megabytes this process held at once, counted ``anew`` from here on (Linux)."""
    if anew:
        # getrusage would tell the parent's: it outlives exec.
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def _peak(which: str, told: Any) -> None:
    """Megabytes that building and matching once take above the data, in a process of their own."""
    world = World()
    profiles, cases = dict(enumerate(world.profiles(_PROFILES))), list(world.cases(_CASES))
    folded_word("")
    before = _highest(anew=True)
    begin = time.perf_counter()
    if which == "ours":
        evaluator = Evaluator(profiles)
        built = time.perf_counter() - begin
        _ours(evaluator, cases)
    else:
        percolator = Percolator(profiles)
        built = time.perf_counter() - begin
        percolator.find(cases)
    told.put((built, _highest() - before))


def _apart(which: str) -> tuple[float, float]:
    """Seconds to build and megabytes, of ``ours`` or the ``peer``."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=_peak, args=(which, told))
    process.start()
    built, peak = told.get(timeout=300)
    process.join()
    return float(built), float(peak)


def main(given: argparse.Namespace) -> None:
    """10,000 watch profiles against 1,000 new cases; the peer is percolation with tantivy in memory (target 10 x, the
    same pairs)."""
    world = World()
    profiles, cases = dict(enumerate(world.profiles(_PROFILES))), list(world.cases(_CASES))
    evaluator, peer = Evaluator(profiles), Percolator(profiles)
    _ours(evaluator, cases[:50])
    peer.find(cases[:50])
    ours, batch = [], []
    for turn in range(_ROUNDS):
        # In turn, so that what else the machine does falls on both.
        for name in ("ours", "peer") if turn % 2 else ("peer", "ours"):
            if name == "ours":
                ours.append(_timed(lambda: _ours(evaluator, cases)))
            else:
                batch.append(_timed(lambda: peer.find(cases)))
    found = ours[0][2]
    for _, _, pairs in (*ours, *batch):
        assert pairs == found, f"other pairs: {sorted(pairs ^ found)[:5]}"
    single_wall, single_cpu, pairs = _timed(
        lambda: {(key, n) for n, facts in enumerate(cases[:_SINGLE]) for key, _ in peer.find([facts])}
    )
    assert pairs == {pair for pair in found if pair[1] < _SINGLE}, "other pairs, an index a case"
    ways = {
        "an index a batch": (
            statistics.median(w for w, _, _ in batch),
            statistics.median(c for _, c, _ in batch),
        ),
        "an index a case": (single_wall * _CASES / _SINGLE, single_cpu * _CASES / _SINGLE),
    }
    wall, cpu = statistics.median(w for w, _, _ in ours), statistics.median(c for _, c, _ in ours)
    for way, (peer_wall, peer_cpu) in ways.items():
        print(f"  peer, {way}: {peer_wall:.2f} s wall, {peer_cpu:.2f} s processor")
    faster = min(ways, key=lambda way: ways[way][0])
    print(f"  ours: {wall:.3f} s wall, {cpu:.3f} s processor; {len(found):,} pairs, the same as the peer's")
    print(
        f"  ratio to {faster}: {ways[faster][0] / wall:.1f} wall, {ways[faster][1] / cpu:.1f} processor (target {_TARGET})"
    )
    for which in ("ours", "peer"):
        built, peak = _apart(which)
        print(f"  {which}: made ready in {built:.2f} s, {peak:,.0f} MB above the data")
    told = {
        "profiles": _PROFILES,
        "cases": _CASES,
        "cases a profile asks for": len({n for _, n in found}),
        "profiles that find one": len({key for key, _ in found}),
        "rounds": [round(p[0] / o[0], 1) for p, o in zip(batch, ours, strict=True)],
        "spread": [round(w, 3) for w, _, _ in ours],
    }
    print(f"  {json.dumps(told)}")
