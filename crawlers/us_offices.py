"""United States offices, as they write alike: investigation numbers of the ITC, patent numbers, lists of firms, places."""

from __future__ import annotations

import re
from functools import cache

from cases.facts import RawRight
from cases.taxonomy import load_taxonomy
from core.text import collapse
from crawlers.feeds import line
from crawlers.us_courts import COUNTRIES, STATES

ITC = "v.us.itc"

#: From here a number after 337- is a complaint's docket number, not an investigation's. In September 2026 dockets stood
#: at 3936 and investigations at 1500, and some sixty are instituted a year.
FIRST_DOCKET = 2_000
_INVESTIGATION = re.compile(
    r"(?<![\d-])(337|701|731|332|201|204|421|751|131|103|753)-(?:TA-(\d{1,5})(?!\d)|(\d{1,5})(?![\d-]))",
    re.IGNORECASE,
)
#: kinds whose numbers are printed with TA
_WITH_TA = frozenset({"337", "701", "731"})
_DOCKET = re.compile(r"\b(?:DN|D\.N\.|Docket(?: No\.?| Number)?)[ :.-]*(\d{4})\b", re.IGNORECASE)

_PATENT = re.compile(
    r"^(?:U\.?S\.?\s*)?(?:pat(?:ent)?\.?\s*)?(?:nos?\.?\s*)?(D|RE|PP)?\s*([\d,]{5,10})(?:\s*[A-Z]\d?)?$",
    re.IGNORECASE,
)
#: "U.S. Patent No. 6,945,952", "Patent Nos. 9,548,839; 11,659,503 and D579,868"
_PATENTS = re.compile(
    r"\bpatents?\s+(?:nos?\.?|numbers?|no\(s\)\.?)\s*((?:(?:U\.?S\.?\s*)?(?:RE|PP|D)?\s?\d{1,3},\d{3}(?:,\d{3})?|[\s,;&]|\band\b)+)",
    re.IGNORECASE,
)
_ONE_PATENT = re.compile(r"(?<![A-Za-z\d,])(RE|PP|D)?\s?(\d{1,3},\d{3}(?:,\d{3})?)(?!\d)", re.IGNORECASE)

#: how a firm's name ends; what follows is another firm
_FORM = (
    r"(?:Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|LLC|L\.L\.C|LLP|LLLP|LP|L\.P|L\.C|plc|GmbH|AG|SE|KG|"
    r"S\.A|SA|SAS|SASU|S\.A\.S|S\.p\.A|SpA|S\.r\.l|Srl|B\.V|BV|N\.V|NV|AB|A/S|ApS|Oy|Oyj|AS|K\.K|Pty|Pte|Sdn|Bhd|"
    r"S\.à r\.l|Trust|University|USA)"
)
_ENDS_FIRM = re.compile(rf"(?:\b|^){_FORM}\.?\)?$", re.IGNORECASE)
_BEGINS_WITH_FORM = re.compile(rf"^{_FORM}\b", re.IGNORECASE)
_BETWEEN = re.compile(r"(\s*;\s*(?:and\s+)?|\s*,\s*and\s+|\s+and\s+|\s*,\s*)")
_ET_AL = re.compile(r"[\s,;]+et\.?\s*al\.?,?$", re.IGNORECASE)

_MORE_PLACES = {
    "korea": "KR",
    "korea, south": "KR",
    "korea, republic of": "KR",
    "united states of america": "US",
    "usa": "US",
    "puerto rico": "US",
    "district of columbia": "US",
    "england": "GB",
    "scotland": "GB",
    "great britain": "GB",
    "british virgin islands": "VG",
    "virgin islands, british": "VG",
    "cayman islands": "KY",
    "people's republic of china": "CN",
    "china, people's republic of": "CN",
    "czech republic": "CZ",
    "viet nam": "VN",
    "bermuda": "BM",
    "russian federation": "RU",
}  # fmt: skip


def investigation(text: str) -> tuple[str, str] | None:
    """(number, kind) of the first ITC investigation ``text`` names, or None.

    An instituted one is 337-TA-1458 however it is written; a complaint that waits is 337-3673, by its docket number.

    >>> investigation("337-1458"), investigation("731-1103")
    (('337-TA-1458', '337'), ('731-TA-1103', '731'))
    """
    return next(iter(investigations(text)), None)


