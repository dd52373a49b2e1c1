"""Everyday bookkeeping: what is invoiced, bought, paid, accrued and closed in every period, drawn from the seed.

Belongs here: what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sandbox.company.books.bookkeeper import OPENED, Bookkeeper, minor_units, spread
from sandbox.company.books.facts import END, START, DocumentLine
from sandbox.company.books.payroll import Payslip
from sandbox.company.calendar import Period
from sandbox.company.structure import Person
from sandbox.timestamps import MINUTE, ms

HOSTED = ("payments", "storefront", "insights", "mobile", "core", "")
SOLD = ("payments", "storefront", "insights", "mobile", "checkout", "core")
DEPARTMENT_OF = {
    "engineering": "engineering",
    "product": "product",
    "design": "product",
    "support": "support",
    "sales": "sales",
    "marketing": "sales",
}
CLOSED_AFTER = timedelta(days=10)
OF_SUPPORT = date(2026, 1, 1)  # from then on pay of Customer Care has an account of its own
TAGGED_BY_LINE = date(2025, 4, 1)  # until then a class was one of a whole invoice
# Software costs 4,830 a person and year (Zylo, SaaS Management Index 2025).
SOFTWARE_OF_A_HEAD = 402_50
# What is for the company's name and no product: about a tenth of revenue, as much as is spent on marketing at all
# (Gartner, CMO Spend Survey, mean of 2014 to 2020).
OF_THE_BRAND = range(550_000, 800_000)


def settle(bookkeeper: Bookkeeper, periods: Sequence[Period], year_start: int, people: Sequence[Person]) -> None:
    """The company and how its books are set, who works in it, and with what it begins."""
    write = bookkeeper.ledger.write
    write(OPENED, "CompanyInfo", name="Sandbox Software", country="DE", year_start=year_start)
    number = write(OPENED, "Preferences", home=bookkeeper.home, close=None, by_line=False)
    bookkeeper.ledger.change(ms(f"{TAGGED_BY_LINE}T08:00:00Z"), "Preferences", number, by_line=True)
    for period in periods:
        bookkeeper.ledger.change(
            ms(f"{period.last + CLOSED_AFTER}T19:00:00Z"), "Preferences", number, close=period.last
        )
    for place, person in enumerate(person for person in people if person.account_type == "atlassian"):
        write(OPENED + place * MINUTE, "Employee", name=person.name, active=True)
    debit, credit = bookkeeper.debit, bookkeeper.credit
    lines = [debit(1_500_000_000, "bank"), debit(12_000_000, "equipment"), credit(20_000_000, "loan")]
    bookkeeper.journal(START, [*lines, credit(1_492_000_000, "capital")], "2024-10-01T17:00:00Z", "Opening balances")


def everyday(bookkeeper: Bookkeeper, periods: Sequence[Period], heads: Sequence[int], rng: Random) -> None:
    """``heads``: how many people are paid in each period."""
    for place, period in enumerate(periods):
        sell(bookkeeper, place, period, rng)
        buy(bookkeeper, place, period, heads[place], rng)
        spend(bookkeeper, place, period, rng)
        if period.first >= START:
            adjust(bookkeeper, periods, place, rng)


def within(period: Period, day: int) -> date:
    return max(START, period.first + timedelta(days=day))


def sell(bookkeeper: Bookkeeper, place: int, period: Period, rng: Random) -> None:
    """Services, invoiced in the books themselves, and what is sold over the counter."""
    paid = []
    for number in range(place % 4, len(bookkeeper.customers), 4):
        party, day = bookkeeper.customers[number], within(period, 3 + number)
        setup, training = rng.randrange(200, 900) * 1_000, rng.randrange(30, 120) * 1_250
        products, whole = (rng.choice(SOLD), rng.choice((*SOLD, ""))), ""
        if day < TAGGED_BY_LINE:
            products, whole = ("", ""), bookkeeper.classes[products[0]]
        lines = [
            bookkeeper.line(setup, item="implementation", product=products[0]),
            bookkeeper.line(training, item="training", product=products[1]),
        ]
        tax = 0 if bookkeeper.currencies[party] != bookkeeper.home else sum(line.amount for line in lines) // 5
        if place % 3 == 1:
            lines.append(replace(bookkeeper.line(lines[0].amount // 10, "discounts"), is_deducted=True))
        due = day + timedelta(days=30)
        invoice = bookkeeper.document("Invoice", day, party, lines, tax=tax, due=due, product=whole)
        on = day + timedelta(days=rng.randrange(12, 40))
        if bookkeeper.currencies[party] != bookkeeper.home:
            bookkeeper.pay(invoice, on, account="bank")
        elif rng.random() < 0.9 and on < END:
            paid.append((on, bookkeeper.pay(invoice, on)))
    if paid:
        others = [bookkeeper.line(rng.randrange(200, 4_000), "interest_earned")] if place % 5 == 2 else []
        bookkeeper.deposit(max(on for on, _ in paid) + timedelta(days=2), [payment for _, payment in paid], others)
    party = bookkeeper.customers[place % 3]
    if place % 3 == 0:
        line = bookkeeper.line(rng.randrange(20, 90) * 1_000, item="training", product=rng.choice(SOLD))
        bookkeeper.document("SalesReceipt", within(period, 9), party, [line], tax=line.amount // 5)
    if place % 8 == 5:
        line = bookkeeper.line(rng.randrange(10, 30) * 1_000, item="training", product=rng.choice(SOLD))
        account = bookkeeper.accounts["bank"]
        bookkeeper.document("RefundReceipt", within(period, 17), party, [line], account=account, tax=line.amount // 5)


def buy(bookkeeper: Bookkeeper, place: int, period: Period, heads: int, rng: Random) -> None:
    """Bills of a period, paid in the next. What serves the whole company has no class: rent (some 650 a head, a good
    office), software and what is for its name."""
    made: list[tuple[str, int, list[DocumentLine], dict[str, str]]] = []
    cost = rng.randrange(900, 1_600) * 1_000 + rng.randrange(1_000)
    parts = spread(cost, (30, 25, 20, 12, 8, 5))
    hosting = [bookkeeper.line(part, "hosting", product) for part, product in zip(parts, HOSTED, strict=True)]
    hosting.append(bookkeeper.line(rng.randrange(4_000, 9_000), item="server", product="core"))
    made.append(("cloud", 27, hosting, {}))
    agency = [
        bookkeeper.line(rng.randrange(400, 900) * 1_000, "contractors", product)
        for product in rng.sample(SOLD, 2 + place % 2)
    ]
    made.append(("agency", 24, agency, {"department": bookkeeper.departments["engineering"]}))
    software = rng.randrange(150, 400) * 999 + heads * SOFTWARE_OF_A_HEAD
    made.append(("tools", 5, [bookkeeper.line(software, "tools")], {}))
    made.append(
        ("landlord", 1, [bookkeeper.line(1_450_000, "rent")], {"department": bookkeeper.departments["general"]})
    )
    ads = [bookkeeper.line(rng.randrange(200, 700) * 1_111, "marketing", rng.choice(SOLD))]
    ads.append(bookkeeper.line(OF_THE_BRAND[place * 61_803 % len(OF_THE_BRAND)], "marketing"))
    made.append(("ads", 14, ads, {"department": bookkeeper.departments["sales"]}))
    desk = [
        bookkeeper.line(rng.randrange(100, 300) * 1_700, "support", product) for product in ("storefront", "mobile")
    ]
    made.append(("support", 20, desk, {"department": bookkeeper.departments["support"]}))
    for vendor, day, lines, more in made:
        on = within(period, day)
        bill = bookkeeper.document("Bill", on, bookkeeper.vendors[vendor], lines, due=on + timedelta(days=30), **more)
        paid = on + timedelta(days=rng.randrange(18, 33))
        how = {"account": "card", "how": "CreditCard"} if vendor == "tools" else {"account": "bank", "how": "Check"}
        if paid < END:
            bookkeeper.pay(bill, paid, **how)
    if place % 5 == 3:
        back = bookkeeper.line(rng.randrange(50, 150) * 1_000, "hosting", "storefront")
        bookkeeper.document("VendorCredit", within(period, 22), bookkeeper.vendors["cloud"], [back])


def spend(bookkeeper: Bookkeeper, place: int, period: Period, rng: Random) -> None:
    """What is paid by card, what comes back to it, and the card's own balance."""
    card, spent = bookkeeper.accounts["card"], 0
    for day in (4, 11, 19):
        lines = [bookkeeper.line(rng.randrange(9, 160) * 1_009, "travel", rng.choice(SOLD))]
        if day == 11:
            lines.append(bookkeeper.line(rng.randrange(9, 90) * 990, "tools", rng.choice(SOLD)))
        made = bookkeeper.document(
            "Purchase", within(period, day), bookkeeper.vendors["tools"], lines, account=card, how="CreditCard",
            credit=False, department=bookkeeper.departments[rng.choice(("sales", "engineering"))],
        )  # fmt: skip
        spent += bookkeeper.total(made)
    if place % 4 == 2:
        lines = [bookkeeper.line(rng.randrange(9, 60) * 1_009, "travel", rng.choice(SOLD))]
        made = bookkeeper.document(
            "Purchase",
            within(period, 21),
            bookkeeper.vendors["tools"],
            lines,
            account=card,
            how="CreditCard",
            credit=True,
        )
        spent -= bookkeeper.total(made)
    bookkeeper.transfer(within(period, 26), spent, "bank", "card")


