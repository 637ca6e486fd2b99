"""Rights named by number: patents and registrations, only where the words around say what the number is; and the claims
of them that are in dispute."""

from __future__ import annotations

import re
from collections.abc import Mapping

from warning.rules.engine import Prepared
from warning.rules.model import Evidence
from warning.rules.pieces import Asked

_US_NUMBER = r"(?:RE|D|PP|H)?\s?\d{1,3}(?:,\d{3}){1,2}"
_US_LIST = re.compile(
    rf"(?:[Pp]at(?:ents?|\.)|PATENTS?|U\.\s?S\.|专利号?)\s*(?:[Nn]os?\b\.?|NOS?\b\.?|[Nn]umbers?)?[\s:：]*"
    rf"((?:(?:US|U\.S\.)?\s?{_US_NUMBER}(?:\s?[A-Z]\d)?(?:\s*[,;、]?\s*(?:and|及|和|&)?\s*))+)"
)
_US_PREFIXED = re.compile(rf"\bUS\s?({_US_NUMBER}|D?\d{{6,8}})\b")
_EP = re.compile(r"\bEP\s?(\d[\d\s]{5,8}\d)(?:\s?[AB]\d)?\b")
_TRADEMARK = re.compile(
    r"(?<!EU )(?<!Union )(?:Trademark|Trade mark|Service mark|商标)\s*(?:Registration|Reg\.|注册)?\s*(?:Nos?\.?|Numbers?|号)[\s:：]*"
    r"((?:\d{1,2},\d{3},\d{3}|\d{6,8})(?!\d)(?:\s*(?:,|;|and|、|和)\s*(?:\d{1,2},\d{3},\d{3}|\d{6,8})(?!\d))*)",
    re.IGNORECASE,
)
#: offices whose numbers are written with words that say what they are: (kind, prefix, pattern with the number as group)
_NATIONAL: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("patent", "CN ZL", re.compile(r"(?<![A-Za-z])ZL ?(\d{12}\.?[\dX]|\d{8}\.[\dX])(?!\d)")),
    ("patent", "JP ", re.compile(
        r"(?:特許第|\bJapanese Patent No\.|\bJP) ?(\d{7})(?!\d)"
    )),
    ("design", "JP ", re.compile(r"意匠登録第 ?(\d{6,7})(?!\d)")),
    ("utility_model", "JP ", re.compile(r"実用新案登録第 ?(\d{6,7})(?!\d)")),
    ("trademark", "JP ", re.compile(r"(?:商標登録|登録商標)第 ?(\d{6,7})(?!\d)")),
    ("patent", "KR ", re.compile(r"(?:특허 ?(?:제|등록번호 ?제?) ?|\bKR ?)(10-\d{7})(?!\d)")),
    ("design", "KR ", re.compile(r"디자인 ?(?:등록)? ?(?:제|번호 ?제?) ?(30-\d{7})(?!\d)")),
    ("trademark", "KR ", re.compile(r"상표 ?(?:등록)? ?(?:제|번호 ?제?) ?(40-\d{7})(?!\d)")),
    ("patent", "DE ", re.compile(r"\bDE ?(1\d ?(?:19|20)\d{2} ?\d{3} ?\d{3})(?!\d)")),
    ("utility_model", "DE ", re.compile(r"\bDE ?(2\d ?20\d{2} ?\d{3} ?\d{3})(?!\d)")),
    ("patent", "GB ", re.compile(r"\bGB ?(\d ?\d{3} ?\d{3})(?!\d)")),
    ("trademark", "EU ", re.compile(
        r"(?:EUTM|EU trade mark|European Union trade mark|Unionsmarke|欧盟商标)s?,? ?(?:registration )?"
        r"(?:Nos?\.?|Nr\.?|第)? ?(\d{3} ?\d{3} ?\d{3}|\d{8})(?!\d)"
    )),
    ("design", "EU ", re.compile(r"(?<![\d-])(00\d{7}-\d{4})(?!\d)")),
    ("copyright", "US ", re.compile(r"\b((?:VA|TX|PA|SR)u? ?\d-\d{3}-\d{3})(?!\d)")),
)  # fmt: skip
#: patterns that are tried only where they may match; any case of a mark's words will do
PATTERNS = tuple(p.pattern for p in (_US_LIST, _US_PREFIXED, _EP, *(p for _, _, p in _NATIONAL)))
_MARKS = ("mark", "商标")
_CLAIMS = re.compile(
    r"\b[Cc]laims? (\d{1,3}(?:(?: ?[-–] ?| ?, ?(?:and )?| and | or | through | to )\d{1,3})*) of (?:the )?(?:U\.S\.|US|United States) "
    rf"?Pat(?:ent|\.) (?:No\.|Number)? ?({_US_NUMBER})"
)
#: what joins the claims of a list; a range keeps its hyphen
_LISTED = re.compile(r" ?, ?and | ?, ?| and | or ")
_ONE_US = re.compile(rf"(?<![A-Za-z\d,]){_US_NUMBER}")
_ONE_MARK = re.compile(r"\d{1,2},\d{3},\d{3}|\d{6,8}")


