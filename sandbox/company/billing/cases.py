"""The labelled edge cases of billing: every seed's company has each of them, and `cases()` lists them.

As in work/cases.py: one function is one case; it writes the contracts that show it and returns their ids. The customers
of a case are its own, so that what one case shows no other case hides; they come after all others in customers.csv.
Belongs here: everything that a rule about recurring revenue, or a loader, could get wrong. Does not: usual contracts
(everyday.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.company.billing.contracts import Bill, BillingAccount, Contract, forget
from sandbox.company.billing.facts import BillingWriter
from sandbox.company.billing.price_list import (
    COUNTRY_CURRENCIES,
    COUPONS,
    LISTED,
    NEVER_SOLD,
    PRODUCTS,
    SINCE,
    Catalogue,
    Price,
    key,
)
from sandbox.company.customers import COUNTRIES, INDUSTRIES, PATTERN, name_of
from sandbox.company.structure import DatedRow
from sandbox.timestamps import DAY, HOUR, MINUTE, SECOND, ms

KINDS = ("Retail", "Freight", "Capital", "Press", "Works", "Health")  # what a case's customers are called after


@dataclass(slots=True)
class BillingContext:
    """What a case needs: the ledger, the prices, and the customers that are its own."""

    ledger: BillingWriter
    catalogue: Catalogue
    first: int  # the number of the case's first customer
    countries: tuple[str, ...]

    def account(self, when: str, number: int = 0, second: bool = False, tax: int = 0) -> BillingAccount:
        """One of the case's customers, with its second key in billing where it has two."""
        known, country = customer_id(self.first + number), self.countries[number]
        return BillingAccount(
            self.ledger,
            self.catalogue,
            billing_key(self.ledger.seed, known, second),
            when,
            name=name_of(self.first + number, KINDS),
            customer=known,
            country=country,
            currency=COUNTRY_CURRENCIES.get(country, "eur"),
            tax=tax,
        )

    def sign(
        self, when: str, product: str = "storefront", term: str = "month", seats: int = 10, **more: object
    ) -> Contract:
        """A contract of the first customer, who comes with it."""
        account = self.account(when)
        return Contract.sign(account, when, (account.price(product, term), seats), **more)  # type: ignore[arg-type]


CasePlayer = Callable[[BillingContext], Sequence[Contract]]


@dataclass(frozen=True, slots=True)
class CaseOf:
    play: CasePlayer
    first: int
    countries: tuple[str, ...]
    two_keys: bool
    family: bool
    segment: str


CASES: list[CaseOf] = []


def case(
    *countries: str, two_keys: bool = False, family: bool = False, segment: str = ""
) -> Callable[[CasePlayer], CasePlayer]:
    """A case with a customer of each country; each may have two keys in billing, the later ones be children of the
    first. Most buy a few seats and are small."""

    def enter(play: CasePlayer) -> CasePlayer:
        first = CASES[-1].first + len(CASES[-1].countries) if CASES else 1
        CASES.append(CaseOf(play, first, countries, two_keys, family, segment))
        return play

    return enter


def customer_id(number: int) -> str:
    return f"C9{number:04d}"


def billing_key(seed: int, customer: str, second: bool = False) -> str:
    return key("cus", seed, f"{customer} {2 if second else 1}")


def customers(seed: int) -> dict[str, list[DatedRow]]:
    """The cases' customers, as rows of customers.csv and customer_map.csv."""
    rows, mapped = [], []
    markets = {country: market for market, own in COUNTRIES.items() for country in own}
    for one in CASES:
        for place, country in enumerate(one.countries):
            number = one.first + place
            parent = customer_id(one.first) if one.family and place else ""
            segment, industry = one.segment or PATTERN[number % len(PATTERN)], INDUSTRIES[number % len(INDUSTRIES)]
            kind = (segment, markets.get(country, "APAC"), country, industry)
            rows.append(DatedRow((customer_id(number), name_of(number, KINDS), parent, *kind, SINCE, "")))
            for second in (False, True)[: 1 + one.two_keys]:
                account = billing_key(seed, customer_id(number), second)
                mapped.append(DatedRow(("stripe", account, customer_id(number), SINCE, "")))
    return {"customers": rows, "customer_map": mapped}


def play_all(ledger: BillingWriter, catalogue: Catalogue) -> Iterator[tuple[CasePlayer, list[str]]]:
    """Every case, and the ids of its contracts."""
    list_all(ledger, catalogue)
    for one in CASES:
        made = one.play(BillingContext(ledger, catalogue, one.first, one.countries))
        yield one.play, [contract.run().id for contract in made]


def listed(ledger: BillingWriter, price: Price, at: int, active: bool = True) -> None:
    ledger.write(at, "price", price.id, "created", price=price, active=active, nickname=None)


