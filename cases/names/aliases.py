"""The names in one party's line: other names of the same party, and several parties written as one."""

from __future__ import annotations

import re

from cases.names.words import words
from core.text import is_cjk

#: what stands between a name and another name of the same firm, in the languages of our sources
_MARKS = re.compile(
    r"""[\s,(（【\[]*(?:
      \b(?:d\s?[/.]\s?b|[fan]\s?[/.]\s?k)\s?[/.]\s?a\b\.? | \b[to]/a\b | \bdba\b | \bfka\b | \baka\b | \bnka\b
    | \b(?:also\s+|now\s+)?(?:doing|conducting|transacting)\s+business\s+(?:as|under)\b
    | \b(?:formerly|previously|also|now|otherwise|sometimes|better)\s+(?:known|called|named|trading)\s+as\b | \bformerly\b
    | \btrading\s+(?:as|under)\b | \boperating\s+(?:as|under)\b | \bd/b/as\b
    | \b(?:vormals|ehemals|frueher|früher|firmierend\s+(?:als|unter)|handelnd\s+(?:als|unter)|auch\s+bekannt\s+als)\b
    | \b(?:anciennement|anciennement\s+dénommée|exerçant\s+sous|exploitant\s+sous|connue?\s+sous\s+le\s+nom(?:\s+de)?)\b
    | \b(?:antes|anteriormente|comercialmente\s+conocida\s+como)\b
    | 又名 | 又称 | 亦称 | 也称 | 亦名 | 别名 | 曾用名 | 曾用名称 | 原名 | 原名称 | 旧称 | 前称 | 前身为 | 现名 | 现更名为
    | 更名为 | (?:以下)?简称 | 别称 | 英文名称? | 中文名称?
    | 又稱 | 亦稱 | 別名 | 原稱 | 舊稱 | 前稱 | (?:以下)?簡稱
    | 旧商号 | 旧社名 | 旧名称 | 旧姓 | 変更後の商号 | 屋号 | 通称 | こと(?=[^\sぁ-ん])
    | 구\s?상호 | 옛\s?이름 | 일명 | 구명칭
    | ;|；
    )[\s:：为為,，]*""",
    re.IGNORECASE | re.VERBOSE,
)
_BRACKET = re.compile(r"[(（【\[]([^()（）【】\[\]]{1,80})[)）】\]]")
_OTHERS = re.compile(
    r"[\s,]*(?:\bet\.?\s?al(?:ii|ia)?\b\.?|\bu\.\s?a\.(?!\w)|\band others\b|等(?:\d+\s?[家人名]\w{0,6})?$|ほか\d*名?$|外\d+名$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:[,，]\s*(?:and|und|et|&)?|\band\b|\bund\b|&|、|及|与|與|和)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_TRIM = " ,.，。:：;-–—\"“”'’()（）[]【】\t\n"
#: what a bracket says of a party that is no name
_ROLE = re.compile(
    r"^(?:patent owner|petitioner|respondent|plaintiffs?|defendants?|appell\w+|collectively.*|po|the .*|deceased|原告|被告|.{0,6}上诉人|"
    r"申请人|被申请人|第三人|private|pvt|sole proprietorship|一人有限公司|有限合伙|以下.*)$",
    re.IGNORECASE,
)
#: longer lines are no party's name; what stands at their beginning is looked at
_LONGEST = 600


def split_aliases(name: str) -> list[str]:
    """The names in a party's name: parted at d/b/a, f/k/a, a/k/a, 又名, 曾用名, vormals … and semicolons, in order.

    >>> split_aliases("Foo LLC d/b/a Bar (f/k/a Baz)")
    ['Foo LLC', 'Bar', 'Baz']
    """
    parts = [_trimmed(p) for p in _MARKS.split(name[:_LONGEST])]
    return [p for p in dict.fromkeys(parts) if p]


def names_in(party: str) -> list[tuple[str, bool]]:
    """Every name that a party's line may hold, as (name, whether it is sure to be a name of its own).

    The line as it stands comes first, then its aliases, what brackets hold, and firms written one behind the other
    ("A Co., Ltd. and B Inc."). A part cut at a comma that ends no legal form is not sure to be a name.
    """
    found: dict[str, bool] = {}
    for alias in split_aliases(party):
        whole = _trimmed(_OTHERS.sub("", alias))
        if not whole:
            continue
        found.setdefault(whole, True)
        for inner in _BRACKET.findall(whole):
            if _is_name(inner):
                found.setdefault(_trimmed(inner), True)
                found.setdefault(_trimmed(_BRACKET.sub(" ", whole)), True)
        for part, is_sure in _listed(whole):
            found.setdefault(part, is_sure)
    return [(name, is_sure) for name, is_sure in found.items() if name]


def _trimmed(text: str) -> str:
    text = text.strip()
    # A bracket that lost its other half belonged to a mark: (d/b/a Foo).
    for opening, closing in ("()", "（）", "[]", "【】"):
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, " ").replace(closing, " ")
    stripped = text.strip(_TRIM)
    # Brackets at the end that are whole stay: 华为技术(深圳).
    end = text.find(stripped) + len(stripped)
    closing = text[end : end + 1]
    return stripped + closing if closing in ("）", ")") and re.search("[(（]", stripped) else stripped


