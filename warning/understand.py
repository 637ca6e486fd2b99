"""Understanding a case: its tags, each with the rule, the version and the words it rests on, as staff corrected them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

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
    """Tags cases with the rulebook in force.

    Args:
        book_of: the book in force as a session sees it.
        clock: stamps what is emitted.
    """

    def __init__(self, book_of: Callable[[Session], Rulebook], clock: Clock) -> None:
        self._book_of, self._clock = book_of, clock

    def tag_cases(self, session: Session, messages: Sequence[Message]) -> None:
        """Consumer of case.recorded and case.changed: renew the cases' tags, emit case.tagged where they changed."""
        ids = [uuid.UUID(key) for key in dict.fromkeys(m.key for m in messages)]
        loud = {m.key for m in messages if not m.payload.get("backfill")}
        query = (
            select(Case).where(Case.id.in_(ids)).options(selectinload(Case.parties), selectinload(Case.tags))
        )
        cases = session.scalars(query.order_by(Case.id).with_for_update(of=Case)).all()
        # Asked once the cases are held: a correction, or a rule published and told to them, may have come in between.
        spoken, book = corrections_of(session, ids), self._book_of(session)
        for case in cases:
            before = {(tag.kind, tag.value) for tag in case.tags}
            by_rules = {tag.rulebook for tag in case.tags if tag.field != SAID_BY_STAFF}
            is_same_book = by_rules == {book.version}
            if renew(case, book, spoken.get(case.id, {})):
                added = sorted({f"{t.kind}:{t.value}" for t in case.tags if (t.kind, t.value) not in before})
                case.version += 1
                case.updated_at = self._clock.now()
                session.flush()
                # Other rules, or other words in the case: which of them told a new tag of a known case, nobody can say
                # here. What the case's own words changed, case.changed tells whoever watches.
                is_quiet = str(case.id) not in loud or (bool(by_rules) and not is_same_book)
                payload = {"added": added, "backfill": is_quiet, "version": case.version}
                if is_same_book:
                    # The same rules read something else, so it is the case that changed.
                    payload["stages"] = sorted(value for kind, value in before if kind == "stage")
                emit(session, "case.tagged", str(case.id), payload, self._clock)

    def tag_case(self, session: Session, case: Case) -> bool:
        """Renew one case's tags; True when they differ from what stood there."""
        return renew(case, self._book_of(session), corrections_of(session, [case.id]).get(case.id, {}))


def renew(case: Case, book: Rulebook, spoken: Mapping[tuple[str, str], TagCorrection]) -> bool:
    """Give a case the tags that a book and staff tell; True when they differ from what stood there."""
    fresh = corrected(told_by(case, book), spoken)
    if is_same(case.tags, fresh):
        keep_margins(case.tags, fresh)
        return False
    case.tags = fresh
    return True


def keep_margins(standing: Sequence[Tag], fresh: Sequence[Tag]) -> None:
    """Give tags that rest on the same evidence as before the margins that the rules count now."""
    for old, new in zip(sorted(standing, key=_evidence), sorted(fresh, key=_evidence), strict=True):
        old.margin = new.margin


def told_by(case: Case, book: Rulebook) -> list[Tag]:
    """What a book tells of a case, whatever staff say."""
    return list(_rows(tag(tag_input(case), book), book.version))


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


def is_same(old: Sequence[Tag], new: Sequence[Tag], *, whatever_book: bool = False) -> bool:
    """Whether two sets of tags rest on the same evidence, and, unless ``whatever_book``, on the same rulebook."""
    content = _evidence if whatever_book else _content
    return sorted(map(content, old)) == sorted(map(content, new))


def _content(tag: Tag) -> tuple[str, ...]:
    return (*_evidence(tag), tag.rulebook)


def _evidence(tag: Tag) -> tuple[str, ...]:
    return (
        tag.kind,
        tag.value,
        tag.rule,
        tag.field,
        str(tag.start),
        str(tag.end),
        tag.text,
        str(tag.weight),
    )
