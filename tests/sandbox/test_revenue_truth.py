"""Recurring revenue on labelled cases worked by hand, its identity on every slice, and a second opinion day by day.

The cases are those of the fourth company: its fiscal years are calendar years, so a period is a month; it reports in
Los Angeles and in dollars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, pairwise
from random import Random
from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.billing.cases import customer_id
from sandbox.company.billing.contracts import InvoiceLine
from sandbox.company.billing.facts import END, BillingRecords
from sandbox.timestamps import DAY, midnight, ms
from sandbox.truth import maps, money, recurring, revenue
from sandbox.truth.money import shared_out
from sandbox.truth.recurring import ContractHistory, RecurringPolicy, timelines
from sandbox.truth.retained import retained
from sandbox.truth.revenue import Balance, Movement, Revenue, RevenueCell
from tests.sandbox.conftest import made

NOW = ms(DEFAULT_NOW)
BEGAN = date(2024, 10, 1)
DEFAULTS = RecurringPolicy()


@cache
def known(seed: int, policy: RecurringPolicy = DEFAULTS) -> Revenue:
    return Revenue(made(seed), NOW, policy)


@cache
def reported(seed: int, policy: RecurringPolicy = DEFAULTS) -> tuple[list[Balance], list[Movement]]:
    return known(seed, policy).balances(), known(seed, policy).movements()


# -- opening + movements + fx = closing

DIMENSIONS: dict[str, Callable[[str, RevenueCell], str]] = {
    "month": lambda period, cell: period,
    "product": lambda period, cell: cell.product_id,
    "segment": lambda period, cell: cell.segment,
    "market": lambda period, cell: cell.market,
}
SLICES = list(chain.from_iterable(combinations(DIMENSIONS, size) for size in range(len(DIMENSIONS) + 1)))


@pytest.mark.parametrize("seed", range(1, 11))
def test_opening_and_movements_are_closing_on_every_slice(seed: int) -> None:
    """A board that adds up any rows of the bridge finds the closing balance, to the minor unit, in both rates; and so
    does each customer in the contract's own currency."""
    balances, movements = reported(seed)
    names = [period.name for period in known(seed).periods]
    after = dict(pairwise(names))
    for by in SLICES:

        def slice_of(period: str, cell: RevenueCell, by: tuple[str, ...] = by) -> tuple[str, ...]:
            return tuple(DIMENSIONS[name](period, cell) for name in by)

        sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for one in balances:
            for period, sign in ((after.get(one.fiscal_period), 1), (one.fiscal_period, -1)):
                if period is not None and period != names[0]:
                    found = sums[slice_of(period, one.cell)]
                    found[0] += sign * one.mrr_plan
                    found[1] += sign * one.mrr_actual
        for move in movements:
            found = sums[slice_of(move.fiscal_period, move.cell)]
            found[0] += move.delta_plan
            found[1] += move.delta_actual
        assert not any(any(found) for found in sums.values()), by
    own: dict[tuple[str, RevenueCell], int] = defaultdict(int)
    for one in balances:
        own[one.fiscal_period, one.cell] -= one.mrr
        own[after.get(one.fiscal_period, ""), one.cell] += one.mrr
    for move in movements:
        own[move.fiscal_period, move.cell] += move.delta
    assert not any(left for (period, _), left in own.items() if period not in ("", names[0]))
    assert len(movements) > 500


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_transfers_and_pairs_add_up_to_nothing(seed: int) -> None:
    """A transfer gives one customer's product, segment or market what it takes from another of the same customer. The
    first customer alone begins as nobody's: its contract is a few hours older than its row."""
    transfers: dict[tuple[str, str, str], int] = defaultdict(int)
    pairs: dict[tuple[str, RevenueCell], int] = defaultdict(int)
    for move in reported(seed)[1]:
        if move.company_type.startswith("transfer"):
            transfers[move.fiscal_period, move.cell.customer_id, move.cell.currency] += move.delta
        if move.is_intra_period:
            pairs[move.fiscal_period, move.cell] += move.delta
    assert {customer for (_, customer, _), left in transfers.items() if left} <= {customer_id(1), maps.UNMAPPED}
    assert len(transfers) > 5
    assert pairs
    assert not any(pairs.values())


# -- worked by hand

