"""Charts made on the server: SVG that stands in the page itself, with its words, and no script. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from core.text import is_cjk

#: points of the drawing, which a reader's page scales: its width, a line of words, a bar, what follows a row
_WIDE, _LINE, _BAR, _GAP = 380, 17, 14, 10
#: width kept for the number right of the longest bar
_NUMBER = 56
#: width of a sign of 13 points, generously: a wide one, a narrow one
_HAN, _LATIN = 13.0, 7.4
_FAMILY = "'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_PIECE = re.compile(r"\s*[^\s\u2e80-\uffff]+|\s*[\u2e80-\uffff]")


def bars(rows: Sequence[tuple[str, int]], *, identity: str, title: str, description: str) -> Markup:
    """A bar a row, the longest for the largest count; a label stands over its bar in as many lines as it needs.

    Args:
        rows: (label, count), counts of 0 and more.
        identity: unique on the page; the ids of title and description begin with it.
    """
    most = max((count for _, count in rows), default=0) or 1
    drawn, top = [], 0
    for label, count in rows:
        for line in lines_of(label):
            drawn.append(_text(0, top + 13, line))
            top += _LINE
        width = round((_WIDE - _NUMBER) * count / most, 1)
        drawn.append(
            Markup('<rect x="0" y="{}" width="{}" height="{}" rx="2" fill="#0b3d6b"></rect>').format(
                top, width, _BAR
            )
        )
        drawn.append(_text(width + 6, top + 12, f"{count:,}", ' font-weight="600"'))
        top += _BAR + _GAP
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {wide} {high}" '
        'width="{wide}" height="{high}" font-family="{family}" aria-labelledby="{id}-title {id}-desc">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>{drawn}</svg>'
    ).format(
        wide=_WIDE,
        high=max(top, _LINE),
        family=_FAMILY,
        id=identity,
        title=title,
        description=description,
        drawn=Markup("").join(drawn),
    )


def lines_of(label: str) -> list[str]:
    """``label`` in lines that fit the drawing: SVG breaks none by itself. A word too long for a line keeps one."""
    lines = [""]
    for piece in _PIECE.findall(label):
        if lines[-1] and _wide(lines[-1] + piece) > _WIDE:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece if lines[-1] else piece.lstrip()
    return lines


def _wide(text: str) -> float:
    return sum(_HAN if is_cjk(sign) or sign > "\u2e7f" else _LATIN for sign in text)


def _text(x: float, y: int, words: str, more: str = "") -> Markup:
    mark = Markup('<text x="{}" y="{}" font-size="13" fill="#1a2530"{}>{}</text>')
    return mark.format(x, y, Markup(more), words)
