"""Writing rules and terms: a draft against the text in force, seen over the stored cases, approved by a second person where
it would change many, published as a new edition, rolled back to an earlier one.

Rules hold for every centre, as cases do. Whoever writes against a text that is no longer in force is refused with both
texts shown; nothing is merged in silence.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.taxonomy import shipped_taxonomy
from cases.taxonomy.overlay import read_term, refuse_strange, term_of_entry, text_of
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotAllowed, NotFound, RulebookInvalid, StaleWrite
from core.said import said
from warning.rule_models import RULE_WORKFLOW, RuleState, RuleVersion
from warning.rule_shelf import (
    edition_of,
    in_force,
    is_term,
    known_rules,
    rule_with,
    rules_with,
    taxonomy_with,
)
from warning.rules.check import Tried, check_rule, try_examples
from warning.rules.model import Rule
from warning.rules.texts import BaseRule, read_rule

#: characters of a note or a decision
LEAST_NOTE, MOST_NOTE = 4, 1000


@dataclass(frozen=True)
class Standing:
    """A rule or term as it is in force: its text, the edition (0: as shipped, with no text where nothing is) and the number
    among its own versions."""

    rule: str
    text: str
    edition: int
    number: int
    version: RuleVersion | None

    @property
    def read(self) -> Rule:
        """What the text says. Raises RulebookInvalid for one that the program outgrew."""
        return read_rule(self.text)


@dataclass(frozen=True)
class Checked:
    """What is to be said of a typed text: why it is no rule, its examples one by one, and what is wrong with it."""

    unreadable: str
    tried: Sequence[Tried]
    problems: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether it may be published."""
        return not self.unreadable and not self.problems


def base_of(session: Session, rule: str) -> BaseRule:
    """A rule as it first stood: as shipped, or as it came with its term. Raises NotFound."""
    base = known_rules(session).get(rule)
    if base is None:
        raise NotFound(said("There is no such rule."))
    return base


def first_text(session: Session, subject: str) -> str:
    """The text of a rule or term before anybody changed it; "" for a term that the program does not ship. Raises
    NotFound for an unknown rule."""
    if not is_term(subject):
        return base_of(session, subject).text
    shipped = term_of_entry(shipped_taxonomy(), subject)
    return text_of(shipped) if shipped is not None else ""


def standing_of(session: Session, rule: str) -> Standing:
    """The text in force of a rule or term. Raises NotFound for an unknown rule."""
    first = first_text(session, rule)
    version = in_force(session).get(rule)
    if version is None:
        return Standing(rule, first, 0, 0, None)
    return Standing(rule, version.text, version.edition or 0, version.number or 0, version)


def check_text(session: Session, rule: str, text: str, *, is_whole: bool = True) -> Checked:
    """Run the examples of a typed text, of a rule or of a term with its rule, and name what is wrong with it.

    Args:
        is_whole: also take every veto and mask away to see whether an example proves it, and look for words that other
            rules share. That takes ten times as long as the examples, which are run while somebody types.
    """
    if is_term(rule):
        return _check_term(session, rule, text, is_whole=is_whole)
    try:
        read = read_rule(text)
        if problem := _strange(base_of(session, rule).rule, read):
            return Checked(problem, (), ())
        return _try(session, rule, {rule: text}, is_whole=is_whole)
    except RulebookInvalid as error:
        return Checked(error.message, (), ())


def _check_term(session: Session, identity: str, text: str, *, is_whole: bool) -> Checked:
    """As :func:`check_text`, of a term."""
    try:
        term = read_term(text)
        if term.id != identity:
            problem = said("the text is of another term: its id must stay %(id)s", id=identity)
            return Checked(problem, (), ())
        refuse_strange(shipped_taxonomy(), taxonomy_with(session), term)
        taxonomy_with(session, {identity: text})
        if not term.rule:
            return Checked("", (), ())
        read = read_rule(term.rule)
        if strange := _strange_of_term(term.kind, identity, read):
            return Checked(strange, (), ())
        return _try(session, read.id, {identity: text}, is_whole=is_whole)
    except RulebookInvalid as error:
        return Checked(error.message, (), ())