def list_all(ledger: BillingWriter, catalogue: Catalogue) -> None:
    """Products, prices and coupons come, one a second; some are archived, one product and one coupon are deleted."""
    at = LISTED
    for name, number in catalogue.products.items():
        sold = PRODUCTS.get(name)
        title, unit = ("Storefornt", None) if sold is None else (sold.name, sold.unit)
        ledger.write(at, "product", number, "created", name=title, unit=unit, active=True, metadata={"sku": name})
        at += SECOND
    for price in catalogue.prices.values():
        listed(ledger, price, at)
        at += SECOND
    for coupon in COUPONS.values():
        ledger.write(at, "coupon", coupon.id, "created", coupon=coupon, valid=True)
        at += SECOND
    ledger.remove(ms("2026-09-24T13:00:00Z"), "product", catalogue.products[NEVER_SOLD])
    ledger.write(ms("2025-01-02T08:00:00Z"), "price", old_price(catalogue), "updated", active=False)
    for price in catalogue.prices.values():
        if price.product == "connector":
            ledger.write(ms("2025-08-01T08:00:00Z"), "price", price.id, "updated", active=False)
    connector = catalogue.products["connector"]
    ledger.write(ms("2025-08-01T08:00:05Z"), "product", connector, "updated", active=False)
    mobile = catalogue.products["mobile"]
    ledger.write(ms("2026-10-05T08:00:00Z"), "product", mobile, "updated", name="Mobile")
    # Who has it keeps it.
    ledger.remove(ms("2026-10-02T10:00:00Z"), "coupon", COUPONS["launch"].id)


def old_price(catalogue: Catalogue) -> str:
    return catalogue.prices["payments", "old month", "eur"].id


# -- terms


@case("DE")
def monthly(context: BillingContext) -> Sequence[Contract]:
    """Ten seats by the month, since the first day of the history and still."""
    return [context.sign("2024-10-01T00:00:00Z")]


@case("US")
def annual_prepaid(context: BillingContext) -> Sequence[Contract]:
    """A year paid at once: a twelfth a month, and no more in the month of the payment."""
    return [context.sign("2024-11-20T15:00:00Z", "payments", "year", 7)]


@case("GB")
def two_years(context: BillingContext) -> Sequence[Contract]:
    """Two years paid at once, over at the end of the history."""
    return [context.sign("2024-10-10T10:00:00Z", "insights", "two years", 12)]


@case("FR")
def weekly(context: BillingContext) -> Sequence[Contract]:
    """A week at a time: 365 / (12 × 7) of it is a month."""
    contract = context.sign("2026-05-06T09:00:00Z", "insights", "week", 4)
    contract.leave("2026-10-06T09:00:00Z")
    return [contract]


@case("ES")
def daily(context: BillingContext) -> Sequence[Contract]:
    """A day at a time, over a month's end."""
    contract = context.sign("2026-09-10T05:00:00Z", "insights", "day", 3)
    contract.leave("2026-10-08T12:00:00Z")
    return [contract]


@case("DE")
def eighteen_months(context: BillingContext) -> Sequence[Contract]:
    """A term that is no multiple of a year: an eighteenth a month, twelve eighteenths a year."""
    return [context.sign("2025-02-03T11:00:00Z", "insights", "18 months", 9)]


@case("AT")
def begun_in_mid_month(context: BillingContext) -> Sequence[Contract]:
    """Begun on the 15th: the month counts in full, as its last day does."""
    return [context.sign("2025-01-15T12:30:00Z", "payments", "month", 3)]


@case("DE")
def begun_on_the_31st(context: BillingContext) -> Sequence[Contract]:
    """Terms that end on the 28th, 30th and 31st, and none is lost."""
    return [context.sign("2025-01-31T23:30:00Z", "mobile", "month", 20)]


@case("GB")
def begins_after_now(context: BillingContext) -> Sequence[Contract]:
    """Signed in September, live in November: until then a trial, and no revenue."""
    return [context.sign("2026-09-20T10:00:00Z", "suite", "year", 15, trial_until="2026-11-20T00:00:00Z")]


@case("US")
def comes_after_now(context: BillingContext) -> Sequence[Contract]:
    """A customer nobody knows at the default now."""
    return [context.sign("2026-10-21T18:00:00Z", "payments", "month", 5)]


# -- changes


@case("DE")
def seats_change(context: BillingContext) -> Sequence[Contract]:
    """Five seats, then nine, then six: each rest of a term is two lines of the next invoice."""
    contract = context.sign("2025-03-10T09:00:00Z", "payments", "month", 5)
    contract.seats("2025-06-21T10:00:00Z", 9)
    contract.seats("2026-02-14T10:00:00Z", 6)
    return [contract]


@case("US")
def seats_up_and_down_in_one_month(context: BillingContext) -> Sequence[Contract]:
    """More in the morning, fewer in the evening of the month: gross movements that a net figure hides."""
    contract = context.sign("2025-04-01T08:00:00Z", "storefront", "month", 20)
    contract.seats("2026-03-05T10:00:00Z", 32)
    contract.seats("2026-03-25T10:00:00Z", 18)
    return [contract]


