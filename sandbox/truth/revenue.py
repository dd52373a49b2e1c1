"""Recurring revenue of each customer and product at the end of each fiscal period, and how it moved since the last.

The definitions:
- A balance is the sum of what a customer's contracts hold when the period's last day ends in the reporting zone (the
  running period: now), an item's minor units shared out over products by the weights of that day. A customer's segment
  and market are those of the day; what no file knows is UNMAPPED.
- A movement is classified twice. `company_type` is how the company sees it; `product_type` is what that would be if the
  product were all that the company sells. A logo is a customer with all its parents and children.
- Nothing before, something after: logo_new the first time, late_renewal after a gap of at most so many days, else
  reactivation. Something before, nothing after: logo_churn; late_renewal where the logo came back in time.
- What goes by one contract and comes by another, of one customer and product, did not move; the rest did.
- Units that go in one currency and come in another one on the same day, of one customer and product, changed their
  currency, which no contract can (docs.stripe.com/invoicing/multi-currency-customers): that is fx, by which the price
  lists' own rate differs from the plan's. Units beyond them did move.
- With the logo there before and after: what an item brings in another quantity is expansion_quantity, at another price
  expansion_price; what is less is contraction. An item that comes is cross_sell where the logo did not have the
  product, else expansion_quantity; one that goes is product_churn where the logo has none of the product left, else
  contraction. Items that come and go in one contract are an exchange, and so is an item that is of another product
  then: what goes from product to product is a transfer, what is more on the whole expansion_mix, what is less
  contraction.
- What moves because a mapping, a segment or a market changed is a transfer, too.
- What went up and down again within the period, by the ends of its days, is a pair of movements flagged intra-period.
- Amounts in the reporting currency are at the plan rate of the fiscal year, or at the last rate of the period; a
  movement is the difference of two rounded balances, and `fx` what the opening balance gained by another rate. So
  opening + movements = closing on every slice, to the minor unit.
Does not: what an item brings (recurring.py), revenue of the ledger (recognised.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import DAY, local_date, midnight
from sandbox.truth.maps import UNMAPPED, is_valid, strongest
from sandbox.truth.money import Exchange, shared_out
from sandbox.truth.recurring import Held, RecurringPolicy, Timeline, timelines

TYPES = (
    *("fx", "transfer_out", "transfer_in", "logo_new", "reactivation", "late_renewal", "cross_sell"),
    *("expansion_quantity", "expansion_price", "expansion_mix", "contraction", "product_churn", "logo_churn"),
)


@dataclass(frozen=True, slots=True, order=True)
class RevenueCell:
    """Where recurring revenue is."""

    customer_id: str
    product_id: str
    segment: str
    market: str
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    fiscal_period: str
    cell: RevenueCell
    mrr: int
    mrr_plan: int
    mrr_actual: int


@dataclass(frozen=True, slots=True)
class Movement:
    fiscal_period: str
    cell: RevenueCell
    company_type: str
    product_type: str
    is_intra_period: bool
    is_involuntary: bool
    delta: int
    delta_plan: int
    delta_actual: int


Sums = dict[RevenueCell, int]
Kind = tuple[str, str, bool, bool]  # company type, product type, intra-period, involuntary
FX: Kind = ("fx", "fx", False, False)
Moved = dict[tuple[Kind, bool], int]  # what is gained apart from what is lost
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what changed: what became of an item, in a cell."""

    cell: RevenueCell
    kind: str  # transfer, mix, price, quantity, come, gone, fx
    amount: int
    contract: str
    quantity: int = 0  # units that come or go
    day: date | None = None  # when they did


