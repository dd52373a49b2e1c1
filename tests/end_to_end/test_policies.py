"""What the marts say of revenue under other switches of policy.yml is what is true under them.

A failure here means that a company that decided otherwise reads figures of a decision that it did not take. That each
switch changes something at all is told case by case in tests/sandbox/test_revenue_truth.py, of the same company.
"""

import os
from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from sandbox.company import Company
from sandbox.compare import compare
from sandbox.moments import ms
from sandbox.truth import arr, pricing
from sandbox.truth.retained import retained
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


def as_balance(one: Balance) -> Row:
    return (*place(one), one.mrr, one.mrr_plan, one.mrr_actual)


def as_movement(one: Movement) -> Row:
    kind = (one.company_type, one.product_type, one.is_intra_period, one.is_involuntary)
    return (*place(one), *kind, one.delta, one.delta_plan, one.delta_actual)


def difference(found: list[Row], true: list[Row]) -> tuple[Counter[Row], Counter[Row]]:
    """What is built and not true, and the other way round."""
    return Counter(found) - Counter(true), Counter(true) - Counter(found)


@pytest.mark.parametrize(
    ("mart", "switches"),
    [
        (
            "mart_revenue_retention",
            "churn_date: notice, late_renewal_days: 140, trials_count: true, reactivation_retains: true",
        ),
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
    revenue = Revenue(play.company, ms(NOW))
    balances, movements = revenue.balances(), revenue.movements()
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        same = (Counter[Row](), Counter[Row]())
        assert difference(warehouse.execute(BALANCES).fetchall(), list(map(as_balance, balances))) == same
        assert difference(warehouse.execute(MOVEMENTS).fetchall(), list(map(as_movement, movements))) == same
        published = warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
    true = {
        "mart_revenue_retention": lambda: arr.retention(retained(revenue, balances, movements)),
        "mart_pricing": lambda: pricing.pricing(revenue),
    }[mart]()
    report = compare({mart: true}, {mart: published})
    assert report.equal, report.marts[0].examples
