"""What people are told of, as they choose it on the page: the topics, and how soon each may reach them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.actor import Actor, Role
from core.said import Said, said

ALERT, TEST = "alert", "test"


class Rhythm(StrEnum):
    """How soon a message leaves."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    #: not by mail; the pages have it
    NEVER = "never"


@dataclass(frozen=True)
class Topic:
    """One choice a person has.

    Attributes:
        kind: the kind of message it belongs to; one composer writes all of a kind.
        words: what it is called.
        may_wait: whether a person may have it gathered into a digest.
        may_be_off: whether a person may have no mail of it.
        unless_chosen: the rhythm of whoever chose none.
    """

    id: str
    kind: str
    words: Said
    may_wait: bool = True
    may_be_off: bool = False
    unless_chosen: Rhythm = Rhythm.ONCE

    @property
    def rhythms(self) -> tuple[Rhythm, ...]:
        """What a person may choose."""
        if not self.may_wait:
            return (Rhythm.ONCE,)
        return tuple(rhythm for rhythm in Rhythm if rhythm is not Rhythm.NEVER or self.may_be_off)


NAMED = Topic("named", ALERT, said("A case names your firm"))
WATCHED = Topic("watched", ALERT, said("A case matches a watch profile"), may_be_off=True)
CONSULTATION = Topic("consultation", "consultation", said("News of your consultations"), may_be_off=True)
BULLETIN = Topic("bulletin", "bulletin", said("A bulletin of the centre for your firm"), may_be_off=True)
CORRECTED = Topic(
    "bulletin-corrected",
    "bulletin_corrected",
    said("A bulletin your firm was sent is corrected"),
    may_be_off=True,
)
WITHDRAWN = Topic(
    "bulletin-withdrawn",
    "bulletin_withdrawn",
    said("A bulletin your firm was sent is withdrawn"),
    may_be_off=True,
)
SURGE = Topic("surge", "surge", said("A surge of cases in what a watch profile watches"), may_be_off=True)
SURGE_CORRECTED = Topic(
    "surge-corrected", "surge_corrected", said("A surge your firm was told of is corrected"), may_be_off=True
)
ASSIGNED = Topic("assigned", "assignment", said("A consultation is given to you"))
SUBMITTED = Topic(
    "submitted",
    "desk",
    said("A firm submits a consultation"),
    may_be_off=True,
    unless_chosen=Rhythm.NEVER,
)
ENTERED = Topic("entered", "entered", said("Somebody without an account asks for help"), may_be_off=True)
WRITTEN = Topic(
    "written", "written", said("A message waits in a consultation you advise on"), may_be_off=True
)
FOLLOW_UP = Topic(
    "follow-up",
    "follow_up",
    said("A firm is to be asked how it went"),
    may_be_off=True,
    unless_chosen=Rhythm.DAILY,
)
DESK_WRITTEN = Topic(
    "desk-written",
    "desk_written",
    said("A message waits in a consultation"),
    may_be_off=True,
    unless_chosen=Rhythm.NEVER,
)
STANDING = Topic("standing", "standing", said("News of your place in the expert library"))
APPLIED = Topic(
    "applied",
    "applications",
    said("An application to the expert library, or an objection, waits"),
    may_be_off=True,
    unless_chosen=Rhythm.NEVER,
)
DESK_TASK = Topic("desk-task", "desk_task", said("New desk tasks of level I and II"), may_wait=False)
URGENT_CALL = Topic(
    "urgent-call", "urgent_call", said("Most urgent requests for help, at any hour"), may_wait=False
)
UNDELIVERED = Topic("undelivered", "undelivered", said("Deliveries that failed for good"), may_wait=False)
OUTSIDE = Topic("outside", "outside", said("News of an application to a library"), may_wait=False)
CODE = Topic("code", "code", said("A code for your phone number"), may_wait=False)
TESTED = Topic("test", TEST, said("A test"), may_wait=False)

#: what a firm's people, experts and staff choose a rhythm for
OF_FIRMS = (NAMED, WATCHED, CONSULTATION, BULLETIN, CORRECTED, WITHDRAWN, SURGE, SURGE_CORRECTED)
OF_EXPERTS = (ASSIGNED, WRITTEN, STANDING)
OF_STAFF = (ENTERED, SUBMITTED, DESK_WRITTEN, FOLLOW_UP, APPLIED)
#: what the centre's own robots may be told of
OF_ROBOTS = (URGENT_CALL, DESK_TASK, UNDELIVERED)
TOPICS: dict[str, Topic] = {
    t.id: t for t in (*OF_FIRMS, *OF_EXPERTS, *OF_STAFF, *OF_ROBOTS, OUTSIDE, CODE, TESTED)
}


def topics_for(actor: Actor) -> tuple[Topic, ...]:
    """What the actor may be told of."""
    sides = ((Role.FIRM_MEMBER, OF_FIRMS), (Role.EXPERT, OF_EXPERTS), (Role.STAFF, OF_STAFF))
    return tuple(topic for role, topics in sides if role in actor.roles for topic in topics)
