"""The labelled edge cases of the books: every seed's company has each of them, and `cases()` lists them.

As in work/cases.py: one function is one case; it enters the documents that show it, returns `<kind>/<id>` of each.
 Belongs here: whatever a rule about the ledger, or a loader, could get wrong; the usual is in everyday.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sandbox.company.books.bookkeeper import Bookkeeper, minor_units, spread
from sandbox.company.books.facts import END, DocumentLine
from sandbox.company.books.names import CHART, CLASSES, FOREIGN_CUSTOMER
from sandbox.company.calendar import Period
from sandbox.timestamps import ms


@dataclass(frozen=True, slots=True)
class BooksContext:
    """What a case needs: who enters, the company's fiscal periods, what is metered in each month (costing.py)."""

    bookkeeper: Bookkeeper
    periods: Sequence[Period]
    metered: Mapping[tuple[str, str], int]

    def period(self, day: str) -> Period:
        return next(one for one in self.periods if one.first <= date.fromisoformat(day) <= one.last)

    def key(self, document: str) -> str:
        return f"{self.bookkeeper.entered[document]['kind']}/{document}"

    def early(self, documents: Sequence[str]) -> list[str]:
        """Keys of those that are there by the time at which the company is usually looked at."""
        return [self.key(one) for one in documents if self.bookkeeper.entered[one]["date"] < date(2026, 10, 1)]

    def bill(self, vendor: str, day: str, when: str | None, *lines: tuple[int, str, str]) -> str:
        bookkeeper, on = self.bookkeeper, date.fromisoformat(day)
        made = [bookkeeper.line(*line) for line in lines]
        return bookkeeper.document("Bill", on, bookkeeper.vendors[vendor], made, when, due=on + timedelta(days=30))

    def invoice(self, customer: int | str, day: str, *lines: tuple[int, str, str] | DocumentLine, **more: Any) -> str:
        """A customer is a number of names.py, or an id. Lines are amount, item, class."""
        bookkeeper, on = self.bookkeeper, date.fromisoformat(day)
        made = [
            line if isinstance(line, DocumentLine) else bookkeeper.line(line[0], item=line[1], product=line[2])
            for line in lines
        ]
        party = customer if isinstance(customer, str) else bookkeeper.customers[customer]
        return bookkeeper.document("Invoice", on, party, made, due=on + timedelta(days=30), **more)


CasePlayer = Callable[[BooksContext], Sequence[str]]
CASES: list[CasePlayer] = []


def case(play: CasePlayer) -> CasePlayer:
    CASES.append(play)
    return play


def play_all(context: BooksContext) -> list[tuple[CasePlayer, Sequence[str]]]:
    return [(play, play(context)) for play in CASES]


@case
def contractor_in_payables_and_people(context: BooksContext) -> Sequence[str]:
    """Somebody who is in the HR system sends bills: the cost is in the ledger once, as a contractor's."""
    days = ("2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30")
    return [context.key(context.bill("freelancer", day, None, (820_000, "contractors", "checkout"))) for day in days]


@case
def contractor_without_a_class(context: BooksContext) -> Sequence[str]:
    """A bill of somebody who is in the HR system, and one of an agency, neither of them with a class: whose team it is
    for is known of the one and not of the other."""
    bills = (("freelancer", 410_000), ("agency", 333_331))
    return [
        context.key(context.bill(vendor, "2026-07-16", None, (amount, "contractors", ""))) for vendor, amount in bills
    ]


@case
def classes_below_classes(context: BooksContext) -> Sequence[str]:
    """Lines on a class, on one below it and on one below that, which nobody has mapped; a refund on the last one."""
    lines = ((210_000, "payments"), (120_001, "cards"), (60_007, "cards-disputes"))
    bill = context.bill("support", "2026-08-20", None, *((amount, "support", name) for amount, name in lines))
    bookkeeper, vendor = context.bookkeeper, context.bookkeeper.vendors["support"]
    back = [bookkeeper.line(10_003, "support", "cards-disputes")]
    return [context.key(bill), context.key(bookkeeper.document("VendorCredit", date(2026, 8, 27), vendor, back))]


