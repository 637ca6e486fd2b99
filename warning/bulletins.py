"""Writing a bulletin: drafted from a case, edited, submitted. What comes after stands in ``bulletin_publishing``.

Every step takes the lock of its edition, is judged by the workflow, noted for the desk and audited.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, CaseStatus
from cases.query import evidence_of, get_case
from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock, local_date
from core.db import new_id
from core.errors import BadInput, NotFound, StaleWrite, TransitionRefused
from core.said import said
from warning.bulletin_draft import (
    draft_content,
    scope_of,
)
from warning.bulletin_facts import named_parties
from warning.bulletin_models import Bulletin, BulletinAct, BulletinFacet
from warning.bulletin_parties import Named, printed_parties
from warning.bulletin_soundness import Problems, leaks, problems_of
from warning.bulletin_workflow import BULLETIN_WORKFLOW, OPEN
from warning.levels import decision_of, severity_facts
from warning.severity import judge


@dataclass(frozen=True)
class Edit:
    """What a form says a draft should be. Ids of paragraphs and dates are those of the draft, or new ones."""

    title: Mapping[str, str]
    kind: str
    level: str
    level_reason: str
    paragraphs: tuple[Mapping[str, Any], ...]
    key_dates: tuple[Mapping[str, Any], ...]
    valid_until: date | None
    contact: Mapping[str, str]
    disclosed: frozenset[str] = field(default_factory=frozenset)
    #: ids of the figures that stay; None: all
    figures: frozenset[str] | None = None
    #: key of SCOPES
    scope: str = "public"
    #: the language the changed texts were written in first
    origin: str = "zh"


def get_bulletin(session: Session, actor: Actor, bulletin_id: uuid.UUID, *, lock: bool = False) -> Bulletin:
    """An edition of the actor's centre, drafts too. Raises NotFound when the actor may not know of it."""
    if lock:
        session.execute(select(Bulletin.id).where(Bulletin.id == bulletin_id).with_for_update())
    query = Bulletin.visible_to(actor).where(Bulletin.id == bulletin_id)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(said("There is no such bulletin in your centre."))
    return found


def names_of(bulletin: Bulletin) -> list[Named]:
    """Who is behind the printed parties."""
    return [Named(**{**row, "hidden": tuple(row["hidden"])}) for row in bulletin.names]


def as_names(named: list[Named]) -> list[dict[str, Any]]:
    """``named`` as the row keeps them."""
    return [{**asdict(n), "hidden": list(n.hidden)} for n in named]


