"""Names and values in SQL that is put together here.

Belongs here: quoting. Does not: any query.
"""

from collections.abc import Iterable
from pathlib import Path


def name(identifier: str) -> str:
    """A name of a table or column."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A text, such as a path."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[str | Path]) -> str:
    """A list of texts."""
    return f"[{', '.join(map(text, values))}]"
