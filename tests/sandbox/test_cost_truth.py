"""Cost and recognised revenue: tied to the ledger in every period, worked by hand, and on labelled cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.company.calendar import Period
from sandbox.company.people.facts import Employment
from sandbox.timestamps import ms, utc
from sandbox.truth import cost, headcount, maps, pay_shape, recognised
from sandbox.truth.books import Posting
from sandbox.truth.cost import GENERAL, OVERHEAD, SHARED, UNALLOCATED, Costs, Rules, reciprocal, step_down
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.money import Exchange
from sandbox.truth.pay_shape import PayShapes
from sandbox.truth.recognised import Postings, Recognised
from sandbox.truth.recognised import recognised as recognised_revenue
from sandbox.truth.revenue import Revenue
from tests.sandbox.conftest import made

NOW = ms(DEFAULT_NOW)


@cache
def known(seed: int) -> tuple[Costs, list[cost.Cost]]:
    costs = Costs(made(seed), NOW)
    return costs, costs.rows()


@cache
def earned(seed: int) -> list[Recognised]:
    return recognised_revenue(made(seed), NOW)


# -- the ledger owns the amount


@pytest.mark.parametrize("seed", [1, 2])
def test_cost_is_the_ledgers_to_the_minor_unit(seed: int) -> None:
    """Cost of all products and stages is what the ledger spent, by period, statement group and cost type."""
    costs, rows = known(seed)
    left: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        left[row.fiscal_period, row.statement_group, row.cost_type] += row.amount
    spent = 0
    for period in costs.postings.periods:
        for posting in costs.postings.of(period):
            group, kind, _ = costs.kind(posting)
            if group:
                left[period.name, group, kind] -= posting.amount
                spent += posting.amount
    assert not any(left.values())
    assert spent > 100_000_000
    assert {row.stage for row in rows} == {0, 1, 2, 3}
    assert {UNALLOCATED, UNMAPPED} < {row.product_id for row in rows}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_recognised_revenue_is_the_ledgers_to_the_minor_unit(seed: int) -> None:
    rows, postings = earned(seed), Postings(made(seed), NOW)
    accounts = postings.ledger.accounts
    for period in postings.periods:
        income = sum(one.amount for one in postings.of(period) if accounts[one.account]["type"] == "Income")
        assert sum(row.amount for row in rows if row.fiscal_period == period.name) == -income, period.name
    assert UNMAPPED in {row.product_id for row in rows}
    assert len({(row.segment, row.market) for row in rows}) > 10


def test_income_that_nobody_has_mapped_is_revenue_all_the_same_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    mapped, right = earned(2), Postings.account

    def forgotten(self: Postings, posting: Posting) -> dict[str, str] | None:
        return None if self.ledger.accounts[posting.account]["type"] == "Income" else right(self, posting)

    monkeypatch.setattr(Postings, "account", forgotten)
    assert recognised_revenue(made(2), NOW) == [replace(row, of_unmapped_accounts=row.amount) for row in mapped]
    assert {row.of_unmapped_accounts for row in mapped} == {0}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shared_products_go_on_to_the_others_whole(seed: int) -> None:
    costs, rows = known(seed)
    left: dict[tuple[str, str], int] = defaultdict(int)
    moved: dict[str, int] = defaultdict(int)
    for row in rows:
        left[row.fiscal_period, row.product_id] += row.amount
        moved[row.fiscal_period] += row.amount if row.stage == SHARED else 0
    assert not any(moved.values())
    pools = {period.name: costs.shared_products(period) for period in costs.postings.periods}
    assert {frozenset(names) for names in pools.values()} >= {frozenset({"core"}), frozenset({"core", "insights"})}
    assert not any(left[period, product] for period, names in pools.items() for product in names)


# -- worked by hand

MARCH = Period("FY26-P03", "FY26-Q1", "FY26", date(2026, 3, 1), date(2026, 3, 31))
# Account, class, minor units.
ENTERED = (
    ("hosting", "payments", 10_001),
    ("hosting", "core", 4_000),
    ("hosting", "connector", 77),
    ("hosting", "", 500),
    ("hosting", "storefront", -301),
    ("salaries", "", 100_000),
    ("rent", "", 9_001),
    ("travel", "", 3),
    ("interest", "", 1_000),
)
SAID = {
    "hosting": ("cost_of_revenue", "cloud", ""),
    "salaries": ("operating_expense", "payroll", ""),
    "selling": ("operating_expense", "payroll", "sales"),
    "rent": ("operating_expense", "facilities", ""),
    "interest": ("", "", ""),
}
SHAPE = {"payments": 5 * 10**11, "core": 25 * 10**10, OVERHEAD: 25 * 10**10}


class ByHand(Costs):
    """A month of postings: half of the pay is for payments, a quarter for the platform, a quarter for everybody."""

    def __init__(self, **rules: Any) -> None:
        super().__init__(made(1), NOW)
        self.said, self.shape, self.uses = (
            Rules(**rules),
            dict(SHAPE),
            {"payments": Fraction(3), "storefront": Fraction(1)},
        )
        self.tools.untagged = lambda period: {}  # type: ignore[method-assign]
        self.drivers.of = lambda driver, period: self.uses  # type: ignore[method-assign]
        self.pay.shape = lambda period, scope: self.shape  # type: ignore[method-assign]

    def rules(self, period: Period) -> Rules:
        return self.said

    def kind(self, posting: Posting) -> tuple[str, str, str]:
        return SAID.get(posting.account, (UNMAPPED, UNMAPPED, ""))

    def shared_products(self, period: Period) -> set[str]:
        return {"core"}

    def sums(self, patch: pytest.MonkeyPatch, *entered: tuple[str, str, int]) -> dict[tuple[str, int], int]:
        posted = [
            Posting(MARCH.first, "Bill", "1", n, account, a, product) for n, (account, product, a) in enumerate(entered)
        ]
        of_class = {"": {}, "connector": {UNMAPPED: Fraction(1)}}
        patch.setattr(Postings, "of", lambda self, period: posted)
        patch.setattr(Postings, "products", lambda self, one, day: of_class.get(one, {one: Fraction(1)}))
        found: dict[tuple[str, int], int] = defaultdict(int)
        for share in self.shares(MARCH):
            found[share.product_id, share.stage] += share.amount
        return {key: amount for key, amount in found.items() if amount}


def test_stages_worked_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = ByHand().sums(monkeypatch, *ENTERED)
    # The platform's 40.00 and 250.00 go on by 3 to 1. Payments then has 828.51 (100.01 + 500 + 30 + 187.50 + …) of
    # 898.00, storefront the rest of it; 250.00 of pay and 90.01 of rent follow that.
    payments, storefront = 10_001 + 50_000 + 3_000 + 18_750, -301 + 1_000 + 6_250
    pay = round(Fraction(25_000 * payments, payments + storefront))
    rent = round(Fraction(9_001 * payments, payments + storefront))
    assert sums == {
        ("payments", 0): 10_001,
        ("core", 0): 4_000,
        (UNMAPPED, 0): 77,
        (UNALLOCATED, 0): 503,
        ("storefront", 0): -301,
        ("payments", 1): 50_000,
        ("core", 1): 25_000,
        ("core", 2): -29_000,
        ("payments", 2): 21_750,
        ("storefront", 2): 7_250,
        ("payments", 3): pay + rent,
        ("storefront", 3): 34_001 - pay - rent,
    }


def test_a_platform_nobody_uses_and_overhead_without_a_product_are_unallocated(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = ByHand()
    costs.uses, costs.shape = {}, {"core": 10**12}
    sums = costs.sums(monkeypatch, ("rent", "", 100), ("salaries", "", 100))
    assert sums == {("core", 1): 100, ("core", 2): -100, (UNALLOCATED, 2): 100, (UNALLOCATED, GENERAL): 100}
    costs.shape = {}  # nobody is known to work, or nobody is paid
    assert costs.sums(monkeypatch, ("salaries", "", 100)) == {(UNALLOCATED, 1): 100}


def test_payroll_with_a_class_is_left_out_of_the_shape_of_the_rest_of_its_scope(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 90 a's two thirds are 60, which its class has brought: the other 30 are b's. What a class of another function
    brought, and a credit, count for nothing."""
    entered = (("salaries", "payments", 60), ("salaries", "", 30))
    costs = ByHand(is_classed_left_out=True)
    costs.shape = {"payments": 666_666_666_667, "storefront": 333_333_333_333}
    assert costs.sums(monkeypatch, *entered) == {("payments", 0): 60, ("storefront", 1): 30}
    credited = (("salaries", "payments", -60), ("salaries", "", 30))
    assert costs.sums(monkeypatch, *credited) == {("payments", 0): -60, ("payments", 1): 20, ("storefront", 1): 10}
    apart = (("selling", "payments", 60), ("salaries", "", 30))
    assert costs.sums(monkeypatch, *apart) == {("payments", 0): 60, ("payments", 1): 20, ("storefront", 1): 10}
    one_sum = ByHand(by_function=False)
    one_sum.shape = costs.shape
    assert one_sum.sums(monkeypatch, *apart) == {("payments", 0): 60, ("storefront", 1): 30}
    ignoring = ByHand(is_classed_left_out=False)
    ignoring.shape = costs.shape
    assert ignoring.sums(monkeypatch, *entered) == {("payments", 0): 60, ("payments", 1): 20, ("storefront", 1): 10}


