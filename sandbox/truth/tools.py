"""What AI and other tools cost, by vendor, team and product.

The definitions:
- Tool spend is what is posted on accounts of cost type `ai`, any cost of a vendor that vendor_map.csv says is of `ai`,
  and on accounts of `tools` what is of vendors of ai_spend.csv or names none; no pay and no contractor's. It is shown
  from the period on in which the first day of ai_spend.csv is; without that file there is none to show. Other tools
  are not shown, and go on hiding pay (standard.py).
- The vendor of a posting is the agency of its document's vendor in vendor_map.csv, else that vendor by its name in the
  books (as the file writes it). Of an entry without a vendor, or of one of the company's own people, its words say it:
  the longest name of a vendor of the file, or of one of `ai`, that is in them.
- What names no vendor goes to vendors of which the file says more than their own postings (less, where it is below
  zero), by what they lack and no more than that.
- A bill of the file is spread over its days: in equal months where it begins and ends with the first of a month, each
  month by its days. Each period's part goes by days to the team (a person's is that of the day) and to the products of
  that team on that day; after today as today.
- A bill in another currency is worth what the vendor's own postings of the period in that currency were booked at, else
  the period's last rate. All bills of a vendor, period and currency are converted in one sum.
- The file gives the shape, the ledger the amount: what has no class and the file explains goes to its teams' products;
  what the ledger has beyond the file is of no team, and where it has less, each team has less of it in proportion. What
  takes back of one team is that team's, in full.
- Postings are shared out so that both each posting and each team and product add up: the part of a posting and a cell
  is what the two running totals, by day, account, amount and class, and by name, come to, rounded half to even.
Does not: what becomes of what no team has (cost.py).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.truth.books import Posting
from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.money import EXPONENTS, Exchange, shared_out
from sandbox.truth.pay_shape import PayShapes
from sandbox.truth.recognised import Postings

TOOLS, AI, NO_TOOLS = "tools", "ai", ("payroll", "contractor")
UNATTRIBUTED = "UNATTRIBUTED"
NOBODYS = (UNMAPPED, UNATTRIBUTED)
Cell = tuple[str, str]  # team and product
Row = TypeVar("Row", bound=Hashable)
Name = TypeVar("Name", str, Cell)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a posting: whose it is."""

    posting: Posting
    vendor: str
    team_id: str
    product_id: str
    amount: int


