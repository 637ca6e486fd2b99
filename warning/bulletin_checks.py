"""The check for secrets and rights at approval: what an approver declares, and how much of a source a text repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.said import Said, said

#: counts up when a declaration's words change, so that an act says which words were ticked
VERSION = "1"
#: signs of one source that a paragraph may repeat in one piece; longer ones are refused
QUOTED = 300
#: places of one block that are looked at: a source that says one thing a thousand times must not keep a page waiting
_PLACES = 20


@dataclass(frozen=True)
class Declaration:
    """One line an approver ticks: its words and the rule behind it, (zh, en)."""

    words: tuple[str, str]
    basis: tuple[str, str]


#: every one is needed to approve
DECLARATIONS: Mapping[str, Declaration] = {
    "state_secret": Declaration(
        ("不含国家秘密", "It holds no state secret"),
        ("《保守国家秘密法》", "Law on Guarding State Secrets"),
    ),
    "work_secret": Declaration(
        ("不含工作秘密", "It holds no work secret"),
        ("《保守国家秘密法》第六十四条", "Law on Guarding State Secrets, art. 64"),
    ),
    "private_person": Declaration(
        ("不含自然人的个人信息", "It holds no personal data of private persons"),
        ("《个人信息保护法》", "Personal Information Protection Law"),
    ),
    "quotation": Declaration(
        (
            f"引用的原文必要、适当并注明出处，每处不超过 {QUOTED} 字",
            f"What it quotes is needed, fair and named, at most {QUOTED} signs in one piece",
        ),
        ("《著作权法》第二十四条", "Copyright Law, art. 24"),
    ),
}


def missing_declarations(declared: Collection[str]) -> dict[str, list[Said]]:
    """What was not declared, by the form's field."""
    return {
        f"declared-{key}": [said("This has not been declared.")]
        for key in DECLARATIONS
        if key not in declared
    }


def longest_repeat(text: str, source: str, least: int = QUOTED // 2) -> int:
    """Signs of the longest piece of ``source`` that stands in ``text`` word for word, white space joined; 0 when there
    is none of twice ``least``, shorter ones may be missed."""
    text, source = _joined(text), _joined(source)
    longest = 0
    # A piece of 2n signs covers a whole block of n that begins at a multiple of n.
    for start in range(0, max(len(text) - least + 1, 0), least):
        block = text[start : start + least]
        at = source.find(block)
        for _ in range(_PLACES):
            if at == -1:
                break
            longest = max(longest, _extended(text, start, source, at, least))
            at = source.find(block, at + 1)
    return longest


def _joined(text: str) -> str:
    return " ".join(text.split())


def _extended(text: str, start: int, source: str, at: int, length: int) -> int:
    before = after = 0
    while start > before < at and text[start - before - 1] == source[at - before - 1]:
        before += 1
    while (
        start + length + after < len(text)
        and at + length + after < len(source)
        and text[start + length + after] == source[at + length + after]
    ):
        after += 1
    return before + length + after


def repeats(content: Mapping[str, Any], sources: Iterable[str]) -> dict[str, int]:
    """Paragraph or date -> signs it repeats of one of ``sources`` in one piece, where there are more than allowed."""
    told = [source for source in sources if len(source) > QUOTED]
    out: dict[str, int] = {}
    for row in (*content["paragraphs"], *content["key_dates"]):
        for language in ("zh", "en"):
            count = max((longest_repeat(row[language], source) for source in told), default=0)
            if count > QUOTED:
                out[row["id"]] = max(out.get(row["id"], 0), count)
    return out


def repeat_problems(found: Mapping[str, int]) -> dict[str, list[Said]]:
    """What repeats too much, said at the declaration about quoting."""
    if not found:
        return {}
    return {
        "declared-quotation": [
            said(
                "Part %(part)s repeats %(count)s signs of a source in one piece; at most %(most)s.",
                part=part,
                count=count,
                most=QUOTED,
            )
            for part, count in found.items()
        ]
    }


def as_kept(declared: Collection[str]) -> dict[str, Any]:
    """What the act keeps: the words as they were ticked, in both languages."""
    return {
        "version": VERSION,
        "declared": {
            key: {"zh": one.words[0], "en": one.words[1]}
            for key, one in DECLARATIONS.items()
            if key in declared
        },
    }
