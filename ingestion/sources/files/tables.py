"""The company's own files as tables, each row as the text it is and as the values it means.

Belongs here: where a table is kept, CSV and YAML, the header, single rows, checks that several tables need. Does not:
spreadsheets (company_cells.py), which columns there are (company_rows.py), what a certain file must hold
(company_files.py).
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import combinations
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, cast, get_args

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ingestion.clock import now
from ingestion.errors import FileError, Mistakes, meant, must, refuse
from ingestion.landing import Record
from ingestion.sources.files.cells import Cell, texts
from ingestion.sources.files.rows import CellError, Row, Sheet
from ingestion.sources.files.workbooks import first_sheet

Lines = Sequence[Sequence[Cell]]
Entry = dict[str, str] | list[FileError]
"""A row by column; or what is wrong with one that can't be read as such."""
M = TypeVar("M", bound=Row)


DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""Other than the comma, by what people call them."""


class Table:
    """The rows of one file, or of one list in it, as the text they are and as the values they mean.

    What is wrong is among ``mistakes``, and such a row not among ``rows``; where ``is_read`` is False, nothing is
    known of some of them.
    """

    def __init__(
        self,
        file: str,
        sheet: Sheet,
        entries: Sequence[Entry],
        mistakes: Iterable[FileError] = (),
        *,
        is_read: bool = True,
    ) -> None:
        self.file, self.is_read, self._sheet = file, is_read, sheet
        self.mistakes: list[FileError] = list(mistakes)
        self.rows: list[Any] = []
        self.texts: list[dict[str, str]] = []
        self._numbers: list[int] = []
        self._wrong: list[dict[str, str]] = []
        for number, entry in enumerate(entries, start=1):
            if isinstance(entry, list):
                self.mistakes += entry
                self.is_read = False
                continue
            try:
                self.rows.append(self._row(number, entry, sheet.row))
            except (FileError, Mistakes) as error:
                self.mistakes += _parts(error)
                self._wrong.append(entry)
            else:
                self.texts.append(entry)
                self._numbers.append(number)

    def error(self, index: int, column: str, allowed: str) -> FileError:
        return FileError(self.file, self.number(index), column, self.texts[index][column], allowed)

    def number(self, index: int) -> int:
        """Where a row stands in its file."""
        return self._numbers[index]

    def named(self, column: str) -> set[str]:
        """What stands in a column, also of rows that are wrong elsewhere."""
        return {text[column] for text in (*self.texts, *self._wrong)}

    def is_whole(self, key: Sequence[str], index: int) -> bool:
        """Whether all rows with the key of this one are right, so that their sum says something."""
        return all(any(text[part] != self.texts[index][part] for part in key) for text in self._wrong)

    def records(self) -> list[Record]:
        timestamp = now()
        return [
            Record(
                "/".join(text[column] for column in self._sheet.key), json.dumps(text, ensure_ascii=False), timestamp
            )
            for text in self.texts
        ]

    def rewrite(self, index: int, column: str, text: str) -> None:
        """Lands another text than the file has, where one value may be written in two ways."""
        self.texts[index][column] = text

    def may_be_empty(self, column: str) -> bool:
        return NoneType in get_args(self._sheet.row.columns()[column].annotation)

    def _row(self, number: int, text: dict[str, str], model: type[Row]) -> Row:
        row = validated(self.file, number, text, model)
        try:
            row.check()
        except CellError as unfit:
            raise FileError(self.file, number, unfit.column, text[unfit.column], unfit.allowed) from None
        return row


def validated(file: str, row: int | None, texts: Mapping[str, str], model: type[M]) -> M:
    """The values that the texts mean. Raises ``FileError``, or ``Mistakes`` for several that are not allowed."""
    try:
        return model.model_validate(texts)
    except ValidationError as invalid:
        wrong = [(str(error["loc"][0]), error) for error in invalid.errors(include_url=False)]
    refuse(FileError(file, row, column, texts.get(column), _allowed(column, error, model)) for column, error in wrong)
    raise AssertionError


def _allowed(column: str, error: Any, model: type[Row]) -> str:
    if error["type"] == "missing":
        return f"is missing; add a line `{column}: …`"
    if error["type"] == "extra_forbidden":
        known = list(model.columns())
        return "is no setting of this file" + (meant(column, known) or f"; there are {', '.join(known)}")
    if error["type"] == "string_too_short":
        return "must not be empty"
    return must(str(error["msg"]))


@contextmanager
def kept(mistakes: list[FileError]) -> Iterator[None]:
    """Adds what is wrong to the others instead of ending with it."""
    try:
        yield
    except (FileError, Mistakes) as error:
        mistakes += _parts(error)


def _parts(error: FileError | Mistakes) -> Iterable[FileError]:
    return cast(Iterable[FileError], error.parts)  # what is raised here is about files


def kept_tables(folder: Path, tabs: Mapping[str, Lines], sheets: Mapping[str, Sheet]) -> dict[str, Table]:
    """The tables that files and tabs of their names hold."""
    return {stream: _kept(folder, tabs, stream, sheet) for stream, sheet in sheets.items()}


def _kept(folder: Path, tabs: Mapping[str, Lines], stream: str, sheet: Sheet) -> Table:
    fields = sheet.row.columns()
    text, workbook, tab = f"{stream}.csv", f"{stream}.xlsx", f"tab {stream}"
    places = [file for file in (text, workbook) if (folder / file).exists()]
    places += [tab] if stream in tabs else []
    if not places and sheet.may_lack:
        return Table(text, sheet, [])
    place = (places or [text])[-1]
    try:
        if len(places) > 1:
            raise FileError(places[1], None, None, None, f"stands beside {places[0]}; keep the table in one place")
        if place == workbook:
            lines = texts(workbook, first_sheet(folder / workbook), fields)
        else:
            lines = texts(tab, tabs[stream], fields) if place == tab else _read_csv(folder / text)
        rows = _rows(place, lines, fields)
        if not rows and not sheet.may_lack:
            raise FileError(place, None, None, None, "has no rows; write them below the header")
        return Table(place, sheet, rows)
    except (FileError, Mistakes) as error:
        return Table(place, sheet, [], _parts(error), is_read=False)


def yaml_tables(path: Path, lists: Mapping[str, tuple[str, Sheet]]) -> dict[str, Table]:
    """A table for each list in a file that a company may do without."""
    names = [name for name, _ in lists.values()]
    mistakes: list[FileError] = []
    document: dict[str, Any] | None = None
    with kept(mistakes):
        document = read_yaml(path) if path.exists() else {}
    mistakes += [
        FileError(path.name, None, name, None, f"must be one of {', '.join(names)}")
        for name in document or {}
        if name not in names
    ]
    tables = {}
    for stream, (name, sheet) in lists.items():
        file, entries, is_read = f"{path.name} {name}", (document or {}).get(name) or [], document is not None
        if not isinstance(entries, list):
            columns = ", ".join(sheet.row.columns())
            mistakes.append(FileError(file, None, None, None, f"must be a list of entries with {columns}"))
            entries, is_read = [], False
        tables[stream] = Table(file, sheet, list(_entries(file, entries, sheet)), mistakes, is_read=is_read)
        mistakes = []
    return tables


def read_settings(path: Path, like: str) -> dict[str, str]:
    """A file of single values by name."""
    document = read_yaml(path, like)
    refuse(
        FileError(path.name, None, name, None, f"must be one value, like `{like}`")
        for name, value in document.items()
        if not isinstance(value, str)
    )
    return document


def read_yaml(path: Path, like: str = "name: value") -> dict[str, Any]:
    """A file of names, with each value as the text it is: YAML's own numbers and dates would change it."""
    try:
        document = yaml.load(_read_text(path), _Texts)
    except _TwiceError as twice:
        allowed = f"must not stand twice in one place; line {twice.line} has it again"
        raise FileError(path.name, None, twice.name, None, allowed) from None
    except yaml.YAMLError as error:
        raise FileError(path.name, None, None, None, f"is not YAML{_place(error)}") from None
    except RecursionError:
        raise FileError(path.name, None, None, None, "is not YAML: lists in lists without end") from None
    if not isinstance(document, dict):
        raise FileError(path.name, None, None, None, f"must be lines like `{like}`")
    return document


