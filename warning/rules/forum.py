"""Which forum, and so which region. A structured venue first, then docket numbers and names of forums in the text, and
only then a country's name right beside a body or an act of a forum. A country that is merely mentioned decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cases.taxonomy import NameMark, Region, Taxonomy
from warning.rules.beside import Beside
from warning.rules.dockets import Dockets
from warning.rules.engine import Found, Prepared, Vocabulary, prepare
from warning.rules.model import Evidence, Term, term_of
from warning.rules.pieces import Asked

_FIELDS = ("title", "text")
#: the court that sits in cities of many States, of which a title may name only the city
_UPC = "v.upc"
_STATE_PART = re.compile(r"(?<!州)([东西南北中])区")


class Forum(NamedTuple):
    """What was found: a venue, its region's code, or only the latter, with the reasons."""

    venue: str | None = None
    region: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class _Name:
    """What a term stands for."""

    venue: str | None = None
    region: str | None = None
    is_forum: bool = False
    is_cue: bool = False
    is_act: bool = False


_NONE = Forum()
#: a longer name that holds a region's and is not it
_NOTHING = _Name()


class ForumFinder:
    """Finds the forum of a record and the region it stands for. Built once from the taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        names: dict[Term, _Name] = {}
        for term, name in self._forum_terms():
            names.setdefault(term, name)
        for region in taxonomy.regions.values():
            for term in _region_terms(region, taxonomy.marks):
                names.setdefault(term, _Name(region=region.code))
            for short in region.short:
                # 在美被诉, 美法院: a one-character name counts inside such compounds only.
                for compound in _COMPOUNDS:
                    names.setdefault(Term(compound.format(short)), _Name(region=region.code, is_forum=True))
        for mark in taxonomy.marks.values():
            for longer in mark.longer:
                names.setdefault(Term(longer), _Name())
        for text in taxonomy.forum_cues.all():
            names.setdefault(term_of(text), _Name(is_cue=True))
        for text in taxonomy.forum_acts.all():
            names.setdefault(term_of(text), _Name(is_act=True))
        #: every term, by number
        self.terms: Sequence[Term] = list(names)
        self._names = list(names.values())
        self._blank = frozenset(n for n, name in enumerate(self._names) if name == _NOTHING)
        self._telling = frozenset(n for n, name in enumerate(self._names) if name.is_forum or name.region)
        self.dockets = Dockets(taxonomy)
        self._vocabulary: Vocabulary | None = None

    def _forum_terms(self) -> Iterator[tuple[Term, _Name]]:
        for venue in self._taxonomy.venues.values():
            name = _Name(venue=venue.id, is_forum=True)
            printed = {*venue.aliases, venue.zh, *([venue.en] if len(venue.en) > 6 else [])}
            # News writes 伊利诺伊州北区 where the court's usual name is 伊利诺伊北区.
            printed |= {_STATE_PART.sub(r"州\1区", p) for p in printed}
            for alias in sorted(printed):
                yield term_of(alias), name
            for alias in venue.aliases_cs:
                yield Term(alias, is_exact=True), name
            for marked in venue.aliases_ctx:
                is_exact = any(c.isupper() for c in marked.alias) and marked.alias.upper() == marked.alias
                term = term_of(marked.alias)
                yield (
                    Term(term.text, is_exact, marked.need, marked.veto, term.starts_inside, term.ends_inside),
                    name,
                )
        for forum in self._taxonomy.forum_names:
            code = self._taxonomy.regions[forum.region].code if forum.region else None
            for text in forum.names:
                yield term_of(text), _Name(region=code, is_forum=True)

    def find(
        self,
        given: str | None,
        fields: Mapping[str, Prepared],
        found: Mapping[str, Sequence[Found]],
        parties: Sequence[str],
        asked: Asked,
    ) -> Forum:
        """The forum and why. Parties' names are no forum: KTC Technology names no commission. ``asked``: the patterns of
        dockets that may match."""
        if given and (forum := self._given(given)):
            return forum
        hits = {f: _outside_names(fields[f], found[f], parties) for f in _FIELDS if f in fields}
        if "title" not in hits:
            if "text" not in hits:
                return _NONE
            return self._in_text("text", fields["text"], hits["text"], asked["text"]) or _NONE
        in_title, in_text = (
            self._in_text(field, fields[field], hits[field], asked[field]) if field in hits else None
            for field in _FIELDS
        )
        if in_title is None or in_text is None or in_title.venue is not None:
            return in_title or in_text or _NONE
        if not in_title.evidence:
            # A court of the mainland.
            return in_title
        # The title names a region, the text a forum: of that region, or of another that the title names as well.
        named = {self._names[h.term].region for h in hits["title"]}
        if in_text.venue == _UPC and in_title.evidence[0].rule == "rule.region.beside_forum":
            return in_text
        if in_text.venue is not None and (in_text.region == in_title.region or in_text.region in named):
            return in_text
        return in_title

    def _given(self, given: str) -> Forum | None:
        """A structured venue: a taxonomy id, a court code or a printed name; else whatever forum or region it names."""
        known = self._taxonomy.venue_of(given)
        if known is not None:
            return self._forum(known.id, None, "rule.venue.field", "venue", 0, len(given), given)
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.terms)
        prepared = prepare(given)
        hits = self._vocabulary.find(prepared)[0]
        if forum := self._in_text("venue", prepared, hits):
            return forum
        for hit in _widest([h for h in hits if self._names[h.term].region or not self._names[h.term].is_cue]):
            if code := self._names[hit.term].region:
                return self._forum(
                    None, code, "rule.region.venue", "venue", hit.start, hit.end, given[hit.start : hit.end]
                )
        return None

    def _in_text(
        self, field: str, prepared: Prepared, hits: Sequence[Found], asked: Sequence[int] | None = None
    ) -> Forum | None:
        """A docket number decides before a name; of names the most often found, then the first; then a region's name
        beside a body or an act."""
        raw = prepared.raw
        if docket := self.dockets.first(prepared, asked):
            known, match = docket
            return self._forum(
                known.venue, known.region, "rule.venue.docket", field, *match.span(), match.group()
            )
        if not any(h[0] in self._telling for h in hits):
            return None
        wide = _widest(hits)
        if blanks := [h for h in hits if h[0] in self._blank]:
            wide = [h for h in wide if not any(_spoils(blank, h) for blank in blanks)]
        named = [h for h in wide if self._names[h.term].is_forum]
        if named:
            first = self._most_named(named)
            name = self._names[first.term]
            words = raw[first.start : first.end]
            return self._forum(
                name.venue, name.region, "rule.venue.name", field, first.start, first.end, words
            )
        regions = [(h, self._names[h.term].region or "") for h in wide if self._names[h.term].region]
        if not regions:
            return None
        cues = [h for h in hits if self._names[h.term].is_cue]
        acts = [h for h in hits if self._names[h.term].is_act]
        chosen = Beside(raw, cues, acts).choose(regions)
        if chosen is None:
            return None
        code, start, end = chosen
        return self._forum(None, code, "rule.region.beside_forum", field, start, end, raw[start:end])

    def _most_named(self, named: Sequence[Found]) -> Found:
        """A region's forums count together; within the region a venue goes before a body that is none."""
        by_region: dict[str | None, int] = {}
        by_venue: dict[str | None, int] = {}
        for hit in named:
            name = self._names[hit.term]
            code = self._code(name)
            by_region[code] = by_region.get(code, 0) + 1
            by_venue[name.venue] = by_venue.get(name.venue, 0) + 1
        top = max(by_region.values())
        region = next(
            self._code(self._names[h.term])
            for h in named
            if by_region[self._code(self._names[h.term])] == top
        )
        own = [h for h in named if self._code(self._names[h.term]) == region]
        return min(
            own,
            key=lambda h: (
                self._names[h.term].venue is None,
                -by_venue[self._names[h.term].venue],
                h.start,
                h.term,
            ),
        )

    def _code(self, name: _Name) -> str | None:
        return self._taxonomy.region_code(name.venue) if name.venue else name.region

    def _forum(
        self, venue: str | None, region: str | None, rule: str, field: str, start: int, end: int, text: str
    ) -> Forum:
        code = self._taxonomy.region_code(venue) if venue else region
        evidence = []
        if venue:
            evidence.append(Evidence(f"venue:{venue}", rule, "3", field, start, end, text, 2.0))
        if code:
            region_rule = "rule.region.forum" if venue else rule
            evidence.append(Evidence(f"region:{code}", region_rule, "3", field, start, end, text, 2.0))
        return Forum(venue, code, tuple(evidence))


