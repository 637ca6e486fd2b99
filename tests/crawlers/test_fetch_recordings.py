"""Recordings in place of a site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import BadInput
from crawlers.fetch import (
    Fetched,
    ReplayFetcher,
)
from tests.conftest import NOW
from tests.crawlers.sites import (
    FEED,
    SPEC,
)


def test_recordings_come_in_order_with_their_court_and_without_their_path(
    tmp_path: Path, clock: FixedClock
) -> None:
    folder = tmp_path / SPEC.id
    folder.mkdir()
    for name, content in {"txed_2-25-cv-1.xml": b"<b/>", "cand.json": b"{}", "ded.HTML": b"<a/>"}.items():
        (folder / name).write_bytes(content)
    for name in ("README.md", ".hidden.xml"):
        (folder / name).write_bytes(b"not a recording")
    (folder / "sub.xml").mkdir()
    answers = list(ReplayFetcher(tmp_path, clock).answers(replace(SPEC, courts=("cand", "ded", "txed"))))
    assert answers == [
        ("cand", Fetched("recording:test_court/cand.json", b"{}", NOW, "application/json")),
        ("ded", Fetched("recording:test_court/ded.HTML", b"<a/>", NOW, "text/html")),
        ("txed", Fetched("recording:test_court/txed_2-25-cv-1.xml", b"<b/>", NOW, "application/xml")),
    ]


def test_a_source_with_one_feed_has_recordings_without_a_court(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / SPEC.id).mkdir()
    (tmp_path / SPEC.id / "opinions.xml").write_bytes(FEED)
    assert [court for court, _ in ReplayFetcher(tmp_path, clock).answers(SPEC)] == [""]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda folder: None,
        lambda folder: folder.mkdir(),
        lambda folder: folder.write_bytes(b"a file"),
    ],
    ids=["missing", "empty", "a-file"],
)
def test_a_folder_without_recordings_is_bad_input(
    tmp_path: Path, clock: FixedClock, prepare: Callable[[Path], None]
) -> None:
    prepare(tmp_path / SPEC.id)
    with pytest.raises(BadInput, match="recordings"):
        ReplayFetcher(tmp_path, clock).answers(SPEC)


def test_a_recording_that_cannot_be_read_or_is_too_large_is_bad_input(
    tmp_path: Path, clock: FixedClock
) -> None:
    (tmp_path / SPEC.id).mkdir()
    (tmp_path / SPEC.id / "a.xml").write_bytes(b"x" * (SPEC.max_bytes + 1))
    with pytest.raises(BadInput, match="larger than"):
        list(ReplayFetcher(tmp_path, clock).answers(SPEC))
    answers = ReplayFetcher(tmp_path, clock).answers(SPEC)
    (tmp_path / SPEC.id / "a.xml").unlink()
    with pytest.raises(BadInput, match="cannot be read"):
        list(answers)


def test_the_shipped_recordings_can_be_replayed(clock: FixedClock) -> None:
    shipped = Path(__file__).parents[2] / "samples" / "recordings"
    dockets = replace(SPEC, id="us_pacer_docket", courts=("cacd",))
    courts = [court for court, _ in ReplayFetcher(shipped, clock).answers(dockets)]
    assert len(courts) == len(list((shipped / "us_pacer_docket").iterdir()))
    assert {"cacd", "txed", "wawd"} <= set(courts)
