"""The shipped sample: firms, invented experts, recordings, and one case followed to its end through the real services.

The followed case is public and real; whoever asks, answers and signs about it is invented and says so (示例). Its texts
stand in ``samples/followed_case.yml``. Every part is looked up before it is made, in the transaction that makes it, so
that loading again, or after a kill, ends in the same store.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from accounts.security import actor_of
from accounts.service import FIRST_DOMAIN
from cases.models import Case
from config import ROOT
from core.actor import Actor, Permission, system_actor
from core.centres import first_centre
from core.clock import Clock
from core.errors import SeamarkError
from crawlers.run import Tally
from enterprises.importing import ImportReport, import_firms
from enterprises.models import Firm
from experts import casework, opinions
from experts.advising import MatchedExperts
from experts.appointing.calls import step_call, write_call
from experts.appointing.models import Call
from experts.consultation_models import Consultation
from experts.consultations import begin_draft, submit, today_of
from experts.importing import import_agencies, import_experts
from experts.ports import Suggestion
from gather import gather
from house import House
from warning.alerts import named_firms
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_models import Bulletin
from warning.bulletin_publishing import approve_bulletin, sign_bulletin
from warning.bulletins import Edit, draft_from_case, edit_bulletin, submit_bulletin
from warning.criteria import Criteria
from warning.models import Alert, WatchProfile
from warning.watch import WATCH
from warning.watch_profiles import create_profile

FOLDER = ROOT / "samples"


@cache
def story(folder: Path = FOLDER) -> Mapping[str, Any]:
    """The followed case as data: see ``samples/followed_case.yml``."""
    told: Mapping[str, Any] = yaml.safe_load((folder / "followed_case.yml").read_text(encoding="utf-8"))
    return told


def sample_firm(session: Session) -> Firm | None:
    """The invented firm of the first centre; None in a store without the sample."""
    query = select(Firm).where(Firm.centre_id == first_centre(session).id, Firm.ref == story()["firm"])
    return session.scalar(query)


def load_sample(house: House, folder: Path = FOLDER) -> tuple[ImportReport, list[Tally]]:
    """Load firms, invented experts, the invented firm's watch profile, then the recordings through the real crawlers.

    What the outbox then delivers raises the alerts; :func:`follow_case` goes on from there.
    """
    with house.database.read() as session:
        actor = system_actor("sample", first_centre(session).id)
    firms = folder / "firms.csv"
    report = import_firms(house.database, house.clock, actor, firms.name, firms.read_bytes())
    for name, bring in (("experts.jsonl", import_experts), ("agencies.jsonl", import_agencies)):
        bring(house.database, house.clock, actor, name, (folder / name).read_bytes())
    # A profile looks forward, so it stands before the first recording is read.
    with house.database.write() as session:
        _watch(session, house.clock, actor)
    return report, gather(house, replay=folder / "recordings", is_sample=True)


def _claim(session: Session) -> Firm | None:
    """The invented firm, locked: two loads at once make each part once."""
    session.execute(select(Firm.id).where(Firm.ref == story()["firm"]).with_for_update())
    return sample_firm(session)


def _watch(session: Session, clock: Clock, actor: Actor) -> None:
    firm, wanted = _claim(session), story()["watch"]
    if firm is None or session.scalar(
        select(WatchProfile.id).where(WatchProfile.firm_id == firm.id).limit(1)
    ):
        return
    criteria = Criteria(
        industries=frozenset(wanted["industries"]),
        regions=frozenset(wanted["regions"]),
        include=tuple(wanted["words"]),
    )
    create_profile(session, clock, replace(actor, firm_id=firm.id), wanted["name"], criteria)


@dataclass(frozen=True)
class _People:
    """The first accounts, as the actors they are when they sign in."""

    firm: Actor
    staff: Actor
    signer: Actor
    expert: Actor


def _people(session: Session, firm: Firm) -> _People | None:
    """Who follows the case; None where the first accounts were made for something else."""
    found = {}
    for name in ("firm", "staff", "signer", "expert"):
        user = session.scalar(select(User).where(User.email == f"{name}@{FIRST_DOMAIN}"))
        found[name] = actor_of(user)
    people = _People(**found)
    can = (
        people.firm.firm_id == firm.id
        and people.staff.may(Permission.BULLETIN_DRAFT)
        and people.signer.may(Permission.BULLETIN_SIGN)
        and people.expert.expert_id is not None
    )
    return people if can else None


def followed_case(session: Session) -> Case | None:
    """The stored case that is followed."""
    wanted = story()["case"]
    query = select(Case).where(Case.venue == wanted["venue"], Case.docket_number == wanted["docket_number"])
    return session.scalar(query.where(Case.is_sample))


def first_consultation(session: Session, firm: Firm, case: Case) -> Consultation | None:
    """The invented firm's first consultation about the followed case."""
    query = select(Consultation).where(Consultation.firm_id == firm.id, Consultation.case_id == case.id)
    return session.scalar(query.order_by(Consultation.created_at, Consultation.id).limit(1))


def first_bulletin(session: Session, firm: Firm, case: Case) -> Bulletin | None:
    """The first bulletin of the invented firm's centre about the followed case."""
    query = select(Bulletin).where(Bulletin.case_id == case.id, Bulletin.centre_id == firm.centre_id)
    return session.scalar(query.order_by(Bulletin.created_at, Bulletin.id).limit(1))


