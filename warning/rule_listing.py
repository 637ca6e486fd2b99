"""Rules as a list, and a change of a text line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.paging import Page, decode_cursor, encode_cursor
from warning.rule_models import RuleState, RuleVersion
from warning.rule_shelf import in_force, known_rules
from warning.rules.texts import base_rules

_OPEN = (RuleState.DRAFT.value, RuleState.WAITING.value)


@dataclass(frozen=True)
class Listed:
    """A rule in a list: the tag it tells, the number of its version in force (0: as shipped), open drafts."""

    rule: str
    kind: str
    value: str
    number: int
    version: RuleVersion | None
    drafts: int


def rule_kinds() -> list[str]:
    """The kinds of tags that rules tell, each once."""
    return list(dict.fromkeys(base.rule.emit[0] for base in base_rules().values()))


def list_rules(
    session: Session, actor: Actor, *, kind: str = "", q: str = "", cursor: str | None = None, limit: int = 40
) -> Page[Listed]:
    """Rules in the order of their files, by kind and by words of their id or their tag. Raises NotAllowed, BadInput."""
    actor.require(Permission.RULE_WRITE)
    rows = [row for row in _rows(session) if (not kind or row.kind == kind) and _has(row, q)]
    if cursor:
        after, _ = decode_cursor(cursor, 2)
        names = [row.rule for row in rows]
        rows = rows[names.index(after) + 1 :] if after in names else rows
    following = encode_cursor([rows[limit - 1].rule, ""]) if len(rows) > limit else None
    return Page(rows[:limit], following)


def _rows(session: Session) -> Iterator[Listed]:
    written = in_force(session)
    drafts = dict(
        session.execute(
            select(RuleVersion.rule, func.count(RuleVersion.id))
            .where(RuleVersion.state.in_(_OPEN))
            .group_by(RuleVersion.rule)
        ).all()
    )
    for identity, base in known_rules(session).items():
        version = written.get(identity)
        number = version.number or 0 if version is not None else 0
        yield Listed(identity, *base.rule.emit, number, version, drafts.get(identity, 0))


def _has(row: Listed, q: str) -> bool:
    words = q.strip().casefold()
    taxonomy = load_taxonomy()
    said = (row.rule, *(taxonomy.label(row.value, language) for language in ("zh", "en")))
    return not words or any(words in text.casefold() for text in said)


def open_versions(session: Session, actor: Actor) -> list[RuleVersion]:
    """Drafts and what waits for a second person, the oldest first. Nothing for whoever writes no rules."""
    query = RuleVersion.visible_to(actor).where(RuleVersion.state.in_(_OPEN))
    return list(session.scalars(query.order_by(RuleVersion.state.desc(), RuleVersion.id)))


@dataclass(frozen=True)
class Line:
    """A line of a change: " " as it stood, "-" taken away, "+" added, "…" some that did not change."""

    mark: str
    text: str


def changes(before: str, after: str, *, around: int = 2) -> list[Line]:
    """What differs between two texts, with a few lines around it; empty where nothing does."""
    found: list[Line] = []
    told = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=around)
    for number, line in enumerate(told):
        if number < 2:
            # The names of the two files.
            continue
        found.append(Line("…", "") if line.startswith("@@") else Line(line[0], line[1:]))
    return found[1:] if found and found[0].mark == "…" else found