def pay(bookkeeper: Bookkeeper, period: Period, slips: Sequence[Payslip]) -> None:
    """A period's pay, one entry a department, at the rates of its last day, and what is paid out of it."""
    when, owed = f"{period.last + timedelta(days=1)}T15:00:00Z", 0
    gross: Counter[str] = Counter()
    on_top: Counter[str] = Counter()
    for slip in slips:
        rate = bookkeeper.exchange.exact(slip.currency, period.last)
        department = DEPARTMENT_OF.get(slip.function, "general")
        gross[department] += minor_units(slip.gross_minor * rate)
        on_top[department] += minor_units(slip.employer_minor * rate)
    for department in sorted(gross):
        whole = gross[department] + on_top[department]
        accounts = ("salaries", "employer")
        if department == "support" and period.first >= OF_SUPPORT:
            accounts = ("support_pay", "support_pay")
        amounts = (gross[department], on_top[department])
        lines = [
            bookkeeper.debit(amount, account, department=department)
            for account, amount in zip(accounts, amounts, strict=True)
        ]
        bookkeeper.journal(
            period.last, [*lines, bookkeeper.credit(whole, "payroll_payable")], when, f"Payroll {period.name}"
        )
        owed += whole
    if owed > 0:
        bookkeeper.transfer(period.last + timedelta(days=3), owed, "bank", "payroll_payable")


