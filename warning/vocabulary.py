"""The vocabulary as staff see it: terms by kind, where one is used, and what differs between two of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.models import Tag
from cases.taxonomy import Entry, Region, Taxonomy, Venue, load_taxonomy, shipped_taxonomy
from cases.taxonomy.overlay import TERM_KINDS, entries_of, kind_of
from core.actor import Actor, Permission
from core.errors import BadInput
from core.paging import Page, decode_cursor, encode_cursor
from core.said import said
from enterprises.models import Firm
from warning.models import WatchProfile
from warning.rule_models import RuleState, RuleVersion
from warning.rule_shelf import known_rules, taxonomy_with

_OPEN = (RuleState.DRAFT.value, RuleState.WAITING.value)
#: kind of tag -> where a watch profile keeps its ids
_WATCHED = {"industry": "industries", "dispute_type": "dispute_types", "region": "regions"}


@dataclass(frozen=True)
class ListedTerm:
    """A term in a list: its entry in force, its newest published version (none: as shipped), open drafts."""

    entry: Entry
    version: RuleVersion | None
    drafts: int


@dataclass(frozen=True)
class Usage:
    """How often a term is used: stored cases that carry it, watch profiles that ask for it, firms of that industry."""

    cases: int
    profiles: int
    firms: int


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two vocabularies.

    Attributes:
        what: added, retired, restored, renamed, replaced (another takes its place now), aliases, or other (rights,
            severity, place in its track).
        before, after: the entry on either side; None where there is none.
        gained, lost: aliases that are only in the later, and only in the earlier.
    """

    what: str
    kind: str
    id: str
    before: Entry | None
    after: Entry | None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def list_terms(
    session: Session,
    actor: Actor,
    *,
    kind: str = "industry",
    q: str = "",
    which: str = "",
    cursor: str | None = None,
    limit: int = 60,
) -> Page[ListedTerm]:
    """Terms of a kind in the vocabulary's order, by words of their id or names.

    Args:
        which: "force" or "retired"; all otherwise.

    Raises NotAllowed, BadInput.
    """
    actor.require(Permission.RULE_WRITE)
    taxonomy, words = load_taxonomy(), q.strip().casefold()
    entries = [
        entry
        for entry in entries_of(taxonomy, kind).values()
        if (not words or any(words in text.casefold() for text in (entry.id, entry.zh, entry.en)))
        and which in ("", "retired" if entry.is_retired else "force")
    ]
    if cursor:
        after, _ = decode_cursor(cursor, 2)
        ids = [entry.id for entry in entries]
        entries = entries[ids.index(str(after)) + 1 :] if after in ids else entries
    following = encode_cursor([entries[limit - 1].id, ""]) if len(entries) > limit else None
    shown = entries[:limit]
    rows = session.scalars(select(RuleVersion).where(RuleVersion.rule.in_([entry.id for entry in shown])))
    published: dict[str, RuleVersion] = {}
    drafts: dict[str, int] = {}
    for row in rows:
        if row.edition is not None and (
            row.rule not in published or row.edition > _edition(published[row.rule])
        ):
            published[row.rule] = row
        drafts[row.rule] = drafts.get(row.rule, 0) + (row.state in _OPEN)
    return Page(
        [ListedTerm(entry, published.get(entry.id), drafts.get(entry.id, 0)) for entry in shown], following
    )


def _edition(version: RuleVersion) -> int:
    return version.edition or 0


def usage_of(session: Session, kind: str, identity: str) -> Usage:
    """Where a term is used, under its own id."""
    value = identity
    if kind == "region":
        entry = load_taxonomy().regions.get(identity)
        value = entry.code if entry is not None else identity
    cases = session.scalar(
        select(func.count(func.distinct(Tag.case_id))).where(Tag.kind == kind, Tag.value == value)
    )
    profiles = firms = 0
    if kind in _WATCHED:
        column = getattr(WatchProfile, _WATCHED[kind])
        profiles = sum(value in asked for asked in session.scalars(select(column)))
    if kind == "industry":
        firms = sum(value in trades for trades in session.scalars(select(Firm.industries)))
    return Usage(cases or 0, profiles, firms)


def rules_of(session: Session, kind: str, identity: str) -> list[str]:
    """Ids of the rules that tell a term."""
    return [rule for rule, base in known_rules(session).items() if base.rule.emit == (kind, identity)]


def editions(session: Session, actor: Actor) -> Sequence[RuleVersion]:
    """Every published version of a term, the newest first. Raises NotAllowed."""
    actor.require(Permission.RULE_WRITE)
    query = RuleVersion.visible_to(actor).where(RuleVersion.is_term, RuleVersion.edition.is_not(None))
    return session.scalars(query.order_by(RuleVersion.edition.desc())).all()


def vocabulary_at(session: Session, edition: int) -> Taxonomy:
    """The vocabulary as it was at an edition; 0: as shipped. Raises BadInput for one that is not there yet."""
    if edition == 0:
        return shipped_taxonomy()
    known = session.scalar(select(RuleVersion.id).where(RuleVersion.edition == edition, RuleVersion.is_term))
    if known is None:
        raise BadInput(
            said("There is no such version of the vocabulary."), fix=said("Choose one of the list.")
        )
    return taxonomy_with(session, at=edition)


def differences(before: Taxonomy, after: Taxonomy) -> list[Difference]:
    """What differs, by kind and in the vocabulary's order. Pure."""
    return [
        one
        for kind in TERM_KINDS
        for one in _of_kind(kind, entries_of(before, kind), entries_of(after, kind))
    ]


def _of_kind(kind: str, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Iterator[Difference]:
    for identity in dict.fromkeys([*before, *after]):
        old, new = before.get(identity), after.get(identity)
        if old is None or new is None:
            # An id is never taken away, but whoever compares backwards reads what is not there yet as gone.
            yield Difference("added" if old is None else "absent", kind, identity, old, new)
            continue
        if old == new:
            continue
        told = len(found := list(_of_entry(kind, old, new)))
        yield from found
        if not told:
            yield Difference("other", kind, identity, old, new)


def _of_entry(kind: str, old: Entry, new: Entry) -> Iterator[Difference]:
    if old.is_retired != new.is_retired:
        yield Difference("retired" if new.is_retired else "restored", kind, new.id, old, new)
    elif old.replaced_by != new.replaced_by:
        yield Difference("replaced", kind, new.id, old, new)
    if (old.zh, old.en) != (new.zh, new.en):
        yield Difference("renamed", kind, new.id, old, new)
    had, has = _aliases(old), _aliases(new)
    if had != has:
        gained, lost = tuple(a for a in has if a not in had), tuple(a for a in had if a not in has)
        yield Difference("aliases", kind, new.id, old, new, gained, lost)


def _aliases(entry: Entry) -> tuple[str, ...]:
    if isinstance(entry, Region):
        return tuple(dict.fromkeys(word for words in entry.aliases.values() for word in words))
    return entry.aliases if isinstance(entry, Venue) else ()


def kind_known(identity: str) -> str | None:
    """The kind of an id of the vocabulary in force; None for one it does not have."""
    return kind_of(load_taxonomy(), identity)
