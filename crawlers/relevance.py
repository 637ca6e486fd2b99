"""Is it an IP case? Only what a source says in a structured field decides; everything else waits for staff."""

from __future__ import annotations

import re

from cases.facts import RawCase
from crawlers.source import SourceSpec

#: natures of suit of the US civil cover sheet (JS 44) that are intellectual property:
#: 820 copyrights, 830 patent, 835 patent (ANDA), 840 trademark, 880 Defend Trade Secrets Act
IP_NATURES_OF_SUIT = frozenset({"820", "830", "835", "840", "880"})
#: origins of Federal Circuit appeals that are intellectual property: the USPTO, district courts (patent suits, 28 U.S.C.
#: § 1295(a)(1)) and the ITC (section 337, § 1295(a)(6)); the others hear pay, veterans, contracts, duties
IP_ORIGINS = frozenset({"PTO", "DCT", "ITC"})
#: kinds of ITC investigation that are intellectual property: unfair imports, 19 U.S.C. § 1337. The others are trade
#: remedies (701, 731, 751), safeguards (201, 421) and studies (332)
IP_INVESTIGATIONS = frozenset({"337"})
#: courts of England and Wales that hear nothing but intellectual property, as the National Archives code them: by the
#: neutral citation, and by the list of the Business and Property Courts
IP_COURTS = frozenset(
    {
        "ewhc/pat",
        "ewhc/ipec",
        "ewhc-chancery-patents",
        "ewhc-chancery-ipec",
        "ewhc-chancery-intellectualproperty",
    }
)
#: the one other matter that comes from district courts: small claims against the United States, § 1295(a)(2). Patent
#: suits against it begin in the Court of Federal Claims (28 U.S.C. § 1498(a))
_UNITED_STATES = re.compile(
    r"^(?:the )?(?:US|USA|UNITED STATES(?: OF AMERICA)?|(?:U\.?S\.? )?DEPARTMENT OF .*)$", re.IGNORECASE
)


def is_ip(raw: RawCase, spec: SourceSpec) -> bool:
    """Whether the source shows ``raw`` to be an IP case.

    A nature of suit, an origin, a kind of investigation or a court decides where the source gives one; otherwise a
    source that hears nothing but IP decides by being itself, and a candidates-only source never does.
    """
    if natures := raw.codes.get("nos"):
        return bool(IP_NATURES_OF_SUIT & {nature[:3] for nature in natures})
    if origins := raw.codes.get("origin"):
        is_little_claim = set(origins) == {"DCT"} and any(
            p.role == "defendant" and _UNITED_STATES.match(p.name) for p in raw.parties
        )
        return bool(IP_ORIGINS & set(origins)) and not is_little_claim
    if kinds := raw.codes.get("investigation"):
        return bool(IP_INVESTIGATIONS & set(kinds))
    if courts := raw.codes.get("court"):
        return bool(IP_COURTS & set(courts))
    return not spec.candidates_only
