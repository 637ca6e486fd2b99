"""What the asker does, by a private link and without an account: begin, answer, add files, send, delete.

The link's code holds 130 bits in letters a person can type on another device; the store keeps its SHA-256. Whoever has
the code is the asker. Answers are kept as typed at every step, closed under the centre's key.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import audit
from core.actor import Actor, Permission, Role
from core.centres import Centre, first_centre
from core.clock import Clock, local_date
from core.db import new_id
from core.errors import BadInput, NotFound, StaleWrite, TransitionRefused
from core.outbox import emit
from core.said import said
from core.secret_links import sha256_of
from core.vault import Vault
from core.workdays import add_working_hours, close_of_working_day
from experts.attachments import MAX_FILES, MAX_TOTAL
from experts.consultation_workflow import CLOCKS, CLOSES, HOURS, OPENS, ConsultationState, Scenario
from experts.consultations import refuse
from experts.entry.models import EntryFile, EntryRequest
from experts.entry.questions import PAGES, kept, limits_of, problems_of_all
from experts.entry.workflow import ENTRY_WORKFLOW, KEEP_DAYS, NOTICE_VERSION, WAITING, EntryState
from experts.file_kinds import clean_name, kind_of
from experts.urgency import judge_urgency

#: letters of a code: no I, L, O, U, which are misread (Crockford's base 32)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26


@dataclass(frozen=True)
class Opened:
    """A request and what was told in it."""

    row: EntryRequest
    answers: dict[str, str]


def new_code() -> str:
    """A code of 130 random bits, like K7QF2-…; groups of five for the eye."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[at : at + 5] for at in range(0, _LENGTH, 5))


def plain_code(typed: str) -> str:
    """A code as it was meant: case, blanks and dashes aside, with letters that are misread read right."""
    letters = "".join(char for char in typed.upper() if char.isalnum())
    return letters.translate(str.maketrans("ILO", "110"))


def asker_of(request: EntryRequest) -> Actor:
    """The actor whoever holds the link is: sees this one request, and nothing else."""
    return Actor(f"asker:{request.id}", frozenset({Role.ASKER}), centre_id=request.centre_id)


def by_code(session: Session, code: str) -> EntryRequest:
    """The request of a private link. Raises NotFound."""
    query = select(EntryRequest).where(EntryRequest.token_sha256 == sha256_of(plain_code(code)))
    found = session.scalar(query.options(selectinload(EntryRequest.files)))
    if found is None:
        raise NotFound(
            said("There is no request under this code; it may have been deleted after its time."),
            fix=said("Type the whole code as it was shown, or begin anew."),
        )
    return found


def locked(session: Session, actor: Actor, request_id: uuid.UUID) -> EntryRequest:
    """The request, locked for a change. Raises NotFound when the actor may not know of it."""
    session.execute(select(EntryRequest.id).where(EntryRequest.id == request_id).with_for_update())
    query = EntryRequest.visible_to(actor).where(EntryRequest.id == request_id)
    found = session.scalar(
        query.options(selectinload(EntryRequest.files)).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(said("There is no such request for you."))
    return found


def answers_of(vault: Vault, request: EntryRequest) -> dict[str, str]:
    """What was told. Raises VaultLocked, VaultDamaged."""
    if not request.sealed:
        return {}
    told: dict[str, str] = json.loads(vault.open(request.centre_id, request.id, request.sealed))
    return told


def today_at(session: Session, clock: Clock, request: EntryRequest) -> date:
    """The date at the request's centre."""
    return local_date(clock.now(), session.get_one(Centre, request.centre_id).zone)


def written(
    session: Session,
    clock: Clock,
    actor: Actor,
    request: EntryRequest,
    act: str,
    values: dict[str, Any] | None = None,
) -> None:
    """Write the audit row of an act on a request."""
    audit.record(
        session, clock, actor, f"entry.{act}", "entry", request.id, values=values, centre_id=request.centre_id
    )


def touch(request: EntryRequest, clock: Clock) -> None:
    """Count the change, and keep the request for its days from now."""
    request.version += 1
    request.updated_at = clock.now()
    request.expires_at = clock.now() + timedelta(days=KEEP_DAYS[request.state])


def begin(
    session: Session, clock: Clock, vault: Vault, scenario: str, *, language: str, notice: bool
) -> tuple[EntryRequest, str]:
    """An empty draft and the code of its link, which the store does not keep.

    Raises BadInput without a scenario or without agreement to the notice on personal information.
    """
    if scenario not in {one.value for one in Scenario}:
        raise refuse("scenario", said("Choose what you received."))
    if not notice:
        raise refuse(
            "notice",
            said("Agree to the notice on personal information to go on; nothing is kept before that."),
        )
    code, now, identity = new_code(), clock.now(), new_id()
    centre = first_centre(session)
    judged = judge_urgency(scenario, None, local_date(now, centre.zone))
    request = EntryRequest(
        id=identity,
        centre_id=centre.id,
        token_sha256=sha256_of(plain_code(code)),
        state=EntryState.DRAFT.value,
        sealed=_sealed(vault, centre.id, identity, {}),
        scenario=scenario,
        urgency=judged.urgency.value,
        language=language,
        notice_version=NOTICE_VERSION,
        notice_at=now,
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=KEEP_DAYS[EntryState.DRAFT.value]),
    )
    session.add(request)
    session.flush()
    values = {"scenario": scenario, "notice": NOTICE_VERSION}
    written(session, clock, asker_of(request), request, "begun", values)
    return request, code


