"""The company's billing: the same from the same seed, every labelled case, and books that add up."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.billing import cases as billing_cases
from sandbox.company.billing.contracts import InvoiceLine, after, months_after
from sandbox.company.billing.facts import END, START, Billed, BillingRecords, Record
from sandbox.company.billing.price_list import PRODUCTS, Catalogue, Price, in_minor_units
from sandbox.timestamps import DAY, ms, utc
from sandbox.truth import landed_from
from tests.sandbox.conftest import made

SEEDS = range(1, 6)
DIGEST = (
    "import hashlib; from sandbox.company import Company;"
    "c = Company(3, 'tiny'); print(hashlib.sha256(repr(c.billing.changes).encode()).hexdigest())"
)


def books(seed: int = 1, now: str | int = DEFAULT_NOW) -> BillingRecords:
    return made(seed).billing.books(now)


def story(case: str, now: str | int = DEFAULT_NOW, seed: int = 1) -> list[Record]:
    """The contracts of a case, as they stand at an instant."""
    keys = next(known.keys for known in made(seed).cases if known.name == case)
    known = books(seed, now).records["subscription"]
    return [known[key] for key in keys if key in known]


def invoices(contract: Record, now: str | int = DEFAULT_NOW) -> list[Record]:
    rows = books(1, now).records["invoice"].values()
    return [row for row in rows if row["subscription"] == contract["id"]]


# -- one company


def test_same_seed_same_billing_in_any_process() -> None:
    elsewhere = subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True)
    here = Company(3, "tiny").billing.changes
    assert elsewhere.stdout.strip() == hashlib.sha256(repr(here).encode()).hexdigest()
    assert here != made(4).billing.changes


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_has_every_case_of_billing(seed: int) -> None:
    found = [case for case in made(seed).cases if case.source == "stripe"]
    assert [case.name for case in found] == [reported.play.__name__ for reported in billing_cases.CASES]
    contracts = books(seed, END).records["subscription"]
    assert all(case.keys and case.explanation and contracts.keys() >= set(case.keys) for case in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_billing_lasts_from_october_2024_beyond_the_default_now(seed: int) -> None:
    rows = books(seed, END - 1).records["invoice"].values()
    months = {f"{utc(row['created']):%Y-%m}" for row in rows}
    assert len(months) == 26
    assert (min(months), max(months)) == ("2024-10", "2026-11")
    assert min(row["created"] for row in rows) == START


@pytest.mark.parametrize("seed", SEEDS)
def test_every_customer_of_the_company_pays_and_every_payer_is_a_customer(seed: int) -> None:
    rows = [row for row in made(seed).rows("customer_map", DEFAULT_NOW) if row["source"] == "stripe"]
    owners = {row["key"]: row["customer_id"] for row in rows}
    known = {row["customer_id"] for row in made(seed).rows("customers", DEFAULT_NOW)}
    assert set(owners.values()) == known
    payers = books(seed, END).records["customer"]
    assert payers.keys() < owners.keys()
    assert all(row["metadata"]["customer_id"] == owners[key] for key, row in payers.items())


def test_an_instant_reached_in_steps_is_the_instant_reached_at_once() -> None:
    at_once, in_steps = books(), books(1, "2025-07-01T00:00:00Z")
    for month in range(8, 13):
        in_steps.advance(ms(f"2025-{month:02d}-01T00:00:00Z"))
    in_steps.advance(ms(DEFAULT_NOW))
    assert in_steps.records == at_once.records
    assert in_steps.recent == at_once.recent


def test_what_happens_to_a_deleted_record_did_not_happen() -> None:
    company = Company(1, "tiny")
    victim = next(iter(company.billing.books(DEFAULT_NOW).records["customer"]))
    company.billing.happen(Billed(ms("2026-10-01T00:00:00Z"), "customer", victim, "deleted", None))
    company.billing.happen(Billed(ms("2026-10-02T00:00:00Z"), "customer", victim, "updated", {"name": "again"}))
    known = company.billing.books(DEFAULT_NOW)
    assert victim not in known.records["customer"]
    assert [reported.change.what for reported in known.recent if reported.change.id == victim] == ["deleted"]


# -- books that add up


@pytest.mark.parametrize("seed", SEEDS)
def test_invoices_add_up_and_what_was_paid_was_charged(seed: int) -> None:
    known = books(seed, END).records
    charged: dict[str, int] = defaultdict(int)
    for charge in known["charge"].values():
        charged[charge["invoice"]] += charge["amount"] if charge["status"] == "succeeded" else 0
    for row in known["invoice"].values():
        assert row["lines"]
        assert row["subtotal"] == sum(line.amount for line in row["lines"])
        assert sum(amount for _, amount in row["less"]) == sum(line.less for line in row["lines"])
        on_top = sum(line.tax for line in row["lines"])
        assert row["tax"] == on_top + sum(line.included_tax for line in row["lines"])
        assert row["total"] == row["subtotal"] - sum(amount for _, amount in row["less"]) + on_top
        assert row["ending"] - row["starting"] == row["total"] - row["due"] - row["credited_before"]
        assert row["paid"] == charged[row["id"]]
        assert row["status"] != "paid" or (row["paid"], row["remaining"]) == (row["due"], 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_money_that_moves_is_of_a_charge_or_a_refund(seed: int) -> None:
    known = books(seed, END).records
    moved = {row["source"]: row for row in known["balance_transaction"].values()}
    assert len(moved) == len(known["balance_transaction"])
    paid = {key: row for key, row in known["charge"].items() if row["status"] == "succeeded"}
    assert moved.keys() == paid.keys() | known["refund"].keys()
    assert all(moved[key]["amount"] == row["amount"] for key, row in paid.items())
    back: dict[str, int] = defaultdict(int)
    for key, row in known["refund"].items():
        assert moved[key]["amount"] == -row["amount"]
        back[row["charge"]] += row["amount"]
    assert all(row["refunded"] == back[key] <= row["amount"] for key, row in known["charge"].items())


@pytest.mark.parametrize("seed", SEEDS)
def test_terms_follow_each_other_without_a_gap(seed: int) -> None:
    """Of every item: each term's line begins where the one before it ended, and a trial whenever it is given."""
    terms: dict[str, list[InvoiceLine]] = defaultdict(list)
    for row in books(seed, END).records["invoice"].values():
        for line in row["lines"]:
            if line.item is not None and not line.proration and not line.price.metered:
                terms[line.item].append(line)
    assert sum(len(own) > 12 for own in terms.values()) > 20
    pairs = [pair for own in terms.values() for pair in pairwise(own)]
    assert all(a.end == b.start or (b.text.startswith("Trial") and a.start < b.start < a.end) for a, b in pairs)


