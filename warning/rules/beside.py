"""A region's name beside a body or an act of a forum: German court, court in Germany, 在美国被诉, 米国で提訴.

A firm's nationality is not its forum: 德国公司在美国法院 is American.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from warning.rules.engine import Found
from warning.rules.sentences import sentence_at

_FIRM = re.compile(
    r"公司|企业|企業|集团|品牌|商人|艺术家|大学|设计师|车企|药企|酒企|初创|同行|买家|权利人|厂商|巨头|卖家|\b(?:Corp|Inc|Ltd|GmbH|Co|compan\w+|firms?|makers?|giant)\b|株式会社|社[がはの]|メーカー"
)
_PLACE_BEFORE = re.compile(
    r"(?:[在于赴至到向遭]|\b(?:in|of|before|by|from|im|in den|in der|aus)(?: the)?\s)$", re.IGNORECASE
)
_PLACE_AFTER = re.compile(r"^(?:で|において|における|での|では|境内|当地|市场)")
#: 日本对中国产石墨电极征收: who acts against goods from China, with the goods between the State and what it does
_AGAINST = re.compile(r"^(?:对|就)(?:华|中国|我国|原产于|原产|来自|涉华|自|中企|从|进口|输)")
#: what a party does, of whatever nationality: it tells a forum only with a place (在韩国告赢), not with a name (韩国三星索赔)
_OF_PARTY = re.compile(
    r"索赔|告赢|胜出|递状|申请撤销|[被遭]索赔|停售|维权|提起无效|訴え|勝ち取|登録|差し止め|販売禁止|jailed|convicted|refuses",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\b(?:in|of|im|der|des|für)\b|在|の|於", re.IGNORECASE)
#: how far, in code points, a cue may stand from the name: right after it, and in the sentence of a place
_NEAR_CJK, _NEAR_LATIN, _NEAR_ACT, _FAR = 12, 24, 8, 60
#: how far the goods may push an act from its State
_GOODS = 30


class Beside:
    """Weighs the regions named in one text by the cues and acts around them."""

    def __init__(self, raw: str, cues: Sequence[Found], acts: Sequence[Found]) -> None:
        self._raw, self._cues, self._acts = raw, cues, acts

    def choose(self, regions: Sequence[tuple[Found, str]]) -> tuple[str, int, int] | None:
        """The region most often beside one, then the first: its code and the span of name and cue."""
        counts: dict[str, float] = {}
        first: dict[str, tuple[int, int]] = {}
        for weight, code, span in self._pairs(regions):
            counts[code] = counts.get(code, 0.0) + weight
            first.setdefault(code, span)
        if not counts:
            return None
        code = max(counts, key=lambda c: (counts[c], -first[c][0]))
        return code, *first[code]

    def _pairs(self, regions: Sequence[tuple[Found, str]]) -> Iterator[tuple[float, str, tuple[int, int]]]:
        for is_act, cues in ((False, self._cues), (True, self._acts)):
            taken: list[tuple[int, int, int, str, Found, Found]] = []
            for number, cue in enumerate(cues):
                for hit, code in regions:
                    rank = self._rank(hit, cue, is_act=is_act)
                    if rank is not None:
                        taken.append((number, rank, abs(hit.start - cue.start), code, hit, cue))
            # Each cue speaks for the one region nearest to it.
            best: dict[int, tuple[int, int, int, str, Found, Found]] = {}
            for pair in taken:
                if pair[0] not in best or pair[1:3] < best[pair[0]][1:3]:
                    best[pair[0]] = pair
            for _, _, _, code, hit, cue in best.values():
                yield (1.0 if is_act else 2.0), code, (min(hit.start, cue.start), max(hit.end, cue.end))

    def _rank(self, region: Found, cue: Found, *, is_act: bool) -> int | None:
        """0 right before the cue, 1 after it, 2 as its place; None when they have nothing to do with each other."""
        if region.start < cue.end and cue.start < region.end:
            return None
        raw = self._raw
        start, end = min(region.end, cue.end), max(region.start, cue.start)
        between = raw[start:end]
        if len(between) > _FAR or _FIRM.search(between):
            return None
        sentence = sentence_at(raw, region.start, region.end)
        if cue.start < sentence[0] or cue.end > sentence[1]:
            return None
        near = (
            _NEAR_ACT if is_act else (_NEAR_LATIN if raw[region.start : region.end].isascii() else _NEAR_CJK)
        )
        is_of_party = is_act and _OF_PARTY.fullmatch(raw[cue.start : cue.end]) is not None
        if is_act and _AGAINST.match(between) and len(between) <= _GOODS:
            return 0
        if (
            not is_of_party
            and region.end <= cue.start
            and len(between) <= near
            and not _FIRM.match(raw[region.end :])
        ):
            return 0
        if not is_act and cue.end <= region.start and len(between) <= near and _JOINS.search(between):
            return 1
        is_place = _PLACE_BEFORE.search(raw[max(0, region.start - 8) : region.start]) or _PLACE_AFTER.match(
            raw[region.end :]
        )
        return 2 if is_place else None