USES = {
    "core": {"core": Fraction(7), "log": Fraction(1), "x": Fraction(1), "y": Fraction(2)},
    "log": {"core": Fraction(4), "x": Fraction(5), "y": Fraction(1)},
}


def test_who_goes_first_decides_what_is_passed_on_step_by_step() -> None:
    """Core first: a quarter each to log and x, half to y; then log's 5 : 1 to x and y. Log first: 4 : 5 : 1."""
    assert step_down(USES, ["core", "log"]) == {
        "core": {"x": Fraction(11, 24), "y": Fraction(13, 24)},
        "log": {"x": Fraction(5, 6), "y": Fraction(1, 6)},
    }
    assert step_down(USES, ["log", "core"]) == {
        "core": {"x": Fraction(1, 3), "y": Fraction(2, 3)},
        "log": {"x": Fraction(19, 30), "y": Fraction(11, 30)},
    }


def test_products_that_serve_each_other_are_solved_at_once() -> None:
    """Core's x is 1/4 + 1/4 of log's, log's is 1/2 + 2/5 of core's. Who use only each other serve nobody."""
    assert reciprocal(USES) == {
        "core": {"x": Fraction(5, 12), "y": Fraction(7, 12)},
        "log": {"x": Fraction(2, 3), "y": Fraction(1, 3)},
    }
    closed = {"ann": {"bo": Fraction(3)}, "bo": {"ann": Fraction(1)}, "cy": {"ann": Fraction(2), "x": Fraction(2)}}
    assert reciprocal(closed) == {
        "ann": {UNALLOCATED: Fraction(1)},
        "bo": {UNALLOCATED: Fraction(1)},
        "cy": {UNALLOCATED: Fraction(1, 2), "x": Fraction(1, 2)},
    }


