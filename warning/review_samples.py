"""Samples of cases that several people read alone: what each says of every tag, and how far they agree.

A reviewer sees no other's answers before they have read the whole sample. A sample's answers are judgements, not
corrections; what all reviewers agree on may be made corrections afterwards.
"""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus, Tag
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.said import said
from warning.agreement import Agreement, agreement
from warning.corrections import KINDS, correct_tag, corrections_of, values_of
from warning.review_models import Judgement, ReviewSample, SampleCase, SampleReading, Verdict

#: cases of a sample
FEWEST, MOST = 5, 500
MOST_TITLE = 120
Pair = tuple[str, str]


@dataclass(frozen=True)
class Pairing:
    """Two reviewers, and how they agree on whether the cases both have read should carry each tag."""

    one: str
    other: str
    cases: int
    found: Agreement


@dataclass(frozen=True)
class ToRead:
    """A case to be judged: the tags it carried when it was drawn, what the reader said before, how far they are."""

    case: Case
    tags: Sequence[Pair]
    said: Mapping[Pair, str]
    position: int
    done: int
    of: int


def draw(
    session: Session,
    clock: Clock,
    actor: Actor,
    title: str,
    size: int,
    *,
    language: str = "",
    source: str = "",
    rulebook: str,
    seed: int | None = None,
) -> ReviewSample:
    """Draw public cases by chance, each as likely as any other.

    Args:
        language: only cases whose text is in it; "" for all.
        source: only cases that a source told of; "" for all.
        rulebook: version of the book in force.
        seed: of the draw, kept so that it can be shown; one is made where none is given.

    Raises NotAllowed, BadInput (no title, a size out of bounds, too few such cases).
    """
    actor.require(Permission.TAG_REVIEW)
    if actor.centre_id is None:
        raise BadInput("A sample is a centre's, and this actor has none.", fix="Name the centre.")
    written = title.strip()
    if not 1 <= len(written) <= MOST_TITLE or not FEWEST <= size <= MOST:
        raise BadInput(
            said("A sample has a title and %(fewest)s to %(most)s cases.", fewest=FEWEST, most=MOST),
            fix=said("Mend what is named and draw again."),
        )
    query = select(Case.id, Case.provenance).where(Case.status == CaseStatus.PUBLIC.value)
    if language:
        query = query.where(Case.language == language)
    known = [
        i for i, told in session.execute(query.order_by(Case.id)) if not source or source in _sources(told)
    ]
    if len(known) < size:
        raise BadInput(
            said("There are %(count)s such cases; %(size)s are asked for.", count=len(known), size=size),
            fix=said("Ask for fewer, or for others."),
        )
    seed = secrets.randbelow(2**31) if seed is None else seed
    chosen = random.Random(seed).sample(known, size)
    sample = ReviewSample(
        centre_id=actor.centre_id,
        title=written,
        drawn_from={"language": language, "source": source, "cases": len(known), "seed": seed},
        rulebook=rulebook,
        drawn_by=actor.name,
        drawn_at=clock.now(),
    )
    session.add(sample)
    session.flush()
    carried: dict[uuid.UUID, set[Pair]] = {}
    tags = select(Tag.case_id, Tag.kind, Tag.value).where(Tag.case_id.in_(chosen), Tag.kind.in_(KINDS))
    for case_id, kind, value in session.execute(tags):
        carried.setdefault(case_id, set()).add((kind, value))
    for position, case_id in enumerate(chosen):
        stood = sorted(carried.get(case_id, ()), key=lambda pair: (KINDS.index(pair[0]), pair[1]))
        row = SampleCase(
            sample_id=sample.id, case_id=case_id, position=position, tags=[list(pair) for pair in stood]
        )
        session.add(row)
    audit.record(session, clock, actor, "sample.draw", "sample", sample.id, values={"size": size})
    return sample


def _sources(provenance: Mapping[str, Any]) -> set[str]:
    return {str(told[0]) for told in provenance.values()}


def get_sample(session: Session, actor: Actor, sample_id: uuid.UUID) -> ReviewSample:
    """One sample. Raises NotFound when the actor may not know of it."""
    sample = session.scalar(ReviewSample.visible_to(actor).where(ReviewSample.id == sample_id))
    if sample is None:
        raise NotFound(said("There is no such sample."))
    return sample


