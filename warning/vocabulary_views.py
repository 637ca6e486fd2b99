"""Pages of the vocabulary: terms by kind, one term with its versions, a term that is written, two versions compared."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy, shipped_taxonomy
from cases.taxonomy.entries import RIGHTS
from cases.taxonomy.overlay import (
    ADDABLE,
    ALIASED,
    TERM_KINDS,
    WrittenTerm,
    entries_of,
    kind_of,
    read_term,
    text_of,
)
from core.actor import Permission
from core.errors import BadInput, NotFound, RulebookInvalid, SeamarkError, StaleWrite, TransitionRefused
from core.said import said
from core.web import current_actor, house, load, read_session, requires, uuid_or_404, write_session
from warning.bulletin_reading import people
from warning.rule_editing import (
    LEAST_NOTE,
    MOST_NOTE,
    Standing,
    begin,
    check_text,
    get_version,
    roll_back,
    save,
    standing_of,
    versions_of,
)
from warning.rule_listing import changes
from warning.rule_models import RULE_WORKFLOW, RuleState, RuleVersion
from warning.rule_schemas import RollBackSchema
from warning.rule_views import retag_facts, shelf, start_retag
from warning.vocabulary import (
    differences,
    editions,
    kind_known,
    list_terms,
    rules_of,
    usage_of,
    vocabulary_at,
)
from warning.vocabulary_schemas import CompareSchema, NewTermSchema, TermListSchema, TermSchema, term_from

BLUEPRINT = Blueprint("vocabulary", __name__)
_LIST, _NEW, _TERM, _COMPARE = TermListSchema(), NewTermSchema(), TermSchema(), CompareSchema()
_BACK = RollBackSchema()
#: what a rule begins as: what must be there for it to be one
_RULE = """\
id: rule.{id}
version: 1
emit: {{{kind}: {id}}}
fields: {{title: 2, text: 1}}
threshold: 2
any:
- weight: 2
  terms:
    zh: [{zh}]
    en: [{en}]
