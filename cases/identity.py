"""When two descriptions are the same case: forum and docket number, in one comparable form."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from core.text import collapse, fold

#: office:year-type-number as CM/ECF prints it, with or without office, judges' initials and zero padding
_US_DISTRICT = re.compile(r"^(?:(\d+):)?(\d{2,4})-([a-z]{2,4})-(\d{1,6})(?:-[a-z0-9-]+)?$")
#: 337-TA-1458 as the ITC prints it, 337-1458 as EDIS does, with what may stand around it
_ITC = re.compile(
    r"^(?:inv(?:estigation|s)?s?\.?)?(?:nos?\.?)?(?:ta-)?(\d{3})-(?:ta-)?0*(\d{1,5})(?:\([^()]*\))?$"
)
#: a complaint before institution has a docket number only; EDIS writes Docket No. 3673 as 337-3673
_ITC_DOCKET = re.compile(r"^(?:docket|dn)(?:nos?\.?|number)?[-.:]?0*(\d{3,5})$")
_PTAB = re.compile(r"^(?:case)?(?:nos?\.?)?(ipr|pgr|cbm|der)(\d{4})-?0*(\d{1,5})$")
#: UPC_CFI_123/2024, UPC-CFI-0000123/2024, UPC CFI 123/2024; and the numbers of single actions, ACT_551054/2023
_UPC = re.compile(r"^(?:case)?(?:nos?\.?)?upc[-_]?(cfi|coa)[-_]?0*(\d+)/(\d{4})$")
_UPC_ACTION = re.compile(r"^(act|apl|app|ord|cc|pr)[-_]?0*(\d+)/(\d{4})$")
#: neutral citations: [2022] EWHC 941 (IPEC), [2025] EWCA Civ 673, [2022] UKSC 14
_NEUTRAL = re.compile(
    r"^[\[(]?(\d{4})[\])]?(uksc|ukpc|ewca|ewhc|csih|csoh|nich|nica)(civ|crim)?0*(\d{1,5})(?:\(?([a-z]+)\)?)?$"
)
_NOT_WORD = re.compile("[^0-9a-z\u0080-\U0010ffff]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))


def docket_key(venue: str, docket_number: str) -> str:
    """The comparable form of a docket number at ``venue``: folded, without spaces, judges' initials or zero padding,
    and the same however the forum's own sources spell it.

    >>> docket_key("v.us.ded", "1:09-cv-00189-GMS")
    '1:09-cv-189'
    >>> docket_key("v.us.itc", "337-1458") == docket_key("v.us.itc", "Inv. No. 337-TA-1458")
    True
    """
    plain = re.sub(r"\s+", "", fold(docket_number).translate(_DASHES))
    if venue == "v.us.itc":
        return _itc_key(plain)
    if venue == "v.us.ptab" and (match := _PTAB.match(plain)):
        return f"{match[1]}{match[2]}-{int(match[3]):05d}"
    if venue == "v.upc":
        return _upc_key(plain)
    if venue.startswith("v.gb.") and (match := _NEUTRAL.match(plain)):
        year, court, part, number, division = match.groups()
        return f"[{year}]{court}{part or ''}{number}{f'({division})' if division else ''}"
    if venue.startswith("v.us.") and (match := _US_DISTRICT.match(plain)):
        office, year, kind, number = match.groups()
        return f"{office + ':' if office else ''}{year[-2:]}-{kind}-{int(number)}"
    return plain


def _itc_key(plain: str) -> str:
    if match := _ITC.match(plain):
        return f"{match[1]}-ta-{match[2]}"
    if match := _ITC_DOCKET.match(plain):
        return f"337-ta-{match[1]}"
    return plain


def _upc_key(plain: str) -> str:
    if match := _UPC.match(plain):
        return f"upc_{match[1]}_{match[2]}/{match[3]}"
    if match := _UPC_ACTION.match(plain):
        return f"{match[1]}_{match[2]}/{match[3]}"
    return plain


def party_key(name: str, role: str) -> str:
    """The comparable form of a party: its role and its folded name without punctuation."""
    words = _NOT_WORD.sub(" ", fold(collapse(name))).strip()
    return f"{role}:{words}"


def event_key(on: date | None, kind: str, text: str) -> str:
    """A digest that stays the same while date, kind and words stay the same (white space aside)."""
    content = f"{on.isoformat() if on else ''}\n{fold(collapse(kind))}\n{fold(collapse(text))}"
    return hashlib.sha256(content.encode()).hexdigest()[:32]