# Month, product (and customer where there are several), then how the company sees it / how the product does, minor
# units.
CASES: dict[str, tuple[str, ...]] = {
    # Begun at 00:00 UTC on the first day of customers.csv, which is the day before in Los Angeles: nobody's until then.
    "monthly": ("2024-10 storefront transfer_in 25000",),
    # 7 seats of 539.00 USD a year: a twelfth of 3,773.00, and nothing more in the month of the payment.
    "annual_prepaid": ("2024-11 payments logo_new 31442",),
    # 12 × 504.90 GBP for 24 months.
    "two_years": ("2024-10 insights logo_new 25245",),
    # 4 × 9.90 EUR × 365 / (12 × 7) = 172.0714….
    "weekly": (
        "2026-05 insights logo_new 17207",
        "2026-10 insights logo_churn -17207",
    ),
    # 3 × 3.30 EUR × 365 / 12 = 301.125: half to even.
    "daily": (
        "2026-09 insights logo_new 30112",
        "2026-10 insights logo_churn -30112",
    ),
    # D12: 9 × 528.00 EUR / 18.
    "eighteen_months": ("2025-02 insights logo_new 26400",),
    # D2 and D5: counted in the month in which it began, and on the day before it renews.
    "begun_in_mid_month": ("2025-01 payments logo_new 14700",),
    "begun_on_the_31st": ("2025-01 mobile logo_new 24000",),
    "begins_after_now": (),
    "comes_after_now": (),
    # 5, 9 and 6 × 49.00 EUR.
    "seats_change": (
        "2025-03 payments logo_new 24500",
        "2025-06 payments expansion_quantity 19600",
        "2026-02 payments contraction -14700",
    ),
    # 20, 32 and 18 × 27.50 USD: two less, after twelve more and twelve less.
    "seats_up_and_down_in_one_month": (
        "2025-04 storefront logo_new 55000",
        "2026-03 storefront contraction -5500",
        "2026-03 storefront within expansion_quantity 33000",
        "2026-03 storefront within contraction -33000",
    ),
    # D4: 10 × 12.00 EUR go over into 10 × 79.00 of a bundle, whose weights change in October.
    "upgraded_by_another_item": (
        "2025-02 mobile logo_new 12000",
        "2025-09 mobile transfer_out -12000",
        "2025-09 payments transfer_in 4800",
        "2025-09 payments expansion_mix 26800",
        "2025-09 storefront transfer_in 7200",
        "2025-09 storefront expansion_mix 40200",
        "2025-10 checkout transfer_in 15800",
        "2025-10 payments transfer_out -7900",
        "2025-10 storefront transfer_out -7900",
    ),
    # 30 × 21.20 GBP a month, then 30 × 212.50 a year.
    "month_becomes_year": (
        "2025-05 storefront logo_new 63600",
        "2025-11 storefront contraction -10475",
    ),
    # 8 × 33.00 EUR are 22 × 12.00.
    "moved_to_another_product": (
        "2025-03 insights logo_new 26400",
        "2026-01 insights transfer_out -26400",
        "2026-01 mobile transfer_in 26400",
    ),
    # 413.00 EUR in thirds, of which the first is a little larger.
    "bundle": (
        "2025-06 insights logo_new 13767",
        "2025-06 mobile logo_new 13767",
        "2025-06 storefront logo_new 13766",
    ),
    "thirteen_items": (
        "2026-06 checkout logo_new 79000",
        "2026-06 insights logo_new 254067",
        "2026-06 mobile logo_new 159867",
        "2026-06 payments logo_new 334100",
        "2026-06 payments-fraud logo_new 7200",
        "2026-06 storefront logo_new 404766",
        "2026-09 storefront expansion_quantity 7500",
    ),
    # D4: 9.00 EUR less 30 % for that product alone.
    "add_on": (
        "2025-04 storefront logo_new 35000",
        "2025-10 payments-fraud cross_sell/logo_new 630",
    ),
    # D6: 10 × 49.00 EUR; the discount of one invoice is none.
    "discount_once": ("2025-07 payments logo_new 49000",),
    # D6: 11 × 36.30 USD less 12.5 % = 349.3875.
    "discount_forever": ("2025-02 insights logo_new 34939",),
    # 6 × 67.10 GBP, at half of it for three months.
    "discount_that_expires": (
        "2025-08 payments logo_new 8052",
        "2025-08 storefront logo_new 12078",
        "2025-10 checkout transfer_in 4026",
        "2025-10 payments transfer_out -2013",
        "2025-10 storefront transfer_out -2013",
        "2025-11 checkout expansion_price 4026",
        "2025-11 payments expansion_price 6039",
        "2025-11 storefront expansion_price 10065",
    ),
    # 12 × 49.00 EUR, at half of it from the term that begins on 20 September.
    "discount_given_later": (
        "2025-01 payments logo_new 58800",
        "2026-09 payments contraction -29400",
    ),
    "fixed_sum_off": ("2025-03 storefront logo_new 6500",),
    # 10.00 EUR off 25.00 and 2 × 49.00 are 2.03 and 7.97; off 3 × 25.00 and 98.00, from 22 April on, 4.34 and 5.66.
    # On the 11th two more seats came, at the old term's 2.03.
    "sum_off_two_items": (
        "2025-09 storefront logo_new 2297",
        "2025-09 payments logo_new 9003",
        "2026-04 storefront expansion_quantity 4594",
        "2026-04 storefront expansion_price 175",
        "2026-04 storefront within expansion_quantity 231",
        "2026-04 storefront within contraction -231",
        "2026-04 payments expansion_price 231",
    ),
    # Nobody pays from 6 March on; it is written off on the 20th, and the vendor calls the contract good again.
    "declined_once_then_paid": ("2025-10 insights logo_new 26400",),
    # 6 and 8 × 59.50 EUR, of which 9.50 is tax.
    "tax_included": (
        "2025-08 payments logo_new 30000",
        "2026-02 payments expansion_quantity 10000",
    ),
    # 10 × 330.00 EUR a year. Due on 19 February, kept until 21 March, paid on 5 May.
    "sent_and_paid_late": (
        "2025-01 insights logo_new 27500",
        "2026-03 insights unwanted logo_churn -27500",
        "2026-05 insights reactivation 27500",
    ),
    # 7 × 539.00 USD a year. Due on 11 April, kept until 11 May, though it is called unpaid only in June.
    "sent_and_never_paid": (
        "2025-03 payments logo_new 31442",
        "2026-05 payments unwanted logo_churn -31442",
    ),
    # 20 × 212.50 GBP a year, by whatever hand the invoice was written.
    "void_and_written_anew": ("2025-02 storefront logo_new 35417",),
    "void_as_goodwill": ("2025-06 mobile logo_new 30000",),
    "draft_in_its_grace": ("2026-02 storefront logo_new 30000",),
    # 5 × 49.00 EUR a month and 8 × 330.00 a year; half off the months that begin from 24 September to 24 November.
    "mixed_intervals": (
        "2025-04 insights logo_new 22000",
        "2025-04 payments logo_new 24500",
        "2025-09 payments contraction -12250",
        "2025-12 payments expansion_price 12250",
    ),
    "pending_update_that_expired": ("2025-05 storefront logo_new 27500",),
    "one_month_left_open": ("2025-10 insights logo_new 23100",),
    # 12 × 10.20 GBP, once the second part of the trial is over.
    "trial_extended": ("2026-03 mobile logo_new 12240",),
    # 6 × 49.00 EUR, and nothing for the 42 days of the second trial.
    "second_trial": (
        "2025-07 payments logo_new 29400",
        "2026-05 payments logo_churn -29400",
        "2026-07 payments reactivation 29400",
    ),
    # 10 and 13 × 29.00 EUR, also after the price is gone.
    "price_deleted": (
        "2025-02 insights logo_new 29000",
        "2026-05 insights expansion_quantity 8700",
    ),
    # 20 × 9.00 EUR, then 5 × 14.00 besides, then four more of the 9.00.
    "plan_remade": (
        "2025-03 mobile logo_new 18000",
        "2026-01 mobile expansion_quantity 7000",
        "2026-04 mobile expansion_quantity 3600",
    ),
    # 11 and 13 × 28.00 EUR.
    "price_in_several_currencies": (
        "2025-09 storefront logo_new 30800",
        "2026-06 storefront expansion_quantity 5600",
    ),
    # 6 × 49.00 EUR less 12.5 %, from the first day on.
    "prorated_first_bill": ("2025-05 payments logo_new 25725",),
    # 10 × 49.00 EUR, then 12 × 53.90 USD: the two seats more.
    "currency_changed": (
        "2025-06 payments logo_new 49000",
        "2026-02 payments expansion_quantity 10780",
    ),
    # 3 × 49.00 EUR, and 19.00 whatever is used.
    "metered_with_a_base_fee": (
        "2025-08 core logo_new 1900",
        "2025-08 payments logo_new 14700",
    ),
    "wholly_discounted": (),
    "free_plan": ("2026-04 storefront logo_new 10000",),
    # 10 × 12.00 + 25 × 10.00 = 370.00; 10 × 12.00 + 40 × 10.00 + 22 × 7.50 = 685.00: 37 more at the old price.
    "tiered": (
        "2025-06 mobile logo_new 37000",
        "2026-05 mobile expansion_quantity 39114",
        "2026-05 mobile contraction -7614",
    ),
    # 4 × 49.00 EUR; calls do not recur.
    "metered": ("2025-07 payments logo_new 19600",),
    "one_off_fee": (
        "2025-09 payments logo_new 31600",
        "2025-09 storefront logo_new 47400",
        "2025-10 checkout transfer_in 15800",
        "2025-10 payments transfer_out -7900",
        "2025-10 storefront transfer_out -7900",
    ),
    # 7 × 49.00 EUR, without tax.
    "taxed": ("2025-10 payments logo_new 34300",),
    "old_price_kept": ("2024-12 payments logo_new 70200",),
    "product_archived": ("2025-01 UNMAPPED logo_new 9500",),
    # D6: 16 and 21 × 4,000 JPY.
    "yen": (
        "2025-03 storefront logo_new 64000",
        "2026-06 storefront expansion_quantity 20000",
    ),
    # 6 × 161.700 KWD a year.
    "dinar": ("2025-05 payments logo_new 80850",),
    # D6: nothing before 18 December.
    "trial_that_converts": ("2025-12 insights logo_new 32670",),
    "trial_that_ends": (),
    "trial_without_a_card": (),
    # D6: the term paid in January counts; the three that begin while it is paused do not.
    "paused": (
        "2025-03 storefront logo_new 62500",
        "2026-02 storefront logo_churn -62500",
        "2026-05 storefront reactivation 62500",
    ),
    "paused_now": (
        "2025-06 payments logo_new 43120",
        "2026-09 payments logo_churn -43120",
    ),
    "past_due": (
        "2025-02 payments logo_new 12640",
        "2025-02 storefront logo_new 18960",
        "2025-10 checkout transfer_in 6320",
        "2025-10 payments transfer_out -3160",
        "2025-10 storefront transfer_out -3160",
    ),
    "past_due_then_paid": ("2025-04 payments logo_new 45760",),
    # Nobody pays from 9 June on: kept until 9 July.
    "past_due_for_long": (
        "2025-05 storefront logo_new 35750",
        "2026-07 storefront unwanted logo_churn -35750",
    ),
    # D6: nobody pays from 15 July on: kept until 14 August, though given up in July.
    "unpaid": (
        "2025-07 insights logo_new 33000",
        "2026-08 insights unwanted logo_churn -33000",
    ),
    "uncollectible": (
        "2025-03 insights logo_new 17700",
        "2025-03 mobile logo_new 17700",
        "2025-03 storefront logo_new 17700",
        "2026-04 insights unwanted logo_churn -17700",
        "2026-04 mobile unwanted logo_churn -17700",
        "2026-04 storefront unwanted logo_churn -17700",
    ),
    # D10: notice in March changes nothing while the service lasts.
    "left_at_the_end": ("2024-11 payments logo_new 36750",),
    # D10: what is refunded afterwards moves no date.
    "left_at_once": (
        "2025-02 storefront logo_new 42500",
        "2026-09 storefront logo_churn -42500",
    ),
    "notice_taken_back": (
        "2025-06 payments logo_new 13420",
        "2025-06 storefront logo_new 20130",
        "2025-10 checkout transfer_in 6710",
        "2025-10 payments transfer_out -3355",
        "2025-10 storefront transfer_out -3355",
    ),
    # D10: late by rule, not by a list of customers.
    "late_renewal": (
        "2025-01 insights logo_new 42350",
        "2026-01 insights within late_renewal -42350",
        "2026-01 insights within late_renewal 42350",
    ),
    # 40 and 55 × 12.00 EUR, four months apart.
    "reactivated": (
        "2025-01 mobile logo_new 48000",
        "2025-10 mobile logo_churn -48000",
        "2026-03 mobile reactivation 66000",
    ),
    "new_and_gone_in_one_month": (
        "2026-06 payments within logo_new 9800",
        "2026-06 payments within logo_churn -9800",
    ),
    # D1 and D4: one sum; the second contract is no new customer, and its end is no lost one.
    "overlapping": (
        "2025-02 storefront logo_new 25000",
        "2025-08 payments cross_sell/logo_new 24500",
        "2026-05 payments product_churn/logo_churn -24500",
    ),
    # D3: 30 × 13.20 USD end, 6 × 36.30 USD do not.
    "one_closed_one_open": (
        "2025-01 mobile logo_new 39600",
        "2025-03 insights cross_sell/logo_new 21780",
        "2025-05 mobile product_churn/logo_churn -39600",
    ),
    # One key in billing ends and another one begins: the customer did neither.
    "two_keys_of_one_customer": ("2025-03 payments logo_new 83200",),
    # A child comes first; its parent and sister are no new logo.
    "parent_and_children": (
        "2025-02 payments C90054 logo_new 28440",
        "2025-02 storefront C90054 logo_new 42660",
        "2025-06 payments C90053 expansion_quantity 25280",
        "2025-06 storefront C90053 expansion_quantity 37920",
        "2025-10 checkout C90053 transfer_in 12640",
        "2025-10 payments C90053 transfer_out -6320",
        "2025-10 storefront C90053 transfer_out -6320",
        "2025-10 checkout C90054 transfer_in 14220",
        "2025-10 payments C90054 transfer_out -7110",
        "2025-10 storefront C90054 transfer_out -7110",
        "2026-02 checkout C90055 expansion_quantity 17380",
        "2026-02 payments C90055 expansion_quantity 26070",
        "2026-02 storefront C90055 expansion_quantity 43450",
    ),
    "customer_deleted": (
        "2025-05 storefront logo_new 15000",
        "2026-09 storefront logo_churn -15000",
    ),
    "customer_deleted_long_ago": (
        "2024-10 storefront logo_new 12720",
        "2025-07 storefront logo_churn -12720",
    ),
    "credit_note_before_payment": (
        "2025-08 payments logo_new 28440",
        "2025-08 storefront logo_new 42660",
        "2025-10 checkout transfer_in 14220",
        "2025-10 payments transfer_out -7110",
        "2025-10 storefront transfer_out -7110",
    ),
    "credit_note_after_payment": ("2025-09 payments logo_new 64680",),
    # 30 × 33.00 EUR; 297.00 for 14 days are 645.27 a month. It begins at 00:00 UTC: in August, there.
    "dated_credit": (
        "2025-03 insights logo_new 99000",
        "2026-08 insights contraction -64527",
        "2026-09 insights expansion_price 64527",
    ),
    "refunded_in_part_twice": ("2025-04 mobile logo_new 39600",),
    "void_and_written_off": ("2025-10 storefront logo_new 12500",),
    "thirty_lines": (
        "2026-07 payments logo_new 53900",
        "2026-08 payments expansion_quantity 26950",
        "2026-09 payments contraction -5390",
        "2026-09 payments within expansion_quantity 37730",
        "2026-09 payments within contraction -37730",
    ),
    "at_one_second": ("2026-08 insights logo_new 7260",),
}