@case("FR")
def upgraded_by_another_item(context: BillingContext) -> Sequence[Contract]:
    """The plan is changed by taking an item away and adding another: an expansion, no churn and no new customer."""
    contract = context.sign("2025-02-05T09:00:00Z", "mobile", "month", 10)
    contract.swap("2025-09-17T14:00:00Z", contract.account.price("suite"), 10)
    return [contract]


@case("GB")
def month_becomes_year(context: BillingContext) -> Sequence[Contract]:
    """The same plan for a year: cheaper by the month, billed anew from that day."""
    contract = context.sign("2025-05-08T09:00:00Z", "storefront", "month", 30)
    contract.swap("2025-11-12T09:00:00Z", contract.account.price("storefront", "year"), 30)
    return [contract]


@case("DE")
def moved_to_another_product(context: BillingContext) -> Sequence[Contract]:
    """From one product to another of the same price class: a transfer between products for the company."""
    contract = context.sign("2025-03-03T09:00:00Z", "insights", "month", 8)
    contract.swap("2026-01-19T09:00:00Z", contract.account.price("mobile"), 22)
    return [contract]


@case("IE")
def bundle(context: BillingContext) -> Sequence[Contract]:
    """A bundle of three equal parts, whose weights are thirds."""
    return [context.sign("2025-06-11T09:00:00Z", "growth", "month", 7)]


@case("DE", segment="ENT")
def thirteen_items(context: BillingContext) -> Sequence[Contract]:
    """More items than the vendor embeds, so that its invoices have more than ten lines; one is credited whole."""
    account = context.account("2026-06-02T09:00:00Z")
    names = ("storefront", "payments", "insights", "mobile", "suite", "growth", "fraud")
    bought = [(account.price(name), 2 + number) for number, name in enumerate(names)]
    bought += [(account.price(name), 40 + number) for number, name in enumerate(names[:6])]
    contract = Contract.sign(account, "2026-06-02T09:00:00Z", *bought)
    contract.seats("2026-09-15T09:00:00Z", 5)
    contract.until("2026-10-03T00:00:00Z")
    bill = contract.bills[-2]
    account.credit(bill, "2026-10-04T10:00:00Z", [line.amount for line in bill.lines], reason="product_unsatisfactory")
    return [contract]


@case("DE")
def add_on(context: BillingContext) -> Sequence[Contract]:
    """A second product in the same contract, half a year later: cross-sell. The discount is for that product alone."""
    contract = context.sign("2025-04-22T09:00:00Z", "storefront", "month", 14, coupon=COUPONS["add-on"])
    contract.add("2025-10-30T09:00:00Z", contract.account.price("fraud"), 1)
    return [contract]


# -- discounts


@case("DE")
def discount_once(context: BillingContext) -> Sequence[Contract]:
    """20 % off the first invoice: no recurring discount."""
    return [context.sign("2025-07-01T09:00:00Z", "payments", "month", 10, coupon=COUPONS["welcome"])]


@case("US")
def discount_forever(context: BillingContext) -> Sequence[Contract]:
    """12.5 % off every invoice: recurring revenue is what is left, and cents are rounded once."""
    return [context.sign("2025-02-11T09:00:00Z", "insights", "month", 11, coupon=COUPONS["partner"])]


@case("GB")
def discount_that_expires(context: BillingContext) -> Sequence[Contract]:
    """Half price for three months: what comes back afterwards is an expansion."""
    return [context.sign("2025-08-14T09:00:00Z", "suite", "month", 6, coupon=COUPONS["launch"])]


@case("FR")
def discount_given_later(context: BillingContext) -> Sequence[Contract]:
    """Half price for three months in the second year, to keep the customer; and the coupon is deleted meanwhile."""
    contract = context.sign("2025-01-20T09:00:00Z", "payments", "month", 12)
    contract.allow("2026-09-01T09:00:00Z", COUPONS["launch"])
    return [contract]


@case("PT")
def fixed_sum_off(context: BillingContext) -> Sequence[Contract]:
    """Ten euros off each term."""
    return [context.sign("2025-03-24T09:00:00Z", "storefront", "month", 3, coupon=COUPONS["tenner"])]


@case("DE")
def wholly_discounted(context: BillingContext) -> Sequence[Contract]:
    """100 % off: a customer, and no revenue."""
    return [context.sign("2025-05-19T09:00:00Z", "insights", "month", 25, coupon=COUPONS["charity"])]


@case("AT")
def free_plan(context: BillingContext) -> Sequence[Contract]:
    """A plan that costs nothing; a year later the customer pays: new only then."""
    contract = context.sign("2025-04-07T09:00:00Z", "storefront", "free", 1)
    contract.swap("2026-04-20T09:00:00Z", contract.account.price("storefront"), 4)
    return [contract]


