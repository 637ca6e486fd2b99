"""The quality set itself: every reference is there, every label is of the taxonomy, and the split is what it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cases.taxonomy import load_taxonomy
from cases.taxonomy.entries import RIGHTS
from tests.quality.draw import draw, draw_second, draw_third
from tests.quality.labelled import (
    FIRST,
    FOURTH,
    LABELS,
    PARTS,
    PUBLIC4,
    REMEDIES,
    SEALED,
    SECOND,
    THIRD,
    Label,
    is_sealed2,
    read_labels,
    record_of,
    records_in,
    sealed_of,
)
from tests.quality.report import Judged, confusions, main, score

#: items by language over both parts of each set, at least
LANGUAGES = {
    FIRST: {"zh": 40, "ja": 30, "de": 30},
    SECOND: {"zh": 30, "ja": 30, "de": 30},
    THIRD: {"zh": 40, "ja": 40, "de": 40},
    FOURTH: {"zh": 45, "ja": 30, "de": 25, "en": 20},
}


def everything(parts: tuple[str, ...] = PARTS) -> list[Label]:
    return [label for part in parts for label in read_labels(part)]


def test_two_hundred_are_for_tuning_and_a_hundred_are_sealed() -> None:
    assert [len(read_labels(part)) for part in FIRST] == [200, SEALED]


def test_the_second_set_has_its_hundred_and_ninety() -> None:
    assert [len(read_labels(part)) for part in SECOND] == [75, 115]


def test_the_third_set_has_over_a_hundred_and_fifty_sealed_and_over_a_hundred_for_tuning() -> None:
    assert [len(read_labels(part)) for part in THIRD] == [118, 157]


def test_the_fourth_set_is_told_facts_alone_and_all_of_them_are_sealed() -> None:
    told = {f"{PUBLIC4}#{key}" for key in records_in(PUBLIC4, LABELS)}
    assert {label.reference for label in everything(FOURTH)} == told
    assert len(told) == 128


def test_no_item_is_labelled_twice() -> None:
    counts = Counter(label.reference for label in everything())
    assert {reference for reference, count in counts.items() if count > 1} == set()


def test_the_split_is_by_the_hash_of_the_reference() -> None:
    every = {label.reference for label in everything(FIRST)}
    assert {label.reference for label in read_labels("sealed")} == sealed_of(every)
    for part in (*SECOND, *THIRD):
        assert {is_sealed2(label.reference) for label in read_labels(part)} == {part.startswith("sealed")}


def test_the_draw_can_be_repeated(shared_data: Path) -> None:
    assert sorted(draw(shared_data)) == sorted(label.reference for label in everything(FIRST))
    assert sorted(draw_second(shared_data)) == sorted(label.reference for label in everything(SECOND))
    assert sorted(draw_third(shared_data)) == sorted(label.reference for label in everything(THIRD))


def test_every_reference_resolves_to_a_record_in_its_language(shared_data: Path) -> None:
    for label in everything():
        record = record_of(label.reference, shared_data)
        assert record.title or record.text, label.reference
        assert record.language == label.language, label.reference
        assert bool(record.venue) is label.venue_given, label.reference


def test_an_unknown_reference_is_an_error(shared_data: Path) -> None:
    with pytest.raises(KeyError):
        record_of("cafc/cafc_example.xml#none", shared_data)


@pytest.mark.parametrize("parts", [FIRST, SECOND, THIRD, FOURTH], ids=["first", "second", "third", "fourth"])
def test_every_language_has_its_share(parts: tuple[str, ...]) -> None:
    counts = Counter(label.language for label in everything(parts))
    assert {lang: counts[lang] for lang, least in LANGUAGES[parts].items() if counts[lang] < least} == {}


def test_every_label_is_of_the_taxonomy() -> None:
    taxonomy = load_taxonomy()
    known = {
        "regions": {region.code for region in taxonomy.regions.values()},
        "industries": set(taxonomy.industries),
        "dispute_types": set(taxonomy.dispute_types),
        "ip_rights": set(RIGHTS),
        "remedies": set(REMEDIES),
    }
    for label in everything():
        for kind, ids in known.items():
            said = (getattr(label, kind) or frozenset()) | label.lenient.get(kind, frozenset())
            assert said <= ids, (label.reference, kind, said - ids)
        assert label.stage is None or label.stage in taxonomy.stages, label.reference


def test_what_is_strict_is_not_lenient_too_and_industries_are_two_at_most() -> None:
    for label in everything():
        for kind, lenient in label.lenient.items():
            assert not lenient & (getattr(label, kind) or frozenset()), (label.reference, kind)
        assert len(label.industries or ()) <= 2, label.reference


@pytest.mark.parametrize("part", ["sealed", "sealed2", "sealed3", "sealed4"])
def test_a_sealed_part_stays_closed_without_its_flag(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([part]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "--unseal" in told.err


def test_a_further_acceptable_industry_takes_the_place_of_one_missed() -> None:
    label = next(
        each for each in read_labels("development") if each.lenient["industries"] and each.industries
    )
    item = Judged(label, "industries", label.industries or frozenset(), label.lenient["industries"])
    assert score("industries", [item]).right == 0
    lenient = score("industries", [item], is_lenient=True)
    assert (lenient.right, lenient.wrong) == (1, 0)
    assert not confusions("industries", [item])


def test_a_wrong_answer_is_a_confusion_and_costs_precision_and_recall() -> None:
    label = next(each for each in read_labels("development") if each.regions == {"DE"})
    item = Judged(label, "regions", frozenset({"DE"}), frozenset({"US"}))
    found = score("regions", [item], is_lenient=True)
    assert (found.right, found.wrong, found.missed) == (0, 1, 1)
    assert confusions("regions", [item]) == {("DE", "US"): 1}
