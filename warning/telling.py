"""Telling a firm of its alerts: what wakes a message and how urgent it is, and the letter: what happened, why, where."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.deadlines.docket import next_deadline
from cases.deadlines.model import Deadline
from cases.models import Case, CaseStatus
from cases.summary import in_one, summarise
from cases.taxonomy import load_taxonomy
from core.actor import system_actor
from core.clock import Clock
from core.memo import remembered
from core.outbox import Message as Happened
from core.said import Said, said
from enterprises.models import Firm
from notify.letters import Composer, Item, Letter, Text, Words
from notify.sending import Mailroom
from notify.topics import NAMED, WATCHED, Topic
from warning.bulletin_telling import LEVEL_WORDS
from warning.change_words import headline, value
from warning.levels import level_of_case, standing_of_case
from warning.models import Alert

#: alerts a mail tells in full; the rest are named with a link
MOST_ITEMS = 20
#: alerts a mail names at all; the rest are counted
MOST_NAMED = 200
#: the level whose alerts wait for no digest and no morning
URGENT = "L1"
#: what catalogue words a stored role has where they are not the key itself
_ROLES = {
    "cross_appellant": "Cross-appellant",
    "amicus": "Amicus curiae",
    "counterdefendant": "Counterclaim defendant",
}
_FIELDS = {"caption": "Caption", "title": "Title", "text": "Text", "parties": "Parties"}


class AlertNews:
    """Consumer of alert.raised: queues what firms are to know. Whoever raises alerts is silent about history.

    Args:
        clock: the level of a case is that of the day.
    """

    def __init__(self, mailroom: Mailroom, clock: Clock) -> None:
        self._mailroom, self._clock = mailroom, clock

    def queue(self, session: Session, happened: Sequence[Happened]) -> None:
        """Queue a message to each firm for its alerts of ``happened``; those of a level I case are urgent."""
        ids = [uuid.UUID(row.payload["alert"]) for row in happened]
        found: dict[tuple[uuid.UUID, uuid.UUID, Topic, bool], list[uuid.UUID]] = {}
        levels: dict[tuple[uuid.UUID, uuid.UUID], str] = {}
        for alert in session.scalars(select(Alert).where(Alert.id.in_(ids)).order_by(Alert.id)):
            where = (alert.centre_id, alert.case_id)
            if where not in levels:
                actor = system_actor("job:tell", alert.centre_id)
                case = session.get_one(Case, alert.case_id)
                levels[where] = level_of_case(session, self._clock, actor, case).level
            topic = NAMED if alert.profile_id is None else WATCHED
            key = (alert.centre_id, alert.firm_id, topic, levels[where] == URGENT)
            found.setdefault(key, []).append(alert.id)
        for (centre_id, firm_id, topic, is_urgent), alerts in found.items():
            self._mailroom.tell(session, topic, centre_id, firm_id, alerts, is_urgent=is_urgent)


def alert_composer(clock: Clock) -> Composer:
    """:func:`compose_alerts` that says the level of each case too, as it stands on the day of ``clock``."""

    def compose(session: Session, firm_id: uuid.UUID, alert_ids: Sequence[uuid.UUID]) -> Letter | None:
        return compose_alerts(session, firm_id, alert_ids, clock)

    return compose


def compose_alerts(
    session: Session, firm_id: uuid.UUID, alert_ids: Sequence[uuid.UUID], clock: Clock | None = None
) -> Letter | None:
    """The letter that tells the firm of ``alert_ids``; None when none of their cases is public any more."""
    rows = session.execute(
        select(Alert, Case)
        .join(Case, Case.id == Alert.case_id)
        .where(Alert.id.in_(alert_ids), Alert.firm_id == firm_id, Case.status == CaseStatus.PUBLIC.value)
        .order_by(Alert.profile_id.is_not(None), Case.filed_on.desc(), Alert.id)
    ).all()
    if not rows:
        return None
    firm = session.get_one(Firm, firm_id)
    name = Words(firm.name_zh, firm.name_en or firm.name_zh)
    items = [
        _item(alert, case, name, _level(session, clock, alert, case) if clock else [])
        for alert, case in rows[:MOST_ITEMS]
    ]
    items += [_brief(alert, case, name) for alert, case in rows[MOST_ITEMS:MOST_NAMED]]
    if len(items) == 1:
        case = rows[0][1]
        subject = said("Seamark: %(what)s (%(number)s)", what=items[0].heading, number=case.docket_number)
        opening = said("There is an alert for %(firm)s", firm=name)
    else:
        subject = said("Seamark: %(count)s alerts for %(firm)s", count=len(rows), firm=name)
        opening = said(
            "%(count)s alerts for %(firm)s. All of them stand on the site.", count=len(rows), firm=name
        )
    return Letter(
        subject,
        opening,
        items,
        said("For reference only; this is not legal advice. Names can mislead: the official record decides."),
        short=_short([case.docket_number for _, case in rows]),
    )


def _short(numbers: Sequence[str]) -> Said:
    """What an SMS says, which is sent for what is urgent alone."""
    if len(numbers) == 1:
        return said("Seamark: level I alert (%(number)s), please look at once", number=numbers[0])
    return said("Seamark: %(count)s level I alerts, please look at once", count=len(numbers))


def _brief(alert: Alert, case: Case, firm: Words) -> Item:
    """What stands of an alert at the end of a long mail."""
    return Item(
        heading=_heading(alert, firm),
        title=case.caption or case.title or case.docket_number,
        facts=[(said("Docket number"), case.docket_number)],
        reasons=(),
        path=f"/alerts/{alert.id}",
        link=said("What to do now"),
        subject_id=alert.id,
        data={"alert": alert.id, "trigger": alert.trigger},
    )


def _heading(alert: Alert, firm: Words) -> Said:
    if alert.change is not None:
        return headline(alert.change)
    if alert.profile_id is not None:
        return said("A case matches your watch profile %(profile)s", profile=_profile(alert))
    return said("%(firm)s is named in a case", firm=firm)


def _changed(change: dict[str, Any]) -> list[tuple[Said, Text]]:
    if not change["after"]:
        return []
    rows: list[tuple[Said, Text]] = [
        (said("Before"), value(change, "before")),
        (said("Now"), value(change, "after")),
    ]
    if change["entry"]:
        rows.append((said("The docket says"), change["entry"]))
    if change["basis"]:
        rows.append((said("Basis"), said("%(basis)s; for reference only", basis=change["basis"])))
    return rows


def _level(session: Session, clock: Clock, alert: Alert, case: Case) -> list[tuple[Said, Text]]:
    """The centre's level of the case and what the rubric counts; nothing where it has none."""
    standing = remembered(
        session,
        ("standing", alert.centre_id, case.id),
        lambda: standing_of_case(session, clock, alert.centre_id, case),
    )
    if standing.level == "L0":
        return []
    words = said(
        "%(level)s (%(points)s points by rule)",
        level=LEVEL_WORDS[standing.level],
        points=standing.severity.total,
    )
    return [(said("Level"), words)]


