"""Terms as tests write them: one that no program ships, told by a rule of its own, and a shipped one that is retired."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cases.taxonomy import load_taxonomy, put_in_force, shipped_taxonomy
from cases.taxonomy.overlay import WrittenTerm, overlaid, read_term, term_of_entry, text_of
from house import House
from tests.warning.rule_world import author, draft, preview, step
from warning.rule_editing import standing_of
from warning.rule_models import RuleVersion

#: a term and a word of its rule that the program does not know
TERM, TERM_WORD = "ind.humanoid_robot", "zorblax"
NEW = ("industry", TERM)
#: a shipped industry and the one that takes its place
OLD, NEXT = "ind.battery_storage", "ind.new_energy"

_RULE = f"""\
id: rule.{TERM}
version: 1
emit: {{industry: {TERM}}}
fields: {{title: 2, text: 1}}
threshold: 2
any:
- weight: 2
  terms:
    zh: [测试人形机]
    en: [{TERM_WORD}]
tests:
- {{text: "The accused product is a {TERM_WORD}.", expect: hit}}
- {{text: "A {TERM_WORD} with two arms", expect: hit}}
- {{text: "被诉产品为测试人形机", expect: hit, language: zh}}
- {{text: "The accused product is a lamp.", expect: miss}}
- {{text: "An industrial arm", expect: miss}}
- {{text: "A walking shoe", expect: miss}}
"""


def new_term(zh: str = "人形机器人", en: str = "Humanoid robots", rule: str = _RULE) -> str:
    return text_of(WrittenTerm(TERM, "industry", zh, en, rule=rule))


def shipped(identity: str) -> WrittenTerm:
    term = term_of_entry(shipped_taxonomy(), identity)
    assert term is not None
    return term


def retired(identity: str = OLD, replaced_by: str | None = NEXT) -> str:
    return text_of(replace(shipped(identity), is_retired=True, replaced_by=replaced_by))


def publish_term(house: House, text: str) -> RuleVersion:
    """Draft, look, publish, and let this process read it."""
    identity = read_term(text).id
    version = draft(house, text, rule=identity)
    preview(house, version.id)
    done = step(house, version.id, "publish", author(house))
    house.refresh()
    return done


def term_in_force(house: House, identity: str) -> WrittenTerm:
    with house.database.read() as session:
        return read_term(standing_of(session, identity).text)


@contextmanager
def in_force(*texts: str) -> Iterator[None]:
    """The shipped vocabulary with ``texts`` over it, in this process, without a store."""
    before = load_taxonomy()
    put_in_force(overlaid(shipped_taxonomy(), [read_term(text) for text in texts], 1))
    try:
        yield
    finally:
        put_in_force(before)