@case
def payroll_partly_classed(context: BooksContext) -> Sequence[str]:
    """The payroll office puts some of September's pay on classes, of all people and of Customer Care: what is left must
    not go to the same products once more."""
    bookkeeper, last = context.bookkeeper, context.period("2026-09-15").last
    parts = (("salaries", 612_345, "checkout"), ("salaries", 200_000, "cards"), ("support_pay", 40_000, "storefront"))
    lines = [bookkeeper.debit(amount, account, product) for account, amount, product in parts]
    lines += [bookkeeper.credit(amount, account) for account, amount, _ in parts]
    return [context.key(bookkeeper.journal(last, lines, f"{last + timedelta(days=2)}T15:00:00Z", "Pay by product"))]


@case
def capitalised_labour(context: BooksContext) -> Sequence[str]:
    """What the people of a product built in June is an asset, credited to pay under its class; what was built in July
    is credited without one."""
    bookkeeper, made = context.bookkeeper, []
    for day, amount, product in (("2026-06-15", 1_900_000, "checkout"), ("2026-07-15", 700_001, "")):
        last = context.period(day).last
        lines = [bookkeeper.debit(amount, "development", product), bookkeeper.credit(amount, "salaries", product)]
        made.append(bookkeeper.journal(last, lines, f"{last + timedelta(days=2)}T16:00:00Z", "Capitalised development"))
    return [context.key(one) for one in made]


@case
def bill_two_months_late(context: BooksContext) -> Sequence[str]:
    """June's agency work is accrued in June; its bill comes in late August with August's date, and the accrual is
    taken back then: June has the cost once, August not at all."""
    bookkeeper, june, august = context.bookkeeper, context.period("2026-06-15").last, date(2026, 8, 27)
    debit, credit = bookkeeper.debit, bookkeeper.credit
    entry = [debit(1_234_567, "contractors", "payments"), credit(1_234_567, "accrued")]
    accrued = bookkeeper.journal(june, entry, f"{june + timedelta(days=3)}T15:00:00Z", "Agency, bill not here yet")
    bill = context.bill("agency", str(august), "2026-08-28T15:00:00Z", (1_234_567, "contractors", "payments"))
    back = [credit(1_234_567, "contractors", "payments"), debit(1_234_567, "accrued")]
    taken = bookkeeper.journal(august, back, "2026-08-28T15:10:00Z", "Agency accrual taken back")
    return [context.key(accrued), context.key(bill), context.key(taken)]


@case
def untagged_lines(context: BooksContext) -> Sequence[str]:
    """Lines without a class, beside one that has it: the untagged cost is nobody's until it is allocated."""
    lines = (("hosting", ""), ("tools", ""), ("hosting", "insights"))
    return [context.key(context.bill("tools", "2026-08-18", None, *((333_100, *line) for line in lines)))]


@case
def shared_bill(context: BooksContext) -> Sequence[str]:
    """One bill over three products that does not divide by three: the last cent is somewhere, and only once."""
    parts = spread(1_000_000, (1, 1, 1))
    lines = zip(parts, ("storefront", "payments", "mobile"), strict=True)
    return [
        context.key(context.bill("support", "2026-09-10", None, *((part, "support", name) for part, name in lines)))
    ]


@case
def late_entry_in_a_reopened_period(context: BooksContext) -> Sequence[str]:
    """June 2026 is opened again in September for a forgotten entry, and closed the day after: its figures restate."""
    bookkeeper, period = context.bookkeeper, context.period("2026-06-15")
    before = max(one.last for one in context.periods if one.last < period.first)
    closed = max(one.last for one in context.periods if one.last + timedelta(days=10) < date(2026, 9, 22))
    bookkeeper.ledger.change(ms("2026-09-22T08:00:00Z"), "Preferences", "1", close=before)
    entry = [
        bookkeeper.debit(456_789, "marketing", "insights", department="sales"),
        bookkeeper.credit(456_789, "accrued"),
    ]
    made = bookkeeper.journal(period.last, entry, "2026-09-22T09:00:00Z", "Forgotten campaign")
    bookkeeper.ledger.change(ms("2026-09-23T08:00:00Z"), "Preferences", "1", close=closed)
    return [context.key(made)]