def investigations(text: str) -> list[tuple[str, str]]:
    """Every ITC investigation ``text`` names, each once, in order."""
    told: dict[tuple[str, str], None] = {}
    for kind, with_ta, bare in _INVESTIGATION.findall(text[:20_000]):
        number = with_ta or bare
        if int(number):
            told[_printed(kind, number), kind] = None
    return list(told)


def numbered(field: str) -> tuple[str, str] | None:
    """(number, kind) of a field that holds one investigation's number and nothing else, of whatever kind; or None."""
    match = re.fullmatch(r"(\d{3})-(?:TA-)?(\d{1,5})", collapse(field), re.IGNORECASE)
    return (_printed(match[1], match[2]), match[1]) if match and int(match[2]) else None


def _printed(kind: str, number: str) -> str:
    if kind == "337" and int(number) >= FIRST_DOCKET:
        return f"337-{int(number)}"
    return f"{kind}-TA-{int(number)}" if kind in _WITH_TA else f"{kind}-{number}"


def docket_of(number: str) -> str | None:
    """A complaint's docket number (``3866``, ``DN 3866``) as EDIS writes it, 337-3866; None where it is none."""
    match = re.fullmatch(r"(?:337-)?0*(\d{4,5})", number.strip()) or _DOCKET.search(number)
    return f"337-{match.group(1)}" if match and int(match.group(1)) >= FIRST_DOCKET else None


def patent(number: str) -> RawRight | None:
    """A US patent by its number, however it is written: US 11,329,655, and the design US D579,868.

    >>> patent("11329655"), patent("D579868")
    (RawRight(kind='patent', number='US 11,329,655'), RawRight(kind='design', number='US D579,868'))
    """
    match = _PATENT.match(collapse(number)[:40])
    if match is None:
        return None
    letters, digits = (match.group(1) or "").upper(), match.group(2).replace(",", "")
    # Six digits without a letter are an application's or a misprint.
    if not digits.isdigit() or not (7 <= len(digits) <= 8 if not letters else 4 <= len(digits) <= 7):
        return None
    return RawRight("design" if letters == "D" else "patent", f"US {letters}{int(digits):,}")


def patents_in(text: str) -> tuple[RawRight, ...]:
    """The US patents a text names behind the words that say what they are, each once."""
    found: dict[RawRight, None] = {}
    for listed in _PATENTS.finditer(text[:60_000]):
        for letters, digits in _ONE_PATENT.findall(listed.group(1)):
            if right := patent(f"{letters}{digits}"):
                found[right] = None
    return tuple(found)


def firms(listed: str) -> list[str]:
    """The firms of a list in words: "A, Inc., B Corporation and C LLC" is three, "Smith and Nephew, Inc." one.

    A list is parted only where a name has ended with its legal form: two firms told as one are found all the same,
    and half a name is nobody's.
    """
    pieces = _BETWEEN.split(collapse(_ET_AL.sub("", listed[:10_000])))
    names = [pieces[0]]
    for between, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        is_next = ";" in between or (_ENDS_FIRM.search(names[-1]) and not _BEGINS_WITH_FORM.match(piece))
        if is_next:
            names.append(piece)
        else:
            names[-1] += between + piece
    return [name for part in names if (name := line(part.strip(" ,;"), 500))]


def country_at(place: str) -> str | None:
    """The country in which a place of an address lies (ISO 3166 alpha-2); None where it names none.

    A State of the Union is looked for first: Georgia is one here.
    """
    whole = collapse(place).strip(" .,").casefold().removeprefix("the ")
    last = whole.rsplit(",", 1)[-1].strip().removeprefix("the ")
    for name in (whole, last):
        if name in _states():
            return "US"
        if code := _MORE_PLACES.get(name) or _countries().get(name) or COUNTRIES.get(name):
            return code
    return None


def places() -> frozenset[str]:
    """Every name :func:`country_at` knows, in small letters."""
    return _states() | _MORE_PLACES.keys() | _countries().keys() | COUNTRIES.keys()


@cache
def _states() -> frozenset[str]:
    return frozenset(state.casefold() for state in STATES)


@cache
def _countries() -> dict[str, str]:
    """The taxonomy's English names of places; its supranational offices are none."""
    names: dict[str, str] = {}
    for region in load_taxonomy().regions.values():
        if region.id.startswith(("cty.", "reg.")) and len(region.code) == 2:
            for name in (region.en, *region.aliases.get("en", ())):
                names.setdefault(name.casefold(), region.code)
    return names
