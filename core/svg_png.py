"""A chart of this house as PNG, for documents that show no SVG: rectangles, lines and plain numbers, nothing else. Pure."""

from __future__ import annotations

import io

from bs4 import Tag
from PIL import Image, ImageDraw, ImageFont

#: pixels a unit of the drawing
_SCALE = 3


def png_of(svg: Tag) -> bytes:
    """The picture of ``svg``: its ``rect``, ``line`` (dashed where it says so) and ``text`` of ASCII signs; other signs
    need a font that a server may lack, and are left out. Raises ValueError without a viewBox."""
    box = str(svg.get("viewBox") or svg.get("viewbox") or "").split()
    if len(box) != 4:
        raise ValueError("the drawing has no viewBox")
    wide, high = (round(float(side) * _SCALE) for side in box[2:])
    image = Image.new("RGB", (wide, high), "white")
    pen = ImageDraw.Draw(image)
    for part in svg.find_all(("rect", "line", "text")):
        if part.name == "rect":
            x, y, width, height = (_number(part, name) for name in ("x", "y", "width", "height"))
            if height > 0:
                pen.rectangle((x, y, x + width - 1, y + height - 1), fill=str(part.get("fill") or "#000000"))
        elif part.name == "line":
            _line(pen, part)
        elif (words := part.get_text().strip()).isascii():
            size = _number(part, "font-size")
            where = (_number(part, "x"), _number(part, "y"))
            fill = str(part.get("fill") or "#000000")
            pen.text(where, words, fill=fill, font=ImageFont.load_default(size), anchor="ls")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _number(part: Tag, name: str) -> float:
    return float(str(part.get(name) or 0)) * _SCALE


def _line(pen: ImageDraw.ImageDraw, part: Tag) -> None:
    """A level line, dashed by its ``stroke-dasharray``; others are drawn whole."""
    x1, y1, x2, y2 = (_number(part, name) for name in ("x1", "y1", "x2", "y2"))
    colour = str(part.get("stroke") or "#000000")
    dashes = [float(told) * _SCALE for told in str(part.get("stroke-dasharray") or "").split()]
    if len(dashes) != 2 or y1 != y2:
        pen.line((x1, y1, x2, y2), fill=colour, width=_SCALE)
        return
    x = x1
    while x < x2:
        pen.line((x, y1, min(x + dashes[0], x2), y1), fill=colour, width=_SCALE)
        x += sum(dashes)