@case
def edit_of_a_closed_period(context: BooksContext) -> Sequence[str]:
    """A bill of July is corrected in October, with the password for closed books: no period was opened for it."""
    bill = context.bill("agency", "2026-07-15", None, (500_000, "contractors", "mobile"))
    lines = tuple(replace(line, amount=545_000) for line in context.bookkeeper.entered[bill]["lines"])
    context.bookkeeper.ledger.change(ms("2026-10-08T15:30:00Z"), "Bill", bill, lines=lines)
    return [context.key(bill)]


@case
def voided_invoice(context: BooksContext) -> Sequence[str]:
    """Invoiced by mistake in August and void in September: it stays, with amounts of nothing."""
    invoice = context.invoice(1, "2026-08-12", (640_000, "implementation", "payments"))
    context.bookkeeper.void(invoice, "2026-09-04T10:00:00Z")
    return [context.key(invoice)]


@case
def deleted_bill(context: BooksContext) -> Sequence[str]:
    """A bill that was entered twice: the second one is deleted, and only the list of changes says so."""
    lines = ((275_000, "tools", "core"),)
    first = context.bill("tools", "2026-09-15", "2026-09-15T12:00:00Z", *lines)
    twice = context.bill("tools", "2026-09-15", "2026-09-16T12:00:00Z", *lines)
    old = context.bill("tools", "2026-03-15", "2026-03-15T12:00:00Z", *lines)
    context.bookkeeper.ledger.remove(ms("2026-10-02T12:00:00Z"), "Bill", twice)
    context.bookkeeper.ledger.remove(ms("2026-04-20T12:00:00Z"), "Bill", old)
    return [context.key(first), context.key(twice), context.key(old)]


@case
def deactivated_account(context: BooksContext) -> Sequence[str]:
    """Licences are no longer sold: account and item are hidden and renamed, their history stays."""
    bookkeeper = context.bookkeeper
    invoice = context.invoice(2, "2025-03-11", (1_800_000, "licence", "storefront"))
    bookkeeper.pay(invoice, date(2025, 4, 9), account="bank")
    bookkeeper.deactivate("Item", bookkeeper.items["licence"], "On-Premises Licence", "2026-02-03T11:00:00Z")
    bookkeeper.deactivate("Account", bookkeeper.accounts["licences"], CHART["licences"].name, "2026-02-03T11:05:00Z")
    return [context.key(invoice), f"Account/{bookkeeper.accounts['licences']}", f"Item/{bookkeeper.items['licence']}"]


@case
def deactivated_class(context: BooksContext) -> Sequence[str]:
    """The class of a retired feature is hidden; what was tagged with it stays tagged."""
    bookkeeper, name = context.bookkeeper, "storefront-wishlist"
    bill = context.bill("agency", "2025-11-20", None, (410_000, "contractors", name))
    bookkeeper.deactivate("Class", bookkeeper.classes[name], CLASSES[name], "2026-05-04T11:00:00Z")
    return [context.key(bill), f"Class/{bookkeeper.classes[name]}"]


@case
def unmapped_class(context: BooksContext) -> Sequence[str]:
    """A class that no product has in product_map.csv."""
    bill = context.bill("cloud", "2026-09-08", None, (99_900, "hosting", "connector"))
    return [context.key(bill), f"Class/{context.bookkeeper.classes['connector']}"]


@case
def exchange_difference(context: BooksContext) -> Sequence[str]:
    """An invoice and a bill in another currency, each paid at another rate: the difference is a gain or a loss."""
    bookkeeper = context.bookkeeper
    invoice = context.invoice(FOREIGN_CUSTOMER, "2026-05-12", (3_333_333, "implementation", "insights"))
    paid = bookkeeper.pay(invoice, date(2026, 9, 17), account="bank")
    bill = context.bill("cloud", "2026-05-19", None, (1_111_111, "hosting", "payments"))
    sent = bookkeeper.pay(bill, date(2026, 9, 21), account="bank", how="Check")
    return [context.key(one) for one in (invoice, paid, bill, sent)]


