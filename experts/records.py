"""Entries in the design's JSON shape: what `export` prints, `import` takes and `match` reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from experts.appointing.standing_models import DeclaredInterest
from experts.fields import Entry
from experts.matching import Candidate, read_candidate
from experts.models import Agency, Expert


def as_record(entry: Entry) -> dict[str, Any]:
    """The entry as the design writes it; its ``id`` is the centre's own key."""
    shared = {
        "id": entry.ref,
        "name": entry.name_zh,
        "name_en": entry.name_en,
        "status": entry.status,
        "verified": entry.verified,
        "languages": entry.languages,
        "industries": entry.industries,
        "dispute_types": entry.dispute_types,
        "clients": entry.clients,
        "bio": entry.bio,
        "visibility": entry.visibility,
        "is_sample": entry.is_sample,
    }
    if isinstance(entry, Agency):
        return {
            **shared,
            "class": entry.agency_class,
            "offices": entry.offices,
            "fees": entry.fees,
            "url": entry.url,
        }
    return {
        **shared,
        "class": entry.expert_class,
        "admissions": entry.admissions,
        "cases": entry.cases,
        "employer": entry.employer,
        "capacity": entry.capacity,
        "available": entry.available,
        "feedback": entry.feedback,
        "title": entry.title,
        "hours": entry.hours,
    }


def candidate_of(
    entry: Entry, *, open_assignments: int = 0, interests: Iterable[DeclaredInterest] = ()
) -> Candidate:
    """The entry as matching reads it, under its outside id.

    Args:
        interests: what the expert declared for conflicts; read as the conflict list is.
    """
    told = {**as_record(entry), "id": str(entry.id), "open": open_assignments}
    told["name"] = [entry.name_zh, entry.name_en]
    told["clients"] = [*(entry.clients or ()), *map(_as_relation, interests)]
    if isinstance(entry, Expert):
        told["calendar"] = entry.calendar
    return read_candidate(told, is_agency=not isinstance(entry, Expert))


def _as_relation(interest: DeclaredInterest) -> dict[str, Any]:
    return {
        "name": interest.name,
        "group": interest.group_name,
        "role": interest.kind,
        "from": interest.from_on and interest.from_on.isoformat(),
        "to": interest.until_on and interest.until_on.isoformat(),
    }
