"""What stands in a workbook of a pack.

Belongs here: its cells, their formats, and whatever else in it could show a number. Does not: which cell holds what
(serving/board/xlsx.py).
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
from defusedxml import ElementTree

from serving.board.carried import carried_by
from serving.board.page import Pack
from serving.board.proof.found import Declared, Found, Number, Opened, Place
from serving.board.xlsx import cells

PARTS = re.compile(
    r"\[Content_Types\].xml|_rels/.*|docProps/.*|customXml/.*"
    r"|xl/(workbook|styles|sharedStrings|calcChain)\.xml|xl/(_rels|theme|printerSettings)/.*|xl/worksheets/(_rels/)?sheet.*"
)
"""What a workbook consists of whose cells are all it shows."""
ELEMENTS = {
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "autoFilter", "ignoredErrors"),
    *("printOptions", "pageMargins", "pageSetup", "rowBreaks", "colBreaks"),
}
"""What a sheet consists of then: no header, no comment, no drawing."""


def opened(document: bytes, file: Path) -> Opened:
    """A workbook with what it carries."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        carried = carried_by(parts, file.name)
    return Opened(carried.pack, _declared(carried.pack), _read(document, carried.places))


def _declared(pack: Pack) -> Declared:
    """Every cell, and the format of each number."""
    found: dict[Place, Number | tuple[str, ...]] = {("title", "pack/title"): (pack.title,)}
    for cell in cells(pack):
        figure = cell.figure
        found["cells", cell.slot] = Number(figure.value, figure) if figure and figure.value is not None else cell.text
        if figure:
            found["formats", cell.slot] = (cell.number_format,)
    return found


def _read(document: bytes, places: Mapping[str, str]) -> Iterator[Found | str]:
    """Every cell that is not empty. ``places``: by slot the cell."""
    slots = {place: slot for slot, place in places.items()}
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        yield from _beside_cells(file)
    book = openpyxl.load_workbook(io.BytesIO(document))
    yield Found("title", "pack/title", "the title in the properties", str(book.properties.title or ""))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                slot, where = slots.get(f"{sheet.title}!{cell.coordinate}"), f"sheet {sheet.title}, cell {cell.coordinate}"
                if cell.data_type == "f":
                    yield f"{where}: holds a formula, and the pack has none"
                    continue
                is_number = cell.data_type == "n"
                yield Found("cells", slot, where, repr(cell.value) if is_number else str(cell.value))
                if is_number:
                    yield Found("formats", slot, f"{where}, its format", cell.number_format)


def _beside_cells(file: zipfile.ZipFile) -> Iterator[str]:
    for name in file.namelist():
        if not PARTS.fullmatch(name):
            yield f"{name}: no part of the pack; nothing says what it shows"
        elif name.startswith("xl/worksheets/sheet"):
            elements = {child.tag.partition("}")[2] for child in ElementTree.fromstring(file.read(name))}
            yield from (f"{name}: holds {element}, and the pack has none" for element in sorted(elements - ELEMENTS))
