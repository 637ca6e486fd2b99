"""Ranking 100,000 experts for one request, beside a plain-Python scorer; 500 requests allotted to 2,000 experts.

The peer asks each expert in turn the same filters and, of those that are left, the same score, then sorts; it compares no
names, which ours does. Both must name the same five where no name is at stake. The library's columns stand ready before the
clock runs, as the service keeps them. The allotment is timed with the scoring of all pairs and without.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from datetime import date

import numpy as np

from experts.matching.allotting import allot
from experts.matching.columns import Columns
from experts.matching.conflicts import Finding
from experts.matching.filters import reasons_against
from experts.matching.rank import explored, place_of
from experts.matching.request import Admission, Candidate, Client, MatchRequest, PastCase, Ranked
from experts.matching.score import score

_EXPERTS, _ASKED, _PLAIN, _REQUESTS, _POOL = 100_000, 200, 5, 500, 2_000
_P95_MS, _TIMES, _SECONDS = 30, 20, 1.0
_DAY = date(2026, 11, 2)
_VENUES = {"v.us.itc": "US", "v.us.txed": "US", "v.us.cand": "US", "v.us.ilnd": "US", "v.de.lg": "DE", "v.epo": "EP", "v.upc": "EU",
           "v.euipo": "EU", "v.gb.pat": "GB", "v.jp.iphc": "JP", "v.kr.court": "KR", "v.in.dhc": "IN", "v.fr.tj": "FR", "v.br.court": "BR"}  # fmt: skip
_SPOKEN = {
    "US": "en",
    "DE": "de",
    "EP": "en",
    "EU": "en",
    "GB": "en",
    "JP": "ja",
    "KR": "ko",
    "IN": "en",
    "FR": "fr",
    "BR": "pt",
}
_KINDS = ["dt.patent_infringement", "dt.section_337", "dt.design_infringement", "dt.trademark_infringement", "dt.copyright",
          "dt.trade_secret", "dt.tro_schedule_a", "dt.npe", "dt.sep_frand", "dt.validity", "dt.tm_opposition_cancellation",
          "dt.exhibition", "dt.customs", "dt.domain_name"]  # fmt: skip
_GOODS = ["ind.integrated_circuit", "ind.artificial_intelligence", "ind.biopharma", "ind.health_medtech", "ind.aviation_aerospace",
          "ind.new_energy", "ind.battery_storage", "ind.automotive_new_four", "ind.advanced_equipment", "ind.new_materials",
          "ind.fashion_apparel", "ind.consumer_electronics"]  # fmt: skip
_CLASSES = [
    "ec.litigator",
    "ec.patent_attorney",
    "ec.tm_attorney",
    "ec.academic",
    "ec.technical",
    "ec.inhouse",
]
_SYLLABLES = [
    "bra",
    "ve",
    "lor",
    "tan",
    "mi",
    "qui",
    "ska",
    "do",
    "ren",
    "fal",
    "shi",
    "bo",
    "ler",
    "nax",
    "co",
    "ti",
    "pe",
    "ul",
    "zan",
    "gri",
    "mo",
    "wen",
    "hal",
    "sy",
    "dro",
    "kel",
    "vas",
    "nu",
]
_HAN = "岚沐青朔绮维泽奎澳宾塔珂伊玛凡屿辰桥方安川影森沼晴湾莫邦文原音湖岭峰泉松柏梧桐枫"
_FORMS = ["Inc.", "GmbH", "Ltd.", "Co., Ltd.", "AG", "LLC", "Corporation", "S.A."]
_TEXTS = [f"{a}{b}{c}" for a in _SYLLABLES for b in _SYLLABLES[:12] for c in ("n", "r", "ia")]


class World:
    """Invented experts and requests of one seed."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.firms = [self._firm() for _ in range(30_000)]

    def _firm(self) -> str:
        chance = self.chance
        if chance.random() < 0.3:
            return (
                "".join(chance.choices(_HAN, k=3))
                + chance.choice(["科技", "电子", "医药", "光学"])
                + "有限公司"
            )
        words = [
            "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title()
            for _ in range(chance.randint(1, 2))
        ]
        return " ".join((*words, chance.choice(_FORMS)))

    def expert(self, number: int) -> Candidate:
        """An expert: mostly eligible, of one or two regions."""
        chance = self.chance
        venue = chance.choice(list(_VENUES))
        region = _VENUES[venue]
        cases = tuple(
            PastCase(
                venue if chance.random() < 0.5 else chance.choice(list(_VENUES)), chance.choice(_KINDS), chance.choice(_GOODS),
                date(chance.randint(2012, 2026), chance.randint(1, 10), 5), chance.random() < 0.6,
                (chance.choice(self.firms),), (chance.choice(self.firms),),
            )
            for _ in range(chance.randint(0, 6))
        )  # fmt: skip
        capacity = chance.randint(2, 6)
        return Candidate(
            id=f"x{number:06d}", names=(f"示例专家{number}",), class_id=chance.choice(_CLASSES),
            status="active" if chance.random() < 0.93 else "suspended", is_verified=chance.random() < 0.95,
            admissions=(Admission(None, region, "", date(2012, 1, 1), None if chance.random() < 0.8 else date(2025, 1, 1)),),
            languages={"zh": "", _SPOKEN[region]: chance.choice(["", "C1", "B2"]), "en": ""},
            industries=tuple(chance.sample(_GOODS, 2)), dispute_types=tuple(chance.sample(_KINDS, 4)), cases=cases,
            employer=(chance.choice(self.firms),),
            clients=tuple(Client((chance.choice(self.firms),), chance.choice(["client", "adverse"])) for _ in range(2)),
            capacity=capacity, open=chance.randint(0, capacity), is_available=chance.random() < 0.95,
            feedback_mean=round(chance.uniform(2.5, 5), 1), feedback_n=chance.choice([0, 3, 12, 40]),
            bio=" ".join(chance.sample(_TEXTS, 12)),
        )  # fmt: skip

    def request(self, number: int, *, names: bool = True) -> MatchRequest:
        """A request; without names there is no conflict to be found."""
        chance = self.chance
        venue = chance.choice(list(_VENUES))
        said = [chance.choice(self.firms) for _ in range(5)]
        return MatchRequest(
            id=f"r{number}", on=_DAY, firm=tuple(said[:2]) if names else (), group=(said[2],) if names else (),
            opponents=(said[3],) if names else (), counsel=(said[4],) if names else (), region=_VENUES[venue], venue=venue,
            industries=tuple(chance.sample(_GOODS, chance.randint(1, 2))), dispute_types=(chance.choice(_KINDS),),
            case_languages=(_SPOKEN[_VENUES[venue]],), client_languages=("zh",), text=" ".join(chance.sample(_TEXTS, 40)),
        )  # fmt: skip


