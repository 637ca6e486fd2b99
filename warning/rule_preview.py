"""What a rule's new text would change over the stored cases: tags gained and lost, examples of them, and whom it concerns.

Nothing is written but the answer. A case whose tags are of the book in force is tagged once, with the new book; any other
twice. What staff said of tags counts before and after.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import SAID_BY_STAFF, Case, CaseStatus, Tag
from cases.taxonomy import Taxonomy
from core.clock import Clock
from core.db import Database
from core.errors import StaleWrite
from core.jobs import JobHandle
from core.said import said
from enterprises.models import Firm
from warning.corrections import KINDS, corrected, corrections_of
from warning.criteria import TAG_KINDS, Evaluator
from warning.models import PartyMatch, WatchProfile
from warning.review_models import TagCorrection
from warning.rule_editing import preview_key
from warning.rule_models import RuleVersion
from warning.rule_shelf import RuleShelf, book_with
from warning.rules.tagger import Rulebook
from warning.understand import told_by
from warning.watch import awake, criteria_of, facts_of, noise_words

#: the job's name
PREVIEW = "rule-preview"
#: cases read at a time
CHUNK = 500
#: examples kept of what is gained, and of what is lost
EXAMPLES = 8
Pair = tuple[str, str]


@dataclass
class _Sample:
    """A fair sample of a stream: each of the changes seen so far is as likely to stand in it."""

    chance: random.Random
    seen: int = 0

    def __post_init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def offer(self, one: dict[str, Any]) -> None:
        self.seen += 1
        if len(self.kept) < EXAMPLES:
            self.kept.append(one)
        elif (place := self.chance.randrange(self.seen)) < EXAMPLES:
            self.kept[place] = one


class Comparison:
    """Counts what differs between two states of cases' tags. ``seed`` makes the samples the same each time."""

    def __init__(self, seed: str) -> None:
        chance = random.Random(seed)
        self.cases = self.changed = 0
        self.gained: Counter[Pair] = Counter()
        self.lost: Counter[Pair] = Counter()
        self.firms: set[uuid.UUID] = set()
        self.watching: set[uuid.UUID] = set()
        self._samples = {"gained": _Sample(chance), "lost": _Sample(chance)}

    def add(self, case: Case, before: Sequence[Tag], after: Sequence[Tag]) -> bool:
        """Compare one case; True when its tags would differ."""
        self.cases += 1
        stood, stands = _pairs(before), _pairs(after)
        if stood == stands:
            return False
        self.changed += 1
        for name, counts, pairs, tags in (
            ("gained", self.gained, stands - stood, after),
            ("lost", self.lost, stood - stands, before),
        ):
            counts.update(pairs)
            for pair in sorted(pairs):
                self._samples[name].offer(_example(case, pair, tags))
        return True

    def as_json(self) -> dict[str, Any]:
        """The answer as it is kept."""
        return {
            "cases": self.cases,
            "changed": self.changed,
            "gained": [[kind, value, n] for (kind, value), n in sorted(self.gained.items())],
            "lost": [[kind, value, n] for (kind, value), n in sorted(self.lost.items())],
            "examples": {name: sample.kept for name, sample in self._samples.items()},
            "firms": sorted(map(str, self.firms)),
            # Which firms watch, and for what, is theirs alone: staff read how many.
            "watching": len(self.watching),
        }


def _pairs(tags: Iterable[Tag]) -> set[Pair]:
    return {(tag.kind, tag.value) for tag in tags if tag.kind in KINDS}


def _example(case: Case, pair: Pair, tags: Sequence[Tag]) -> dict[str, Any]:
    pieces = [tag for tag in tags if (tag.kind, tag.value) == pair][:3]
    return {
        "case": str(case.id),
        "kind": pair[0],
        "value": pair[1],
        "pieces": [
            {"rule": tag.rule, "field": tag.field, "start": tag.start, "end": tag.end, "text": tag.text}
            for tag in pieces
        ],
    }


