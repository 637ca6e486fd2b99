"""The rulebook and the vocabulary in force: the shipped ones, each rule and term under the newest text that people published
for it.

The YAML files are version 0 of every rule and term. However many processes run, each looks at the newest edition before it
tags, or shows a page, and reads again what has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.taxonomy import Taxonomy, load_taxonomy, put_in_force, shipped_taxonomy
from cases.taxonomy.overlay import WrittenTerm, overlaid, read_term
from core.errors import RulebookInvalid
from warning.rule_models import RuleVersion
from warning.rules.compile import assembled, assembled_one
from warning.rules.model import Rule
from warning.rules.tagger import Rulebook, load_rulebook
from warning.rules.texts import TYPED, BaseRule, base_rules, read_rule

log = structlog.get_logger(__name__)


class RuleShelf:
    """Keeps the taxonomy and the compiled book of the newest edition."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edition = 0
        self._book: Rulebook | None = None
        self._terms = 0
        self._taxonomy: Taxonomy | None = None

    def current(self, session: Session) -> Rulebook:
        """The book in force as this session sees it; its taxonomy is that of the process from now on."""
        newest = edition_of(session)
        with self._lock:
            self._refresh(session)
            if self._book is None or self._edition != newest:
                self._book = load_rulebook() if newest == 0 else book_with(session)
                self._edition = newest
            return self._book

    def refresh(self, session: Session) -> None:
        """Let this process read the vocabulary in force as this session sees it. Compiles no rules."""
        with self._lock:
            self._refresh(session)

    def _refresh(self, session: Session) -> None:
        newest = term_edition(session)
        if self._taxonomy is None or newest != self._terms:
            self._taxonomy, self._terms = taxonomy_with(session), newest
        if load_taxonomy() is not self._taxonomy:
            put_in_force(self._taxonomy)


def is_term(subject: str) -> bool:
    """Whether a version is of a term of the vocabulary: every rule's id begins with ``rule.``, and no term's."""
    return not subject.startswith("rule.")


def edition_of(session: Session) -> int:
    """The newest edition of rules and terms; 0 while nobody published anything."""
    return session.scalar(select(func.max(RuleVersion.edition))) or 0


def term_edition(session: Session) -> int:
    """The newest edition that was a term's; 0 while nobody published one."""
    of_terms = select(func.max(RuleVersion.edition)).where(RuleVersion.is_term)
    return session.scalar(of_terms) or 0


def in_force(session: Session, *, at: int | None = None) -> dict[str, RuleVersion]:
    """The newest published version of every rule and term that has one; ``at``: as it was at that edition."""
    newest = select(func.max(RuleVersion.edition)).where(RuleVersion.edition.is_not(None))
    if at is not None:
        newest = newest.where(RuleVersion.edition <= at)
    rows = session.scalars(
        select(RuleVersion).where(RuleVersion.edition.in_(newest.group_by(RuleVersion.rule)))
    )
    return {row.rule: row for row in rows}


def terms_with(
    session: Session, texts: Mapping[str, str] | None = None, *, at: int | None = None
) -> dict[str, WrittenTerm]:
    """Every term that people wrote, as it is in force, with ``texts`` in the place of what is. Raises RulebookInvalid for a
    bad text among ``texts``; a published one that the program outgrew is left out, and that is logged."""
    typed = {subject: text for subject, text in (texts or {}).items() if is_term(subject)}
    found = {}
    versions = sorted(in_force(session, at=at).values(), key=lambda version: version.edition or 0)
    for version in versions:
        if is_term(version.rule) and version.rule not in typed:
            try:
                found[version.rule] = _read_term(version.text)
            except RulebookInvalid as error:
                log.error(
                    "published_term_unreadable", term=version.rule, edition=version.edition, error=str(error)
                )
    return found | {subject: read_term(text) for subject, text in typed.items()}


@lru_cache(maxsize=2000)
def _read_term(text: str) -> WrittenTerm:
    return read_term(text)


def taxonomy_with(
    session: Session, texts: Mapping[str, str] | None = None, *, at: int | None = None
) -> Taxonomy:
    """The shipped taxonomy with the terms in force, and with ``texts`` in the place of what is. Raises RulebookInvalid for a
    bad text among ``texts``."""
    terms = terms_with(session, texts, at=at)
    if not terms:
        return shipped_taxonomy()
    newest = term_edition(session) if at is None else at
    try:
        return overlaid(shipped_taxonomy(), list(terms.values()), newest)
    except RulebookInvalid as error:
        if any(is_term(subject) for subject in texts or ()):
            raise
        log.error("published_terms_do_not_fit", error=str(error))
        return shipped_taxonomy()


def known_rules(session: Session, texts: Mapping[str, str] | None = None) -> Mapping[str, BaseRule]:
    """Every rule as it first stood, by id: the shipped ones, then those that came with a term in force."""
    return {**base_rules(), **_rules_of(terms_with(session, texts).values())}


def _rules_of(terms: Iterable[WrittenTerm]) -> dict[str, BaseRule]:
    found = {}
    for term in terms:
        if term.rule:
            try:
                one = _base_rule(term.rule)
            except RulebookInvalid as error:
                log.error("rule_of_term_unreadable", term=term.id, error=str(error))
                continue
            found[one.rule.id] = one
    return found


@lru_cache(maxsize=2000)
def _base_rule(text: str) -> BaseRule:
    return BaseRule(TYPED, text, read_rule(text))


def rules_with(session: Session, texts: Mapping[str, str] | None = None) -> list[Rule]:
    """Every rule as it is in force, with ``texts`` of rules and terms in the place of what is. The rule of a term that is
    retired without a successor is silent.

    A published text that can be read no more (the program moved on) gives way to the shipped one, and that is logged: one
    bad rule must not stop the tagging. Raises RulebookInvalid for a bad text among ``texts``.
    """
    return list(assembled(_parts(session, texts or {})))


def rule_with(session: Session, rule: str, texts: Mapping[str, str]) -> Rule:
    """One rule as it would stand in the book of :func:`rules_with`: what is typed must be answered while it is typed, and
    the other rules take longer than the one. Raises RulebookInvalid."""
    return assembled_one(rule, _parts(session, texts))


def _parts(session: Session, typed: Mapping[str, str]) -> list[tuple[Path, Rule]]:
    """Each rule beside the file it stands in, not yet made one book."""
    found = []
    written = in_force(session)
    terms = terms_with(session, typed)
    silent = {term.id for term in terms.values() if term.is_retired and not term.replaced_by}
    for identity, base in {**base_rules(), **_rules_of(terms.values())}.items():
        rule = base.rule
        if identity in typed:
            rule = read_rule(typed[identity])
        elif identity in written:
            version = written[identity]
            try:
                # Every version of a rule has a number of its own, whatever its text says.
                rule = replace(_read_rule(version.text), version=base.rule.version + (version.number or 0))
            except RulebookInvalid as error:
                log.error(
                    "published_rule_unreadable", rule=identity, edition=version.edition, error=str(error)
                )
        if rule.emit[1] in silent:
            rule = replace(rule, status="retired")
        found.append((base.path, rule))
    return found


@lru_cache(maxsize=2000)
def _read_rule(text: str) -> Rule:
    return read_rule(text)


def book_with(session: Session, texts: Mapping[str, str] | None = None) -> Rulebook:
    """A book of :func:`rules_with` and :func:`taxonomy_with`. Raises as they do."""
    return Rulebook(taxonomy_with(session, texts), rules_with(session, texts))