# -- prices


@case("ES")
def tiered(context: BillingContext) -> Sequence[Contract]:
    """A price in tiers: its unit amount is null, and each tier's units have their own."""
    contract = context.sign("2025-06-16T09:00:00Z", "mobile", "tiered", 35)
    contract.seats("2026-05-28T09:00:00Z", 72)
    return [contract]


@case("DE")
def metered(context: BillingContext) -> Sequence[Contract]:
    """A third of a cent for each call, billed when the month is over: it does not recur; the seats beside it do."""
    account = context.account("2025-07-07T09:00:00Z")
    calls, seats = account.price("calls", "metered"), account.price("payments")
    contract = Contract.sign(account, "2025-07-07T09:00:00Z", (seats, 4), (calls, 0))
    contract.use({term: 20_001 + 7_919 * term % 30_011 for term in range(1, 18)})
    return [contract]


@case("DE")
def one_off_fee(context: BillingContext) -> Sequence[Contract]:
    """A set-up fee on the first invoice, and another one on its own: revenue that does not recur."""
    account = context.account("2025-09-09T09:00:00Z")
    fee = account.one_off("2025-09-09T09:00:00Z", "onboarding")
    contract = Contract.sign(account, "2025-09-09T09:00:00Z", (account.price("suite"), 10), fee=fee)
    account.bill(ms("2026-03-11T10:00:00Z"), [account.one_off("2026-03-11T10:00:00Z", "onboarding")])
    return [contract]


@case("DE")
def taxed(context: BillingContext) -> Sequence[Contract]:
    """19 % of tax on top, which is nobody's revenue."""
    account = context.account("2025-10-13T09:00:00Z", tax=19)
    return [Contract.sign(account, "2025-10-13T09:00:00Z", (account.price("payments"), 7))]


@case("DE")
def old_price_kept(context: BillingContext) -> Sequence[Contract]:
    """A price that is no longer sold, and still paid."""
    contract = context.sign("2024-12-02T09:00:00Z", "payments", "old month", 18)
    return [contract]


@case("FR")
def product_archived(context: BillingContext) -> Sequence[Contract]:
    """A product that is archived while somebody pays for it, and that nobody has mapped."""
    return [context.sign("2025-01-08T09:00:00Z", "connector", "month", 5)]


@case("JP")
def yen(context: BillingContext) -> Sequence[Contract]:
    """A currency without decimals."""
    contract = context.sign("2025-03-17T02:00:00Z", "storefront", "month", 16)
    contract.seats("2026-06-25T02:00:00Z", 21)
    return [contract]


@case("KW")
def dinar(context: BillingContext) -> Sequence[Contract]:
    """A currency with three decimals."""
    return [context.sign("2025-05-05T07:00:00Z", "payments", "year", 6)]


# -- not yet, not now, no longer


@case("US")
def trial_that_converts(context: BillingContext) -> Sequence[Contract]:
    """Thirty days for nothing, then paid: new when the trial ends."""
    return [context.sign("2025-11-18T09:00:00Z", "insights", "month", 9, trial_until="2025-12-18T09:00:00Z")]


@case("DE")
def trial_that_ends(context: BillingContext) -> Sequence[Contract]:
    """A trial that nobody pays for afterwards: never a customer, and nobody has churned."""
    contract = context.sign("2026-02-02T09:00:00Z", "insights", "month", 9, trial_until="2026-03-04T09:00:00Z")
    contract.stop("2026-03-03T09:00:00Z")
    return [contract]


@case("GB")
def trial_without_a_card(context: BillingContext) -> Sequence[Contract]:
    """When the trial ends there is no card: the status is paused, though nothing was ever paid."""
    contract = context.sign("2026-08-20T09:00:00Z", "mobile", "month", 9, trial_until="2026-09-19T09:00:00Z")
    contract.has_card = False
    return [contract]


@case("DE")
def paused(context: BillingContext) -> Sequence[Contract]:
    """Collection is paused for three months and the invoices are void; the status says active all the time."""
    contract = context.sign("2025-03-12T09:00:00Z", "storefront", "month", 25)
    contract.pause("2026-01-20T09:00:00Z", "2026-04-20T09:00:00Z")
    return [contract]


@case("US")
def paused_now(context: BillingContext) -> Sequence[Contract]:
    """Collection is paused since August, nobody knows until when; invoices stay drafts."""
    contract = context.sign("2025-06-03T09:00:00Z", "payments", "month", 8)
    contract.pause("2026-08-25T09:00:00Z", behavior="keep_as_draft")
    return [contract]


@case("DE")
def past_due(context: BillingContext) -> Sequence[Contract]:
    """The card is declined since 2 October, and tried again: past due, not yet lost."""
    contract = context.sign("2025-02-02T09:00:00Z", "suite", "month", 4)
    contract.fail("2026-10-01T00:00:00Z")
    return [contract]


