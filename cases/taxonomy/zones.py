"""Whose clock a forum keeps: the IANA zone of every venue, and the State a federal district court of the US sits in."""

from __future__ import annotations

from cases.taxonomy.model import Venue

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    f"America/{city}" for city in ("New_York", "Chicago", "Denver", "Los_Angeles")
)
#: the clock of a court's clerk, by the first letters of its code: longest first, Eastern where nothing is said
_ZONES = {
    **dict.fromkeys(("al", "ar", "ia", "il", "ks", "la", "mn", "mo", "ms", "nd", "ne", "ok", "sd", "tx", "wi"), _CENTRAL),
    **dict.fromkeys(("tnm", "tnw", "ca5", "ca7", "ca8"), _CENTRAL),
    **dict.fromkeys(("co", "mt", "nm", "ut", "wy", "ca10"), _MOUNTAIN),
    **dict.fromkeys(("ca", "nv", "or", "wa", "ca9"), _PACIFIC),
    **dict.fromkeys(("ca1", "ca2", "ca3", "ca4", "ca6", "ca11", "cadc", "cafc", "cofc"), _EASTERN),
    "ak": "America/Anchorage",
    "az": "America/Phoenix",
    "gu": "Pacific/Guam",
    "hi": "Pacific/Honolulu",
    "id": "America/Boise",
    "nmi": "Pacific/Guam",
    "pr": "America/Puerto_Rico",
    "vi": "America/Puerto_Rico",
}  # fmt: skip

#: the zone of a region's forums, by the region's id; for a Union body that of its seat
_REGION_ZONES = {
    "cty.us": _EASTERN,
    "jur.upc": "Europe/Luxembourg",
    "jur.epo": "Europe/Berlin",
    "jur.euipo": "Europe/Madrid",
    "jur.cjeu": "Europe/Luxembourg",
    "jur.wipo": "Europe/Zurich",
    "grp.eu27": "Europe/Brussels",
    "cty.de": "Europe/Berlin",
    "cty.gb": "Europe/London",
    "cty.fr": "Europe/Paris",
    "cty.nl": "Europe/Amsterdam",
    "cty.it": "Europe/Rome",
    "cty.es": "Europe/Madrid",
    "cty.ru": "Europe/Moscow",
    "cty.tr": "Europe/Istanbul",
    "cty.jp": "Asia/Tokyo",
    "cty.kr": "Asia/Seoul",
    "cty.in": "Asia/Kolkata",
    "cty.sg": "Asia/Singapore",
    "cty.th": "Asia/Bangkok",
    "cty.vn": "Asia/Ho_Chi_Minh",
    "cty.id": "Asia/Jakarta",
    "cty.my": "Asia/Kuala_Lumpur",
    "cty.au": "Australia/Sydney",
    "reg.hk": "Asia/Hong_Kong",
    "reg.tw": "Asia/Taipei",
    "cty.br": "America/Sao_Paulo",
    "cty.mx": "America/Mexico_City",
    "cty.ca": "America/Toronto",
    "cty.co": "America/Bogota",
    "cty.ae": "Asia/Dubai",
    "cty.sa": "Asia/Riyadh",
}
#: offices and agencies of the US, whose ids are no codes of courts: they sit in Washington
_NO_COURT = frozenset({"itc", "ptab", "ttab", "cbp", "doj", "ustr", "scotus", "cit", "jpml"})


def us_court_zone(code: str) -> str:
    """The IANA zone of a court's clerk. A court whose district spans two zones keeps that of its seat."""
    for length in (4, 3, 2):
        # Longest first: "ca" is California, and the circuits ca1 … cafc are listed whole.
        if zone := _ZONES.get(code[:length]):
            return zone
    return _EASTERN


def zone_of_venue(venue: Venue) -> str:
    """The IANA zone of a forum; UTC for one that sits nowhere (a marketplace of no region)."""
    code = venue.id.rsplit(".", 1)[-1]
    if venue.region == "cty.us" and venue.type == "court" and code not in _NO_COURT:
        return us_court_zone(code)
    return _REGION_ZONES.get(venue.region or "", "UTC")


def us_state(venue: Venue) -> str | None:
    """The State or territory (USPS letters) a federal district court sits in; None for any other forum."""
    code = venue.id.rsplit(".", 1)[-1]
    if venue.region != "cty.us" or venue.type != "court" or code in _NO_COURT or not code.endswith("d"):
        return None
    return "MP" if code == "nmid" else code[:2].upper()
