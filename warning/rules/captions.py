"""Where a text names firms: an industry is that of the product or the right, never that in a party's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from warning.rules.engine import Hit, Prepared

_VERSUS = re.compile(r"^[^;:|\[\]\n]{2,200}?\s(?:v|vs)\.?\s[^;:|\[\]\n]{2,200}", re.IGNORECASE)
#: a class of defendants that a caption describes is no name: The Partnerships … on Schedule A
_CLASS = re.compile(
    r"\b(?:the )?(?:individuals|partnerships|unincorporated|operators|entities|persons) .{0,150}?\bSchedule\b",
    re.IGNORECASE,
)
_FORM = (
    r"Inc|LLC|L\.L\.C|Corp|Corporation|Co|Company|Ltd|Limited|GmbH|AG|KG|S\.?A|N\.?V|B\.?V|plc|L\.?P|LLP|K\.?K|Pty|Pte|"
    r"Technologies|Holdings|Group|Industries|Center|Centre|University|Union|Shop"
)
#: what follows a word that is part of a firm's name: at most three more capitalised words and a form
_GOES_ON = re.compile(
    rf"^(?:[\w'&.-]*(?:,?\s+(?:[A-Z][\w'&.-]*|&|and|of)){{0,3}}?,?\s+(?:{_FORM})\b)", re.IGNORECASE
)
#: what a word begins with that may be such a form
_FORM_STARTS = (
    "inc", "llc", "l.l.c", "corp", "co", "ltd", "limited", "gmbh", "ag", "kg", "sa", "s.a", "nv", "n.v", "bv", "b.v", "plc",
    "lp", "l.p", "llp", "kk", "k.k", "pty", "pte", "technologies", "holdings", "group", "industries", "cent", "university",
    "union", "shop",
)  # fmt: skip
_FORM_FIRST = frozenset(start[:2] for start in _FORM_STARTS)
_HAN_GOES_ON = re.compile(
    r"^[\u4e00-\u9fff]{0,6}?(?:股份|有限|责任)*(?:有限公司|股份公司)|^[\u3040-\u9fff]{0,6}株式会社"
)


class Names:
    """The names of firms in one record.

    Args:
        fields: the record's texts by name.
        parties: the names of its parties.
        known: spans of firms that are known by name (宁德新能源 speaks of no new energy), by field.
    """

    def __init__(
        self,
        fields: Mapping[str, Prepared],
        parties: Sequence[str],
        known: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    ) -> None:
        self._fields = fields
        self._known = known or {}
        self._parties = [re.escape(name) for name in parties if len(name) > 3]
        self._read: dict[str, _Field] = {}

    def _field(self, field: str) -> _Field:
        raw = self._fields[field].raw
        spans = (
            [m.span() for m in re.finditer("|".join(self._parties), raw, re.IGNORECASE)]
            if self._parties
            else []
        )
        if field == "title" and " v" in raw.lower() and (caption := _VERSUS.match(raw)):
            start, end = caption.span()
            described = _CLASS.search(raw, start)
            spans.append((start, min(end, described.start()) if described else end))
        has_han_form = "公司" in raw or "株式会社" in raw
        read = self._read[field] = _Field(raw, spans, self._known.get(field, ()), has_han_form)
        return read

    def hold(self, field: str, hit: Hit) -> bool:
        """Whether a hit is part of a firm's name."""
        _, start, end = hit
        raw, spans, known, has_han_form = self._read.get(field) or self._field(field)
        if spans and any(s < end and start < e for s, e in spans):
            return True
        # A name that is the word itself is a product as well: TikTok.
        if known and any(s <= start and end <= e and e - s > end - start for s, e in known):
            return True
        first = raw[start]
        if first > "\u3000":
            if not has_han_form:
                return False
            after = raw[end : end + 60]
            return ("公司" in after or "株式会社" in after) and bool(_HAN_GOES_ON.match(after))
        if not first.isupper():
            return False
        after = raw[end : end + 60]
        # The rest of the word itself, three more and the form: a test of their beginnings spares most the grammar.
        for word in after.lower().split(None, 5)[:5]:
            if word[:2] in _FORM_FIRST and word.startswith(_FORM_STARTS):
                return bool(_GOES_ON.match(after))
        return False


class _Field(NamedTuple):
    """One text, where its parties and known firms stand in it, and whether a Han form of firms does anywhere."""

    raw: str
    spans: Sequence[tuple[int, int]]
    known: Sequence[tuple[int, int]]
    has_han_form: bool