def _place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f": line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}: {error.problem}"
    return ""


def others(table: Table, column: str, allowed: Collection[str | None], words: str) -> Iterator[FileError]:
    """Rows that have something else in a column."""
    known = set(allowed)
    for index, row in enumerate(table.rows):
        if getattr(row, column) not in known:
            yield table.error(index, column, f"must be {words}")


def repeated(table: Table, columns: Sequence[str]) -> Iterator[FileError]:
    """Rows whose columns are those of a row above."""
    seen: set[Any] = set()
    for index, row in enumerate(table.rows):
        key = tuple(row[column] for column in columns)
        if key in seen:
            more = f" with the same {', '.join(columns[1:])}" if columns[1:] else ""
            yield table.error(index, columns[0], f"must not stand in two rows{more}")
        seen.add(key)


def overlapping(table: Table, key: Sequence[str], column: str) -> Iterator[FileError]:
    """Rows that are valid while another with the same key is."""
    for indexes in _grouped(table, key):
        for first, second in combinations(indexes, 2):
            one, other = table.rows[first], table.rows[second]
            starts = max(one.valid_from or date.min, other.valid_from or date.min)
            if starts < min(one.valid_to or date.max, other.valid_to or date.max):
                place = f"row {table.number(first)}"
                yield table.error(second, column, f"must not be valid at the same time as {place}")


