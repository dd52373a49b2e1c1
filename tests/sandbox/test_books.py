"""The books of the made-up company: they balance, they say the same as billing and payroll, the cases are there.

Belongs here: claims about what happened in the books. Does not: how QuickBooks shows it (test_quickbooks*.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from functools import cache

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.billing.contracts import InvoiceLine
from sandbox.company.billing.facts import Billing
from sandbox.company.billing.price_list import Catalogue
from sandbox.company.books.bookkeeper import Bookkeeper, BookRates, minor_units, spread
from sandbox.company.books.cases import CASES
from sandbox.company.books.facts import DOCUMENTS, KINDS
from sandbox.company.books.from_billing import Summary
from sandbox.company.books.payroll import payroll
from sandbox.timestamps import ms
from sandbox.truth.books import Ledger, control_totals, periods_with_figures
from tests.sandbox.conftest import made

SEEDS = (1, 2, 3, 4, 5)


@cache
def ledger(seed: int, now: str = DEFAULT_NOW) -> Ledger:
    return Ledger(made(seed).bookkeeping.books(now))


def named(seed: int, name: str) -> str:
    """The id of an account by its name."""
    [found] = [row["id"] for row in ledger(seed).accounts.values() if row["name"].startswith(name)]
    return str(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_debits_are_credits_in_every_document_and_every_period(seed: int) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for posting in ledger(seed).postings:
        sums[posting.kind, posting.document] += posting.amount
    assert len(sums) > 600
    assert not [key for key, amount in sums.items() if amount]
    totals: Counter[str] = Counter()
    for (period, _), amount in control_totals(made(seed), DEFAULT_NOW).items():
        totals[period] += amount
    assert 24 <= len(totals) <= 27
    assert set(totals.values()) == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_case_is_there_and_in_the_books(seed: int) -> None:
    shown = {case.name: case for case in made(seed).cases if case.source == "quickbooks"}
    assert set(shown) == {case.__name__ for case in CASES}
    books = made(seed).bookkeeping.books(DEFAULT_NOW)
    for case in shown.values():
        assert case.explanation
        assert case.keys
        for key in case.keys:
            kind, number = key.split("/")
            assert number in books.records[kind] or number in books.gone[kind], key


def test_the_books_are_wholly_determined_by_the_seed() -> None:
    again = Company(2, "tiny").bookkeeping
    assert again.changes == made(2).bookkeeping.changes
    assert again.changes != made(3).bookkeeping.changes


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_a_document_points_at_is_there_when_it_is_entered(seed: int) -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for change in made(seed).bookkeeping.changes:
        for line in (change.values or {}).get("lines", ()):
            named_there = {
                "Account": line.account,
                "Item": line.item,
                "Class": line.product,
                "Department": line.department,
                "document": line.linked,
            }
            missing = [kind for kind, number in named_there.items() if number and number not in known[kind]]
            assert not missing, (change.kind, change.id)
        known[change.kind].add(change.id)
        if change.kind in DOCUMENTS:
            known["document"].add(change.id)
    assert all(known[kind] for kind in KINDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_document_is_dated_before_the_books_or_entered_before_its_period(seed: int) -> None:
    """Some are entered late, none is entered a month ahead."""
    books = made(seed).bookkeeping.books("2026-12-31T00:00:00Z")
    for kind in DOCUMENTS:
        for record in books.records[kind].values():
            assert record["date"] >= date(2024, 10, 1)
            assert record["created"] >= ms(f"{record['date']}T00:00:00Z") - 3 * 86_400_000


@pytest.mark.parametrize("seed", SEEDS)
def test_all_that_was_billed_is_earned_or_still_owed(seed: int) -> None:
    """Revenue comes out of what is owed and nowhere else: what is owed in the end was billed and not served yet."""
    books = ledger(seed)
    owed, revenue = named(seed, "Deferred Revenue"), named(seed, "Subscription Revenue")
    by_entry: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for posting in books.postings:
        if posting.account in (owed, revenue):
            by_entry[posting.document][posting.account, posting.product] += posting.amount
    earned = [entry for entry in by_entry.values() if any(account == revenue for account, _ in entry)]
    assert len(earned) > 20
    assert all(
        amount == -entry[owed, product] for entry in earned for (a, product), amount in entry.items() if a != owed
    )
    assert {product for entry in earned for _, product in entry} >= set(list(books.books.records["Class"])[:6])
    assert sum(p.amount for p in books.postings if p.account == owed) < 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_customers_owe_is_what_billing_says_at_the_rate_of_the_day(seed: int) -> None:
    """Read off the state of billing at each period's end, not off what happened in it."""
    own, books, account = made(seed), ledger(seed), named(seed, "Stripe Receivable")
    exchange = BookRates(own.rates, own.currency)
    compared = 0
    for period in periods_with_figures(own, books.books, ms(DEFAULT_NOW)):
        if period.last > date(2026, 10, 10):
            continue
        known = own.billing.books(ms(f"{period.last}T23:59:59.999Z")).records
        open_now: Counter[str] = Counter()
        for invoice in known["invoice"].values():
            if invoice["status"] in ("open", "paid", "uncollectible"):
                open_now[invoice["currency"]] += invoice["total"]
            if invoice["status"] == "uncollectible":
                open_now[invoice["currency"]] -= invoice["remaining"]
        for note in known["credit_note"].values():
            open_now[note["currency"]] -= note["amount"]
        for moved in known["balance_transaction"].values():
            open_now[moved["currency"]] -= moved["amount"]
        expected = sum(minor_units(part * exchange.exact(name.upper(), period.last)) for name, part in open_now.items())
        assert books.trial_balance(period.last).get(account, 0) == expected
        compared += 1
    assert compared > 23


