"""Working days of the forums, by the maintained ``holidays`` library.

Where the forum's own closing days are not known for certain, fewer days are closed here than there: a last day then
stays where it is, which is the earlier and the safe date.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import holidays

from cases.taxonomy import Venue
from cases.taxonomy.zones import us_state
from core.errors import BadInput

#: whether the forum works on a day
Works = Callable[[date], bool]
#: what ``calendar`` of a roll may say
CALENDARS = frozenset(
    {"none", "us.federal", "us.court", "epo", "de", "seat.upc", "seat.eu", "gb", "fr", "jp.office"}
)
#: calendars of forums that sit in several places
SEATED = frozenset({"de", "seat.upc", "seat.eu"})
#: days the library counts among Texas's public holidays that a State employee may choose (Tex. Gov't Code 662.003(c))
_OPTIONAL = {"TX": frozenset({"Good Friday", "Cesar Chavez Day"})}


@cache
def _holidays(country: str, subdivision: str | None = None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def _is_state_holiday(state: str, day: date) -> bool:
    name = _holidays("US", state).get(day)
    return name is not None and name not in _OPTIONAL.get(state, ())


def _epo_is_closed(day: date) -> bool:
    """What every notice of closing days from 2015 on has closed in all filing offices: see roll ``epc`` for them. Days on
    which one office alone is closed (Epiphany, King's Day …) differ from year to year and are left out."""
    return day in _holidays("DE") or (day.month == 12 and day.day >= 24)


def _jpo_is_closed(day: date) -> bool:
    """Act on Holidays of Administrative Organs, Art. 1: holidays and 29 December to 3 January."""
    return day in _holidays("JP") or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def calendar_of(name: str, venue: Venue, seat: str | None = None) -> Works:
    """The working days of ``venue`` by the calendar ``name`` of a roll.

    Args:
        seat: where a forum of several places sits, as ISO 3166 (DE, DE-BY, FR): the division, the Land, the customs
            office's State. Without it only days that are closed in each of them are.

    Raises BadInput for a seat the library does not know.
    """
    if name == "us.court" and (state := us_state(venue)):
        # FRCP 6(a)(6)(C): for a period after an event, a holiday of the State where the district court sits counts too.
        return lambda day: not (_is_weekend(day) or day in _holidays("US") or _is_state_holiday(state, day))
    closed: Callable[[date], bool]
    if name in ("us.federal", "us.court"):
        closed = _holidays("US").__contains__
    elif name == "epo":
        closed = _epo_is_closed
    elif name == "jp.office":
        closed = _jpo_is_closed
    elif name in SEATED:
        closed = _seat_holidays("DE" if name == "de" else None, seat)
    elif name == "gb":
        closed = _holidays("GB", "ENG").__contains__
    elif name == "fr":
        closed = _holidays("FR").__contains__
    else:
        closed = lambda day: False  # noqa: E731 - weekends alone
    return lambda day: not (_is_weekend(day) or closed(day))


def _seat_holidays(country: str | None, seat: str | None) -> Callable[[date], bool]:
    if seat is None:
        return _holidays(country).__contains__ if country else lambda day: False
    told, _, part = seat.upper().partition("-")
    try:
        if country and told != country:
            raise NotImplementedError
        return _holidays(told, part or None).__contains__
    except NotImplementedError as error:
        raise BadInput(
            f"{seat!r} is no place whose holidays are known for this forum.",
            fix="Write the ISO 3166 code of the country or of its part, like DE, DE-BY or FR.",
        ) from error
