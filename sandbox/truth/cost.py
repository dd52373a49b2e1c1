"""Cost of each product by stage, in each fiscal period.

The definitions:
- The ledger owns the amount: cost is what is posted on accounts that account_map.csv puts under cost_of_revenue or
  operating_expense, and on accounts of costs, expenses and other expenses that it does not know (group and type
  UNMAPPED). Each posting is shared out on its own, the largest remainders first, so that every period adds up to the
  ledger to the minor unit.
- The version of allocation_rules.yml that is valid on a period's first day rules the period; before the first one, and
  without a file, the defaults of `Rules`.
- Direct: a posting with a class is its product's on its day; UNMAPPED where nobody has mapped the class. A bill of a
  contractor without a class, of a vendor that vendor_map.csv says is a worker, is that worker's team's on its day.
- Team: payroll without a class, by the shape of pay (pay_shape.py) of the function that account_map.csv names for the
  account, else of everybody. What classes of payroll have brought a product, where that is above zero, is left out of
  its part of the rest: it had its share of all, brought or not. Without any pay it is UNALLOCATED.
- Shared: products that a platform team works for on the period's last day, or today. Their cost so far goes on to the
  products that use them, by the driver of the rules; step by step, the most costly one first, which gets nothing back
  any more; or reciprocally, all at once. Only where it ends up is rounded. What is used by nobody is UNALLOCATED.
- Overhead: types of cost that serve the whole company, without a class, and the pay of teams that do, go to the
  products that are not shared, by the driver of the rules: cost is what they have by then, where that is above zero.
  Without any it is UNALLOCATED.
- What has no class and is of any other type, is nobody's yet: UNALLOCATED, direct.
Does not: what posts (books.py), heads (headcount.py). A cell of few people reveals their pay: nothing of stage team is
published before disclosure control.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import permutations
from math import prod
from typing import Any

from sandbox.company import Company
from sandbox.company.calendar import Period
from sandbox.truth.books import Posting
from sandbox.truth.drivers import Drivers, Weights
from sandbox.truth.maps import UNALLOCATED, UNMAPPED, is_valid
from sandbox.truth.money import shared_out
from sandbox.truth.pay_shape import EVERYBODY, OVERHEAD, TRILLION, PayShapes
from sandbox.truth.recognised import Postings

NOBODYS = (UNALLOCATED, UNMAPPED, OVERHEAD)
DIRECT, TEAMS, SHARED, GENERAL = range(4)
COSTS = ("cost_of_revenue", "operating_expense")
COST_TYPES = ("Cost of Goods Sold", "Expense", "Other Expense")
PAYROLL, CONTRACTORS = "payroll", "contractor"


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of allocation_rules.yml; the defaults are those of a version that says nothing."""

    since: date = date.min
    overhead_types: Sequence[str] = ("facilities", "tools", "marketing", "bad_debt", "depreciation")
    by_function: bool = True
    is_classed_left_out: bool = True
    is_reciprocal: bool = False
    shared_driver: str = "events"
    shared_drivers: Mapping[str, str] | None = None
    overhead_driver: str = "cost"

    @classmethod
    def written(cls, version: Mapping[str, Any]) -> Rules:
        pay, shared = version.get("payroll", {}), version.get("shared", {})
        return cls(
            date.fromisoformat(version.get("valid_from", str(date.min))),
            version.get("overhead_types", cls().overhead_types),
            pay.get("by_function", "true") == "true",
            pay.get("classed", "left_out") == "left_out",
            shared.get("method", "step_down") == "reciprocal",
            shared.get("driver", "events"),
            shared.get("drivers", {}),
            version.get("overhead", {}).get("driver", "cost"),
        )

    @classmethod
    def of(cls, company: Company, now: int, day: date) -> Rules:
        versions = [cls(), *map(cls.written, company.allocation_rules(now))]
        return [version for version in versions if version.since <= day][-1]


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
    def __init__(self, company: Company, now: int) -> None:
        self.company, self.now = company, now
        self.postings, self.drivers, self.pay = Postings(company, now), Drivers(company, now), PayShapes(company, now)
        self.today = self.pay.today
        self.vendors = [row for row in company.rows("vendor_map", now) if row["worker_id"]]

    def rows(self) -> list[Cost]:
        sums: dict[tuple[str, str, int, str, str], int] = defaultdict(int)
        for period in self.postings.periods:
            for share in self.shares(period):
                group, kind, _ = self.kind(share.posting)
                sums[period.name, share.product_id, share.stage, group, kind] += share.amount
        return [Cost(*key, amount) for key, amount in sorted(sums.items()) if amount]

    def rules(self, period: Period) -> Rules:
        return Rules.of(self.company, self.now, period.first)

    def kind(self, posting: Posting) -> tuple[str, str, str]:
        """Statement group, cost type and function of the account; empty where the posting is no cost."""
        row = self.postings.account(posting)
        if row is not None:
            is_cost = row["statement_group"] in COSTS
            return (row["statement_group"], row["cost_type"], row["function"].lower()) if is_cost else ("", "", "")
        known = self.postings.ledger.accounts[posting.account]["type"] in COST_TYPES
        return (UNMAPPED, UNMAPPED, "") if known else ("", "", "")

    def shares(self, period: Period) -> list[Share]:
        found = self.placed(period)
        found += self._passed_on(period, found)
        return [share for share in found if share.product_id != OVERHEAD] + self._borne(period, found)

    # -- direct and team

    def placed(self, period: Period) -> list[Share]:
        rules, found = self.rules(period), list[Share]()
        costs = [(posting, *self.kind(posting)) for posting in self.postings.of(period)]
        costs = [one for one in costs if one[1]]
        unclassed: dict[str, list[Posting]] = defaultdict(list)
        brought: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for posting, _, kind, function in costs:
            scope = (function if rules.by_function else "") or EVERYBODY
            if products := self.postings.products(posting.product, posting.day):
                shares = _shared(posting, posting.amount, products, DIRECT)
                found += shares
                for share in shares if kind == PAYROLL else ():
                    brought[scope][share.product_id] += share.amount
            elif kind == PAYROLL:
                unclassed[scope].append(posting)
            else:
                found += _shared(posting, posting.amount, self._untagged(posting, kind, rules), DIRECT)
        for scope, postings in unclassed.items():
            shape: Weights = {product: Fraction(share) for product, share in self.pay.shape(period, scope).items()}
            if rules.is_classed_left_out:
                shape = _left(shape, brought[scope], sum(posting.amount for posting in postings))
            for posting in postings:
                found += _shared(posting, posting.amount, shape or {UNALLOCATED: Fraction(1)}, TEAMS)
        return found

    def _untagged(self, posting: Posting, kind: str, rules: Rules) -> Weights:
        """Whose a posting is that has no class and is no pay."""
        if kind == CONTRACTORS and self.company.policy.get("contractor_bills_follow_team", "true") == "true":
            for team in self._teams_of_vendor(posting):
                return self.pay.products(team, posting.day)
        return {OVERHEAD if kind in rules.overhead_types else UNALLOCATED: Fraction(1)}

    def _teams_of_vendor(self, posting: Posting) -> list[str]:
        """The team of the worker behind a bill, on its day; after the last day it is the last one."""
        party = self.postings.ledger.books.records[posting.kind][posting.document].get("party")
        workers = [row["worker_id"] for row in self.vendors if row["key"] == party and is_valid(row, posting.day)]
        jobs = [job for one in workers for job in self.company.staff.by_id[one].as_known(self.now).jobs]
        begun = [job for job in jobs if job.since <= posting.day]
        return [max(begun, key=lambda job: job.since).team_id] if begun else []

    # -- shared

    def shared_products(self, period: Period) -> set[str]:
        day = min(period.last, self.today)
        platform = {row["team_id"] for row in self.pay.teams if row["type"] == "platform" and is_valid(row, day)}
        return {
            row["product_id"] for row in self.pay.team_products if row["team_id"] in platform and is_valid(row, day)
        }

    def _passed_on(self, period: Period, known: Sequence[Share]) -> list[Share]:
        pools, rules = self.shared_products(period), self.rules(period)
        totals = _totals(known)
        own = rules.shared_drivers or {}
        uses = {pool: self.weights(own.get(pool, rules.shared_driver), period, totals) for pool in pools}
        if rules.is_reciprocal:
            ends = reciprocal(uses)
        else:
            ends = step_down(uses, sorted(pools, key=lambda pool: (-totals.get(pool, 0), pool)))
        moved: list[Share] = []
        for share in known:
            if share.product_id in pools:
                moved.append(Share(share.posting, share.product_id, SHARED, -share.amount))
                rounded = {name: Fraction(round(part * TRILLION)) for name, part in ends[share.product_id].items()}
                moved += _shared(share.posting, share.amount, rounded, SHARED)
        return moved

    def weights(self, driver: str, period: Period, totals: Mapping[str, int]) -> Weights:
        known: Mapping[str, Fraction | int]
        if driver == "cost":
            known = totals
        elif driver == "fte":
            known = self.pay.fte(period)
        else:
            known = self.drivers.of(driver, period)
        return {name: Fraction(weight) for name, weight in known.items() if weight > 0 and name not in NOBODYS}

    # -- overhead

    def _borne(self, period: Period, known: Sequence[Share]) -> list[Share]:
        pools = self.shared_products(period)
        weights = self.weights(self.rules(period).overhead_driver, period, _totals(known))
        bearers = {product: weight for product, weight in weights.items() if product not in pools}
        waiting: dict[Posting, int] = defaultdict(int)
        for share in known:
            if share.product_id == OVERHEAD:
                waiting[share.posting] += share.amount
        return [
            part
            for posting, amount in waiting.items()
            for part in _shared(posting, amount, bearers or {UNALLOCATED: Fraction(1)}, GENERAL)
        ]


