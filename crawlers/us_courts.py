"""United States federal courts as CM/ECF writes them: codes, clocks, docket numbers, captions, kinds of party."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from cases.captions import in_re as subject_of
from cases.captions import two_sides
from cases.facts import RawParty
from cases.taxonomy import Venue, load_taxonomy
from core.errors import SourceDrifted
from core.text import collapse
from crawlers.feeds import drifted, line
from crawlers.source import Snapshot

#: other codes for the same docket: old names of recordings, and CourtListener's where CM/ECF has its own
_SAME_COURT = {"sdny": "nysd", "edny": "nyed", "ndny": "nynd", "wdny": "nywd"}
#: ecf.<court>.uscourts.gov, and the sites of two courts that stand elsewhere (tdi.ilnb, ecf-train is not live)
_HOST = re.compile(
    r"https?://(?:ecf|tdi|pacer)\.([a-z]{2,6}\d{0,2}[a-z]?)\.(?:uscourts\.gov|circ\d{1,2}\.dcn)(?=[/:?#]|$)",
    re.IGNORECASE,
)
_APPELLATE = re.compile(r"ca(?:\d{1,2}|dc|fc)|bap\d{1,2}")

#: 1:09-cv-00189-GMS, 2:16-ml-02701, 18-10509-shl, 8:17-ap-01023, 20-1140, 11-8; what follows the number names judges
#: or one of several defendants, and is no part of the docket's identity
_NUMBER = re.compile(
    r"(?P<number>(?:\d{1,2}:)?\d{2,4}-(?:[a-z]{1,4}-)?\d{1,7}|MDL No\. ?\d{1,5})(?:-[A-Za-z0-9&]{1,12}){0,6}(?=$|[\s,;:])",
    re.IGNORECASE,
)

#: kinds of party as dockets print them -> our roles; a kind not listed is decided by its last word, then "party"
_ROLES = {
    "plaintiff": "plaintiff",
    "defendant": "defendant",
    "petitioner": "petitioner",
    "respondent": "respondent",
    "complainant": "complainant",
    "appellant": "appellant",
    "appellee": "appellee",
}
#: what a party already named becomes in the course of the suit; counts only for one that is not yet named
_SECOND_ROLE = re.compile(r"\b(?:counter|cross|third.?party|3rd.?pty)\b", re.IGNORECASE)

_ORGANISED = re.compile(
    r"corporation|compan(?:y|ies)|partnership|liability|association|entity|organi[sz]ed|"
    r"incorporated|resident|citizen|individual|\bgmbh\b|\b(?:corp|inc|llc|ltd|co)\b",
    re.IGNORECASE,
)
#: what follows is another name of the party, not where it comes from
_OTHER_NAME = re.compile(
    r"\b(?:doing business as|also known as|formerly|d/b/a|a/k/a|f/k/a)\b.*", re.IGNORECASE | re.DOTALL
)
STATES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware", "Florida",
    "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine",
    "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska",
    "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Ohio",
    "Oklahoma", "Oregon", "Pennsylvania", "Puerto Rico", "Rhode Island", "South Carolina", "South Dakota",
    "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington", "Wisconsin", "Wyoming", "West Virginia",
)  # fmt: skip
#: countries as descriptions of parties name them, longest first; a State of the Union is looked for before them
COUNTRIES = {
    "people's republic of china": "CN", "peoples republic of china": "CN", "republic of korea": "KR",
    "british virgin islands": "VG", "cayman islands": "KY", "united kingdom": "GB", "south korean": "KR",
    "south korea": "KR", "hong kong": "HK", "singapore": "SG", "taiwanese": "TW", "switzerland": "CH",
    "netherlands": "NL", "australian": "AU", "australia": "AU", "taiwan": "TW", "chinese": "CN", "p.r.c.": "CN",
    "china": "CN", "japanese": "JP", "japan": "JP", "korean": "KR", "german": "DE", "germany": "DE",
    "english": "GB", "british": "GB", "england": "GB", "french": "FR", "france": "FR", "italian": "IT",
    "italy": "IT", "swedish": "SE", "sweden": "SE", "finnish": "FI", "finland": "FI", "dutch": "NL", "swiss": "CH",
    "irish": "IE", "ireland": "IE", "israeli": "IL", "israel": "IL", "canadian": "CA", "canada": "CA",
    "indian": "IN", "india": "IN", "danish": "DK", "denmark": "DK", "belgian": "BE", "belgium": "BE",
    "austrian": "AT", "austria": "AT", "spanish": "ES", "spain": "ES", "macau": "MO", "macao": "MO",
    "luxembourg": "LU", "malaysian": "MY", "malaysia": "MY", "vietnamese": "VN", "vietnam": "VN", "thai": "TH",
    "thailand": "TH", "mexican": "MX", "mexico": "MX", "brazilian": "BR", "brazil": "BR",
}  # fmt: skip
_STATE = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, sorted(STATES, key=len, reverse=True)))})\b", re.IGNORECASE
)
_COUNTRY = re.compile(
    rf"(?<![a-z])(?:{'|'.join(map(re.escape, sorted(COUNTRIES, key=len, reverse=True)))})(?![a-z])",
    re.IGNORECASE,
)


def court_venue(code: str | None) -> Venue | None:
    """The taxonomy's court for a docket code (``ded``, ``ca10``, ``nysb``), or None."""
    plain = (code or "").strip().lower()
    plain = _SAME_COURT.get(plain, plain)
    if not plain:
        return None
    venue = load_taxonomy().venue_of(f"v.us.{plain}") or load_taxonomy().venue_of(plain)
    return venue if venue is not None and venue.id.startswith("v.us.") and venue.type == "court" else None


