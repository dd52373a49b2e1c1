"""Running expectations with Great Expectations.

Belongs here: suites, their results in words. Does not: what is expected (catalogue.py, values.py), the frames
(batches.py, marts.py), Data Docs (pages.py).

A suite is what one source, or all marts, are looked at for; each of its expectations looks at one column of a frame of
a few hundred rows. The library is given frames because it can't read DuckDB, and an ephemeral context because nothing
of it is configured anywhere. It takes 2.5 CPU-s to import: only what has something to look at imports this module.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig

from quality.expectations.catalogue import Expectation, Rule
from quality.expectations.pages import page_of, write_page

SHOWN = 5
CULPRIT = "culprit"
"""The column that says whose figure a row is: the stream or mart, and what of it."""
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [CULPRIT],
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
"""Which rows, never their values: an amount could be somebody's pay."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an expectation of a suite found: ``culprits`` are records, fields or periods, none of which is a value.
    ``error`` is what kept it from looking."""

    expectation: Expectation
    suite: str
    culprits: tuple[str, ...] = ()
    error: str | None = None

    @property
    def is_green(self) -> bool:
        return not self.culprits and self.error is None

    @property
    def page(self) -> Path:
        """Where its suite can be read."""
        return page_of(self.suite)

    @property
    def text(self) -> str:
        """What was found and what to do, in a line."""
        if self.is_green:
            return "as expected"
        more = f" and {len(self.culprits) - SHOWN} more" if len(self.culprits) > SHOWN else ""
        found = self.error or "; ".join(self.culprits[:SHOWN]) + more
        return f"{found}. Next: {self.expectation.rule.mend}"


def looked_at(
    suite: str, expectations: Sequence[Expectation], frame: Sequence[Mapping[str, Any]], *, is_restricted: bool = False
) -> list[Found]:
    """Looks for expectations in a frame: a row per figure, with the ``stream`` (or mart) that it is of, a ``key``, a
    ``detail`` for a person and a value for each rule that looks at it. Of what is restricted only numbers of rows are
    said. Writes the suite's page."""
    rules = _rules(expectations)
    table = _table(frame, rules)
    result = _validated(suite, rules, table)
    found = []
    for outcome, (_, asked) in zip(result.results, rules.values(), strict=True):
        error = _raised(outcome)
        if error is not None and is_restricted:
            error = "it could not be looked for"
        wrong = {culprit for part in outcome.result.get("unexpected_index_list") or () for culprit in part[CULPRIT]}
        for one in asked:
            its = [row for row in frame if row["stream"] == one.stream and culprit(row) in wrong]
            culprits = tuple(str(row["detail"]) for row in its)
            if outcome.success is not True and not wrong and error is None:
                error = "Great Expectations calls it red and names no row"
            found.append(Found(one, suite, culprits, error))
    red_ones = (one for one in found if not one.is_green)
    write_page(suite, result, (f"{one.expectation.stream} {one.expectation.rule.name}: {one.text}" for one in red_ones))
    return found


def _rules(expectations: Sequence[Expectation]) -> dict[str, tuple[Rule, list[Expectation]]]:
    """Each rule once, by the name of its column in the table: streams share most of them."""
    asked: list[tuple[Rule, list[Expectation]]] = []
    for one in expectations:
        same = next((its for rule, its in asked if rule == one.rule), None)
        if same is None:
            asked.append((one.rule, [one]))
        else:
            same.append(one)
    named = {}
    for rule, its in asked:
        streams = list(dict.fromkeys(one.stream for one in its))
        names = [rule.name, f"{streams[0]} {rule.name}", f"{', '.join(streams)} {rule.name}"]
        named[next(name for name in (names if len(streams) > 1 else names[1:]) if name not in named)] = (rule, its)
    return named


def culprit(row: Mapping[str, Any]) -> str:
    """How a row is named in results and pages."""
    return f"{row['stream']}: {row['key']}"


def _table(frame: Sequence[Mapping[str, Any]], rules: Mapping[str, tuple[Rule, list[Expectation]]]) -> pa.Table:
    """The names of the rows and a column for each rule, which has values in rows of the streams that it is for."""
    columns = {CULPRIT: pa.array([culprit(row) for row in frame], pa.string())}
    for name, (rule, asked) in rules.items():
        streams = {one.stream for one in asked}
        values = [row.get(rule.column) if row["stream"] in streams else None for row in frame]
        columns[name] = pa.array(values, pa.string() if "value_set" in rule.bounds else pa.float64())
    return pa.table(columns)


@cache
def _context() -> AbstractDataContext:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _validated(
    name: str, rules: Mapping[str, tuple[Rule, list[Expectation]]], table: pa.Table
) -> ExpectationSuiteValidationResult:
    asked = [
        getattr(gxe, rule.gx)(column=column, **rule.bounds, meta={"column": column}, notes=rule.description)
        for column, (rule, _) in rules.items()
    ]
    batch = _context().data_sources.pandas_default.read_dataframe(table.to_pandas())
    result = batch.validate(gx.ExpectationSuite(name, expectations=asked), result_format=RESULT_FORMAT)
    places = {column: place for place, column in enumerate(rules)}
    result.results.sort(key=lambda one: places[_column(one)])
    return result


def _column(outcome: ExpectationValidationResult) -> str:
    if outcome.expectation_config is None:
        raise TypeError("Great Expectations gave a result without what was asked")
    return str(outcome.expectation_config.kwargs["column"])


def _raised(outcome: ExpectationValidationResult) -> str | None:
    """What an expectation raised instead of looking; the library reports it as one entry or as one per metric."""
    info = outcome.exception_info or {}
    parts = [info] if "raised_exception" in info else list(info.values())
    raised = [str(part["exception_message"]) for part in parts if part.get("raised_exception")]
    return f"it could not be looked for: {' '.join(raised[0].split())[:200]}" if raised else None