@case
def paid_in_parts(context: BooksContext) -> Sequence[str]:
    """Two foreign invoices and three payments: a third of the first one, the rest of it with half of the second, and a
    remainder that stays open. Each part settles its invoice to the minor unit of the books at the invoice's rate."""
    bookkeeper = context.bookkeeper
    first = context.invoice(FOREIGN_CUSTOMER, "2026-06-09", (1_000_001, "implementation", "payments"))
    second = context.invoice(FOREIGN_CUSTOMER, "2026-07-07", (777_777, "training", "insights"))
    third = bookkeeper.settle([(first, 333_333)], date(2026, 7, 20), account="bank")
    both = [(first, bookkeeper.open(first)), (second, 388_889)]
    rest = bookkeeper.settle(both, date(2026, 8, 24), account="bank")
    last = bookkeeper.settle([(second, 200_000)], date(2026, 9, 28), account="bank")
    return [context.key(one) for one in (first, second, third, rest, last)]


@case
def reversed_journal(context: BooksContext) -> Sequence[str]:
    """An entry with the sides mixed up, its exact reversal, and the right one."""
    bookkeeper, day = context.bookkeeper, date(2026, 9, 3)
    right = [bookkeeper.debit(700_700, "prepaid"), bookkeeper.credit(700_700, "rent", department="general")]
    wrong = [bookkeeper.credit(700_700, "prepaid"), bookkeeper.debit(700_700, "rent", department="general")]
    entries = ((wrong, "Prepaid rent"), (right, "Prepaid rent reversed"), (right, "Prepaid rent, right way round"))
    made = [bookkeeper.journal(day, lines, note=note) for lines, note in entries]
    return [context.key(one) for one in made]


@case
def credit_of_another_period(context: BooksContext) -> Sequence[str]:
    """Services invoiced in May are credited in October: less revenue of October, not of May."""
    invoice = context.invoice(5, "2026-05-20", (960_000, "training", "checkout"))
    line = context.bookkeeper.line(320_000, item="training", product="checkout")
    credit = context.bookkeeper.document("CreditMemo", date(2026, 10, 5), context.bookkeeper.customers[5], [line])
    return [context.key(invoice), context.key(credit)]


@case
def deactivated_employee(context: BooksContext) -> Sequence[str]:
    """Somebody who left is hidden and renamed."""
    known = next(change for change in context.bookkeeper.ledger.changes if change.kind == "Employee" and change.values)
    assert known.values is not None
    context.bookkeeper.deactivate("Employee", known.id, known.values["name"], "2026-03-31T15:00:00Z")
    return [f"Employee/{known.id}"]


@case
def postings_without_a_document(context: BooksContext) -> Sequence[str]:
    """Sales tax is paid and payroll corrected in windows that no API answers: the ledger report alone has them
    (laf-rge/quickbooks-mcp#59, fivetran/dbt_quickbooks#55)."""
    bookkeeper = context.bookkeeper
    paid = [bookkeeper.debit(4_321, "sales_tax"), bookkeeper.credit(4_321, "bank")]
    more = [bookkeeper.debit(87, "interest"), bookkeeper.credit(87, "accrued")]
    made = [
        bookkeeper.journal(date(2026, 9, 8), paid, kind="SalesTaxPayment"),
        bookkeeper.journal(date(2026, 9, 14), more, kind="PayrollAdjustment"),
    ]
    return [context.key(one) for one in made]


@case
def deposit_on_an_invoice(context: BooksContext) -> Sequence[str]:
    """Of an invoice of 5,000.00 customers pay 1,500.00 as it is written: that is never owed (Intuit help, deposits on
    invoices; Invoice.Deposit)."""
    bookkeeper = context.bookkeeper
    invoice = context.invoice(
        4, "2026-07-14", (500_000, "implementation", "mobile"),
        deposited=150_000, paid=150_000, account=bookkeeper.accounts["undeposited"],
    )  # fmt: skip
    rest = bookkeeper.pay(invoice, date(2026, 8, 3), account="bank")
    return [context.key(invoice), context.key(rest)]


