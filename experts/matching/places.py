"""Where a dispute is, and whether somebody may act there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

from cases.taxonomy import load_taxonomy
from experts.matching.request import Admission, MatchRequest


@cache
def _region_names() -> Mapping[str, str]:
    """Every way a region is written, case aside -> its code. Ids and codes win over names."""
    regions = load_taxonomy().regions.values()
    names: dict[str, str] = {"eu": "EU"}
    for region in regions:
        names.setdefault(region.id, region.code)
        names.setdefault(region.code.casefold(), region.code)
    for region in regions:
        further = (alias for listed in region.aliases.values() for alias in listed)
        for name in (region.zh, region.en, *further):
            names.setdefault(name.casefold(), region.code)
    return names


def region_code(told: str | None) -> str | None:
    """The code of a region told by code, taxonomy id or name; an unknown one is kept as it is, in capitals."""
    if not told or not told.strip():
        return None
    return _region_names().get(told.strip().casefold(), told.strip().upper())


def venue_id(told: str | None) -> str | None:
    """The taxonomy id of a venue told by id, court code or printed name; an unknown one is kept as it is."""
    if not told or not told.strip():
        return None
    venue = load_taxonomy().venue_of(told.strip())
    return venue.id if venue else told.strip()


def region_of_venue(venue: str | None) -> str | None:
    """The code of the region whose forum a venue is."""
    return load_taxonomy().region_code(venue) if venue else None


def forum_region(request: MatchRequest) -> str | None:
    """The region of the request's venue; the one told where the venue is not known."""
    return region_of_venue(request.venue) or request.region


def covers(admission: Admission, request: MatchRequest) -> bool:
    """Whether an admission is for the request's venue, or for its region.

    Where no venue is told, one for a venue of the region counts; where not even a region is, any does.
    """
    region = forum_region(request)
    if admission.venue is None:
        return admission.region is not None and region in (admission.region, None)
    if request.venue is None:
        return region in (region_of_venue(admission.venue), None)
    group = load_taxonomy().venue_groups.get(admission.venue, ())
    return request.venue == admission.venue or request.venue in group


def valid_admissions(
    admissions: Iterable[Admission], request: MatchRequest, day: date
) -> list[tuple[int, Admission]]:
    """Those that cover the forum and hold on ``day``, with their places in the list."""
    return [(n, a) for n, a in enumerate(admissions) if covers(a, request) and a.holds_on(day)]
