"""Rights named by number: patents and registrations, only where the words around say what the number is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from warning.rules.engine import Prepared
from warning.rules.model import Evidence

_US_NUMBER = r"(?:RE|D|PP|H)?\s?\d{1,3}(?:,\d{3}){1,2}"
_US_LIST = re.compile(
    rf"(?:[Pp]at(?:ents?|\.)|PATENTS?|U\.\s?S\.|专利号?)\s*(?:[Nn]os?\b\.?|NOS?\b\.?|[Nn]umbers?)?[\s:：]*"
    rf"((?:(?:US|U\.S\.)?\s?{_US_NUMBER}(?:\s?[A-Z]\d)?(?:\s*[,;、]?\s*(?:and|及|和|&)?\s*))+)"
)
_US_PREFIXED = re.compile(rf"\bUS\s?({_US_NUMBER}|D?\d{{6,8}})\b")
_EP = re.compile(r"\bEP\s?(\d[\d\s]{5,8}\d)(?:\s?[AB]\d)?\b")
_TRADEMARK = re.compile(
    r"(?:Trademark|Trade mark|Service mark|商标)\s*(?:Registration|Reg\.|注册)?\s*(?:Nos?\.?|Numbers?|号)[\s:：]*"
    r"((?:\d{1,2},\d{3},\d{3}|\d{6,8})(?:\s*(?:,|;|and|、|和)\s*(?:\d{1,2},\d{3},\d{3}|\d{6,8}))*)",
    re.IGNORECASE,
)
_A_NUMBER = re.compile(r"\d[\d,\s]{4}")
_ONE_US = re.compile(rf"(?<![A-Za-z\d,]){_US_NUMBER}")
_ONE_MARK = re.compile(r"\d{1,2},\d{3},\d{3}|\d{6,8}")


def find_rights(fields: Mapping[str, Prepared]) -> tuple[tuple[tuple[str, str], ...], list[Evidence]]:
    """((kind, number), …) in order of finding, and the evidence for each."""
    found: dict[tuple[str, str], Evidence] = {}

    def keep(kind: str, number: str, field: str, start: int, end: int, raw: str) -> None:
        tag = f"right:{kind} {number}"
        found.setdefault(
            (kind, number), Evidence(tag, "rule.right.number", "1", field, start, end, raw[start:end], 2.0)
        )

    for field, prepared in fields.items():
        raw = prepared.raw
        if not prepared.has_digit or not _A_NUMBER.search(raw):
            continue
        for listed in _US_LIST.finditer(raw):
            for one in _ONE_US.finditer(raw, *listed.span(1)):
                keep(*_us(one.group()), field, *one.span(), raw)
        for one in _US_PREFIXED.finditer(raw):
            keep(*_us(one.group(1)), field, *one.span(), raw)
        for one in _EP.finditer(raw):
            digits = re.sub(r"\s", "", one.group(1))
            if len(digits) == 7:
                keep("patent", f"EP {digits[0]} {digits[1:4]} {digits[4:]}", field, *one.span(), raw)
        for listed in _TRADEMARK.finditer(raw):
            for one in _ONE_MARK.finditer(raw, *listed.span(1)):
                keep("trademark", one.group(), field, *one.span(), raw)
    return tuple(found), list(found.values())


def _us(written: str) -> tuple[str, str]:
    plain = re.sub(r"[\s,]", "", written.upper())
    letters = re.match(r"[A-Z]*", plain)
    prefix = letters.group() if letters else ""
    digits = plain[len(prefix) :]
    grouped = f"{int(digits):,}" if digits.isdigit() else digits
    return ("design" if prefix == "D" else "patent"), f"US {prefix}{grouped}"
