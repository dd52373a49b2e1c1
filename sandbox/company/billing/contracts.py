"""How a contract runs: terms and their invoices, seats and plans that change, payments that fail, what is given back.

Belongs here: the billing system's own arithmetic, in whole minor units. Does not: who has which contract (cases.py,
everyday.py), the vendor's JSON (sandbox/vendors/stripe).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from sandbox.company.billing.facts import END, BillingWriter
from sandbox.company.billing.price_list import Catalogue, Coupon, Price
from sandbox.timestamps import DAY, HOUR, MINUTE, SECOND, ms, utc

WEEK = 7 * DAY
RETRIES = (3, 5, 7)  # days after an invoice's first failed payment
TRANSFER = 12 * DAY  # after an invoice that is sent is made the customer pays it, as a rule


@dataclass(frozen=True, slots=True)
class ContractItem:
    """A line of a contract, with the term that runs."""

    id: str
    created: int
    price: Price
    quantity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Discount:
    id: str
    coupon: Coupon
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    id: str
    text: str
    amount: int
    quantity: int
    start: int
    end: int
    price: Price | None = None
    item: str | None = None
    subscription: str | None = None
    proration: bool = False
    is_first: bool = False  # a part of a term that no whole one came before
    discounts: tuple[tuple[str, int], ...] = ()
    tax: int = 0  # on top
    included_tax: int = 0

    @property
    def less(self) -> int:
        return sum(amount for _, amount in self.discounts)

    @property
    def is_discountable(self) -> bool:
        """A change of a running term has its discounts in its amount."""
        return self.is_first or not self.proration

    @property
    def net(self) -> int:
        return self.amount - self.less - self.included_tax

    @property
    def gross(self) -> int:
        return self.amount - self.less + self.tax

    @property
    def is_own(self) -> bool:
        """Whether it is no term of a contract's item: it could be billed alone, and may wait for an invoice."""
        return self.item is None or self.proration

    @property
    def own_id(self) -> str:
        return f"ii_{self.id[3:]}"


@dataclass(slots=True)
class Bill:
    """An invoice as those who made it remember it."""

    id: str
    at: int
    due: int
    lines: tuple[InvoiceLine, ...]
    intent: str | None = None
    charge: str | None = None
    given_back: int = 0
    credited: int = 0


def after(start: int, price: Price, terms: int) -> int:
    """The instant so many terms after the first one began. A month that has no 31st ends on its last day."""
    if price.interval in ("day", "week"):
        return start + terms * price.count * DAY * (7 if price.interval == "week" else 1)
    months = terms * price.count * (12 if price.interval == "year" else 1)
    return months_after(start, months)


def next_after(anchor: int, price: Price, at: int) -> int:
    """The end of the term that runs at an instant."""
    return next(end for terms in count(1) if (end := after(anchor, price, terms)) > at)


def months_after(start: int, months: int) -> int:
    first = utc(start)
    years, month = divmod(first.month - 1 + months, 12)
    day = min(first.day, monthrange(first.year + years, month + 1)[1])
    moved = first.replace(year=first.year + years, month=month + 1, day=day)
    return start + (moved - first) // timedelta(milliseconds=1)


def share(amount: int, part: int | Decimal, whole: int) -> int:
    return int((Decimal(amount) * part / whole).quantize(Decimal(1), ROUND_HALF_UP))


def is_discounted(line: InvoiceLine, coupon: Coupon) -> bool:
    product = None if line.price is None else line.price.product
    return line.amount > 0 and line.is_discountable and coupon.product in (None, product)


