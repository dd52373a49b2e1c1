"""What published files say of themselves: a comment on each table and column, as the mart's yml and the registry say.

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


@dataclass(frozen=True, slots=True)
class Column:
    """What a mart's yml says of a column, and the registry of a measure."""

    description: str = ""
    data_type: str = ""
    additivity: str | None = None


@dataclass(frozen=True, slots=True)
class MartInfo:
    """What a mart's yml says of it, and from which sources its lineage begins; ``about``: what the registry adds."""

    key: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    description: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    audience: str = COMPANY
    sources: tuple[str, ...] = ()
    about: str = ""

    def comments(self) -> "Comments":
        columns = {name: _sentence(column.description) for name, column in self.columns.items()}
        table = f"{_sentence(self.description)} {self.about}".strip()
        return Comments(table, {name: text for name, text in columns.items() if text})


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