def test_months_end_where_the_calendar_says() -> None:
    begun = ms("2025-01-31T23:30:00Z")
    days = [f"{utc(months_after(begun, months)):%m-%d %H:%M}" for months in range(4)]
    assert days == ["01-31 23:30", "02-28 23:30", "03-31 23:30", "04-30 23:30"]
    assert f"{utc(months_after(ms('2024-02-29T00:00:00Z'), 12)):%Y-%m-%d}" == "2025-02-28"
    week = Price("p", "insights", "eur", None, "week", 2)
    assert after(begun, week, 3) == begun + 42 * DAY


def test_prices_are_in_the_smallest_minor_units_of_their_currency() -> None:
    assert [in_minor_units(2_500, currency) for currency in ("eur", "jpy", "kwd")] == [2_500, 4_000, 8_250]
    prices = Catalogue(1).prices
    assert prices["mobile", "tiered", "eur"].cost(72) == 10 * 1_200 + 40 * 1_000 + 22 * 750
    assert prices["calls", "metered", "eur"].cost(20_001) == 7_000  # 7,000.35 cents
    assert prices["insights", "18 months", "eur"].cost(9) == 9 * 52_800


def test_a_bundles_weights_add_up_to_one_and_one_product_is_unmapped() -> None:
    rows = [row for row in made(1).rows("product_map", DEFAULT_NOW) if row["source"] == "stripe"]
    mapped = {row["key"] for row in rows}
    catalogue = made(1).billing.catalogue
    assert {name for name in PRODUCTS if catalogue.products[name] not in mapped} == {"connector"}


