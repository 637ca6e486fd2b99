"""A library in columns: ranks a hundred thousand experts for one request in milliseconds, in the plain ranker's order.

Filters are answered for all at once; scores are estimated the same way, and whoever could be among the best is then scored
by :func:`experts.matching.score.score`, so that order, parts and evidence are the plain ranker's to the digit. Names are
looked up by what two alike names must share (:mod:`cases.names.sharing`); whoever holds one is compared in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases.names import asked_keys, kept_keys, letters_of, near_in_letters
from experts.matching import score as parts
from experts.matching.conflicts import Finding, find_conflicts, related_names, sides_of
from experts.matching.filters import needs_admission, primary, reasons_against
from experts.matching.leads import leads_of, meets
from experts.matching.places import covers, forum_region, region_of_venue
from experts.matching.rank import EXPLORERS, Scored, explored, is_new, place_of
from experts.matching.request import Admission, Candidate, Exclusion, Hold, MatchRequest, Ranked

Numbers = NDArray[Any]
#: more than eight parts rounded to hundredths can differ from the estimate
_MARGIN = 0.1
#: days whose freshness stands in a table; older matters say nothing
_OLDEST = 20_000


@dataclass(frozen=True)
class Ranking:
    """The best for a request, who is held, and how many cannot help; :meth:`Columns.why_not` says why one cannot."""

    ranked: tuple[Ranked, ...]
    held: tuple[Hold, ...]
    eligible: int


class _Lists:
    """Rows under keys, as arrays."""

    def __init__(self, pairs: Iterable[tuple[Hashable, int]]) -> None:
        found: dict[Hashable, list[int]] = defaultdict(list)
        for key, row in pairs:
            found[key].append(row)
        self._rows = {key: np.array(rows, dtype=np.int32) for key, rows in found.items()}
        self._none = np.array([], dtype=np.int32)

    def __getitem__(self, key: Hashable) -> Numbers:
        return self._rows.get(key, self._none)


class Columns:
    """A library of experts, as it is; made anew when it changes (a second for ten thousand)."""

    def __init__(self, experts: Iterable[Candidate]) -> None:
        self.experts: Sequence[Candidate] = sorted(experts, key=lambda c: str(c.id))
        listed = list(enumerate(self.experts))
        self._number = {str(expert.id): n for n, expert in listed}
        self._open = np.array([self._may_be_asked(e) for e in self.experts], dtype=bool)
        self._needs = np.array([needs_admission(e) for e in self.experts], dtype=bool)
        self._new = np.array([is_new(e) for e in self.experts], dtype=bool)
        self._standing = np.array(
            [round(parts.feedback_part(e)[0], 2) for e in self.experts], dtype=np.float64
        )
        self._load = np.array([parts.load_part(e)[0] for e in self.experts], dtype=np.float64)
        self._away = np.array(
            [(n, a.toordinal(), b.toordinal()) for n, e in listed for a, b in e.away], dtype=np.int64
        ).reshape(-1, 3)
        self._declared = _Lists((kind, n) for n, e in listed for kind in set(e.dispute_types))
        self._declares = np.array([bool(e.dispute_types) for e in self.experts], dtype=bool)
        self._industries = _Lists((one, n) for n, e in listed for one in set(e.industries))
        self._words = _Lists((word, n) for n, e in listed for word in parts.words_of(e.bio))
        self._languages = self._levels(listed)
        self._keep_admissions(listed)
        self._keep_cases(listed)
        names: dict[str, list[int]] = defaultdict(list)
        for n, expert in listed:
            for name in related_names(expert):
                names[name].append(n)
        self._spelled = list(names)
        self._letters = [letters_of(name) for name in self._spelled]
        self._bearers = [np.array(rows, dtype=np.int32) for rows in names.values()]
        self._named = _Lists(
            (key, i) for i, name in enumerate(self._spelled) for key in (*kept_keys(name), *leads_of(name))
        )

    @staticmethod
    def _may_be_asked(expert: Candidate) -> bool:
        has_room = expert.capacity is None or expert.open < expert.capacity
        return expert.status == "active" and expert.is_verified and expert.is_available and has_room

    def _levels(self, listed: Sequence[tuple[int, Candidate]]) -> dict[str, Numbers]:
        """Language -> what each speaks of it, -1 for nothing."""
        found: dict[str, Numbers] = {}
        for n, expert in listed:
            for tag, told in expert.languages.items():
                column = found.setdefault(primary(tag), np.full(len(self.experts), -1.0))
                column[n] = parts.level_of(told)
        return found

    def _keep_admissions(self, listed: Sequence[tuple[int, Candidate]]) -> None:
        codes: dict[tuple[str | None, str | None], int] = {}
        rows = [
            (
                n,
                codes.setdefault((a.venue, a.region), len(codes)),
                (a.since or date.min).toordinal(),
                (a.until or date.max).toordinal(),
            )
            for n, e in listed
            for a in e.admissions
        ]
        self._admitted = np.array(rows, dtype=np.int32).reshape(-1, 4).T.copy()
        self._places = [Admission(venue, region) for venue, region in codes]

    def _keep_cases(self, listed: Sequence[tuple[int, Candidate]]) -> None:
        cases = [(n, case) for n, e in listed for case in e.cases]
        venues: dict[str | None, int] = {}
        self._owner = np.array([n for n, _ in cases], dtype=np.int32)
        self._at = np.array([venues.setdefault(c.venue, len(venues)) for _, c in cases], dtype=np.int32)
        self._day = np.array([c.on.toordinal() if c.on else 0 for _, c in cases], dtype=np.int32)
        self._role = np.array([1.0 if c.is_lead else parts.SUPPORT for _, c in cases])
        self._venues = list(venues)
        self._of_kind = _Lists((c.dispute_type, i) for i, (_, c) in enumerate(cases) if c.dispute_type)
        self._of_industry = _Lists((c.industry, i) for i, (_, c) in enumerate(cases) if c.industry)
        self._of_region = _Lists(
            (region, i) for i, (_, c) in enumerate(cases) if (region := region_of_venue(c.venue))
        )
        self._of_venue = _Lists((c.venue, i) for i, (_, c) in enumerate(cases) if c.venue)
        self._fresh = np.array([parts.freshness(days) for days in range(_OLDEST)])

    def rank(self, request: MatchRequest, cleared: Mapping[str, frozenset[str]] | None = None) -> Ranking:
        """The best k for ``request`` with an explorer's place, as :func:`experts.matching.rank.match` ranks them.

        Args:
            cleared: as for :func:`~experts.matching.rank.match`.
        """
        eligible, estimate, doubtful = self._asked(request)
        held = []
        for n, finding in doubtful.items():
            known = (cleared or {}).get(str(self.experts[n].id), frozenset())
            doubts = tuple(d for d in finding.doubts if d not in known)
            if finding.conflict is not None:
                eligible[n] = False
            elif doubts:
                if eligible[n]:
                    held.append(Hold(self.experts[n].id, doubts))
                eligible[n] = False
        rows = np.flatnonzero(eligible)
        near = self._best(rows, estimate, request.k + 1)
        new = self._best(rows[self._new[rows]], estimate, request.k + EXPLORERS)
        pairs: list[Scored] = []
        for n in np.union1d(near, new):
            expert = self.experts[int(n)]
            pairs.append((expert, Ranked(expert.id, *parts.score(expert, request))))
        pairs.sort(key=lambda pair: place_of(request, pair))
        held.sort(key=lambda one: str(one.id))
        return Ranking(tuple(explored(request, pairs)), tuple(held), len(rows))

    def estimates(self, request: MatchRequest) -> Numbers:
        """A score for each expert in the order of :attr:`experts`; -inf for whoever is excluded or held."""
        eligible, estimate, doubtful = self._asked(request)
        for n, finding in doubtful.items():
            if finding.conflict is not None or finding.doubts:
                eligible[n] = False
        return np.where(eligible, estimate, -np.inf)

    def why_not(self, request: MatchRequest, identity: object) -> Exclusion | None:
        """Why somebody cannot help; None when they can, or are held. Raises KeyError for an unknown id."""
        expert = self.experts[self._number[str(identity)]]
        reasons = reasons_against(expert, request, find_conflicts([expert], request)[0])
        return Exclusion(expert.id, reasons) if reasons else None

    def _asked(self, request: MatchRequest) -> tuple[Numbers, Numbers, dict[int, Finding]]:
        valid = self._valid(request)
        eligible = self._eligible(request, valid)
        return eligible, self._estimate(request, valid), self._findings(request, eligible)

    def _findings(self, request: MatchRequest, eligible: Numbers) -> dict[int, Finding]:
        """What the names say of the otherwise eligible who hold one that may be alike; the others have nothing."""
        targets = {name for names in sides_of(request).values() for name in names}
        alike = {i for name in targets for i in self._may_be(name)}
        if not alike:
            return {}
        numbers = np.unique(np.concatenate([self._bearers[i] for i in alike]))
        numbers = numbers[eligible[numbers]]
        only = {self._spelled[i] for i in alike}
        findings = find_conflicts([self.experts[int(n)] for n in numbers], request, only)
        return {int(n): one for n, one in zip(numbers, findings, strict=True)}

    def _may_be(self, target: str) -> set[int]:
        """Names that share with ``target`` what alike names must share."""
        found: set[int] = set()
        letters = letters_of(target)
        for key in (*asked_keys(target), *chain.from_iterable(map(meets, leads_of(target)))):
            rows = self._named[key].tolist()
            # Many names have a half of their letters in common; few differ in one letter.
            found.update(i for i in rows if key[0] != "half" or near_in_letters(letters, self._letters[i]))
        return found

    def _valid(self, request: MatchRequest) -> Numbers:
        """Who holds a valid admission for the forum."""
        owner, code, since, until = self._admitted
        right = np.array([covers(place, request) for place in self._places], dtype=bool)
        day = request.on.toordinal()
        held = np.zeros(len(self.experts), dtype=bool)
        if len(owner):
            held[owner[right[code] & (since <= day) & (day <= until)]] = True
        return held

    def _eligible(self, request: MatchRequest, valid: Numbers) -> Numbers:
        out: Numbers = self._open & (valid | ~self._needs)
        for side in (request.case_languages, request.client_languages):
            if side:
                out &= self._level(side) >= 0
        if request.dispute_types:
            out &= self._declares_one(request.dispute_types) | ~self._declares
        owner, first, last = self._away.T
        day = request.on.toordinal()
        out[owner[(first <= day) & (day <= last)]] = False
        return out

    def _declares_one(self, kinds: Iterable[str]) -> Numbers:
        out = np.zeros(len(self.experts), dtype=bool)
        for kind in kinds:
            out[self._declared[kind]] = True
        return out

    def _level(self, side: Iterable[str]) -> Numbers:
        """The best level of one side's languages; -1 for none."""
        out = np.full(len(self.experts), -1.0)
        for tag in {primary(tag) for tag in side}:
            if tag in self._languages:
                np.maximum(out, self._languages[tag], out=out)
        return out

    def _weights(self, rows: Numbers, request: MatchRequest) -> Numbers:
        """How fresh cases are."""
        days = np.clip(request.on.toordinal() - self._day[rows], 0, _OLDEST - 1)
        undated = self._day[rows] == 0
        return np.where(undated, parts.freshness(None), self._fresh[days])

    def _sums(self, rows: Numbers, weights: Numbers) -> Numbers:
        return np.bincount(self._owner[rows], weights, minlength=len(self.experts))

    def _estimate(self, request: MatchRequest, valid: Numbers) -> Numbers:
        """What the score will be, but for rounding."""
        near = np.array([parts.nearness(venue, request) for venue in self._venues])
        total = self._standing.copy()
        for industry in set(request.industries):
            rows = self._of_industry[industry]
            unknown = np.exp2(-self._sums(rows, self._weights(rows, request)) * parts.STEPS)
            unknown[self._industries[industry]] *= 1.0 - parts.DECLARED_INDUSTRY
            total += parts.INDUSTRY / len(set(request.industries)) * (1.0 - unknown)
        asked = set(request.dispute_types)
        region = forum_region(request)
        placed = np.zeros(len(self.experts))
        placed[self._owner[self._of_region[region]]] = parts.PLACED_BY_CASE
        # A forum that the taxonomy does not know is of no region.
        is_known = region_of_venue(request.venue) is not None
        here = (
            self._of_region[region]
            if is_known
            else np.union1d(self._of_region[region], self._of_venue[request.venue])
        )
        weights = (
            self._role[here] * self._weights(here, request) * near[self._at[here]] if len(here) else here
        )
        of_kind = np.zeros(len(self._owner), dtype=bool)
        if asked:
            rows = np.concatenate([self._of_kind[kind] for kind in asked])
            of_kind[rows] = True
            kind = (
                self._role[rows] * self._weights(rows, request) * near[self._at[rows]] if len(rows) else rows
            )
            proved = 1.0 - np.exp2(-self._sums(rows, kind) * parts.STEPS)
            total += parts.DISPUTE * (1.0 - parts.DECLARED_TYPE) * proved
            for one in asked:
                total[self._declared[one]] += parts.DISPUTE * parts.DECLARED_TYPE / len(asked)
        depth = weights * np.where(of_kind[here], 1.0, parts.OTHER_KIND)
        total += parts.FORUM * (1.0 - np.exp2(-self._sums(here, depth) * parts.FORUM_STEPS))
        sides = [self._level(side) for side in (request.case_languages, request.client_languages) if side]
        if sides:
            total += parts.LANGUAGE * np.maximum(np.minimum.reduce(sides), 0.0)
        total += parts.PLACE * np.where(valid, 1.0, placed)
        total += parts.TEXT * self._shared(request.text)
        return np.maximum(total + self._load, 0.0)

    def _shared(self, text: str) -> Numbers:
        lists = [rows for word in parts.words_of(text) if len(rows := self._words[word])]
        if not lists:
            return np.zeros(len(self.experts))
        shared = np.bincount(np.concatenate(lists), minlength=len(self.experts))
        return np.minimum(shared / parts.WORDS, 1.0)

    @staticmethod
    def _best(rows: Numbers, estimate: Numbers, count: int) -> Numbers:
        """Rows that may be among the best ``count`` once they are scored to the digit."""
        if len(rows) <= count:
            return rows
        told = estimate[rows]
        floor = np.partition(told, len(rows) - count)[len(rows) - count]
        nearest: Numbers = rows[told >= floor - _MARGIN]
        return nearest