def _sealed(vault: Vault, centre_id: uuid.UUID, identity: uuid.UUID, answers: Mapping[str, str]) -> bytes:
    return vault.seal(centre_id, identity, json.dumps(answers, ensure_ascii=False).encode())


def seen_mark(answers: Mapping[str, str], page: str) -> str:
    """What a page's form carries, so that a change made meanwhile in another window shows."""
    told = [answers.get(name, "") for name in PAGES[page]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


def save(
    session: Session,
    clock: Clock,
    actor: Actor,
    vault: Vault,
    request_id: uuid.UUID,
    page: str,
    typed: Mapping[str, str],
    *,
    seen: str,
) -> Opened:
    """Keep the answers of a page as typed, right or wrong.

    Args:
        seen: the :func:`seen_mark` of the answers that stood on the page when it was shown.

    Raises:
        StaleWrite: the same answers were changed meanwhile to something else; ``details["current"]`` holds them.
        NotFound, NotAllowed, TransitionRefused (it was sent).
    """
    request = editable(session, actor, request_id)
    answers, told = answers_of(vault, request), kept(typed, page)
    changed = {name: text for name, text in told.items() if text != answers.get(name, "")}
    if not changed:
        return Opened(request, answers)
    if seen != seen_mark(answers, page):
        raise StaleWrite(
            said("These answers were changed meanwhile, in another window or on another device."),
            fix=said("Both stand below. Keep what is right and send it again."),
            yours=changed,
            current={name: answers.get(name, "") for name in changed},
            seen=seen_mark(answers, page),
        )
    answers.update(told)
    request.sealed = _sealed(vault, request.centre_id, request.id, answers)
    _judge(session, clock, request, answers)
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, "answered_page", changed)
    return Opened(request, answers)


def _judge(session: Session, clock: Clock, request: EntryRequest, answers: Mapping[str, str]) -> None:
    today = today_at(session, clock, request)
    request.limit_on = limits_of(request.scenario, answers, today).first
    request.urgency = judge_urgency(request.scenario, request.limit_on, today).urgency.value


def choose_scenario(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID, scenario: str
) -> EntryRequest:
    """Say anew what was received. Raises BadInput, NotFound, NotAllowed, TransitionRefused."""
    request = editable(session, actor, request_id)
    if scenario not in {one.value for one in Scenario}:
        raise refuse("scenario", said("Choose what you received."))
    request.scenario = scenario
    _judge(session, clock, request, answers_of(vault, request))
    touch(request, clock)
    written(session, clock, actor, request, "scenario", {"scenario": scenario})
    return request


def editable(session: Session, actor: Actor, request_id: uuid.UUID) -> EntryRequest:
    """The locked draft. Raises NotFound, NotAllowed, TransitionRefused (it was sent)."""
    request = locked(session, actor, request_id)
    actor.require(Permission.ENTRY_ASK)
    if request.state != EntryState.DRAFT.value:
        raise TransitionRefused(
            said("It was sent: its answers cannot be changed any more."),
            fix=said("Add files, or tell the centre when it calls."),
        )
    return request


def add_file(
    session: Session,
    clock: Clock,
    actor: Actor,
    vault: Vault,
    request_id: uuid.UUID,
    filename: str,
    content: bytes,
) -> EntryFile:
    """Keep a file or photograph, also after the request was sent.

    Raises BadInput (not taken, see :func:`experts.file_kinds.kind_of`, or too many), NotFound, NotAllowed,
    TransitionRefused (a firm has taken it over).
    """
    request = locked(session, actor, request_id)
    actor.require(Permission.ENTRY_ASK)
    if request.state == EntryState.CLAIMED.value:
        raise TransitionRefused(said("A firm has taken it over; add files in its consultation."))
    name = clean_name(filename)
    kind = kind_of(name, content)
    if len(request.files) >= MAX_FILES or sum(f.size for f in request.files) + len(content) > MAX_TOTAL:
        most = {"files": MAX_FILES, "most": MAX_TOTAL // 1_000_000}
        raise refuse(
            "file", said("There are too many files: at most %(files)s, and %(most)s MB in all.", **most)
        )
    file = EntryFile(
        id=new_id(),
        centre_id=request.centre_id,
        request_id=request.id,
        filename=name,
        kind=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        at=clock.now(),
    )
    vault.keep(session, file.centre_id, file.id, content)
    request.files.append(file)
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, "file_added", {"file": file.id, "sha256": file.sha256})
    return file


