"""Laws of the metrics of the board: what an entry names is there, and the board reads nothing but what is published.

Belongs here: entries under ``board:`` of registry/metrics.yml against dbt's manifest. Does not: whether a figure is
right (dbt's tests, the truth), entries of single marts (test_registry.py).
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import registry
from orchestration import dbt_process
from registry.entries import of_text
from tests.environment import environment_kept
from tests.in_process_dbt import PROJECT, parsed_home

ENTRIES = registry.metrics()
FIGURES = PROJECT / "models" / "intermediate" / "board" / "int_board_figures_measured.sql"
WORDS = {"case", "when", "then", "else", "end", "is", "not", "null", "and", "in", "coalesce", "own"}
ADDED = {"mart_pricing": {"is_first_segment"}, "mart_okr": {"is_running"}}
ADDED |= {mart: {"is_last"} for mart in ("mart_adoption", "mart_delivery")}
"""Columns that the model puts beside those of the mart."""
BESIDE = {
    *("int_board_figures_measured", "int_cycle_times_measured", "int_fiscal_periods_begun", "int_policies_read"),
    *("int_slices_named", "int_top_products_resolved", "stg_quickbooks__preferences"),
}
"""What is read that is not published: names, days, switches, and single work items."""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(parsed_home(tmp_path_factory.mktemp("board") / "home"))
        yield json.loads(dbt_process.prepare().read_text())


def test_an_entry_names_columns_that_its_mart_has(manifest: dict[str, Any]) -> None:
    """Expressions are of columns and a few words, so that any engine reads them."""
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    for name, metric in ENTRIES.board.items():
        columns = nodes[metric.mart]["columns"].keys() | ADDED.get(metric.mart, set())
        expressions = (metric.value, metric.numerator, metric.denominator, metric.where, metric.reason)
        for expression in (*expressions, metric.n, metric.covered, metric.whole):
            named = {*re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"'[^']*'", "", expression or ""))}
            assert named - WORDS <= columns, f"{name}: {expression}"
        assert metric.over_periods != "anew" or metric.mart == "mart_delivery", f"{name}: counted anew of nothing"


def test_the_model_reads_the_marts_of_the_entries_and_plans_that_a_budget_has() -> None:
    text, budget = FIGURES.read_text(), Path(PROJECT / "models/marts/cost/mart_budget.sql").read_text()
    read = {*re.findall(r"^    '(mart_\w+)': \[", text, re.MULTILINE)}
    assert read == {metric.mart for metric in ENTRIES.board.values()}
    groups = {*re.findall(r"^    '(\w+)': \[", budget, re.MULTILINE)}
    planned = {group for one in ENTRIES.board.values() for group in {**one.plan, **one.plan_denominator}}
    assert planned == groups, "a group of accounts that no metric has a plan of, or one that no budget has"


def test_the_board_reads_what_is_published(manifest: dict[str, Any]) -> None:
    """Red: a figure of the board could show what its mart withholds, which the audit of pay would not see."""
    names = {node["name"]: key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    for model in ("int_board_figures_measured", "mart_board_metric"):
        parents = [manifest["nodes"][one] for one in manifest["parent_map"][names[model]] if one.startswith("model.")]
        assert parents
        assert {one["name"] for one in parents if one["config"]["schema"] != "marts"} <= BESIDE, model
    above = {manifest["nodes"][one]["name"] for one in manifest["parent_map"][names["int_cycle_times_measured"]]}
    assert not {one for one in above if manifest["nodes"][names[one]]["database"] == "restricted"}


ENTRY = {
    **{"version": "1.0.0", "name": "N", "formula": "F.", "mart": "mart_arr", "unit": "money", "value": "closing_arr"},
    **{"over_periods": "last", "slices": ["all"]},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numerator": "a"}, "a `value`, or a `numerator` and a `denominator`"),
        ({"value": None}, "a `value`, or a `numerator` and a `denominator`"),
        ({"unit": "count"}, "`of` is for a count"),
        ({"of": "people"}, "`of` is for a count"),
        ({"covered": "a"}, "`covered` and `whole` go together"),
        ({"plan_denominator": {"revenue": 1}}, "`plan_denominator` is for the plan of a quotient"),
        ({"slices": ["team"]}, "Invalid enum value 'team'"),
        ({"reazon": "a"}, "unknown field `reazon`"),
    ],
)
def test_an_entry_that_says_too_little_or_too_much_is_refused(change: dict[str, Any], message: str) -> None:
    assert of_text(yaml.safe_dump({"marts": {}, "board": {"arr": ENTRY}}).encode()).board["arr"].value == "closing_arr"
    with pytest.raises(ValueError, match=re.escape(message)):
        of_text(yaml.safe_dump({"marts": {}, "board": {"arr": ENTRY | change}}).encode())