def _is_name(inner: str) -> bool:
    """Whether a bracket holds a name and not a place, a form or a role."""
    if _ROLE.match(inner.strip()):
        return False
    known = words()
    if any(map(is_cjk, inner)):
        han = "".join(filter(is_cjk, inner))
        return len(han) >= 2 and not known.zh_only.fullmatch(han) and len(inner) <= 40
    told = [w for w in _WORD.findall(inner.lower()) if len(w) > 1]
    return any(not known.is_ordinary(w) for w in told)


def _cuts(whole: str) -> list[tuple[int, int, bool]]:
    """Where one firm ends and the next begins, as (end, beginning, whether a legal form ends the first)."""
    known = words()
    cuts: list[tuple[int, int, bool]] = []
    start = 0
    for cut in _BETWEEN.finditer(whole):
        left, right = whole[start : cut.start()], whole[cut.end() :]
        if cut.start() < start or not left.strip() or not right.strip() or not _begins_a_name(right):
            continue
        is_comma = any(c in cut.group() for c in ",，、")
        is_ended = _ends_in_form(left, known.forms, known.zh_forms)
        if is_ended and (is_comma or _ends_in_form(right, known.forms, known.zh_forms)):
            cuts.append((cut.start(), cut.end(), True))
            start = cut.end()
        elif is_comma and _ends_in_form(right, known.forms, known.zh_forms):
            cuts.append((cut.start(), cut.end(), False))
            start = cut.end()
    return cuts


def _listed(whole: str) -> list[tuple[str, bool]]:
    """Firms written one behind the other, each with whether a legal form parts it from its neighbour."""
    cuts = _cuts(whole)
    if not cuts:
        return []
    starts = [0, *(end for _, end, _ in cuts)]
    ends = [*(start for start, _, _ in cuts), len(whole)]
    sure = [is_sure for _, _, is_sure in cuts]
    return [
        (_trimmed(whole[start:end]), is_sure)
        for start, end, is_sure in zip(starts, ends, [*sure, sure[-1]], strict=True)
    ]


def _begins_a_name(right: str) -> bool:
    """Whether the first word is one of a name: after "Co.," comes Ltd., which is none."""
    first = _WORD.search(right)
    if first is None:
        return False
    word = first.group().lower()
    is_dotted = re.match(r"\W*(?:[A-Za-z]\.){2,}", right) is not None
    return word not in words().forms and not is_dotted


def _ends_in_form(text: str, forms: frozenset[str], zh_forms: frozenset[str]) -> bool:
    text = text.rstrip(_TRIM)
    if text and is_cjk(text[-1]):
        return any(text.endswith(form) for form in zh_forms)
    told = _WORD.findall(text.lower())
    if not told:
        return False
    dotted = re.search(r"(?:[A-Za-z]\.\s?){1,4}[A-Za-z]?$", text)
    last = dotted.group().replace(".", "").replace(" ", "").lower() if dotted else told[-1]
    return (last in forms or told[-1] in forms) and last not in ("the", "and", "of", "y", "de")


def firms_listed(line: str) -> list[str]:
    """The firms of a line that names several one behind the other; the line itself where it names one, or
    where a comma may be part of a name.

    >>> firms_listed("A Co., Ltd., B Inc. and C GmbH")
    ['A Co., Ltd.', 'B Inc.', 'C GmbH']
    """
    cuts = [cut for cut in _cuts(line) if cut[2]]
    starts = [0, *(end for _, end, _ in cuts)]
    ends = [*(start for start, _, _ in cuts), len(line)]
    parts = [line[start:end].strip(" ,;，；、") for start, end in zip(starts, ends, strict=True)]
    return [part for part in dict.fromkeys(parts) if part]
