"""The rulebook in force: the shipped rules, each under the newest text that people published for it.

The YAML files are version 0 of every rule. However many processes run, each looks at the newest edition before it tags
and compiles the book again when there is one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy
from core.errors import RulebookInvalid
from warning.rule_models import RuleVersion
from warning.rules.compile import assembled
from warning.rules.model import Rule
from warning.rules.tagger import Rulebook, load_rulebook
from warning.rules.texts import base_rules, read_rule

log = structlog.get_logger(__name__)


class RuleShelf:
    """Keeps the compiled book of the newest edition."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edition = 0
        self._book: Rulebook | None = None

    def current(self, session: Session) -> Rulebook:
        """The book in force as this session sees it."""
        newest = edition_of(session)
        with self._lock:
            if self._book is None or self._edition != newest:
                self._book = load_rulebook() if newest == 0 else book_with(session)
                self._edition = newest
            return self._book


def edition_of(session: Session) -> int:
    """The newest edition; 0 while nobody published anything."""
    return session.scalar(select(func.max(RuleVersion.edition))) or 0


def in_force(session: Session) -> dict[str, RuleVersion]:
    """The newest published version of every rule that has one."""
    newest = (
        select(func.max(RuleVersion.edition))
        .where(RuleVersion.edition.is_not(None))
        .group_by(RuleVersion.rule)
    )
    rows = session.scalars(select(RuleVersion).where(RuleVersion.edition.in_(newest)))
    return {row.rule: row for row in rows}


def rules_with(session: Session, texts: Mapping[str, str] | None = None) -> list[Rule]:
    """Every rule as it is in force, with ``texts`` in the place of what is.

    A published text that can be read no more (the program moved on) gives way to the shipped one, and that is logged: one
    bad rule must not stop the tagging. Raises RulebookInvalid for a bad text among ``texts``.
    """
    typed = texts or {}
    found = []
    written = in_force(session)
    for identity, base in base_rules().items():
        rule = base.rule
        if identity in typed:
            rule = read_rule(typed[identity])
        elif identity in written:
            version = written[identity]
            try:
                # Every version of a rule has a number of its own, whatever its text says.
                rule = replace(read_rule(version.text), version=base.rule.version + (version.number or 0))
            except RulebookInvalid as error:
                log.error(
                    "published_rule_unreadable", rule=identity, edition=version.edition, error=str(error)
                )
        found.append((base.path, rule))
    return list(assembled(found))


def book_with(session: Session, texts: Mapping[str, str] | None = None) -> Rulebook:
    """A book of :func:`rules_with`. Raises as it does."""
    return Rulebook(load_taxonomy(), rules_with(session, texts))