def _try(session: Session, rule: str, texts: Mapping[str, str], *, is_whole: bool) -> Checked:
    """Run the examples of a rule as one of the book with ``texts`` in it: it may name other rules."""
    taxonomy = taxonomy_with(session, texts)
    book = rules_with(session, texts) if is_whole else []
    own = next(one for one in book if one.id == rule) if is_whole else rule_with(session, rule, texts)
    try:
        tried = try_examples(own)
        return Checked("", tried, check_rule(own, book if is_whole else None, taxonomy, tried).problems)
    except (ValueError, KeyError) as error:
        return Checked(str(error), (), ())


def _strange(base: Rule, read: Rule) -> str:
    """Why a text may not stand for this rule; "" where it may. What a rule tells never changes: tags that it told would
    mean something else. Patterns change with the program alone: one that runs away would stop every process that tags."""
    if read.id != base.id:
        return said("the text is of another rule: its id must stay %(rule)s", rule=base.id)
    if read.emit != base.emit:
        return said("a rule keeps the tag it tells: emit must stay %(emit)s", emit=": ".join(base.emit))
    if set(read.patterns) - set(base.patterns):
        return said("new patterns come with the program alone; use words here")
    return ""


def _strange_of_term(kind: str, identity: str, read: Rule) -> str:
    """Why a rule may not come with a term; "" where it may."""
    own, emit = f"rule.{identity}", (kind, identity)
    if read.id != own:
        return said("the text is of another rule: its id must stay %(rule)s", rule=own)
    if read.emit != emit:
        return said("a rule keeps the tag it tells: emit must stay %(emit)s", emit=": ".join(emit))
    if read.patterns:
        return said("new patterns come with the program alone; use words here")
    return ""


def begin(
    session: Session, clock: Clock, actor: Actor, rule: str, text: str, note: str, *, seen: int
) -> RuleVersion:
    """Keep a text as a draft.

    Args:
        seen: the edition in force that its author looked at, 0 for the shipped text.

    Raises NotAllowed, NotFound, BadInput (no note, or no text), StaleWrite (another edition is in force by now; both texts
    stand in its details).
    """
    actor.require(Permission.RULE_WRITE)
    if actor.centre_id is None:
        raise BadInput("A rule is written for a centre, and this actor has none.", fix="Name the centre.")
    standing = standing_of(session, rule)
    _refuse_overtaken(standing, seen, text)
    now = clock.now()
    version = RuleVersion(
        centre_id=actor.centre_id,
        rule=rule,
        text=_plain(text),
        note=_noted(note),
        based_on=standing.edition,
        author=actor.name,
        created_at=now,
        updated_at=now,
    )
    session.add(version)
    session.flush()
    _record(session, clock, actor, version, "begin")
    return version


def save(
    session: Session,
    clock: Clock,
    actor: Actor,
    version_id: uuid.UUID,
    text: str,
    note: str,
    *,
    seen: int,
    based_on: int,
) -> RuleVersion:
    """Change a draft.

    Args:
        seen: the revision its writer looked at.
        based_on: the edition in force they looked at; a draft that was overtaken is so brought to the newest.

    Raises NotAllowed, NotFound, BadInput, TransitionRefused, StaleWrite (somebody saved it meanwhile, or another edition is
    in force; both texts stand in its details).
    """
    version = _locked(session, actor, version_id)
    target = RULE_WORKFLOW.take("save", version.state, actor)
    if version.revision != seen:
        raise StaleWrite(
            said("A colleague saved this draft while you were writing."),
            fix=said("Both texts stand below; take over what you need and save again."),
            yours=text,
            current=version.text,
        )
    standing = standing_of(session, version.rule)
    _refuse_overtaken(standing, based_on, text)
    version.text, version.note, version.based_on = _plain(text), _noted(note), standing.edition
    version.state, version.revision, version.updated_at = target, version.revision + 1, clock.now()
    version.preview = version.previewed = None
    session.flush()
    _record(session, clock, actor, version, "save")
    return version


