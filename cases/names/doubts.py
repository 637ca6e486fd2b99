"""What holds a good match down: reasons why a name, although it is the firm's, may be somebody else's.

A match that is held down scores at most 60: a person must look. No name alone can tell firms of one core apart, so what
else the two names say is compared: the place, the trade, and whether another firm of the register has as good a claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.names.model import CAP, CONFIRM, FirmName, Match, Normalised
from cases.names.normal import normalise
from cases.names.words import words

if TYPE_CHECKING:
    from cases.names.index import Entry

_ORDINARY = "an ordinary or short word"
_PROPER = "a name of persons or places"
_SHARED = "a spelling that many firms share"
SAME = "the same name"
SPELLED = "the same name and form written otherwise"
FORMLESS = "the same name but for its legal form"
CHINESE = "the same Chinese core"
ALIKE = "begins alike"
_PINYIN = ("the pinyin of its Chinese name", "its pinyin is the name")
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that held: the score it gives, what it says, and both compared forms."""

    entry: Entry
    score: int
    said: str
    ours: str
    theirs: str


class Known:
    """What all names of a firm together say of where it is and what it does."""

    def __init__(self) -> None:
        self._places: dict[str, frozenset[str]] = {}
        self._trades: dict[str, frozenset[str]] = {}

    def learn(self, name: FirmName, parts: Normalised) -> None:
        """Take in one more name."""
        if parts.places:
            self._places[name.firm_id] = self._places.get(name.firm_id, _NOTHING) | parts.places
        if parts.trades:
            self._trades[name.firm_id] = self._trades.get(name.firm_id, _NOTHING) | parts.trades

    def places(self, firm_id: str) -> frozenset[str]:
        """The places that the firm's names tell."""
        return self._places.get(firm_id, _NOTHING)

    def trades(self, firm_id: str) -> frozenset[str]:
        """The trades that the firm's names tell."""
        return self._trades.get(firm_id, _NOTHING)


def settle(found: Iterable[Found], party: Normalised, known: Known, *, is_sure: bool) -> list[Match]:
    """The best match of each firm for one name of a party, held down where the name cannot tell firms apart."""
    best: dict[str, tuple[int, Found, str]] = {}
    for one in found:
        doubt = _doubt(one, party, known) if one.score >= CONFIRM else ""
        if one.score >= CONFIRM and not doubt and not is_sure:
            doubt = "in a line that may name somebody else"
        score = CAP if doubt else one.score
        kept = best.get(one.entry.name.firm_id)
        if kept is None or score > kept[0]:
            best[one.entry.name.firm_id] = (score, one, doubt)
    rivals = _rivals(best, party, known)
    matches = []
    for firm_id, (score, one, doubt) in best.items():
        if firm_id in rivals:
            score, doubt = CAP, rivals[firm_id]
        matches.append(_match(one, score, doubt))
    return matches


def _match(found: Found, score: int, doubt: str) -> Match:
    said = f"{found.said}, {doubt}" if doubt else found.said
    sign = "=" if found.ours == found.theirs else "~"
    reason = f"{said}: {found.ours} {sign} {found.theirs}"
    return Match(
        found.entry.name.firm_id,
        score,
        "confirm" if score >= CONFIRM else "review",
        reason,
        found.entry.name.name,
    )


def _rivals(best: dict[str, tuple[int, Found, str]], party: Normalised, known: Known) -> dict[str, str]:
    """Firms of one register that a party cannot all be, with what is said of each that gives way."""
    sure: dict[str, dict[str, Found]] = defaultdict(dict)
    alike: dict[str, set[str]] = defaultdict(set)
    for firm_id, (score, one, _) in best.items():
        if score >= CONFIRM:
            sure[one.entry.name.register][firm_id] = one
        elif one.said == ALIKE and len(party.core) <= 1:
            # The party says no more than the word that this firm's name begins with, too.
            alike[one.entry.name.register].add(firm_id)
    out: dict[str, str] = {}
    for register, claims in sure.items():
        by_rule = ({f for f, one in claims.items() if one.said == said} for said in (SAME, SPELLED, FORMLESS))
        same = next((firms for firms in by_rule if firms), set())
        if same:
            out |= {f: "another firm has this very name" for f in claims if f not in same}
            continue
        all_that_claim = claims.keys() | alike[register]
        if len(all_that_claim) < 2:
            continue
        nearer = {f for f in all_that_claim if _is_nearer(f, party, known)}
        stays = nearer if len(nearer) == 1 else set()
        out |= {f: "several firms have it" for f in claims if f not in stays}
    return out


def _is_nearer(firm_id: str, party: Normalised, known: Known) -> bool:
    """Whether the party names a place or a trade of the firm's."""
    return bool(party.places & known.places(firm_id)) or bool(party.trades & known.trades(firm_id))


