"""Is it an IP case? Only what a source says in a structured field decides; everything else waits for staff."""

from __future__ import annotations

from cases.facts import RawCase
from crawlers.source import SourceSpec

#: natures of suit of the US civil cover sheet (JS 44) that are intellectual property:
#: 820 copyrights, 830 patent, 835 patent (ANDA), 840 trademark, 880 Defend Trade Secrets Act
IP_NATURES_OF_SUIT = frozenset({"820", "830", "835", "840", "880"})
#: origins of Federal Circuit appeals that are intellectual property: the USPTO, district courts (28 U.S.C. § 1295(a)(1)
#: gives it patent appeals only) and the ITC (section 337, § 1295(a)(6)); the others hear pay, veterans, contracts, duties
IP_ORIGINS = frozenset({"PTO", "DCT", "ITC"})


def is_ip(raw: RawCase, spec: SourceSpec) -> bool:
    """Whether the source shows ``raw`` to be an IP case.

    A nature of suit or an origin decides where the source gives one; otherwise a source that hears nothing but IP
    decides by being itself, and a candidates-only source never does.
    """
    if natures := raw.codes.get("nos"):
        return bool(IP_NATURES_OF_SUIT & {nature[:3] for nature in natures})
    if origins := raw.codes.get("origin"):
        return bool(IP_ORIGINS & set(origins))
    return not spec.candidates_only
