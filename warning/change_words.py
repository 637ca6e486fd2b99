"""A change of a case in words: what happened, what stood before and what stands now. Used by letters and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.deadlines.reading import load_clocks
from cases.taxonomy import load_taxonomy
from core.said import Said, said
from notify.letters import Text, Words
from warning.changes import DEADLINE, INJUNCTION, OUTCOME, PARTY, STAGE, load_signs

#: what a stored change may be long in a headline
_MOST = 120


def headline(change: Mapping[str, Any]) -> Said:
    """What happened, in one sentence."""
    after = value(change, "after")
    match change["change"]:
        case "stage":
            return said("New stage: %(stage)s", stage=after)
        case "party":
            return said("A party joined: %(names)s", names=after)
        case "deadline":
            return said("New deadline: %(day)s (%(clock)s)", day=after, clock=clock_words(change["clock"]))
        case "injunction":
            return said("Injunction or measure: %(what)s", what=after)
        case "joint":
            return said("Another firm named in the case agrees to joint defence")
        case _:
            return said("Outcome recorded: %(outcome)s", outcome=_short(str(after)))


def value(change: Mapping[str, Any], which: str) -> Text:
    """What stood ``before`` or stands ``after``, in the reader's words; a dash for nothing."""
    told = str(change[which])
    if not told:
        return "–"
    kind = change["change"]
    if kind == STAGE:
        taxonomy = load_taxonomy()
        return Words(taxonomy.label(told, "zh"), taxonomy.label(told, "en"))
    if kind == INJUNCTION:
        return Words(*load_signs().injunction_words(told))
    if kind == PARTY and which == "before":
        return said("%(count)s parties named", count=told)
    return told


def clock_words(identity: str) -> Words:
    """The name of a clock; the id of one that is no longer kept."""
    clock = load_clocks().clocks.get(identity)
    return Words(clock.zh, clock.en) if clock else Words(identity, identity)


def kind_words(kind: str) -> Said:
    """What a kind of change is called."""
    return {
        STAGE: said("Stage"),
        PARTY: said("Parties"),
        DEADLINE: said("Deadline"),
        INJUNCTION: said("Injunction or measure"),
        OUTCOME: said("Outcome"),
    }[kind]


def _short(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
