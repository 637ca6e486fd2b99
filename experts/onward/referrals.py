"""Referrals (转介): to mediation, arbitration, insurers, customs, trade fairs and legal aid, all by one mechanism.

The firm reads exactly what is passed on, to whom, and agrees to that; whatever is changed afterwards needs its consent
anew. Nothing goes to anybody beyond the mainland before the caution is acknowledged for them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound, TransitionRefused
from core.said import said
from experts.agencies.moving import Guard, Obstacle, refuse
from experts.attachments import files_of
from experts.consultation_models import Consultation
from experts.consultation_workflow import OPEN_STATES, ConsultationState
from experts.consultations import get_consultation
from experts.messages import post_message
from experts.onward.abroad import warned
from experts.onward.kinds import KINDS, OUTCOMES, PASSED
from experts.onward.mediation_models import Mediation
from experts.onward.models import Referral, ReferralRecipient
from experts.onward.moving import begun, changing, house_moves, keep, listed, move, says, touched, written
from experts.onward.workflow import MediationState, ReferralState
from experts.resources.models import Institution

#: what the firm is told, in both languages: it reads the rest on the referral's own page
_ASKED = "转介 {number} 需要企业确认，请在“后续事项”中查看将转出的内容并决定。 Referral {number} waits for your consent: read what is passed on, and decide."


def begin_referral(
    session: Session, time: Time, actor: Actor, consultation_id: uuid.UUID, kind: str, told: Mapping[str, str]
) -> Referral:
    """Ask for a referral (a firm) or begin one (the centre's staff).

    Raises NotFound, BadInput (no such kind), NotAllowed, TransitionRefused (not submitted, or over as refused).
    """
    row = get_consultation(session, actor, consultation_id)
    is_firm = actor.may(Permission.ONWARD_AGREE) and not actor.is_staff
    if not is_firm:
        actor.require(Permission.ONWARD_HANDLE)
    if kind not in KINDS:
        raise refuse("kind", said("Choose what kind of help it is."))
    if row.state in (ConsultationState.DRAFT.value, ConsultationState.REJECTED.value):
        raise TransitionRefused(said("Only what the centre has accepted is passed on."))
    state = ReferralState.REQUESTED if is_firm else ReferralState.PREPARED
    facts = begun(
        session, time, actor, row.centre_id, Referral, state=state.value, firm_id=row.firm_id,
        consultation_id=row.id, kind=kind, told=_told(kind, told), agreed_sha256=None, outcome=None,
    )  # fmt: skip
    referral = Referral(id=new_id(), **facts)
    keep(session, time, actor, referral, "begin")
    return referral


def _told(kind: str, told: Mapping[str, str]) -> dict[str, Any]:
    return {name: told.get(name, "").strip() for name in KINDS[kind].asks}


def write_referral(
    session: Session,
    time: Time,
    actor: Actor,
    referral_id: uuid.UUID,
    told: Mapping[str, str],
    *,
    passes: Sequence[str],
    files: Sequence[str],
    institutions: Sequence[uuid.UUID],
    seen_version: int,
) -> Referral:
    """Write what is passed on, and to whom.

    Raises NotFound, NotAllowed, StaleWrite, TransitionRefused (not being prepared), BadInput (an institution that is not
    in the directory).
    """
    referral = changing(session, actor, Referral, referral_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    if referral.state != ReferralState.PREPARED.value:
        raise TransitionRefused(said("It is not being prepared now."))
    referral.told = _told(referral.kind, told)
    referral.passes = [name for name in PASSED if name in passes]
    row = get_consultation(session, actor, referral.consultation_id)
    known = [str(file.id) for file in files_of(session, actor, row)]
    referral.files = [one for one in known if one in files]
    wanted = list(dict.fromkeys(institutions))
    found = {
        one.id: one
        for one in session.scalars(
            Institution.visible_to(actor).where(Institution.id.in_(wanted), Institution.is_retired.is_(False))
        )
    }
    if len(found) != len(wanted):
        raise refuse("institutions", said("Choose institutions of the directory."))
    kept = [one for one in referral.recipients if one.answer or one.institution_id in found]
    stays = {one.institution_id for one in kept}
    fresh = [
        ReferralRecipient(
            id=new_id(), institution_id=one, name=found[one].name_zh, region=found[one].region, answer="",
            note="", sent_at=None,
        )
        for one in wanted
        if one not in stays
    ]  # fmt: skip
    referral.recipients = [*kept, *fresh]
    touched(referral, time)
    session.flush()
    written(session, time, actor, referral, "written", {"terms": terms_of(referral)})
    return referral


def waiting_recipients(referral: Referral) -> list[ReferralRecipient]:
    """The institutions that have not answered."""
    return [one for one in referral.recipients if not one.answer]


def terms_of(referral: Referral) -> str:
    """What the firm agrees to, as canonical JSON: what is passed on, and to whom."""
    terms = {
        "kind": referral.kind,
        "told": referral.told,
        "passes": referral.passes,
        "files": referral.files,
        "recipients": sorted([one.name, one.region] for one in waiting_recipients(referral)),
    }
    return json.dumps(terms, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hash_of(referral: Referral) -> str:
    return hashlib.sha256(terms_of(referral).encode()).hexdigest()


def _is_complete(referral: Any, actor: Actor, today: date) -> Obstacle | None:
    kind = KINDS[referral.kind]
    first = next(iter(kind.asks))
    if not referral.told.get(first):
        return Obstacle(said("Fill in what the institution has to know."), first)
    if not referral.passes:
        return Obstacle(said("Choose what is passed on."), "passes")
    if len(waiting_recipients(referral)) < kind.least:
        least = said("Choose at least %(least)s institutions: the centre prefers none.", least=kind.least)
        return Obstacle(least if kind.least > 1 else said("Choose an institution."), "institutions")
    return None


def _has_agreed(referral: Any, actor: Actor, today: date) -> Obstacle | None:
    if referral.agreed_sha256 == _hash_of(referral):
        return None
    return Obstacle(said("It is not what the firm agreed to: ask the firm again."))


def take(
    session: Session,
    time: Time,
    actor: Actor,
    referral_id: uuid.UUID,
    step: str,
    *,
    seen_version: int,
    words: str = "",
    outcome: str = "",
) -> Referral:
    """Take a step of a referral; :func:`answer` writes what an institution answers.

    Raises BadInput, NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    referral = changing(session, actor, Referral, referral_id, seen_version)
    if step == "record_taken":
        raise TransitionRefused(said("This step is taken on another page."))
    text = words.strip()
    guards: list[Guard] = []
    if step == "propose":
        guards.append(_is_complete)
    if step == "disagree":
        guards.append(says("words", text, said("Say what should be changed.")))
    if step == "decline":
        guards.append(says("words", text, said("Say why; the firm reads it.")))
    if step == "send":
        guards.append(_has_agreed)
        guards.append(warned(session, "referral", [(r.name, r.region) for r in waiting_recipients(referral)]))
    if step == "record_outcome":
        guards += [_has_no_procedure, says("outcome", outcome if outcome in OUTCOMES else "", said("Choose how it came out."))]  # fmt: skip
    if step == "withdraw" and referral.state == ReferralState.TAKEN.value:
        guards.append(_has_no_procedure)
    move(session, time, actor, referral, step, guards=guards, note=text)
    if step == "agree":
        referral.agreed_sha256 = _hash_of(referral)
    if step == "disagree":
        referral.agreed_sha256 = None
    if step == "send":
        for one in waiting_recipients(referral):
            one.sent_at = time.now()
    if step == "record_outcome":
        referral.outcome, referral.outcome_note = outcome, text
    if step == "propose":
        _tell_firm(session, time, actor, referral)
    session.flush()
    return referral


def _has_no_procedure(referral: Any, actor: Actor, today: date) -> Obstacle | None:
    if KINDS[referral.kind].has_procedure:
        return Obstacle(said("How it ends is written down in the procedure itself."))
    return None


def _tell_firm(session: Session, time: Time, actor: Actor, referral: Referral) -> None:
    row = session.get_one(Consultation, referral.consultation_id)
    if row.state in {state.value for state in OPEN_STATES}:
        post_message(session, time, actor, row.id, _ASKED.format(number=referral.number))


def answer(
    session: Session,
    time: Time,
    actor: Actor,
    referral_id: uuid.UUID,
    recipient_id: uuid.UUID,
    *,
    is_taken: bool,
    note: str = "",
    seen_version: int,
) -> tuple[Referral, Mediation | None]:
    """Write down what an institution answered. The one that takes it ends the asking; when all decline, it goes back.

    Returns the referral, and the procedure that begins where its kind has one.

    Raises NotFound, NotAllowed, StaleWrite, TransitionRefused.
    """
    referral = changing(session, actor, Referral, referral_id, seen_version)
    actor.require(Permission.ONWARD_HANDLE)
    one = next((one for one in referral.recipients if one.id == recipient_id), None)
    if one is None:
        raise NotFound(said("This institution was not asked."))
    if referral.state != ReferralState.SENT.value or one.answer:
        raise TransitionRefused(said("Nobody waits for this answer now."))
    if is_taken:
        move(session, time, actor, referral, "record_taken", note=f"{one.name} {note.strip()}".strip())
        one.answer, one.note = "taken", note.strip()
        session.flush()
        return referral, _begin_procedure(session, time, actor, referral, one)
    one.answer, one.note = "declined", note.strip()
    touched(referral, time)
    session.flush()
    written(session, time, actor, referral, "declined", {"recipient": str(one.id), "note": one.note})
    if not waiting_recipients(referral):
        house_moves(session, time, actor, referral, "none_took")
    return referral, None


def _begin_procedure(
    session: Session, time: Time, actor: Actor, referral: Referral, taken: ReferralRecipient
) -> Mediation | None:
    if not KINDS[referral.kind].has_procedure:
        return None
    row = session.get_one(Consultation, referral.consultation_id)
    facts = begun(
        session, time, actor, referral.centre_id, Mediation, referral_id=referral.id, firm_id=referral.firm_id,
        kind=referral.kind, institution=taken.name, other_name="；".join(row.opponents) or "–", other_region="",
    )  # fmt: skip
    mediation = Mediation(id=new_id(), **facts)
    keep(session, time, actor, mediation, "begin")
    return mediation


def procedure_ended(session: Session, time: Time, cause: Actor, mediation: Mediation) -> None:
    """Let the referral of a procedure that ended say how."""
    referral = session.get_one(Referral, mediation.referral_id)
    if referral.state == ReferralState.TAKEN.value:
        referral.outcome = MediationState(mediation.state).value
        house_moves(session, time, cause, referral, "ended")


def passed_on(session: Session, actor: Actor, referral: Referral) -> dict[str, Any]:
    """What of the consultation is passed on: the chosen fields, in the consultation's own words."""
    row = get_consultation(session, actor, referral.consultation_id)
    values: dict[str, Any] = {
        "firm": referral.firm_id,
        "scenario": row.scenario,
        "forum": [row.region, row.venue, row.docket_number],
        "opponents": list(row.opponents),
        "known_on": row.known_on,
        "story": row.story,
        "question": row.question,
        "contact": [row.contact_name, row.contact_phone, row.contact_email],
    }
    return {name: values[name] for name in referral.passes}


def referrals_on(session: Session, actor: Actor, consultation_id: uuid.UUID) -> Sequence[Referral]:
    """The referrals of a consultation that the actor may see, the newest first."""
    query = Referral.visible_to(actor).where(Referral.consultation_id == consultation_id)
    return session.scalars(query.order_by(Referral.id.desc())).all()


def procedure_of(session: Session, actor: Actor, referral: Referral) -> Mediation | None:
    """The procedure a referral led to, where the actor may know of it."""
    return session.scalar(Mediation.visible_to(actor).where(Mediation.referral_id == referral.id))


def list_referrals(session: Session, actor: Actor, **wanted: Any) -> Sequence[Referral]:
    """Referrals the actor may see, the most pressing first."""
    return listed(session, actor, Referral, **wanted)


def choices_for(session: Session, actor: Actor, kind: str) -> Sequence[Institution]:
    """Institutions of the directory, those of the kind's own first; the order says nothing of their worth."""
    first = KINDS[kind].institutions
    rows = session.scalars(Institution.visible_to(actor).where(Institution.is_retired.is_(False))).all()
    return sorted(rows, key=lambda one: (one.kind not in first, one.kind, one.name_zh, one.id))


def chosen_ids(session: Session, referral: Referral) -> set[uuid.UUID]:
    """The institutions named in a referral that have not answered."""
    query = select(ReferralRecipient.institution_id).where(
        ReferralRecipient.referral_id == referral.id, ReferralRecipient.answer == ""
    )
    return {one for one in session.scalars(query) if one is not None}
