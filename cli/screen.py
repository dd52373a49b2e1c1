"""What the command line prints with: two streams, and tables as text, JSON or CSV.

Belongs here: how anything looks, in a terminal, in a pipe and for a program. Does not: what is said (show.py and the
commands), any figure.
"""

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from rich import box
from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.text import Text

FORMS = ("text", "json", "csv")
WIDEST = 1_000  # of any table


class Screen(Console):
    def on_broken_pipe(self) -> None:
        """A reader that has seen enough, such as head, ends neither a run nor what it says about itself."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def out() -> Screen:
    """Bound to the stream as it is now: while dbt runs, what it says goes elsewhere."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names are in any script, a terminal may be in ASCII
    return Screen(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)


def err() -> Screen:
    return Screen(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)


def beside(form: str) -> Screen:
    """Where words go: not between values that a program reads."""
    return out() if form == "text" else err()


def note(text: str) -> None:
    """Something that a person should know and need not mend."""
    err().print(f"note: {text}", markup=False)


@dataclass
class Table:
    """Records of named values for programs, and the same as lines under heads for people; of the heads the first
    ``words`` are words and all others figures. ``name`` and ``columns`` stay as they are."""

    name: str
    title: str
    columns: Sequence[str]
    heads: Sequence[str] = ()
    words: int = 1
    records: list[Sequence[Any]] = field(default_factory=list)
    lines: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heads = self.heads or [column.replace("_", " ") for column in self.columns]

    def add(self, record: Sequence[Any], *line: str) -> None:
        """A row; without a line of its own it is shown as it is, whole numbers with commas."""
        self.records.append(record)
        self.lines.append(line or [_shown(value) for value in record])


def print_table(table: Table, form: str) -> None:
    """The only table of a command."""
    if form == "csv":
        _print_csv(table.columns, table.records)
        _print_notes([table])
    else:
        print_tables([table], form)


def print_tables(tables: Iterable[Table], form: str) -> None:
    """Tables of a command that may have several: in JSON one object with each by its name; in CSV all rows together,
    the name of their table first, nothing under columns that are another table's.

    Values are exact: amounts, which are decimals, are strings with all their places, so that no parser rounds them.
    """
    if form == "text":
        for table in tables:
            _print_text(table)
        return
    listed = list(tables)
    if form == "json":
        found = {one.name: [dict(zip(one.columns, record, strict=True)) for record in one.records] for one in listed}
        _write(json.dumps(found, default=_text, indent=1) + "\n")
    else:
        columns = list(dict.fromkeys(column for one in listed for column in one.columns))
        rows = (
            [one.name, *(values.get(column) for column in columns)]
            for one in listed
            for values in (dict(zip(one.columns, record, strict=True)) for record in one.records)
        )
        _print_csv(["table", *columns], rows)
    _print_notes(listed)


def _print_notes(tables: Iterable[Table]) -> None:
    """What tables say in words, beside values that a program reads."""
    for text in (note for table in tables for note in table.notes):
        err().print(text, markup=False)


def _print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(value) for value in row] for row in rows)
    _write(text.getvalue())


def _write(text: str) -> None:
    """As it is: no line is broken, nothing is read as markup."""
    out().out(text, end="", highlight=False)


def _text(value: object) -> str:
    """A value that JSON has no type for, or that CSV holds."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | int | float | Decimal):
        return "" if value is None else str(value)
    raise TypeError(f"no table holds a value of {type(value).__name__}")


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _print_text(table: Table) -> None:
    screen = out()
    if not table.lines:
        _write("".join(f"{line}\n" for line in table.notes))
        return
    if not screen.is_terminal:
        _write("".join(f"{line}\n" for line in [table.title, *_plain(table), *table.notes, ""]))
        return
    made = rich_table.Table(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(table.heads):
        is_figure = place >= table.words
        made.add_column(head, justify="right" if is_figure else "left", no_wrap=is_figure, overflow="fold")
    for line in table.lines:
        made.add_row(*map(Text, line))
    # As wide as its figures: where the terminal is narrower a line breaks, and no digit is lost.
    needed = Measurement.get(screen, screen.options.update(max_width=WIDEST), made)
    screen.width = max(screen.width, needed.minimum)
    screen.print(made, soft_wrap=False)
    for line in table.notes:
        screen.print(line, markup=False)


def _plain(table: Table) -> Iterator[str]:
    """Columns with two spaces between them, whatever the width: lines that grep and awk can read."""
    rows = [[" ".join(cell.split()) for cell in row] for row in (table.heads, *table.lines)]
    widths = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        padded = [
            f"{' ' * (width - cell_len(cell))}{cell}"
            if place >= table.words
            else f"{cell}{' ' * (width - cell_len(cell))}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()