def _item(alert: Alert, case: Case, firm: Words, level: list[tuple[Said, Text]]) -> Item:
    is_watch = alert.profile_id is not None
    facts: list[tuple[Said, Text]] = [
        *(_changed(alert.change) if alert.change else ()),
        *level,
        (said("Forum"), _label(case.venue)),
        (said("Docket number"), case.docket_number),
    ]
    if case.filed_on:
        facts.append((said("Filing date"), case.filed_on.isoformat()))
    glance = in_one(summarise(case))
    if glance[0]:
        facts.append((said("At a glance"), Words(*glance)))
    due = None if is_watch else next_deadline(case.venue, case.events, alert.raised_at)
    if due is not None:
        facts.append((said("Next deadline"), _deadline(due)))
    reasons = [(_watch_reason if is_watch else _named_reason)(reason) for reason in alert.grounds]
    return Item(
        heading=_heading(alert, firm),
        title=case.caption or case.title or case.docket_number,
        facts=facts,
        reasons=reasons,
        path=f"/alerts/{alert.id}",
        link=said("What to do now"),
        links=[(said("Read the case"), f"/cases/{case.id}")],
        subject_id=alert.id,
        data={
            "alert": alert.id,
            "trigger": alert.trigger,
            "change": alert.change,
            "case": {
                "id": case.id,
                "venue": case.venue,
                "docket_number": case.docket_number,
                "caption": case.caption,
                "filed_on": case.filed_on,
                "url": case.url,
            },
            "deadline": due.as_json() if due else None,
        },
    )


def _deadline(due: Deadline) -> Said:
    """The earliest reading of the day, the rule's name and what it rests on."""
    return said(
        "%(day)s (%(clock)s, %(basis)s; for reference only)",
        day=due.safe_day,
        clock=Words(due.clock.zh, due.clock.en),
        basis=due.clock.basis,
    )


def _label(identity: str) -> Words:
    taxonomy = load_taxonomy()
    return Words(taxonomy.label(identity, "zh"), taxonomy.label(identity, "en"))


def _profile(alert: Alert) -> str:
    return str(alert.grounds[0]["profile"]) if alert.grounds else ""


def _named_reason(reason: dict[str, Any]) -> Said:
    # The resolver writes "rule: our form = their form"; the rule's words stand in the catalogue.
    rule, _, forms = str(reason["reason"]).partition(": ")
    plain = rule.removesuffix(", an ordinary or short word")
    role = str(reason["role"])
    values = {
        "party": reason["party"],
        "role": _known(_ROLES.get(role, role.replace("_", " ").capitalize())),
        "name": reason["matched_name"],
        "score": reason["score"],
        "rule": _known(plain),
        "forms": forms,
    }
    if not forms:
        return said("%(role)s %(party)s ↔ %(name)s: %(rule)s; score %(score)s of 100", **values)
    return said("%(role)s %(party)s ↔ %(name)s: %(rule)s (%(forms)s); score %(score)s of 100", **values)


def _watch_reason(reason: dict[str, Any]) -> Said:
    kind, value = str(reason["kind"]), str(reason["value"])
    if kind == "word":
        field = _known(_FIELDS.get(str(reason["field"]), "Text"))
        return said("the word “%(word)s” stands in: %(field)s", word=value, field=field)
    if kind in ("competitor", "right", "exhibition"):
        named = {
            "competitor": said("the competitor “%(name)s” is a party", name=value),
            "right": said("the right %(name)s is in dispute", name=value),
            "exhibition": said("the exhibition “%(name)s” is named", name=value),
        }
        return named[kind]
    words = {"industry": said("Industry"), "region": said("Region"), "dispute_type": said("Dispute type")}
    return said("%(kind)s: %(value)s", kind=words[kind], value=_label(value))


def _known(template: str) -> Said:
    """A sentence that the catalogue has from elsewhere."""
    return said(template)