def lines(moves: list[Movement], months: dict[str, str]) -> dict[str, list[str]]:
    """Movements by customer, as CASES has them."""
    found: dict[str, list[str]] = defaultdict(list)
    for move in moves:
        if move.company_type != "fx":
            seen = "" if move.product_type == move.company_type else f"/{move.product_type}"
            flags = "within " * move.is_intra_period + "unwanted " * move.is_involuntary
            where = f"{months[move.fiscal_period]} {move.cell.product_id}"
            found[move.cell.customer_id].append(f"{where} {flags}{move.company_type}{seen} {move.delta}")
    return found


def story(case: str, policy: RecurringPolicy = DEFAULTS) -> list[str]:
    company, truth = made(4), known(4, policy)
    months = {period.name: f"{period.first:%Y-%m}" for period in truth.periods}
    contracts = next(found.keys for found in company.cases if found.name == case)
    accounts = {truth.contracts[contract].account for contract in contracts if contract in truth.contracts}
    customers = sorted(truth.customer(account, truth.today) for account in accounts)
    found = lines(reported(4, policy)[1], months)
    if len(set(customers)) < 2:
        return [line for customer in set(customers) for line in found[customer]]
    several = [(customer, line.split(" ", 2)) for customer in customers for line in found[customer]]
    return [f"{month} {product} {customer} {rest}" for customer, (month, product, rest) in several]


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_case_moves_as_worked_by_hand(case: str) -> None:
    assert sorted(story(case)) == sorted(CASES[case])


