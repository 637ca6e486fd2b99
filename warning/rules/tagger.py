"""Tagging one record: forum, region, industry, dispute type, rights, stage, remedies, and whether China is concerned.

The forum decides the region, never a mention. Parties never feed industry. A trade-remedy matter gets no dispute type
and no right unless section 337 itself is named.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from cases.taxonomy import Taxonomy, Venue, shipped_taxonomy
from warning.rules.captions import Names
from warning.rules.china import ChinaFinder
from warning.rules.compile import yaml_rules
from warning.rules.disputes import LONG, LOUD, SECTION_337, grounds, headed
from warning.rules.disputes import disputes as disputes_of
from warning.rules.engine import Found, Hit, Prepared, Vocabulary, found_of, prepare
from warning.rules.forum import Forum, ForumFinder
from warning.rules.languages import languages_of
from warning.rules.model import Evidence, Rule
from warning.rules.pieces import Patterns
from warning.rules.rights import PATTERNS as RIGHTS
from warning.rules.rights import find_claims, find_rights
from warning.rules.score import RuleSet, Scored

#: tags of one kind a record may carry, best first
_MOST_INDUSTRIES = 4
#: at most so many where only the text speaks
_MOST_BY_TEXT = 2
#: an industry found only in the text needs this share of the best score, or of the most found
_TAIL = 0.5
_PARTS_FOLLOW = re.compile(r"(?<=\w) (?:with|having|for use (?:with|in)|for controlling) ", re.IGNORECASE)
_ITC = "v.us.itc"
#: kinds of tags that rules emit
_KINDS = ("dispute_type", "industry", "ip_right", "stage", "remedy", "outcome", "matter")
#: what only a record of intellectual property may carry
_OF_OURS = frozenset({"dispute_type", "ip_right", "remedy", "outcome"})
#: dispute types that matters of other kinds have as well
_GENERAL = frozenset(
    {
        "dt.preliminary_injunction",
        "dt.criminal_enforcement",
        "dt.licensing_contract",
        "dt.policy_change",
        "dt.ma_compliance",
        "dt.customs",
        "dt.exhibition",
        "dt.platform_complaint",
        "dt.tro_schedule_a",
        "dt.unfair_competition",
    }
)
#: the field of a reason that is the record's own forum
_FORUM_CODE = "codes.venue[0]"


@dataclass(frozen=True)
class TagInput:
    """A record to tag. ``venue`` is a taxonomy id, a court code or a printed name; ``parties`` are
    (name, role, country)."""

    id: str
    title: str = ""
    text: str = ""
    venue: str | None = None
    language: str | None = None
    parties: tuple[tuple[str, str, str | None], ...] = ()
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    product: str = ""


class TagResult(NamedTuple):
    """What the rules made of a record, and why."""

    regions: tuple[str, ...] = ()
    venue: str | None = None
    industries: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    ip_rights: tuple[str, ...] = ()
    stage: str | None = None
    remedies: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    rights: tuple[tuple[str, str], ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    china_related: bool = False
    evidence: tuple[Evidence, ...] = ()
    #: what a rule tells -> its score as a multiple of the rule's threshold: 1.0 has just reached it
    margins: Mapping[str, float] = {}


class Rulebook:
    """Every rule, compiled; its version is a hash of rules and vocabulary, pinned on each tag."""

    def __init__(self, taxonomy: Taxonomy, rules: Sequence[Rule]) -> None:
        self.taxonomy = taxonomy
        self.rules = RuleSet(rules)
        self.forum = ForumFinder(taxonomy)
        self.china = ChinaFinder()
        #: one automaton for all three
        self.vocabulary = Vocabulary(self.rules.terms, self.forum.terms, self.china.terms)
        #: and one for all patterns
        self.patterns = Patterns(self.rules.patterns, self.forum.dockets.patterns, RIGHTS)
        self.version = hashlib.sha256(f"{self.rules.version}|{taxonomy.version}".encode()).hexdigest()[:12]


@cache
def load_rulebook() -> Rulebook:
    """The shipped rulebook, compiled once. Raises RulebookInvalid."""
    return Rulebook(shipped_taxonomy(), list(yaml_rules()))


def tag(record: TagInput, rulebook: Rulebook) -> TagResult:
    """Tag one record; deterministic and pure."""
    written = (("title", record.title), ("text", record.text), ("product", record.product))
    fields = {name: prepare(value) for name, value in written if value}
    languages = languages_of([prepared.raw for prepared in fields.values()], record.language)
    of_rules: dict[str, list[Hit]] = {}
    of_forum: dict[str, list[Found]] = {}
    of_china: dict[str, list[Found]] = {}
    patterns: dict[str, Sequence[int]] = {}
    dockets: dict[str, Sequence[int]] = {}
    numbered: dict[str, Sequence[int]] = {}
    for name, prepared in fields.items():
        patterns[name], dockets[name], numbered[name] = rulebook.patterns.asked(prepared)
        of_rules[name], forums, chinese = rulebook.vocabulary.spans(prepared, languages)
        of_forum[name] = list(map(found_of, forums))
        of_china[name] = list(map(found_of, chinese)) if chinese else []
    parties = [name for name, _, _ in record.parties]
    forum = rulebook.forum.find(record.venue, fields, of_forum, parties, dockets)
    codes = record.codes
    if forum.venue is not None and record.venue:
        codes = {**codes, "venue": (forum.venue,)}
    names = Names(fields, parties, rulebook.china.firms(of_china))
    scored = rulebook.rules.score(fields, of_rules, codes, names, patterns)
    if codes and forum.evidence:
        scored = [_from_forum(s, forum) for s in scored]
    of = _by_kind(scored)
    if forum.region is None and (only := _only_forum(of)):
        forum = only
    if not _is_ours(of):
        of |= {kind: [] for kind in _OF_OURS}
    venue = rulebook.taxonomy.venues[forum.venue] if forum.venue else None
    disputes = disputes_of(of["dispute_type"], len(record.text), venue, headed(scored))
    industries = _industries(of["industry"], record.title)
    rights, remedies, outcomes = of["ip_right"], of["remedy"], of["outcome"]
    if len(record.text) >= LONG:
        rights = [s for s in rights if s.is_firm or s.times >= LOUD]
    stage = _stage(of["stage"], rulebook.taxonomy, venue)
    numbers, number_reasons = find_rights(fields, numbered)
    if _only_designs(numbers):
        rights = [s for s in rights if s.rule.emit[1] != "patent"]
    claims, claim_reasons = find_claims(fields) if numbers else ((), [])
    china = rulebook.china.find(record.parties, fields, of_china)
    about = [*disputes, *(grounds(of["dispute_type"], disputes) if len(record.text) < LONG else ())]
    implied = _implied_rights(about, rights, rulebook.taxonomy)
    if disputes and len(record.text) < LONG:
        implied += _numbered_rights(number_reasons, {s.rule.emit[1] for s in rights}, implied)
    evidence = list(forum.evidence)
    margins = {}
    for kept in (disputes, industries, rights, [stage] if stage else [], remedies, outcomes):
        for result in kept:
            evidence += result[2]
            rule = result[0]
            margins[f"{rule.emit[0]}:{rule.emit[1]}"] = result[1] / rule.threshold
    evidence += [*implied, *number_reasons, *claim_reasons, *china]
    told = TagResult(
        regions=(forum.region,) if forum.region else (),
        venue=forum.venue,
        industries=_values(industries),
        dispute_types=_values(disputes),
        ip_rights=tuple(dict.fromkeys([*_values(rights), *[e.tag.partition(":")[2] for e in implied]])),
        stage=stage.rule.emit[1] if stage else None,
        remedies=_values(remedies),
        outcomes=_values(outcomes),
        rights=numbers,
        claims=claims,
        china_related=bool(china),
        evidence=tuple(evidence),
        margins=margins,
    )
    gone = rulebook.taxonomy.gone
    return _in_force(told, gone) if gone else told


def _in_force(result: TagResult, gone: Mapping[str, str | None]) -> TagResult:
    """The result told with the ids in force: what is retired by what took its place, or not at all."""

    def now(values: Iterable[str]) -> tuple[str, ...]:
        told = (gone.get(value, value) for value in values)
        return tuple(dict.fromkeys(value for value in told if value is not None))

    evidence: list[Evidence] = []
    margins: dict[str, float] = {}
    for piece in result.evidence:
        kind, _, value = piece.tag.partition(":")
        current = gone.get(value, value)
        if current is not None:
            evidence.append(piece if current == value else piece._replace(tag=f"{kind}:{current}"))
    for tag_told, margin in result.margins.items():
        kind, _, value = tag_told.partition(":")
        if (current := gone.get(value, value)) is not None:
            name = f"{kind}:{current}"
            margins[name] = max(margin, margins.get(name, 0.0))
    return result._replace(
        industries=now(result.industries),
        dispute_types=now(result.dispute_types),
        stage=next(iter(now([result.stage] if result.stage else [])), None),
        remedies=now(result.remedies),
        outcomes=now(result.outcomes),
        evidence=tuple(dict.fromkeys(evidence)),
        margins=margins,
    )


def _values(scored: Sequence[Scored]) -> tuple[str, ...]:
    return tuple([s[0].emit[1] for s in scored]) if scored else ()


def _is_ours(of: Mapping[str, Sequence[Scored]]) -> bool:
    """Whether a record is of intellectual property. A trade-remedy matter is not, unless it says section 337; tax, labour
    and ordinary commerce are not, unless they speak of a right or of a dispute that is about nothing else; and what asks
    for damages or an injunction alone may be about anything."""
    matters = [s.rule.emit[1] for s in of["matter"]]
    if "trade_remedy" in matters:
        return "section_337" in matters
    if "other" in matters:
        return bool(of["ip_right"]) or any(s.rule.emit[1] not in _GENERAL for s in of["dispute_type"])
    return bool(of["ip_right"] or of["dispute_type"])


def _from_forum(scored: Scored, forum: Forum) -> Scored:
    """A reason that is the forum itself, told by the words that named it."""
    if not forum.evidence or all(e.field != _FORUM_CODE for e in scored.evidence):
        return scored
    said = forum.evidence[0]
    told = tuple(
        e._replace(field=said.field, start=said.start, end=said.end, text=said.text)
        if e.field == _FORUM_CODE
        else e
        for e in scored.evidence
    )
    return scored._replace(evidence=told)


def _only_forum(of: Mapping[str, Sequence[Scored]]) -> Forum | None:
    """Section 337 is heard by one forum: naming it names the forum."""
    for result in (*of["matter"], *of["dispute_type"]):
        if result.rule.emit[1] in ("section_337", SECTION_337):
            tags = (f"venue:{_ITC}", "region:US")
            return Forum(_ITC, "US", tuple([result.evidence[0]._replace(tag=tag) for tag in tags]))
    return None


def _by_kind(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """Results by the kind of their tag, best first; of two rules for one tag the better."""
    of: dict[str, list[Scored]] = {kind: [] for kind in _KINDS}
    for result in scored:
        of[result[0].emit[0]].append(result)
    for kind, results in of.items():
        if len(results) > 1:
            results.sort(key=_best_first)
            best: dict[str, Scored] = {}
            for result in results:
                best.setdefault(result[0].emit[1], result)
            if len(best) < len(results):
                of[kind] = list(best.values())
    return of


def _best_first(result: Scored) -> tuple[float, str]:
    return -result[1], result[0].id


def _industries(scored: Sequence[Scored], title: str) -> list[Scored]:
    """What the title, the product or a code says; the text adds to it only what it says as loudly. Where the text alone
    speaks, what it speaks of most. "Certain X With Y" is about X."""
    firm = _before_with([s for s in scored if s.is_firm], title)
    if firm:
        best = max(s.score for s in firm)
        kept = [s for s in scored if s in firm or (s.score > best * (1 + _TAIL) and s.times >= LOUD)]
        return kept[:_MOST_INDUSTRIES]
    if len(scored) < 2:
        return list(scored)
    loudest = max([s.times for s in scored])
    kept = [s for s in scored if s.times >= loudest * _TAIL]
    return sorted(kept, key=lambda s: (-s.times, -s.score, s.rule.id))[:_MOST_BY_TEXT]


def _before_with(firm: list[Scored], title: str) -> list[Scored]:
    """Of the goods of an investigation's title not those that only follow a "with" or "for use in", where others go
    before it."""
    cut = _PARTS_FOLLOW.search(title)
    if cut is None:
        return firm
    places = {
        s.rule.id: min((e.start for e in s.evidence if e.field == "title"), default=len(title)) for s in firm
    }
    if not any(place < cut.start() for place in places.values()):
        return firm
    return [
        s
        for s in firm
        if places[s.rule.id] < cut.start() or any(e.field not in ("title", "text") for e in s.evidence)
    ]


def _stage(scored: Sequence[Scored], taxonomy: Taxonomy, venue: Venue | None) -> Scored | None:
    """The one stage: of the forum's own track when it is known (at a fair a court may act as well), then by score, then
    the later in the track."""
    if not scored:
        return None
    own = list(scored)
    if venue is not None:
        own = [s for s in scored if taxonomy.stages[s.rule.emit[1]].track == venue.track]
        if venue.type == "fair" and not own:
            own = list(scored)
    return max(own, key=lambda s: (s.score, taxonomy.stages[s.rule.emit[1]].order), default=None)


def _implied_rights(
    disputes: Sequence[Scored], rights: Sequence[Scored], taxonomy: Taxonomy
) -> list[Evidence]:
    """A dispute type about one kind of right names that right."""
    if not disputes:
        return []
    known = {s.rule.emit[1] for s in rights}
    out = []
    for dispute in disputes:
        about = taxonomy.dispute_types[dispute.rule.emit[1]].ip_rights
        right = about[0] if about and (len(about) == 1 or about == ("patent", "utility_model")) else None
        if right and known.isdisjoint(about):
            known.add(right)
            e = dispute.evidence[0]
            out.append(
                Evidence(f"ip_right:{right}", e.rule, e.version, e.field, e.start, e.end, e.text, e.weight)
            )
    return out


def _only_designs(numbers: Sequence[tuple[str, str]]) -> bool:
    """Whether the rights named by number are designs and no patents: U.S. Patent No. D579,868 is a design."""
    kinds = {kind for kind, _ in numbers}
    return "design" in kinds and "patent" not in kinds


def _numbered_rights(
    reasons: Sequence[Evidence], known: set[str], implied: Sequence[Evidence]
) -> list[Evidence]:
    """The kinds of the rights that are named by number, where no word named them."""
    known = known | {e.tag.partition(":")[2] for e in implied}
    out: dict[str, Evidence] = {}
    for e in reasons:
        kind = e.tag.removeprefix("right:").partition(" ")[0]
        if kind not in known:
            out.setdefault(kind, e._replace(tag=f"ip_right:{kind}"))
    return list(out.values())


def as_json(record_id: object, result: TagResult) -> dict[str, object]:
    """The line `seamark tag` prints: what was promised; outcomes and claims, which cases carry too, are left out."""
    return {
        "id": record_id,
        "regions": list(result.regions),
        "venue": result.venue,
        "industries": list(result.industries),
        "dispute_types": list(result.dispute_types),
        "ip_rights": list(result.ip_rights),
        "stage": result.stage,
        "remedies": list(result.remedies),
        "rights": [{"kind": kind, "number": number} for kind, number in result.rights],
        "china_related": result.china_related,
        "evidence": [
            {
                "tag": e.tag,
                "rule": e.rule,
                "version": e.version,
                "field": e.field,
                "start": e.start,
                "end": e.end,
                "text": e.text,
                "weight": e.weight,
            }
            for e in result.evidence
            if not e.tag.startswith(("outcome:", "claim:"))
        ],
    }


__all__ = ["Prepared", "Rulebook", "TagInput", "TagResult", "as_json", "load_rulebook", "tag"]
