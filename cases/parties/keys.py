"""The key of a party's name, and whether the name is an organisation's. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from cases.names import is_form, normalise, split_aliases
from core.text import collapse, fold

#: characters of a key at most; a longer line is no party's name
LONGEST = 300
#: what the name of an organisation without a legal form holds
_BODIES = re.compile(
    r"\b(?:universit\w*|institut\w*|college|school|academy|hospital|clinic|bank|foundation|association|society|union|"
    r"council|commission|committee|authority|agency|department|ministry|office|bureau|board|court|government|republic|"
    r"kingdom|united states|city of|county of|state of|trust|fund|group|holdings?|partners(?:hip)?|company|"
    r"technolog\w*|industr\w*|electronics?|systems?|solutions?|laborator\w*|pharma\w*|motors?|brands?|"
    r"international|enterprises?|hochschule|stiftung|verein|verband|werke?)\b"
    r"|大学|学院|學院|研究所|研究院|研究机构|医院|銀行|银行|基金|协会|協會|学会|委员会|管理局|特許庁|公社|政府|公司|集团|集團|株式会社|工厂|商行"
)
#: whom a suit does not name
_UNNAMED = re.compile(
    r"\b(?:schedule|exhibit|annex|appendix)\s+[\"'“”]?[a-z0-9]{1,2}\b|\bjohn does?\b|\bdoes?\s+\d|\bunincorporated associations?\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=100_000)
def key_of(name: str) -> str:
    """The key under which a party of this name stands: its first name, forms spelled one way. At most
    :data:`LONGEST` printable characters; empty for a name without any."""
    first = (split_aliases(name) or [name])[0]
    taken = normalise(first)
    key = taken.key or taken.exact or fold(collapse(name))
    return "".join(letter for letter in key if letter.isprintable())[:LONGEST].strip()


@lru_cache(maxsize=100_000)
def is_organisation(name: str) -> bool:
    """Whether the name says that it is an organisation's: a legal form, or a word that only organisations bear.

    A name that does not say so may be a person's, of whom no page is shown to the public.
    """
    if _UNNAMED.search(name):
        return False
    first = (split_aliases(name) or [name])[0]
    folded = fold(first)
    # A form of two letters (SA, AG, NV) counts only at the end of a name of several words.
    words = [w.strip(".,()") for w in folded.replace(",", " ").split()]
    if len(words) > 1 and (
        is_form(words[-1].replace(".", "")) or any(is_form(w) for w in words if len(w) > 2)
    ):
        return True
    taken = normalise(first)
    return bool(_BODIES.search(folded)) or (bool(taken.han) and taken.han != taken.key)


def is_unnamed(name: str) -> bool:
    """Whether the line stands for parties that the suit does not name: those on a schedule, John Doe."""
    return bool(_UNNAMED.search(name))
