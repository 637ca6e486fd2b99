"""Who would hear of a signal: the watch profiles of a centre that it touches.

A signal touches a profile when what it counts is among the regions, industries or dispute types the profile asks for (a
forum by its region), contradicts none of them, and one of the rise's own cases answers the profile whole: its names, its
excluded words and its firm's noise list too. So nobody hears of a rise in which there is nothing they would be told of.

Several weeks of one rise are one piece of news. Weeks in a row in which a series stood at a level are one rise; a profile
is told of it again only when it stands higher than the profile was told. What was told and taken back does not count.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case, CaseStatus
from cases.taxonomy import load_taxonomy
from core.clock import Clock
from warning.criteria import Criteria, Evaluator
from warning.models import WatchProfile, WatchState
from warning.surge.counts import contributing
from warning.surge.explain import window_of
from warning.surge.judging import known_at
from warning.surge.levels import NAMES
from warning.surge.signal_models import SurgeSignal
from warning.surge.told_models import SignalAlert
from warning.watch import awake, criteria_of, facts_of, muted, noise_words

#: of a kind and value that a profile asks for
Reason = tuple[str, str]


@dataclass(frozen=True)
class Touched:
    """A profile that a signal touches, why, and the cases of the rise that answer it, the newest first."""

    profile: WatchProfile
    reasons: Sequence[Reason]
    case_ids: Sequence[uuid.UUID]


@dataclass(frozen=True)
class Hearing:
    """Who would hear of a signal now, and who is touched and would not."""

    new: Sequence[Touched]
    told: int  #: profiles that were told of this rise at this level or a higher one
    asleep: int  #: profiles that are paused or snoozed

    @property
    def firms(self) -> set[uuid.UUID]:
        """Whom the new ones belong to."""
        return {one.profile.firm_id for one in self.new}

    @property
    def by_reason(self) -> Sequence[tuple[Reason, int]]:
        """How many of the new ones watch what; nothing of whose they are."""
        return Counter(reason for one in self.new for reason in one.reasons).most_common()

    @property
    def seal(self) -> str:
        """What a person looked at before telling: another set of profiles has another seal."""
        ids = sorted(str(one.profile.id) for one in self.new)
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def marks_of(kind: str, value: str) -> Mapping[str, str]:
    """What a series counts, as profiles ask: kind -> value. A forum stands in its region."""
    if kind == "cell":
        region, industry = value.split("|", 1)
        return {"region": region, "industry": industry}
    if kind == "forum":
        region_code = load_taxonomy().region_code(value)
        return {"region": region_code} if region_code else {}
    return {kind: value}


def shared(criteria: Criteria, marks: Mapping[str, str]) -> list[Reason]:
    """What of ``marks`` a profile asks for; nothing where one of them is none of those it asks for."""
    asked = [(kind, value) for kind, value in marks.items() if criteria.wanted(kind)]
    return asked if all(value in criteria.wanted(kind) for kind, value in asked) else []


def rise_of(session: Session, signal: SurgeSignal) -> list[SurgeSignal]:
    """The signals of the rise that ``signal`` belongs to, in order of time: weeks in a row of its series."""
    series = session.scalars(
        select(SurgeSignal)
        .where(SurgeSignal.kind == signal.kind, SurgeSignal.value == signal.value)
        .order_by(SurgeSignal.week)
    ).all()
    run: list[SurgeSignal] = []
    for one in series:
        if run and one.week - run[-1].week > timedelta(weeks=1):
            if run[-1].week >= signal.week:
                break
            run = []
        run.append(one)
    return run


def who_hears(session: Session, clock: Clock, centre_id: uuid.UUID, signal: SurgeSignal) -> Hearing:
    """The profiles of a centre that ``signal`` touches at the instant of ``clock``."""
    marks = marks_of(signal.kind, signal.value)
    kept = select(WatchProfile).where(
        WatchProfile.centre_id == centre_id, WatchProfile.state != WatchState.DELETED.value
    )
    noise = noise_words(session)
    wanted: dict[uuid.UUID, tuple[WatchProfile, Criteria, list[Reason]]] = {}
    for profile in session.scalars(kept.order_by(WatchProfile.id)):
        criteria = criteria_of(profile, noise.get(profile.firm_id, ()))
        if reasons := shared(criteria, marks):
            wanted[profile.id] = profile, criteria, reasons
    if not wanted:
        return Hearing([], 0, 0)
    cases = _answering(session, signal, {i: criteria for i, (_, criteria, _) in wanted.items()})
    quiet = muted(session, {case_id for found in cases.values() for case_id in found})
    awake_ids = set(session.scalars(select(WatchProfile.id).where(WatchProfile.id.in_(wanted), awake(clock))))
    told = _told(session, signal, set(wanted))
    new, told_before, asleep = [], 0, 0
    for profile_id, (profile, _, reasons) in wanted.items():
        answering = [case_id for case_id in cases[profile_id] if (profile.firm_id, case_id) not in quiet]
        if not answering:
            continue
        if profile_id in told:
            told_before += 1
        elif profile_id not in awake_ids:
            asleep += 1
        else:
            new.append(Touched(profile, reasons, answering))
    return Hearing(new, told_before, asleep)


def rise_cases(signal: SurgeSignal) -> Select[Case]:
    """The public cases that counted in a signal's window when it was judged, the newest first."""
    first, last = window_of(signal)
    ids = contributing(signal.kind, signal.value, first=first, last=last, as_of=known_at(signal.week))
    return (
        select(Case)
        .where(Case.id.in_(ids), Case.status == CaseStatus.PUBLIC.value)
        .order_by(Case.filed_on.desc(), Case.id)
    )


def _answering(
    session: Session, signal: SurgeSignal, asked: Mapping[uuid.UUID, Criteria]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Of each profile the rise's cases that answer it."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {profile_id: [] for profile_id in asked}
    evaluator = Evaluator(asked)
    query = rise_cases(signal).options(selectinload(Case.tags), selectinload(Case.parties))
    for case in session.scalars(query):
        for profile_id in evaluator.find(facts_of(case)):
            found[profile_id].append(case.id)
    return found


def _told(session: Session, signal: SurgeSignal, profile_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Profiles that were told of this rise at the signal's level or a higher one, or of this very signal."""
    at = NAMES.index(signal.level)
    rows = session.execute(
        select(SignalAlert.profile_id, SignalAlert.signal_id, SignalAlert.level, SignalAlert.corrected_at)
        .where(SignalAlert.signal_id.in_([one.id for one in rise_of(session, signal)]))
        .where(SignalAlert.profile_id.in_(profile_ids))
    )
    return {
        profile_id
        for profile_id, signal_id, level, corrected_at in rows
        if signal_id == signal.id or (corrected_at is None and NAMES.index(level) >= at)
    }