def _left(shape: Weights, brought: Mapping[str, int], unclassed: int) -> Weights:
    """What is left of each product's share of all when what classes have brought it is taken off; the shape itself
    where nothing is left of anybody's."""
    there = {product: max(amount, 0) for product, amount in brought.items()}
    whole = sum(there.values()) + unclassed
    left = {
        product: max(whole * share - there.get(product, 0) * TRILLION, Fraction(0)) for product, share in shape.items()
    }
    return left if any(left.values()) else shape


def step_down(uses: Mapping[str, Weights], order: Sequence[str]) -> dict[str, Weights]:
    """Where the cost of each shared product ends up, worked out backwards: the last one goes to products alone."""
    ends: dict[str, Weights] = {}
    for place in reversed(range(len(order))):
        takes = {name: weight for name, weight in uses[order[place]].items() if name not in order[: place + 1]}
        found: Weights = defaultdict(Fraction)
        for name, weight in (takes or {UNALLOCATED: Fraction(1)}).items():
            part = weight / sum(takes.values()) if takes else Fraction(1)
            for end, of_it in ends.get(name, {name: Fraction(1)}).items():
                found[end] += part * of_it
        ends[order[place]] = dict(found)
    return ends


def reciprocal(uses: Mapping[str, Weights]) -> dict[str, Weights]:
    """Where the cost of each shared product ends up when they serve each other: the closed form (I - A)^-1 B by
    Cramer's rule. Those from which no way leads to a product that is not shared keep nothing: UNALLOCATED."""
    pools = sorted(uses)
    takes = {pool: {name: weight for name, weight in uses[pool].items() if name != pool} for pool in pools}
    leading = {pool for pool in pools if set(takes[pool]) - set(pools)}
    while more := {pool for pool in pools if pool not in leading and leading & set(takes[pool])}:
        leading |= more
    shares = {
        pool: {name: weight / sum(takes[pool].values()) for name, weight in takes[pool].items()}
        if pool in leading
        else {UNALLOCATED: Fraction(1)}
        for pool in pools
    }
    kept = [[(one == other) - shares[one].get(other, Fraction(0)) for other in pools] for one in pools]
    whole = determinant(kept)
    ends: dict[str, Weights] = {pool: {} for pool in pools}
    for end in sorted({name for known in shares.values() for name in known} - set(pools)):
        out = [shares[pool].get(end, Fraction(0)) for pool in pools]
        for place, pool in enumerate(pools):
            replaced = [[*row[:place], out[number], *row[place + 1 :]] for number, row in enumerate(kept)]
            if part := determinant(replaced) / whole:
                ends[pool][end] = part
    return ends


def determinant(matrix: Sequence[Sequence[Fraction]]) -> Fraction:
    """By its definition, the sum over all permutations: shared products are few."""
    found = Fraction(0)
    for order in permutations(range(len(matrix))):
        turns = sum(one > other for place, one in enumerate(order) for other in order[place + 1 :])
        found += (-1) ** turns * prod((matrix[row][column] for row, column in enumerate(order)), start=Fraction(1))
    return found


def _shared(posting: Posting, amount: int, weights: Weights, stage: int) -> list[Share]:
    return [Share(posting, product, stage, part) for product, part in shared_out(amount, weights).items() if part]


def _totals(shares: Sequence[Share]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for share in shares:
        found[share.product_id] += share.amount
    return found
