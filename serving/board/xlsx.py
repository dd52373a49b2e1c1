"""The pack as a workbook: a sheet a page, and a sheet of all figures with what each of them is.

Belongs here: which cell holds what, and its format. Does not: what is on a page (page.py), reading a workbook back
(proof/xlsx.py).

A number is a number with the format in which pages show it. Everything else is text whatever it begins with, also after
somebody edited the cell: a product may be called ``=1+1``. The workbook carries the place of each slot.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from serving.board.carried import carry
from serving.board.figures import Figure
from serving.board.page import Block, Chart, Notes, Pack, Page, Table, Text, Tiles, plain

FIGURES = "Figures"
LONGEST_NAME = 31
WIDE, NARROW, MOST = 40, 17, 30
"""Columns, in characters: of words, of numbers, and how many have a width."""
GENERAL = "General"
STYLES: dict[str, dict[str, Any]] = {
    "topic": {"font_size": 11, "font_color": "#5B6770"},
    "headline": {"font_size": 16, "bold": True},
    "mark": {"italic": True, "font_color": "#5B6770"},
    "caption": {"bold": True},
    "large": {"bold": True},
    "beside": {"font_color": "#5B6770", "indent": 1},
    "head": {"bold": True, "bottom": 1, "bg_color": "#EEF1F4"},
    "strong": {"bold": True, "top": 1},
    "words": {},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that is not empty, by its place from 0."""

    sheet: str
    row: int
    column: int
    slot: str
    text: Text
    style: str = "words"
    is_right: bool = False
    """Whether it stands in a column of numbers."""

    @property
    def figure(self) -> Figure | None:
        """What it holds as a number; None of a text."""
        alone = self.text[0] if len(self.text) == 1 else None
        return alone if isinstance(alone, Figure) and alone.value is not None else None

    @property
    def number_format(self) -> str:
        return self.figure.form.number_format if self.figure and self.sheet != FIGURES else GENERAL

    @property
    def place(self) -> str:
        return f"{self.sheet}!{xl_rowcol_to_cell(self.row, self.column)}"


def stored(figure: Figure) -> float:
    """A figure's value as a spreadsheet holds it: a double, whose first fifteen digits it shows."""
    return float(f"{figure.value:.15g}")


def render(pack: Pack) -> bytes:
    """The workbook; the same pack makes the same bytes."""
    file = io.BytesIO()
    found = list(cells(pack))
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        made = datetime.fromisoformat(pack.published_at).replace(tzinfo=None)
        book.set_properties({"title": pack.title, "company": pack.company, "created": made})
        sheets = {name: book.add_worksheet(name) for name in dict.fromkeys(cell.sheet for cell in found)}
        for name, sheet in sheets.items():
            sheet.hide_gridlines(2)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.set_column(0, MOST, NARROW)
            sheet.set_column(0, 0, WIDE)
            if name == FIGURES:
                sheet.freeze_panes(1, 1)
        formats: dict[tuple[str, str, bool, bool], Format] = {}
        for cell in found:
            wanted = cell.style, cell.number_format, cell.is_right, cell.figure is None
            if wanted not in formats:
                # The prefix keeps a text that begins like a formula a text when somebody edits it.
                look = {"num_format": cell.number_format, "quote_prefix": cell.figure is None}
                align = {"align": "right"} if cell.is_right else {}
                formats[wanted] = book.add_format({**STYLES[cell.style], **look, **align})
            sheet = sheets[cell.sheet]
            if (figure := cell.figure) is None:
                sheet.write_string(cell.row, cell.column, plain(cell.text), formats[wanted])
            else:
                sheet.write_number(cell.row, cell.column, stored(figure), formats[wanted])
    return carry(file.getvalue(), pack, {cell.slot: cell.place for cell in found})


def cells(pack: Pack) -> Iterator[Cell]:
    """Every cell of the workbook that is not empty."""
    tags: list[tuple[str, Figure]] = []
    for page, name in zip(pack.pages, names([page.topic for page in pack.pages]), strict=True):
        for cell in _page(page, name):
            if not plain(cell.text):
                continue
            yield cell
            tags += [(cell.place, part) for part in cell.text if isinstance(part, Figure)]
    yield from _tags(tags)


