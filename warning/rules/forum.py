"""Which forum, and so which region. A structured venue first, then docket numbers and names of forums in the text, and
only then a country's name right beside a word for a forum. A country that is merely mentioned decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cases.taxonomy import Taxonomy
from core.text import fold
from warning.rules.engine import Prepared, Vocabulary, prepare
from warning.rules.model import Evidence, Term

#: region names followed, or preceded, by one of these name a forum of that region
_FORUM_WORDS = re.compile(
    r"法院|法庭|海关|专利局|商标局|知识产权局|知识产权法|裁判所|特许厅|特許庁|检察|警方|"
    r"\b(?:courts?|tribunals?|customs|patent office|trade ?marks? (?:office|registry)|ip office|judges?|"
    r"landgericht|oberlandesgericht|bundespatentgericht|gericht)\b",
    re.IGNORECASE,
)
#: how far, in code points, such a word may stand from the region's name
_REACH = 24
#: longer words that hold a region's name and are not it
_NOT_REGIONS = (
    "马里兰", "马里奥", "苏丹红", "印度洋", "几内亚湾", "新墨西哥", "墨西哥湾", "北爱尔兰", "尼日尔河", "中非合作",
    "中非贸易", "东南亚", "美元", "欧元", "日元", "英镑", "德国之声", "英国石油", "约旦河", "New Mexico", "guinea pig",
    "Northern Ireland", "Air India", "American Express", "Indian Ocean",
)  # fmt: skip
#: names that are also a person, a thing or a State of the Union: no use without a court beside them, and not even then
_TOO_COMMON = {"georgia", "jordan", "chad", "turkey", "polish", "mali", "guinea", "niger", "乔丹", "american", "us", "美"}


class ForumFinder:
    """Finds the forum of a record and the region it stands for. Built once from the taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        terms: list[Term] = []
        self._venue_of: list[str] = []
        for venue in taxonomy.venues.values():
            for alias in (*venue.aliases, venue.zh, *([venue.en] if len(venue.en) > 6 else [])):
                self._add(terms, Term(alias), venue.id)
            for alias in venue.aliases_cs:
                self._add(terms, Term(alias, is_exact=True), venue.id)
            for marked in venue.aliases_ctx:
                exact = any(c.isupper() for c in marked.alias) and marked.alias.upper() == marked.alias
                self._add(terms, Term(marked.alias, exact, marked.need, marked.veto), venue.id)
        self._venues = Vocabulary(terms)
        self._patterns = [(re.compile(p), v.id) for v in taxonomy.venues.values() for p in v.aliases_rx]
        names: list[Term] = []
        self._region_of: list[str | None] = []
        for region in taxonomy.regions.values():
            for name in (region.zh.removeprefix("中国"), region.en, *(a for t in region.aliases.values() for a in t)):
                if fold(name) not in _TOO_COMMON and len(name) > 1:
                    names.append(Term(name, is_exact=name.isascii() and len(name) <= 4))
                    self._region_of.append(region.code)
        for name in _NOT_REGIONS:
            names.append(Term(name))
            self._region_of.append(None)
        self._regions = Vocabulary(names)

    def _add(self, terms: list[Term], term: Term, venue: str) -> None:
        terms.append(term)
        self._venue_of.append(venue)

    def venue(
        self, given: str | None, fields: Mapping[str, Prepared], parties: Sequence[str]
    ) -> tuple[str | None, list[Evidence]]:
        """The venue and why; parties' names are blanked first, so that KTC Technology names no commission."""
        if given:
            known = self._taxonomy.venue_of(given)
            if known is not None:
                return known.id, [_reason(f"venue:{known.id}", "rule.venue.field", "venue", 0, len(given), given, 2.0)]
            found = self._in_text("venue", prepare(given))
            if found:
                return found[0], [found[1]]
        for name in ("title", "text"):
            if name in fields:
                found = self._in_text(name, _blank(fields[name], parties))
                if found:
                    return found[0], [found[1]]
        return None, []

    def _in_text(self, field: str, prepared: Prepared) -> tuple[str, Evidence] | None:
        """A docket number decides before a name; of names the most often found, then the first, then the longest."""
        raw = prepared.raw
        for pattern, venue in self._patterns:
            if match := pattern.search(raw):
                return venue, _reason(f"venue:{venue}", "rule.venue.docket", field, *match.span(), match.group(), 2.0)
        hits = self._venues.find(prepared)
        if not hits:
            return None
        longest = [
            h for h in hits if not any(o.start <= h.start and h.end <= o.end and o.end - o.start > h.end - h.start for o in hits)
        ]
        counts: dict[str, int] = {}
        for hit in longest:
            counts[self._venue_of[hit.term]] = counts.get(self._venue_of[hit.term], 0) + 1
        first = min(longest, key=lambda h: (-counts[self._venue_of[h.term]], h.start, h.start - h.end, h.term))
        venue = self._venue_of[first.term]
        words = raw[first.start : first.end]
        return venue, _reason(f"venue:{venue}", "rule.venue.name", field, first.start, first.end, words, 2.0)

    def regions(
        self, venue: str | None, given: str | None, fields: Mapping[str, Prepared]
    ) -> tuple[tuple[str, ...], list[Evidence]]:
        """The region codes and why: the venue's own region, or a region named beside a word for a forum."""
        if venue is not None:
            code = self._taxonomy.region_code(venue)
            if code is None:
                return (), []
            return (code,), [_reason(f"region:{code}", "rule.region.forum", "venue", 0, len(venue), venue, 2.0)]
        if given and (found := self._named(prepare(given), beside=False)):
            code, start, end = found
            return (code,), [_reason(f"region:{code}", "rule.region.venue", "venue", start, end, given[start:end], 2.0)]
        for name in ("title", "text"):
            if name in fields and (found := self._named(fields[name], beside=True)):
                code, start, end = found
                words = fields[name].raw[start:end]
                return (code,), [_reason(f"region:{code}", "rule.region.beside_forum", name, start, end, words, 1.0)]
        return (), []

    def _named(self, prepared: Prepared, *, beside: bool) -> tuple[str, int, int] | None:
        hits = self._regions.find(prepared)
        for hit in sorted(hits, key=lambda h: (h.start, h.start - h.end)):
            if any(o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start for o in hits):
                continue
            code = self._region_of[hit.term]
            if code is None:
                continue
            around = prepared.raw[max(0, hit.start - _REACH) : hit.end + _REACH]
            if not beside or _FORUM_WORDS.search(around):
                return code, hit.start, hit.end
        return None


def _blank(prepared: Prepared, names: Sequence[str]) -> Prepared:
    raw = prepared.raw
    for name in names:
        if len(name) > 3 and name in raw:
            raw = raw.replace(name, " " * len(name))
    return prepared if raw is prepared.raw else prepare(raw)


def _reason(tag: str, rule: str, field: str, start: int, end: int, text: str, weight: float) -> Evidence:
    return Evidence(tag, rule, "1", field, start, end, text, weight)
