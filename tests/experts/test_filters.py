"""Hard filters: a cause each, in the stated order, and the rules of the contract as tables."""

from __future__ import annotations

from typing import Any

import pytest

from experts.matching.request import Cause
from tests.experts.making import asked, expert, fate, run

RANKED = ["ranked"]
CONFLICT = {"clients": [{"name": "Acme Optics GmbH", "role": "client", "from": "2022-01-01", "to": None}]}
#: one change a cause, in the order the causes are told
ALONE: list[tuple[str, dict[str, Any]]] = [
    ("inactive", {"status": "suspended"}),
    ("unverified", {"verified": False}),
    ("conflict", CONFLICT),
    ("not_admitted", {"admissions": []}),
    ("language", {"languages": ["en", "de"]}),
    ("dispute_type", {"dispute_types": ["dt.copyright"]}),
    ("capacity", {"open": 3}),
    ("unavailable", {"available": False}),
]


def test_the_expert_of_the_tables_is_good() -> None:
    assert fate({}) == RANKED


@pytest.mark.parametrize(("cause", "change"), ALONE, ids=[cause for cause, _ in ALONE])
def test_each_cause_excludes_alone(cause: str, change: dict[str, Any]) -> None:
    assert fate(change) == [cause]


def test_every_cause_is_told_in_the_stated_order_and_the_first_is_the_cause() -> None:
    assert [cause for cause, _ in ALONE] == [cause.value for cause in Cause]
    for start in range(len(ALONE)):
        merged = {k: v for _, change in ALONE[start:] for k, v in change.items()}
        (excluded,) = run([expert(**merged)]).excluded
        assert excluded.causes == [cause for cause, _ in ALONE[start:]]
        assert excluded.cause == ALONE[start][0]
        assert excluded.detail


@pytest.mark.parametrize("status", ["suspended", "term_end", "exited", "removed", "", None])
def test_only_an_active_entry_is_recommended(status: str | None) -> None:
    assert fate({"status": status}) == ["inactive"]


ADMISSIONS: list[tuple[Any, list[str], str]] = [
    ([{"venue": "v.us.txed", "from": "2020-01-01", "to": "2027-01-01"}], RANKED, "the venue's"),
    ([{"region": "US"}], RANKED, "the region's, without dates"),
    ([{"region": "cty.us", "from": None, "to": None}], RANKED, "a region by its taxonomy id"),
    ([{"region": "美国"}], RANKED, "a region by its name"),
    ([{"venue": "txed"}], RANKED, "a venue by its court code"),
    ([{"venue": "vg.us.district"}], RANKED, "a group of venues"),
    ([{"region": "US", "to": "2026-11-02"}], RANKED, "valid on its last day"),
    ([{"region": "US", "from": "2026-11-02"}], RANKED, "valid on its first day"),
    ([{"region": "US", "to": "2026"}], RANKED, "a year ends with its last day"),
    ([{"region": "US", "to": "2026-11-01"}], ["not_admitted"], "lapsed the day before"),
    ([{"region": "US", "from": "2026-11-03"}], ["not_admitted"], "begins the day after"),
    ([{"venue": "v.us.itc"}], ["not_admitted"], "another venue of the region"),
    ([{"region": "DE"}, {"venue": "v.epo"}], ["not_admitted"], "another region"),
    ([{"qualification": "USPTO"}], ["not_admitted"], "for nowhere"),
    (None, ["not_admitted"], "none told"),
]


@pytest.mark.parametrize(("admissions", "said", "why"), ADMISSIONS, ids=[why for *_, why in ADMISSIONS])
def test_a_representative_needs_an_admission_of_that_day(admissions: Any, said: list[str], why: str) -> None:
    assert fate({"admissions": admissions}) == said


@pytest.mark.parametrize(
    ("request_", "admissions", "said"),
    [
        ({"venue": None}, [{"venue": "v.us.itc"}], RANKED),
        ({"venue": None}, [{"region": "US"}], RANKED),
        ({"venue": None}, [{"region": "JP"}], ["not_admitted"]),
        ({"venue": None, "region": None}, [{"region": "JP"}], RANKED),
        ({"venue": "v.upc", "region": "EU"}, [{"region": "EU"}], RANKED),
        ({"venue": "v.upc", "region": "EU"}, [{"region": "DE"}], ["not_admitted"]),
        ({"venue": "v.epo", "region": "EP"}, [{"region": "EU"}], ["not_admitted"]),
        ({"venue": "a court nobody knows", "region": "US"}, [{"region": "US"}], RANKED),
    ],
)
def test_the_forum_is_the_venue_or_else_the_region(
    request_: dict[str, Any], admissions: Any, said: list[str]
) -> None:
    assert fate({"admissions": admissions}, asked(**request_)) == said


@pytest.mark.parametrize(
    ("class_id", "said"),
    [
        *((c, RANKED) for c in ("ec.academic", "ec.technical", "ec.inhouse", "ec.finance", "ec.customs")),
        *(
            (c, ["not_admitted"])
            for c in ("ec.litigator", "ec.patent_attorney", "ec.tm_attorney", "", "ec.x")
        ),
        ("academic", RANKED),
        ("Academic", RANKED),
        ("高校/研究机构学者", RANKED),
    ],
)
def test_advising_classes_need_no_admission(class_id: str, said: list[str]) -> None:
    assert fate({"class": class_id, "admissions": []}) == said


@pytest.mark.parametrize(
    ("languages", "pair", "said"),
    [
        (["en-US", "zh-Hans"], {"case": ["en"], "client": ["zh-CN"]}, RANKED),
        (["en"], {"case": ["en"], "client": ["zh"]}, ["language"]),
        (["zh"], {"case": ["en"], "client": ["zh"]}, ["language"]),
        (["de", "zh"], {"case": ["en", "de"], "client": ["zh"]}, RANKED),
        (["ja"], {"case": ["ja"], "client": []}, RANKED),
        (["ja"], {"case": ["ja"]}, RANKED),
        ([], None, RANKED),
        (None, {"case": ["en"]}, ["language"]),
        ([{"language": "en", "level": "C1"}, "zh:native"], {"case": ["en"], "client": ["zh"]}, RANKED),
    ],
)
def test_the_case_and_the_client_are_both_understood(languages: Any, pair: Any, said: list[str]) -> None:
    assert fate({"languages": languages}, asked(languages=pair)) == said


@pytest.mark.parametrize(
    ("declared", "wanted", "said"),
    [
        (["dt.copyright"], ["dt.patent_infringement"], ["dispute_type"]),
        (["dt.copyright", "dt.patent_infringement"], ["dt.patent_infringement", "dt.npe"], RANKED),
        ([], ["dt.patent_infringement"], RANKED),
        (["dt.copyright"], [], RANKED),
        (None, None, RANKED),
    ],
)
def test_declared_dispute_types_that_share_nothing_exclude(
    declared: Any, wanted: Any, said: list[str]
) -> None:
    assert fate({"dispute_types": declared}, asked(dispute_types=wanted)) == said


@pytest.mark.parametrize(
    ("open_", "capacity", "said"),
    [
        (2, 3, RANKED),
        (3, 3, ["capacity"]),
        (4, 3, ["capacity"]),
        (0, 0, ["capacity"]),
        (9, None, RANKED),
        (None, 3, RANKED),
    ],
)
def test_a_full_hand_takes_nothing_more(open_: Any, capacity: Any, said: list[str]) -> None:
    assert fate({"open": open_, "capacity": capacity}) == said
