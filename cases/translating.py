"""Machine translation of what a source says: asked for by staff, marked wherever it is shown, quoted nowhere.

A translation belongs to the words it was made from: when the source tells them anew it is no longer shown.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseTranslation
from cases.query import get_case
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput
from core.said import said

#: what is translated
FIELDS = ("title", "text")
#: characters of a field that are sent; a whole judgment is for a translator
MOST = 20_000


class Translator(Protocol):
    """A service that makes Chinese of other languages."""

    @property
    def name(self) -> str:
        """What it is called beside its text."""
        ...

    def __call__(self, text: str, language: str) -> str:
        """``text`` of ``language`` (BCP 47) in Chinese. Raises FetchFailed."""
        ...


def words_to_translate(session: Session, actor: Actor, case_id: uuid.UUID) -> tuple[str, Mapping[str, str]]:
    """The language of a case and its fields that have words: read first, so that no transaction waits for the service.

    Raises:
        NotFound: no such case, or not the actor's to see.
        NotAllowed: the actor is not staff.
        BadInput: it is in Chinese already, or has no words.
    """
    actor.require(Permission.EXPORT)
    case = get_case(session, actor, case_id)
    words = {name: getattr(case, name)[:MOST] for name in FIELDS if getattr(case, name)}
    if case.language.startswith("zh") or not words:
        raise BadInput(said("There is nothing to translate: the case is in Chinese or has no text."))
    return case.language, words


def keep_translation(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_id: uuid.UUID,
    words: Mapping[str, str],
    made: Mapping[str, str],
    engine: str,
) -> None:
    """Keep what ``engine`` made of ``words``, in place of what was made before. Raises NotFound, NotAllowed."""
    actor.require(Permission.EXPORT)
    case = get_case(session, actor, case_id)
    for name, text in made.items():
        row = session.get(CaseTranslation, (case.id, name)) or CaseTranslation(case_id=case.id, field=name)
        row.source_sha256, row.text = digest_of(words[name]), text
        row.engine, row.made_at = engine, clock.now()
        session.add(row)
    audit.record(session, clock, actor, "case.translated", "case", case.id, values={"engine": engine})


def translations_of(session: Session, case: Case) -> dict[str, CaseTranslation]:
    """The translations that stand: field -> row, of the words the case has now."""
    rows = session.scalars(select(CaseTranslation).where(CaseTranslation.case_id == case.id))
    return {row.field: row for row in rows if row.source_sha256 == digest_of(getattr(case, row.field)[:MOST])}


def digest_of(words: str) -> str:
    """SHA-256 of words, hex."""
    return hashlib.sha256(words.encode()).hexdigest()
