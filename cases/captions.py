"""A caption split into its parties, in the languages of our sources. Pure; what it does not understand it leaves whole.

A caption names two sides ("A v. B", "A gegen B", 原告A诉被告B), or one ("In re A", "Ex parte A"), or none: notices of the
Commission are captioned by the goods ("Certain Digital Models"), and a suit against a schedule hides whom it is against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cases.names.aliases import firms_listed
from core.text import collapse, is_cjk

_VERSUS = re.compile(r"\s+(?:-v-|vs?\.|vs?|versus)\s+")
_VERSUS_UPPER = re.compile(r"\s+(?:-V-|VS?\.|VERSUS)\s+")
#: what stands between the sides elsewhere: German, French, Spanish and Portuguese, Italian, Dutch
_AGAINST = re.compile(r"\s+(?:\./\.|c/|gegen|contre|contra|contro|tegen)\s+", re.IGNORECASE)
_HAN_AGAINST = re.compile(r"(?:起诉|上诉|诉|訴|對|对)(?=[^讼訟状狀求])")
_IN_RE = re.compile(r"^(?:in re:?|in the matters? of:?|matter of:?|ex parte:?|in\s?sachen)\s+", re.IGNORECASE)
_AND_OTHERS = re.compile(r"[\s,]+et\.? ?al\.?,?$", re.IGNORECASE)
_OTHERS = re.compile(
    r"[\s,]*(?:\bet\.? ?al(?:ii|ia)?\b\.?,?|\bu\. ?a\.(?!\w)|\band others\b|等(?:\d+[家人名]\w{0,4})?|ほか\d*名?|外\d+名)\s*$",
    re.IGNORECASE,
)
#: whom a suit does not name: those on a schedule, and Does
_UNNAMED = re.compile(
    r"\b(?:identified|listed|named|set forth|shown)?\s*(?:in|on)\s+(?:the\s+)?(?:attached\s+)?(?:schedule|exhibit|annex|appendix)\b"
    r"|\b(?:individuals|partnerships|p'?ships|unincorporated associations|business entities)\b.*\b(?:schedule|exhibit|annex)\b"
    r"|\b(?:john |jane )?does? \d|\bjohn does?\b|\bunknown (?:persons|parties|defendants)\b|\bunidentified\b",
    re.IGNORECASE,
)
_GOODS = re.compile(r"^(?:in the matter of\s+)?certain\s", re.IGNORECASE)
#: labels before or after a name -> the role
_LABELS = {
    "被上诉人": "appellee", "被上訴人": "appellee", "被控訴人": "appellee", "上诉人": "appellant", "上訴人": "appellant",
    "控訴人": "appellant", "被告人": "defendant", "被告": "defendant", "原告": "plaintiff", "再审被申请人": "respondent",
    "再审申请人": "petitioner", "被申请人": "respondent", "被申請人": "respondent", "申请人": "petitioner",
    "申請人": "petitioner", "被請求人": "respondent", "請求人": "petitioner", "请求人": "petitioner", "相手方": "respondent",
    "申立人": "petitioner", "第三人": "party",
    "berufungsklägerin": "appellant", "berufungskläger": "appellant", "berufungsbeklagte": "appellee",
    "nichtigkeitsklägerin": "plaintiff", "nichtigkeitskläger": "plaintiff", "nichtigkeitsbeklagte": "defendant",
    "klägerinnen": "plaintiff", "klägerin": "plaintiff", "kläger": "plaintiff", "beklagten": "defendant",
    "beklagter": "defendant", "beklagte": "defendant", "antragstellerin": "petitioner", "antragsteller": "petitioner",
    "antragsgegnerin": "respondent", "antragsgegner": "respondent", "plaintiffs": "plaintiff", "plaintiff": "plaintiff",
    "defendants": "defendant", "defendant": "defendant", "petitioners": "petitioner", "petitioner": "petitioner",
    "respondents": "respondent", "respondent": "respondent", "appellants": "appellant", "appellant": "appellant",
    "appellees": "appellee", "appellee": "appellee", "demanderesse": "plaintiff", "demandeur": "plaintiff",
    "défenderesse": "defendant", "défendeur": "defendant", "demandante": "plaintiff", "demandada": "defendant",
    "demandado": "defendant",
}  # fmt: skip
_FIRST = frozenset({"plaintiff", "appellant", "petitioner"})
_HAN_LABEL = re.compile(
    rf"({'|'.join(sorted((k for k in _LABELS if is_cjk(k[0])), key=len, reverse=True))})"
    r"(?:[(（](?:一审|原审|反诉|二审|本诉|原審|[一二]審)[^)）]{0,20}[)）])?(?:ら)?\s*[:：]?\s*"
)
_LATIN_LABEL = re.compile(
    rf"[\s,;(]*(?<!\w)(?:die|der|the|den)?\s*\b({'|'.join(sorted((k for k in _LABELS if not is_cjk(k[0])), key=len, reverse=True))})\b[\s,:;)\-]*",
    re.IGNORECASE,
)
#: what follows the last name of a Chinese or Japanese caption
_MATTER = re.compile(
    r"(?:侵害|侵犯|确认|不正当竞争|專利|专利权?|发明|实用新型|外观设计|商标|著作权|商业秘密|技术|计算机软件|合同|垄断|之?间的?|間の?|との間|に対する)[^，,。]*$|纠纷.*$|[一二三]审.*$|案$"
)
_TRIM = " ,;:，。；：、-–—.·"


@dataclass(frozen=True)
class CaptionParty:
    """Somebody a caption names: as printed, the role told or given, and the side (0 the first, 1 the second)."""

    name: str
    role: str
    side: int


@dataclass(frozen=True)
class Caption:
    """The parties of a caption, and whether it says that there are more ("et al.", a schedule, Does)."""

    parties: tuple[CaptionParty, ...] = ()
    has_unnamed: bool = False


def two_sides(caption: str) -> tuple[str, str] | None:
    """The two sides of an English caption, without "et al"; None where it has no "v." between two names.

    >>> two_sides("Foo Inc., et al. v. Bar LLC")
    ('Foo Inc.', 'Bar LLC')
    """
    for pattern in (_VERSUS, _VERSUS_UPPER):
        parts = pattern.split(caption, maxsplit=1)
        if len(parts) == 2:
            first, second = (one_side(part) for part in parts)
            return (first, second) if first and second else None
    return None


def one_side(words: str) -> str:
    """A side without "et al" at its end."""
    side = words.strip(" ,;")
    while (shorter := _AND_OTHERS.sub("", side)) != side:
        side = shorter.strip(" ,;")
    return side


def in_re(caption: str) -> str | None:
    """The name after "In re", "In the matter of" or "Ex parte"; None where the caption does not begin so."""
    match = _IN_RE.match(caption)
    return one_side(caption[match.end() :]) or None if match else None


def split_caption(caption: str, first_role: str = "party", second_role: str = "party") -> Caption:
    """The parties that a caption names.

    Args:
        caption: as the source prints it, in English, Chinese, Japanese, German or French.
        first_role, second_role: the roles of the sides where the caption does not tell them.

    Returns:
        every firm or person named, one entry each; none for a caption of goods or one that names nobody.
    """
    text = collapse(caption)
    if any(map(is_cjk, text)) and (found := _han(text)):
        return found
    sides = _latin_sides(text)
    if sides is not None:
        return _of_sides(sides, (first_role, second_role))
    if _GOODS.match(text):
        return Caption()
    if (subject := in_re(text)) and not _GOODS.match(subject):
        return _of_sides((subject,), (first_role,))
    return Caption()


def _latin_sides(text: str) -> tuple[str, ...] | None:
    for pattern in (_VERSUS, _VERSUS_UPPER, _AGAINST):
        parts = pattern.split(text, maxsplit=1)
        if len(parts) == 2 and all(part.strip(_TRIM) for part in parts):
            return tuple(parts)
    return None


def _of_sides(sides: tuple[str, ...], roles: tuple[str, ...]) -> Caption:
    parties: dict[CaptionParty, None] = {}
    has_unnamed = False
    for side, (words, role) in enumerate(zip(sides, roles, strict=True)):
        told = next((_LABELS[m.group(1).lower()] for m in _LATIN_LABEL.finditer(words)), role)
        bare = _LATIN_LABEL.sub(" ", words) if told != role or _LATIN_LABEL.search(words) else words
        names, is_more = _names(_IN_RE.sub("", bare.strip()))
        has_unnamed |= is_more
        parties |= dict.fromkeys(CaptionParty(name, told, side) for name in names)
    return Caption(tuple(parties), has_unnamed)


def _names(words: str) -> tuple[list[str], bool]:
    """The names of one side, and whether it says that there are others."""
    has_more = False
    side = words.strip(_TRIM.replace(".", ""))
    while (shorter := _OTHERS.sub("", side)) != side:
        has_more, side = True, shorter.strip(" ,;")
    names = []
    for name in firms_listed(side):
        if _UNNAMED.search(name):
            has_more = True
        elif name.strip(_TRIM):
            names.append(name)
    return names, has_more


def _han(text: str) -> Caption | None:
    labels = list(_HAN_LABEL.finditer(text))
    parties: dict[CaptionParty, None] = {}
    has_unnamed = False
    if labels:
        ends = [label.start() for label in labels[1:]] + [len(text)]
        for label, end in zip(labels, ends, strict=True):
            role = _LABELS[label.group(1)]
            words = re.sub(r"(?:起诉|诉|訴|与|與|和|及|对|對|と)$", "", text[label.end() : end].strip(_TRIM))
            names, is_more = _han_names(words)
            has_unnamed |= is_more
            parties |= dict.fromkeys(CaptionParty(n, role, 0 if role in _FIRST else 1) for n in names)
        return Caption(tuple(parties), has_unnamed) if parties else None
    parts = _HAN_AGAINST.split(text, maxsplit=1)
    if len(parts) != 2 or not all(part.strip(_TRIM) for part in parts):
        return None
    for side, words in enumerate(parts):
        names, is_more = _han_names(words)
        has_unnamed |= is_more
        parties |= dict.fromkeys(CaptionParty(n, ("plaintiff", "defendant")[side], side) for n in names)
    return Caption(tuple(parties), has_unnamed) if parties else None


def _han_names(words: str) -> tuple[list[str], bool]:
    told = _MATTER.sub("", words.strip(_TRIM))
    has_more = bool(_OTHERS.search(told))
    told = _OTHERS.sub("", told).strip(_TRIM)
    names = [n.strip(_TRIM) for part in re.split(r"[、,，;；]", told) for n in firms_listed(part)]
    return [n for n in names if n and not _UNNAMED.search(n)], has_more