class Tools:
    """`kind` is statement group, cost type and function of a posting; empty where it is no cost."""

    def __init__(
        self,
        company: Company,
        now: int,
        postings: Postings,
        pay: PayShapes,
        kind: Callable[[Posting], tuple[str, str, str]],
    ) -> None:
        self.company, self.now, self.postings, self.pay, self.kind = company, now, postings, pay, kind
        self.today, self.exchange = pay.today, Exchange(company, now)
        self.books = postings.ledger.books
        self.bills = company.rows("ai_spend", now)
        self.vendors = company.rows("vendor_map", now)
        self.in_file = sorted({bill["vendor"] for bill in self.bills})
        agencies = {row["agency"] for row in self.vendors if row["cost_type"] == AI and row["agency"]}
        self.known = sorted({*self.in_file, *agencies})
        self._parts: dict[str, list[Part]] = {}

    # -- what the ledger has

    def of(self, period: Period) -> list[Posting]:
        """Postings of tool spend, in order."""
        if not self.bills or str(period.last) < min(bill["from"] for bill in self.bills):
            return []
        found = [one for one in self.postings.of(period) if self._is_tool(one)]
        return sorted(found, key=lambda one: (one.day, one.account, one.amount, one.product))

    def _is_tool(self, posting: Posting) -> bool:
        group, cost_type, _ = self.kind(posting)
        if not group or cost_type in NO_TOOLS:
            return False
        if cost_type == AI or any(row["cost_type"] == AI for row in self._mapped(posting)):
            return True
        return cost_type == TOOLS and self.vendor(posting) in ("", *self.known)

    def _record(self, posting: Posting) -> dict[str, Any]:
        return self.books.records[posting.kind][posting.document]

    def _mapped(self, posting: Posting) -> list[dict[str, str]]:
        party = self._record(posting).get("party")
        return [row for row in self.vendors if row["key"] == party and is_valid(row, posting.day)]

    def vendor(self, posting: Posting) -> str:
        """Empty where nothing names one."""
        record, rows = self._record(posting), self._mapped(posting)
        for row in rows:
            if row["agency"]:
                return row["agency"]
        named = self.books.records["Vendor"].get(record.get("party") or "")
        if named and not rows:
            alike = (one for one in self.in_file if one.lower() == named["name"].lower())
            return next(alike, str(named["name"]))
        line = record["lines"][posting.line] if posting.line is not None else None
        words = ((line.text if line else "") or record["note"]).lower()
        found = [one for one in self.known if one.lower() in words]
        return min(found, key=lambda one: (-len(one), one), default="")

    def _in_own_currency(self, posting: Posting) -> tuple[str, int]:
        """What a line says before it is converted."""
        record = self._record(posting)
        amount = record["lines"][posting.line].amount if posting.line is not None else 0
        return record["currency"], abs(amount) * (1 if posting.amount > 0 else -1)

    # -- what the file says

    @cached_property
    def spread(self) -> dict[tuple[str, str], dict[str, Counter[Cell]]]:
        """By vendor and period, by currency, in its minor units."""
        found: dict[tuple[str, str], dict[str, Counter[Cell]]] = defaultdict(lambda: defaultdict(Counter))
        periods = {day: period.name for period in self.company.periods for day in period.days}
        for bill in self.bills:
            first, end = date.fromisoformat(bill["from"]), date.fromisoformat(bill["to"])
            days = [first + timedelta(days=number) for number in range((end - first).days)]
            in_months = first.day == end.day == 1
            weights: dict[str, Fraction] = defaultdict(Fraction)
            for day in days:
                weights[periods.get(day, "LATER")] += (
                    Fraction(1, monthrange(day.year, day.month)[1]) if in_months else Fraction(1)
                )
            minor = int(Decimal(bill["amount"]).scaleb(EXPONENTS[bill["currency"]]))
            for period, part in shared_out(minor, weights).items():
                used: dict[Cell, Fraction] = defaultdict(Fraction)
                for day in days:
                    if periods.get(day, "LATER") == period:
                        for cell, share in self._users(bill, min(day, self.today)).items():
                            used[cell] += share
                found[bill["vendor"], period][bill["currency"]].update(shared_out(part, used))
        return found

    def _users(self, bill: Mapping[str, str], day: date) -> dict[Cell, Fraction]:
        team = bill["team_id"] or self._team(bill["user"], day)
        if team == UNMAPPED:
            return {NOBODYS: Fraction(1)}
        return {(team, product): share for product, share in self.pay.products(team, day).items()}

    def _team(self, user: str, day: date) -> str:
        for row in self.company.rows("worker_map", self.now):
            if row["source"] == "vendor" and row["key"] == user and is_valid(row, day):
                job = self.company.staff.by_id[row["worker_id"]].as_known(self.now).job(day)
                return job.team_id if job else UNMAPPED
        return UNMAPPED

    def cells(self, vendor: str, period: Period, own: Sequence[Posting]) -> dict[Cell, int]:
        """What the file says, in the currency of the books. `own` are the postings that name the vendor."""
        found: Counter[Cell] = Counter()
        for currency, known in self.spread.get((vendor, period.name), {}).items():
            cells = {cell: amount for cell, amount in known.items() if amount}
            if cells:
                found.update(_valued(cells, self._rate(currency, period, own)))
        return {cell: amount for cell, amount in found.items() if amount}

    def _rate(self, currency: str, period: Period, own: Sequence[Posting]) -> Fraction:
        home = self.postings.ledger.books.bookkeeping.home
        if currency == home:
            return Fraction(1)
        billed = [(one.amount, *self._in_own_currency(one)) for one in own]
        booked = sum(amount for amount, of, _ in billed if of == currency)
        said = sum(amount for _, of, amount in billed if of == currency)
        if booked > 0 and said > 0:
            return Fraction(booked, said)
        day = min(period.last, self.today)
        return self.exchange.actual(currency, day) / self.exchange.actual(home, day)

    # -- both

    def vendors_of(self, period: Period) -> dict[str, tuple[list[tuple[Posting, int]], dict[Cell, int]]]:
        """By vendor, with what is left over under UNMAPPED: its postings with their amounts, and what the file says."""
        own: dict[str, list[Posting]] = defaultdict(list)
        for posting in self.of(period):
            own[self.vendor(posting)].append(posting)
        nameless = own.pop("", [])
        if not self.bills or str(period.last) < min(bill["from"] for bill in self.bills):
            return {}
        names = {*own, *(vendor for vendor, name in self.spread if name == period.name)}
        filed = {name: self.cells(name, period, own[name]) for name in names}
        pool = sum(one.amount for one in nameless)
        short = {
            name: sum(cells.values()) - sum(one.amount for one in own[name])
            for name, cells in filed.items()
            if (name, period.name) in self.spread
        }
        weights = {name: abs(lacks) for name, lacks in short.items() if lacks * pool > 0}
        weights[UNMAPPED] = max(abs(pool) - sum(weights.values()), 0)
        targets = shared_out(pool, {k: Fraction(v) for k, v in weights.items()}) if pool else {UNMAPPED: 0}
        found = {name: ([(one, one.amount) for one in own[name]], filed[name]) for name in names}
        if nameless:
            found.setdefault(UNMAPPED, ([], {}))
        for (posting, name), part in both_ways([(one, one.amount) for one in nameless], targets, UNMAPPED).items():
            found[name][0].append((posting, part))
        return found

    def parts(self, period: Period) -> list[Part]:
        if period.name not in self._parts:
            found: list[Part] = []
            classed: dict[Posting, dict[str, int]] = defaultdict(dict)
            for vendor, (pieces, cells) in self.vendors_of(period).items():
                for posting, amount in pieces:
                    if posting.product:
                        classed[posting][vendor] = amount
                rows = sorted(
                    ((one, amount) for one, amount in pieces if not one.product),
                    key=lambda row: (row[0].day, row[0].account, row[0].amount, row[0].product),
                )
                whole = sum(amount for _, amount in rows)
                explained = between(sum(cells.values()), whole)
                targets = Counter(fitted(cells, explained) if cells else {})
                targets[NOBODYS] += whole - explained
                found += [
                    Part(posting, vendor, *cell, amount)
                    for (posting, cell), amount in both_ways(rows, targets, NOBODYS).items()
                ]
            for posting, vendors in classed.items():
                products = shared_out(posting.amount, self.postings.products(posting.product, posting.day))
                both = both_ways(sorted(vendors.items()), products, "")
                found += [
                    Part(posting, vendor, UNMAPPED, product, amount) for (vendor, product), amount in both.items()
                ]
            self._parts[period.name] = [part for part in found if part.amount]
        return self._parts[period.name]

    def untagged(self, period: Period) -> dict[Posting, Counter[str]]:
        """Of each posting without a class, by product."""
        found: dict[Posting, Counter[str]] = {one: Counter() for one in self.of(period) if not one.product}
        for part in self.parts(period):
            if not part.posting.product:
                found[part.posting][part.product_id] += part.amount
        return found

    def rows(self) -> dict[tuple[str, str, str, str], Counter[str]]:
        """By period, vendor, team and product: the measures of mart_ai_spend."""
        sums: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
        for period in self.postings.periods:
            for part in self.parts(period):
                sums[(period.name, part.vendor, *_shown(part.team_id, part.product_id))]["ledger_amount"] += part.amount
            for vendor, (pieces, cells) in self.vendors_of(period).items():
                for cell, amount in cells.items():
                    sums[(period.name, vendor, *_shown(*cell))]["file_amount"] += amount
                whole, filed = sum(amount for _, amount in pieces), sum(cells.values())
                explained = between(filed, whole)
                rest = sums[(period.name, vendor, *_shown(*NOBODYS))]
                rest["not_in_file"] += whole - explained
                rest["not_in_ledger"] += filed - explained
        return sums