def test_every_case_of_billing_is_worked_by_hand() -> None:
    assert CASES.keys() == {case.name for case in made(4).cases if case.source == "stripe"}


@pytest.mark.parametrize(
    ("policy", "case", "expected"),
    [
        (RecurringPolicy(churn_date="notice"), "left_at_the_end", "2026-03 payments logo_churn -36750"),
        (RecurringPolicy(late_renewal_days=11), "late_renewal", "2026-01 insights within logo_churn -42350"),
        (RecurringPolicy(late_renewal_days=11), "late_renewal", "2026-01 insights within reactivation 42350"),
        (RecurringPolicy(late_renewal_days=140), "reactivated", "2025-10 mobile late_renewal -48000"),
        (RecurringPolicy(late_renewal_days=140), "reactivated", "2026-03 mobile late_renewal 66000"),
        (RecurringPolicy(past_due_days=10), "past_due_for_long", "2026-06 storefront unwanted logo_churn -35750"),
        (RecurringPolicy(trials_count=True), "trial_that_ends", "2026-03 insights logo_churn -29700"),
        (RecurringPolicy(dated_credits_count=False), "dated_credit", "2025-03 insights logo_new 99000"),
        (RecurringPolicy(paused_counts=True), "paused", "2025-03 storefront logo_new 62500"),
    ],
)
def test_a_policy_changes_what_it_says(policy: RecurringPolicy, case: str, expected: str) -> None:
    assert expected in story(case, policy)
    assert story(case, policy) != list(CASES[case])


