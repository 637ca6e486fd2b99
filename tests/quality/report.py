"""What the rulebook reaches on the labelled quality set, by kind, language and tag, and what it confuses.

``python -m tests.quality.report development`` scores the two hundred items for tuning; with ``--items`` it lists where
it differs. ``sealed --unseal`` scores the hundred that nobody looks at before the end; it lists no item. The second set
is ``development2`` and ``sealed2``, the third ``development3`` and ``sealed3``; the fourth is ``sealed4`` alone.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.quality.labelled import PARTS, SETS, Label, read_labels, record_of
from tests.quality.measure import Score
from warning.rules.tagger import TagResult, load_rulebook, tag

KINDS = (*SETS, "stage", "china_related")
#: where a label's set may have further acceptable answers
LENIENT = ("industries", "dispute_types")
DATA = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Judged:
    """What was wanted and said of one kind about one item."""

    label: Label
    kind: str
    wanted: frozenset[str]
    said: frozenset[str]

    @property
    def lenient(self) -> frozenset[str]:
        """Further acceptable answers."""
        return self.label.lenient.get(self.kind, frozenset())


def said_of(result: TagResult, kind: str) -> frozenset[str]:
    """The program's answer of one kind as a set."""
    value = getattr(result, kind)
    if kind == "stage":
        return frozenset({value} if value else ())
    if kind == "china_related":
        return frozenset({"yes"} if value else ())
    return frozenset(value)


def wanted_of(label: Label, kind: str) -> frozenset[str] | None:
    """The label of one kind as a set; None when it is not judged."""
    value = getattr(label, kind)
    if value is None:
        return None
    if kind == "stage":
        return frozenset({value})
    if kind == "china_related":
        return frozenset({"yes"} if value else ())
    return frozenset(value)


def judge(part: str, data: Path) -> list[Judged]:
    """Every judged kind of every item of a part, tagged by the rulebook of the project."""
    rulebook = load_rulebook()
    judged: list[Judged] = []
    for label in read_labels(part):
        result = tag(record_of(label.reference, data), rulebook)
        for kind in KINDS:
            wanted = wanted_of(label, kind)
            if wanted is not None:
                judged.append(Judged(label, kind, wanted, said_of(result, kind)))
    return judged


def score(kind: str, items: Iterable[Judged], *, is_lenient: bool = False) -> Score:
    """Micro-averaged score of one kind. The lenient one neither asks for a further acceptable answer nor holds it
    against the program, and takes one in place of an industry that is missed."""
    right = wrong = missed = 0
    for item in items:
        if item.kind != kind:
            continue
        gone = len(item.wanted - item.said)
        further = item.said & item.lenient if is_lenient else frozenset()
        taken = min(gone, len(further)) if kind == "industries" else 0
        right += len(item.said & item.wanted) + taken
        wrong += len(item.said - item.wanted - further)
        missed += gone - taken
    return Score(kind, right, wrong, missed)


def tags_of(kind: str, items: Iterable[Judged]) -> dict[str, Score]:
    """The strict score of every tag of one kind."""
    counts: Counter[tuple[str, str]] = Counter()
    for item in (i for i in items if i.kind == kind):
        for state, tags in (
            ("right", item.said & item.wanted),
            ("wrong", item.said - item.wanted),
            ("missed", item.wanted - item.said),
        ):
            counts.update((state, each) for each in tags)
    return {
        each: Score(each, counts["right", each], counts["wrong", each], counts["missed", each])
        for each in sorted({each for _, each in counts})
    }


def confusions(kind: str, items: Iterable[Judged]) -> Counter[tuple[str, str]]:
    """(wanted, said instead) with how often; ``-`` stands for nothing. Further acceptable answers are no confusion."""
    found: Counter[tuple[str, str]] = Counter()
    for item in (i for i in items if i.kind == kind):
        missed = sorted(item.wanted - item.said)
        wrong = sorted(item.said - item.wanted - item.lenient)
        if kind == "industries" and item.said & item.lenient:
            missed = []
        found.update((m, w) for m in missed or ["-"] for w in wrong or ["-"])
    del found["-", "-"]
    return found


def line(name: str, each: Score) -> str:
    """A score as a line of the report."""
    total = each.right + each.missed
    return f"{name:<44} P {each.precision:.3f}  R {each.recall:.3f}  F1 {each.f1:.3f}  ({total} labels)"


def report(judged: Sequence[Judged], *, with_items: bool) -> Iterator[str]:
    """The lines of the report."""
    languages = sorted({item.label.language for item in judged})
    for language in ("all", *languages):
        of = [i for i in judged if language in ("all", i.label.language)]
        yield f"\n== {language}: {len({i.label.reference for i in of})} items"
        for kind in KINDS:
            yield line(kind, score(kind, of))
            if kind in LENIENT:
                yield line(f"{kind}, lenient", score(kind, of, is_lenient=True))
        china = [i for i in of if i.kind == "china_related"]
        yield f"china_related, accuracy {sum(i.said == i.wanted for i in china) / max(1, len(china)):.3f}"
    for kind in KINDS:
        yield f"\n== by tag: {kind}"
        yield from (line(name, each) for name, each in tags_of(kind, judged).items())
        yield f"-- confusions: {kind}"
        for (wanted, said), count in confusions(kind, judged).most_common():
            yield f"{count:>4}  {wanted} -> {said}"
    if with_items:
        yield "\n== items"
        for item in judged:
            missed, wrong = item.wanted - item.said, item.said - item.wanted - item.lenient
            if missed or wrong:
                yield f"{item.label.reference}  {item.kind}  missed {sorted(missed)}  wrong {sorted(wrong)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report of one part. Returns 2 for the sealed part without its flag."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.report", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of recordings")
    parser.add_argument("--items", action="store_true", help="list the items that differ (development only)")
    parser.add_argument("--unseal", action="store_true", help="run the sealed part: once, at the end")
    options = parser.parse_args(arguments)
    is_sealed = options.part.startswith("sealed")
    if is_sealed and not options.unseal:
        print("The sealed part is run once, at the end: add --unseal when that is now.", file=sys.stderr)
        return 2
    if not options.data.is_dir():
        print(f"No recordings at {options.data}: name their folder with --data.", file=sys.stderr)
        return 2
    with_items = options.items and not is_sealed
    print(*report(judge(options.part, options.data), with_items=with_items), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