class Revenue:
    """All periods of a company that have begun by an instant."""

    def __init__(self, company: Company, now: int, policy: RecurringPolicy | None = None) -> None:
        self.company, self.now, self.policy = company, now, policy or RecurringPolicy.of(company)
        self.zone = company.reporting_zone
        self.exchange = Exchange(company, now)
        self.contracts = timelines(company, now, self.policy)
        self.today = local_date(now, self.zone)
        self.periods = [period for period in company.periods if period.first <= self.today]
        self._map = [
            row
            for row in company.rows("product_map", now)
            if row["source"] == "stripe" and row["object_type"] == "product"
        ]
        self._keys: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in company.rows("customer_map", now):
            if row["source"] == "stripe":
                self._keys[row["key"]].append(row)
        self._customers: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in company.rows("customers", now):
            self._customers[row["customer_id"]].append(row)
        self._weights: dict[tuple[str, date], dict[str, Fraction]] = {}
        self._cells: dict[tuple[str, str, str, int, date], Sums] = {}

    # -- where it belongs

    def end(self, period: Period) -> int:
        return min(midnight(period.last + timedelta(days=1), self.zone), self.now + 1)

    def day(self, period: Period) -> date:
        return min(period.last, self.today)

    def customer(self, account: str, day: date) -> str:
        return next((row["customer_id"] for row in self._keys[account] if is_valid(row, day)), UNMAPPED)

    def row(self, customer_id: str, day: date) -> dict[str, str]:
        unknown = {"segment": UNMAPPED, "market": UNMAPPED, "parent_id": ""}
        return next((row for row in self._customers[customer_id] if is_valid(row, day)), unknown)

    def logo(self, account: str, day: date) -> str:
        """The family of an account's customer; an account that is nobody's stands for itself."""
        found = self.customer(account, day)
        return account if found == UNMAPPED else self.family(found, day)

    def family(self, customer_id: str, day: date) -> str:
        """The customer above all others of the family."""
        while above := self.row(customer_id, day)["parent_id"]:
            customer_id = above
        return customer_id

    def weights(self, product: str, day: date) -> dict[str, Fraction]:
        if (product, day) not in self._weights:
            rows = strongest(self._map, [product], day)
            found = {row["product_id"]: Fraction(row["weight"]) for row in rows}
            self._weights[product, day] = found or {UNMAPPED: Fraction(1)}
        return self._weights[product, day]

    def cells(self, held: Held, day: date) -> Sums:
        """An item's minor units by cell."""
        known = (held.account, held.product, held.currency, held.minor_units, day)
        if known not in self._cells:
            customer = self.customer(held.account, day)
            row = self.row(customer, day)
            place = (row["segment"] or UNMAPPED, row["market"] or UNMAPPED, held.currency)
            shares = shared_out(held.minor_units, self.weights(held.product, day))
            self._cells[known] = {
                RevenueCell(customer, product, *place): minor_units
                for product, minor_units in shares.items()
                if minor_units
            }
        return self._cells[known]

    def total(self, contracts: Iterable[str], instant: int, day: date) -> Sums:
        return added(
            self.cells(held, day) for contract in contracts for held in self.contracts[contract].before(instant)
        )

    # -- balances

    def balances(self) -> list[Balance]:
        found = []
        for period in self.periods:
            sums = self.total(self.contracts, self.end(period), self.day(period))
            for cell, minor_units in sorted(sums.items()):
                plan, actual = self.rates(cell.currency, period)
                found.append(
                    Balance(period.name, cell, minor_units, round(minor_units * plan), round(minor_units * actual))
                )
        return found

    def unmapped_accounts(self) -> list[tuple[str, RevenueCell, str]]:
        """Accounts that no customer owns and that bring anything when a period ends, by period and cell."""
        return [
            (period.name, cell, held.account)
            for period in self.periods
            for line in self.contracts.values()
            for held in line.before(self.end(period))
            for cell in self.cells(held, self.day(period))
            if cell.customer_id == UNMAPPED
        ]

    def rates(self, currency: str, period: Period) -> tuple[Fraction, Fraction]:
        return self.exchange.planned(currency, period.year), self.exchange.actual(currency, self.day(period))

    # -- movements

    def movements(self) -> list[Movement]:
        return [movement for before, period in pairwise(self.periods) for movement in self._moved(before, period)]

    def unmapped_movements(self) -> list[tuple[str, RevenueCell, Kind, str]]:
        """What moved from end to end of accounts that no customer owns, by period and cell."""
        return [
            (period.name, cell, kind, account)
            for before, period in pairwise(self.periods)
            for account, contracts in self._logos(self.day(period)).items()
            if self.customer(account, self.day(period)) == UNMAPPED and account in self._accounts
            for cell, kind, _ in LogoPeriod(self, contracts, self.end(before), self.end(period), self.day(period)).net()
        ]

    @cached_property
    def _accounts(self) -> set[str]:
        return {line.account for line in self.contracts.values()}

    def _logos(self, day: date) -> dict[str, list[str]]:
        """The contracts of each logo."""
        logos: dict[str, list[str]] = defaultdict(list)
        for contract, line in self.contracts.items():
            logos[self.logo(line.account, day)].append(contract)
        return logos

    def _moved(self, before: Period, period: Period) -> Iterator[Movement]:
        start, end, day = self.end(before), self.end(period), self.day(period)
        logos = self._logos(day)
        opening, remapped = (self.total(self.contracts, start, known) for known in (self.day(before), day))
        moved: dict[RevenueCell, Moved] = defaultdict(lambda: defaultdict(int))
        for cell in {*opening, *remapped}:
            amount = remapped.get(cell, 0) - opening.get(cell, 0)
            moved[cell][(*transferred(amount), False, False), amount > 0] += amount
        for family in logos.values():
            story = LogoPeriod(self, family, start, end, day)
            for cell, kind, amount in [*story.net(), *story.within()]:
                moved[cell][kind, amount > 0] += amount
        for cell in sorted({*opening, *moved}):
            yield from self._reported(before, period, cell, opening.get(cell, 0), moved[cell])

    def _reported(
        self, before: Period, period: Period, cell: RevenueCell, opening: int, moved: Moved
    ) -> Iterator[Movement]:
        old, new = self.rates(cell.currency, before), self.rates(cell.currency, period)
        switched = sum(amount for (kind, _), amount in moved.items() if kind == FX)
        gained = [
            round((opening + switched) * rate) - round(opening * known) for known, rate in zip(old, new, strict=True)
        ]
        if switched or any(gained):
            yield Movement(period.name, cell, *FX, switched, gained[0], gained[1])
        so_far = opening + switched
        for (kind, _), amount in sorted(moved.items(), key=in_order):
            if amount and kind != FX:
                plan, actual = (round((so_far + amount) * rate) - round(so_far * rate) for rate in new)
                yield Movement(period.name, cell, *kind, amount, plan, actual)
                so_far += amount

    @cached_property
    def spans(self) -> dict[str, list[tuple[int, int, frozenset[str]]]]:
        """When each contract brings anything, and which of the billing system's products do."""
        found = {}
        for contract, line in self.contracts.items():
            until = [*line.since[1:], self.now + 1]
            found[contract] = [
                (a, b, frozenset(one.product for one in held))
                for a, b, held in zip(line.since, until, line.held, strict=True)
                if held and a < b
            ]
        return found