@case("GB")
def past_due_then_paid(context: BillingContext) -> Sequence[Contract]:
    """Declined four times in two weeks, then paid: nothing was lost."""
    contract = context.sign("2025-04-16T09:00:00Z", "payments", "month", 11)
    contract.fail("2026-05-01T00:00:00Z", "paid")
    return [contract]


@case("US")
def past_due_for_long(context: BillingContext) -> Sequence[Contract]:
    """Declined since June and never given up by the billing system: lost after thirty days for the company."""
    contract = context.sign("2025-05-09T09:00:00Z", "storefront", "month", 13)
    contract.fail("2026-06-01T00:00:00Z")
    return [contract]


@case("ES")
def unpaid(context: BillingContext) -> Sequence[Contract]:
    """Given up after two weeks but not ended: status unpaid, and a draft each month."""
    contract = context.sign("2025-07-15T09:00:00Z", "insights", "month", 10)
    contract.fail("2026-07-01T00:00:00Z", "unpaid")
    return [contract]


@case("DE")
def uncollectible(context: BillingContext) -> Sequence[Contract]:
    """Given up after two weeks and ended: churn nobody wanted; the invoice is written off."""
    contract = context.sign("2025-03-06T09:00:00Z", "growth", "month", 9)
    contract.fail("2026-04-01T00:00:00Z", "canceled")
    return [contract]


@case("FR")
def left_at_the_end(context: BillingContext) -> Sequence[Contract]:
    """Notice in March, the end in November: churn is when the service ends."""
    contract = context.sign("2024-11-05T09:00:00Z", "payments", "year", 9)
    contract.leave("2026-03-10T09:00:00Z")
    return [contract]


@case("DE")
def left_at_once(context: BillingContext) -> Sequence[Contract]:
    """Ended in the middle of a paid month, and the last payment is given back."""
    contract = context.sign("2025-02-20T09:00:00Z", "storefront", "month", 17)
    contract.stop("2026-09-29T16:00:00Z")
    contract.account.refund(contract.bills[-1], "2026-09-30T09:00:00Z")
    return [contract]


@case("GB")
def notice_taken_back(context: BillingContext) -> Sequence[Contract]:
    """Notice is given and taken back before the term ends: nothing happened."""
    contract = context.sign("2025-06-24T09:00:00Z", "suite", "month", 5)
    contract.leave("2026-09-28T09:00:00Z")
    contract.stay("2026-10-09T09:00:00Z")
    return [contract]


@case("US")
def late_renewal(context: BillingContext) -> Sequence[Contract]:
    """A year ends, and twelve days later the customer is back: late, not lost."""
    old = context.sign("2025-01-13T09:00:00Z", "insights", "year", 14)
    old.leave("2025-12-20T09:00:00Z")
    return [old, Contract.sign(old.account, "2026-01-25T09:00:00Z", (old.account.price("insights", "year"), 14))]


@case("DE")
def reactivated(context: BillingContext) -> Sequence[Contract]:
    """Gone for four months, then back with more."""
    old = context.sign("2025-01-27T09:00:00Z", "mobile", "month", 40)
    old.leave("2025-10-15T09:00:00Z")
    return [old, Contract.sign(old.account, "2026-03-02T09:00:00Z", (old.account.price("mobile"), 55))]


@case("FR")
def new_and_gone_in_one_month(context: BillingContext) -> Sequence[Contract]:
    """Bought on the 3rd and ended on the 24th: in no month's last day, and yet it was there."""
    contract = context.sign("2026-06-03T09:00:00Z", "payments", "month", 2)
    contract.stop("2026-06-24T09:00:00Z")
    return [contract]


# -- several contracts, several keys


@case("DE")
def overlapping(context: BillingContext) -> Sequence[Contract]:
    """Two contracts of one customer at once: one sum, and the second is an expansion."""
    one = context.sign("2025-02-17T09:00:00Z", "storefront", "month", 10)
    two = Contract.sign(one.account, "2025-08-28T09:00:00Z", (one.account.price("payments"), 5))
    two.leave("2026-05-04T09:00:00Z")
    return [one, two]


@case("US")
def one_closed_one_open(context: BillingContext) -> Sequence[Contract]:
    """One contract ended, another one without an end: the customer is still there."""
    closed = context.sign("2025-01-09T09:00:00Z", "mobile", "month", 30)
    opened = Contract.sign(closed.account, "2025-03-18T09:00:00Z", (closed.account.price("insights"), 6))
    closed.leave("2025-04-30T09:00:00Z")
    return [closed, opened]


@case("GB", two_keys=True)
def two_keys_of_one_customer(context: BillingContext) -> Sequence[Contract]:
    """The customer moves to another record of the billing system on the day the old contract ends: nothing is new."""
    old = context.sign("2025-03-26T09:00:00Z", "payments", "month", 20)
    old.leave("2026-02-27T09:00:00Z")
    account = context.account("2026-03-25T09:00:00Z", second=True)
    return [old, Contract.sign(account, "2026-03-26T09:00:00Z", (account.price("payments"), 20))]


