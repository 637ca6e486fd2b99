"""Understanding a case: its tags, each with the rule, the version and the words it rests on, as staff corrected them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import SAID_BY_STAFF, Case, Tag
from core.clock import Clock
from core.outbox import Message, emit
from warning.corrections import corrected, corrections_of
from warning.review_models import TagCorrection
from warning.rules.model import Evidence
from warning.rules.tagger import Rulebook, TagInput, TagResult, tag


class Understanding:
    """Tags cases with one rulebook. ``clock`` stamps what it emits."""

    def __init__(self, rulebook: Rulebook, clock: Clock) -> None:
        self._rulebook, self._clock = rulebook, clock

    def tag_cases(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.recorded and case.changed: renew the cases' tags, emit case.tagged where they changed."""
        ids = [uuid.UUID(key) for key in dict.fromkeys(m.key for m in messages)]
        loud = {m.key for m in messages if not m.payload.get("backfill")}
        query = (
            select(Case).where(Case.id.in_(ids)).options(selectinload(Case.parties), selectinload(Case.tags))
        )
        spoken = corrections_of(session, ids)
        for case in session.scalars(query.order_by(Case.id).with_for_update(of=Case)):
            before = {(tag.kind, tag.value) for tag in case.tags}
            by_rules = {tag.rulebook for tag in case.tags if tag.field != SAID_BY_STAFF}
            is_same_book = by_rules == {self._rulebook.version}
            if self._renew(case, spoken.get(case.id, {})):
                added = sorted({f"{t.kind}:{t.value}" for t in case.tags if (t.kind, t.value) not in before})
                case.version += 1
                case.updated_at = self._clock.now()
                session.flush()
                payload = {"added": added, "backfill": str(case.id) not in loud, "version": case.version}
                if is_same_book:
                    # The same rules read something else, so it is the case that changed.
                    payload["stages"] = sorted(value for kind, value in before if kind == "stage")
                emit(session, "case.tagged", str(case.id), payload, self._clock)

    def tag_case(self, session: Session, case: Case) -> bool:
        """Renew one case's tags; True when they differ from what stood there."""
        return self._renew(case, corrections_of(session, [case.id]).get(case.id, {}))

    def _renew(self, case: Case, spoken: Mapping[tuple[str, str], TagCorrection]) -> bool:
        result = tag(tag_input(case), self._rulebook)
        fresh = corrected(list(_rows(result, self._rulebook.version)), spoken)
        if _same(case.tags, fresh):
            for old, new in zip(sorted(case.tags, key=_content), sorted(fresh, key=_content), strict=True):
                old.margin = new.margin
            return False
        case.tags = fresh
        return True


def tag_input(case: Case) -> TagInput:
    """What the rules read of a case: its title or caption, text, forum, parties and codes."""
    return TagInput(
        id=str(case.id),
        title=case.title or case.caption,
        text=case.text,
        venue=case.venue,
        language=case.language,
        parties=tuple((p.name, p.role, p.country) for p in case.parties),
        codes={scheme: tuple(values) for scheme, values in case.codes.items()},
    )


def _rows(result: TagResult, rulebook: str) -> Iterator[Tag]:
    for piece in result.evidence:
        yield _row(piece, rulebook, result.margins.get(piece.tag))


def _row(piece: Evidence, rulebook: str, margin: float | None) -> Tag:
    kind, _, value = piece.tag.partition(":")
    return Tag(
        kind=kind,
        value=value,
        rule=piece.rule,
        rulebook=rulebook,
        field=piece.field,
        start=piece.start,
        end=piece.end,
        text=piece.text,
        weight=piece.weight,
        margin=margin,
    )


def _same(old: Sequence[Tag], new: Sequence[Tag]) -> bool:
    return sorted(map(_content, old)) == sorted(map(_content, new))


def _content(tag: Tag) -> tuple[str, ...]:
    return (
        tag.kind,
        tag.value,
        tag.rule,
        tag.rulebook,
        tag.field,
        str(tag.start),
        str(tag.end),
        tag.text,
        str(tag.weight),
    )
