"""The company's own files: what people, not systems, know about products, mappings, teams and policy.

Upstream -> table (landing/files/<table>; one record a row, its values as the strings they are in the file):
  products.csv     -> products      the catalogue, with validity
  product_map.csv  -> product_map   which keys of which source belong to which product, since when, with what weight
  teams.csv        -> teams         teams and their names over time
  policy.yml       -> policy        one record: the switches

No cursor: files are small and are read whole; only rows that changed land. Deletes: a row that left its file is gone.
All files are checked together, before any of them lands: a mapping to a product that another file lost is an error.

Alone: python -m ingestion.sources.files
Settings: PRODOPS_COMPANY, the folder of the files (default: company).
"""

import csv
import io
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingestion.clock import now
from ingestion.errors import FileError, ProdopsError, SettingsError
from ingestion.landing import Landed, Landing, Record
from ingestion.sources.parts import Finding, LoadOptions, Source, Stream

OBJECT_TYPES: dict[str, tuple[str, ...] | None] = {
    "jira": ("epic", "project"),
    "amplitude": None,
    "stripe": None,
    "quickbooks": None,
    "bamboohr": None,
}
"""What a mapping may name of each source; a company may map keys of a source before its loader is there (None)."""


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


class Team(Row):
    team_id: Text
    name: Text
    type: Literal["stream", "platform", "enabling"]
    function: Blank
    parent_id: Blank
    valid_from: Day
    valid_to: Day


class Policy(Row):
    reporting_time_zone: Annotated[str, AfterValidator(_time_zone)]
    reporting_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


TABLES: Mapping[str, tuple[type[Row], tuple[str, ...]]] = {
    "products": (Product, ("product_id", "valid_from")),
    "product_map": (ProductMap, ("source", "object_type", "key", "match", "product_id", "valid_from")),
    "teams": (Team, ("team_id", "valid_from")),
}
"""File -> its rows, and the columns that identify one."""


class Table:
    """The rows of one file, as the text they are and as the values they mean."""

    def __init__(self, folder: Path, stream: str) -> None:
        self.stream, self.file = stream, f"{stream}.csv"
        model, self._key = TABLES[stream]
        self.texts = _read_csv(folder / self.file, list(model.model_fields))
        self.rows: list[Any] = [self._row(model, number, text) for number, text in enumerate(self.texts, start=1)]

    def error(self, index: int, column: str, allowed: str) -> FileError:
        return FileError(self.file, index + 1, column, self.texts[index][column], allowed)

    def records(self) -> list[Record]:
        moment = now()
        return [
            Record("/".join(text[column] for column in self._key), json.dumps(text, ensure_ascii=False), moment)
            for text in self.texts
        ]

    def _row(self, model: type[Row], number: int, text: dict[str, str]) -> Row:
        try:
            row = model.model_validate(text)
        except ValidationError as invalid:
            raise _named(self.file, number, text, invalid) from None
        starts, ends = text["valid_from"], text["valid_to"]
        if starts and ends and starts >= ends:
            raise FileError(self.file, number, "valid_to", ends, f"must be after valid_from {starts}")
        return row


class Company:
    """All files, read and checked against each other."""

    def __init__(self, folder: Path) -> None:
        self.tables = {stream: Table(folder, stream) for stream in TABLES}
        self.policy = _read_policy(folder / "policy.yml")
        products, product_map, teams = self.tables.values()
        for table, key in ((products, "product_id"), (teams, "team_id")):
            _refuse_overlaps(table, lambda row, key=key: getattr(row, key), key)  # type: ignore[misc]
            _refuse_unknown_parents(table, key)
        _refuse_overlaps(teams, lambda row: row.name, "name")
        _check_map(product_map, {row.product_id for row in products.rows})


def _check_map(table: Table, products: set[str]) -> None:
    for index, row in enumerate(table.rows):
        if row.source not in OBJECT_TYPES:
            raise table.error(index, "source", f"must be one of {', '.join(OBJECT_TYPES)}")
        types = OBJECT_TYPES[row.source]
        if types is not None and row.object_type not in types:
            raise table.error(index, "object_type", f"must be one of {', '.join(types)}")
        if row.product_id not in products:
            raise table.error(index, "product_id", "must be a product_id of products.csv")
    _refuse_overlaps(table, lambda row: (row.source, row.object_type, row.key, row.match, row.product_id), "valid_from")
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


def _refuse_overlaps(table: Table, key: Callable[[Any], Any], column: str) -> None:
    same: dict[Any, list[int]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        same[key(row)].append(index)
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


def folder() -> Path:
    return Path(os.environ.get("PRODOPS_COMPANY") or "company").absolute()


def _company() -> Company:
    if not folder().is_dir():
        raise SettingsError("PRODOPS_COMPANY", "name the folder that holds products.csv and the other company files")
    return Company(folder())


def _load(landing: Landing, _options: LoadOptions) -> Iterator[Landed]:
    company = _company()
    # no guard on what vanishes: these are people's own edits, checked as a whole, and every version stays in landing
    for stream, table in company.tables.items():
        yield landing.land_snapshot(stream, table.records(), max_deleted_share=1)
    yield landing.land_snapshot("policy", [Record("policy", json.dumps(company.policy), now())])


def _check() -> list[Finding]:
    try:
        company = _company()
    except ProdopsError as error:
        return [Finding(False, "company files", str(error))]
    return [Finding(True, f"{table.file}: {len(table.rows)} rows") for table in company.tables.values()]


SOURCE = Source(
    name="files",
    title="Company files",
    streams=(
        Stream("products", "Product catalogue with validity", "product_id/valid_from"),
        Stream("product_map", "Keys of sources to products, with validity and weight", "all but weight and valid_to"),
        Stream("teams", "Teams with validity", "team_id/valid_from"),
        Stream("policy", "Policy switches", "policy"),
    ),
    load=_load,
    # A folder that was named and is not there is an error of the load, not a source that is off.
    is_configured=lambda: bool(os.environ.get("PRODOPS_COMPANY")) or folder().is_dir(),
    check=_check,
)

if __name__ == "__main__":
    from ingestion.sources import print_load

    sys.exit(print_load("files"))
