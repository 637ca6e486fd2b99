"""Which alerts a day must end with, computed from its events by plain means: no automaton, no index, nothing of `warning/`.

What the parsers and the rules made of a matter is read from the store, since a case's facts are what is watched, and held
against what its source told (:func:`misread`); only its tags are taken as the rules gave them. Whether a firm or a profile is told of them, when and why, is worked out here anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.prove.day.plan import ACTS, Day, Matter

_WITH_GOODS = frozenset({"us_ttab", "us_edis", "us_itc_ids", "us_federal_register", "us_pacer_docket"})
_WITH_PATENT = frozenset({"us_federal_register", "us_pacer_docket", "us_ptab"})
#: (firm, number of the profile or -1, docket number, kind of trigger)
Expected = tuple[str, int, str, str]


@dataclass(frozen=True)
class Asked:
    """What one profile asks for, as it was typed."""

    firm: str
    number: int
    industries: Sequence[str]
    regions: Sequence[str]
    dispute_types: Sequence[str]
    include: Sequence[str]
    exclude: Sequence[str]
    competitors: Sequence[str]
    rights: Sequence[str]
    exhibitions: Sequence[str]


@dataclass
class Told:
    """A case as it stands in the store at the day's end."""

    matter: Matter
    is_public: bool
    caption: str
    title: str
    text: str
    parties: list[str]
    rights: list[str]
    tags: Mapping[str, set[str]]


@dataclass
class _Facts:
    named: str
    whole: str
    rights: set[str] = field(default_factory=set)


def _plain(text: str) -> str:
    """Small letters without accents, white space as one blank."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"\s+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def _stands(word: str, text: str) -> bool:
    """Whether ``word`` stands in ``text`` by itself: no letter or digit touches it, unless it is Chinese at that end."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(word) :][:1]
        if not _touches(before, word[0]) and not _touches(word[-1], after):
            return True
        at = text.find(word, at + 1)
    return False


def _touches(left: str, right: str) -> bool:
    return bool(left and right) and all(c.isalnum() and not "\u2e80" <= c <= "\u9fff" for c in (left, right))


def _one_and_many(words: Sequence[str]) -> list[str]:
    """Words with their English plurals and singulars."""
    found = [_plain(word) for word in words]
    for word in tuple(found):
        if not re.fullmatch(r"[ -~]{3,}[a-z]", word):
            continue
        for pattern, other in (
            (r"ies$", "y"),
            (r"(ss|sh|ch|x|us|is)$", r"\1es"),
            (r"s$", ""),
            (r"([^aeiou])y$", r"\1ies"),
            (r"$", "s"),
        ):
            if re.search(pattern, word):
                found.append(re.sub(pattern, other, word, count=1))
                break
    return found


def misread(told: Told, last: int) -> list[str]:
    """What of a case in the store is not what its source told: its parties, its goods, its patent."""
    matter, wrong = told.matter, []
    sides = {"us_edis": [matter.plaintiff], "us_federal_register": []}.get(
        matter.source, [matter.plaintiff, matter.defendant]
    )
    if matter.joined and matter.changed <= last:
        sides.append(matter.joined)
    if {_plain(party) for party in told.parties} != {_plain(side) for side in sides}:
        wrong.append(f"parties {told.parties} where {sides} were told")
    if matter.source in _WITH_GOODS and _plain(matter.goods) not in _plain(
        f"{told.caption} {told.title} {told.text}"
    ):
        wrong.append(f"nothing of {matter.goods!r}")
    if matter.source in _WITH_PATENT and not any(
        _number(matter.right) & _number(right) for right in told.rights
    ):
        wrong.append(f"rights {told.rights} where {matter.right} was told")
    return wrong


def _number(right: str) -> set[str]:
    """US 9,123,456 is asked for as US9123456 or as 9123456."""
    plain = re.sub(r"[^A-Z0-9]", "", right.upper())
    return {plain, re.sub(r"[^0-9]", "", plain)}


def _facts(told: Told, parties: Sequence[str]) -> _Facts:
    # A line that no word crosses stands between two fields.
    named = " \x00 ".join(_plain(part) for part in (told.caption, *parties))
    whole = " \x00 ".join((named, _plain(told.title), _plain(told.text)))
    rights = {key for right in told.rights for key in _number(right)}
    return _Facts(named, whole, rights)


def _is_caught(asked: Asked, told: Told, facts: _Facts) -> bool:
    for kind, wanted in (
        ("industry", asked.industries), ("region", asked.regions), ("dispute_type", asked.dispute_types),
    ):  # fmt: skip
        if wanted and not told.tags.get(kind, set()) & set(wanted):
            return False
    if any(word in facts.whole and _stands(word, facts.whole) for word in _one_and_many(asked.exclude)):
        return False
    words = [*_one_and_many(asked.include), *(_plain(word) for word in asked.exhibitions)]
    rivals = [_plain(word) for word in asked.competitors]
    if not words and not rivals and not asked.rights:
        return bool(asked.industries or asked.regions or asked.dispute_types)
    return (
        any(word in facts.whole and _stands(word, facts.whole) for word in words)
        or any(word in facts.named and _stands(word, facts.named) for word in rivals)
        or any(re.sub(r"[^A-Z0-9]", "", right.upper()) in facts.rights for right in asked.rights)
    )


def expected(day: Day, cases: Mapping[str, Told], profiles: Sequence[Asked], last: int) -> Counter[Expected]:
    """Every alert of the day whose last tick was ``last``: who, by which profile, of which case, and why."""
    by_name = {name.casefold(): ref for ref, name in day.firms.items()}
    found: Counter[Expected] = Counter()
    for number, told in cases.items():
        if told.is_public:
            found.update(_of_case(number, told, profiles, by_name, last))
    return found


def _of_case(
    number: str, told: Told, profiles: Sequence[Asked], by_name: Mapping[str, str], last: int
) -> Iterator[Expected]:
    matter = told.matter
    has_changed = 0 < matter.changed <= last
    first = [party for party in told.parties if party.casefold() != matter.joined.casefold()]
    now = told.parties if has_changed else first
    facts = _facts(told, first)
    followers = [
        (by_name[p.casefold()], -1, "named") for p in dict.fromkeys(first) if p.casefold() in by_name
    ]
    followers += [(a.firm, a.number, "watch") for a in profiles if _is_caught(a, told, facts)]
    yield from ((firm, profile, number, why) for firm, profile, why in followers)
    if not has_changed:
        return
    kinds = set(ACTS.get(matter.act, ()))
    if matter.joined:
        kinds.add("party")
    if matter.source == "us_ttab":
        kinds |= {"stage", "outcome"}
    yield from ((firm, profile, number, kind) for firm, profile, _ in followers for kind in sorted(kinds))
    if matter.joined:
        # Who was not concerned before and is now hears of the case, not of its change.
        known = {(firm, profile) for firm, profile, _ in followers}
        later = _facts(told, now)
        if (ref := by_name.get(matter.joined.casefold())) and (ref, -1) not in known:
            yield ref, -1, number, "named"
        for asked in profiles:
            if (asked.firm, asked.number) not in known and _is_caught(asked, told, later):
                yield asked.firm, asked.number, number, "watch"
