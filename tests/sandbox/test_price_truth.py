"""Prices on labelled cases worked by hand, and the arithmetic of indices and comparisons.

The cases are those of the fourth company, as in test_revenue_truth.py: a period is a month.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from math import isclose

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth.price import AMOUNTS, Observation, Prices
from sandbox.truth.pricing import Cell, fisher, pricing, student
from sandbox.truth.recurring import RecurringPolicy
from sandbox.truth.revenue import Revenue
from tests.sandbox.conftest import made

NOW = ms(DEFAULT_NOW)


@cache
def prices() -> Prices:
    return Prices(Revenue(made(4), NOW))


@cache
def observations() -> tuple[Observation, ...]:
    return tuple(prices().observations())


# Month, product: list, contract, invoice, credits, refunds, fees, write-offs, in minor units. A payment costs 2.9 % and
# 30.
CASES: dict[str, tuple[str, ...]] = {
    # 12 × 53.90 USD, the list of 2025, though 2026 has another one. The credit note of October took 99.00 of August's
    # bill, and its refund paid that.
    "credit_note_after_payment": (
        "2026-07 payments 64680 64680 64680 0 0 1906 0",
        "2026-08 payments 64680 64680 64680 9900 0 1906 0",
    ),
    # 33 × 12.00 EUR: July's bill was given back wholly, September's in two parts; fees stay.
    "refunded_in_part_twice": (
        "2026-07 mobile 39600 39600 39600 0 39600 1178 0",
        "2026-09 mobile 39600 39600 39600 0 7500 1178 0",
    ),
    # 18 × 49.00 EUR are listed, 18 × 39.00 agreed.
    "old_price_kept": ("2026-07 payments 88200 70200 70200 0 0 2066 0",),
    # 11 × 36.30 USD less 12.5 % = 349.3875.
    "discount_forever": ("2026-07 insights 39930 39930 34939 0 0 1043 0",),
    # 7 × 53.90 USD are listed; 3,773.00 a year, and the fee of 109.72 by the month.
    "annual_prepaid": ("2026-07 payments 37730 31442 31442 0 0 914 0",),
    # 7 × 49.00 EUR and 65.17 of tax, on which a fee is paid, too: of 408.17.
    "taxed": ("2026-07 payments 34300 34300 34300 0 0 1214 0",),
    # 7 × 59.00 EUR; its products are listed at 33.00, 12.00 and 25.00. Of three thirds the first is a little larger.
    "bundle": (
        "2026-07 insights 16334 13767 13767 0 0 410 0",
        "2026-07 mobile 16333 13767 13767 0 0 409 0",
        "2026-07 storefront 16333 13766 13766 0 0 409 0",
    ),
    # Three of its parts, and one of them has no list price: none has.
    "upgraded_by_another_item": (
        "2026-07 checkout - 15800 15800 0 0 464 0",
        "2026-07 payments - 23700 23700 0 0 696 0",
        "2026-07 storefront - 39500 39500 0 0 1161 0",
    ),
    "wholly_discounted": (),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_case_is_priced_as_worked_by_hand(case: str) -> None:
    contracts = next(found.keys for found in made(4).cases if found.name == case)
    months = {period.name: f"{period.first:%Y-%m}" for period in prices().revenue.periods}
    found = {
        " ".join([months[one.fiscal_period], one.product_id, *(str(one.amounts.get(name, "-")) for name in AMOUNTS)])
        for one in observations()
        if one.held.contract in contracts
    }
    wanted = {line.split()[0] for line in CASES[case]}
    assert sorted(line for line in found if line.split()[0] in wanted or not wanted) == sorted(CASES[case])


@pytest.mark.parametrize(
    ("place", "quantity", "day", "minor_units"),
    [
        (("mobile", "SMB", "APAC", "JPY"), 49, date(2025, 12, 31), 1_920),
        (("mobile", "SMB", "APAC", "JPY"), 50, date(2025, 12, 31), 1_728),
        (("mobile", "SMB", "APAC", "JPY"), 50, date(2026, 1, 1), 1_900),
        # The market's own list has no tier of fifty, and the segment's neither.
        (("storefront", "SMB", "UKI", "GBP"), 60, date(2025, 7, 1), 1_999),
        (("storefront", "SMB", "DACH", "GBP"), 60, date(2025, 7, 1), 1_912),
        (("insights", "ENT", "DACH", "EUR"), 60, date(2025, 5, 31), 2_970),
        (("insights", "ENT", "DACH", "EUR"), 60, date(2025, 6, 1), 2_900),
        # In its own currency, or not at all.
        (("insights", "ENT", "DACH", "KWD"), 1, date(2025, 6, 1), 10_890),
        (("insights", "ENT", "DACH", "INR"), 1, date(2025, 6, 1), None),
        (("checkout", "ENT", "DACH", "EUR"), 1, date(2025, 6, 1), None),
        (("storefront", "SMB", "DACH", "EUR"), 1, date(2024, 9, 30), None),
    ],
)
def test_the_list_is_of_the_day_the_place_the_currency_and_the_tier(
    place: tuple[str, str, str, str], quantity: int, day: date, minor_units: int | None
) -> None:
    assert prices().listed(*place, quantity, day) == minor_units


def test_a_changed_mix_is_no_change_of_prices() -> None:
    """Large customers pay 20 and small ones 30, whichever buys more; then small ones pay 33."""
    large: Cell = ("L",)
    small: Cell = ("S",)
    other: Cell = ("new",)
    before = {large: (Fraction(20), 180), small: (Fraction(30), 30)}
    moved = {large: (Fraction(20), 20), small: (Fraction(30), 270), other: (Fraction(5), 900)}
    dearer = {large: (Fraction(20), 20), small: (Fraction(33), 297)}
    assert fisher(before, moved) == 1
    assert fisher(moved, dearer) == pytest.approx(317 / 290, rel=1e-12)
    assert fisher(before, {other: (Fraction(5), 9)}) is None


@pytest.mark.parametrize(("freedom", "quantile"), [(3, 2.353363), (5, 2.015048), (10, 1.812461), (120, 1.657651)])
def test_the_quantiles_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert isclose(student(freedom), quantile, rel_tol=0.003)


def test_what_rests_on_few_observations_is_not_reported() -> None:
    """As the policy says, and where there is nobody to compare with at all."""

    def reasons(least: int) -> dict[str | None, int]:
        rows = pricing(Revenue(made(4), NOW, RecurringPolicy(price_min_observations=least)))
        assert all(row["market_observations"] >= least for row in rows if row["market_price_ratio"] is not None)
        found = [row["market_price_ratio_suppressed_reason"] for row in rows]
        return {reason: found.count(reason) for reason in set(found)}

    five, three = reasons(5), reasons(3)
    assert three[None] > five[None] > 100
    assert three["no_matched_segment"] == five["no_matched_segment"] > 100
