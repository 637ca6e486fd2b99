"""What the rulebook reaches on labelled records, beside what bare keywords reach on the same ones.

Both halves are judged. The floors are what the rules must not fall below; the figures are printed with ``-s``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.quality.measure import KINDS, Score, bare_keywords, ours, score
from tests.quality.records import Labelled, composed, records
from warning.rules.tagger import TagInput, load_rulebook, tag

#: floors by kind: the development half and the one held out
FLOORS = {"regions": 0.98, "industries": 0.93, "dispute_types": 0.95, "china_related": 0.96}
#: floors for the items composed in each language: the floor of the worst kind asked of the rules
LANGUAGE_FLOORS = {"regions": 0.95, "industries": 0.88, "dispute_types": 0.90, "china_related": 0.93}


def judged(name: str, items: Sequence[Labelled]) -> dict[str, Score]:
    """The rulebook's scores, printed beside those of bare keywords."""
    rulebook = load_rulebook()
    reached, yardstick = score(items, ours(rulebook)), score(items, bare_keywords(rulebook.taxonomy))
    for kind in KINDS:
        own = reached[kind]
        print(
            f"{name}: {kind} F1 {own.f1:.3f} (P {own.precision:.3f}, R {own.recall:.3f}, "
            f"{own.right + own.missed} labels), bare keywords {yardstick[kind].f1:.3f}"
        )
    return reached


@pytest.mark.parametrize("is_held_out", [False, True], ids=["development", "held_out"])
def test_the_rules_stay_above_their_floors(shared_data: Path, is_held_out: bool) -> None:
    items = [i for i in records(shared_data) if i.is_held_out is is_held_out]
    assert len(items) > 400
    reached = judged("held out" if is_held_out else "development", items)
    assert {kind: reached[kind].f1 for kind in KINDS if reached[kind].f1 < FLOORS[kind]} == {}


@pytest.mark.parametrize("language", ["zh", "ja", "de", "en"])
def test_no_language_falls_behind(language: str) -> None:
    items = [i for i in composed() if i.record.language == language]
    assert len(items) >= 30
    reached = judged(language, items)
    assert {kind: reached[kind].f1 for kind in KINDS if reached[kind].f1 < LANGUAGE_FLOORS[kind]} == {}


def test_dockets_that_are_no_matter_of_ours_get_next_to_no_tags(shared_data: Path) -> None:
    # PACER's feeds of 2018 hold no case of intellectual property among these courts' entries.
    said = {"dispute_types": 0, "industries": 0}
    count = 0
    for court, venue in (("nyed_1", "nyed"), ("sdny_1", "nysd"), ("cadc", "cadc"), ("ca11", "ca11")):
        for item in ElementTree.parse(shared_data / "pacer_rss" / f"{court}.xml").iter("item"):
            record = TagInput("x", item.findtext("title", ""), item.findtext("description", ""), venue)
            result = tag(record, load_rulebook())
            said["dispute_types"] += len(result.dispute_types)
            said["industries"] += len(result.industries)
            count += 1
    print(f"{count} docket entries of other matters: {said}")
    assert count > 700
    assert said["dispute_types"] <= count * 0.005
    assert said["industries"] <= count * 0.02