def needs_approval(version: RuleVersion, most_share: float) -> bool:
    """Whether a second person must agree: the text would change more than ``most_share`` of the stored cases."""
    if version.preview is None:
        return True
    return bool(version.preview["changed"] > most_share * version.preview["cases"])


def preview_key(book_version: str, version: RuleVersion) -> str:
    """What a preview is true of: a book, and a revision of the text."""
    return f"{book_version}/{version.revision}"


def take_step(
    session: Session,
    clock: Clock,
    actor: Actor,
    version_id: uuid.UUID,
    step: str,
    words: str = "",
    *,
    seen: int,
    book_version: str,
    most_share: float,
) -> RuleVersion:
    """Publish a draft, hand it to a second person, approve, refuse or withdraw it.

    Args:
        words: why it is refused; may be empty otherwise.
        seen: the revision the actor looked at.
        book_version: version of the rulebook in force, which the preview must have compared with.
        most_share: of the stored cases; what would change more needs a second person.

    Raises:
        NotAllowed: the actor writes no rules, or approves what they wrote themselves.
        NotFound, TransitionRefused: no such version, or its state does not allow the step.
        StaleWrite: it was saved meanwhile, or written against a text that is in force no more.
        BadInput: the text has faults, nobody looked at what it would change, it needs a second person, or no reason was
            given.
    """
    version = _locked(session, actor, version_id)
    target = RULE_WORKFLOW.take(step, version.state, actor)
    if version.revision != seen:
        raise StaleWrite(
            said("A colleague saved this draft while you were reading."),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen,
            current=version.revision,
        )
    if step in ("approve", "refuse") and actor.name == version.author:
        raise NotAllowed(
            said("Whoever wrote a rule does not decide about it."), fix=said("Ask a colleague to look at it.")
        )
    if step in ("publish", "propose", "approve"):
        _refuse_unready(session, version, book_version)
    if step == "publish" and needs_approval(version, most_share):
        raise BadInput(
            said("This changes more cases than one person may change alone."),
            fix=said("Ask a second person."),
        )
    if step in ("approve", "refuse"):
        version.decision = _noted(words) if step == "refuse" else words.strip()[:MOST_NOTE]
        version.decided_by, version.decided_at = actor.name, clock.now()
    version.state, version.updated_at = target, clock.now()
    if target == RuleState.PUBLISHED:
        _publish(session, clock, version)
    session.flush()
    _record(session, clock, actor, version, step)
    return version


def roll_back(
    session: Session, clock: Clock, actor: Actor, rule: str, to_edition: int, note: str, *, seen: int
) -> RuleVersion:
    """Put a text in force again that was in force before; 0 for the shipped one. It is a new edition, and needs no second
    person: the text was approved when it was published.

    Args:
        seen: the edition in force that the actor looked at.

    Raises NotAllowed, NotFound (no such edition of the rule), BadInput (it is in force, or no note), StaleWrite.
    """
    actor.require(Permission.RULE_WRITE)
    if actor.centre_id is None:
        raise BadInput("A rule is written for a centre, and this actor has none.", fix="Name the centre.")
    standing = standing_of(session, rule)
    _refuse_overtaken(standing, seen, "")
    if to_edition == standing.edition:
        raise BadInput(said("This version is in force."), fix=said("Choose an earlier one."))
    text = first_text(session, rule) or _taken_back(standing.text)
    if to_edition:
        query = select(RuleVersion).where(RuleVersion.rule == rule, RuleVersion.edition == to_edition)
        earlier = session.scalar(query)
        if earlier is None:
            raise NotFound(said("There is no such version of this rule."))
        text = earlier.text
    now = clock.now()
    version = RuleVersion(
        centre_id=actor.centre_id,
        rule=rule,
        text=text,
        note=_noted(note),
        state=RuleState.PUBLISHED.value,
        based_on=standing.edition,
        author=actor.name,
        created_at=now,
        updated_at=now,
    )
    session.add(version)
    _publish(session, clock, version)
    session.flush()
    _record(session, clock, actor, version, "roll_back")
    return version


