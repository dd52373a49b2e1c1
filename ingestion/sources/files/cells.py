"""Cells of a spreadsheet as the text that they would be in a CSV, whether they come from a workbook or from Google.

Belongs here: what a cell may hold, its text, where a table ends. Does not: reading workbooks (company_workbooks.py) or
Google's (sheets_api.py), what the texts mean (company_rows.py).

What a spreadsheet made of a person's typing is not guessed back: a key `3-4` that became the 4th of March, a number of
more digits than a spreadsheet keeps, a time of day or a broken formula is refused by row and column. A percentage is
the number that it holds, but where people write percentages, as in goals: there 0.45 that shows 45% is the text 45%.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args

from pydantic.fields import FieldInfo

from ingestion.errors import FileError, refuse
from ingestion.sources.files.rows import AsPercent


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A formula without a value: the file was written by a program that does not compute."""

    formula: str


@dataclass(frozen=True, slots=True)
class Percentage:
    """A number that is formatted as a percentage: 0.45, shown as 45%."""

    number: int | float


Cell = None | Uncomputed | Percentage | str | bool | int | float | date | time | timedelta
ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#ERROR!", "#SPILL!", "Loading...")
KEPT_DIGITS = 15


def texts(file: str, lines: Sequence[Sequence[Cell]], fields: Mapping[str, FieldInfo]) -> list[list[str]]:
    """The header and the rows below it, without what is empty at their ends; row 1 is the first below the header.
    Raises ``FileError``, or ``Mistakes`` for several cells."""
    cut = [_cut(line) for line in lines]
    while cut and not cut[-1]:
        cut.pop()
    header = [str(cell).strip() for cell in cut[0]] if cut else []
    reported, wrong = [header], []
    for number, line in enumerate(cut[1:], start=1):
        padded = [*line, *[None] * (len(header) - len(line))]
        names = [*header, *[None] * (len(padded) - len(header))]
        row = []
        for name, cell in zip(names, padded, strict=True):
            text, allowed = _text(cell, fields.get(name or ""))
            if allowed:
                wrong.append(FileError(file, number, name, text, allowed))
            row.append(text)
        reported.append(row)
    refuse(wrong)
    return reported


def _cut(line: Sequence[Cell]) -> list[Cell]:
    cells = [None if isinstance(cell, str) and not cell.strip() else cell for cell in line]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _text(cell: Cell, field: FieldInfo | None) -> tuple[str, str]:
    """The text of a cell, and what it must be instead where it can't be taken."""
    match cell:
        case None:
            return "", ""
        case Uncomputed():
            return (
                cell.formula,
                "has no saved value; open the file in a spreadsheet and save it, or put the value there",
            )
        case str():
            return cell, "is an error of the spreadsheet; mend its formula" if cell.strip() in ERRORS else ""
        case bool():
            return str(cell).upper(), ""
        case Percentage():
            text, allowed = _text(cell.number, field)
            if field is None or allowed or not any(isinstance(one, AsPercent) for one in field.metadata):
                return text, allowed
            return f"{format(Decimal(text).scaleb(2).normalize(), 'f')}%", ""
        case int() | float():
            if abs(cell) >= 10**KEPT_DIGITS:
                hint = (
                    f"has more digits than the {KEPT_DIGITS} that a spreadsheet keeps; format the column as plain text"
                )
                return f"{cell:.{KEPT_DIGITS}g}", hint
            return format(Decimal(f"{cell:.{KEPT_DIGITS}g}"), "f"), ""
        case datetime():
            return _timestamp(cell, field)
        case date():
            return _timestamp(datetime.combine(cell, time()), field)
        case _:
            return str(cell), "must not be a time of day; format the column as plain text and type it again"


def _timestamp(at: datetime, field: FieldInfo | None) -> tuple[str, str]:
    kinds: set[Any] = {field.annotation, *get_args(field.annotation)} if field else set()
    at = (at + timedelta(milliseconds=500)).replace(microsecond=0)
    if datetime in kinds and not (date in kinds and at.time() == time()):
        return f"{at:%Y-%m-%dT%H:%M:%S}", ""  # spreadsheets know no zones: the check of the row asks for one
    if at.time() != time():
        return f"{at:%Y-%m-%dT%H:%M:%S}", "must be a day without a time" if date in kinds else _not_a_day()
    return f"{at:%Y-%m-%d}", "" if date in kinds else _not_a_day()


def _not_a_day() -> str:
    return "the spreadsheet made a date of it; format the column as plain text and type it again"
