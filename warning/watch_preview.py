"""What a watch profile would have caught in the last year, shown before it is saved; the over-broad is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus, Tag
from core.clock import Clock, local_date
from core.errors import BadInput
from core.said import said
from warning.criteria import TAG_KINDS, Criteria, Evaluator
from warning.watch import ZONE, facts_of

#: a profile that would have caught more than this share of last year's public cases, and more than one a week, is too
#: broad: nobody reads so many alerts, and the one that matters drowns
MOST_SHARE, FEW = 0.2, 52
#: newest cases of last year a preview looks at
PREVIEW_LIMIT = 20_000


@dataclass(frozen=True)
class Preview:
    """What a profile would have caught: how many of how many public cases of last year, and the newest of them."""

    caught: int
    looked_at: int
    newest: list[Case]
    since: date

    @property
    def is_too_broad(self) -> bool:
        """More than one case a week, and more than :data:`MOST_SHARE` of all."""
        return self.caught > FEW and self.caught > self.looked_at * MOST_SHARE


def preview(session: Session, clock: Clock, criteria: Criteria, zone: str = ZONE) -> Preview:
    """Try ``criteria`` on the public cases of the last 365 days, by filing date or else by latest event.

    Raises BadInput when nothing narrows them.
    """
    _refuse_open(criteria)
    today = local_date(clock.now(), zone)
    since = today - timedelta(days=365)
    on = func.coalesce(Case.filed_on, Case.latest_on)
    year = Case.status == CaseStatus.PUBLIC.value, on > since, on <= today
    total = session.scalar(select(func.count(Case.id)).where(*year)) or 0
    cut = total > PREVIEW_LIMIT
    newest = select(Case.id).where(*year).order_by(on.desc(), Case.id.desc()).limit(PREVIEW_LIMIT)
    ids = newest.subquery()
    query = _carrying(select(Case).where(Case.id.in_(select(ids.c.id))), criteria)
    query = query.options(selectinload(Case.tags), selectinload(Case.parties)).order_by(
        on.desc(), Case.id.desc()
    )
    evaluator = Evaluator({0: criteria})
    caught = 0
    first: list[Case] = []
    for case in session.scalars(query.execution_options(yield_per=500)):
        if evaluator.find(facts_of(case)):
            caught += 1
            if len(first) < 5:
                first.append(case)
    return Preview(caught, PREVIEW_LIMIT if cut else total, first, since)


def _carrying(query: Select[Case], criteria: Criteria) -> Select[Case]:
    """``query`` with what the database can decide by itself: the tags."""
    for kind in TAG_KINDS:
        if wanted := criteria.wanted(kind):
            carries = select(Tag.id).where(
                Tag.case_id == Case.id, Tag.kind == kind, Tag.value.in_(sorted(wanted))
            )
            query = query.where(carries.exists())
    return query


def _refuse_open(criteria: Criteria) -> None:
    if criteria.is_open:
        raise BadInput(
            said("This profile asks for every case."),
            fix=said("Choose an industry, a region, a dispute type or a word."),
        )


def _refuse_broad(found: Preview) -> None:
    if found.is_too_broad:
        raise BadInput(
            said(
                "This profile is too broad: it would have caught %(caught)s of %(total)s public cases of the last year.",
                caught=found.caught,
                total=found.looked_at,
            ),
            fix=said(
                "At most %(share)s %% of them, or %(few)s, can be watched. Add an industry, a dispute type or words.",
                share=round(MOST_SHARE * 100),
                few=FEW,
            ),
        )


def check(session: Session, clock: Clock, criteria: Criteria, noise: Sequence[str] = ()) -> Preview:
    """:func:`preview` less what ``noise`` (the firm's list) silences, refusing what is too broad with BadInput."""
    found = preview(session, clock, replace(criteria, exclude=(*criteria.exclude, *noise)))
    _refuse_broad(found)
    return found