# -- what the cases show


def states(case: str, *instants: str) -> list[Any]:
    return [[row["status"] for row in story(case, now)] for now in instants]


@pytest.mark.parametrize(
    ("case", "seen"),
    [
        ("begins_after_now", {"2026-09-19": [], "2026-10-15": ["trialing"], "2026-11-21": ["active"]}),
        ("comes_after_now", {"2026-10-15": [], "2026-10-22": ["active"]}),
        ("trial_that_converts", {"2025-12-18": ["trialing"], "2025-12-19": ["active"]}),
        ("trial_that_ends", {"2026-03-03": ["trialing"], "2026-03-04": ["canceled"]}),
        ("trial_without_a_card", {"2026-09-19": ["trialing"], "2026-09-20": ["paused"]}),
        ("past_due", {"2026-10-02": ["active"], "2026-10-03": ["past_due"], "2026-10-15": ["past_due"]}),
        ("past_due_then_paid", {"2026-05-17": ["past_due"], "2026-05-31": ["active"]}),
        ("past_due_for_long", {"2026-06-10": ["past_due"], "2026-11-30": ["past_due"]}),
        ("unpaid", {"2026-07-16": ["past_due"], "2026-07-30": ["unpaid"], "2026-11-30": ["unpaid"]}),
        ("uncollectible", {"2026-04-07": ["past_due"], "2026-04-21": ["canceled"]}),
        ("left_at_the_end", {"2026-03-11": ["active"], "2026-11-05": ["active"], "2026-11-06": ["canceled"]}),
        ("left_at_once", {"2026-09-29": ["active"], "2026-09-30": ["canceled"]}),
        ("paused", {"2026-02-01": ["active"], "2026-10-15": ["active"]}),
        ("late_renewal", {"2026-01-13": ["active"], "2026-01-20": ["canceled"], "2026-01-26": ["canceled", "active"]}),
        ("reactivated", {"2025-11-01": ["canceled"], "2026-03-03": ["canceled", "active"]}),
        ("overlapping", {"2026-01-01": ["active", "active"], "2026-06-01": ["active", "canceled"]}),
        ("one_closed_one_open", {"2025-04-01": ["active", "active"], "2025-06-01": ["canceled", "active"]}),
        ("customer_deleted", {"2026-09-26": ["active"], "2026-09-27": ["canceled"]}),
    ],
)
def test_contracts_are_in_the_state_that_their_case_reports(case: str, seen: dict[str, list[str]]) -> None:
    assert states(case, *(f"{day}T00:00:00Z" for day in seen)) == list(seen.values())


def test_seats_that_change_are_two_lines_of_the_next_invoice() -> None:
    """Five seats at 49.00; nine from 21 June 10:00 on, in the term from 10 June 09:00 to 10 July 09:00."""
    (contract,) = story("seats_change")
    bill = next(row for row in invoices(contract) if row["created"] == ms("2025-07-10T09:00:00Z"))
    rest, term = ms("2025-07-10T09:00:00Z") - ms("2025-06-21T10:00:00Z"), 30 * DAY
    assert [(line.amount, line.proration) for line in bill["lines"]] == [
        (-round(5 * 4_900 * rest / term), True),
        (round(9 * 4_900 * rest / term), True),
        (9 * 4_900, False),
    ]


def test_an_upgrade_is_another_item_billed_at_once() -> None:
    (before,), (now,) = story("upgraded_by_another_item", "2025-09-17T00:00:00Z"), story("upgraded_by_another_item")
    assert [item.id for item in before["items"]] != [item.id for item in now["items"]]
    (bill,) = [row for row in invoices(now) if row["reason"] == "subscription_update"]
    assert [line.amount > 0 for line in bill["lines"]] == [False, True]
    assert now["items"][0].price.product == "suite"


