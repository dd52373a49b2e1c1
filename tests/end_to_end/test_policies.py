"""What the marts say of revenue under other switches of policy.yml, and where few accounts are mapped, is what is true
then.

A failure here means that a company that decided otherwise reads figures of a decision that it did not take. That each
switch changes something at all is tested case by case in tests/sandbox/test_revenue_truth.py, of the same company.
"""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from sandbox import truth
from sandbox.company import Company
from sandbox.compare import compare
from sandbox.timestamps import ms
from sandbox.truth import arr, pricing
from sandbox.truth.retained import retained
from sandbox.truth.revenue import Revenue
from tests.end_to_end.play import NOW, Play
from tests.end_to_end.recurring import differences

SEED = 4


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """A company whose billing has landed, under the defaults."""
    play = Play(tmp_path_factory.mktemp("policies") / "home", SEED, sources=("stripe", "fx", "files"))
    with play.served():
        play.load()
        play.sources = ("files",)
        yield play


@pytest.mark.parametrize(
    ("mart", "switches"),
    [
        (
            "mart_revenue_retention",
            "churn_date: notice, late_renewal_days: 140, trials_count: true, reactivation_retains: true, "
            "retention_min_coverage_percent: 100",
        ),
        ("mart_arr", "usage_shown: true"),
        (
            "mart_pricing",
            "past_due_days: 10, paused_counts: true, dated_credits_count: false, late_renewal_days: 11, "
            "price_min_observations: 3",
        ),
    ],
)
def test_other_switches_say_what_is_true_under_them(play: Play, mart: str, switches: str) -> None:
    play.company = Company(SEED, "tiny", dict(one.split(": ") for one in switches.split(", ")))
    play.load()
    play.build("--select", "+fct_mrr_balance", "+fct_mrr_movement", f"+{mart}")
    assert differences(play) == []
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        published = warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
    revenue = Revenue(play.company, ms(NOW))
    moved = revenue.balances(), revenue.movements()
    true = {
        "mart_arr": lambda: arr.arr(revenue, *moved),
        "mart_revenue_retention": lambda: arr.retention(revenue, retained(revenue, *moved)),
        "mart_pricing": lambda: pricing.pricing(revenue),
    }[mart]()
    report = compare({mart: true}, {mart: published})
    assert report.equal, report.marts[0].examples
    if mart == "mart_arr":
        assert sum(row["usage_mrr"] > 0 for row in published) > 5


class MappedInPart(Company):
    """The same company, whose customer_map.csv names so many of each four of its accounts in billing."""

    named = 4

    def rows(self, file: str, now: int | str) -> list[dict[str, str]]:
        rows = super().rows(file, now)
        if file != "customer_map":
            return rows
        keys = sorted({row["key"] for row in rows if row["source"] == "stripe"})
        return [row for row in rows if row["source"] != "stripe" or keys.index(row["key"]) % 4 < self.named]


def retained_by_a_company_that_names(named: int, play: Play) -> dict[str, list[dict[str, Any]]]:
    """What is published of retention and averages, once it was found equal to the truth."""
    play.company = MappedInPart(SEED, "tiny")
    play.company.named = named
    play.load()
    play.build("--select", "+mart_revenue_retention", "+mart_arpa")
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        published = {
            mart: warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
            for mart in ("mart_revenue_retention", "mart_arpa")
        }
    true = truth.truth(play.company, NOW)
    report = compare({mart: true[mart] for mart in published}, published)
    assert report.equal, [mart.examples for mart in report.marts]
    return published


def test_with_a_quarter_of_the_accounts_unmapped_retention_is_that_of_the_others(play: Play) -> None:
    published = retained_by_a_company_that_names(3, play)
    rows = [row for row in published["mart_revenue_retention"] if row["slice_type"] == "all" and row["nrr_ratio"]]
    part = [row for row in rows if row["product_id"] == "COMPANY" and row["coverage_ratio"] < 1]
    assert len(part) > 3
    assert all(row["unmapped_start_mrr"] > 0 for row in part)
    assert min(row["grr_ratio"] for row in part) > 0.5, "an account that is not mapped is not lost"


def test_with_no_account_mapped_there_is_no_retention_and_averages_are_by_account(play: Play) -> None:
    published = retained_by_a_company_that_names(0, play)
    retention = published["mart_revenue_retention"]
    assert len(retention) > 10
    assert {(row["cohort_logos"], row["nrr_ratio"], row["nrr_ratio_suppressed_reason"]) for row in retention} == {
        (0, None, "coverage")
    }
    paying = [row for row in published["mart_arpa"] if row["slice_type"] == "all"]
    assert len(paying) > 10
    assert all(row["paying_customers"] == row["unmapped_accounts"] > 0 and row["arpa"] > 0 for row in paying)
    bought = [row for row in paying if row["new_customers"]]
    assert len(bought) > 10
    assert all(row["new_customers"] == row["unmapped_new_accounts"] and row["asp"] > 0 for row in bought)
