"""The files that are made from metrics.yml, as texts.

Belongs here: what dbt and the documents say of a metric. Does not: what MetricFlow needs to ask for one (semantics.py),
writing the files (__main__.py). A test holds each file to be what is made here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pprint import pformat
from typing import Any

import msgspec

from registry.entries import Mart, Metric, Registry
from registry.parts import in_words
from registry.semantics import semantic_files

ROOT = Path(__file__).parents[1]
DBT = ROOT / "dbt_project"
SEMANTICS = DBT / "models" / "semantics"
MADE = "Made from registry/metrics.yml by `python -m registry`; edit that file."
WIDTH = 110
"""Of a line of SQL, with room for what is around it."""
OF_WORDS = ("formula", "of")
"""Parts of an entry that no figure depends on."""
GOAL_MEASURES = """{#
    The marts whose measures a key result may be bound to: the date that a row is of (`ends`: its last day, or
    `starts` with the length of it), and the measures. `figures` stand in a row of each slice; `sums` add up over
    cells, and `quotients` are one sum over another, which `dimensions` may narrow.
#}"""
CATALOGUE = """\
Every published metric by id and version. A key result names a metric by its id (`closing_arr` of `mart_arr` is
`mart_arr.closing_arr`); board packs write both, as in `arr@1.0.0`. The first number of a version changes where figures
do that were right, the second where there are more of them, the third where only words do. Rules and their reasons are
on the [pages](README.md) of the subjects.
"""
BOARD = """\
## The board
Metrics of `mart_board_metric`, made of measures of other marts. A quarter is the first or last of its periods, their
sum, or counted anew.

| id | version | name | formula | unit | of | slices | quarter |
|---|---|---|---|---|---|---|---|"""


def files(entries: Registry) -> Mapping[Path, str]:
    """Every file that is made of the registry, with its text."""
    return {
        DBT / "models" / "marts" / "_metrics.md": "\n".join(_doc_blocks(entries)),
        DBT / "macros" / "registry.sql": "\n".join(_macros(entries)),
        ROOT / "docs" / "metrics" / "catalogue.md": "\n".join(_catalogue(entries)),
        **semantic_files(entries, SEMANTICS, MADE),
    }


def description(mart: str, column: str, metric: Metric) -> str:
    """What dbt, Dagster and the comments of published files say of a measure."""
    but = f", not over {', '.join(metric.not_over)}" if metric.not_over else ""
    counted = f"Unit: {metric.unit_text}. {metric.additivity.capitalize()}{but}."
    return f"{metric.formula} {counted} Metric: {metric.name}, {mart}.{column}@{metric.version}."


def _doc_blocks(entries: Registry) -> Iterator[str]:
    yield f"{MADE}\nOne block a measure: the description of its column in the mart's yml.\n"
    for name, mart in entries.marts.items():
        for column, metric in mart.columns.items():
            yield f"{{% docs {name}__{column} %}}\n{description(name, column, metric)}\n{{% enddocs %}}\n"


def _macros(entries: Registry) -> Iterator[str]:
    yield f"{{#\n    {MADE}\n    Belongs here: what models need to know of metrics. Does not: rules.\n#}}\n"
    yield GOAL_MEASURES
    yield from _macro("goal_measures", goal_measures(entries))
    yield "{# Their names, as a key result gives them. #}"
    bindable = [f"{name}.{column}" for name, mart in entries.marts.items() for column in mart.bindable]
    yield from _macro("bindable_measures", bindable)
    yield "{# The metrics of the board, by id. #}"
    yield from _macro("board_metrics", board_metrics(entries))


def _macro(name: str, value: Any) -> Iterator[str]:
    """A macro that returns a value; Jinja reads Python's literals."""
    literal = pformat(value, width=WIDTH, sort_dicts=False).replace("\n", "\n    ")
    yield f"{{% macro {name}() -%}}\n    {{{{ return(\n    {literal}\n    ) }}}}\n{{%- endmacro %}}\n"


def goal_measures(entries: Registry) -> dict[str, dict[str, Any]]:
    """By mart what a key result may be bound to, and how int_goals__measures reads it."""
    return {name: _read_by_goals(mart) for name, mart in entries.marts.items() if mart.bindable}


def _read_by_goals(mart: Mart) -> dict[str, Any]:
    bound = mart.bindable
    length = mart.date.removesuffix("_start_date")
    read: dict[str, Any] = {"ends": mart.date} if length == mart.date else {"starts": mart.date, "length": length}
    if "slice_type" in mart.grain:
        return read | {"figures": [*bound]}
    read["dimensions"] = [one for one in mart.grain if one not in (mart.date, "fiscal_period", "product_id")]
    quotients = {column: [one.numerator, one.denominator] for column, one in bound.items() if one.numerator}
    sums = [column for column in bound if column not in quotients]
    return read | ({"sums": sums} if sums else {}) | ({"quotients": quotients} if quotients else {})


def board_metrics(entries: Registry) -> dict[str, dict[str, Any]]:
    """By id what the models of the board read of a metric: parts that it has, and what proves its mart."""
    return {
        name: {part: value for part, value in msgspec.to_builtins(metric).items() if value and part not in OF_WORDS}
        | {"proof": entries.marts[metric.mart].proof}
        for name, metric in entries.board.items()
    }


def _catalogue(entries: Registry) -> Iterator[str]:
    yield f"# Catalogue of metrics\n<!-- {MADE} -->\n"
    yield CATALOGUE
    yield BOARD
    for name, shown in entries.board.items():
        words = (shown.version, shown.name, shown.formula.replace("|", "\\|"), in_words(shown.unit, shown.of))
        yield f"| `{name}` | {' | '.join(words)} | `{shown.mart}` | {', '.join(shown.slices)} | {shown.over_periods} |"
    yield ""
    for name, mart in entries.marts.items():
        yield f"## {name}"
        yield (
            f"One row per {', '.join(mart.grain)}. {mart.about} Sensitivity: {mart.sensitivity}.\n\n"
            "| id | version | name | formula | unit | adds up |\n|---|---|---|---|---|---|"
        )
        for column, metric in mart.columns.items():
            formula = metric.formula.replace("|", "\\|")
            cells = (f"`{column}`", metric.version, metric.name, formula, metric.unit_text, _over(metric))
            yield f"| {' | '.join(cells)} |"
        yield ""


def _over(metric: Metric) -> str:
    bindable = "; key results" if metric.is_bindable else ""
    if metric.additivity == "semi-additive":
        return f"not over {', '.join(metric.not_over)}{bindable}"
    return f"{'yes' if metric.additivity == 'additive' else 'no'}{bindable}"
