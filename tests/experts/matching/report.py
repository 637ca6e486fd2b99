"""The ranking on the graded set, in one table: ``python -m tests.experts.matching.report`` (``--items``: the worst ten)."""

from __future__ import annotations

import argparse
import statistics
from collections import Counter

from experts.matching import VERSION
from tests.experts.matching.grading import kept_grades
from tests.experts.matching.measure import interval, judged, scores


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.experts.matching.report", description=__doc__)
    parser.add_argument(
        "--items", action="store_true", help="list the ten consultations that are ranked worst"
    )
    given = parser.parse_args()
    print(
        f"{VERSION}, {len(judged())} consultations x 15 experts\n\n{'':20}nDCG@5   95 %            worst    even    odd"
    )
    for name, found in scores().items():
        low, high = interval(found)
        print(
            f"{name:20}{statistics.fmean(found):.3f}    {low:.3f}-{high:.3f}     {min(found):.3f}    {statistics.fmean(found[::2]):.3f}   {statistics.fmean(found[1::2]):.3f}"
        )
    print("\nHow parts grow was chosen on the even consultations; the odd ones were not looked at for it.")
    fates = Counter[str]()
    for one in judged():
        ranked, held = {r.id for r in one.result.ranked}, {h.id for h in one.result.held}
        for who, trap in one.row["traps"].items():
            fates[
                f"{trap['fate']} wanted, {'RANKED' if who in ranked else 'held' if who in held else 'excluded'}"
            ] += 1
    print("\nplanted: " + "; ".join(f"{said}: {count}" for said, count in sorted(fates.items())))
    if given.items:
        grades = kept_grades()
        worst = sorted(zip(scores()["seamark match"], judged(), strict=True), key=lambda pair: pair[0])
        for found, one in worst[:10]:
            print(f"\n{one.row['request']['id']} {found:.3f}")
            for r in one.result.ranked:
                print(
                    f"  {r.id} grade {grades[r.id]} score {r.score:5.1f} {'explorer' if r.exploration else ''} {dict(r.parts)}"
                )
            best = sorted(one.eligible, key=lambda e: -grades[e["id"]])[:6]
            print("  best: " + ", ".join(f"{e['id']} {grades[e['id']]}" for e in best))


if __name__ == "__main__":
    main()
