"""What a spreadsheet makes of what people type, and how it gives cells out.

Belongs here: the nature of cells. Does not: paths, signing in (api.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

EPOCH = date(1899, 12, 30)
Typed = str | int | float | date | None


def typed(text: str) -> Typed:
    """A cell after somebody typed this: a day and a number become one where the text says it all, or else the cell was
    made plain text before."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if re.fullmatch(r"-?(0|[1-9]\d{0,11})", text) and text != "-0":
        return int(text)
    if re.fullmatch(r"-?(0|[1-9]\d{0,8})\.\d{0,5}[1-9]", text):
        return float(text)
    return text or None


@dataclass(frozen=True)
class Percent:
    """A number with the format 0%."""

    value: float


def rendered(cell: Any, unformatted: bool, serial: bool) -> Any:
    """A cell as the API gives it out; without UNFORMATTED_VALUE everything is a text as the locale has it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return (cell - EPOCH).days if unformatted and serial else f"{cell.month}/{cell.day}/{cell.year}"
    if isinstance(cell, Percent):
        return cell.value if unformatted else f"{100 * cell.value:g}%"
    if unformatted:
        return cell
    return cell if isinstance(cell, str) else f"{cell:,}"


def cut(lines: list[list[Any]]) -> list[list[Any]]:
    """Without the empty cells at the end of rows, and the empty rows at the end."""
    kept = [line[: max((place for place, cell in enumerate(line, 1) if cell != ""), default=0)] for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    return kept
