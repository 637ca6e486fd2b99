"""Why a case carries a tag: the rule, its version, and the words it rests on, marked in the text itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Case, Tag
from search.highlight import segments

#: characters shown on either side of the words
_AROUND = 70
#: the order in which a page shows kinds of tags
KINDS = (
    "region", "venue", "dispute_type", "industry", "ip_right", "stage", "remedy", "outcome", "china_related",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One piece of evidence: the tag row and its words in context as (text, whether marked)."""

    tag: Tag
    context: list[tuple[str, bool]]


@dataclass(frozen=True)
class ExplainedTag:
    """A tag with everything it rests on; ``weight`` is their sum."""

    kind: str
    value: str
    weight: float
    pieces: list[Piece]


def explain_tags(case: Case) -> dict[str, list[ExplainedTag]]:
    """The tags of a case by kind, heaviest first."""
    grouped: dict[tuple[str, str], list[Tag]] = {}
    for tag in sorted(case.tags, key=lambda t: (t.field != "title", t.start)):
        grouped.setdefault((tag.kind, tag.value), []).append(tag)
    explained: dict[str, list[ExplainedTag]] = {}
    for (kind, value), tags in grouped.items():
        pieces = [Piece(tag, context_of(case, tag)) for tag in tags]
        explained.setdefault(kind, []).append(ExplainedTag(kind, value, sum(t.weight for t in tags), pieces))
    order = [kind for kind in KINDS if kind in explained] + sorted(set(explained) - set(KINDS))
    return {kind: sorted(explained[kind], key=lambda t: (-t.weight, t.value)) for kind in order}


def _raw(case: Case, field: str) -> str:
    raw = {"title": case.title or case.caption, "caption": case.caption, "text": case.text}
    return raw.get(field, "")


def context_of(case: Case, tag: Tag) -> list[tuple[str, bool]]:
    """The words a tag rests on as (text, whether marked), with what stands around them in the case."""
    raw = _raw(case, tag.field)
    if raw[tag.start : tag.end] != tag.text or not tag.text:
        return [(tag.text, True)] if tag.text else []
    begin, end = max(0, tag.start - _AROUND), min(len(raw), tag.end + _AROUND)
    context = segments(raw[begin:end], [(tag.start - begin, tag.end - begin)])
    return [*([("… ", False)] if begin else []), *context, *([(" …", False)] if end < len(raw) else [])]


def marked_text(raw: str, tags: Iterable[Tag], field: str) -> list[tuple[str, bool]]:
    """``raw`` with every word that a rule read in ``field`` marked."""
    spans: list[tuple[int, int]] = []
    for tag in sorted(
        (t for t in tags if t.field == field and raw[t.start : t.end] == t.text and t.text),
        key=lambda t: t.start,
    ):
        if spans and tag.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], tag.end))
        else:
            spans.append((tag.start, tag.end))
    return segments(raw, spans) if raw else []
