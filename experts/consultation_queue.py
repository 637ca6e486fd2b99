"""Which consultations wait, the most pressing first, and where each is in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Permission
from core.clock import Clock
from core.paging import Page, bad_cursor, decode_cursor, encode_cursor, id_in_cursor
from core.said import Said, said
from core.workdays import add_working_days, working_days_between
from experts.beside.models import Beside
from experts.consultation_duties import due_follow_ups
from experts.consultation_models import Consultation, FollowUp
from experts.consultation_workflow import OPEN_STATES, ConsultationState
from experts.consultations import today_of

_NEVER = date(9999, 12, 31)


def list_consultations(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    state: str = "",
    due: str = "",
    cursor: str | None = None,
    limit: int = 30,
) -> Page[Consultation]:
    """The actor's consultations, the most pressing first.

    Args:
        state: one state, ``open``, or "" for all.
        due: ``overdue``, ``soon`` (today or the next working day), or "".

    Raises BadInput on a bad cursor.
    """
    when = func.coalesce(Consultation.due_on, _NEVER)
    query = Consultation.visible_to(actor).order_by(when, Consultation.id).limit(limit + 1)
    if state == "open":
        query = query.where(Consultation.state.in_([s.value for s in OPEN_STATES]))
    elif state:
        query = query.where(Consultation.state == state)
    if due and actor.centre_id is not None:
        today = today_of(session, clock, actor.centre_id)
        if due == "overdue":
            query = query.where(_is_late(today, clock.now()))
        else:
            query = query.where(
                Consultation.due_on >= today, Consultation.due_on <= add_working_days(today, 1)
            )
    if cursor:
        last, last_id = decode_cursor(cursor, 2)
        try:
            day = date.fromisoformat(str(last))
        except ValueError as error:
            raise bad_cursor() from error
        after = (when > day) | ((when == day) & (Consultation.id > id_in_cursor(last_id)))
        query = query.where(after)
    rows = list(session.scalars(query))
    more = rows[limit - 1] if len(rows) > limit else None
    mark = encode_cursor([(more.due_on or _NEVER).isoformat(), str(more.id)]) if more else None
    return Page(rows[:limit], mark)


def _is_late(today: date, now: datetime) -> ColumnElement[bool]:
    """Past its day, or past its hour where office hours are promised."""
    return (Consultation.due_on < today) | (Consultation.due_at < now)


def count_overdue(session: Session, clock: Clock, actor: Actor) -> int:
    """How many of the actor's consultations are past their day."""
    if actor.centre_id is None:
        return 0
    today = today_of(session, clock, actor.centre_id)
    late = Consultation.visible_to(actor).where(_is_late(today, clock.now())).subquery()
    return session.scalar(select(func.count()).select_from(late)) or 0


def follow_ups_due(
    session: Session, clock: Clock, actor: Actor, limit: int = 10
) -> list[tuple[Consultation, FollowUp]]:
    """Follow-ups whose day has come and that nobody has written down, the oldest first, for staff."""
    actor.require(Permission.CONSULT_HANDLE)
    if actor.centre_id is None:
        return []
    return due_follow_ups(session, today_of(session, clock, actor.centre_id), actor.centre_id)[:limit]


def late_besides(
    session: Session, clock: Clock, actor: Actor, limit: int = 10
) -> list[tuple[Consultation, Beside]]:
    """Opinions beside whose last day has passed, the latest first, for staff."""
    actor.require(Permission.CONSULT_HANDLE)
    if actor.centre_id is None:
        return []
    today = today_of(session, clock, actor.centre_id)
    query = (
        select(Consultation, Beside)
        .join(Beside, Beside.consultation_id == Consultation.id)
        .where(Consultation.centre_id == actor.centre_id, Beside.due_on < today)
        .order_by(Beside.due_on, Beside.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


@dataclass(frozen=True)
class Standing:
    """Where a consultation is, in plain words."""

    #: who has it
    holder: Said
    #: what happens next
    next: Said
    #: the last working day for that; None when no day is promised
    due_on: date | None = None
    #: the instant, when office hours are promised
    due_at: datetime | None = None
    #: working days until then; negative when it has passed
    days_left: int | None = None


_CENTRE, _FIRM, _EXPERT = said("the centre"), said("your firm"), said("the expert")
_NOBODY = said("nobody: it is over")
_S = ConsultationState
_STANDING: dict[str, tuple[Said, Said]] = {
    _S.DRAFT.value: (_FIRM, said("Finish the answers and submit it; only your firm sees the draft.")),
    _S.SUBMITTED.value: (_CENTRE, said("The centre checks it and accepts it, or refuses it with a reason.")),
    _S.REVIEWING.value: (_CENTRE, said("The centre checks it and accepts it, or refuses it with a reason.")),
    _S.SUPPLEMENT.value: (_FIRM, said("Add what the centre asked for, then give it back; the centre's time stands until then.")),
    _S.MERGED.value: (_NOBODY, said("It repeats one that runs; read and write there.")),
    _S.WAITING.value: (_FIRM, said("Answer what the expert asked; the expert's time stands until then.")),
    _S.FOLLOW_UP.value: (_FIRM, said("The centre asks how it went on the days below; close and rate it when it is over.")),
    _S.ARCHIVED.value: (_NOBODY, said("In the archive. The opinion stays here to read and print.")),
    _S.TERMINATED.value: (_NOBODY, said("The advice was ended; the reason stands below.")),
    _S.ACCEPTED.value: (_CENTRE, said("The centre looks for an expert without a conflict.")),
    _S.REJECTED.value: (_NOBODY, said("The reason, and what you can do, stand below.")),
    _S.ASSIGNED.value: (_EXPERT, said("The expert declares whether there is a conflict; only the names are shown until then.")),
    _S.DECLARED.value: (_EXPERT, said("The expert has declared no conflict and begins with the material.")),
    _S.DECLINED.value: (_CENTRE, said("The expert stepped aside; the centre looks for another.")),
    _S.GUIDING.value: (_EXPERT, said("The expert studies the material and writes the opinion.")),
    _S.OPINION_DRAFT.value: (_CENTRE, said("Somebody of the centre who did not write it reviews the opinion, and passes or returns it.")),
    _S.OPINION_REVIEW.value: (_CENTRE, said("The opinion was reviewed; somebody else of the centre signs and issues it.")),
    _S.LAPSED.value: (_NOBODY, said("What was asked for did not come in its time. Send it again with its answers and files, or ask the centre to give it time again.")),
    _S.OPINION_ISSUED.value: (_FIRM, said("Read the opinion, ask what is unclear, then close and rate it.")),
    _S.CLOSED.value: (_NOBODY, said("Closed. The opinion stays here to read and print.")),
    _S.WITHDRAWN.value: (_NOBODY, said("Your firm took it back.")),
}  # fmt: skip


def plain_words(state: str) -> tuple[Said, Said]:
    """Who has a consultation in ``state``, and what happens next."""
    return _STANDING[state]


def standing_of(session: Session, clock: Clock, consultation: Consultation) -> Standing:
    """Who has it, what is next, and by when."""
    holder, following = plain_words(consultation.state)
    if consultation.due_on is None:
        return Standing(holder, following)
    today = today_of(session, clock, consultation.centre_id)
    left = working_days_between(today, consultation.due_on)
    if consultation.due_at is not None and left == 0 and clock.now() > consultation.due_at:
        left = -1
    return Standing(holder, following, consultation.due_on, consultation.due_at, left)
