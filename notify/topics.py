"""What people are told of, as they choose it on the page: the topics, and how soon each may reach them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.said import Said, said

ALERT, TEST = "alert", "test"


class Rhythm(StrEnum):
    """How soon a message leaves."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Topic:
    """One choice a person has.

    Attributes:
        kind: the kind of message it belongs to; one composer writes all of a kind.
        words: what it is called.
        may_wait: whether a person may have it gathered into a digest.
    """

    id: str
    kind: str
    words: Said
    may_wait: bool = True


NAMED = Topic("named", ALERT, said("A case names your firm"))
WATCHED = Topic("watched", ALERT, said("A case matches a watch profile"))
CONSULTATION = Topic("consultation", "consultation", said("News of your consultations"))
CODE = Topic("code", "code", said("A code for your phone number"), may_wait=False)
TESTED = Topic("test", TEST, said("A test"), may_wait=False)

TOPICS: dict[str, Topic] = {topic.id: topic for topic in (NAMED, WATCHED, CONSULTATION, CODE, TESTED)}
#: what a firm's people choose a rhythm for
OF_FIRMS = (NAMED, WATCHED, CONSULTATION)
