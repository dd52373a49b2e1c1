"""What a pack is made of: pages, and on each a headline and blocks of figures.

Belongs here: the model that every form renders, so that all of them show the same figures. Does not: what is on which
page (pages/), how a form draws it (pptx.py and the other forms), where rows are read (book.py).

A text is made of words and figures. Words may hold digits of names (FY26-Q3, Suite 360); a number that says how much
is always a figure. Every text and every point of a chart has a slot: an address that is unique in its pack, and that
stands in the file beside what it names.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from serving.board.figures import Figure

Part = str | Figure
Text = tuple[Part, ...]
"""Words and figures, in the order of reading."""
Cell = str | Figure


def plain(text: Text) -> str:
    """A text as people read it."""
    return "".join(part if isinstance(part, str) else part.text for part in text)


class Tile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure, large, and what it stands beside: pairs of words and a figure, such as the plan."""

    name: str
    figure: Figure
    beside: tuple[tuple[str, Figure], ...] = ()


class Tiles(msgspec.Struct, frozen=True, tag="tiles"):
    tiles: tuple[Tile, ...]


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """Figures of a chart, one for each category; None where no row is. ``colour`` is a role of palette.py; ``colours``
    those of single points, where they have their own."""

    name: str
    colour: str
    figures: tuple[Figure | None, ...]
    colours: tuple[str, ...] = ()


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A drawing. ``columns`` and ``bars`` stand side by side, ``stacked`` on each other, a ``line`` is over time.

    A ``waterfall`` has one series: where it begins, movements, where it ends; the first and the last stand on the
    ground. Its figures are never below zero where it stands.
    """

    kind: Literal["columns", "bars", "stacked", "line", "waterfall"]
    caption: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    alt: str


class Table(msgspec.Struct, frozen=True, tag="table", omit_defaults=True):
    """Rows of words and figures. The first ``words`` columns are words; ``strong`` are the places of rows that are
    totals; ``tints`` the roles of palette.py in which words of a state are written, each with its row and column."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alt: str
    words: int = 1
    strong: tuple[int, ...] = ()
    tints: tuple[tuple[int, int, str], ...] = ()


class Notes(msgspec.Struct, frozen=True, tag="notes"):
    """Sentences beside a chart or a table."""

    lines: tuple[Text, ...]


Block = Tiles | Chart | Table | Notes


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """One idea. ``topic`` names it, ``headline`` states what was found. ``as_of``: the oldest of its figures, ISO, UTC;
    ``marks``: what a reader must know of them, such as books that are open."""

    id: str
    topic: str
    headline: Text
    blocks: tuple[Block, ...]
    as_of: str | None = None
    marks: tuple[str, ...] = ()


class Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an audience gets of a period, and what it is made from. ``is_final``: whether the books of the period were
    closed; ``audience``: company, the id of a portfolio, or product:<id>."""

    period: str
    audience: str
    audience_name: str
    title: str
    company: str
    is_made_up: bool
    snapshot_id: str
    published_at: str
    as_of: str | None
    code_version: str
    is_final: bool
    pages: tuple[Page, ...]


def said(at: str | None) -> str:
    """A time as people read it."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" if at else "no known time"


def texts(page: Page) -> Iterator[tuple[str, Text]]:
    """Every text of a page by its slot. Heads and captions are words alone."""
    yield f"{page.id}/topic", (page.topic,)
    yield f"{page.id}/headline", page.headline
    for place, mark in enumerate(page.marks):
        yield f"{page.id}/mark/{place}", (mark,)
    for at, block in enumerate(page.blocks):
        yield from _texts(f"{page.id}/{at}", block)


def _texts(at: str, block: Block) -> Iterator[tuple[str, Text]]:
    match block:
        case Tiles():
            for place, tile in enumerate(block.tiles):
                yield f"{at}/{place}/name", (tile.name,)
                yield f"{at}/{place}/figure", (tile.figure,)
                for row, (words, figure) in enumerate(tile.beside):
                    yield f"{at}/{place}/beside/{row}", (words, " ", figure)
        case Chart():
            yield f"{at}/caption", (block.caption,)
        case Table():
            yield f"{at}/caption", (block.caption,)
            for column, head in enumerate(block.heads):
                yield f"{at}/head/{column}", (head,)
            for row, cells in enumerate(block.rows):
                for column, cell in enumerate(cells):
                    yield f"{at}/{row}/{column}", (cell,)
        case Notes():
            for place, line in enumerate(block.lines):
                yield f"{at}/{place}", line


def points(page: Page) -> Iterator[tuple[str, Figure]]:
    """Every point of the page's charts by its slot."""
    for at, block in enumerate(page.blocks):
        if isinstance(block, Chart):
            for place, series in enumerate(block.series):
                for point, figure in enumerate(series.figures):
                    if figure:
                        yield f"{page.id}/{at}/{place}/{point}", figure


def figures(page: Page) -> Iterator[tuple[str, Figure]]:
    """Every figure of a page with the slot where it stands; one that stands in several places comes as often."""
    for slot, text in texts(page):
        yield from ((slot, part) for part in text if isinstance(part, Figure))
    yield from points(page)


def stands(chart: Chart) -> list[tuple[Decimal, Decimal]]:
    """Of each point of a waterfall what is under it, which is not drawn, and its height: exact sums of its figures."""
    values = [
        Decimal(figure.value) if figure and figure.value is not None else Decimal()
        for figure in chart.series[0].figures
    ]
    found, reached = [], Decimal()
    for place, value in enumerate(values):
        is_ground = place in (0, len(values) - 1)
        below = Decimal() if is_ground else min(reached, reached + value)
        reached = value if is_ground else reached + value
        found.append((below, abs(value)))
    return found


def floor(chart: Chart) -> Decimal | None:
    """Where the axis begins; None where programs may choose. Columns and bars stand on zero, as programs cut off what
    is nearly of one height; of a waterfall so far under what moves that movements are half of the drawing."""
    if chart.kind != "waterfall":
        shown = (one.value for series in chart.series for one in series.figures if one and one.value is not None)
        return Decimal() if chart.kind in ("columns", "bars", "stacked") and all(one >= 0 for one in shown) else None
    heights = stands(chart)
    moving = heights[1:-1]
    lowest = min([below for below, _ in moving] or [Decimal()])
    highest = max([below + height for below, height in heights])
    return max(Decimal(), lowest - (highest - lowest)).quantize(Decimal(1))
