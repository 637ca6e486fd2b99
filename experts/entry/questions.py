"""The questions of the entry, one a page: what each asks, and what is wrong with an answer. Answers are kept as typed;
only when somebody goes on are they judged, so that nothing typed is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cases.deadlines.docket import FOR_THE_FIRM
from cases.deadlines.engine import deadlines_at
from cases.deadlines.model import Deadline
from cases.deadlines.reading import load_clocks
from cases.taxonomy import load_taxonomy
from cases.taxonomy.model import Venue
from core.errors import BadInput
from core.said import Said, said
from experts.consultation_workflow import Scenario

#: pages in their order, and the answers each asks for; ``files`` asks for none
PAGES: dict[str, tuple[str, ...]] = {
    "where": ("region", "venue"),
    "when": ("known_on", "event", "limit_on"),
    "who": ("opponents", "docket_number"),
    "what": ("story",),
    "files": (),
    "need": ("question",),
    "contact": ("firm_name", "contact_name", "contact_phone", "contact_email"),
}
NAMES = tuple(name for names in PAGES.values() for name in names)
#: characters an answer may have; of what is longer, this many times as much is kept until it is shortened
LONGEST = {"story": 5_000, "question": 3_000, "opponents": 3_000, "contact_email": 254}
_LONGEST, _KEPT = 200, 4
#: scenario -> the event that most likely began the clock
EVENT_OF = {
    Scenario.SUED.value: "service_of_complaint",
    Scenario.TRO.value: "tro_issued",
    Scenario.SECTION_337.value: "service_of_complaint",
}
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
#: words for a day -> days before today
_RELATIVE = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
#: what must be told before it can be sent, and what is said when it is not
NEEDED: tuple[tuple[str, Said], ...] = (
    ("region", said("Choose the country or region.")),
    ("known_on", said("Say when the papers were served, or when you learned of it.")),
    ("opponents", said("Name the other side.")),
    ("story", said("Say what happened.")),
    ("question", said("Say what you want to know.")),
    ("firm_name", said("Give the name of your firm.")),
    ("contact_name", said("Name somebody to speak to.")),
)


def most(name: str) -> int:
    """How many characters an answer may have."""
    return LONGEST.get(name, _LONGEST)


def kept(typed: Mapping[str, str], page: str) -> dict[str, str]:
    """What is kept of a page's form, as typed."""
    found = {name: str(typed.get(name, "")).replace("\0", "") for name in PAGES[page]}
    return {name: text.replace("\r\n", "\n").strip()[: most(name) * _KEPT] for name, text in found.items()}


def read_day(text: str, today: date) -> date | None:
    """The day of 2026-03-02, 2026/3/2, 2026年3月2日 or 昨天; None when it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in _RELATIVE:
        return today - timedelta(days=_RELATIVE[plain])
    match = _DAY.fullmatch(plain)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def names_in(text: str) -> list[str]:
    """The names of a text, one a line, each once."""
    lines = [line.strip()[:200] for line in text.splitlines() if line.strip()]
    return list(dict.fromkeys(lines))[:20]


def venue_in(answers: Mapping[str, str]) -> Venue | None:
    """The forum that was named, where the taxonomy knows it."""
    told = answers.get("venue", "")
    return load_taxonomy().venue_of(told) if told else None


def problems_of_page(page: str, answers: Mapping[str, str], today: date) -> dict[str, list[Said]]:
    """What is wrong with the answers of a page: field -> sentences. What is empty is told later."""
    found: dict[str, list[Said]] = {}
    for name in PAGES[page]:
        value = answers.get(name, "")
        if len(value) > most(name):
            found[name] = [said("This is too long: at most %(most)s characters.", most=most(name))]
        elif value and (sentence := _wrong(name, value, answers, today)):
            found[name] = [sentence]
    return found


def _wrong(name: str, value: str, answers: Mapping[str, str], today: date) -> Said | None:
    if name == "region" and load_taxonomy().entry(value) is None:
        return said("Choose the country or region.")
    if name == "contact_email" and not _ADDRESS.match(value):
        return said("This is not an e-mail address.")
    if name == "event" and value not in load_clocks().events:
        return said("Choose one of the list.")
    if name in ("known_on", "limit_on"):
        day = read_day(value, today)
        if day is None:
            return said("This is not a date: write it like 2026-03-02.")
        if name == "known_on" and day > today + timedelta(days=1):
            return said("This day has not come yet: write when the papers came, not when they fall due.")
        if abs((day - today).days) > 3_650:
            return said("This day lies too far away: look at the year.")
    return None


def problems_of_all(answers: Mapping[str, str], today: date) -> dict[str, list[Said]]:
    """What stands in the way of sending: what is wrong, and what is still open."""
    found = {name: [sentence] for name, sentence in NEEDED if not answers.get(name)}
    if not answers.get("contact_phone") and not answers.get("contact_email"):
        found["contact_phone"] = [said("Give a telephone number or an e-mail address.")]
    for page in PAGES:
        found.update(problems_of_page(page, answers, today))
    return {name: found[name] for name in NAMES if name in found}


def page_of(name: str) -> str:
    """The page that asks for an answer."""
    return next(page for page, names in PAGES.items() if name in names)


def day_in(answers: Mapping[str, str], name: str, today: date) -> date | None:
    """A day that was told, or None."""
    return read_day(answers.get(name, ""), today)


@dataclass(frozen=True)
class Limits:
    """The last days of a matter, as far as they are known."""

    deadlines: tuple[Deadline, ...]
    #: the earliest that is still to come, else the latest that has passed; the told one counts as any other
    first: date | None


def limits_of(scenario: str, answers: Mapping[str, Any], today: date) -> Limits:
    """What runs, from the forum, the event and the day that were told (:mod:`cases.deadlines`)."""
    forum, known = venue_in(answers), day_in(answers, "known_on", today)
    event = answers.get("event") or EVENT_OF.get(scenario, "")
    found: list[Deadline] = []
    if forum is not None and known is not None and event:
        try:
            found = deadlines_at(forum.id, event, known.isoformat())
        except BadInput:
            # The event starts nothing there: no date is better than one of another rule.
            found = []
    mine = [d for d in found if d.clock.actor in FOR_THE_FIRM and d.clock.is_computed]
    days = [day for d in mine if (day := d.safe_day) is not None]
    told = day_in(answers, "limit_on", today)
    days += [told] if told else []
    coming = [day for day in days if day >= today]
    first = min(coming) if coming else max(days, default=None)
    return Limits(tuple(found), first)


def words_beside(scenario: str, answers: Mapping[str, str]) -> str:
    """What a consultation has no field for, as words that go with its story; "" for nothing."""
    parts = []
    event = load_clocks().events.get(answers.get("event", ""))
    if event is not None:
        parts.append(f"所述事件：{event.zh}")
    if answers.get("firm_name"):
        parts.append(f"填写的企业名称：{answers['firm_name']}")
    return "（" + "；".join(parts) + "）" if parts else ""
