"""What MetricFlow needs to answer for the metrics: semantic models over the published marts and metrics, as texts.

Belongs here: which kind of metric of MetricFlow's an entry becomes. Does not: asking (tests/metricflow.py).

A question has no answer rather than a wrong one where it would add up what does not: a figure that is not additive is
that of a single row of its mart, a count that is not additive over products that of a single product. A balance of
several periods is that of the last. A quotient of sums is one of their sums, and of a single row what the mart shows,
which may be nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from registry.entries import Mart, Metric, Registry

SHARED = ("product_id", "segment", "market", "team_id")
"""Columns of keys by which metrics of several marts may be asked for side by side."""
PERIODS = ("fiscal_period", "week_start_date", "as_of_date")
"""Columns of keys over which a balance is that of the last date."""


def semantic_files(entries: Registry, folder: Path, made: str) -> Mapping[Path, str]:
    """A file a mart."""
    return {folder / f"{mart}.yml": f"# {made}\n{_file(mart, entry)}" for mart, entry in entries.marts.items()}


def name(mart: str, column: str) -> str:
    """What MetricFlow calls a metric; it allows no dots."""
    return f"{mart}_{column}"


def kind(entry: Mart, metric: Metric) -> str:
    """How MetricFlow answers for a metric: a ``sum``, a ``balance`` at the last date, a ``ratio`` of two of them, a sum
    or balance that must be asked for ``by`` the columns over which it does not add up, or the figure of one ``row``."""
    if metric.additivity == "non-additive":
        parts = [kind(entry, entry.metrics[one]) for one in (metric.numerator, metric.denominator) if one]
        return "ratio" if parts and {*parts} <= {"sum", "balance"} else "row"
    if apart(metric):
        return "by"
    return "balance" if metric.not_over else "sum"


def apart(metric: Metric) -> list[str]:
    """The columns, other than those of time, over which a metric does not add up."""
    return [one for one in metric.not_over if one not in PERIODS]


def _file(mart: str, entry: Mart) -> str:
    content = {"semantic_models": [_semantic_model(mart, entry)], "metrics": [*_metrics(mart, entry)]}
    return msgspec.yaml.encode({part: those for part, those in content.items() if those}).decode()


def _semantic_model(mart: str, entry: Mart) -> dict[str, Any]:
    columns = [one for one in entry.grain if one not in (*SHARED, entry.date)]
    day = {"name": entry.date, "type": "time", "type_params": {"time_granularity": "day"}}
    return {
        "name": mart,
        "description": entry.about,
        "model": f"ref('{mart}')",
        "defaults": {"agg_time_dimension": entry.date},
        "primary_entity": mart,
        "entities": [{"name": one, "type": "foreign"} for one in entry.grain if one in SHARED],
        "dimensions": [day, *({"name": one, "type": "categorical"} for one in [*columns, "is_complete"])],
        "measures": [*_measures(mart, entry)],
    }


def _measures(mart: str, entry: Mart) -> Iterator[dict[str, Any]]:
    """What is summed, each a metric too. What other rows hold as well is left out of sums."""
    for column, metric in entry.metrics.items():
        balance = {"non_additive_dimension": {"name": entry.date, "window_choice": "max"}}
        added = _measure("sum", f"case when not is_rollup then {column} end")
        added |= balance if {*metric.not_over} & {*PERIODS} else {}
        match kind(entry, metric):
            case "sum" | "balance":
                yield _named(mart, column, metric) | added
            case "by":
                yield {"name": f"{name(mart, column)}_sum"} | added
            case "row" | "ratio":
                yield {"name": f"{name(mart, column)}_max"} | _measure("max", column)
    if {"row", "ratio"} & {kind(entry, metric) for metric in entry.metrics.values()}:
        yield {"name": f"{mart}_rows"} | _measure("sum", "1")
    for column in dict.fromkeys(one for metric in entry.metrics.values() for one in apart(metric)):
        yield {"name": f"{mart}_different_{column}"} | _measure("count_distinct", column)


def _measure(agg: str, expression: str) -> dict[str, Any]:
    return {"agg": agg, "expr": expression, "create_metric": True}


def _metrics(mart: str, entry: Mart) -> Iterator[dict[str, Any]]:
    """Those that are made of others."""
    for column, metric in entry.metrics.items():
        own, inputs = name(mart, column), {"rows": f"{mart}_rows"}
        match kind(entry, metric):
            case "row":
                yield _named(mart, column, metric) | _derived("rows = 1", inputs | {"figure": f"{own}_max"})
            case "ratio":
                inputs |= {"figure": f"{own}_max", "numerator": name(mart, str(metric.numerator))}
                inputs |= {"denominator": name(mart, str(metric.denominator))}
                quotient = "cast(numerator as double) / nullif(denominator, 0)"
                yield _named(mart, column, metric) | _derived("rows = 1", inputs, quotient)
            case "by":
                counted = {f"different_{one}": f"{mart}_different_{one}" for one in apart(metric)}
                ones = " and ".join(f"{alias} = 1" for alias in counted)
                yield _named(mart, column, metric) | _derived(ones, counted | {"figure": f"{own}_sum"})


def _named(mart: str, column: str, metric: Metric) -> dict[str, Any]:
    return {"name": name(mart, column), "label": metric.name, "description": metric.formula}


def _derived(condition: str, inputs: Mapping[str, str], otherwise: str = "null") -> dict[str, Any]:
    """A figure where the condition holds; ``inputs`` are metrics by what the expressions call them."""
    expression = f"case when {condition} then figure else {otherwise} end"
    named = [{"name": metric, "alias": alias} for alias, metric in inputs.items()]
    return {"type": "derived", "type_params": {"expr": expression, "metrics": named}}