def test_passing_on_again_and_again_comes_to_the_same_as_all_at_once() -> None:
    ends = reciprocal(USES)
    waiting, arrived = {"core": Fraction(1)}, dict[str, Fraction]()
    for _ in range(60):
        passed: dict[str, Fraction] = defaultdict(Fraction)
        for pool, amount in waiting.items():
            takes = {name: weight for name, weight in USES[pool].items() if name != pool}
            for name, weight in takes.items():
                passed[name] += amount * weight / sum(takes.values())
        waiting = {name: amount for name, amount in passed.items() if name in USES}
        for name in passed.keys() - USES.keys():
            arrived[name] = arrived.get(name, Fraction(0)) + passed[name]
    assert {name: round(amount * 10**15) for name, amount in arrived.items()} == {
        name: round(amount * 10**15) for name, amount in ends["core"].items()
    }


def test_shares_of_a_team_are_those_of_the_day() -> None:
    costs = known(1)[0]
    assert costs.pay.products("T-HERON", date(2026, 1, 31)) == {
        "storefront": Fraction("0.6"),
        "mobile": Fraction("0.4"),
    }
    assert sum(costs.pay.products("T-HERON", date(2026, 2, 1)).values()) == 1
    assert len(costs.pay.products("T-HERON", date(2026, 2, 1))) == 3
    assert costs.pay.products("T-EAGLE", date(2026, 4, 1)) == {"checkout": 1}
    assert costs.pay.products("T-FALCON", date(2026, 4, 1)) == {UNALLOCATED: 1}
    assert costs.pay.products("T-SALES", date(2026, 4, 1)) == {OVERHEAD: 1}


