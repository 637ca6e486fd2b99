"""The search's question classes on both engines: the same documents, the same questions, in turn."""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from elasticsearch import Elasticsearch

from benchmarks.generate import company
from core.actor import VISITOR
from core.paging import encode_cursor
from search.elasticsearch import ElasticIndex
from search.embedded import TantivyIndex
from search.port import Document, SearchIndex, SearchRequest
from tests.elasticsearch_server import ElasticServer, Unavailable

_BATCH = 1000
_QUESTIONS = 60
_HITS = 20
_FACETS = {
    "region": 20,
    "industry": 60,
    "dispute_type": 25,
    "venue": 300,
    "stage": 12,
    "ip_right": 11,
    "source": 30,
}
_WORDS = 20_000
_HAN = "专利商标侵权无人机电池照明机器人诉讼禁令赔偿请求裁定判决证据和解许可发明外观设计实用新型著作权不正当竞争平台店铺产品进口销售制造"
_PHRASES = (
    "trade secret",
    "preliminary injunction",
    "claim construction",
    "default judgment",
    "consent decree",
)


class _Corpus:
    """Generated cases: about 90 English words by a power law and 60 Chinese characters each."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        chance = random.Random(0)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(chance.choices(letters, k=chance.randint(3, 11))) for _ in range(_WORDS)]
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(_WORDS)))

    def documents(self, count: int) -> Iterator[Document]:
        """``count`` documents, the same each time for the same seed."""
        for number in range(count):
            yield self._document(number)

    def _document(self, number: int) -> Document:
        chance = self._chance
        words = chance.choices(self.words, cum_weights=self._weights, k=chance.randint(40, 140))
        if chance.random() < 0.3:
            words.insert(chance.randrange(len(words)), chance.choice(_PHRASES))
        one, two = company(chance), company(chance)
        facets = {
            name: tuple({f"{name}.{min(int(chance.expovariate(8 / size)), size - 1)}" for _ in range(chance.randint(1, 2))})
            for name, size in _FACETS.items()
        }  # fmt: skip
        docket = f"1:{chance.randint(10, 26)}-cv-{number:05d}"
        return Document(
            collection="cases",
            id=f"{number:08d}",
            version=1,
            centre_id=None,
            audience=frozenset({"public"}),
            text={
                "caption": f"{one} v. {two}",
                "docket_number": docket,
                "parties": f"{one}\n{two}",
                "body": f"{' '.join(words)}\n{''.join(chance.choices(_HAN, k=60))}",
            },
            facets=facets,
            on=date(2010, 1, 1) + timedelta(days=int(chance.betavariate(3, 1.2) * 6000)),
            stored={"caption": f"{one} v. {two}", "docket_number": docket, "snippet": " ".join(words)[:400]},
        )


def _classes(corpus: _Corpus) -> dict[str, Callable[[random.Random], SearchRequest]]:
    """What is asked in each class, made anew for each question."""

    def ask(text: str = "", **more: object) -> SearchRequest:
        return replace(SearchRequest("cases", text=text, limit=_HITS), **more)  # type: ignore[arg-type]

    def word(chance: random.Random) -> str:
        return corpus.words[int(chance.paretovariate(0.5)) % 3000]

    def han(chance: random.Random, length: int) -> str:
        return "".join(chance.choices(_HAN, k=length))

    def since(chance: random.Random) -> date:
        return date(2018, 1, 1) + timedelta(days=chance.randint(0, 2000))

    page = {"facets": tuple(_FACETS), "histogram": True}
    return {
        "nothing there (the way alone)": lambda c: ask(f"zzzz{c.randint(0, 10**9)}"),
        "word": lambda c: ask(word(c)),
        "two words": lambda c: ask(f"{word(c)} {word(c)}"),
        "phrase": lambda c: ask(f'"{c.choice(_PHRASES)}" {word(c)}'),
        "Chinese, two characters": lambda c: ask(han(c, 2)),
        "Chinese phrase": lambda c: ask(han(c, 4)),
        "word, date range": lambda c: ask(word(c), since=(day := since(c)), until=day + timedelta(days=365)),
        "word, two filters, counts": lambda c: ask(
            word(c),
            filters={"region": (f"region.{c.randint(0, 4)}",), "industry": (f"industry.{c.randint(0, 9)}",)},
            **page,
        ),
        "word, histogram": lambda c: ask(word(c), histogram=True),
        "newest list": lambda c: ask(sort="newest", filters={"region": (f"region.{c.randint(0, 9)}",)}),
        "newest list, counts": lambda c: ask(sort="newest", **page),
        "deep page by relevance": lambda c: ask(
            corpus.words[c.randint(0, 20)], cursor=encode_cursor(["r", 5000 + 20 * c.randint(0, 200)])
        ),
        "deep page by date": lambda c: ask(
            word(c), sort="newest", cursor=encode_cursor(["d", since(c).toordinal() << 40, "cases/-"])
        ),
    }


def main(given: argparse.Namespace) -> None:
    """Milliseconds a question takes, through each engine's own client, and the seconds of building; the peer is
    Elasticsearch 9.2 on the same machine (target: 3 times as fast in every class, build level)."""
    with tempfile.TemporaryDirectory(prefix="seamark-bench-") as folder:
        ours = TantivyIndex(Path(folder))
        try:
            server = ElasticServer("512m" if given.cases <= 200_000 else "1g")
        except Unavailable as error:
            print(f"  without a peer: {error} is missing")
            _measure(given.cases, {"tantivy": ours}, lambda: None)
            return
        try:
            server.start()
            with closing(ElasticIndex(server.url, search_seconds=60)) as theirs:
                engines: dict[str, SearchIndex] = {"tantivy": ours, "Elasticsearch": theirs}
                _measure(given.cases, engines, lambda: _settle(server.url))
        finally:
            server.stop()


def _settle(url: str) -> None:
    """Wait until Elasticsearch merges no more."""
    with Elasticsearch(url) as client:
        while any(
            node["indices"]["merges"]["current"]
            for node in client.nodes.stats(metric="indices")["nodes"].values()
        ):
            time.sleep(0.5)


def _measure(cases: int, engines: dict[str, SearchIndex], settle: Callable[[], None]) -> None:
    corpus = _Corpus()
    built = _build(corpus, cases, engines)
    settle()
    names = list(engines)
    head = "".join(f"{name + ' p50':>19}{'p95':>8}" for name in names)
    print(f"  {'ms a question':<32}{head}{'ratio p50':>12}{'p95':>7}")
    for kind, make in _classes(corpus).items():
        times = _ask(make, engines)
        figures = {
            name: (statistics.median(t), statistics.quantiles(t, n=20)[18]) for name, t in times.items()
        }
        line = "".join(f"{p50 * 1000:>19.2f}{p95 * 1000:>8.2f}" for p50, p95 in figures.values())
        if len(names) > 1:
            (our50, our95), (their50, their95) = figures.values()
            line += f"{their50 / our50:>12.1f}{their95 / our95:>7.1f}"
        print(f"  {kind:<32}{line}")
    for name, seconds in built.items():
        print(f"  {name}: {cases:,} cases built in {seconds:,.1f} s ({cases / seconds:,.0f} a second)")
    if len(names) > 1:
        print(f"  build, ratio {built[names[1]] / built[names[0]]:.2f}")


def _build(corpus: _Corpus, cases: int, engines: dict[str, SearchIndex]) -> dict[str, float]:
    """Fill a generation of each engine and promote it; seconds without the making of the documents."""
    seconds = dict.fromkeys(engines, 0.0)
    generations = {name: index.begin_generation() for name, index in engines.items()}
    stream = corpus.documents(cases)
    while batch := list(itertools.islice(stream, _BATCH)):
        for name, index in engines.items():
            begin = time.perf_counter()
            report = index.put(batch, generations[name])
            seconds[name] += time.perf_counter() - begin
            assert report.stored == len(batch), report.rejected[:1]
    for name, index in engines.items():
        begin = time.perf_counter()
        index.promote(generations[name])
        seconds[name] += time.perf_counter() - begin
    return seconds


def _ask(
    make: Callable[[random.Random], SearchRequest], engines: dict[str, SearchIndex]
) -> dict[str, list[float]]:
    """Seconds of each question on each engine, after as many others that warm both; both must answer alike."""
    chance = random.Random(7)
    times: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(2 * _QUESTIONS):
        request = make(chance)
        said = []
        for name, index in engines.items():
            begin = time.perf_counter()
            page = index.search(request, VISITOR)
            if number >= _QUESTIONS:
                times[name].append(time.perf_counter() - begin)
            said.append((page.total, len(page.hits), page.facets, list(page.histogram)))
        assert all(one == said[0] for one in said), request
    return times
