"""First-72-hours items: what to do first by what was received, as versioned data in ``knowledge/first_hours/*.yml``.

Each item names the rule it rests on. None is advice: every page marks an item as not reviewed by a practising lawyer
until a named reviewer has signed that version; a signature is for the exact words, by their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.taxonomy import FOLDER as TAXONOMY
from cases.taxonomy import load_taxonomy
from cases.taxonomy.reading import Reader
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound, RulebookInvalid
from core.said import said
from knowledge.models import ItemReview

FOLDER = Path(__file__).parent / "first_hours"
#: the order of scenarios on pages
SCENARIOS = ("warning_letter", "sued", "section_337", "tro", "trade_fair", "customs", "platform")
#: when it is to be done: the first day, the first three days, or not at all
WHEN = ("h24", "h72", "never")
#: roles of whoever began a dispute
BEGAN = frozenset({"plaintiff", "complainant", "petitioner", "opposer", "appellant"})
_ID = re.compile(r"^fh\.[a-z0-9_]+\.[a-z0-9_]+$")
_FIELDS = {"id", "version", "when", "zh", "en", "basis", "clocks", "venues", "regions", "author", "status"}


@dataclass(frozen=True)
class FirstItem:
    """One thing to do, or not to do."""

    id: str
    version: int
    scenario: str
    when: str
    zh: str
    en: str
    #: the rules it rests on, as they are cited
    basis: tuple[str, ...]
    #: who wrote it
    author: str
    #: draft, retired
    status: str
    #: clocks of the taxonomy it speaks of
    clocks: tuple[str, ...] = ()
    #: venues (groups resolved) and regions it is for; empty: everywhere
    venues: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """What a signature is given to."""
        told = [self.id, self.version, self.scenario, self.when, self.zh, self.en, list(self.basis)]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def concerns(self, venue: str, region: str | None) -> bool:
        """Whether it is for a matter at ``venue`` ("" when unknown) in ``region`` (None when unknown)."""
        if self.venues and venue and venue not in self.venues:
            return False
        return not (self.regions and region and region not in self.regions)


@dataclass(frozen=True)
class FirstSteps:
    """The items of one scenario."""

    scenario: str
    zh: str
    en: str
    lead_zh: str
    lead_en: str
    as_of: date
    items: tuple[FirstItem, ...]


def _bad(file: str, identity: object, problem: str) -> RulebookInvalid:
    return RulebookInvalid(f"knowledge/first_hours/{file}, {identity}: {problem}.", fix="Mend the entry.")


def read_first_hours(folder: Path) -> dict[str, FirstSteps]:
    """Every scenario of ``folder``. Raises RulebookInvalid naming the file, the entry and the fault."""
    clocks = {
        row["id"]: row["status"]
        for file in ("deadlines.yml", "deadlines_extra.yml")
        for row in Reader(TAXONOMY).section(file, "clocks")
    }
    found: dict[str, FirstSteps] = {}
    seen: set[str] = set()
    for path in sorted(folder.glob("*.yml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        steps = _read_scenario(path.name, data, clocks, seen)
        found[steps.scenario] = steps
    if missing := [name for name in SCENARIOS if name not in found]:
        raise _bad("(all)", missing[0], "has no file")
    return {name: found[name] for name in SCENARIOS}


def _read_scenario(file: str, data: Any, clocks: dict[str, str], seen: set[str]) -> FirstSteps:
    if not isinstance(data, dict) or data.get("scenario") not in SCENARIOS:
        raise _bad(file, "scenario", "is missing or unknown")
    for name in ("zh", "en", "lead_zh", "lead_en", "author"):
        if not isinstance(data.get(name), str) or not data[name].strip():
            raise _bad(file, name, "is missing")
    try:
        as_of = date.fromisoformat(str(data.get("as_of")))
    except ValueError as error:
        raise _bad(file, "as_of", "is no date") from error
    items = tuple(_read_item(file, data, row, clocks, seen) for row in data.get("items") or ())
    if not items:
        raise _bad(file, "items", "is empty")
    return FirstSteps(
        data["scenario"], data["zh"], data["en"], data["lead_zh"], data["lead_en"], as_of, items
    )


def _read_item(file: str, data: Any, row: Any, clocks: dict[str, str], seen: set[str]) -> FirstItem:
    identity = row.get("id") if isinstance(row, dict) else None
    if not isinstance(identity, str) or not _ID.match(identity):
        raise _bad(file, identity, "has no id like fh.sued.answer")
    if identity in seen:
        raise _bad(file, identity, "stands twice")
    seen.add(identity)
    if strange := set(row) - _FIELDS:
        raise _bad(file, identity, f"has the unknown field {min(strange)!r}")
    if not isinstance(row.get("version"), int) or row["version"] < 1:
        raise _bad(file, identity, "has no version")
    if row.get("when") not in WHEN:
        raise _bad(file, identity, "has no time (h24, h72, never)")
    for language in ("zh", "en"):
        if not isinstance(row.get(language), str) or not row[language].strip():
            raise _bad(file, identity, f"has no {language} words")
    basis = row.get("basis")
    if not isinstance(basis, list) or not basis or not all(isinstance(b, str) and b.strip() for b in basis):
        raise _bad(file, identity, "rests on nothing: it needs a basis")
    for clock in row.get("clocks") or ():
        # A clock nobody has read in a source is no ground to tell a firm a number of days.
        if clocks.get(clock) not in ("verified", "corrected"):
            raise _bad(file, identity, f"its clock {clock!r} is unknown or not verified")
    return FirstItem(
        id=identity,
        version=row["version"],
        scenario=data["scenario"],
        when=row["when"],
        zh=row["zh"].strip(),
        en=row["en"].strip(),
        basis=tuple(basis),
        author=row.get("author", data["author"]),
        status=row.get("status", "draft"),
        clocks=tuple(row.get("clocks") or ()),
        venues=tuple(_venues(file, identity, row.get("venues") or ())),
        regions=tuple(_regions(file, identity, row.get("regions") or ())),
    )


def _venues(file: str, identity: str, named: Iterable[str]) -> Iterable[str]:
    taxonomy = load_taxonomy()
    for name in named:
        if name in taxonomy.venue_groups:
            yield from taxonomy.venue_groups[name]
        elif name in taxonomy.venues:
            yield name
        else:
            raise _bad(file, identity, f"its venue {name!r} is unknown")


def _regions(file: str, identity: str, named: Iterable[str]) -> Iterable[str]:
    for code in named:
        if load_taxonomy().entry(code) is None:
            raise _bad(file, identity, f"its region {code!r} is unknown")
        yield code


@cache
def load_first_hours() -> dict[str, FirstSteps]:
    """The project's items by scenario, read once. Raises RulebookInvalid."""
    return read_first_hours(FOLDER)