def test_a_year_paid_ahead_is_earned_day_by_day() -> None:
    """365 days from the first of a period on: each period earns its days, to the minor unit."""
    own = made(1)
    bookkeeper = Bookkeeper(own.currency, own.rates, "Somebody")
    periods = [one for one in own.periods if date(2025, 2, 1) <= one.first < date(2026, 3, 1)]
    summary = Summary(bookkeeper, periods, Billing(Catalogue(1), []))
    price = Catalogue(1).prices["storefront", "year", "usd"]
    line = InvoiceLine("il_1", "", 36_500_00, 1, ms("2025-02-01T00:00:00Z"), ms("2026-02-01T00:00:00Z"), price)
    earned = summary.earned(0, line, 36_500_00)
    assert [(place, amount) for place, _, amount in earned] == [
        (place, (one.last - one.first).days * 10_000 + 10_000) for place, one in enumerate(periods[:12])
    ]
    late = summary.earned(3, line, 36_500_00)
    assert [place for place, _, _ in late] == list(range(3, 12))
    assert sum(amount for _, _, amount in late) == 36_500_00
    assert late[0][2] == sum(amount for _, _, amount in earned[:4])


@pytest.mark.parametrize("seed", SEEDS)
def test_pay_in_the_ledger_is_what_the_payroll_office_worked_out(seed: int) -> None:
    """At the rates of a period's last day, and what is capitalised of it apart. No amount is shown here, also where it
    is wrong."""
    own, books = made(seed), ledger(seed)
    accounts = {named(seed, name) for name in ("Salaries", "Employer Cost", "Support Salaries")}
    [case] = [one for one in own.cases if one.name == "capitalised_labour"]
    capitalised = {key.split("/")[1] for key in case.keys}
    postings = [one for one in books.postings if one.account in accounts and one.document not in capitalised]
    exchange = BookRates(own.rates, own.currency)
    wrong = paid = 0
    for period in periods_with_figures(own, books.books, ms(DEFAULT_NOW)):
        if period.last >= date(2026, 10, 10):
            continue
        booked = sum(one.amount for one in postings if period.first <= one.day <= period.last)
        slips = payroll(own.staff, period.first, period.last)
        worked_out = sum(
            minor_units(amount * exchange.exact(slip.currency, period.last))
            for slip in slips
            for amount in (slip.gross_minor, slip.employer_minor)
        )
        wrong += booked != worked_out
        paid += bool(slips)
    assert wrong == 0
    assert paid > 15


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exchange_difference_is_what_was_paid_less_what_was_owed(seed: int) -> None:
    [case] = [one for one in made(seed).cases if one.name == "exchange_difference"]
    invoice, payment = (key.split("/")[1] for key in case.keys[:2])
    books = ledger(seed)
    owed, paid = books.books.records["Invoice"][invoice], books.books.records["Payment"][payment]
    assert owed["rate"] != paid["rate"]
    assert owed["currency"] != made(seed).currency
    postings = [p for p in books.postings if p.document == payment]
    gain = sum(p.amount for p in postings if p.account == named(seed, "Exchange Gain or Loss"))
    amount = owed["lines"][0].amount
    assert gain == minor_units(amount * Fraction(owed["rate"])) - minor_units(amount * Fraction(paid["rate"])) != 0
    assert sum(p.amount for p in postings) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_a_payment_settle_their_own_invoices(seed: int) -> None:
    [case] = [one for one in made(seed).cases if one.name == "paid_in_parts"]
    first, second, third, rest, last = (key.split("/")[1] for key in case.keys)
    books = ledger(seed)
    invoices = books.books.records["Invoice"]
    assert (invoices[first]["paid"], invoices[first]["payers"]) == (1_000_001, (third, rest))
    assert (invoices[second]["paid"], invoices[second]["payers"]) == (588_889, (rest, last))
    [receivable] = {p.account for p in books.postings if p.document == first and p.line is None}
    settled = [p.amount for p in books.postings if p.document == rest and p.account == receivable]
    owed = [minor_units(-amount * Fraction(invoices[i]["rate"])) for i, amount in ((first, 666_668), (second, 388_889))]
    assert settled == owed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_void_posts_nothing_and_a_deleted_bill_is_gone(seed: int) -> None:
    cases = {case.name: case for case in made(seed).cases if case.source == "quickbooks"}
    void = cases["voided_invoice"].keys[0].split("/")[1]
    before, after = ledger(seed, "2026-09-01T00:00:00Z"), ledger(seed)
    assert [p for p in before.postings if p.document == void]
    assert not [p for p in after.postings if p.document == void]
    assert void in after.books.records["Invoice"]
    once, twice, _ = (key.split("/")[1] for key in cases["deleted_bill"].keys)
    assert twice in ledger(seed, "2026-10-01T00:00:00Z").books.records["Bill"]
    assert once in after.books.records["Bill"]
    assert twice not in after.books.records["Bill"]


