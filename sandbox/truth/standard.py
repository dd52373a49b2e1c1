"""Cost and profit of each product as they are published: people at standard rates, so that no cell tells anybody's pay.

The definitions:
- Cost at standard is allocated as the ledger's own is (cost.py), from other lines: every part of a posting that is no
  payroll and waits for no driver of overhead, as it is; a line of people for each statement group and function; a line
  of depreciation that serves the whole company; and of each statement group one remainder, which is overhead, so that
  the group adds up to the ledger, where it may be shown.
- A line of people is, for each product, the paid days (in thousandths) of the people of the function times their team's
  share of the day times the standard rate, half to even to the minor unit.
- People are under cost of revenue where account_map.csv, on the period's last day or today, has payroll of their
  function there; else under operating expense, unless the ledger has payroll under cost of revenue alone. Where the
  ledger has no payroll in the group there is no line: what HR knows is no cost by itself.
- The standard rate of a function in a fiscal year is made of the year before; of the functions that had none then, of
  the year's own first periods, all that are over up to the first one by whose end any of them has a rate; who begins
  later has none this year. It is the mean pay of a paid day (a year has 365 days; nobody who is paid nothing counts) of
  the function's group, on the nearest step of the series R20 of ISO 3.
- A group is safe with five people or more, of whom the largest is at most half of the pay, the two largest at most
  three quarters, and the others at least 15 % of the largest. Functions that are not safe are one group; while it is
  not safe it takes the safe function with the fewest people, then by name. If it never is, no function has a rate.
- A remainder must hide pay: other cost in it (what waits for overhead's driver and is no depreciation) is at least
  twice the largest pay of a whole period in it, times what the books post in the year for each unit of pay. A period
  where that is not so of all statement groups together is withheld, and so are all figures that its remainder would be
  in. If in one of the fiscal year's other periods it is not so of a group by itself, cost of revenue and operating
  expense share one in all of them, under operating expense.
- A period is withheld too while it runs, and, until it is closed, while the ledger lacks the payroll of a function that
  is paid in it: the difference to what is published afterwards would be pay.
- Operating expense is research and development (engineering, product, design), sales and marketing, and else general
  and administrative, by the function of the account or of the people. Only research and development is shown net of
  what is capitalised as well.
Does not: the actual cost (cost.py), revenue (recognised.py), what is capitalised (epics.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.timestamps import local_date
from sandbox.truth.books import Posting, money
from sandbox.truth.cost import COSTS, DIRECT, PAYROLL, TEAMS, Costs, Rules, Share
from sandbox.truth.effort import Efforts
from sandbox.truth.maps import UNMAPPED, is_valid, portfolio
from sandbox.truth.pay_shape import OVERHEAD
from sandbox.truth.recognised import recognised

STAGES = ("direct", "team", "shared", "overhead")
COST_OF_REVENUE, OPERATING_EXPENSE = "cost_of_revenue", "operating_expense"
DEPRECIATION, REMAINDER = "depreciation", "remainder"
WITH_REMAINDER = ("general_and_administrative", "operating_expense", "operating_profit", "ebitda_proxy")
OF_PAY = ("payroll", "salar", "wage", "labor", "labour", "bonus", "compensation", "pension")
DEVELOPMENT, SALES = ("engineering", "product", "design"), ("sales", "marketing")
R20: tuple[str, ...] = (
    *("1", "1.12", "1.25", "1.4", "1.6", "1.8", "2", "2.24", "2.5", "2.8"),
    *("3.15", "3.55", "4", "4.5", "5", "5.6", "6.3", "7.1", "8", "9"),
)
STEPS = [Fraction(step) * Fraction(10) ** size for size in range(-4, 12) for step in R20]
Pay = Mapping[str, int]  # by person
Paid = dict[str, dict[str, tuple[int, int]]]  # by function and person: pay of a year x days, and days, in thousandths


def is_safe(pay: Pay) -> bool:
    first, second, *others = [*sorted(pay.values(), reverse=True), 0, 0]
    whole = first + second + sum(others)
    is_dominated = 2 * first > whole or 4 * (first + second) > 3 * whole or 100 * sum(others) < 15 * first
    return len(pay) >= 5 and not is_dominated


def groups(functions: Mapping[str, Pay]) -> list[list[str]]:
    """Which functions share a rate; none where not even all of them together are safe."""
    alone = sorted((len(pay), name) for name, pay in functions.items() if is_safe(pay))
    together = [name for name, pay in functions.items() if not is_safe(pay)]
    while together:
        pay: Counter[str] = Counter()
        for name in together:
            pay.update(functions[name])
        if is_safe(pay):
            break
        if not alone:
            return []
        together.append(alone.pop(0)[1])
    return [[name] for _, name in alone] + ([together] if together else [])


def standard(mean: Fraction) -> Fraction:
    """The nearest step by ratio, of two equally near ones the larger; a ratio is compared by its square."""
    return min(STEPS, key=lambda step: (max(step / mean, mean / step), -step))


def _covers(cells: Sequence[tuple[int, Fraction]], posted: Fraction) -> bool:
    largest = max((pay for _, pay in cells), default=Fraction(0))
    return not largest or sum(other for other, _ in cells) >= 2 * largest * posted


def rates(before: Sequence[Paid], own: Sequence[Paid]) -> dict[str, Fraction]:
    """By function, of a year, from the periods of the year before and those of its own."""
    found = _made(before, ())
    for number in range(len(own)):
        if new := _made(own[: number + 1], found):
            return found | new
    return found


def _made(periods: Sequence[Paid], known: Collection[str]) -> dict[str, Fraction]:
    pay: dict[str, Counter[str]] = defaultdict(Counter)
    days: Counter[str] = Counter()
    for period in periods:
        for function in period.keys() - known:
            for person, (earned, thousandths) in period[function].items():
                pay[function][person] += earned
                days[function] += thousandths
    found: dict[str, Fraction] = {}
    for group in groups(pay):
        whole = sum(sum(pay[name].values()) for name in group)
        found |= dict.fromkeys(group, standard(Fraction(whole, 365 * sum(days[name] for name in group))))
    return found


@dataclass(frozen=True, slots=True)
class About:
    """What a line of cost is."""

    group: str
    cost_type: str
    function: str


class StandardCosts(Costs):
    """The same allocation of other lines."""

    def __init__(self, company: Company, now: int) -> None:
        super().__init__(company, now)
        self._made: dict[Posting, About] = {}
        self._known_cells: dict[str, list[tuple[int, Fraction]]] = {}
        self._known_shares: dict[str, list[Share]] = {}
        self._known_remainders: dict[str, str | None] = {}
        self._known_groups: dict[tuple[str, str], str | None] = {}
        self.closed = closed_until(company, now)
        self._rates = self._rates_by_year()

    @cached_property
    def efforts(self) -> Efforts:
        return Efforts(self.company, self.now)

    def kind(self, posting: Posting) -> tuple[str, str, str]:
        about = self._made.get(posting)
        return (about.group, about.cost_type, about.function) if about else super().kind(posting)

    def shares(self, period: Period) -> list[Share]:
        if period.name not in self._known_shares:
            self._known_shares[period.name] = super().shares(period)
        return self._known_shares[period.name]

    def placed(self, period: Period) -> list[Share]:
        found, depreciation, left = list[Share](), Counter[str](), Counter[str]()
        for posting in self.postings.of(period):
            if group := self.kind(posting)[0]:
                left[group] += posting.amount
        for share in super().placed(period):
            group, kind, _ = self.kind(share.posting)
            if self.is_pay(share.posting):
                continue
            if share.product_id != OVERHEAD or self._follows_a_team(share.posting, kind):
                found.append(share)
            elif kind == DEPRECIATION:
                depreciation[group] += share.amount
        found += self._people(period)
        for group, amount in depreciation.items():
            found += self._overhead(period, DEPRECIATION, group, amount)
        for share in found:
            left[self.kind(share.posting)[0]] -= share.amount
        shown = self.remainder(period)
        if shown == "joint":
            left = Counter({OPERATING_EXPENSE: sum(left.values())})
        for group, amount in left.items() if shown != "withheld" else ():
            found += self._overhead(period, REMAINDER, group, amount)
        return found

    def _follows_a_team(self, posting: Posting, kind: str) -> bool:
        """A contractor's bill, of a team that serves everybody."""
        return OVERHEAD in self._untagged(posting, kind, Rules(overhead_types=()))

    def _overhead(self, period: Period, name: str, group: str, amount: int) -> list[Share]:
        line = self._line(period, name, About(group, name, ""), amount)
        return [Share(line, OVERHEAD, DIRECT, amount)] if amount else []

    def _line(self, period: Period, name: str, about: About, amount: int) -> Posting:
        line = Posting(period.last, name, f"{about.group}/{about.function}", None, "", amount)
        self._made[line] = about
        return line

    # -- remainders

    def remainder(self, period: Period) -> str | None:
        """own, joint or withheld. None without any cost."""
        if period.name not in self._known_remainders:
            self._known_remainders[period.name] = self._remainder(period)
        return self._known_remainders[period.name]

    def _remainder(self, period: Period) -> str | None:
        if not any(self.kind(posting)[0] in COSTS for posting in self.postings.of(period)):
            return None
        posted = self._posted_per_pay(period.year)
        year = [one for one in self.postings.periods if one.year == period.year and self._is_settled(one)]
        shown = [one for one in year if _covers(self._cells(one), posted)]
        if period not in shown:
            return "withheld"
        return "own" if all(_covers([cell], posted) for one in shown for cell in self._cells(one)) else "joint"

    def _is_settled(self, period: Period) -> bool:
        """Over, with all its payroll, or closed without."""
        has_all = all(self._group(period, function) for function in self._paid_days(period))
        return period.last < self.today and (has_all or (self.closed is not None and period.last <= self.closed))

    def is_pay(self, posting: Posting) -> bool:
        """Payroll, and what looks like it on an account that nobody has mapped."""
        group, kind, _ = self.kind(posting)
        account = self.postings.ledger.accounts[posting.account]
        words = f"{account['subtype']} {account['name']}".lower()
        return kind == PAYROLL or (group == UNMAPPED and any(word in words for word in OF_PAY))

    def _cells(self, period: Period) -> list[tuple[int, Fraction]]:
        """Of each statement group the cost that waits for overhead's driver, and the largest pay of a whole period."""
        if period.name not in self._known_cells:
            posted = self.postings.of(period)
            groups = {self.kind(posting)[0] for posting in posted} & {*COSTS}
            groups |= {UNMAPPED for posting in posted if self.kind(posting)[0] == UNMAPPED and self.is_pay(posting)}
            other: Counter[str] = Counter()
            for share in super().placed(period):
                group, kind, _ = self.kind(share.posting)
                is_other = share.product_id == OVERHEAD and kind not in (PAYROLL, DEPRECIATION)
                other[group] += share.amount if is_other and not self._follows_a_team(share.posting, kind) else 0
            largest: dict[str | None, int] = defaultdict(int)
            for function, people in self._paid_days(period).items():
                for group_of in (self._group(period, function), UNMAPPED):
                    largest[group_of] = max(largest[group_of], *(pay for pay, _ in people))
            days = Fraction(len(period.days), 365)
            self._known_cells[period.name] = [(other[group], largest[group] * days) for group in sorted(groups)]
        return self._known_cells[period.name]

    def _paid_days(self, period: Period) -> dict[str, list[tuple[int, int]]]:
        """By function pay of a year and paid thousandths of each day."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in self.pay.days[period.name]:
            if one.yearly_pay_minor and one.paid_thousandths:
                found[one.function.lower()].append((one.yearly_pay_minor, one.paid_thousandths))
        return found

    def _posted_per_pay(self, year: str) -> Fraction:
        """What the books post in a year for each unit of pay."""
        posted, paid = 0, 0
        for period in self.postings.periods:
            if period.year == year:
                of_pay = sum(one.amount for one in self.postings.of(period) if self.kind(one)[0] and self.is_pay(one))
                posted += of_pay
                known = (one for people in self._paid_days(period).values() for one in people)
                paid += sum(pay * days for pay, days in known) if of_pay else 0
        return Fraction(365_000 * posted, paid) if paid else Fraction(0)

    # -- people

    def _people(self, period: Period) -> list[Share]:
        found: list[Share] = []
        for function, (group, amounts) in self.people(period).items():
            line = self._line(period, "people", About(group, PAYROLL, function), sum(amounts.values()))
            found += [Share(line, product, TEAMS, amount) for product, amount in amounts.items() if amount]
        return found

    def people(self, period: Period) -> dict[str, tuple[str, dict[str, int]]]:
        """By function, the statement group and what its people cost, by product."""
        worked: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for one in self.pay.days[period.name]:
            for product, share in self.pay.products(one.team_id, one.day).items():
                worked[one.function.lower()][product] += one.paid_thousandths * share
        found = {}
        for function, days in worked.items():
            rate, group = self.rate(period, function), self._group(period, function)
            if rate and group:
                found[function] = group, {product: round(number * rate / 1000) for product, number in days.items()}
        return found

    def rate(self, period: Period, function: str) -> Fraction | None:
        """Of a full-time day of a function in a period; none where too few are paid in it."""
        return self._rates.get((period.year, function))

    def _group(self, period: Period, function: str) -> str | None:
        """Where the ledger has the payroll of a function."""
        key = period.name, function
        if key not in self._known_groups:
            self._known_groups[key] = self._posted_group(period, function)
        return self._known_groups[key]

    def _posted_group(self, period: Period, function: str) -> str | None:
        posted = Counter[str]()
        for posting in self.postings.of(period):
            group, kind, _ = self.kind(posting)
            if kind == PAYROLL:
                posted[group] += posting.amount
        day = min(period.last, self.today)
        serves = any(
            (row["statement_group"], row["cost_type"], row["function"].lower()) == (COST_OF_REVENUE, PAYROLL, function)
            and is_valid(row, day)
            for row in self.company.rows("account_map", self.now)
        )
        wanted = [COST_OF_REVENUE] if serves else [OPERATING_EXPENSE, COST_OF_REVENUE]
        return next((group for group in wanted if posted[group] > 0), None)

    def _rates_by_year(self) -> dict[tuple[str, str], Fraction]:
        years: dict[str, list[Paid]] = defaultdict(list)
        for period in self.company.periods:
            if period.first <= self.today:
                years[period.year] += [self._paid(period)] if period.last < self.today else []
        found, before = dict[tuple[str, str], Fraction](), list[Paid]()
        for year, own in years.items():
            found |= {(year, name): rate for name, rate in rates(before, own).items()}
            before = own
        return found

    def _paid(self, period: Period) -> Paid:
        found: Paid = defaultdict(lambda: defaultdict(lambda: (0, 0)))
        for one in self.pay.days[period.name]:
            if one.yearly_pay_minor and one.paid_thousandths:
                pay, days = found[one.function.lower()][one.worker_id]
                pay += one.yearly_pay_minor * one.paid_thousandths
                found[one.function.lower()][one.worker_id] = pay, days + one.paid_thousandths
        return found


def closed_until(company: Company, now: int) -> date | None:
    found: date | None = company.bookkeeping.books(now).records["Preferences"]["1"]["close"]
    return found


def product_costs(costs: StandardCosts) -> list[dict[str, Any]]:
    """The rows of mart_product_cost."""
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for period in costs.postings.periods:
        for share in costs.shares(period):
            sums[period.name, share.product_id, costs.kind(share.posting)[0], STAGES[share.stage]] += share.amount
    about = Beside(costs.company, costs.now)
    names = ("fiscal_period", "product_id", "statement_group", "stage")
    kinds = {period.name: costs.remainder(period) for period in costs.postings.periods}
    return [
        dict(zip(names, key, strict=True))
        | {"cost": money(amount), "remainder": kinds[key[0]]}
        | about.of(key[0], key[1])
        for key, amount in sorted(sums.items())
        if amount
    ]


def profits(costs: StandardCosts, capitalised: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The rows of mart_product_pnl, with what the chosen regime capitalises by period and product (epics.py)."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in recognised(costs.company, costs.now):
        sums[row.fiscal_period, row.product_id]["recognised_revenue"] += row.amount
    cells: Counter[tuple[str, str, str, str, str, int]] = Counter()
    for period in costs.postings.periods:
        for share in costs.shares(period):
            cells[period.name, share.product_id, *costs.kind(share.posting), share.stage] += share.amount
    for (name, product, group, kind, function, stage), amount in cells.items():
        if not amount:
            continue
        lines, is_own = sums[name, product], stage in (DIRECT, TEAMS)
        if group == COST_OF_REVENUE:
            lines["cost_of_revenue"] += amount
        elif function in DEVELOPMENT:
            lines[f"research_and_development_{'direct' if is_own else 'shared'}"] += amount
        elif function in SALES:
            lines["sales_and_marketing"] += amount
            lines["own_sales"] += amount if is_own else 0
        else:
            lines["general_and_administrative"] += amount
        lines["depreciation"] += amount if kind == DEPRECIATION else 0
        lines["of_unmapped_accounts"] += amount if group == UNMAPPED else 0
    for key, amount in capitalised.items():
        sums[key]["capitalised"] += amount
    about, rows = Beside(costs.company, costs.now), list[dict[str, Any]]()
    kinds = {period.name: costs.remainder(period) for period in costs.postings.periods}
    for key, lines in sums.items():
        row = _profit(lines) | {"remainder": kinds.get(key[0])}
        row |= dict.fromkeys(WITH_REMAINDER, None) if row["remainder"] == "withheld" else {}
        rows.append({"fiscal_period": key[0], "product_id": key[1]} | row | about.of(*key))
    return rows


def _profit(lines: Mapping[str, int]) -> dict[str, Any]:
    """Of one product and period, from its lines in minor units."""
    revenue = lines["recognised_revenue"]
    gross = revenue - lines["cost_of_revenue"]
    expense = sum(
        lines[name]
        for name in (
            *("research_and_development_direct", "research_and_development_shared"),
            *("sales_and_marketing", "general_and_administrative"),
        )
    )
    amounts = {
        "recognised_revenue": revenue,
        "cost_of_revenue": lines["cost_of_revenue"],
        "gross_profit": gross,
        "research_and_development_direct": lines["research_and_development_direct"],
        "research_and_development_shared": lines["research_and_development_shared"],
        "capitalised": lines["capitalised"],
        "research_and_development_net": lines["research_and_development_direct"]
        + lines["research_and_development_shared"]
        - lines["capitalised"],
        "sales_and_marketing": lines["sales_and_marketing"],
        "general_and_administrative": lines["general_and_administrative"],
        "operating_expense": expense,
        "operating_profit": gross - expense,
        "contribution": gross - lines["research_and_development_direct"] - lines["own_sales"],
        "depreciation": lines["depreciation"],
        "ebitda_proxy": gross - expense + lines["depreciation"],
        "of_unmapped_accounts": lines["of_unmapped_accounts"],
    }
    return {name: money(amount) for name, amount in amounts.items()} | {
        "gross_margin_ratio": gross / revenue if revenue > 0 else None,
        "gross_margin_ratio_suppressed_reason": None if revenue > 0 else "no_revenue",
    }


class Beside:
    """What stands beside each row: the portfolio as it was, whether the books of the period are closed."""

    def __init__(self, company: Company, now: int) -> None:
        self.currency, self.products = company.currency, company.rows("products", now)
        self.periods = {period.name: period for period in company.periods}
        self.today = local_date(now, company.reporting_zone)
        self.closed = closed_until(company, now)

    def of(self, period: str, product: str) -> dict[str, Any]:
        last = self.periods[period].last
        return {
            "portfolio_id_as_was": portfolio(self.products, product, min(last, self.today)),
            "currency": self.currency,
            "is_closed": self.closed is not None and last <= self.closed,
        }
