"""Tagging one record: forum, region, industry, dispute type, rights, stage, remedies, and whether China is concerned.

The forum decides the region, never a mention. Parties never feed industry. A trade-remedy matter gets no dispute type
and no right unless section 337 itself is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from cases.taxonomy import Taxonomy, load_taxonomy
from warning.rules.china import china_evidence
from warning.rules.compile import taxonomy_rules, yaml_rules
from warning.rules.engine import Prepared, prepare
from warning.rules.forum import ForumFinder
from warning.rules.model import Evidence, Rule
from warning.rules.rights import find_rights
from warning.rules.score import RuleSet, Scored

#: tags of one kind a record may carry, best first
_MOST_INDUSTRIES = 4
#: an industry found only in the text needs this share of the best score
_TAIL = 0.5
_ITC = "v.us.itc"


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


@dataclass(frozen=True)
class TagResult:
    """What the rules made of a record, and why."""

    regions: tuple[str, ...] = ()
    venue: str | None = None
    industries: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    ip_rights: tuple[str, ...] = ()
    stage: str | None = None
    remedies: tuple[str, ...] = ()
    rights: tuple[tuple[str, str], ...] = ()
    china_related: bool = False
    evidence: tuple[Evidence, ...] = ()


class Rulebook:
    """Every rule, compiled; its version is a hash of rules and vocabulary, pinned on each tag."""

    def __init__(self, taxonomy: Taxonomy, extra: Sequence[Rule]) -> None:
        self.taxonomy = taxonomy
        self.rules = RuleSet([*taxonomy_rules(taxonomy), *extra])
        self.forum = ForumFinder(taxonomy)
        self.version = hashlib.sha256(f"{self.rules.version}|{taxonomy.version}".encode()).hexdigest()[:12]


@cache
def load_rulebook() -> Rulebook:
    """The project's rulebook, compiled once. Raises RulebookInvalid."""
    return Rulebook(load_taxonomy(), list(yaml_rules()))


def tag(record: TagInput, rulebook: Rulebook) -> TagResult:
    """Tag one record; deterministic and pure."""
    fields = {
        name: prepare(value)
        for name, value in (("title", record.title), ("text", record.text), ("product", record.product))
        if value
    }
    venue, forum_reasons = rulebook.forum.venue(record.venue, fields, [name for name, _, _ in record.parties])
    codes = dict(record.codes)
    if venue is not None and record.venue:
        codes["venue"] = (venue,)
    scored = rulebook.rules.score(fields, codes)
    if venue is None and (only := _only_forum(scored)):
        venue, forum_reasons = _ITC, [only]
    regions, region_reasons = rulebook.forum.regions(venue, record.venue, fields)
    vetoed = any(s.rule.emit == ("matter", "trade_remedy") for s in scored)
    if vetoed and not any(s.rule.emit == ("matter", "section_337") for s in scored):
        scored = [s for s in scored if s.rule.emit[0] not in ("dispute_type", "ip_right", "remedy")]
    disputes = _of(scored, "dispute_type")
    industries = _industries(_of(scored, "industry"))
    rights = _of(scored, "ip_right")
    stage = _stage(_of(scored, "stage"), rulebook.taxonomy, venue)
    remedies = _of(scored, "remedy")
    numbers, number_reasons = find_rights(fields)
    china = china_evidence(record.parties, fields)
    kept = [*disputes, *industries, *rights, *([stage] if stage else []), *remedies]
    implied = _implied_rights(disputes, rights, rulebook.taxonomy)
    evidence = [
        *forum_reasons,
        *region_reasons,
        *(reason for s in kept for reason in s.evidence),
        *implied,
        *number_reasons,
        *china,
    ]
    return TagResult(
        regions=regions,
        venue=venue,
        industries=tuple(s.rule.emit[1] for s in industries),
        dispute_types=tuple(s.rule.emit[1] for s in disputes),
        ip_rights=tuple(dict.fromkeys([*(s.rule.emit[1] for s in rights), *(e.tag.partition(":")[2] for e in implied)])),
        stage=stage.rule.emit[1] if stage else None,
        remedies=tuple(s.rule.emit[1] for s in remedies),
        rights=numbers,
        china_related=bool(china),
        evidence=tuple(evidence),
    )


def _only_forum(scored: Sequence[Scored]) -> Evidence | None:
    """Section 337 is heard by one forum: naming it names the forum."""
    for result in scored:
        if result.rule.emit in (("matter", "section_337"), ("dispute_type", "dt.section_337")):
            e = result.evidence[0]
            return Evidence(f"venue:{_ITC}", e.rule, e.version, e.field, e.start, e.end, e.text, e.weight)
    return None


def _of(scored: Sequence[Scored], kind: str) -> list[Scored]:
    """Results of one kind, best first; of two rules for one tag the better."""
    best: dict[str, Scored] = {}
    for result in scored:
        name, value = result.rule.emit
        if name == kind and (value not in best or best[value].score < result.score):
            best[value] = result
    return sorted(best.values(), key=lambda s: (-s.score, s.rule.id))


def _industries(scored: Sequence[Scored]) -> list[Scored]:
    """What the title or a code says; the text adds to it only what it says as loudly."""
    firm = [s for s in scored if any(e.field != "text" for e in s.evidence)]
    if firm:
        best = max(s.score for s in firm)
        scored = [s for s in scored if s in firm or s.score > best * (1 + _TAIL)]
    return list(scored[:_MOST_INDUSTRIES])


def _stage(scored: Sequence[Scored], taxonomy: Taxonomy, venue: str | None) -> Scored | None:
    """The one stage: of the forum's own track when it is known, then by score, then the later in the track."""
    track = taxonomy.venues[venue].track if venue else None
    own = [s for s in scored if track is None or taxonomy.stages[s.rule.emit[1]].track == track]
    return max(own, key=lambda s: (s.score, taxonomy.stages[s.rule.emit[1]].order), default=None)


def _implied_rights(disputes: Sequence[Scored], rights: Sequence[Scored], taxonomy: Taxonomy) -> list[Evidence]:
    """A dispute type about one kind of right names that right."""
    known = {s.rule.emit[1] for s in rights}
    out = []
    for dispute in disputes:
        about = taxonomy.dispute_types[dispute.rule.emit[1]].ip_rights
        right = about[0] if about and (len(about) == 1 or about == ("patent", "utility_model")) else None
        if right and right not in known:
            known.add(right)
            e = dispute.evidence[0]
            out.append(Evidence(f"ip_right:{right}", e.rule, e.version, e.field, e.start, e.end, e.text, e.weight))
    return out


def as_json(record_id: str, result: TagResult) -> dict[str, object]:
    """The line `seamark tag` prints."""
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
        ],
    }


__all__ = ["Prepared", "Rulebook", "TagInput", "TagResult", "as_json", "load_rulebook", "tag"]
