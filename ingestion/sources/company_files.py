"""The company's own files as rows: their columns, what may stand in each, what must fit together.

Belongs here: reading and checking. Does not: landing them (files.py), what a product or a customer means (dbt).
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingestion.clock import now
from ingestion.errors import FileError
from ingestion.landing import Record

OBJECT_TYPES: dict[str, tuple[str, ...] | None] = {
    "jira": ("epic", "project"),
    "amplitude": ("event", "project", "exposure"),
    "stripe": None,
    "quickbooks": None,
    "bamboohr": None,
}
"""What a mapping may name of each source; a company may map keys of a source before its loader is there (None)."""

PEOPLE = ("jira", "bamboohr", "amplitude", "vendor")
"""Where a worker may have a key."""


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _day(value: object) -> object:
    if value and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise ValueError("must be a day like 2026-01-31, or empty")
    return value or None


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone like Europe/Berlin")
    return value


Text = Annotated[str, Field(min_length=1)]
Blank = Annotated[str | None, BeforeValidator(_empty_is_none)]
Day = Annotated[date | None, BeforeValidator(_day)]
Weight = Annotated[Decimal, Field(gt=0, le=1, max_digits=10, decimal_places=6)]


class Row(BaseModel):
    """One row of a file; the fields, in their order, are the file's header."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Product(Row):
    product_id: Text
    name: Text
    level: Literal["portfolio", "product", "module", "feature"]
    parent_id: Blank
    owner: Blank
    lifecycle: Blank
    valid_from: Day
    valid_to: Day


class ProductMap(Row):
    source: Text
    object_type: Text
    key: Text
    match: Literal["exact", "prefix", "glob"]
    product_id: Text
    weight: Weight
    valid_from: Day
    valid_to: Day
    reason: Blank


class Customer(Row):
    customer_id: Text
    name: Text
    parent_id: Blank
    segment: Blank
    market: Blank
    country: Blank
    industry: Blank
    valid_from: Day
    valid_to: Day


class CustomerMap(Row):
    source: Text
    key: Text
    customer_id: Text
    valid_from: Day
    valid_to: Day


class Segment(Row):
    code: Text
    name: Text


class Market(Row):
    code: Text
    name: Text
    region: Blank


class WorkerMap(Row):
    source: Text
    key: Text
    worker_id: Text
    valid_from: Day
    valid_to: Day


class Team(Row):
    team_id: Text
    name: Text
    type: Literal["stream", "platform", "enabling"]
    function: Blank
    parent_id: Blank
    valid_from: Day
    valid_to: Day