def plain(experts: list[Candidate], request: MatchRequest) -> tuple[Ranked, ...]:
    """The peer: every expert asked in turn, in plain Python; no names compared."""
    nothing = Finding()
    pairs = [
        (expert, Ranked(expert.id, *score(expert, request)))
        for expert in experts
        if not reasons_against(expert, request, nothing)
    ]
    pairs.sort(key=lambda pair: place_of(request, pair))
    return tuple(explored(request, pairs))


def main(given: argparse.Namespace) -> None:
    """Matching: 100,000 experts ranked, p95 under 30 ms and twenty times a plain scorer; 500 x 2,000 allotted in a second."""
    world = World()
    experts = [world.expert(n) for n in range(_EXPERTS)]
    began = time.perf_counter()
    library = Columns(experts)
    print(f"  columns of {_EXPERTS:,} experts made in {time.perf_counter() - began:.1f} s")
    for n in range(3):
        request = world.request(n, names=False)
        assert library.rank(request).ranked == plain(experts, request), "both must name the same five"
    gc.collect()
    gc.freeze()
    ours, theirs, eligible, held = [], [], [], 0
    requests = [world.request(n) for n in range(_ASKED)]
    for n, request in enumerate(requests):
        began = time.perf_counter()
        found = library.rank(request)
        ours.append((time.perf_counter() - began) * 1000)
        eligible.append(found.eligible)
        held += len(found.held)
        if n % (_ASKED // _PLAIN) == 0:
            began = time.perf_counter()
            plain(experts, request)
            theirs.append((time.perf_counter() - began) * 1000)
    p95, median = float(np.percentile(ours, 95)), statistics.median(ours)
    times = statistics.median(theirs) / median
    print(
        f"  one request: median {median:.1f} ms, p95 {p95:.1f} ms (target < {_P95_MS}); {statistics.median(eligible):,.0f} eligible, "
        f"{held / _ASKED:.1f} held for a look"
    )
    print(
        f"  plain Python, no names compared: median {statistics.median(theirs):,.0f} ms: {times:.0f} x (target >= {_TIMES})"
    )
    pool = Columns(experts[:_POOL])
    asked = [world.request(n) for n in range(_REQUESTS)]
    began = time.perf_counter()
    proposals = allot(asked, pool)
    whole = time.perf_counter() - began
    began = time.perf_counter()
    for request in asked:
        pool.estimates(request)
    scoring = time.perf_counter() - began
    unserved = sum(p.expert is None for p in proposals)
    print(
        f"  {_REQUESTS} requests x {_POOL:,} experts allotted in {whole:.2f} s with scoring all pairs ({scoring:.2f} s); "
        f"{unserved} unserved (target < {_SECONDS:.0f} s)"
    )
    gc.unfreeze()
    met = p95 < _P95_MS and times >= _TIMES and whole < _SECONDS
    print("  met" if met else "  NOT MET")