@case("DE", "AT", "US", family=True)
def parent_and_children(context: BillingContext) -> Sequence[Contract]:
    """Two customers and their parent, each billed in its own currency; one was there before the parent."""
    made = []
    for number, when in enumerate(("2025-06-30T09:00:00Z", "2025-02-25T09:00:00Z", "2026-02-18T09:00:00Z")):
        account = context.account(when, number)
        made.append(Contract.sign(account, when, (account.price("suite"), 8 + number)))
    return made


@case("ES")
def customer_deleted(context: BillingContext) -> Sequence[Contract]:
    """Deleted in the billing system: gone from its lists, its contract ended, its invoices still there."""
    contract = context.sign("2025-05-28T09:00:00Z", "storefront", "month", 6)
    contract.until("2026-09-26T00:00:00Z")
    forget(contract.account, [contract], "2026-09-26T09:00:00Z")
    return [contract]


@case("GB")
def customer_deleted_long_ago(context: BillingContext) -> Sequence[Contract]:
    """Deleted a year ago: no event shows it any more."""
    contract = context.sign("2024-10-30T09:00:00Z", "storefront", "month", 6)
    contract.until("2025-07-14T00:00:00Z")
    forget(contract.account, [contract], "2025-07-14T09:00:00Z")
    return [contract]


# -- what is given back, and invoices that are none


@case("DE")
def credit_note_before_payment(context: BillingContext) -> Sequence[Contract]:
    """An open invoice is lowered by a credit note and then paid."""
    account = context.account("2025-08-04T09:00:00Z")
    contract = Contract.sign(account, "2025-08-04T09:00:00Z", (account.price("suite"), 9))
    bill = account.bill(
        ms("2026-09-18T09:00:00Z"), [account.one_off("2026-09-18T09:00:00Z", "onboarding")], finish="open"
    )
    account.credit(bill, "2026-09-22T09:00:00Z", [30_000], paid=False)
    account.pay(bill, ms("2026-09-25T09:00:00Z"))
    return [contract]


@case("US")
def credit_note_after_payment(context: BillingContext) -> Sequence[Contract]:
    """A paid invoice of August is credited in October, with the money: revenue of another period, recurring as ever."""
    contract = context.sign("2025-09-01T09:00:00Z", "payments", "month", 12)
    contract.until("2026-08-02T00:00:00Z")
    contract.account.credit(contract.bills[-1], "2026-10-06T09:00:00Z", [9_900], refund=True)
    return [contract]


@case("DE")
def dated_credit(context: BillingContext) -> Sequence[Contract]:
    """Two weeks of outage in September, credited on the next invoice with their dates."""
    contract = context.sign("2025-03-14T09:00:00Z", "insights", "month", 30)
    outage = ("2026-09-01T00:00:00Z", "2026-09-15T00:00:00Z")
    contract.next_invoice("2026-09-20T09:00:00Z", -29_700, "Service credit for the outage", *outage)
    return [contract]


@case("FR")
def refunded_in_part_twice(context: BillingContext) -> Sequence[Contract]:
    """A payment given back in two parts, and another one wholly, as the bank had asked about it; no refund changes
    what recurs."""
    contract = context.sign("2025-04-28T09:00:00Z", "mobile", "month", 33)
    contract.until("2026-10-01T00:00:00Z")
    contract.account.refund(contract.bills[-1], "2026-10-02T09:00:00Z", 5_000)
    contract.account.refund(contract.bills[-1], "2026-10-07T09:00:00Z", 2_500)
    contract.account.inquire(contract.bills[-3], "2026-10-03T14:00:00Z", closed="2026-10-07T09:00:30Z")
    contract.account.refund(contract.bills[-3], "2026-10-07T09:00:00Z")
    return [contract]


@case("DE")
def void_and_written_off(context: BillingContext) -> Sequence[Contract]:
    """An invoice made by mistake and void, one that nobody will pay, a draft that is deleted and one that stays."""
    account = context.account("2025-10-01T09:00:00Z")
    contract = Contract.sign(account, "2025-10-01T09:00:00Z", (account.price("storefront"), 5))

    def fee(when: str, finish: str) -> Bill:
        return account.bill(ms(when), [account.one_off(when, "onboarding")], finish=finish)

    account.write_off(fee("2026-07-06T09:00:00Z", "open"), "2026-09-30T12:00:00Z")
    account.void(fee("2026-08-05T09:00:00Z", "open"), "2026-08-05T12:00:00Z")
    account.discard(fee("2026-09-21T09:00:00Z", "draft"), "2026-09-28T09:00:00Z")
    fee("2026-10-12T09:00:00Z", "draft")
    return [contract]


