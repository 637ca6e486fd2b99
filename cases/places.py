"""Places of China, for names of firms."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def chinese_places() -> dict[str, str]:
    """Every province and city: {pinyin or usual English: Chinese} and {Chinese: Chinese}."""
    data = yaml.safe_load((Path(__file__).parent / "places.yml").read_text(encoding="utf-8"))
    latin: dict[str, str] = {**data["provinces"], **data["cities"]}
    return {**latin, **{zh: zh for zh in latin.values()}}
