"""The macro that the models of the board are made with, from the entries of ``board:``.

Belongs here: an entry as a literal of Jinja. Does not: which files are made of the registry and when (``python -m
registry``), the SQL (dbt_project/models/intermediate/board).
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from registry.board import BoardMetric
from registry.entries import Registry

LEFT_OUT = ("formula", "of")
"""Nothing of a figure depends on them."""
WIDTH = 120


def board_macro(registry: Registry) -> str:
    """The text of ``dbt_project/macros/board_metrics.sql``; parts that an entry leaves at their default are left out.
    A metric is proven by what proves its mart."""
    return "\n".join(
        [
            "{# Made from registry/metrics.yml by `python -m registry`: the metrics of the board and how they are made. #}",
            "{% macro board_metrics() -%}",
            "    {{ return({",
            *(
                line
                for name, metric in registry.board.items()
                for line in _entry(name, metric, registry.marts[metric.mart].proof)
            ),
            "    }) }}",
            "{%- endmacro %}",
            "",
        ]
    )


def _entry(name: str, metric: BoardMetric, proof: str) -> Iterator[str]:
    yield f"        {_literal(name)}: {{"
    for field in msgspec.structs.fields(BoardMetric):
        value = getattr(metric, field.name)
        if field.name not in LEFT_OUT and value not in (None, False, {}):
            yield from _line(field.name, value)
    yield from _line("proof", proof)
    yield "        },"


def _line(name: str, value: object) -> Iterator[str]:
    line = f"            {_literal(name)}: {_literal(value)},"
    if len(line) <= WIDTH:
        yield line
        return
    first, *others = textwrap.wrap(str(value), WIDTH - 40, drop_whitespace=False, break_long_words=False)
    yield f"            {_literal(name)}: {_literal(first)}"
    for piece in others[:-1]:
        yield f"                ~ {_literal(piece)}"
    yield f"                ~ {_literal(others[-1])},"


def _literal(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower()