def note_act(
    session: Session,
    clock: Clock,
    actor: Actor,
    bulletin: Bulletin,
    step: str,
    note: str = "",
    values: dict[str, Any] | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Count the version up, and write down who did what: for the desk and, without words, for the audit."""
    bulletin.version = (bulletin.version or 0) + 1
    bulletin.updated_at = clock.now()
    session.flush()
    session.add(
        BulletinAct(
            bulletin_id=bulletin.id,
            at=clock.now(),
            actor=actor.name,
            step=step,
            note=note,
            details=details,
        )
    )
    audit.record(
        session,
        clock,
        actor,
        f"bulletin.{step}",
        "bulletin",
        bulletin.id,
        values=values,
        centre_id=bulletin.centre_id,
    )


def today_of(session: Session, clock: Clock, centre_id: uuid.UUID) -> date:
    """The centre's calendar date."""
    return local_date(clock.now(), session.get_one(Centre, centre_id).zone)


def open_draft_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Bulletin | None:
    """The bulletin about a case that the actor's centre has not published yet."""
    query = Bulletin.visible_to(actor).where(Bulletin.case_id == case_id, Bulletin.state.in_(OPEN))
    return session.scalars(query.order_by(Bulletin.id.desc()).limit(1)).first()


def draft_from_case(session: Session, clock: Clock, actor: Actor, case_id: uuid.UUID) -> Bulletin:
    """A draft about a public case; the one that is open already, when there is one, so that a form sent twice makes one.

    Raises NotFound, NotAllowed, or TransitionRefused for a case that is not public.
    """
    actor.require(Permission.BULLETIN_DRAFT)
    if actor.centre_id is None:
        raise BadInput("A bulletin belongs to a centre, and this actor has none.", fix="Name the centre.")
    session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    case = get_case(session, actor, case_id)
    if case.status != CaseStatus.PUBLIC.value:
        raise TransitionRefused(
            said("A bulletin is about a public case, and this one is not."),
            fix=said("Confirm the case first."),
        )
    if known := open_draft_of(session, actor, case_id):
        return known
    centre = session.get_one(Centre, actor.centre_id)
    named = named_parties(session, centre.id, case)
    severity = judge(severity_facts(session, centre.id, case, clock.now()))
    content = draft_content(case, evidence_of(session, case.id), named, severity, (centre.zh, centre.en))
    # The level starts as the staff set it; the reason that is printed is written anew, for the public.
    decision = decision_of(session, actor, case.id)
    content["level"] = decision.level if decision else severity.level
    identity = new_id()
    bulletin = Bulletin(
        id=identity,
        series_id=identity,
        centre_id=centre.id,
        case_id=case.id,
        content=content,
        names=as_names(named),
        level=content["level"],
        authors=[actor.name],
        is_sample=case.is_sample,
        version=0,
        created_at=clock.now(),
        updated_at=clock.now(),
        facets=facets_of(content),
    )
    session.add(bulletin)
    note_act(session, clock, actor, bulletin, "draft", values={"case": str(case.id)})
    return bulletin


def facets_of(content: Mapping[str, Any]) -> list[BulletinFacet]:
    """The rows a bulletin is found by."""
    found = [("region", v) for v in content["regions"]] + [("industry", v) for v in content["industries"]]
    return [BulletinFacet(kind=kind, value=value) for kind, value in dict.fromkeys(found)]


def edit_bulletin(
    session: Session, clock: Clock, actor: Actor, bulletin_id: uuid.UUID, edit: Edit, *, seen_version: int
) -> Bulletin:
    """Change a draft's text.

    Raises:
        NotFound, NotAllowed, TransitionRefused: as the workflow says.
        StaleWrite: somebody changed it since; ``yours`` and ``current`` hold both contents, nothing was written.
        BadInput: ``fields`` names what must be mended, by the form's field.
    """
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("edit", bulletin.state, actor)
    named = _named_now(session, bulletin, edit.disclosed)
    content = edited(bulletin.content, edit, named)
    if bulletin.version != seen_version:
        raise StaleWrite(
            said("Somebody changed this bulletin while you were writing."),
            fix=said("Both texts stand below: take over what you need and save again."),
            yours=content,
            current=bulletin.content,
            version=bulletin.version,
        )
    problems = {**problems_of(content, today_of(session, clock, bulletin.centre_id)), **leaks(content, named)}
    _refuse(problems)
    bulletin.content, bulletin.names = content, as_names(named)
    bulletin.level, bulletin.valid_until, bulletin.state = edit.level, edit.valid_until, target
    bulletin.scope = scope_of(content)
    if actor.name not in bulletin.authors:
        bulletin.authors = [*bulletin.authors, actor.name]
    note_act(session, clock, actor, bulletin, "edit", values={"content": content})
    return bulletin


def preview_of(session: Session, actor: Actor, bulletin_id: uuid.UUID, edit: Edit) -> dict[str, Any]:
    """The content as ``edit`` would make it; nothing is written. Raises NotFound."""
    bulletin = get_bulletin(session, actor, bulletin_id)
    return edited(bulletin.content, edit, _named_now(session, bulletin, edit.disclosed))


def _named_now(session: Session, bulletin: Bulletin, disclosed: frozenset[str] | None = None) -> list[Named]:
    """The parties as the register knows them today, for a firm may have joined it since the draft."""
    rows = bulletin.names
    if disclosed is not None:
        rows = [{**row, "disclosed": row["party"] in disclosed} for row in rows]
    case = session.get(Case, bulletin.case_id) if bulletin.case_id else None
    if case is None:
        return [Named(**{**row, "hidden": tuple(row["hidden"])}) for row in rows]
    return named_parties(session, bulletin.centre_id, case, rows)


def edited(content: Mapping[str, Any], edit: Edit, named: list[Named]) -> dict[str, Any]:
    """``content`` as ``edit`` wants it. What the case itself says (forum, number, tags, sources) stays."""
    return {
        **content,
        "title": _words(content["title"], edit.title, edit.origin),
        "contact": _words(content["contact"], edit.contact, edit.origin),
        "kind": edit.kind,
        "level": edit.level,
        "level_reason": edit.level_reason,
        "scope": edit.scope,
        "valid_until": edit.valid_until.isoformat() if edit.valid_until else None,
        "parties": _parties(content, named),
        **_figures(content, edit),
        "paragraphs": _merged(
            content["paragraphs"],
            # A fact until its writer says otherwise.
            tuple({"type": "fact", "audience": "", **row} for row in edit.paragraphs),
            edit.origin,
            ("section", "type", "audience"),
            "p",
        ),
        "key_dates": _merged(content["key_dates"], edit.key_dates, edit.origin, ("on", "basis"), "d"),
    }


def _parties(content: Mapping[str, Any], named: list[Named]) -> list[dict[str, str]]:
    """A bulletin about many cases lists no parties; their local firms are only kept from being named."""
    return printed_parties(named) if content["venue"] else []


def _figures(content: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    # Editions signed before there were figures keep the shape they were signed in.
    if "figures" not in content:
        return {}
    kept = edit.figures
    return {"figures": [f for f in content["figures"] if kept is None or f["id"] in kept]}


def _words(before: Mapping[str, str], now: Mapping[str, str], origin: str) -> dict[str, str]:
    same = (before["zh"], before["en"]) == (now["zh"], now["en"])
    return {"zh": now["zh"], "en": now["en"], "origin": before["origin"] if same else origin}


def _merged(
    before: list[Any], now: tuple[Mapping[str, Any], ...], origin: str, keep: tuple[str, ...], letter: str
) -> list[dict[str, Any]]:
    known = {row["id"]: row for row in before}
    number = max((int(i[1:]) for i in known if i[1:].isdigit()), default=0)
    out = []
    for row in now:
        if not row["zh"] and not row["en"]:
            continue
        old = known.get(row["id"])
        if old is None:
            number += 1
        fields = {ref["source"]: ref["fields"] for ref in (old or {}).get("sources", ())}
        words = _words(old, row, origin) if old else {"zh": row["zh"], "en": row["en"], "origin": origin}
        out.append(
            {
                "id": row["id"] if old else f"{letter}{number}",
                **{name: row[name] for name in keep},
                **words,
                "sources": [{"source": n, "fields": fields.get(n, [])} for n in row["sources"]],
            }
        )
    return out


def require_sound(session: Session, clock: Clock, bulletin: Bulletin) -> None:
    """Refuse what could not be published as it stands today. Raises BadInput with ``fields``."""
    named = _named_now(session, bulletin)
    problems = problems_of(bulletin.content, today_of(session, clock, bulletin.centre_id))
    problems |= leaks(bulletin.content, named)
    if _parties(bulletin.content, named) != bulletin.content["parties"]:
        problems["parties"] = [
            said("The parties or the register changed since: return the bulletin, look and save it again.")
        ]
    _refuse(problems)


def _refuse(problems: Problems) -> None:
    if problems:
        raise BadInput(
            said("The bulletin is not ready."), fix=said("Mend what is named below."), fields=problems
        )


def submit_bulletin(
    session: Session, clock: Clock, actor: Actor, bulletin_id: uuid.UUID, *, seen_version: int
) -> Bulletin:
    """Give a draft to a reviewer. Raises NotFound, NotAllowed, TransitionRefused, StaleWrite, BadInput."""
    bulletin = get_bulletin(session, actor, bulletin_id, lock=True)
    target = BULLETIN_WORKFLOW.take("submit", bulletin.state, actor)
    require_seen(bulletin, seen_version)
    require_sound(session, clock, bulletin)
    bulletin.state = target
    note_act(session, clock, actor, bulletin, "submit")
    return bulletin


def require_seen(bulletin: Bulletin, seen_version: int) -> None:
    """Raise StaleWrite unless the actor looked at the bulletin as it is now."""
    if bulletin.version != seen_version:
        raise StaleWrite(
            said("This bulletin changed while you were looking at it."),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=bulletin.version,
        )