def _doubt(found: Found, party: Normalised, known: Known) -> str:
    """Why a good match is for a person to confirm; "" when it is not."""
    entry, said, theirs = found.entry, found.said, found.entry.parts
    if said == SAME:
        # A registered name is somebody's own; a bare brand that is a word is not.
        is_bare = entry.name.kind in ("brand", "shop") and theirs.exact == " ".join(theirs.core)
        return _ORDINARY if is_bare and not theirs.zh and _is_common(theirs) else ""
    if said == SPELLED:
        return _ORDINARY if theirs.plain == " ".join(theirs.core) and _is_common(theirs) else ""
    if said == FORMLESS:
        return _doubt_of_formless(theirs)
    if said == CHINESE:
        ordinary = _doubt_of_chinese(party, theirs)
    elif said in _PINYIN:
        ordinary = ""
    else:
        ordinary = _doubt_of_latin(party, theirs) or _doubt_of_proper(entry)
    return ordinary or _doubt_of_else(entry.name.firm_id, party, theirs, known)


def _doubt_of_formless(theirs: Normalised) -> str:
    """A name of three words, or of two with a place, is a firm's own though each word be ordinary."""
    if theirs.han:
        return "" if len(theirs.han) >= 4 or not _is_common_zh(theirs.zh) else _ORDINARY
    count = len(theirs.plain.split())
    if count >= 3 or (count == 2 and theirs.places):
        return ""
    return _ORDINARY if _is_common(theirs) else _shared(theirs)


def _doubt_of_chinese(party: Normalised, theirs: Normalised) -> str:
    if _is_common_zh(theirs.zh):
        return _ORDINARY
    if len(theirs.zh) == 2 and theirs.zh in words().han and not _say_the_same(party, theirs):
        return _SHARED
    return ""


def _doubt_of_latin(party: Normalised, theirs: Normalised) -> str:
    if theirs.is_bare_of_names or party.is_bare_of_names or _is_common(theirs):
        return _ORDINARY
    if len(theirs.joined) <= 4 and not _say_the_same(party, theirs):
        return _ORDINARY
    return _shared(theirs)


def _doubt_of_proper(entry: Entry) -> str:
    """A name of a person or a place is many firms' word, unless it is told to be this firm's brand."""
    if entry.name.kind in ("brand", "shop") or len(entry.parts.core) > 1:
        return ""
    return _PROPER if entry.parts.joined in words().proper else ""


def _shared(theirs: Normalised) -> str:
    return _SHARED if theirs.joined in words().pinyin else ""


def _say_the_same(party: Normalised, theirs: Normalised) -> bool:
    told = _told(party)
    return bool(told) and told == _told(theirs)


def _told(parts: Normalised) -> str:
    """All that is said but the form and the place; "" where that is only the core."""
    known = words()
    if parts.han:
        told = known.zh_places.sub("", parts.han)
        return told if told != parts.zh or len(told) >= 4 else ""
    said = [
        t
        for t in parts.plain.split()
        if t not in known.places and t not in known.generic and t not in known.geo
    ]
    return " ".join(said) if len(said) > len(parts.core) else ""


def _doubt_of_else(firm_id: str, party: Normalised, theirs: Normalised, known: Known) -> str:
    places = theirs.places or known.places(firm_id)
    if party.places and places and not party.places & (places | known.places(firm_id)):
        return "in another place"
    trades = theirs.trades | known.trades(firm_id)
    if party.trades and not party.trades & trades:
        if trades:
            return "of another trade"
        if len(theirs.core) <= 1 and len(theirs.zh) <= 2:
            return "of a trade that its names do not tell"
    if (party.trades or theirs.trades) and len(theirs.core) == 1:
        ours, own = _besides(party), _besides(theirs)
        return "of another trade" if ours and own and not ours & own else ""
    return ""


def _besides(parts: Normalised) -> set[str]:
    """The trades that a Latin name tells, in words."""
    return {t for t in parts.plain.split() if t in words().trades} - set(parts.core)


def _is_common(parts: Normalised) -> bool:
    """Whether a Latin core is very short or nothing but ordinary words."""
    if len(parts.joined) <= 3:
        return True
    known = words()
    return all(len(t) <= 1 or known.is_ordinary(t) for t in parts.core)


def _is_common_zh(core: str) -> bool:
    known = words()
    return len(core) < 2 or core in known.ordinary_zh or known.zh_only.fullmatch(core) is not None


def is_ordinary(name: str) -> bool:
    """Whether nothing is left of a name but an ordinary or very short word, so that it names nobody for certain."""
    parts = normalise(name)
    return _is_common_zh(parts.zh) if parts.zh else _is_common(parts)


def is_bare(name: str) -> bool:
    """Whether a name carries no legal form, trade or place: a brand, or a short way of writing a firm."""
    parts = normalise(name)
    return parts.exact.replace(" ", "") in (parts.zh, parts.joined)