def test_a_policy_is_what_the_company_wrote() -> None:
    assert RecurringPolicy.of(made(4)) == DEFAULTS
    written = {"churn_date": "notice", "past_due_days": "0", "paused_counts": "true", "dated_credits_count": "false"}
    company = Company(4, "tiny", switches=written)
    expected = RecurringPolicy(churn_date="notice", past_due_days=0, paused_counts=True, dated_credits_count=False)
    assert Revenue(company, NOW).policy == expected
    assert {RecurringPolicy.of(made(seed)) for seed in (6, 7, 8)}.isdisjoint({DEFAULTS})


def test_a_notice_that_was_taken_back_is_none() -> None:
    """Given in September and taken back in October: the billing system does not show it afterwards."""
    assert story("notice_taken_back", RecurringPolicy(churn_date="notice")) == list(CASES["notice_taken_back"])


def test_credits_for_the_same_days_add_up() -> None:
    """99.00 EUR for 14 days are 215.0893 a month: two of them leave 559.8214 of 990.00, and five nothing."""
    company = made(4)
    (contract,) = next(found.keys for found in company.cases if found.name == "dated_credit")
    changes = [change for change in company.billing.changes if change.id == contract and change.at <= NOW]
    start, end = ms("2026-09-01T00:00:00Z"), ms("2026-09-15T00:00:00Z")
    credit = InvoiceLine("il_1", "", -9_900, 1, start, end)

    def brings(credits: int) -> list[int]:
        history = ContractHistory(contract, company.billing.catalogue.products, DEFAULTS, changes, [credit] * credits)
        return [held.minor_units for held in history.timeline(NOW).before(end)]

    assert [brings(credits) for credits in (0, 1, 2, 5)] == [[99_000], [77_491], [55_982], []]


# -- what is retained


def test_what_is_retained_of_two_customers_worked_by_hand() -> None:
    """D4: A has 100 for a product, then another contract of 60 for a second one, and ends the first; B goes from 100 to
    80, is lost and comes back with 90. In euros, twelve months apart."""
    revenue = known(3)
    before, after = revenue.periods[-13], revenue.periods[-1]
    a, b = (RevenueCell(customer, "shop", "ENT", "US", "EUR") for customer in ("A", "B"))
    other = RevenueCell("A", "pay", "ENT", "US", "EUR")
    year = [period.name for period in revenue.periods[-12:]]
    balances = [
        *(Balance(before.name, cell, 100_00, 0, 0) for cell in (a, b)),
        *(Balance(after.name, cell, minor_units, 0, 0) for cell, minor_units in ((other, 60_00), (b, 90_00))),
    ]
    movements = [
        Movement(year[3], a, "product_churn", "logo_churn", False, False, -100_00, 0, 0),
        Movement(year[2], other, "cross_sell", "logo_new", False, False, 60_00, 0, 0),
        Movement(year[5], b, "logo_churn", "logo_churn", False, False, -80_00, 0, 0),
        Movement(year[8], b, "reactivation", "reactivation", False, False, 90_00, 0, 0),
    ]

    def last(policy: RecurringPolicy) -> dict[str, tuple[float, float]]:
        rows = retained(known(3, policy), balances, movements)
        return {
            row.product_id: (row.net / row.start, row.gross / row.start)
            for row in rows
            if row.fiscal_period == after.name and row.slice_type == "all"
        }

    assert last(DEFAULTS) == {"COMPANY": (0.3, 0.3), "shop": (0.0, 0.0)}
    assert last(RecurringPolicy(reactivation_retains=True)) == {"COMPANY": (0.75, 0.75), "shop": (0.45, 0.45)}


