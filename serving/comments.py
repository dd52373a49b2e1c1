"""What published files say of themselves: a comment on each table and column, as the mart's yml describes it.

Belongs here: what a yml says of a mart, the text that is made of it, how DuckDB and Parquet carry it. Does not: rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import sql
from serving.published import COMPANY

ROWS = 122_880
"""Of a row group: as many as DuckDB itself would write."""
MONEY = "decimal(38,4)"


@dataclass(frozen=True, slots=True)
class Column:
    """What a mart's yml says of a column."""

    description: str = ""
    data_type: str = ""
    unit: str | None = None
    additivity: str | None = None
    not_over: tuple[str, ...] = ()

    def comment(self, name: str) -> str:
        parts = [_sentence(self.description)]
        if unit := self.unit or _usual_unit(name, self.data_type):
            parts.append(_sentence(f"Unit: {unit}"))
        if self.additivity:
            but = f", not over {', '.join(self.not_over)}" if self.not_over else ""
            parts.append(_sentence(self.additivity.capitalize() + but))
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class MartInfo:
    """What a mart's yml says of it, and from which sources its lineage begins."""

    key: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    description: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    audience: str = COMPANY
    sources: tuple[str, ...] = ()

    def comments(self) -> "Comments":
        columns = {name: column.comment(name) for name, column in self.columns.items()}
        return Comments(_sentence(self.description), {name: text for name, text in columns.items() if text})


@dataclass(frozen=True, slots=True)
class Comments:
    """Those of a table and of its columns; a column without one is not in it."""

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def statements(self, table: str) -> str:
        """The SQL that puts them on a table."""
        on = [f"comment on table {table} is {sql.text(self.table)}"] if self.table else []
        on += [f"comment on column {table}.{sql.name(name)} is {sql.text(text)}" for name, text in self.columns.items()]
        return "; ".join(on)

    def schema(self, plain: pa.Schema) -> pa.Schema:
        """An Arrow schema with them. Readers of Arrow show what is on a field; DuckDB and polars show the metadata of
        the file alone, so it is there as well."""
        fields = [one.with_metadata({"comment": self.columns.get(one.name, "")}) for one in plain]
        return pa.schema(fields, {"comment": self.table, "column_comments": json.dumps(dict(self.columns))})


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _usual_unit(name: str, data_type: str) -> str | None:
    """What a name or a type stands for everywhere (CONTRIBUTING.md, Names), so that no yml need repeat it."""
    if name.endswith("_ratio"):
        return "ratio, 1 is 100 %"
    if name.endswith("_hours"):
        return "hours"
    return "units of the reporting currency, named in currency" if data_type.replace(" ", "") == MONEY else None


def read(source: duckdb.DuckDBPyConnection, table: tuple[str, str, str]) -> Comments:
    """Those of a table of an attached file: database, schema, name."""
    place = "where (database_name, schema_name, table_name) = (?, ?, ?) and comment is not null"
    on_table = source.execute(f"select comment from duckdb_tables() {place}", table).fetchone()
    columns = source.execute(
        f"select column_name, comment from duckdb_columns() {place} order by column_index", table
    ).fetchall()
    return Comments(on_table[0] if on_table else "", dict(columns))


def write_parquet(source: duckdb.DuckDBPyConnection, query: str, target: Path, comments: Comments) -> None:
    """What a query gives as Parquet, in its order."""
    rows = source.execute(query).to_arrow_reader(ROWS)
    with pq.ParquetWriter(target, comments.schema(rows.schema)) as file:
        for batch in rows:
            file.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=file.schema))
