"""Tagging with the real rulebook against the bare automaton."""

from __future__ import annotations

import argparse
import json
import statistics
import time

from benchmarks.generate import ttab_pages
from crawlers.registry import get_source
from crawlers.source import Snapshot
from house import SystemClock
from warning.rules.engine import prepare
from warning.rules.tagger import TagInput, load_rulebook, tag


def main(given: argparse.Namespace) -> None:
    """Records tagged a second; the peer is ahocorasick_rs overlapping + boundary + longest on the same phrases."""
    rulebook = load_rulebook()
    source = get_source("us_ttab")
    now = SystemClock().now()
    raws = [
        raw
        for content in ttab_pages(5000, firms=500)
        for raw in source.parse(Snapshot("us_ttab", "https://example.org/", content, "", now)).cases
    ]
    records = [
        TagInput(str(n), raw.title or raw.caption, raw.text, raw.venue, parties=tuple((p.name, p.role, None) for p in raw.parties))
        for n, raw in enumerate(raws)
    ]  # fmt: skip
    ours, bare = [], []
    for _ in range(3):
        begin = time.perf_counter()
        for record in records:
            tag(record, rulebook)
        ours.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        for record in records:
            for words in (record.title, record.text):
                if words:
                    rulebook.rules.vocabulary.find(prepare(words))
        bare.append(time.perf_counter() - begin)
    whole, peer = (len(records) / statistics.median(times) for times in (ours, bare))
    print(
        f"  {whole:,.0f} records/s; the automaton alone {peer:,.0f}; ratio {whole / peer:.2f} (target 0.60)"
    )
    print(f"  {json.dumps({'records': len(records), 'rulebook': rulebook.version})}")
