"""MetricFlow's own engine on a warehouse, and what the marts say of the same questions.

Belongs here: asking, and computing the expected answer from the rows of a mart by its registered additivity. Does not:
which company is asked (callers).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from registry import Mart, Metric, Registry
from registry.semantics import PERIODS, SHARED, apart, kind, name

HAIR = 1e-9
"""By which doubles may differ that are added up in another order."""
LISTED = {
    "row": "not additive: the figure of a row, asked for by the mart's whole key; coarser questions have no answer",
    "by": "not additive over products, teams or groups: asked for by these; else there is no answer",
}
"""Why MetricFlow does not answer every question about a metric, by its kind."""
Rows = dict[tuple[Any, ...], Any]


class Client:
    """A connection of DuckDB as MetricFlow asks it. ``rows``: the last answer as it came; MetricFlow's own table has
    floats of decimals."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.rows: list[tuple[Any, ...]] = []

    def query(self, stmt: str, sql_bind_parameter_set: object = None) -> MetricFlowDataTable:
        answer = self._connection.execute(stmt)
        names = [column[0] for column in answer.description]
        self.rows = answer.fetchall()
        return MetricFlowDataTable.create_from_rows(column_names=names, rows=self.rows)


class Metrics:
    """What MetricFlow answers on a connection that has the warehouse as ``warehouse``; ``manifest`` is dbt's
    semantic_manifest.json."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, manifest: Path) -> None:
        self._client = Client(connection)
        lookup = SemanticManifestLookup(parse_manifest_from_dbt_generated_manifest(manifest.read_text()))
        self._engine = MetricFlowEngine(lookup, self._client)

    def ask(self, metric: str, by: Sequence[str] = ()) -> Rows:
        """The metric by what it is asked for, in that order."""
        asked = self._engine.query(MetricFlowQueryRequest.create(metric_names=[metric], group_by_names=[*by]))
        assert asked.result_df is not None
        columns = asked.result_df.column_names
        places = [columns.index(one) for one in (*by, metric)]
        return {tuple(row[place] for place in places[:-1]): row[places[-1]] for row in self._client.rows}


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric: its kind, how many figures were compared, and those that differ, in words."""

    metric: str
    kind: str
    figures: int
    differing: tuple[str, ...]


def compared(connection: duckdb.DuckDBPyConnection, metrics: Metrics, entries: Registry) -> Iterator[Compared]:
    """Each published metric, asked for by the whole key, by the date alone and by nothing."""
    for mart, entry in entries.marts.items():
        for column, metric in entry.metrics.items():
            differing, figures = [], 0
            for by in (entry.grain, (), None):
                asked = metrics.ask(name(mart, column), [] if by is None else _by(mart, entry, by))
                wanted = expected(connection, mart, entry, column, by)
                figures += len(wanted)
                differing += [
                    f"by {by}: {key}: MetricFlow {asked.get(key)}, {mart} {wanted.get(key)}"
                    for key in asked.keys() | wanted.keys()
                    if key not in asked or key not in wanted or not _same(asked[key], wanted[key])
                ]
            yield Compared(f"{mart}.{column}", kind(entry, metric), figures, tuple(differing))


def _by(mart: str, entry: Mart, by: Sequence[str]) -> list[str]:
    """The columns of a key, and the date, as MetricFlow calls them."""
    return [*(one if one in SHARED else f"{mart}__{one}" for one in by if one != entry.date), "metric_time__day"]


def expected(
    connection: duckdb.DuckDBPyConnection, mart: str, entry: Mart, column: str, by: Sequence[str] | None
) -> Rows:
    """The answer from the rows of the mart: by columns and the date, by the date alone, or by nothing (None)."""
    metric = entry.metrics[column]
    groups = [] if by is None else [*(one for one in by if one != entry.date), f"cast({entry.date} as timestamp)"]
    shown = _shown(entry, metric, column, is_last=by is None, mart=mart)
    grouped = f"group by {', '.join(groups)}" if groups else ""
    rows = connection.execute(f"select {', '.join([*groups, shown])} from warehouse.marts.{mart} {grouped}").fetchall()
    return {row[:-1]: row[-1] for row in rows}


def _shown(entry: Mart, metric: Metric, column: str, *, is_last: bool, mart: str) -> str:
    def total(of: str) -> str:
        is_balance = is_last and {*entry.metrics[of].not_over} & {*PERIODS}
        last = f"{entry.date} = (select max({entry.date}) from warehouse.marts.{mart})" if is_balance else "true"
        return f"sum({of}) filter (where not is_rollup and {last})"

    match kind(entry, metric):
        case "row":
            return f"case when count(*) = 1 then max({column}) end"
        case "ratio":
            quotient = f"{total(str(metric.numerator))}::double / nullif({total(str(metric.denominator))}, 0)"
            return f"case when count(*) = 1 then max({column}) else {quotient} end"
        case "by":
            ones = " and ".join(f"count(distinct {one}) = 1" for one in apart(metric))
            return f"case when {ones} then {total(column)} end"
        case _:
            return total(column)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=HAIR, abs_tol=HAIR)
    return bool(one == other)
