"""Rules as tests edit them: a text with one more word, drafts, previews and what was published."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from cases.models import Tag
from core.actor import Actor, Role
from core.jobs import run_job
from house import House
from tests.conftest import centre_of
from tests.factories import keeper
from warning.retag import run_retag
from warning.rule_editing import begin, standing_of, take_step
from warning.rule_models import RuleVersion
from warning.rule_preview import run_preview

RULE = "rule.ind.biopharma"
TAG = ("industry", "ind.biopharma")
#: a word that no shipped rule knows
WORD = "zibblewort"
WHY = "A new product of the city"


def author(house: House) -> Actor:
    return _staff(house, "author")


def second(house: House) -> Actor:
    return _staff(house, "second")


def _staff(house: House, name: str) -> Actor:
    return Actor(f"user:{name}", frozenset({Role.STAFF}), centre_id=centre_of(house).id)


def with_word(house: House, word: str = WORD, rule: str = RULE) -> str:
    """The text in force with one more English word that is enough by itself, and an example for it."""
    with house.database.read() as session:
        text = standing_of(session, rule).text
    assert "en: [" in text
    text = text.replace("en: [", f"en: [{word}, ", 1)
    return text.replace("tests:\n", f"tests:\n- {{text: 'A case about {word}', expect: hit}}\n", 1)


def draft(house: House, text: str, *, rule: str = RULE, actor: Actor | None = None) -> RuleVersion:
    with house.database.write() as session:
        seen = standing_of(session, rule).edition
        return begin(session, house.clock, actor or author(house), rule, text, WHY, seen=seen)


def preview(house: House, version: uuid.UUID) -> dict[str, object]:
    return run_job(
        house.database,
        house.clock,
        keeper(house),
        "rule-preview",
        lambda handle: run_preview(house.database, house.clock, house.shelf, version, handle),
    )


def step(
    house: House, version: uuid.UUID, name: str, actor: Actor, words: str = "", share: float = 1.0
) -> RuleVersion:
    with house.database.write() as session:
        book = house.shelf.current(session).version
        seen = session.get_one(RuleVersion, version).revision
        return take_step(
            session,
            house.clock,
            actor,
            version,
            name,
            words,
            seen=seen,
            book_version=book,
            most_share=share,
        )


def publish(house: House, text: str, rule: str = RULE) -> RuleVersion:
    """Draft, look, publish: what one person may do of a small change."""
    version = draft(house, text, rule=rule)
    preview(house, version.id)
    return step(house, version.id, "publish", author(house))


def retag(house: House) -> int:
    return run_retag(house.database, house.clock, house.shelf, keeper(house))


def tagged(house: House, pair: tuple[str, str] = TAG) -> set[uuid.UUID]:
    with house.database.read() as session:
        query = select(Tag.case_id).where(Tag.kind == pair[0], Tag.value == pair[1])
        return set(session.scalars(query))