tests:
- {{title: "", text: "", expect: hit}}
- {{title: "", text: "", expect: miss}}
"""


@BLUEPRINT.get("/vocabulary")
@requires(Permission.RULE_WRITE)
def index() -> ResponseReturnValue:
    """Terms of one kind, what is being written, and how far the stored cases are."""
    values = load(_LIST, request.args)
    actor = current_actor()
    with read_session() as session:
        return render_template(
            "warning/vocabulary.html",
            page=list_terms(session, actor, **values),
            values=values,
            kinds=TERM_KINDS,
            is_addable=values["kind"] in ADDABLE,
            **retag_facts(session),
        )


@BLUEPRINT.get("/vocabulary/new")
@requires(Permission.RULE_WRITE)
def new() -> ResponseReturnValue:
    """Ask what a new term is and what it is called."""
    return _new_page(load(_NEW, request.args))


def _new_page(values: dict[str, Any], problem: SeamarkError | None = None) -> ResponseReturnValue:
    page = render_template("warning/vocabulary_new.html", values=values, kinds=list(ADDABLE), problem=problem)
    return page, problem.status if problem else 200


@BLUEPRINT.get("/vocabulary/begin")
@requires(Permission.RULE_WRITE)
def first_form() -> ResponseReturnValue:
    """The form of a new term, with a rule begun for it."""
    values = load(_NEW, request.args)
    identity = values["id"].strip()
    if problem := _unusable(values):
        return _new_page(values, problem)
    term = WrittenTerm(identity, values["kind"], values["zh"].strip(), values["en"].strip())
    rule = _RULE.format(id=identity, kind=values["kind"], zh=_quoted(term.zh), en=_quoted(term.en.casefold()))
    with read_session() as session:
        return _form(session, standing_of(session, identity), term, rule, "")


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "").replace('"', "") + '"'


def _unusable(values: dict[str, Any]) -> SeamarkError | None:
    identity, kind = values["id"].strip(), values["kind"]
    if not values["zh"].strip() or not values["en"].strip():
        return BadInput(said("A term has a Chinese and an English name."), fix=said("Write both."))
    if not ADDABLE[kind].fullmatch(identity) or identity.startswith("rule."):
        return BadInput(
            said("The id cannot be used."),
            fix=said("Small letters, digits and _, with the kind's own beginning: ind.humanoid_robot."),
        )
    if kind_known(identity) is not None:
        return BadInput(said("There is such a term already."), fix=said("Look it up in the list."))
    return None


@BLUEPRINT.get("/vocabulary/compare")
@requires(Permission.RULE_WRITE)
def compare() -> ResponseReturnValue:
    """What differs between two versions of the vocabulary."""
    values = load(_COMPARE, request.args)
    actor = current_actor()
    with read_session() as session:
        published = editions(session, actor)
        later = (
            values["later"] if values["later"] is not None else next((v.edition or 0 for v in published), 0)
        )
        earlier = values["earlier"]
        if earlier is None:
            earlier = max((v.edition or 0 for v in published if (v.edition or 0) < later), default=0)
        before, after = vocabulary_at(session, earlier), vocabulary_at(session, later)
        return render_template(
            "warning/vocabulary_compare.html",
            editions=published,
            names={version.id: _term_in(version) for version in published},
            people=people(session, actor, [version.author for version in published]),
            earlier=earlier,
            later=later,
            found=differences(before, after),
            before=before,
            after=after,
        )


def _term_in(version: RuleVersion) -> WrittenTerm | None:
    try:
        return read_term(version.text)
    except RulebookInvalid:
        return None


@BLUEPRINT.get("/vocabulary/terms/<term>")
@requires(Permission.RULE_WRITE)
def show(term: str) -> ResponseReturnValue:
    """One term: what it is, where it is used, its versions."""
    return _term_page(term)


def _term_page(identity: str, problem: SeamarkError | None = None) -> ResponseReturnValue:
    actor, taxonomy = current_actor(), load_taxonomy()
    kind = kind_known(identity)
    if kind not in TERM_KINDS:
        raise NotFound(said("There is no such term."))
    entry = entries_of(taxonomy, kind)[identity]
    with read_session() as session:
        standing = standing_of(session, identity)
        versions = versions_of(session, actor, identity)
        page = render_template(
            "warning/vocabulary_term.html",
            entry=entry,
            kind=kind,
            standing=standing,
            written=_written(standing),
            current=taxonomy.gone.get(identity),
            former=taxonomy.with_former(identity)[1:] if not entry.is_retired else (),
            usage=usage_of(session, kind, identity),
            rules=rules_of(session, kind, identity),
            is_shipped=kind_of(shipped_taxonomy(), identity) is not None,
            versions=versions,
            people=people(session, actor, [v.author for v in versions]),
            states=RULE_WORKFLOW.states,
            problem=problem,
            least=LEAST_NOTE,
            most=MOST_NOTE,
            **retag_facts(session),
        )
    return page, problem.status if problem else 200


def _written(standing: Standing) -> WrittenTerm | None:
    return read_term(standing.text) if standing.text else None


@BLUEPRINT.get("/vocabulary/terms/<term>/edit")
@requires(Permission.RULE_WRITE)
def edit(term: str) -> ResponseReturnValue:
    """A form with the term in force."""
    with read_session() as session:
        standing = standing_of(session, term)
        written = _written(standing)
        if written is None:
            raise NotFound(said("There is no such term."))
        return _form(session, standing, written, written.rule, "")


@BLUEPRINT.get("/vocabulary/versions/<version_id>/edit")
@requires(Permission.RULE_WRITE)
def edit_draft(version_id: str) -> ResponseReturnValue:
    """A form with a draft."""
    with read_session() as session:
        version = _draft(session, version_id)
        term = read_term(version.text)
        return _form(session, standing_of(session, version.rule), term, term.rule, version.note, version)


def _draft(session: Session, version_id: str) -> RuleVersion:
    version = get_version(session, current_actor(), uuid_or_404(version_id))
    if not version.is_term:
        raise NotFound(said("There is no such version of a rule."))
    if version.state != RuleState.DRAFT:
        raise TransitionRefused("Only a draft can be written.", state=version.state)
    return version


def _form(
    session: Session,
    standing: Standing,
    term: WrittenTerm,
    rule: str,
    note: str,
    version: RuleVersion | None = None,
    problem: SeamarkError | None = None,
    seen: int | None = None,
) -> ResponseReturnValue:
    """The form; with a ``problem`` that two texts clash, the other text and what differs stand beside it."""
    taxonomy = load_taxonomy()
    other = str(problem.details["current"]) if isinstance(problem, StaleWrite) else ""
    text = text_of(term)
    page = render_template(
        "warning/vocabulary_edit.html",
        standing=standing,
        term=term,
        rule=rule,
        may_write_rule=_may_write_rule(standing),
        note=note,
        version=version,
        seen=standing.edition if seen is None else seen,
        checked=check_text(session, standing.rule, text),
        others=[
            entry
            for entry in entries_of(taxonomy, term.kind).values()
            if taxonomy.is_in_force(entry.id) and entry.id != term.id
        ],
        shipped_aliases=_shipped_aliases(term),
        is_aliased=term.kind in ALIASED,
        rights=list(RIGHTS),
        tracks=sorted({stage.track for stage in taxonomy.stages.values()}),
        stages=[stage for stage in taxonomy.stages.values() if stage.id != term.id],
        problem=problem,
        other=other,
        clash=changes(other, text) if other else [],
        least=LEAST_NOTE,
        most=MOST_NOTE,
    )
    return page, problem.status if problem else 200


def _may_write_rule(standing: Standing) -> bool:
    """Whether a term's rule is written with it: it is no shipped one, and has none in force; later, the rule editor has
    it."""
    if kind_of(shipped_taxonomy(), standing.rule) is not None:
        return False
    written = _written(standing)
    return written is None or not written.rule


def _shipped_aliases(term: WrittenTerm) -> tuple[str, ...]:
    if term.kind not in ALIASED:
        return ()
    aliases = getattr(entries_of(shipped_taxonomy(), term.kind).get(term.id), "aliases", ())
    if isinstance(aliases, dict):
        return tuple(dict.fromkeys(word for words in aliases.values() for word in words))
    return tuple(aliases)


def _typed(standing: Standing, values: dict[str, Any]) -> WrittenTerm:
    """The term of a form; a rule in force stays with it."""
    written = _written(standing)
    rule = values["rule"] if _may_write_rule(standing) else (written.rule if written else "")
    return term_from(standing.rule, values, rule)


@BLUEPRINT.post("/vocabulary/terms/<term>/check")
@requires(Permission.RULE_WRITE)
def check(term: str) -> ResponseReturnValue:
    """How the examples of a typed term's rule come out: a fragment for the form's script, the form itself without it."""
    values = load(_TERM, request.form)
    with read_session() as session:
        standing = standing_of(session, term)
        typed = _typed(standing, values)
        if request.headers.get("X-Fragment") == "1":
            checked = check_text(session, term, text_of(typed), is_whole=values["whole"])
            return render_template("warning/_rule_check.html", checked=checked)
        version = None
        if values["revision"]:
            version = _draft(session, request.form.get("version", ""))
        return _form(session, standing, typed, values["rule"], values["note"], version, seen=values["seen"])


@BLUEPRINT.post("/vocabulary/terms/<term>/edit")
@requires(Permission.RULE_WRITE)
def keep(term: str) -> ResponseReturnValue:
    """Keep a typed term as a draft."""
    values = load(_TERM, request.form)
    actor, clock = current_actor(), house().clock
    try:
        with write_session() as session:
            text = text_of(_typed(standing_of(session, term), values))
            if problem := check_text(session, term, text, is_whole=False).unreadable:
                raise BadInput(problem, fix=said("Mend it and save again."))
            version = begin(session, clock, actor, term, text, values["note"], seen=values["seen"])
    except (BadInput, StaleWrite) as problem:
        return _again(term, values, None, problem)
    flash(gettext("Kept as a draft. Now look at what it would change."), "done")
    return redirect(url_for("rule_versions.show", version_id=version.id))


@BLUEPRINT.post("/vocabulary/versions/<version_id>/edit")
@requires(Permission.RULE_WRITE)
def keep_draft(version_id: str) -> ResponseReturnValue:
    """Keep a draft's new text."""
    values = load(_TERM, request.form)
    actor, clock, identity = current_actor(), house().clock, uuid_or_404(version_id)
    try:
        with write_session() as session:
            version = _draft(session, version_id)
            text = text_of(_typed(standing_of(session, version.rule), values))
            if problem := check_text(session, version.rule, text, is_whole=False).unreadable:
                raise BadInput(problem, fix=said("Mend it and save again."))
            version = save(
                session,
                clock,
                actor,
                identity,
                text,
                values["note"],
                seen=values["revision"],
                based_on=values["seen"],
            )
    except (BadInput, StaleWrite) as problem:
        with read_session() as session:
            version = _draft(session, version_id)
        return _again(version.rule, values, version, problem)
    flash(gettext("Kept. Now look at what it would change."), "done")
    return redirect(url_for("rule_versions.show", version_id=version.id))