def test_a_logo_is_retained_where_it_had_most_at_the_beginning() -> None:
    """A logo with 70 and 30 in ENT and 60 in MID is of ENT with all it has, also when all is in MID a year later. The
    other logo of MID has gone, and nobody stands in for it."""
    revenue = known(3)
    before, after = revenue.periods[-13], revenue.periods[-1]
    shop, pay, mid = (
        RevenueCell("A", *place, "US", "EUR") for place in (("shop", "ENT"), ("pay", "ENT"), ("pay", "MID"))
    )
    other = RevenueCell("B", "pay", "MID", "US", "EUR")
    balances = [
        *(
            Balance(before.name, cell, minor_units, 0, 0)
            for cell, minor_units in ((shop, 70), (pay, 30), (mid, 60), (other, 5))
        ),
        Balance(after.name, mid, 200, 0, 0),
    ]
    rows = {
        (row.product_id, row.slice_value): (row.start, row.net, row.gross)
        for row in retained(revenue, balances, [])
        if row.fiscal_period == after.name and row.slice_type == "segment"
    }
    assert rows == {
        ("COMPANY", "ENT"): (160, 200, 160),
        ("COMPANY", "MID"): (5, 0, 0),
        ("pay", "ENT"): (90, 200, 90),
        ("pay", "MID"): (5, 0, 0),
        ("shop", "ENT"): (70, 0, 0),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_gross_is_never_more_than_what_was_there(seed: int) -> None:
    rows = [row for row in retained(known(seed), *reported(seed)) if row.slice_type == "all"]
    assert {row.product_id for row in rows} > {"COMPANY", "payments", maps.UNMAPPED}
    assert all(0 <= row.gross <= min(row.start, row.net) for row in rows)
    assert any(row.net > row.start for row in rows)
    totals: dict[str, int] = defaultdict(int)
    for balance in reported(seed)[0]:
        totals[balance.fiscal_period] += balance.mrr_plan
    company = {row.fiscal_period: row.start + row.unmapped for row in rows if row.product_id == "COMPANY"}
    names = [period.name for period in known(seed).periods]
    # Planned rates are the same in all years here: both together are the balance of twelve periods before.
    for before, after in zip(names, names[12:], strict=False):
        assert company.get(after, 0) == totals[before]
    for kind in ("segment", "market"):
        sliced: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 3)
        for row in retained(known(seed), *reported(seed)):
            if row.slice_type == kind:
                parts = sliced[row.fiscal_period, row.product_id]
                parts[:] = parts[0] + row.start, parts[1] + row.net, parts[2] + row.gross
        assert sliced == {(row.fiscal_period, row.product_id): [row.start, row.net, row.gross] for row in rows}


# -- a second opinion, day by day, from what was billed


class Billed:
    """A contract as its invoices show it: every line says for which days how much of what was served."""

    def __init__(self, seed: int, contract: str) -> None:
        self.record = books(seed).records["subscription"][contract]
        bills = [row for row in invoices_ever(seed) if row["subscription"] == contract]
        # A change whose bill is void was never made.
        reported = [(b, line) for b in bills for line in b["lines"] if not (line.proration and b["status"] == "void")]
        self.failures = [(bill["failed"], bill["settled"]) for bill in bills if bill["failed"]]
        by_hand = [row for row in invoices_ever(seed) if row["reason"] == "manual"]
        self.by_hand = [line for row in by_hand if row["customer"] == self.record["customer"] for line in row["lines"]]
        self.tried = [(line.start, line.end) for _, line in reported if is_trial(line)]
        self.fees = [item for item in self.record["items"] if item.price.metered and item.price.base_fee]
        self.credits = [line for _, line in reported if line.item is None and line.amount < 0]
        created = {item.id: item.created for item in self.record["items"]}
        self.items: dict[str, list[tuple[int, dict[str, Any], InvoiceLine]]] = defaultdict(list)
        for bill, line in sorted(reported, key=lambda known: (known[1].start, known[0]["created"], known[1].amount)):
            if line.item is not None and recurs(line) and not is_trial(line):
                since = line.start if self.items[line.item] else min(line.start, created.get(line.item, line.start))
                self.items[line.item].append((since, bill, line))

    def monthly(self, instant: int) -> int:
        ended = self.record["ended"]
        if (ended is not None and ended <= instant) or any(start <= instant < end for start, end in self.tried):
            return 0
        late = [failed for failed, settled in self.failures if failed <= instant < settled]
        if late and instant >= min(late) + 30 * DAY:
            return 0
        parts = [self._item(reported, instant) for reported in self.items.values()]
        parts += [Fraction(item.price.base_fee) for item in self.fees if item.created <= instant]
        whole = sum(parts)
        for line in self.credits:
            if line.start <= instant < line.end and whole:
                off = Fraction(-line.amount * 365 * DAY, 12 * (line.end - line.start))
                parts = [part * max(Fraction(0), 1 - off / whole) for part in parts]
        return sum(round(part) for part in parts)

    def _item(self, reported: list[tuple[int, dict[str, Any], InvoiceLine]], instant: int) -> Fraction:
        """The last thing that a line says of an item: so much from then on, or no more of it."""
        served = [(bill, line) for since, bill, line in reported if since <= instant < line.end]
        if not served:
            return Fraction(0)
        bill, line = served[-1]
        regular = [known for known in served if not known[1].proration]
        term, billed = regular[-1] if regular else (bill, line)
        if (line.amount < 0 and line.proration) or not self._counts(term, billed):
            return Fraction(0)
        amount = Fraction(line.price.cost(line.quantity)) if line.price is not None else Fraction(0)
        for discount in term["discounts"]:
            coupon = discount.coupon
            if coupon.duration != "once" and coupon.product in (None, line.price and line.price.product):
                taken = dict(billed.discounts).get(discount.id, 0) if coupon.amount else 0
                amount -= min(amount, amount * Fraction(coupon.percent or 0) / 100 + taken)
        if billed.included_tax:
            amount *= Fraction(billed.net, billed.amount - billed.less)
        return amount / by_month(line.price)

    def _counts(self, bill: dict[str, Any], line: InvoiceLine) -> bool:
        """A void invoice is that of a pause, unless somebody had tried to collect it or wrote it anew."""
        if bill["status"] == "void":
            anew = [one for one in self.by_hand if (one.start, one.end) == (line.start, line.end)]
            return bool(anew) or bill["failed"] is not None
        return bool(bill["status"] != "draft")