def remove_file(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID, file_id: uuid.UUID
) -> None:
    """Take a file out of a draft, bytes and all. Raises NotFound, NotAllowed, TransitionRefused."""
    request = editable(session, actor, request_id)
    file = next((one for one in request.files if one.id == file_id), None)
    if file is None:
        raise NotFound(said("There is no such file."))
    request.files.remove(file)
    vault.forget(session, file.centre_id, file.id)
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, "file_removed", {"file": file_id})


def send(
    session: Session,
    clock: Clock,
    actor: Actor,
    vault: Vault,
    request_id: uuid.UUID,
    *,
    truth: bool,
    contact: bool,
    expert: bool,
) -> EntryRequest:
    """Let the centre know, and give its promise of a first answer.

    Args:
        truth, contact, expert: what was agreed to: that it is true, that the centre may speak to the contact (both
            needed), and that an expert may see it.

    Raises BadInput with ``details["fields"]``, NotFound, NotAllowed, TransitionRefused (sent already).
    """
    request = locked(session, actor, request_id)
    target = ENTRY_WORKFLOW.take("send", request.state, actor)
    gaps = problems_of_all(answers_of(vault, request), today_at(session, clock, request))
    if not truth:
        gaps["truth"] = [said("Confirm that what you told is true.")]
    if not contact:
        gaps["contact"] = [
            said("Without this consent the centre cannot answer you; agree, or keep the draft.")
        ]
    if gaps:
        raise BadInput(
            said("Something is missing before this can be sent."),
            fix=said("Mend what is named and send it again."),
            fields=gaps,
        )
    request.state = target
    request.consent_truth, request.consent_contact, request.consent_expert = truth, contact, expert
    # A night may have passed since the last answer was judged.
    _judge(session, clock, request, answers_of(vault, request))
    request.sent_at = clock.now()
    zone = session.get_one(Centre, request.centre_id).zone
    request.due_at = first_answer_by(request.sent_at, request.urgency, zone)
    touch(request, clock)
    session.flush()
    written(session, clock, actor, request, "sent", {"urgency": request.urgency})
    emit(session, "entry.sent", str(request.id), {"request": str(request.id)}, clock)
    return request


def first_answer_by(sent_at: datetime, urgency: str, zone: str) -> datetime:
    """When the centre answers at the latest: office hours for what is most urgent, else the close of a working day."""
    days = CLOCKS[ConsultationState.SUBMITTED.value][urgency]
    if days == 0:
        return add_working_hours(sent_at, HOURS, OPENS, CLOSES, zone)
    return close_of_working_day(sent_at, days, CLOSES, zone)


def delete(session: Session, clock: Clock, actor: Actor, vault: Vault, request_id: uuid.UUID) -> None:
    """Delete what was told and its files at the asker's wish: a consent is taken back as easily as it was given.

    Raises NotFound, NotAllowed.
    """
    request = locked(session, actor, request_id)
    actor.require(Permission.ENTRY_ASK)
    _forget(session, clock, actor, vault, request, "deleted")


def _forget(
    session: Session, clock: Clock, actor: Actor, vault: Vault, request: EntryRequest, act: str
) -> None:
    for file in request.files:
        vault.forget(session, file.centre_id, file.id)
    written(session, clock, actor, request, act)
    session.delete(request)


def purge(session: Session, clock: Clock, actor: Actor, vault: Vault, centre_id: uuid.UUID) -> int:
    """Delete the centre's requests whose days are over, with their files; returns how many. For the job."""
    query = (
        select(EntryRequest)
        .where(EntryRequest.centre_id == centre_id, EntryRequest.expires_at <= clock.now())
        .options(selectinload(EntryRequest.files))
        .with_for_update(of=EntryRequest)
    )
    gone = list(session.scalars(query))
    for request in gone:
        _forget(session, clock, actor, vault, request, "purged")
    return len(gone)


def is_waiting(request: EntryRequest) -> bool:
    """Whether the centre knows of it and no firm has it."""
    return request.state in {state.value for state in WAITING}
