"""What an applicant does, by a private link and without an account: tell, send documents, submit, supplement, withdraw.

The link holds a secret of 256 bits; the store keeps its SHA-256. Whoever has the link is the applicant.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused, VaultDamaged
from core.numbers import next_number
from core.said import said
from core.secret_links import new_secret, sha256_of
from core.vault import Vault
from experts.appointing.calls import takes
from experts.appointing.models import Application, ApplicationFile, Call
from experts.appointing.moving import changing, get_application, move, refuse, today_of, written
from experts.appointing.standing_models import Bar
from experts.appointing.workflow import CONSENT_VERSION, DOCUMENTS, OPEN_STATES, ApplicationState
from experts.file_kinds import clean_name, kind_of

#: documents of one application, and bytes of them all
MAX_FILES, MAX_TOTAL = 15, 60_000_000
#: what an application tells in the shape of an entry, and beside it
ANSWERS = (
    "name_zh", "name_en", "expert_class", "employer", "title", "languages", "industries", "dispute_types",
    "qualifications", "cases_text", "publications", "posts", "hours", "bio", "employer_public",
)  # fmt: skip
PRIVATE = ("contact", "birth_year", "id_last4")
CONSENTS = ("consent_truth", "consent_notice", "consent_promise")


def applicant_of(application: Application) -> Actor:
    """The actor whoever holds the link is: sees this one application, and nothing else."""
    return Actor(f"applicant:{application.id}", frozenset({Role.APPLICANT}), centre_id=application.centre_id)


def by_token(session: Session, token: str) -> Application:
    """The application of a private link. Raises NotFound."""
    query = select(Application).where(Application.token_sha256 == sha256_of(token))
    found = session.scalar(
        query.options(
            selectinload(Application.steps),
            selectinload(Application.seats),
            selectinload(Application.objections),
            selectinload(Application.files),
        )
    )
    if found is None:
        raise NotFound(said("This link leads to no application."), fix=said("Use the whole link as given."))
    return found


def begin(session: Session, time: Time, call: Call) -> tuple[Application, str]:
    """An empty draft and the secret of its link, which is shown once. Raises TransitionRefused for a call not open."""
    if not takes(call, today_of(session, time, call.centre_id)):
        raise TransitionRefused(said("This call takes no applications now."))
    token = new_secret()
    now = time.now()
    application = Application(
        id=new_id(),
        centre_id=call.centre_id,
        call_id=call.id,
        token_sha256=sha256_of(token),
        created_at=now,
        updated_at=now,
    )
    session.add(application)
    session.flush()
    written(session, time, applicant_of(application), application, "begun")
    return application, token


def tell(
    session: Session,
    time: Time,
    actor: Actor,
    application_id: uuid.UUID,
    told: Mapping[str, Any],
    *,
    seen_version: int,
) -> Application:
    """Keep what the applicant tells; a draft or a supplement may leave anything open.

    Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (it is with the centre now).
    """
    application = changing(session, actor, application_id, seen_version)
    actor.require(Permission.EXPERT_APPLY)
    _require_open(application)
    answers = {name: told[name] for name in ANSWERS if name in told}
    application.answers = {**application.answers, **answers}
    for name in (*PRIVATE, *CONSENTS):
        if name in told:
            setattr(application, name, told[name])
    application.version += 1
    application.updated_at = time.now()
    session.flush()
    written(session, time, actor, application, "told", {**answers, **{n: told.get(n) for n in PRIVATE}})
    return application


def _require_open(application: Application) -> None:
    if application.state not in (ApplicationState.DRAFT.value, ApplicationState.SUPPLEMENT.value):
        raise TransitionRefused(
            said("It is with the centre now and cannot be changed."),
            fix=said("Withdraw it, or wait until the centre asks for a supplement."),
        )


def is_barred(session: Session, centre_id: uuid.UUID, name: str, id_last4: str, today: date) -> Bar | None:
    """The bar that keeps somebody of this name and number out today. Without a number the name alone counts."""
    query = select(Bar).where(Bar.centre_id == centre_id, Bar.name_zh == name, Bar.until_on >= today)
    query = query.where(Bar.id_last4.in_(("", id_last4)))
    return session.scalars(query.order_by(Bar.until_on.desc())).first()


def submit(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> Application:
    """Hand a draft to the centre under a number of its own.

    Raises BadInput (something is missing, or the applicant is barred), NotFound, NotAllowed, StaleWrite,
    TransitionRefused (also when the call has closed).
    """
    application = changing(session, actor, application_id, seen_version)
    today = today_of(session, time, application.centre_id)
    call = session.get_one(Call, application.call_id)
    if application.state == ApplicationState.DRAFT.value and not takes(call, today):
        raise TransitionRefused(said("This call takes no applications now."))
    name = application.name
    bar = is_barred(session, application.centre_id, name, application.id_last4, today)
    if bar is not None:
        raise refuse(
            "",
            said("Nobody removed from the library may apply before %(day)s.", day=bar.until_on.isoformat()),
        )
    same = select(func.count()).where(
        Application.call_id == call.id,
        Application.id != application.id,
        Application.state.in_([state.value for state in OPEN_STATES]),
        Application.id_last4 == application.id_last4,
        Application.contact == application.contact,
    )
    if session.scalar(same):
        raise refuse("", said("You have an application in this call already; open it by its own link."))
    move(session, time, actor, application, "submit")
    application.number = (
        f"专家-{today.year}-{next_number(session, application.centre_id, 'application', today.year):05d}"
    )
    application.consent_version, application.submitted_at = CONSENT_VERSION, time.now()
    session.flush()
    return application


def supplement(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, words: str, seen_version: int
) -> Application:
    """Send what the centre asked for. Raises BadInput (too late, or says nothing), NotFound, StaleWrite,
    TransitionRefused."""
    application = changing(session, actor, application_id, seen_version)
    application.supplement = words.strip()
    move(session, time, actor, application, "supplement", note=words.strip())
    application.wanted = ""
    session.flush()
    return application


def withdraw(
    session: Session, time: Time, actor: Actor, application_id: uuid.UUID, *, seen_version: int
) -> Application:
    """Take it back. Raises NotFound, StaleWrite, TransitionRefused."""
    application = changing(session, actor, application_id, seen_version)
    move(session, time, actor, application, "withdraw")
    return application


def add_file(
    session: Session,
    time: Time,
    actor: Actor,
    vault: Vault,
    application_id: uuid.UUID,
    document: str,
    filename: str,
    content: bytes,
) -> ApplicationFile:
    """Keep a document.

    Raises BadInput (not taken, see :func:`experts.file_kinds.kind_of`, or too many), NotFound, TransitionRefused.
    """
    application = changing(session, actor, application_id)
    actor.require(Permission.EXPERT_APPLY)
    _require_open(application)
    if document not in DOCUMENTS:
        raise refuse("document", said("Choose what the document is."))
    name = clean_name(filename)
    kind = kind_of(name, content)
    if (
        len(application.files) >= MAX_FILES
        or sum(f.size for f in application.files) + len(content) > MAX_TOTAL
    ):
        most = {"files": MAX_FILES, "most": MAX_TOTAL // 1_000_000}
        raise refuse(
            "file", said("There are too many files: at most %(files)s, and %(most)s MB in all.", **most)
        )
    file = ApplicationFile(
        id=new_id(),
        centre_id=application.centre_id,
        application_id=application.id,
        document=document,
        filename=name,
        kind=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        at=time.now(),
    )
    vault.keep(session, file.centre_id, file.id, content)
    application.files.append(file)
    session.flush()
    written(session, time, actor, application, "file_added", {"file": file.id, "sha256": file.sha256})
    return file


def remove_file(
    session: Session, time: Time, actor: Actor, vault: Vault, application_id: uuid.UUID, file_id: uuid.UUID
) -> None:
    """Take a document out of a draft, bytes and all. Raises NotFound, TransitionRefused (it was submitted)."""
    application = changing(session, actor, application_id)
    actor.require(Permission.EXPERT_APPLY)
    if application.state != ApplicationState.DRAFT.value:
        raise TransitionRefused(said("It was submitted: its files are part of the record now."))
    file = _file(application, file_id)
    application.files.remove(file)
    vault.forget(session, application.centre_id, file_id)
    session.flush()
    written(session, time, actor, application, "file_removed", {"file": file_id})


def read_file(
    session: Session, time: Time, actor: Actor, vault: Vault, application_id: uuid.UUID, file_id: uuid.UUID
) -> tuple[ApplicationFile, bytes]:
    """A document and its bytes; that it was taken is audited. Raises NotFound, VaultLocked, VaultDamaged."""
    application = get_application(session, actor, application_id)
    file = _file(application, file_id)
    if not opens_to(file, actor):
        raise NotFound(said("There is no such file."))
    content = vault.get(file.centre_id, file.id)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise VaultDamaged(f"The file {file.id} no longer has its SHA-256.", fix="Restore it from a backup.")
    written(session, time, actor, application, "file_read", {"file": file_id})
    return file, content


def opens_to(file: ApplicationFile, actor: Actor) -> bool:
    """Whether an actor who sees the application may have this document: a reviewer needs no proof of identity."""
    whole = actor.may(Permission.APPOINT_HANDLE) or actor.may(Permission.EXPERT_APPLY)
    return whole or file.document != "identity"


def _file(application: Application, file_id: uuid.UUID) -> ApplicationFile:
    for file in application.files:
        if file.id == file_id:
            return file
    raise NotFound(said("There is no such file."))
