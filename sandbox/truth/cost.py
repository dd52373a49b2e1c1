"""Cost of each product by stage, in each fiscal period.

The definitions:
- The ledger owns the amount: cost is what is posted on accounts that account_map.csv puts under cost_of_revenue or
  operating_expense, and on accounts of costs and expenses that it does not know (cost type UNMAPPED). Each posting is
  shared out on its own, the largest remainders first, so that every period adds up to the ledger to the minor unit.
- Stage 0, direct: a posting with a class is its product's on its day; UNMAPPED where nobody has mapped the class.
- Stage 1, teams: payroll without a class. HR gives the shape and nothing else: each day's yearly pay of everybody who
  is employed and no contractor, times the share of full time, no day of unpaid leave, as known now, at the period's
  last rate; that day's shares of the team in team_products.csv say for which products. What shares leave over, and
  engineering teams without any, are UNALLOCATED; teams of other functions without any are overhead. A period in which
  HR knows nobody is UNALLOCATED.
- Stage 2, shared platform: products that a platform team works for, in the period, are shared. What stages 0 and 1
  brought them goes on to the other products by their use in the period (events of the period), the most costly shared
  product first; one that has gone on gets nothing any more. It leaves as a negative amount. Without any use it is
  UNALLOCATED.
- Stage 3, overhead: what has no class and is of a type that serves the whole company (OVERHEAD_TYPES), and the teams of
  stage 1 that are overhead, by the cost that the products have after stage 2, where that is above zero. Without any it
  is UNALLOCATED.
- What has no class and is of any other type, is nobody's yet: UNALLOCATED, stage 0.
Does not: what posts (books.py), heads (headcount.py). A cell of few people reveals their pay: nothing of stage 1 is
published before disclosure control.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.company.people.facts import Employment
from sandbox.timestamps import utc
from sandbox.truth.books import Posting
from sandbox.truth.headcount import CONTRACTOR
from sandbox.truth.maps import UNMAPPED, is_valid
from sandbox.truth.money import Exchange, shared_out
from sandbox.truth.recognised import Postings

UNALLOCATED, OVERHEAD = "UNALLOCATED", "OVERHEAD"
NOBODYS = (UNALLOCATED, UNMAPPED)
DIRECT, TEAMS, SHARED, GENERAL = range(4)
COSTS = ("cost_of_revenue", "operating_expense")
COST_TYPES = ("Cost of Goods Sold", "Expense")
PAYROLL = "payroll"
OVERHEAD_TYPES = ("facilities", "tools", "marketing", "bad_debt", "depreciation")
ONE = timedelta(days=1)
Weights = dict[str, Fraction]
Uses = Mapping[str, Mapping[str, Fraction]]  # by fiscal period and product


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a posting: of which product, since which stage."""

    posting: Posting
    product_id: str
    stage: int
    amount: int


@dataclass(frozen=True, slots=True)
class Cost:
    fiscal_period: str
    product_id: str
    stage: int
    statement_group: str
    cost_type: str
    amount: int


