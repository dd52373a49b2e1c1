"""What each item of a contract brings by the month, at any instant.

The definitions:
- Monthly recurring revenue of an item is the price of its quantity less recurring discounts, by the month: a term of
  whole months divided by them; any other term times 365 / (12 × its days). It is exact, and rounded once, half to even.
- What does not recur has none: prices that are charged once, use, tax, fees.
- Quantities and prices are those of the contract at the instant, however they are billed: whatever becomes of an
  invoice (a draft, void, written anew by hand, a part of a term), it changes nothing. It counts until the service ends:
  notice, an invoice, a credit note and a refund change nothing.
- A price is what was agreed: deleted or made anew under its id, who has it keeps it [1]; of one with several currencies
  it is that of the contract [2]. Tax that is in it is no revenue [3]. Of a price by use
  the fee for the first tier recurs, as it is charged for no use, too [4]; it is one unit.
- A change that is made only if it is paid for was not made before it is [5].
- Items of different intervals have terms of their own [6]. Discounts are those with which an item's running term began;
  one for a single invoice is none. A sum off is taken from the whole invoice, so items whose terms begin together share
  it by what was left of them then [7].
- Trials have none, however many a contract has [8]. An item's term that begins while collection is paused has none; the
  paid term in which a pause begins does.
- What is not paid counts for a while after the first failed payment, or after the due date of what is sent [9], whether
  it is called past due or unpaid then. A later invoice that is paid ends that, and so does one that is not asked for
  any more.
- A credit for days of service lowers the contract on those days, by its amount at the rate of those days.
Does not: sums over customers and products, and their movements (revenue.py).

Where the vendor says so (docs.stripe.com): [1] api/plans/delete, [2] products-prices/how-products-and-prices-work,
[3] tax/products-prices-tax-codes-tax-behavior, [4] subscriptions/pricing-models/tiered-pricing, [5]
billing/subscriptions/pending-updates-reference, [6] billing/subscriptions/mixed-interval, [7] api/coupons/object, [8]
billing/subscriptions/trials, [9] billing/collection-method and api/subscriptions/object (status). Parts of terms:
billing/subscriptions/billing-cycle; drafts: billing/subscriptions/usage-based/configure-grace-period; invoices written
anew: invoicing/invoice-edits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any

from sandbox.company import Company
from sandbox.company.billing.contracts import ContractItem, Discount, InvoiceLine
from sandbox.company.billing.facts import Billed
from sandbox.company.billing.price_list import Coupon, Price
from sandbox.timestamps import DAY
from sandbox.truth.money import shared_out

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class RecurringPolicy:
    """The switches of the definitions, as policy.yml has them, with their defaults."""

    churn_date: str = "service_end"  # or "notice"
    late_renewal_days: int = DEFAULT_DAYS
    past_due_days: int = DEFAULT_DAYS
    paused_counts: bool = False
    trials_count: bool = False
    dated_credits_count: bool = True
    usage_shown: bool = False
    reactivation_retains: bool = False
    retention_min_coverage_percent: int = 50
    price_min_observations: int = 5
    ratio_min_n: int = 3

    @classmethod
    def of(cls, company: Company) -> RecurringPolicy:
        """As the company's file has them."""
        switches = {one.name for one in fields(cls)} & company.policy.keys()
        return cls(**{name: _read(company.policy[name]) for name in switches})


def _read(text: str) -> Any:
    return text == "true" if text in ("true", "false") else int(text) if text.isdigit() else text


@dataclass(frozen=True, slots=True)
class Held:
    """An item of a contract and what it brings by the month, in minor units."""

    contract: str
    account: str  # the customer's key in billing
    currency: str
    item: str
    product: str  # the product's key in billing
    quantity: int
    monthly: Fraction
    price: Price
    undiscounted: Fraction  # by the month, before discounts and credits
    discounted: Fraction  # by the month, before credits

    @property
    def minor_units(self) -> int:
        return round(self.monthly)  # half to even


@dataclass
class Timeline:
    """A contract's items from each instant on until the next; `failed` says that nobody paid for them any more."""

    account: str
    since: list[int] = field(default_factory=list)
    held: list[tuple[Held, ...]] = field(default_factory=list)
    failed: list[bool] = field(default_factory=list)

    def before(self, instant: int) -> tuple[Held, ...]:
        """What is held when an instant comes."""
        place = bisect_left(self.since, instant) - 1
        return self.held[place] if place >= 0 else ()

    def is_there(self, start: int, end: int) -> bool:
        """Whether anything is held between two instants."""
        return bool(self.before(start)) or any(
            held and start <= at < end for at, held in zip(self.since, self.held, strict=True)
        )

    def has_failed(self, instant: int) -> bool:
        place = bisect_left(self.since, instant) - 1
        return place >= 0 and self.failed[place]


def timelines(company: Company, now: int, policy: RecurringPolicy) -> dict[str, Timeline]:
    """Every contract's, by its id."""
    changes: dict[str, list[Billed]] = defaultdict(list)
    credits: dict[str, list[InvoiceLine]] = defaultdict(list)
    for change in company.billing.changes:
        if change.at > now:
            break
        if change.kind == "subscription":
            changes[change.id].append(change)
        elif change.kind == "invoice" and change.values is not None and "lines" in change.values:
            credits[change.values["subscription"]] += filter(is_dated_credit, change.values["lines"])
    products = company.billing.catalogue.products
    return {
        contract: ContractHistory(contract, products, policy, known, credits[contract]).timeline(now)
        for contract, known in changes.items()
    }


def is_dated_credit(line: InvoiceLine) -> bool:
    return line.amount < 0 and line.item is None and line.start < line.end


