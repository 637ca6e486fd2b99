"""The Unified Patent Court's list: rows as they stand on its site, and rows that are odd or broken."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import as_json
from crawlers.sources.upc_decisions import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
COLUMNS = {
    "number": "view-field-judgement-application-no-1-table-column",
    "court": "view-field-location-table-column",
    "type": "view-field-upc-case-type-table-column",
    "parties": "view-field-judgement-parties-long-table-column",
    "document": "view-field-upc-document-table-column",
    "date": "view-field-judgement-date-table-column",
}


def row(**told: str) -> str:
    cells = {
        "number": 'UPC_CFI_1/2024<br/><a href="/en/node/1">Full Details</a>',
        "court": "Munich (DE) Local Division",
        "type": "Infringement Action",
        "parties": "Alpha GmbH<br/>v.<br/>深圳贝塔有限公司",
        "document": '<a href="/files/order_1.pdf">Order</a>',
    } | told
    inner = "".join(f'<td headers="{COLUMNS[name]}">{words}</td>' for name, words in cells.items())
    return f"<tr>{inner}</tr>"


def page(*rows: str, around: str = "") -> str:
    return f"<!DOCTYPE html><html><body>{around}<table><tbody>{''.join(rows)}</tbody></table></body></html>"


# --- the recording


def test_every_recording_has_an_expectation(shared: Path) -> None:
    assert {path.name for path in (shared / "upc").glob("*.html")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_list_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("upc_decisions", recording(f"upc/{name}"))
    cases = checked(result)
    assert list(result.rejected) == []
    assert result.items == expected["items"]
    for case, fact in zip(cases, expected["facts"], strict=True):
        record = as_json(case)
        assert {field: record.get(field) for field in fact} == fact
        assert len(case.events) == 1 and case.events[0].url.startswith(
            "https://www.unifiedpatentcourt.org/sites/"
        )
        assert case.aliases == tuple(expected["aliases"].get(case.docket_number, ()))
        assert is_ip(case, SPEC)
    assert digest(cases) == expected["sha256"]


# --- what is asked


def test_a_visit_asks_four_pages_and_never_page_nought() -> None:
    assert len(SPEC.urls) == 4
    assert not any("page=0" in url or "/en/node/" in url for url in SPEC.urls)


# --- what a row may say


@pytest.mark.parametrize(
    ("stated", "number", "aliases"),
    [
        ("UPC_CFI_1747/2025<br/>UPC_CFI_1747/2025", "UPC_CFI_1747/2025", ()),
        ("UPC-COA-0000053/2026", "UPC_CoA_53/2026", ()),
        ("ACT_551054/2023<br/>UPC_CFI_159/2023", "UPC_CFI_159/2023", ("ACT_551054/2023",)),
        ("APL_12/2024<br/>App_34/2024", "APL_12/2024", ("App_34/2024",)),
        ("UPC_CFI_1/2024 UPC_CFI_2/2024", "UPC_CFI_1/2024", ("UPC_CFI_2/2024",)),
    ],
)
def test_a_case_is_called_one_way_and_its_actions_are_other_numbers(
    stated: str, number: str, aliases: tuple[str, ...], take
) -> None:
    (case,) = take("upc_decisions", page(row(number=stated))).cases
    assert (case.docket_number, case.aliases) == (number, aliases)


@pytest.mark.parametrize(
    ("number", "kind", "roles"),
    [
        ("UPC_CFI_1/2024", "Infringement Action", ["plaintiff", "defendant"]),
        ("UPC_CFI_1/2024", "Revocation Action", ["plaintiff", "defendant"]),
        ("UPC_CFI_1/2024", "Application for provisional measures", ["applicant", "respondent"]),
        ("UPC_CFI_1/2024", "Generic procedural Order", ["party", "party"]),
        # who appealed is not told
        ("UPC_CoA_1/2024", "Appeal RoP220.1 infringement", ["party", "party"]),
    ],
)
def test_the_type_of_action_gives_the_roles(number: str, kind: str, roles: list[str], take) -> None:
    (case,) = take("upc_decisions", page(row(number=number, type=kind))).cases
    assert [p.role for p in case.parties] == roles
    assert [p.name for p in case.parties] == ["Alpha GmbH", "深圳贝塔有限公司"]


@pytest.mark.parametrize("others", ["a. o.", "et al", "et al.", "and others", "u.a.", "e.a."])
def test_others_who_are_not_named_are_no_party(others: str, take) -> None:
    (case,) = take(
        "upc_decisions", page(row(parties=f"Alpha GmbH {others}<br/>v.<br/>Beta B.V. {others}"))
    ).cases
    assert [p.name for p in case.parties] == ["Alpha GmbH", "Beta B.V."]


def test_files_of_one_label_are_two_events(take) -> None:
    files = '<a href="/files/a%201.pdf">Order</a> <a href="/files/b.pdf">Order</a> <a href="javascript:x">Order</a>'
    (case,) = take("upc_decisions", page(row(document=files))).cases
    assert [(e.kind, e.text) for e in case.events] == [("Order", "a 1.pdf"), ("Order", "b.pdf")]


def test_rows_of_one_case_are_one_case_whatever_their_order(take) -> None:
    rows = [row(), row(number="UPC-CFI-1/2024", document='<a href="/files/2.pdf">Decision</a>')]
    told = [take("upc_decisions", page(*order)).cases for order in (rows, rows[::-1])]
    assert [len(cases) for cases in told] == [1, 1]
    assert {frozenset(cases[0].events) for cases in told} == {frozenset(told[0][0].events)}
    assert len(told[0][0].events) == 2


@pytest.mark.parametrize(
    ("chosen", "label", "language"),
    [
        ("German", "Order", "de"),
        ("French", "Order", "fr"),
        ("All", "Order", "en"),
        ("All", "Anordnung", "de"),
        ("All", "Endentscheidung der Lokalkammer", "de"),
        ("All", "Ordonnance", "fr"),
        ("German", "Ordonnance", "de"),
    ],
)
def test_the_language_is_that_of_the_filter_or_of_the_files_own_label(
    chosen: str, label: str, language: str, take
) -> None:
    select = (
        f'<select name="proceedings_lang"><option value="1">Italian</option><option value="2" selected="selected">{chosen}'
        "</option></select>"
    )
    content = page(row(document=f'<a href="/files/1.pdf">{label}</a>'), around=select)
    (case,) = take("upc_decisions", content).cases
    assert case.language == language


@pytest.mark.parametrize(
    "written", ["12 March 2026", "12 March, 2026", '<time datetime="2026-03-12T10:00:00Z">x</time>']
)
def test_a_date_is_read_where_the_list_has_one(written: str, take) -> None:
    (case,) = take("upc_decisions", page(row(date=written))).cases
    assert case.events[0].on == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"number": "n/a"}, "no case number"),
        ({"number": ""}, "no case number"),
        ({"date": "soon"}, "is no date"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_on(
    broken: dict[str, str], reason: str, take
) -> None:
    result = take("upc_decisions", page(row(**broken), row(number="UPC_CFI_2/2024")))
    assert [case.docket_number for case in result.cases] == ["UPC_CFI_2/2024"]
    assert [(r.position, reason in r.reason) for r in result.rejected] == [(0, True)]


def test_a_filter_without_results_is_no_fault(take) -> None:
    content = "<html><body><form></form><p>There are no results for this search.</p></body></html>"
    assert list(take("upc_decisions", content).cases) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        ('{"rows": []}', "the answer is no web page"),
        ("<html><body>Just a moment...</body></html>", "no table of decisions"),
        ("<html><body><table><tr><td>1</td></tr></table></body></html>", "no table of decisions"),
        (page(row(number="soon"), row(number="later")), "no row of the table has a case number"),
    ],
)
def test_an_unusable_page_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("upc_decisions", content)