def other_sums(table: Table, key: Sequence[str], of: str, column: str, words: str) -> Iterator[FileError]:
    """Keys whose shares, each ``of`` something else, do not add up to 1 on every day that has any: of each the first
    such day."""
    for indexes in _grouped(table, key):
        if not table.is_whole(key, indexes[0]):
            continue
        # a sum can only change where a row starts or ends, and each end is open or the start of what follows
        days = [(index, day) for index in indexes for day in _edges(table.rows[index])]
        for index, day in days:
            valid = [table.rows[other] for other in indexes if is_valid(table.rows[other], day)]
            total = sum(getattr(row, column) for row in valid)
            overlap = len({getattr(row, of) for row in valid}) < len(valid)  # which is reported as such
            if valid and total != 1 and not overlap:
                since = day if day != date.min else "the beginning"
                yield table.error(index, column, f"{words} must add up to 1; here {total} from {since}")
                break


def _edges(row: Any) -> list[date]:
    return [row.valid_from or date.min, *([row.valid_to] if row.valid_to else [])]


def _grouped(table: Table, key: Sequence[str]) -> list[list[int]]:
    same: dict[Any, list[int]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        same[tuple(getattr(row, part) for part in key)].append(index)
    return list(same.values())


def is_valid(row: Any, day: date) -> bool:
    """Whether a row is valid on a day; one without a range always is."""
    starts, ends = getattr(row, "valid_from", None), getattr(row, "valid_to", None)
    return bool((starts or date.min) <= day < (ends or date.max))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        allowed = f"the file is missing from the company folder {path.parent}; docs/files.md says what stands in it"
        raise FileError(path.name, None, None, None, allowed) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileError(path.name, None, None, None, f"must be saved as UTF-8; line {line} is not") from None


def _read_csv(path: Path) -> list[list[str]]:
    text = _read_text(path)
    header = next(iter(text.splitlines()), "")
    for delimiter, words in DELIMITERS.items():
        if delimiter in header and "," not in header:
            allowed = f"its values stand between {words}; save it as CSV with commas"
            raise FileError(path.name, None, None, None, allowed)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [line for line in lines if line]
    except csv.Error as error:
        raise FileError(
            path.name, None, None, None, f"is not CSV: line {lines.line_num}: {error}; close each quote"
        ) from None


def _rows(file: str, lines: Sequence[Sequence[str]], columns: Mapping[str, FieldInfo]) -> list[Entry]:
    """The rows below the header, which must name the columns in their order; those that may be left out are empty."""
    header, *rows = lines or [[]]
    needed = [column for column, field in columns.items() if field.is_required()]
    optional = [column for column in columns if column not in needed]
    expected = f"the header must be {','.join(needed)}"
    expected += f", and after these any of {','.join(optional)}" if optional else ""
    for column in (*header, *needed):
        if column not in columns or header.count(column) != 1:
            raise FileError(file, None, column, None, expected)
    if header != [column for column in columns if column in header]:
        raise FileError(file, None, None, ",".join(header), expected)
    return [
        dict.fromkeys(columns, "") | dict(zip(header, (value.strip() for value in row), strict=True))
        if len(row) == len(header)
        else [FileError(file, number, None, None, _count(header, row))]
        for number, row in enumerate(rows, start=1)
    ]


def _count(columns: Collection[str], row: Sequence[str]) -> str:
    hint = "; a value with a comma stands in quotes" if len(row) > len(columns) else ""
    return f"must have {len(columns)} values, but has {len(row)}{hint}"


def _entries(file: str, entries: Sequence[Any], sheet: Sheet) -> Iterator[Entry]:
    """The entries of a list with every column, empty where an entry leaves it out."""
    columns = list(sheet.row.columns())
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            yield [FileError(file, number, None, None, f"must be an entry with {', '.join(columns)}")]
            continue
        wrong = [
            FileError(file, number, column, None, "must be one value")
            if column in columns
            else FileError(file, number, column, None, f"must be one of {', '.join(columns)}")
            for column, value in entry.items()
            if column not in columns or not isinstance(value, str)
        ]
        yield wrong or {column: entry.get(column, "").strip() for column in columns}


class _TwiceError(Exception):
    """A name that stands twice in one mapping, of which YAML would drop the first."""

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        super().__init__(name)


class _Texts(yaml.BaseLoader):
    """Makes nothing but texts, lists and mappings."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if (text := str(name.value)) in seen:
                raise _TwiceError(text, name.start_mark.line + 1)
            seen.add(text)
        return super().construct_mapping(node, deep)