def find_rights(
    fields: Mapping[str, Prepared], asked: Asked
) -> tuple[tuple[tuple[str, str], ...], list[Evidence]]:
    """((kind, number), …) in order of finding, and the evidence for each. ``asked``: those of ``PATTERNS`` that may
    match."""
    found: dict[tuple[str, str], Evidence] = {}

    def keep(kind: str, number: str, field: str, start: int, end: int, raw: str) -> None:
        tag = f"right:{kind} {number}"
        found.setdefault(
            (kind, number), Evidence(tag, "rule.right.number", "1", field, start, end, raw[start:end], 2.0)
        )

    for field, prepared in fields.items():
        if not prepared.has_digit:
            continue
        raw = prepared.raw
        tried = asked[field]
        for listed in _US_LIST.finditer(raw) if 0 in tried else ():
            for one in _ONE_US.finditer(raw, *listed.span(1)):
                keep(*_us(one.group()), field, *one.span(), raw)
        for one in _US_PREFIXED.finditer(raw) if 1 in tried else ():
            keep(*_us(one.group(1)), field, *one.span(), raw)
        for one in _EP.finditer(raw) if 2 in tried else ():
            digits = re.sub(r"\s", "", one.group(1))
            if len(digits) == 7:
                keep("patent", f"EP {digits[0]} {digits[1:4]} {digits[4:]}", field, *one.span(), raw)
        if any(mark in prepared.folded for mark in _MARKS):
            for listed in _TRADEMARK.finditer(raw):
                for one in _ONE_MARK.finditer(raw, *listed.span(1)):
                    keep("trademark", one.group(), field, *one.span(), raw)
        for kind, prefix, pattern in [_NATIONAL[number - 3] for number in tried if number > 2]:
            for one in pattern.finditer(raw):
                keep(kind, f"{prefix}{_plain(prefix, one[1])}", field, *one.span(1), raw)
    return tuple(found), list(found.values())


def find_claims(fields: Mapping[str, Prepared]) -> tuple[tuple[tuple[str, str], ...], list[Evidence]]:
    """((number of the right, claims as written), …) where a text says which claims of a US patent are in dispute, and
    the evidence for each, whose tag is ``claim:US 9,548,839: 1, 5-7``."""
    found: dict[tuple[str, str], Evidence] = {}
    for field, prepared in fields.items():
        raw = prepared.raw
        if not prepared.has_digit or "laim" not in raw:
            continue
        for one in _CLAIMS.finditer(raw):
            _, number = _us(one[2])
            claims = _LISTED.sub(", ", one[1]).replace("–", "-").replace(" - ", "-")
            said = Evidence(
                f"claim:{number}: {claims}", "rule.right.claims", "1", field, *one.span(1), one[1], 2.0
            )
            found.setdefault((number, claims), said)
    return tuple(found), list(found.values())


def _plain(prefix: str, written: str) -> str:
    """A number of one office in the way that office prints it."""
    digits = written.replace(" ", "")
    if prefix == "DE ":
        return f"{digits[:2]} {digits[2:6]} {digits[6:9]} {digits[9:]}"
    if prefix == "GB ":
        return f"{digits[0]} {digits[1:4]} {digits[4:]}"
    if prefix == "US ":
        return re.sub(r"^([A-Za-z]+) ?", r"\1 ", written)
    return digits


def _us(written: str) -> tuple[str, str]:
    plain = re.sub(r"[\s,]", "", written.upper())
    letters = re.match(r"[A-Z]*", plain)
    prefix = letters.group() if letters else ""
    digits = plain[len(prefix) :]
    grouped = f"{int(digits):,}" if digits.isdigit() else digits
    return ("design" if prefix == "D" else "patent"), f"US {prefix}{grouped}"
