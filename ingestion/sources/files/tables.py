"""The company's own files as tables, each row as the text it is and as the values it means.

Belongs here: where a table is kept, CSV and YAML, the header, single rows, checks that several tables need. Does not:
spreadsheets (company_cells.py), which columns there are (company_rows.py), what a certain file must hold
(company_files.py).
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from ingestion.clock import now
from ingestion.errors import FileError
from ingestion.landing import Record
from ingestion.sources.files.cells import Cell, texts
from ingestion.sources.files.rows import CellError, Row, Sheet
from ingestion.sources.files.workbooks import first_sheet

Lines = Sequence[Sequence[Cell]]
M = TypeVar("M", bound=BaseModel)


class Table:
    """The rows of one file, or of one list in it, as the text they are and as the values they mean."""

    def __init__(self, file: str, sheet: Sheet, texts: Sequence[dict[str, str]]) -> None:
        self.file, self.texts, self._sheet = file, texts, sheet
        self.rows: list[Any] = [self._row(number, text, sheet.row) for number, text in enumerate(texts, start=1)]

    def error(self, index: int, column: str, allowed: str) -> FileError:
        return FileError(self.file, index + 1, column, self.texts[index][column], allowed)

    def records(self) -> list[Record]:
        timestamp = now()
        return [
            Record(
                "/".join(text[column] for column in self._sheet.key), json.dumps(text, ensure_ascii=False), timestamp
            )
            for text in self.texts
        ]

    def may_be_empty(self, column: str) -> bool:
        return NoneType in get_args(self._sheet.row.model_fields[column].annotation)

    def _row(self, number: int, text: dict[str, str], model: type[Row]) -> Row:
        row = validated(self.file, number, text, model)
        try:
            row.check()
        except CellError as unfit:
            raise FileError(self.file, number, unfit.column, text[unfit.column], unfit.allowed) from None
        return row


def validated(file: str, row: int | None, texts: Mapping[str, str], model: type[M]) -> M:
    """The values that the texts mean. Raises ``FileError`` for the first that is not allowed."""
    try:
        return model.model_validate(texts)
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        column = str(error["loc"][0])
        raise FileError(file, row, column, texts.get(column), error["msg"].removeprefix("Value error, ")) from None


def kept_tables(folder: Path, tabs: Mapping[str, Lines], sheets: Mapping[str, Sheet]) -> dict[str, Table]:
    """The tables that files and tabs of their names hold."""
    return {stream: _kept(folder, tabs, stream, sheet) for stream, sheet in sheets.items()}


def _kept(folder: Path, tabs: Mapping[str, Lines], stream: str, sheet: Sheet) -> Table:
    fields = sheet.row.model_fields
    text, workbook, tab = f"{stream}.csv", f"{stream}.xlsx", f"tab {stream}"
    places = [file for file in (text, workbook) if (folder / file).exists()]
    places += [tab] if stream in tabs else []
    if len(places) > 1:
        raise FileError(places[1], None, None, None, f"stands beside {places[0]}; keep the table in one place")
    if not places and sheet.may_lack:
        return Table(text, sheet, [])
    if places == [workbook]:
        return Table(workbook, sheet, _rows(workbook, texts(workbook, first_sheet(folder / workbook), fields), fields))
    if places == [tab]:
        return Table(tab, sheet, _rows(tab, texts(tab, tabs[stream], fields), fields))
    return Table(text, sheet, _rows(text, _read_csv(folder / text), fields))


def yaml_tables(path: Path, lists: Mapping[str, tuple[str, Sheet]]) -> dict[str, Table]:
    """A table for each list in a file that a company may do without."""
    document = read_yaml(path) if path.exists() else {}
    names = [name for name, _ in lists.values()]
    for name in document:
        if name not in names:
            raise FileError(path.name, None, name, None, f"must be one of {', '.join(names)}")
    return {
        stream: Table(f"{path.name} {name}", sheet, list(_entries(f"{path.name} {name}", document.get(name), sheet)))
        for stream, (name, sheet) in lists.items()
    }


def read_settings(path: Path, like: str) -> dict[str, str]:
    """A file of single values by name."""
    document = read_yaml(path, like)
    for name, value in document.items():
        if not isinstance(value, str):
            raise FileError(path.name, None, name, None, f"must be one value, like `{like}`")
    return document


def read_yaml(path: Path, like: str = "name: value") -> dict[str, Any]:
    """A file of names, with each value as the text it is: YAML's own numbers and dates would change it."""
    try:
        document = yaml.load(_read_text(path), _Texts)
    except _TwiceError as twice:
        raise FileError(path.name, None, str(twice), None, "must not stand twice in one place") from None
    except (yaml.YAMLError, RecursionError):
        raise FileError(path.name, None, None, None, "is not YAML") from None
    if not isinstance(document, dict):
        raise FileError(path.name, None, None, None, f"must be lines like `{like}`")
    return document


