"""Every test of dbt, broken by one changed row: it turns red, names the row and holds back exactly the marts behind it.

Belongs here: for each test, enumerated from the manifest, the search for a row whose change turns it red; the score of
these and of all other checks. Does not: proofs and controls (registry_mutations.py), expectations
(expectation_mutations.py), clocks (clocks.py), mistakes in the text of models (mutations.py), what a proof must notice
of a company's books (proof_mutations.py).

The relations that tests read are copied into tables, views too, so that one row of each can be changed and the change
undone. A check that no change reaches counts as survived.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion import sql
from ingestion.home import PEOPLE
from orchestration import failing_rows, gate, manifest
from tests import in_process_dbt
from tests.orchestration.conftest import behind

NO_VALUE = "'no such value'"
TRIED = 1500
"""Changes that are tried for a test that reads many relations."""
ROWS = ("rowid = 0", "rowid = (select max(rowid) from {place})", "rowid = (select max(rowid) // 2 from {place})")
"""The rows that are changed in turn where any may do."""
OF_KIND = ("quantile_disc(rowid, 0.5)", "min(rowid)", "max(rowid)")
"""The same, of one kind of rows."""
CANDIDATES = {
    "BOOLEAN": ("not coalesce({column}, false)",),
    "DATE": ("{column} + 400", "{column} - 400", "date '1999-01-01'"),
    "TIMESTAMP": ("{column} + interval 400 day", "{column} - interval 400 day", "timestamp '1999-01-01'"),
    "VARCHAR": (NO_VALUE, "lower({column})", "''", "{column} || 'x'"),
}
"""What a value may become, by type; NULL besides, and of a number what NUMBERS says."""
NUMBERS = ("{column} + 1", "-{column} - 1", "0", "{column} * 2 + 1000")


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a relation that becomes another one, is there twice, is lost, or is made up where there is none.
    ``rows`` selects it as it will be, or as it was if it is lost."""

    place: str
    statement: str
    rows: str
    is_made_up: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a check: the change that turned it red, None where none did; whether what Dagster shows names the
    row; marts that are held back and should not be, or the other way round."""

    check: str
    kind: str
    change: Change | None
    is_named: bool = True
    is_restricted: bool = False
    wrong_marts: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        if self.change is None:
            return "no change of a row turns it red"
        if not self.is_named:
            return f"red, but it does not name the row: {self.change.statement}"
        return f"marts that are held back wrongly, or not: {', '.join(self.wrong_marts)}" if self.wrong_marts else None


class Copied:
    """What tests of dbt in a home read, as tables; the home stays as it is. ``names``: which; all unless named."""

    def __init__(self, home: Path, folder: Path, names: Sequence[str] = ("resource_type:test",)) -> None:
        os.environ["PRODOPS_HOME"] = str(home)
        done = in_process_dbt.dbt(home, "compile", "--select", *names)
        assert done.success, done.exception
        nodes = manifest.project().nodes
        self.statements = {one.node.unique_id: str(one.node.compiled_code) for one in done.result}
        self.tests = {one: nodes[one] for one in sorted(self.statements)}
        read = {one for test in self.tests.values() for one in test["depends_on"]["nodes"] if one in manifest.models()}
        self.places = {one: place_of(one) for one in sorted(read)}
        with duckdb.connect() as built:
            for name, file in (("warehouse", home / "warehouse.duckdb"), ("restricted", home / PEOPLE)):
                built.execute(f"attach {sql.text(file)} as {name} (read_only)")
                built.execute(f"attach {sql.text(folder / name)} as copied_{name}")
            built.execute("set timezone = 'UTC'")
            for place in self.places.values():
                database, schema, table = place.split(".")
                copied = f'"copied_{database[1:]}.{schema}'
                built.execute(f"create schema if not exists {copied}")
                built.execute(f"create table {copied}.{table} as from {place}")
        self.connection = duckdb.connect()
        for name in ("warehouse", "restricted"):
            self.connection.execute(f"attach {sql.text(folder / name)} as {name}")
        self.connection.execute("set timezone = 'UTC'; use warehouse")
        self.columns = {place: self._columns(place) for place in self.places.values()}

    def outcomes(self, tests: Iterable[str]) -> Iterator[Outcome]:
        for one in tests:
            yield self.outcome(one)

    def outcome(self, one: str) -> Outcome:
        """What becomes of a test when one row is changed, the first of many that turns it red."""
        test, statement = self.tests[one], self.statements[one]
        before = self._failing(statement)
        is_shown = failing_rows.is_shown(test)
        red: Outcome | None = None
        for number, change in enumerate(self.changes(one)):
            if number == TRIED:
                break
            self.connection.execute("begin")
            try:
                (was,) = self._texts(change.rows) or ({},)
                self.connection.execute(change.statement)
                if self._failing(statement) <= before:
                    continue
                found = failing_rows.keys(self.connection, test, statement)
                row = was | ((self._texts(change.rows) or ({},))[0])
            except duckdb.Error:
                continue  # a value that its type can't have, or a column that can't be added to
            finally:
                self.connection.execute("rollback")
            is_named = not is_shown or any(_names(key, row, whole=kind_of(test) != "singular") for key in found)
            red = Outcome(manifest.shown(one), kind_of(test), change, is_named, not is_shown, held_wrongly(one))
            if is_named:
                break
        return red or Outcome(manifest.shown(one), kind_of(test), None)

    def changes(self, one: str) -> Iterator[Change]:
        """Changes by the kind of the test, then of anything that it reads: what it is shown on first."""
        test = self.tests[one]
        shown_on = manifest.checks()[one].asset_key
        own = next(self.places[model] for model, key in manifest.assets().items() if key == shown_on)
        given = (test.get("test_metadata") or {}).get("kwargs", {})
        column = sql.name(given["column_name"]) if "column_name" in given else ""
        kind = kind_of(test)
        if kind == "not_null":
            yield self._set(own, column, "null")
        elif kind in ("accepted_values", "relationships"):
            yield self._set(own, column, NO_VALUE)
            yield self._set(own, column, "-987654321")
        elif kind == "holds":
            yield from self._against(own, given["condition"])
        elif kind != "singular":
            yield self._twice(own)
        others = [self.places[node] for node in test["depends_on"]["nodes"] if node in self.places]
        for place in dict.fromkeys([own, *others]):
            yield from self._anything(place, self.statements[one])

    def _against(self, place: str, condition: str) -> Iterator[Change]:
        """A column of a row to which a value can be given that breaks the condition; any row may have it."""
        for column, kind in self.columns[place].items():
            if not re.search(rf"\b{re.escape(column)}\b", condition):
                continue
            for value in _values(column, kind):
                changed = f"(select rowid as row_id, * replace ({value} as {sql.name(column)}) from {place})"
                try:
                    rows = self.connection.execute(
                        f"select row_id from {changed} where not coalesce({condition}, false) limit 1"
                    ).fetchall()
                except duckdb.Error:
                    continue
                for (row,) in rows:
                    yield self._set(place, sql.name(column), value, f"rowid = {row}")

    def _anything(self, place: str, statement: str) -> Iterator[Change]:
        """One row there twice, lost, or with another value in any column; where there is none, one of nothing but a
        value that the statement names."""
        named = sorted(set(re.findall(r"'(?:[^']|'')*'", re.sub(r"--.*", "", statement))))
        if not self._count(f"from {place}"):
            yield from (self._made_up(place, {}, times) for times in (1, 2))
            texts = [column for column, kind in self.columns[place].items() if kind == "VARCHAR"]
            yield from (self._made_up(place, {column: value}) for column in texts for value in named)
            return
        for where in [*(row.format(place=place) for row in ROWS), *self._of_kinds(place, named)]:
            yield self._twice(place, where)
            yield Change(place, f"delete from {place} where {where}", f"from {place} where {where}")
        for column, kind in self.columns[place].items():
            for value in [*_values(column, kind), *(named if kind == "VARCHAR" else ())]:
                for where in (row.format(place=place) for row in ROWS):
                    yield self._set(place, sql.name(column), value, where)

    def _of_kinds(self, place: str, named: Sequence[str]) -> Iterator[str]:
        """Rows that have a text which the statement names: in a table of many kinds of rows it may be about a few."""
        for column in (sql.name(column) for column, kind in self.columns[place].items() if kind == "VARCHAR"):
            for value in named:
                if self._count(where := f"from {place} where {column} = {value}"):
                    yield from (f"rowid = (select {row} {where})" for row in OF_KIND)

    def _made_up(self, place: str, values: Mapping[str, str], times: int = 1) -> Change:
        row = (f"cast({values.get(column, 'null')} as {kind})" for column, kind in self.columns[place].items())
        statement = f"insert into {place} select {', '.join(row)} from range({times})"
        return Change(place, statement, f"from {place}", is_made_up=True)

    def _twice(self, place: str, where: str = "rowid = 0") -> Change:
        row = f"from {place} where {where}"
        return Change(place, f"insert into {place} {row}", row)

    def _set(self, place: str, column: str, value: str, where: str = "rowid = 0") -> Change:
        return Change(place, f"update {place} set {column} = {value} where {where}", f"from {place} where {where}")

    def _failing(self, statement: str) -> int:
        return self._count(f"from ({statement}\n)")

    def _count(self, query: str) -> int:
        return int(self.connection.execute(f"select count(*) {query}").fetchall()[0][0])

    def _texts(self, rows: str) -> list[dict[str, str]]:
        found = self.connection.execute(rows)
        names = [name for name, *_ in found.description]
        return [{name: str(value) for name, value in zip(names, row, strict=True)} for row in found.fetchmany(1)]

    def _columns(self, place: str) -> dict[str, str]:
        described = self.connection.execute(f"describe {place}").fetchall()
        return {str(name): str(kind) for name, kind, *_ in described}


def place_of(model: str) -> str:
    """Where a model lies, as statements of dbt name it."""
    node = manifest.models()[model]
    return ".".join(sql.name(node[part]) for part in ("database", "schema", "alias"))


def both(home: Path) -> duckdb.DuckDBPyConnection:
    """What dbt built, to be changed, under the names that dbt has for it."""
    connection = duckdb.connect()
    for file, name in ((home / "warehouse.duckdb", "warehouse"), (home / PEOPLE, "restricted")):
        connection.execute(f"attach {sql.text(file)} as {name}")
    connection.execute("set timezone = 'UTC'; use warehouse")
    return connection


def kind_of(test: Mapping[str, Any]) -> str:
    return str((test.get("test_metadata") or {}).get("name", "singular"))


def held_wrongly(one: str) -> tuple[str, ...]:
    """Marts that the gate holds back for a red test and that are not behind it, or the other way round. What only warns
    holds back none."""
    key = manifest.checks()[one]
    held = set(gate.held_by(key, gate.RED)) if key in manifest.blocking() else set()
    roots = {model for model, asset in manifest.assets().items() if asset == key.asset_key}
    expected = marts_among(behind(roots)) if key in manifest.blocking() else set()
    return tuple(sorted(held ^ expected))


def marts_among(nodes: Iterable[str]) -> set[str]:
    models = manifest.models()
    return {models[one]["name"] for one in nodes if one in models and models[one]["schema"] == "marts"}


def _values(column: str, kind: str) -> Iterator[str]:
    found: Sequence[str] = CANDIDATES.get(kind.split(" ")[0], NUMBERS)
    yield from (value.format(column=sql.name(column)) for value in found)
    yield "null"


def _names(key: Mapping[str, str], row: Mapping[str, str], *, whole: bool) -> bool:
    """Whether a key is that of a row: ``whole``, in all columns; else, as a statement of its own names what differs, in
    any column or, where they have none in common, any value."""
    shared = [key[name] == row[name] for name in key.keys() & row.keys()]
    if whole:
        return bool(shared) and all(shared)
    return any(shared) if shared else bool(set(key.values()) & set(row.values()))


def summed(found: Sequence[Outcome]) -> dict[str, object]:
    """Figures of a run, and every check that survived."""
    survived = [f"{one.check} ({one.kind}): {one.problem}" for one in found if one.problem]
    return {
        "checks": len(found),
        "checks_by_kind": dict(Counter(one.kind for one in found)),
        "checks_on_made_up_rows": sum(one.change is not None and one.change.is_made_up for one in found),
        "checks_whose_rows_are_restricted": sum(one.is_restricted for one in found),
        "checks_score_percent": round(100 * (1 - len(survived) / len(found)), 2),
        "checks_survived": survived,
    }