def court_code(venue: Venue) -> str:
    """The docket code of a federal court: the last part of its id."""
    return venue.id.rsplit(".", 1)[-1]


def court_in_address(address: str) -> str | None:
    """The court whose CM/ECF site ``address`` leads to, or None."""
    match = _HOST.match(address.strip())
    return match.group(1).lower() if match else None


def find_court(snapshot: Snapshot, *told: str | None) -> Venue:
    """The court of a recording: what the recording says of itself (``told``, best first), else what was asked for.

    Raises SourceDrifted where neither names a known court, or the recording is another known court's than the one
    asked for: an address that leads elsewhere must not file a case under the wrong forum.
    """
    said = next((venue for code in told if (venue := court_venue(code))), None)
    asked = court_venue(snapshot.court)
    if said is not None and asked is not None and said.id != asked.id:
        raise drifted(
            snapshot, f"this is of the court {court_code(said)}, and {court_code(asked)} was asked for"
        )
    if said is None and asked is None:
        raise _unknown_court(snapshot, told)
    return said or asked  # type: ignore[return-value]


def _unknown_court(snapshot: Snapshot, told: Iterable[str | None]) -> SourceDrifted:
    named = next((code for code in (snapshot.court, *told) if code), None)
    if named is None:
        return drifted(
            snapshot, f"it does not say which court it is of; give it as {snapshot.source_id}:COURT"
        )
    return drifted(snapshot, f"{line(named, 60)!r} is no federal court of the taxonomy")


def court_named(text: str) -> str | None:
    """The code of the court whose name stands in a docket's heading (``District of Delaware (Wilmington)``)."""
    heading = collapse(text).casefold()
    is_bankruptcy = "bankruptcy" in heading
    best: tuple[int, str] | None = None
    for alias, code in _court_names():
        is_bankruptcy_court = code.endswith("b")
        if is_bankruptcy_court != is_bankruptcy or alias not in heading:
            continue
        if best is None or len(alias) > best[0]:
            best = len(alias), code
    return best[1] if best else None


@cache
def _court_names() -> tuple[tuple[str, str], ...]:
    names: list[tuple[str, str]] = []
    for venue in load_taxonomy().venues.values():
        if not venue.id.startswith("v.us.") or venue.type != "court":
            continue
        for alias in venue.aliases:
            # "Bankruptcy Court for the District of Maryland": in a heading the court's kind stands on its own line.
            bare = re.sub(r"^(?:bankruptcy|district) court for the ", "", alias.casefold())
            names.append((bare, court_code(venue)))
            # Some sites turn it round: "California Central District".
            if turned := re.match(
                r"(northern|eastern|southern|western|middle|central) district of (.+)", bare
            ):
                names.append((f"{turned.group(2)} {turned.group(1)}", court_code(venue)))
    return tuple(names)


