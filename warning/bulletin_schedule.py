"""Weekly and monthly drafts made by schedule: once for each centre and window, and waiting for a person ever after."""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.actor import system_actor
from core.centres import Centre
from core.clock import Clock, local_date
from core.db import Database
from core.errors import SeamarkError
from core.evidence import EvidenceStore
from search.port import IndexReader
from warning.bulletin_counts import Window, count_cases
from warning.bulletin_models import Bulletin
from warning.bulletin_survey_drafts import draft_from_search

log = structlog.get_logger(__name__)
JOB = "job:draft-bulletins"


def last_windows(today: date) -> dict[str, Window]:
    """The last whole week (Monday to Sunday) and the last whole month before ``today``, by kind; cases by filing date."""
    monday = today - timedelta(days=today.weekday() + 7)
    month_end = today.replace(day=1) - timedelta(days=1)
    return {
        "weekly": Window(monday, monday + timedelta(days=6)),
        "monthly": Window(month_end.replace(day=1), month_end),
    }


def draft_periodic(database: Database, clock: Clock, index: IndexReader, evidence: EvidenceStore) -> int:
    """Draft what each centre lacks of its last week and month; returns how many were made.

    A window in which, and before which, nothing was filed gets no draft. A centre that fails leaves the others theirs.
    """
    with database.read() as session:
        centres = list(session.scalars(select(Centre).order_by(Centre.id)))
    made = 0
    for centre in centres:
        for kind, window in last_windows(local_date(clock.now(), centre.zone)).items():
            try:
                with database.write() as session:
                    made += _draft(session, clock, index, evidence, centre, kind, window)
            except IntegrityError:
                # Another process claimed the window between our look and our write.
                log.info("draft_made_elsewhere", centre=centre.slug, kind=kind)
            except SeamarkError as error:
                log.warning("draft_put_off", centre=centre.slug, kind=kind, error=str(error))
    return made


def _draft(
    session: Session,
    clock: Clock,
    index: IndexReader,
    evidence: EvidenceStore,
    centre: Centre,
    kind: str,
    window: Window,
) -> bool:
    key = f"{kind}:{window.since.isoformat()}"
    known = select(Bulletin.id).where(Bulletin.centre_id == centre.id, Bulletin.draft_key == key)
    if session.scalar(known) is not None:
        return False
    if not any(
        count_cases(session, clock, index, evidence, {}, span).total for span in (window, window.before())
    ):
        return False
    draft_from_search(
        session, clock, index, evidence, system_actor(JOB, centre.id), kind, {}, window, key=key
    )
    return True