def follow_case(house: House) -> bool:
    """Carry the followed case from its alert to the opinion and the bulletin, and open a call for experts, each in one
    transaction, each made once.

    Returns whether all stand; False where the case or the first accounts are missing.
    """
    return all([_once(house, _consult), _once(house, _publish), _once(house, _call)])


def _once(house: House, part: Any) -> bool:
    with house.database.write() as session:
        firm, case = _claim(session), followed_case(session)
        people = _people(session, firm) if firm else None
        if firm is None or case is None or people is None:
            return False
        part(session, house, people, firm, case)
    return True


def alert_of(session: Session, firm: Firm, case: Case) -> Alert | None:
    """What the watch profile told the invented firm of the followed case."""
    query = select(Alert).where(Alert.firm_id == firm.id, Alert.case_id == case.id, Alert.trigger == WATCH)
    return session.scalar(query.order_by(Alert.id).limit(1))


def _consult(session: Session, house: House, people: _People, firm: Firm, case: Case) -> None:
    if first_consultation(session, firm, case) is not None:
        return
    clock, asked = house.clock, dict(story()["consultation"])
    urgency = asked.pop("urgency")
    alert = alert_of(session, firm, case)
    answers = {**asked, "known_on": today_of(session, clock, firm.centre_id), "language": "zh"}
    matter = begin_draft(
        session, clock, people.firm, answers, alert_id=alert.id if alert else None, case_id=case.id
    )

    def now() -> dict[str, Any]:
        return {"seen_version": matter.version}

    submit(session, clock, people.firm, matter.id, truth=True, notice=True, expert=True, **now())
    casework.accept(session, clock, people.staff, matter.id, urgency=urgency, **now())
    suggest = MatchedExperts(clock, named_firms)
    chosen = _ranked(suggest(session, people.staff, matter), people.expert.expert_id)
    casework.assign(session, clock, people.staff, matter.id, chosen, suggest, **now())
    casework.declare(session, clock, people.expert, matter.id, **now())
    casework.begin_advice(session, clock, people.expert, matter.id, **now())
    draft = opinions.write_opinion(
        session, clock, people.expert, matter.id, story()["opinion"], seen_version=0
    )
    opinions.send_opinion(session, clock, people.expert, matter.id, seen_version=draft.version)
    opinions.pass_opinion(session, clock, people.staff, matter.id, **now())
    opinions.issue_opinion(session, clock, people.signer, matter.id, **now())


def _ranked(suggestion: Suggestion, expert_id: uuid.UUID | None) -> uuid.UUID:
    found = [c for c in suggestion.candidates if c.expert_id == expert_id and not c.is_held]
    if not found:
        raise SeamarkError(
            "The sample's expert is not among those whom matching ranks for the sample's consultation.",
            fix="Mend samples/experts.jsonl, or give the account of the expert to one who is ranked.",
        )
    return found[0].expert_id


def _publish(session: Session, house: House, people: _People, firm: Firm, case: Case) -> None:
    if first_bulletin(session, firm, case) is not None:
        return
    clock, evidence = house.clock, house.evidence
    drafted = draft_from_case(session, clock, people.staff, case.id)
    until = today_of(session, clock, firm.centre_id) + timedelta(days=story()["bulletin"]["valid_days"])
    edit = _marked(drafted, until)
    written = edit_bulletin(session, clock, people.staff, drafted.id, edit, seen_version=drafted.version)
    sent = submit_bulletin(session, clock, people.staff, written.id, seen_version=written.version)
    # Approving and signing read the stored bytes of every source and compare them with their SHA-256.
    checked = {source["sha256"] for source in sent.content["sources"]}
    approved = approve_bulletin(
        session,
        clock,
        evidence,
        people.signer,
        sent.id,
        checked,
        declared=list(DECLARATIONS),
        seen_version=sent.version,
    )
    sign_bulletin(session, clock, evidence, people.signer, approved.id, seen_version=approved.version)


def _call(session: Session, house: House, people: _People, firm: Firm, case: Case) -> None:
    """An open call, so that somebody who tries the service can apply."""
    told = dict(story()["call"])
    known = select(Call.id).where(Call.centre_id == firm.centre_id, Call.title_zh == told["title_zh"])
    if session.scalar(known.limit(1)) is not None:
        return
    opens = today_of(session, house.clock, firm.centre_id)
    closes = opens + timedelta(days=told.pop("days"))
    call = write_call(session, house.clock, people.staff, opens_on=opens, closes_on=closes, **told)
    step_call(session, house.clock, people.staff, call.id, "open", seen_version=call.version)


def _marked(drafted: Bulletin, until: Any) -> Edit:
    """The draft with the sample's own paragraphs, marked as a sample in both languages."""
    content, told = drafted.content, story()["bulletin"]
    mark = told["mark"]
    own = [{"id": f"new-{n}", "sources": [], **row} for n, row in enumerate(told["paragraphs"])]
    kept = {
        name: [{**row, "sources": [ref["source"] for ref in row["sources"]]} for row in content[name]]
        for name in ("paragraphs", "key_dates")
    }
    return Edit(
        title={language: f"{mark[language]}{content['title'][language]}" for language in ("zh", "en")},
        kind=content["kind"],
        level=content["level"],
        level_reason=content["level_reason"],
        paragraphs=(*kept["paragraphs"], *own),
        key_dates=tuple(kept["key_dates"]),
        valid_until=until,
        contact=told["contact"],
    )
