"""When two descriptions are the same case: forum and docket number, in one comparable form."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from core.text import collapse, fold

#: office:year-type-number as CM/ECF prints it, with or without office, judges' initials and zero padding
_US_DISTRICT = re.compile(r"^(?:(\d+):)?(\d{2,4})-([a-z]{2,4})-(\d{1,6})(?:-[a-z0-9-]+)?$")
_NOT_WORD = re.compile("[^0-9a-z\u0080-\U0010ffff]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))


def docket_key(venue: str, docket_number: str) -> str:
    """The comparable form of a docket number at ``venue``: folded, without spaces, judges' initials or zero padding.

    >>> docket_key("v.us.ded", "1:09-cv-00189-GMS")
    '1:09-cv-189'
    """
    plain = re.sub(r"\s+", "", fold(docket_number).translate(_DASHES))
    if venue.startswith("v.us."):
        match = _US_DISTRICT.match(plain)
        if match:
            office, year, kind, number = match.groups()
            return f"{office + ':' if office else ''}{year[-2:]}-{kind}-{int(number)}"
    return plain


def party_key(name: str, role: str) -> str:
    """The comparable form of a party: its role and its folded name without punctuation."""
    words = _NOT_WORD.sub(" ", fold(collapse(name))).strip()
    return f"{role}:{words}"


def event_key(on: date | None, kind: str, text: str) -> str:
    """A digest that stays the same while date, kind and words stay the same (white space aside)."""
    content = f"{on.isoformat() if on else ''}\n{fold(collapse(kind))}\n{fold(collapse(text))}"
    return hashlib.sha256(content.encode()).hexdigest()[:32]