def _again(
    identity: str, values: dict[str, Any], version: RuleVersion | None, problem: SeamarkError
) -> ResponseReturnValue:
    """The form with what was typed; whoever saves it again has seen the other text."""
    with read_session() as session:
        standing = standing_of(session, identity)
        typed = _typed(standing, values)
        return _form(session, standing, typed, values["rule"], values["note"], version, problem)


@BLUEPRINT.post("/vocabulary/terms/<term>/back")
@requires(Permission.RULE_WRITE)
def back(term: str) -> ResponseReturnValue:
    """Put an earlier text in force again, and tell it to the stored cases."""
    values = load(_BACK, request.form)
    actor, clock = current_actor(), house().clock
    try:
        with write_session() as session:
            version = roll_back(
                session, clock, actor, term, values["edition"], values["note"], seen=values["seen"]
            )
    except (BadInput, StaleWrite) as problem:
        return _term_page(term, problem)
    with read_session() as session:
        shelf().refresh(session)
    start_retag()
    flash(
        gettext(
            "Rolled back: version %(number)s is in force, and the stored cases are being tagged anew.",
            number=version.number,
        ),
        "done",
    )
    return redirect(url_for("vocabulary.show", term=term))


def init_vocabulary(app: Flask) -> None:
    """Give ``app`` the pages of the vocabulary. Needs :func:`warning.rule_views.init_rules`."""
    app.register_blueprint(BLUEPRINT)