def to_read(
    session: Session, actor: Actor, sample_id: uuid.UUID, position: int | None = None
) -> ToRead | None:
    """The case at ``position``, or the first that the actor has not read; None when they have read all.

    Raises NotFound (no such sample, or no such place in it).
    """
    get_sample(session, actor, sample_id)
    rows = _cases_of(session, sample_id)
    read = {row.case_id: row for row in _readings(session, sample_id) if row.reviewer == actor.name}
    if position is None:
        row = next((row for row in rows if row.case_id not in read), None)
        if row is None:
            return None
    else:
        row = next((row for row in rows if row.position == position), None)
        if row is None:
            raise NotFound(said("There is no such case in this sample."))
    query = Case.visible_to(actor).where(Case.id == row.case_id)
    case = session.scalar(query.options(selectinload(Case.tags), selectinload(Case.parties)))
    if case is None:
        raise NotFound(said("There is no such case, or it is not public."))
    mine = read.get(row.case_id)
    before = {(kind, value): what for kind, value, what in mine.said} if mine is not None else {}
    return ToRead(
        case, [(kind, value) for kind, value in row.tags], before, row.position, len(read), len(rows)
    )


def judge(
    session: Session,
    clock: Clock,
    actor: Actor,
    sample_id: uuid.UUID,
    case_id: uuid.UUID,
    answers: Mapping[Pair, str],
    missing: Iterable[Pair] = (),
) -> SampleReading:
    """Keep what the actor says of every tag that the case carried, and which tags it lacks; said again, it takes the place
    of what they said before.

    Raises NotAllowed, NotFound, BadInput (a tag without an answer, or one that no tag of the case can be).
    """
    actor.require(Permission.TAG_REVIEW)
    get_sample(session, actor, sample_id)
    row = session.get(SampleCase, (sample_id, case_id))
    if row is None:
        raise NotFound(said("There is no such case in this sample."))
    tags = [(kind, value) for kind, value in row.tags]
    allowed = {Judgement.RIGHT.value, Judgement.WRONG.value, Judgement.UNSURE.value}
    if set(answers) != set(tags) or not set(answers.values()) <= allowed:
        raise BadInput(
            said("Every tag needs an answer: right, wrong or unsure."),
            fix=said("Answer those that are left."),
        )
    lacking = list(dict.fromkeys(missing))
    if any(kind not in KINDS or value not in values_of(kind) for kind, value in lacking):
        raise BadInput(said("There is no such tag."), fix=said("Choose one of the list."))
    told = [[*pair, answers[pair]] for pair in tags]
    told += [[*pair, Judgement.MISSING.value] for pair in lacking if pair not in answers]
    kept = session.get(SampleReading, (sample_id, case_id, actor.name))
    if kept is None:
        kept = SampleReading(sample_id=sample_id, case_id=case_id, reviewer=actor.name)
        session.add(kept)
    kept.said, kept.read_at = told, clock.now()
    audit.record(session, clock, actor, "sample.judge", "case", case_id, values={"said": told})
    session.flush()
    return kept


def size_of(session: Session, sample_id: uuid.UUID) -> int:
    """How many cases a sample has."""
    query = select(func.count()).select_from(SampleCase).where(SampleCase.sample_id == sample_id)
    return session.scalar(query) or 0


def progress(session: Session, sample_id: uuid.UUID) -> dict[str, int]:
    """Reviewer -> cases read, whoever has read most first."""
    query = (
        select(SampleReading.reviewer, func.count())
        .where(SampleReading.sample_id == sample_id)
        .group_by(SampleReading.reviewer)
        .order_by(func.count().desc(), SampleReading.reviewer)
    )
    return {reviewer: int(count) for reviewer, count in session.execute(query)}


def may_see_answers(session: Session, actor: Actor, sample_id: uuid.UUID) -> bool:
    """Whether others' answers may be shown: two have read the whole sample, and so has the actor if they began it."""
    size = size_of(session, sample_id)
    read = progress(session, sample_id)
    whole = sum(count == size for count in read.values())
    return whole >= 2 and read.get(actor.name, size) == size