def items_for(scenario: str, venue: str = "", region: str | None = None) -> list[FirstItem]:
    """The items in force for a scenario, and for a forum where one is known; [] for an unknown scenario."""
    steps = load_first_hours().get(scenario)
    if steps is None:
        return []
    return [i for i in steps.items if i.status != "retired" and i.concerns(venue, region)]


def scenario_of(venue: str, roles: Collection[str] = ()) -> str | None:
    """The scenario a case at ``venue`` most likely is to a firm with these ``roles`` in it, or None when that does not
    say: the forum alone is no scenario, and whoever began a dispute was not sued."""
    if roles and BEGAN.issuperset(roles):
        return None
    known = load_taxonomy().venues.get(venue)
    if venue == "v.us.itc":
        return "section_337"
    if known is None:
        return None
    if known.type == "customs":
        return "customs"
    if known.type == "platform":
        return "platform"
    # An appeal is no new suit: whoever is in it has counsel and a record.
    return "sued" if known.type == "court" and venue != "v.us.cafc" else None


def reviews_of(session: Session, items: Collection[FirstItem]) -> dict[str, ItemReview]:
    """The signature under the present words of each item, by the item's id."""
    query = select(ItemReview).where(ItemReview.item_id.in_([item.id for item in items]))
    signed = {
        (r.item_id, r.item_version, r.item_sha256): r for r in session.scalars(query.order_by(ItemReview.id))
    }
    found = {item.id: signed.get((item.id, item.version, item.sha256)) for item in items}
    return {identity: review for identity, review in found.items() if review is not None}


def item_named(item_id: str) -> FirstItem:
    """The item. Raises NotFound."""
    for steps in load_first_hours().values():
        for item in steps.items:
            if item.id == item_id:
                return item
    raise NotFound(said("There is no such item."))


def sign_item(
    session: Session,
    clock: Clock,
    actor: Actor,
    item_id: str,
    *,
    version: int,
    reviewer: str,
    qualification: str,
) -> ItemReview:
    """Record that a practising lawyer, by name and qualification, has reviewed these words.

    Raises NotAllowed, NotFound, or BadInput (another version stands now, no name, no qualification, signed already).
    """
    actor.require(Permission.KNOWLEDGE_REVIEW)
    item = item_named(item_id)
    if item.version != version:
        raise BadInput(
            said("The item has another version now."),
            fix=said("Read the present words and have them reviewed."),
        )
    gaps = {
        name: [said("This is missing: fill it in.")]
        for name, value in (("reviewer", reviewer), ("qualification", qualification))
        if not value.strip()
    }
    if gaps or actor.centre_id is None:
        raise BadInput(
            said("A signature needs a name and a qualification."),
            fix=said("Write who reviewed it, and where and as what they are admitted."),
            fields=gaps,
        )
    query = select(ItemReview.id).where(
        ItemReview.centre_id == actor.centre_id,
        ItemReview.item_id == item_id,
        ItemReview.item_version == version,
    )
    if session.scalar(query) is not None:
        raise BadInput(said("This version is signed already."), fix=said("Reload the page."))
    review = ItemReview(
        centre_id=actor.centre_id,
        item_id=item.id,
        item_version=item.version,
        item_sha256=item.sha256,
        reviewer=reviewer.strip(),
        qualification=qualification.strip(),
        recorded_by=actor.name,
        signed_at=clock.now(),
    )
    session.add(review)
    session.flush()
    audit.record(
        session,
        clock,
        actor,
        "item.signed",
        "item",
        item.id,
        values={"version": version, "reviewer": reviewer, "qualification": qualification},
    )
    return review