def refuse_others(table: Table, column: str, allowed: Collection[str | None], words: str) -> None:
    known = set(allowed)
    for index, row in enumerate(table.rows):
        if getattr(row, column) not in known:
            raise table.error(index, column, f"must be {words}")


def refuse_twice(table: Table, columns: Sequence[str]) -> None:
    seen: set[Any] = set()
    for index, row in enumerate(table.rows):
        key = tuple(getattr(row, column) for column in columns)
        if key in seen:
            more = f" with the same {', '.join(columns[1:])}" if columns[1:] else ""
            raise table.error(index, columns[0], f"must not stand in two rows{more}")
        seen.add(key)


def refuse_overlaps(table: Table, key: Sequence[str], column: str) -> None:
    for indexes in _grouped(table, key):
        for first, second in combinations(indexes, 2):
            one, other = table.rows[first], table.rows[second]
            starts = max(one.valid_from or date.min, other.valid_from or date.min)
            if starts < min(one.valid_to or date.max, other.valid_to or date.max):
                raise table.error(second, column, f"must not be valid at the same time as row {first + 1}")


def refuse_other_sums(table: Table, key: Sequence[str], column: str, words: str) -> None:
    """The shares of one key add up to 1 on every day that has any."""
    for indexes in _grouped(table, key):
        for index in indexes:
            # a sum can only change where a row starts or ends, and each end is open or the start of what follows
            for day in (table.rows[index].valid_from or date.min, table.rows[index].valid_to):
                valid = [table.rows[other] for other in indexes if day and _covers(table.rows[other], day)]
                total = sum(getattr(row, column) for row in valid)
                if valid and total != 1:
                    since = day if day != date.min else "the beginning"
                    raise table.error(index, column, f"{words} must add up to 1; here {total} from {since}")


def _grouped(table: Table, key: Sequence[str]) -> list[list[int]]:
    same: dict[Any, list[int]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        same[tuple(getattr(row, part) for part in key)].append(index)
    return list(same.values())


def _covers(row: Any, day: date) -> bool:
    return bool((row.valid_from or date.min) <= day < (row.valid_to or date.max))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError(path.name, None, None, None, "the file is missing from the company folder") from None
    except UnicodeDecodeError:
        raise FileError(path.name, None, None, None, "must be saved as UTF-8") from None


def _read_csv(path: Path) -> list[list[str]]:
    try:
        return [line for line in csv.reader(io.StringIO(_read_text(path), newline=""), strict=True) if line]
    except csv.Error as error:
        raise FileError(path.name, None, None, None, f"is not CSV: {error}") from None


def _rows(file: str, lines: Sequence[Sequence[str]], columns: Collection[str]) -> list[dict[str, str]]:
    """The rows below the header, which must name the columns in their order."""
    header, *rows = lines or [[]]
    expected = f"the header must be {','.join(columns)}"
    for column in (*header, *columns):
        if column not in columns or header.count(column) != 1:
            raise FileError(file, None, column, None, expected)
    if header != list(columns):
        raise FileError(file, None, None, ",".join(header), expected)
    if not rows:
        raise FileError(file, None, None, None, "has no rows")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise FileError(file, number, None, None, f"must have {len(columns)} values, but has {len(row)}")
    return [dict(zip(columns, (value.strip() for value in row), strict=True)) for row in rows]


def _entries(file: str, entries: Any, sheet: Sheet) -> Iterator[dict[str, str]]:
    """The entries of a list with every column, empty where an entry leaves it out."""
    columns = list(sheet.row.model_fields)
    if not isinstance(entries or [], list):
        raise FileError(file, None, None, None, f"must be a list of entries with {', '.join(columns)}")
    for number, entry in enumerate(entries or [], start=1):
        if not isinstance(entry, dict):
            raise FileError(file, number, None, None, f"must be an entry with {', '.join(columns)}")
        for column, value in entry.items():
            if column not in columns:
                raise FileError(file, number, column, None, f"must be one of {', '.join(columns)}")
            if not isinstance(value, str):
                raise FileError(file, number, column, None, "must be one value")
        yield {column: entry.get(column, "").strip() for column in columns}


class _TwiceError(Exception):
    """A name that stands twice in one mapping, of which YAML would drop the first."""


class _Texts(yaml.BaseLoader):
    """Makes nothing but texts, lists and mappings."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [str(name.value) for name, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise _TwiceError(name)
        return super().construct_mapping(node, deep)