class Policy(Row):
    """The switches; those with a default here and none in the file take the default where they are read (dbt)."""

    reporting_time_zone: Annotated[str, AfterValidator(_time_zone)]
    reporting_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    account_group: Text | None = None
    shared_device_users: Annotated[int, Field(ge=2)] | None = None
    bot_markers: Text | None = None
    adoption_uses: Annotated[int, Field(ge=1)] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file: its rows, the columns that identify one, whether a company may do without it."""

    row: type[Row]
    key: tuple[str, ...]
    may_lack: bool = False


SHEETS: Mapping[str, Sheet] = {
    "products": Sheet(Product, ("product_id", "valid_from")),
    "product_map": Sheet(ProductMap, ("source", "object_type", "key", "match", "product_id", "valid_from")),
    "teams": Sheet(Team, ("team_id", "valid_from")),
    "segments": Sheet(Segment, ("code",), may_lack=True),
    "markets": Sheet(Market, ("code",), may_lack=True),
    "customers": Sheet(Customer, ("customer_id", "valid_from"), may_lack=True),
    "customer_map": Sheet(CustomerMap, ("source", "key", "valid_from"), may_lack=True),
    "worker_map": Sheet(WorkerMap, ("source", "key", "valid_from"), may_lack=True),
}


class Table:
    """The rows of one file, as the text they are and as the values they mean."""

    def __init__(self, folder: Path, stream: str) -> None:
        self.stream, self.file, self._sheet = stream, f"{stream}.csv", SHEETS[stream]
        model = self._sheet.row
        is_missing = self._sheet.may_lack and not (folder / self.file).exists()
        self.texts = [] if is_missing else _read_csv(folder / self.file, list(model.model_fields))
        self.rows: list[Any] = [self._row(model, number, text) for number, text in enumerate(self.texts, start=1)]

    def error(self, index: int, column: str, allowed: str) -> FileError:
        return FileError(self.file, index + 1, column, self.texts[index][column], allowed)

    def records(self) -> list[Record]:
        moment = now()
        return [
            Record("/".join(text[column] for column in self._sheet.key), json.dumps(text, ensure_ascii=False), moment)
            for text in self.texts
        ]

    def _row(self, model: type[Row], number: int, text: dict[str, str]) -> Row:
        try:
            row = model.model_validate(text)
        except ValidationError as invalid:
            raise _named(self.file, number, text, invalid) from None
        starts, ends = text.get("valid_from"), text.get("valid_to")
        if starts and ends and starts >= ends:
            raise FileError(self.file, number, "valid_to", ends, f"must be after valid_from {starts}")
        return row


class Company:
    """All files, read and checked against each other. Raises ``FileError``."""

    def __init__(self, folder: Path) -> None:
        self.tables = {stream: Table(folder, stream) for stream in SHEETS}
        self.policy = _read_policy(folder / "policy.yml")
        products, teams, customers = (self.tables[name] for name in ("products", "teams", "customers"))
        for table, key in ((products, "product_id"), (teams, "team_id"), (customers, "customer_id")):
            _refuse_overlaps(table, (key,), key)
            _refuse_unknown_parents(table, key)
        _refuse_overlaps(teams, ("name",), "name")
        _check_map(self.tables["product_map"], {row.product_id for row in products.rows})
        for name, sources in (("customer_map", tuple(OBJECT_TYPES)), ("worker_map", PEOPLE)):
            _refuse_overlaps(self.tables[name], ("source", "key"), "key")
            _refuse_others(self.tables[name], "source", sources, f"one of {', '.join(sources)}")
        known = [row.customer_id for row in customers.rows]
        _refuse_others(self.tables["customer_map"], "customer_id", known, "a customer_id of customers.csv")
        for name, column in (("segments", "segment"), ("markets", "market")):
            codes = [row.code for row in self.tables[name].rows]
            _refuse_others(customers, column, [*codes, None], f"a code of {name}.csv, or empty")
            _refuse_twice(self.tables[name], "code")


def _refuse_others(table: Table, column: str, allowed: Collection[str | None], words: str) -> None:
    known = set(allowed)
    for index, row in enumerate(table.rows):
        if getattr(row, column) not in known:
            raise table.error(index, column, f"must be {words}")


def _refuse_twice(table: Table, column: str) -> None:
    seen: set[str] = set()
    for index, row in enumerate(table.rows):
        if getattr(row, column) in seen:
            raise table.error(index, column, "must not stand in two rows")
        seen.add(getattr(row, column))


def _check_map(table: Table, products: set[str]) -> None:
    _refuse_others(table, "source", tuple(OBJECT_TYPES), f"one of {', '.join(OBJECT_TYPES)}")
    _refuse_others(table, "product_id", tuple(products), "a product_id of products.csv")
    for index, row in enumerate(table.rows):
        types = OBJECT_TYPES[row.source]
        if types is not None and row.object_type not in types:
            raise table.error(index, "object_type", f"must be one of {', '.join(types)}")
    _refuse_overlaps(table, ("source", "object_type", "key", "match", "product_id"), "valid_from")
    splits: dict[Any, list[int]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        splits[row.source, row.object_type, row.key, row.match].append(index)
    for rows in splits.values():
        for index in rows:
            # a sum can only change where a row starts or ends, and each end is open or the start of what follows
            for day in (table.rows[index].valid_from or date.min, table.rows[index].valid_to):
                valid = [table.rows[other] for other in rows if day and _covers(table.rows[other], day)]
                total = sum(row.weight for row in valid)
                if valid and total != 1:
                    since = day if day != date.min else "the beginning"
                    raise table.error(
                        index, "weight", f"the weights of a key must add up to 1; here {total} from {since}"
                    )


def _refuse_overlaps(table: Table, key: Sequence[str], column: str) -> None:
    same: dict[Any, list[int]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        same[tuple(getattr(row, part) for part in key)].append(index)
    for indexes in same.values():
        for first, second in combinations(indexes, 2):
            one, other = table.rows[first], table.rows[second]
            starts = max(one.valid_from or date.min, other.valid_from or date.min)
            if starts < min(one.valid_to or date.max, other.valid_to or date.max):
                raise table.error(second, column, f"must not be valid at the same time as row {first + 1}")


def _refuse_unknown_parents(table: Table, key: str) -> None:
    known = {getattr(row, key) for row in table.rows}
    for index, row in enumerate(table.rows):
        if row.parent_id is not None and row.parent_id not in known - {getattr(row, key)}:
            raise table.error(index, "parent_id", f"must be another {key} of this file")


def _covers(row: Any, day: date) -> bool:
    return (row.valid_from or date.min) <= day < (row.valid_to or date.max)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError(path.name, None, None, None, "the file is missing from the company folder") from None
    except UnicodeDecodeError:
        raise FileError(path.name, None, None, None, "must be saved as UTF-8") from None


def _read_csv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        reader = csv.reader(io.StringIO(_read_text(path), newline=""), strict=True)
        header, *lines = [line for line in reader if line] or [[]]
    except csv.Error as error:
        raise FileError(path.name, None, None, None, f"is not CSV: {error}") from None
    expected = f"the header must be {','.join(columns)}"
    for column in (*header, *columns):
        if column not in columns or header.count(column) != 1:
            raise FileError(path.name, None, column, None, expected)
    if header != list(columns):
        raise FileError(path.name, None, None, ",".join(header), expected)
    if not lines:
        raise FileError(path.name, None, None, None, "has no rows")
    for number, line in enumerate(lines, start=1):
        if len(line) != len(columns):
            raise FileError(path.name, number, None, None, f"must have {len(columns)} values, but has {len(line)}")
    return [dict(zip(columns, (value.strip() for value in line), strict=True)) for line in lines]


def _read_policy(path: Path) -> dict[str, str]:
    try:
        switches = yaml.safe_load(_read_text(path))
    except yaml.YAMLError:
        raise FileError(path.name, None, None, None, "is not YAML") from None
    if not isinstance(switches, dict):
        raise FileError(path.name, None, None, None, "must be lines like `reporting_currency: EUR`")
    texts = {str(name): str(value) for name, value in switches.items()}
    try:
        Policy.model_validate(texts)
    except ValidationError as invalid:
        raise _named(path.name, None, texts, invalid) from None
    return texts


def _named(file: str, row: int | None, texts: Mapping[str, str], invalid: ValidationError) -> FileError:
    error = invalid.errors(include_url=False)[0]
    column = str(error["loc"][0])
    return FileError(file, row, column, texts.get(column), error["msg"].removeprefix("Value error, "))
