"""What MetricFlow needs to answer for the metrics: semantic models over the published marts, and metrics, as texts.

Belongs here: which kind of metric of MetricFlow's an entry becomes. Does not: asking (tests/torture/metricflow.py).

A metric has no answer rather than a wrong one where a question would add up what does not: a figure that is not
additive is shown of single rows of its mart, a count that is not over products of single products, and a balance of
several periods is that of the last.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.entries import Mart, Metric, Registry

SHARED = ("product_id", "segment", "market", "team_id")
"""Columns of keys by which metrics of several marts may be asked for side by side."""
PERIODS = ("fiscal_period", "fiscal_quarter", "week_start_date", "month_start_date", "as_of_date", "activity_date")
"""Columns of keys that go with the mart's date."""


def name(mart: str, column: str) -> str:
    """What MetricFlow calls a metric; it allows no dots."""
    return f"{mart}_{column}"


def semantic_model(mart: str, entry: Mart) -> dict[str, Any]:
    """The semantic model of a mart: its key, its date, what is added up."""
    others = [one for one in entry.grain if one not in (*SHARED, entry.date)]
    return {
        "name": mart,
        "description": entry.about,
        "model": f"ref('{mart}')",
        "defaults": {"agg_time_dimension": entry.date},
        "primary_entity": mart,
        "entities": [{"name": one, "type": "foreign"} for one in entry.grain if one in SHARED],
        "dimensions": [
            {"name": entry.date, "type": "time", "type_params": {"time_granularity": "day"}},
            *({"name": one, "type": "categorical"} for one in [*others, "is_complete"]),
        ],
        "measures": [*_measures(mart, entry)],
    }


def kind(entry: Mart, metric: Metric) -> str:
    """How MetricFlow can answer for a metric: a ``sum``, a ``balance`` at the last date, a ``ratio`` of two of them, a
    sum or balance ``by`` columns over which it does not add up, or the figure of one ``row``."""
    if metric.additivity == "non-additive":
        parts = [entry.metrics[one] for one in (metric.numerator, metric.denominator) if one]
        return "ratio" if parts and all(kind(entry, one) in ("sum", "balance") for one in parts) else "row"
    if apart(metric):
        return "by"
    return "balance" if metric.not_over else "sum"


def apart(metric: Metric) -> list[str]:
    """The columns, other than the date's, over which a metric does not add up."""
    return [one for one in metric.not_over if one not in PERIODS]


def _measures(mart: str, entry: Mart) -> Iterator[dict[str, Any]]:
    kinds = {column: kind(entry, metric) for column, metric in entry.metrics.items()}
    # What other rows hold as well is left out of sums.
    leaf = "case when not is_rollup then {} end"
    for column, metric in entry.metrics.items():
        measure = {"name": name(mart, column), "description": metric.formula, "label": metric.name}
        if kinds[column] in ("sum", "balance"):
            yield measure | {"agg": "sum", "expr": leaf.format(column), "create_metric": True} | _balance(entry, metric)
        elif kinds[column] == "by":
            yield {
                "name": f"{name(mart, column)}_sum",
                "agg": "sum",
                "expr": leaf.format(column),
                "create_metric": True,
            } | _balance(entry, metric)
        elif kinds[column] == "row":
            yield {"name": f"{name(mart, column)}_max", "agg": "max", "expr": column, "create_metric": True}
    if "row" in kinds.values():
        yield {"name": f"{mart}_rows", "agg": "sum", "expr": "1", "create_metric": True}
    for column in dict.fromkeys(one for metric in entry.metrics.values() for one in apart(metric)):
        yield {"name": f"{mart}_different_{column}", "agg": "count_distinct", "expr": column, "create_metric": True}


def _balance(entry: Mart, metric: Metric) -> dict[str, Any]:
    if not [one for one in metric.not_over if one in PERIODS]:
        return {}
    return {"non_additive_dimension": {"name": entry.date, "window_choice": "max"}}


def semantic_metrics(mart: str, entry: Mart) -> Iterator[dict[str, Any]]:
    """The metrics of a mart that are made of others."""
    for column, metric in entry.metrics.items():
        about = {"name": name(mart, column), "label": metric.name, "description": metric.formula}
        match kind(entry, metric):
            case "ratio":
                parts = {
                    "numerator": name(mart, str(metric.numerator)),
                    "denominator": name(mart, str(metric.denominator)),
                }
                yield about | {"type": "ratio", "type_params": parts}
            case "row":
                yield about | _derived("rows = 1", [("rows", f"{mart}_rows")], ("figure", f"{name(mart, column)}_max"))
            case "by":
                counted = [(f"different_{one}", f"{mart}_different_{one}") for one in apart(metric)]
                ones = " and ".join(f"{alias} = 1" for alias, _ in counted)
                yield about | _derived(ones, counted, ("figure", f"{name(mart, column)}_sum"))


def _derived(condition: str, counted: list[tuple[str, str]], figure: tuple[str, str]) -> dict[str, Any]:
    inputs = [{"name": metric, "alias": alias} for alias, metric in [*counted, figure]]
    return {"type": "derived", "type_params": {"expr": f"case when {condition} then figure end", "metrics": inputs}}


def semantic_files(entries: Registry, made: str) -> Mapping[Any, str]:
    return {}