def pairings(session: Session, sample_id: uuid.UUID) -> list[Pairing]:
    """How each two reviewers agree, over the cases both have read."""
    by_reviewer: dict[str, dict[uuid.UUID, SampleReading]] = {}
    for row in _readings(session, sample_id):
        by_reviewer.setdefault(row.reviewer, {})[row.case_id] = row
    found = []
    for one, other in combinations(sorted(by_reviewer), 2):
        both = sorted(set(by_reviewer[one]) & set(by_reviewer[other]))
        if both:
            pairs = [
                pair
                for case_id in both
                for pair in _compared(by_reviewer[one][case_id], by_reviewer[other][case_id])
            ]
            found.append(Pairing(one, other, len(both), agreement(pairs)))
    return found


def votes(reading: SampleReading) -> dict[Pair, bool | None]:
    """Whether the case should carry each tag the reader spoke of; None where they were unsure."""
    meaning = {"right": True, "missing": True, "wrong": False, "unsure": None}
    return {(kind, value): meaning[what] for kind, value, what in reading.said}


def _compared(one: SampleReading, other: SampleReading) -> list[tuple[bool, bool]]:
    """Both answers to every tag that either spoke of; who read a case and did not name a tag holds that it lacks none."""
    a, b = votes(one), votes(other)
    both = [(a.get(pair, False), b.get(pair, False)) for pair in sorted({*a, *b})]
    return [(x, y) for x, y in both if x is not None and y is not None]


@dataclass(frozen=True)
class Agreed:
    """A tag of which all readers say that it is wrong, or missing, and that nobody has corrected yet."""

    case: Case
    kind: str
    value: str
    verdict: Verdict


def agreed_changes(session: Session, actor: Actor, sample_id: uuid.UUID) -> list[Agreed]:
    """What at least two readers say alike against a tag that stands, or for one that does not."""
    by_case: dict[uuid.UUID, list[SampleReading]] = {}
    for row in _readings(session, sample_id):
        by_case.setdefault(row.case_id, []).append(row)
    query = Case.visible_to(actor).where(Case.id.in_(by_case)).options(selectinload(Case.tags))
    spoken = corrections_of(session, by_case)
    found = []
    for case in session.scalars(query.order_by(Case.id)):
        told = [votes(row) for row in by_case[case.id]]
        stands = {(tag.kind, tag.value) for tag in case.tags}
        for pair in sorted({pair for vote in told for pair in vote}):
            said_of = {vote.get(pair, False) for vote in told}
            if len(told) < 2 or len(said_of) != 1 or pair in spoken.get(case.id, {}):
                continue
            (should,) = said_of
            if should is False and pair in stands:
                found.append(Agreed(case, *pair, Verdict.REMOVE))
            elif should is True and pair not in stands:
                found.append(Agreed(case, *pair, Verdict.ADD))
    return found


def apply_agreed(session: Session, clock: Clock, actor: Actor, sample_id: uuid.UUID, reason: str) -> int:
    """Make corrections of what all readers say alike; returns how many. Raises NotAllowed, NotFound, BadInput."""
    actor.require(Permission.TAG_REVIEW)
    get_sample(session, actor, sample_id)
    if not may_see_answers(session, actor, sample_id):
        raise BadInput(
            said("Two people read the whole sample first."), fix=said("Read on, or ask a colleague to.")
        )
    # What goes, goes first: a stage that is added takes the place of one that stands.
    changes = sorted(agreed_changes(session, actor, sample_id), key=lambda one: one.verdict is Verdict.ADD)
    for one in changes:
        correct_tag(session, clock, actor, one.case.id, one.kind, one.value, one.verdict, reason, seen=None)
    return len(changes)


def _cases_of(session: Session, sample_id: uuid.UUID) -> Sequence[SampleCase]:
    query = select(SampleCase).where(SampleCase.sample_id == sample_id)
    return session.scalars(query.order_by(SampleCase.position)).all()


def _readings(session: Session, sample_id: uuid.UUID) -> Sequence[SampleReading]:
    query = select(SampleReading).where(SampleReading.sample_id == sample_id)
    return session.scalars(query.order_by(SampleReading.case_id, SampleReading.reviewer)).all()
