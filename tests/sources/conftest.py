"""Fixtures of the sources' suites.

``take`` parses bytes as one source. Real recordings stand beside the project, never in it: ``recording`` reads one and
skips with the reason where the folder is missing, or fails where SEAMARK_REQUIRE_SERVICES=1. What a recording must give
stands in ``<source>/expected.json``: facts, and SHA-256 digests of the rest, written and reviewed by hand. No code
writes these files, and a recording without an expectation fails.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cases.facts import RawCase
from config import ROOT, requires_services
from crawlers.registry import get_source
from crawlers.schemas import validated
from crawlers.source import ParseResult, Snapshot, as_json

Take = Callable[..., ParseResult]


@pytest.fixture(scope="session")
def take() -> Take:
    """A function that parses bytes (or text) as one source."""

    def parse(
        source_id: str, content: bytes | str, court: str | None = None, charset: str | None = None
    ) -> ParseResult:
        raw = content.encode() if isinstance(content, str) else content
        return get_source(source_id).parse(
            Snapshot(
                source_id=source_id,
                url="recording",
                content=raw,
                sha256=hashlib.sha256(raw).hexdigest(),
                fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
                charset=charset,
                court=court,
            )
        )

    return parse


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings beside the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        reason = f"the folder of real recordings, {folder.parent.name}/{folder.name} beside the project, is missing"
        if requires_services():
            pytest.fail(f"{reason}, and SEAMARK_REQUIRE_SERVICES=1 forbids skipping")
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def recording(shared: Path) -> Callable[[str], bytes]:
    """A function that reads a real recording by its name below the folder."""

    def read(name: str) -> bytes:
        path = shared / name
        assert path.is_file(), f"the recording {name} is expected and missing"
        return path.read_bytes()

    return read


@pytest.fixture(scope="session")
def truth(recording: Callable[[str], bytes]) -> Callable[[str], Any]:
    """A function that reads what another parser, checked by others, made of a recording."""
    return lambda name: json.loads(recording(name))


@pytest.fixture(scope="session")
def checked() -> Callable[[ParseResult], list[RawCase]]:
    """A function that gives the cases of a result, all of which must pass the schemas."""

    def cases(result: ParseResult) -> list[RawCase]:
        kept = validated(result)
        assert list(kept.rejected) == list(result.rejected)
        return list(kept.cases)

    return cases


@pytest.fixture(scope="session")
def digest() -> Callable[[Iterable[RawCase]], str]:
    """A function that gives the SHA-256 of everything parsed, for texts that are not ours to keep."""

    def of(cases: Iterable[RawCase]) -> str:
        records = sorted((as_json(case) for case in cases), key=lambda r: (r["venue"], r["docket_number"]))
        return hashlib.sha256(json.dumps(records, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    return of