@case
def credit_applied_by_a_payment_of_nothing(context: BooksContext) -> Sequence[str]:
    """A credit memo is used for an invoice: QuickBooks itself writes a payment of 0 that links them, has no account and
    posts nothing ("Created by QB Online to link credits to charges.")."""
    bookkeeper = context.bookkeeper
    invoice = context.invoice(6, "2026-07-21", (240_000, "training", "core"))
    line = bookkeeper.line(90_000, item="training", product="core")
    credit = bookkeeper.document("CreditMemo", date(2026, 7, 28), bookkeeper.customers[6], [line])
    link = bookkeeper.settle([(invoice, 90_000), (credit, -90_000)], date(2026, 7, 29))
    rest = bookkeeper.pay(invoice, date(2026, 8, 18), account="bank")
    return [context.key(one) for one in (invoice, credit, link, rest)]


@case
def deposit_without_a_rate(context: BooksContext) -> Sequence[str]:
    """Money in another currency reaches an account of that currency: the deposit has no ExchangeRate, only what it came
    to in the books (HomeTotalAmt; fivetran/dbt_quickbooks, deposits)."""
    bookkeeper = context.bookkeeper
    others = [bookkeeper.line(2_000_000, "interest_earned")]
    return [context.key(bookkeeper.deposit(date(2026, 8, 6), [], others, account="bank_foreign"))]


@case
def stock_sold(context: BooksContext) -> Sequence[str]:
    """Ten readers at 40.00 and ten at 60.00; twelve are sold at 150.00. First in, first out: they cost 520.00, which
    stands in the ledger under the invoice and in no document (Intuit help, inventory asset and cost of goods sold)."""
    bookkeeper = context.bookkeeper
    keys = []
    for day, price in (("2026-06-02", 4_000), ("2026-06-23", 6_000)):
        line = bookkeeper.line(10 * price, item="reader", product="payments", quantity=10)
        on = date.fromisoformat(day)
        made = bookkeeper.document("Bill", on, bookkeeper.vendors["agency"], [line], due=on + timedelta(days=30))
        keys.append(context.key(made))
    sold = bookkeeper.line(12 * 15_000, item="reader", product="payments", quantity=12)
    return [*keys, context.key(context.invoice(7, "2026-08-11", sold))]


@case
def bundle_sold(context: BooksContext) -> Sequence[str]:
    """A bundle of two products of two classes, and something else: the lines within the bundle post
    (GroupLineDetail)."""
    bookkeeper = context.bookkeeper
    inside = [
        bookkeeper.line(amount, item=item, product=product, bundle=bookkeeper.items["starter"])
        for amount, item, product in ((350_000, "implementation", "checkout"), (75_000, "training", "insights"))
    ]
    last = bookkeeper.line(20_000, item="training", product="core")
    return [context.key(context.invoice(8, "2026-08-19", *inside, last))]


@case
def cash_kept_of_a_deposit(context: BooksContext) -> Sequence[str]:
    """Of what is deposited 200.00 are kept as petty cash (Intuit help, bank deposits; Deposit.CashBack)."""
    others = [context.bookkeeper.line(123_456, "interest_earned")]
    return [context.key(context.bookkeeper.deposit(date(2026, 8, 25), [], others, kept=20_000))]


@case
def journal_with_tax(context: BooksContext) -> Sequence[str]:
    """A sale of 1,000.00 and an expense of 500.00 in one entry, each with a fifth of tax: its lines are net, the tax
    is owed on top (Intuit help, tax in journal entries; JournalEntryLineDetail.TaxApplicableOn)."""
    bookkeeper = context.bookkeeper
    lines = [
        bookkeeper.credit(100_000, "services", "insights", tax=20_000),
        bookkeeper.debit(120_000, "bank"),
        bookkeeper.debit(50_000, "tools", tax=10_000),
        bookkeeper.credit(60_000, "bank"),
    ]
    return [context.key(bookkeeper.journal(date(2026, 9, 1), lines, note="Sold and bought at a fair"))]


@case
def second_receivables_account(context: BooksContext) -> Sequence[str]:
    """Two receivables accounts of one currency: no invoice says which one is its own, and the payment neither
    (fivetran/dbt_quickbooks#53; Invoice.ARAccountRef is of the desktop product)."""
    bookkeeper = context.bookkeeper
    partners = bookkeeper.accounts["receivable_partners"]
    chosen = context.invoice(bookkeeper.partner, "2026-06-16", (610_000, "training", "payments"), receivable=partners)
    usual = context.invoice(bookkeeper.partner, "2026-06-17", (420_000, "training", "core"))
    paid = bookkeeper.settle(
        [(chosen, 610_000), (usual, bookkeeper.open(usual))], date(2026, 7, 16), account="undeposited"
    )
    return [context.key(one) for one in (chosen, usual, paid)]


