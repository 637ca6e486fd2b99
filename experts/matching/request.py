"""The values of matching: what is asked, who may answer, and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Cause(StrEnum):
    """Why a candidate is not recommended, in the order they are told."""

    INACTIVE = "inactive"
    UNVERIFIED = "unverified"
    CONFLICT = "conflict"
    NOT_ADMITTED = "not_admitted"
    LANGUAGE = "language"
    DISPUTE_TYPE = "dispute_type"
    CAPACITY = "capacity"
    UNAVAILABLE = "unavailable"


#: the only cause of a hold: a person must look
POSSIBLE_CONFLICT = "possible_conflict"


@dataclass(frozen=True)
class MatchRequest:
    """Who needs help, against whom, where and about what.

    Attributes:
        id: the request's, as written; it alone decides who explores and how ties fall.
        on: the day admissions and conflicts are judged at.
        firm: the firm's names; ``group`` those of its group.
        opponents, counsel: the other side and who acts for it.
        region: ISO code of the forum (EU, EP, WO … for offices); ``venue`` a taxonomy id, None when not known.
        case_languages, client_languages: one of each is needed.
        k: how many are shown.
    """

    id: Any
    on: date
    firm: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    opponents: tuple[str, ...] = ()
    counsel: tuple[str, ...] = ()
    region: str | None = None
    venue: str | None = None
    industries: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    ip_rights: tuple[str, ...] = ()
    case_languages: tuple[str, ...] = ()
    client_languages: tuple[str, ...] = ()
    text: str = ""
    urgency: str | None = None
    k: int = 5


@dataclass(frozen=True)
class Admission:
    """A right to act at a venue, or in a region; ``since`` and ``until`` are both inclusive, None is open."""

    venue: str | None = None
    region: str | None = None
    qualification: str = ""
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is valid on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class PastCase:
    """A matter somebody worked on. ``client`` and ``opponent`` are read for conflicts only, and never shown."""

    venue: str | None = None
    dispute_type: str | None = None
    industry: str | None = None
    on: date | None = None
    is_lead: bool = False
    client: tuple[str, ...] = ()
    opponent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Client:
    """Somebody worked for (client), advised (adviser) or acted against (adverse); or a former employer, or what an
    expert declared to hold, to sit on or of a relative (employer, holding, post, relative)."""

    names: tuple[str, ...]
    role: str = "client"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Candidate:
    """An expert or an agency, as matching reads it. ``capacity`` None: no limit was told."""

    id: Any
    names: tuple[str, ...] = ()
    class_id: str = ""
    status: str = ""
    is_verified: bool = False
    admissions: tuple[Admission, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    industries: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    cases: tuple[PastCase, ...] = ()
    employer: tuple[str, ...] = ()
    employer_group: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()
    capacity: int | None = None
    open: int = 0
    is_available: bool = True
    #: days away, first and last
    away: tuple[tuple[date, date], ...] = ()
    feedback_mean: float | None = None
    feedback_n: int = 0
    bio: str = ""
    is_agency: bool = False


@dataclass(frozen=True)
class Ranked:
    """Somebody recommended. ``score`` is the sum of ``parts``; ``evidence`` says what each part rests on."""

    id: Any
    score: float
    parts: Mapping[str, float]
    evidence: Mapping[str, list[dict[str, Any]]]
    exploration: bool = False


@dataclass(frozen=True)
class Hold:
    """Somebody who could help, were it certain that a name is another's. ``doubts`` say which names."""

    id: Any
    doubts: tuple[str, ...]
    cause: str = POSSIBLE_CONFLICT

    @property
    def detail(self) -> str:
        """Every doubt."""
        return " ".join(self.doubts)


@dataclass(frozen=True)
class Exclusion:
    """Somebody who cannot help: every cause in the stated order, each with its sentence."""

    id: Any
    reasons: tuple[tuple[Cause, str], ...]

    @property
    def causes(self) -> list[str]:
        """Every cause that applies, in order."""
        return [cause.value for cause, _ in self.reasons]

    @property
    def cause(self) -> str:
        """The first that applies."""
        return self.causes[0]

    @property
    def detail(self) -> str:
        """What is behind each cause."""
        return " ".join(sentence for _, sentence in self.reasons)


@dataclass(frozen=True)
class MatchResult:
    """What matching says of everybody: experts best first, agencies in neutral order."""

    version: str
    ranked: tuple[Ranked, ...]
    held: tuple[Hold, ...]
    excluded: tuple[Exclusion, ...]
    agencies: tuple[Ranked, ...] = ()
    agencies_held: tuple[Hold, ...] = ()
    agencies_excluded: tuple[Exclusion, ...] = ()
