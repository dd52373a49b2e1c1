"""Types of single parts of an entry.

Belongs here: what a text, a version or a unit may be, what a unit is called where people read it. Does not: entries.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(pattern=r"\A\S(.*\S)?\Z")]
"""Something in one line, without spaces around it."""
Version = Annotated[str, msgspec.Meta(pattern=r"\A\d+\.\d+\.\d+\Z")]
"""Of a metric's meaning: the first number changes where figures do that were right, the second where there are more of
them, the third where only words do."""
Unit = Literal[
    "money", "count", "ratio", "percent", "hours", "days", "months", "fte", "fte_days", "fte_weeks", "score", "by_row"
]

UNITS: Mapping[str, str] = {
    "money": "units of the reporting currency, named in currency",
    "ratio": "ratio, 1 is 100 %",
    "percent": "percent",
    "hours": "hours",
    "days": "days",
    "months": "months",
    "fte": "full-time equivalents",
    "fte_days": "full-time days",
    "fte_weeks": "full-time weeks",
    "score": "a plain number",
}
"""What a unit is called where people read it; a ``count`` is called by what is counted, ``by_row`` by the column that
says it."""


def in_words(unit: Unit, of: str | None) -> str:
    """A unit as people read it; ``of``: what a count counts, or the column that names the unit of a row."""
    return f"as the column {of} says" if unit == "by_row" else UNITS.get(unit) or str(of)