def test_discounts_end_when_they_end() -> None:
    def totals(case: str) -> list[int]:
        return [row["total"] for row in invoices(story(case)[0])][:5]

    assert totals("discount_once") == [39_200, 49_000, 49_000, 49_000, 49_000]
    assert totals("discount_forever") == [34_939] * 5  # 11 × 36.30 USD are 399.30; 12.5 % are 49.9125
    assert totals("discount_that_expires") == [20_130, 20_130, 20_130, 40_260, 40_260]
    assert totals("fixed_sum_off") == [6_500] * 5
    assert totals("wholly_discounted") == [0] * 5
    assert totals("free_plan") == [0] * 5
    assert totals("taxed") == [40_817] * 5


def test_what_does_not_recur_is_a_line_of_its_own() -> None:
    fee = invoices(story("one_off_fee")[0])[0]["lines"]
    assert [(line.price.interval, line.amount, line.item is None) for line in fee] == [
        (None, 150_000, True),
        ("month", 79_000, False),
    ]
    first, second = invoices(story("metered")[0])[:2]
    assert [line.price.metered for line in first["lines"]] == [False]
    assert [(line.price.metered, line.start) for line in second["lines"]] == [
        (True, first["period_start"]),
        (False, second["period_start"]),
    ]


def test_a_pause_leaves_invoices_void_or_drafts() -> None:
    void = [row["status"] for row in invoices(story("paused")[0]) if row["status"] != "paid"]
    drafts = [row["status"] for row in invoices(story("paused_now")[0]) if row["status"] != "paid"]
    assert (void, drafts) == (["void"] * 3, ["draft"] * 2)


def test_credit_is_used_by_the_next_invoice() -> None:
    """Of a month that becomes a year nothing is left; a credit note over a paid invoice is credit for later."""
    rows = [row for row in invoices(story("thirteen_items")[0], END) if row["created"] > ms("2026-10-04T10:00:00Z")]
    credited = next(row for row in books().records["credit_note"].values() if len(row["lines"]) > 10)
    assert rows[0]["starting"] == -credited["amount"]
    assert rows[0]["due"] == max(0, rows[0]["total"] - credited["amount"])
    assert rows[0]["ending"] == min(0, rows[0]["total"] - credited["amount"])


def test_a_dated_credit_says_which_days_it_is_for() -> None:
    bill = next(row for row in invoices(story("dated_credit")[0]) if any(line.amount < 0 for line in row["lines"]))
    line = min(bill["lines"], key=lambda line: line.amount)
    assert (line.amount, utc(line.start).day, utc(line.end).day, line.item) == (-29_700, 1, 15, None)
    assert f"{utc(bill['created']):%m-%d}" == "10-14"


def test_refunds_are_in_part_and_whole() -> None:
    known = books().records
    charges = [known["charge"][row["charge"]] for row in invoices(story("refunded_in_part_twice")[0])[-4:]]
    assert sorted((row["refunded"], row["refunded"] == row["amount"]) for row in charges) == [
        *((0, False), (0, False), (7_500, False)),
        (39_600, True),
    ]


def test_the_truth_of_landing_knows_every_record() -> None:
    facts, known = landed_from("stripe", made(1), DEFAULT_NOW), books().records
    for kind in known.keys() - {"dispute"}:  # no loader of ours asks for disputes
        rows = known[kind]
        stream = {"invoiceitem": "invoice_item"}.get(kind, kind)
        assert facts[f"{stream}s"].keys() == rows.keys(), kind
    assert len(facts["invoice_lines"]) == sum(len(row["lines"]) for row in known["invoice"].values())
    assert {row["parent_id"] for row in facts["subscription_items"].values()} == known["subscription"].keys()
    assert None in {row["amount"] for row in facts["prices"].values()}
    assert {row["currency"] for row in facts["invoices"].values()} == {"eur", "usd", "gbp", "jpy", "kwd"}
