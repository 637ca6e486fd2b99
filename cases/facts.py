"""What a source says of a case, before anything is decided about it: frozen values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class RawParty:
    """A party as the source names it. ``country`` is ISO 3166 alpha-2 when the source says it; ``counsel`` are the law firms
    that act for it, never a lawyer's own name."""

    name: str
    role: str  # plaintiff|defendant|complainant|respondent|appellant|appellee|petitioner|patent_owner|opposer|applicant|party
    country: str | None = None
    counsel: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawRight:
    """A right the source names: kind (patent, design, trademark …) and its number as written."""

    kind: str
    number: str


@dataclass(frozen=True)
class RawEvent:
    """Something that happened on a docket. ``on`` is the forum's calendar date (None when the source has none)."""

    on: date | None
    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class RawCase:
    """One docket as one source describes it in one snapshot; feed items of the same docket are merged.

    ``venue`` is a taxonomy venue id. ``codes`` maps a scheme (nos, ipc, cpc, nice, hs) to its values.
    ``aliases`` are other docket numbers of the same case at the same venue. None and empty mean "the source does not say".
    ``demand`` is the sum that is demanded, as the source writes it.
    """

    source: str
    venue: str
    docket_number: str
    caption: str
    filed_on: date | None = None
    title: str = ""
    text: str = ""
    url: str = ""
    parties: tuple[RawParty, ...] = ()
    rights: tuple[RawRight, ...] = ()
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    events: tuple[RawEvent, ...] = ()
    outcome: str | None = None
    demand: str | None = None
    aliases: tuple[str, ...] = ()
    language: str = "en"