def adjust(bookkeeper: Bookkeeper, periods: Sequence[Period], place: int, rng: Random) -> None:
    """Entries of a period's end: accruals that the next period takes back, depreciation, interest, tax."""
    period, debit, credit = periods[place], bookkeeper.debit, bookkeeper.credit
    when = f"{period.last + timedelta(days=3)}T16:00:00Z"
    product, amount = rng.choice(SOLD), rng.randrange(50, 300) * 1_000
    accrued = [debit(amount, "contractors", product, department="engineering"), credit(amount, "accrued")]
    bookkeeper.journal(period.last, accrued, when, f"Accrual {period.name}")
    back = [credit(amount, "contractors", product, department="engineering"), debit(amount, "accrued")]
    bookkeeper.journal(period.last + timedelta(days=1), back, when, f"Accrual {period.name} taken back")
    lines = [debit(333_333, "depreciation"), credit(333_333, "depreciated")]
    lines += [debit(91_667, "interest"), credit(91_667, "bank")]
    bookkeeper.journal(period.last, lines, when, f"Depreciation and interest {period.name}")
    if period.name[-2:] in ("03", "06", "09", "12"):
        tax = rng.randrange(300, 900) * 1_000
        bookkeeper.journal(
            period.last, [debit(tax, "income_tax"), credit(tax, "tax_payable")], when, f"Tax {period.name}"
        )
