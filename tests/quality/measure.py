"""Scores of tags against labels, and of bare keywords as the yardstick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import yaml

from cases.taxonomy import Taxonomy
from core.text import fold
from tests.quality.records import LABELS, Labelled
from warning.rules.tagger import Rulebook, TagInput, tag

KINDS = ("regions", "industries", "dispute_types", "china_related")
Tags = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Score:
    """Micro-averaged precision, recall and F1 of one kind of tag."""

    kind: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Right of what was said."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right of what was to be said."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def labels_of(item: Labelled, kind: str) -> frozenset[str] | None:
    """The labels of one kind; None when it is not judged."""
    if kind == "china_related":
        known = item.china_related
        return None if known is None else frozenset({"yes"} if known else ())
    value: frozenset[str] | None = getattr(item, kind)
    return value


def score(items: Iterable[Labelled], tagger: Callable[[TagInput], Tags]) -> dict[str, Score]:
    """The score of every kind."""
    counts: Counter[tuple[str, str]] = Counter()
    for item in items:
        said = tagger(item.record)
        for kind in KINDS:
            wanted = labels_of(item, kind)
            if wanted is None:
                continue
            counts[kind, "right"] += len(said[kind] & wanted)
            counts[kind, "wrong"] += len(said[kind] - wanted - item.also)
            counts[kind, "missed"] += len(wanted - said[kind])
    return {
        kind: Score(kind, counts[kind, "right"], counts[kind, "wrong"], counts[kind, "missed"])
        for kind in KINDS
    }


def ours(rulebook: Rulebook) -> Callable[[TagInput], Tags]:
    """The rulebook as a tagger."""

    def tagger(record: TagInput) -> Tags:
        result = tag(record, rulebook)
        return {
            "regions": frozenset(result.regions),
            "industries": frozenset(result.industries),
            "dispute_types": frozenset(result.dispute_types),
            "china_related": frozenset({"yes"} if result.china_related else ()),
        }

    return tagger


def bare_keywords(taxonomy: Taxonomy) -> Callable[[TagInput], Tags]:
    """Plain keywords and the regions' names as mere substrings: what one gets without an engine."""
    data = yaml.safe_load((LABELS / "bare_keywords.yml").read_text(encoding="utf-8"))
    industries, disputes = (
        {identity: [fold(word) for word in listed] for identity, listed in data[table].items()}
        for table in ("industries", "dispute_types")
    )
    regions = {
        region.code: [fold(n) for n in (region.zh.removeprefix("中国"), region.en) if len(n) > 1]
        for region in taxonomy.regions.values()
    }

    def tagger(record: TagInput) -> Tags:
        text = fold(f"{record.title} {record.text} {record.venue or ''}")

        def hit(table: Mapping[str, list[str]]) -> frozenset[str]:
            return frozenset(key for key, listed in table.items() if any(word in text for word in listed))

        return {
            "regions": hit(regions),
            "industries": hit(industries),
            "dispute_types": hit(disputes),
            "china_related": frozenset({"yes"} if "china" in text or "中国" in text else ()),
        }

    return tagger
