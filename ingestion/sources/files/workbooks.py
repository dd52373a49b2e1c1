"""Company files that are kept as XLSX: the cells of a workbook's first sheet.

Belongs here: opening a workbook without trusting it. Does not: what its cells may hold (company_cells.py).

Nothing is unpacked to disk. A workbook is a zip of XML, so sizes are counted as they inflate, whatever headers say, and
entities are refused (openpyxl takes defusedxml for that). Formulas count by the value that was saved with them; hidden
rows are rows, as they are in a CSV that a spreadsheet saves; merged cells are refused, because all but the first of
them are empty to every reader of the file, and nobody sees that.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from ingestion.errors import FileError
from ingestion.sources.files.cells import Cell, Percentage, Uncomputed

MOST_BYTES = 16 * 2**20
MOST_INFLATED = 64 * 2**20
MOST_PARTS = 1_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z0-9:$]{1,30})\"")
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]")
"""What a number format shows as it is."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    DefusedXmlException,
    SyntaxError,  # of XML: openpyxl reads it with lxml or with Python's own, whose errors have that alone in common
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
)
"""What zipfile and openpyxl raise on what is no workbook."""


def first_sheet(path: Path) -> list[list[Cell]]:
    """The cells of the first sheet that is not hidden, row by row. Raises ``FileError``."""
    try:
        _refuse_bombs(path)
        with _opened(path, computed=True) as values, _opened(path, computed=False) as written:
            return list(_lines(path.name, values, written))
    except _UNREADABLE:
        raise FileError(
            path.name, None, None, None, "is no XLSX workbook that can be read, or has a password; save it anew"
        ) from None


def _refuse_bombs(path: Path) -> None:
    if path.stat().st_size > MOST_BYTES:
        raise FileError(path.name, None, None, None, f"is larger than {MOST_BYTES / 2**20:g} MB")
    with zipfile.ZipFile(path) as parts:
        inflated = 0
        if len(parts.infolist()) > MOST_PARTS:
            raise FileError(path.name, None, None, None, f"has more than {MOST_PARTS} parts")
        for part in parts.infolist():
            with parts.open(part) as opened:
                while block := opened.read(2**16):
                    inflated += len(block)
                    if inflated > MOST_INFLATED:
                        allowed = f"inflates to more than {MOST_INFLATED / 2**20:g} MB; keep nothing else in it"
                        raise FileError(path.name, None, None, None, allowed)


@contextmanager
def _opened(path: Path, *, computed: bool) -> Iterator[Any]:
    """The sheet with the values or the formulas of its cells. Read cell by cell: openpyxl's other way makes an object
    for each cell of a merge, and a merge may claim a whole sheet."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=computed, keep_links=False)
    try:
        sheet = next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()  # they are what the file says of itself
        yield sheet
    finally:
        book.close()


def _lines(file: str, values: Any, written: Any) -> Iterator[list[Cell]]:
    _refuse_merges(file, values)
    for number, (line, formulas) in enumerate(zip_longest(values.iter_rows(), written.iter_rows(), fillvalue=())):
        if number > MOST_ROWS:
            raise FileError(file, number, None, None, f"has more than {MOST_ROWS} rows")
        filled = [place for place, cell in enumerate(formulas) if cell.value not in (None, "")]
        if filled and filled[-1] >= MOST_COLUMNS:
            raise FileError(file, number or None, None, None, f"has values in more than {MOST_COLUMNS} columns")
        end = filled[-1] + 1 if filled else 0
        yield [_value(cell, formula) for cell, formula in zip(line[:end], formulas[:end], strict=True)]


def _value(cell: Any, written: Any) -> Cell:
    # of the values that may be missing, an empty text is one: its type says so
    if written.data_type == "f" and cell.value is None and cell.data_type != "str":
        return Uncomputed(str(written.value))
    value: Cell = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in _LITERAL.sub("", cell.number_format):
        return Percentage(value)
    return value


def _refuse_merges(file: str, sheet: Any) -> None:
    with sheet._get_source() as part:  # this way of reading shows no merges otherwise
        if merged := _MERGED.search(part.read()):
            allowed = "are merged; split them and fill each one"
            raise FileError(file, None, None, None, f"the cells {merged[1].decode()} {allowed}")
