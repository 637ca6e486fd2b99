"""What the pages of both libraries' lives share: words in the reader's language, problems of a form, limits for visitors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_limiter import Limiter

from core.errors import BadInput
from core.i18n import language
from core.web import declare, need_of

Problems = Mapping[str, list[Any]]
#: applications and objections that one address may begin
VISITOR_LIMIT = "20 per hour"
#: affairs on a page of a list
PER_PAGE = 30


def problems_in(error: BadInput) -> Problems:
    """What was wrong, by field."""
    found = error.details.get("fields")
    return found if isinstance(found, Mapping) and found else {"": [error.message, error.fix]}


def pair(words: tuple[str, str]) -> str:
    """One of (zh, en), as the reader has it."""
    return words[0] if language() == "zh" else words[1]


def button(step: Any) -> str:
    """The words of a step's button, as the reader has it."""
    return str(step.zh if language() == "zh" else step.en)


def either(zh: str, en: str) -> str:
    """Chinese, or English where there is one and the reader wants it."""
    return en if language() == "en" and en else zh


def long_day(day: Any) -> str:
    """2026年3月2日, or 2 March 2026: as a certificate is dated."""
    if language() == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B} {day.year}"


def limit_visitors(app: Flask, *endpoints: str, limit: str = VISITOR_LIMIT) -> None:
    """Limit how often an address may use what writes without an account."""
    for limiter in app.extensions.get("limiter", ()):
        if isinstance(limiter, Limiter):
            for endpoint in endpoints:
                need = need_of(app, endpoint)
                assert need is not None
                limited: Any = limiter.limit(limit, methods=["POST"])(app.view_functions[endpoint])
                app.view_functions[endpoint] = limited
                declare(app, endpoint, need)


def done() -> str:
    """What is flashed after an act."""
    return str(gettext("Done; everybody concerned sees it."))
