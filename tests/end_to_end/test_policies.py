"""What the marts say of revenue under other switches of policy.yml is what is true under them.

A failure here means that a company that decided otherwise reads figures of a decision that it did not take. That each
switch changes something at all is tested case by case in tests/sandbox/test_revenue_truth.py, of the same company.
"""

from collections.abc import Iterator

import duckdb
import pytest

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
    assert differences(play) == []
    with duckdb.connect(str(play.home / "warehouse.duckdb"), read_only=True) as warehouse:
        published = warehouse.execute(f"select * from marts.{mart}").to_arrow_table().to_pylist()
    revenue = Revenue(play.company, ms(NOW))
    true = {
        "mart_revenue_retention": lambda: arr.retention(retained(revenue, revenue.balances(), revenue.movements())),
        "mart_pricing": lambda: pricing.pricing(revenue),
    }[mart]()
    report = compare({mart: true}, {mart: published})
    assert report.equal, report.marts[0].examples
