"""Files of a consultation: checked by content, encrypted in the vault, handed out one by one with an audit row."""

from __future__ import annotations

import hashlib
import time
import uuid

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from core.actor import Actor, Permission, Role
from core.clock import Clock
from core.db import new_id
from core.errors import NotAllowed, NotFound, TransitionRefused, VaultDamaged
from core.said import said
from core.vault import Vault
from experts.appointing.models import ApplicationFile
from experts.consultation_models import Attachment, Consultation
from experts.consultation_workflow import OPEN_STATES, SECRECY, ConsultationState
from experts.consultations import changing, get_consultation, refuse, side_of, written
from experts.correspondence import came_to
from experts.entry.models import EntryFile
from experts.file_kinds import clean_name, kind_of
from experts.onward.models import Escalation

#: files of one consultation, and bytes of them all
MAX_FILES, MAX_TOTAL = 20, 60_000_000
#: bytes that no row knows are an upload under way until they are this old
_YOUNG_SECONDS = 3_600


def _open_to(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Consultation:
    consultation = get_consultation(session, actor, consultation_id)
    if not consultation.opens_to(actor):
        raise NotFound(said("There is no such consultation for you."))
    return consultation


def files_of(session: Session, actor: Actor, consultation: Consultation) -> list[Attachment]:
    """The files the actor may have, in the order they came."""
    if not consultation.opens_to(actor):
        return []
    query = select(Attachment).where(Attachment.consultation_id == consultation.id)
    query = query.where(came_to(actor, consultation))
    if Role.EXPERT in actor.roles:
        query = query.where(Attachment.for_expert, _of_others_apart(consultation, actor))
    return list(session.scalars(query.order_by(Attachment.id)))


def add_file(
    session: Session,
    clock: Clock,
    actor: Actor,
    vault: Vault,
    consultation_id: uuid.UUID,
    filename: str,
    content: bytes,
    *,
    secrecy: str = "internal",
    for_expert: bool = True,
    message_id: int | None = None,
) -> Attachment:
    """Keep a file.

    Args:
        secrecy: its label (密级), one of :data:`experts.consultation_workflow.SECRECY`.
        for_expert: whether the expert may have it; what an expert sends, the expert has.
        message_id: the message it comes with.

    Raises:
        BadInput: what it is is not taken (:func:`experts.file_kinds.kind_of`), or there are too many already.
        NotFound: the actor may not know of the consultation.
        TransitionRefused: the consultation is over.
    """
    consultation = changing(session, actor, consultation_id)
    if not consultation.opens_to(actor):
        raise NotFound(said("There is no such consultation for you."))
    if secrecy not in SECRECY:
        raise refuse("secrecy", said("Choose how secret the file is."))
    if consultation.state not in {ConsultationState.DRAFT.value, *(state.value for state in OPEN_STATES)}:
        raise TransitionRefused(said("This consultation is over; nothing can be added to it."))
    name = clean_name(filename)
    kind = kind_of(name, content)
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(
            Attachment.consultation_id == consultation.id
        )
    ).one()
    if count >= MAX_FILES or total + len(content) > MAX_TOTAL:
        most = {"files": MAX_FILES, "most": MAX_TOTAL // 1_000_000}
        raise refuse(
            "file", said("There are too many files: at most %(files)s, and %(most)s MB in all.", **most)
        )
    attachment = Attachment(
        id=new_id(),
        centre_id=consultation.centre_id,
        consultation_id=consultation.id,
        filename=name,
        kind=kind,
        secrecy=secrecy,
        for_expert=for_expert or Role.EXPERT in actor.roles,
        message_id=message_id,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        by_side=side_of(actor),
        by=actor.name,
        at=clock.now(),
    )
    vault.keep(session, attachment.centre_id, attachment.id, content)
    session.add(attachment)
    session.flush()
    written(
        session,
        clock,
        actor,
        consultation,
        "file_added",
        {"file": attachment.id, "sha256": attachment.sha256},
    )
    return attachment


def _of_others_apart(consultation: Consultation, actor: Actor) -> ColumnElement[bool]:
    """What experts add is their own alone where others write beside, unless it came with a message to the reader."""
    own = or_(Attachment.by_side != "expert", Attachment.by == actor.name, Attachment.message_id.is_not(None))
    return own if consultation.besides else true()


def _file(session: Session, actor: Actor, consultation: Consultation, file_id: uuid.UUID) -> Attachment:
    for attachment in files_of(session, actor, consultation):
        if attachment.id == file_id:
            return attachment
    raise NotFound(said("There is no such file."))


def read_file(
    session: Session, clock: Clock, actor: Actor, vault: Vault, consultation_id: uuid.UUID, file_id: uuid.UUID
) -> tuple[Attachment, bytes]:
    """A file and its bytes; that it was taken is written in the audit.

    Raises NotFound, VaultLocked (encrypted under a key that is not held), VaultDamaged (not the bytes that were kept).
    """
    consultation = _open_to(session, actor, consultation_id)
    attachment = _file(session, actor, consultation, file_id)
    content = vault.get(attachment.centre_id, attachment.id)
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise VaultDamaged(
            f"The file {attachment.id} no longer has its SHA-256.", fix="Restore it from a backup."
        )
    written(session, clock, actor, consultation, "file_read", {"file": file_id})
    return attachment, content


def label_file(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    file_id: uuid.UUID,
    *,
    secrecy: str,
    for_expert: bool,
) -> Attachment:
    """Say anew how secret a file is and whether the expert may have it: the firm's and the centre's to say.

    Raises NotFound, NotAllowed (an expert), BadInput.
    """
    consultation = changing(session, actor, consultation_id)
    if Role.EXPERT in actor.roles:
        raise NotAllowed(said("The firm and the centre decide how secret a file is."))
    if secrecy not in SECRECY:
        raise refuse("secrecy", said("Choose how secret the file is."))
    attachment = _file(session, actor, consultation, file_id)
    attachment.secrecy = secrecy
    attachment.for_expert = for_expert or attachment.by_side == "expert"
    told = {"file": file_id, "secrecy": secrecy, "for_expert": attachment.for_expert}
    written(session, clock, actor, consultation, "file_labelled", told)
    return attachment


def remove_file(
    session: Session, clock: Clock, actor: Actor, vault: Vault, consultation_id: uuid.UUID, file_id: uuid.UUID
) -> None:
    """Take a file out of a draft, bytes and all; once submitted it is part of the record.

    Raises NotFound, NotAllowed, TransitionRefused.
    """
    consultation = changing(session, actor, consultation_id)
    actor.require(Permission.CONSULT_SUBMIT)
    if consultation.state != ConsultationState.DRAFT.value:
        raise TransitionRefused(said("It was submitted: its files are part of the record now."))
    _remove(session, vault, _file(session, actor, consultation, file_id))
    written(session, clock, actor, consultation, "file_removed", {"file": file_id})


def remove_files(session: Session, actor: Actor, vault: Vault, consultation_id: uuid.UUID) -> None:
    """Take every file out of a draft that is about to be discarded."""
    consultation = changing(session, actor, consultation_id)
    for attachment in files_of(session, actor, consultation):
        _remove(session, vault, attachment)


def _remove(session: Session, vault: Vault, attachment: Attachment) -> None:
    session.delete(attachment)
    vault.forget(session, attachment.centre_id, attachment.id)


def sweep_vault(session: Session, vault: Vault) -> int:
    """Remove bytes whose row is gone (a firm was deleted, a process died); returns how many."""
    known = {*session.scalars(select(Attachment.id)), *session.scalars(select(ApplicationFile.id))}
    known |= {*session.scalars(select(Escalation.docx_id)), *session.scalars(select(EntryFile.id))}
    swept = 0
    for centre_id, file_id in list(vault.files()):
        # The file system's own clock on both sides: how long bytes lay here is no fact of the domain.
        age = time.time() - vault.path(centre_id, file_id).stat().st_mtime
        if file_id not in known and age > _YOUNG_SECONDS:
            vault.remove(centre_id, file_id)
            swept += 1
    return swept