class LogoPeriod:
    """What became of one logo's contracts in a period. All is mapped as on the period's last day."""

    def __init__(self, revenue: Revenue, family: list[str], start: int, end: int, day: date) -> None:
        self.revenue, self.family, self.start, self.end, self.day = revenue, family, start, end, day
        there = (contract for contract in family if revenue.contracts[contract].is_there(start, end))
        self.contracts = sorted(there)  # what is settled between contracts is taken off the first ones
        self.opening, self.closing = (revenue.total(self.contracts, at, day) for at in (start, end))
        self._gaps: dict[tuple[str, int], tuple[int | None, int | None]] = {}

    def has(self, sums: Sums, product: str) -> bool:
        """Whether the logo has anything of a product; of any where it is empty."""
        return any(product in ("", cell.product_id) for cell in sums)

    # -- from end to end

    def net(self) -> Iterator[tuple[RevenueCell, Kind, int]]:
        for part in switched(settled(self._parts())):
            product = part.cell.product_id
            if part.kind == "fx":
                yield part.cell, FX, part.amount
                continue
            company, seen = self._typed(part, ""), self._typed(part, product)
            leaves = part.amount < 0 and company != "transfer_out"
            failed = leaves and self.revenue.contracts[part.contract].has_failed(self.end)
            yield part.cell, (company, seen, False, failed), part.amount

    def _typed(self, part: Part, view: str) -> str:
        """How a part is seen by a product, or by the company where `view` is empty."""
        if part.kind == "transfer":
            return transferred(part.amount)[0]
        before, after, product = self.has(self.opening, view), self.has(self.closing, view), part.cell.product_id
        if part.kind != "mix" and not before:
            return self._arrival(view, self.start)
        if part.kind != "mix" and not after:
            return self._departure(view, self.end)
        if part.kind == "come" and not self.has(self.opening, product):
            return "cross_sell"
        if part.kind == "gone" and not self.has(self.closing, product):
            return "product_churn"
        if part.amount < 0:
            return "contraction"
        return "expansion_quantity" if part.kind == "come" else f"expansion_{part.kind}"

    def _parts(self) -> Iterator[Part]:
        for contract in self.contracts:
            line = self.revenue.contracts[contract]
            before = {(held.item, held.product): held for held in line.before(self.start)}
            after = {(held.item, held.product): held for held in line.before(self.end)}
            for item in before.keys() & after.keys():
                yield from self._changed(before[item], after[item])
            gone = added(self.revenue.cells(before[item], self.day) for item in before.keys() - after.keys())
            come = added(self.revenue.cells(after[item], self.day) for item in after.keys() - before.keys())
            if gone and come:
                yield from exchanged(contract, gone, come)
                continue
            left = {before[item]: self._ended(line, item) for item in before.keys() - after.keys()}
            bought = {after[item]: self._begun(line, item) for item in after.keys() - before.keys()}
            for kind, sign, sums, items in (("gone", -1, gone, left), ("come", 1, come, bought)):
                for cell, minor_units in sums.items():
                    own = [held for held in items if cell in self.revenue.cells(held, self.day)]
                    day = (max if kind == "gone" else min)(items[held] for held in own)
                    yield Part(cell, kind, sign * minor_units, contract, sum(held.quantity for held in own), day)

    def _begun(self, line: Timeline, item: tuple[str, str]) -> date:
        return self._local(min(a for a, _ in self._there(line, item) if a >= self.start))

    def _ended(self, line: Timeline, item: tuple[str, str]) -> date:
        return self._local(max(b for _, b in self._there(line, item) if b < self.end))

    def _local(self, instant: int) -> date:
        return local_date(instant, self.revenue.zone)

    def _there(self, line: Timeline, item: tuple[str, str]) -> list[Span]:
        """When an item was held."""
        until = [*line.since[1:], self.revenue.now + 1]
        return [
            (a, b)
            for a, b, held in zip(line.since, until, line.held, strict=True)
            if a < b and any((one.item, one.product) == item for one in held)
        ]

    def _changed(self, before: Held, after: Held) -> Iterator[Part]:
        """More of it, or at another price: at the old price what is more, and the rest."""
        same_price = before.monthly * after.quantity == after.monthly * before.quantity
        old, new = self.revenue.cells(before, self.day), self.revenue.cells(after, self.day)
        for cell in {*old, *new}:
            delta = new.get(cell, 0) - old.get(cell, 0)
            more = round(Fraction(old.get(cell, 0) * (after.quantity - before.quantity), before.quantity))
            more = delta if same_price else more
            yield Part(cell, "quantity", more, after.contract)
            yield Part(cell, "price", delta - more, after.contract)

    # -- there and back

    def within(self) -> Iterator[tuple[RevenueCell, Kind, int]]:
        revenue, zone = self.revenue, self.revenue.zone
        changed = {
            midnight(local_date(at, zone) + timedelta(days=1), zone)
            for contract in self.contracts
            for at in revenue.contracts[contract].since
            if self.start <= at < self.end
        }
        ends = sorted({at for at in changed if at < self.end} | {self.end})
        days = [self.opening, *(revenue.total(self.contracts, at, self.day) for at in ends)]
        for cell in {cell for sums in days for cell in sums}:
            steps = [b.get(cell, 0) - a.get(cell, 0) for a, b in pairwise(days)]
            amount = min(sum(step for step in steps if step > 0), -sum(step for step in steps if step < 0))
            if amount:
                company, seen = self._pair(days, cell, ""), self._pair(days, cell, cell.product_id)
                yield cell, (company[0], seen[0], True, False), amount
                yield cell, (company[1], seen[1], True, False), -amount

    def _pair(self, days: list[Sums], cell: RevenueCell, view: str) -> tuple[str, str]:
        """How it is seen that something came and went, or went and came."""
        before, after = self.has(self.opening, view), self.has(self.closing, view)
        if not before and not after:
            return self._arrival(view, self.start), self._departure(view, self.end)
        empty = next((at for at, sums in enumerate(days) if not self.has(sums, view)), None)
        if before and after and empty is not None:
            return ("late_renewal", "late_renewal") if self._was_short(view) else ("reactivation", "logo_churn")
        if not self.has(self.opening, cell.product_id) and not self.has(self.closing, cell.product_id):
            return "cross_sell", "product_churn"
        return "expansion_quantity", "contraction"

    # -- gaps

    def _spans(self, view: str) -> list[Span]:
        """When the logo had anything of a product, without the seams."""
        found: list[Span] = []
        for contract in self.family:
            for a, b, products in self.revenue.spans[contract]:
                if not view or any(view in self.revenue.weights(product, self.day) for product in products):
                    found.append((a, b))
        merged: list[Span] = []
        for a, b in sorted(found):
            if merged and a <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
            else:
                merged.append((a, b))
        return merged

    def _around(self, view: str, instant: int) -> tuple[int | None, int | None]:
        """The end of what was before an instant and the beginning of what was after it."""
        if (view, instant) not in self._gaps:
            spans = self._spans(view)
            ended = max((b for _, b in spans if b <= instant), default=None)
            begun = min((a for a, _ in spans if a >= instant), default=None)
            self._gaps[view, instant] = ended, begun
        return self._gaps[view, instant]

    def _is_late(self, gap: tuple[int | None, int | None]) -> bool:
        return gap[0] is not None and gap[1] is not None and self._is_short(gap[1] - gap[0])

    def _is_short(self, gap: int) -> bool:
        return gap <= self.revenue.policy.late_renewal_days * DAY

    def _arrival(self, view: str, instant: int) -> str:
        gap = self._around(view, instant)
        return "late_renewal" if self._is_late(gap) else "logo_new" if gap[0] is None else "reactivation"

    def _departure(self, view: str, instant: int) -> str:
        return "late_renewal" if self._is_late(self._around(view, instant)) else "logo_churn"

    def _was_short(self, view: str) -> bool:
        """Whether the gaps of the period were all short."""
        spans = [span for span in self._spans(view) if span[1] > self.start and span[0] < self.end]
        return all(self._is_short(b[0] - a[1]) for a, b in pairwise(spans))