def _shown(team: str, product: str) -> Cell:
    """What waits for overhead, and what nobody's team has, is of no product yet."""
    return team, "UNALLOCATED" if product in (UNATTRIBUTED, "OVERHEAD") else product


def between(filed: int, whole: int) -> int:
    """What of the file the ledger has: from nothing to all of it."""
    return min(max(whole, 0), filed) if filed >= 0 else max(min(whole, 0), filed)


def fitted(cells: Mapping[Cell, int], total: int) -> dict[Cell, int]:
    """Cells that add up to a total: those on the smaller side of zero stay, the others share what is then left."""
    return _fitted(cells, total, Fraction(1))


def _valued(cells: Mapping[Cell, int], rate: Fraction) -> dict[Cell, int]:
    return _fitted(cells, round(sum(cells.values()) * rate), rate)


def _fitted(cells: Mapping[Cell, int], total: int, rate: Fraction) -> dict[Cell, int]:
    side = 1 if sum(cells.values()) >= 0 else -1
    kept = {cell: round(amount * rate) for cell, amount in cells.items() if amount * side < 0}
    larger = {cell: Fraction(abs(amount)) for cell, amount in cells.items() if amount * side > 0}
    return kept | shared_out(total - sum(kept.values()), larger)


def both_ways(rows: Sequence[tuple[Row, int]], columns: Mapping[Name, int], rest: Name) -> dict[tuple[Row, Name], int]:
    """Parts of rows by columns of the same total, so that each adds up. Where that is nothing all rows are the
    rest's."""
    whole, found = sum(columns.values()), dict[tuple[Row, Name], int]()
    if not whole:
        return {(row, rest): amount for row, amount in rows}
    down = 0
    for row, amount in rows:
        across = 0
        for name in sorted(columns):
            ends = [
                round(Fraction(a * b, whole)) for a in (down, down + amount) for b in (across, across + columns[name])
            ]
            found[row, name] = ends[3] - ends[2] - ends[1] + ends[0]
            across += columns[name]
        down += amount
    return found
