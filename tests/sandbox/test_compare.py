"""The comparison finds every difference there is, and none that is not."""

from __future__ import annotations

import datetime
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from sandbox.compare import compare
from sandbox.truth import KEYS
from tests.sandbox.conftest import true_marts

MEASURES = 16
"""Of mart_delivery: a row that one side lacks differs in all of them."""


@pytest.fixture
def everything() -> dict[str, list[dict[str, Any]]]:
    return true_marts(1)


@pytest.fixture
def true(everything: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The marts in which the tests look for differences; usage has 40,000 rows and would only cost time."""
    return {mart: everything[mart] for mart in ("mart_delivery", "mart_data_health")}


@pytest.fixture
def marts(true: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The truth in the types in which a database gives it, with an attribute that is not compared."""
    found = deepcopy(true)
    for row in found["mart_delivery"]:
        row["week_start_date"] = datetime.date.fromisoformat(row["week_start_date"])
        for share in ("throughput_split", "wip_split"):
            row[share] = Decimal(row[share])
        row["product_name"] = "whatever"
    return found


def test_equal_figures_are_equal(everything: dict[str, Any], marts: dict[str, Any]) -> None:
    marts = everything | marts
    report = compare(everything, marts)
    assert report.equal
    assert [(mart.mart, mart.rows, mart.compared) for mart in report.marts] == [
        (mart, len(rows), sum(len(row) - len(KEYS[mart]) for row in rows)) for mart, rows in everything.items()
    ]


def change(row: dict[str, Any], **values: Any) -> None:
    row.update(values)


@pytest.mark.parametrize(
    ("break_it", "differing"),
    [
        (lambda rows: rows.pop(), MEASURES),
        (lambda rows: rows.append(rows[0] | {"product_id": "nobody's"}), MEASURES),
        (lambda rows: rows.append(dict(rows[0])), 1),
        (lambda rows: change(rows[3], issues_done=rows[3]["issues_done"] + 1), 1),
        (lambda rows: change(rows[3], wip=rows[3]["wip"] + Decimal("0.000001")), 1),
        (lambda rows: change(rows[3], lead_n=None), 1),
        (lambda rows: rows[3].pop("lead_n"), 1),
        (lambda rows: change(next(r for r in rows if r["lead_n"]), lead_median_hours=1e9), 1),
        (lambda rows: change(next(r for r in rows if not r["lead_n"]), lead_median_hours=0.0), 1),
    ],
)
def test_every_difference_is_found(true: dict[str, Any], marts: dict[str, Any], break_it: Any, differing: int) -> None:
    break_it(marts["mart_delivery"])
    report = compare(true, marts)
    assert not report.equal
    assert report.differing == differing
    assert report.marts[0].largest > 0
    assert report.marts[0].examples


def test_floats_may_differ_by_a_billionth(true: dict[str, Any], marts: dict[str, Any]) -> None:
    row = next(r for r in marts["mart_delivery"] if r["lead_median_hours"])
    row["lead_median_hours"] *= 1 + 1e-10
    assert compare(true, marts).equal
    row["lead_median_hours"] *= 1 + 1e-8
    assert compare(true, marts).differing == 1


def test_nothing_published_is_not_equal(true: dict[str, Any]) -> None:
    assert not compare(true, {}).equal
    assert not compare({"mart_delivery": []}, {"mart_delivery": []}).equal