class Costs:
    """`uses` are the events of each product in each period."""

    def __init__(self, company: Company, now: int, uses: Uses) -> None:
        self.company, self.now, self.uses = company, now, uses
        self.postings = Postings(company, now)
        self.exchange = Exchange(company, now)
        self.today = utc(now).date()
        self.teams = company.rows("teams", now)
        self.team_products = company.rows("team_products", now)

    def rows(self) -> list[Cost]:
        sums: dict[tuple[str, str, int, str, str], int] = defaultdict(int)
        for period in self.postings.periods:
            for share in self.shares(period):
                group, kind = self.kind(share.posting)
                sums[period.name, share.product_id, share.stage, group, kind] += share.amount
        return [Cost(*key, amount) for key, amount in sorted(sums.items()) if amount]

    def kind(self, posting: Posting) -> tuple[str, str]:
        """Statement group and cost type; empty where the posting is no cost."""
        row = self.postings.account(posting)
        if row is not None:
            return (row["statement_group"], row["cost_type"]) if row["statement_group"] in COSTS else ("", "")
        known = self.postings.ledger.accounts[posting.account]["type"] in COST_TYPES
        return (UNMAPPED, UNMAPPED) if known else ("", "")

    def shares(self, period: Period) -> list[Share]:
        found: list[Share] = []
        overhead: list[tuple[Posting, int]] = []
        shape = self.shape(period)
        for posting in self.postings.of(period):
            group, kind = self.kind(posting)
            products = self.postings.products(posting)
            if not group:
                continue
            if products:
                found += _shared(posting, posting.amount, products, DIRECT)
            elif kind == PAYROLL:
                for share in _shared(posting, posting.amount, shape, TEAMS):
                    if share.product_id == OVERHEAD:
                        overhead.append((posting, share.amount))
                    else:
                        found.append(share)
            elif kind in OVERHEAD_TYPES:
                overhead.append((posting, posting.amount))
            else:
                found.append(Share(posting, UNALLOCATED, DIRECT, posting.amount))
        found += self._stepped_down(period, found)
        costs = {product: amount for product, amount in _totals(found).items() if product not in NOBODYS and amount > 0}
        base = {product: Fraction(amount) for product, amount in costs.items()} or {UNALLOCATED: Fraction(1)}
        for posting, amount in overhead:
            found += _shared(posting, amount, base, GENERAL)
        return found

    # -- stage 1

    def shape(self, period: Period) -> Weights:
        """How the pay of a period's days is divided."""
        found: Weights = defaultdict(Fraction)
        by_team: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
        for worker in self.company.staff.workers:
            if worker.kind != CONTRACTOR:
                rate = self.exchange.actual(worker.currency, min(period.last, self.today))
                for team, day, pay in self._paid(worker.as_known(self.now), period):
                    by_team[team, day] += pay * rate
        for (team, day), pay in by_team.items():
            for product, share in self.products(team, day).items():
                found[product] += pay * share
        return dict(found) or {UNALLOCATED: Fraction(1)}

    def _paid(self, life: Employment, period: Period) -> Iterator[tuple[str, date, Fraction]]:
        day = period.first
        while day <= min(period.last, self.today):
            job = life.job(day)
            pay = [row.amount_minor for row in life.pay if row.since <= day]
            away = any(leave.first <= day <= leave.last for leave in life.leaves if not leave.is_paid)
            if job is not None and pay and not away:
                yield job.team_id, day, pay[-1] * Fraction(job.fte)
            day += ONE

    def products(self, team: str, day: date) -> Weights:
        """A team's shares of a day, all of them together 1."""
        rows = [row for row in self.team_products if row["team_id"] == team and is_valid(row, day)]
        found = {row["product_id"]: Fraction(row["share"]) for row in rows}
        if not found:
            known = next((row for row in self.teams if row["team_id"] == team and is_valid(row, day)), None)
            is_overhead = known is not None and known["function"] != "engineering"
            return {OVERHEAD if is_overhead else UNALLOCATED: Fraction(1)}
        left = 1 - sum(found.values(), Fraction(0))
        return found | ({UNALLOCATED: left} if left > 0 else {})

    # -- stage 2

    def shared_products(self, period: Period) -> set[str]:
        day = min(period.last, self.today)
        platform = {row["team_id"] for row in self.teams if row["type"] == "platform" and is_valid(row, day)}
        return {row["product_id"] for row in self.team_products if row["team_id"] in platform and is_valid(row, day)}

    def _stepped_down(self, period: Period, known: Sequence[Share]) -> list[Share]:
        moved: list[Share] = []
        waiting = self.shared_products(period)
        while waiting:
            totals = _totals([*known, *moved])
            pool = min(waiting, key=lambda product: (-totals.get(product, 0), product))
            waiting.discard(pool)
            gone = self.shared_products(period) - waiting
            uses = {p: use for p, use in self.uses.get(period.name, {}).items() if use and p not in gone}
            for share in [one for one in (*known, *moved) if one.product_id == pool]:
                moved.append(Share(share.posting, pool, SHARED, -share.amount))
                moved += _shared(share.posting, share.amount, uses or {UNALLOCATED: Fraction(1)}, SHARED)
        return moved


def _shared(posting: Posting, amount: int, weights: Weights, stage: int) -> list[Share]:
    return [Share(posting, product, stage, part) for product, part in shared_out(amount, weights).items() if part]


def _totals(shares: Sequence[Share]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for share in shares:
        found[share.product_id] += share.amount
    return found


def uses(company: Company, now: int, marts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Uses:
    """What the usage mart says: events of each product (all its modules and features in it) by fiscal period."""
    products = [row for row in company.rows("products", now) if row["level"] == "product"]
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    names = {
        period.first + timedelta(days=number): period.name
        for period in company.periods
        for number in range((period.last - period.first).days + 1)
    }
    known = {row["product_id"] for row in products}
    for row in marts["mart_usage"]:
        if row["slice_type"] == "all" and row["product_id"] in known:
            found[names[date.fromisoformat(row["activity_date"])]][row["product_id"]] += Fraction(row["events_split"])
    return found
