"""The files that dbt builds.

Belongs here: which they are, what lies in them beside what the models say. Does not: building them (dbt_process.py).
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingestion.errors import SettingsError
from ingestion.home import PEOPLE
from orchestration import manifest

LEDGER = ("staging", "built_loads")
"""What the project's own hooks make in each database."""


def files(warehouse: Path) -> tuple[Path, Path]:
    """What dbt builds: the warehouse and what is restricted. Each knows loads of the other, so none stays alone."""
    return warehouse, warehouse.parent / PEOPLE


def exists(warehouse: Path) -> bool:
    return all(file.exists() for file in files(warehouse))


def warehouse_of(home: Path) -> Path:
    """The warehouse of a home. Raises ``SettingsError`` where none is built yet."""
    warehouse = home / "warehouse.duckdb"
    if not warehouse.exists():
        raise SettingsError(str(warehouse), "the warehouse is not built yet: prodops run")
    return warehouse


def discard(warehouse: Path) -> None:
    """Deletes a warehouse: it holds nothing that landing does not, and the next build makes it again."""
    for file in files(warehouse):
        for path in (file, file.with_name(f"{file.name}.wal")):
            path.unlink(missing_ok=True)


def drop_unknown(warehouse: Path) -> list[str]:
    """Drops what no model makes any more, so that a mart whose model was deleted is not published; names it."""
    dropped = []
    for file, database in zip(files(warehouse), ("warehouse", "restricted"), strict=True):
        known = {*manifest.relations(database), LEDGER}
        with duckdb.connect(str(file)) as connection:
            found = connection.execute(
                "select table_schema, table_name, table_type from information_schema.tables "
                "where table_catalog = current_database()"
            ).fetchall()
            for schema, name, kind in found:
                if (schema, name) not in known:
                    connection.execute(f'drop {"view" if kind == "VIEW" else "table"} "{schema}"."{name}"')
                    dropped.append(f"{schema}.{name}")
    return dropped


def row_counts(warehouse: Path, names: set[str]) -> Iterator[tuple[str, int]]:
    """Rows of each table that is named; views are not counted, that would run them."""
    for file in filter(Path.exists, files(warehouse)):
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                if table in names:
                    row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
                    yield table, int(row[0]) if row else 0