@pytest.mark.parametrize("seed", SEEDS)
def test_closed_periods_restate(seed: int) -> None:
    """The late entry and the edit change the figures of periods that had been closed; nothing else does."""
    june, july = (
        next(one for one in made(seed).periods if one.first <= day <= one.last)
        for day in (date(2026, 6, 15), date(2026, 7, 15))
    )
    before, after = ledger(seed, "2026-09-20T00:00:00Z"), ledger(seed)
    marketing, contractors = named(seed, "Sales and Marketing"), named(seed, "Contractors")
    assert after.trial_balance(june.last)[marketing] - before.trial_balance(june.last)[marketing] == 456_789
    moved = [one.movements(july.first, july.last)[contractors] for one in (before, after)]
    assert moved[1] - moved[0] == 45_000


@pytest.mark.parametrize("amount", [0, 1, -1, 100, -100, 99_999_999, -77])
def test_what_is_spread_adds_up_and_is_off_by_less_than_a_minor_unit(amount: int) -> None:
    weights = (333_334, 333_333, 333_333)
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(
        abs(part - Fraction(amount * weight, 1_000_000)) < 1 for part, weight in zip(parts, weights, strict=True)
    )


# By hand: account and amount of each document of a case, in the order in which the case names them.
WORKED = {
    "deposit_on_an_invoice": [
        {"Services Revenue": -500_000, "Undeposited Funds": 150_000, "Accounts Receivable (A/R)": 350_000},
        {"Accounts Receivable (A/R)": -350_000, "Checking": 350_000},
    ],
    "credit_applied_by_a_payment_of_nothing": [
        {"Services Revenue": -240_000, "Accounts Receivable (A/R)": 240_000},
        {"Services Revenue": 90_000, "Accounts Receivable (A/R)": -90_000},
        {},
        {"Accounts Receivable (A/R)": -150_000, "Checking": 150_000},
    ],
    "stock_sold": [
        {"Inventory Asset": 40_000, "Accounts Payable (A/P)": -40_000},
        {"Inventory Asset": 60_000, "Accounts Payable (A/P)": -60_000},
        {
            "Accounts Receivable (A/R)": 180_000,
            "Sales of Goods": -180_000,
            "Cost of Goods Sold": 52_000,
            "Inventory Asset": -52_000,
        },
    ],
    "bundle_sold": [{"Services Revenue": -445_000, "Accounts Receivable (A/R)": 445_000}],
    "cash_kept_of_a_deposit": [{"Interest Earned": -123_456, "Petty Cash": 20_000, "Checking": 103_456}],
    "journal_with_tax": [
        {"Services Revenue": -100_000, "Checking": 60_000, "Software and Tools": 50_000, "Sales Tax Payable": -10_000}
    ],
    "inactive_receivables_account": [
        {"Services Revenue": -180_000, "Accounts Receivable, before 2025 (deleted)": 180_000},
        {"Accounts Receivable, before 2025 (deleted)": -180_000, "Checking": 180_000},
    ],
}


