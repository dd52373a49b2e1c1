"""Figures of marts as they are and as they would be: what every what-if answers with.

Belongs here: reading the marts of a warehouse, and how two readings differ. Does not: what is assumed, the copy of the
warehouse (cli/whatif.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

Figures = dict[tuple[str, ...], Any]  # by mart, key and column
Changes = dict[tuple[str, ...], tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a what-if compares."""

    key: tuple[str, ...]
    """Columns that name a row, the fiscal period first; empty in the rows of a mart that lacks one."""
    marts: Mapping[str, tuple[str, ...]]
    """The marts that depend on what is assumed; of each the measures that a person sees first."""
    note: str
    """What the answer does not say."""


def figures(warehouse: duckdb.DuckDBPyConnection, shown: Shown) -> Figures:
    """What the marts of a warehouse say, column by column."""
    return {
        (mart, *(row.get(name, "") for name in shown.key), column): value
        for mart in shown.marts
        for row in warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
        for column, value in row.items()
    }


def changed(before: Figures, after: Figures) -> Changes:
    """What is not the same, with both values; None for what is not there."""
    return {
        key: (before.get(key), after.get(key)) for key in sorted({*before, *after}) if before.get(key) != after.get(key)
    }
