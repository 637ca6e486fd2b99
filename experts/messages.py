"""Words between the firm, the centre and the experts of a consultation, with files, to readers chosen before sending."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from core.actor import Actor
from core.clock import Clock
from core.errors import NotFound, TransitionRefused
from core.said import said
from core.vault import Vault
from experts.attachments import add_file
from experts.consultation_models import Consultation, ConsultationMessage, MessageReader
from experts.consultation_workflow import OPEN_STATES, SECRECY, ConsultationState
from experts.consultations import changing, move, refuse, side_of, tell, written
from experts.correspondence import LEAD, messages_of, parties_for, usual

#: files of one message
MOST_FILES = 5


def post_message(
    session: Session,
    clock: Clock,
    actor: Actor,
    consultation_id: uuid.UUID,
    text: str,
    *,
    readers: Collection[str] | None = None,
    secrecy: str = "internal",
    reply_to: int | None = None,
    files: Sequence[tuple[str, bytes]] = (),
    vault: Vault | None = None,
) -> ConsultationMessage:
    """Write to the others of a consultation. A firm that is waited for answers by it: the expert's time goes on.

    Args:
        readers: keys of :func:`experts.correspondence.parties_for`, beside the centre, which always reads; None for
            the other side of the matter.
        secrecy: its label (密级), which its files bear too.
        reply_to: the message it answers, which the actor reads.
        files: (name, bytes) of what comes with it; the readers have them, and nobody else.
        vault: where they are kept; needed with files.

    Raises:
        NotFound: the actor may not know of the matter (also an expert who has not declared yet).
        BadInput: it is empty, a reader is none the actor may write to, or a file is not taken.
        TransitionRefused: the matter is over.
    """
    consultation = changing(session, actor, consultation_id)
    if not consultation.opens_to(actor):
        raise NotFound(said("There is no such consultation for you."))
    if consultation.state not in {state.value for state in OPEN_STATES}:
        raise TransitionRefused(
            said("This consultation is over or not submitted; nobody reads messages in it.")
        )
    if not text.strip():
        raise refuse("text", said("Write something first."))
    if secrecy not in SECRECY:
        raise refuse("secrecy", said("Choose how secret the file is."))
    if len(files) > MOST_FILES:
        raise refuse("enclosures", said("A message takes at most %(most)s files.", most=MOST_FILES))
    known = {party.key: party for party in parties_for(consultation, actor)}
    chosen = usual(consultation, actor) if readers is None else list(dict.fromkeys(readers))
    if not set(chosen) <= set(known):
        raise refuse("readers", said("Choose the readers anew: somebody no longer has the matter."))
    if reply_to is not None and reply_to not in {m.id for m in messages_of(session, actor, consultation)}:
        raise NotFound(said("There is no such message."))
    message = ConsultationMessage(
        consultation_id=consultation.id,
        by_side=side_of(actor),
        by=actor.name,
        text=text.strip(),
        secrecy=secrecy,
        reply_to=reply_to,
        at=clock.now(),
        readers=[
            # The leading expert reads as such: whoever takes the matter over reads on.
            MessageReader(party=key, expert_id=None if key == LEAD else known[key].expert_id)
            for key in chosen
        ],
    )
    session.add(message)
    session.flush()
    for name, content in files:
        assert vault is not None, "files need a vault"
        add_file(
            session, clock, actor, vault, consultation.id, name, content,
            secrecy=secrecy, for_expert=True, message_id=message.id,
        )  # fmt: skip
    told = {"message": message.id, "readers": chosen, "secrecy": secrecy, "files": len(files)}
    written(session, clock, actor, consultation, "message", told)
    tell(session, clock, consultation, "message", message)
    if answers_the_expert(consultation, message):
        move(session, clock, actor, consultation, "answer_firm")
    return message


def answers_the_expert(consultation: Consultation, message: ConsultationMessage) -> bool:
    """Whether a message is the firm's answer to the expert who waits for it."""
    to_lead = any(reader.party == LEAD for reader in message.readers)
    return message.by_side == "firm" and to_lead and consultation.state == ConsultationState.WAITING.value
