"""Terms that people wrote over the shipped taxonomy: what one says, how it is checked, and the taxonomy with them.

A term is one YAML mapping of the shape ``iprisk.term/1``. Industries, dispute types, stages, remedies and outcomes may be
added, renamed and retired; regions and forums keep their official names and may only be given more aliases. An id is never
taken away: what is no longer used is retired, so that whatever carries it can still be read.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from cases.taxonomy.entries import OUTCOMES, REMEDIES, RIGHTS
from cases.taxonomy.model import DisputeType, Entry, Industry, Region, Stage, Taxonomy, Venue
from core.errors import RulebookInvalid
from core.said import said

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: kind of tag -> the form of the ids of its terms
ADDABLE = {
    "industry": re.compile(r"ind\.[a-z0-9_]{2,60}"),
    "dispute_type": re.compile(r"dt\.[a-z0-9_]{2,60}"),
    "stage": re.compile(r"ps\.[a-z0-9_]{2,60}"),
    "remedy": re.compile(r"[a-z][a-z0-9_]{2,60}"),
    "outcome": re.compile(r"[a-z][a-z0-9_]{2,60}"),
}
#: kinds of which only the aliases are written here
ALIASED = ("region", "venue")
TERM_KINDS = (*ADDABLE, *ALIASED)
_TABLES = {
    "industry": "industries",
    "dispute_type": "dispute_types",
    "stage": "stages",
    "region": "regions",
    "venue": "venues",
}
_WORDS = {"remedy": REMEDIES, "outcome": OUTCOMES}
_KEYS = {
    "id", "kind", "zh", "en", "retired", "replaced_by", "ip_rights", "base_severity", "track", "after", "aliases",
    "note", "rule",
}  # fmt: skip
#: characters of a term's text, of its words, and how many aliases it may have
LONGEST, MOST_WORDS, MOST_ALIASES = 60_000, 120, 60


@dataclass(frozen=True)
class WrittenTerm:
    """What a term's text says.

    Attributes:
        is_retired: nothing is tagged with it any more; ``replaced_by`` is told in its place, where there is one.
        ip_rights, base_severity: of a dispute type. track, after: of a stage; the id of the stage it follows.
        aliases: by language; of a region or a forum, beside those it has already.
        rule: the rule that tells a term which the program does not ship, as it was written with it.
    """

    id: str
    kind: str
    zh: str
    en: str
    is_retired: bool = False
    replaced_by: str | None = None
    ip_rights: tuple[str, ...] = ()
    base_severity: int = 0
    track: str = ""
    after: str | None = None
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rule: str = ""


def kind_of(taxonomy: Taxonomy, identity: str) -> str | None:
    """The kind of an id of the taxonomy; None for one that it does not have."""
    for kind, table in _TABLES.items():
        if identity in getattr(taxonomy, table):
            return kind
    entry = taxonomy.extra["words"].get(identity)
    return taxonomy.extra["kinds"].get(identity) if entry is not None else None


def entries_of(taxonomy: Taxonomy, kind: str) -> Mapping[str, Entry]:
    """Every entry of a kind by id, retired ones too."""
    if kind in _TABLES:
        return getattr(taxonomy, _TABLES[kind])  # type: ignore[no-any-return]
    kinds = taxonomy.extra["kinds"]
    return {i: entry for i, entry in taxonomy.extra["words"].items() if kinds.get(i) == kind}


def term_of_entry(taxonomy: Taxonomy, identity: str) -> WrittenTerm | None:
    """A term as the taxonomy has it, without rule and without the aliases it has already; None for an unknown id."""
    kind = kind_of(taxonomy, identity)
    if kind is None:
        return None
    entry = entries_of(taxonomy, kind)[identity]
    told: dict[str, Any] = {}
    if isinstance(entry, DisputeType):
        told = {"ip_rights": entry.ip_rights, "base_severity": entry.base_severity}
    elif isinstance(entry, Stage):
        told = {"track": entry.track}
    return WrittenTerm(identity, kind, entry.zh, entry.en, entry.is_retired, entry.replaced_by, **told)


def text_of(term: WrittenTerm) -> str:
    """The YAML of a term, always laid out the same way."""
    row: dict[str, Any] = {"id": term.id, "kind": term.kind, "zh": term.zh, "en": term.en}
    if term.is_retired:
        row["retired"] = True
    if term.replaced_by:
        row["replaced_by"] = term.replaced_by
    if term.kind == "dispute_type":
        row |= {"ip_rights": list(term.ip_rights), "base_severity": term.base_severity}
    if term.kind == "stage":
        row["track"] = term.track
        if term.after:
            row["after"] = term.after
    if term.aliases:
        row["aliases"] = {language: list(words) for language, words in term.aliases.items() if words}
    written = yaml.safe_dump(row, allow_unicode=True, sort_keys=False, width=110)
    # The rule stays as it was laid out: people read and compare it.
    return written + ("rule: |\n" + textwrap.indent(term.rule.strip() + "\n", "  ") if term.rule else "")


def read_term(text: str) -> WrittenTerm:
    """The term that ``text`` writes. Raises RulebookInvalid saying what is wrong with it."""
    if len(text) > LONGEST:
        raise _wrong(said("the text is longer than %(most)s characters", most=LONGEST))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _wrong(said("the text uses an anchor or a reference"))
        row = yaml.load(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _wrong(said("the text is not YAML: %(error)s", error=str(error))) from error
    if not isinstance(row, dict) or set(row) - _KEYS:
        raise _wrong(said("the text has another shape than a term's"))
    try:
        return _term(row)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _wrong(said("the text has another shape than a term's")) from error


def _term(row: Mapping[str, Any]) -> WrittenTerm:
    kind, identity = str(row["kind"]), str(row["id"])
    if kind not in TERM_KINDS:
        raise _wrong(said("there is no such kind of term"))
    words = {}
    for language in ("zh", "en"):
        written = row.get(language)
        if not isinstance(written, str) or not 1 <= len(written.strip()) <= MOST_WORDS:
            raise _wrong(said("a term has a Chinese and an English name"))
        words[language] = written.strip()
    aliases = {
        str(language): tuple(dict.fromkeys(str(word).strip() for word in listed if str(word).strip()))
        for language, listed in (row.get("aliases") or {}).items()
    }
    if set(aliases) - {"zh", "en"} or sum(map(len, aliases.values())) > MOST_ALIASES:
        raise _wrong(said("aliases stand under zh or en, %(most)s at most", most=MOST_ALIASES))
    if any(not 2 <= len(alias) <= MOST_WORDS for listed in aliases.values() for alias in listed):
        raise _wrong(said("an alias has 2 to %(most)s characters", most=MOST_WORDS))
    rights = tuple(map(str, row.get("ip_rights") or ()))
    if set(rights) - set(RIGHTS):
        raise _wrong(said("there is no such right"))
    severity = int(row.get("base_severity", 0))
    if not 0 <= severity <= 100:
        raise _wrong(said("the base severity is 0 to 100"))
    rule = row.get("rule") or ""
    if not isinstance(rule, str):
        raise _wrong(said("the rule stands as text under rule: |"))
    replaced_by = row.get("replaced_by") or None
    return WrittenTerm(
        identity,
        kind,
        words["zh"],
        words["en"],
        bool(row.get("retired", False)) or replaced_by is not None,
        None if replaced_by is None else str(replaced_by),
        rights,
        severity,
        str(row.get("track") or ""),
        str(row["after"]) if row.get("after") else None,
        {language: listed for language, listed in aliases.items() if listed},
        rule,
    )


def refuse_strange(shipped: Taxonomy, current: Taxonomy, term: WrittenTerm) -> None:
    """Refuse a term that cannot stand in the taxonomy.

    Args:
        shipped: the program's own taxonomy, whose names of regions and forums are official.
        current: the taxonomy in force.

    Raises RulebookInvalid.
    """
    known = kind_of(current, term.id)
    if known is not None and known != term.kind:
        raise _wrong(said("the id %(id)s is of another kind", id=term.id))
    if term.kind in ADDABLE and kind_of(shipped, term.id) is None:
        if not ADDABLE[term.kind].fullmatch(term.id):
            raise _wrong(said("an id of this kind looks like %(example)s", example=_EXAMPLES[term.kind]))
        if known is None and (term.id in current.extra["words"] or current.entry(term.id) is not None):
            raise _wrong(said("the id %(id)s is of another kind", id=term.id))
    if term.kind in ALIASED:
        entry = entries_of(shipped, term.kind).get(term.id)
        if entry is None:
            raise _wrong(said("regions and forums come with the program; here they are given aliases"))
        if (term.zh, term.en) != (entry.zh, entry.en) or term.is_retired:
            raise _wrong(said("a region or forum keeps its official name; here it is given aliases"))
        _refuse_taken(current, term)
    if term.kind == "stage":
        _refuse_stray_stage(current, term)
    if term.replaced_by is not None:
        other = entries_of(current, term.kind).get(term.replaced_by)
        if other is None:
            raise _wrong(said("%(id)s, which is to take its place, does not exist", id=term.replaced_by))
        if term.id in (term.replaced_by, current.current(term.replaced_by)):
            raise _wrong(said("a term is not replaced by itself"))
        if other.is_retired:
            raise _wrong(said("%(id)s, which is to take its place, is retired itself", id=term.replaced_by))
    if term.rule and kind_of(shipped, term.id) is not None:
        raise _wrong(said("the rule of a shipped term is changed in the rule editor"))
    same = [
        one.id
        for one in entries_of(current, term.kind).values()
        if one.id != term.id and not one.is_retired and {one.zh, one.en} & {term.zh, term.en}
    ]
    if same and not term.is_retired:
        raise _wrong(said("%(id)s has this name already", id=same[0]))


_EXAMPLES = {
    "industry": "ind.battery_storage",
    "dispute_type": "dt.patent_infringement",
    "stage": "ps.discovery",
    "remedy": "asset_freeze",
    "outcome": "right_upheld",
}


def _refuse_taken(current: Taxonomy, term: WrittenTerm) -> None:
    """A name leads to one region or forum: an alias that another has would make a case's forum a matter of chance."""
    own = entries_of(current, term.kind)
    for identity, entry in own.items():
        if identity == term.id:
            continue
        names = {entry.zh.casefold(), entry.en.casefold()}
        if isinstance(entry, Region):
            names |= {word.casefold() for words in entry.aliases.values() for word in words}
        elif isinstance(entry, Venue):
            names |= {word.casefold() for word in (*entry.aliases, *entry.aliases_cs)}
        for words in term.aliases.values():
            for word in words:
                if word.casefold() in names:
                    raise _wrong(said("%(id)s has the alias “%(word)s” already", id=identity, word=word))