@case("US")
def thirty_lines(context: BillingContext) -> Sequence[Contract]:
    """Seats that change every day of a term: an invoice of many lines, most of them for a few days."""
    contract = context.sign("2026-07-20T09:00:00Z", "payments", "month", 10)
    for day in range(14):
        contract.seats(ms("2026-08-22T09:00:00Z") + day * 2 * DAY + MINUTE, 11 + day % 5)
    return [contract]


@case("US")
def at_one_second(context: BillingContext) -> Sequence[Contract]:
    """Many invoices of one second: a page ends between them, and none is lost."""
    contract = context.sign("2026-08-11T09:00:00Z", "insights", "month", 2)
    account = contract.account
    for _ in range(12):
        account.bill(ms("2026-09-17T09:00:00Z"), [account.one_off("2026-09-17T09:00:00Z", "onboarding")])
    return [contract]


# -- what other companies have, as vendors document it


@case("IT")
def sum_off_two_items(context: BillingContext) -> Sequence[Contract]:
    """Ten euros off the whole invoice: two items share them by what they cost, and the third of a seat is one's."""
    account = context.account("2025-09-22T09:00:00Z")
    items = (account.price("storefront"), 1), (account.price("payments"), 2)
    contract = Contract.sign(account, "2025-09-22T09:00:00Z", *items, coupon=COUPONS["tenner"])
    contract.seats("2026-04-11T09:00:00Z", 3)
    return [contract]


@case("DE")
def declined_once_then_paid(context: BillingContext) -> Sequence[Contract]:
    """One month is declined and written off, all later ones are paid: the contract was never lost."""
    contract = context.sign("2025-10-06T09:00:00Z", "insights", "month", 8)
    contract.fail("2026-03-01T00:00:00Z", "written off")
    return [contract]


@case("DE")
def tax_included(context: BillingContext) -> Sequence[Contract]:
    """59.50 a seat with 19 % of tax in it: 50.00 of it are revenue."""
    account = context.account("2025-08-18T09:00:00Z", tax=19)
    contract = Contract.sign(account, "2025-08-18T09:00:00Z", (account.price("payments", "tax included"), 6))
    contract.seats("2026-02-27T09:00:00Z", 8)
    return [contract]


@case("DE")
def sent_and_paid_late(context: BillingContext) -> Sequence[Contract]:
    """A year's invoice is sent, due in February, and paid in May: lost after its grace, then back."""
    contract = context.sign("2025-01-20T09:00:00Z", "insights", "year", 10, due_days=30)
    contract.fail("2026-01-01T00:00:00Z", "paid", days=75)
    return [contract]


@case("US")
def sent_and_never_paid(context: BillingContext) -> Sequence[Contract]:
    """A year's invoice is sent, due in April, and never paid: no payment ever failed, and it is lost all the same."""
    contract = context.sign("2025-03-12T09:00:00Z", "payments", "year", 7, due_days=30)
    contract.fail("2026-03-01T00:00:00Z", "unpaid", days=60)
    return [contract]


@case("GB")
def void_and_written_anew(context: BillingContext) -> Sequence[Contract]:
    """A year's invoice is void for a wrong address and written anew by hand, as a thing that is bought once."""
    contract = context.sign("2025-02-13T09:00:00Z", "storefront", "year", 20, due_days=30)
    contract.fail("2026-02-01T00:00:00Z", "void")
    at, account = contract.until("2026-02-13T11:30:00Z"), contract.account
    year, item = account.price("storefront", "year"), contract.items[0]
    once = Price(context.ledger.id("price"), year.product, year.currency, year.amount, None)
    listed(context.ledger, once, at, active=False)  # made for this bill alone
    line = account.line(once.cost(20), "A year of Storefront", item.start, item.end, 20, price=once)
    account.pay(account.bill(at, [line], finish="open", due_days=30), at + 9 * DAY)
    return [contract]


@case("ES")
def void_as_goodwill(context: BillingContext) -> Sequence[Contract]:
    """A month is declined and then given to the customer, by a void invoice; the contract goes on."""
    contract = context.sign("2025-06-09T09:00:00Z", "mobile", "month", 25)
    contract.fail("2026-04-01T00:00:00Z", "void", days=10)
    return [contract]


@case("AT")
def draft_in_its_grace(context: BillingContext) -> Sequence[Contract]:
    """Invoices wait for sixty hours before they are final: at the default now the newest one is a draft."""
    return [context.sign("2026-02-13T09:00:00Z", "storefront", "month", 12, grace=60 * HOUR)]


@case("FR")
def mixed_intervals(context: BillingContext) -> Sequence[Contract]:
    """Seats by the month and others by the year in one contract. Half price for three months, given in September, is on
    the invoices of the months; the year was paid before."""
    account = context.account("2025-04-24T09:00:00Z")
    items = (account.price("payments"), 5), (account.price("insights", "year"), 8)
    contract = Contract.sign(account, "2025-04-24T09:00:00Z", *items)
    contract.allow("2025-09-10T09:00:00Z", COUPONS["launch"])
    return [contract]


