"""The values of the taxonomy: what a region, a venue, an industry, a dispute type and a stage are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Entry:
    """Anything with an id and its words in both languages."""

    id: str
    zh: str
    en: str
    #: the id that took its place, for a retired entry
    replaced_by: str | None = None
    #: nothing is told with it any more, whether or not another took its place
    is_retired: bool = False


@dataclass(frozen=True)
class Region(Entry):
    """A forum's region. ``code`` is ISO 3166 alpha-2, EU, or the ST.3 code of an office."""

    code: str = ""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: one-character names (美, 德): they count inside a compound only
    short: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContextAlias:
    """An ambiguous alias: counts only with a ``need`` cue and without a ``not`` cue in the same sentence."""

    alias: str
    need: tuple[str, ...]
    veto: tuple[str, ...]


@dataclass(frozen=True)
class NameMark:
    """How an ambiguous name of a region may match.

    Attributes:
        alias: the name.
        is_never: it is no sign of a forum at all.
        is_exact: only as written.
        need, veto: as in :class:`ContextAlias`; ``longer`` are longer names that hold it and are not it.
    """

    alias: str
    is_never: bool = False
    is_exact: bool = False
    need: tuple[str, ...] = ()
    veto: tuple[str, ...] = ()
    longer: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForumNames:
    """Names of forums of one region that are no venue of their own, and the docket numbers they use. Those of the
    mainland have no region: the taxonomy holds forums abroad."""

    region: str | None
    names: tuple[str, ...]
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Venue(Entry):
    """A forum. ``region`` is a region's id, or None where it has none (a marketplace)."""

    region: str | None = None
    type: str = ""
    track: str = ""
    court_code: str | None = None
    aliases: tuple[str, ...] = ()
    aliases_cs: tuple[str, ...] = ()
    aliases_ctx: tuple[ContextAlias, ...] = ()
    aliases_rx: tuple[str, ...] = ()
    #: cues of which one must stand in the item for ``aliases_rx`` to count; none needed when empty
    rx_need: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """Words by language."""

    by_language: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all(self) -> tuple[str, ...]:
        """Every word, in order, once."""
        return tuple(dict.fromkeys(t for terms in self.by_language.values() for t in terms))


@dataclass(frozen=True)
class Industry(Entry):
    """An industry."""


@dataclass(frozen=True)
class DisputeType(Entry):
    """A dispute type and the rights it is about."""

    ip_rights: tuple[str, ...] = ()
    base_severity: int = 0


@dataclass(frozen=True)
class Stage(Entry):
    """A procedural stage in its track, in usual order."""

    track: str = ""
    order: int = 0


@dataclass(frozen=True)
class Taxonomy:
    """Everything, by id. ``version`` joins the versions of the files it was read from."""

    version: str
    regions: Mapping[str, Region]
    venues: Mapping[str, Venue]
    industries: Mapping[str, Industry]
    dispute_types: Mapping[str, DisputeType]
    stages: Mapping[str, Stage]
    venue_groups: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, NameMark] = field(default_factory=dict)
    forum_names: tuple[ForumNames, ...] = ()
    #: bodies and acts that make a region's name beside them a forum's
    forum_cues: Terms = Terms()
    forum_acts: Terms = Terms()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def current(self, identity: str) -> str:
        """The id in force: ``replaced_by`` followed to its end."""
        return self.gone.get(identity) or identity

    def currents(self, identities: Iterable[str]) -> list[str]:
        """The ids in force for ``identities``, each once, in their order; those without a successor stay."""
        return list(dict.fromkeys(map(self.current, identities)))

    def with_former(self, identity: str) -> tuple[str, ...]:
        """The id in force for ``identity`` and every id it took the place of: what is stored under any of them is meant."""
        now = self.current(identity)
        return (now, *self._former.get(now, ()))

    def is_in_force(self, identity: str) -> bool:
        """Whether something may still be told with an id."""
        return identity not in self.gone

    @cached_property
    def gone(self) -> Mapping[str, str | None]:
        """Retired id -> the id in force that took its place; None where nothing did."""
        found: dict[str, str | None] = {}
        tables: tuple[Mapping[str, Entry], ...] = (
            self.venues, self.industries, self.dispute_types, self.stages, self.extra.get("words", {}),
        )  # fmt: skip
        for table in tables:
            for entry in table.values():
                at = entry
                while at.replaced_by is not None:
                    at = table[at.replaced_by]
                if entry.is_retired or at is not entry:
                    found[entry.id] = at.id if at is not entry and not at.is_retired else None
        return found

    @cached_property
    def _former(self) -> Mapping[str, tuple[str, ...]]:
        former: dict[str, list[str]] = {}
        for identity, now in self.gone.items():
            if now is not None:
                former.setdefault(now, []).append(identity)
        return {now: tuple(ids) for now, ids in former.items()}

    def entry(self, identity: str) -> Entry | None:
        """The entry with this id, or the region with this code, or None."""
        for table in (self.venues, self.industries, self.dispute_types, self.stages, self.regions):
            if identity in table:
                return table[identity]
        return self.extra["by_code"].get(identity)  # type: ignore[no-any-return]

    def label(self, identity: str, language: str) -> str:
        """The words for an id or region code in "zh" or "en"; the id itself when unknown."""
        entry = self.entry(identity) or self.extra["words"].get(identity)
        if entry is None:
            return identity
        return entry.zh if language.startswith("zh") else entry.en

    def region_code(self, venue: str) -> str | None:
        """The code of the region whose forum ``venue`` is, or None."""
        known = self.venues.get(venue)
        if known is None or known.region is None:
            return None
        return self.regions[known.region].code

    def venue_of(self, name: str) -> Venue | None:
        """The venue for a taxonomy id, a court code or a printed name (exact, case aside); None when unknown."""
        if name in self.venues:
            return self.venues[self.current(name)]
        venue_id = self.extra["venue_names"].get(name.strip().casefold())
        return self.venues[venue_id] if venue_id else None
