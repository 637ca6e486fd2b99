"""A signal in a drafted bulletin: drawing, table and sentence, all of them citing the bytes of the series."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import docx
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from core.errors import NotFound
from core.paper_docx import docx_of
from core.svg_png import png_of
from house import House
from tests.factories import staff
from tests.warning.surge.told_world import rising, signal_of
from warning.bulletin_counts import FILED, Window
from warning.bulletin_survey_drafts import draft_from_search
from warning.surge.chart import weeks_chart
from warning.surge.explain import sentence, window_of
from warning.surge.figure import SOURCE, draw
from warning.surge.levels import NAMES


@pytest.fixture
def risen(house: House) -> House:
    """A rise, judged."""
    rising(house)
    return house


def test_the_draft_has_the_drawing_the_table_and_the_sentence_and_all_cite_the_stored_series(
    risen: House,
) -> None:
    signal, actor = signal_of(risen), staff(risen)
    first, last = window_of(signal)
    with risen.database.write() as session:
        bulletin = draft_from_search(
            session,
            risen.clock,
            risen.index,
            risen.evidence,
            actor,
            "industry",
            {"region": ["US"], "industry": ["ind.battery_storage"]},
            Window(first, last, FILED),
            signal_id=signal.id,
        )
        content = bulletin.content
    words, (paragraph, figure) = sentence(signal), (content["paragraphs"][0], content["figures"][0])
    assert (paragraph["zh"], paragraph["en"], paragraph["type"]) == (words.zh, words.en, "fact")
    assert [row["id"] for row in content["paragraphs"]] == [
        f"p{n}" for n in range(1, len(content["paragraphs"]) + 1)
    ]
    number = figure["sources"][0]["source"]
    assert paragraph["sources"] == figure["sources"] and number == len(content["sources"]) == 3
    source = content["sources"][number - 1]
    assert source["source"] == SOURCE
    stored = json.loads(risen.evidence.get(source["sha256"]))
    assert stored["signal"] == str(signal.id) and stored["observed"] == signal.observed
    weeks = [count for _, count in stored["weeks"]]
    assert weeks == figure["drawn"]["counts"] and sum(weeks[-signal.window :]) == signal.observed
    assert [row["count"] for row in figure["rows"]] == list(reversed(weeks[-12:]))
    assert figure["rest"] == [92, sum(weeks[:-12])] and figure["total"] == sum(weeks)
    assert figure["rows"][0]["en"] == f"Week of {signal.week}" and figure["id"] == "f1"
    drawn = BeautifulSoup(draw(figure, identity="x", title="t", description="d"), "lxml")
    assert len(drawn.find_all("rect")) == len(weeks) and drawn.find("line") is not None
    with pytest.raises(NotFound), risen.database.write() as session:
        unknown = bulletin.id
        draft_from_search(
            session,
            risen.clock,
            risen.index,
            risen.evidence,
            actor,
            "industry",
            {},
            Window(first, last),
            signal_id=unknown,
        )


def _chart(level: str = "I") -> BeautifulSoup:
    rows = [(window_day, count) for window_day, count in zip(_mondays(20), [3] * 18 + [20, 30], strict=True)]
    svg = weeks_chart(
        rows, identity="x", title="Cases", description="20 weeks", window=2, level=level, upper=12
    )
    return BeautifulSoup(str(svg), "lxml")


def _mondays(count: int):  # type: ignore[no-untyped-def]
    from datetime import date

    return [date(2025, 10, 6) + timedelta(weeks=at) for at in range(count)]


@pytest.mark.parametrize("level", NAMES[1:])
def test_the_picture_shows_the_window_in_its_colour_and_the_limit(level: str) -> None:
    svg = _chart(level).svg
    assert svg is not None
    image = Image.open(io.BytesIO(png_of(svg)))
    assert image.size == (720 * 3, 180 * 3)
    colours = {colour for _, colour in image.getcolors(1 << 16) or ()}
    fills = {str(rect["fill"]) for rect in svg.find_all("rect")}
    assert len(fills) == 2
    for fill in fills:
        assert tuple(int(fill[at : at + 2], 16) for at in (1, 3, 5)) in colours
    # The highest column ends below the number that stands over it, and the last weeks are higher than the first.
    plain, judged = image.getpixel((30, 530 - 66)), image.getpixel((720 * 3 - 40, 200))
    assert plain != (255, 255, 255) or judged != (255, 255, 255)
    dashed = [image.getpixel((x, _limit(svg))) for x in range(720 * 3 - 500, 720 * 3 - 400)]
    assert (255, 255, 255) in dashed and (0x1A, 0x25, 0x30) in dashed


def _limit(svg) -> int:  # type: ignore[no-untyped-def]
    return round(float(svg.find("line")["y1"]) * 3)


def test_word_gets_a_picture_with_its_description() -> None:
    html = f"<html lang='en'><head><title>t</title></head><body><h1>T</h1><figure><figcaption>C</figcaption>{_chart()}</figure></body></html>"
    document = docx.Document(io.BytesIO(docx_of(html)))
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == "20 weeks" and shape._inline.docPr.get("title") == "Cases"
    assert docx_of(html) == docx_of(html), "the same paper, the same bytes"
    bars = html.replace("chart chart-weeks", "chart")
    assert len(docx.Document(io.BytesIO(docx_of(bars))).inline_shapes) == 0


def test_a_drawing_without_a_box_is_refused() -> None:
    svg = BeautifulSoup("<svg><rect x='0'/></svg>", "lxml").svg
    assert svg is not None
    with pytest.raises(ValueError):
        png_of(svg)