@cache
def books(seed: int) -> BillingRecords:
    return made(seed).billing.books(NOW)


def by_month(price: Any) -> Fraction:
    """How many months a term has."""
    known: dict[str, Fraction] = {
        "year": Fraction(12),
        "month": Fraction(1),
        "week": Fraction(84, 365),
        "day": Fraction(12, 365),
    }
    return known[price.interval] * int(price.count)


def is_trial(line: InvoiceLine) -> bool:
    return line.amount == 0 and recurs(line) and line.price is not None and line.price.cost(line.quantity) > 0


def recurs(line: InvoiceLine) -> bool:
    return line.item is not None and line.price is not None and bool(line.price.interval) and not line.price.metered


@cache
def invoices_ever(seed: int) -> list[dict[str, Any]]:
    """All invoices, those too that will come; with the instants of the first failed payment and of the payment."""
    ever = made(seed).billing.books(END)
    failed: dict[str, int] = {}
    for charge in ever.records["charge"].values():
        if charge["status"] == "failed":
            failed[charge["invoice"]] = min(charge["created"], failed.get(charge["invoice"], charge["created"]))
    rows = list(ever.records["invoice"].values())
    for row in rows:
        # What is sent has failed when it is due.
        if row["due_date"] is not None and row["due_date"] < (row["paid_at"] or row["voided"] or END):
            failed[row["id"]] = row["due_date"]
    paid = [(row["subscription"], row["created"], row["paid_at"]) for row in rows if row["paid_at"] and row["total"]]

    def settled(row: dict[str, Any]) -> int:
        """What is written off or void is settled, too, unless its contract ended for it, which ends the question; and
        so is what is left open once a later one is paid."""
        later = [at for contract, made_at, at in paid if contract == row["subscription"] and made_at > row["created"]]
        return int(row["paid_at"] or row["uncollectible"] or row["voided"] or min(later, default=NOW + 1))

    return [row | {"failed": failed.get(row["id"]), "settled": settled(row)} for row in rows]


