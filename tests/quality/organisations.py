"""Made-up organisations, what is published of them at standard rates, and what that tells a reader.

Belongs here: people, pay, other cost, the scheme of publication in plain Python. Does not: bounds (quality/
disclosure_audit), what must hold (the tests and torture beside).
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

from quality.disclosure import Paid, rates_of_year, shared_remainders
from quality.disclosure_audit import (
    OTHER_COST_KNOWN_WITHIN,
    YEAR_THOUSANDTHS,
    Bounds,
    Regime,
    Told,
    Work,
    audit,
    found,
    people_told,
    rate_told,
    total_told,
)

MONTH = 30_000
PRODUCTS = ("checkout", "reports", "OVERHEAD")
GROUP = {"support": "cost_of_revenue"}
KINDS = (
    "ordinary",
    "teams of one and two",
    "a dominant executive",
    "no other cost",
    "constant rent",
    "no raises",
    "reorganised",
    "a handful of people",
)


@dataclass(frozen=True)
class Organisation:
    kind: str
    years: int
    work: Sequence[Work]
    pay: Mapping[Regime, int]
    other: Mapping[tuple[str, str], int]
    """Other cost by period and statement group; what is published line by line is in no remainder and left out."""
    shares: Mapping[str, Mapping[str, int]]
    """Of teams for products, in millionths."""
    posted: float = 1.2
    """What the books post for each unit of pay."""

    @cached_property
    def by_cell(self) -> Mapping[tuple[str, str], Sequence[Work]]:
        cells: dict[tuple[str, str], list[Work]] = {cell: [] for cell in self.other}
        for one in self.work:
            cells[one.fiscal_period, one.statement_group].append(one)
        return cells

    def posted_pay(self, one: Work) -> float:
        return self.pay[one.person_id, one.regime] * one.thousandths / YEAR_THOUSANDTHS * self.posted


def period_name(month: int) -> str:
    return f"FY{26 + month // 12}-P{month % 12 + 1:02}"


def organisation(seed: int, years: int = 3, engineers: int = 0) -> Organisation:
    """One kind after the other by seed; in each, sizes, dates and pay by chance. ``engineers`` come on top."""
    rng = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    months = 12 * years
    if kind == "a handful of people":
        sizes = {"engineering": rng.randint(4, 8), "support": rng.randint(0, 3)}
    elif kind == "teams of one and two":
        sizes = {name: rng.randint(1, 4) for name in ("engineering", "support", "sales", "legal", "product", "design")}
    else:
        sizes = {"engineering": rng.randint(6, 20), "sales": rng.randint(5, 9), "support": rng.randint(1, 9)}
        sizes |= {name: rng.randint(0, 4) for name in ("legal", "product", "design")}
    sizes["engineering"] += engineers
    raises = kind not in ("no raises", "no other cost") or rng.random() < 0.5
    work: list[Work] = []
    pay: dict[Regime, int] = {}
    moved = rng.randrange(6, months - 6) if kind == "reorganised" else months
    for function, size in sizes.items():
        for number in range(size):
            person = f"{function}-{number}"
            first, last = 0, months
            chance = rng.random()
            if chance < 0.2:
                first = rng.randrange(1, months - 2)
            elif chance < 0.4:
                last = rng.randrange(2, months)
            yearly = rng.randint(40_000_00, 120_000_00)
            if kind == "a dominant executive" and function == "engineering" and number == 0:
                yearly *= 8
            share = rng.choice((1000, 1000, 1000, 800, 500))
            regime = 0
            pay[person, regime] = yearly
            raised = rng.randrange(12)
            for month in range(first, last):
                if raises and month > first and month % 12 == raised:
                    regime += 1
                    yearly = yearly * rng.randint(100, 112) // 100
                    pay[person, regime] = yearly
                now = "engineering" if month >= moved and function in ("design", "product") else function
                days = MONTH * share // 1000
                if month == first and first:
                    days = days * rng.randint(1, 30) // 30
                work.append(
                    Work(
                        person, regime, f"FY{26 + month // 12}", period_name(month),
                        GROUP.get(now, "operating_expense"), now, f"{now}-{number // 3}", days,
                    )
                )  # fmt: skip
    groups = ("cost_of_revenue", "operating_expense")
    rent = {group: rng.randint(5_000_00, 60_000_00) for group in groups}
    other = {}
    for month in range(months):
        for group in groups:
            amount = rent[group] + (0 if kind == "constant rent" else rng.randint(0, 40_000_00))
            if kind == "no other cost" or (group == "cost_of_revenue" and seed % 3):
                amount = 0
            other[period_name(month), group] = amount
    teams = sorted({one.team_id for one in work})
    shares = {}
    for team in teams:
        one = rng.randrange(0, 1_000_001)
        two = rng.randrange(0, 1_000_001 - one)
        shares[team] = dict(zip(PRODUCTS, (one, two, 1_000_000 - one - two), strict=True))
    return Organisation(kind, years, work, pay, other, shares)


@dataclass(frozen=True)
class Published:
    rates: Mapping[tuple[str, str], Decimal]
    """By fiscal year and function."""
    made_of: Mapping[tuple[str, frozenset[str]], Sequence[Work]]
    """The work behind the rate of a fiscal year and group of functions."""
    people: Mapping[tuple[str, str, str], int]
    """Product cost of people by period, statement group and product."""
    remainders: Mapping[tuple[str, frozenset[str]], int]
    """By period and statement groups that share one."""

    def total(self, period: str, groups: frozenset[str]) -> int:
        people = sum(minor for (when, group, _), minor in self.people.items() if when == period and group in groups)
        return self.remainders[period, groups] + people


def rates_of(
    organisation: Organisation,
) -> tuple[dict[tuple[str, str], Decimal], dict[tuple[str, frozenset[str]], Sequence[Work]]]:
    rates: dict[tuple[str, str], Decimal] = {}
    made_of: dict[tuple[str, frozenset[str]], Sequence[Work]] = {}
    years: dict[str, dict[str, list[Work]]] = defaultdict(lambda: defaultdict(list))
    for one in organisation.work:
        years[one.fiscal_year][one.fiscal_period].append(one)

    def earned(work: Sequence[Work]) -> list[Paid]:
        return [
            Paid(one.person_id, one.function, minor * one.thousandths // YEAR_THOUSANDTHS, one.thousandths)
            for one in work
            for minor in (organisation.pay[one.person_id, one.regime],)
        ]

    before: list[Work] = []
    for year, periods in sorted(years.items()):
        own = [work for _, work in sorted(periods.items())]
        for group, (rate, number) in rates_of_year(earned(before), [earned(work) for work in own]).items():
            rates.update({(year, name): rate for name in group})
            work = before if number is None else [one for period in own[:number] for one in period]
            made_of[year, group] = [one for one in work if one.function in group]
        before = [one for period in own for one in period]
    return rates, made_of


def people_at(organisation: Organisation, rates: Mapping[tuple[str, str], Decimal]) -> dict[tuple[str, str, str], int]:
    """Product cost of people by period, statement group and product: each line of a function is rounded."""
    lines: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for one in organisation.work:
        if (one.fiscal_year, one.function) in rates:
            for product, share in organisation.shares[one.team_id].items():
                line = (one.fiscal_period, one.statement_group, one.function, product)
                lines[line] += one.thousandths * share * rates[one.fiscal_year, one.function] / 10**9
    people: dict[tuple[str, str, str], int] = defaultdict(int)
    for (period, group, _, product), amount in lines.items():
        people[period, group, product] += int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))
    return people


def publish(organisation: Organisation, is_covered: bool = True) -> Published:
    """Without ``is_covered`` every statement group has a remainder of its own, whatever other cost is in it."""
    rates, made_of = rates_of(organisation)
    people = people_at(organisation, rates)
    remainders: dict[tuple[str, frozenset[str]], int] = {}
    groups = sorted({group for _, group in organisation.other})
    for year in sorted({period[:4] for period, _ in organisation.other}):
        periods = sorted({period for period, _ in organisation.other if period.startswith(year)})
        shared = {period: [frozenset({group}) for group in groups] for period in periods}
        if is_covered:
            shared = shared_remainders(
                {
                    period: {
                        group: (organisation.other[period, group], largest(organisation, period, group))
                        for group in groups
                    }
                    for period in periods
                }
            )
        for period in periods:
            for together in shared[period]:
                cells = [(period, group) for group in together]
                pay = round(sum(organisation.posted_pay(one) for cell in cells for one in organisation.by_cell[cell]))
                ledger = pay + sum(organisation.other[cell] for cell in cells)
                remainders[period, together] = ledger - sum(
                    minor for (when, group, _), minor in people.items() if (when, group) in cells
                )
    return Published(rates, made_of, people, remainders)


def largest(organisation: Organisation, period: str, group: str) -> int:
    """As of a whole period: who joins in the last days of it is hidden as in the next."""
    rows = organisation.by_cell[period, group]
    return round(
        max((organisation.pay[one.person_id, one.regime] * MONTH / YEAR_THOUSANDTHS for one in rows), default=0)
        * organisation.posted
    )


def named(period: str, groups: frozenset[str]) -> str:
    return f"{period} {' and '.join(sorted(groups))}"


def told_of_people(
    organisation: Organisation,
    people: Mapping[tuple[str, str, str], int],
    rates: Mapping[tuple[str, str], Decimal],
    where: str = "",
) -> list[Told]:
    told = []
    for (period, group, product), minor in people.items():
        shared = [(one, organisation.shares[one.team_id][product]) for one in organisation.by_cell[period, group]]
        cell = people_told(f"{where}product cost {period} {group} {product}", shared, minor, rates)
        told += [cell] if cell else []
    return told


def told_by(organisation: Organisation, published: Published, where: str = "") -> list[Told]:
    """All that a reader can write down of what is published, and of who works when for which product."""
    told = [
        rate_told(f"{where}standard rate {year} {', '.join(sorted(group))}", work, published.rates[year, min(group)])
        for (year, group), work in published.made_of.items()
    ]
    told += told_of_people(organisation, published.people, published.rates, where)
    for period, groups in published.remainders:
        name = named(period, groups)
        work = [one for group in sorted(groups) for one in organisation.by_cell[period, group]]
        total = published.total(period, groups)
        told.append(total_told(f"{where}total {name}", work, total, name, organisation.posted))
    return told


def other_cost(organisation: Organisation, *versions: Published) -> dict[str, int]:
    """By the name that figures call it by."""
    return {
        named(period, groups): sum(organisation.other[period, group] for group in groups)
        for published in versions
        for period, groups in published.remainders
    }


def bounds_of(
    organisation: Organisation,
    told: Sequence[Told],
    published: Published,
    known_within: float | None = OTHER_COST_KNOWN_WITHIN,
) -> list[Bounds]:
    return audit(told, organisation.work, organisation.pay, other_cost(organisation, published), known_within)


def found_in(
    organisation: Organisation,
    told: Sequence[Told],
    *versions: Published,
    known_within: float | None = OTHER_COST_KNOWN_WITHIN,
) -> list[Bounds]:
    return found(told, organisation.work, organisation.pay, other_cost(organisation, *versions), known_within)


def before_and_after(organisation: Organisation, person_id: str, is_covered: bool = True) -> list[Bounds]:
    """What two versions tell together: as published first, and after late news of a person's pay; what else a period
    cost is the same in both, and a reader knows that."""
    news = corrected(organisation, person_id)
    first, then = publish(organisation, is_covered), publish(news, is_covered)
    both = replace(organisation, work=[*organisation.work, *news.work], pay={**organisation.pay, **news.pay})
    return found_in(both, [*told_by(organisation, first), *told_by(news, then, "later ")], first, then)


def corrected(organisation: Organisation, person_id: str) -> Organisation:
    """As HR knows it after late news: the person's pay was a tenth higher all the time, under regimes of their own."""
    late = 100
    news = {(who, late + at): minor * 11 // 10 for (who, at), minor in organisation.pay.items() if who == person_id}
    work = [replace(one, regime=late + one.regime) if one.person_id == person_id else one for one in organisation.work]
    return replace(organisation, work=work, pay={**organisation.pay, **news})


def what_ifs(organisation: Organisation, published: Published) -> list[Told]:
    """Answers at the published rates: each person in turn is not there, and each team works for one product alone."""
    told = []
    for person_id in {one.person_id for one in organisation.work}:
        rest = replace(organisation, work=[one for one in organisation.work if one.person_id != person_id])
        told += told_of_people(rest, people_at(rest, published.rates), published.rates, f"without {person_id}, ")
    for team in organisation.shares:
        alone = {product: 1_000_000 * (product == PRODUCTS[0]) for product in PRODUCTS}
        moved = replace(organisation, shares={**organisation.shares, team: alone})
        told += told_of_people(
            moved, people_at(moved, published.rates), published.rates, f"with {team} on one product, "
        )
    return told