def _region_terms(region: Region, marks: Mapping[str, NameMark]) -> Iterator[Term]:
    names = {
        region.zh.removeprefix("中国"),
        region.en,
        *(a for words in region.aliases.values() for a in words),
    }
    for name in sorted(names):
        if mark := marks.get(name):
            if not mark.is_never:
                is_exact = mark.is_exact or (name.isascii() and len(name) <= 4)
                yield Term(name, is_exact, mark.need, mark.veto)
        elif len(name) > 1:
            term = term_of(name)
            yield Term(
                term.text,
                name.isascii() and len(name) <= 4,
                starts_inside=term.starts_inside,
                ends_inside=term.ends_inside,
            )


_COMPOUNDS = (
    "在{}起诉", "在{}被诉", "在{}遭诉", "在{}诉讼", "在{}应诉", "在{}维权", "在{}提起", "在{}遭遇", "在{}专利", "在{}商标",
    "在{}胜诉", "在{}败诉", "赴{}参展", "赴{}应诉", "{}法院", "{}海关", "{}司法部", "{}商务部", "{}专利局", "输{}产品", "对{}诉讼",
)  # fmt: skip


def _spoils(blank: Found, hit: Found) -> bool:
    """Whether a hit is made of a piece of a longer name that is not its own: 墨西哥法院 in 新墨西哥法院."""
    overlaps = blank.start < hit.end and hit.start < blank.end
    return overlaps and not (hit.start <= blank.start and blank.end <= hit.end)


def _widest(hits: Sequence[Found]) -> list[Found]:
    """Hits that lie inside no longer one, in order of place."""
    if len(hits) < 2:
        return list(hits)
    kept: list[Found] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end, h.term)):
        if not kept or hit.end > kept[-1].end or (hit.start == kept[-1].start and hit.end == kept[-1].end):
            kept.append(hit)
    return kept


def _outside_names(prepared: Prepared, hits: Sequence[Found], names: Sequence[str]) -> Sequence[Found]:
    """Hits that touch no party's name."""
    if not names or not hits:
        return hits
    spans = [
        match.span()
        for name in names
        if len(name) > 3
        for match in re.finditer(re.escape(name), prepared.raw, re.IGNORECASE)
    ]
    if not spans:
        return hits
    return [h for h in hits if not any(s < h.end and h.start < e for s, e in spans)]
