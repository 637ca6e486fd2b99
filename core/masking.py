"""Masks of people's data for lists: enough to tell two apart, too little to reach or name anybody. Pure."""

from __future__ import annotations

import re


def masked(value: str | None) -> str:
    """An e-mail address, a telephone number or a name, masked by its shape; "–" for nothing.

    ``li.ming@firm.cn`` → ``l***@firm.cn``; ``13800001234`` → ``138****1234``; ``李慕白`` → ``李**``; ``John Smith`` →
    ``J*** S***``.
    """
    text = (value or "").strip()
    if not text:
        return "–"
    if "@" in text:
        local, _, domain = text.rpartition("@")
        return f"{local[:1]}***@{domain}"
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 7 and len(digits) >= len(re.sub(r"[\s()+.-]", "", text)):
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"****{digits[-3:]}"
    if re.search("[\u3400-\u9fff]", text):
        return text[0] + "*" * min(len(text) - 1, 2)
    return " ".join(f"{word[0]}***" for word in text.split())
