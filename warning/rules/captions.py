"""Where a text names firms: an industry is that of the product or the right, never that in a party's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from warning.rules.engine import Found, Prepared

_VERSUS = re.compile(r"^[^;:|\[\]\n]{2,200}?\s(?:v|vs)\.?\s[^;:|\[\]\n]{2,200}", re.IGNORECASE)
_FORM = (
    r"Inc|LLC|L\.L\.C|Corp|Corporation|Co|Company|Ltd|Limited|GmbH|AG|KG|S\.?A|N\.?V|B\.?V|plc|L\.?P|LLP|K\.?K|Pty|Pte|"
    r"Technologies|Holdings|Group|Industries|Center|Centre|University|Union|Shop"
)
#: what follows a word that is part of a firm's name: at most three more capitalised words and a form
_GOES_ON = re.compile(
    rf"^(?:[\w'&.-]*(?:,?\s+(?:[A-Z][\w'&.-]*|&|and|of)){{0,3}}?,?\s+(?:{_FORM})\b)", re.IGNORECASE
)
_HAN_GOES_ON = re.compile(
    r"^[\u4e00-\u9fff]{0,6}?(?:股份|有限|责任)*(?:有限公司|股份公司)|^[\u3040-\u9fff]{0,6}株式会社"
)


class Names:
    """The names of firms in one record."""

    def __init__(self, fields: Mapping[str, Prepared], parties: Sequence[str]) -> None:
        self._fields = fields
        self._spans: dict[str, list[tuple[int, int]]] = {}
        wanted = [re.escape(name) for name in parties if len(name) > 3]
        pattern = re.compile("|".join(wanted), re.IGNORECASE) if wanted else None
        for field, prepared in fields.items():
            spans = [m.span() for m in pattern.finditer(prepared.raw)] if pattern else []
            if field == "title" and " v" in prepared.raw.lower() and (caption := _VERSUS.match(prepared.raw)):
                spans.append(caption.span())
            self._spans[field] = spans

    def hold(self, field: str, hit: Found) -> bool:
        """Whether a hit is part of a firm's name."""
        if any(s < hit.end and hit.start < e for s, e in self._spans[field]):
            return True
        raw = self._fields[field].raw
        after = raw[hit.end : hit.end + 60]
        if raw[hit.start].isupper():
            return bool(_GOES_ON.match(after))
        return raw[hit.start] > "\u3000" and bool(_HAN_GOES_ON.match(after))