def _refuse_stray_stage(current: Taxonomy, term: WrittenTerm) -> None:
    tracks = {stage.track for stage in current.stages.values()}
    if term.track not in tracks:
        raise _wrong(said("there is no such track; one is %(example)s", example="court"))
    if term.after and (term.after not in current.stages or current.stages[term.after].track != term.track):
        raise _wrong(said("the stage it follows is of the same track"))


def overlaid(base: Taxonomy, terms: Sequence[WrittenTerm], edition: int) -> Taxonomy:
    """``base`` with ``terms`` in it; its version says of which edition of the store's terms it is.

    Raises RulebookInvalid for terms that do not fit together.
    """
    tables: dict[str, dict[str, Entry]] = {kind: dict(entries_of(base, kind)) for kind in TERM_KINDS}
    names = dict(base.extra["venue_names"])
    for term in terms:
        table = tables[term.kind]
        table[term.id] = _entry(term, table)
        if term.kind == "venue":
            for word in _all(term.aliases):
                names.setdefault(word.casefold(), term.id)
    for table in tables.values():
        _refuse_circles(table)
    tables["stage"] = _in_order(tables["stage"])
    words = dict(base.extra["words"])
    kinds = dict(base.extra["kinds"])
    for kind in _WORDS:
        words |= tables[kind]
        kinds |= dict.fromkeys(tables[kind], kind)
    regions: dict[str, Region] = {i: e for i, e in tables["region"].items() if isinstance(e, Region)}
    by_code = {region.code: region for region in reversed(list(regions.values()))}
    by_code["EU"] = base.extra["by_code"]["EU"]
    extra = {**base.extra, "words": words, "kinds": kinds, "venue_names": names, "by_code": by_code}
    return replace(
        base,
        version=f"{base.version}+store@{edition}" if edition else base.version,
        regions=regions,
        venues=tables["venue"],  # type: ignore[arg-type]
        industries=tables["industry"],  # type: ignore[arg-type]
        dispute_types=tables["dispute_type"],  # type: ignore[arg-type]
        stages=tables["stage"],  # type: ignore[arg-type]
        extra=extra,
    )