def shared(amount: int, of: dict[int, int]) -> dict[int, int]:
    """A sum by what it is taken from, no more than there is; the last minor units go to the largest remainders."""
    whole = sum(of.values())
    amount = min(amount, whole)
    parts = {number: amount * part // whole for number, part in of.items()} if whole else {}
    rest = sorted(parts, key=lambda number: (-(amount * of[number] % whole), number))
    for number in rest[: amount - sum(parts.values())]:
        parts[number] += 1
    return parts


class BillingAccount:
    """A customer as the billing system knows it."""

    def __init__(
        self,
        ledger: BillingWriter,
        catalogue: Catalogue,
        number: str,
        when: str | int,
        *,
        name: str,
        customer: str,
        country: str,
        currency: str,
        tax: int = 0,
    ) -> None:
        self.ledger, self.catalogue, self.id, self.currency, self.tax = ledger, catalogue, number, currency, tax
        self.invoices = 0
        self.credits: list[tuple[int, int]] = []  # since when, and how much of it is left
        self.waiting: set[str] = set()  # lines that are on no invoice yet
        known = {"name": name, "country": country, "currency": currency, "metadata": {"customer_id": customer}}
        ledger.write(ms(when), "customer", number, "created", **known, delinquent=False, balance=0)

    def change(self, when: str | int, **values: Any) -> None:
        self.ledger.write(ms(when), "customer", self.id, "updated", **values)

    def price(self, product: str, term: str = "month") -> Price:
        return self.catalogue.prices[product, term, self.currency]

    def line(self, amount: int, text: str, start: int, end: int, quantity: int = 1, **known: Any) -> InvoiceLine:
        return InvoiceLine(self.ledger.id("il"), text, amount, quantity, start, end, **known)

    def one_off(self, when: str | int, product: str, term: str = "once") -> InvoiceLine:
        """A thing that is bought and not subscribed."""
        at, price = ms(when), self.price(product, term)
        return self.line(price.cost(1), product.title(), at, at, price=price)

    def wait(self, at: int, line: InvoiceLine) -> InvoiceLine:
        """A line that is billed alone is there before its invoice, if only for an instant."""
        values = {"customer": self.id, "currency": self.currency, "line": line, "invoice": None}
        self.ledger.write(at, "invoiceitem", line.own_id, "created", **values)
        self.waiting.add(line.id)
        return line

    def bill(
        self,
        at: int,
        lines: Sequence[InvoiceLine],
        *,
        reason: str = "manual",
        subscription: str | None = None,
        discounts: Sequence[Discount] = (),
        period: tuple[int, int] | None = None,
        finish: str = "paid",
        quick: bool = False,
        grace: int = HOUR,
        due_days: int | None = None,
    ) -> Bill:
        """An invoice: a draft, an hour later open, and paid at once, unless `finish` says where it stops. One with days
        until it is due is sent, and waits for its payment."""
        own = self._reckoned(lines, discounts)
        number = self.ledger.id("in")
        self.invoices += 1
        for line in lines:
            if line.is_own and line.id not in self.waiting:
                self.wait(at, line)
        subtotal, tax = sum(line.amount for line in own), sum(line.tax + line.included_tax for line in own)
        less: dict[str, int] = {}
        for line in own:
            for discount, amount in line.discounts:
                less[discount] = less.get(discount, 0) + amount
        total = sum(line.gross for line in own)
        credit = 0 if finish == "draft" else sum(left for since, left in self.credits if since <= at)
        used = min(credit, max(0, total))
        due = max(0, total) - used
        start, end = period or (at, at)
        self.ledger.write(
            at,
            "invoice",
            number,
            "created",
            customer=self.id,
            subscription=subscription,
            currency=self.currency,
            reason=reason,
            status="draft",
            number=None,
            lines=own,
            discounts=tuple(discounts),
            subtotal=subtotal,
            less=tuple(less.items()),
            tax=tax,
            tax_percent=self.tax,
            included_tax=sum(line.included_tax for line in own),
            total=total,
            finalizes=None if finish == "draft" else at + (SECOND if quick else grace),
            due_date=None if due_days is None else at + due_days * DAY,
            starting=-credit,
            ending=used - credit + min(0, total),
            due=due,
            paid=0,
            remaining=due,
            attempts=0,
            period_start=start,
            period_end=end,
            finalized=None,
            paid_at=None,
            voided=None,
            uncollectible=None,
            intent=None,
            charge=None,
            credited_before=0,
            credited_after=0,
        )
        for line in own:
            if line.is_own:
                self.ledger.write(at, "invoiceitem", line.own_id, "", invoice=number)
                self.waiting.discard(line.id)
        bill = Bill(number, at, due, own)
        if finish != "draft" and (used or total < 0):
            self._keep(at, used, max(0, -total))
        if finish != "draft":
            self.finalize(bill, at + (SECOND if quick else grace))
        if finish == "paid":
            self.pay(bill, at + (2 * SECOND if quick else grace + 9 * SECOND))
        return bill

    def _keep(self, at: int, used: int, more: int) -> None:
        """Credit that the customer has, oldest used first."""
        kept = []
        for since, left in self.credits:
            taken = min(left, used) if since <= at else 0
            used -= taken
            if left > taken:
                kept.append((since, left - taken))
        self.credits = [*kept, (at, more)] if more else kept
        self.change(at, balance=-sum(left for _, left in self.credits))

    def _reckoned(self, lines: Sequence[InvoiceLine], discounts: Sequence[Discount]) -> tuple[InvoiceLine, ...]:
        """The lines with what each discount takes from them, and their tax. A percentage is taken from each line, a sum
        from all together: it is shared over them by what is left of each."""
        left = [line.amount for line in lines]
        less: list[list[tuple[str, int]]] = [[] for _ in lines]
        for discount in discounts:
            coupon = discount.coupon
            own = [number for number, line in enumerate(lines) if is_discounted(line, coupon)]
            if coupon.percent is not None:
                parts = {number: share(left[number], coupon.percent, 100) for number in own}
            else:
                parts = shared(coupon.amount or 0, {number: left[number] for number in own})
            for number, part in parts.items():
                less[number].append((discount.id, part))
                left[number] -= part
        found = []
        for line, off, rest in zip(lines, less, left, strict=True):
            if line.price is not None and line.price.tax_included:
                own = replace(line, discounts=tuple(off), included_tax=share(rest, self.tax, 100 + self.tax))
            else:
                own = replace(line, discounts=tuple(off), tax=share(rest, self.tax, 100))
            found.append(own)
        return tuple(found)

    def finalize(self, bill: Bill, at: int) -> None:
        """The invoice is open; whatever is tried to have it paid is tried under one intent."""
        number = f"{self.id[4:12].upper()}-{self.invoices:04d}"
        bill.intent = self.ledger.id("pi") if bill.due else None
        opened = {"status": "open", "number": number, "finalized": at, "intent": bill.intent}
        self.ledger.write(at, "invoice", bill.id, "finalized", **opened)

    def charge(self, at: int, bill: Bill, amount: int, declined: bool = False) -> str:
        number, moved = self.ledger.id("ch"), None if declined else self.ledger.id("txn")
        assert bill.intent is not None
        whose = {"customer": self.id, "currency": self.currency, "amount": amount}
        self.ledger.write(at, "payment_intent", bill.intent, "payment_failed" if declined else "succeeded", **whose)
        if moved is not None:
            self._move(at, moved, "charge", number, amount, share(amount, 29, 1000) + 30)
        self.ledger.write(
            at,
            "charge",
            number,
            "failed" if declined else "succeeded",
            **whose,
            refunded=0,
            status="failed" if declined else "succeeded",
            moved=moved,
            intent=bill.intent,
            invoice=bill.id,
        )
        return number

    def _move(self, at: int, number: str, what: str, source: str, amount: int, fee: int) -> None:
        self.ledger.write(
            at,
            "balance_transaction",
            number,
            "",
            type=what,
            source=source,
            amount=amount,
            fee=fee,
            currency=self.currency,
            available=at + 2 * DAY,
        )

    def pay(self, bill: Bill, at: int, attempts: int = 1) -> None:
        """A payment by card. What costs nothing is paid without one."""
        paid = max(0, bill.due - bill.credited)
        if paid:
            bill.charge = self.charge(at, bill, paid)
        self.ledger.write(
            at,
            "invoice",
            bill.id,
            "paid",
            status="paid",
            paid=paid,
            remaining=0,
            paid_at=at,
            charge=bill.charge,
            attempts=attempts if paid else 0,
        )

    def decline(self, bill: Bill, at: int, attempts: int) -> None:
        self.charge(at, bill, bill.due, declined=True)
        self.ledger.write(at, "invoice", bill.id, "payment_failed", attempts=attempts)

    def discard(self, bill: Bill, when: str | int) -> None:
        """A draft is deleted, and so is what was announced for it."""
        for line in bill.lines:
            if line.is_own:
                self.ledger.remove(ms(when), "invoiceitem", line.own_id)
        self.ledger.remove(ms(when), "invoice", bill.id)

    def void(self, bill: Bill, when: str | int) -> None:
        at = ms(when)
        self.ledger.write(at, "invoice", bill.id, "voided", status="void", voided=at, remaining=0)

    def write_off(self, bill: Bill, when: str | int) -> None:
        at = ms(when)
        self.ledger.write(at, "invoice", bill.id, "marked_uncollectible", status="uncollectible", uncollectible=at)

    def refund(self, bill: Bill, when: str | int, amount: int | None = None) -> str:
        """Money back, all of it unless an amount is given."""
        at, number, moved = ms(when), self.ledger.id("re"), self.ledger.id("txn")
        assert bill.charge is not None
        back = bill.due - bill.given_back if amount is None else amount
        bill.given_back += back
        self._move(at, moved, "refund", number, -back, 0)
        self.ledger.write(
            at,
            "refund",
            number,
            "created",
            charge=bill.charge,
            currency=self.currency,
            amount=back,
            moved=moved,
            status="succeeded",
        )
        self.ledger.write(at, "charge", bill.charge, "refunded", refunded=bill.given_back)
        return number

    def inquire(self, bill: Bill, when: str | int, closed: str | int) -> None:
        """The customer's bank asks about a payment; no money moves, and the question is closed."""
        at, number = ms(when), self.ledger.id("dp")
        assert bill.charge is not None
        asked = {"charge": bill.charge, "currency": self.currency, "amount": bill.due, "due_by": at + 20 * DAY}
        status = "warning_needs_response"
        self.ledger.write(at, "dispute", number, "created", **asked, reason="general", status=status)
        self.ledger.write(ms(closed), "dispute", number, "closed", status="warning_closed")

    def credit(
        self,
        bill: Bill,
        when: str | int,
        amounts: Sequence[int],
        *,
        paid: bool = True,
        refund: bool = False,
        reason: str = "order_change",
    ) -> str:
        """A credit note over the first lines of an invoice. Before payment it lowers what is due; afterwards it is
        money back, or a credit for later."""
        at, number, total = ms(when), self.ledger.id("cn"), sum(amounts)
        lines = tuple((self.ledger.id("cnli"), line, amount) for line, amount in zip(bill.lines, amounts, strict=False))
        back = self.refund(bill, when, total) if refund else None
        self.ledger.write(
            at,
            "credit_note",
            number,
            "created",
            customer=self.id,
            invoice=bill.id,
            currency=self.currency,
            lines=lines,
            amount=total,
            status="issued",
            reason=reason,
            type="post_payment" if paid else "pre_payment",
            refund=back,
            voided=None,
        )
        bill.credited += total
        if paid:
            self.ledger.write(at, "invoice", bill.id, "updated", credited_after=bill.credited)
            if back is None:
                self._keep(at, 0, total)
        else:
            left = bill.due - bill.credited
            self.ledger.write(
                at, "invoice", bill.id, "updated", credited_before=bill.credited, due=left, remaining=left
            )
        return number


@dataclass(frozen=True, slots=True)
class Failure:
    """From an instant on a contract's invoices are not paid; `then` is how it ends, where it ends."""

    since: int
    then: str = ""  # paid, written off, void, unpaid, canceled, left open by one bill alone, or still past due
    days: int = 14  # how long it takes


@dataclass(slots=True)
class Contract:
    """A subscription. What is done to it is done in the order of time; `run` bills the rest."""

    account: BillingAccount
    id: str
    at: int
    items: tuple[ContractItem, ...]
    anchor: int
    discounts: tuple[Discount, ...] = ()
    trial_end: int | None = None
    terms: int = 0
    status: str = "active"
    leaving: bool = False
    paused: str | None = None
    has_card: bool = True
    grace: int = HOUR  # before an invoice is final
    due_days: int | None = None  # where invoices are sent
    failure: Failure | None = None
    pending: list[InvoiceLine] = field(default_factory=list)
    usage: dict[int, int] = field(default_factory=dict)  # units of a metered item, by the number of the term
    bills: list[Bill] = field(default_factory=list)

    @classmethod
    def sign(
        cls,
        account: BillingAccount,
        when: str | int,
        *bought: tuple[Price, int],
        coupon: Coupon | None = None,
        trial_until: str | int | None = None,
        anchor: str | int | None = None,
        fee: InvoiceLine | None = None,
        grace: int = HOUR,
        due_days: int | None = None,
        **known: Any,
    ) -> Contract:
        """The contract begins, with its first invoice; a trial has one over nothing. Where its terms begin on another
        day (`anchor`), the first one is a part of a term."""
        at, ledger = ms(when), account.ledger
        trial_end = None if trial_until is None else ms(trial_until)
        begins = at if anchor is None else ms(anchor)
        if trial_end is not None:
            begins = trial_end

        def end(price: Price) -> int:
            return begins if begins > at else after(begins, price, 1)

        items = tuple(ContractItem(ledger.id("si"), at, price, units, at, end(price)) for price, units in bought)
        discounts = () if coupon is None else (discounted(ledger, coupon, at),)
        status = "active" if trial_end is None else "trialing"
        made = cls(account, ledger.id("sub"), at, items, begins, discounts, trial_end, 1, status)
        made.terms, made.grace, made.due_days = (1 if trial_end is None else 0), grace, due_days
        ledger.write(
            at,
            "subscription",
            made.id,
            "created",
            customer=account.id,
            currency=account.currency,
            status=status,
            items=items,
            discounts=discounts,
            anchor=begins,
            trial_start=None if trial_end is None else at,
            trial_end=trial_end,
            leaving=False,
            canceled=None,
            ended=None,
            paused=None,
            resumes=None,
            latest=None,
            why=None,
            due_days=due_days,
            tax_percent=account.tax,
            pending=None,
            metadata={},
            **known,
        )
        lines = [] if fee is None else [fee]
        if trial_end is not None:
            lines += made._trial()
        elif begins > at:
            lines += [made._part(item, item.price, begins) for item in items]
        else:
            lines += made._lines(items)
        made._bill(at, lines, "subscription_create", quick=due_days is None)
        return made

    @property
    def end(self) -> int:
        """Of the term that ends first; items of different intervals have terms of their own."""
        return min(item.end for item in self.items)

    def _trial(self) -> list[InvoiceLine]:
        return [self._line(item, 0, f"Trial period for {item.price.product}") for item in self.items]

    def _part(self, item: ContractItem, price: Price, anchor: int) -> InvoiceLine:
        """The first part of a term that would have begun earlier: a month before the next one, or a year."""
        whole = anchor - months_after(anchor, -price.count * (12 if price.interval == "year" else 1))
        amount = share(price.cost(item.quantity), item.end - item.start, whole)
        text = f"Time on {item.quantity} × {price.product} until {utc(item.end):%d %b}"
        return self._line(item, amount, text, proration=True, is_first=True)

    def report(self, at: int, what: str = "updated", **values: Any) -> None:
        self.account.ledger.write(at, "subscription", self.id, what, **values)

    def _line(self, item: ContractItem, amount: int, text: str, **known: Any) -> InvoiceLine:
        known = {"start": item.start, "end": item.end, "quantity": item.quantity} | known
        return self.account.line(amount, text, price=item.price, item=item.id, subscription=self.id, **known)

    def _lines(self, items: Sequence[ContractItem]) -> list[InvoiceLine]:
        return [
            self._line(item, item.price.cost(item.quantity), f"{item.quantity} × {item.price.product}")
            for item in items
            if not item.price.metered
        ]

    def _used(self) -> list[InvoiceLine]:
        """What was used in the term that ends: a line for each tier."""
        used = self.usage.get(self.terms, 0)
        return [
            self._line(item, amount, f"{units} × {item.price.product}", quantity=units)
            for item in self.items
            if item.price.metered
            for units, amount in item.price.parts(used)
        ]

    def _bill(self, at: int, lines: Sequence[InvoiceLine], reason: str, quick: bool = False) -> None:
        failing = self.failure is not None and at >= self.failure.since and not quick
        finish = "paid"
        if failing or self.due_days is not None:
            finish = "open"
        if self.paused is not None or self.status == "unpaid":
            finish = "draft"
        bill = self.account.bill(
            at,
            lines,
            reason=reason,
            subscription=self.id,
            discounts=self.discounts,
            period=(self.items[0].start, self.items[0].end),
            finish=finish,
            quick=quick,
            grace=self.grace,
            due_days=self.due_days,
        )
        self.bills.append(bill)
        self.report(at, latest=bill.id)
        used = {number for line in bill.lines for number, amount in line.discounts if amount}
        kept = tuple(one for one in self.discounts if one.coupon.duration != "once" or one.id not in used)
        if kept != self.discounts:
            self.discounts = kept
            self.report(at, discounts=kept)
        if self.paused == "void":
            self.account.void(bill, at + HOUR)
        elif finish == "open" and self.due_days is not None:
            self._remind(bill, self.due_days, failing)
        elif failing and finish == "open":
            self._dun(bill)
        elif finish == "paid" and self.status == "past_due":
            self._recover(at + (2 * SECOND if quick else self.grace + 9 * SECOND))

    def _recover(self, at: int) -> None:
        """The status follows the newest invoice: it was paid, or is not asked for any more."""
        self.account.change(at, delinquent=False)
        self.status = "active"
        self.report(at, status="active")

    def _remind(self, bill: Bill, days: int, failing: bool) -> None:
        """An invoice that was sent is paid by transfer, in time or not; nothing is tried."""
        account, due = self.account, bill.at + days * DAY
        if not failing:
            account.pay(bill, bill.at + TRANSFER)
            return
        assert self.failure is not None
        if self.failure.then == "void":  # as soon as somebody sees what is wrong with it
            account.void(bill, bill.at + self.grace + 40 * MINUTE)
            self.failure = None
            return
        self.status = "past_due"
        self.report(due, status="past_due")
        account.change(due, delinquent=True)
        last = due + self.failure.days * DAY
        then, self.failure = self.failure.then, None
        if then == "paid":
            account.pay(bill, last)
            self._recover(last)
        else:
            self.status = "unpaid"
            self.report(last, status="unpaid")

    def _dun(self, bill: Bill) -> None:
        """The card is declined again and again; in the end somebody pays, or not."""
        assert self.failure is not None
        account, first = self.account, bill.at + HOUR + 9 * SECOND
        account.decline(bill, first, 1)
        self.status = "past_due"
        self.report(first, status="past_due")
        account.change(first, delinquent=True)
        for number, days in enumerate(RETRIES, 2):
            if first + days * DAY < END and days < self.failure.days:
                account.decline(bill, first + days * DAY, number)
        last = first + self.failure.days * DAY
        if last >= END or not self.failure.then:
            return
        then, self.failure = self.failure.then, None
        if then == "left open":
            return
        if then == "paid":
            account.pay(bill, last, 5)
            self._recover(last)
        elif then == "written off":
            # The vendor calls a contract good again when its newest invoice is given up.
            account.write_off(bill, last)
            self._recover(last)
        elif then == "void":
            account.void(bill, last)
            self._recover(last)
        elif then == "unpaid":
            self.status = "unpaid"
            self.report(last, status="unpaid")
        else:
            self._stop(last, "payment_failed", canceled=last)
            account.write_off(bill, last + DAY)

    def until(self, when: str | int) -> int:
        """Bills every term that begins until an instant, which is a whole second: billing has no finer clock."""
        at = ms(when) // SECOND * SECOND
        while self.status not in ("canceled", "paused") and self.end <= at:
            self._renew()
        return at

    def run(self) -> Contract:
        self.until(END)
        return self

    def _renew(self) -> None:
        at = self.end
        if self.leaving:
            self._stop(at, "cancellation_requested")
            return
        if self.status == "trialing" and not self.has_card:
            self.status = "paused"
            self.report(at, "paused", status="paused")
            return
        lines = [*self._used(), *self.pending]
        self.pending = []
        self.terms += 1
        begun = {
            item.id: replace(item, start=at, end=next_after(self.anchor, item.price, at))
            for item in self.items
            if item.end <= at
        }
        self.items = tuple(begun.get(item.id, item) for item in self.items)
        values: dict[str, Any] = {"items": self.items}
        if self.status == "trialing":
            self.status = values["status"] = "active"
        kept = tuple(known for known in self.discounts if known.end is None or known.end > at)
        if kept != self.discounts:
            self.discounts = values["discounts"] = kept
        self.report(at, **values)
        if self.end - at > WEEK:
            whose = {"customer": self.account.id, "currency": self.account.currency, "subscription": self.id}
            self.account.ledger.write(at - 3 * DAY, "upcoming", "", "upcoming", **whose)
        self._bill(at, [*lines, *self._lines(tuple(begun.values()))], "subscription_cycle")

    def _stop(self, at: int, why: str, **values: Any) -> None:
        self.status = "canceled"
        self.report(at, "deleted", status="canceled", ended=at, why=why, **values)

    # -- what happens to a contract

    def seats(self, when: str | int, quantity: int, number: int = 0, at_once: bool = False) -> None:
        """Another quantity of an item, from now on; the rest of the term comes with the next invoice, or at once."""
        at = self.until(when)
        old = self.items[number]
        new = replace(old, quantity=quantity)
        self.items = (*self.items[:number], new, *self.items[number + 1 :])
        self.report(at, items=self.items)
        lines = self._prorated(at, old, new)
        if at_once:
            self._bill(at, lines, "subscription_update", quick=True)
        else:
            self.pending += [self.account.wait(at, line) for line in lines]

    def swap(self, when: str | int, price: Price, quantity: int, number: int = 0) -> None:
        """Another plan by another item; the rest of the term is billed at once. A longer term begins today."""
        at = self.until(when)
        old, ledger = self.items[number], self.account.ledger
        same_term = (price.interval, price.count) == (old.price.interval, old.price.count)
        if not same_term:
            self.anchor, self.terms = at, 1
        start, end = (old.start, old.end) if same_term else (at, after(at, price, 1))
        new = ContractItem(ledger.id("si"), at, price, quantity, start, end)
        self.items = (*self.items[:number], *self.items[number + 1 :], new)
        self.report(at, items=self.items)
        lines = self._prorated(at, old, new) if same_term else [self._unused(at, old), *self._lines([new])]
        self._bill(at, lines, "subscription_update", quick=True)

    def _rest(self, at: int, item: ContractItem) -> int:
        """What the rest of an item's term costs, less the discounts that it has."""
        amount = share(item.price.cost(item.quantity), item.end - at, item.end - item.start)
        for coupon in (known.coupon for known in self.discounts):
            if coupon.percent is not None and coupon.product in (None, item.price.product):
                amount -= share(amount, coupon.percent, 100)
        return amount

    def _unused(self, at: int, old: ContractItem) -> InvoiceLine:
        text = f"Unused time on {old.quantity} × {old.price.product}"
        return self._line(old, -self._rest(at, old), text, start=at, proration=True)

    def _prorated(self, at: int, old: ContractItem, new: ContractItem) -> list[InvoiceLine]:
        text = f"Remaining time on {new.quantity} × {new.price.product}"
        return [self._unused(at, old), self._line(new, self._rest(at, new), text, start=at, proration=True)]

    def add(self, when: str | int, price: Price, quantity: int) -> None:
        """One more item, from the next term on."""
        at = self.until(when)
        new = ContractItem(self.account.ledger.id("si"), at, price, quantity, self.items[0].start, self.end)
        self.items = (*self.items, new)
        self.report(at, items=self.items)

    def allow(self, when: str | int, coupon: Coupon) -> None:
        """A discount from now on."""
        at = self.until(when)
        self.discounts = (*self.discounts, discounted(self.account.ledger, coupon, at))
        self.report(at, discounts=self.discounts)

    def next_invoice(self, when: str | int, amount: int, text: str, since: str | int, to: str | int) -> None:
        """A sum of its own on the next invoice, for a time that comes with it; a credit is negative."""
        at = self.until(when)
        self.pending.append(
            self.account.wait(at, self.account.line(amount, text, ms(since), ms(to), subscription=self.id))
        )

    def use(self, units: dict[int, int]) -> None:
        self.usage |= units

    def ask(self, when: str | int, quantity: int) -> None:
        """Another quantity, if it is paid for at once; it is not, and a day later nobody asks for it any more."""
        at, ends = self.until(when), ms(when) + 23 * HOUR
        old, account = self.items[0], self.account
        lines = self._prorated(at, old, replace(old, quantity=quantity))
        bill = account.bill(
            at, lines, reason="subscription_update", subscription=self.id, finish="open", quick=True, period=(at, at)
        )
        account.decline(bill, at + 2 * SECOND, 1)
        asked = {"expires": ends, "items": (replace(old, quantity=quantity),)}
        self.report(at + 2 * SECOND, pending=asked, latest=bill.id)
        account.void(bill, ends)
        self.report(ends, "pending_update_expired", pending=None)

    def try_out(self, when: str | int, until: str | int) -> None:
        """A trial of a contract that runs, or a longer one: what is left of a paid term is given back."""
        at, end = self.until(when), ms(until)
        lines = [] if self.status == "trialing" else [self._unused(at, item) for item in self.items]
        self.anchor, self.trial_end, self.status = end, end, "trialing"
        self.items = tuple(replace(item, start=at, end=end) for item in self.items)
        self.report(at, items=self.items, anchor=end, trial_end=end, status="trialing")
        self._bill(at, [*lines, *self._trial()], "subscription_update", quick=True)

    def leave(self, when: str | int) -> None:
        """The customer gives notice: the contract ends with the term."""
        at = self.until(when)
        self.leaving = True
        self.report(at, leaving=True, canceled=at, why="cancellation_requested")

    def stay(self, when: str | int) -> None:
        """The notice is taken back."""
        at = self.until(when)
        self.leaving = False
        self.report(at, leaving=False, canceled=None, why=None)

    def stop(self, when: str | int) -> None:
        """The contract ends at once."""
        at = self.until(when)
        if self.status != "canceled":
            self._stop(at, "cancellation_requested", canceled=at)

    def pause(self, when: str | int, until: str | int | None = None, behavior: str = "void") -> None:
        at = self.until(when)
        self.paused = behavior
        self.report(at, paused=behavior, resumes=None if until is None else ms(until))
        if until is not None:
            again = self.until(until)
            self.paused = None
            self.report(again, paused=None, resumes=None)

    def fail(self, when: str | int, then: str = "", days: int = 14) -> None:
        self.failure = Failure(self.until(when), then, days)


def discounted(ledger: BillingWriter, coupon: Coupon, at: int) -> Discount:
    months = coupon.months
    return Discount(ledger.id("di"), coupon, at, None if months is None else months_after(at, months) - MINUTE)


def forget(account: BillingAccount, contracts: Sequence[Contract], when: str | int) -> None:
    """The customer is deleted in the billing system, which ends its contracts at once."""
    for contract in contracts:
        contract.stop(when)
    account.ledger.remove(ms(when), "customer", account.id)