def in_order(moved: tuple[tuple[Kind, bool], int]) -> tuple[bool, int, int, bool, bool]:
    (company, seen, is_intra_period, is_involuntary), is_gain = moved[0]
    return is_intra_period, TYPES.index(company), TYPES.index(seen), is_involuntary, is_gain


def transferred(amount: int) -> tuple[str, str]:
    return ("transfer_in", "transfer_in") if amount > 0 else ("transfer_out", "transfer_out")


def added(many: Iterable[Sums]) -> Sums:
    found: Sums = defaultdict(int)
    for sums in many:
        for cell, minor_units in sums.items():
            found[cell] += minor_units
    return dict(found)


def settled(parts: Iterable[Part]) -> list[Part]:
    """What goes by one contract and comes by another one, in one cell, did not move."""
    known = list(parts)
    come, gone = (added({p.cell: abs(p.amount)} for p in known if p.kind == kind) for kind in ("come", "gone"))
    stays = {kind: {cell: min(come.get(cell, 0), gone.get(cell, 0)) for cell in come} for kind in ("come", "gone")}
    found = []
    for part in known:
        kept = min(abs(part.amount), stays.get(part.kind, {}).get(part.cell, 0))
        if kept:
            stays[part.kind][part.cell] -= kept
            part = replace(part, quantity=0)  # what is set off in part is no whole unit any more
        found.append(replace(part, amount=part.amount - kept if part.amount > 0 else part.amount + kept))
    return [part for part in found if part.amount]


