"""What is printed beside the marts: readable by a machine, and adding up to its own control totals."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.truth import KEYS
from sandbox.truth.figures import Rows, figures
from tests.sandbox.conftest import made, true_marts


@pytest.fixture(scope="module")
def marts() -> dict[str, Rows]:
    return true_marts(2)


@pytest.fixture(scope="module")
def found(marts: dict[str, Rows]) -> dict[str, Rows]:
    return figures(made(2), DEFAULT_NOW, marts)


def test_figures_are_rows_that_add_up_to_their_control_totals(found: dict[str, Rows], marts: dict[str, Rows]) -> None:
    assert not found.keys() & KEYS.keys(), "what no mart publishes is compared with none"
    assert json.loads(json.dumps(found, default=str)).keys() == found.keys()
    assert all(found.values())
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    whole = [row for row in marts["mart_arpa"] if (row["product_id"], row["slice_type"]) == ("COMPANY", "all")]
    for total, rows, measure in (
        ("mrr_plan", whole, "paying_mrr"),
        ("recognised_revenue", marts["mart_revenue"], "recognised_revenue"),
        ("product_cost", found["product_cost"], "amount"),
    ):
        for row in rows:
            totals[row["fiscal_period"], total] += Decimal(row[measure])
    reported = {(row["fiscal_period"], row["total"]): Decimal(row["amount"]) for row in found["control_totals"]}
    assert totals.items() <= reported.items()
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for row in found["control_totals"]:
        if row["total"] == "trial_balance":
            balances[row["fiscal_period"]] += Decimal(row["amount"])
    assert balances
    assert not any(balances.values()), "debits are credits"


def test_no_pay_is_printed(found: dict[str, Rows]) -> None:
    named = {name for rows in found.values() for name in rows[0]}
    assert not {name for name in named if "worker" in name or name in ("gross_minor", "employer_minor")}