def run_preview(
    database: Database, clock: Clock, shelf: RuleShelf, version_id: uuid.UUID, handle: JobHandle
) -> dict[str, Any]:
    """Compare the text of a version with the book in force over every case that is not dismissed, and keep the answer
    with the version.

    Raises JobCancelled when asked to stop, StaleWrite when the text was saved meanwhile, RulebookInvalid.
    """
    with database.read() as session:
        version = session.get_one(RuleVersion, version_id)
        book = shelf.current(session)
        fresh = book_with(session, {version.rule: version.text})
        key, centre_id = preview_key(book.version, version), version.centre_id
        kept = Case.status != CaseStatus.DISMISSED.value
        total = session.scalar(select(func.count(Case.id)).where(kept)) or 0
        watch = _watchers(session, clock, centre_id, book.taxonomy, fresh.taxonomy)
    found = Comparison(str(version_id))
    last = uuid.UUID(int=0)
    handle.advance(0, total)
    while True:
        with database.read() as session:
            query = select(Case).where(Case.id > last, kept).order_by(Case.id).limit(CHUNK)
            cases = session.scalars(query.options(selectinload(Case.parties), selectinload(Case.tags))).all()
            if not cases:
                break
            spoken = corrections_of(session, [case.id for case in cases])
            changed = [
                (case, before, after)
                for case in cases
                for before, after in [_both(case, book, fresh, spoken.get(case.id, {}))]
                if found.add(case, before, after)
            ]
            found.firms |= _named(session, centre_id, [case.id for case, _, _ in changed])
            found.watching |= watch.would_hear(changed)
            last = cases[-1].id
        handle.advance(found.cases, max(total, found.cases))
    answer = found.as_json()
    with database.write() as session:
        version = session.get_one(RuleVersion, version_id, with_for_update=True)
        if preview_key(book.version, version) != key:
            raise StaleWrite(
                said("The draft was saved while it was compared."), fix=said("Compare it again.")
            )
        version.preview, version.previewed = answer, key
    return answer


def _both(
    case: Case, book: Rulebook, fresh: Rulebook, spoken: Mapping[Pair, TagCorrection]
) -> tuple[Sequence[Tag], Sequence[Tag]]:
    """The tags of a case by the book in force, and by the new one."""
    by_rules = {tag.rulebook for tag in case.tags if tag.field != SAID_BY_STAFF}
    before: Sequence[Tag] = case.tags
    if by_rules != {book.version}:
        before = corrected(told_by(case, book), spoken, book.taxonomy)
    return before, corrected(told_by(case, fresh), spoken, fresh.taxonomy)


def _named(session: Session, centre_id: uuid.UUID, case_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The centre's firms that these cases surely name."""
    if not case_ids:
        return set()
    query = select(PartyMatch.firm_id).where(
        PartyMatch.case_id.in_(case_ids), PartyMatch.centre_id == centre_id, PartyMatch.grade == "confirm"
    )
    return set(session.scalars(query))


@dataclass(frozen=True)
class _Watchers:
    """What the firms of a centre watch, by the vocabulary in force and by the new one, and whose each profile is."""

    before: Evaluator[uuid.UUID]
    after: Evaluator[uuid.UUID]
    firm_of: Mapping[uuid.UUID, uuid.UUID]

    def would_hear(self, changed: Sequence[tuple[Case, Sequence[Tag], Sequence[Tag]]]) -> set[uuid.UUID]:
        """Firms of which a profile would catch a public case by its new tags and does not by the old."""
        found = set()
        for case, before, after in changed:
            if case.status == CaseStatus.PUBLIC.value:
                facts = facts_of(case)
                old = set(self.before.find(replace(facts, tags=_by_kind(before))))
                new = set(self.after.find(replace(facts, tags=_by_kind(after))))
                found |= {self.firm_of[profile] for profile in new - old}
        return found


def _by_kind(tags: Sequence[Tag]) -> dict[str, frozenset[str]]:
    return {kind: frozenset(tag.value for tag in tags if tag.kind == kind) for kind in TAG_KINDS}


def _watchers(
    session: Session, clock: Clock, centre_id: uuid.UUID, now: Taxonomy, then: Taxonomy
) -> _Watchers:
    noise = noise_words(session)
    profiles = session.scalars(
        select(WatchProfile).where(WatchProfile.centre_id == centre_id, awake(clock))
    ).all()
    before, after = (
        Evaluator({p.id: criteria_of(p, noise.get(p.firm_id, ()), taxonomy) for p in profiles})
        for taxonomy in (now, then)
    )
    return _Watchers(before, after, {profile.id: profile.firm_id for profile in profiles})


def firms_named(session: Session, centre_id: uuid.UUID, preview: Mapping[str, Any]) -> Sequence[Firm]:
    """The firms of a preview, by name."""
    ids = [uuid.UUID(firm) for firm in preview["firms"]]
    query = select(Firm).where(Firm.id.in_(ids), Firm.centre_id == centre_id).order_by(Firm.name_zh)
    return session.scalars(query).all()
