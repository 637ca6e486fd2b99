"""What of a matter may not stand in a text that everybody reads. Pure.

A name counts whatever the case, the spaces and the marks between its letters; a company's also without its legal form and
place; a number also with other marks between its digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_BETWEEN = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
#: what firms have in common, taken away to find what is their own
_COMMON = re.compile(
    r"(股份有限公司|有限责任公司|集团有限公司|有限公司|集团|公司)$|\b(co|ltd|inc|llc|corp|corporation|company|limited|gmbh|plc|bv|sa|ag|kg)\b\.?",
    re.IGNORECASE,
)
#: a telephone number or an e-mail address, whosever it is
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"
)
#: shorter than this, what is left of a name is a word like any other
_LEAST_HAN, _LEAST_LATIN, _LEAST_DIGITS = 2, 4, 5


@dataclass(frozen=True)
class Found:
    """Something of the matter that stands in a text: which section, of what kind, and as it was known."""

    section: str
    kind: str
    known: str


def _forms(name: str) -> set[str]:
    """A name as it may be written: whole, and without what firms have in common."""
    bare = _COMMON.sub(" ", name.strip().rstrip("."))
    return {form for form in (_folded(name), _folded(bare)) if _is_own(form)}


def _folded(text: str) -> str:
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _is_own(form: str) -> bool:
    letters = form.replace(" ", "")
    if letters.isdigit():
        return len(letters) >= _LEAST_DIGITS
    han = sum("\u3400" <= char <= "\u9fff" for char in letters)
    return han >= _LEAST_HAN or len(letters) >= _LEAST_LATIN


def _pattern(form: str) -> re.Pattern[str]:
    """Finds a folded form in folded text: spaces anywhere between its letters; Latin and digits as whole words."""
    letters = form.replace(" ", "")
    inner = " ?".join(re.escape(char) for char in letters)
    left = "(?<![0-9a-z])" if letters[0] < "\u3400" else ""
    right = "(?![0-9a-z])" if letters[-1] < "\u3400" else ""
    return re.compile(f"{left}{inner}{right}")


def standing_in(texts: Mapping[str, str], known: Iterable[tuple[str, str]]) -> list[Found]:
    """What of ``known`` (kind, name or number) stands in ``texts`` (section -> text), and any number or address of a
    person whosever it is."""
    wanted = [(kind, name, [_pattern(f) for f in _forms(name)]) for kind, name in known if name.strip()]
    out: list[Found] = []
    for section, text in texts.items():
        folded = _folded(text)
        out += [
            Found(section, kind, name)
            for kind, name, patterns in wanted
            if any(pattern.search(folded) for pattern in patterns)
        ]
        out += [Found(section, "email", hit) for hit in _MAIL.findall(text)]
        out += [Found(section, "phone", hit) for hit in _PHONE.findall(text)]
    return list(dict.fromkeys(out))