def names(topics: list[str]) -> list[str]:
    """Of each topic a name that spreadsheets take: short, without what they refuse, and each another."""
    found: list[str] = []
    for topic in topics:
        plain_name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", topic).strip(" '") or "Page"
        endings = ["", *(f" {number}" for number in range(2, len(topics) + 3))]
        free = {name.casefold() for name in (*found, FIGURES)}
        found.append(next(name for end in endings if (name := _short(plain_name, end)).casefold() not in free))
    return found


def _short(name: str, end: str) -> str:
    """Excel counts characters as UTF-16 does, so that an emoji counts twice."""
    room = 2 * (LONGEST_NAME - len(end))
    return name.encode("utf-16-le")[:room].decode("utf-16-le", "ignore").rstrip(" '") + end


def _page(page: Page, sheet: str) -> Iterator[Cell]:
    yield Cell(sheet, 0, 0, f"{page.id}/topic", (page.topic,), "topic")
    yield Cell(sheet, 1, 0, f"{page.id}/headline", page.headline, "headline")
    row = 2
    for place, mark in enumerate(page.marks):
        yield Cell(sheet, row, 0, f"{page.id}/mark/{place}", (mark,), "mark")
        row += 1
    for at, block in enumerate(page.blocks):
        row += 1
        for cell in _block(sheet, row, f"{page.id}/{at}", block):
            yield cell
            row = cell.row
        row += 1


def _block(sheet: str, top: int, at: str, block: Block) -> Iterator[Cell]:
    """Its cells, the lowest last."""
    match block:
        case Tiles():
            for row, tile in enumerate(block.tiles, top):
                slot = f"{at}/{row - top}"
                yield Cell(sheet, row, 0, f"{slot}/name", (tile.name,))
                yield Cell(sheet, row, 1, f"{slot}/figure", (tile.figure,), "large", is_right=True)
                for place, (words, figure) in enumerate(tile.beside):
                    yield Cell(sheet, row, 2 + 2 * place, f"{slot}/beside/{place}/words", (words,), "beside")
                    yield Cell(sheet, row, 3 + 2 * place, f"{slot}/beside/{place}", (figure,), is_right=True)
        case Chart():
            yield Cell(sheet, top, 0, f"{at}/caption", (block.caption,), "caption")
            for column, series in enumerate(block.series, 1):
                yield Cell(sheet, top + 1, column, f"{at}/{column - 1}/series", (series.name,), "head", is_right=True)
            for point, category in enumerate(block.categories):
                row = top + 2 + point
                yield Cell(sheet, row, 0, f"{at}/category/{point}", (category,))
                for column, series in enumerate(block.series, 1):
                    if shown := series.figures[point]:
                        yield Cell(sheet, row, column, f"{at}/{column - 1}/{point}", (shown,), is_right=True)
        case Table():
            yield Cell(sheet, top, 0, f"{at}/caption", (block.caption,), "caption")
            for column, head in enumerate(block.heads):
                yield Cell(sheet, top + 1, column, f"{at}/head/{column}", (head,), "head", column >= block.words)
            for row, cells in enumerate(block.rows):
                style = "strong" if row in block.strong else "words"
                for column, cell in enumerate(cells):
                    yield Cell(
                        sheet, top + 2 + row, column, f"{at}/{row}/{column}", (cell,), style, column >= block.words
                    )
        case Notes():
            for place, line in enumerate(block.lines):
                yield Cell(sheet, top + place, 0, f"{at}/{place}", line)


def _tags(found: Iterable[tuple[str, Figure]]) -> Iterator[Cell]:
    """The sheet of all figures, in the order of the pages."""
    for row, (place, figure) in enumerate(found, 1):
        tags: dict[str, str | Figure | None] = {
            "Cell": place,
            "Name": figure.name,
            "Metric": figure.metric,
            "Slice": figure.slice,
            "Period": figure.period,
            "Value": figure if figure.value is not None else figure.reason,
            "Shown": figure.text,
            "Unit": figure.unit,
            "As of": figure.as_of,
            "Status": figure.status,
            "Snapshot": figure.snapshot_id,
            "Row": figure.reference,
        }
        for column, (head, tag) in enumerate(tags.items()):
            if row == 1:
                yield Cell(FIGURES, 0, column, f"tags/{column}", (head,), "head")
            if tag is not None:
                yield Cell(FIGURES, row, column, f"tags/{row}/{column}", (tag,))
