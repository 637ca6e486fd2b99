"""How far the tags can be trusted: precision and recall from what people say of cases that were drawn by chance.

A tag a sampled case carried is right or wrong; one it lacked is missing. What readers disagree about counts once a
correction settles it, and is told apart until then. What is corrected in the queue of doubts is no fair sample and does
not count by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.taxonomy import load_taxonomy
from warning.agreement import Share, share
from warning.corrections import corrections_of
from warning.review_models import SampleCase, SampleReading, Verdict
from warning.review_samples import votes

#: by what figures may be told
BY = ("tag", "kind", "language", "source")
Key = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """Of one tag, kind, language or source: how many tags were right, wrong and missing in how many cases, and how many
    wait for readers to agree."""

    key: Key
    right: int
    wrong: int
    missing: int
    undecided: int
    cases: int

    @property
    def precision(self) -> Share:
        """Of the tags that were told, how many were right."""
        return share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> Share:
        """Of the tags that should have been told, how many were."""
        return share(self.right, self.right + self.missing)


@dataclass(frozen=True)
class _Settled:
    """One tag of one sampled case: whether it was told, and whether it should have been; None while undecided."""

    case_id: uuid.UUID
    kind: str
    value: str
    was_told: bool
    should: bool | None


def quality(session: Session, by: str) -> list[Figures]:
    """The figures of all samples by tag, kind, language or source, most judged first. A case that stands in several
    samples counts once.

    Raises ValueError for another ``by``.
    """
    if by not in BY:
        raise ValueError(f"figures are told by {BY}, not {by!r}")
    settled = _settled(session)
    ids = {one.case_id for one in settled}
    facts = {
        case_id: (language, _source(provenance))
        for case_id, language, provenance in session.execute(
            select(Case.id, Case.language, Case.provenance).where(Case.id.in_(ids))
        )
    }
    key: Callable[[_Settled], Key] = {
        "tag": lambda one: (one.kind, one.value),
        "kind": lambda one: (one.kind,),
        "language": lambda one: (facts[one.case_id][0],),
        "source": lambda one: (facts[one.case_id][1],),
    }[by]
    groups: dict[Key, list[_Settled]] = {}
    for one in settled:
        groups.setdefault(key(one), []).append(one)
    found = [_figures(name, rows) for name, rows in groups.items()]
    return sorted(found, key=lambda f: (-(f.right + f.wrong + f.missing), f.key))


def total(session: Session) -> Figures:
    """The figures of everything together."""
    return _figures((), _settled(session))


def _figures(key: Key, rows: Sequence[_Settled]) -> Figures:
    return Figures(
        key,
        right=sum(one.was_told and one.should is True for one in rows),
        wrong=sum(one.was_told and one.should is False for one in rows),
        missing=sum(not one.was_told and one.should is True for one in rows),
        undecided=sum(one.should is None for one in rows),
        cases=len({one.case_id for one in rows}),
    )


def _source(provenance: dict[str, list[object]]) -> str:
    """Who told of a case first of all: of its caption, or of whatever there is."""
    told = provenance.get("caption") or next(iter(provenance.values()), [""])
    return str(told[0])


def _settled(session: Session) -> list[_Settled]:
    # What was judged under an id that was retired since counts for the one that took its place.
    current = load_taxonomy().current
    drawn: dict[uuid.UUID, set[tuple[str, str]]] = {}
    for case_id, tags in session.execute(select(SampleCase.case_id, SampleCase.tags)):
        drawn.setdefault(case_id, set()).update((kind, current(value)) for kind, value in tags)
    readings: dict[uuid.UUID, list[SampleReading]] = {}
    for row in session.scalars(select(SampleReading).order_by(SampleReading.case_id)):
        readings.setdefault(row.case_id, []).append(row)
    spoken = corrections_of(session, readings)
    found = []
    for case_id, rows in readings.items():
        in_case = _in_force(spoken.get(case_id, {}))
        told = [_in_force(votes(row)) for row in rows]
        for pair in sorted({pair for vote in told for pair in vote}):
            word = in_case.get(pair)
            should: bool | None
            if word is not None:
                should = word.verdict != Verdict.REMOVE
            else:
                answers = {vote.get(pair, False) for vote in told} - {None}
                should = answers.pop() if len(answers) == 1 else None
            found.append(_Settled(case_id, *pair, pair in drawn[case_id], should))
    return found


def _in_force(told: Mapping[tuple[str, str], T]) -> dict[tuple[str, str], T]:
    """What was told of tags, by the ids in force; what was told of a successor itself goes before what was of a former id."""
    taxonomy = load_taxonomy()
    out: dict[tuple[str, str], T] = {}
    for (kind, value), word in told.items():
        pair = (kind, taxonomy.current(value))
        if pair not in out or pair[1] == value or (word is True and out[pair] is not True):
            out[pair] = word
    return out
