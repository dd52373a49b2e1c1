"""The least and the most that each product costs when rules of allocation change that somebody could as well have.

The definitions:
- A variant is a model of effort for people's time, one driver for all shared products and one for overhead, each also
  as the rules have it. Models are those of effort.py; drivers those that allocation_rules.yml may name. A driver counts
  in a period if a product that bears cost (it is not shared and somebody's) has any of it; cost always does.
- Each line of people keeps its amount and is shared out by the paid days of its function: of each person those that the
  model knows a product of go there, in billionths, down, and the rest by the split of the day's team. An item counts
  for the products that its epic of the day, else its project, has on the period's last day, or today; UNMAPPED is
  unknown.
- All else is as in standard.py, but by period and product and not line by line. A variant moves a product if it makes
  another cost of it than the rules do in the same way. The range is the published cost, the least of a variant that
  moves the product down and is less than that, and the most of one that moves it up and is more.
- Of variants that move a product as far, the one that changes the fewest rules counts, then the first by the names of
  its model, shared and overhead driver. Of its rules the one is named that moves the product furthest by itself.
Does not: cost by the rules themselves (standard.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox.company.calendar import Period
from sandbox.truth.books import money
from sandbox.truth.cost import Rules, Share, reciprocal, step_down
from sandbox.truth.effort import UNATTRIBUTED, Efforts
from sandbox.truth.maps import UNALLOCATED, UNMAPPED
from sandbox.truth.money import shared_out
from sandbox.truth.pay_shape import OVERHEAD, TRILLION
from sandbox.truth.standard import Beside, StandardCosts

BILLION = 10**9
MODELS = ("equal_active_day", "activity_weighted", "story_points", "worklogs")
SHARED_DRIVERS = ("events", "active_users", "revenue", "cost", "equal")
OVERHEAD_DRIVERS = ("cost", "revenue", "fte", "equal")
RULES = ("effort_model", "shared_driver", "overhead_driver")
AS_RULED = ("", "", "")
Variant = tuple[str, str, str]
Amounts = Mapping[str, int]
Weights = dict[str, Fraction]


class RangedCosts:
    def __init__(self, costs: StandardCosts, efforts: Efforts) -> None:
        self.costs, self.efforts = costs, efforts
        self._drivers_known: dict[tuple[str, str], Weights] = {}

    def variants(self, period: Period) -> dict[Variant, Amounts]:
        """What each product costs under each variant."""
        pools, rules = self.costs.shared_products(period), self.costs.rules(period)
        parts = self.costs.placed(period)
        found: dict[Variant, Amounts] = {}
        for effort, worked in self._worked(period).items():
            costs = self._costs(parts, worked)
            waiting = costs.pop(OVERHEAD, 0)
            for shared in self._admitted(SHARED_DRIVERS, period, pools):
                passed = self._passed(shared, costs, period, pools, rules)
                for overhead in self._admitted(OVERHEAD_DRIVERS, period, pools):
                    bearers = self._weights(overhead or rules.overhead_driver, period, passed)
                    bearers = {name: weight for name, weight in bearers.items() if name not in pools}
                    whole = Counter(passed)
                    if waiting:
                        whole.update(shared_out(waiting, bearers or {UNALLOCATED: Fraction(1)}))
                    found[effort, shared, overhead] = whole
        return found

    def _admitted(self, drivers: Sequence[str], period: Period, pools: set[str]) -> Iterator[str]:
        yield ""
        for driver in drivers:
            if driver == "cost" or self._weights(driver, period, {}).keys() - pools:
                yield driver

    def _costs(self, parts: Sequence[Share], worked: Mapping[str, Weights]) -> Counter[str]:
        """Of each product before shared products go on."""
        found: Counter[str] = Counter()
        amounts: Counter[tuple[str, str]] = Counter()
        for share in parts:
            group, _, function = self.costs.kind(share.posting)
            if share.posting.kind == "people":
                amounts[group, function] += share.amount
            else:
                found[share.product_id] += share.amount
        for (_, function), amount in amounts.items():
            found.update(shared_out(amount, worked[function]))
        return found

    def _passed(self, driver: str, costs: Amounts, period: Period, pools: set[str], rules: Rules) -> Counter[str]:
        own = rules.shared_drivers or {}
        uses = {pool: self._weights(driver or own.get(pool, rules.shared_driver), period, costs) for pool in pools}
        order = sorted(pools, key=lambda pool: (-costs.get(pool, 0), pool))
        ends = reciprocal(uses) if rules.is_reciprocal else step_down(uses, order)
        found = Counter({name: amount for name, amount in costs.items() if name not in pools})
        for pool in pools:
            if costs.get(pool):
                rounded = {name: Fraction(round(part * TRILLION)) for name, part in ends[pool].items()}
                found.update(shared_out(costs[pool], rounded))
        return found

    def _weights(self, driver: str, period: Period, totals: Mapping[str, int]) -> Weights:
        if driver == "cost":
            return self.costs.weights(driver, period, totals)
        if (driver, period.name) not in self._drivers_known:
            self._drivers_known[driver, period.name] = self.costs.weights(driver, period, totals)
        return self._drivers_known[driver, period.name]

    # -- people's time

    def _worked(self, period: Period) -> dict[str, dict[str, Weights]]:
        """By model and function, paid days for each product."""
        paid: Counter[tuple[str, str]] = Counter()
        split: dict[tuple[str, str], Weights] = defaultdict(lambda: defaultdict(Fraction))
        for one in self.costs.pay.days[period.name]:
            who, days = (one.worker_id, one.function.lower()), one.paid_thousandths
            paid[who] += days
            for product, part in self.costs.pay.products(one.team_id, one.day).items() if days else ():
                split[who][product] += days * part
        found: dict[str, dict[str, Weights]] = {
            effort: defaultdict(lambda: defaultdict(Fraction)) for effort in ("", *MODELS)
        }
        for effort, functions in found.items():
            for (worker, function), thousandths in paid.items():
                known = self._known.get((effort, period.name, worker), {})
                for product, share in known.items():
                    functions[function][product] += thousandths * share
                rest = BILLION - sum(known.values())
                for product, part in split[worker, function].items() if rest else ():
                    functions[function][product] += rest * part
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], dict[str, int]]:
        """Of a model, period and person, what the model knows a product of, in billionths."""
        ends = {period.name: min(period.last, self.costs.today) for period in self.costs.company.periods}
        spent: dict[tuple[str, str, str], Weights] = defaultdict(lambda: defaultdict(Fraction))
        for row in self.efforts.rows:
            if row.item is not None:
                of = spent[row.model, row.worker.period, row.worker.worker_id]
                for product, weight in self._products(row.item, row.worker.day, ends[row.worker.period]).items():
                    of[product] += row.capacity * row.share * weight
        return {
            key: {product: part * BILLION // sum(of.values()) for product, part in of.items() if product != UNMAPPED}
            for key, of in spent.items()
        }

    def _products(self, item: str, day: date, end: date) -> dict[str, Fraction]:
        if item == UNATTRIBUTED:
            return {UNMAPPED: Fraction(1)}
        products = self.efforts.products(self.efforts.issues[int(item)], day, end)
        return {product: Fraction(weight) for product, weight in products.items()}


def cost_ranges(costs: StandardCosts, efforts: Efforts) -> list[dict[str, Any]]:
    """The rows of mart_product_cost_range."""
    ranged, about, rows = RangedCosts(costs, efforts), Beside(costs.company, costs.now), list[dict[str, Any]]()
    for period in costs.postings.periods:
        published, remainder = Counter[str](), costs.remainder(period)
        for share in costs.shares(period):
            published[share.product_id] += share.amount
        variants = ranged.variants(period)
        for product in sorted({*published, *(name for amounts in variants.values() for name in amounts)}):
            costs_of = {one: amounts.get(product, 0) for one, amounts in variants.items()}
            cost = published[product]
            row = {"fiscal_period": period.name, "product_id": product, "cost": money(cost)}
            row |= _edge("low", 1, cost, costs_of) | _edge("high", -1, cost, costs_of)
            if cost or row["low_rule"] or row["high_rule"]:
                rows.append(row | {"remainder": remainder} | about.of(period.name, product))
    return rows


def _edge(name: str, sign: int, cost: int, costs_of: Mapping[Variant, int]) -> dict[str, str | None]:
    """The variant that moves a product furthest, and which of its rules does most by itself."""
    moved = {variant: sign * (amount - costs_of[AS_RULED]) for variant, amount in costs_of.items()}
    beyond = {one: amount for one, amount in costs_of.items() if moved[one] < 0 and sign * amount < sign * cost}
    if not beyond:
        return {f"cost_{name}": money(cost), f"{name}_rule": None} | {f"{name}_{rule}": None for rule in RULES}
    variant = min(beyond, key=lambda one: (sign * beyond[one], sum(map(bool, one)), one))
    alone = [(moved[_alone(place, variant[place])], place) for place in range(len(RULES)) if variant[place]]
    return {f"cost_{name}": money(beyond[variant]), f"{name}_rule": RULES[min(alone)[1]]} | {
        f"{name}_{rule}": choice or None for rule, choice in zip(RULES, variant, strict=True)
    }


def _alone(place: int, choice: str) -> Variant:
    first, second, third = (choice if place == one else "" for one in range(len(RULES)))
    return first, second, third
