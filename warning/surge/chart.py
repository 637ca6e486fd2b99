"""The weeks of a series drawn as columns, the judged window in its level's colour, the limit as a line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

_WIDE, _HIGH, _FOOT, _HEAD = 720, 180, 22, 14
_FAMILY = "'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_COLOURS = {"I": "#b3261e", "II": "#b45309", "III": "#8a6d00", "IV": "#1d5fa8", "": "#7c8b9a"}


def weeks_chart(
    weeks: Sequence[tuple[date, int]],
    *,
    identity: str,
    title: str,
    description: str,
    window: int = 0,
    level: str = "",
    upper: int | None = None,
) -> Markup:
    """A column a week, oldest first.

    Args:
        weeks: (Monday, cases).
        identity: unique on the page.
        window: how many of the last weeks were judged together; drawn in the colour of ``level``.
        upper: the limit of the window, drawn over it.
    """
    most = max([count for _, count in weeks] + ([upper] if upper is not None else []) + [1])
    step = _WIDE / max(1, len(weeks))
    plain = _HIGH - _FOOT - _HEAD
    drawn: list[Markup] = []
    for at, (_, count) in enumerate(weeks):
        high = round(plain * count / most, 1)
        is_judged = at >= len(weeks) - window
        drawn.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"></rect>').format(
                round(at * step + step * 0.1, 1),
                round(_HIGH - _FOOT - high, 1),
                max(1.0, round(step * 0.8, 1)),
                high,
                _COLOURS[level] if is_judged else _COLOURS[""],
            )
        )
    if upper is not None and window:
        y = round(_HIGH - _FOOT - plain * upper / most, 1)
        drawn.append(
            Markup(
                '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#1a2530" stroke-dasharray="4 3"></line>'
            ).format(round((len(weeks) - max(window, 8)) * step, 1), y, _WIDE, y)
        )
    drawn += _years(weeks, step)
    drawn.append(_text(0, 11, f"{most:,}"))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-weeks" role="img" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'font-family="{family}" aria-labelledby="{id}-title" aria-describedby="{id}-desc"><title id="{id}-title">{title}</title>'
        '<desc id="{id}-desc">{description}</desc>{drawn}</svg>'
    ).format(
        wide=_WIDE,
        high=_HIGH,
        family=_FAMILY,
        id=identity,
        title=title,
        description=description,
        drawn=Markup("").join(drawn),
    )


def _years(weeks: Sequence[tuple[date, int]], step: float) -> list[Markup]:
    """The first week of every quarter is named, so that a reader knows where in time a column stands."""
    drawn, last, free = [], None, 0.0
    for at, (monday, _) in enumerate(weeks):
        quarter = (monday.year, (monday.month - 1) // 3)
        if quarter != last and free <= at * step < _WIDE - 60:
            drawn.append(_text(round(at * step, 1), _HIGH - 6, f"{monday:%Y-%m}"))
            free = at * step + 50
        last = quarter
    return drawn


def _text(x: float, y: float, words: str) -> Markup:
    return Markup('<text x="{}" y="{}" font-size="11" fill="#1a2530">{}</text>').format(x, y, words)