@pytest.mark.parametrize("seed", SEEDS)
def test_cases_post_what_was_worked_out_by_hand(seed: int) -> None:
    cases = {case.name: case for case in made(seed).cases if case.source == "quickbooks"}
    books = ledger(seed)
    for name, worked in WORKED.items():
        documents = [key.split("/")[1] for key in cases[name].keys if not key.startswith("Account/")]
        for document, expected in zip(documents, worked, strict=True):
            found: Counter[str] = Counter()
            for posting in books.postings:
                if posting.document == document:
                    found[books.accounts[posting.account]["name"]] += posting.amount
            assert found == expected, (name, document)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_invoice_is_paid_off_the_receivables_account_that_it_is_on(seed: int) -> None:
    """One of another currency is in an account that was chosen by hand; what is left in both is nothing."""
    [case] = [one for one in made(seed).cases if one.name == "second_receivables_account"]
    books = ledger(seed)
    on: dict[str, Counter[str]] = defaultdict(Counter)
    for posting in books.postings:
        name = books.accounts[posting.account]["name"]
        if name.startswith("Accounts Receivable"):
            on[f"{posting.kind}/{posting.document}"][name] += posting.amount
    chosen, usual, paid = (on[key] for key in case.keys)
    [[partners, most], [third, rest]] = [*chosen.items(), *usual.items()]
    assert partners.startswith("Accounts Receivable, partners")
    assert third != partners
    assert paid == {partners: -most, third: -rest}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_document_does_not_say_of_itself_is_named(seed: int) -> None:
    cases = {case.name: case for case in made(seed).cases if case.source == "quickbooks"}
    books = ledger(seed)
    unsaid = {f"{p.kind}/{p.document}" for p in books.postings if not books.is_explained(p.kind, p.document)}
    assert unsaid == {
        cases["stock_sold"].keys[2],
        *cases["journal_with_tax"].keys,
        *cases["second_receivables_account"].keys,
        *cases["inactive_receivables_account"].keys[:2],
        *cases["postings_without_a_document"].keys,
    }