def is_appellate(code: str) -> bool:
    """Whether a court hears appeals (ca1 … cafc)."""
    return bool(_APPELLATE.fullmatch(code))


def is_bankruptcy(code: str) -> bool:
    """Whether a court is a bankruptcy court: their codes end in b."""
    return code.endswith("b")


def split_number(text: str) -> tuple[str, str] | None:
    """(docket number, the words after it) of a line that begins with one; None where it does not."""
    match = _NUMBER.match(text.strip())
    if match is None:
        return None
    return docket_number(match.group("number")), text.strip()[match.end() :].lstrip(" :,;").strip()


def docket_number(text: str) -> str:
    """A docket number without judges' initials or a defendant's number; as written where it is of no known form.

    >>> docket_number("1:09-cv-00189-GMS")
    '1:09-cv-00189'
    """
    plain = collapse(text)
    match = _NUMBER.match(plain)
    if match is None:
        return line(plain, 100)
    number = match.group("number")
    if number.upper().startswith("MDL"):
        return f"MDL No. {number.split('.')[-1].strip()}"
    return number.lower()


def sides(caption: str) -> tuple[str, str] | None:
    """The two sides of a caption, without "et al"; None where it has no "v."."""
    both = two_sides(caption)
    return (line(both[0], 500), line(both[1], 500)) if both else None


def in_re(caption: str) -> str | None:
    """The name after "In re", or None."""
    name = subject_of(caption)
    return line(name, 500) if name else None


def caption_parties(caption: str, first_role: str, second_role: str) -> tuple[RawParty, ...]:
    """The parties a caption names, one a side; empty where it names no two sides."""
    both = sides(caption)
    if both is None:
        return ()
    return RawParty(both[0], first_role), RawParty(both[1], second_role)


def docket_parties(told: Iterable[tuple[str, str, str]]) -> tuple[RawParty, ...]:
    """Parties of a docket page from (name, kind as printed, description), each (name, role) once, in order.

    Somebody first sued and then suing back stands twice on a docket ("Counter Claimant"): the first role is kept. One
    who only comes in by a counterclaim is entered by what is done to them, plaintiff or defendant.
    """
    entries = [(line(name, 500), collapse(kind), line(about)) for name, kind, about in told]
    entries = [entry for entry in entries if entry[0]]
    named = {name.casefold() for name, kind, _ in entries if not _SECOND_ROLE.search(kind)}
    found: dict[tuple[str, str], RawParty] = {}
    for name, kind, about in entries:
        if _SECOND_ROLE.search(kind) and name.casefold() in named:
            continue
        role = party_role(kind)
        known = found.get((name.casefold(), role))
        if known is None or (known.country is None and country_of(about)):
            found[name.casefold(), role] = RawParty(name, role, country_of(about))
    return tuple(_without_bare(found.values()))


def _without_bare(parties: Iterable[RawParty]) -> Iterator[RawParty]:
    """Leave out "party" for a name that also has a role."""
    listed = list(parties)
    with_role = {p.name.casefold() for p in listed if p.role != "party"}
    return (p for p in listed if p.role != "party" or p.name.casefold() not in with_role)


def party_role(kind: str) -> str:
    """Our role for a kind of party as printed (``Consol Defendant``, ``Defendant (1)``); "party" for any other."""
    words = re.sub(r"[^a-z ]", " ", kind.casefold()).split()
    for word in reversed(words):
        if role := _ROLES.get(word.removesuffix("s")):
            return role
    return "party"


def country_of(about: str) -> str | None:
    """The country in a description like "a Delaware corporation"; None where it names none."""
    about = _OTHER_NAME.sub("", about)
    if not _ORGANISED.search(about):
        return None
    # States first: Georgia is one here, and New Jersey and New Mexico hold the names of other places.
    if _STATE.search(about):
        return "US"
    match = _COUNTRY.search(about)
    return COUNTRIES[match.group().lower()] if match else None