def _taken_back(text: str) -> str:
    """A term that the program does not ship, before it was added: retired, for what carries its id must stay readable."""
    return text_of(replace(read_term(text), is_retired=True, replaced_by=None))


def versions_of(session: Session, actor: Actor, rule: str) -> Sequence[RuleVersion]:
    """Every version of a rule, drafts too, the newest first; nothing for whoever writes no rules."""
    query = RuleVersion.visible_to(actor).where(RuleVersion.rule == rule)
    return session.scalars(query.order_by(RuleVersion.id.desc())).all()


def get_version(session: Session, actor: Actor, version_id: uuid.UUID) -> RuleVersion:
    """One version. Raises NotFound when the actor may not know of it."""
    version = session.scalar(RuleVersion.visible_to(actor).where(RuleVersion.id == version_id))
    if version is None:
        raise NotFound(said("There is no such version of a rule."))
    return version


def _publish(session: Session, clock: Clock, version: RuleVersion) -> None:
    version.edition = edition_of(session) + 1
    own = select(func.count(RuleVersion.id)).where(
        RuleVersion.rule == version.rule, RuleVersion.edition.is_not(None)
    )
    with session.no_autoflush:
        version.number = (session.scalar(own) or 0) + 1
    version.published_at = clock.now()
    try:
        session.flush()
    except IntegrityError as error:
        raise StaleWrite(
            said("Another rule was published in the same moment."),
            fix=said("Look at it again and decide anew; nothing was changed."),
        ) from error


def _refuse_unready(session: Session, version: RuleVersion, book_version: str) -> None:
    standing = standing_of(session, version.rule)
    _refuse_overtaken(standing, version.based_on, version.text)
    if not check_text(session, version.rule, version.text).is_good:
        raise BadInput(
            said("The rule has faults; its examples must come out as they say."),
            fix=said("Mend what is named below."),
        )
    if version.preview is None or version.previewed != preview_key(book_version, version):
        raise BadInput(
            said("What it would change was not looked at since the rules changed."),
            fix=said("Look at what it would change first."),
        )


def _refuse_overtaken(standing: Standing, seen: int, text: str) -> None:
    if standing.edition != seen:
        raise StaleWrite(
            said("Another version of this rule was published meanwhile."),
            fix=said("Both texts stand below; take over what you need and save again."),
            yours=text,
            current=standing.text,
            edition=standing.edition,
        )


def _locked(session: Session, actor: Actor, version_id: uuid.UUID) -> RuleVersion:
    actor.require(Permission.RULE_WRITE)
    query = RuleVersion.visible_to(actor).where(RuleVersion.id == version_id).with_for_update()
    version = session.scalar(query)
    if version is None:
        raise NotFound(said("There is no such version of a rule."))
    return version


def _plain(text: str) -> str:
    """A text as it is kept: lines end as everywhere, whatever the browser sent."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not plain:
        raise BadInput(said("A rule needs a text."), fix=said("Write it, or close the page."))
    return plain + "\n"


def _noted(note: str) -> str:
    written = note.strip()
    if not LEAST_NOTE <= len(written) <= MOST_NOTE:
        raise BadInput(
            said("Say why."),
            fix=said("Write %(least)s to %(most)s characters.", least=LEAST_NOTE, most=MOST_NOTE),
        )
    return written


def _record(session: Session, clock: Clock, actor: Actor, version: RuleVersion, step: str) -> None:
    values = {"rule": version.rule, "text": version.text, "note": version.note, "edition": version.edition}
    noun = "term" if is_term(version.rule) else "rule"
    audit.record(session, clock, actor, f"{noun}.{step}", noun, version.id, values=values)