def test_the_shape_is_every_day_of_everybodys_pay_but_contractors() -> None:
    """Worked out once more with spans of days in place of days, for a month in which people come, go and move."""
    costs, company = known(1)[0], made(1)
    period = next(one for one in company.periods if one.first <= date(2026, 6, 15) <= one.last)
    whole, exchange = Fraction(0), Exchange(company, NOW)
    for worker in company.staff.workers:
        life = worker.as_known(NOW)
        for day in period.days:
            job = life.job(day)
            if job is None or worker.kind == "contractor":
                continue
            away = [one for one in life.leaves if one.first <= day <= one.last and one.kind == "Unpaid Leave"]
            taken = sum(one.of_a_day(Decimal(8)) if day.weekday() < 5 else 1 for one in away)
            held = [one for one in life.pay if one.since <= day][-1]
            rate = exchange.actual(held.currency, period.last)
            whole += round(job.fte * (1 - taken) * 1000) * round(held.amount_minor * rate)
    equal = sum(costs.pay.weights(period)["EVERYBODY"].values()) == whole
    assert equal
    assert any(
        worker.kind == "contractor" and worker.as_known(NOW).job(period.last) for worker in company.staff.workers
    )


# -- labelled cases


def documents(case: str) -> set[str]:
    return {key.split("/")[1] for key in next(found.keys for found in made(1).cases if found.name == case)}


def placed(case: str) -> dict[tuple[str, str, int], int]:
    """Cost of a case's documents by month, product and stage."""
    costs, wanted = known(1)[0], documents(case)
    found: dict[tuple[str, str, int], int] = defaultdict(int)
    for period in costs.postings.periods:
        if period.last > date(2025, 10, 1):
            for share in costs.shares(period):
                if share.posting.document in wanted:
                    found[f"{period.last:%Y-%m}", share.product_id, share.stage] += share.amount
    return {key: amount for key, amount in found.items() if amount}


def test_costs_of_labelled_documents() -> None:
    assert placed("bill_two_months_late") == {("2026-06", "payments", 0): 1_234_567}
    assert placed("deactivated_class") == {("2025-11", "storefront-wishlist", 0): 410_000}
    late = placed("late_entry_in_a_reopened_period")
    assert late == {("2026-06", "insights", 0): 456_789}
    (unmapped,) = placed("unmapped_class").items()
    assert unmapped[0] == ("2026-09", UNMAPPED, 0)
    untagged = placed("untagged_lines")
    assert untagged.pop(("2026-08", UNALLOCATED, 0)) == untagged.pop(("2026-08", "insights", 0)) == 333_100
    assert {key[2] for key in untagged} == {SHARED, GENERAL}  # insights is shared
    assert sum(untagged.values()) == 333_100
    assert sorted(placed("shared_bill").values()) == [333_333, 333_333, 333_334]
    people = placed("contractor_in_payables_and_people")
    assert {key[1:] for key in people} == {("checkout", 0)}
    capitalised = placed("capitalised_labour")
    assert capitalised.pop(("2026-06", "checkout", 0)) == -1_900_000
    assert {key[0] for key in capitalised} == {"2026-07"}
    assert sum(capitalised.values()) == -700_001
    below = placed("classes_below_classes")
    assert below == {("2026-08", "payments", 0): 210_000, ("2026-08", UNMAPPED, 0): 170_005}
    team = placed("contractor_without_a_class")
    assert sum(team.values()) == 743_331
    assert {key[2] for key in team} <= {0, SHARED, GENERAL}
    assert team["2026-07", UNALLOCATED, 0] == 333_331


