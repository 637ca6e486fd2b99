"""A request becomes a firm's consultation, once: taken over by the firm itself, or by staff for a firm of the register.

The files' bytes stay where they are under the same ids; only their rows move. What was sealed in the request is wiped:
from then on it is the consultation's.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission, Role
from core.clock import Clock
from core.errors import NotFound
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import said
from core.vault import Vault
from enterprises.models import Firm
from experts.consultation_models import Attachment, Consultation
from experts.consultations import begin_draft, hand_in, refuse
from experts.entry.asking import answers_of, by_code, locked, today_at, touch, written
from experts.entry.models import EntryFile, EntryRequest
from experts.entry.questions import day_in, names_in, venue_in, words_beside
from experts.entry.workflow import ENTRY_WORKFLOW, WAITING, EntryState
from experts.urgency import judge_urgency


def claim(session: Session, clock: Clock, actor: Actor, vault: Vault, code: str) -> Consultation:
    """Make the request of a private link a draft of the actor's firm.

    Raises NotFound (no such code), NotAllowed, TransitionRefused (claimed already: nothing is made twice).
    """
    found = by_code(session, code)
    # Whoever holds the code may know of it, whatever they are besides.
    holder = Actor(f"asker:{found.id}", frozenset({Role.ASKER}), centre_id=found.centre_id)
    request = locked(session, holder, found.id)
    request_state = ENTRY_WORKFLOW.take("claim", request.state, actor)
    return _become(session, clock, actor, vault, request, request_state, "claimed")


def lodge(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID, firm: str
) -> Consultation:
    """Make a sent request a submitted consultation of a firm of the register, on the consents given when it was sent.

    Args:
        firm: the firm's key or its whole legal name; who asks was checked by the member of staff.

    Raises NotFound, NotAllowed, BadInput (no such firm), TransitionRefused.
    """
    request = locked(session, actor, request_id)
    target = ENTRY_WORKFLOW.take("lodge", request.state, actor)
    lent = replace(
        actor,
        firm_id=_firm_named(session, actor, firm).id,
        lent=actor.lent | {Permission.CONSULT_SUBMIT},
    )
    made = _become(session, clock, lent, vault, request, target, "lodged")
    return hand_in(
        session, clock, lent, made, truth=request.consent_truth, notice=True, expert=request.consent_expert
    )


def _firm_named(session: Session, actor: Actor, told: str) -> Firm:
    name = told.strip()
    query = select(Firm).where(Firm.centre_id == actor.centre_id)
    called = list(
        session.scalars(
            query.where(or_(Firm.ref == name, Firm.name_zh == name, Firm.name_en == name)).limit(3)
        )
    )
    called = [firm for firm in called if firm.ref == name] or called
    if not name or not called:
        raise refuse("firm", said("There is no such firm in your register."))
    if len(called) > 1:
        raise refuse("firm", said("Several firms are called so: write the firm's key."))
    return called[0]


def consultation_answers(
    session: Session, clock: Clock, vault: Vault, request: EntryRequest
) -> dict[str, Any]:
    """What was told, in the fields of a consultation; what has no field stands at the end of the story."""
    told, today = answers_of(vault, request), today_at(session, clock, request)
    forum = venue_in(told)
    beside = words_beside(request.scenario, told)
    story = told.get("story", "")
    return {
        "scenario": request.scenario,
        "story": f"{story}\n{beside}".strip() if beside else story,
        "region": told.get("region", ""),
        "venue": forum.id if forum else told.get("venue", ""),
        "docket_number": told.get("docket_number", ""),
        "opponents": names_in(told.get("opponents", "")),
        "known_on": day_in(told, "known_on", today),
        "limit_on": request.limit_on,
        "question": told.get("question", ""),
        "contact_name": told.get("contact_name", ""),
        "contact_phone": told.get("contact_phone", ""),
        "contact_email": told.get("contact_email", ""),
        "language": request.language,
    }


def _become(
    session: Session,
    clock: Clock,
    actor: Actor,
    vault: Vault,
    request: EntryRequest,
    target: str,
    act: str,
) -> Consultation:
    draft = begin_draft(session, clock, actor, consultation_answers(session, clock, vault, request))
    # Sent in the night and claimed days later: what was urgent then is not less so now.
    today = today_at(session, clock, request)
    judged = judge_urgency(request.scenario, request.limit_on, today).urgency.value
    draft.urgency = min(draft.urgency, judged)
    for file in list(request.files):
        _move_file(session, vault, request, file, draft)
    request.files.clear()
    request.state, request.sealed = target, b""
    request.limit_on = None
    request.claimed_at, request.claimed_by = clock.now(), actor.name
    request.consultation_id = draft.id
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, act, {"consultation": draft.id, "files": act})
    return draft


def _move_file(
    session: Session, vault: Vault, request: EntryRequest, file: EntryFile, draft: Consultation
) -> None:
    file_id = file.id
    if draft.centre_id != file.centre_id:
        # A file opens under its own centre's key alone, so for a firm of another centre it is closed anew.
        vault.keep(session, draft.centre_id, file_id, vault.get(file.centre_id, file_id))
        vault.forget(session, file.centre_id, file_id)
    session.add(
        Attachment(
            id=file_id,
            centre_id=draft.centre_id,
            consultation_id=draft.id,
            filename=file.filename,
            kind=file.kind,
            size=file.size,
            sha256=file.sha256,
            by_side="firm",
            by=f"asker:{request.id}",
            at=file.at,
        )
    )


def answer(session: Session, clock: Clock, actor: Actor, request_id: uuid.UUID, words: str) -> EntryRequest:
    """Record the centre's first answer; whoever holds the link reads it too.

    Raises NotFound, NotAllowed, BadInput (nothing said), TransitionRefused (answered already).
    """
    request = locked(session, actor, request_id)
    target = ENTRY_WORKFLOW.take("answer", request.state, actor)
    if not words.strip():
        raise refuse("answer", said("Write what was answered."))
    request.state, request.answer = target, words.strip()
    request.answered_at, request.answered_by = clock.now(), actor.name
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, "answered", {"answer": words})
    return request


def read_request(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID
) -> tuple[EntryRequest, dict[str, str]]:
    """A sent request and what was told in it; that staff read it is written in the audit. Raises NotFound, NotAllowed."""
    actor.require(Permission.ENTRY_HANDLE)
    request = session.scalar(EntryRequest.visible_to(actor).where(EntryRequest.id == request_id))
    if request is None:
        raise NotFound(said("There is no such request for you."))
    written(session, clock, actor, request, "read")
    return request, answers_of(vault, request)


def read_file(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID, file_id: uuid.UUID
) -> tuple[EntryFile, bytes]:
    """A file of a sent request and its bytes; that it was taken is audited. Raises NotFound, NotAllowed, VaultLocked."""
    actor.require(Permission.ENTRY_HANDLE)
    request = session.scalar(EntryRequest.visible_to(actor).where(EntryRequest.id == request_id))
    file = next((one for one in request.files if one.id == file_id), None) if request else None
    if request is None or file is None:
        raise NotFound(said("There is no such file."))
    written(session, clock, actor, request, "file_read", {"file": file_id})
    return file, vault.get(file.centre_id, file.id)


def list_waiting(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 30
) -> Page[EntryRequest]:
    """The centre's requests that no firm has, not yet answered and the most pressing first. Raises BadInput (cursor)."""
    actor.require(Permission.ENTRY_HANDLE)
    states = [state.value for state in WAITING]
    query = EntryRequest.visible_to(actor).where(EntryRequest.state.in_(states))
    # "sent" sorts after "answered": whoever still waits stands first.
    query = query.order_by(EntryRequest.state.desc(), EntryRequest.id).limit(limit + 1)
    if cursor:
        state, last = decode_cursor(cursor, 2)
        if state not in states:
            raise bad_cursor()
        later = (EntryRequest.state == state) & (EntryRequest.id > id_in_cursor(last))
        query = query.where(or_(EntryRequest.state < state, later))
    rows = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    mark = encode_cursor([more.state, str(more.id)]) if more else None
    return Page(sorted(rows[:limit], key=lambda row: (row.state != EntryState.SENT.value, row.due_at)), mark)


def masked(text: str) -> str:
    """A name, number or address of which a list shows the least: 李*, 138****0000, l***@example.org."""
    if "@" in text:
        name, _, host = text.partition("@")
        return f"{name[:1]}***@{host}"
    if len(text) >= 7:
        return f"{text[:3]}****{text[-4:]}" if len(text) >= 9 else f"{text[:2]}****"
    return text[:1] + "*" * max(len(text) - 1, 0)
