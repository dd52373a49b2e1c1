"""What the marts say of revenue under other switches of policy.yml is what is true under them.

A failure here means that a company that decided otherwise reads figures of a decision that it did not take. That each
switch changes something at all is told case by case in tests/sandbox/test_revenue_truth.py, of the same company.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sandbox.company import Company
from sandbox.moments import ms
from sandbox.truth.revenue import Balance, Movement, Revenue
from tests.end_to_end.play import NOW, Play

SEED = 4
PLACE = "fiscal_period, customer_id, product_id, segment, market, currency"
KIND = "company_type, product_type, is_intra_period, is_involuntary"
BALANCES = f"select {PLACE}, mrr_minor, mrr_plan_minor, mrr_actual_minor from intermediate.fct_mrr_balance"
MOVEMENTS = (
    f"select {PLACE}, {KIND}, delta_minor, delta_plan_minor, delta_actual_minor from intermediate.fct_mrr_movement"
)
Row = tuple[object, ...]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """A company whose billing has landed, under the defaults."""
    before = dict(os.environ)
    play = Play(tmp_path_factory.mktemp("policies") / "home", SEED, sources=("stripe", "fx", "files"))
    with play.served():
        play.load()
        play.sources = ("files",)
        yield play
    os.environ.clear()
    os.environ.update(before)


def place(told: Balance | Movement) -> Row:
    cell = told.cell
    return told.fiscal_period, cell.customer_id, cell.product_id, cell.segment, cell.market, cell.currency


def true_balances(revenue: Revenue) -> Counter[Row]:
    return Counter((*place(one), one.mrr, one.mrr_plan, one.mrr_actual) for one in revenue.balances())


def true_movements(revenue: Revenue) -> Counter[Row]:
    return Counter(
        (
            *(*place(one), one.company_type, one.product_type, one.is_intra_period, one.is_involuntary),
            *(one.delta, one.delta_plan, one.delta_actual),
        )
        for one in revenue.movements()
    )


def built(home: Path, sql: str) -> Counter[Row]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        return Counter(warehouse.execute(sql).fetchall())


@pytest.mark.parametrize(
    "switches",
    [
        {"churn_date": "notice", "late_renewal_days": "140", "trials_count": "true"},
        {"past_due_days": "10", "paused_counts": "true", "dated_credits_count": "false", "late_renewal_days": "11"},
    ],
    ids=" ".join,
)
def test_other_switches_say_what_is_true_under_them(play: Play, switches: dict[str, str]) -> None:
    play.company = Company(SEED, "tiny", switches)
    play.load()
    play.build("--select", "+fct_mrr_balance", "+fct_mrr_movement")
    revenue = Revenue(play.company, ms(NOW))
    for sql, true in ((BALANCES, true_balances(revenue)), (MOVEMENTS, true_movements(revenue))):
        found = built(play.home, sql)
        assert (true - found, found - true) == (Counter(), Counter())
