"""Languages: Chinese by default, English beside it. Words in the code are English; Chinese stands in ``translations/``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request
from flask_babel import Babel, gettext, ngettext

from core.said import Said, plain
from core.web import house

#: what ``?lang=`` and the cookie may say -> the catalogue's name
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
COOKIE = "seamark_lang"
_WEEKDAYS_ZH = "一二三四五六日"
_YEAR_SECONDS = 31_536_000


def language() -> str:
    """zh or en, as this request is answered: asked for in the address, remembered, the account's, or the
    one of the two that the browser prefers; else zh."""
    if "language" not in g:
        asked = request.args.get("lang"), request.cookies.get(COOKIE)
        g.language = next((value for value in asked if value in LOCALES), None) or _told_language()
    return str(g.language)


def _told_language() -> str:
    account = _account_language()
    if account in LOCALES:
        return str(account)
    return request.accept_languages.best_match(["zh", "en"], default="zh") or "zh"


def _account_language() -> str | None:
    if g.get("is_plain"):
        return None
    told = current_app.extensions.get("seamark_account_language", lambda: None)()
    return told if isinstance(told, str) else None


def _locale() -> str:
    return LOCALES[language()]


def _zone() -> ZoneInfo:
    return ZoneInfo(house().settings.zone)


def show_date(value: date | str | None) -> str:
    """2026-12-14 (周一), or 2026-12-14 (Mon); an en dash when there is none."""
    if not value:
        return "–"
    day = date.fromisoformat(value) if isinstance(value, str) else value
    weekday = f"周{_WEEKDAYS_ZH[day.weekday()]}" if language() == "zh" else f"{day:%a}"
    return f"{day:%Y-%m-%d} ({weekday})"


def show_instant(value: datetime | None) -> str:
    """2026-12-14 (周一) 17:05 in the centre's zone; an en dash when there is none."""
    if value is None:
        return "–"
    local = value.astimezone(_zone())
    return f"{show_date(local.date())} {local:%H:%M}"


def show_number(value: float) -> str:
    """1,234."""
    return f"{value:,}"


def with_query(**changes: Any) -> str:
    """This page's address with some of its query changed; a value of None takes the name away."""
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key not in changes]
    for key, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(key, str(one)) for one in values if one is not None]
    # Only a page that can be got leads back to itself; and "//name" would be another site.
    path = "/" + quote(request.path).lstrip("/") if request.method in ("GET", "HEAD") else "/"
    return path + ("?" + urlencode(pairs) if pairs else "")


def switch_query(key: str, value: str) -> str:
    """This page's first page with ``value`` of ``key`` added, or taken away when it is there."""
    now = request.args.getlist(key)
    then = [one for one in now if one != value] if value in now else [*now, value]
    return with_query(**{key: then, "cursor": None})


def translated(text: str) -> str:
    """A sentence of a service in the reader's language, or as it is when the catalogue cannot know it."""
    known = plain(text)
    return gettext(known.template, **known.values) if isinstance(known, Said) else known


def init_i18n(app: Flask, translations: Path) -> None:
    """Give ``app`` its languages; ``translations`` is the folder of catalogues."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations)
    Babel(app, locale_selector=_locale, default_locale="en")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        day=show_date, instant=show_instant, number=show_number, translated=translated
    )
    app.jinja_env.globals.update(
        language=language,
        with_query=with_query,
        switch_query=switch_query,
        is_said=lambda text: isinstance(text, Said),
    )

    @app.after_request
    def remember(response: Any) -> Any:
        if request.args.get("lang") in LOCALES:
            response.set_cookie(
                COOKIE,
                request.args["lang"],
                max_age=_YEAR_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=house().settings.https,
            )
        return response