def _by_month(credit: InvoiceLine) -> Fraction:
    """A credit at the rate of its days."""
    return Fraction(-credit.amount * 365 * DAY, 12 * (credit.end - credit.start))


Sums = dict[tuple[str, str], int]
"""What items got of a sum off, by the discount and the item."""


def recurring(discounts: Iterable[Discount]) -> list[Discount]:
    return [one for one in discounts if one.coupon.duration != "once"]


def is_for(coupon: Coupon, item: ContractItem) -> bool:
    return coupon.product in (None, item.price.product)


def sums_off(items: Sequence[ContractItem], discounts: Iterable[Discount]) -> Sums:
    """How the items of a term share the sums that are taken off its invoice."""
    left, found = {item.id: full_price(item) for item in items}, Sums()
    for discount in recurring(discounts):
        own = {item.id: left[item.id] for item in items if left[item.id] and is_for(discount.coupon, item)}
        if discount.coupon.percent is not None:
            off = {item: part * Fraction(discount.coupon.percent) / 100 for item, part in own.items()}
        else:
            off = shared_out(min(discount.coupon.amount or 0, int(sum(own.values()))), own) if own else {}
            found |= {(discount.id, item): int(part) for item, part in off.items()}
        left |= {item: left[item] - part for item, part in off.items()}
    return found


def full_price(item: ContractItem) -> Fraction:
    """What it costs for a term."""
    price = item.price
    if price.interval is None:
        return Fraction(0)
    if price.metered:
        return Fraction(price.base_fee)
    return Fraction(price.cost(item.quantity) if price.amount is None else price.amount * item.quantity)


def monthly(item: ContractItem, discounts: Iterable[Discount], sums: Sums, tax_percent: int) -> Fraction:
    """Exactly, in minor units."""
    price, amount = item.price, full_price(item)
    if not amount or price.interval is None:
        return amount
    for discount in recurring(discounts):
        if not is_for(discount.coupon, item):
            continue
        if discount.coupon.percent is not None:
            amount *= 1 - Fraction(discount.coupon.percent) / 100
        else:
            amount -= min(amount, sums.get((discount.id, item.id), 0))
    if price.tax_included:
        amount = amount * 100 / (100 + tax_percent)
    months = {"month": 1, "year": 12}.get(price.interval, 0) * price.count
    if months:
        return amount / months
    days = {"day": 1, "week": 7}[price.interval] * price.count
    return amount * 365 / (12 * days)


@dataclass(frozen=True, slots=True)
class Term:
    """How a term began, of all items that begin one then."""

    discounts: tuple[Discount, ...]
    sums: Sums
    is_paused: bool


@dataclass
class ContractHistory:
    """A contract's changes, in the order in which they came."""

    contract: str
    products: dict[str, str]
    policy: RecurringPolicy
    changes: list[Billed]
    credits: list[InvoiceLine]

    def timeline(self, now: int) -> Timeline:
        edges = {edge for line in self.credits for edge in (line.start, line.end) if self.policy.dated_credits_count}
        waiting = sorted(edge for edge in edges if edge <= now)
        state: dict[str, Any] = dict(self.changes[0].values or {})
        found = Timeline(state["customer"])
        terms: dict[int, Term] = {}
        due: int | None = None  # since when nobody pays
        known_now = reduce(or_, (dict(change.values or {}) for change in self.changes))

        def note(at: int) -> None:
            lapsed = due is not None and at >= due + self.policy.past_due_days * DAY
            # A notice that was taken back is none: the billing system does not show it any more.
            noticed = self.policy.churn_date == "notice" and known_now["canceled"] is not None
            gone = lapsed or (noticed and at >= known_now["canceled"]) or self._is_off(state)
            held = () if gone else self._held(state, terms, at)
            found.since.append(at)
            found.held.append(held)
            found.failed.append(lapsed or state["why"] == "payment_failed")

        for number, change in enumerate(self.changes):
            state |= change.values or {}
            for start in {item.start for item in state["items"]} - terms.keys():
                items = [item for item in state["items"] if item.start == start]
                sums = sums_off(items, state["discounts"])
                terms[start] = Term(state["discounts"], sums, state["paused"] is not None)
            if state["status"] == "past_due" and due is None:
                due = change.at
            elif state["status"] not in ("past_due", "unpaid"):
                due = None
            note(change.at)
            until = self.changes[number + 1].at if number + 1 < len(self.changes) else now + 1
            more = [edge for edge in waiting if change.at < edge < until]
            if due is not None and change.at < due + self.policy.past_due_days * DAY < until:
                more.append(due + self.policy.past_due_days * DAY)
            for edge in sorted(more):
                note(edge)
        return found

    def _is_off(self, state: dict[str, Any]) -> bool:
        if state["status"] in ("canceled", "paused"):
            return True
        return state["status"] == "trialing" and not self.policy.trials_count

    def _held(self, state: dict[str, Any], terms: dict[int, Term], at: int) -> tuple[Held, ...]:
        known, tax = [], state["tax_percent"]
        for item in state["items"]:
            term = terms[item.start]
            if term.is_paused and not self.policy.paused_counts:
                continue
            full, less = monthly(item, (), {}, tax), monthly(item, term.discounts, term.sums, tax)
            whose = (self.contract, state["customer"], state["currency"].upper(), item.id)
            units = 1 if item.price.metered else item.quantity  # a fee has no quantity
            known.append(Held(*whose, self.products[item.price.product], units, less, item.price, full, less))
        whole = sum((one.monthly for one in known), Fraction(0))
        off = sum((_by_month(line) for line in self.credits if line.start <= at < line.end), Fraction(0))
        if self.policy.dated_credits_count and whole:
            known = [replace(one, monthly=one.monthly * max(Fraction(0), 1 - off / whole)) for one in known]
        return tuple(one for one in known if one.minor_units > 0)