@case("US")
def pending_update_that_expired(context: BillingContext) -> Sequence[Contract]:
    """Five more seats, if they are paid for: they are not, their invoice is void a day later, and they never came."""
    contract = context.sign("2025-05-21T09:00:00Z", "storefront", "month", 10)
    contract.ask("2026-08-05T10:00:00Z", 15)
    return [contract]


@case("DE")
def one_month_left_open(context: BillingContext) -> Sequence[Contract]:
    """One month is declined and never paid, written off or void; all later ones are paid."""
    contract = context.sign("2025-10-06T09:00:00Z", "insights", "month", 7)
    contract.fail("2026-02-01T00:00:00Z", "left open")
    return [contract]


@case("GB")
def trial_extended(context: BillingContext) -> Sequence[Contract]:
    """Four weeks for nothing, and a week before their end six more."""
    contract = context.sign("2026-01-19T09:00:00Z", "mobile", "month", 12, trial_until="2026-02-16T09:00:00Z")
    contract.try_out("2026-02-09T09:00:00Z", "2026-03-23T09:00:00Z")
    return [contract]


@case("DE")
def second_trial(context: BillingContext) -> Sequence[Contract]:
    """Six weeks for nothing in the second year: the rest of the paid month is given back, and nothing is paid."""
    contract = context.sign("2025-06-30T09:00:00Z", "payments", "month", 6, trial_until="2025-07-14T09:00:00Z")
    contract.try_out("2026-05-27T09:00:00Z", "2026-07-08T09:00:00Z")
    return [contract]


@case("FR")
def price_deleted(context: BillingContext) -> Sequence[Contract]:
    """A price that is deleted: who has it pays it still."""
    contract = context.sign("2025-02-27T09:00:00Z", "insights", "deleted", 10)
    context.ledger.remove(ms("2026-01-12T09:00:00Z"), "price", contract.items[0].price.id)
    contract.seats("2026-05-06T09:00:00Z", 13)
    return [contract]


@case("DE")
def plan_remade(context: BillingContext) -> Sequence[Contract]:
    """A plan that is deleted and made anew under its id, for 14.00 instead of 9.00: who had it pays 9.00 still, also
    for more seats; who buys it now pays 14.00."""
    old = context.sign("2025-03-05T09:00:00Z", "mobile", "remade", 20)
    plan, account = old.items[0].price, old.account
    context.ledger.remove(ms("2025-11-03T09:00:00Z"), "price", plan.id)
    remade = replace(plan, amount=Decimal(1_400))
    listed(context.ledger, remade, ms("2025-11-04T09:00:00Z"))
    new = Contract.sign(account, "2026-01-16T09:00:00Z", (remade, 5))
    old.seats("2026-04-14T09:00:00Z", 24)
    return [old, new]


@case("DE")
def price_in_several_currencies(context: BillingContext) -> Sequence[Contract]:
    """A price that is listed in dollars and sold for 28.00 in euros."""
    account = context.account("2025-09-02T09:00:00Z")
    price = context.catalogue.prices["storefront", "several", "usd"].sold_in(account.currency)
    contract = Contract.sign(account, "2025-09-02T09:00:00Z", (price, 11))
    contract.seats("2026-06-12T09:00:00Z", 13)
    return [contract]


@case("AT")
def prorated_first_bill(context: BillingContext) -> Sequence[Contract]:
    """Begun on the 12th and billed on the 1st: the first bill is for a part of a month, the price is a month's."""
    account = context.account("2025-05-12T10:00:00Z")
    terms = {"coupon": COUPONS["partner"], "anchor": "2025-06-01T00:00:00Z"}
    return [Contract.sign(account, "2025-05-12T10:00:00Z", (account.price("payments"), 6), **terms)]


@case("DE")
def currency_changed(context: BillingContext) -> Sequence[Contract]:
    """Ten seats in euros end and twelve in dollars begin on the same day: two are more, and nothing else has moved."""
    old = context.sign("2025-06-10T09:00:00Z", "payments", "month", 10)
    old.leave("2026-01-20T09:00:00Z")
    when, account = old.until("2026-02-10T09:30:00Z"), old.account
    account.currency = "usd"
    account.change(when, currency=account.currency)
    return [old, Contract.sign(account, when, (account.price("payments"), 12))]


@case("DE")
def metered_with_a_base_fee(context: BillingContext) -> Sequence[Contract]:
    """A fee of 19.00 for up to a thousand calls, and each further one: the fee recurs, the calls do not."""
    account = context.account("2025-08-11T09:00:00Z")
    items = (account.price("payments"), 3), (account.price("calls", "base fee"), 0)
    contract = Contract.sign(account, "2025-08-11T09:00:00Z", *items)
    contract.use({term: 449 * term % 2_003 for term in range(2, 18)})  # of the first month nothing
    return [contract]
