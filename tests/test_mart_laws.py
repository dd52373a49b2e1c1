"""Laws of what is published: what an analyst may rely on in every mart and dimension.

Belongs here: conventions of columns, over dbt's manifest (docs/marts.md says them in words). Does not: whether sums are
the headline (end_to_end/headlines.py), whether a figure is right.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.in_process_dbt import parsed_home

NAMES = {
    "product_id": ("product_name", "product_level"),
    "portfolio_id": ("portfolio_name",),
    "portfolio_id_as_was": ("portfolio_name_as_was",),
    "team_id": ("team_name",),
    "customer_id": ("customer_name",),
    "segment": ("segment_name",),
    "market": ("market_name",),
    "slice_value": ("slice_type", "slice_name"),
}
"""What stands beside each id."""
QUANTITIES = {"units"}
"""Sums of quantities, which billing may have in fractions: no counts."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    home = parsed_home(tmp_path_factory.mktemp("laws") / "home")
    (manifest,) = Path(home).rglob("manifest.json")
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return {one["name"]: one for one in nodes if one["resource_type"] == "model" and one["config"]["schema"] == "marts"}


@pytest.fixture(scope="module")
def marts(published: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {name: one for name, one in published.items() if name.startswith("mart_")}
    assert len(found) >= 12
    return found


def types(model: dict[str, Any]) -> dict[str, str]:
    return {name: (column["data_type"] or "").replace(" ", "") for name, column in model["columns"].items()}


def test_every_mart_says_which_rows_add_up_when_they_are_of_and_whether_that_is_over(marts: dict[str, Any]) -> None:
    for name, mart in marts.items():
        has = types(mart)
        assert (has.get("is_rollup"), has.get("is_complete")) == ("boolean", "boolean"), name
        assert "not_null" in [one["type"] for one in mart["columns"]["is_rollup"]["constraints"]], name
        assert "date" in has.values(), f"{name}: no date, so a reader takes the time of the load for the time axis"


def test_a_name_stands_beside_every_id(published: dict[str, Any]) -> None:
    for name, model in published.items():
        for key, beside in NAMES.items():
            own = name.removeprefix("dim_") == key
            if key in model["columns"] and not own:
                assert {*beside} <= model["columns"].keys(), f"{name}: {key} stands alone"
        assert "level" not in model["columns"], f"{name}: the level of a product is product_level everywhere"


def test_a_dimension_has_one_row_an_id_and_its_history_a_range(published: dict[str, Any]) -> None:
    for name, model in published.items():
        if name.startswith("dim_") and "valid_from" in model["columns"]:
            key = [name.removeprefix("dim_").removesuffix("_history") + "_id"]
            is_history = name.endswith("_history")
            assert model["meta"]["key"] == key + ["valid_from"] * is_history, name
            assert {"valid_to", "is_current"} <= model["columns"].keys(), name
            assert name.removesuffix("_history") in published, f"{name}: nothing to join by the id alone"


def test_every_measure_says_over_what_it_adds_up(marts: dict[str, Any]) -> None:
    for name, mart in marts.items():
        key, measures = mart["meta"]["key"], mart["meta"]["measures"]
        assert "is_rollup" not in key, name
        assert {*key, *measures} <= mart["columns"].keys(), name
        for measure in measures:
            about = mart["columns"][measure]["meta"]
            not_over = about.get("not_over", [])
            assert about["additivity"] in ("additive", "semi-additive", "non-additive"), f"{name}.{measure}"
            assert bool(not_over) == (about["additivity"] == "semi-additive"), f"{name}.{measure}"
            assert {*not_over} <= {*key}, f"{name}.{measure}: {not_over} are no columns of the key"
        if "slice_type" in mart["columns"]:
            assert {"slice_type", "slice_value"} <= {*key}, f"{name}: a slice that is in no key"


def test_counts_are_integers_amounts_have_a_currency_and_shares_are_named_so(marts: dict[str, Any]) -> None:
    for name, mart in marts.items():
        has = types(mart)
        for measure in mart["meta"]["measures"]:
            kind = has[measure]
            if measure.endswith("_split"):
                assert kind == "decimal(18,6)", f"{name}.{measure}"
            elif kind == "decimal(38,4)":
                assert "currency" in has, f"{name}.{measure}: an amount without a currency"
            elif kind == "decimal(38,9)":
                assert {"unit", "currency"} <= has.keys(), f"{name}.{measure}: exact, and nothing says of what"
            elif measure not in QUANTITIES:
                assert kind in ("bigint", "double"), f"{name}.{measure}: a count is an integer, a share is *_split"
        assert [one for one, kind in has.items() if one.endswith("_split") and kind != "decimal(18,6)"] == []


def test_a_ratio_says_why_it_is_not_shown(marts: dict[str, Any]) -> None:
    seen = 0
    for name, mart in marts.items():
        for column, kind in types(mart).items():
            if column.endswith("_ratio"):
                seen += 1
                assert kind == "double", f"{name}.{column}"
                assert types(mart).get(f"{column}_suppressed_reason") == "varchar", f"{name}.{column}"
    assert seen > 10


def test_everything_is_described(published: dict[str, Any]) -> None:
    """What is written here is the comment that readers find in the file."""
    for name, model in published.items():
        assert model["description"].startswith("One row per"), name
        assert [one for one, column in model["columns"].items() if not column["description"].strip()] == [], name


def test_who_the_customers_are_is_for_the_owners_of_revenue_alone(published: dict[str, Any]) -> None:
    """A mart for everyone, and so each file of a portfolio, names no customer."""
    audiences = {name: model["meta"].get("audience") for name, model in published.items()}
    named = {name for name, model in published.items() if {"customer_id", "customer_name"} & model["columns"].keys()}
    assert named >= {"mart_customer", "dim_customer", "dim_customer_history"}
    assert named == {name for name, audience in audiences.items() if audience == "revenue_owners"}
    assert {audience for audience in audiences.values() if audience} == {"revenue_owners"}
