"""Who sees which field of an entry: the public, or the centre's staff and the expert themselves.

Clients, and the clients and opponents of cases, are never public: they are there to find conflicts. What an entry
may decide for itself stands in its ``visibility``.
"""

from __future__ import annotations

from typing import Any

from cases.taxonomy import load_taxonomy
from core.actor import VISITOR, Actor
from experts.models import Agency, Expert

Entry = Expert | Agency
PUBLIC, MEMBERS, STAFF = "public", "members", "staff"
#: who may see a field, the widest first; members are people who have signed in
LEVELS = (PUBLIC, MEMBERS, STAFF)
#: fields an entry may open or close itself, and what they are when it says nothing
CHOSEN: dict[str, str] = {
    "employer": STAFF,
    "cases": PUBLIC,
    "bio": PUBLIC,
    "fees": PUBLIC,
    "feedback": STAFF,
    "title": PUBLIC,
    "hours": MEMBERS,
    "qualifications": PUBLIC,
}
#: fields everybody sees
_ALWAYS = ("name_zh", "name_en", "languages", "industries", "dispute_types", "is_sample")
#: of these, what a term of the vocabulary names
_OF_TERMS = ("industries", "dispute_types")
#: of a case, what everybody sees
_CASE_FACTS = ("venue", "dispute_type", "industry", "role")


def is_public(entry: Entry, field: str, actor: Actor = VISITOR) -> bool:
    """Whether the actor, who need not see the whole entry, sees a field that an entry may decide about."""
    level = entry.visibility.get(field, CHOSEN[field])
    return bool(level == PUBLIC or (level == MEMBERS and actor.user_id is not None))


def sees_all(entry: Entry, actor: Actor) -> bool:
    """Whether the actor sees the whole entry: staff of its centre, and the expert it is about."""
    is_own = isinstance(entry, Expert) and actor.expert_id is not None and actor.expert_id == entry.id
    return is_own or (actor.is_staff and actor.centre_id in (entry.centre_id, None))


def public_entry(entry: Entry, actor: Actor = VISITOR) -> dict[str, Any]:
    """What everybody may know of an entry, as JSON; what members may know too when the actor is one."""
    shown: dict[str, Any] = {"id": str(entry.id), **{name: getattr(entry, name) for name in _ALWAYS}}
    for name in _OF_TERMS:
        # What was declared under an id that was retired since is told by the one in force.
        shown[name] = load_taxonomy().currents(shown[name] or ())
    if isinstance(entry, Expert):
        shown["class"] = entry.expert_class
        shown["admissions"] = [_admission(one) for one in entry.admissions]
        shown["available"] = entry.available
        if is_public(entry, "cases", actor):
            shown["cases"] = [_case(one) for one in entry.cases]
        if is_public(entry, "employer", actor):
            shown["employer"] = entry.employer.get("name", "")
        if is_public(entry, "feedback", actor):
            shown["feedback"] = entry.feedback
        if entry.title and is_public(entry, "title", actor):
            shown["title"] = entry.title
        if entry.hours is not None and is_public(entry, "hours", actor):
            shown["hours"] = entry.hours
    else:
        shown["class"] = entry.agency_class
        shown["offices"] = entry.offices
        shown["url"] = entry.url
        if is_public(entry, "fees", actor):
            shown["fees"] = entry.fees
    if is_public(entry, "bio", actor):
        shown["bio"] = entry.bio
    return shown


def _admission(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("venue", "region", "qualification", "from", "to") if told.get(name)}


def _case(told: dict[str, Any]) -> dict[str, Any]:
    current = load_taxonomy().current
    shown = {name: current(told[name]) for name in _CASE_FACTS if told.get(name)}
    # The year says how long ago; the day would help to find the client.
    return {**shown, **({"year": str(told["on"])[:4]} if told.get("on") else {})}


def shown_to(entry: Entry, actor: Actor) -> dict[str, Any]:
    """The entry as the actor may see it: with ``whole`` for those who see everything."""
    shown = public_entry(entry, actor)
    if not sees_all(entry, actor):
        return shown
    whole: dict[str, Any] = {"ref": entry.ref, "clients": entry.clients, "bio": entry.bio}
    if isinstance(entry, Expert):
        whole |= {
            "cases": entry.cases,
            "employer": entry.employer,
            "capacity": entry.capacity,
            "feedback": entry.feedback,
            "title": entry.title,
            "hours": entry.hours,
            "calendar": entry.calendar,
        }
    else:
        whole["fees"] = entry.fees
    return {**shown, "whole": whole}
