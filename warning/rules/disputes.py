"""Which of the dispute types that were heard a record is about.

What only stands beside a dispute gives way to it, as ``tests/quality/LABELLING.md`` has it: invalidity pleaded against a
claim of infringement, a licence that was refused before it, listings that an order took down, the bad faith in which a
domain name was registered, the infringement on which a customs office or the Commission acts. What the title says is
never given up for what only the text says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cases.taxonomy import Venue
from warning.rules.score import Scored

#: a text so long (code points) touches on much; what is found less than this share of the most found is touched on
LONG, _TOUCH = 3000, 0.2
#: words found so often are loud
LOUD = 3
_ITC = "v.us.itc"
_LAW = "dt.policy_change"
SECTION_337 = "dt.section_337"
_CUSTOMS = "dt.customs"
_INFRINGEMENTS = frozenset(
    {"dt.patent_infringement", "dt.trademark_infringement", "dt.design_infringement", "dt.copyright"}
)
_PARTS_OF_337 = _INFRINGEMENTS | {
    "dt.trade_secret",
    "dt.unfair_competition",
    "dt.validity",
    "dt.licensing_contract",
}
_OF_AN_OFFICE = frozenset({"dt.validity", "dt.tm_opposition_cancellation"})
_OFFICES_THAT_HEAR_INFRINGEMENT = frozenset({"v.mx.impi", "v.sa.saip", "v.co.sic"})
#: what stands beside a dispute -> the disputes it gives way to
_GIVES_WAY: Mapping[str, frozenset[str]] = {
    "dt.validity": frozenset({"dt.patent_infringement", "dt.design_infringement", "dt.copyright"}),
    "dt.tm_opposition_cancellation": frozenset({"dt.trademark_infringement"}),
    "dt.licensing_contract": _INFRINGEMENTS | {"dt.sep_frand"},
    "dt.trademark_squatting": frozenset({"dt.domain_name"}),
    "dt.trademark_infringement": frozenset({"dt.domain_name"}),
    "dt.platform_complaint": frozenset({"dt.tro_schedule_a", "dt.preliminary_injunction"}),
}


def headed(scored: Sequence[Scored]) -> frozenset[str]:
    """The dispute types that something beside the text says by itself, by any of their rules: a word in the title that
    is not enough does not."""
    return frozenset(
        [
            _type(s)
            for s in scored
            if s.is_firm
            and s.rule.emit[0] == "dispute_type"
            and any(e.field != "text" and e.weight >= s.rule.threshold for e in s.evidence)
        ]
    )


def disputes(
    scored: Sequence[Scored], length: int, venue: Venue | None, titled: frozenset[str]
) -> list[Scored]:
    """All of them that the record is about.

    Args:
        scored: one result for each dispute type that a rule heard, best first.
        length: of the text, in code points; of a long one only what it does not merely touch on counts.
        venue: the forum. An office that decides on rights does not hear their infringement, and the Commission hears no
            part of a section 337 investigation by itself.
        titled: the dispute types that :func:`headed` names.
    """
    if not scored:
        return []
    kept = list(scored)
    if _hears_no_infringement(venue) and any(_type(s) in _OF_AN_OFFICE for s in kept):
        kept = [s for s in kept if _type(s) not in _INFRINGEMENTS]
    kept = _without_parts_of_337(kept, venue)
    if any(s.is_firm and _type(s) == _LAW for s in kept):
        return [s for s in kept if s.is_firm and _type(s) not in _INFRINGEMENTS]
    if length >= LONG:
        kept = _not_touched_on(kept)
    kept = _without_grounds_of_customs(kept, venue)
    return _without_companions(kept, titled)


def grounds(scored: Sequence[Scored], kept: Sequence[Scored]) -> list[Scored]:
    """The infringements that were heard and not kept where a customs office acts: they name the right it acts on."""
    if all(_type(s) != _CUSTOMS for s in kept):
        return []
    return [s for s in scored if _type(s) in _INFRINGEMENTS and s not in kept]


def _type(result: Scored) -> str:
    return result.rule.emit[1]


def _hears_no_infringement(venue: Venue | None) -> bool:
    return venue is not None and venue.type == "ip_office" and venue.id not in _OFFICES_THAT_HEAR_INFRINGEMENT


def _without_parts_of_337(scored: list[Scored], venue: Venue | None) -> list[Scored]:
    """Before the Commission not the infringement and the defences that a section 337 investigation consists of, unless
    the title speaks of them and not of the investigation."""
    named = next((s for s in scored if _type(s) == SECTION_337), None)
    if named is None or not (named.is_firm or (venue is not None and venue.id == _ITC)):
        return scored
    return [s for s in scored if _type(s) not in _PARTS_OF_337 or (s.is_firm and not named.is_firm)]


def _without_grounds_of_customs(scored: list[Scored], venue: Venue | None) -> list[Scored]:
    """Goods that a customs office stops are told as that; whose right they infringe is another dispute only where a
    court is asked."""
    if venue is not None and venue.type == "court":
        return scored
    if all(_type(s) != _CUSTOMS for s in scored):
        return scored
    return [s for s in scored if _type(s) not in _INFRINGEMENTS]


def _not_touched_on(scored: list[Scored]) -> list[Scored]:
    loudest = max((s.times for s in scored), default=0)
    return [
        s
        for s in scored
        if s.is_firm
        or s.times >= max(LOUD, loudest * _TOUCH)
        or (s.rule.near and s.times >= loudest * _TOUCH)
    ]


def _without_companions(scored: list[Scored], titled: frozenset[str]) -> list[Scored]:
    """Neither what gives way to a dispute and is not in the title, nor a dispute that only the text speaks of where the
    title speaks of what would give way to it."""
    if len(scored) < 2:
        return scored
    of = {_type(s) for s in scored}
    gone: set[str] = set()
    for companion, disputes_ in _GIVES_WAY.items():
        mains = disputes_ & of
        if companion not in of or not mains:
            continue
        if companion not in titled:
            gone.add(companion)
        elif companion in _OF_AN_OFFICE:
            gone.update(mains - titled)
    return [s for s in scored if _type(s) not in gone]