def _entry(term: WrittenTerm, table: Mapping[str, Entry]) -> Entry:
    known = table.get(term.id)
    told: dict[str, Any] = {
        "zh": term.zh, "en": term.en, "is_retired": term.is_retired, "replaced_by": term.replaced_by,
    }  # fmt: skip
    if isinstance(known, Region | Venue) and not term.aliases:
        return known
    if isinstance(known, Region):
        return replace(known, aliases={**known.aliases, "staff": tuple(_all(term.aliases))})
    if isinstance(known, Venue):
        return replace(known, aliases=tuple(dict.fromkeys([*known.aliases, *_all(term.aliases)])))
    if term.kind == "industry":
        return Industry(id=term.id, **told)
    if term.kind == "dispute_type":
        return DisputeType(id=term.id, ip_rights=term.ip_rights, base_severity=term.base_severity, **told)
    if term.kind == "stage":
        if isinstance(known, Stage) and known.track == term.track and not term.after:
            return replace(known, **told)
        before = table.get(term.after or "")
        orders = [s.order for s in table.values() if isinstance(s, Stage) and s.track == term.track]
        # Half a place after the stage it follows; whole places are given again once every term stands.
        order = before.order + 0.5 if isinstance(before, Stage) else max(orders, default=0) + 1
        return Stage(id=term.id, track=term.track, order=order, **told)  # type: ignore[arg-type]
    return Entry(id=term.id, **told)


def _in_order(stages: Mapping[str, Entry]) -> dict[str, Entry]:
    """Stages in the order of their tracks, their places whole numbers again."""
    tracks: dict[str, list[Stage]] = {}
    for stage in stages.values():
        if isinstance(stage, Stage):
            tracks.setdefault(stage.track, []).append(stage)
    return {
        stage.id: replace(stage, order=place)
        for listed in tracks.values()
        for place, stage in enumerate(sorted(listed, key=lambda stage: stage.order))
    }


def _refuse_circles(table: Mapping[str, Entry]) -> None:
    for entry in table.values():
        seen, at = {entry.id}, entry
        while at.replaced_by is not None:
            if at.replaced_by not in table or at.replaced_by in seen:
                raise _wrong(said("%(id)s is replaced by itself, or by what does not exist", id=entry.id))
            at = table[at.replaced_by]
            seen.add(at.id)


def _all(aliases: Mapping[str, Sequence[str]]) -> Iterable[str]:
    return [word for words in aliases.values() for word in words]


def _wrong(problem: str) -> RulebookInvalid:
    return RulebookInvalid(problem, fix=said("Mend the term and check again."))