def test_classes_inherit_and_contractors_are_nobodys_where_the_switches_say_so() -> None:
    costs = Costs(made(7), NOW)
    books = costs.postings.ledger.books
    below = next(one["id"] for one in books.records["Class"].values() if one["name"] == "Disputes")
    assert costs.postings.products(below, date(2026, 8, 20)) == {"payments": 1}
    period = next(one for one in made(7).periods if one.first <= date(2026, 7, 16) <= one.last)
    bills = [share for share in costs.placed(period) if share.posting.amount in (410_000, 333_331)]
    assert {share.product_id for share in bills} == {UNALLOCATED}


def test_revenue_of_labelled_documents() -> None:
    """Books' own customers are in no file: their segment is unknown, their product is not."""
    rows = [row for row in earned(1) if (row.segment, row.market) == (UNMAPPED, UNMAPPED)]
    billed = [row for row in earned(1) if row.segment != UNMAPPED]
    assert {row.product_id for row in rows} >= {"insights", "payments", "checkout", UNMAPPED}
    assert sum(row.amount for row in billed) > 10_000_000
    # Money for API calls and onboarding is the platform's own.
    assert "core" in {row.product_id for row in billed}
    assert any(row.product_id == UNMAPPED for row in billed)


# -- each rule matters

Bend = Callable[[pytest.MonkeyPatch], None]
BENDS: dict[str, Bend] = {}


def bend(change: Bend) -> Bend:
    BENDS[change.__name__] = change
    return change


@bend
def mapping_of_any_day(patch: pytest.MonkeyPatch) -> None:
    right = maps.is_valid
    today = utc(NOW).date()
    for module in (recognised, cost, pay_shape):
        patch.setattr(module, "is_valid", lambda row, day: right(row, today))


@bend
def contractors_count_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(headcount, "CONTRACTOR", "nobody")


@bend
def unpaid_leave_is_paid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Employment, "leaves", property(lambda self: []))


@bend
def the_platform_keeps_its_cost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Costs, "_passed_on", lambda self, period, shares: [])


@bend
def teams_without_a_product_are_unallocated(patch: pytest.MonkeyPatch) -> None:
    right = PayShapes.products

    def products(self: PayShapes, team: str, day: date) -> dict[str, Fraction]:
        found = right(self, team, day)
        return {UNALLOCATED: Fraction(1)} if OVERHEAD in found else found

    patch.setattr(PayShapes, "products", products)


@bend
def a_workers_bill_is_nobodys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Costs, "_teams_of_vendor", lambda self, posting: [])


@bend
def what_classes_brought_counts_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "_left", lambda shape, brought, unclassed: shape)


@bend
def every_version_is_the_default(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Rules, "of", lambda company, now, day: Rules())


@bend
def shared_products_go_by_one_driver(patch: pytest.MonkeyPatch) -> None:
    right = Rules.of
    patch.setattr(Rules, "of", lambda company, now, day: replace(right(company, now, day), shared_drivers={}))


@bend
def unmapped_accounts_are_no_cost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "COST_TYPES", ())


@bend
def other_expenses_are_no_cost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cost, "COST_TYPES", ("Cost of Goods Sold", "Expense"))


@pytest.mark.parametrize("name", sorted(BENDS))
def test_a_bent_rule_gives_another_cost(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    right = known(2)[1]
    BENDS[name](monkeypatch)
    differs = Costs(made(2), NOW).rows() != right
    assert differs


def without_days(patch: pytest.MonkeyPatch) -> None:
    def at_once(self: Any, line: Any, billed: date) -> Any:
        return [(period, Fraction(1)) for period in self.revenue.periods if period.first <= billed <= period.last]

    patch.setattr(recognised.Served, "_days", at_once)


def segment_of_today(patch: pytest.MonkeyPatch) -> None:
    right = Revenue.row
    patch.setattr(Revenue, "row", lambda self, customer, day: right(self, customer, self.today))


@pytest.mark.parametrize("change", [without_days, segment_of_today])
def test_a_bent_rule_gives_another_revenue(monkeypatch: pytest.MonkeyPatch, change: Bend) -> None:
    right = earned(2)
    change(monkeypatch)
    differs = recognised_revenue(made(2), NOW) != right
    assert differs