def switched(parts: Iterable[Part]) -> Iterator[Part]:
    """Whole units that go in one currency and come in another one on the same day."""
    known = list(parts)
    units: dict[tuple[object, ...], dict[str, int]] = defaultdict(lambda: {"come": 0, "gone": 0})
    for part in known:
        if part.quantity:
            units[_place(part)][part.kind] += part.quantity
    for part in known:
        sides = units[_place(part)]
        same = min(sides.values()) if part.quantity else 0
        amount = round(Fraction(part.amount * same, sides[part.kind])) if same else 0
        split = (replace(part, kind="fx", amount=amount), replace(part, amount=part.amount - amount))
        yield from (one for one in split if one.amount)


def _place(part: Part) -> tuple[object, ...]:
    cell = part.cell
    return cell.customer_id, cell.product_id, cell.segment, cell.market, part.day


def exchanged(contract: str, gone: Sums, come: Sums) -> Iterator[Part]:
    """Items for other items: what one product loses and another one gains is a transfer, the rest is the mix."""
    delta = {cell: come.get(cell, 0) - gone.get(cell, 0) for cell in sorted({*gone, *come})}
    gains = {cell: minor_units for cell, minor_units in delta.items() if minor_units > 0}
    losses = {cell: -minor_units for cell, minor_units in delta.items() if minor_units < 0}
    moved = min(sum(gains.values()), sum(losses.values()))
    for sign, sums in ((1, gains), (-1, losses)):
        by_product = {cell.product_id: cell for cell in sums}
        known = {product: Fraction(sums[cell]) for product, cell in by_product.items()}
        for product, part in (shared_out(moved, known) if known else {}).items():
            cell = by_product[product]
            yield Part(cell, "transfer", sign * part, contract)
            yield Part(cell, "mix", sign * (sums[cell] - part), contract)
