"""What stands in a workbook: one of a pack, or the one in a chart.

Belongs here: its cells, their formats, and whatever else in it could show a number. Does not: which cell holds what
(serving/board/xlsx.py, pptx.py).
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import openpyxl
from defusedxml import ElementTree

from serving.board.carried import carried_by
from serving.board.page import Pack, Text
from serving.board.proof.found import Declared, Found, Number, Opened, Place
from serving.board.xlsx import cells

PARTS = re.compile(
    r"\[Content_Types\].xml|_rels/.*|docProps/.*|docMetadata/.*|customXml/.*"
    r"|xl/(workbook|styles|sharedStrings|calcChain)\.xml|xl/(_rels|theme|printerSettings)/.*|xl/worksheets/(_rels/)?sheet.*"
)
"""What a workbook consists of whose cells are all it shows."""
ELEMENTS = {
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "ignoredErrors"),
    *("printOptions", "pageMargins", "pageSetup", "rowBreaks", "colBreaks"),
    *("mergeCells", "sheetProtection", "phoneticPr"),
}
"""What a sheet consists of then: no header, no comment, no drawing."""


def opened(document: bytes, file: Path) -> Opened:
    """A workbook with what it carries."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        carried, is_sealed = carried_by(parts, file.name)
    return Opened(carried, is_sealed, partial(_declared, carried), _read(document, carried.places))


def _declared(pack: Pack) -> Declared:
    """Every cell, and the format of each number."""
    found: dict[Place, Text | Number] = {("title", "pack/title"): (pack.title,)}
    for cell in cells(pack):
        figure = cell.figure
        found["cells", cell.slot] = Number(figure.value, figure) if figure and figure.value is not None else cell.text
        if figure:
            found["formats", cell.slot] = (cell.number_format,)
    return found


def _read(document: bytes, places: Mapping[str, str]) -> Iterator[Found | str]:
    """``places``: by slot the cell."""
    slots = {place: slot for slot, place in places.items()}
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        title = ElementTree.fromstring(file.read("docProps/core.xml")).findtext("{*}title")
    yield Found("title", "pack/title", "the title in the properties", title or "")
    yield from read_cells(document, slots, "")


def read_cells(document: bytes, slots: Mapping[str, str], within: str) -> Iterator[Found | str]:
    """Every cell that is not empty, and the format of each number. ``slots``: by cell, like ``Sheet1!B2``; ``within``:
    words for what the workbook is in."""
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        yield from (f"{within}{problem}" for problem in _beside_cells(file))
    for sheet in openpyxl.load_workbook(io.BytesIO(document)).worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            slot = slots.get(f"{sheet.title}!{cell.coordinate}")
            where = f"{within}sheet {sheet.title}, cell {cell.coordinate}"
            is_number = cell.data_type == "n"
            if cell.data_type == "f":
                yield f"{where}: holds a formula, and the pack has none"
                continue
            yield Found("cells", slot, where, repr(cell.value) if is_number else str(cell.value))
            if is_number:
                yield Found("formats", slot, f"{where}, its format", str(cell.number_format))


def _beside_cells(file: zipfile.ZipFile) -> Iterator[str]:
    for name in file.namelist():
        if not PARTS.fullmatch(name):
            yield f"{name}: no part of the pack; nothing says what it shows"
        elif name.startswith("xl/worksheets/sheet"):
            elements = {child.tag.partition("}")[2] for child in ElementTree.fromstring(file.read(name))}
            yield from (f"{name}: holds {element}, and the pack has none" for element in sorted(elements - ELEMENTS))