@case
def inactive_receivables_account(context: BooksContext) -> Sequence[str]:
    """A receivables account from before was cleared and made inactive: it keeps its history, and the other one is the
    only one again (Intuit help, make an account inactive; fivetran/dbt_quickbooks PR#9)."""
    bookkeeper = context.bookkeeper
    before = bookkeeper.accounts["receivable_before"]
    invoice = context.invoice(9, "2024-12-10", (180_000, "training", ""), receivable=before)
    paid = bookkeeper.pay(invoice, date(2025, 1, 14), account="bank")
    bookkeeper.deactivate("Account", before, CHART["receivable_before"].name, "2025-02-04T11:00:00Z")
    return [context.key(invoice), context.key(paid), f"Account/{before}"]


# -- AI and other tools; ai_spend.csv (costing.py) says whose they are


@case
def seats_of_a_year_prepaid(context: BooksContext) -> Sequence[str]:
    """A year of seats is prepaid, more seats are added and some given back. Each month's part is written off in an
    entry that names no vendor, with that of another licence (Intuit help, record and allocate prepaid expenses)."""
    bookkeeper = context.bookkeeper
    vendor, made = bookkeeper.vendors["pairwright"], list[str]()
    for day, amount in (("2026-02-02", 480_000), ("2026-02-20", 36_000)):
        made.append(context.bill("pairwright", day, None, (amount, "prepaid", "")))
    made.append(context.bill("tools", "2026-02-04", None, (144_000, "prepaid", "")))
    back = [bookkeeper.line(52_500, "prepaid")]
    made.append(bookkeeper.document("VendorCredit", date(2026, 7, 3), vendor, back))
    for number in range(2, 12):
        seats = 43_000 if number < 7 else 35_500
        last = date(2026, number + 1, 1) - timedelta(days=1)
        lines = [bookkeeper.debit(seats, "tools"), bookkeeper.debit(12_000, "tools")]
        lines.append(bookkeeper.credit(seats + 12_000, "prepaid"))
        made.append(bookkeeper.journal(last, lines, note=f"Prepaid licences {last:%B %Y}"))
    return context.early(made)


@case
def seats_billed_in_dollars(context: BooksContext) -> Sequence[str]:
    """Three people's seats at 20.00 USD, billed in the month; in April one more, of somebody whom nobody knows. One
    month's bill never comes."""
    made = []
    for month in range(10, 23):
        if month != 20:
            day = date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 16)
            seats = 4 if month == 16 else 3
            made.append(context.bill("askably", str(day), None, *[(2_000, "tools", "")] * seats))
    return context.early(made)


@case
def tokens_billed_two_months_late(context: BooksContext) -> Sequence[str]:
    """What is metered in a month is billed two months later. From May 2026 on it is accrued until then, in entries
    whose words alone name the vendor."""
    bookkeeper, made = context.bookkeeper, list[str]()
    for (first, end), used in context.metered.items():
        since, after = date.fromisoformat(first), date.fromisoformat(end)
        billed = date(after.year + after.month // 12, after.month % 12 + 1, 12)
        if billed >= END:
            continue
        made.append(context.bill("tokenworks", str(billed), None, (used, "tools", "")))
        if since >= date(2026, 5, 1):
            amount = minor_units(used * bookkeeper.exchange.exact("USD", after))
            for day, sign in ((after - timedelta(days=1), 1), (billed, -1)):
                lines = [bookkeeper.debit(sign * amount, "tools"), bookkeeper.credit(sign * amount, "accrued")]
                made.append(bookkeeper.journal(day, lines, note=f"Tokenworks usage of {first}"))
    return context.early(made)


@case
def tool_that_no_file_knows(context: BooksContext) -> Sequence[str]:
    """A vendor of AI whom vendor_map.csv knows and ai_spend.csv lacks, with a class and without one."""
    lines = (("2026-03-10", "insights"), ("2026-06-10", ""))
    return [context.key(context.bill("scribewell", day, None, (4_501, "tools", product))) for day, product in lines]
