"""Every engine in turn, for the suites that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from search.embedded import TantivyIndex
from search.port import SearchIndex


@pytest.fixture(params=["tantivy", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    makers: dict[str, Callable[[], SearchIndex]] = {
        "tantivy": lambda: TantivyIndex(tmp_path / "index"),
        "elasticsearch": lambda: request.getfixturevalue("elastic_index"),
    }
    return makers[request.param]()
