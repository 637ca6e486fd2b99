"""Sources are found by looking into the folder, and a broken one says what is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import crawlers.sources
from cases.taxonomy import load_taxonomy
from core.errors import BadInput
from crawlers.registry import all_sources, check_spec, get_source, with_source
from crawlers.source import ParseResult, SourceSpec, SourceStatus
from crawlers.us_courts import court_venue

SPEC = SourceSpec(
    id="xx_test",
    zh="测试",
    en="A test",
    homepage="https://example.org/",
    urls=("https://example.org/feed",),
    status=SourceStatus.LIVE,
    media_types=("text/xml",),
)


def test_every_module_of_the_folder_is_a_source_and_no_other() -> None:
    folder = Path(crawlers.sources.__path__[0])
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(all_sources()) == files
    assert list(all_sources()) == sorted(files)


def test_a_source_is_called_by_its_file_and_keeps_to_the_contract() -> None:
    for source_id, source in all_sources().items():
        check_spec(source_id, source.SPEC)
        assert source.SPEC.id == source_id
        assert callable(source.parse)
        assert source.SPEC.terms


def test_an_unknown_source_names_the_near_ones() -> None:
    with pytest.raises(BadInput, match="There is no source 'us_cafk'") as caught:
        get_source("us_cafk")
    assert "us_cafc" in caught.value.fix
    with pytest.raises(BadInput) as caught:
        get_source("zzzz")
    assert "us_ttab" in caught.value.fix


def test_what_is_returned_may_be_changed_without_harm() -> None:
    all_sources().clear()
    assert all_sources()


def test_a_test_may_add_a_source_for_a_while() -> None:
    source: Any = SimpleNamespace(SPEC=SPEC, parse=lambda snapshot: ParseResult([]))
    with with_source(source):
        assert get_source("xx_test") is source
        assert "xx_test" in all_sources()
        with pytest.raises(ValueError, match="already"), with_source(source):
            pass
    assert "xx_test" not in all_sources()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "other"}, "must be the file's name"),
        ({"zh": ""}, "both languages"),
        ({"urls": ()}, "an address to ask"),
        ({"media_types": ()}, "an address to ask"),
        ({"urls": ("ftp://example.org",)}, "https or http"),
        ({"urls": ("https://{court}.example.org",)}, "go together"),
        ({"courts": ("abcd",)}, "go together"),
        ({"court_urls": {"abcd": "https://example.org"}}, "not among courts"),
        ({"urls": ("https://{court}.example.org",), "courts": ("a", "a")}, "stands twice"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"visiting_hours": (22, 6)}, "no two hours of a day"),
        ({"every_minutes": 0}, "must be positive"),
        ({"may_shrink_by": 1.0}, "a share of one complete download"),
        (
            {"may_shrink_by": 0.1, "urls": ("https://a.example/1", "https://a.example/2")},
            "one complete download",
        ),
    ],
)
def test_a_source_that_contradicts_itself_is_named_with_the_fault(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(TypeError, match=r"crawlers/sources/xx_test\.py") as caught:
        check_spec("xx_test", replace(SPEC, **change))
    assert fault in str(caught.value)


def test_every_court_that_is_crawled_is_in_the_taxonomy_and_has_an_address() -> None:
    spec = get_source("us_pacer_rss").SPEC
    for court in spec.courts:
        venue = court_venue(court)
        assert venue is not None and venue.id == f"v.us.{court}"
        (url,) = spec.urls_for(court)
        assert url.startswith(f"https://ecf.{court}.uscourts.gov/")
    assert "RSSGenerator" in spec.urls_for("cafc")[0]
    assert spec.urls_for("nyed") != spec.urls_for("ilnd")


def test_every_parsers_venue_is_in_the_taxonomy() -> None:
    for venue in ("v.us.cafc", "v.us.ttab", "v.us.itc", "v.us.ptab", "v.upc", "v.gb.pat"):
        assert venue in load_taxonomy().venues


def test_a_source_that_is_not_live_says_why() -> None:
    waiting = {
        s: source.SPEC for s, source in all_sources().items() if source.SPEC.status is not SourceStatus.LIVE
    }
    assert set(waiting) == {"us_federal_register", "us_itc_ids", "us_pacer_docket", "us_ptab"}
    for spec in waiting.values():
        assert spec.urls if spec.status is SourceStatus.UNPROVEN else not spec.urls
        assert re.search(r"switched on once|by hand", spec.terms)


def test_what_one_visit_asks_is_bounded() -> None:
    for source in all_sources().values():
        assert len(source.SPEC.urls) <= 5