def never_billed(record: dict[str, Any]) -> tuple[int, int]:
    """The last term of a contract that ended within it: changes of that term were never billed."""
    item = record["items"][0]
    return (item.start, item.end) if record["ended"] is not None and record["ended"] < item.end else (0, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_invoices_report_the_same_day_by_day(seed: int) -> None:
    """What is on the invoices for the days of service is what the contracts say, every day of two years."""
    company = made(seed)
    days = (known(seed).today - BEGAN).days
    ends = [midnight(BEGAN + timedelta(days=day), company.reporting_zone) for day in range(days + 1)]
    compared = 0
    for contract, timeline in timelines(company, NOW, DEFAULTS).items():
        billed = Billed(seed, contract)
        unsure = never_billed(billed.record)
        for day, end in enumerate(ends):
            if not unsure[0] <= end < unsure[1]:
                ours = sum(held.minor_units for held in timeline.before(end))
                assert ours == billed.monthly(end - 1), (contract, BEGAN + timedelta(days=day))
                compared += bool(ours)
    assert compared > 10_000


# -- sharing out


def test_sharing_out_breaks_no_pool() -> None:
    """5,000 pools of either sign: no minor unit is lost or made, no share is off by one, equal weights get the same in
    order, and the opposite amount is shared as the opposite."""
    draws = Random("pools")
    for _ in range(5_000):
        amount = draws.choice((-1, 1)) * draws.randrange(10 ** draws.randrange(1, 12))
        names = [f"p{number}" for number in range(draws.randrange(1, 9))]
        weights = {name: Fraction(draws.randrange(1, 1_000), draws.choice((1, 3, 7, 1_000))) for name in names}
        shares = shared_out(amount, weights)
        assert sum(shares.values()) == amount
        whole = sum(weights.values())
        assert all(abs(shares[name] - amount * weights[name] / whole) < 1 for name in names)
        assert {name: -minor_units for name, minor_units in shares.items()} == shared_out(-amount, weights)
    assert shared_out(-10, dict.fromkeys("abc", Fraction(1, 3))) == {"a": -4, "b": -3, "c": -3}


@pytest.mark.parametrize("weights", [{}, {"a": Fraction(0)}, {"a": Fraction(2), "b": Fraction(-1)}])
def test_nothing_is_shared_out_by_no_weights(weights: dict[str, Fraction]) -> None:
    with pytest.raises(ValueError, match="weights"):
        shared_out(1, weights)


# -- other currencies


def test_amounts_are_reported_at_planned_and_at_last_rates() -> None:
    """In dollars: 10,000 yen are 60.606… of 1.10 USD and 165 JPY to the euro; a dinar has a thousand minor units."""
    exchange, company = known(4).exchange, made(4)
    assert round(10_000 * exchange.planned("JPY", "FY26")) == 6_667
    assert round(1_000 * exchange.planned("KWD", "FY26")) == 328
    assert exchange.planned("USD", "FY26") == 1
    friday, sunday = (known(4).today.replace(day=day) for day in (9, 11))
    rates = company.rates.days[friday]
    assert exchange.actual("GBP", sunday) == Fraction(rates["USD"] or 0) / Fraction(rates["GBP"] or 1)
    with pytest.raises(ValueError, match="no rate of BGN"):
        exchange._of_euro("BGN", sunday)


# -- each rule matters

Bend = Callable[[pytest.MonkeyPatch], None]
BENDS: dict[str, Bend] = {}


def bend(change: Bend) -> Bend:
    BENDS[change.__name__] = change
    return change


@bend
def years_are_months(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recurring, "monthly", lambda item, discounts, sums, tax: Fraction(item.price.cost(item.quantity)))


@bend
def discounts_are_ignored(patch: pytest.MonkeyPatch) -> None:
    right = recurring.monthly
    patch.setattr(recurring, "monthly", lambda item, discounts, sums, tax: right(item, (), {}, tax))


@bend
def tax_in_a_price_is_revenue(patch: pytest.MonkeyPatch) -> None:
    right = recurring.monthly
    patch.setattr(recurring, "monthly", lambda item, discounts, sums, tax: right(item, discounts, sums, 0))


@bend
def no_fee_recurs_beside_use(patch: pytest.MonkeyPatch) -> None:
    right = recurring.full_price
    patch.setattr(recurring, "full_price", lambda item: Fraction(0) if item.price.metered else right(item))


@bend
def the_newest_term_of_a_contract_is_that_of_all_items(patch: pytest.MonkeyPatch) -> None:
    right = ContractHistory._held

    def held(self: ContractHistory, state: Any, terms: Any, at: int) -> Any:
        return right(self, state, dict.fromkeys(terms, terms[max(terms)]), at)

    patch.setattr(ContractHistory, "_held", held)


@bend
def periods_end_in_utc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revenue, "midnight", lambda day, zone: midnight(day, "UTC"))


@bend
def shares_are_rounded_one_by_one(patch: pytest.MonkeyPatch) -> None:
    def rounded(amount: int, weights: dict[str, Fraction]) -> dict[str, int]:
        return {name: round(amount * weight) for name, weight in weights.items()}

    patch.setattr(revenue, "shared_out", rounded)


@bend
def mapping_of_any_day(patch: pytest.MonkeyPatch) -> None:
    right = maps.is_valid
    patch.setattr(maps, "is_valid", lambda row, day: right(row, known(1).today))


@bend
def segment_of_today(patch: pytest.MonkeyPatch) -> None:
    right = Revenue.row
    patch.setattr(Revenue, "row", lambda self, customer, day: right(self, customer, self.today))


@bend
def a_child_is_a_logo_of_its_own(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Revenue, "logo", lambda self, account, day: self.customer(account, day))


@bend
def each_contract_is_a_logo_of_its_own(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Revenue, "logo", lambda self, account, day: account)


@bend
def an_exchange_is_a_loss_and_a_gain(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revenue, "exchanged", lambda contract, gone, come: iter(()))


@bend
def what_moves_to_another_contract_moves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revenue, "settled", lambda parts: [part for part in parts if part.amount])


@bend
def nothing_happens_within_a_period(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revenue.LogoPeriod, "within", lambda self: iter(()))


@bend
def every_gap_is_short(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revenue.LogoPeriod, "_is_short", lambda self, gap: True)


@bend
def planned_rates_are_the_last_ones(patch: pytest.MonkeyPatch) -> None:
    right = money.Exchange.actual
    patch.setattr(money.Exchange, "planned", lambda self, currency, year: right(self, currency, known(1).today))


@pytest.mark.parametrize("name", sorted(BENDS))
def test_a_bent_rule_gives_another_truth(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    right = reported(1)
    BENDS[name](monkeypatch)
    bent = Revenue(made(1), NOW)
    assert (bent.balances(), bent.movements()) != right
